//! One error type for the whole house, and the excerpt that points into the user's file.
//!
//! Three kinds of trouble stay apart. The user's files or words are wrong: an [`Error`], before a
//! host is touched wherever that can be known. A host said no: an outcome, not an error. `play`
//! itself is wrong: an [`Error`] of [`Kind::Bug`].

mod clean;
mod excerpt;
mod place;
mod reference;
mod suggest;

pub use clean::{printable, steers};
pub use place::{Place, Source};
pub use suggest::{nearest, of_collection};

use std::fmt;

/// What went wrong, as far as the exit code and the executor care.
///
/// The numbers are the reference's (`lib/ansible/errors/__init__.py`, `ExitCode`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A bug in `play`.
    Bug,
    /// Nothing is wrong yet: what a later release of the reference refuses.
    Deprecated,
    /// A task that fails for certain once it is reached: it was found before it was.
    Failed,
    /// Something the user asked for cannot be had: a missing file, a role that is not there.
    Input,
    /// The user pressed Ctrl-C.
    Interrupted,
    /// Options that do not go together.
    Options,
    /// A playbook, inventory or variables file that cannot be read as what it should be.
    Syntax,
    /// An expression that cannot be evaluated.
    Template,
    /// An expression that uses a variable nobody defined.
    Undefined,
    /// Something that is known only when a task is done: in a plan.
    Unknown,
    /// A command line that cannot be understood.
    Usage,
}

impl Kind {
    /// The exit code that a run ended by this kind of error leaves with.
    pub fn exit_code(self) -> u8 {
        match self {
            Kind::Bug => 250,
            Kind::Deprecated | Kind::Input | Kind::Template | Kind::Undefined | Kind::Unknown => 1,
            Kind::Interrupted => 99,
            Kind::Options => 5,
            Kind::Syntax => 4,
            Kind::Failed | Kind::Usage => 2,
        }
    }
}

/// In which form an error is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Manner {
    /// With the excerpt that points into the user's file.
    #[default]
    Own,
    /// As the reference's commands print theirs: `[ERROR]: `, and `Origin: ` below it.
    Reference,
}

/// An error that a user can act on: what, where, why, and what to do next.
///
/// The message is lower case, has no full stop and puts the user's own words in backticks. It
/// never holds a secret.
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: Kind,
    message: String,
    at: Option<Place>,
    hint: Option<String>,
    cause: Option<Error>,
}

