//! What a module is called with: what the environment says where the task does not, and `invocation`
//! in its result where that is wanted.

use super::job::Job;
use crate::error::Result;
use crate::executor::run::Action;
use crate::modules::{Cx, Module};
use crate::outcome::Outcome;
use crate::playbook::truth;
use crate::value::{Map, Value};
use crate::vars::Values;

/// The argument that the environment of a module may set, and its variable (`env_fallback` of the
/// reference's `module_utils/basic.py`).
const FALLBACK: (&str, &str) = ("unsafe_writes", "ANSIBLE_UNSAFE_WRITES");

/// What stands in the place of a secret; the reference's words.
const SECRET: &str = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER";

/// Sets an argument from the environment that the module has on its host.
pub fn fall_back(module: &Module, args: &mut Map, cx: &Cx) {
    let (argument, variable) = FALLBACK;
    let specs = || module.args.iter().flat_map(|table| table.iter());
    if !specs().any(|spec| spec.name == argument) || args.contains(argument) {
        return;
    }
    let of_task = cx
        .environment
        .iter()
        .rev()
        .find(|(name, _)| name == variable);
    let said = match of_task {
        Some((_, value)) => Some(value.clone()),
        None if cx.names.connection == "local" => std::env::var(variable).ok(),
        None => None,
    };
    if let Some(value) = said.and_then(|text| truth(&Value::str(text))) {
        args.set(argument, value);
    }
}

impl Job<'_> {
    /// Adds `invocation` to a result, where `inject_invocation` wants it.
    ///
    /// # Errors
    /// The variable for it cannot be rendered.
    pub(super) fn add_invocation(
        &self,
        values: &Values<'_>,
        (action, args): (&Action, &Map),
        outcome: &mut Outcome,
    ) -> Result<()> {
        let said = values.variable("ansible_inject_invocation")?;
        let settings = &self.actor.run().house.settings;
        let said = said.or_else(|| settings.get("INJECT_INVOCATION").cloned());
        let Action::Module(module) = action else {
            return Ok(());
        };
        if said.as_ref().and_then(truth) != Some(true) || outcome.unreachable {
            return Ok(());
        }
        let mut given = Map::new();
        for spec in module.args.iter().flat_map(|table| table.iter()) {
            let name = std::iter::once(&spec.name).chain(spec.aliases);
            let value = name.into_iter().find_map(|name| args.get(name)).cloned();
            given.set(
                spec.name,
                match value {
                    Some(value) if spec.secret && !value.is_null() => SECRET.into(),
                    Some(value) => value,
                    None => spec
                        .default
                        .map_or(Value::Null, |text| default_value(text, spec.choices)),
                },
            );
        }
        outcome
            .data
            .set("invocation", crate::entries! { "module_args" => given });
        Ok(())
    }
}

/// A default as it stands in the code, as a value: `Algorithm::Sha1` is the choice `sha1`.
fn default_value(text: &str, choices: &[&str]) -> Value {
    let text = text.trim();
    let plain = |text: &str| {
        text.replace(|c: char| !c.is_ascii_alphanumeric(), "")
            .to_lowercase()
    };
    let variant = text.rsplit_once("::").map(|(_, variant)| plain(variant));
    let choice = choices
        .iter()
        .find(|word| variant.as_ref() == Some(&plain(word)));
    if let Some(choice) = choice {
        return Value::str(*choice);
    }
    match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ if text.starts_with('"') => {
            let inner = text.trim_start_matches('"');
            inner.split('"').next().unwrap_or_default().into()
        }
        _ => text.parse::<i64>().map_or(Value::Null, Value::Int),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_of_the_code_are_values() {
        for (text, value) in [
            ("true", Value::Bool(true)),
            ("\"pong\".to_owned()", "pong".into()),
            ("5", Value::Int(5)),
            ("Vec::new()", Value::Null),
            ("Algorithm::Sha1", "sha1".into()),
            ("Which::AllOf", "all-of".into()),
        ] {
            assert_eq!(
                default_value(text, &["md5", "sha1", "all-of"]),
                value,
                "{text}"
            );
        }
    }
}
