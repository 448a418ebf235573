//! Long flags as the reference's argparse reads them: any beginning that only one flag has.
//!
//! `flags.txt` is the reference's own list (tests/reference/flags.py records it). Flags of ours that
//! the reference lacks take no part, so that a script's `--st` means what it meant there.

use std::ffi::OsString;

use super::Name;
use crate::cli::terminal;
use crate::error::{Error, Kind, Result};

const LIST: &str = include_str!("flags.txt");

/// Flags of the reference that are refused, with the reason.
const REFUSED: &[(&str, &str)] = &[(
    "--tree",
    "set `callbacks_enabled` to a callback that writes files, or redirect the output",
)];

/// Flags about programs that are never run here: they are taken away with one warning, since wrappers give them
/// to everybody (`--scp-extra-args -O` is what Packer's users need with a new scp).
const IDLE: &[(&str, &str)] = &[
    (
        "--scp-extra-args",
        "no scp is run: files go over the shell's own connection",
    ),
    (
        "--sftp-extra-args",
        "no sftp is run: files go over the shell's own connection",
    ),
];

/// One flag of a command.
struct Flag {
    name: &'static str,
    takes_value: bool,
}

/// The words of a command line with every long flag written out.
///
/// # Errors
/// A beginning fits several flags, or a flag of the reference is not built here.
pub fn spelled_out(
    name: &Name,
    arguments: Vec<OsString>,
    command: &clap::Command,
) -> Result<Vec<OsString>> {
    let mut words = vec![name.file.to_owned()];
    let mut flags = flags_of(&words);
    let mut command = command;
    let mut whole = Vec::with_capacity(arguments.len());
    let mut is_value = false;
    let mut is_over = false;
    let mut is_idle = false;
    for argument in arguments {
        if std::mem::take(&mut is_idle) {
            continue;
        }
        let text = match argument.to_str() {
            Some(text) if !is_value && !is_over => text.to_owned(),
            _ => {
                is_value = false;
                whole.push(argument);
                continue;
            }
        };
        if text == "--" {
            is_over = true;
            whole.push(argument);
        } else if text.starts_with("--") {
            let (word, takes_value) = long(&text, &flags)?;
            if let Some(warning) = idle(&word, &flags) {
                terminal::print_warning(&warning);
                is_idle = !word.contains('=');
                continue;
            }
            check_built(name, &word, &flags, command)?;
            is_value = takes_value && !word.contains('=');
            whole.push(word.into());
        } else if text.starts_with('-') && text.len() > 1 {
            is_value = wants_next(&text, &flags);
            let first: String = text.chars().take(2).collect();
            check_built(name, &first, &flags, command)?;
            whole.push(argument);
        } else {
            let deeper = below(&words, &text);
            let inner = flags_of(&deeper);
            if let (false, Some(below)) = (inner.is_empty(), command.find_subcommand(&text)) {
                words = deeper;
                flags = inner;
                command = below;
            }
            whole.push(argument);
        }
    }
    Ok(whole)
}

/// The words with a command below; `ansible-galaxy install` is `ansible-galaxy role install`.
fn below(words: &[String], text: &str) -> Vec<String> {
    let mut deeper = words.to_vec();
    let is_top = deeper.len() == 1 && deeper[0] == "ansible-galaxy";
    if is_top && !matches!(text, "role" | "collection") {
        deeper.push("role".to_owned());
    }
    deeper.push(text.to_owned());
    deeper
}

fn flags_of(words: &[String]) -> Vec<Flag> {
    let head = words.join(" ");
    let line = LIST.lines().find_map(|line| {
        let (name, flags) = line.split_once(':')?;
        (name == head).then_some(flags)
    });
    let flag = |word: &'static str| Flag {
        name: word.trim_end_matches('='),
        takes_value: word.ends_with('='),
    };
    let words = line.unwrap_or_default().split_whitespace();
    words.map(flag).collect()
}

/// A long flag written out, and whether it takes a value.
fn long(text: &str, flags: &[Flag]) -> Result<(String, bool)> {
    let (typed, value) = match text.split_once('=') {
        Some((typed, value)) => (typed, Some(value)),
        None => (text, None),
    };
    let fit = |exact: bool| {
        let fits = move |flag: &&Flag| match exact {
            true => flag.name == typed,
            false => flag.name.starts_with(typed),
        };
        flags.iter().filter(fits).collect::<Vec<_>>()
    };
    let mut found = fit(true);
    if found.is_empty() {
        found = fit(false);
    }
    let flag = match found.as_slice() {
        [] => return Ok((text.to_owned(), false)),
        [flag] => flag,
        several => {
            let mut names: Vec<&str> = several.iter().map(|flag| flag.name).collect();
            names.sort_unstable();
            let text = format!("ambiguous option: {typed} could match {}", names.join(", "));
            return Err(Error::new(Kind::Usage, text));
        }
    };
    let whole = match value {
        Some(value) => format!("{}={value}", flag.name),
        None => flag.name.to_owned(),
    };
    Ok((whole, flag.takes_value))
}

/// The warning of a flag that the command has there, and that does nothing here.
fn idle(word: &str, flags: &[Flag]) -> Option<Error> {
    let name = word.split('=').next().unwrap_or(word);
    let (_, why) = IDLE.iter().find(|(flag, _)| *flag == name)?;
    let known = flags.iter().any(|flag| flag.name == name);
    known.then(|| Error::new(Kind::Input, format!("{name} has no effect: {why}")))
}

