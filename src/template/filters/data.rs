//! The filters of `ansible.utils` that look into data.

use super::super::regex::{Flags, compile};
use super::super::{Args, Runtime};
use super::general::{Matcher, any_fits, replacements};
use super::{Table, entries, items, strict};
use crate::error::{Error, Result};
use crate::value::{Map, Str, Value};

pub(super) const FILTERS: Table = &[
    ("ansible.utils.consolidate", strict!(consolidate)),
    ("ansible.utils.get_path", strict!(path_value)),
    ("ansible.utils.index_of", strict!(index_of)),
    ("ansible.utils.keep_keys", strict!(keep_keys)),
    (
        "ansible.utils.param_list_compare",
        strict!(param_list_compare),
    ),
    ("ansible.utils.remove_keys", strict!(remove_keys)),
    ("ansible.utils.replace_keys", strict!(replace_keys)),
    ("ansible.utils.to_paths", strict!(to_paths)),
];

/// One answer alone, or in a list where that is wanted.
fn answer(value: Value, want_list: bool) -> Value {
    if want_list {
        Value::list(vec![value])
    } else {
        value
    }
}

/// `get_path`: an expression over the keys of a dictionary.
fn path_value(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.require("var")?;
    let path = args.require("path")?.to_text();
    let want_list = args.flag("wantlist", false)?;
    args.finish()?;
    let names = entries(&args, &value)?;
    let template = Str::template(format!("{{{{ {path} }}}}"), None);
    let found = runtime.render(&template, &names)?;
    Ok(answer(found, want_list))
}

/// The paths to all that is no container, or is an empty one.
fn to_paths(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.require("var")?;
    let prepend = args.take("prepend")?.filter(Value::is_true);
    let want_list = args.flag("wantlist", false)?;
    args.finish()?;
    let value = runtime.plain(&value)?;
    let mut paths = Map::new();
    let prefix = prepend.map_or_else(String::new, |prefix| prefix.to_text());
    add_paths(&value, prefix, &mut paths)?;
    Ok(answer(Value::map(paths), want_list))
}

fn add_paths(value: &Value, name: String, paths: &mut Map) -> Result<()> {
    match value {
        Value::Map(map) if !map.is_empty() => {
            let plain = compile("^[a-zA-Z_][a-zA-Z0-9_]*$", Flags::default())?;
            for (key, value) in map.iter() {
                let key = key.to_text();
                let longer = match (name.is_empty(), plain.is_found(&key)?) {
                    (true, _) => key,
                    (false, true) => format!("{name}.{key}"),
                    (false, false) => format!("{name}['{key}']"),
                };
                add_paths(value, longer, paths)?;
            }
        }
        Value::List(items) | Value::Tuple(items) if !items.is_empty() => {
            for (position, item) in items.iter().enumerate() {
                add_paths(item, format!("{name}[{position}]"), paths)?;
            }
        }
        Value::Map(_) | Value::List(_) | Value::Tuple(_) if name.is_empty() => {}
        other => paths.set(&name, other.clone()),
    }
    Ok(())
}

/// The places of the items of which a test holds.
fn index_of(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let data = args.require("data")?;
    let test = args.require("test")?.to_text();
    let value = args.take("value")?.filter(|value| !value.is_null());
    let key = args.take("key")?.filter(|key| !key.is_null());
    let fail_on_missing = args.flag("fail_on_missing", false)?;
    let want_list = args.flag("wantlist", false)?;
    args.finish()?;
    let question = Question::new(&test, value);
    let mut places = Vec::new();
    for (place, item) in items(runtime, &data)?.into_iter().enumerate() {
        let looked_at = match &key {
            None => item,
            Some(key) => {
                let Value::Map(map) = &item else {
                    return Err(args.wrong(
                        "data",
                        "dictionaries only where there is a key",
                        &item,
                    ));
                };
                match map.get_value(key) {
                    Some(value) => runtime.resolve(value)?,
                    None if fail_on_missing => {
                        return Err(Error::template(format!(
                            "`{key}` was not found in the item {place}"
                        )));
                    }
                    None => continue,
                }
            }
        };
        if question.ask(runtime, looked_at)? {
            places.push(Value::from(place));
        }
    }
    Ok(match (places.len(), want_list) {
        (1, false) => places.remove(0),
        _ => Value::list(places),
    })
}

