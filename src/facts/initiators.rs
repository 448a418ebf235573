//! The names a host has in storage networks.

use super::sections::Sections;
use crate::value::{Map, Value};

/// `iscsi_iqn`.
pub(super) fn iscsi(sections: &Sections, facts: &mut Map) {
    let mut lines = sections
        .file("/etc/iscsi/initiatorname.iscsi")
        .unwrap_or_default()
        .lines();
    let name = lines.find_map(|line| line.strip_prefix("InitiatorName="));
    facts.set("iscsi_iqn", name.unwrap_or_default());
}

/// `hostnqn`.
pub(super) fn nvme(sections: &Sections, facts: &mut Map) {
    let mut lines = sections
        .file("/etc/nvme/hostnqn")
        .unwrap_or_default()
        .lines();
    facts.set(
        "hostnqn",
        lines
            .find(|line| line.starts_with("nqn."))
            .unwrap_or_default(),
    );
}

/// `fibre_channel_wwn`: the names of the ports, without their `0x`.
pub(super) fn fibre_channel(sections: &Sections, facts: &mut Map) {
    let paths = sections.files_under("/sys/class/fc_host/").into_iter();
    let names = paths.filter_map(|path| sections.file(path)?.strip_prefix("0x"));
    facts.set(
        "fibre_channel_wwn",
        names.map(Value::str).collect::<Vec<_>>(),
    );
}
