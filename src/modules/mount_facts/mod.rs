#![doc = include_str!("page.md")]

mod table;

use std::collections::HashSet;
use std::sync::Arc;

use table::Mount;

use crate::error::{Error, Result};
use crate::modules::{Cx, FreeForm, Module, Step, fnmatch};
use crate::outcome::Outcome;
use crate::shell::{Fragment, PRELUDE, Reply, Script};
use crate::value::{Map, Value};
use crate::{args, choices, entries};

/// The module.
pub static MODULE: Module = Module {
    name: "mount_facts",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "mount_facts",
    text: include_str!("mount_facts.sh"),
    needs: &[&PRELUDE],
};

/// The tables of what is mounted now, and those of what shall be.
const DYNAMIC: &[&str] = &["/etc/mtab", "/proc/mounts", "/etc/mnttab"];
const STATIC: &[&str] = &["/etc/fstab", "/etc/vfstab", "/etc/filesystems"];

choices! {
    /// What a mount that does not answer in time means.
    OnTimeout { Error = "error", Ignore = "ignore", Warn = "warn" }
}

args! {
    /// What `mount_facts` takes.
    Args {
        /// Patterns of devices.
        devices: Option<Vec<String>>,
        /// Patterns of kinds.
        fstypes: Option<Vec<String>>,
        /// Tables, or `all`, `dynamic`, `static`, `mount`.
        sources: Option<Vec<String>>,
        /// The command that lists mounts; null for none.
        mount_binary: Value = Value::str("mount"),
        /// Seconds for each mount.
        timeout: Option<f64>,
        /// What happens after that.
        on_timeout: OnTimeout = OnTimeout::Error,
        /// Whether every mount is listed, not only the first of each mount point.
        include_aggregate_mounts: Option<bool>,
    }
}

fn plan(args: &Map, _cx: &Arc<Cx>) -> Result<Step> {
    // A binary that is null is none, where one that is not given is the default.
    let no_binary = args.get("mount_binary").is_some_and(Value::is_null);
    let args = Args::read(args)?;
    let binary = binary(&args, no_binary)?;
    if let Some(timeout) = args.timeout.filter(|timeout| *timeout <= 0.0) {
        return Err(Error::input(format!(
            "argument `timeout` is {timeout} and has to be more than 0"
        )));
    }
    let sources = sources(&args)?;
    let script = Script::call(&SHELL, "mount_facts_read")
        .list("sources", &sources)
        .set("binary", binary)
        .set("dynamic", format!(" {} ", DYNAMIC.join(" ")))
        .set("timeout", args.limit());
    let names: HashSet<&String> = sources.iter().collect();
    let repeated = names.len() < sources.len();
    let step = Step::run(script, move |reply| args.measure(&reply));
    Ok(match repeated {
        true => step.warned("`sources` names some tables more than once; the first time counts"),
        false => step,
    })
}

fn binary(args: &Args, none: bool) -> Result<String> {
    match &args.mount_binary {
        _ if none => Ok(String::new()),
        Value::Str(name) => Ok(name.to_string()),
        other => Err(Error::input(format!(
            "argument `mount_binary` is `{}` and has to be text or null",
            other.to_text()
        ))),
    }
}

/// The tables by name, with the words for several of them written out.
fn sources(args: &Args) -> Result<Vec<String>> {
    let all = vec!["all".to_owned()];
    let given = args
        .sources
        .as_ref()
        .filter(|sources| !sources.is_empty())
        .unwrap_or(&all);
    let mut sources: Vec<String> = Vec::new();
    let mut extend = |names: &[&str]| sources.extend(names.iter().map(|name| (*name).to_owned()));
    for source in given {
        match source.as_str() {
            "" => return Err(Error::input("argument `sources` holds an empty name")),
            "all" => {
                extend(DYNAMIC);
                extend(STATIC);
            }
            "dynamic" => extend(DYNAMIC),
            "static" => extend(STATIC),
            name => extend(&[name]),
        }
    }
    Ok(sources)
}

/// A mount and the table it stands in.
struct Found {
    source: String,
    mount: Mount,
    uuid: Option<String>,
}

