//! `play explain`: where the variables of a host come from, which definition wins, and what the
//! value is once its templates are rendered.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::listeners::Silent;
use super::options::{
    BecomeOptions, ConnectionOptions, InventoryOptions, RunOptions, VaultOptions,
};
use super::setup::{self, Ready, Typed};
use super::terminal;
use crate::error::{Error, Result, nearest};
use crate::executor::{self, Inside, Tags, definitions_inside, scope_in_play};
use crate::inventory::LOCALHOST;
use crate::template::Scope;
use crate::value::{Value, to_json};
use crate::vars::{Definition, Level, TaskScope};

/// What `play explain` takes.
#[derive(Args, Clone, Debug)]
pub struct Arguments {
    /// The host
    host: String,
    /// The variable; without it, all but the magic ones
    variable: Option<String>,
    /// A playbook whose plays count too
    #[arg(long, visible_alias = "pb", value_name = "FILE")]
    playbook: Option<PathBuf>,
    /// More variables: key=value, JSON or YAML, or @file; may be repeated
    #[arg(short = 'e', long = "extra-vars", value_name = "VARS")]
    extra_vars: Vec<String>,
    /// Where hosts come from; may be repeated
    #[arg(
        short = 'i',
        long = "inventory",
        visible_alias = "inventory-file",
        value_name = "SOURCE"
    )]
    inventory: Vec<String>,
    #[command(flatten)]
    vault: VaultOptions,
}

/// Prints what is asked for; gives the exit code.
///
/// # Errors
/// There is no such host or variable, or something cannot be read.
pub fn run(arguments: &Arguments) -> Result<u8> {
    let ready = ready(arguments)?;
    check_host(&ready, &arguments.host)?;
    let all: Vec<Explained> = explained(arguments, &ready)?;
    if let Some(wanted) = &arguments.variable {
        check_variable(&all, wanted, &arguments.host)?;
    }
    for explained in all {
        if let Some(title) = &explained.title {
            terminal::print(&format!("{title}\n"))?;
        }
        terminal::print(&explained.text(arguments))?;
    }
    Ok(0)
}

fn ready(arguments: &Arguments) -> Result<Ready> {
    let config = setup::configuration()?;
    let inventory = InventoryOptions {
        inventory: arguments.inventory.clone(),
        ..InventoryOptions::default()
    };
    let run = RunOptions {
        extra_vars: arguments.extra_vars.clone(),
        ..RunOptions::default()
    };
    let beside = arguments.playbook.as_deref().and_then(Path::parent);
    let folder = beside.filter(|folder| !folder.as_os_str().is_empty());
    let typed = Typed {
        inventory: &inventory,
        connection: &ConnectionOptions::default(),
        become_: &BecomeOptions::default(),
        vault: &arguments.vault,
        run: &run,
        tags: Tags::default(),
        folder: std::path::absolute(folder.unwrap_or(Path::new(".")))?,
        connects: false,
        secrets: Arc::default(),
    };
    setup::ready(&typed, &config, Box::new(Silent), |_| ())
}

fn check_host(ready: &Ready, host: &str) -> Result<()> {
    let inventory = ready.run.store.inventory();
    if inventory.host(host).is_some() || LOCALHOST.contains(&host) {
        return Ok(());
    }
    let names = inventory.hosts().map(|host| &*host.name);
    let text = format!("there is no host `{host}` in the inventory");
    Err(Error::input(text).hint_if(nearest(host, names)))
}

/// A variable must mean something somewhere.
fn check_variable(all: &[Explained], wanted: &str, host: &str) -> Result<()> {
    let mut names: Vec<String> = Vec::new();
    for explained in all {
        if explained.knows(wanted) {
            return Ok(());
        }
        names.extend(explained.names());
    }
    let near = nearest(wanted, names.iter().map(String::as_str));
    Err(Error::undefined(format!("`{wanted}` is not defined for `{host}`")).hint_if(near))
}

/// What is to be explained: the host alone, or each play of the playbook that is for it.
fn explained<'a>(arguments: &Arguments, ready: &'a Ready) -> Result<Vec<Explained<'a>>> {
    let host = arguments.host.as_str();
    let Some(playbook) = &arguments.playbook else {
        let scope = TaskScope::of_host(&ready.run.store, host);
        return Ok(vec![Explained::new(ready, None, scope, Vec::new())]);
    };
    if !playbook.is_file() {
        let text = format!("the playbook `{}` could not be found", playbook.display());
        return Err(Error::input(text));
    }
    let folder = ready.run.store.info.playbook_dir.clone();
    let mut scopes = Vec::new();
    for play in executor::load(&ready.run, playbook)? {
        if let Some((name, scope)) = scope_in_play(&ready.run, &play, host, &folder)? {
            let title = Some(format!("PLAY [{name}]"));
            let inside = definitions_inside(&play);
            scopes.push(Explained::new(ready, title, scope, inside));
        }
    }
    if scopes.is_empty() {
        let text = format!("no play of `{}` is for `{host}`", playbook.display());
        return Err(Error::input(text));
    }
    Ok(scopes)
}

/// One scope, and the secrets that are not to be shown of it.
struct Explained<'a> {
    ready: &'a Ready,
    title: Option<String>,
    scope: TaskScope,
    /// What blocks and tasks define.
    inside: Vec<Inside>,
    secrets: Vec<String>,
}

