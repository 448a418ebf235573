//! `ipaddr` and its queries.

use num_bigint::BigInt;

use super::super::super::{Args, Runtime};
use super::network::Network;
use crate::error::{Error, Result, nearest};
use crate::value::{Value, int_from_big};

pub(super) fn ipaddr(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = subject(&mut args)?;
    let query = query_text(&mut args)?;
    let version = args.take("version")?.filter(Value::is_true);
    let alias = args.text("alias", "ipaddr")?;
    args.finish()?;
    let version = match &version {
        None => None,
        Some(version) => Some(
            super::whole(version).ok_or_else(|| args.wrong("version", "an integer", version))?,
        ),
    };
    asked(runtime, &value, &query, version, &alias)
}

pub(super) fn ipv4(runtime: &dyn Runtime, args: Args) -> Result<Value> {
    of_version(runtime, args, 4)
}

pub(super) fn ipv6(runtime: &dyn Runtime, args: Args) -> Result<Value> {
    of_version(runtime, args, 6)
}

fn of_version(runtime: &dyn Runtime, mut args: Args, version: i64) -> Result<Value> {
    let value = subject(&mut args)?;
    let query = query_text(&mut args)?;
    args.finish()?;
    let alias = args.who().to_owned();
    asked(runtime, &value, &query, Some(version), &alias)
}

/// The subject, which must be text, a list or an integer.
fn subject(args: &mut Args) -> Result<Value> {
    let value = args.require("value")?;
    match &value {
        Value::Str(_)
        | Value::List(_)
        | Value::Tuple(_)
        | Value::Bool(_)
        | Value::Int(_)
        | Value::BigInt(_) => Ok(value),
        other => Err(args.wrong("value", "a string, a list or an integer", other)),
    }
}

fn query_text(args: &mut Args) -> Result<String> {
    Ok(args
        .take("query")?
        .map_or_else(String::new, |query| query.to_text()))
}

/// What a query gives for a value; of a list, for those of its items that give anything.
pub(super) fn asked(
    runtime: &dyn Runtime,
    value: &Value,
    query: &str,
    version: Option<i64>,
    alias: &str,
) -> Result<Value> {
    if let Value::List(_) | Value::Tuple(_) = value {
        let mut answers = Vec::new();
        for item in runtime.items(value)? {
            let answer = asked(runtime, &item, query, version, alias)?;
            if answer.is_true() {
                answers.push(answer);
            }
        }
        return Ok(Value::list(answers));
    }
    match Subject::read(value, version) {
        Some(subject) if version.is_none_or(|version| subject.net.version() == version) => {
            subject.answer(query, alias)
        }
        _ => Ok(Value::Bool(false)),
    }
}

/// A value that is an address or a network.
pub(super) struct Subject {
    pub(super) net: Network,
    /// Whether it was written with a prefix.
    pub(super) is_network: bool,
    /// The value as it was written.
    text: String,
}

impl Subject {
    /// Reads an address, a network, or a number that stands for an address.
    pub(super) fn read(value: &Value, version: Option<i64>) -> Option<Self> {
        if !value.is_true() || matches!(value, Value::Bool(_)) {
            return None;
        }
        let text = value.to_text();
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if is_number(&text) {
            let number = text.parse().ok()?;
            let v4 = || Network::single(false, number).filter(|_| version != Some(6));
            let net = v4().or_else(|| Network::single(true, number))?;
            return Some(Subject {
                net,
                is_network: false,
                text: net.cidr(),
            });
        }
        if let Some(net) = Network::read(&text) {
            return Some(Subject {
                net,
                is_network: text.matches('/').count() == 1,
                text,
            });
        }
        let (address, prefix) = text.split_once('/')?;
        let address = address.trim().parse().ok()?;
        let prefix = prefix.trim().parse().ok()?;
        let net =
            Network::new(false, address, prefix).or_else(|| Network::new(true, address, prefix))?;
        Some(Subject {
            net,
            is_network: true,
            text: net.cidr(),
        })
    }

