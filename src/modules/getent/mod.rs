#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::error::Result;
use crate::modules::{Cx, FreeForm, Module, Step};
use crate::outcome::Outcome;
use crate::shell::{Fragment, PRELUDE, Reply, Script};
use crate::value::{Map, Value};

/// The module.
pub static MODULE: Module = Module {
    name: "getent",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "getent",
    text: include_str!("getent.sh"),
    needs: &[&PRELUDE],
};

args! {
    /// What `getent` takes.
    Args {
        database: String,
        fail_key: bool = true,
        key: Option<String>,
        service: Option<String>,
        split: Option<String>,
    }
}

fn plan(args: &Map, _cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(args)?;
    if args.split.as_deref() == Some("") {
        return Step::failed("Invalid split value. The value must be a non-empty string");
    }
    let script = Script::call(&SHELL, "getent_main")
        .set("database", &args.database)
        .set("key", args.key.as_deref().unwrap_or_default())
        .set("service", args.service.as_deref().unwrap_or_default());
    Ok(Step::run(script, move |reply| Ok(outcome(&args, &reply).into())))
}

fn outcome(args: &Args, reply: &Reply) -> Outcome {
    let entries = reply.text("entries").unwrap_or_default();
    match reply.int("rc") {
        Some(0) => facts(args, entries_of(&entries, separator(args)), Outcome::ok()),
        Some(1) => Outcome::failed("Missing arguments, or database unknown."),
        Some(2) => missing(args),
        Some(3) => Outcome::failed("Enumeration not supported on this database."),
        _ => Outcome::failed(format!("getent failed: {entries}")),
    }
}

/// A key that is not there: a failure, or a null where the task wants that.
fn missing(args: &Args) -> Outcome {
    const MESSAGE: &str = "One or more supplied key could not be found in the database.";
    if args.fail_key {
        return Outcome::failed(MESSAGE);
    }
    let mut entries = Map::new();
    entries.set(args.key.as_deref().unwrap_or_default(), Value::Null);
    facts(args, entries, Outcome::ok().with("msg", MESSAGE))
}

fn facts(args: &Args, entries: Map, mut outcome: Outcome) -> Outcome {
    outcome.facts.set(&format!("getent_{}", args.database), entries);
    outcome
}

/// What parts the fields: what the task says, or the colon of the databases that have it.
fn separator(args: &Args) -> Option<&str> {
    let colon = matches!(args.database.as_str(), "passwd" | "shadow" | "group" | "gshadow");
    args.split.as_deref().or(colon.then_some(":"))
}

/// The first field of each line and the others; a key that comes again has a list of lists.
fn entries_of(text: &str, separator: Option<&str>) -> Map {
    let mut map = Map::new();
    let mut repeated: Vec<String> = Vec::new();
    for line in text.lines() {
        let fields: Vec<&str> = match separator {
            Some(separator) => line.split(separator).collect(),
            None => line.split_whitespace().collect(),
        };
        let Some((key, fields)) = fields.split_first() else {
            continue;
        };
        let fields = Value::strings(fields.iter().copied());
        let value = match map.get(key) {
            None => fields,
            Some(known) if repeated.iter().any(|seen| seen == key) => {
                let mut all = known.as_list().map(|list| list.to_vec()).unwrap_or_default();
                all.push(fields);
                Value::list(all)
            }
            Some(known) => {
                repeated.push((*key).to_owned());
                Value::list(vec![known.clone(), fields])
            }
        };
        map.set(key, value);
    }
    map
}

#[cfg(test)]
mod tests {
    use super::entries_of;
    use crate::modules::driver::{Run, World};
    use crate::value::{Value, to_json};

    #[test]
    fn entries_are_parted_as_the_database_has_them() {
        for (text, separator, json) in [
            ("root:x:0:0:root:/root:/bin/sh", Some(":"), r#"{"root": ["x", "0", "0", "root", "/root", "/bin/sh"]}"#),
            ("http   80/tcp www", None, r#"{"http": ["80/tcp", "www"]}"#),
            ("1.1.1.1 a\n1.1.1.1 b\n1.1.1.1 c", None, r#"{"1.1.1.1": [["a"], ["b"], ["c"]]}"#),
            ("a::", Some(":"), r#"{"a": ["", ""]}"#),
        ] {
            assert_eq!(to_json(&Value::map(entries_of(text, separator))), json);
        }
    }

    #[test]
    fn the_host_is_asked_with_getent_or_without() {
        for world in World::each() {
            let run = |key: &str| Run::new("getent", &world).set("database", "passwd").set("key", key);
            let outcome = run("root").expect_ok();
            let root = outcome.facts.get("getent_passwd").unwrap().get("root").unwrap();
            assert_eq!(root.as_list().unwrap()[1].as_str(), Some("0"), "{}", world.shell_name());
            run("no such 'user").expect_failed("could not be found");
            let none = run("no such 'user").set("fail_key", false).expect_ok();
            assert!(none.facts.get("getent_passwd").unwrap().get("no such 'user").unwrap().is_null());
            Run::new("getent", &world).set("database", "nope").expect_failed("database unknown");
            run("root").set("split", "").expect_failed("The value must be a non-empty string");
        }
    }
}
