#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::error::Result;
use crate::modules::{ArgKind, ArgValue, Cx, FreeForm, Module, Step, rules};
use crate::outcome::{Outcome, Wish};
use crate::playbook::truth;
use crate::value::{Map, Value};

/// The module.
pub static MODULE: Module = Module {
    name: "set_stats",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

args! {
    /// What `set_stats` takes.
    Args {
        aggregate: Value = Value::Bool(true),
        data: Data,
        per_host: Value = Value::Bool(false),
    }
}

/// The figures: a dictionary, or the words for what is none.
#[derive(Clone, Debug)]
pub struct Data(Map);

impl ArgValue for Data {
    const KIND: ArgKind = ArgKind::Raw;

    fn read(value: &Value) -> std::result::Result<Self, String> {
        let wrong = || "The 'data' option needs to be a dictionary/hash".to_owned();
        Map::read(value).map(Data).map_err(|_| wrong())
    }
}

fn plan(args: &Map, _cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(args)?;
    let data = args.data.0;
    rules::variable_names(&data)?;
    // A word that is no truth value is none here, and no mistake.
    let [aggregate, per_host] =
        [&args.aggregate, &args.per_host].map(|value| truth(value).unwrap_or(false));
    let mut outcome = Outcome::ok().with("ansible_stats", crate::entries! {
        "data" => data.clone(),
        "per_host" => per_host,
        "aggregate" => aggregate,
    });
    outcome.wishes.push(Wish::SetStats {
        data,
        per_host,
        aggregate,
    });
    Ok(outcome.into())
}
