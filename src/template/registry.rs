//! Filters, tests and lookups by their names, short or with their collection.

use super::Filter;
use super::Lookup;
use super::Scope;
use super::Test;
use super::filters;
use super::foreign;
use super::homes;
use super::lookups;
use super::tests_;
use crate::error::{Error, Result};

/// The collections whose plugins are built in under their short names.
const COLLECTIONS: [&str; 8] = [
    "ansible.builtin.",
    "ansible.legacy.",
    "community.general.",
    "ansible.utils.",
    "ansible.posix.",
    "ansible.netcommon.",
    "community.crypto.",
    "community.hashi_vault.",
];

/// The name without its collection.
fn short(name: &str) -> &str {
    COLLECTIONS
        .iter()
        .find_map(|collection| name.strip_prefix(collection))
        .unwrap_or(name)
}

fn found<T>(name: &str, find: impl Fn(&str) -> Option<T>) -> Option<T> {
    find(name).or_else(|| find(short(name))).or_else(|| {
        let bare = !name.contains('.');
        let full = |collection: &&str| find(&format!("{collection}{name}"));
        COLLECTIONS.iter().filter(|_| bare).find_map(full)
    })
}

/// The filter of a name.
///
/// # Errors
/// There is none; the message names a file that could have it.
pub(super) fn filter(name: &str, scope: &dyn Scope) -> Result<Filter> {
    match found(name, filters::find) {
        Some(filter) => Ok(filter),
        None if is_outside("filter", name, scope)? => Ok(foreign::filter),
        None => Err(missing("filter", name, "filter_plugins", scope)),
    }
}

/// The test of a name.
///
/// # Errors
/// There is none.
pub(super) fn test(name: &str, scope: &dyn Scope) -> Result<Test> {
    match found(name, tests_::find) {
        Some(test) => Ok(test),
        None if is_outside("test", name, scope)? => Ok(foreign::test),
        None => Err(missing("test", name, "test_plugins", scope)),
    }
}

/// The lookup of a name; nothing where it is not of the house but there is one outside.
///
/// # Errors
/// There is none.
pub(super) fn lookup(name: &str, scope: &dyn Scope) -> Result<Option<Lookup>> {
    match found(name, lookups::find) {
        Some(lookup) => Ok(Some(lookup)),
        None if is_outside("lookup", name, scope)? => Ok(None),
        None => Err(missing("lookup", name, "lookup_plugins", scope)),
    }
}

/// The name of a plugin of that kind, with its collection.
pub(super) fn full(kind: &str, name: &str) -> String {
    let is_known = |name: &str| match kind {
        "test" => tests_::find(name).is_some(),
        _ => filters::find(name).is_some(),
    };
    let with = |collection: &&str| is_known(&format!("{collection}{name}"));
    match COLLECTIONS.iter().find(|it| with(it)) {
        _ if name.contains('.') => name.to_owned(),
        Some(collection) if !is_known(name) => format!("{collection}{name}"),
        _ => format!("ansible.builtin.{name}"),
    }
}

fn is_outside(kind: &'static str, name: &str, scope: &dyn Scope) -> Result<bool> {
    let plugin = foreign::plugin(kind, name, scope);
    scope.outside().has_plugin(&plugin)
}

fn missing(what: &str, name: &str, folder: &str, scope: &dyn Scope) -> Error {
    let error = Error::template(match what {
        "lookup" => format!("The lookup plugin '{name}' was not found."),
        _ => format!("No {what} named '{name}'."),
    });
    let file = format!("{}.py", short(name).rsplit('.').next().unwrap_or(name));
    let plugin = scope
        .search_path(folder)
        .into_iter()
        .map(|place| place.join(&file))
        .find(|path| path.exists());
    match plugin {
        Some(path) => error.hint(format!("`{}` does not define it", path.display())),
        None => {
            let names: Vec<&str> = match what {
                "filter" => filters::names().collect(),
                "test" => tests_::names().collect(),
                _ => lookups::names().collect(),
            };
            let near = crate::error::nearest(short(name), names);
            let home = homes::hint(what, name, scope);
            // Another collection has names of its own; a short one is more often misspelt.
            let is_foreign = short(name).contains('.');
            error.hint_if(match is_foreign {
                true => home.or(near),
                false => near.or(home),
            })
        }
    }
}

/// The filters that are called although an argument is undefined.
pub(super) fn filter_takes_undefined(name: &str) -> bool {
    matches!(
        short(name),
        "d" | "default" | "mandatory" | "ternary" | "type_debug" | "unvault"
    )
}

/// The filter that is called although an argument failed: it names the failure.
pub(super) fn filter_takes_failed(name: &str) -> bool {
    short(name) == "type_debug"
}

/// The tests that are called although an argument is undefined.
pub(super) fn test_takes_undefined(name: &str) -> bool {
    matches!(
        short(name),
        "defined" | "undefined" | "vault_encrypted" | "vaulted"
    )
}

/// The test that asks whether a value is sealed, which its value alone does not say.
pub(super) fn asks_for_seal(name: &str) -> bool {
    short(name) == "vault_encrypted"
}

/// The lookups that are called although a term is undefined.
pub(super) fn lookup_takes_undefined(name: &str) -> bool {
    matches!(short(name), "env" | "first_found")
}
