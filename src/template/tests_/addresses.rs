//! Addresses and networks, as `ansible.utils` judges them after Python's `ipaddress`.

use super::super::filters::{Network, strict};
use super::super::regex::{Flags, compile};
use super::super::{Args, Runtime};
use super::Table;
use crate::error::Result;
use crate::value::Value;

pub(super) const TESTS: Table = &[
    ("ansible.utils.in_any_network", strict!(in_any_network)),
    ("ansible.utils.in_network", strict!(in_network)),
    ("ansible.utils.in_one_network", strict!(in_one_network)),
    ("ansible.utils.ip", strict!(ip)),
    ("ansible.utils.ip_address", strict!(ip_address)),
    ("ansible.utils.ipv4", strict!(ipv4)),
    ("ansible.utils.ipv4_address", strict!(ipv4_address)),
    ("ansible.utils.ipv4_hostmask", strict!(ipv4_hostmask)),
    ("ansible.utils.ipv4_netmask", strict!(ipv4_netmask)),
    ("ansible.utils.ipv6", strict!(ipv6)),
    ("ansible.utils.ipv6_address", strict!(ipv6_address)),
    ("ansible.utils.ipv6_ipv4_mapped", strict!(ipv6_ipv4_mapped)),
    ("ansible.utils.ipv6_sixtofour", strict!(ipv6_sixtofour)),
    ("ansible.utils.ipv6_teredo", strict!(ipv6_teredo)),
    ("ansible.utils.loopback", strict!(loopback)),
    ("ansible.utils.mac", strict!(mac)),
    ("ansible.utils.multicast", strict!(multicast)),
    ("ansible.utils.private", strict!(private)),
    ("ansible.utils.public", strict!(public)),
    ("ansible.utils.reserved", strict!(reserved)),
    ("ansible.utils.subnet_of", strict!(in_network)),
    ("ansible.utils.supernet_of", strict!(supernet_of)),
    ("ansible.utils.unspecified", strict!(unspecified)),
];

/// A network whose address has no bits of a host.
fn network(value: &Value) -> Option<Network> {
    let text = value.to_text();
    match text.contains('/') {
        true => Network::read(&text).filter(Network::is_first),
        false => address(value),
    }
}

/// An address alone.
fn address(value: &Value) -> Option<Network> {
    let text = value.to_text();
    let bare = text.split_once('%').map_or(text.as_str(), |(bare, _)| bare);
    (!text.contains('/')).then(|| Network::read(bare)).flatten()
}

fn subject(mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    args.finish()?;
    Ok(value)
}

fn in_network(_: &dyn Runtime, mut args: Args) -> Result<bool> {
    let inner = args.subject()?;
    let outer = args.require("network")?;
    args.finish()?;
    Ok(is_within(&inner, &outer))
}

fn is_within(inner: &Value, outer: &Value) -> bool {
    match (network(inner), network(outer)) {
        (Some(inner), Some(outer)) => outer.holds(&inner),
        _ => false,
    }
}

fn supernet_of(_: &dyn Runtime, mut args: Args) -> Result<bool> {
    let outer = args.subject()?;
    let inner = args.require("network_b")?;
    args.finish()?;
    Ok(is_within(&inner, &outer))
}

/// In how many of the networks the subject lies.
fn count_of(runtime: &dyn Runtime, mut args: Args) -> Result<usize> {
    let inner = args.subject()?;
    let networks = args.require("networks")?;
    args.finish()?;
    let networks = runtime.items(&networks)?;
    Ok(networks
        .iter()
        .filter(|outer| is_within(&inner, outer))
        .count())
}

fn in_any_network(runtime: &dyn Runtime, args: Args) -> Result<bool> {
    Ok(count_of(runtime, args)? > 0)
}

fn in_one_network(runtime: &dyn Runtime, args: Args) -> Result<bool> {
    Ok(count_of(runtime, args)? == 1)
}

fn ip(_: &dyn Runtime, args: Args) -> Result<bool> {
    Ok(network(&subject(args)?).is_some())
}

fn ip_address(_: &dyn Runtime, args: Args) -> Result<bool> {
    Ok(address(&subject(args)?).is_some())
}

fn ipv4(_: &dyn Runtime, args: Args) -> Result<bool> {
    Ok(network(&subject(args)?).is_some_and(|net| net.is_v4()))
}

fn ipv4_address(_: &dyn Runtime, args: Args) -> Result<bool> {
    Ok(address(&subject(args)?).is_some_and(|net| net.is_v4()))
}

fn ipv6(_: &dyn Runtime, args: Args) -> Result<bool> {
    Ok(network(&subject(args)?).is_some_and(|net| !net.is_v4()))
}

