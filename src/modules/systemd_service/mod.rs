#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::error::Result;
use crate::modules::services::State;
use crate::modules::services::systemd::{Scope, Unit};
use crate::modules::{Cx, FreeForm, Module, Step, rules};
use crate::value::Map;

/// The module.
pub static MODULE: Module = Module {
    name: "systemd_service",
    collection: "ansible.builtin",
    aliases: &["systemd"],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

args! {
    /// What `systemd_service` takes.
    Args {
        daemon_reexec: bool ["daemon-reexec"] = false,
        daemon_reload: bool ["daemon-reload"] = false,
        enabled: Option<bool>,
        force: bool = false,
        masked: Option<bool>,
        name: Option<String> [service, unit],
        no_block: bool = false,
        scope: Scope = Scope::System,
        state: Option<State>,
    }
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(args)?;
    let name = [("name", args.name.is_some())];
    rules::required_if(args.state.is_some(), "`state` is given", &name)?;
    rules::required_if(args.enabled.is_some(), "`enabled` is given", &name)?;
    rules::required_if(args.masked.is_some(), "`masked` is given", &name)?;
    let asked = [
        ("daemon_reexec", args.daemon_reexec),
        ("daemon_reload", args.daemon_reload),
        ("enabled", args.enabled.is_some()),
        ("masked", args.masked.is_some()),
        ("name", args.name.is_some()),
        ("state", args.state.is_some()),
    ];
    rules::one_of(&asked)?;
    let unit = Unit {
        name: args.name,
        state: args.state,
        enabled: args.enabled,
        masked: args.masked,
        scope: args.scope,
        force: args.force,
        no_block: args.no_block,
        daemon_reload: args.daemon_reload,
        daemon_reexec: args.daemon_reexec,
    };
    unit.plan(cx.check)
}

#[cfg(test)]
mod tests;
