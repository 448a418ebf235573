//! What one task did to one host.

mod conform;

pub use conform::{Source, conform};

use crate::error::Error;
use crate::value::{Map, Value, lines};

/// The result of a task on a host, or of one item of its loop.
///
/// `data` holds the module's own keys as a playbook sees them in a registered variable; the flags
/// stand beside it and are written into the registered value by [`Outcome::to_value`].
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Something on the host is different now (or would be, in check mode).
    pub changed: bool,
    /// Whether the module itself changed something although `changed_when` says that nothing changed.
    pub acts: bool,
    /// The task did not do what it was asked to.
    pub failed: bool,
    /// Nothing was done on purpose.
    pub skipped: bool,
    /// The host could not be reached.
    pub unreachable: bool,
    /// The module's keys: `rc`, `stdout`, `msg`, …
    pub data: Map,
    /// Facts to remember for the host (`ansible_facts` of the result).
    pub facts: Map,
    /// What differs, for `--diff`.
    pub diff: Vec<Diff>,
    /// Whether a result has a list of differences even where it is one: so do the modules that write a file.
    pub lists_diff: bool,
    /// What the user should know.
    pub warnings: Vec<String>,
    /// Warnings that were told while the task was done; its result has them too.
    pub told: Vec<String>,
    /// What was told of that will not be understood for ever (`msg`, `version`, …); the result has it too.
    pub deprecations: Vec<Map>,
    /// What the module asks the executor to do.
    pub wishes: Vec<Wish>,
    /// Shown in full without `-v`, as `debug` is.
    pub shown: bool,
    /// What a person is told of a failure beside the result. Playbooks do not see it.
    pub aside: Option<Box<Aside>>,
    /// The connection that it was done over: `local`, `ssh`.
    pub connection: Option<&'static str>,
    /// Whether it is what comes out, or what check mode and plans can say of that.
    pub outlook: Outlook,
}

/// What check mode and plans can say of an outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Outlook {
    /// It is what it is.
    #[default]
    Known,
    /// Check mode cannot say what would come out of a task that would be done. It counts as skipped.
    Unpredicted,
    /// In a plan: it is not known yet what comes out. The task is not done, and counts as skipped.
    Unknown {
        /// After what it is known.
        why: String,
        /// Whether the task is done in any case.
        runs: bool,
    },
    /// While a plan is applied: the host is not as the plan saw it. It counts as unreachable.
    Moved,
}

/// What is told of a failure beside its result, which keeps the words that playbooks look at.
#[derive(Clone, Debug, Default)]
pub struct Aside {
    /// Why, in one line, where more is known than the result says.
    pub cause: Option<String>,
    /// What to do next.
    pub hint: Option<String>,
    /// What is to be read below the result: the end of a service's journal.
    pub below: Vec<String>,
    /// The error behind it in a file of the user's: a template.
    pub error: Option<Error>,
}

/// One difference, as `--diff` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Diff {
    /// Two texts; the reporter makes a unified diff of them.
    Text {
        /// The text before.
        before: String,
        /// The text after.
        after: String,
        /// The name over the text before; the path.
        before_header: String,
        /// The name over the text after.
        after_header: String,
    },
    /// A text that is a diff already.
    Prepared(String),
    /// Why no diff is shown (binary, too large).
    Omitted(String),
}

/// What a module asks of the executor, which grants it.
#[derive(Clone, Debug)]
pub enum Wish {
    /// Add a host to the inventory (`add_host`).
    AddHost {
        /// The host's name.
        name: String,
        /// The groups it joins.
        groups: Vec<String>,
        /// Its variables.
        vars: Map,
    },
    /// Put the host into a group (`group_by`).
    GroupBy {
        /// The group.
        group: String,
        /// The group's parents.
        parents: Vec<String>,
    },
    /// Remember variables for the host, in the layer of `include_vars`.
    IncludeVars(Map),
    /// Remember facts for the host (`set_fact`).
    SetFacts {
        /// The facts.
        facts: Map,
        /// Whether the fact cache keeps them too.
        cacheable: bool,
    },
    /// Remember statistics of the run (`set_stats`).
    SetStats {
        /// The figures.
        data: Map,
        /// For each host on its own.
        per_host: bool,
        /// Numbers are added, dictionaries merged.
        aggregate: bool,
    },
}

impl Outcome {
    /// Nothing had to be done.
    pub fn ok() -> Self {
        Outcome::default()
    }

    /// Something was done.
    pub fn changed() -> Self {
        Outcome {
            changed: true,
            ..Outcome::default()
        }
    }

    /// Changed or not, as `changed` says.
    pub fn new(changed: bool) -> Self {
        Outcome {
            changed,
            ..Outcome::default()
        }
    }

    /// The task failed with this message.
    pub fn failed(message: impl Into<String>) -> Self {
        let outcome = Outcome {
            failed: true,
            ..Outcome::default()
        };
        outcome.with("msg", message.into())
    }

    /// The task was skipped with this message.
    pub fn skipped(message: impl Into<String>) -> Self {
        let outcome = Outcome {
            skipped: true,
            ..Outcome::default()
        };
        outcome.with("msg", message.into())
    }

    /// In check mode: the task would be done, and nothing more can be said.
    pub fn unpredicted(message: impl Into<String>) -> Self {
        Outcome {
            outlook: Outlook::Unpredicted,
            ..Outcome::skipped(message)
        }
    }