    fn answer(&self, query: &str, alias: &str) -> Result<Value> {
        if let Some(answer) = self.known(query)? {
            return Ok(answer);
        }
        let is_number = query.bytes().all(|b| b.is_ascii_digit());
        if !is_number && let Some(network) = network_of_query(query) {
            return Ok(if network.holds(&self.net) {
                self.given()
            } else {
                Value::Null
            });
        }
        if super::super::numbers::parse_float(query).is_some() {
            return Ok(self.at(query));
        }
        Err(
            Error::template(format!("{alias}: unknown filter type: {query}"))
                .hint_if(nearest(query, QUERIES.iter().copied())),
        )
    }

    /// The value as it was written.
    fn given(&self) -> Value {
        Value::str(self.text.as_str())
    }

    fn given_if(&self, holds: bool) -> Option<Value> {
        holds.then(|| self.given())
    }

    /// The answer to a query that has a name; nothing where there is no such query.
    fn known(&self, query: &str) -> Result<Option<Value>> {
        let net = &self.net;
        let text = |text: String| Some(Value::str(text));
        let no = Some(Value::Bool(false));
        let answer = match query {
            "" => text(if self.is_network {
                net.cidr()
            } else {
                net.address()
            }),
            "6to4" => self.six_to_four().or(no),
            "address" | "ip" => self.host_address().map(Value::str),
            "address/prefix" | "gateway" | "gw" | "host/prefix" | "hostnet" | "router" => {
                let is_edge = net.is_first() || net.broadcast() == Some(net.value);
                if net.rest() > 1 && is_edge {
                    no
                } else {
                    text(net.cidr())
                }
            }
            "bool" => Some(Value::Bool(true)),
            "broadcast" => (net.rest() > 1)
                .then(|| net.broadcast().map(|value| Value::str(net.text_of(value))))
                .flatten(),
            "cidr" => text(net.cidr()),
            "first_usable" | "last_usable" | "next_usable" | "previous_usable" | "range_usable"
            | "peer" => self.usable(query)?,
            "host" => (net.is_single() || !net.is_first() || net.broadcast().is_none())
                .then(|| Value::str(net.cidr())),
            "hostmask" | "wildcard" => text(net.text_of(net.host_mask())),
            "int" if self.is_network => text(format!("{}/{}", net.value, net.prefix)),
            "int" => Some(int_from_big(BigInt::from(net.value))),
            "ip/prefix" => self.in_network().then(|| Value::str(net.cidr())),
            "ip_netmask" => self
                .in_network()
                .then(|| Value::str(format!("{} {}", net.address(), net.text_of(net.mask())))),
            "ipv4" | "v4" => self.as_ipv4().or(no),
            "ipv6" | "v6" => Some(self.as_ipv6()),
            "link-local" => {
                let block = if net.v6 {
                    "fe80::/10"
                } else {
                    "169.254.0.0/16"
                };
                self.given_if(net.is_in(block))
            }
            "lo" | "loopback" => {
                self.given_if(net.is_in(if net.v6 { "::1/128" } else { "127.0.0.0/8" }))
            }
            "multicast" => self.given_if(is_multicast(net)),
            "net" => (!net.is_single() && net.is_first()).then(|| Value::str(net.cidr())),
            "netmask" => text(net.text_of(net.mask())),
            "network" | "network_id" => text(net.text_of(net.first())),
            "network/prefix" | "subnet" => text(net.network().cidr()),
            "network_netmask" => text(format!(
                "{} {}",
                net.text_of(net.first()),
                net.text_of(net.mask())
            )),
            "network_wildcard" => text(format!(
                "{} {}",
                net.text_of(net.first()),
                net.text_of(net.host_mask())
            )),
            "prefix" => Some(Value::from(net.prefix)),
            "private" => self.given_if(!is_global(net)),
            "public" => self.given_if(is_public(net)),
            "revdns" => text(reverse_name(net)),
            "size" => Some(size(net, 0)),
            "size_usable" => Some(match net.rest() {
                0 => Value::Int(0),
                1 => Value::Int(2),
                _ => size(net, 2),
            }),
            "type" => text(
                if net.is_single() || !net.is_first() {
                    "address"
                } else {
                    "network"
                }
                .to_owned(),
            ),
            "unicast" => self.given_if(!is_multicast(net)),
            "version" => Some(Value::Int(net.version())),
            "wrap" => Some(self.wrapped()),
            _ => return Ok(None),
        };
        Ok(Some(answer.unwrap_or_default()))
    }

