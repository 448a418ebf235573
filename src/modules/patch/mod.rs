#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::choices;
use crate::error::{Error, Result};
use crate::modules::placing::PLACING;
use crate::modules::rules::one_of;
use crate::modules::{Answer, Ask, Body, Cx, FreeForm, Module, RemotePath, Step};
use crate::outcome::Outcome;
use crate::shell::{Fragment, Script};
use crate::value::Map;

/// The module.
pub static MODULE: Module = Module {
    name: "patch",
    collection: "ansible.posix",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "patch",
    text: include_str!("patch.sh"),
    needs: &[&PLACING],
};

/// The most bytes that travel in the request: printf may be a program.
const INLINE: usize = 32 * 1024;

choices! {
    /// Whether the difference is applied.
    State {
        Absent = "absent",
        Present = "present",
    }
}

args! {
    /// What `patch` takes.
    Args {
        src: RemotePath [patchfile],
        backup: bool = false,
        basedir: Option<RemotePath>,
        binary: bool = false,
        dest: Option<RemotePath> [originalfile],
        ignore_whitespace: bool = false,
        remote_src: bool = false,
        state: State = State::Present,
        strip: i64 = 0,
    }
}

fn plan(map: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(map)?;
    let given = (args.dest.is_some(), args.basedir.is_some());
    one_of(&[("dest", given.0), ("basedir", given.1)])?;
    let script = script(&args, cx.check);
    if args.remote_src {
        return Ok(run(script.path("src", &args.src).set("text", "").flag("discard", false)));
    }
    let find = Ask::Find {
        kind: "files",
        name: args.src.0,
    };
    Ok(Step::ask(find, |answer| {
        let Answer::Path(path) = answer else {
            return Err(Error::bug("`src` was found without a path"));
        };
        let read = Ask::Read { path, open: true };
        Ok(Step::ask(read, |answer| match answer {
            Answer::Bytes(bytes) => Ok(bring(script, &bytes)),
            _ => Err(Error::bug("a file was read without bytes")),
        }))
    }))
}

fn script(args: &Args, check: bool) -> Script {
    let path = |path: &Option<RemotePath>| path.as_ref().map_or("", AsRef::as_ref).to_owned();
    Script::call(&SHELL, "patch_main")
        .path("basedir", path(&args.basedir))
        .path("dest", path(&args.dest))
        .set("strip", args.strip.to_string())
        .flag("blanks", args.ignore_whitespace)
        .flag("binary", args.binary)
        .flag("backup", args.backup)
        .flag("absent", args.state == State::Absent)
        .flag("check", check)
}

/// A short text travels in the request, anything else in a file.
fn bring(script: Script, bytes: &Arc<[u8]>) -> Step {
    let text = std::str::from_utf8(bytes).ok();
    let short = text.filter(|text| text.len() <= INLINE && !text.contains('\0'));
    if let Some(text) = short {
        return run(script.set("src", "").set("text", text).flag("discard", false));
    }
    let body = Body::Bytes(Arc::clone(bytes));
    Step::run(Script::call(&SHELL, "patch_temp"), move |reply| {
        let temp = reply.text("temp").unwrap_or_default();
        let script = script.set("src", &temp).set("text", "").flag("discard", true);
        Ok(Step::put(body, temp, |_| Ok(run(script))))
    })
}

fn run(script: Script) -> Step {
    Step::run(script, |reply| Ok(Outcome::new(reply.changed()).into()))
}

#[cfg(test)]
mod tests {
    use crate::modules::driver::{Run, World};

    const DIFF: &str = "--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n";

    #[test]
    fn a_difference_comes_and_goes() {
        for world in World::each() {
            world.write("t r/f", "1\n2\n3\n");
            world.give("files/my.diff", DIFF);
            let run = || Run::new("patch", &world).set("src", "my.diff");
            run().path("basedir", "t r").set("strip", 1).expect_changed_then_ok();
            assert_eq!(world.read("t r/f"), "1\ntwo\n3\n");
            run().path("dest", "t r/f").set("state", "absent").expect_changed_then_ok();
            assert_eq!(world.read("t r/f"), "1\n2\n3\n");
            world.write("t r/f", "other\n");
            run().path("dest", "t r/f").expect_failed("FAILED");
            run().path("dest", "t r/none").expect_failed("doesn't exist");
            run().expect_failed("one of the following is required: dest, basedir");
            assert_eq!(std::fs::read_dir(world.path("t r")).unwrap().count(), 1);
        }
    }

    #[test]
    fn no_name_leads_out_of_the_folder() {
        for world in World::each() {
            world.fake("patch", "exec busybox patch \"$@\"");
            world.write("in/f", "1\n2\n3\n");
            world.write("f", "1\n2\n3\n");
            let absolute = world.path("f").display().to_string();
            for (name, strip) in [("../f", 0), ("a/../../f", 1), ("b/sub/../../f", 1), (&absolute, 0)] {
                let diff = format!("--- {name}\t2026-01-01\n+++ {name}\n@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n");
                world.give("files/out.diff", &diff);
                let run = Run::new("patch", &world).set("src", "out.diff");
                run.path("basedir", "in").set("strip", strip).expect_failed("not below the folder");
                assert_eq!(world.read("f"), "1\n2\n3\n", "{name}");
            }
        }
    }

    #[test]
    fn a_long_difference_travels_in_a_file() {
        let world = World::plain();
        let long = "x".repeat(50_000);
        world.write("f", format!("1\n2\n{long}\n"));
        world.give("files/d", format!("--- f\n+++ f\n@@ -1,3 +1,3 @@\n 1\n-2\n+two\n {long}\n"));
        let run = || Run::new("patch", &world).set("src", "d").path("dest", "f").set("backup", true);
        run().expect_changed();
        assert!(world.path("f.~1~").exists() && world.read("f").starts_with("1\ntwo\n"));
        assert!(!run().run().outcome.changed);
        world.write("h.diff", DIFF);
        world.write("g", "1\n2\n3\n");
        Run::new("patch", &world)
            .path("src", "h.diff")
            .set("remote_src", true)
            .path("dest", "g")
            .set("ignore_whitespace", true)
            .set("binary", true)
            .expect_changed_then_ok();
    }
}
