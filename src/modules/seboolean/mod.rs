#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::{Cx, FreeForm, Module, Step};
use crate::outcome::Outcome;
use crate::shell::{Fragment, PRELUDE, Script};
use crate::value::Map;

/// The module.
pub static MODULE: Module = Module {
    name: "seboolean",
    collection: "ansible.posix",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "seboolean",
    text: include_str!("seboolean.sh"),
    needs: &[&PRELUDE],
};

args! {
    /// What `seboolean` takes.
    Args {
        ignore_selinux_state: bool = false,
        name: String,
        persistent: bool = false,
        state: bool,
    }
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(args)?;
    if args.name.is_empty() || !args.name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Err(Error::input(format!("`{}` cannot be the name of a boolean", args.name)));
    }
    let script = Script::call(&SHELL, "seboolean_main")
        .set("name", &args.name)
        .set("state", if args.state { "on" } else { "off" })
        .flag("persistent", args.persistent)
        .flag("anyway", args.ignore_selinux_state)
        .flag("check", cx.check);
    Ok(Step::run(script, move |reply| {
        Ok(Outcome::new(reply.changed())
            .with("name", args.name.as_str())
            .with("persistent", args.persistent)
            .with("state", args.state)
            .into())
    }))
}

#[cfg(test)]
mod tests {
    use crate::entries;
    use crate::modules::driver::{Run, World};
    use crate::value::Map;

    fn run(world: &World, args: Map) -> Run<'_> {
        world.fake("getsebool", "test \"$1\" = web && echo \"web --> $(cat \"$HOME/now\" 2>/dev/null || echo off)\"");
        world.fake("setsebool", "test \"$1\" != -P || { shift; echo \"$1=$(test \"$2\" = on && echo 1 || echo 0)\" >\"$HOME/var/lib/selinux/targeted/active/booleans.local\"; }; echo \"$2\" >\"$HOME/now\"");
        world.fake("semanage", "echo 'web                           (off  ,  off)  Allow web'");
        Run::new("seboolean", world).set("name", "web").set("state", true).args(args)
    }

    #[test]
    fn a_boolean_is_set_now_and_for_the_next_boot() {
        for world in World::each() {
            run(&world, entries! {}).expect_failed("SELinux is disabled");
            world.write("sys/fs/selinux/enforce", "1");
            world.write("var/lib/selinux/targeted/active/.keep", "");
            run(&world, entries! {}).expect_changed_then_ok();
            run(&world, entries! { "persistent" => true, "state" => "no" }).expect_ok();
            run(&world, entries! { "persistent" => true }).expect_changed_then_ok();
            assert!(world.calls().contains(&"setsebool -P web on".to_owned()), "{}", world.shell_name());
            run(&world, entries! { "name" => "nope" }).expect_failed("Failed to determine current state");
            run(&world, entries! { "name" => "nope", "persistent" => true }).expect_failed("not defined in persistent policy");
        }
    }
}
