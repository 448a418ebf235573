//! `keep_keys`, `remove_keys`, `replace_keys`: the keys of dictionaries in a list.

use std::sync::Arc;

use super::super::super::regex::{Flags, Pattern, compile};
use super::super::super::{Args, Runtime};
use super::super::items;
use crate::error::{Error, Result};
use crate::value::{Map, Value};

/// How a key is compared.
pub(in crate::template::filters) enum Matcher {
    Equal(String),
    StartsWith(String),
    EndsWith(String),
    Regex(Arc<Pattern>),
}

impl Matcher {
    pub(in crate::template::filters) fn new(manner: &str, text: &str) -> Result<Self> {
        Ok(match manner {
            "equal" | "equality" => Matcher::Equal(text.to_owned()),
            "starts_with" => Matcher::StartsWith(text.to_owned()),
            "ends_with" => Matcher::EndsWith(text.to_owned()),
            "regex" => Matcher::Regex(compile(text, Flags::default())?),
            other => {
                return Err(
                    Error::template(format!("unknown `matching_parameter` `{other}`"))
                        .hint("use starts_with, ends_with, regex, or leave it out"),
                );
            }
        })
    }

    pub(in crate::template::filters) fn fits(&self, key: &str) -> Result<bool> {
        Ok(match self {
            Matcher::Equal(text) => key == text,
            Matcher::StartsWith(text) => key.starts_with(text),
            Matcher::EndsWith(text) => key.ends_with(text),
            Matcher::Regex(pattern) => pattern.match_start(key)?.is_some(),
        })
    }
}

/// Says whether any of the matchers takes the key.
pub(in crate::template::filters) fn any_fits(matchers: &[Matcher], key: &str) -> Result<bool> {
    for matcher in matchers {
        if matcher.fits(key)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The dictionaries of the subject, all of whose keys are text.
fn dictionaries(runtime: &dyn Runtime, args: &Args, value: &Value) -> Result<Vec<Arc<Map>>> {
    if value.as_list().is_none() {
        return Err(args.wrong("data", "a list", value));
    }
    items(runtime, value)?
        .iter()
        .map(|item| match item {
            Value::Map(map) if map.keys().all(|key| key.as_str().is_some()) => Ok(map.clone()),
            other => Err(args.wrong("data", "dictionaries whose keys are strings", other)),
        })
        .collect()
}

pub(super) fn keep(runtime: &dyn Runtime, args: Args) -> Result<Value> {
    filtered(runtime, args, true)
}

pub(super) fn remove(runtime: &dyn Runtime, args: Args) -> Result<Value> {
    filtered(runtime, args, false)
}

fn filtered(runtime: &dyn Runtime, mut args: Args, wanted: bool) -> Result<Value> {
    let value = args.require("data")?;
    let target = args.take("target")?.unwrap_or_default();
    let manner = args.text("matching_parameter", "equal")?;
    args.finish()?;
    let texts = match &target {
        Value::Str(text) => vec![text.to_string()],
        Value::List(_) | Value::Tuple(_) => items(runtime, &target)?
            .iter()
            .map(|item| match item {
                Value::Str(text) => Ok(text.to_string()),
                other => Err(args.wrong("target", "strings", other)),
            })
            .collect::<Result<Vec<_>>>()?,
        other => return Err(args.wrong("target", "a string or a list", other)),
    };
    if texts.is_empty() || target.as_str() == Some("") {
        return Err(Error::template(format!(
            "`{}` got an empty `target`",
            args.who()
        )));
    }
    if manner == "regex" && texts.len() > 1 {
        return Err(Error::template(format!(
            "`{}` takes one regular expression",
            args.who()
        )));
    }
    let matchers: Vec<Matcher> = texts
        .iter()
        .map(|text| Matcher::new(&manner, text))
        .collect::<Result<_>>()?;
    let mut made = Vec::new();
    for map in dictionaries(runtime, &args, &value)? {
        let mut kept = Map::new();
        for (key, value) in map.iter() {
            if any_fits(&matchers, key.as_str().unwrap_or_default())? == wanted {
                kept.insert(key.clone(), value.clone());
            }
        }
        made.push(Value::map(kept));
    }
    Ok(Value::list(made))
}

/// `before` and `after` of each item of the target.
pub(in crate::template::filters) fn replacements(
    runtime: &dyn Runtime,
    args: &Args,
    target: &Value,
    manner: &str,
) -> Result<Vec<(Matcher, String)>> {
    let wrong =
        |value: &Value| args.wrong("target", "dictionaries with `before` and `after`", value);
    let mut pairs = Vec::new();
    for item in items(runtime, target)? {
        let plain = runtime.plain(&item)?;
        let part = |name: &str| plain.get(name).and_then(Value::as_str);
        match (part("before"), part("after")) {
            (Some(before), Some(after)) => {
                pairs.push((Matcher::new(manner, before)?, after.to_owned()));
            }
            _ => return Err(wrong(&item)),
        }
    }
    if pairs.is_empty() {
        return Err(wrong(target));
    }
    Ok(pairs)
}

pub(super) fn replace(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.require("data")?;
    let target = args.take("target")?.unwrap_or_default();
    let manner = args.text("matching_parameter", "equal")?;
    args.finish()?;
    if target.as_list().is_none() {
        return Err(args.wrong("target", "a list", &target));
    }
    let pairs = replacements(runtime, &args, &target, &manner)?;
    let mut made = Vec::new();
    for map in dictionaries(runtime, &args, &value)? {
        let mut renamed = Map::new();
        for (key, value) in map.iter() {
            let name = new_name(&pairs, key.as_str().unwrap_or_default())?;
            renamed.set(&name, value.clone());
        }
        made.push(Value::map(renamed));
    }
    Ok(Value::list(made))
}

fn new_name(pairs: &[(Matcher, String)], key: &str) -> Result<String> {
    for (before, after) in pairs {
        if before.fits(key)? {
            return Ok(after.clone());
        }
    }
    Ok(key.to_owned())
}
