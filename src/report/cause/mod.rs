//! Why a task failed, in one line: the host's own words where they say more than the result's message.

mod alike;
mod telling;
#[cfg(test)]
mod tests;

use super::event::Result;
use crate::outcome::Outcome;
use crate::value::Value;

pub use alike::alike;
pub use telling::telling;

/// The longest cause that is told, in characters.
const LONGEST: usize = 240;

/// The messages that say only that something failed, in lower case and without a full stop.
const EMPTY_WORDS: &[&str] = &[
    "",
    "the command exited with a non-zero return code",
    "non-zero return code",
    "module failure",
    "see stdout/stderr for the exact error",
    "module result deserialization failed",
];

/// Why a task failed on a host, in one line; empty where nobody says.
pub fn cause(result: &Result) -> String {
    let outcome = &result.outcome;
    let told = outcome.aside.as_ref().and_then(|aside| aside.cause.clone());
    let text = told.unwrap_or_else(|| of_outcome(&result.task.action, outcome));
    let text = text.trim().trim_end_matches('.');
    match text.is_empty() && result.task.no_log {
        true => HIDDEN.to_owned(),
        false => shortened(&denied(text).unwrap_or_else(|| text.to_owned())),
    }
}

/// What stands in place of a cause that `no_log` hides.
const HIDDEN: &str = "what went wrong is hidden (`no_log`)";

/// A message without the words that say only where in the reference's machinery something failed.
pub fn unwrapped(message: &str) -> &str {
    const WHOLE: [&str; 6] = [
        "Task failed: ",
        "Module failed: ",
        "Action failed: ",
        "Error while resolving `var` expression: ",
        "Error rendering template: ",
        "Error rendering expression: ",
    ];
    /// What stands for itself after `Syntax error in …: `.
    const MISSING: [&str; 2] = ["No filter named ", "No test named "];
    /// The beginning and the end of words around a name in quotes.
    const AROUND: [(&str, &str); 2] = [
        ("Finalization of task args for '", "' failed: "),
        ("Error while resolving value for '", "': "),
    ];
    let mut rest = message;
    loop {
        let whole = WHOLE.iter().find_map(|words| rest.strip_prefix(words));
        let around = || {
            AROUND.iter().find_map(|(begin, end)| {
                let named = rest.strip_prefix(begin)?;
                named.split_once(end).map(|(_, inner)| inner)
            })
        };
        let missing = || {
            let (_, inner) = rest.strip_prefix("Syntax error in ")?.split_once(": ")?;
            let is_missing = MISSING.iter().any(|words| inner.starts_with(words));
            is_missing.then_some(inner)
        };
        match whole.or_else(around).or_else(missing) {
            Some(inner) if !inner.is_empty() => rest = inner,
            _ => return rest,
        }
    }
}

/// Words about missing rights with the path they are about in front: what a person looks for first.
fn denied(text: &str) -> Option<String> {
    const WORDS: &str = "permission denied";
    if let Some(path) = closed(text) {
        return Some(format!("{WORDS}: {path}"));
    }
    /// What stands between the parts of a message.
    const SOFT: &[char] = &[' ', ':', ';', ',', '.', '('];
    let at = text.to_ascii_lowercase().find(WORDS)?;
    let (head, tail) = (&text[..at], &text[at + WORDS.len()..]);
    // A program's own path stands in front: `/bin/sh: 1: cannot create /etc/x`.
    let behind = || path_in(head.strip_prefix(path_in(head)?)?);
    let path = path_in(tail).or_else(behind).or_else(|| path_in(head))?;
    // The exit code stays in front, and what is in front already is left alone.
    let (code, head) = match head.split_once(": ") {
        Some((code, head)) if code.starts_with("exit ") => (format!("{code}: "), head),
        _ => (String::new(), head),
    };
    let bare = tail.trim_matches(|c: char| SOFT.contains(&c) || "'\"`)".contains(c));
    let names_path = bare.strip_prefix("b'").unwrap_or(bare) == path;
    if head.is_empty() && bare.starts_with(path) {
        return None;
    }
    let head = head.trim_end_matches(SOFT);
    let head = ["[Errno 13]", "(13", "EACCES"]
        .iter()
        .find_map(|number| head.strip_suffix(number))
        .unwrap_or(head)
        .trim_matches(SOFT);
    let tail = tail.trim_matches(SOFT);
    let rest = match names_path || !tail.contains(char::is_alphanumeric) {
        true => head.to_owned(),
        false => [head, tail].join(": "),
    };
    let rest = match rest.trim_matches(SOFT) {
        rest if rest.is_empty() || rest == path => String::new(),
        rest => format!(" ({rest})"),
    };
    Some(format!("{code}permission denied: {path}{rest}"))
}

/// The path that one of our own modules may not read or write.
fn closed(text: &str) -> Option<&str> {
    let path = text
        .strip_prefix("File is not readable: ")
        .or_else(|| text.strip_suffix(" cannot be read"))
        .or_else(|| text.strip_prefix("Source ")?.strip_suffix(" not readable"))
        .or_else(|| {
            text.strip_prefix("Destination ")?
                .strip_suffix(" not writable")
        })
        .or_else(|| text.strip_suffix(" is not writable. Use sudo"))?;
    let is_path = path.starts_with(['/', '~']) && !path.contains(": ");
    is_path.then_some(path)
}

