//! The functions that every template has.

use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;

use super::Args;
use super::Runtime;
use super::expr::Called;
use super::lipsum;
use super::objects::{Cycler, Joiner, Namespace, Range, wrap};
use super::registry;
use super::run::{Frame, Run, undefined};
use crate::error::{Error, Result};
use crate::value::Map;
use crate::value::Value;

/// The functions' names.
const NAMES: [&str; 11] = [
    "cycler",
    "dict",
    "joiner",
    "lipsum",
    "lookup",
    "namespace",
    "now",
    "q",
    "query",
    "range",
    "undef",
];

/// The function of a name.
pub(super) fn named(name: &str) -> Option<&'static str> {
    NAMES.iter().copied().find(|known| *known == name)
}

/// Calls the function of a name.
pub(super) fn call(
    run: &Run<'_>,
    name: &'static str,
    called: Called,
    _frame: &Frame<'_>,
) -> Result<Value> {
    if matches!(name, "lookup" | "q" | "query") {
        return lookup(run, name, called);
    }
    let mut args = Args::new(name, called.positional, called.named);
    match name {
        "cycler" => cycler(run, args),
        "dict" => dict(run, args),
        "joiner" => {
            let text = args.take("sep")?.unwrap_or_else(|| Value::str(", "));
            args.finish()?;
            Ok(wrap(Joiner {
                text,
                used: AtomicUsize::new(0),
            }))
        }
        "lipsum" => lipsum::lipsum(run, args),
        "namespace" => {
            let entries = dict(run, args)?;
            let map = entries.as_map().map(|map| (**map).clone());
            Ok(wrap(Namespace::new(map.unwrap_or_default())))
        }
        "now" => now(args),
        "range" => range(args),
        "undef" => {
            let hint = args.text("hint", "mandatory variable has not been overridden")?;
            args.finish()?;
            Ok(undefined(Error::undefined(hint)))
        }
        other => Err(Error::bug(format!("the function `{other}` is not there"))),
    }
}

fn cycler(run: &Run<'_>, mut args: Args) -> Result<Value> {
    let items = args.rest();
    args.finish()?;
    if items.is_empty() {
        return Err(Error::template("`cycler` needs at least one item"));
    }
    let items = items
        .into_iter()
        .map(|item| run.open(item))
        .collect::<Result<_>>()?;
    Ok(wrap(Cycler {
        items,
        position: AtomicUsize::new(0),
    }))
}

/// `dict(pairs or a dictionary, **more)`.
fn dict(run: &Run<'_>, mut args: Args) -> Result<Value> {
    let mut map = Map::new();
    let named = args.rest_named();
    if let Some(first) = args.take("")? {
        let first = run.top(run.defined(first)?)?;
        match &first {
            Value::Map(entries) => map.extend_from(entries),
            other => {
                for pair in run.iterate(other)? {
                    let (key, value) = pair_of(run, &pair)?;
                    map.insert(key, value);
                }
            }
        }
    }
    args.finish()?;
    for (name, value) in named {
        map.set(&name, value);
    }
    Ok(Value::map(map))
}

fn pair_of(run: &Run<'_>, pair: &Value) -> Result<(Value, Value)> {
    let items = run.iterate(pair)?;
    match <[Value; 2]>::try_from(items) {
        Ok([key, value]) => {
            let key = run.deep(&key)?;
            super::access::hashable(&key)?;
            Ok((key, value))
        }
        Err(items) => Err(Error::template(format!(
            "dictionary update sequence element has length {}; 2 is required",
            items.len()
        ))),
    }
}

fn range(mut args: Args) -> Result<Value> {
    let numbers: Vec<i64> = args
        .rest()
        .iter()
        .map(|value| {
            value.as_int().ok_or_else(|| {
                Error::template(format!(
                    "'{}' object cannot be interpreted as an integer",
                    value.type_name()
                ))
            })
        })
        .collect::<Result<_>>()?;
    args.finish()?;
    let (start, stop, step) = match numbers.as_slice() {
        [stop] => (0, *stop, 1),
        [start, stop] => (*start, *stop, 1),
        [_, _, 0] => return Err(Error::template("range() arg 3 must not be zero")),
        [start, stop, step] => (*start, *stop, *step),
        other => {
            return Err(Error::template(format!(
                "range expected 1 to 3 arguments, got {}",
                other.len()
            )));
        }
    };
    Ok(wrap(Range { start, stop, step }))
}

