//! Where in the user's files something stands.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use zeroize::Zeroize;

/// A text that was read, kept so that errors can show an excerpt of it.
pub struct Source {
    path: PathBuf,
    text: Arc<str>,
    sealed: bool,
    /// Where each line begins, in bytes; found when first asked for.
    lines: OnceLock<Vec<usize>>,
}

impl Source {
    /// The text of the file at `path`.
    pub fn new(path: impl Into<PathBuf>, text: impl Into<Arc<str>>) -> Arc<Self> {
        Arc::new(Source {
            path: path.into(),
            text: text.into(),
            sealed: false,
            lines: OnceLock::new(),
        })
    }

    /// A text that came out of a vault: it is never shown in an excerpt, and wiped in the end.
    pub fn sealed(path: impl Into<PathBuf>, text: impl Into<Arc<str>>) -> Arc<Self> {
        Arc::new(Source {
            path: path.into(),
            text: text.into(),
            sealed: true,
            lines: OnceLock::new(),
        })
    }

    /// The file's path, or a name in angle brackets where there is no file (`<command line>`).
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    fn line_starts(&self) -> &[usize] {
        self.lines.get_or_init(|| {
            let after = self.text.match_indices('\n').map(|(at, _)| at + 1);
            std::iter::once(0).chain(after).collect()
        })
    }

    /// The byte at which a line (from one) begins.
    pub fn line_start(&self, line: u32) -> Option<usize> {
        let before = usize::try_from(line).ok()?.checked_sub(1)?;
        self.line_starts().get(before).copied()
    }

    /// The line and the column, both from one, of a byte.
    pub fn position(&self, byte: usize) -> (u32, u32) {
        let starts = self.line_starts();
        let line = starts.partition_point(|&start| start <= byte).max(1);
        let start = starts.get(line - 1).copied().unwrap_or(0);
        let column = self
            .text
            .get(start..byte)
            .map_or(0, |text| text.chars().count());
        let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        (small(line), small(column + 1))
    }

    /// Says whether the text is a secret.
    pub fn is_sealed(&self) -> bool {
        self.sealed
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        if self.sealed
            && let Some(text) = Arc::get_mut(&mut self.text)
        {
            text.zeroize();
        }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({})", self.path.display())
    }
}

/// A line and a column of a source, both counted from one, the column in characters.
#[derive(Clone)]
pub struct Place {
    /// The text this is a place in.
    pub source: Arc<Source>,
    /// The line, from one.
    pub line: u32,
    /// The column in characters, from one.
    pub column: u32,
}

impl Place {
    /// The same place without the text of its file: an excerpt may hold what is not to be shown.
    #[must_use]
    pub fn without_text(&self) -> Place {
        Place::new(Source::sealed(self.path(), ""), self.line, self.column)
    }

    /// A place in `source`.
    pub fn new(source: Arc<Source>, line: u32, column: u32) -> Self {
        Place {
            source,
            line,
            column,
        }
    }

    /// The file's path.
    pub fn path(&self) -> &Path {
        self.source.path()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.source.path().display();
        match self.line {
            // What is no file has no lines: `<environment variable 'X'>`.
            0 => write!(f, "{path}"),
            line => write!(f, "{path}:{line}:{}", self.column),
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl PartialEq for Place {
    fn eq(&self, other: &Self) -> bool {
        self.line == other.line && self.column == other.column && self.path() == other.path()
    }
}

impl Eq for Place {}
