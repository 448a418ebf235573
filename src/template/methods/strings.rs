//! Methods of text.

use super::super::Args;
use super::super::bounds;
use super::super::filters;
use super::super::run::Run;
use super::format;
use super::text;
use crate::error::{Error, Result};
use crate::value;
use crate::value::Map;
use crate::value::Str;
use crate::value::Value;

pub(super) const NAMES: &[&str] = &[
    "capitalize",
    "casefold",
    "center",
    "count",
    "encode",
    "endswith",
    "expandtabs",
    "find",
    "format",
    "format_map",
    "index",
    "isalnum",
    "isalpha",
    "isascii",
    "isdecimal",
    "isdigit",
    "isidentifier",
    "islower",
    "isnumeric",
    "isprintable",
    "isspace",
    "istitle",
    "isupper",
    "join",
    "ljust",
    "lower",
    "lstrip",
    "maketrans",
    "partition",
    "removeprefix",
    "removesuffix",
    "replace",
    "rfind",
    "rindex",
    "rjust",
    "rpartition",
    "rsplit",
    "rstrip",
    "split",
    "splitlines",
    "startswith",
    "strip",
    "swapcase",
    "title",
    "translate",
    "upper",
    "zfill",
];

pub(super) fn call(run: &Run<'_>, text: &Str, args: Args) -> Result<Value> {
    let value = dispatch(run, text, args)?;
    if let Value::Str(made) = &value {
        run.shared.spend(made.len())?;
    }
    Ok(value)
}

fn dispatch(run: &Run<'_>, it: &str, mut args: Args) -> Result<Value> {
    let name = args.who().to_owned();
    match &*name {
        "center" | "ljust" | "rjust" => pad(it, args),
        "count" | "find" | "index" | "rfind" | "rindex" => search(it, args),
        "encode" => encode(it, args),
        "endswith" | "startswith" => affix(run, it, args),
        "expandtabs" => {
            let size = args.int("tabsize", 8)?;
            args.finish()?;
            expand_tabs(it, size).map(Value::str)
        }
        "format" => {
            let positional = args.rest();
            let named = args.rest_named();
            format::format(run, it, &positional, &named).map(Value::str)
        }
        "format_map" => {
            let map = run.top(args.require("mapping")?)?;
            args.finish()?;
            let map = map.as_map().cloned().unwrap_or_default();
            let named: Vec<_> = map
                .iter()
                .map(|(key, value)| (key.to_text(), value.clone()))
                .collect();
            format::format(run, it, &[], &named).map(Value::str)
        }
        "join" => join(run, it, args),
        "lstrip" | "rstrip" | "strip" => strip(it, args),
        "maketrans" => make_table(run, args),
        "partition" | "rpartition" => partition(it, args),
        "removeprefix" | "removesuffix" => remove_affix(it, args),
        "replace" => replace(it, args),
        "rsplit" | "split" => split(it, args),
        "splitlines" => {
            let keep = args.flag("keepends", false)?;
            args.finish()?;
            Ok(Value::strings(match keep {
                true => bounds::collected(value::lines_with_ends(it))?,
                false => bounds::collected(value::lines(it))?,
            }))
        }
        "translate" => translate(run, it, args),
        "zfill" => {
            let width = args.int("width", 0)?;
            args.finish()?;
            zero_fill(it, width).map(Value::str)
        }
        _ => {
            args.finish()?;
            Ok(plain(it, &name))
        }
    }
}

/// The methods without arguments.
fn plain(it: &str, name: &str) -> Value {
    match name {
        "capitalize" => Value::str(text::capitalize(it)),
        "casefold" => Value::str(text::casefold(it)),
        "lower" => Value::str(it.to_lowercase()),
        "upper" => Value::str(it.to_uppercase()),
        "swapcase" => Value::str(text::swapcase(it)),
        "title" => Value::str(text::title(it)),
        _ => Value::Bool(text::is(it, name)),
    }
}

fn letters(it: &str) -> usize {
    it.chars().count()
}

