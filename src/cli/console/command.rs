//! What a line of the console means. Words and arguments are the reference's.

/// One thing that the console does by itself; any other line is a module on hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    Become,
    BecomeMethod,
    BecomeUser,
    Cd,
    Check,
    Collections,
    Diff,
    Exit,
    Forks,
    Help,
    List,
    RemoteUser,
    Shell,
    Timeout,
    Verbosity,
}

/// A command, its names, what `help` says in the list and of it.
pub struct Word {
    /// What it does.
    pub command: Command,
    /// What is typed.
    pub names: &'static [&'static str],
    /// How it is used.
    pub usage: &'static str,
    /// One line of help.
    pub help: &'static str,
}

/// All commands, in the order of `help`.
pub const WORDS: &[Word] = &[
    word(
        Command::Cd,
        &["cd"],
        "cd PATTERN",
        "work on other hosts: a group, a host, web:!web1; alone: all",
    ),
    word(
        Command::List,
        &["list"],
        "list [groups]",
        "the hosts that are worked on, or all groups",
    ),
    word(
        Command::Become,
        &["become"],
        "become yes|no",
        "become another user, or do not",
    ),
    word(
        Command::BecomeUser,
        &["become_user"],
        "become_user USER",
        "whom to become",
    ),
    word(
        Command::BecomeMethod,
        &["become_method"],
        "become_method sudo|su|doas",
        "how to become",
    ),
    word(
        Command::RemoteUser,
        &["remote_user"],
        "remote_user USER",
        "log in as this user",
    ),
    word(
        Command::Check,
        &["check"],
        "check yes|no",
        "predict, and change nothing",
    ),
    word(
        Command::Diff,
        &["diff"],
        "diff yes|no",
        "show what differs in files",
    ),
    word(
        Command::Forks,
        &["forks", "serial"],
        "forks NUMBER",
        "how many hosts are worked on at once",
    ),
    word(
        Command::Timeout,
        &["timeout"],
        "timeout SECONDS",
        "how long a task may take; 0: as long as it wants",
    ),
    word(
        Command::Verbosity,
        &["verbosity"],
        "verbosity NUMBER",
        "how much is told, as -v to -vvvv",
    ),
    word(
        Command::Collections,
        &["collections"],
        "collections A.B,C.D|none",
        "where short names of modules are looked for",
    ),
    word(
        Command::Shell,
        &["shell"],
        "shell COMMAND, or !COMMAND",
        "a command of the shell, whatever its first word is",
    ),
    word(
        Command::Help,
        &["help"],
        "help [COMMAND|MODULE], or ?",
        "this list, a command, a module's page",
    ),
    word(
        Command::Exit,
        &["exit", "EOF"],
        "exit, or Ctrl-D",
        "leave the console",
    ),
];

const fn word(
    command: Command,
    names: &'static [&'static str],
    usage: &'static str,
    help: &'static str,
) -> Word {
    Word {
        command,
        names,
        usage,
        help,
    }
}

/// The word of the table that is typed so.
pub fn find(name: &str) -> Option<&'static Word> {
    WORDS.iter().find(|word| word.names.contains(&name))
}

/// A line, understood.
#[derive(Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// Nothing, or a comment.
    Empty,
    /// A command of the console and what follows it.
    Command(Command, &'a str),
    /// Anything else: a module with arguments, or a command of the shell.
    Task(&'a str),
}

impl<'a> Line<'a> {
    /// Reads a line as Python's `cmd` does: `?` is `help`, `!` is `shell`, and a word ends where no
    /// letter, digit or `_` follows.
    pub fn read(text: &'a str) -> Self {
        let text = text.trim();
        if text.is_empty() || text.starts_with('#') {
            return Line::Empty;
        }
        if let Some(rest) = text.strip_prefix('?') {
            return Line::Command(Command::Help, rest.trim_start());
        }
        if let Some(rest) = text.strip_prefix('!') {
            return Line::Command(Command::Shell, rest.trim_start());
        }
        let ends = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
        let end = text.find(ends).unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        match find(name) {
            Some(word) => Line::Command(word.command, rest.trim_start()),
            None => Line::Task(text),
        }
    }
}

/// Yes or no, as the reference's `boolean(…, strict=False)`: what is not yes is no.
pub fn is_yes(text: &str) -> bool {
    let text = text.to_lowercase();
    matches!(
        text.as_str(),
        "y" | "yes" | "on" | "1" | "true" | "t" | "1.0"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_as_the_reference_reads_it() {
        for (line, meant) in [
            ("", Line::Empty),
            ("  # cd web", Line::Empty),
            ("cd web:!web1", Line::Command(Command::Cd, "web:!web1")),
            ("cd", Line::Command(Command::Cd, "")),
            ("list groups ", Line::Command(Command::List, "groups")),
            ("!ls | wc -l", Line::Command(Command::Shell, "ls | wc -l")),
            ("shell ls", Line::Command(Command::Shell, "ls")),
            ("? forks", Line::Command(Command::Help, "forks")),
            ("serial 3", Line::Command(Command::Forks, "3")),
            ("EOF", Line::Command(Command::Exit, "")),
            ("listing", Line::Task("listing")),
            ("ping", Line::Task("ping")),
            ("become_users", Line::Task("become_users")),
            (
                "ansible.builtin.copy src=a dest=b",
                Line::Task("ansible.builtin.copy src=a dest=b"),
            ),
            ("/bin/cd", Line::Task("/bin/cd")),
        ] {
            assert_eq!(Line::read(line), meant, "{line}");
        }
    }

    #[test]
    fn what_is_not_yes_is_no() {
        assert!(["yes", "True", "1", "on", "t"].into_iter().all(is_yes));
        assert!(!["no", "maybe", "0", "2"].into_iter().any(is_yes));
    }

    #[test]
    fn every_command_has_a_word_and_no_name_is_taken_twice() {
        let mut names: Vec<&str> = WORDS.iter().flat_map(|word| word.names).copied().collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        assert!(
            WORDS
                .iter()
                .all(|word| !word.help.is_empty() && !word.usage.is_empty())
        );
    }
}
