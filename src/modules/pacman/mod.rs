#![doc = include_str!("page.md")]

mod inventory;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::commands::{Command, Ran, act, ask, command};
use crate::modules::{Cx, FreeForm, Module, RemotePath, Step, rules, words};
use crate::outcome::{Diff, Outcome};
use crate::value::{Map, Value};
use inventory::{Inventory, Package, printed};

/// The module.
pub static MODULE: Module = Module {
    name: "pacman",
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

crate::choices! {
    /// Why a package is there.
    Reason { Dependency = "dependency", Explicit = "explicit" }
}

crate::choices! {
    /// For which packages that is set.
    ReasonFor { All = "all", New = "new" }
}

args! {
    /// What `pacman` takes.
    Args {
        cachedir: Option<RemotePath>,
        config: Option<RemotePath>,
        executable: String = "pacman".to_owned(),
        extra_args: String = String::new(),
        force: bool = false,
        name: Vec<String> [package, pkg] = Vec::new(),
        reason: Option<Reason>,
        reason_for: ReasonFor = ReasonFor::New,
        remove_nosave: bool = false,
        root: Option<RemotePath>,
        state: State = State::Present,
        update_cache: Option<bool>,
        update_cache_extra_args: String = String::new(),
        upgrade: Option<bool>,
        upgrade_extra_args: String = String::new(),
    }
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let mut args = Args::read(args)?;
    args.name.retain(|name| !name.is_empty());
    let named = ("name", !args.name.is_empty());
    let upgrade = ("upgrade", args.upgrade.is_some());
    rules::one_of(&[named, ("update_cache", args.update_cache.is_some()), upgrade])?;
    rules::exclusive(&[named, upgrade])?;
    let split = |name: &str, text: &str| {
        words::split(text).map_err(|why| Error::input(format!("argument `{name}`: {why}")))
    };
    let task = Task {
        extra: split("extra_args", &args.extra_args)?,
        extra_update: split("update_cache_extra_args", &args.update_cache_extra_args)?,
        extra_upgrade: split("upgrade_extra_args", &args.upgrade_extra_args)?,
        args,
        cx: Arc::clone(cx),
        messages: Vec::new(),
        refreshed: None,
        said: Ran::default(),
    };
    Ok(match task.args.update_cache {
        Some(true) => task.refresh(),
        _ => task.look(),
    })
}

struct Task {
    args: Args,
    extra: Vec<String>,
    extra_update: Vec<String>,
    extra_upgrade: Vec<String>,
    cx: Arc<Cx>,
    messages: Vec<String>,
    /// Whether the lists of packages were fetched, and are different now.
    refreshed: Option<bool>,
    /// What pacman said about that.
    said: Ran,
}

impl Task {
    /// pacman with the options that all of its calls have.
    fn pacman(&self, words: &[&str]) -> Command {
        let mut all = vec![self.args.executable.clone()];
        let mut option = |name: &str, value: &Option<RemotePath>| {
            all.extend(value.iter().flat_map(|value| [name.to_owned(), value.0.clone()]));
        };
        option("--config", &self.args.config);
        option("--root", &self.args.root);
        if self.args.root.is_some() {
            option("--cachedir", &self.args.cachedir);
        }
        all.extend(command(words));
        all
    }

    /// The outcome with what is common to all ends.
    fn end(mut self, changed: bool, message: impl Into<String>) -> Outcome {
        self.messages.push(message.into());
        self.messages.retain(|message| !message.is_empty());
        let outcome = Outcome::new(changed || self.refreshed == Some(true)).with("msg", self.messages.join("\n"));
        let outcome = saying(outcome, &[self.said]);
        match self.refreshed {
            Some(updated) => outcome.with("cache_updated", updated),
            None => outcome,
        }
    }

    /// Fetches the lists of packages.
    fn refresh(mut self) -> Step {
        if self.cx.check {
            self.refreshed = Some(true);
            self.messages.push("Would have updated the package db".to_owned());
            return self.look();
        }
        let list = self.pacman(&["--sync", "--list"]);
        let mut refresh = self.pacman(&["--sync", "--refresh"]);
        refresh.extend(self.extra_update.iter().cloned());
        if self.args.force {
            refresh.push("--refresh".to_owned());
        }
        let questions = [list.clone(), refresh.clone(), list];
        ask(&questions, move |ran| {
            let [before, done, after] = &ran[..] else {
                return Err(Error::bug("pacman was not run"));
            };
            if !done.is_ok() {
                return Ok(done.failure_with("could not update package db", &refresh).into());
            }
            self.refreshed = Some(self.args.force || before.stdout != after.stdout);
            self.said = done.clone();
            self.messages.push("Updated package db".to_owned());
            Ok(self.look())
        })
    }

    fn look(self) -> Step {
        let upgrade = self.args.upgrade == Some(true);
        if self.args.name.is_empty() && !upgrade {
            let message = if self.refreshed.is_some() { "" } else { "Nothing to do" };
            return self.end(false, message).into();
        }
        let mut questions = vec![
            self.pacman(&["--query"]),
            self.pacman(&["--query", "--upgrades"]),
            self.pacman(&["--query", "--explicit"]),
        ];
        for name in &self.args.name {
            questions.push(self.pacman(&["--sync", "--groups", name]));
            questions.push(match inventory::is_file(name) {
                true => self.pacman(&["--upgrade", "--print-format", "%n", name]),
                false => command(&["true"]),
            });
        }
        ask(&questions, move |ran| {
            if let Some(missing) = ran.first().filter(|ran| ran.is_missing()) {
                return Ok(Outcome::failed(missing.stderr.as_str()).into());
            }
            let inventory = Inventory::read(&ran);
            if upgrade {
                return Ok(self.upgrade(&inventory));
            }
            let packages = match inventory.packages(&self.args.name, &ran, self.args.state == State::Absent) {
                Ok(packages) => packages,
                Err(outcome) => return Ok((*outcome).into()),
            };
            Ok(match self.args.state {
                State::Absent => self.remove(&inventory, &packages),
                State::Latest | State::Present => self.install(inventory, packages),
            })
        })
    }

    fn upgrade(self, inventory: &Inventory) -> Step {
        let upgrades = &inventory.upgrades;
        if upgrades.is_empty() {
            return self.end(false, "Nothing to upgrade").into();
        }
        let lines = |version: fn(&(String, String, String)) -> &str| -> String {
            upgrades.iter().map(|upgrade| format!("{}-{}\n", upgrade.0, version(upgrade))).collect()
        };
        let diff = Diff::of("", &lines(|upgrade| &upgrade.1), &lines(|upgrade| &upgrade.2));
        let names = Value::strings(upgrades.iter().map(|upgrade| upgrade.0.as_str()));
        let (check, shown) = (self.cx.check, self.cx.diff);
        let message = match check {
            true => format!("{} packages would have been upgraded", upgrades.len()),
            false => "System upgraded".to_owned(),
        };
        let mut words = self.pacman(&["--sync", "--sysupgrade", "--quiet", "--noconfirm"]);
        words.extend(self.extra_upgrade.iter().cloned());
        let outcome = self.end(true, message).with("packages", names);
        let outcome = outcome.with_diff(diff.filter(|_| shown));
        done(vec![words], "Could not upgrade", check, outcome)
    }

    fn remove(self, inventory: &Inventory, packages: &[Package]) -> Step {
        let names = packages.iter().filter(|package| inventory.has(&package.name));
        let names: Vec<String> = names.map(|package| package.name.clone()).collect();
        if names.is_empty() {
            return self.end(false, "package(s) already absent").with("packages", Value::list(Vec::new())).into();
        }
        let mut base = self.pacman(&["--remove", "--noconfirm", "--noprogressbar"]);
        base.extend(self.extra.iter().cloned());
        if self.args.force {
            base.extend(command(&["--nodeps", "--nodeps"]));
        }
        let listing = [base.clone(), command(&["--print-format", "%n-%v"]), names.clone()].concat();
        let nosave = if self.args.remove_nosave { command(&["--nosave"]) } else { Vec::new() };
        let removing = [base, nosave, names].concat();
        ask(std::slice::from_ref(&listing.clone()), move |ran| {
            let ran = ran.into_iter().next().unwrap_or_default();
            if !ran.is_ok() {
                return Ok(ran.failure_with("failed to list package(s) to remove", &listing).into());
            }
            let gone: Vec<&str> = ran.stdout.split_whitespace().collect();
            let (check, shown) = (self.cx.check, self.cx.diff);
            let message = match check {
                true => format!("Would have removed {} packages", gone.len()),
                false => format!("Removed {} package(s)", gone.len()),
            };
            let diff = Diff::of("", &(gone.join("\n") + "\n"), "");
            let outcome = self.end(true, message).with("packages", Value::strings(gone));
            let outcome = outcome.with_diff(diff.filter(|_| shown));
            Ok(done(vec![removing], "failed to remove package(s)", check, outcome))
        })
    }

    fn install(self, inventory: Inventory, packages: Vec<Package>) -> Step {
        let reasons: Vec<String> = packages
            .iter()
            .filter(|package| self.needs_reason(&inventory, package))
            .map(|package| package.name.clone())
            .collect();
        let latest = self.args.state == State::Latest;
        let (files, named): (Vec<Package>, Vec<Package>) = packages.into_iter().partition(|package| package.is_file);
        let wanted = named.into_iter().filter(|package| {
            !inventory.has(&package.name) || latest && inventory.is_old(&package.name)
        });
        let named: Vec<Package> = wanted.collect();
        if named.is_empty() && files.is_empty() && reasons.is_empty() {
            return self.installed_already();
        }
        let mut base = self.pacman(&["--noconfirm", "--noprogressbar", "--needed"]);
        base.extend(self.extra.iter().cloned());
        let sources = |packages: &[Package]| packages.iter().map(|package| package.source.clone()).collect::<Vec<_>>();
        let kinds: Vec<(&str, Vec<String>)> = [("--sync", sources(&named)), ("--upgrade", sources(&files))]
            .into_iter()
            .filter(|(_, sources)| !sources.is_empty())
            .collect();
        let with = |extra: &[&str]| -> Vec<Command> {
            let one = |(verb, sources): &(&str, Vec<String>)| {
                [base.clone(), command(&[verb]), command(extra), sources.clone()].concat()
            };
            kinds.iter().map(one).collect()
        };
        let questions = with(&["--print-format", "%n %v"]);
        let commands = with(&[]);
        match questions.is_empty() {
            true => self.finish(&inventory, &[], reasons, commands),
            false => ask(&questions.clone(), move |ran| {
                if let Some((ran, question)) = ran.iter().zip(&questions).find(|(ran, _)| !ran.is_ok()) {
                    return Ok(ran.failure_with("Failed to list package(s) to install", question).into());
                }
                Ok(self.finish(&inventory, &ran, reasons, commands))
            }),
        }
    }

    fn installed_already(self) -> Step {
        let outcome = self.end(false, "package(s) already installed");
        outcome.with("packages", Value::list(Vec::new())).into()
    }

    fn needs_reason(&self, inventory: &Inventory, package: &Package) -> bool {
        let Some(wanted) = self.args.reason else {
            return false;
        };
        match inventory.has(&package.name) {
            false => true,
            true => self.args.reason_for == ReasonFor::All && inventory.is_explicit(&package.name) != (wanted == Reason::Explicit),
        }
    }

    /// What pacman would install is known now.
    fn finish(self, inventory: &Inventory, ran: &[Ran], reasons: Vec<String>, mut commands: Vec<Command>) -> Step {
        let new: Vec<(String, String)> = ran.iter().flat_map(|ran| printed(&ran.stdout)).collect();
        if new.is_empty() && reasons.is_empty() {
            return self.installed_already();
        }
        let reason = self.args.reason.map_or("", Reason::word);
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for (name, version) in &new {
            let old_reason = inventory.reason(name);
            if let Some(old) = inventory.version(name) {
                before.push(format!("{name}-{old}-{}\n", old_reason.unwrap_or_default()));
            }
            let reason = if reasons.contains(name) { Some(reason) } else { old_reason };
            after.push(reason.map_or_else(|| format!("{name}-{version}\n"), |reason| format!("{name}-{version}-{reason}\n")));
        }
        before.sort();
        after.sort();
        let diff = Diff::of("", &before.concat(), &after.concat());
        let mut names: Vec<String> = new.into_iter().map(|(name, _)| name).collect();
        names.extend(reasons.iter().filter(|name| !names.contains(name)).cloned().collect::<Vec<_>>());
        names.sort();
        if !reasons.is_empty() {
            let flag = if self.args.reason == Some(Reason::Dependency) { "--asdeps" } else { "--asexplicit" };
            commands.push([self.pacman(&["--noconfirm", "--database", flag]), reasons].concat());
        }
        let (check, shown) = (self.cx.check, self.cx.diff);
        let message = match check {
            true => format!("Would have installed {} packages", names.len()),
            false => format!("Installed {} package(s)", names.len()),
        };
        let outcome = self.end(true, message).with("packages", Value::strings(names));
        let outcome = outcome.with_diff(diff.filter(|_| shown));
        done(commands, "Failed to install package(s)", check, outcome)
    }
}

/// Runs the commands, and ends with the outcome and what they said.
fn done(commands: Vec<Command>, failure: &'static str, check: bool, outcome: Outcome) -> Step {
    if check {
        return outcome.into();
    }
    act(commands, move |ran| Ok(saying(outcome, &ran).into()))
    .finally(move |outcome| match outcome.failed {
        true => outcome.with("msg", failure),
        false => outcome,
    })
}

/// The outcome with what the commands said, after what it tells already.
fn saying(outcome: Outcome, ran: &[Ran]) -> Outcome {
    let outcome = adding(outcome, "stdout", ran.iter().map(|ran| ran.stdout.as_str()));
    adding(outcome, "stderr", ran.iter().map(|ran| ran.stderr.as_str()))
}

fn adding<'a>(outcome: Outcome, key: &str, texts: impl Iterator<Item = &'a str>) -> Outcome {
    let mut all: Vec<String> = outcome.text(key).map(str::to_owned).into_iter().collect();
    all.extend(texts.filter(|text| !text.is_empty()).map(str::to_owned));
    match all.is_empty() {
        true => outcome,
        false => outcome.with(key, all.join("\n")),
    }
}
