//! Becoming another user: the line that a login shell is asked to run in its own place.

use super::{Become, Lost, LostKind};
use crate::shell::quote;

/// What can be spoken to, for the message about one that cannot.
const SUPPORTED: &str = "sudo, su, doas, dzdo and pfexec";

/// How a program asks for a password on stderr.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Prompt {
    /// With this word.
    Word(String),
    /// In its own words, which end in a colon and no line break.
    Colon,
    /// On the terminal, in its own words, which end in a colon.
    Terminal,
    /// Never: it would ask on a terminal, and there is none.
    Never,
}

/// The shell line that becomes the user, and how a password is asked for.
#[derive(Debug)]
pub(super) struct Wrap {
    pub(super) line: String,
    pub(super) prompt: Prompt,
}

impl Wrap {
    /// The line that runs `program` (a shell and its arguments, quoted) as the other user.
    ///
    /// # Errors
    /// The method is not one of those we can speak to.
    pub(super) fn new(
        user: &Become,
        program: &str,
        mark: &str,
        terminal: bool,
    ) -> Result<Wrap, Lost> {
        let exe = quote(user.exe.as_deref().unwrap_or(short(&user.method)));
        let exe = exe.as_str();
        let name = quote(&user.user);
        let name = name.as_str();
        let flags = |default: &str| user.flags.clone().unwrap_or_else(|| default.to_owned());
        match short(&user.method) {
            "sudo" | "dzdo" => {
                let word = format!("[{mark}.password]");
                let flags = interactive(&flags("-H"));
                let ask = quote(&word);
                let ask = ask.as_str();
                let chdir = user.chdir.as_deref().map(quote);
                let chdir = chdir.map(|folder| format!("cd {} || exit; ", folder.as_str()));
                let chdir = chdir.unwrap_or_default();
                Ok(Wrap {
                    line: format!("{chdir}exec {exe} {flags} -S -p {ask} -u {name} {program}\n"),
                    prompt: Prompt::Word(word),
                })
            }
            "su" => {
                let program = quote(&format!("exec {program}"));
                Ok(Wrap {
                    line: format!("exec {exe} {} {name} -c {}\n", flags(""), program.as_str()),
                    prompt: Prompt::Colon,
                })
            }
            "doas" if terminal => Ok(Wrap {
                line: format!("exec {exe} {} -u {name} {program}\n", flags("")),
                prompt: Prompt::Terminal,
            }),
            "doas" => Ok(Wrap {
                line: format!("exec {exe} -n {} -u {name} {program}\n", flags("")),
                prompt: Prompt::Never,
            }),
            "pfexec" => Ok(Wrap {
                line: format!("exec {exe} {} {program}\n", flags("")),
                prompt: Prompt::Never,
            }),
            other => Err(Lost::new(
                LostKind::Become,
                format!("cannot become another user with `{other}`: play speaks to {SUPPORTED}"),
            )),
        }
    }
}

/// The line that opens `shell` as another user, as `-vvv` shows it.
pub fn line_of(user: &Become, shell: &str) -> Option<String> {
    let wrap = Wrap::new(user, shell, "play", false).ok()?;
    let line = wrap.line.trim_end();
    Some(line.strip_prefix("exec ").unwrap_or(line).to_owned())
}

/// Says whether a program refuses for want of a terminal: sudo with `requiretty`, sudo and doas that
/// would ask for a password there, su on some systems.
pub(super) fn wants_terminal(said: &str) -> bool {
    let said = said.to_lowercase();
    [
        "must have a tty",
        "must be run from a terminal",
        "a terminal is required",
        "no tty present",
        "it takes a password on a terminal",
        "standard in must be a tty",
    ]
    .iter()
    .any(|words| said.contains(words))
}

/// Whether a method can be spoken to.
pub fn is_method(method: &str) -> bool {
    matches!(short(method), "sudo" | "dzdo" | "su" | "doas" | "pfexec")
}

/// A method's name without its collection.
pub(super) fn short(method: &str) -> &str {
    method.rsplit('.').next().unwrap_or(method)
}

/// sudo's flags without `-n`: whether a password is wanted is seen from the prompt.
fn interactive(flags: &str) -> String {
    let words = flags.split_whitespace().map(|flag| match flag {
        "--non-interactive" | "--stdin" => String::new(),
        _ if is_bundle(flag) => flag.replace(['n', 'S'], ""),
        _ => flag.to_owned(),
    });
    let words: Vec<String> = words
        .filter(|word| !matches!(word.as_str(), "" | "-"))
        .collect();
    words.join(" ")
}

