//! Parts of networks and places in them: `ipsubnet`, `nthhost`, `ipmath`, `cidr_merge` and kin.

use num_bigint::BigInt;

use super::super::super::{Args, Runtime};
use super::super::items;
use super::network::{Network, read_address};
use super::query::Subject;
use super::whole;
use crate::error::{Error, Result};
use crate::value::{Value, int_from_big};

/// The network of a value, where it is an address or a network: an address without its prefix is
/// alone in one, an address within one keeps its own bits.
fn network(value: &Value) -> Option<Network> {
    let net = Subject::read(value, None)?.net;
    Some(net)
}

/// The text of a required argument.
fn text(args: &mut Args, name: &str) -> Result<String> {
    Ok(args.require(name)?.to_text())
}

fn integer(args: &mut Args, name: &str) -> Result<i64> {
    let value = args.require(name)?;
    whole(&value).ok_or_else(|| args.wrong(name, "an integer", &value))
}

pub(super) fn ipsubnet(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.require("value")?;
    let query = args.take("query")?.filter(Value::is_true);
    let index = args.take("index")?.filter(|index| !index.is_null());
    args.finish()?;
    let Some(net) = network(&value) else {
        return Ok(Value::Bool(false));
    };
    let net = net.network();
    let Some(query) = query else {
        return Ok(Value::str(net.cidr()));
    };
    let index = match &index {
        None => None,
        Some(index) => Some(whole(index).ok_or_else(|| args.wrong("index", "an integer", index))?),
    };
    let query = query.to_text();
    if query.bytes().all(|b| b.is_ascii_digit()) {
        return match query.parse() {
            Ok(prefix) if prefix <= net.width() => subnet(&net, prefix, index),
            _ => Ok(Value::Bool(false)),
        };
    }
    place_in(&net, &query)
}

/// The subnet of a prefix at a place, or how many there are; of a lone address the network that
/// holds it.
fn subnet(net: &Network, prefix: u32, index: Option<i64>) -> Result<Value> {
    if net.is_single() {
        return supernet(net, prefix, index);
    }
    let Some(bits) = prefix.checked_sub(net.prefix) else {
        return match index {
            None => Err(Error::template(format!(
                "requested subnet size of {prefix} is invalid"
            ))),
            // The reference gives the address with the shorter prefix.
            Some(0) => Ok(Value::str(Network { prefix, ..*net }.cidr())),
            Some(_) => Ok(Value::Bool(false)),
        };
    };
    let count = BigInt::from(1) << bits;
    let Some(index) = index else {
        return Ok(Value::str(count.to_string()));
    };
    let index = if index < 0 {
        BigInt::from(index) + &count
    } else {
        BigInt::from(index)
    };
    if index.sign() == num_bigint::Sign::Minus || index >= count {
        return Ok(Value::Bool(false));
    }
    let offset = u128::try_from(index << (net.width() - prefix)).unwrap_or(0);
    let part = Network::new(net.v6, net.first() | offset, prefix);
    Ok(part.map_or(Value::Bool(false), |part| Value::str(part.cidr())))
}

fn supernet(net: &Network, prefix: u32, index: Option<i64>) -> Result<Value> {
    let width = i64::from(net.width());
    let index = index.unwrap_or(0);
    if index > width + 1 - index || index < i64::from(prefix) - width {
        return Ok(Value::Bool(false));
    }
    let count = width - i64::from(prefix);
    let place = if index < 0 { index + count } else { index };
    let longer = u32::try_from(place).ok().filter(|_| place < count);
    let larger = longer.and_then(|longer| Network::new(net.v6, net.value, prefix + longer));
    larger
        .map(|larger| Value::str(larger.network().cidr()))
        .ok_or_else(|| Error::template("there is no such network around the address"))
}

/// The number of this subnet, from one, in the larger network.
fn place_in(net: &Network, query: &str) -> Result<Value> {
    let larger = network(&Value::str(query)).ok_or_else(|| {
        Error::template(format!(
            "you must pass a valid subnet or IP address; {query} is invalid"
        ))
    })?;
    let larger = larger.network();
    let shift = net.width() - larger.prefix.min(net.width());
    let same = shift >= net.width() || net.value >> shift == larger.value >> shift;
    if !same || larger.v6 != net.v6 || net.prefix < larger.prefix {
        return Err(Error::template(format!(
            "{} is not in the subnet {}",
            net.cidr(),
            larger.cidr()
        )));
    }
    let place = (net.first() - larger.first()) >> (net.width() - net.prefix).min(127);
    Ok(Value::str(
        (BigInt::from(place) + BigInt::from(1)).to_string(),
    ))
}

