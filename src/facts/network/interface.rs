//! One interface, by its files below `/sys/class/net`.

use crate::facts::sections::{Sections, base};
use crate::value::{Map, Value};

/// A folder of `/sys/class/net`.
pub(super) struct Interface<'a> {
    sections: &'a Sections,
    pub(super) name: &'a str,
}

/// Every interface that has a folder; `bonding_masters` there is a file.
pub(super) fn all(sections: &Sections) -> Vec<Interface<'_>> {
    let paths = sections.files_under("/sys/class/net/").into_iter();
    let mut names: Vec<&str> = paths.filter_map(|path| path.split('/').nth(4)).collect();
    names.dedup();
    names.sort_unstable();
    names.dedup();
    names
        .into_iter()
        .map(|name| Interface { sections, name })
        .collect()
}

impl<'a> Interface<'a> {
    fn path(&self, below: &str) -> String {
        format!("/sys/class/net/{}/{below}", self.name)
    }

    fn file(&self, below: &str) -> Option<&'a str> {
        self.sections.file(&self.path(below))
    }

    /// The hardware address; one of zeros is none.
    pub(super) fn mac(&self) -> Option<&'a str> {
        self.file("address")
            .filter(|address| *address != "00:00:00:00:00:00")
    }

    pub(super) fn mtu(&self) -> Option<i64> {
        self.file("mtu")?.parse().ok()
    }

    /// The kind of interface by the reference's words.
    pub(super) fn kind(&self) -> Option<&'static str> {
        if self.is_bridge() {
            return Some("bridge");
        }
        if self.is_bond() {
            return Some("bonding");
        }
        Some(match self.file("type")? {
            "1" => "ether",
            "32" => "infiniband",
            "512" => "ppp",
            "772" => "loopback",
            "65534" => "tunnel",
            _ => "unknown",
        })
    }

    fn is_bridge(&self) -> bool {
        self.file("bridge/bridge_id").is_some()
    }

    fn is_bond(&self) -> bool {
        self.file("bonding/mode").is_some()
    }

    /// What the files say; addresses come to it later.
    pub(super) fn to_map(&self) -> Map {
        let mut map = Map::new();
        map.set("device", self.name);
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                map.set(name, value);
            }
        };
        set("macaddress", self.mac().map(Value::str));
        set("mtu", self.mtu().map(Value::Int));
        set(
            "active",
            self.file("operstate")
                .map(|state| Value::Bool(state != "down")),
        );
        set("module", self.link("device/driver/module"));
        set("type", self.kind().map(Value::str));
        set("pciid", self.link("device"));
        set(
            "speed",
            self.file("speed")
                .and_then(|text| text.parse().ok())
                .map(Value::Int),
        );
        set(
            "promisc",
            self.flags().map(|flags| Value::Bool(flags & 0x100 != 0)),
        );
        set(
            "perm_macaddress",
            self.file("bonding_slave/perm_hwaddr").map(Value::str),
        );
        if self.is_bridge() {
            self.bridge(&mut map);
        }
        if self.is_bond() {
            self.bond(&mut map);
        }
        map
    }

    fn link(&self, below: &str) -> Option<Value> {
        self.sections
            .link(&self.path(below))
            .map(|target| Value::str(base(target)))
    }

    fn flags(&self) -> Option<i64> {
        i64::from_str_radix(self.file("flags")?.trim_start_matches("0x"), 16).ok()
    }

    fn bridge(&self, map: &mut Map) {
        let members = self.sections.links_under(&self.path("brif/"));
        map.set("interfaces", Value::strings(members.into_iter().map(base)));
        map.set("id", self.file("bridge/bridge_id").unwrap_or_default());
        map.set("stp", self.file("bridge/stp_state") == Some("1"));
    }

    fn bond(&self, map: &mut Map) {
        let words = |below: &str| self.file(below).unwrap_or_default().split_whitespace();
        map.set("slaves", Value::strings(words("bonding/slaves")));
        for name in ["mode", "miimon", "lacp_rate"] {
            let first = words(&format!("bonding/{name}")).next();
            map.set(name, first.unwrap_or_default());
        }
        if let Some(primary) = self.file("bonding/primary") {
            map.set("primary", primary);
            if let Some(active) = self.file("bonding/all_slaves_active") {
                map.set("all_slaves_active", active == "1");
            }
        }
    }
}
