#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::{ArgKind, ArgValue, Cx, FreeForm, Module, Step, rules};
use crate::outcome::Outcome;
use crate::value::{Map, Value};

/// The module.
///
/// Contract with the executor: `var` is an expression, which a module cannot evaluate. The
/// executor hands it over as a dictionary of one entry, the expression's text and its value:
/// `var: a.b` arrives as `{var: {"a.b": 5}}`.
pub static MODULE: Module = Module {
    name: "debug",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

args! {
    /// What `debug` takes.
    Args {
        msg: Option<Value>,
        var: Option<Expression>,
        verbosity: i64 = 0,
    }
}

/// An expression: as it was written, or with its value.
#[derive(Clone, Debug)]
pub enum Expression {
    /// As it stands in the playbook.
    Written,
    /// Its text and its value.
    Evaluated(Value, Value),
}

impl ArgValue for Expression {
    const KIND: ArgKind = ArgKind::Str;

    fn read(value: &Value) -> std::result::Result<Self, String> {
        match value {
            Value::Str(_) => Ok(Expression::Written),
            Value::Map(map) if map.len() == 1 => {
                let (text, value) = map.iter().next().ok_or("an empty dictionary")?;
                Ok(Expression::Evaluated(text.clone(), value.clone()))
            }
            other => Err(not_text(other)),
        }
    }
}

/// What is wrong with an expression that is no text.
pub fn not_text(value: &Value) -> String {
    format!(
        "argument 'var' is of type {} and we were unable to convert to str: '{}' is not a string and conversion is not allowed",
        value.type_name(),
        value.to_text()
    )
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let given = args;
    let args = Args::read(given)?;
    let has = |name: &str| given.get(name).is_some();
    let has_var = args.var.is_some();
    rules::exclusive(&[("msg", has("msg")), ("var", has_var)])?;
    if args.verbosity > i64::from(cx.verbosity) {
        return Ok(too_quiet().into());
    }
    let mut outcome = match (args.var, args.msg) {
        (Some(Expression::Evaluated(text, value)), _) => {
            Outcome::ok().with(&text.to_text(), value)
        }
        (Some(Expression::Written), _) => {
            return Err(Error::bug("`debug` got an expression that was not evaluated"));
        }
        // A message of nothing is none.
        (None, None) if has("msg") => Outcome::ok(),
        (None, msg) => Outcome::ok().with("msg", msg.unwrap_or_else(|| "Hello world!".into())),
    };
    outcome.shown = true;
    Ok(outcome.into())
}

fn too_quiet() -> Outcome {
    let mut outcome = Outcome::ok().with("skipped_reason", "Verbosity threshold not met.");
    outcome.skipped = true;
    outcome
}

#[cfg(test)]
mod tests {
    use super::{Map, MODULE, Step};
    use crate::entries;
    use crate::modules::Cx;
    use crate::outcome::Outcome;
    use crate::value::to_json;
    use std::sync::Arc;

    fn run(args: Map, verbosity: u8) -> Outcome {
        let cx = Arc::new(Cx {
            verbosity,
            ..Cx::default()
        });
        match (MODULE.plan)(&args, &cx).unwrap() {
            Step::Done(outcome) => outcome,
            step => panic!("{step:?}"),
        }
    }

    #[test]
    fn debug_shows_what_it_is_given() {
        for (args, verbosity, json) in [
            (Map::new(), 0, r#"{"msg": "Hello world!", "changed": false, "failed": false}"#),
            (
                entries! { "var" => entries! { "a.b" => 5 } },
                0,
                r#"{"a.b": 5, "changed": false, "failed": false}"#,
            ),
            (
                entries! { "msg" => "x", "verbosity" => 2 },
                1,
                r#"{"skipped_reason": "Verbosity threshold not met.", "changed": false, "failed": false, "skipped": true}"#,
            ),
            (
                entries! { "msg" => vec![1.into()], "verbosity" => 2 },
                2,
                r#"{"msg": [1], "changed": false, "failed": false}"#,
            ),
        ] {
            assert_eq!(to_json(&run(args, verbosity).to_value()), json);
        }
    }
}
