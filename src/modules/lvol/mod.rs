#![doc = include_str!("page.md")]

mod size;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::commands::{Command, Ran, act, ask, command};
use crate::modules::{Cx, FreeForm, Module, Step, rules, words};
use crate::outcome::Outcome;
use crate::value::Map;
use size::{Group, Volume, Wanted};

/// The module.
pub static MODULE: Module = Module {
    name: "lvol",
    collection: "community.general",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

crate::choices! {
    /// Whether the volume is there.
    State { Absent = "absent", Present = "present" }
}

args! {
    /// What `lvol` takes.
    Args {
        active: bool = true,
        force: bool = false,
        lv: Option<String>,
        opts: Option<String>,
        pvs: Vec<String> = Vec::new(),
        resizefs: bool = false,
        shrink: bool = true,
        size: Option<String>,
        snapshot: Option<String>,
        state: State = State::Present,
        thinpool: Option<String>,
        vg: String,
    }
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(args)?;
    rules::one_of(&[("lv", args.lv.is_some()), ("thinpool", args.thinpool.is_some())])?;
    let size = args.size.as_deref().filter(|size| !size.is_empty());
    let size = size.map(|size| Wanted::parse(size, args.snapshot.is_some())).transpose()?;
    let opts = words::split(args.opts.as_deref().unwrap_or_default())
        .map_err(|why| Error::input(format!("argument `opts`: {why}")))?;
    let units = size.as_ref().map_or("m", Wanted::units).to_lowercase();
    let task = Task { args, size, opts, check: cx.check };
    let list = |program: &str, more: &[&str], fields: &str| {
        let mut words = command(&[program]);
        words.extend(command(more));
        words.extend(command(&["--noheadings", "--nosuffix", "--units", &units, "--separator", ";", "-o", fields, &task.args.vg]));
        words
    };
    let questions = [
        list("vgs", &[], "vg_name,size,free,vg_extent_size"),
        list("lvs", &["-a"], "lv_name,size,lv_attr"),
    ];
    Ok(ask(&questions, move |ran| task.decide(&ran)))
}

struct Task {
    args: Args,
    size: Option<Wanted>,
    opts: Vec<String>,
    check: bool,
}

impl Task {
    fn decide(self, ran: &[Ran]) -> Result<Step> {
        if let Some(ran) = ran.iter().find(|ran| !ran.is_ok()) {
            let message = format!("Volume group {} does not exist.", self.args.vg);
            return Ok(match self.args.state {
                _ if ran.is_missing() => Outcome::failed(ran.stderr.as_str()),
                State::Absent => Outcome::ok().with("stdout", message),
                State::Present => Outcome::failed(message).with("rc", ran.rc).with("err", ran.stderr.as_str()),
            }
            .into());
        }
        let [groups, volumes] = ran else {
            return Err(Error::bug("lvm was not asked"));
        };
        let group = groups.stdout.lines().find_map(Group::parse);
        let group = group.ok_or_else(|| Error::input(format!("vgs says nothing of {}", self.args.vg)))?;
        let volumes: Vec<Volume> = volumes.stdout.lines().filter_map(Volume::parse).collect();
        let name = self.name(&volumes)?;
        let short = name.rsplit('/').next().unwrap_or(&name).to_owned();
        let known = volumes.iter().find(|volume| volume.name == name || volume.name == short).cloned();
        match (known, self.args.state) {
            (None, State::Absent) => Ok(Outcome::ok().with("msg", "").into()),
            (None, State::Present) => self.create(&volumes),
            (Some(known), State::Absent) => self.remove(&known),
            (Some(known), State::Present) => self.keep(&known, &group),
        }
    }

    /// The name of the volume that is meant.
    fn name(&self, volumes: &[Volume]) -> Result<String> {
        let args = &self.args;
        let find = |name: &Option<String>| volumes.iter().find(|volume| Some(&volume.name) == name.as_ref());
        let lv = args.lv.clone().unwrap_or_default();
        if let Some(snapshot) = &args.snapshot {
            let origin = find(&args.lv).or_else(|| find(&args.thinpool)).ok_or_else(|| {
                Error::input(format!("Snapshot origin LV {lv} does not exist in volume group {}.", args.vg))
            })?;
            if origin.thinpool || args.thinpool.is_some() {
                return Err(Error::input("Snapshots of thin pool LVs are not supported."));
            }
            return Ok(snapshot.clone());
        }
        match (&args.thinpool, &args.lv) {
            (Some(pool), Some(lv)) => match find(&args.thinpool) {
                Some(_) => Ok(lv.clone()),
                None => Err(Error::input(format!("Thin pool LV {pool} does not exist in volume group {}.", args.vg))),
            },
            (Some(pool), None) => Ok(pool.clone()),
            (None, _) => Ok(lv),
        }
    }

    fn create(self, volumes: &[Volume]) -> Result<Step> {
        let args = &self.args;
        if let Some(wanted) = &self.size {
            wanted.check_for_creation()?;
        }
        let thin = volumes.iter().any(|volume| Some(&volume.name) == args.lv.as_ref() && volume.thinvol);
        if self.size.is_none() && !(thin && args.snapshot.is_some()) {
            return Err(Error::input("No size given."));
        }
        let mut words = command(&["lvcreate"]);
        words.extend(self.check.then(|| "--test".to_owned()));
        words.push("--yes".to_owned());
        let lv = args.lv.clone().unwrap_or_default();
        let size = |flag: Option<&str>| -> Vec<String> {
            self.size
                .as_ref()
                .map(|size| vec![flag.unwrap_or(size.flag()).to_owned(), size.text()])
                .unwrap_or_default()
        };
        match (&args.snapshot, &args.thinpool, &args.lv) {
            (Some(snapshot), _, _) => {
                words.extend(size(None));
                words.extend(command(&["-s", "-n", snapshot]));
                words.extend(self.opts.iter().cloned());
                words.push(format!("{}/{lv}", args.vg));
            }
            (None, Some(pool), Some(lv)) => {
                if self.size.as_ref().is_some_and(Wanted::is_share) {
                    return Err(Error::input("Thin volume sizing with percentage not supported."));
                }
                words.extend(command(&["-n", lv]));
                words.extend(size(Some("-V")));
                words.extend(self.opts.iter().cloned());
                words.extend(command(&["-T", &format!("{}/{pool}", args.vg)]));
            }
            (None, Some(pool), None) => {
                words.extend(size(None));
                words.extend(self.opts.iter().cloned());
                words.extend(command(&["-T", &format!("{}/{pool}", args.vg)]));
                words.extend(args.pvs.iter().cloned());
            }
            (None, None, _) => {
                words.extend(command(&["-n", &lv]));
                words.extend(size(None));
                words.extend(self.opts.iter().cloned());
                words.push(args.vg.clone());
                words.extend(args.pvs.iter().cloned());
            }
        }
        let outcome = Outcome::changed().with("msg", "");
        Ok(told(words, format!("Creating logical volume '{lv}' failed"), outcome))
    }

    fn remove(self, known: &Volume) -> Result<Step> {
        let name = &known.name;
        if !self.args.force {
            return Err(Error::input(format!("Sorry, no removal of logical volume {name} without force=true.")));
        }
        let mut words = command(&["lvremove"]);
        words.extend(self.check.then(|| "--test".to_owned()));
        words.extend(command(&["--force", &format!("{}/{name}", self.args.vg)]));
        let message = format!("Failed to remove logical volume {}", self.args.lv.as_deref().unwrap_or(name));
        Ok(told(words, message, Outcome::changed()))
    }

    /// A volume that is there: its size, and whether it is active.
    fn keep(self, known: &Volume, group: &Group) -> Result<Step> {
        let tool = match &self.size {
            None => None,
            Some(size) => size.tool(known, group, self.args.shrink, self.args.force)?,
        };
        let Some(tool) = tool else {
            return Ok(self.activate(known, false));
        };
        let size = self.size.as_ref().map(|size| (size.flag(), size.signed())).unwrap_or_default();
        let mut words = command(&[tool]);
        words.extend(self.check.then(|| "--test".to_owned()));
        words.extend((tool == "lvreduce").then(|| "--force".to_owned()));
        words.extend(self.args.resizefs.then(|| "--resizefs".to_owned()));
        words.extend(command(&[size.0, &size.1, &format!("{}/{}", self.args.vg, known.name)]));
        words.extend(self.args.pvs.iter().cloned());
        let known = known.clone();
        Ok(ask(std::slice::from_ref(&words.clone()), move |ran| {
            let ran = ran.into_iter().next().unwrap_or_default();
            let said = format!("{}\n{}", ran.stdout, ran.stderr);
            if ran.is_ok() && !ran.stdout.contains("Reached maximum COW size") {
                return Ok(self.activate(&known, true));
            }
            let same = self.end(&known, false);
            if said.contains("matches existing size") {
                return Ok(same.into());
            }
            if said.contains("not larger than existing size") {
                let same = same.with("msg", "Original size is larger than requested size");
                return Ok(same.with("err", ran.stderr.as_str()).into());
            }
            let lv = self.args.lv.as_deref().unwrap_or(&known.name);
            let wanted = self.size.as_ref().map(Wanted::text).unwrap_or_default();
            let message = format!("Unable to resize {lv} to {wanted}");
            Ok(ran.failure_with(&message, &words).with("err", ran.stderr.as_str()).into())
        }))
    }

    fn activate(self, known: &Volume, changed: bool) -> Step {
        let differs = known.active != self.args.active;
        let outcome = self.end(known, changed || differs);
        if !differs || self.check {
            return outcome.into();
        }
        let (flag, verb) = if self.args.active { ("-ay", "activate") } else { ("-an", "deactivate") };
        let words = command(&["lvchange", flag, &format!("{}/{}", self.args.vg, known.name)]);
        let lv = self.args.lv.as_deref().unwrap_or(&known.name);
        told(words, format!("Failed to {verb} logical volume {lv}"), outcome)
    }

    fn end(&self, known: &Volume, changed: bool) -> Outcome {
        Outcome::new(changed)
            .with("vg", self.args.vg.as_str())
            .with("lv", known.name.as_str())
            .with("size", known.size)
    }
}

/// Runs it and ends; with another message where it fails.
fn told(words: Command, message: String, outcome: Outcome) -> Step {
    act(vec![words], |_| Ok(outcome.into())).finally(move |outcome| match outcome.failed {
        true => {
            let err = outcome.text("stderr").unwrap_or_default().to_owned();
            outcome.with("msg", message).with("err", err)
        }
        false => outcome,
    })
}
