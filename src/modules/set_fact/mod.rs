#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::{Cx, FreeForm, Module, Step, rules};
use crate::outcome::{Outcome, Wish};
use crate::value::Map;

/// The module.
pub static MODULE: Module = Module {
    name: "set_fact",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::AnyKeys,
    check_mode: true,
    plan,
};

args! {
    /// What `set_fact` takes beside the facts.
    Args {
        cacheable: bool = false,
    }
}

fn plan(args: &Map, _cx: &Arc<Cx>) -> Result<Step> {
    let cacheable = Args::read(args)?.cacheable;
    let mut facts = args.clone();
    facts.remove("cacheable");
    if facts.is_empty() {
        return Err(Error::input("`set_fact` needs at least one `name: value`"));
    }
    rules::variable_names(&facts)?;
    let mut outcome = Outcome::ok().with("ansible_facts", facts.clone());
    outcome.wishes.push(Wish::SetFacts { facts, cacheable });
    Ok(outcome.into())
}
