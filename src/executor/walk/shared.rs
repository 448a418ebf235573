//! What one host leaves for the others of its batch.

use std::path::PathBuf;
use std::sync::Arc;

use crate::executor::task::Done;
use crate::value::Map;

/// What one host leaves for the others.
#[derive(Clone)]
pub enum Shared {
    /// What came out of a `run_once` task.
    Done(Arc<Done>),
    /// The includes that a host comes to.
    Includes(Arc<Vec<Include>>),
}

/// One include of one host (of one item of its loop).
#[derive(Clone, Debug, PartialEq)]
pub struct Include {
    /// The file, or the role with its options.
    pub what: What,
    /// The item's names, and `vars` of the task.
    pub locals: Map,
    /// The item's label.
    pub label: Option<String>,
}

/// What is included.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A file of tasks.
    File(PathBuf),
    /// A file that is not there.
    Missing(String),
    /// A role.
    Role {
        /// Its name.
        name: String,
        /// The arguments of the include, rendered.
        args: Map,
    },
}

impl Include {
    /// How it is told of.
    pub fn shown(&self) -> String {
        match &self.what {
            What::File(path) => std::path::absolute(path)
                .unwrap_or_else(|_| path.clone())
                .display()
                .to_string(),
            What::Missing(name) | What::Role { name, .. } => name.clone(),
        }
    }
}
