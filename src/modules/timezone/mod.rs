#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::error::Result;
use crate::modules::texts::TEXTS;
use crate::modules::{Cx, FreeForm, Module, Step, rules};
use crate::outcome::{Diff, Outcome};
use crate::shell::{Fragment, Reply, Script};
use crate::value::{Map, Value, to_json_nice};

/// The module.
pub static MODULE: Module = Module {
    name: "timezone",
    collection: "community.general",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "timezone",
    text: include_str!("timezone.sh"),
    needs: &[&TEXTS],
};

crate::choices! {
    /// What the hardware clock has.
    Clock {
        Local = "local",
        Utc = "UTC",
    }
}

args! {
    /// What `timezone` takes.
    Args {
        hwclock: Option<Clock> [rtc],
        name: Option<String>,
    }
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(args)?;
    rules::one_of(&[("hwclock", args.hwclock.is_some()), ("name", args.name.is_some())])?;
    let script = Script::call(&SHELL, "timezone_main")
        .set("zone", args.name.as_deref().unwrap_or_default())
        .set("clock", args.hwclock.map_or("", Clock::word))
        .flag("check", cx.check);
    let diff = cx.diff;
    Ok(Step::run(script, move |reply| Ok(outcome(&args, &reply, diff).into())))
}

fn outcome(args: &Args, reply: &Reply, diff: bool) -> Outcome {
    let mut outcome = Outcome::new(reply.changed());
    let did = reply.all("did");
    if !did.is_empty() {
        outcome = outcome.with("msg", did.join("\n"));
    }
    if diff {
        let (mut before, mut after) = (Map::new(), Map::new());
        let planned = [
            ("hwclock", "clock", args.hwclock.map(Clock::word)),
            ("name", "zone", args.name.as_deref()),
        ];
        for (name, answer, planned) in planned {
            if let Some(planned) = planned {
                before.set(name, reply.text(answer).unwrap_or_default());
                after.set(name, planned);
            }
        }
        let text = |map: Map| to_json_nice(&Value::map(map), 4, true) + "\n";
        outcome.diff.extend(Diff::of("", &text(before), &text(after)));
    }
    outcome
}

#[cfg(test)]
mod tests {
    use crate::entries;
    use crate::modules::driver::{Run, World};
    use crate::value::Map;

    fn run<'a>(world: &'a World, system: &str, args: Map) -> Run<'a> {
        world.fake("uname", &format!("echo {system}"));
        for zone in ["UTC", "Europe/Berlin"] {
            world.write(&format!("usr/share/zoneinfo/{zone}"), zone);
        }
        Run::new("timezone", world).args(args)
    }

    fn berlin() -> Map {
        entries! { "name" => "Europe/Berlin" }
    }

    #[test]
    fn systemd_is_asked_by_timedatectl() {
        for world in World::each() {
            world.write("zone", "UTC\n");
            world.fake(
                "timedatectl",
                "case $1 in (set-timezone) echo \"$2\" >\"$HOME/zone\" ;; (set-local-rtc) echo \"$2\" >\"$HOME/rtc\" ;; (*) printf '      Time zone: %s (X, +0000)\\nRTC in local TZ: %s\\n' \"$(cat \"$HOME/zone\")\" \"$(cat \"$HOME/rtc\" 2>/dev/null || echo no)\" ;; esac",
            );
            let outcome = run(&world, "Linux", berlin()).diff().expect_changed_then_ok();
            assert!(
                outcome
                    .text("msg")
                    .is_some_and(|msg| msg.ends_with("/timedatectl set-timezone Europe/Berlin`"))
            );
            assert_eq!(outcome.diff.len(), 1);
            assert_eq!(world.read("zone"), "Europe/Berlin\n");
            run(&world, "Linux", entries! { "rtc" => "UTC" }).expect_ok();
            run(&world, "Linux", entries! { "hwclock" => "local" }).expect_changed_then_ok();
            run(&world, "Linux", entries! { "name" => "Mars/Base" }).expect_failed("given timezone \"Mars/Base\" is not available");
        }
    }

    #[test]
    fn files_are_written_where_there_is_no_systemd() {
        for world in World::each() {
            world.fake("timedatectl", "exit 1");
            world.fake("hwclock", "exit 0");
            world.hide("dpkg-reconfigure");
            world.hide("tzdata-update");
            world.write("etc/sysconfig/clock", "# c\nZONE=\"UTC\"\nZONE=x\nUTC=yes\n");
            let outcome = run(&world, "Linux", berlin()).expect_changed_then_ok();
            assert_eq!(
                world.read("etc/sysconfig/clock"),
                "# c\nZONE=\"Europe/Berlin\"\nUTC=yes\n",
                "{}",
                world.shell_name()
            );
            assert!(outcome.text("msg").is_some_and(|msg| msg.starts_with("Added 1 line and deleted 2 line(s)")));
            assert_eq!(world.read("etc/localtime"), "Europe/Berlin");
            run(&world, "Linux", entries! { "hwclock" => "local" }).expect_changed();
            assert!(world.read("etc/sysconfig/clock").ends_with("UTC=no\n"));
            assert_eq!(world.calls().last().unwrap(), "hwclock --systohc --localtime");
        }
    }

    #[test]
    fn debian_and_bsd_have_links() {
        for world in World::each() {
            world.fake("timedatectl", "exit 1");
            world.fake("dpkg-reconfigure", "exit 0");
            run(&world, "Linux", berlin()).expect_changed_then_ok();
            assert_eq!(world.read("etc/timezone"), "Europe/Berlin\n");
            assert!(world.path("etc/localtime").is_symlink());
            run(&world, "FreeBSD", entries! { "name" => "UTC" }).expect_changed_then_ok();
            run(&world, "FreeBSD", entries! { "hwclock" => "UTC" }).expect_failed("hwclock is not a supported option");
            run(&world, "Linux", entries! {}).expect_failed("one of the following is required: hwclock, name");
        }
    }
}
