#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::error::Result;
use crate::modules::{Cx, FreeForm, Module, Step};
use crate::outcome::{Outcome, Wish};
use crate::value::{Map, Value};

/// The module.
pub static MODULE: Module = Module {
    name: "group_by",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

args! {
    /// What `group_by` takes.
    Args {
        key: String,
        parents: Vec<String> = vec!["all".to_owned()],
    }
}

fn plan(args: &Map, _cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(args)?;
    let group = without_blanks(&args.key);
    let parents: Vec<String> = args.parents.iter().map(|name| without_blanks(name)).collect();
    let mut outcome = Outcome::changed()
        .with("add_group", group.as_str())
        .with("parent_groups", Value::strings(parents.iter().map(String::as_str)));
    outcome.wishes.push(Wish::GroupBy { group, parents });
    Ok(outcome.into())
}

fn without_blanks(name: &str) -> String {
    name.replace(' ', "-")
}