    /// Whether the address is a host's in a network with others.
    fn in_network(&self) -> bool {
        self.net.rest() == 1 || (self.net.rest() > 1 && !self.net.is_first())
    }

    fn host_address(&self) -> Option<String> {
        let net = &self.net;
        let is_host = net.is_single() || !net.is_first() || net.broadcast().is_none() || net.v6;
        is_host.then(|| net.address())
    }

    fn wrapped(&self) -> Value {
        match (self.net.v6, self.is_network) {
            (false, _) => self.given(),
            (true, false) => Value::str(format!("[{}]", self.net.address())),
            (true, true) => Value::str(format!("[{}]/{}", self.net.address(), self.net.prefix)),
        }
    }

    fn six_to_four(&self) -> Option<Value> {
        let net = &self.net;
        if net.v6 {
            let is_host = !self.is_network || !net.is_first();
            return self.given_if(is_host && net.is_in("2002::/16"));
        }
        if !net.is_single() && net.is_first() {
            return None;
        }
        let bytes = u32::try_from(net.value).ok()?.to_be_bytes();
        let [a, b, c, d] = bytes;
        let known = is_public(net) || !is_global(net);
        known.then(|| Value::str(format!("2002:{a:02x}{b:02x}:{c:02x}{d:02x}::1/48")))
    }

    fn as_ipv4(&self) -> Option<Value> {
        let net = &self.net;
        if !net.v6 {
            return Some(self.given());
        }
        let low = net.value & u128::from(u32::MAX);
        let is_mapped = matches!(net.value >> 32, 0 | 0xffff);
        let prefix = net.prefix.checked_sub(96)?;
        let v4 = Network::new(false, low, prefix).filter(|_| is_mapped)?;
        Some(Value::str(v4.cidr()))
    }

    fn as_ipv6(&self) -> Value {
        let net = &self.net;
        if net.v6 {
            return self.given();
        }
        let mapped = Network {
            v6: true,
            value: net.value | 0xffff << 32,
            prefix: net.prefix + 96,
        };
        Value::str(mapped.cidr())
    }

    /// The queries that need a network.
    fn usable(&self, query: &str) -> Result<Option<Value>> {
        let net = &self.net;
        if !self.is_network {
            return Err(Error::template("not a network address"));
        }
        if query == "peer" {
            return self.peer().map(Some);
        }
        let Some((first, last)) = net.usable() else {
            return Ok(None);
        };
        let text = |value: u128| Value::str(net.text_of(value));
        let if_usable = |value: Option<u128>| {
            value
                .filter(|value| (first..=last).contains(value))
                .map(text)
        };
        Ok(match query {
            "first_usable" => Some(text(first)),
            "last_usable" => Some(text(last)),
            "next_usable" => if_usable(net.plus(1)),
            "previous_usable" => if_usable(net.plus(-1)),
            _ => Some(Value::str(format!(
                "{}-{}",
                net.text_of(first),
                net.text_of(last)
            ))),
        })
    }

    fn peer(&self) -> Result<Value> {
        let net = &self.net;
        let other = match (net.rest(), net.value % 4) {
            (1, _) => net.value ^ 1,
            (3, 0) => return Err(Error::template("the network address of a /30 has no peer")),
            (3, 3) => {
                return Err(Error::template(
                    "the broadcast address of a /30 has no peer",
                ));
            }
            (3, _) => net.value ^ 3,
            _ => return Err(Error::template("not a point-to-point network")),
        };
        Ok(Value::str(net.text_of(other)))
    }

