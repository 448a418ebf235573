//! What is known of the variables of one host, in text.

use std::cell::OnceCell;
use std::sync::Arc;

use super::secrets::{collect, is_of_sealed_file};
use crate::cli::setup::Ready;
use crate::error::Result;
use crate::executor::Inside;
use crate::template::Scope;
use crate::value::{Value, to_json};
use crate::vars::{Definition, Level, TaskScope};

/// A host as one play sees it, or by itself.
pub(super) struct Explained<'a> {
    ready: &'a Ready,
    pub(super) host: Arc<str>,
    pub(super) play: Option<String>,
    pub(super) title: Option<String>,
    scope: TaskScope,
    /// What blocks and tasks define.
    inside: Vec<Inside>,
    /// The secrets that are not to be shown; looked for once something was opened.
    secrets: OnceCell<Vec<String>>,
}

/// What is known of one variable.
pub(super) struct Known {
    pub(super) name: String,
    /// The definitions outside of blocks and tasks, the winner first.
    pub(super) definitions: Vec<Definition>,
    /// Those that blocks and tasks have of their own.
    pub(super) inside: Vec<Inside>,
}

impl<'a> Explained<'a> {
    pub(super) fn new(
        ready: &'a Ready,
        host: &Arc<str>,
        scope: TaskScope,
        inside: Vec<Inside>,
    ) -> Self {
        Explained {
            ready,
            host: Arc::clone(host),
            play: None,
            title: None,
            scope,
            inside,
            secrets: OnceCell::new(),
        }
    }

    /// What must not be shown: nothing as long as nothing was opened.
    fn secrets(&self) -> &[String] {
        if self.ready.run.house.secrets.is_empty() {
            return &[];
        }
        self.secrets.get_or_init(|| {
            let mut secrets = Vec::new();
            let own = self.inside.iter().map(|inside| inside.definition.clone());
            let names = self.scope.names();
            let all = names.iter().flat_map(|name| self.scope.definitions(name));
            for definition in all.chain(own) {
                let hidden = is_of_sealed_file(&definition);
                collect(&self.scope, &definition.value, hidden, &mut secrets);
            }
            secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
            secrets.dedup();
            secrets
        })
    }

    /// Every name that something defines.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names = self.scope.names();
        let inside = self.inside.iter();
        names.extend(inside.map(|inside| inside.definition.key.to_text()));
        names.sort_unstable();
        names.dedup();
        names
    }

    pub(super) fn knows(&self, name: &str) -> bool {
        !self.scope.definitions(name).is_empty() || self.inside_of(name).next().is_some()
    }

    fn inside_of(&self, name: &str) -> impl Iterator<Item = &Inside> {
        let named = move |inside: &&Inside| inside.definition.key.as_str() == Some(name);
        self.inside.iter().filter(named)
    }

    /// The variables that are wanted, or all but the magic ones.
    pub(super) fn known(&self, wanted: &[String]) -> Vec<Known> {
        if !wanted.is_empty() {
            return wanted.iter().map(|name| self.variable(name)).collect();
        }
        let names = self.names();
        let all = names.iter().map(|name| self.variable(name));
        all.filter(|known| !known.is_magic() && !known.is_empty())
            .collect()
    }

    fn variable(&self, name: &str) -> Known {
        let definitions = distinct(self.scope.definitions(name));
        let is_new = |inside: &&Inside| match place(&inside.definition) {
            Some(here) => !definitions.iter().any(|other| place(other) == Some(here)),
            None => true,
        };
        let inside = self.inside_of(name).filter(is_new);
        Known {
            name: name.to_owned(),
            inside: inside.cloned().collect(),
            definitions,
        }
    }

    /// All definitions of the variables, the winner first, and their values; then those that blocks and
    /// tasks have of their own.
    pub(super) fn text(&self, wanted: &[String]) -> String {
        let known = self.known(wanted);
        known.iter().map(|known| self.lines(known)).collect()
    }

    fn lines(&self, known: &Known) -> String {
        let name = &known.name;
        let mut text = match known.definitions.first() {
            Some(winner) => format!("{name} = {}\n", self.shown(name, winner)),
            None if known.inside.is_empty() => format!("{name} is not defined\n"),
            None => format!("{name}\n"),
        };
        for (number, definition) in known.definitions.iter().enumerate() {
            let mark = if number == 0 { "*" } else { " " };
            text += &self.line(mark, definition, "");
        }
        for inside in &known.inside {
            text += &self.line("-", &inside.definition, &inside.wherein);
        }
        text
    }

    fn line(&self, mark: &str, definition: &Definition, wherein: &str) -> String {
        let place = place(definition).map(|place| format!("  {place}"));
        let value = self.written(definition);
        let level = definition.level.name();
        let wherein = match wherein {
            "" => String::new(),
            wherein => format!("  ({wherein})"),
        };
        let place = place.unwrap_or_default();
        format!("  {mark} {level:<24}{place}  {value}{wherein}\n")
    }

    fn shown(&self, name: &str, winner: &Definition) -> String {
        match self.rendered(name) {
            None => "(undefined)".to_owned(),
            Some(Ok(value)) => self.masked(winner, &to_json(&value)),
            Some(Err(error)) => format!("error: {}", self.without_secrets(&error.chain())),
        }
    }

    /// The value, once its templates are rendered.
    pub(super) fn rendered(&self, name: &str) -> Option<Result<Value>> {
        let value = self.scope.variable(name)?;
        let scope = self.scope.shared();
        Some(self.ready.run.engine.render(&value, &scope))
    }

    /// A definition's value as it stands in its file.
    pub(super) fn written(&self, definition: &Definition) -> String {
        self.masked(definition, &written(&definition.value))
    }

    pub(super) fn masked(&self, definition: &Definition, text: &str) -> String {
        if is_of_sealed_file(definition) {
            return "***".to_owned();
        }
        self.without_secrets(text)
    }

    pub(super) fn without_secrets(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in self.secrets() {
            text = text.replace(secret, "***");
        }
        text
    }
}

impl Known {
    fn is_empty(&self) -> bool {
        self.definitions.is_empty() && self.inside.is_empty()
    }

    /// Says whether it is the language's own, or an empty fact.
    fn is_magic(&self) -> bool {
        self.definitions.first().is_some_and(|winner| {
            let is_empty = winner.level == Level::Facts && !winner.value.is_true();
            winner.level == Level::Magic || is_empty
        })
    }
}

/// The definitions, each place once: `group_vars` beside both the inventory and the playbook is
/// read for both.
fn distinct(mut definitions: Vec<Definition>) -> Vec<Definition> {
    let mut seen: Vec<crate::error::Place> = Vec::new();
    definitions.retain(|definition| match place(definition) {
        Some(place) if seen.contains(place) => false,
        Some(place) => {
            seen.push(place.clone());
            true
        }
        None => true,
    });
    definitions
}

pub(super) fn place(definition: &Definition) -> Option<&crate::error::Place> {
    definition.key.place().or(definition.value.place())
}

/// The value as it stands in its file.
fn written(value: &Value) -> String {
    match value {
        Value::Sealed(_) => "!vault ***".to_owned(),
        Value::Str(text) => text.to_string(),
        Value::Map(map) => {
            let inner = map
                .iter()
                .map(|(k, v)| format!("{}: {}", k.to_text(), written(v)));
            format!("{{{}}}", inner.collect::<Vec<_>>().join(", "))
        }
        Value::List(items) => {
            let inner: Vec<String> = items.iter().map(written).collect();
            format!("[{}]", inner.join(", "))
        }
        other => to_json(other),
    }
}
