//! The filters of `community.general`.

use unicode_normalization::UnicodeNormalization;

use super::super::{Args, Runtime};
use super::{Table, items, strict, text};
use crate::error::{Error, Result};
use crate::value::{Map, Value};

mod keys;
mod mergeby;
mod sets;
mod tables;
mod time;
mod types;

pub(super) use keys::{Matcher, any_fits, replacements};
pub(in crate::template) use types::ansible_type;

pub(super) const FILTERS: Table = &[
    ("community.general.accumulate", strict!(accumulate)),
    ("community.general.counter", strict!(counter)),
    ("community.general.crc32", strict!(crc32)),
    ("community.general.dict", strict!(dict)),
    ("community.general.dict_kv", strict!(dict_kv)),
    ("community.general.from_csv", strict!(tables::from_csv)),
    ("community.general.from_ini", strict!(tables::from_ini)),
    (
        "community.general.groupby_as_dict",
        strict!(groupby_as_dict),
    ),
    ("community.general.keep_keys", strict!(keys::keep)),
    (
        "community.general.lists_difference",
        strict!(sets::difference),
    ),
    (
        "community.general.lists_intersect",
        strict!(sets::intersect),
    ),
    (
        "community.general.lists_mergeby",
        strict!(mergeby::lists_mergeby),
    ),
    (
        "community.general.lists_symmetric_difference",
        strict!(sets::symmetric_difference),
    ),
    ("community.general.lists_union", strict!(sets::union)),
    ("community.general.random_mac", strict!(random_mac)),
    ("community.general.remove_keys", strict!(keys::remove)),
    ("community.general.replace_keys", strict!(keys::replace)),
    (
        "community.general.reveal_ansible_type",
        strict!(types::reveal_ansible_type),
    ),
    ("community.general.to_days", strict!(time::to_days)),
    ("community.general.to_hours", strict!(time::to_hours)),
    ("community.general.to_ini", strict!(tables::to_ini)),
    (
        "community.general.to_milliseconds",
        strict!(time::to_milliseconds),
    ),
    ("community.general.to_minutes", strict!(time::to_minutes)),
    ("community.general.to_months", strict!(time::to_months)),
    ("community.general.to_seconds", strict!(time::to_seconds)),
    (
        "community.general.to_time_unit",
        strict!(time::to_time_unit),
    ),
    ("community.general.to_weeks", strict!(time::to_weeks)),
    ("community.general.to_years", strict!(time::to_years)),
    (
        "community.general.unicode_normalize",
        strict!(unicode_normalize),
    ),
    ("community.general.version_sort", strict!(version_sort)),
];

/// The sums of the first, the first two, … items.
fn accumulate(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    args.finish()?;
    if !matches!(value, Value::List(_) | Value::Tuple(_) | Value::Str(_)) {
        return Err(args.wrong("sequence", "a list or a string", &value));
    }
    let mut sums: Vec<Value> = Vec::new();
    for item in items(runtime, &value)? {
        let item = runtime.plain(&item)?;
        let sum = match sums.last() {
            None => item,
            Some(last) => super::lists::added(last, &item)?,
        };
        sums.push(sum);
    }
    Ok(Value::list(sums))
}

/// How often each item is there.
fn counter(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    args.finish()?;
    if !matches!(value, Value::List(_) | Value::Tuple(_) | Value::Str(_)) {
        return Err(args.wrong("sequence", "a list or a string", &value));
    }
    let mut counts = Map::new();
    for item in items(runtime, &value)? {
        let item = runtime.plain(&item)?;
        if !item.is_hashable() {
            return Err(Error::template(format!(
                "`counter` cannot count values of type `{}`",
                item.type_name()
            )));
        }
        let count = counts.get_value(&item).and_then(Value::as_int).unwrap_or(0);
        counts.insert(item, Value::Int(count + 1));
    }
    Ok(Value::map(counts))
}

fn crc32(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    args.finish()?;
    let Some(text) = value.as_str() else {
        return Err(args.wrong("value", "a string", &value));
    };
    let mut sum = u32::MAX;
    for byte in text.bytes() {
        sum ^= u32::from(byte);
        for _ in 0..8 {
            let carry = if sum & 1 == 1 { 0xedb8_8320 } else { 0 };
            sum = sum >> 1 ^ carry;
        }
    }
    Ok(Value::str(format!("{:x}", !sum)))
}

