#![doc = include_str!("page.md")]

mod files;

use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::texts::TEXTS;
use crate::modules::{Cx, FreeForm, Module, Step, words};
use crate::outcome::{Diff, Outcome};
use crate::shell::{Fragment, Reply, Script};
use crate::value::Map;
use files::{File, Files};

/// The module.
pub static MODULE: Module = Module {
    name: "modprobe",
    collection: "community.general",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "modprobe",
    text: include_str!("modprobe.sh"),
    needs: &[&TEXTS],
};

crate::choices! {
    /// Whether the module is loaded.
    State {
        Absent = "absent",
        Present = "present",
    }
}

crate::choices! {
    /// Whether the next boot loads it.
    Persistent {
        Disabled = "disabled",
        Absent = "absent",
        Present = "present",
    }
}

args! {
    /// What `modprobe` takes.
    Args {
        name: String,
        params: String = String::new(),
        persistent: Persistent = Persistent::Disabled,
        state: State = State::Present,
    }
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(args)?;
    let params = words::split(&args.params)
        .map_err(|why| Error::input(format!("argument `params`: {why}")))?;
    let cx = Arc::clone(cx);
    let script = Script::call(&SHELL, "modprobe_probe")
        .set("name", &args.name)
        .set("persistent", args.persistent.word());
    Ok(Step::run(script, move |reply| Ok(decide(&args, &params, &reply, &cx))))
}

fn decide(args: &Args, params: &[String], reply: &Reply, cx: &Cx) -> Step {
    let verb = match (args.state, reply.flag("loaded")) {
        (State::Present, false) => "load",
        (State::Absent, true) => "unload",
        _ => "",
    };
    let files = Files::read(reply);
    let changes = match args.persistent {
        Persistent::Disabled => Vec::new(),
        Persistent::Present => files.keeping(&args.name, &args.params),
        Persistent::Absent => files.dropping(&args.name),
    };
    let mut outcome = Outcome::new(!verb.is_empty() || !changes.is_empty())
        .with("name", args.name.as_str())
        .with("params", args.params.as_str())
        .with("state", args.state.word());
    if cx.diff {
        let diff = |file: &File| Diff::of(&file.path, files.text(&file.path), &file.text);
        outcome.diff.extend(changes.iter().filter_map(diff));
    }
    if !outcome.changed || cx.check && verb.is_empty() {
        return outcome.into();
    }
    let pairs: Vec<&str> = changes.iter().flat_map(|file| [file.path.as_str(), file.text.as_str()]).collect();
    let script = Script::call(&SHELL, "modprobe_act")
        .set("name", &args.name)
        .set("verb", verb)
        .list("params", params)
        .list("files", &pairs)
        .flag("check", cx.check);
    let written = !changes.is_empty();
    Step::run(script, move |reply| {
        // A module that is not there after all has changed nothing.
        outcome.changed = written || reply.text("loaded").as_deref() != Some("0");
        outcome.warnings = reply.warnings();
        Ok(outcome.into())
    })
}

#[cfg(test)]
mod tests {
    use crate::entries;
    use crate::modules::driver::{Run, World};
    use crate::value::Map;

    fn run(world: &World, args: Map) -> Run<'_> {
        if !world.path("proc/modules").exists() {
            world.write("proc/modules", "other 1 0 - Live 0x0\n");
            world.write("lib/modules/9.9/modules.builtin", "kernel/fs/built-in.ko\n");
            world.write("etc/modules-load.d/keep", "# keep\n");
            world.write("etc/modprobe.d/old.conf", "options my-mod a=1\nalias x y\n");
        }
        world.fake("uname", "echo 9.9");
        world.fake(
            "modprobe",
            "case \"$*\" in (*-n*) test \"$*\" != '-n bad' || { echo not found >&2; exit 1; } ;; ('-r '*) : >\"$HOME/proc/modules\" ;; (shy) ;; (*) echo 'my_mod 1 0 - Live' >>\"$HOME/proc/modules\" ;; esac",
        );
        Run::new("modprobe", world).args(args)
    }

    #[test]
    fn a_module_is_loaded_now_and_at_boot() {
        for world in World::each() {
            let wanted = || run(&world, entries! { "name" => "my-mod", "params" => "a=2 b=3", "persistent" => "present" });
            let outcome = wanted().diff().expect_changed_then_ok();
            assert_eq!(outcome.diff.len(), 3);
            assert!(world.calls().contains(&"modprobe my-mod a=2 b=3".to_owned()));
            assert_eq!(world.read("etc/modules-load.d/my-mod.conf"), "my-mod\n", "{}", world.shell_name());
            assert_eq!(world.read("etc/modprobe.d/old.conf"), "#options my-mod a=1\nalias x y\n");
            let gone = || run(&world, entries! { "name" => "my-mod", "state" => "absent", "persistent" => "absent" });
            gone().expect_changed_then_ok();
            assert_eq!(world.read("etc/modules-load.d/my-mod.conf"), "#my-mod\n");
            run(&world, entries! { "name" => "built-in" }).expect_ok();
        }
    }

    #[test]
    fn a_module_that_cannot_be_loaded_is_told() {
        let world = World::plain();
        run(&world, entries! { "name" => "bad" }).check().expect_failed("not found");
        assert!(!run(&world, entries! { "name" => "shy" }).run().outcome.changed);
    }
}