/// A test, perhaps turned round by `!` or `not`, with its other argument.
struct Question {
    test: String,
    inverted: bool,
    value: Option<Value>,
}

impl Question {
    fn new(test: &str, value: Option<Value>) -> Self {
        let (test, inverted) = match (test.strip_prefix('!'), test.strip_prefix("not ")) {
            (Some("="), _) => ("==", true),
            (Some(rest), _) | (None, Some(rest)) => (rest, true),
            _ => (test, false),
        };
        let value = value.map(|value| match (&value, test) {
            (Value::List(_), _) => value,
            (_, "in") => Value::list(vec![value]),
            _ => value,
        });
        Question {
            test: test.to_owned(),
            inverted,
            value,
        }
    }

    fn ask(&self, runtime: &dyn Runtime, item: Value) -> Result<bool> {
        let mut positional = vec![item];
        positional.extend(self.value.clone());
        let args = Args::new(&self.test, positional, Vec::new());
        Ok(runtime.test(&self.test, args)? != self.inverted)
    }
}

fn matchers(runtime: &dyn Runtime, target: &Value, manner: &str) -> Result<Vec<Matcher>> {
    items(runtime, target)?
        .iter()
        .map(|item| Matcher::new(manner, &item.to_text()))
        .collect()
}

/// The data, the target and the manner of the three filters for keys, which go into depth.
fn key_arguments(runtime: &dyn Runtime, args: &mut Args) -> Result<(Value, Value, String)> {
    let data = args.require("data")?;
    let target = args.require("target")?;
    let manner = args.text("matching_parameter", "equality")?;
    args.finish()?;
    if !matches!(data, Value::List(_) | Value::Map(_)) {
        return Err(args.wrong("data", "a list or a dictionary", &data));
    }
    Ok((runtime.plain(&data)?, target, manner))
}

fn keep_keys(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let (data, target, manner) = key_arguments(runtime, &mut args)?;
    let matchers = matchers(runtime, &target, &manner)?;
    Ok(kept(&data, &matchers)?.unwrap_or_default())
}

/// What is left of a container; nothing of what is none.
fn kept(data: &Value, matchers: &[Matcher]) -> Result<Option<Value>> {
    Ok(match data {
        Value::List(items) => {
            let mut left = Vec::new();
            for item in items.iter() {
                left.extend(kept(item, matchers)?.filter(Value::is_true));
            }
            Some(Value::list(left))
        }
        Value::Map(map) => {
            let mut left = Map::new();
            for (key, value) in map.iter() {
                if any_fits(matchers, &key.to_text())? {
                    left.insert(key.clone(), value.clone());
                } else if let Some(inner) = kept(value, matchers)?.filter(Value::is_true) {
                    left.insert(key.clone(), inner);
                }
            }
            Some(Value::map(left))
        }
        _ => None,
    })
}

fn remove_keys(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let (data, target, manner) = key_arguments(runtime, &mut args)?;
    let matchers = matchers(runtime, &target, &manner)?;
    removed(&data, &matchers)
}

fn removed(data: &Value, matchers: &[Matcher]) -> Result<Value> {
    Ok(match data {
        Value::List(items) => {
            let left = items.iter().map(|item| removed(item, matchers));
            let left: Vec<Value> = left.collect::<Result<_>>()?;
            // What is empty is left out of lists, as in the reference.
            Value::list(left.into_iter().filter(Value::is_true).collect())
        }
        Value::Map(map) => {
            let mut left = Map::new();
            for (key, value) in map.iter() {
                if !any_fits(matchers, &key.to_text())? {
                    left.insert(key.clone(), removed(value, matchers)?);
                }
            }
            Value::map(left)
        }
        other => other.clone(),
    })
}

fn replace_keys(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let (data, target, manner) = key_arguments(runtime, &mut args)?;
    let pairs = replacements(runtime, &args, &target, &manner)?;
    replaced(&data, &pairs)
}

