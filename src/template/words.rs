//! The words that the reference begins an error of a template with: playbooks look for them.

use super::registry;
use crate::error::{Error, Kind};

/// How errors begin that say of themselves what they are of.
const OWN: &[&str] = &[
    "A template was resolved to an Omit",
    "Conditional",
    "Empty conditional",
    "Encountered untrusted template",
    "Error rendering ",
    "Recursive loop detected",
    "Syntax error in ",
    "The filter plugin '",
    "The lookup plugin '",
    "The test plugin '",
];

fn is_own(error: &Error) -> bool {
    OWN.iter().any(|start| error.message().starts_with(start))
}

/// What a template (or a bare expression) is called.
pub(super) fn kind(bare: bool) -> &'static str {
    match bare {
        true => "expression",
        false => "template",
    }
}

/// The error of a rendering (`create_template_error` of the reference's `_jinja_bits.py`). What is
/// undefined is none of that.
pub(super) fn rendering(error: Error, bare: bool) -> Error {
    if error.kind() != Kind::Template || is_own(&error) {
        return error;
    }
    let place = error.place().cloned();
    let rendering = Error::template(format!("Error rendering {}", kind(bare)));
    rendering.at(place).because(error)
}

/// The error of a plugin that failed (`_invoke_plugin` of its `_jinja_plugins.py`). What is undefined is
/// nobody's failure but a lookup's.
pub(super) fn plugin(kind: &str, name: &str, error: Error) -> Error {
    let told = match error.kind() {
        Kind::Bug | Kind::Interrupted | Kind::Unknown => true,
        Kind::Undefined => kind != "lookup",
        // One plugin that calls another tells of that one.
        _ => is_own(&error) && error.message().starts_with("The "),
    };
    if told {
        return error;
    }
    let known = match error.kind() {
        Kind::Undefined => Kind::Undefined,
        _ => Kind::Template,
    };
    let name = match kind {
        "lookup" => name.to_owned(),
        _ => registry::full(kind, name),
    };
    Error::new(known, format!("The {kind} plugin '{name}' failed")).because(error)
}
