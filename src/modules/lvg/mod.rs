#![doc = include_str!("page.md")]

#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::commands::{COMMANDS, Command, Ran, assign, command, finish, read};
use crate::modules::{Cx, FreeForm, Module, Step, rules, words};
use crate::outcome::Outcome;
use crate::shell::{Fragment, Reply, Script};
use crate::value::Map;

/// The module.
pub static MODULE: Module = Module {
    name: "lvg",
    collection: "community.general",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "lvg",
    text: include_str!("lvg.sh"),
    needs: &[&COMMANDS],
};

crate::choices! {
    /// Whether the group is there, and can be used.
    State { Absent = "absent", Present = "present", Active = "active", Inactive = "inactive" }
}

args! {
    /// What `lvg` takes.
    Args {
        force: bool = false,
        pesize: String = "4".to_owned(),
        pv_options: String = String::new(),
        pvresize: bool = false,
        pvs: Vec<String> = Vec::new(),
        remove_extra_pvs: bool = true,
        reset_pv_uuid: bool = false,
        reset_vg_uuid: bool = false,
        state: State = State::Present,
        vg: String,
        vg_options: String = String::new(),
    }
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let mut args = Args::read(args)?;
    args.pvs.retain(|device| !device.is_empty());
    rules::required_if(args.reset_pv_uuid, "`reset_pv_uuid` is true", &[("pvs", !args.pvs.is_empty())])?;
    let split = |name: &str, text: &str| {
        words::split(text).map_err(|why| Error::input(format!("argument `{name}`: {why}")))
    };
    let pv_options = split("pv_options", &args.pv_options)?;
    let vg_options = split("vg_options", &args.vg_options)?;
    let mut questions = vec![
        command(&["vgs", "--noheadings", "--separator", ";", "-o", "vg_name,pv_count,lv_count"]),
        command(&[
            "pvs", "--noheadings", "--nosuffix", "--units", "b", "--separator", ";", "-o",
            "pv_name,vg_name,dev_size,pv_size,pe_start,vg_extent_size",
        ]),
    ];
    if matches!(args.state, State::Active | State::Inactive) {
        let attributes = |fields: &str| command(&["vgs", "--noheadings", "--separator", ";", "-o", fields, &args.vg]);
        questions.push(attributes("lv_attr,autoactivation"));
        questions.push(attributes("lv_attr"));
        questions.push(command(&["vgcreate", "--help"]));
    }
    let script = Script::call(&SHELL, "lvg_probe").list("devices", &args.pvs);
    let check = cx.check;
    Ok(Step::run(assign(script, &questions, false), move |reply| {
        let ran = read(&reply);
        if let Some(ran) = ran.iter().take(2).find(|ran| !ran.is_ok()) {
            return Ok(ran.failure(&command(&["lvm"])).into());
        }
        let seen = Seen::read(&args, &ran, &reply)?;
        let task = Task { args, pv_options, vg_options, seen, commands: Vec::new() };
        task.step(check)
    }))
}

/// A physical volume.
struct Physical {
    /// What its name leads to.
    real: String,
    group: String,
    grows: bool,
}

/// What the host has.
struct Seen {
    devices: Vec<String>,
    /// How many volumes the group has; nothing where there is no such group.
    volumes: Option<u64>,
    physical: Vec<Physical>,
    active: usize,
    inactive: usize,
    /// Whether the group is activated at boot; nothing where LVM cannot say.
    automatic: Option<bool>,
    knows_automatic: bool,
}

impl Seen {
    fn read(args: &Args, ran: &[Ran], reply: &Reply) -> Result<Seen> {
        let devices = reply.all("device");
        let missing = devices.iter().zip(reply.all("there")).find(|(_, there)| there == "0");
        if let Some((device, _)) = missing.filter(|_| args.state != State::Absent) {
            return Err(Error::input(format!("Device {device} not found.")));
        }
        let output = |position: usize| ran.get(position).filter(|ran| ran.is_ok()).map_or("", |ran| ran.stdout.as_str());
        let fields = |line: &str| -> Vec<String> { line.trim().split(';').map(|part| part.trim().to_owned()).collect() };
        let group = output(0).lines().map(fields).find(|parts| parts.first() == Some(&args.vg));
        let lines = output(1).lines().map(fields);
        let physical = lines.zip(reply.all("real")).filter_map(|(parts, real)| physical(&parts, real)).collect();
        let with_automatic: Vec<Vec<String>> = output(2).lines().map(fields).collect();
        let attributes: Vec<Vec<String>> = output(3).lines().map(fields).collect();
        let is_active = |parts: &&Vec<String>| parts.first().and_then(|it| it.as_bytes().get(4)) == Some(&b'a');
        let active = attributes.iter().filter(is_active).count();
        let enabled = |parts: &Vec<String>| parts.get(1).is_some_and(|word| word == "enabled");
        Ok(Seen {
            devices,
            volumes: group.and_then(|parts| parts.get(2)?.parse().ok()),
            physical,
            active,
            inactive: attributes.iter().filter(|parts| parts.first().is_some_and(|it| !it.is_empty())).count() - active,
            automatic: (!with_automatic.is_empty()).then(|| with_automatic.iter().any(enabled)),
            knows_automatic: output(4).contains("--setautoactivation"),
        })
    }
}