pub(super) fn nthhost(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.require("value")?;
    let query = args.take("query")?.map(|query| query.to_text());
    args.finish()?;
    let place = query.and_then(|query| query.trim().parse().ok());
    let host = network(&value).zip(place).and_then(|(net, place)| {
        let net = net.network();
        net.at(place).map(|host| net.text_of(host))
    });
    Ok(host.map_or(Value::Bool(false), Value::str))
}

pub(super) fn ipmath(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = text(&mut args, "value")?;
    let amount = integer(&mut args, "amount")?;
    args.finish()?;
    let net = Network::read(&value).ok_or_else(|| {
        Error::template(format!(
            "you must pass a valid IP address; {value} is invalid"
        ))
    })?;
    net.plus(i128::from(amount))
        .map(|moved| Value::str(net.text_of(moved)))
        .ok_or_else(|| Error::template("result outside valid IP address boundary"))
}

pub(super) fn next_nth_usable(_: &dyn Runtime, args: Args) -> Result<Value> {
    nth_usable(args, 1)
}

pub(super) fn previous_nth_usable(_: &dyn Runtime, args: Args) -> Result<Value> {
    nth_usable(args, -1)
}

fn nth_usable(mut args: Args, direction: i128) -> Result<Value> {
    let value = args.require("value")?;
    let offset = integer(&mut args, "offset")?;
    args.finish()?;
    let Some(subject) = Subject::read(&value, None) else {
        return Ok(Value::Bool(false));
    };
    let net = subject.net;
    let found = net.usable().and_then(|(first, last)| {
        let moved = net.plus(direction * i128::from(offset))?;
        (first..=last).contains(&moved).then(|| net.text_of(moved))
    });
    Ok(Value::str_or_null(found))
}

/// A value as the whole of its network.
fn normal(value: &Value) -> Option<Network> {
    Some(network(value)?.network())
}

pub(super) fn network_in_network(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let outer = normal(&args.require("value")?);
    let inner = normal(&args.require("test")?);
    args.finish()?;
    Ok(Value::Bool(match (outer, inner) {
        (Some(outer), Some(inner)) => within(&inner, outer.first(), outer.last()),
        // The reference compares "no" with "no".
        (None, None) => true,
        (None, Some(inner)) => inner.first() == 0 && inner.last() == 0,
        (Some(outer), None) => outer.first() == 0,
    }))
}

fn within(inner: &Network, first: u128, last: u128) -> bool {
    inner.first() >= first && inner.last() <= last
}

pub(super) fn network_in_usable(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let outer = normal(&args.require("value")?);
    let inner = normal(&args.require("test")?);
    args.finish()?;
    let (Some(outer), Some(inner)) = (outer, inner) else {
        return Ok(Value::Bool(false));
    };
    let (first, last) = outer.usable().unwrap_or((outer.value, outer.value));
    Ok(Value::Bool(within(&inner, first, last)))
}

pub(super) fn reduce_on_network(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.require("value")?;
    let outer = normal(&args.require("network")?);
    args.finish()?;
    let mut kept = Vec::new();
    for item in items(runtime, &value)? {
        let fits = outer.zip(normal(&item));
        if fits.is_some_and(|(outer, inner)| within(&inner, outer.first(), outer.last())) {
            kept.push(item);
        }
    }
    Ok(Value::list(kept))
}

pub(super) fn cidr_merge(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.require("value")?;
    let action = args.text("action", "merge")?;
    args.finish()?;
    let mut networks = Vec::new();
    for item in items(runtime, &value)? {
        let text = item.to_text();
        networks.push(Network::read(&text).ok_or_else(|| {
            Error::template(format!("`cidr_merge` got the invalid network {text}"))
        })?);
    }
    match action.as_str() {
        "merge" => Ok(Value::strings(merged(&networks))),
        "span" => spanned(&networks),
        other => Err(
            Error::template(format!("`cidr_merge` got the invalid action '{other}'"))
                .hint("use merge or span"),
        ),
    }
}

/// The fewest networks that hold the same addresses.
fn merged(networks: &[Network]) -> Vec<String> {
    let mut all: Vec<Network> = networks.iter().map(Network::network).collect();
    all.sort_by_key(|net| (net.v6, net.first(), net.prefix));
    let mut kept: Vec<Network> = Vec::new();
    for net in all {
        if kept.last().is_some_and(|last| last.holds(&net)) {
            continue;
        }
        kept.push(net);
        while let [.., a, b] = kept.as_slice()
            && let Some(pair) = joined(a, b)
        {
            kept.truncate(kept.len() - 2);
            kept.push(pair);
        }
    }
    kept.iter().map(Network::cidr).collect()
}

