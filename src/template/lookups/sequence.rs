//! `sequence`: numbers from one to another, perhaps formatted.

use super::super::Runtime;
use super::super::filters::format::percent;
use super::super::regex::{Flags, compile};
use super::{Options, Table, kv};
use crate::error::{Error, Result};
use crate::value::{Map, Value};

pub(super) const LOOKUPS: Table = &[("sequence", sequence)];

/// `[start-]end[/stride][:format]`.
const SHORT: &str = "^((0?x?[0-9a-f]+)-)?(0?x?[0-9a-f]+)(/(0?x?[0-9a-f]+))?(:(.+))?$";

const NAMES: &[&str] = &["start", "end", "stride", "count", "format"];

/// No sequence is longer than this.
const MOST: i64 = 2_000_000;

fn sequence(runtime: &dyn Runtime, terms: Vec<Value>, options: Map) -> Result<Vec<Value>> {
    let given = Options::new("sequence", options);
    let terms = if terms.is_empty() && !given.is_empty() {
        vec![Value::str("")]
    } else {
        terms
    };
    let mut answers = Vec::new();
    for term in &terms {
        let mut options = given.clone();
        read(&term.to_text(), &mut options)?;
        if let Some(numbers) = Numbers::new(&options)? {
            numbers.write(runtime, &mut answers)?;
        }
    }
    Ok(answers)
}

/// Reads the short form, or `key=value` words.
fn read(term: &str, options: &mut Options) -> Result<()> {
    if let Some(found) = compile(SHORT, Flags::of(true, false))?.match_start(term)? {
        for (name, group) in [("start", 2), ("end", 3), ("stride", 5), ("format", 7)] {
            if let Some(text) = found.group(term, group) {
                options.set(name, text);
            }
        }
        return Ok(());
    }
    let words = kv::read(term)?;
    let unknown = words
        .pairs
        .iter()
        .map(|(name, _)| name.as_str())
        .chain(words.raw.as_deref())
        .find(|name| !NAMES.contains(name));
    if let Some(unknown) = unknown {
        return Err(Error::template(format!(
            "unrecognized arguments to with_sequence: ['{unknown}']"
        ))
        .hint("write `5`, `2-10/2`, `4:host%02d`, or start=, end=, stride=, count=, format="));
    }
    for (name, value) in words.pairs {
        options.set(&name, value);
    }
    Ok(())
}

struct Numbers {
    start: i64,
    end: i64,
    stride: i64,
    format: String,
}

impl Numbers {
    /// What the options say; nothing where the sequence is empty.
    fn new(options: &Options) -> Result<Option<Self>> {
        let start = options.int("start")?.unwrap_or(1);
        let stride = options.int("stride")?.unwrap_or(1);
        let format = options.text("format", "%d");
        let end = match (options.int("count")?, options.int("end")?) {
            (None, None) => {
                return Err(Error::template(
                    "must specify count or end in with_sequence",
                ));
            }
            (Some(_), Some(_)) => {
                return Err(Error::template(
                    "can't specify both count and end in with_sequence",
                ));
            }
            (Some(0), None) => return Ok(None),
            (Some(count), None) => start
                .saturating_add(count.saturating_mul(stride))
                .saturating_sub(1),
            (None, Some(end)) => end,
        };
        if stride > 0 && end < start {
            return Err(Error::template("to count backwards make stride negative"));
        }
        if stride < 0 && end > start {
            return Err(Error::template(
                "to count forward don't make stride negative",
            ));
        }
        if stride == 0 {
            return Ok(None);
        }
        if format.matches('%').count() != 1 {
            return Err(Error::template(format!("bad formatting string: {format}")));
        }
        Ok(Some(Numbers {
            start,
            end,
            stride,
            format,
        }))
    }

    fn write(&self, runtime: &dyn Runtime, answers: &mut Vec<Value>) -> Result<()> {
        if (self.end.saturating_sub(self.start) / self.stride).abs() > MOST {
            return Err(Error::template(format!(
                "the lookup `sequence` would give more than {MOST} numbers"
            )));
        }
        let mut number = self.start;
        while (self.stride > 0 && number <= self.end) || (self.stride < 0 && number >= self.end) {
            let text = percent(runtime, &self.format, &Value::Int(number)).map_err(|error| {
                Error::template(format!(
                    "problem formatting {number} with '{}'",
                    self.format
                ))
                .because(error)
            })?;
            answers.push(Value::str(text));
            number = number.saturating_add(self.stride);
        }
        Ok(())
    }
}
