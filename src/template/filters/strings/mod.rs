//! Text: case, trimming, replacing, indenting, cutting, wrapping.

use super::super::{Args, Runtime, bounds};
use super::{Table, strict, text};
use crate::error::{Error, Result};
use crate::value::Value;

mod lines;
mod wrap;

pub(in crate::template) use lines::split_lines;

pub(super) const FILTERS: Table = &[
    ("capitalize", strict!(capitalize)),
    ("center", strict!(center)),
    ("indent", strict!(indent)),
    ("lower", strict!(lower)),
    ("replace", strict!(replace)),
    ("split", strict!(split)),
    ("title", strict!(title)),
    ("trim", strict!(trim)),
    ("truncate", strict!(truncate)),
    ("upper", strict!(upper)),
    ("wordcount", strict!(wordcount)),
    ("wordwrap", strict!(wordwrap)),
];

/// The subject as text.
fn subject(runtime: &dyn Runtime, args: &mut Args) -> Result<String> {
    let value = args.subject()?;
    Ok(text(runtime, &value)?.to_string())
}

fn lower(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = subject(runtime, &mut args)?;
    args.finish()?;
    Ok(Value::str(value.to_lowercase()))
}

fn upper(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = subject(runtime, &mut args)?;
    args.finish()?;
    Ok(Value::str(value.to_uppercase()))
}

fn capitalize(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = subject(runtime, &mut args)?;
    args.finish()?;
    Ok(Value::str(capitalized(&value)))
}

/// Python's `str.capitalize`: the first letter large, all others small.
fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        None => String::new(),
        Some(first) => title_case(first) + &chars.as_str().to_lowercase(),
    }
}

/// The letter as it begins a word. Rust has no title case; it differs for few letters only.
fn title_case(c: char) -> String {
    match c {
        'ß' => "Ss".to_owned(),
        'ŉ' => "ʼN".to_owned(),
        'ǆ' | 'Ǆ' => "ǅ".to_owned(),
        'ǉ' | 'Ǉ' => "ǈ".to_owned(),
        'ǌ' | 'Ǌ' => "ǋ".to_owned(),
        'ﬁ' => "Fi".to_owned(),
        'ﬂ' => "Fl".to_owned(),
        c => c.to_uppercase().collect(),
    }
}

/// Jinja's `title`: a word begins after a blank, a hyphen or an opening bracket.
fn title(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = subject(runtime, &mut args)?;
    args.finish()?;
    let is_gap = |c: char| c.is_whitespace() || "-({[<".contains(c);
    let mut out = String::new();
    let mut begins = true;
    for c in value.chars() {
        if is_gap(c) {
            out.push(c);
            begins = true;
        } else if begins {
            out.extend(c.to_uppercase());
            begins = false;
        } else {
            out.extend(c.to_lowercase());
        }
    }
    Ok(Value::str(out))
}

fn trim(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = subject(runtime, &mut args)?;
    let chars = args.take("chars")?;
    args.finish()?;
    Ok(Value::str(match chars {
        None | Some(Value::Null) => value.trim_matches(is_blank),
        Some(Value::Str(chars)) => value.trim_matches(|c| chars.contains(c)),
        Some(other) => return Err(args.wrong("chars", "a string", &other)),
    }))
}