/// The network that two neighbours of one size make.
fn joined(a: &Network, b: &Network) -> Option<Network> {
    let larger = Network::new(a.v6, a.first(), a.prefix.checked_sub(1)?)?;
    let fits = a.v6 == b.v6
        && a.prefix == b.prefix
        && larger.first() == a.first()
        && larger.last() == b.last();
    fits.then_some(larger)
}

/// The smallest network that holds all.
fn spanned(networks: &[Network]) -> Result<Value> {
    let [first, rest @ ..] = networks else {
        return Ok(Value::Null);
    };
    if rest.is_empty() {
        return Ok(Value::str(first.cidr()));
    }
    if rest.iter().any(|net| net.v6 != first.v6) {
        return Err(Error::template(
            "`cidr_merge` cannot span IPv4 and IPv6 at once",
        ));
    }
    let mut span = first.network();
    while !rest.iter().all(|net| span.holds(net)) {
        span = Network {
            prefix: span.prefix - 1,
            ..span
        }
        .network();
    }
    Ok(Value::str(span.cidr()))
}

pub(super) fn usable_range(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    const MOST: u128 = 1 << 20;
    let value = text(&mut args, "ip")?;
    args.finish()?;
    let net = Network::read(&value).ok_or_else(|| {
        Error::template(format!(
            "'{value}' does not appear to be an IPv4 or IPv6 network"
        ))
    })?;
    if !net.is_first() {
        return Err(Error::template(format!("{value} has host bits set")));
    }
    if net.rest() >= MOST {
        return Err(Error::template(format!(
            "`usable_range` would give more than {MOST} addresses"
        )));
    }
    let all = (net.first()..=net.last()).map(|value| net.text_of(value));
    Ok(Value::map(crate::entries! {
        "usable_ips" => Value::strings(all),
        "number_of_ips" => int_from_big(BigInt::from(net.rest()) + 1),
    }))
}

pub(super) fn ip4_hex(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = text(&mut args, "arg")?;
    let delimiter = args.text("delimiter", "")?;
    args.finish()?;
    let number = match read_address(&value) {
        Some((false, number)) => u32::try_from(number).unwrap_or(0),
        _ => {
            return Err(Error::template(format!(
                "you must pass a valid IP address; {value} is invalid"
            )));
        }
    };
    let parts = number.to_be_bytes().map(|byte| format!("{byte:02x}"));
    Ok(Value::str(parts.join(&delimiter)))
}

/// The first bits of an address (the last ones where the number is negative), in its own writing.
pub(super) fn ipcut(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = text(&mut args, "value")?;
    let amount = integer(&mut args, "amount")?;
    args.finish()?;
    let (v6, number) = read_address(&value).ok_or_else(|| {
        Error::template(format!(
            "you must pass a valid IP address; {value} is invalid"
        ))
    })?;
    let (width, size) = if v6 { (128, 16) } else { (32, 8) };
    let bits = format!("{number:0width$b}");
    let length = usize::try_from(amount.unsigned_abs())
        .unwrap_or(width)
        .min(width);
    let kept = if amount < 0 {
        &bits[width - length..]
    } else {
        &bits[..length]
    };
    let chunks: Vec<char> = kept.chars().collect();
    let parts: Vec<String> = chunks
        .chunks(size)
        .map(|chunk| {
            let digits: String = chunk.iter().collect();
            let part = u32::from_str_radix(&digits, 2).unwrap_or(0);
            if v6 {
                format!("{part:x}")
            } else {
                part.to_string()
            }
        })
        .collect();
    Ok(Value::str(parts.join(if v6 { ":" } else { "." })))
}

pub(super) fn ipv6form(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = text(&mut args, "value")?;
    let form = args.text("format", "")?;
    args.finish()?;
    let Some((true, number)) = read_address(&value) else {
        return Err(Error::template(format!(
            "you must pass a valid IPv6 address; {value} is invalid"
        )));
    };
    let parts: Vec<u16> = (0..8)
        .map(|part| ((number >> (112 - 16 * part)) & 0xffff) as u16)
        .collect();
    let written = |write: fn(&u16) -> String| {
        let parts: Vec<String> = parts.iter().map(write).collect();
        Value::str(parts.join(":"))
    };
    match form.as_str() {
        "compress" => Ok(Value::str(
            Network::single(true, number)
                .map(|net| net.address())
                .unwrap_or_default(),
        )),
        "expand" => Ok(written(|part| format!("{part:04x}"))),
        "x509" => Ok(written(|part| format!("{part:x}"))),
        other => Err(
            Error::template(format!("`ipv6form` does not know the format `{other}`"))
                .hint("use compress, expand or x509"),
        ),
    }
}