impl Args {
    fn limit(&self) -> String {
        self.timeout
            .map_or_else(String::new, |seconds| seconds.to_string())
    }

    /// Reads the tables; one more round trip measures the mounts that are wanted.
    fn measure(self, reply: &Reply) -> Result<Step> {
        let mut outcome = Outcome::ok();
        let tables = Table::all(reply);
        if let Some(table) = tables.iter().find(|table| table.status != 0) {
            if table.status != 124 {
                return Step::failed(format!(
                    "the command that lists mounts ended with status {}",
                    table.status
                ));
            }
            if let Some(failed) = self.late("the list of mounts", &mut outcome) {
                return Ok(failed.into());
            }
        }
        let devices = Devices::of(reply);
        let mounts = tables.into_iter().flat_map(Table::mounts);
        let mounts = mounts.filter_map(|(source, mount)| self.wanted(source, mount, &devices));
        let found: Vec<Found> = mounts.collect();
        if found.is_empty() {
            return Ok(self.tell(found, outcome).into());
        }
        let mut script = Script::call(&SHELL, "mount_facts_sizes").set("timeout", self.limit());
        for one in &found {
            script = script.arg(&one.mount.point);
        }
        Ok(Step::run(script, move |reply| {
            self.finish(found, outcome, &reply)
        }))
    }

    /// The mount with its UUID, where its device and its kind fit the patterns.
    fn wanted(&self, source: String, mount: Mount, devices: &Devices) -> Option<Found> {
        let named = mount
            .text("device")
            .strip_prefix("UUID=")
            .map(str::to_owned);
        let device = named.as_deref().and_then(|uuid| devices.by_uuid(uuid));
        let device = device.unwrap_or_else(|| mount.text("device"));
        let fits = |patterns: &Option<Vec<String>>, text: &str| match patterns.as_deref() {
            None | Some([]) => true,
            Some(patterns) => patterns
                .iter()
                .any(|pattern| fnmatch::matches(pattern, text)),
        };
        if !fits(&self.devices, device) || !fits(&self.fstypes, mount.text("fstype")) {
            return None;
        }
        let uuid = named.or_else(|| devices.uuid_of(device).map(str::to_owned));
        Some(Found {
            source,
            mount,
            uuid,
        })
    }

    fn finish(self, mut found: Vec<Found>, mut outcome: Outcome, reply: &Reply) -> Result<Step> {
        for line in reply.text("sizes").unwrap_or_default().lines() {
            let Some((number, figures)) = line.split_once(' ') else {
                continue;
            };
            let Some(one) = number
                .parse()
                .ok()
                .and_then(|number: usize| found.get_mut(number))
            else {
                continue;
            };
            if figures != "timeout" {
                measured(figures, &mut one.mount.fields);
                continue;
            }
            let what = format!("mount `{}` ({})", one.mount.point, one.mount.text("fstype"));
            if let Some(failed) = self.late(&what, &mut outcome) {
                return Ok(failed.into());
            }
        }
        Ok(self.tell(found, outcome).into())
    }

    /// What follows from an answer that does not come: a failure, a warning, or nothing.
    fn late(&self, what: &str, outcome: &mut Outcome) -> Option<Outcome> {
        let words = format!("{what} did not answer within {} seconds", self.limit());
        match self.on_timeout {
            OnTimeout::Error => return Some(Outcome::failed(words)),
            OnTimeout::Warn => outcome.warnings.push(words),
            OnTimeout::Ignore => {}
        }
        None
    }

    fn tell(&self, found: Vec<Found>, mut outcome: Outcome) -> Outcome {
        let repeated = repeated(&found);
        if !repeated.is_empty() && self.include_aggregate_mounts.is_none() {
            outcome.warnings.push(format!(
                "some mount points stand more than once in a table: {}; `include_aggregate_mounts` \
                 says whether all of them are listed",
                repeated.join(", ")
            ));
        }
        let mut points = Map::new();
        let mut all = Vec::new();
        for one in found {
            let point = one.mount.point.clone();
            let facts = one.facts();
            if !points.contains(&point) {
                points.set(&point, facts.clone());
            }
            all.push(Value::map(facts));
        }
        if self.include_aggregate_mounts != Some(true) {
            all.clear();
        }
        outcome.facts = entries! { "mount_points" => points, "aggregate_mounts" => all };
        outcome
    }
}

