//! Why a task failed, in one line: the host's own words where they say more than the result's message.

mod telling;
#[cfg(test)]
mod tests;

use super::event::Result;
use crate::outcome::Outcome;
use crate::value::Value;

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
    shortened(text.trim().trim_end_matches('.'))
}

fn of_outcome(action: &str, outcome: &Outcome) -> String {
    let message = outcome.data.get("msg").map(message_text);
    let message = message.unwrap_or_default();
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