/// The keys renamed; a renamed one goes to the end.
fn replaced(data: &Value, pairs: &[(Matcher, String)]) -> Result<Value> {
    Ok(match data {
        Value::List(items) => {
            let items = items.iter().map(|item| replaced(item, pairs));
            Value::list(items.collect::<Result<_>>()?)
        }
        Value::Map(map) => {
            let mut renamed = (**map).clone();
            for (before, after) in pairs {
                let keys: Vec<Value> = renamed.keys().cloned().collect();
                for key in keys {
                    if before.fits(&key.to_text())?
                        && let Some(value) = renamed.remove_value(&key)
                    {
                        renamed.set(after, value);
                    }
                }
            }
            let mut made = Map::new();
            for (key, value) in renamed.iter() {
                made.insert(key.clone(), replaced(value, pairs)?);
            }
            Value::map(made)
        }
        other => other.clone(),
    })
}

/// What may be acted on of a list of names, where `all` and `!name` have their meaning.
fn param_list_compare(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let base = args.require("base")?;
    let target = args.require("target")?;
    args.finish()?;
    let texts = |value: &Value| -> Result<Vec<String>> {
        Ok(items(runtime, value)?.iter().map(Value::to_text).collect())
    };
    let (base, target) = (texts(&base)?, texts(&target)?);
    let mut chosen = if target.iter().any(|name| name == "all") {
        base.clone()
    } else {
        Vec::new()
    };
    let mut unsupported = Vec::new();
    for name in &target {
        if let Some(refused) = name.strip_prefix('!') {
            chosen.retain(|known| known != refused);
        }
    }
    for name in target
        .iter()
        .filter(|name| *name != "all" && !name.starts_with('!'))
    {
        if !base.contains(name) {
            unsupported.push(name.clone());
        } else if !chosen.contains(name) {
            chosen.push(name.clone());
        }
    }
    chosen.sort();
    Ok(Value::map(crate::entries! {
        "actionable" => Value::strings(chosen),
        "unsupported" => Value::strings(unsupported),
    }))
}

/// Several lists of dictionaries put together by the value of a key of each.
fn consolidate(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let sources = args.require("data_sources")?;
    let fail_key = args.flag("fail_missing_match_key", true)?;
    let fail_value = args.flag("fail_missing_match_value", true)?;
    let fail_duplicate = args.flag("fail_duplicate", true)?;
    args.finish()?;
    let mut names = Vec::new();
    let mut tables: Vec<Map> = Vec::new();
    for (position, source) in items(runtime, &sources)?.iter().enumerate() {
        let source = runtime.plain(source)?;
        let part = |name: &str| {
            source.get(name).cloned().ok_or_else(|| {
                Error::template(format!("the data source {} misses `{name}`", position + 1))
            })
        };
        let key = part("match_key")?;
        let mut table = Map::new();
        for row in items(runtime, &part("data")?)? {
            let value = row.as_map().and_then(|map| map.get_value(&key)).cloned();
            match value {
                None if fail_key => {
                    return Err(Error::template(format!(
                        "missing match key `{key}` in data source {}",
                        position + 1
                    )));
                }
                None => {}
                Some(value) if table.contains_value(&value) && fail_duplicate => {
                    return Err(Error::template(format!(
                        "duplicate values in data source {}",
                        position + 1
                    )));
                }
                Some(value) => drop(table.insert(value, row.clone())),
            }
        }
        names.push(part("name")?);
        tables.push(table);
    }
    joined(&names, &tables, fail_value)
}

fn joined(names: &[Value], tables: &[Map], fail_value: bool) -> Result<Value> {
    let mut keys: Vec<(Value, ())> = Vec::new();
    for key in tables.iter().flat_map(Map::keys) {
        if !keys.iter().any(|(known, ())| known == key) {
            keys.push((key.clone(), ()));
        }
    }
    super::sort_pairs(&mut keys, false)?;
    let mut all = Map::new();
    for (key, ()) in keys {
        let mut row = Map::new();
        for (name, table) in names.iter().zip(tables) {
            let found = table.get_value(&key).cloned();
            if found.is_none() && fail_value {
                return Err(Error::template(format!(
                    "missing match value {key} in data source `{name}`"
                )));
            }
            row.insert(
                name.clone(),
                found.unwrap_or_else(|| Value::map(Map::new())),
            );
        }
        all.insert(key, Value::map(row));
    }
    Ok(Value::map(all))
}
