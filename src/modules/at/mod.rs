#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::ground::GROUND;
use crate::modules::{Cx, FreeForm, Module, Step, rules};
use crate::outcome::Outcome;
use crate::shell::{Fragment, Script};
use crate::value::Map;

/// The module.
pub static MODULE: Module = Module {
    name: "at",
    collection: "ansible.posix",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "at",
    text: include_str!("at.sh"),
    needs: &[&GROUND],
};

crate::choices! {
    /// Whether the job is there.
    State { Absent = "absent", Present = "present" }
}

crate::choices! {
    /// What is counted.
    Units { Minutes = "minutes", Hours = "hours", Days = "days", Weeks = "weeks" }
}

args! {
    /// What `at` takes.
    Args {
        command: Option<String>,
        count: Option<i64>,
        script_file: Option<String>,
        state: State = State::Present,
        unique: bool = false,
        units: Option<Units>,
    }
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(args)?;
    let what = [("command", args.command.is_some()), ("script_file", args.script_file.is_some())];
    rules::exclusive(&what)?;
    rules::one_of(&what)?;
    let count = args.count.filter(|count| *count != 0);
    if args.state == State::Present && (count.is_none() || args.units.is_none()) {
        return Err(Error::input("present state requires count and units"));
    }
    let script = Script::call(&SHELL, "at_main")
        .set("state", args.state.word())
        .set("command", args.command.as_deref().unwrap_or_default())
        .set("script_file", args.script_file.as_deref().unwrap_or_default())
        .set("count", count.map(|count| count.to_string()).unwrap_or_default())
        .set("units", args.units.map_or("", Units::word))
        .flag("unique", args.unique)
        .flag("check", cx.check);
    Ok(Step::run(script, move |reply| {
        let outcome = Outcome::new(reply.changed()).with("state", args.state.word());
        Ok(match (reply.text("script_file"), count, args.units) {
            (Some(file), Some(count), Some(units)) => outcome
                .with("script_file", file)
                .with("count", count)
                .with("units", units.word())
                .into(),
            _ => outcome.into(),
        })
    }))
}

#[cfg(test)]
mod tests {
    use crate::entries;
    use crate::modules::driver::{Run, World};
    use crate::value::{Map, Value};

    fn run(world: &World, args: Map) -> Run<'_> {
        world.fake("atq", "for job in \"$HOME\"/jobs/*; do test ! -e \"$job\" || printf '%s\\tThu Jan 1\\n' \"${job##*/}\"; done");
        world.fake("at", "case $1 in (-c) echo '#!/bin/sh'; cat \"$HOME/jobs/$2\" ;; (-r) rm \"$HOME/jobs/$2\" ;; (-f) mkdir -p \"$HOME/jobs\"; { echo before; cat \"$2\"; } >\"$HOME/jobs/7$$\"; echo 'job 7' >&2 ;; esac");
        Run::new("at", world).args(args)
    }

    #[test]
    fn a_job_waits_once() {
        for world in World::each() {
            let job = || run(&world, entries! { "command" => "ls 'it  is' > \"$x\"\ndate", "count" => 20, "units" => "minutes", "unique" => true });
            let outcome = job().expect_changed_then_ok();
            assert_eq!(outcome.data.get("count"), Some(&Value::Int(20)));
            assert!(world.calls().iter().any(|call| call.ends_with("now + 20 minutes")), "{}", world.shell_name());
            run(&world, entries! { "command" => "other", "state" => "absent" }).expect_ok();
            let gone = || run(&world, entries! { "command" => "ls 'it  is' > \"$x\"\ndate", "state" => "absent" });
            gone().expect_changed_then_ok();
        }
    }

    #[test]
    fn what_is_missing_is_told() {
        let world = World::plain();
        run(&world, entries! { "command" => "x" }).expect_failed("present state requires count and units");
        run(&world, entries! {}).expect_failed("one of the following is required: command, script_file");
    }
}
