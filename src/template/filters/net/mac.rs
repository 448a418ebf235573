//! Hardware addresses: `hwaddr`, `macaddr`, `slaac`.

use super::super::super::regex::{Flags, compile};
use super::super::super::{Args, Runtime};
use super::network::Network;
use super::query::Subject;
use crate::error::{Error, Result, nearest};
use crate::value::Value;

/// An address of six bytes, or of eight.
#[derive(Clone, Copy)]
struct Mac {
    value: u64,
    long: bool,
}

/// The ways to write six bytes: the pattern of all words, and the digits a word stands for.
const SHORT: [(&str, usize); 9] = [
    (
        r"^([0-9A-F]{1,2}):([0-9A-F]{1,2}):([0-9A-F]{1,2}):([0-9A-F]{1,2}):([0-9A-F]{1,2}):([0-9A-F]{1,2})$",
        2,
    ),
    (
        r"^([0-9A-F]{1,2})-([0-9A-F]{1,2})-([0-9A-F]{1,2})-([0-9A-F]{1,2})-([0-9A-F]{1,2})-([0-9A-F]{1,2})$",
        2,
    ),
    (r"^([0-9A-F]{1,4}):([0-9A-F]{1,4}):([0-9A-F]{1,4})$", 4),
    (r"^([0-9A-F]{1,4})-([0-9A-F]{1,4})-([0-9A-F]{1,4})$", 4),
    (r"^([0-9A-F]{1,4})\.([0-9A-F]{1,4})\.([0-9A-F]{1,4})$", 4),
    (r"^([0-9A-F]{5,6})-([0-9A-F]{5,6})$", 6),
    (r"^([0-9A-F]{5,6}):([0-9A-F]{5,6})$", 6),
    (r"^([0-9A-F]{12})$", 12),
    (r"^([0-9A-F]{11})$", 12),
];

/// The ways to write eight bytes.
const LONG: [(&str, usize); 6] = [
    (r"^(?:([0-9A-F]{1,2}):){7}([0-9A-F]{1,2})$", 2),
    (r"^(?:([0-9A-F]{1,2})-){7}([0-9A-F]{1,2})$", 2),
    (r"^(?:([0-9A-F]{1,4}):){3}([0-9A-F]{1,4})$", 4),
    (r"^(?:([0-9A-F]{1,4})-){3}([0-9A-F]{1,4})$", 4),
    (r"^(?:([0-9A-F]{1,4})\.){3}([0-9A-F]{1,4})$", 4),
    (r"^([0-9A-F]{16})$", 16),
];

impl Mac {
    fn read(value: &Value) -> Result<Option<Self>> {
        let text = value.to_text();
        if let Ok(number) = text.parse::<u64>()
            && text.len() != 11
            && text.len() != 12
        {
            return Ok(Some(Mac {
                value: number,
                long: number >= 1 << 48,
            }));
        }
        for (patterns, long) in [(&SHORT[..], false), (&LONG[..], true)] {
            for (pattern, digits) in patterns {
                if compile(pattern, Flags::of(true, false))?.is_found(&text)? {
                    let value = number(&text, *digits);
                    return Ok(value.map(|value| Mac { value, long }));
                }
            }
        }
        Ok(None)
    }

    /// The bytes in groups of so many bits.
    fn words(self, bits: u32) -> Vec<u64> {
        let width = if self.long { 64 } else { 48 };
        let mask = (1 << bits) - 1;
        (0..width / bits)
            .rev()
            .map(|place| self.value >> (place * bits) & mask)
            .collect()
    }

    fn written(self, bits: u32, separator: &str, write: fn(&u64) -> String) -> String {
        let words: Vec<String> = self.words(bits).iter().map(write).collect();
        words.join(separator)
    }

    /// The address that a host with this hardware gives itself in a network.
    fn in_network(self, network: u128) -> u128 {
        let eui = if self.long {
            u128::from(self.value)
        } else {
            let high = u128::from(self.value >> 24);
            let low = u128::from(self.value & 0xff_ffff);
            high << 40 | 0xff_fe << 24 | low
        };
        network | (eui ^ 1 << 57)
    }
}

/// The number that the words make, each filled up to its digits.
fn number(text: &str, digits: usize) -> Option<u64> {
    let words: String = text
        .split([':', '-', '.'])
        .map(|word| format!("{word:0>digits$}"))
        .collect();
    u64::from_str_radix(&words, 16).ok()
}

pub(super) fn hwaddr(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.require("value")?;
    let query = args
        .take("query")?
        .map_or_else(String::new, |query| query.to_text());
    let alias = args.text("alias", "hwaddr")?;
    args.finish()?;
    asked(&value, &query, &alias)
}

pub(super) fn macaddr(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.require("value")?;
    let query = args
        .take("query")?
        .map_or_else(String::new, |query| query.to_text());
    args.finish()?;
    asked(&value, &query, "macaddr")
}

fn asked(value: &Value, query: &str, alias: &str) -> Result<Value> {
    const QUERIES: [&str; 11] = [
        "bare",
        "bool",
        "cisco",
        "eui48",
        "int",
        "linux",
        "pgsql",
        "postgresql",
        "psql",
        "unix",
        "win",
    ];
    let Some(mac) = Mac::read(value)? else {
        if matches!(query, "" | "bool") {
            return Ok(Value::Null);
        }
        return Err(Error::template(format!(
            "{alias}: not a hardware address: {value}"
        )));
    };
    let text = match query {
        "" => return Ok(Value::str(value.to_text())),
        "bool" => return Ok(Value::Bool(true)),
        "int" => return Ok(Value::from(mac.value)),
        query if !QUERIES.contains(&query) => {
            return Err(
                Error::template(format!("{alias}: unknown filter type: {query}"))
                    .hint_if(nearest(query, QUERIES)),
            );
        }
        _ if mac.long => {
            return Err(Error::template(format!(
                "{alias}: an address of eight bytes cannot be written this way: {value}"
            )));
        }
        "bare" => mac.written(48, "", |word| format!("{word:012X}")),
        "cisco" => mac.written(16, ".", |word| format!("{word:04x}")),
        "linux" => mac.written(8, ":", |word| format!("{word:02x}")),
        "unix" => mac.written(8, ":", |word| format!("{word:x}")),
        "eui48" | "win" => mac.written(8, "-", |word| format!("{word:02X}")),
        _ => mac.written(24, ":", |word| format!("{word:06x}")),
    };
    Ok(Value::str(text))
}

pub(super) fn slaac(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.require("value")?;
    let query = args.take("query")?.filter(Value::is_true);
    args.finish()?;
    let net = Subject::read(&value, None).map(|subject| subject.net);
    let (Some(net), Some(query)) = (net.filter(|net| net.v6), query) else {
        return Ok(Value::Bool(false));
    };
    let Some(mac) = Mac::read(&query)? else {
        return Ok(Value::Bool(false));
    };
    let host = Network::single(true, mac.in_network(net.first()));
    Ok(host.map_or(Value::Bool(false), |host| Value::str(host.address())))
}
