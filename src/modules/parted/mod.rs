#![doc = include_str!("page.md")]

mod print;

use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::commands::{Command, Ran, ask, command};
use crate::modules::{Cx, FreeForm, Module, Step, rules};
use crate::outcome::Outcome;
use crate::value::{Map, Value};
use print::{Disk, Size};

/// The module.
pub static MODULE: Module = Module {
    name: "parted",
    collection: "community.general",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

crate::choices! {
    /// How new partitions are aligned.
    Align {
        Cylinder = "cylinder", Minimal = "minimal", None = "none", Optimal = "optimal", Undefined = "undefined",
    }
}

crate::choices! {
    /// The kind of the table.
    Label {
        Aix = "aix", Amiga = "amiga", Bsd = "bsd", Dvh = "dvh", Gpt = "gpt", Loop = "loop", Mac = "mac",
        Msdos = "msdos", Pc98 = "pc98", Sun = "sun",
    }
}

crate::choices! {
    /// The kind of a partition.
    PartType { Extended = "extended", Logical = "logical", Primary = "primary" }
}

crate::choices! {
    /// Whether the partition is there, or only told of.
    State { Absent = "absent", Present = "present", Info = "info" }
}

crate::choices! {
    /// What sizes are counted in.
    Unit {
        S = "s", B = "B", Kb = "KB", Kib = "KiB", Mb = "MB", Mib = "MiB", Gb = "GB", Gib = "GiB", Tb = "TB",
        Tib = "TiB", Percent = "%", Cyl = "cyl", Chs = "chs", Compact = "compact",
    }
}

args! {
    /// What `parted` takes.
    Args {
        align: Align = Align::Optimal,
        device: String,
        flags: Option<Vec<String>>,
        fs_type: Option<String>,
        label: Label = Label::Msdos,
        name: Option<String>,
        number: Option<i64>,
        part_end: String = "100%".to_owned(),
        part_start: String = "0%".to_owned(),
        part_type: PartType = PartType::Primary,
        resize: bool = false,
        state: State = State::Info,
        unit: Unit = Unit::Kib,
        unit_preserve_case: bool = false,
    }
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(args)?;
    let needs = matches!(args.state, State::Absent | State::Present);
    rules::required_if(
        needs,
        &format!("`state` is `{}`", args.state.word()),
        &[("number", args.number.is_some())],
    )?;
    if args.number.is_some_and(|number| number < 1) {
        return Err(Error::input("The partition number must be greater then 0."));
    }
    for (name, text) in [("part_start", &args.part_start), ("part_end", &args.part_end)] {
        if !Size::parse(text).is_some_and(|size| size.has_known_unit()) {
            return Err(Error::input(format!(
                "The argument '{name}' doesn't respect required format.The size unit is case sensitive."
            )));
        }
    }
    let task = Task { args, check: cx.check, script: Vec::new() };
    let questions = [command(&["parted", "--version"]), task.print()];
    Ok(ask(&questions, move |ran| {
        let [version, print] = &ran[..] else {
            return Err(Error::bug("parted was not asked"));
        };
        if !version.is_ok() {
            return Ok(version.failure(&command(&["parted", "--version"])).into());
        }
        let fix = has_fix(&version.stdout);
        match task.read(print) {
            Ok(disk) => Ok(task.decide(disk, fix)),
            Err(outcome) => Ok((*outcome).into()),
        }
    }))
}

struct Task {
    args: Args,
    check: bool,
    /// What parted was told so far.
    script: Vec<String>,
}

impl Task {
    fn print(&self) -> Command {
        command(&["parted", "-s", "-m", &self.args.device, "--", "unit", self.args.unit.word(), "print"])
    }

    fn read(&self, ran: &Ran) -> std::result::Result<Disk, Box<Outcome>> {
        let known = ran.is_ok() || format!("{}{}", ran.stderr, ran.stdout).contains("unrecognised disk label");
        let disk = Disk::read(&ran.stdout, self.args.unit.word(), self.args.unit_preserve_case).filter(|_| known);
        disk.ok_or_else(|| {
            let words = self.print();
            let message = format!("Error while getting device information with parted script: '{}'", words.join(" "));
            Box::new(ran.failure_with(&message, &words).with("out", ran.stdout.as_str()).with("err", ran.stderr.as_str()))
        })
    }

    fn number(&self) -> String {
        self.args.number.unwrap_or_default().to_string()
    }

    fn decide(mut self, disk: Disk, fix: bool) -> Step {
        match self.args.state {
            State::Info => {
                self.script = command(&["unit", self.args.unit.word(), "print"]);
                self.end(false, &disk).into()
            }
            State::Absent if disk.partition(self.args.number).is_none() => self.end(false, &disk).into(),
            State::Absent => {
                let script = command(&["rm", &self.number()]);
                self.run(script, disk, fix, |task, disk| task.end(true, &disk).into())
            }
            State::Present => {
                let script = self.creation(&disk);
                match script.is_empty() {
                    true => self.adjust(false, disk, fix),
                    false => self.run(script, disk, fix, move |task, disk| task.adjust(true, disk, fix)),
                }
            }
        }
    }

    /// The table and the partition, or its size.
    fn creation(&self, disk: &Disk) -> Vec<String> {
        let args = &self.args;
        let mut script = Vec::new();
        let relabel = disk.table != args.label.word();
        if relabel {
            script.extend(command(&["mklabel", args.label.word()]));
        }
        let known = disk.partition(args.number);
        if relabel || known.is_none() {
            script.extend(command(&["mkpart", args.part_type.word()]));
            script.extend(args.fs_type.clone());
            script.extend([args.part_start.clone(), args.part_end.clone()]);
        }
        if !script.is_empty() {
            script = [command(&["unit", args.unit.word()]), script].concat();
        }
        if let Some(partition) = known.filter(|_| args.resize)
            && partition.ends_elsewhere(&args.part_end, args.unit.word(), disk)
        {
            script.extend(command(&["resizepart", &self.number(), &args.part_end]));
        }
        script
    }

    /// The name and the flags.
    fn adjust(self, changed: bool, disk: Disk, fix: bool) -> Step {
        let args = &self.args;
        let fresh = self.check && changed;
        let known = disk.partition(args.number).filter(|_| !fresh);
        if known.is_none() && !self.check {
            return self.end(changed, &disk).into();
        }
        let mut script = Vec::new();
        if let Some(name) = &args.name
            && known.map(|partition| partition.name.as_str()) != Some(name.as_str())
        {
            script.extend(command(&["name", &self.number(), &format!("\"{name}\"")]));
        }
        if let Some(flags) = args.flags.as_ref().filter(|flags| !flags.is_empty()) {
            let now = known.map(|partition| partition.flags.as_slice()).unwrap_or_default();
            script.extend(self.flags(flags, now));
        }
        if script.is_empty() {
            return self.end(changed, &disk).into();
        }
        script = [command(&["unit", args.unit.word()]), script].concat();
        self.run(script, disk, fix, |task, disk| task.end(true, &disk).into())
    }

    /// What has to be set and unset. parted sets `boot` with `esp`.
    fn flags(&self, wanted: &[String], now: &[String]) -> Vec<String> {
        let boot = wanted.iter().any(|flag| flag == "esp") && !wanted.iter().any(|flag| flag == "boot");
        let mut wanted = wanted.to_vec();
        wanted.extend(boot.then(|| "boot".to_owned()));
        // Some builds tell the types of msdos partitions, which are no flags.
        let now: Vec<&String> = now.iter().filter(|flag| !flag.starts_with("type=")).collect();
        let on = wanted.iter().filter(|flag| !now.contains(flag)).map(|flag| (flag, "on"));
        let off = now.iter().filter(|flag| !wanted.contains(flag)).map(|flag| (*flag, "off"));
        on.chain(off).flat_map(|(flag, state)| command(&["set", &self.number(), flag, state])).collect()
    }

    /// Tells parted, looks again, and goes on; in check mode nothing is told.
    fn run(
        mut self,
        script: Vec<String>,
        disk: Disk,
        fix: bool,
        then: impl FnOnce(Task, Disk) -> Step + Send + 'static,
    ) -> Step {
        self.script.extend(script.iter().cloned());
        if self.check {
            return then(self, disk);
        }
        let mut words = command(&["parted", "-s"]);
        words.extend(fix.then(|| "-f".to_owned()));
        words.push("-m".to_owned());
        if self.args.align != Align::Undefined {
            words.extend(command(&["-a", self.args.align.word()]));
        }
        words.extend(command(&[&self.args.device, "--"]));
        words.extend(script);
        ask(&[words.clone(), self.print()], move |ran| {
            let [done, print] = &ran[..] else {
                return Err(Error::bug("parted was not run"));
            };
            if !done.is_ok() {
                let message = format!("Error while running parted script: {}", words.join(" "));
                let outcome = done.failure_with(&message, &words);
                return Ok(outcome.with("out", done.stdout.as_str()).with("err", done.stderr.as_str()).into());
            }
            match self.read(print) {
                Ok(disk) => Ok(then(self, disk)),
                Err(outcome) => Ok((*outcome).into()),
            }
        })
    }

    fn end(&self, changed: bool, disk: &Disk) -> Outcome {
        Outcome::new(changed)
            .with("disk", disk.to_value())
            .with("partitions", disk.partitions_value())
            .with("script", Value::strings(self.script.iter().map(String::as_str)))
    }
}

/// From version 3.4.64 on parted repairs what is wrong without asking.
fn has_fix(version: &str) -> bool {
    let text = version.lines().next().and_then(|line| line.rsplit(' ').next()).unwrap_or_default();
    let number = |part: Option<&str>| part.and_then(|part| part.split('-').next()?.parse::<u32>().ok()).unwrap_or(0);
    let mut parts = text.split('.');
    let version = (number(parts.next()), number(parts.next()), number(parts.next()));
    version >= (3, 4, 64)
}

#[cfg(test)]
mod tests;