    /// In a plan: it is not known yet what comes out, and why; `runs` says whether the task is done in
    /// any case.
    pub fn unknown(why: impl Into<String>, runs: bool) -> Self {
        let why = why.into();
        Outcome {
            outlook: Outlook::Unknown {
                why: why.clone(),
                runs,
            },
            ..Outcome::skipped(why)
        }
    }

    /// In a plan: why it is not known yet what comes out.
    pub fn unknown_why(&self) -> Option<&str> {
        match &self.outlook {
            Outlook::Unknown { why, .. } => Some(why),
            _ => None,
        }
    }

    /// Says of a module that is not ours whether check mode can say what it would do: one that cannot has
    /// these words for it (`module_utils/basic.py` of the reference).
    pub fn look_for_words(&mut self) {
        let says = |text: &str| {
            text.starts_with("remote module (") && text.ends_with("does not support check mode")
        };
        if self.skipped && self.text("msg").is_some_and(says) {
            self.outlook = Outlook::Unpredicted;
        }
    }

    /// The host could not be reached.
    pub fn unreachable(message: impl Into<String>) -> Self {
        let outcome = Outcome {
            unreachable: true,
            ..Outcome::default()
        };
        outcome.with("msg", message.into())
    }

    /// The same outcome with one more key.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.data.set(key, value);
        self
    }

    /// The same outcome with a difference.
    #[must_use]
    pub fn with_diff(mut self, diff: Option<Diff>) -> Self {
        self.diff.extend(diff);
        self
    }

    /// The same outcome with a warning.
    #[must_use]
    pub fn with_warning(mut self, warning: impl Into<String>) -> Self {
        self.warnings.push(warning.into());
        self
    }

    /// Changes what is told beside the result.
    pub fn tell_aside(&mut self, change: impl FnOnce(&mut Aside)) {
        change(self.aside.get_or_insert_default());
    }

    /// The text of a key, or nothing.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.data.get(key)?.as_str()
    }

    /// The value that `register` keeps: the module's keys and the flags. `stdout_lines` and
    /// `stderr_lines` are added where their texts are strings, as the reference does.
    pub fn to_value(&self) -> Value {
        let mut map = self.data.clone();
        map.set("changed", self.changed);
        for name in ["stdout", "stderr"] {
            let listed = format!("{name}_lines");
            if let (Some(text), false) = (self.text(name), map.contains(&listed)) {
                map.set(&listed, Value::strings(lines(text)));
            }
        }
        map.set("failed", self.failed);
        if self.unreachable {
            map.set("unreachable", true);
        }
        if self.skipped {
            map.set("skipped", true);
        }
        if !self.facts.is_empty() {
            map.set("ansible_facts", self.facts.clone());
        }
        // A module in Python tells it in its own way.
        if !self.diff.is_empty() && !map.contains("diff") {
            let all: Vec<Value> = self.diff.iter().map(Diff::to_value).collect();
            let alone = all
                .first()
                .filter(|_| all.len() == 1 && !self.lists_diff)
                .cloned();
            map.set("diff", alone.unwrap_or_else(|| Value::list(all)));
        }
        let warnings = self.warnings.iter().chain(&self.told);
        let warnings: Vec<&str> = warnings.map(String::as_str).collect();
        if !warnings.is_empty() {
            map.set("warnings", Value::strings(warnings));
        }
        if !self.deprecations.is_empty() {
            let mut all = match map.get("deprecations") {
                Some(Value::List(own)) => own.to_vec(),
                _ => Vec::new(),
            };
            all.extend(self.deprecations.iter().cloned().map(Value::map));
            map.set("deprecations", Value::list(all));
        }
        let value = Value::map(map).untrusted();
        match (value, self.included()) {
            (Value::Map(map), Some(vars)) => {
                let mut map = (*map).clone();
                map.set("ansible_facts", vars.clone());
                Value::map(map)
            }
            (value, _) => value,
        }
    }

    /// What `include_vars` read: text of the user's own files, whose templates are rendered in a registered
    /// result too.
    fn included(&self) -> Option<&Map> {
        self.wishes.iter().find_map(|wish| match wish {
            Wish::IncludeVars(vars) => Some(vars),
            _ => None,
        })
    }
}

impl Diff {
    /// Changes each of its texts.
    pub fn each_text(&mut self, mut change: impl FnMut(&mut String)) {
        match self {
            Diff::Text {
                before,
                after,
                before_header,
                after_header,
            } => [before, after, before_header, after_header]
                .into_iter()
                .for_each(change),
            Diff::Prepared(text) | Diff::Omitted(text) => change(text),
        }
    }

    /// The difference between two texts of one file; nothing where they are equal.
    pub fn of(path: &str, before: &str, after: &str) -> Option<Diff> {
        (before != after).then(|| Diff::Text {
            before: before.to_owned(),
            after: after.to_owned(),
            before_header: path.to_owned(),
            after_header: path.to_owned(),
        })
    }

    /// The difference as a registered variable holds it.
    pub fn to_value(&self) -> Value {
        Value::map(match self {
            Diff::Text {
                before,
                after,
                before_header,
                after_header,
            } => crate::entries! {
                "before" => before,
                "after" => after,
                "before_header" => before_header,
                "after_header" => after_header,
            },
            Diff::Prepared(text) => crate::entries! { "prepared" => text },
            Diff::Omitted(why) => {
                crate::entries! { "before" => "", "after" => "", "omitted" => why }
            }
        })
    }
}