/// `MOUNT in TABLE` for each that stands there more than once.
fn repeated(found: &[Found]) -> Vec<String> {
    let mut seen = HashSet::new();
    let again = found
        .iter()
        .filter(|one| !seen.insert((&one.source, &one.mount.point)));
    again
        .map(|one| format!("{} in {}", one.mount.point, one.source))
        .collect()
}

impl Found {
    fn facts(self) -> Map {
        let mut facts = self.mount.fields;
        let context = entries! { "source" => self.source, "source_data" => self.mount.line };
        facts.set("ansible_context", context);
        facts.set("uuid", Value::str_or_null(self.uuid));
        facts
    }
}

/// The six figures that the script printed of a file system.
fn measured(figures: &str, facts: &mut Map) {
    let figures: Vec<i64> = figures
        .split_whitespace()
        .filter_map(|text| text.parse().ok())
        .collect();
    let [fragment, block, blocks, available, inodes, free] = figures[..] else {
        return;
    };
    facts.set("size_total", fragment.saturating_mul(blocks));
    facts.set("size_available", fragment.saturating_mul(available));
    facts.set("block_size", block);
    facts.set("block_total", blocks);
    facts.set("block_available", available);
    facts.set("block_used", blocks - available);
    facts.set("inode_total", inodes);
    facts.set("inode_available", free);
    facts.set("inode_used", inodes - free);
}

/// A table as it came.
#[derive(Default)]
struct Table {
    source: String,
    real: String,
    text: String,
    status: i64,
}

impl Table {
    /// The tables of a reply; one that was read under another name is left out.
    fn all(reply: &Reply) -> Vec<Table> {
        let mut tables: Vec<Table> = Vec::new();
        for (name, bytes) in &reply.answers {
            let text = String::from_utf8_lossy(bytes).into_owned();
            match (name.as_str(), tables.last_mut()) {
                ("source", _) => tables.push(Table {
                    real: text.clone(),
                    source: text,
                    ..Table::default()
                }),
                ("real", Some(table)) => table.real = text,
                ("text", Some(table)) => table.text = text,
                ("binary_rc", Some(table)) => table.status = text.trim().parse().unwrap_or(0),
                _ => {}
            }
        }
        let mut seen = HashSet::new();
        tables.retain(|table| seen.insert(without_process(&table.real)));
        tables
    }

    fn mounts(self) -> Vec<(String, Mount)> {
        let mounts = match self.source.as_str() {
            "mount" => table::of_command(&self.text),
            _ => table::of_file(&self.text),
        };
        mounts
            .into_iter()
            .map(|mount| (self.source.clone(), mount))
            .collect()
    }
}

/// `/proc/123/mounts` is every process' own name for one table.
fn without_process(path: &str) -> String {
    let process = path
        .strip_prefix("/proc/")
        .and_then(|rest| rest.split_once('/'));
    match process {
        Some((number, rest)) if number.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("/proc/self/{rest}")
        }
        _ => path.to_owned(),
    }
}

/// Devices and the UUIDs of their file systems.
struct Devices(Vec<(String, String)>);

impl Devices {
    /// By the links of `/dev/disk/by-uuid`, then by lsblk.
    fn of(reply: &Reply) -> Self {
        let links = reply.text("uuids").unwrap_or_default();
        let link = |line: &str| {
            let (path, target) = line.split_once(" -> ")?;
            let base = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
            Some((format!("/dev/{}", base(target)), base(path)))
        };
        let listed = reply.text("lsblk").unwrap_or_default();
        let row = |line: &str| {
            let mut words = line.split_whitespace();
            Some((words.next()?.to_owned(), words.next()?.to_owned()))
        };
        Devices(
            links
                .lines()
                .filter_map(link)
                .chain(listed.lines().filter_map(row))
                .collect(),
        )
    }

    fn by_uuid(&self, uuid: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(_, known)| known == uuid)
            .map(|(device, _)| device.as_str())
    }

    fn uuid_of(&self, device: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == device)
            .map(|(_, uuid)| uuid.as_str())
    }
}

#[cfg(test)]
mod tests;
