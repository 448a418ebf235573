//! The line of a program's output that says why it failed.

/// The line that tells most; nothing where there is none. Of equals the first one is taken where it names
/// an error: what follows is mostly its consequence. Where no line does, the last one is taken.
pub fn telling(text: &str) -> Option<&str> {
    let lines = || text.lines().map(str::trim).filter(|line| has_words(line));
    let best = lines().map(weight).max()?;
    match best {
        // A traceback's last line names the exception, and the last line of prose is the end.
        0 | WORST => lines().rev().find(|line| weight(line) == best),
        _ => lines().find(|line| weight(line) == best),
    }
}

fn has_words(line: &str) -> bool {
    line.chars().any(char::is_alphanumeric)
}

/// The weight of a line that was printed as an exception's, below a traceback.
const WORST: u32 = 50;

/// How likely it is that a line says why.
fn weight(line: &str) -> u32 {
    let lower = line.to_lowercase();
    let begins = |words: &[&str]| words.iter().any(|word| lower.starts_with(word));
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if begins(&[
        "w: ", "warning", "warn:", "note:", "notice", "hint:", "info",
    ]) {
        return 1;
    }
    if is_consequence(&lower) {
        return 2;
    }
    if is_exception(line) {
        return WORST;
    }
    if begins(&[
        "e: ", "error:", "error ", "fatal:", "err!", "npm err!", "curl: (", "panic", "critical",
    ]) || has(&[
        ": error:",
        ": fatal error:",
        "[error]",
        "[emerg]",
        "] error",
        "fatal error",
    ]) {
        return 40;
    }
    if has(&[
        "no such file",
        "not found",
        "permission denied",
        "denied",
        "cannot ",
        "can't ",
        "could not ",
        "unable to",
        "refused",
        "no space left",
        "read-only file system",
        "timed out",
        "unknown ",
        "invalid ",
        "not permitted",
        "already in use",
        "does not exist",
        "syntax error",
        "no route to host",
        "is locked",
        "unreachable",
        "must be",
        "missing",
        "unexpected",
    ]) {
        return 30;
    }
    if has(&["error", "failed", "failure", "exception", "abort"]) {
        return 20;
    }
    0
}

/// What a program says after it has said why: `make: *** [all] Error 2`.
fn is_consequence(lower: &str) -> bool {
    lower.starts_with("make")
        || lower.contains("see \"systemctl status")
        || lower.contains("for details")
        || lower.contains("errors were encountered while processing")
        || lower.contains("sub-process")
        || lower.contains("npm err! a complete log")
        || lower.starts_with("traceback (most recent call last)")
        || lower.starts_with("try ")
        || lower.starts_with("usage")
}

/// `KeyError: 'x'`, `yaml.scanner.ScannerError: …`: a name that ends in `Error` or `Exception`.
fn is_exception(line: &str) -> bool {
    let name = line.split(": ").next().unwrap_or(line);
    let is_name = name
        .chars()
        .all(|c| c.is_alphanumeric() || "._".contains(c));
    let ends = ["Error", "Exception"]
        .iter()
        .any(|end| name.len() > end.len() && name.ends_with(end));
    is_name && ends
}
