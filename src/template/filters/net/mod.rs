//! Addresses and networks: the filters of `ansible.utils` that build on netaddr.

use super::super::{Args, Runtime};
use super::{Table, strict};
use crate::error::Result;
use crate::value::Value;

mod mac;
mod network;
mod query;
mod subnet;

pub(in crate::template) use network::Network;

macro_rules! filters {
    ($($name:literal => $function:path,)*) => {
        &[$(
            (concat!("ansible.utils.", $name), strict!($function)),
            (concat!("ansible.netcommon.", $name), strict!($function)),
        )*]
    };
}

pub(super) const FILTERS: Table = filters! {
    "cidr_merge" => subnet::cidr_merge,
    "hwaddr" => mac::hwaddr,
    "ip4_hex" => subnet::ip4_hex,
    "ipaddr" => query::ipaddr,
    "ipcut" => subnet::ipcut,
    "ipmath" => subnet::ipmath,
    "ipsubnet" => subnet::ipsubnet,
    "ipv4" => query::ipv4,
    "ipv6" => query::ipv6,
    "ipv6form" => subnet::ipv6form,
    "ipwrap" => ipwrap,
    "macaddr" => mac::macaddr,
    "network_in_network" => subnet::network_in_network,
    "network_in_usable" => subnet::network_in_usable,
    "next_nth_usable" => subnet::next_nth_usable,
    "nthhost" => subnet::nthhost,
    "previous_nth_usable" => subnet::previous_nth_usable,
    "reduce_on_network" => subnet::reduce_on_network,
    "slaac" => mac::slaac,
    "usable_range" => subnet::usable_range,
};

/// An integer, or the text of one.
fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Str(text) => text.trim().parse().ok(),
        other => other.as_int(),
    }
}

/// IPv6 addresses in brackets; everything else as it is.
fn ipwrap(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.require("value")?;
    let query = args
        .take("query")?
        .map_or_else(String::new, |query| query.to_text());
    args.finish()?;
    let wrap = |item: &Value| -> Result<Value> {
        let known = query::asked(runtime, item, &query, None, "ipwrap");
        match known {
            Ok(known) if known.is_true() => query::asked(runtime, &known, "wrap", None, "ipwrap"),
            _ => Ok(item.clone()),
        }
    };
    match &value {
        Value::List(_) | Value::Tuple(_) => {
            let items = runtime.items(&value)?;
            Ok(Value::list(items.iter().map(wrap).collect::<Result<_>>()?))
        }
        Value::Str(_) | Value::Bool(_) => wrap(&value),
        other => Err(args.wrong("value", "a string or a list", other)),
    }
}
