//! What the inventory needs from outside: files, programs and templates.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::Owner;
use crate::error::Error;
use crate::error::Result;
use crate::error::Source;
use crate::template::Finished;
use crate::value::Map;
use crate::value::Str;
use crate::value::Value;

/// The way to everything outside of this room.
pub trait Reader: Send + Sync {
    /// The text of a file, opened where it is a vault.
    ///
    /// # Errors
    /// The file cannot be read, or the vault cannot be opened.
    fn read(&self, path: &Path) -> Result<Arc<Source>>;

    /// Runs an inventory script to its end.
    ///
    /// # Errors
    /// It cannot be started.
    fn run_script(&self, path: &Path, arguments: &[&str]) -> Result<Finished>;

    /// What `vagrant ssh-config` prints in a directory.
    ///
    /// # Errors
    /// There is no Vagrant, or it fails.
    fn vagrant(&self, dir: &Path) -> Result<String>;

    /// Renders a template.
    ///
    /// # Errors
    /// As rendering has them.
    fn render(&self, template: &Str, vars: &Map) -> Result<Value>;

    /// Evaluates an expression, which is written without braces.
    ///
    /// # Errors
    /// As evaluating has them.
    fn evaluate(&self, expression: &Str, vars: &Map) -> Result<Value>;

    /// Lets an inventory plugin that is not built in read a source; `so_far` is what the sources before
    /// it said, in the form of [`Foreign::Read`]. The inner error is the plugin's own: another kind may
    /// read the source then.
    ///
    /// # Errors
    /// No such plugin can be run here.
    fn plugin(&self, _name: &str, _path: &Path, _so_far: &Value) -> Result<Result<Foreign>> {
        Ok(Ok(Foreign::Missing))
    }

    /// Whether there are vars plugins that are not built in.
    fn has_plugin_vars(&self) -> bool {
        false
    }

    /// What vars plugins that are not built in say of a group or host beside a directory.
    ///
    /// # Errors
    /// One failed.
    fn plugin_vars(&self, _dir: &Path, _owner: Owner, _name: &str) -> Result<Option<Map>> {
        Ok(None)
    }

    /// The facts that are cached of a host.
    fn facts(&self, _host: &str) -> Option<Arc<Map>> {
        None
    }

    /// What is at a path, links followed.
    fn kind(&self, path: &Path) -> Kind {
        match fs::metadata(path) {
            Err(_) => Kind::Nothing,
            Ok(found) if found.is_dir() => Kind::Directory,
            Ok(_) if may_execute(path) => Kind::Program,
            Ok(_) => Kind::File,
        }
    }

    /// The entries of a directory, in no order; nothing where there is no directory.
    ///
    /// # Errors
    /// It cannot be listed.
    fn list_dir(&self, path: &Path) -> Result<Option<Vec<Entry>>> {
        if !path.is_dir() {
            return Ok(None);
        }
        let listed = fs::read_dir(path).and_then(|entries| {
            let entries = entries.map(|entry| entry.and_then(|entry| Entry::new(&entry)));
            entries.collect()
        });
        listed.map(Some).map_err(|error| {
            Error::input(format!("failed to list `{}`", path.display())).because(error)
        })
    }
}

/// What came of a plugin that is not built in.
#[derive(Clone, Debug)]
pub enum Foreign {
    /// There is none of that name.
    Missing,
    /// It does not want the source.
    Declined,
    /// What it said: `groups` and `hosts`, lists of names with what belongs to each.
    Read(Box<Value>),
}

/// What is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A directory.
    Directory,
    /// A file that cannot be executed, or something else that can be read.
    File,
    /// Nothing, or nothing that may be looked at.
    Nothing,
    /// A file that can be executed.
    Program,
}

/// An entry of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Whether it is a directory, or a link to one.
    pub is_dir: bool,
}

impl Entry {
    fn new(entry: &fs::DirEntry) -> std::io::Result<Self> {
        let kind = entry.file_type()?;
        let linked = || fs::metadata(entry.path()).is_ok_and(|found| found.is_dir());
        Ok(Entry {
            name: entry.file_name().to_string_lossy().into_owned(),
            is_dir: kind.is_dir() || kind.is_symlink() && linked(),
        })
    }
}

fn may_execute(path: &Path) -> bool {
    rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok()
}
