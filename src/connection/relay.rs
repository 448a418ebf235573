//! What is started on the host in place of a bare shell: a pipe before the shell, so that the end
//! of the connection is noticed there while a request still runs.

use std::sync::OnceLock;

use crate::shell::quote;

const RELAY: &str = include_str!("relay.sh");
const WATCH: &str = include_str!("watch.sh");

/// What the relay says on stdout once the session's shell has ended.
pub(super) fn gone(mark: &str) -> String {
    format!("\n{mark} .gone\n")
}

/// The arguments that make a shell the relay, `before` run ahead of it.
fn words<'a>(shell: &'a str, mark: &'a str, text: &'a str) -> [&'a str; 6] {
    ["-c", text, "play", mark, shell, watch()]
}

/// The arguments that make a shell the relay.
pub(super) fn arguments(shell: &str, mark: &str) -> [String; 6] {
    words(shell, mark, line()).map(str::to_owned)
}

/// The relay as a line for another shell, `before` run ahead of it. Nothing in it means more to
/// csh or fish than to sh.
pub(super) fn command(shell: &str, mark: &str, before: &str) -> String {
    let text = format!("{before}{}", line());
    let mut command = quote(shell).as_str().to_owned();
    for word in words(shell, mark, &text) {
        command.push(' ');
        command.push_str(quote(word).as_str());
    }
    command
}

/// How a program shows the arguments of [`command`] that it refuses to run.
pub(super) fn shown(shell: &str, mark: &str, before: &str) -> String {
    let text = format!("{before}{}", line());
    format!(" {}", words(shell, mark, &text).join(" "))
}

fn line() -> &'static str {
    static LINE: OnceLock<String> = OnceLock::new();
    LINE.get_or_init(|| joined(RELAY))
}

fn watch() -> &'static str {
    static LINE: OnceLock<String> = OnceLock::new();
    LINE.get_or_init(|| joined(WATCH))
}

/// A text as one line: csh knows no other in quotes.
fn joined(text: &str) -> String {
    let mut line = String::new();
    for part in text.lines().map(str::trim) {
        if part.is_empty() || part.starts_with('#') {
            continue;
        }
        line.push_str(part);
        let opens = ["{", "do", "then", "else"];
        let goes_on = opens.iter().any(|word| part.ends_with(word));
        line.push_str(if goes_on { " " } else { "; " });
    }
    line.trim_end().trim_end_matches(';').to_owned()
}

#[cfg(test)]
mod tests {
    use super::{line, watch};

    #[test]
    fn the_lines_mean_the_same_to_any_login_shell() {
        for (line, backslashes) in [(line(), 2), (watch(), 0)] {
            assert!(!line.contains(['\'', '\n', '!']), "{line}");
            assert_eq!(line.matches('\\').count(), backslashes, "{line}");
            assert!(line.len() < 600, "{}", line.len());
        }
    }
}
