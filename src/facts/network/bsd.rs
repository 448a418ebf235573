//! The network of FreeBSD, its kin, and macOS: what `ifconfig` and `route` print.

use std::net::Ipv4Addr;

use super::address::netmask;
use crate::facts::sections::Sections;
use crate::value::{Map, Value};

pub(super) fn read(sections: &Sections, facts: &mut Map) {
    let Some(text) = sections.output("ifconfig") else {
        return;
    };
    let macos = facts.get("system").and_then(Value::as_str) == Some("Darwin");
    let mut network = Network {
        macos,
        ..Network::default()
    };
    for line in text.lines() {
        network.line(line);
    }
    network.close();
    let ipv4 = network.way_out(sections.output("route_ipv4"), "ipv4");
    let ipv6 = network.way_out(sections.output("route_ipv6"), "ipv6");
    let mut names: Vec<String> = network.interfaces.keys().map(Value::to_text).collect();
    names.sort_unstable();
    facts.set("interfaces", Value::strings(names));
    facts.extend_from(&network.interfaces);
    facts.set("default_ipv4", ipv4);
    facts.set("default_ipv6", ipv6);
    facts.set("all_ipv4_addresses", network.all_ipv4);
    facts.set("all_ipv6_addresses", network.all_ipv6);
}

#[derive(Default)]
struct Network {
    macos: bool,
    interfaces: Map,
    current: Option<Current>,
    all_ipv4: Vec<Value>,
    all_ipv6: Vec<Value>,
}

/// The interface that the lines are about.
struct Current {
    name: String,
    map: Map,
    ipv4: Vec<Value>,
    ipv6: Vec<Value>,
}

impl Network {
    fn line(&mut self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        if !line.starts_with(char::is_whitespace) {
            if words.len() > 3 {
                self.close();
                self.current = Some(Current::open(&words));
            }
            return;
        }
        let (Some(first), Some(current)) = (words.first(), &mut self.current) else {
            return;
        };
        let second = words.get(1).copied().unwrap_or_default();
        match *first {
            options if options.starts_with("options=") => {
                current.map.set("options", listed(options))
            }
            "nd6" => current.map.set("options", listed(second)),
            "ether" => {
                current.map.set("macaddress", second);
                current.map.set("type", "ether");
            }
            "media:" if self.macos => current.macos_media(&words),
            "media:" => current.media(&words),
            "status:" => current.map.set("status", second),
            "lladdr" => current.map.set("lladdr", second),
            "tunnel" => current.map.set("type", "tunnel"),
            "inet" => self.inet(&words),
            "inet6" => self.inet6(&words),
            _ => {}
        }
    }

    fn inet(&mut self, words: &[&str]) {
        let words: Vec<&str> = words
            .iter()
            .copied()
            .filter(|word| *word != "alias")
            .collect();
        let Some((address, map)) = inet(&words) else {
            return;
        };
        if !address.starts_with("127.") {
            self.all_ipv4.push(Value::str(address));
        }
        if let Some(current) = &mut self.current {
            current.ipv4.push(Value::map(map));
        }
    }

    fn inet6(&mut self, words: &[&str]) {
        let Some((address, map)) = inet6(words) else {
            return;
        };
        if !["::1", "fe80::1%lo0"].contains(&address) {
            self.all_ipv6.push(Value::str(address));
        }
        if let Some(current) = &mut self.current {
            current.ipv6.push(Value::map(map));
        }
    }

    fn close(&mut self) {
        let Some(mut current) = self.current.take() else {
            return;
        };
        let media = current
            .map
            .get("media")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if media.to_lowercase().contains("ether") {
            current.map.set("type", "ether");
        }
        current.map.set("ipv4", current.ipv4);
        current.map.set("ipv6", current.ipv6);
        self.interfaces.set(&current.name, current.map);
    }

    /// `route -n get default`, and what is known of the interface it names.
    fn way_out(&self, answer: Option<&str>, family: &str) -> Map {
        let mut way = Map::new();
        for line in answer.unwrap_or_default().lines() {
            match line.trim().split_once(": ") {
                Some(("interface", name)) => way.set("interface", name),
                Some(("gateway", gateway)) => way.set("gateway", gateway),
                Some(("if address" | "local addr", address)) => way.set("address", address),
                _ => {}
            }
        }
        let name = way.get("interface").and_then(Value::as_str);
        let Some(interface) = name
            .and_then(|name| self.interfaces.get(name))
            .and_then(Value::as_map)
        else {
            return way;
        };
        for (key, value) in interface
            .iter()
            .filter(|(key, _)| !["ipv4", "ipv6"].contains(&key.to_text().as_str()))
        {
            way.insert(key.clone(), value.clone());
        }
        let own = way.get("address").cloned();
        let addresses = interface
            .get(family)
            .and_then(Value::as_list)
            .map(|list| &list[..])
            .unwrap_or_default();
        let chosen = addresses.iter().find(|address| {
            own.as_ref()
                .is_some_and(|own| address.get("address") == Some(own))
        });
        if let Some(address) = chosen.or(addresses.first()).and_then(Value::as_map) {
            way.extend_from(address);
        }
        way
    }
}

