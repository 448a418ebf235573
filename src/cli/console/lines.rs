//! Where lines come from: a terminal with an editor, history and TAB, or standard input as it is.

use std::io::{BufRead, IsTerminal};
use std::path::PathBuf;

use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::DefaultHistory;
use rustyline::validate::Validator;
use rustyline::{CompletionType, Config, Context, Editor, Helper};

use super::words::Words;
use crate::cli::terminal;
use crate::error::{Error, Result};

/// The reference's own, so that a console finds what was typed in the other.
const HISTORY: &str = ".ansible-console_history";

/// What was typed.
pub enum Typed {
    /// A line.
    Line(String),
    /// Ctrl-C instead of one.
    Interrupted,
    /// No more lines.
    End,
}

/// The lines of a person, or of a pipe.
pub enum Lines {
    /// A person at a terminal.
    Terminal(Box<Edited>),
    /// A pipe or a file.
    Pipe,
}

/// The editor and its history.
pub struct Edited {
    editor: Editor<Words, DefaultHistory>,
    history: Option<PathBuf>,
}

impl Lines {
    /// Opens them; a history that cannot be read is none.
    ///
    /// # Errors
    /// The terminal cannot be used.
    pub fn open() -> Result<Self> {
        if !std::io::stdin().is_terminal() {
            return Ok(Lines::Pipe);
        }
        let config = Config::builder()
            .completion_type(CompletionType::List)
            .history_ignore_space(true)
            .build();
        let mut editor: Editor<Words, DefaultHistory> =
            Editor::with_config(config).map_err(unusable)?;
        editor.set_helper(Some(Words::default()));
        let home = std::env::var_os("HOME").filter(|home| !home.is_empty());
        let history = home.map(|home| PathBuf::from(home).join(HISTORY));
        if let Some(path) = &history {
            let _ = editor.load_history(path);
        }
        Ok(Lines::Terminal(Box::new(Edited { editor, history })))
    }

    /// The next line; `coloured` is the prompt where colours are shown.
    ///
    /// # Errors
    /// Nothing can be read, or the prompt not be written.
    pub fn next(&mut self, prompt: &str, coloured: &str, words: &Words) -> Result<Typed> {
        match self {
            Lines::Terminal(edited) => edited.next(prompt, coloured, words),
            Lines::Pipe => piped(prompt),
        }
    }
}

impl Edited {
    fn next(&mut self, prompt: &str, coloured: &str, words: &Words) -> Result<Typed> {
        self.editor.set_helper(Some(words.clone()));
        match self.editor.readline(&(prompt, coloured)) {
            Ok(line) => {
                self.remember(&line);
                Ok(Typed::Line(line))
            }
            Err(ReadlineError::Interrupted) => Ok(Typed::Interrupted),
            Err(ReadlineError::Eof) => Ok(Typed::End),
            Err(error) => Err(unusable(error)),
        }
    }

    /// Keeps a line at once: a console that is killed loses nothing.
    fn remember(&mut self, line: &str) {
        let is_new =
            !line.trim().is_empty() && self.editor.add_history_entry(line).is_ok_and(|added| added);
        if let Some(path) = self.history.as_ref().filter(|_| is_new) {
            let _ = self.editor.append_history(path);
        }
    }
}

fn piped(prompt: &str) -> Result<Typed> {
    terminal::print(prompt)?;
    let mut line = Vec::new();
    let read = std::io::stdin().lock().read_until(b'\n', &mut line);
    let read = read.map_err(|error| Error::input("no line can be read").because(error))?;
    if read == 0 {
        return Ok(Typed::End);
    }
    Ok(Typed::Line(String::from_utf8_lossy(&line).into_owned()))
}

fn unusable(error: ReadlineError) -> Error {
    let text = Error::input("the terminal cannot be used");
    match error {
        ReadlineError::Io(error) => text.because(error),
        other => text.because(std::io::Error::other(other.to_string())),
    }
}

impl Completer for Words {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        position: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        Ok(Words::complete(self, line, position))
    }
}

impl Hinter for Words {
    type Hint = String;
}

impl Highlighter for Words {}
impl Validator for Words {}
impl Helper for Words {}