/// `now(utc=false, fmt=none)`: the time, or its text.
fn now(mut args: Args) -> Result<Value> {
    let utc = args.flag("utc", false)?;
    let format = args.take("fmt")?;
    args.finish()?;
    let zoned = jiff::Timestamp::now().to_zoned(if utc {
        jiff::tz::TimeZone::UTC
    } else {
        jiff::tz::TimeZone::system()
    });
    let time = zoned.datetime();
    match format {
        Some(Value::Str(format)) => super::methods::strftime(&time, None, &format),
        _ => {
            // Python counts microseconds.
            let micros = time.subsec_nanosecond() / 1000 * 1000;
            let time = time.with().subsec_nanosecond(micros).build();
            time.map(|time| Value::DateTime(time, None))
                .map_err(|error| Error::bug(error.to_string()))
        }
    }
}

/// `lookup(name, *terms, wantlist=, errors=, **options)`; `query` wants a list.
fn lookup(run: &Run<'_>, function: &str, called: Called) -> Result<Value> {
    let mut terms = called.positional;
    if terms.is_empty() {
        return Err(Error::template(format!(
            "`{function}` misses the name of the lookup"
        )));
    }
    let name = run.defined(terms.remove(0))?;
    let name = super::expr::expect_text(&name, "the name of a lookup")?;
    let mut options = Map::new();
    let mut want_list = function != "lookup";
    let mut errors = Errors::Strict;
    for (key, value) in called.named {
        let value = run.top(value)?;
        match &*key {
            "wantlist" => want_list = run.truth(&value)?,
            "errors" => errors = Errors::read(&value)?,
            _ => drop(options.insert(Value::str(key), value)),
        }
    }
    // One that is not of the house decides itself.
    let foreign = registry::lookup(&name, &*run.scope)?.is_none();
    let terms: Vec<Value> = terms
        .into_iter()
        .map(|term| run.term(term))
        .collect::<Result<_>>()?;
    if !foreign && !registry::lookup_takes_undefined(&name) {
        let mut all = terms.iter().chain(options.values());
        if let Some(undefined) = all.find(|value| value.is_undefined()) {
            return Ok(undefined.clone());
        }
    }
    match run.lookup(&name, terms, options) {
        Ok(answers) => Ok(answer(answers, want_list)),
        Err(error) => errors.handle(run, &name, error, want_list),
    }
}

/// What `errors=` says.
enum Errors {
    Strict,
    Warn,
    Ignore,
}

impl Errors {
    fn read(value: &Value) -> Result<Self> {
        match value.as_str() {
            Some("strict") => Ok(Errors::Strict),
            Some("warn") => Ok(Errors::Warn),
            Some("ignore") => Ok(Errors::Ignore),
            _ => Err(Error::template(format!(
                "`errors` is one of `strict`, `warn`, `ignore`, not `{}`",
                value.to_text()
            ))),
        }
    }

    fn handle(&self, run: &Run<'_>, name: &str, error: Error, want_list: bool) -> Result<Value> {
        match self {
            Errors::Strict => return Err(error),
            Errors::Warn => {
                let cause = error.cause().unwrap_or(&error).chain();
                run.scope.warn(format!(
                    "An error occurred while running the lookup plugin '{name}': {cause}"
                ));
            }
            Errors::Ignore => {}
        }
        Ok(if want_list {
            Value::list(Vec::new())
        } else {
            Value::Null
        })
    }
}

/// One answer stands for itself; several texts are joined by commas.
fn answer(mut answers: Vec<Value>, want_list: bool) -> Value {
    if want_list {
        return Value::list(answers);
    }
    if answers.len() == 1 {
        return answers.remove(0);
    }
    let texts: Option<Vec<&str>> = answers.iter().map(Value::as_str).collect();
    match texts {
        Some(texts) if !texts.is_empty() => Value::str(texts.join(",")),
        _ => Value::list(answers),
    }
}

/// A fresh memory of what `loop.changed` saw.
pub(super) fn nothing_seen() -> Mutex<Option<Vec<Value>>> {
    Mutex::new(None)
}