/// Says whether the next word is the value of a cluster of short flags (`-bi hosts`, but not
/// `-ihosts`).
fn wants_next(text: &str, flags: &[Flag]) -> bool {
    let letters: Vec<char> = text.chars().skip(1).collect();
    let takes = |letter: char| {
        let name = format!("-{letter}");
        flags
            .iter()
            .any(|flag| flag.name == name && flag.takes_value)
    };
    let first = letters.iter().position(|letter| takes(*letter));
    first.is_some_and(|first| first + 1 == letters.len())
}

/// A flag that the reference has and we lack is refused by its name.
fn check_built(name: &Name, word: &str, flags: &[Flag], command: &clap::Command) -> Result<()> {
    let word = word.split('=').next().unwrap_or(word);
    let known = flags.iter().any(|flag| flag.name == word);
    let always = ["--help", "-h", "--version", "--verbose", "-v"];
    if !known || always.contains(&word) || is_ours(word, command) {
        return Ok(());
    }
    let text = format!("`{word}` of {} is not built", name.file);
    let why = REFUSED.iter().find(|(flag, _)| *flag == word);
    Err(Error::new(Kind::Usage, text).hint_if(why.map(|(_, why)| (*why).to_owned())))
}

/// A password is asked for or read from a file, never both, as in the reference; `play` itself takes
/// both and asks.
pub fn exclusive(mut command: clap::Command) -> clap::Command {
    const PAIRS: [(&str, &str); 3] = [
        ("ask_pass", "connection_password_file"),
        ("ask_become_pass", "become_password_file"),
        ("ask_vault_pass", "vault_password_files"),
    ];
    for below in command.get_subcommands_mut() {
        *below = exclusive(std::mem::take(below));
    }
    for (asks, file) in PAIRS {
        let has = |id: &str| command.get_arguments().any(|own| own.get_id() == id);
        if has(asks) && has(file) {
            command = command.mut_arg(asks, |own| own.conflicts_with(file));
        }
    }
    command
}

fn is_ours(word: &str, command: &clap::Command) -> bool {
    command.get_arguments().any(|argument| {
        let longs = argument.get_long().into_iter();
        let mut longs = longs.chain(argument.get_all_aliases().unwrap_or_default());
        let shorts = argument.get_short().into_iter();
        let mut shorts = shorts.chain(argument.get_all_short_aliases().unwrap_or_default());
        longs.any(|long| word.strip_prefix("--") == Some(long))
            || shorts.any(|short| *word == format!("-{short}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::names::NAMES;

    fn ask(file: &str, line: &str) -> Result<String> {
        let name = NAMES.iter().find(|name| name.file == file).unwrap();
        let command = crate::cli::command();
        let own = command.find_subcommand(name.verb).unwrap();
        let words = line.split(' ').map(OsString::from).collect();
        let whole = spelled_out(name, words, own)?;
        let whole: Vec<String> = whole
            .into_iter()
            .map(|w| w.into_string().unwrap())
            .collect();
        Ok(whole.join(" "))
    }

    #[test]
    fn a_beginning_that_one_flag_has_is_that_flag() {
        for (typed, meant) in [
            ("--syn x.yml", "--syntax-check x.yml"),
            ("--extra=a=b x.yml", "--extra-vars=a=b x.yml"),
            // Ours have `--strict` and `--color`; the reference's scripts do not know them.
            ("--ste x.yml", "--step x.yml"),
            ("-i --syn x.yml", "-i --syn x.yml"),
            ("-bi --syn x.yml", "-bi --syn x.yml"),
            ("-ihosts --syn x.yml", "-ihosts --syntax-check x.yml"),
            ("--limit --syn x.yml", "--limit --syn x.yml"),
            ("-- --syn", "-- --syn"),
            ("--nonsense x.yml", "--nonsense x.yml"),
        ] {
            assert_eq!(ask("ansible-playbook", typed).unwrap(), meant, "{typed}");
        }
        assert_eq!(
            ask("ansible-vault", "encrypt_string --stdin v").unwrap(),
            "encrypt_string --stdin-name v"
        );
    }

    #[test]
    fn two_names_of_one_flag_are_ambiguous_as_in_argparse() {
        let error = ask("ansible-inventory", "--inv x --list").unwrap_err();
        assert_eq!(
            error.message(),
            "ambiguous option: --inv could match --inventory, --inventory-file"
        );
        assert_eq!(error.kind().exit_code(), 2);
    }

    #[test]
    fn what_has_no_effect_is_taken_away_with_its_value() {
        for (typed, meant) in [
            ("--scp-extra-args -O x.yml", "x.yml"),
            ("--scp-extra-args='-O' x.yml", "x.yml"),
            ("--sftp -v --check x.yml", "--check x.yml"),
            ("-i --scp-extra-args x.yml", "-i --scp-extra-args x.yml"),
        ] {
            assert_eq!(ask("ansible-playbook", typed).unwrap(), meant, "{typed}");
        }
    }

    #[test]
    fn what_is_not_built_says_so_by_name() {
        for line in ["all --tree x", "all -t x"] {
            let error = ask("ansible", line).unwrap_err();
            assert!(error.message().ends_with(" of ansible is not built"));
            assert_eq!(error.kind().exit_code(), 2);
        }
    }
}
