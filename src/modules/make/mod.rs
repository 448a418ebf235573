#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::error::Result;
use crate::modules::rules::exclusive;
use crate::modules::{Cx, FreeForm, Module, RemotePath, Step};
use crate::outcome::Outcome;
use crate::shell::{Fragment, PRELUDE, Reply, Script, quote};
use crate::value::{Map, Value};

/// The module.
pub static MODULE: Module = Module {
    name: "make",
    collection: "community.general",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "make",
    text: include_str!("make.sh"),
    needs: &[&PRELUDE],
};

args! {
    /// What `make` takes.
    Args {
        chdir: RemotePath,
        file: Option<RemotePath>,
        jobs: Option<i64>,
        make: Option<RemotePath>,
        params: Option<Map>,
        target: Option<String>,
        targets: Option<Vec<String>>,
    }
}

fn plan(map: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(map)?;
    exclusive(&[("target", args.target.is_some()), ("targets", args.targets.is_some())])?;
    let words = words(&args);
    let script = Script::call(&SHELL, "make_main").as_logged_in()
        .path("chdir", &args.chdir)
        .path("make", args.make.as_ref().map_or("", AsRef::as_ref))
        .paths("words", &words)
        .flag("check", cx.check);
    Ok(Step::run(script, move |reply| Ok(outcome(&args, &words, &reply).into())))
}

/// What make is called with.
fn words(args: &Args) -> Vec<String> {
    let mut words = Vec::new();
    words.extend(args.jobs.iter().flat_map(|jobs| ["-j".to_owned(), jobs.to_string()]));
    words.extend(args.file.iter().flat_map(|file| ["-f".to_owned(), file.0.clone()]));
    words.extend(args.target.clone());
    words.extend(args.targets.iter().flatten().cloned());
    for (name, value) in args.params.iter().flatten() {
        let value = if value.is_null() { String::new() } else { value.to_text() };
        words.push(match value.is_empty() {
            true => name.to_text(),
            false => format!("{}={value}", name.to_text()),
        });
    }
    words
}

fn outcome(args: &Args, words: &[String], reply: &Reply) -> Outcome {
    let program = reply.text("command").unwrap_or_default();
    let all = std::iter::once(&program).chain(words);
    let command = all.map(|word| quote(word).as_str().to_owned()).collect::<Vec<_>>().join(" ");
    if let Some(rc) = reply.int("rc").filter(|rc| *rc != 0) {
        return Outcome::failed(reply.stderr_text().trim_end())
            .with("cmd", command)
            .with("rc", rc)
            .with("stdout", reply.stdout_text())
            .with("stderr", reply.stderr_text());
    }
    let trimmed = |text: String| text.trim_end_matches(['\r', '\n']).to_owned();
    let targets = args.targets.as_ref();
    let targets = targets.map(|all| Value::strings(all.iter().map(String::as_str)));
    Outcome::new(reply.flag("stale"))
        .with("command", command)
        .with("chdir", args.chdir.as_ref())
        .with("file", args.file.as_ref().map(|file| file.0.clone()))
        .with("jobs", args.jobs.map_or(Value::Null, Value::Int))
        .with("params", args.params.clone().map_or(Value::Null, Value::map))
        .with("target", args.target.clone())
        .with("targets", targets.unwrap_or(Value::Null))
        .with("stdout", trimmed(reply.stdout_text()))
        .with("stderr", trimmed(reply.stderr_text()))
}

#[cfg(test)]
mod tests {
    use super::Args;
    use crate::entries;
    use crate::modules::driver::{Run, World, which};
    use crate::value::{Map, Value};

    #[test]
    fn what_is_up_to_date_is_left_alone() {
        for world in World::each() {
            let Some(make) = which("make") else {
                eprintln!("skipped: no make here");
                return;
            };
            if world.is_busybox() {
                std::os::unix::fs::symlink(make, world.controller("bin/make")).unwrap();
            }
            world.write("p r/my makefile", "out: in\n\tcp in out\nsay:\n\t@echo \"$(X)\"\nbad:\n\texit 3\n");
            world.write("p r/in", "1");
            let run = || {
                Run::new("make", &world).path("chdir", "p r").path("file", "p r/my makefile")
            };
            let outcome = run().expect_changed_then_ok();
            assert_eq!(outcome.text("stdout"), Some("cp in out"));
            let said = run()
                .set("targets", Value::strings(["out", "say"]))
                .set("params", Value::map(entries! {"X" => "a 'b'"}))
                .set("jobs", 2)
                .expect_changed();
            assert!(said.text("stdout").unwrap().ends_with("\na 'b'"));
            run().set("target", "bad").expect_failed("Error");
            run().set("target", "none").expect_failed("No rule to make target");
            run().path("chdir", "nowhere").expect_failed("Unable to change directory");
            run().set("make", "nomake").expect_failed("there is no nomake");
        }
    }

    #[test]
    fn words_are_those_of_the_arguments() {
        let args = entries! {"chdir" => "/x", "target" => "t", "jobs" => 3, "file" => "F",
            "params" => Value::map(entries! {"A" => 1, "B" => Value::Null})};
        let words = super::words(&Args::read(&args).unwrap());
        assert_eq!(words.join(" "), "-j 3 -f F t A=1 B");
        assert!(Args::read(&Map::new()).is_err());
    }
}
