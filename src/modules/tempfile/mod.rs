#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::choices;
use crate::error::{Error, Result};
use crate::modules::node::{NODE, Node};
use crate::modules::{Cx, FreeForm, Module, RemotePath, Step};
use crate::outcome::Outcome;
use crate::shell::{Fragment, Script};
use crate::value::Map;

/// The module.
pub static MODULE: Module = Module {
    name: "tempfile",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: false,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "tempfile",
    text: include_str!("tempfile.sh"),
    needs: &[&NODE],
};

choices! {
    /// What is made.
    State {
        Directory = "directory",
        File = "file",
    }
}

args! {
    /// What `tempfile` takes.
    Args {
        path: Option<RemotePath>,
        prefix: String = "ansible.".to_owned(),
        state: State = State::File,
        suffix: String = String::new(),
    }
}

fn plan(map: &Map, _cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(map)?;
    for (name, text) in [("prefix", &args.prefix), ("suffix", &args.suffix)] {
        if text.contains('/') {
            let message = format!("{name} must be a valid file name component, got '{text}'");
            return Err(Error::input(message));
        }
    }
    let script = Script::call(&SHELL, "tempfile_main")
        .path("folder", args.path.as_ref().map_or("", |path| &path.0))
        .set("prefix", &args.prefix)
        .set("suffix", &args.suffix)
        .set("state", args.state.word());
    Ok(Step::run(script, |reply| {
        let outcome = Outcome::changed().with("path", reply.text("path"));
        Ok(match Node::read(&reply, "after") {
            Some(node) => node.describe(outcome).into(),
            None => outcome.into(),
        })
    }))
}

#[cfg(test)]
mod tests {
    use crate::modules::driver::{Run, World};

    #[test]
    fn files_and_folders_are_the_users_alone() {
        for world in World::each() {
            let run = |state: &str| {
                Run::new("tempfile", &world)
                    .path("path", "")
                    .set("prefix", "a '$")
                    .set("suffix", ".x y")
                    .set("state", state)
            };
            let outcome = run("file").expect_changed();
            let path = outcome.text("path").unwrap();
            assert!(path.starts_with(&world.text("a '$")) && path.ends_with(".x y"));
            assert_eq!(outcome.text("mode"), Some("0600"));
            assert_eq!(run("directory").expect_changed().text("mode"), Some("0700"));
            let run = Run::new("tempfile", &world);
            run.path("path", "no").expect_failed("[Errno 2] No such file or directory: ");
            let run = Run::new("tempfile", &world);
            run.set("prefix", "a/b").expect_failed("prefix must be a valid file name component, got 'a/b'");
        }
    }
}