/// The first path from the root in a text.
fn path_in(text: &str) -> Option<&str> {
    let begins = |(at, _): &(usize, &str)| {
        let at = *at;
        let before = text[..at].chars().next_back();
        let begins = before.is_none_or(|c| c.is_whitespace() || "'\"`(:=".contains(c));
        begins && !text[at + 1..].starts_with('/')
    };
    let (at, _) = text.match_indices('/').find(begins)?;
    let quote = text[..at]
        .chars()
        .next_back()
        .filter(|c| "'\"`".contains(*c));
    let rest = &text[at..];
    let end = match quote {
        Some(quote) => rest.find(quote),
        None => rest.find(|c: char| c.is_whitespace() || "'\"`),;:".contains(c)),
    };
    let path = &rest[..end.unwrap_or(rest.len())];
    (path.len() > 1).then_some(path)
}

fn of_outcome(action: &str, outcome: &Outcome) -> String {
    let message = outcome.data.get("msg").map(message_text);
    let message = message.unwrap_or_default();
    let message = match message.contains("'failed_when'") {
        true => message,
        false => unwrapped(&message).to_owned(),
    };
    if message == "Error executing command." {
        return not_started(outcome);
    }
    let plain = message.trim().trim_end_matches('.').to_lowercase();
    let says_nothing = EMPTY_WORDS.contains(&plain.as_str())
        || plain.starts_with("module failure")
        || plain.contains("'failed_when' expression evaluated to");
    if !says_nothing {
        return of_message(&message);
    }
    let output = ["stderr", "module_stderr", "stdout", "module_stdout"];
    let said = output
        .iter()
        .find_map(|name| telling(outcome.text(name).unwrap_or_default()));
    let code = outcome.data.get("rc").and_then(Value::as_int);
    let by_condition = plain
        .contains("failed_when")
        .then_some("`failed_when` holds");
    let head = match (code, by_condition) {
        (_, Some(words)) => words.to_owned(),
        (Some(code), None) => exit_text(code),
        (None, None) => String::new(),
    };
    let said = said.map(|line| program_not_found(action, code, line).unwrap_or(line.to_owned()));
    match (head.as_str(), said) {
        ("", Some(said)) => said,
        (head, Some(said)) => format!("{head}: {said}"),
        ("", None) => message,
        (head, None) => format!("{head}, and it printed nothing"),
    }
}

/// A message that is a text, or the texts of a list.
fn message_text(value: &Value) -> String {
    match value.as_list() {
        Some(parts) => {
            let parts: Vec<String> = parts.iter().map(Value::to_text).collect();
            parts.join(" ")
        }
        None => value.to_text(),
    }
}

/// The telling part of a message: many hold a command and all that it printed.
fn of_message(message: &str) -> String {
    let message = message.trim();
    // `'/usr/bin/apt-get … install 'x'' failed: E: …`, as package managers are reported.
    if let Some((head, rest)) = message.split_once("' failed: ")
        && let Some(line) = telling(rest)
    {
        let program = head.trim_start_matches('\'');
        let program = program.split_whitespace().next().unwrap_or_default();
        let program = program.rsplit('/').next().unwrap_or(program);
        return format!("{program}: {line}");
    }
    match message.lines().count() {
        0 | 1 => message.to_owned(),
        _ => telling(message).unwrap_or_default().to_owned(),
    }
}

/// A program that was not started at all.
fn not_started(outcome: &Outcome) -> String {
    let command = outcome.text("cmd").unwrap_or_default();
    let program = shell_words::split(command).unwrap_or_default();
    let program = program.first().map_or(command, String::as_str);
    match outcome.data.get("rc").and_then(Value::as_int) {
        Some(13) => format!("`{program}` may not be run: permission denied"),
        _ => format!("no such program: `{program}`"),
    }
}

/// `sh: 1: ngnix: not found`, in the words of every shell.
fn program_not_found(action: &str, code: Option<i64>, line: &str) -> Option<String> {
    if code != Some(127) || !action.ends_with("shell") {
        return None;
    }
    let line = line
        .strip_suffix(": not found")
        .or_else(|| line.strip_suffix(": command not found"))?;
    let program = line.rsplit(": ").next()?;
    Some(format!("no such program: `{program}`"))
}

/// `exit 100`, or the signal that ended it.
fn exit_text(code: i64) -> String {
    let signal = match (code, code.abs()) {
        (137, _) | (..=-1, 9) => "KILL",
        (143, _) | (..=-1, 15) => "TERM",
        (139, _) | (..=-1, 11) => "SEGV",
        (134, _) | (..=-1, 6) => "ABRT",
        _ => return format!("exit {code}"),
    };
    format!("exit {code} (ended by the signal {signal})")
}

/// One line of a length that a person reads.
fn shortened(text: &str) -> String {
    let line: Vec<&str> = text.split_whitespace().collect();
    let line = line.join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}
