//! A scope for tests that answers from tables.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::{Command, Fetch, Fetched, Finished, Outside, Scope};
use crate::error::{Error, Result};
use crate::value::{Map, Sealed, Value};

/// Variables and files from tables; what is not there is read from the machine.
#[derive(Default)]
pub(crate) struct Table {
    pub variables: Map,
    pub files: Map,
    /// The warnings that were said.
    pub warnings: Mutex<Vec<String>>,
}

impl Table {
    /// A scope with these variables, all of them trusted.
    pub(crate) fn new(variables: Map) -> Self {
        Table {
            variables: variables.mapped(Value::trusted),
            ..Table::default()
        }
    }

    /// The same with template files by their names.
    pub(super) fn with_files(mut self, files: &Map) -> Self {
        self.files = files.clone();
        self
    }
}

impl Scope for Table {
    fn variable(&self, name: &str) -> Option<Value> {
        self.variables.get(name).cloned()
    }

    fn names(&self) -> Vec<String> {
        self.variables.keys().map(Value::to_text).collect()
    }

    fn unseal(&self, sealed: &Sealed) -> Result<Value> {
        let place = sealed.place.clone();
        Ok(Value::Str(crate::value::Str::template(
            &*sealed.ciphertext,
            place,
        )))
    }

    fn find(&self, _kind: &str, name: &str) -> Result<PathBuf> {
        let path = Path::new(name);
        if self.files.contains(name) || (path.is_absolute() && path.exists()) {
            return Ok(path.to_path_buf());
        }
        Err(Error::input(format!("`{name}` is not there")))
    }

    fn search_path(&self, _kind: &str) -> Vec<PathBuf> {
        vec![PathBuf::from("/templates")]
    }

    fn outside(&self) -> &dyn Outside {
        self
    }

    fn warn(&self, message: String) {
        self.warnings.lock().unwrap().push(message);
    }
}

impl Outside for Table {
    fn environment(&self, name: &str) -> Option<String> {
        match name {
            "PLAY_TEST_ENV" => Some("yes".to_owned()),
            "PLAY_TEST_NOPE" => None,
            other => std::env::var(other).ok(),
        }
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>> {
        match path.to_str().and_then(|name| self.files.get(name)) {
            Some(text) => Ok(text.to_text().into_bytes()),
            None => Ok(std::fs::read(path)?),
        }
    }

    fn write(&self, path: &Path, _bytes: &[u8], _mode: u32) -> Result<()> {
        match path.to_str() {
            Some("/dev/null") => Ok(()),
            _ => Err(Error::input("tests write nothing")),
        }
    }

    fn run(&self, command: &Command) -> Result<Finished> {
        let output = std::process::Command::new("/bin/sh")
            .arg("-c")
            .arg(&command.shell)
            .output()?;
        Ok(Finished {
            status: output.status.code().unwrap_or(-1),
            stdout: output.stdout,
            stderr: output.stderr,
        })
    }

    fn fetch(&self, _fetch: &Fetch) -> Result<Fetched> {
        Err(Error::input("tests have no network"))
    }

    fn seal(&self, _: &str, _: &str, _: Option<&str>, _: Option<&str>) -> Result<String> {
        Err(Error::input("tests seal nothing"))
    }

    fn open(&self, _: &str, _: &str) -> Result<String> {
        Err(Error::input("tests open nothing"))
    }

    fn setting(&self, name: &str) -> Option<Value> {
        (name == "DEFAULT_TIMEOUT").then_some(Value::Int(10))
    }
}
