//! What a module is.

use std::sync::Arc;

use super::args::{ArgSpec, check_names, is_missing, own_words};
use super::step::Step;
use crate::error::{Error, Result};
use crate::value::{Map, Value};

/// A module: its names, its arguments, and its plan.
#[derive(Debug)]
pub struct Module {
    /// The short name: `lineinfile`.
    pub name: &'static str,
    /// The collection it belongs to: `ansible.builtin`.
    pub collection: &'static str,
    /// Other short names for it: `systemd` for `systemd_service`.
    pub aliases: &'static [&'static str],
    /// The text that `play doc` shows: `include_str!("page.md")`.
    pub page: &'static str,
    /// The arguments, as tables (a module's own, and the file attributes where it takes them).
    pub args: &'static [&'static [ArgSpec]],
    /// Whether the module takes text instead of arguments.
    pub free_form: FreeForm,
    /// Whether check mode can predict what the module would do; where not, it is skipped.
    pub check_mode: bool,
    /// The first step. Arguments are final values; `omit`ted ones are not there.
    pub plan: fn(&Map, &Arc<Cx>) -> Result<Step>,
}

/// Whether a module takes text where others take arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FreeForm {
    /// `name: key=value …` or a mapping; anything else is an error.
    No,
    /// `command: ls /tmp chdir=/x`: what is not a known `key=value` is the text, as `_raw_params`.
    Command,
    /// `raw: any text`: all of it is the text.
    Raw,
    /// `set_fact: a=1`: any keys at all.
    AnyKeys,
}

impl Module {
    /// Says whether `name` means this module.
    pub fn answers_to(&self, name: &str) -> bool {
        let Some((collection, short)) = name.rsplit_once('.') else {
            return self.has_short_name(name);
        };
        // The reference sends old names of its own on to the collections that have the modules now.
        let builtin = matches!(collection, "ansible.builtin" | "ansible.legacy");
        self.has_short_name(short) && (builtin || collection == self.collection)
    }

    fn has_short_name(&self, name: &str) -> bool {
        self.name == name || self.aliases.contains(&name)
    }

    /// The full name: `ansible.builtin.lineinfile`.
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.collection, self.name)
    }

    /// Every argument there is.
    pub fn all_args(&self) -> impl Iterator<Item = &'static ArgSpec> {
        self.args.iter().flat_map(|table| table.iter())
    }

    /// Checks what can be known before any host is touched: names, and the types and choices of
    /// values that hold no template.
    ///
    /// # Errors
    /// An unknown name (with the nearest right one) or a value that cannot be right.
    pub fn check(&self, args: &Map) -> Result<()> {
        if self.free_form == FreeForm::AnyKeys {
            return Ok(());
        }
        check_names(self.name, self.args, args)
    }

    /// What the module does, with `args`.
    ///
    /// # Errors
    /// An argument is wrong or missing, in the module's own words.
    pub fn step(&self, args: &Map, cx: &Arc<Cx>) -> Result<Step> {
        (self.plan)(args, cx).map_err(|error| match own_words(self.name) {
            Some(words) if is_missing(&error) => Error::input(words),
            _ => error,
        })
    }

    /// Says whether an argument of that name (or alias) is a secret.
    pub fn is_secret(&self, name: &str) -> bool {
        self.all_args()
            .any(|arg| arg.secret && arg.answers_to(name))
    }
}

/// What a module may know of the task and the host beside its arguments.
#[derive(Clone, Debug, Default)]
pub struct Cx {
    /// Predict, do not write.
    pub check: bool,
    /// Say what differs.
    pub diff: bool,
    /// How many `-v` there are.
    pub verbosity: u8,
    /// The host's facts, without the `ansible_` prefix. Empty where none were gathered.
    pub facts: Arc<Map>,
    /// The names of the host.
    pub names: Names,
    /// The user the task runs as on the host, where that is known.
    pub user: Option<String>,
    /// The login user's and the become user's environment additions (`environment:`).
    pub environment: Vec<(String, String)>,
    /// The task's variables that modules of the reference read: `ansible_python_interpreter`,
    /// `ansible_remote_tmp`, …; only names that begin with `ansible_`.
    pub variables: Arc<Map>,
    /// How long the task may take, in seconds, where it says so (`timeout:`).
    pub timeout: Option<u64>,
}

/// The names of a host.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// `inventory_hostname`.
    pub host: String,
    /// The address it is reached at.
    pub address: String,
    /// The connection: `ssh`, `local`, …
    pub connection: String,
    /// Whether these are the names of the host that the task was delegated to.
    pub delegated: bool,
}

impl Cx {
    /// A fact as text.
    pub fn fact(&self, name: &str) -> Option<&str> {
        self.facts.get(name).and_then(Value::as_str)
    }
}
