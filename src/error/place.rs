//! Where in the user's files something stands.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A text that was read, kept so that errors can show an excerpt of it.
pub struct Source {
    path: PathBuf,
    text: Arc<str>,
    sealed: bool,
}

impl Source {
    /// The text of the file at `path`.
    pub fn new(path: impl Into<PathBuf>, text: impl Into<Arc<str>>) -> Arc<Self> {
        Arc::new(Source {
            path: path.into(),
            text: text.into(),
            sealed: false,
        })
    }

    /// A text that came out of a vault: it is never shown in an excerpt.
    pub fn sealed(path: impl Into<PathBuf>, text: impl Into<Arc<str>>) -> Arc<Self> {
        Arc::new(Source {
            path: path.into(),
            text: text.into(),
            sealed: true,
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

    /// Says whether the text is a secret.
    pub fn is_sealed(&self) -> bool {
        self.sealed
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
        write!(
            f,
            "{}:{}:{}",
            self.source.path().display(),
            self.line,
            self.column
        )
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
