#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::services::State;
use crate::modules::ground::GROUND;
use crate::modules::{Cx, FreeForm, Module, Step, rules, words};
use crate::outcome::Outcome;
use crate::shell::{Fragment, Reply, Script};
use crate::value::{Map, Value};

/// The module.
pub static MODULE: Module = Module {
    name: "sysvinit",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "sysvinit",
    text: include_str!("sysvinit.sh"),
    needs: &[&GROUND],
};

args! {
    /// What `sysvinit` takes.
    Args {
        arguments: Option<String> [args],
        daemonize: bool = false,
        enabled: Option<bool>,
        name: String [service],
        pattern: Option<String>,
        runlevels: Vec<String> = Vec::new(),
        sleep: u64 = 1,
        state: Option<State>,
    }
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(args)?;
    rules::one_of(&[("state", args.state.is_some()), ("enabled", args.enabled.is_some())])?;
    let words = words::split(args.arguments.as_deref().unwrap_or_default())
        .map_err(|why| Error::input(format!("argument `arguments`: {why}")))?;
    let script = Script::call(&SHELL, "sysvinit_main")
        .set("name", &args.name)
        .set("state", args.state.map_or("", State::word))
        .set("enabled", match args.enabled {
            None => "",
            Some(true) => "1",
            Some(false) => "0",
        })
        .list("runlevels", &args.runlevels)
        .set("pattern", args.pattern.as_deref().unwrap_or_default())
        .set("sleep", args.sleep.to_string())
        .flag("daemonize", args.daemonize)
        .list("arguments", &words)
        .flag("check", cx.check);
    Ok(Step::run_any(script, move |reply| Ok(outcome(&args, &reply).into())))
}

fn outcome(args: &Args, reply: &Reply) -> Outcome {
    if let Some(mut failed) = reply.failure() {
        for name in ["stdout", "stderr"] {
            if let Some(text) = reply.text(name) {
                failed = failed.with(name, text);
            }
        }
        return match reply.int("rc") {
            Some(rc) => failed.with("rc", rc),
            None => failed,
        };
    }
    let mut status = Map::new();
    let mut boot = part(reply, "boot", "boot_");
    if !args.runlevels.is_empty() {
        boot.set("runlevels", Value::strings(args.runlevels.iter().map(String::as_str)));
    }
    status.set("enabled", boot);
    if let Some(state) = args.state {
        status.set(state.word(), part(reply, "ran", ""));
    }
    let mut outcome = Outcome::new(reply.changed())
        .with("name", args.name.as_str())
        .with("status", status);
    outcome.warnings = reply.warnings();
    outcome
}

/// What was done, and what the program said to it.
fn part(reply: &Reply, done: &str, prefix: &str) -> Map {
    let text = |name: &str| Value::str_or_null(reply.text(&format!("{prefix}{name}")));
    crate::entries! {
        "changed" => reply.flag(done),
        "rc" => reply.int(&format!("{prefix}rc")).map_or(Value::Null, Value::Int),
        "stdout" => text("stdout"),
        "stderr" => text("stderr"),
    }
}

#[cfg(test)]
mod tests {
    use crate::entries;
    use crate::modules::driver::{Run, World};
    use crate::value::{Map, to_json};

    fn run(world: &World, args: Map) -> Run<'_> {
        world.hide("service");
        world.hide("chkconfig");
        world.fake("update-rc.d", "case $2 in (defaults | enable) : >\"$HOME/etc/rc3.d/S01web\" ;; (*) rm \"$HOME/etc/rc3.d/S01web\" ;; esac; echo done");
        world.write("etc/rc3.d/.keep", "");
        if !world.path("etc/init.d/web").exists() {
            world.write(
                "etc/init.d/web",
                "#!/bin/sh\ncase $1 in (status) test -e \"$HOME/up\" && echo \"web is running\" || { echo \"web is not running\"; exit 3; } ;; (stop) rm -f \"$HOME/up\" ;; (*) : >\"$HOME/up\"; test -z \"$2\" || echo \"$2\" ;; esac; test \"$2\" != bad\n",
            );
            let status = std::process::Command::new("chmod").arg("+x").arg(world.path("etc/init.d/web")).status();
            assert!(status.unwrap().success());
        }
        Run::new("sysvinit", world).set("name", "web").set("sleep", 0).args(args)
    }

    #[test]
    fn a_service_is_started_and_enabled() {
        for world in World::each() {
            let wanted = || run(&world, entries! { "state" => "started", "enabled" => true, "args" => "'x y'" });
            wanted().expect_predicted(true);
            let outcome = wanted().expect_changed();
            assert_eq!(
                to_json(outcome.data.get("status").unwrap()),
                concat!(
                    r#"{"enabled": {"changed": true, "rc": 0, "stdout": "done\n", "stderr": ""}, "#,
                    r#""started": {"changed": true, "rc": 0, "stdout": "x y\n", "stderr": ""}}"#
                ),
                "{}",
                world.shell_name()
            );
            let outcome = wanted().expect_ok();
            assert!(to_json(outcome.data.get("status").unwrap()).contains(r#""started": {"changed": false, "rc": null"#));
            run(&world, entries! { "state" => "restarted", "daemonize" => true }).expect_changed();
            run(&world, entries! { "enabled" => true, "runlevels" => "3" }).expect_ok();
            run(&world, entries! { "enabled" => true, "runlevels" => "3,5" }).expect_changed();
            assert_eq!(world.calls().last().unwrap(), "update-rc.d web enable 3 5");
            run(&world, entries! { "state" => "stopped", "enabled" => false }).expect_changed();
            run(&world, entries! { "state" => "stopped", "enabled" => false }).expect_ok();
            run(&world, entries! { "state" => "started", "args" => "bad" }).expect_failed("Failed to start service: web");
        }
    }

    #[test]
    fn what_is_not_there_is_told() {
        let world = World::plain();
        run(&world, entries! { "name" => "nope", "state" => "started" }).expect_failed("Could not find the requested service nope");
        run(&world, entries! {}).expect_failed("one of the following is required: state, enabled");
    }
}
