//! `regex_replace`, `regex_search`, `regex_findall`, `regex_escape`.

use super::super::regex::{Flags, Match, Pattern, Replacement, compile, escape};
use super::super::{Args, Runtime};
use super::{Table, strict, text, tuple};
use crate::error::{Error, Result};
use crate::value::Value;

pub(super) const FILTERS: Table = &[
    ("regex_escape", strict!(regex_escape)),
    ("regex_findall", strict!(regex_findall)),
    ("regex_replace", strict!(regex_replace)),
    ("regex_search", strict!(regex_search)),
];

fn regex_replace(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.take("value")?.unwrap_or_else(|| Value::str(""));
    let pattern = args.text("pattern", "")?;
    let replacement = args.text("replacement", "")?;
    let ignore_case = args.flag("ignorecase", false)?;
    let multi_line = args.flag("multiline", false)?;
    let count = args.int("count", 0)?;
    let mandatory = args.int("mandatory_count", 0)?;
    args.finish()?;
    let value = text(runtime, &value)?;
    let pattern = compile(&pattern, Flags::of(ignore_case, multi_line))?;
    let replacement = Replacement::new(&replacement, &pattern)?;
    if count < 0 {
        return Ok(Value::Str(value.untrusted()));
    }
    let count = usize::try_from(count).unwrap_or(0);
    let (replaced, times) = pattern.replace(&value, &replacement, count)?;
    if mandatory != 0 && usize::try_from(mandatory) != Ok(times) {
        return Err(Error::template(format!(
            "'{}' should match {mandatory} times, but matches {times} times in '{value}'",
            pattern.source()
        )));
    }
    Ok(Value::str(replaced))
}

fn regex_findall(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let pattern = pattern_text(&mut args)?;
    let multi_line = args.flag("multiline", false)?;
    let ignore_case = args.flag("ignorecase", false)?;
    args.finish()?;
    let value = text(runtime, &value)?;
    let pattern = compile(&pattern, Flags::of(ignore_case, multi_line))?;
    let found = pattern.find_all(&value)?;
    Ok(Value::list(
        found.iter().map(|one| found_item(one, &value)).collect(),
    ))
}

/// The whole match, its one group, or a tuple of its groups.
fn found_item(found: &Match, text: &str) -> Value {
    let group = |number| Value::str(found.group(text, number).unwrap_or_default());
    match found.group_count() {
        0 | 1 => group(found.group_count()),
        count => tuple((1..=count).map(group).collect()),
    }
}

fn regex_search(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let pattern = pattern_text(&mut args)?;
    let wanted = args.rest();
    let flag = |value: Option<Value>| value.is_some_and(|value| value.is_true());
    let ignore_case = flag(args.take_named("ignorecase"));
    let multi_line = flag(args.take_named("multiline"));
    let value = text(runtime, &value)?;
    let pattern = compile(&pattern, Flags::of(ignore_case, multi_line))?;
    let groups: Vec<Group> = wanted.iter().map(group).collect::<Result<_>>()?;
    let Some(found) = pattern.search(&value)? else {
        return Ok(Value::Null);
    };
    if groups.is_empty() {
        return Ok(Value::str_or_null(found.group(&value, 0)));
    }
    let numbers: Vec<usize> = groups
        .iter()
        .map(|group| group.number(&pattern))
        .collect::<Result<_>>()?;
    Ok(Value::list(
        numbers
            .into_iter()
            .map(|number| Value::str_or_null(found.group(&value, number)))
            .collect(),
    ))
}

fn pattern_text(args: &mut Args) -> Result<String> {
    match args.require("regex")? {
        Value::Str(text) => Ok(text.to_string()),
        other => Err(args.wrong("regex", "a string", &other)),
    }
}

/// What `\1` or `\g<name>` asks for.
enum Group {
    Name(String),
    Number(usize),
}

fn group(wanted: &Value) -> Result<Group> {
    let unknown = || {
        Error::template(format!(
            "Unknown argument: `regex_search` wants groups such as `\\1` or `\\g<name>`, got \
             `{wanted}`"
        ))
    };
    let text = wanted.as_str().ok_or_else(unknown)?;
    if let Some(rest) = text.strip_prefix("\\g") {
        let inside = rest.strip_prefix('<').ok_or_else(unknown)?;
        let end = inside.rfind('>').ok_or_else(unknown)?;
        return Ok(Group::Name(
            inside.get(..end).unwrap_or_default().to_owned(),
        ));
    }
    let digits = text.strip_prefix('\\').ok_or_else(unknown)?;
    let end = digits
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(digits.len());
    let number = digits.get(..end).unwrap_or_default().parse();
    number.map(Group::Number).map_err(|_| unknown())
}

impl Group {
    fn number(&self, pattern: &Pattern) -> Result<usize> {
        match self {
            Group::Name(name) => pattern
                .group_number(name)
                .ok_or_else(|| Error::template(format!("no such group `{name}`"))),
            Group::Number(number) if *number <= pattern.group_count() => Ok(*number),
            Group::Number(number) => Err(Error::template(format!("no such group `{number}`"))),
        }
    }
}

fn regex_escape(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let kind = args.text("re_type", "python")?;
    args.finish()?;
    let value = text(runtime, &value)?;
    match kind.as_str() {
        "python" => Ok(Value::str(escape(&value))),
        "posix_basic" => Ok(Value::str(posix_escaped(&value))),
        "posix_extended" => Err(Error::template(
            "Regex type (posix_extended) not yet implemented",
        )),
        other => Err(Error::template(format!("Invalid regex type ({other})"))
            .hint("use `python` or `posix_basic`")),
    }
}

fn posix_escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if "].[^$*\\".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