/// The result of nearly everything in the house.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of `kind` that says `message`.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Error(Box::new(Inner {
            kind,
            message: message.into(),
            at: None,
            hint: None,
            cause: None,
        }))
    }

    /// Something that cannot be had; exit code 1.
    pub fn input(message: impl Into<String>) -> Self {
        Self::new(Kind::Input, message)
    }

    /// Text that cannot be read as what it should be; exit code 4.
    pub fn syntax(message: impl Into<String>) -> Self {
        Self::new(Kind::Syntax, message)
    }

    /// An expression that cannot be evaluated.
    pub fn template(message: impl Into<String>) -> Self {
        Self::new(Kind::Template, message)
    }

    /// An expression that uses what nobody defined.
    pub fn undefined(message: impl Into<String>) -> Self {
        Self::new(Kind::Undefined, message)
    }

    /// A bug in `play`; the message says what was thought impossible.
    pub fn bug(message: impl Into<String>) -> Self {
        Self::new(Kind::Bug, message)
    }

    /// The same error at `place`, unless it already has a place of its own.
    #[must_use]
    pub fn at(mut self, place: impl Into<Option<Place>>) -> Self {
        if self.0.at.is_none() {
            self.0.at = place.into();
        }
        self
    }

    /// The same error with a hint that says what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// The same error with `hint`, where there is one.
    #[must_use]
    pub fn hint_if(mut self, hint: Option<String>) -> Self {
        if hint.is_some() {
            self.0.hint = hint;
        }
        self
    }

    /// The same error, caused by `cause`.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Error>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// The same error as one of another kind.
    #[must_use]
    pub fn of_kind(mut self, kind: Kind) -> Self {
        self.0.kind = kind;
        self
    }

    /// The same error with other words in its message and in those of its causes.
    #[must_use]
    pub fn reworded(mut self, change: &dyn Fn(&str) -> String) -> Self {
        self.0.message = change(&self.0.message);
        self.0.cause = self.0.cause.take().map(|cause| cause.reworded(change));
        self
    }

    /// The same error with other places for it and for its causes, where `to` knows one.
    #[must_use]
    pub fn moved(mut self, to: &dyn Fn(&Place) -> Option<Place>) -> Self {
        if let Some(place) = self.0.at.as_ref().and_then(to) {
            self.0.at = Some(place);
        }
        self.0.cause = self.0.cause.take().map(|cause| cause.moved(to));
        self
    }

    /// What kind of trouble this is.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// The message alone, without place, causes and hint.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Where in the user's files the trouble is.
    pub fn place(&self) -> Option<&Place> {
        self.0.at.as_ref()
    }

    /// What the user may do about it.
    pub fn hint_text(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// The error below this one.
    pub fn cause(&self) -> Option<&Error> {
        self.0.cause.as_ref()
    }

    /// The error at the bottom: what really went wrong.
    pub fn root(&self) -> &Error {
        self.cause().map_or(self, Error::root)
    }

    /// The place nearest to the root of the trouble.
    pub fn deepest_place(&self) -> Option<&Place> {
        self.cause()
            .and_then(Error::deepest_place)
            .or_else(|| self.place())
    }

    /// Says whether an undefined variable is at the bottom of this error.
    pub fn is_undefined(&self) -> bool {
        self.kind() == Kind::Undefined || self.cause().is_some_and(Error::is_undefined)
    }

    /// What is not known before a task is done, where that is at the bottom of this error.
    pub fn unknown(&self) -> Option<&str> {
        match self.kind() {
            Kind::Unknown => Some(&self.0.message),
            _ => self.cause().and_then(Error::unknown),
        }
    }

    /// The message and its causes on one line, for a result's `msg`.
    pub fn chain(&self) -> String {
        match self.cause() {
            None => self.0.message.clone(),
            Some(cause) => format!("{}: {}", self.0.message, cause.chain()),
        }
    }

    /// The message, its causes and the hint on one line, for a result's `msg` where nothing else shows
    /// the hint.
    pub fn told(&self) -> String {
        match self.hint_text() {
            None => self.chain(),
            Some(hint) => format!("{}. {hint}", self.chain()),
        }
    }

    /// The whole report, with the excerpt of the user's file; `colour` adds terminal colours.
    pub fn report(&self, manner: Manner, colour: bool) -> String {
        self.report_as(excerpt::Level::Error, manner, colour)
    }

    /// The same report as a warning.
    pub fn report_warning(&self, manner: Manner, colour: bool) -> String {
        self.report_as(excerpt::Level::Warning, manner, colour)
    }

    fn report_as(&self, level: excerpt::Level, manner: Manner, colour: bool) -> String {
        match manner {
            Manner::Own => excerpt::report(self, level, colour),
            Manner::Reference => reference::report(self, level, colour),
        }
    }

    /// The hint nearest to the root of the trouble.
    fn deepest_hint(&self) -> Option<&str> {
        self.cause()
            .and_then(Error::deepest_hint)
            .or_else(|| self.hint_text())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.chain())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.report(Manner::Own, false))
    }
}

impl std::error::Error for Error {}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Error::input(plain_io(&error))
    }
}

/// The words of an input or output error without Rust's `(os error 2)`.
fn plain_io(error: &std::io::Error) -> String {
    let text = error.to_string();
    let end = text.find(" (os error").unwrap_or(text.len());
    let mut words = text[..end].to_owned();
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    words
}
