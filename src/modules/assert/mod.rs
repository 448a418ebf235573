#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::{ArgKind, ArgValue, Cx, FreeForm, Module, Step};
use crate::outcome::Outcome;
use crate::value::{Map, Value};

/// The module.
///
/// Contract with the executor: a module cannot evaluate conditions. The executor evaluates those of
/// `that` in order up to the first that does not hold, and calls [`outcome`] with their texts and
/// results; `plan` alone is an error.
pub static MODULE: Module = Module {
    name: "assert",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

args! {
    /// What `assert` takes.
    Args {
        fail_msg: Option<Message> [msg],
        quiet: bool = false,
        success_msg: Option<Message>,
        that: Conditions,
    }
}

/// A text or a list of texts.
#[derive(Clone, Debug)]
pub struct Message(pub Value);

impl ArgValue for Message {
    const KIND: ArgKind = ArgKind::Str;

    fn read(value: &Value) -> std::result::Result<Self, String> {
        let texts = value.as_list().map_or(std::slice::from_ref(value), |list| list.as_slice());
        match texts.iter().find(|text| text.as_str().is_none()) {
            None => Ok(Message(value.clone())),
            Some(other) => Err(format!("`{}` is not a string or a list of strings", other.to_text())),
        }
    }
}

/// One condition or a list of them, as they were written.
#[derive(Clone, Debug)]
pub struct Conditions(pub Vec<Value>);

impl ArgValue for Conditions {
    const KIND: ArgKind = ArgKind::List;

    fn read(value: &Value) -> std::result::Result<Self, String> {
        match value {
            Value::List(items) | Value::Tuple(items) => Ok(Conditions(items.to_vec())),
            one => Ok(Conditions(vec![one.clone()])),
        }
    }
}

fn plan(args: &Map, _cx: &Arc<Cx>) -> Result<Step> {
    Args::read(args)?;
    Err(Error::bug("`assert` was planned, but its conditions are for the executor to evaluate"))
}

/// What came of the conditions: as they were written, with their results, in order, up to the first that does
/// not hold.
pub fn outcome(results: &[(Value, bool)], args: &Args) -> Outcome {
    let failed = results.iter().find(|(_, holds)| !holds);
    let mut outcome = match failed {
        None => Outcome::ok().with("msg", message(&args.success_msg, "All assertions passed")),
        Some((text, holds)) => Outcome::failed("")
            .with("assertion", text.untrusted())
            .with("evaluated_to", *holds)
            .with("msg", message(&args.fail_msg, "Assertion failed")),
    };
    outcome.shown = !args.quiet;
    outcome
}

fn message(given: &Option<Message>, default: &str) -> Value {
    given.as_ref().map_or_else(|| default.into(), |message| message.0.clone())
}

#[cfg(test)]
mod tests {
    use super::{Args, outcome};
    use crate::entries;
    use crate::value::{Value, to_json};

    #[test]
    fn the_first_condition_that_does_not_hold_is_told() {
        let args = entries! { "that" => Value::strings(["a", "b"]), "msg" => "no b" };
        let args = Args::read(&args).unwrap();
        let results = [("a".into(), true), ("b".into(), false)];
        assert_eq!(
            to_json(&outcome(&results, &args).to_value()),
            r#"{"msg": "no b", "assertion": "b", "evaluated_to": false, "changed": false, "failed": true}"#
        );
        let written = outcome(&[(Value::Bool(false), false)], &args).to_value();
        assert!(to_json(&written).contains(r#""assertion": false"#));
        assert_eq!(
            to_json(&outcome(&results[..1], &args).to_value()),
            r#"{"msg": "All assertions passed", "changed": false, "failed": false}"#
        );
    }
}
