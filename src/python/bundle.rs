//! A module and what it imports, as one compressed bundle, kept by its content.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::worker::Worker;
use crate::error::Result;
use crate::value::{Map, Value};

/// Texts on their way to a host.
#[derive(Clone, Debug, Default)]
pub struct Bundle {
    /// What a session knows it by.
    pub id: String,
    /// The dotted name of the module: `ansible_collections.community.general.plugins.modules.npm`.
    pub name: String,
    /// Whether it changes what all modules share.
    pub fresh: bool,
    /// The oldest Python that takes it: `[3, 9]`; empty where that is not known. Only for the base.
    pub minimum: Vec<i64>,
    /// The names of what a module is told beside its arguments. Only for the base.
    pub names: Vec<String>,
    /// The texts, compressed.
    pub bytes: Arc<[u8]>,
}

/// Where a module stands, and what is its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Source {
    /// The file.
    pub path: PathBuf,
    /// The name in the task.
    pub name: String,
    /// The roots of collections.
    pub collections: Vec<PathBuf>,
    /// The folders `module_utils/` of roles and playbook.
    pub utils: Vec<PathBuf>,
}

/// The bundles of a run.
#[derive(Default)]
pub struct Bundles {
    base: Mutex<Option<Arc<Bundle>>>,
    known: Mutex<HashMap<Source, Arc<Bundle>>>,
}

impl Bundles {
    /// What all modules share.
    ///
    /// # Errors
    /// The worker is gone, or ansible-core is not whole.
    pub fn base(&self, worker: &Worker) -> Result<Arc<Bundle>> {
        let mut base = self.base.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(base) = &*base {
            return Ok(Arc::clone(base));
        }
        let frame = worker.ask("base", Map::new())?;
        let list = |key: &str| match frame.head.get(key) {
            Some(Value::List(items)) => items.to_vec(),
            _ => Vec::new(),
        };
        let bundle = Arc::new(Bundle {
            id: "base".to_owned(),
            minimum: list("minimum").iter().filter_map(Value::as_int).collect(),
            names: list("names").iter().map(Value::to_text).collect(),
            bytes: frame.body.into(),
            ..Bundle::default()
        });
        *base = Some(Arc::clone(&bundle));
        Ok(bundle)
    }

    /// A module's bundle.
    ///
    /// # Errors
    /// A text that it needs is not there, or the worker is gone.
    pub fn module(&self, worker: &Worker, source: &Source) -> Result<Arc<Bundle>> {
        // The worker answers one after the other; who wants the same waits for it here.
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bundle) = known.get(source) {
            return Ok(Arc::clone(bundle));
        }
        let frame = worker.ask(
            "module",
            crate::entries! {
                "path" => text(&source.path),
                "name" => source.name.as_str(),
                "collections" => texts(&source.collections),
                "utils" => texts(&source.utils),
            },
        )?;
        let bundle = Arc::new(Bundle {
            id: frame.text("hash").unwrap_or_default().to_owned(),
            name: frame.text("fqn").unwrap_or_default().to_owned(),
            fresh: frame.head.get("fresh").is_some_and(Value::is_true),
            bytes: frame.body.into(),
            ..Bundle::default()
        });
        known.insert(source.clone(), Arc::clone(&bundle));
        Ok(bundle)
    }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn texts(paths: &[PathBuf]) -> Value {
    Value::strings(paths.iter().map(|path| text(path)))
}
