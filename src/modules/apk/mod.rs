#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::commands::{Command, Ran, ask, command};
use crate::modules::{Cx, FreeForm, Module, Step, rules};
use crate::outcome::Outcome;
use crate::value::{Map, Value};

/// The module.
pub static MODULE: Module = Module {
    name: "apk",
    collection: "community.general",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

crate::choices! {
    /// What packages are to be.
    State {
        Absent = "absent" | "removed",
        Latest = "latest",
        Present = "present" | "installed",
    }
}

args! {
    /// What `apk` takes.
    Args {
        available: bool = false,
        name: Vec<String> = Vec::new(),
        no_cache: bool = false,
        repository: Vec<String> = Vec::new(),
        state: State = State::Present,
        update_cache: bool = false,
        upgrade: bool = false,
        world: String = "/etc/apk/world".to_owned(),
    }
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(args)?;
    let named = ("name", !args.name.is_empty());
    let upgrade = ("upgrade", args.upgrade);
    rules::one_of(&[named, ("update_cache", args.update_cache), upgrade])?;
    rules::exclusive(&[named, upgrade])?;
    if args.name.iter().any(|name| name.trim().is_empty()) {
        return Err(Error::input("Package name(s) cannot be empty or whitespace-only"));
    }
    let task = Task { args, check: cx.check };
    let questions = task.questions();
    Ok(match questions.is_empty() {
        true => task.decide(&[]),
        false => ask(&questions, move |ran| Ok(task.decide(&ran))),
    })
}

struct Task {
    args: Args,
    check: bool,
}

impl Task {
    /// apk with the options that all of its calls have.
    fn apk(&self, words: &[&str]) -> Command {
        let mut all = command(&["apk"]);
        if self.args.no_cache {
            all.push("--no-cache".to_owned());
        }
        for repository in &self.args.repository {
            all.extend(command(&["--repository", repository, "--repositories-file", "/dev/null"]));
        }
        all.extend(command(words));
        all
    }

    /// The index first, where it is to be fetched; then what is there.
    fn questions(&self) -> Vec<Command> {
        let mut questions = Vec::new();
        if self.updates() {
            questions.push(self.apk(&["update"]));
        }
        match self.args.state {
            _ if self.args.upgrade || self.args.name.is_empty() => {}
            State::Absent => {
                let installed = |name: &String| self.apk(&["-v", "info", "--installed", name]);
                questions.extend(self.args.name.iter().map(installed));
            }
            State::Latest | State::Present => {
                questions.push(command(&["cat", &self.args.world]));
                for name in &self.args.name {
                    questions.push(self.apk(&["-v", "info", "--description", name]));
                    questions.push(self.apk(&["-v", "info", "--depends", name]));
                    questions.push(self.apk(&["version"]));
                }
            }
        }
        questions
    }

    fn updates(&self) -> bool {
        self.args.update_cache && !self.check
    }

    fn decide(self, ran: &[Ran]) -> Step {
        let mut ran = ran;
        if let (true, [update, rest @ ..]) = (self.updates(), ran) {
            if !update.is_ok() {
                return update.failure_with("could not update package db", &self.apk(&["update"])).into();
            }
            ran = rest;
        }
        if self.args.upgrade {
            return self.upgrade();
        }
        if self.args.name.is_empty() {
            return Outcome::changed().with("msg", "updated repository indexes").into();
        }
        match self.args.state {
            State::Absent => self.remove(ran),
            State::Latest | State::Present => self.install(ran),
        }
    }

    fn upgrade(self) -> Step {
        let mut words = vec!["upgrade"];
        words.extend(self.check.then_some("--simulate"));
        words.extend(self.args.available.then_some("--available"));
        let command = self.apk(&words);
        ask(std::slice::from_ref(&command.clone()), move |ran| {
            let ran = ran.into_iter().next().unwrap_or_default();
            let packages = packages(&ran.stdout);
            if !ran.is_ok() {
                return Ok(told(ran.failure_with("failed to upgrade packages", &command), &ran, packages).into());
            }
            let (changed, message) = match packages.is_empty() {
                true => (false, "packages already upgraded"),
                false => (true, "upgraded packages"),
            };
            Ok(told(Outcome::new(changed).with("msg", message), &ran, packages).into())
        })
    }

    fn install(self, ran: &[Ran]) -> Step {
        let (world, about) = ran.split_first().map_or(("", ran), |(world, rest)| (world.stdout.as_str(), rest));
        let latest = self.args.state == State::Latest;
        let (mut missing, mut outdated) = (Vec::new(), Vec::new());
        for (name, about) in self.args.name.iter().zip(about.chunks(3)) {
            let [description, depends, versions] = about else { continue };
            if description.stdout.lines().any(|line| line.starts_with(&format!("{name}: virtual meta package"))) {
                let depends = depends.stdout.split_whitespace().skip(1);
                outdated.extend(depends.filter(|name| latest && is_old(name, &versions.stdout)).map(str::to_owned));
            } else if !is_in_world(name, world) {
                missing.push(name.clone());
            } else if latest && is_old(name, &versions.stdout) {
                outdated.push(name.clone());
            }
        }
        if missing.is_empty() && outdated.is_empty() {
            return Outcome::ok().with("msg", "package(s) already installed").into();
        }
        let mut words = vec!["add"];
        words.extend((!outdated.is_empty()).then_some("--upgrade"));
        words.extend(self.check.then_some("--simulate"));
        let names: Vec<String> = missing.into_iter().chain(outdated).collect();
        words.extend(names.iter().map(String::as_str));
        let command = self.apk(&words);
        let list = Value::strings(names.iter().map(String::as_str)).repr();
        ask(std::slice::from_ref(&command.clone()), move |ran| {
            let ran = ran.into_iter().next().unwrap_or_default();
            let packages = packages(&ran.stdout);
            let outcome = match ran.is_ok() {
                false => ran.failure_with(&format!("failed to install {list}"), &command),
                true => Outcome::changed().with("msg", format!("installed {list} package(s)")),
            };
            Ok(told(outcome, &ran, packages).into())
        })
    }

    fn remove(self, ran: &[Ran]) -> Step {
        let here = self.args.name.iter().zip(ran).filter(|(_, ran)| ran.is_ok());
        let names: Vec<String> = here.map(|(name, _)| name.clone()).collect();
        if names.is_empty() {
            return Outcome::ok().with("msg", "package(s) already removed").into();
        }
        let mut words = vec!["del", "--purge"];
        words.extend(self.check.then_some("--simulate"));
        words.extend(names.iter().map(String::as_str));
        let command = self.apk(&words);
        let list = Value::strings(names.iter().map(String::as_str)).repr();
        let mut commands = vec![command.clone()];
        // A package that another one needs stays, and apk says that all is well.
        if !self.check {
            commands.extend(names.iter().map(|name| self.apk(&["-v", "info", "--installed", name])));
        }
        ask(&commands, move |ran| {
            let Some((del, still)) = ran.split_first() else {
                return Err(Error::bug("apk was not run"));
            };
            let gone = del.is_ok() && !still.iter().any(Ran::is_ok);
            let outcome = match gone {
                false => del.failure_with(&format!("failed to remove {list} package(s)"), &command),
                true => Outcome::changed().with("msg", format!("removed {list} package(s)")),
            };
            Ok(told(outcome, del, packages(&del.stdout)).into())
        })
    }
}

fn told(outcome: Outcome, ran: &Ran, packages: Vec<&str>) -> Outcome {
    outcome
        .with("stdout", ran.stdout.as_str())
        .with("stderr", ran.stderr.as_str())
        .with("packages", Value::strings(packages))
}

/// The packages of `(1/3) Installing musl (1.2.4-r2)`.
fn packages(stdout: &str) -> Vec<&str> {
    stdout.lines().filter_map(package).collect()
}

fn package(line: &str) -> Option<&str> {
    let (number, rest) = line.strip_prefix('(')?.split_once(')')?;
    let digits = number.split('/').all(|part| part.trim().parse::<u32>().is_ok());
    rest.split_whitespace().nth(1).filter(|_| digits)
}

/// Says whether the file of what was asked for names the package: `name`, `name@edge`, `name=1.2`.
fn is_in_world(name: &str, world: &str) -> bool {
    world.split_whitespace().any(|word| {
        word.strip_prefix(name)
            .is_some_and(|rest| rest.is_empty() || rest.len() > 1 && rest.starts_with(['@', '=', '<', '>', '~']))
    })
}

/// Says whether `apk version` tells a newer one: `musl-1.2.4-r2  < 1.2.5-r0`.
fn is_old(name: &str, versions: &str) -> bool {
    versions.lines().any(|line| {
        let mut words = line.split_whitespace();
        let known = words.next().and_then(|package| package.rsplitn(3, '-').nth(2));
        known == Some(name) && words.next() == Some("<")
    })
}

#[cfg(test)]
mod tests {
    use crate::entries;
    use crate::modules::driver::{Run, World};
    use crate::value::{Map, Value, to_json};

    const APK: &str = r#"
case $* in
(*--simulate*) dry=1 ;; (*) dry= ;; esac
world="$HOME/world"
case $* in
(*update) test ! -e "$HOME/offline" ;;
(*'info --installed '*) for last; do :; done; grep -q -x -e "$last" "$world" ;;
(*'info --description meta') echo 'meta: virtual meta package' ;;
(*'info --depends meta') printf 'meta-1 depends on:\nold\nnew\n' ;;
(*version) printf 'Installed:       Available:\nold-1.0-r1     < 1.1-r0\nnew-1.0-r0  = 1.0-r0\n' ;;
(*'add bad') echo 'ERROR: no such package'; exit 1 ;;
(*add*|*upgrade*) for last; do :; done; echo "(1/1) Installing $last (1-r0)"; test -n "$dry" || echo "$last" >>"$world" ;;
(*del*) for last; do :; done; echo "(1/1) Purging $last (1-r0)"; test -n "$dry" || { grep -v -x -e "$last" "$world" >"$HOME/w"; mv "$HOME/w" "$world"; } ;;
esac"#;

    fn run(world: &World, args: Map) -> Run<'_> {
        world.fake("apk", APK);
        if !world.path("world").exists() {
            world.write("world", "old\npinned=1.2\n");
        }
        Run::new("apk", world).path("world", "world").args(args)
    }

    #[test]
    fn packages_come_and_go_once() {
        for world in World::each() {
            let outcome = run(&world, entries! { "name" => "bash" }).expect_changed_then_ok();
            assert_eq!(outcome.text("msg"), Some("installed ['bash'] package(s)"));
            assert_eq!(to_json(outcome.data.get("packages").unwrap()), r#"["bash"]"#, "{}", world.shell_name());
            run(&world, entries! { "name" => "pinned,old" }).expect_ok();
            run(&world, entries! { "name" => "bash", "state" => "removed" }).expect_changed_then_ok();
            run(&world, entries! { "name" => "bad" }).expect_failed("failed to install ['bad']");
            run(&world, entries! { "name" => "old", "state" => "latest", "no_cache" => true }).expect_changed();
            assert_eq!(world.calls().last().unwrap(), "apk --no-cache add --upgrade old");
            run(&world, entries! { "name" => "meta", "state" => "latest", "update_cache" => true, "repository" => "http://x" }).expect_changed();
            assert_eq!(world.calls().last().unwrap(), "apk --repository http://x --repositories-file /dev/null add --upgrade old");
            run(&world, entries! { "upgrade" => true, "available" => true }).check().expect_changed();
            assert_eq!(world.calls().last().unwrap(), "apk upgrade --simulate --available");
            run(&world, entries! { "update_cache" => true }).expect_changed();
            world.write("offline", "");
            run(&world, entries! { "update_cache" => true, "name" => "old" }).expect_failed("could not update package db");
            run(&world, entries! { "name" => Value::strings([" "]) }).expect_failed("cannot be empty");
        }
    }
}
