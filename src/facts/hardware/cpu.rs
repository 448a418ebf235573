//! Processors.

use crate::facts::sections::Sections;
use crate::value::{Map, Value};

/// `processor`, `processor_cores` and their kin, `flags`.
pub(in crate::facts) fn read(sections: &Sections, facts: &mut Map) {
    let Some(text) = sections.file("/proc/cpuinfo") else {
        uptime(sections, facts);
        return;
    };
    let architecture = facts
        .get("architecture")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let info = Info::of(text);
    if let Some(flags) = info.flags {
        facts.set("flags", Value::strings(flags.split_whitespace()));
    }
    facts.set("processor", Value::strings(info.names.iter().copied()));
    let counts = info.counts(&architecture, sections);
    facts.set("processor_count", counts.sockets);
    facts.set("processor_cores", counts.cores);
    facts.set("processor_threads_per_core", counts.threads);
    facts.set("processor_vcpus", counts.vcpus);
    facts.set(
        "processor_nproc",
        allowed(sections).unwrap_or(counts.available),
    );
    uptime(sections, facts);
}

fn uptime(sections: &Sections, facts: &mut Map) {
    let words = sections
        .file("/proc/uptime")
        .and_then(|text| text.split_whitespace().next());
    if let Some(seconds) = words.and_then(|text| text.parse::<f64>().ok()) {
        facts.set("uptime_seconds", seconds as i64);
    }
}

/// How many processors a process may run on, by its own status: `Cpus_allowed_list: 0-3,8`.
fn allowed(sections: &Sections) -> Option<i64> {
    let status = sections.file("/proc/self/status")?;
    let list = status
        .lines()
        .find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?;
    let counts = list.trim().split(',').map(|range| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        Some(last.parse::<i64>().ok()? - first.parse::<i64>().ok()? + 1)
    });
    counts.sum()
}

/// What `/proc/cpuinfo` says, over all its processors.
#[derive(Default)]
struct Info<'a> {
    flags: Option<&'a str>,
    names: Vec<&'a str>,
    vendors: i64,
    models: i64,
    processors: i64,
    active: Option<i64>,
    /// Physical numbers and the cores of each, in the order of their first mention.
    sockets: Vec<(&'a str, i64)>,
    /// Core numbers and the siblings of each, likewise.
    cores: Vec<(&'a str, i64)>,
    mainframe_processors: i64,
    mainframe_threads: i64,
}

struct Counts {
    sockets: i64,
    cores: i64,
    threads: i64,
    vcpus: i64,
    available: i64,
}

impl<'a> Info<'a> {
    fn of(text: &'a str) -> Self {
        let mut info = Info::default();
        // A figure may come before the number it belongs to; then it belongs to one without.
        let mut socket = "";
        let mut core = "";
        for line in text.lines() {
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            let (name, value) = (name.trim(), value.trim());
            match name {
                "flags" => info.flags = Some(value),
                "model name" | "Processor" | "vendor_id" | "cpu" | "Vendor" | "processor" => {
                    info.name(name, value);
                }
                "physical id" => {
                    socket = value;
                    first(&mut info.sockets, socket);
                }
                "core id" => {
                    core = value;
                    // As in the reference, whose figure of threads is that of the first core.
                    if !info.sockets.iter().any(|(known, _)| *known == core) {
                        *first(&mut info.cores, core) = 1;
                    }
                }
                "cpu cores" => *first(&mut info.sockets, socket) = int(value),
                "siblings" => *first(&mut info.cores, core) = int(value),
                "# processors" => info.mainframe_processors = int(value),
                "max thread id" => info.mainframe_threads = int(value) + 1,
                "ncpus active" => info.active = Some(int(value)),
                _ => {}
            }
        }
        info
    }

    fn name(&mut self, key: &str, value: &'a str) {
        self.names.push(value);
        match key {
            "vendor_id" => self.vendors += 1,
            "model name" => self.models += 1,
            "processor" => self.processors += 1,
            _ => {}
        }
    }

    /// How many processors the lines are about, where they name no sockets.
    fn listed(&self, architecture: &str) -> i64 {
        if ["armv", "aarch", "ppc"]
            .iter()
            .any(|start| architecture.starts_with(start))
        {
            return self.processors;
        }
        if self.vendors > 0 && self.vendors == self.models {
            return self.vendors;
        }
        self.active
            .unwrap_or_else(|| i64::try_from(self.names.len()).unwrap_or(0))
    }

    fn counts(&self, architecture: &str, sections: &Sections) -> Counts {
        let listed = self.listed(architecture);
        if architecture == "s390x" {
            return self.mainframe();
        }
        if is_xen(sections) && self.flags.is_some_and(|flags| !flags.contains("vme")) {
            let (sockets, cores, vcpus, available) = (listed, listed, listed, listed);
            return Counts {
                sockets,
                cores,
                threads: 1,
                vcpus,
                available,
            };
        }
        let sockets = i64::try_from(self.sockets.len()).unwrap_or(0);
        let sockets = if sockets == 0 { listed } else { sockets };
        let cores = self.sockets.first().map_or(1, |(_, cores)| *cores).max(1);
        let siblings = self.cores.first().map_or(1, |(_, siblings)| *siblings);
        let threads = (siblings as f64 / cores as f64).round_ties_even() as i64;
        let vcpus = threads * sockets * cores;
        Counts {
            sockets,
            cores,
            threads,
            vcpus,
            available: self.processors,
        }
    }

    fn mainframe(&self) -> Counts {
        let (processors, threads) = (self.mainframe_processors, self.mainframe_threads.max(1));
        let cores = (processors as f64 / threads as f64).round_ties_even() as i64;
        Counts {
            sockets: 1,
            cores,
            threads,
            vcpus: processors,
            available: processors,
        }
    }
}

/// The figure of a number, 1 at its first mention.
fn first<'a, 'b>(list: &'b mut Vec<(&'a str, i64)>, number: &'a str) -> &'b mut i64 {
    let position = list
        .iter()
        .position(|(known, _)| *known == number)
        .unwrap_or_else(|| {
            list.push((number, 1));
            list.len() - 1
        });
    &mut list[position].1
}

fn int(text: &str) -> i64 {
    text.parse().unwrap_or(0)
}

fn is_xen(sections: &Sections) -> bool {
    sections.exists("/proc/xen") || sections.file("/sys/hypervisor/type") == Some("xen")
}