fn ipv6_address(_: &dyn Runtime, args: Args) -> Result<bool> {
    Ok(address(&subject(args)?).is_some_and(|net| !net.is_v4()))
}

/// The mask as a number: of a net where `net` says so, else of hosts.
fn is_mask(value: &Value, net: bool) -> bool {
    let mask = address(value).filter(Network::is_v4);
    let mask = mask.and_then(|mask| u32::try_from(mask.number()).ok());
    mask.is_some_and(|mask| {
        let hosts = if net { !mask } else { mask };
        // The reference tries the mask on 10.0.0.0, which needs seven bits.
        hosts & hosts.wrapping_add(1) == 0 && hosts.leading_zeros() >= 7
    })
}

fn ipv4_netmask(_: &dyn Runtime, args: Args) -> Result<bool> {
    let value = subject(args)?;
    Ok(is_mask(&value, true))
}

/// All ones and all zeros are masks of a net first.
fn ipv4_hostmask(_: &dyn Runtime, args: Args) -> Result<bool> {
    let value = subject(args)?;
    let is_zero = address(&value).is_some_and(|mask| mask.number() == 0);
    Ok(is_mask(&value, false) && !is_mask(&value, true) && !is_zero)
}

/// Whether the subject is an address of one of these networks.
fn is_in(args: Args, blocks: &[&str]) -> Result<bool> {
    let Some(address) = address(&subject(args)?) else {
        return Ok(false);
    };
    Ok(is_in_any(&address, blocks))
}

fn is_in_any(address: &Network, blocks: &[&str]) -> bool {
    blocks
        .iter()
        .filter_map(|block| Network::read(block))
        .any(|block| block.holds(address))
}

fn ipv6_ipv4_mapped(_: &dyn Runtime, args: Args) -> Result<bool> {
    is_in(args, &["::ffff:0:0/96"])
}

fn ipv6_sixtofour(_: &dyn Runtime, args: Args) -> Result<bool> {
    is_in(args, &["2002::/16"])
}

fn ipv6_teredo(_: &dyn Runtime, args: Args) -> Result<bool> {
    is_in(args, &["2001::/32"])
}

fn loopback(_: &dyn Runtime, args: Args) -> Result<bool> {
    is_in(args, &["127.0.0.0/8", "::1/128"])
}

fn multicast(_: &dyn Runtime, args: Args) -> Result<bool> {
    is_in(args, &["224.0.0.0/4", "ff00::/8"])
}

fn unspecified(_: &dyn Runtime, args: Args) -> Result<bool> {
    is_in(args, &["0.0.0.0/32", "::/128"])
}

/// What Python calls private.
const PRIVATE: &[&str] = &[
    "0.0.0.0/8",
    "10.0.0.0/8",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/29",
    "192.0.0.170/31",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "240.0.0.0/4",
    "::/127",
    "100::/64",
    "2001::/23",
    "2001:db8::/32",
    "fc00::/7",
    "fe80::/10",
];

const SHARED: &[&str] = &["100.64.0.0/10"];

fn private(_: &dyn Runtime, args: Args) -> Result<bool> {
    let address = address(&subject(args)?);
    Ok(address.is_some_and(|address| is_in_any(&unmapped(address), PRIVATE)))
}

/// The IPv4 address that an IPv6 one stands for, where it does.
fn unmapped(address: Network) -> Network {
    let low = address.number() & u128::from(u32::MAX);
    let is_mapped = !address.is_v4() && address.number() >> 32 == 0xffff;
    let mapped = u32::try_from(low).ok().filter(|_| is_mapped);
    mapped
        .and_then(|low| Network::read(&std::net::Ipv4Addr::from(low).to_string()))
        .unwrap_or(address)
}

fn public(_: &dyn Runtime, args: Args) -> Result<bool> {
    let Some(address) = address(&subject(args)?) else {
        return Ok(false);
    };
    let address = unmapped(address);
    Ok(!is_in_any(&address, PRIVATE) && !is_in_any(&address, SHARED))
}

fn reserved(_: &dyn Runtime, args: Args) -> Result<bool> {
    is_in(
        args,
        &[
            "240.0.0.0/4",
            "::/8",
            "100::/8",
            "200::/7",
            "400::/6",
            "800::/5",
            "1000::/4",
            "4000::/3",
            "6000::/3",
            "8000::/3",
            "a000::/3",
            "c000::/3",
            "e000::/4",
            "f000::/5",
            "f800::/6",
            "fe00::/9",
        ],
    )
}

fn mac(_: &dyn Runtime, args: Args) -> Result<bool> {
    const MAC: &str =
        r"^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$|^[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}$|^[0-9a-f]{12}$";
    let value = subject(args)?.to_text();
    compile(MAC, Flags::of(true, false))?.is_found(&value)
}
