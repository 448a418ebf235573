#![doc = include_str!("page.md")]

mod wanted;
mod xml;

use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::commands::{Command, Ran, ask, command};
use crate::modules::{Cx, FreeForm, Module, Step, rules};
use crate::outcome::{Diff, Outcome};
use crate::value::{Map, Value};
use wanted::Wanted;
use xml::Output;

/// The module.
pub static MODULE: Module = Module {
    name: "zypper",
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
        Absent = "absent",
        Installed = "installed",
        Latest = "latest",
        Present = "present",
        Removed = "removed",
        DistUpgrade = "dist-upgrade",
    }
}

crate::choices! {
    /// What is installed.
    Kind {
        Package = "package",
        Patch = "patch",
        Pattern = "pattern",
        Product = "product",
        Srcpackage = "srcpackage",
        Application = "application",
    }
}

args! {
    /// What `zypper` takes.
    Args {
        allow_vendor_change: bool = false,
        auto_import_keys: bool = false,
        clean_deps: bool = false,
        disable_gpg_check: bool = false,
        disable_recommends: bool = true,
        extra_args: Option<String>,
        extra_args_precommand: Option<String>,
        force: bool = false,
        force_resolution: bool = false,
        install_recommends: Option<bool>,
        name: Vec<String> [pkg],
        oldpackage: bool = false,
        quiet: bool = true,
        replacefiles: bool = false,
        simple_errors: bool = false,
        skip_post_errors: bool = false,
        state: State = State::Present,
        r#type: Kind = Kind::Package,
        update_cache: bool [refresh] = false,
    }
}

/// Says whether the root can only be changed by `transactional-update`.
const TRANSACTIONAL: &str = "test -e /usr/sbin/transactional-update && \
    grep -q '^[^ ]* / btrfs \\(ro\\|[^ ]*,ro\\)[ ,]' /proc/mounts";

fn plan(map: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let mut args = Args::read(map)?;
    rules::exclusive(&[
        ("disable_recommends", map.contains("disable_recommends")),
        ("install_recommends", args.install_recommends.is_some()),
    ])?;
    args.name.retain(|name| !name.is_empty());
    let all = args.name == ["*"];
    if args.state == State::DistUpgrade && !all {
        return Err(Error::input("Can not dist-upgrade specific packages."));
    }
    let task = Task {
        wanted: Wanted::all(&args.name, matches!(args.state, State::Absent | State::Removed)),
        args,
        cx: Arc::clone(cx),
        transactional: false,
    };
    task.check()?;
    let questions = task.questions();
    Ok(ask(&questions, move |ran| Ok(task.decide(&ran))))
}

struct Task {
    args: Args,
    wanted: Wanted,
    cx: Arc<Cx>,
    transactional: bool,
}

impl Task {
    fn removes(&self) -> bool {
        matches!(self.args.state, State::Absent | State::Removed)
    }

    /// Everything is brought to its newest version.
    fn updates_all(&self) -> bool {
        self.args.name == ["*"] && matches!(self.args.state, State::Latest | State::DistUpgrade)
    }

