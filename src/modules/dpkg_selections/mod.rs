#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::error::Result;
use crate::modules::{Cx, FreeForm, Module, Step};
use crate::outcome::{Diff, Outcome};
use crate::shell::{Fragment, PRELUDE, Script};
use crate::value::Map;

/// The module.
pub static MODULE: Module = Module {
    name: "dpkg_selections",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "dpkg_selections",
    text: include_str!("dpkg_selections.sh"),
    needs: &[&PRELUDE],
};

crate::choices! {
    /// What dpkg is to do.
    Selection {
        Deinstall = "deinstall",
        Hold = "hold",
        Install = "install",
        Purge = "purge",
    }
}

args! {
    /// What `dpkg_selections` takes.
    Args {
        name: String,
        selection: Selection,
    }
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(args)?;
    let diff = cx.diff;
    let script = Script::call(&SHELL, "dpkg_selections_main")
        .set("name", &args.name)
        .set("selection", args.selection.word())
        .flag("check", cx.check);
    Ok(Step::run(script, move |reply| {
        let before = reply.text("before").unwrap_or_default();
        let after = args.selection.word();
        let difference = diff.then(|| Diff::of(&args.name, &format!("{before}\n"), &format!("{after}\n")));
        let outcome = Outcome::new(reply.changed())
            .with("before", before)
            .with("after", after)
            .with_diff(difference.flatten());
        Ok(outcome.into())
    }))
}

#[cfg(test)]
mod tests {
    use crate::modules::driver::{Run, World};

    #[test]
    fn a_selection_is_made_once() {
        for world in World::each() {
            world.fake("dpkg", "case $1 in (--get*) test \"$2\" != tree || printf 'tree\\t\\t%s\\n' \"$(cat \"$HOME/state\")\" ;; (*) read -r _ state; echo \"$state\" >\"$HOME/state\" ;; esac");
            world.write("state", "install\n");
            let run = |name: &str| Run::new("dpkg_selections", &world).set("name", name).set("selection", "hold");
            run("tree").check().expect_changed();
            let outcome = run("tree").expect_changed();
            assert_eq!((outcome.text("before"), outcome.text("after")), (Some("install"), Some("hold")));
            run("tree").expect_ok();
            run("nope").expect_failed("Failed to find package 'nope'");
        }
    }
}
