#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::services::State;
use crate::modules::services::init::ANY;
use crate::modules::services::systemd::{Scope, Unit};
use crate::modules::{Cx, FreeForm, Module, Step, words};
use crate::outcome::Outcome;
use crate::shell::{Reply, Script};
use crate::value::Map;

/// The module.
pub static MODULE: Module = Module {
    name: "service",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

args! {
    /// What `service` takes.
    Args {
        arguments: String [args] = String::new(),
        daemon_reexec: bool ["daemon-reexec"] = false,
        daemon_reload: bool ["daemon-reload"] = false,
        enabled: Option<bool>,
        force: bool = false,
        masked: Option<bool>,
        name: String [service, unit],
        no_block: bool = false,
        pattern: Option<String>,
        runlevel: String = "default".to_owned(),
        scope: Scope = Scope::System,
        sleep: Option<u64>,
        state: Option<State>,
        r#use: String = "auto".to_owned(),
    }
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let given: Vec<&'static str> = Args::SPEC
        .iter()
        .filter(|spec| crate::modules::args::argument(args, spec).is_some())
        .map(|spec| spec.name)
        .collect();
    let args = Args::read(args)?;
    let unit = unit(&args);
    unit.check_name()?;
    let check = cx.check;
    Ok(Step::run(script(&args, &unit, cx)?, move |reply| {
        if reply.text("manager").as_deref() != Some("systemd") {
            return Ok(outcome(&args, &reply).into());
        }
        let step = unit.act(&reply, check, false)?;
        Ok(unused(&given).fold(step, Step::warned))
    }))
}

fn unit(args: &Args) -> Unit {
    Unit {
        name: Some(args.name.clone()),
        state: args.state,
        enabled: args.enabled,
        masked: args.masked,
        scope: args.scope,
        force: args.force,
        no_block: args.no_block,
        daemon_reload: args.daemon_reload,
        daemon_reexec: args.daemon_reexec,
    }
}

/// What systemd has no use for.
fn unused(given: &[&'static str]) -> impl Iterator<Item = String> {
    ["pattern", "runlevel", "sleep", "arguments"]
        .into_iter()
        .filter(|name| given.contains(name))
        .map(|name| format!("Ignoring \"{name}\" as it is not used in \"systemd\""))
}

fn script(args: &Args, unit: &Unit, cx: &Cx) -> Result<Script> {
    let words = words::split(&args.arguments)
        .map_err(|why| Error::input(format!("`arguments` cannot be split into words: {why}")))?;
    let script = Script::call(&ANY, "services_main")
        .set("use", manager(args, cx)?)
        .list("systemd_only", &for_systemd(args))
        .set("state", args.state.map_or("", State::word))
        .set("enabled", match args.enabled {
            None => "",
            Some(false) => "0",
            Some(true) => "1",
        })
        .set("pattern", args.pattern.as_deref().unwrap_or_default())
        .set("sleep", args.sleep.map_or(String::new(), |seconds| seconds.to_string()))
        .list("arguments", &words)
        .set("runlevel", &args.runlevel);
    Ok(unit.assign(script, cx.check))
}

/// What only systemd can do, of what is asked for.
fn for_systemd(args: &Args) -> Vec<&'static str> {
    let asked = [
        ("daemon_reexec", args.daemon_reexec),
        ("daemon_reload", args.daemon_reload),
        ("force", args.force),
        ("masked", args.masked.is_some()),
        ("no_block", args.no_block),
        ("scope", args.scope != Scope::System),
    ];
    asked.into_iter().filter(|(_, asked)| *asked).map(|(name, _)| name).collect()
}

/// The manager that was asked for, or the one the facts tell, or `auto`: the host looks.
fn manager(args: &Args, cx: &Cx) -> Result<&'static str> {
    let asked = args.r#use.rsplit('.').next().unwrap_or_default();
    if let Some(manager) = known(asked) {
        return Ok(manager);
    }
    match asked {
        "auto" | "" | "service" => Ok(cx.fact("service_mgr").and_then(known).unwrap_or("auto")),
        other => Err(Error::input(format!("`use`: no service manager `{other}` is known"))
            .hint("known are systemd, openrc, sysvinit, bsdinit and runit")),
    }
}

fn known(name: &str) -> Option<&'static str> {
    match name {
        "systemd" | "systemd_service" => Some("systemd"),
        "openrc" => Some("openrc"),
        "sysvinit" | "upstart" => Some("sysvinit"),
        "bsdinit" | "openbsd" => Some("rcd"),
        "runit" => Some("runit"),
        _ => None,
    }
}

fn outcome(args: &Args, reply: &Reply) -> Outcome {
    let mut outcome = Outcome::new(reply.changed()).with("name", args.name.as_str());
    if let Some(enabled) = args.enabled {
        outcome = outcome.with("enabled", enabled);
    }
    if let Some(state) = args.state {
        outcome = outcome.with("state", state.in_the_end());
    }
    outcome
}

#[cfg(test)]
mod tests;
