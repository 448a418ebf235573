//! The terminal: colours, errors, and the person in front of it.

use std::io::{BufRead, IsTerminal, Write};
use std::sync::{Arc, OnceLock};

use crate::config::Config;
use crate::error::{Error, Kind, Manner, Result};
use crate::report::outputs::{Log, Loudness};
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
    // The configuration may be what the error is about; its variable needs none.
    let plain = plain || forces("ANSIBLE_NOCOLOR");
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
    logged(Loudness::Info, text);
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

static MANNER: OnceLock<Manner> = OnceLock::new();

/// Settles in which form errors are printed, for the whole process.
pub fn speak_as(manner: Manner) {
    let _ = MANNER.set(manner);
}

/// In which form errors are printed.
pub fn manner() -> Manner {
    MANNER.get().copied().unwrap_or_default()
}

static LOG: OnceLock<Arc<Log>> = OnceLock::new();

/// Opens the log of the settings, once; what hinders it is warned of.
pub fn open_log(config: &Config) {
    let Some(path) = config
        .path("DEFAULT_LOG_PATH")
        .filter(|_| LOG.get().is_none())
    else {
        return;
    };
    // The one name that the reference's own records have.
    if config
        .list("DEFAULT_LOG_FILTER")
        .iter()
        .any(|name| name == "ansible")
    {
        return;
    }
    match Log::open(&path, super::listeners::user(), print_warning) {
        Ok(log) => drop(LOG.set(Arc::new(log))),
        Err(error) => print_warning(&error),
    }
}

/// The log, where there is one.
pub fn log() -> Option<Arc<Log>> {
    LOG.get().cloned()
}

fn logged(loudness: Loudness, text: &str) {
    if let Some(log) = LOG.get().filter(|_| !text.trim().is_empty()) {
        log.add(loudness, text);
    }
}

/// What a warning is turned into before it is shown.
type Retell = Box<dyn Fn(Error) -> Error + Send + Sync>;

static RETELL: OnceLock<Retell> = OnceLock::new();

/// Has all warnings pass by somebody who knows what was typed.
pub fn retell_with(retell: impl Fn(Error) -> Error + Send + Sync + 'static) {
    let _ = RETELL.set(Box::new(retell));
}

/// Prints an error on standard error.
pub fn print_error(error: &Error) {
    let colour = error_colours();
    logged(Loudness::Error, &error.report(Manner::Reference, false));
    live_line().aside(|| {
        let _ = writeln!(std::io::stderr(), "{}", error.report(manner(), colour));
    });
}

/// Prints a text on standard error.
pub fn print_error_text(text: &str) {
    let _ = write!(std::io::stderr(), "{text}");
}

/// Prints a warning on standard error.
pub fn print_warning(warning: &Error) {
    let retold = RETELL.get().map(|retell| retell(warning.clone()));
    let warning = retold.as_ref().unwrap_or(warning);
    let colour = error_colours();
    let loudness = match warning.kind() {
        Kind::Deprecated => Loudness::Info,
        _ => Loudness::Warning,
    };
    logged(loudness, &warning.report_warning(Manner::Reference, false));
    live_line().aside(|| {
        let _ = writeln!(
            std::io::stderr(),
            "{}",
            warning.report_warning(manner(), colour)
        );
    });
}

/// Prints a warning of a task on standard error. In the reference's form its words stay as they are where
/// no terminal shows them.
pub fn print_task_warning(text: &str) {
    let warning = Error::input(text);
    if manner() == Manner::Own || std::io::stderr().is_terminal() {
        return print_warning(&warning);
    }
    logged(
        Loudness::Warning,
        &warning.report_warning(Manner::Reference, false),
    );
    print_error_text(&format!("[WARNING]: {text}\n"));
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
