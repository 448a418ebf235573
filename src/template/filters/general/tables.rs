//! `from_csv`, `from_ini`, `to_ini`.

use super::super::super::lookups::{IniFile, rows};
use super::super::super::{Args, Runtime};
use super::super::{entries, items, text};
use crate::error::{Error, Result};
use crate::value::{Map, Value};

pub(super) fn from_csv(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let dialect = args.text("dialect", "excel")?;
    let names = args.take("fieldnames")?.filter(Value::is_true);
    let delimiter = args.take("delimiter")?.filter(|value| !value.is_null());
    let skip_blanks = args.flag("skipinitialspace", false)?;
    args.flag("strict", false)?;
    args.finish()?;
    let default = match dialect.as_str() {
        "excel" | "unix" => ',',
        "excel-tab" => '\t',
        other => {
            return Err(
                Error::template(format!("`from_csv` does not know the dialect `{other}`"))
                    .hint("use excel, excel-tab or unix"),
            );
        }
    };
    let delimiter = match &delimiter {
        None => default,
        Some(value) => {
            let mut chars = value.as_str().unwrap_or_default().chars();
            match (chars.next(), chars.next()) {
                (Some(c), None) => c,
                _ => return Err(args.wrong("delimiter", "one character", value)),
            }
        }
    };
    let data = text(runtime, &value)?;
    let data = data.strip_prefix('\u{feff}').unwrap_or(&data);
    let mut rows = rows(data, delimiter)
        .into_iter()
        .filter(|row| !row.is_empty());
    let names = match names {
        Some(names) => items(runtime, &names)?.iter().map(Value::to_text).collect(),
        None => rows.next().unwrap_or_default(),
    };
    let made = rows.map(|row| record(&names, row, skip_blanks));
    Ok(Value::list(made.collect()))
}

/// A row by the names of its columns; what is beyond them stands under null.
fn record(names: &[String], row: Vec<String>, skip_blanks: bool) -> Value {
    let mut cells = row.into_iter().map(|cell| match skip_blanks {
        true => Value::str(cell.trim_start_matches(' ')),
        false => Value::str(cell),
    });
    let mut map = Map::new();
    for name in names {
        map.set(name, cells.next().unwrap_or_default());
    }
    let more: Vec<Value> = cells.collect();
    if !more.is_empty() {
        map.insert(Value::Null, Value::list(more));
    }
    Value::map(map)
}

pub(super) fn from_ini(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    if args
        .take("delimiters")?
        .is_some_and(|value| !value.is_null())
    {
        return Err(Error::template(
            "the argument `delimiters` of `from_ini` is not built",
        ));
    }
    args.finish()?;
    let Some(text) = value.as_str() else {
        return Err(args.wrong("obj", "a string", &value));
    };
    let file = IniFile::read(text, true, false)
        .map_err(|why| Error::template(format!("`from_ini` failed: {why}")))?;
    let mut sections = Map::new();
    for name in file.names() {
        sections.set(name, section(&file, name));
    }
    let defaults = section(&file, "DEFAULT");
    if defaults.is_true() {
        sections.set("DEFAULT", defaults);
    }
    Ok(Value::map(sections))
}

fn section(file: &IniFile, name: &str) -> Value {
    let mut map = Map::new();
    for (key, value) in file.section(name).into_iter().flat_map(|it| it.owned()) {
        map.set(&key, Value::str_or_null(value));
    }
    Value::map(map)
}

pub(super) fn to_ini(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let no_blanks = args
        .take_named("no_extra_spaces")
        .is_some_and(|flag| flag.is_true());
    args.finish()?;
    let plain = runtime.plain(&value)?;
    let sections = entries(&args, &plain)?;
    if sections.is_empty() {
        return Err(Error::template("`to_ini` got an empty dictionary"));
    }
    let equals = if no_blanks { "=" } else { " = " };
    let mut out = String::new();
    let is_default = |name: &Value| name.as_str() == Some("DEFAULT");
    let (first, rest): (Vec<_>, Vec<_>) = sections.iter().partition(|(name, _)| is_default(name));
    for (name, section) in first.into_iter().chain(rest) {
        out.push_str(&format!("[{name}]\n"));
        for (key, value) in entries(&args, section)?.iter() {
            let value = value.to_text().replace('\n', "\n\t");
            out.push_str(&format!("{key}{equals}{value}\n"));
        }
        out.push('\n');
    }
    out.pop();
    Ok(Value::str(out))
}
