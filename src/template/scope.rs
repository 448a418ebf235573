//! What a template sees of the house: the names, and the one door to the world outside.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::value::{Map, Sealed, Value};

/// What the names in a template mean, for one host and one task.
pub trait Scope: Send + Sync {
    /// The raw value of a name, templates in it not yet rendered.
    fn variable(&self, name: &str) -> Option<Value>;

    /// Every name there is, for `varnames` and for "did you mean".
    fn names(&self) -> Vec<String>;

    /// Opens a sealed value. Its text is data, and never a template.
    fn unseal(&self, sealed: &Sealed) -> Result<Value>;

    /// Finds a file of the controller the way Ansible does: for `kind` one of `files`,
    /// `templates`, `vars`, in the role and its parents, beside the task file, in the playbook's
    /// folder.
    ///
    /// # Errors
    /// There is none; the message lists the places that were looked at.
    fn find(&self, kind: &str, name: &str) -> Result<PathBuf>;

    /// The places [`find`](Scope::find) looks at, in order, for `kind`.
    fn search_path(&self, kind: &str) -> Vec<PathBuf>;

    /// What lookups may reach.
    fn outside(&self) -> &dyn Outside;

    /// Says something the user should know.
    fn warn(&self, message: String);

    /// Says that something will not be understood for ever.
    fn deprecate(&self, message: String) {
        self.warn(message);
    }

    /// The same as a plugin says it: `text` as it is shown; the others (`msg`, `version`, `date`,
    /// `collection_name`) are for the task's result.
    fn deprecate_as(&self, told: Map) {
        self.deprecate(told.get("text").map(Value::to_text).unwrap_or_default());
    }
}

/// What a lookup may reach of the controller's world. The executor gives the real one; a test
/// gives one that answers from a table.
pub trait Outside: Send + Sync {
    /// An environment variable.
    fn environment(&self, name: &str) -> Option<String>;

    /// Reads a file; a file that is a vault comes opened.
    fn read(&self, path: &Path) -> Result<Vec<u8>>;

    /// Writes a file beside its target and renames it, with `mode` (the `password` lookup).
    fn write(&self, path: &Path, bytes: &[u8], mode: u32) -> Result<()>;

    /// Says whether a plan is made: then nothing is written.
    fn is_planning(&self) -> bool {
        false
    }

    /// Runs a program to its end (the `pipe` and `lines` lookups).
    fn run(&self, command: &Command) -> Result<Finished>;

    /// Gets a web page (the `url` lookup).
    fn fetch(&self, fetch: &Fetch) -> Result<Fetched>;

    /// Seals a text with the run's vault, or the given password (the `vault` filter).
    fn seal(
        &self,
        text: &str,
        secret: &str,
        label: Option<&str>,
        salt: Option<&str>,
    ) -> Result<String>;

    /// Opens an armoured text with the given password (the `unvault` filter).
    fn open(&self, armoured: &str, secret: &str) -> Result<String>;

    /// A setting of ansible.cfg by its name in the reference's table (the `config` lookup).
    fn setting(&self, name: &str) -> Option<Value>;

    /// Where that value comes from, in words: `default`, a file, `env: NAME`.
    fn setting_origin(&self, _name: &str) -> String {
        "default".to_owned()
    }

    /// Whether there is a plugin of that name outside of the house, such as one in Python.
    ///
    /// # Errors
    /// There may be one, and it cannot be had.
    fn has_plugin(&self, _plugin: &Plugin<'_>) -> Result<bool> {
        Ok(false)
    }

    /// Where a collection is installed, if it is.
    fn collection(&self, _namespace: &str, _name: &str) -> Option<PathBuf> {
        None
    }

    /// Calls such a plugin; gives its answer and what it told beside.
    ///
    /// # Errors
    /// It failed.
    fn call_plugin(
        &self,
        plugin: &Plugin<'_>,
        _args: &PluginArgs,
        _names: &dyn PluginNames,
    ) -> Result<Answer> {
        Err(Error::bug(format!(
            "nobody calls the plugin `{}`",
            plugin.name
        )))
    }
}

/// A plugin that is not of the house.
#[derive(Clone, Debug)]
pub struct Plugin<'a> {
    /// `filter`, `test` or `lookup`.
    pub kind: &'static str,
    /// Its name, as it is called.
    pub name: &'a str,
    /// The folders beside playbook and roles that may hold it.
    pub places: Vec<PathBuf>,
}

/// What a plugin is called with: final values.
#[derive(Clone, Debug, Default)]
pub struct PluginArgs {
    /// The positional arguments; the subject of a filter first, or the terms of a lookup.
    pub positional: Vec<Value>,
    /// The named ones.
    pub named: Vec<(String, Value)>,
    /// The folder that relative paths are below.
    pub basedir: Option<String>,
}

/// What a plugin gave.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// Its value.
    pub value: Value,
    /// What it warned of.
    pub warnings: Vec<String>,
    /// What it said will go, as [`Scope::deprecate_as`] takes it.
    pub deprecations: Vec<Map>,
}

/// The names that a plugin may ask for.
pub trait PluginNames {
    /// Every name there is.
    fn all(&self) -> Vec<String>;

    /// The value of a name, rendered; nothing where nobody defined it.
    ///
    /// # Errors
    /// It cannot be rendered.
    fn value(&self, name: &str) -> Result<Option<Value>>;
}

/// A program to run on the controller.
#[derive(Clone, Debug, Default)]
pub struct Command {
    /// One line for `/bin/sh -c`.
    pub shell: String,
    /// The folder to run in.
    pub directory: Option<PathBuf>,
}

/// What a program left.
#[derive(Clone, Debug, Default)]
pub struct Finished {
    /// The exit status; 128 and the signal's number where a signal ended it.
    pub status: i32,
    /// Everything on its standard output.
    pub stdout: Vec<u8>,
    /// Everything on its standard error.
    pub stderr: Vec<u8>,
}

/// A request over HTTP or HTTPS.
#[derive(Clone, Debug, Default)]
pub struct Fetch {
    /// The address.
    pub url: String,
    /// `GET` where empty.
    pub method: String,
    /// Header names and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Option<Vec<u8>>,
    /// User and password for basic authentication.
    pub login: Option<(String, String)>,
    /// Whether certificates are checked.
    pub verify: bool,
    /// How many seconds to wait.
    pub timeout: u64,
    /// Whether redirections are followed.
    pub follow: bool,
}

/// The answer to a [`Fetch`].
#[derive(Clone, Debug, Default)]
pub struct Fetched {
    /// The status code.
    pub status: u16,
    /// Header names and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}
