//! Processors, memory, the machine's maker, disks, volumes and file systems.

mod bsd;
mod cpu;
mod devices;
mod dmi;
mod lvm;
mod memory;
mod mounts;

pub(super) use bsd::sysctl;
pub(super) use mounts::silent;

use super::sections::Sections;
use crate::value::{Map, Value};

/// All of it, by the reference's names for the system.
pub(super) fn read(sections: &Sections, facts: &mut Map) {
    match facts.get("system").and_then(Value::as_str) {
        Some("Linux") => linux(sections, facts),
        Some("Darwin") => bsd::macos(sections, facts),
        Some("FreeBSD" | "DragonFly") => bsd::freebsd(sections, facts),
        Some("OpenBSD" | "NetBSD") => bsd::others(sections, facts),
        _ => {}
    }
}

fn linux(sections: &Sections, facts: &mut Map) {
    cpu::read(sections, facts);
    memory::read(sections, facts);
    dmi::read(sections, facts);
    dmi::mainframe(sections, facts);
    devices::read(sections, facts);
    lvm::read(sections, facts);
    mounts::read(sections, facts);
}
