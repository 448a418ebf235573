//! A world in which there is nothing but names and their values.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use play::error::{Error, Result};
use play::template::{Command, Fetch, Fetched, Finished, Outside, Scope};
use play::value::{Map, Sealed, Value};

/// Names and their values; everything beyond them is refused.
#[derive(Default)]
pub struct Alone(pub Map);

impl Alone {
    /// A scope with these names.
    pub fn scope(names: &Map) -> Arc<dyn Scope> {
        Arc::new(Alone(names.clone()))
    }
}

fn refused<T>() -> Result<T> {
    Err(Error::input("there is nothing outside"))
}

impl Scope for Alone {
    fn variable(&self, name: &str) -> Option<Value> {
        self.0.get(name).cloned()
    }

    fn names(&self) -> Vec<String> {
        self.0.keys().map(Value::to_text).collect()
    }

    fn unseal(&self, _: &Sealed) -> Result<Value> {
        refused()
    }

    fn find(&self, _: &str, _: &str) -> Result<PathBuf> {
        refused()
    }

    fn search_path(&self, _: &str) -> Vec<PathBuf> {
        Vec::new()
    }

    fn outside(&self) -> &dyn Outside {
        self
    }

    fn warn(&self, _: String) {}
}

impl Outside for Alone {
    fn environment(&self, _: &str) -> Option<String> {
        None
    }

    fn read(&self, _: &Path) -> Result<Vec<u8>> {
        refused()
    }

    fn write(&self, _: &Path, _: &[u8], _: u32) -> Result<()> {
        refused()
    }

    fn run(&self, _: &Command) -> Result<Finished> {
        refused()
    }

    fn fetch(&self, _: &Fetch) -> Result<Fetched> {
        refused()
    }

    fn seal(&self, _: &str, _: &str, _: Option<&str>, _: Option<&str>) -> Result<String> {
        refused()
    }

    fn open(&self, _: &str, _: &str) -> Result<String> {
        refused()
    }

    fn setting(&self, _: &str) -> Option<Value> {
        None
    }
}