/// Whether a word is one or more flags of sudo's that take no value: `-HSn`.
fn is_bundle(word: &str) -> bool {
    word.strip_prefix('-').is_some_and(|letters| {
        !letters.is_empty() && letters.chars().all(|c| "AbBEeHiKklNnPSsvV".contains(c))
    })
}

impl Prompt {
    /// Says whether a password is asked for in what came last.
    pub(super) fn is_in(&self, stdout: &str, stderr: &str) -> bool {
        match self {
            Prompt::Word(word) => stderr.contains(word.as_str()),
            Prompt::Colon => ends_in_colon(stderr) || asks_on_stdout(stdout),
            // The caller gives what the terminal shows in place of stderr.
            Prompt::Terminal => ends_in_colon(stderr),
            Prompt::Never => false,
        }
    }

    /// What the program said, without the prompts.
    pub(super) fn strip(&self, stderr: &str) -> String {
        match self {
            Prompt::Word(word) => stderr.replace(word.as_str(), ""),
            Prompt::Colon | Prompt::Terminal | Prompt::Never => stderr.to_owned(),
        }
    }
}

/// Says whether text stops at a prompt: `Password: `, `Mot de passe :`. `su: ` is the beginning of
/// a message.
fn ends_in_colon(text: &str) -> bool {
    let last = text.rsplit('\n').next().unwrap_or(text).trim_end();
    last.ends_with([':', '：']) && last != "su:"
}

/// BusyBox asks on stdout, where a login may print anything.
fn asks_on_stdout(text: &str) -> bool {
    let last = text.rsplit('\n').next().unwrap_or(text).trim_end();
    last.ends_with(':') && last.to_lowercase().contains("password")
}

#[cfg(test)]
mod tests {
    use super::{Prompt, Wrap};
    use crate::connection::Become;
    use crate::vault::Secret;

    fn line(method: &str, flags: Option<&str>) -> String {
        let user = Become {
            method: method.to_owned(),
            user: "bob".to_owned(),
            exe: None,
            flags: flags.map(str::to_owned),
            chdir: None,
            password: Some(Secret::new("secret")),
        };
        match Wrap::new(&user, "/bin/sh -c x", "M", false) {
            Ok(wrap) => wrap.line,
            Err(lost) => lost.message,
        }
    }

    #[test]
    fn each_method_has_its_line() {
        for (method, flags, expected) in [
            (
                "sudo",
                None,
                "exec sudo -H -S -p '[M.password]' -u bob /bin/sh -c x\n",
            ),
            (
                "ansible.builtin.sudo",
                Some("-H -S -n -E"),
                "exec sudo -H -E -S -p '[M.password]' -u bob /bin/sh -c x\n",
            ),
            ("su", Some("-l"), "exec su -l bob -c 'exec /bin/sh -c x'\n"),
            ("doas", None, "exec doas -n  -u bob /bin/sh -c x\n"),
            (
                "runas",
                None,
                "cannot become another user with `runas`: play speaks to sudo, su, doas, dzdo and pfexec",
            ),
        ] {
            assert_eq!(line(method, flags), expected);
        }
    }

    #[test]
    fn flags_in_one_word_lose_what_forbids_a_prompt() {
        for (flags, left) in [
            ("-HSn", "-H"),
            ("-nE --stdin", "-E"),
            ("-n -C 5", "-C 5"),
            ("-g nobody", "-g nobody"),
        ] {
            let expected = format!("exec sudo {left} -S -p '[M.password]' -u bob /bin/sh -c x\n");
            assert_eq!(line("sudo", Some(flags)), expected);
        }
    }

    #[test]
    fn a_prompt_is_told_from_a_message() {
        for (stdout, stderr, asks) in [
            ("", "Password: ", true),
            ("", "a lecture\nPasswort: ", true),
            ("", "su: ", false),
            ("", "su: Authentication failure\n", false),
            ("welcome\nPassword: ", "", true),
            ("today's menu: ", "", false),
            ("", "", false),
        ] {
            assert_eq!(
                Prompt::Colon.is_in(stdout, stderr),
                asks,
                "{stdout}{stderr}"
            );
        }
    }
}