fn dict(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    args.finish()?;
    if let Value::Map(_) = value {
        return Ok(value);
    }
    let mut map = Map::new();
    for item in items(runtime, &value)? {
        match <[Value; 2]>::try_from(runtime.items(&item)?) {
            Ok([key, value]) if key.is_hashable() => drop(map.insert(runtime.plain(&key)?, value)),
            _ => return Err(args.wrong("sequence", "pairs of key and value", &item)),
        }
    }
    Ok(Value::map(map))
}

fn dict_kv(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let key = args.require("key")?;
    args.finish()?;
    let key = runtime.plain(&key)?;
    if !key.is_hashable() {
        return Err(args.wrong("key", "what can be a key", &key));
    }
    Ok(Value::map([(key, value)].into_iter().collect()))
}

fn groupby_as_dict(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let attribute = args.require("attribute")?;
    args.finish()?;
    if value.as_list().is_none() {
        return Err(args.wrong("sequence", "a list", &value));
    }
    let mut groups = Map::new();
    for (position, item) in items(runtime, &value)?.into_iter().enumerate() {
        let Value::Map(map) = &item else {
            return Err(Error::template(format!(
                "the item {position} of the list is not a dictionary"
            )));
        };
        let key = map.get_value(&attribute).ok_or_else(|| {
            Error::template(format!(
                "the item {position} of the list has no attribute `{attribute}`"
            ))
        })?;
        let key = runtime.plain(key)?;
        let shown = key.repr();
        if groups.insert(key, item).is_some() {
            return Err(Error::template(format!(
                "several items have the value {shown} as `{attribute}`"
            )));
        }
    }
    Ok(Value::map(groups))
}

/// Completes the beginning of a hardware address by chance.
fn random_mac(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let seed = args.take("seed")?.unwrap_or_default();
    args.finish()?;
    let Some(prefix) = value.as_str().map(str::to_lowercase) else {
        return Err(args.wrong("value", "a string", &value));
    };
    let parts: Vec<&str> = prefix.split(':').collect();
    let is_byte = |part: &&str| {
        part.get(..2)
            .is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    if parts.len() > 5 || !parts.iter().all(is_byte) {
        return Err(
            Error::template(format!("`random_mac` got the invalid prefix `{prefix}`"))
                .hint("write up to five bytes with colons: `52:54:00`"),
        );
    }
    let mut source = super::random::Source::seeded(&seed)?;
    let number = 68_719_476_736 + source.below(1_099_511_627_775 - 68_719_476_736 + 1)?;
    let digits: Vec<char> = format!("{number:x}").chars().collect();
    let missing = digits.chunks(2).take(6 - parts.len());
    let mut whole = prefix.clone();
    for pair in missing {
        whole.push(':');
        whole.extend(pair);
    }
    Ok(Value::str(whole))
}

/// A normal form of Unicode.
fn unicode_normalize(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let form = args.take("form")?.unwrap_or(Value::str("NFC"));
    args.finish()?;
    let Some(text) = value.as_str() else {
        return Err(args.wrong("value", "a string", &value));
    };
    Ok(Value::str(match form.as_str() {
        Some("NFC") => text.nfc().collect::<String>(),
        Some("NFD") => text.nfd().collect(),
        Some("NFKC") => text.nfkc().collect(),
        Some("NFKD") => text.nfkd().collect(),
        _ => return Err(args.wrong("form", "NFC, NFD, NFKC or NFKD", &form)),
    }))
}

/// Sorts by version numbers.
fn version_sort(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let reverse = args.flag("reverse", false)?;
    args.finish()?;
    let mut versions = Vec::new();
    for item in items(runtime, &value)? {
        versions.push((text(runtime, &item)?, item));
    }
    let mut failed = None;
    versions.sort_by(|(a, _), (b, _)| {
        let (a, b) = if reverse { (b, a) } else { (a, b) };
        super::super::tests_::loose(a, b).unwrap_or_else(|why| {
            failed.get_or_insert(why);
            std::cmp::Ordering::Equal
        })
    });
    match failed {
        Some(why) => Err(Error::template(format!("version comparison failed: {why}"))),
        None => Ok(Value::list(
            versions.into_iter().map(|(_, item)| item).collect(),
        )),
    }
}