    /// The address at a place of the network.
    fn at(&self, index: &str) -> Value {
        let net = &self.net;
        if net.is_single() {
            return Value::str(if self.is_network {
                net.cidr()
            } else {
                net.address()
            });
        }
        match index.trim().parse().ok().and_then(|index| net.at(index)) {
            Some(value) => Value::str(format!("{}/{}", net.text_of(value), net.prefix)),
            None => Value::Bool(false),
        }
    }
}

/// The names of the queries, for "did you mean".
const QUERIES: &[&str] = &[
    "6to4",
    "address",
    "bool",
    "broadcast",
    "cidr",
    "first_usable",
    "gateway",
    "host",
    "hostmask",
    "int",
    "ip/prefix",
    "ip_netmask",
    "ipv4",
    "ipv6",
    "last_usable",
    "link-local",
    "loopback",
    "multicast",
    "net",
    "netmask",
    "network",
    "network/prefix",
    "network_netmask",
    "network_wildcard",
    "next_usable",
    "peer",
    "prefix",
    "previous_usable",
    "private",
    "public",
    "range_usable",
    "revdns",
    "size",
    "size_usable",
    "subnet",
    "type",
    "unicast",
    "version",
    "wildcard",
    "wrap",
];

/// The network that a query names, where it names one and not a lone address with a prefix.
fn network_of_query(query: &str) -> Option<Network> {
    let subject = Subject::read(&Value::str(query), None)?;
    Some(subject.net.network())
}

fn size(net: &Network, less: u128) -> Value {
    int_from_big(BigInt::from(net.rest()) + 1 - BigInt::from(less))
}

fn is_multicast(net: &Network) -> bool {
    net.is_in(if net.v6 { "ff00::/8" } else { "224.0.0.0/4" })
}

/// What the registries of special addresses call not globally reachable.
const V4_SPECIAL: &[&str] = &[
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "240.0.0.0/4",
];

const V4_REACHABLE: &[&str] = &["192.0.0.9/32", "192.0.0.10/32"];

const V6_SPECIAL: &[&str] = &[
    "::/127",
    "::ffff:0:0/96",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/23",
    "2001:db8::/32",
    "2002::/16",
    "fc00::/7",
    "fe80::/10",
];

const V6_REACHABLE: &[&str] = &[
    "2001:1::1/128",
    "2001:1::2/128",
    "2001:3::/32",
    "2001:4:112::/48",
    "2001:20::/28",
    "2001:30::/28",
];

/// Whether the address can be reached from everywhere.
pub(super) fn is_global(net: &Network) -> bool {
    let (special, reachable) = if net.v6 {
        (V6_SPECIAL, V6_REACHABLE)
    } else {
        (V4_SPECIAL, V4_REACHABLE)
    };
    let any = |blocks: &[&str]| blocks.iter().any(|block| net.is_in(block));
    !any(special) || any(reachable)
}

fn is_public(net: &Network) -> bool {
    let is_host_mask = |value: u128| value & value.wrapping_add(1) == 0;
    is_global(net)
        && !is_multicast(net)
        && !is_host_mask(net.value)
        && !is_host_mask(net.highest() ^ net.value)
}

/// The name under which the address is asked for backwards.
fn reverse_name(net: &Network) -> String {
    if !net.v6 {
        let bytes = u32::try_from(net.value).unwrap_or(0).to_be_bytes();
        let [a, b, c, d] = bytes;
        return format!("{d}.{c}.{b}.{a}.in-addr.arpa.");
    }
    let digits = format!("{:032x}", net.value);
    let digits: Vec<String> = digits.chars().rev().map(String::from).collect();
    format!("{}.ip6.arpa.", digits.join("."))
}
