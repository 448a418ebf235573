//! Answers for argcomplete, with which people complete Ansible's commands (`register-python-argcomplete
//! ansible-playbook`): the shell gives the line in the environment, and reads words from descriptor 8.

use std::ffi::OsString;
use std::io::Write;

use clap_complete::engine::{CompletionCandidate, complete};

/// Says whether a shell asks in argcomplete's way. Then nothing else may be done: its standard input is the terminal.
pub fn asks() -> bool {
    std::env::var_os("_ARGCOMPLETE").is_some() && std::env::var_os("COMP_LINE").is_some()
}

/// Writes what the word under the cursor may become. Whatever goes wrong, nothing is offered.
pub fn answer(mut command: clap::Command) {
    let (words, current) = words();
    let at = words.len().saturating_sub(1);
    let words: Vec<OsString> = words.into_iter().map(OsString::from).collect();
    let here = std::env::current_dir().ok();
    let Ok(found) = complete(&mut command, words, at, here.as_deref()) else {
        return;
    };
    let shell = variable("_ARGCOMPLETE_SHELL");
    let cut = cut_off(&shell, &current);
    let told: Vec<String> = found
        .iter()
        .map(|candidate| told(candidate, &shell, cut))
        .collect();
    let separator = match variable("_ARGCOMPLETE_IFS") {
        text if text.is_empty() => "\u{b}".to_owned(),
        text => text,
    };
    let Ok(mut out) = std::fs::OpenOptions::new().write(true).open("/dev/fd/8") else {
        return;
    };
    let _ = out.write_all(told.join(&separator).as_bytes());
}

/// The words of the line up to the cursor, the last of them being typed; and that one as it stands there.
pub fn words() -> (Vec<String>, String) {
    split(&variable("COMP_LINE"), variable("COMP_POINT").parse().ok())
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

fn split(line: &str, point: Option<usize>) -> (Vec<String>, String) {
    let end = point.unwrap_or(line.len()).min(line.len());
    let line = line.get(..end).unwrap_or(line);
    // A quote that is open is closed where the cursor stands.
    let closed = ["", "'", "\""].map(|quote| shell_words::split(&format!("{line}{quote}")));
    let mut words = closed.into_iter().find_map(Result::ok).unwrap_or_default();
    if line.is_empty() || line.ends_with(char::is_whitespace) && !line.ends_with("\\ ") {
        words.push(String::new());
    }
    let current = words.last().cloned().unwrap_or_default();
    (words, current)
}

/// How much of a candidate bash has before the word that it completes: it breaks words at `=` and `:`.
fn cut_off(shell: &str, current: &str) -> usize {
    let breaks = match shell {
        "" | "bash" => variable("_ARGCOMPLETE_COMP_WORDBREAKS"),
        _ => String::new(),
    };
    let at = current.rfind(|letter| matches!(letter, '=' | ':') && breaks.contains(letter));
    at.map_or(0, |at| at + 1)
}

fn told(candidate: &CompletionCandidate, shell: &str, cut: usize) -> String {
    let value = candidate.get_value().to_string_lossy();
    let help = candidate.get_help().map(ToString::to_string);
    let help = help.and_then(|help| help.lines().next().map(str::to_owned));
    match (shell, help) {
        ("zsh", Some(help)) => format!("{}:{help}", value.replace(':', "\\:")),
        ("zsh", None) => value.replace(':', "\\:"),
        ("fish", Some(help)) => format!("{value}\t{help}"),
        _ => value.get(cut..).unwrap_or(&value).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn the_word_under_the_cursor_is_the_last() {
        for (line, point, words) in [
            ("ansible-vault enc", None, vec!["ansible-vault", "enc"]),
            ("ansible-vault ", None, vec!["ansible-vault", ""]),
            (
                "ansible-vault encrypt x",
                Some(17),
                vec!["ansible-vault", "enc"],
            ),
            ("ansible -m 'pi", None, vec!["ansible", "-m", "pi"]),
            ("ansible \"a b", None, vec!["ansible", "a b"]),
            ("", None, vec![""]),
        ] {
            assert_eq!(split(line, point).0, words, "{line}");
        }
    }
}