impl Current {
    /// `em0: flags=8843<UP,RUNNING> metric 0 mtu 1500`; older systems have no metric there.
    fn open(words: &[&str]) -> Self {
        let name = words
            .first()
            .copied()
            .unwrap_or_default()
            .trim_end_matches(':')
            .to_owned();
        let flags = listed(words.get(1).copied().unwrap_or_default());
        let loopback = flags.iter().any(|flag| flag.as_str() == Some("LOOPBACK"));
        let mut map = Map::new();
        map.set("device", name.as_str());
        map.set("type", if loopback { "loopback" } else { "unknown" });
        map.set("flags", flags);
        map.set("macaddress", "unknown");
        if let [_, _, "metric", metric, "mtu", mtu, ..] = words {
            map.set("metric", *metric);
            map.set("mtu", *mtu);
        } else if let Some(mtu) = words.get(3) {
            map.set("mtu", *mtu);
        }
        Current {
            name,
            map,
            ipv4: Vec::new(),
            ipv6: Vec::new(),
        }
    }

    /// `media: Ethernet autoselect (1000baseT <full-duplex>)`
    fn media(&mut self, words: &[&str]) {
        let names = ["media", "media_select"];
        for (name, word) in names.iter().zip(words.iter().skip(1)) {
            self.map.set(name, *word);
        }
        if let Some(kind) = words.get(3) {
            self.map
                .set("media_type", kind.get(1..).unwrap_or_default());
        }
        if let Some(options) = words.get(4) {
            self.map.set("media_options", listed(options));
        }
    }

    /// `media: autoselect (1000baseT <full-duplex>)`, or `<unknown type>`.
    fn macos_media(&mut self, words: &[&str]) {
        self.map.set("media", "Unknown");
        if words.get(1..3) == Some(&["<unknown", "type>"]) {
            self.map.set("media_select", "Unknown");
            self.map.set("media_type", "unknown type");
            return;
        }
        self.map
            .set("media_select", words.get(1).copied().unwrap_or_default());
        if let Some(kind) = words.get(2) {
            self.map.set(
                "media_type",
                kind.trim_start_matches('(').trim_end_matches(')'),
            );
        }
        if let Some(options) = words.get(3) {
            self.map.set("media_options", listed(options));
        }
    }
}

/// What stands in `<A,B,C>`.
fn listed(text: &str) -> Vec<Value> {
    let inside = text
        .split_once('<')
        .and_then(|(_, rest)| rest.rsplit_once('>'));
    let words = inside
        .map(|(words, _)| words)
        .filter(|words| !words.is_empty());
    words
        .map(|words| words.split(',').map(Value::str).collect())
        .unwrap_or_default()
}

/// `inet 10.0.0.2 netmask 0xffffff00 broadcast 10.0.0.255`, or `inet 10.0.0.2/24 broadcast …`.
fn inet<'a>(words: &[&'a str]) -> Option<(&'a str, Map)> {
    let after = |name: &str| {
        let position = words.iter().position(|word| *word == name)?;
        words.get(position + 1).copied()
    };
    let (address, mask) = match words.get(1)?.split_once('/') {
        Some((address, prefix)) => (address, netmask(prefix.parse().ok()?)),
        None => (*words.get(1)?, mask(after("netmask")?)?),
    };
    let bits = u32::from(address.parse::<Ipv4Addr>().ok()?);
    let last = Ipv4Addr::from(bits | !u32::from(mask));
    let map = crate::entries! {
        "address" => address,
        "netmask" => mask.to_string(),
        "network" => Ipv4Addr::from(bits & u32::from(mask)).to_string(),
        "broadcast" => after("broadcast").map_or_else(|| last.to_string(), str::to_owned),
    };
    Some((address, map))
}

/// `0xffffff00`, `ffffff00` or `255.255.255.0`.
fn mask(text: &str) -> Option<Ipv4Addr> {
    if text.contains('.') {
        return text.parse().ok();
    }
    let digits = text.strip_prefix("0x").unwrap_or(text);
    u32::from_str_radix(digits, 16).ok().map(Ipv4Addr::from)
}

/// `inet6 fe80::1%em0 prefixlen 64 scopeid 0x1`, or `inet6 fe80::1%em0/64 …`.
fn inet6<'a>(words: &[&'a str]) -> Option<(&'a str, Map)> {
    let after = |name: &str| {
        let position = words.iter().position(|word| *word == name)?;
        words.get(position + 1).copied()
    };
    let (address, prefix) = match words.get(1)?.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix)),
        None => (*words.get(1)?, after("prefixlen")),
    };
    let mut map = crate::entries! { "address" => address };
    if let Some(prefix) = prefix {
        map.set("prefix", prefix);
    }
    if let Some(scope) = after("scopeid") {
        map.set("scope", scope);
    }
    Some((address, map))
}