fn pad(it: &str, mut args: Args) -> Result<Value> {
    let width = args.int("width", 0)?;
    let fill = args.text("fillchar", " ")?;
    args.finish()?;
    let mut fills = fill.chars();
    let (Some(fill), None) = (fills.next(), fills.next()) else {
        return Err(Error::template(
            "The fill character must be exactly one character long",
        ));
    };
    let width = u64::try_from(width).unwrap_or(0);
    bounds::allow_text(width.saturating_mul(fill.len_utf8() as u64))?;
    let missing = usize::try_from(width)
        .unwrap_or(0)
        .saturating_sub(letters(it));
    let (left, right) = match args.who() {
        "ljust" => (0, missing),
        "rjust" => (missing, 0),
        // Python puts the odd one on the left where the width is odd.
        _ => {
            let left = missing / 2 + (missing & usize::try_from(width).unwrap_or(0) & 1);
            (left, missing - left)
        }
    };
    let fills = |count| std::iter::repeat_n(fill, count);
    Ok(Value::str(
        fills(left)
            .chain(it.chars())
            .chain(fills(right))
            .collect::<String>(),
    ))
}

/// The part of a text that `start` and `stop` (in characters) cut out, and its first character's
/// number.
fn window<'a>(it: &'a str, args: &mut Args) -> Result<Option<(&'a str, i64)>> {
    let bound = |args: &mut Args, name: &str, default: i64| match args.take(name)? {
        None | Some(Value::Null) => Ok(default),
        Some(value) => value
            .as_int()
            .ok_or_else(|| args.wrong(name, "an integer", &value)),
    };
    let start = bound(args, "start", 0)?;
    let stop = bound(args, "end", i64::MAX)?;
    let length = i64::try_from(letters(it)).unwrap_or(i64::MAX);
    let clamp = |at: i64| {
        let at = if at < 0 {
            at.saturating_add(length)
        } else {
            at
        };
        at.max(0)
    };
    let (start, stop) = (clamp(start), clamp(stop).min(length));
    if start > stop {
        return Ok(None);
    }
    let byte = |at: i64| {
        it.char_indices()
            .nth(usize::try_from(at).unwrap_or(usize::MAX))
            .map_or(it.len(), |(byte, _)| byte)
    };
    Ok(Some((&it[byte(start)..byte(stop)], start)))
}

fn search(it: &str, mut args: Args) -> Result<Value> {
    let part = match args.require("sub")? {
        Value::Str(part) => part,
        other => return Err(must_be_str(&other)),
    };
    let window = window(it, &mut args)?;
    args.finish()?;
    if args.who() == "count" {
        let Some((text, _)) = window else {
            return Ok(Value::Int(0));
        };
        let count = if part.is_empty() {
            letters(text) + 1
        } else {
            text.matches(part.as_str()).count()
        };
        return Ok(Value::from(count));
    }
    let found = window.and_then(|(text, start)| {
        let byte = if args.who().starts_with('r') {
            text.rfind(part.as_str())
        } else {
            text.find(part.as_str())
        };
        let before = letters(text.get(..byte?)?);
        Some(start + i64::try_from(before).unwrap_or(0))
    });
    match found {
        Some(position) => Ok(Value::Int(position)),
        None if args.who().ends_with("index") => Err(Error::template("substring not found")),
        None => Ok(Value::Int(-1)),
    }
}

fn must_be_str(value: &Value) -> Error {
    Error::template(format!("must be str, not {}", value.type_name()))
}

fn encode(it: &str, mut args: Args) -> Result<Value> {
    let encoding = args.text("encoding", "utf-8")?;
    let errors = args.text("errors", "strict")?;
    args.finish()?;
    let limit = match encoding.to_ascii_lowercase().replace('_', "-").as_str() {
        "utf-8" | "utf8" => return Ok(Value::Bytes(it.as_bytes().into())),
        "ascii" | "us-ascii" => 0x80,
        "latin-1" | "latin1" | "iso-8859-1" => 0x100,
        other => {
            let wide = filters::encoded_text(it, other)?;
            return Ok(Value::Bytes(wide.into()));
        }
    };
    let mut bytes = Vec::with_capacity(it.len());
    for c in it.chars() {
        match (u32::from(c) < limit, errors.as_str()) {
            (true, _) => bytes.extend(u8::try_from(u32::from(c))),
            (false, "ignore") => {}
            (false, "replace") => bytes.push(b'?'),
            (false, _) => {
                return Err(Error::template(format!(
                    "'{encoding}' codec can't encode the character {}",
                    Value::str(c.to_string()).repr()
                )));
            }
        }
    }
    Ok(Value::Bytes(bytes.into()))
}