fn physical(parts: &[String], real: String) -> Option<Physical> {
    let number = |position: usize| parts.get(position).and_then(|part| part.parse::<i64>().ok()).unwrap_or(0);
    Some(Physical {
        real,
        group: parts.get(1)?.clone(),
        // More room than one extent behind what is used.
        grows: number(2) - (number(4) + number(3)) > number(5),
    })
}

struct Task {
    args: Args,
    pv_options: Vec<String>,
    vg_options: Vec<String>,
    seen: Seen,
    commands: Vec<Command>,
}

impl Task {
    fn step(mut self, check: bool) -> Result<Step> {
        match (self.seen.volumes, self.args.state) {
            (None, State::Absent) => {}
            (Some(volumes), State::Absent) => self.remove(volumes, check)?,
            (None, _) => self.create()?,
            (Some(_), _) => self.keep()?,
        }
        let outcome = Outcome::new(!self.commands.is_empty());
        Ok(finish(self.commands, check, outcome))
    }

    fn run(&mut self, words: &[&str]) {
        self.commands.push(command(words));
    }

    fn remove(&mut self, volumes: u64, check: bool) -> Result<()> {
        let vg = self.args.vg.clone();
        if volumes > 0 && !self.args.force && !check {
            return Err(Error::input(format!("Refuse to remove non-empty volume group {vg} without force=true")));
        }
        self.run(&["vgremove", "--force", &vg]);
        Ok(())
    }

    /// No device may belong to another group.
    fn check_devices(&self) -> Result<()> {
        let taken = self.seen.physical.iter().find(|physical| {
            self.seen.devices.contains(&physical.real) && !physical.group.is_empty() && physical.group != self.args.vg
        });
        match taken {
            None => Ok(()),
            Some(taken) => Err(Error::input(format!(
                "Device {} is already in {} volume group.",
                taken.real, taken.group
            ))),
        }
    }

    fn create(&mut self) -> Result<()> {
        if self.seen.devices.is_empty() {
            return Err(Error::input("No physical volumes given."));
        }
        self.check_devices()?;
        let devices = self.seen.devices.clone();
        self.make_physical(&devices);
        let mut words = command(&["vgcreate"]);
        words.extend(self.vg_options.iter().cloned());
        words.extend(command(&["-s", &self.args.pesize]));
        let named = self.vg_options.iter().any(|option| option.starts_with("--setautoactivation"));
        if self.seen.knows_automatic && !named {
            match self.args.state {
                State::Active => words.extend(command(&["--setautoactivation", "y"])),
                State::Inactive => words.extend(command(&["--setautoactivation", "n"])),
                State::Absent | State::Present => {}
            }
        }
        words.push(self.args.vg.clone());
        words.extend(devices);
        self.commands.push(words);
        Ok(())
    }

    fn make_physical(&mut self, devices: &[String]) {
        for device in devices {
            let words = [command(&["pvcreate"]), self.pv_options.clone(), command(&["-f", device])].concat();
            self.commands.push(words);
        }
    }

    /// A group that is there: whether it is active, its UUID, its physical volumes.
    fn keep(&mut self) -> Result<()> {
        self.check_devices()?;
        let vg = self.args.vg.clone();
        match self.args.state {
            State::Active => self.activate(true),
            State::Inactive => self.activate(false),
            State::Absent | State::Present => {}
        }
        if self.args.reset_vg_uuid {
            self.run(&["vgchange", "-u", &vg]);
        }
        if self.seen.devices.is_empty() {
            return Ok(());
        }
        let own = |physical: &&Physical| physical.group == vg;
        let now: Vec<(String, bool)> = self.seen.physical.iter().filter(own).map(|it| (it.real.clone(), it.grows)).collect();
        for (device, grows) in &now {
            if self.args.pvresize && *grows {
                self.run(&["pvresize", device]);
            }
            if self.args.reset_pv_uuid {
                self.run(&["pvchange", "-u", device]);
            }
        }
        let devices = self.seen.devices.clone();
        let new: Vec<String> = devices.iter().filter(|device| !now.iter().any(|(own, _)| own == *device)).cloned().collect();
        let old: Vec<String> = now.into_iter().map(|(own, _)| own).filter(|own| !devices.contains(own)).collect();
        if !new.is_empty() {
            self.make_physical(&new);
            self.commands.push([command(&["vgextend", &vg]), new].concat());
        }
        if !old.is_empty() && self.args.remove_extra_pvs {
            self.commands.push([command(&["vgreduce", "--force", &vg]), old].concat());
        }
        Ok(())
    }

    fn activate(&mut self, wanted: bool) {
        let vg = self.args.vg.clone();
        let word = if wanted { "y" } else { "n" };
        if self.seen.automatic.is_some_and(|automatic| automatic != wanted) {
            self.run(&["vgchange", "--setautoactivation", word, &vg]);
        }
        let others = if wanted { self.seen.inactive } else { self.seen.active };
        if others > 0 {
            self.run(&["vgchange", "--activate", word, &vg]);
        }
    }
}