/// What Python's `str.isspace` calls a blank.
pub(in crate::template) fn is_blank(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

fn center(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = subject(runtime, &mut args)?;
    let width = args.int("width", 80)?;
    args.finish()?;
    let length = value.chars().count();
    let width = usize::try_from(width).unwrap_or(0);
    bounds::allow_text(width as u64)?;
    let missing = width.saturating_sub(length);
    // Python puts the odd blank to the left where the width is odd too.
    let left = missing / 2 + (missing & width & 1);
    let blanks = |count| " ".repeat(count);
    Ok(Value::str(format!(
        "{}{value}{}",
        blanks(left),
        blanks(missing - left)
    )))
}

fn replace(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = subject(runtime, &mut args)?;
    let old = args.require("old")?;
    let new = args.require("new")?;
    let count = args.take("count")?.filter(|count| !count.is_null());
    args.finish()?;
    let old = text(runtime, &old)?;
    let new = text(runtime, &new)?;
    let count = match count {
        None => None,
        Some(count) => Some(
            count
                .as_int()
                .ok_or_else(|| args.wrong("count", "an integer", &count))?,
        ),
    };
    let longer = new.len().saturating_sub(old.len());
    if longer > 0 {
        let times = match old.is_empty() {
            true => value.len() + 1,
            false => value.matches(old.as_str()).count(),
        };
        let times = match count.map(usize::try_from) {
            Some(Ok(count)) => times.min(count),
            _ => times,
        };
        bounds::allow_pieces(times, longer)?;
    }
    Ok(Value::str(match count.map(usize::try_from) {
        Some(Ok(count)) => value.replacen(old.as_str(), &new, count),
        _ => value.replace(old.as_str(), &new),
    }))
}

fn split(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = match args.subject()? {
        Value::Str(text) => text,
        other => return Err(args.wrong("value", "a string", &other)),
    };
    let separator = args.take("sep")?.filter(|separator| !separator.is_null());
    let most = args.int("maxsplit", -1)?;
    args.finish()?;
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let Some(separator) = separator else {
        return Ok(Value::strings(split_blank(&value, most)?));
    };
    let Some(separator) = separator.as_str() else {
        return Err(args.wrong("sep", "a string", &separator));
    };
    if separator.is_empty() {
        return Err(Error::template("empty separator"));
    }
    let parts = value.splitn(most.saturating_add(1), separator);
    Ok(Value::strings(bounds::collected(parts)?))
}

/// Python's `str.split()`: the words between blanks, the rest in one piece after `most` splits.
fn split_blank(text: &str, most: usize) -> Result<Vec<&str>> {
    let mut words = Vec::new();
    let mut rest = text.trim_start_matches(is_blank);
    while !rest.is_empty() {
        if words.len() == most {
            words.push(rest);
            break;
        }
        if words.len().is_multiple_of(1024) {
            bounds::allow_list(words.len() as u64)?;
        }
        let end = rest.find(is_blank).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        words.push(word);
        rest = after.trim_start_matches(is_blank);
    }
    Ok(words)
}

fn indent(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = subject(runtime, &mut args)?;
    let width = args.take("width")?.unwrap_or(Value::Int(4));
    let first = args.flag("first", false)?;
    let blank = args.flag("blank", false)?;
    args.finish()?;
    let indent = match &width {
        Value::Str(text) => text.to_string(),
        other => match other.as_int() {
            Some(count) => {
                let count = usize::try_from(count).unwrap_or(0);
                bounds::allow_text(count as u64)?;
                " ".repeat(count)
            }
            None => return Err(args.wrong("width", "an integer or a string", &width)),
        },
    };
    let value = value + "\n";
    let lines = split_lines(&value)?;
    bounds::allow_pieces(lines.len(), indent.len())?;
    let mut out = String::new();
    for (position, line) in lines.into_iter().enumerate() {
        if position > 0 {
            out.push('\n');
        }
        let is_indented = if position == 0 {
            first
        } else {
            blank || !line.is_empty()
        };
        if is_indented {
            out.push_str(&indent);
        }
        out.push_str(line);
    }
    Ok(Value::str(out))
}

fn truncate(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = subject(runtime, &mut args)?;
    let length = args.int("length", 255)?;
    let kill_words = args.flag("killwords", false)?;
    let end = args.text("end", "...")?;
    let leeway = match args.take("leeway")? {
        None | Some(Value::Null) => 5,
        Some(leeway) => leeway
            .as_int()
            .ok_or_else(|| args.wrong("leeway", "an integer", &leeway))?,
    };
    args.finish()?;
    let end_length = end.chars().count() as i64;
    if length < end_length {
        return Err(Error::template(format!(
            "expected length >= {end_length}, got {length}"
        )));
    }
    if leeway < 0 {
        return Err(Error::template(format!(
            "expected leeway >= 0, got {leeway}"
        )));
    }
    if value.chars().count() as i64 <= length.saturating_add(leeway) {
        return Ok(Value::str(value));
    }
    let kept: String = value
        .chars()
        .take(usize::try_from(length - end_length).unwrap_or(0))
        .collect();
    if kill_words {
        return Ok(Value::str(kept + &end));
    }
    let whole_words = kept.rsplit_once(' ').map_or(kept.as_str(), |parts| parts.0);
    Ok(Value::str(format!("{whole_words}{end}")))
}

fn wordcount(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = subject(runtime, &mut args)?;
    args.finish()?;
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let words = value.split(|c| !is_word(c)).filter(|word| !word.is_empty());
    Ok(Value::from(words.count()))
}

fn wordwrap(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = subject(runtime, &mut args)?;
    let width = args.int("width", 79)?;
    let break_long_words = args.flag("break_long_words", true)?;
    let between = match args.take("wrapstring")? {
        Some(between) if between.is_true() => text(runtime, &between)?.to_string(),
        _ => "\n".to_owned(),
    };
    let break_on_hyphens = args.flag("break_on_hyphens", true)?;
    args.finish()?;
    let Some(width) = usize::try_from(width).ok().filter(|width| *width > 0) else {
        return Err(Error::template(format!(
            "invalid width {width} (must be > 0)"
        )));
    };
    let wrapper = wrap::Wrapper {
        width,
        break_long_words,
        break_on_hyphens,
    };
    let lines: Vec<Vec<String>> = split_lines(&value)?
        .into_iter()
        .map(|line| wrapper.wrap(line))
        .collect::<Result<_>>()?;
    bounds::allow_pieces(lines.iter().map(Vec::len).sum(), between.len())?;
    let lines: Vec<String> = lines.iter().map(|line| line.join(&between)).collect();
    Ok(Value::str(lines.join(&between)))
}