fn affix(run: &Run<'_>, it: &str, mut args: Args) -> Result<Value> {
    let wanted = args.require("prefix")?;
    let window = window(it, &mut args)?;
    args.finish()?;
    let candidates = match &wanted {
        Value::Str(_) => vec![wanted],
        Value::Tuple(items) => items.to_vec(),
        other => {
            return Err(Error::template(format!(
                "{} first arg must be str or a tuple of str, not {}",
                args.who(),
                other.type_name()
            )));
        }
    };
    let Some((text, _)) = window else {
        return Ok(Value::Bool(false));
    };
    for candidate in candidates {
        let candidate = run.open(candidate)?;
        let candidate = candidate.as_str().ok_or_else(|| must_be_str(&candidate))?;
        let holds = match args.who() {
            "startswith" => text.starts_with(candidate),
            _ => text.ends_with(candidate),
        };
        if holds {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

fn expand_tabs(it: &str, size: i64) -> Result<String> {
    let size = usize::try_from(size).unwrap_or(0);
    bounds::allow_text((it.matches('\t').count() as u64).saturating_mul(size as u64))?;
    let mut out = String::with_capacity(it.len());
    let mut column = 0;
    for c in it.chars() {
        match c {
            '\t' if size > 0 => {
                let blanks = size - column % size;
                out.extend(std::iter::repeat_n(' ', blanks));
                column += blanks;
            }
            '\t' => {}
            '\n' | '\r' => {
                out.push(c);
                column = 0;
            }
            c => {
                out.push(c);
                column += 1;
            }
        }
    }
    Ok(out)
}

fn join(run: &Run<'_>, it: &str, mut args: Args) -> Result<Value> {
    let items = args.require("iterable")?;
    args.finish()?;
    let items = run.iterate(&items).map_err(|error| match error.kind() {
        crate::error::Kind::Undefined => error,
        _ => Error::template("can only join an iterable"),
    })?;
    let mut out = String::new();
    for (position, item) in items.into_iter().enumerate() {
        let item = run.defined(item)?;
        let Some(text) = item.as_str() else {
            return Err(Error::template(format!(
                "sequence item {position}: expected str instance, {} found",
                item.type_name()
            )));
        };
        if position > 0 {
            out.push_str(it);
        }
        out.push_str(text);
        bounds::allow_text(out.len() as u64)?;
    }
    Ok(Value::str(out))
}

fn strip(it: &str, mut args: Args) -> Result<Value> {
    let unwanted = args.take("chars")?;
    args.finish()?;
    let unwanted: Box<dyn Fn(char) -> bool> = match unwanted {
        None | Some(Value::Null) => Box::new(text::is_blank),
        Some(Value::Str(chars)) => Box::new(move |c| chars.contains(c)),
        Some(other) => return Err(args.wrong("chars", "a string", &other)),
    };
    Ok(Value::str(match args.who() {
        "lstrip" => it.trim_start_matches(unwanted),
        "rstrip" => it.trim_end_matches(unwanted),
        _ => it.trim_matches(unwanted),
    }))
}

/// `str.maketrans`: a dictionary from characters' numbers.
fn make_table(run: &Run<'_>, mut args: Args) -> Result<Value> {
    let from = run.top(args.require("x")?)?;
    let to = args.text("y", "")?;
    let gone = args.text("z", "")?;
    args.finish()?;
    let mut table = Map::new();
    match &from {
        Value::Map(map) => {
            for (key, value) in &**map {
                let number = match key.as_str().and_then(|key| key.chars().next()) {
                    Some(c) => Value::Int(i64::from(u32::from(c))),
                    None => key.clone(),
                };
                table.insert(number, value.clone());
            }
        }
        Value::Str(from) if letters(from) == letters(&to) => {
            for (a, b) in from.chars().zip(to.chars()) {
                let number = |c: char| Value::Int(i64::from(u32::from(c)));
                table.insert(number(a), number(b));
            }
        }
        _ => {
            return Err(Error::template(
                "the first two maketrans arguments must have equal length",
            ));
        }
    }
    for c in gone.chars() {
        table.insert(Value::Int(i64::from(u32::from(c))), Value::Null);
    }
    Ok(Value::map(table))
}

fn translate(run: &Run<'_>, it: &str, mut args: Args) -> Result<Value> {
    let table = run.top(args.require("table")?)?;
    args.finish()?;
    let table = table
        .as_map()
        .ok_or_else(|| args.wrong("table", "a dictionary", &table))?;
    let mut out = String::with_capacity(it.len());
    for c in it.chars() {
        match table.get_value(&Value::Int(i64::from(u32::from(c)))) {
            None => out.push(c),
            Some(Value::Null) => {}
            Some(Value::Str(text)) => out.push_str(text),
            Some(value) => {
                let number = value.as_int().and_then(|number| u32::try_from(number).ok());
                let c = number.and_then(char::from_u32).ok_or_else(|| {
                    Error::template("character mapping must return integer, None or str")
                })?;
                out.push(c);
            }
        }
        bounds::allow_text(out.len() as u64)?;
    }
    Ok(Value::str(out))
}

fn separator(args: &mut Args) -> Result<Str> {
    match args.require("sep")? {
        Value::Str(text) if text.is_empty() => Err(Error::template("empty separator")),
        Value::Str(text) => Ok(text),
        other => Err(must_be_str(&other)),
    }
}

fn partition(it: &str, mut args: Args) -> Result<Value> {
    let sep = separator(&mut args)?;
    args.finish()?;
    let from_right = args.who() == "rpartition";
    let found = if from_right {
        it.rsplit_once(sep.as_str())
    } else {
        it.split_once(sep.as_str())
    };
    let (a, b, c) = match found {
        Some((before, after)) => (before, sep.as_str(), after),
        None if from_right => ("", "", it),
        None => (it, "", ""),
    };
    Ok(Value::tuple(vec![
        Value::str(a),
        Value::str(b),
        Value::str(c),
    ]))
}

fn remove_affix(it: &str, mut args: Args) -> Result<Value> {
    let affix = args.text("prefix", "")?;
    args.finish()?;
    let rest = match args.who() {
        "removeprefix" => it.strip_prefix(affix.as_str()),
        _ => it.strip_suffix(affix.as_str()),
    };
    Ok(Value::str(rest.unwrap_or(it)))
}

fn replace(it: &str, mut args: Args) -> Result<Value> {
    let (old, new) = match (args.require("old")?, args.require("new")?) {
        (Value::Str(old), Value::Str(new)) => (old, new),
        (Value::Str(_), other) | (other, _) => {
            return Err(Error::template(format!(
                "replace() argument must be str, not {}",
                other.type_name()
            )));
        }
    };
    let count = args.int("count", -1)?;
    args.finish()?;
    let times = if old.is_empty() {
        letters(it) + 1
    } else {
        it.matches(old.as_str()).count()
    };
    bounds::allow_text((times as u64).saturating_mul(new.len() as u64) + it.len() as u64)?;
    Ok(Value::str(match usize::try_from(count) {
        Ok(count) => it.replacen(old.as_str(), &new, count),
        Err(_) => it.replace(old.as_str(), &new),
    }))
}

fn split(it: &str, mut args: Args) -> Result<Value> {
    let sep = args.take("sep")?;
    let count = args.int("maxsplit", -1)?;
    args.finish()?;
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let from_right = args.who() == "rsplit";
    let parts: Vec<&str> = match &sep {
        None | Some(Value::Null) if from_right => text::split_blanks_right(it, count),
        None | Some(Value::Null) => text::split_blanks(it, count),
        Some(Value::Str(sep)) if sep.is_empty() => {
            return Err(Error::template("empty separator"));
        }
        Some(Value::Str(sep)) if from_right => {
            let mut parts = bounds::collected(it.rsplitn(count.saturating_add(1), sep.as_str()))?;
            parts.reverse();
            parts
        }
        Some(Value::Str(sep)) => {
            bounds::collected(it.splitn(count.saturating_add(1), sep.as_str()))?
        }
        Some(other) => return Err(must_be_str(other)),
    };
    Ok(Value::strings(parts))
}

fn zero_fill(it: &str, width: i64) -> Result<String> {
    let width = u64::try_from(width).unwrap_or(0);
    bounds::allow_text(width)?;
    let missing = usize::try_from(width)
        .unwrap_or(0)
        .saturating_sub(letters(it));
    let (sign, digits) = match it.chars().next() {
        Some('+' | '-') => it.split_at(1),
        _ => ("", it),
    };
    Ok(format!("{sign}{}{digits}", "0".repeat(missing)))
}
