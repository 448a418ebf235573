#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::error::Result;
use crate::modules::{Cx, FreeForm, Module, Step};
use crate::outcome::Outcome;
use crate::value::{Map, Value};

/// The module.
pub static MODULE: Module = Module {
    name: "fail",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

args! {
    /// What `fail` takes.
    Args {
        msg: Value = "Failed as requested from task".into(),
    }
}

fn plan(args: &Map, _cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(args)?;
    Ok(Outcome::failed("").with("msg", args.msg).into())
}
