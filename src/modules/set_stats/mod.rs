#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::error::Result;
use crate::modules::{Cx, FreeForm, Module, Step, rules};
use crate::outcome::{Outcome, Wish};
use crate::value::Map;

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
        aggregate: bool = true,
        data: Map,
        per_host: bool = false,
    }
}

fn plan(args: &Map, _cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(args)?;
    rules::variable_names(&args.data)?;
    let mut outcome = Outcome::ok().with("ansible_stats", crate::entries! {
        "data" => args.data.clone(),
        "per_host" => args.per_host,
        "aggregate" => args.aggregate,
    });
    outcome.wishes.push(Wish::SetStats {
        data: args.data,
        per_host: args.per_host,
        aggregate: args.aggregate,
    });
    Ok(outcome.into())
}
