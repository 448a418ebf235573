//! What is started on the host in place of a bare shell: a pipe before the shell, so that the end
//! of the connection is noticed there while a request still runs.

use std::sync::OnceLock;

use crate::shell::quote;

const TEXT: &str = include_str!("relay.sh");

/// What the relay says on stdout once the session's shell has ended.
pub(super) fn gone(mark: &str) -> String {
    format!("\n{mark} .gone\n")
}

/// The arguments that make a shell the relay: `SHELL -c TEXT play MARK SHELL`.
pub(super) fn arguments(shell: &str, mark: &str) -> [String; 5] {
    ["-c", line(), "play", mark, shell].map(str::to_owned)
}

/// The relay as a line for another shell, `before` run ahead of it. Nothing in it means more to
/// csh or fish than to sh.
pub(super) fn command(shell: &str, mark: &str, before: &str) -> String {
    let text = format!("{before}{}", line());
    let words = [shell, "-c", &text, "play", mark, shell];
    words.map(|word| quote(word).as_str().to_owned()).join(" ")
}

/// The relay's text as one line: csh knows no other in quotes.
pub(super) fn line() -> &'static str {
    static LINE: OnceLock<String> = OnceLock::new();
    LINE.get_or_init(|| {
        let mut line = String::new();
        for part in TEXT.lines().map(str::trim) {
            if part.is_empty() || part.starts_with('#') {
                continue;
            }
            line.push_str(part);
            let opens = ["{", "do", "then", "else"];
            let goes_on = opens.iter().any(|word| part.ends_with(word));
            line.push_str(if goes_on { " " } else { "; " });
        }
        line.trim_end().trim_end_matches(';').to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn the_line_means_the_same_to_any_login_shell() {
        let line = line();
        assert!(!line.contains(['\'', '\n', '!']), "{line}");
        assert_eq!(line.matches('\\').count(), 2, "{line}");
        assert!(line.len() < 1000, "{}", line.len());
        println!("{line}");
    }
}