    fn check(&self) -> Result<()> {
        let wrong = |message: &str| Err(Error::input(message));
        if !self.removes() {
            return Ok(());
        }
        if self.wanted.packages.iter().any(|package| package.install) {
            return wrong("Can not combine '+' prefix with state=remove/absent.");
        }
        if !self.wanted.urls.is_empty() {
            return wrong("Can not remove via URL.");
        }
        match self.args.r#type {
            Kind::Patch => wrong("Can not remove patches."),
            _ => Ok(()),
        }
    }

    /// Whether the system is one of transactions; the lists of packages; what is installed.
    fn questions(&self) -> Vec<Command> {
        let mut questions = vec![command(&["sh", "-c", TRANSACTIONAL])];
        if self.refreshes() {
            questions.push(self.zypper("refresh", false));
        }
        let names = self.names_to_ask();
        if !names.is_empty() {
            let mut search = self.zypper("search", false);
            search.extend(command(&["--match-exact", "--details", "--installed-only"]));
            search.extend(names);
            questions.push(search);
        }
        questions
    }

    fn refreshes(&self) -> bool {
        self.args.update_cache && !self.cx.check
    }

    /// Of packages with a version zypper finds out itself whether they are there.
    fn names_to_ask(&self) -> Vec<String> {
        let asks = |package: &&wanted::Package| match self.args.state {
            _ if self.updates_all() => false,
            State::Latest => false,
            _ => self.removes() || package.version.is_empty(),
        };
        self.wanted.packages.iter().filter(asks).map(|package| package.name.clone()).collect()
    }

    fn decide(mut self, ran: &[Ran]) -> Step {
        let mut ran = ran.iter();
        self.transactional = ran.next().is_some_and(Ran::is_ok);
        if self.refreshes() {
            let refresh = ran.next().cloned().unwrap_or_default();
            if !refresh.is_ok() {
                return refresh.failure_with("Zypper refresh run failed.", &self.zypper("refresh", false)).into();
            }
        }
        let installed: Vec<String> = match ran.next() {
            None => Vec::new(),
            Some(search) if search.rc == 104 => Vec::new(),
            Some(search) => match Output::read(&search.stdout) {
                Some(output) if matches!(search.rc, 0 | 102 | 103 | 106 | 107) => {
                    output.solvables.into_iter().map(|solvable| solvable.name).collect()
                }
                _ => return self.broken(search, &self.zypper("search", false)).into(),
            },
        };
        let Some(words) = self.words(&installed) else {
            return self.end(Outcome::ok()).with("rc", 0).into();
        };
        self.run(words, Output::default(), true)
    }

    /// What zypper is told; nothing where nothing is to be done.
    fn words(&mut self, installed: &[String]) -> Option<Command> {
        if self.updates_all() {
            let verb = match (self.args.r#type, self.args.state) {
                (Kind::Patch, _) => "patch",
                (_, State::DistUpgrade) => "dist-upgrade",
                _ => "update",
            };
            return Some(self.zypper(verb, true));
        }
        let here = |name: &String| installed.contains(name);
        if self.removes() {
            let gone = self.wanted.packages.iter().filter(|package| here(&package.name));
            let names: Vec<String> = gone.map(|package| format!("{}{}", package.name, package.version)).collect();
            return (!names.is_empty()).then(|| [self.zypper("remove", true), names].concat());
        }
        // An older version may be asked for.
        self.args.oldpackage |= self.wanted.packages.iter().any(|package| !package.version.is_empty());
        let latest = self.args.state == State::Latest;
        let differs = |package: &&wanted::Package| latest || package.install != here(&package.name);
        let names = self.wanted.packages.iter().filter(differs).map(wanted::Package::text);
        let names: Vec<String> = self.wanted.urls.iter().cloned().chain(names).collect();
        (!names.is_empty()).then(|| [self.zypper("install", true), command(&["--"]), names].concat())
    }

    /// Runs it, once more where zypper was upgraded itself (103) or scripts failed that may (107).
    fn run(self, words: Command, mut known: Output, first: bool) -> Step {
        ask(std::slice::from_ref(&words.clone()), move |ran| {
            let ran = ran.into_iter().next().unwrap_or_default();
            let Some(output) = Output::read(&ran.stdout) else {
                return Ok(self.broken(&ran, &words).into());
            };
            if ran.rc == 104 {
                let message = output.messages.last().cloned().unwrap_or_default();
                return Ok(ran.failure_with(&message, &words).into());
            }
            if !matches!(ran.rc, 0 | 102 | 103 | 106 | 107) {
                return Ok(self.broken(&ran, &words).into());
            }
            known.solvables.retain(|solvable| !output.solvables.iter().any(|new| new.name == solvable.name));
            known.solvables.extend(output.solvables);
            known.messages = output.messages;
            let again = ran.rc == 103 || ran.rc == 107 && self.args.skip_post_errors;
            match first && again {
                true => Ok(self.run(words, known, false)),
                false => Ok(self.done(&ran, &words, &known).into()),
            }
        })
    }

    fn done(&self, ran: &Ran, words: &[String], output: &Output) -> Outcome {
        let well = matches!(ran.rc, 0 | 102);
        let mut outcome = match well {
            true => self.end(Outcome::new(!output.solvables.is_empty())),
            false => ran.failure_with("Zypper run failed.", words),
        };
        outcome = outcome
            .with("rc", ran.rc)
            .with("cmd", ran.words(words));
        if self.cx.diff {
            outcome.diff.extend(difference(output));
        }
        if !well || outcome.changed {
            outcome = outcome.with("stdout", self.said(&ran.stdout)).with("stderr", ran.stderr.as_str());
        }
        outcome
    }

    fn end(&self, outcome: Outcome) -> Outcome {
        outcome
            .with("name", Value::strings(self.args.name.iter().map(String::as_str)))
            .with("state", self.args.state.word())
            .with("update_cache", self.args.update_cache)
    }

    fn broken(&self, ran: &Ran, words: &[String]) -> Outcome {
        if ran.is_missing() {
            return Outcome::failed(ran.stderr.as_str());
        }
        let message = format!("Zypper run command failed with return code {}.", ran.rc);
        ran.failure_with(&message, words).with("stdout", self.said(&ran.stdout))
    }

    /// zypper's output, or the messages in it.
    fn said(&self, stdout: &str) -> String {
        let messages = Output::read(stdout).map(|output| output.messages).unwrap_or_default();
        match self.args.simple_errors && !messages.is_empty() {
            true => messages.join(" \n"),
            false => stdout.to_owned(),
        }
    }

    /// zypper with a subcommand and its options.
    fn zypper(&self, verb: &str, acts: bool) -> Command {
        let args = &self.args;
        let installs = matches!(verb, "install" | "update" | "patch" | "dist-upgrade");
        let mut words = Vec::new();
        if acts && self.transactional {
            words.extend(command(&["transactional-update", "--continue", "--drop-if-no-change", "--quiet", "run"]));
        }
        words.extend(command(&["zypper", "--non-interactive", "--xmlout"]));
        let mut add = |on: bool, word: &str| words.extend(on.then(|| word.to_owned()));
        add(args.quiet, "--quiet");
        for word in args.extra_args_precommand.iter().flat_map(|words| words.split_whitespace()) {
            add(true, word);
        }
        add((installs || verb == "refresh") && args.disable_gpg_check, "--no-gpg-checks");
        add(installs && args.auto_import_keys, "--gpg-auto-import-keys");
        add(verb == "search", "--disable-repositories");
        add(true, verb);
        if !matches!(verb, "patch" | "dist-upgrade" | "refresh") {
            add(true, "--type");
            add(true, args.r#type.word());
        }
        add(self.cx.check && verb != "search", "--dry-run");
        if installs {
            add(true, "--auto-agree-with-licenses");
            match args.install_recommends {
                Some(true) => add(true, "--recommends"),
                Some(false) => add(true, "--no-recommends"),
                None => add(args.disable_recommends, "--no-recommends"),
            }
            add(args.force, "--force");
            add(args.force_resolution, "--force-resolution");
            add(args.oldpackage, "--oldpackage");
            add(args.replacefiles, "--replacefiles");
        }
        add(verb == "remove" && args.clean_deps, "--clean-deps");
        add(verb == "dist-upgrade" && args.allow_vendor_change, "--allow-vendor-change");
        for word in args.extra_args.iter().flat_map(|words| words.split_whitespace()) {
            add(true, word);
        }
        words
    }
}

/// What differs, as the reference writes it.
fn difference(output: &Output) -> Option<Diff> {
    let upgraded: Vec<String> = output
        .solvables
        .iter()
        .filter(|solvable| solvable.group == "to-upgrade")
        .map(|solvable| format!("{} ({} => {})", solvable.name, solvable.old, solvable.edition))
        .collect();
    let mut text = String::new();
    for (word, names) in [
        ("installed", output.names("to-install").join(", ")),
        ("removed", output.names("to-remove").join(", ")),
        ("upgraded", upgraded.join(", ")),
    ] {
        if !names.is_empty() {
            text.push_str(&format!("{word}: {names}\n"));
        }
    }
    (!text.is_empty()).then_some(Diff::Prepared(text))
}

#[cfg(test)]
mod tests;
