//! The terminal: colours, errors, and the person in front of it.

use std::io::{BufRead, IsTerminal, Write};
use std::sync::OnceLock;

use crate::config::Config;
use crate::error::{Error, Result};
use crate::report::{LiveLine, note_trouble, printable};
use crate::vault::Secret;

/// Says whether standard output is to be coloured, by the usual conventions.
pub fn colours(when: &str, config: &Config) -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is = |name: &str, wanted: &str| std::env::var_os(name).is_some_and(|value| value == wanted);
    match when {
        "always" => true,
        "never" => false,
        _ if set("NO_COLOR") || config.flag("ANSIBLE_NOCOLOR") => false,
        _ if config.flag("ANSIBLE_FORCE_COLOR") => true,
        _ if forces("FORCE_COLOR") || forces("CLICOLOR_FORCE") => true,
        _ if is("CLICOLOR", "0") || is("TERM", "dumb") || is_ci() => false,
        _ => std::io::stdout().is_terminal(),
    }
}

/// Says whether a variable asks for colours: `0` and `false` ask for none.
fn forces(name: &str) -> bool {
    let value = std::env::var(name).unwrap_or_default();
    !matches!(value.as_str(), "" | "0" | "false")
}

/// Says whether this runs in a pipeline of continuous integration, where a log is kept of what is printed.
fn is_ci() -> bool {
    let value = std::env::var("CI").unwrap_or_default();
    !matches!(value.as_str(), "" | "0" | "false")
}

/// Says whether standard error is to be coloured.
fn error_colours() -> bool {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    match (plain, forces("FORCE_COLOR") || forces("CLICOLOR_FORCE")) {
        (true, _) => false,
        (false, true) => true,
        (false, false) => {
            std::io::stderr().is_terminal()
                && !is_ci()
                && std::env::var_os("CLICOLOR").is_none_or(|value| value != "0")
        }
    }
}

/// How wide banners are: the terminal's width, or 79 where there is none.
pub fn width() -> usize {
    if !std::io::stdout().is_terminal() {
        return 79;
    }
    rustix::termios::tcgetwinsize(std::io::stdout())
        .map_or(79, |size| usize::from(size.ws_col).saturating_sub(1))
        .max(40)
}

/// Says whether standard output is a terminal whose width is to be followed.
pub fn is_wide() -> bool {
    std::io::stdout().is_terminal()
}

/// Prints an answer. A reader that has gone away is no error.
///
/// # Errors
/// It cannot be written.
pub fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    if let Err(error) = &written {
        note_trouble(error);
    }
    match written {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Error::input("failed to write the answer").because(error))
        }
        _ => Ok(()),
    }
}

/// Prints an error on standard error.
pub fn print_error(error: &Error) {
    let colour = error_colours();
    live_line().aside(|| {
        let _ = writeln!(std::io::stderr(), "{}", error.report(colour));
    });
}

/// Prints a text on standard error.
pub fn print_error_text(text: &str) {
    let _ = write!(std::io::stderr(), "{text}");
}

/// Prints a warning on standard error.
pub fn print_warning(warning: &Error) {
    let colour = error_colours();
    live_line().aside(|| {
        let _ = writeln!(std::io::stderr(), "{}", warning.report_warning(colour));
    });
}

/// Asks for a line.
///
/// # Errors
/// Nothing can be read.
pub fn ask_line(question: &str) -> Result<String> {
    let _ = write!(std::io::stderr(), "{question}");
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|error| Error::input("no line can be read").because(error))?;
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}

/// Asks for a secret on the terminal, wherever standard input comes from; where there is no
/// terminal at all, a line of standard input is the answer.
///
/// # Errors
/// Nothing can be read.
pub fn ask_secret(question: &str) -> Result<Secret> {
    let unreadable = |error| Error::input("the password cannot be read").because(error);
    if std::fs::File::open("/dev/tty").is_ok() {
        let typed = rpassword::prompt_password(question).map_err(unreadable)?;
        return Ok(Secret::new(typed.into_bytes()));
    }
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    if read.map_err(unreadable)? == 0 {
        return Err(Error::input(format!(
            "no password is given: `{}` was asked, and standard input is at its end",
            question.trim_end_matches([':', ' '])
        )));
    }
    let length = line.trim_end_matches(['\n', '\r']).len();
    line.truncate(length);
    Ok(Secret::new(line.into_bytes()))
}

/// What a stranger said, as a terminal may show it; a pipe gets it as it is.
pub fn shown(text: &str) -> std::borrow::Cow<'_, str> {
    match std::io::stdout().is_terminal() {
        true => printable(text),
        false => std::borrow::Cow::Borrowed(text),
    }
}

/// The one live line of the terminal.
pub fn live_line() -> &'static LiveLine {
    static LINE: OnceLock<LiveLine> = OnceLock::new();
    LINE.get_or_init(LiveLine::default)
}

/// Says whether the screen is a terminal that can show a live line.
pub fn is_live() -> bool {
    std::io::stdout().is_terminal()
        && std::io::stderr().is_terminal()
        && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
        && !is_ci()
}