impl<'a> Explained<'a> {
    fn new(ready: &'a Ready, title: Option<String>, scope: TaskScope, inside: Vec<Inside>) -> Self {
        let mut secrets = Vec::new();
        let own = inside.iter().map(|inside| inside.definition.clone());
        let names = scope.names();
        let all = names.iter().flat_map(|name| scope.definitions(name));
        for definition in all.chain(own) {
            let hidden = is_of_sealed_file(&definition);
            collect(&scope, &definition.value, hidden, &mut secrets);
        }
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets.dedup();
        Explained {
            ready,
            title,
            scope,
            inside,
            secrets,
        }
    }

    /// Every name that something defines.
    fn names(&self) -> Vec<String> {
        let mut names = self.scope.names();
        let inside = self.inside.iter();
        names.extend(inside.map(|inside| inside.definition.key.to_text()));
        names.sort_unstable();
        names.dedup();
        names
    }

    fn knows(&self, name: &str) -> bool {
        !self.scope.definitions(name).is_empty() || self.inside_of(name).next().is_some()
    }

    fn inside_of(&self, name: &str) -> impl Iterator<Item = &Inside> {
        let named = move |inside: &&Inside| inside.definition.key.as_str() == Some(name);
        self.inside.iter().filter(named)
    }

    fn text(&self, arguments: &Arguments) -> String {
        match &arguments.variable {
            Some(wanted) => self.variable(wanted, true),
            None => {
                let names = self.names();
                names
                    .iter()
                    .map(|name| self.variable(name, false))
                    .collect()
            }
        }
    }

    /// All definitions of a variable, the winner first, and its value; then those that blocks and
    /// tasks have of their own.
    fn variable(&self, name: &str, magic: bool) -> String {
        let definitions = distinct(self.scope.definitions(name));
        let hidden = |winner: &Definition| {
            let empty = winner.level == Level::Facts && !winner.value.is_true();
            (winner.level == Level::Magic || empty) && !magic
        };
        let mut text = match definitions.first() {
            Some(winner) if hidden(winner) => return String::new(),
            Some(winner) => format!("{name} = {}\n", self.rendered(name, winner)),
            None if self.inside_of(name).next().is_none() => return String::new(),
            None => format!("{name}\n"),
        };
        for (number, definition) in definitions.iter().enumerate() {
            let mark = if number == 0 { "*" } else { " " };
            text += &self.line(mark, definition, "");
        }
        let is_new = |inside: &&Inside| match place(&inside.definition) {
            Some(here) => !definitions.iter().any(|other| place(other) == Some(here)),
            None => true,
        };
        for inside in self.inside_of(name).filter(is_new) {
            text += &self.line("-", &inside.definition, &inside.wherein);
        }
        text
    }

    fn line(&self, mark: &str, definition: &Definition, wherein: &str) -> String {
        let place = place(definition).map(|place| format!("  {place}"));
        let value = self.masked(definition, &written(&definition.value));
        let level = definition.level.name();
        let wherein = match wherein {
            "" => String::new(),
            wherein => format!("  ({wherein})"),
        };
        let place = place.unwrap_or_default();
        format!("  {mark} {level:<24}{place}  {value}{wherein}\n")
    }

    fn rendered(&self, name: &str, winner: &Definition) -> String {
        let scope = self.scope.shared();
        let Some(value) = self.scope.variable(name) else {
            return "(undefined)".to_owned();
        };
        match self.ready.run.engine.render(&value, &scope) {
            Ok(value) => self.masked(winner, &to_json(&value)),
            Err(error) => format!("error: {}", self.without_secrets(&error.chain())),
        }
    }

    fn masked(&self, definition: &Definition, text: &str) -> String {
        if is_of_sealed_file(definition) {
            return "***".to_owned();
        }
        self.without_secrets(text)
    }

    fn without_secrets(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.secrets {
            text = text.replace(secret, "***");
        }
        text
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

fn place(definition: &Definition) -> Option<&crate::error::Place> {
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

fn is_of_sealed_file(definition: &Definition) -> bool {
    place(definition).is_some_and(|place| place.source.is_sealed())
}

/// The texts in a value that came out of a vault, as JSON shows them too.
fn collect(scope: &TaskScope, value: &Value, hidden: bool, secrets: &mut Vec<String>) {
    match value {
        Value::Sealed(sealed) => {
            if let Ok(opened) = scope.unseal(sealed) {
                add(&opened.to_text(), secrets);
            }
        }
        Value::Map(map) => {
            map.values()
                .for_each(|value| collect(scope, value, hidden, secrets));
        }
        Value::List(items) => {
            items
                .iter()
                .for_each(|value| collect(scope, value, hidden, secrets));
        }
        Value::Str(text) if hidden => add(text, secrets),
        Value::Int(_) | Value::Float(_) if hidden => add(&value.to_text(), secrets),
        _ => (),
    }
}

fn add(secret: &str, secrets: &mut Vec<String>) {
    let trimmed = secret.trim();
    if trimmed.is_empty() {
        return;
    }
    let json = to_json(&Value::str(trimmed));
    secrets.push(json.trim_matches('"').to_owned());
    secrets.push(trimmed.to_owned());
}
