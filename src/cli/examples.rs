//! The examples that `--help` of each verb shows, as `examples.txt` has them; the first is the next step where
//! nothing is said.

use super::names::Name;

const TEXT: &str = include_str!("examples.txt");

/// What is typed, and what it does.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Example {
    typed: String,
    does: &'static str,
    /// Whether the reference's command of the same work does not know it.
    ours: bool,
}

/// The examples of a command: `run`, `vault encrypt`.
fn all(path: &str) -> Vec<Example> {
    let head = format!("[{path}]");
    let mut lines = TEXT.lines().skip_while(|line| *line != head).skip(1);
    let mut found = Vec::new();
    while let Some(line) = lines.next().filter(|line| !line.starts_with('[')) {
        let ours = line.starts_with('+');
        let Some(typed) = line.trim_start_matches('+').strip_prefix("$ ") else {
            continue;
        };
        found.push(Example {
            typed: typed.to_owned(),
            does: lines.next().unwrap_or_default().trim(),
            ours,
        });
    }
    found
}

/// The examples as the reference's command is called, without what it does not know.
fn as_named(path: &str, name: &Name) -> Vec<Example> {
    let verb = format!("play {}", name.verb);
    let examples = all(path).into_iter().filter(|example| !example.ours);
    let renamed = examples.filter_map(|example| {
        let typed = example.typed.replace("encrypt-string", "encrypt_string");
        let (before, rest) = match name.verb {
            "adhoc" => typed.split_once("play ")?,
            _ => typed.split_once(&verb)?,
        };
        let space = if name.verb == "adhoc" { " " } else { "" };
        Some(Example {
            typed: format!("{before}{}{space}{rest}", name.file),
            ..example
        })
    });
    renamed.collect()
}

fn text(examples: &[Example]) -> Option<String> {
    let line = |example: &Example| format!("  {}\n      {}\n", example.typed, example.does);
    let lines: String = examples.iter().map(line).collect();
    (!examples.is_empty()).then(|| format!("Examples:\n{}", lines.trim_end()))
}

/// A command with examples below its help, and below that of everything in it. `path` is what it is called in
/// `play`; `name` is the reference's command that it is called as.
pub fn shown(command: clap::Command, path: &str, name: Option<&Name>) -> clap::Command {
    let command = super::each_below(command, |own, verb| {
        shown(own, &format!("{path} {verb}"), name)
    });
    let examples = match name {
        Some(name) => as_named(path, name),
        None => all(path),
    };
    command.after_help(text(&examples).unwrap_or_default())
}

/// The first example of a verb.
pub fn first(verb: &str) -> Option<String> {
    all(verb).into_iter().next().map(|example| example.typed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::names::{NAMES, spelled_out};

    /// Every command and what is below it, by its path.
    fn paths(command: &clap::Command, path: &str, all: &mut Vec<String>) {
        for below in command
            .get_subcommands()
            .filter(|below| !below.is_hide_set())
        {
            let path = format!("{path} {}", below.get_name());
            all.push(path.trim().to_owned());
            paths(below, &path, all);
        }
    }

    fn words(typed: &str) -> Vec<std::ffi::OsString> {
        let typed = typed.split(" > ").next().unwrap_or(typed);
        let typed = typed.rsplit(" | ").next().unwrap_or(typed);
        let words = shell_words::split(typed).unwrap();
        words.into_iter().map(Into::into).collect()
    }

    #[test]
    fn every_command_has_examples_and_they_can_be_typed() {
        let command = crate::cli::command();
        let mut known = Vec::new();
        paths(&command, "", &mut known);
        assert!(known.len() > 50, "{known:?}");
        for path in &known {
            let examples = all(path);
            assert!(!examples.is_empty(), "`{path}` has no examples");
            for Example { typed, .. } in examples {
                let words = crate::cli::with_verb(words(&typed)).unwrap();
                let parsed = command.clone().try_get_matches_from(words);
                assert!(parsed.is_ok(), "{typed}: {}", parsed.unwrap_err());
            }
        }
        for head in TEXT.lines().filter_map(|line| line.strip_prefix('[')) {
            let head = head.trim_end_matches(']').to_owned();
            assert!(known.contains(&head), "{head}");
        }
    }

    #[test]
    fn the_reference_s_names_have_examples_that_they_understand() {
        let command = crate::cli::command();
        for name in &NAMES {
            let own = command.find_subcommand(name.verb).unwrap();
            let examples = as_named(name.verb, name);
            assert!(!examples.is_empty(), "{}", name.file);
            let mut below = Vec::new();
            paths(own, name.verb, &mut below);
            let of_below = below.iter().flat_map(|path| as_named(path, name));
            for Example { typed, .. } in examples.iter().cloned().chain(of_below) {
                let mut words = words(&typed);
                assert_eq!(words.remove(0), name.file, "{typed}");
                let words = spelled_out(name, words, own).unwrap();
                let named = own.clone().no_binary_name(true);
                let parsed = named.try_get_matches_from(words);
                assert!(parsed.is_ok(), "{typed}: {}", parsed.unwrap_err());
            }
        }
    }
}
