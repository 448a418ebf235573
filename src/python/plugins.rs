//! Filters, tests and lookups in Python, called in children of the worker.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::Python;
use super::frame::Frame;
use super::worker::Worker;
use crate::error::{Error, Kind, Result};
use crate::template::{Answer, Plugin, PluginArgs, PluginNames};
use crate::value::{Crossing, Map, Value, decode, encode};

/// The lines to children that are idle, and what is known of names.
#[derive(Default)]
pub struct Plugins {
    idle: Mutex<Vec<Line>>,
    known: Mutex<HashMap<Asked, bool>>,
}

/// The kind of a plugin, its name, and the folders that were looked through.
type Asked = (String, String, Vec<PathBuf>);

/// A channel to a child of the worker's.
pub(super) struct Line {
    worker: Arc<Worker>,
    channel: u32,
    frames: mpsc::Receiver<Frame>,
}

impl Python {
    /// Whether a plugin of that name is there, and what was told while it was looked for: plugins
    /// that cannot be loaded, names that will go. Python is started only where a file could hold it.
    ///
    /// # Errors
    /// A file could hold it, and it cannot be asked.
    pub fn has_plugin(&self, plugin: &Plugin<'_>) -> Result<(bool, Said)> {
        if !self.may_have(plugin) {
            return Ok((false, Said::default()));
        }
        let key = (
            plugin.kind.to_owned(),
            plugin.name.to_owned(),
            plugin.places.clone(),
        );
        let known = self.plugins.known.lock();
        let known = known
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key)
            .copied();
        if let Some(known) = known {
            return Ok((known, Said::default()));
        }
        let head = head("has", plugin);
        let frame = self.ask_plugin(plugin, head, &NoNames)?;
        let found = frame.head.get("found").is_some_and(Value::is_true);
        let mut all = self
            .plugins
            .known
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        all.insert(key, found);
        Ok((found, Said::of(&frame, self.settings.deprecations)))
    }

    /// Calls a plugin. What it told the user comes back too.
    ///
    /// # Errors
    /// It raised, died, or gave what is no value.
    pub fn call_plugin(
        &self,
        plugin: &Plugin<'_>,
        args: &PluginArgs,
        names: &dyn PluginNames,
    ) -> Result<Answer> {
        let verb = if plugin.kind == "lookup" {
            "lookup"
        } else {
            "call"
        };
        let mut head = head(verb, plugin);
        let positional = args
            .positional
            .iter()
            .map(|value| encode(value, Crossing::Data));
        head.set("args", Value::list(positional.collect()));
        let mut named = Map::new();
        for (name, value) in &args.named {
            named.set(name, encode(value, Crossing::Data));
        }
        head.set("named", named);
        head.set("names", Value::strings(names.all()));
        head.set("basedir", Value::str_or_null(args.basedir.as_deref()));
        let frame = self.ask_plugin(plugin, head, names)?;
        let value = decode(
            frame.head.get("value").unwrap_or(&Value::Null),
            Crossing::Data,
        )?;
        Ok(Answer {
            value,
            warnings: warnings(&frame),
            deprecations: deprecations(&frame),
        })
    }

    /// Whether a file could hold it: a collection has such a folder, or one of the folders
    /// beside playbook and roles is there.
    fn may_have(&self, plugin: &Plugin<'_>) -> bool {
        let name = plugin
            .name
            .strip_prefix("ansible.legacy.")
            .unwrap_or(plugin.name);
        let mut parts = name.splitn(3, '.');
        if let (Some(namespace), Some(collection), Some(_)) =
            (parts.next(), parts.next(), parts.next())
        {
            let folder = self.shelf().collection(namespace, collection);
            let routed = folder
                .as_ref()
                .is_some_and(|folder| folder.join("meta/runtime.yml").is_file());
            return folder
                .is_some_and(|folder| folder.join("plugins").join(plugin.kind).is_dir() || routed);
        }
        let own = self.plugin_folders(plugin.kind);
        own.iter()
            .chain(&plugin.places)
            .any(|folder| holds_python(folder, plugin.kind))
    }

    /// The folders that the configuration names for plugins of a kind.
    pub(super) fn plugin_folders(&self, kind: &str) -> Vec<PathBuf> {
        let folders = self.settings.plugin_folders.iter();
        let of_kind = folders.filter(|(known, _)| known == kind);
        of_kind.map(|(_, folder)| folder.clone()).collect()
    }

    fn ask_plugin(&self, plugin: &Plugin<'_>, head: Map, names: &dyn PluginNames) -> Result<Frame> {
        let what = format!("the {} `{}`", plugin.kind, plugin.name);
        let answer = self.ask_child(&what, head, names)?;
        match answer.text("error") {
            None => Ok(answer),
            Some(error) => Err(raised(plugin, error, &answer)),
        }
    }

    /// Asks a child of the worker's, which is kept for the next question.
    pub(super) fn ask_child(
        &self,
        what: &str,
        head: Map,
        names: &dyn PluginNames,
    ) -> Result<Frame> {
        waiting(|| {
            let line = self.line(what)?;
            let answer = line.converse(what, head, names)?;
            let mut idle = self
                .plugins
                .idle
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            idle.push(line);
            Ok(answer)
        })
    }

    /// A line to a new child, for whoever keeps it.
    pub(super) fn new_line(&self, what: &str) -> Result<Line> {
        let worker = self.worker(what)?;
        let (sender, frames) = mpsc::channel();
        let channel = worker.open(Box::new(move |frame| drop(sender.send(frame))))?;
        Ok(Line {
            worker,
            channel,
            frames,
        })
    }

    fn line(&self, what: &str) -> Result<Line> {
        let worker = self.worker(what)?;
        loop {
            let mut idle = self
                .plugins
                .idle
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            match idle.pop() {
                Some(line) if Arc::ptr_eq(&line.worker, &worker) => return Ok(line),
                Some(_) => {}
                None => break,
            }
        }
        self.new_line(what)
    }
}

impl Line {
    /// Asks, answers what the child wants to know meanwhile, and gives its answer. A child that was
    /// not heard must not be asked again: whoever keeps the line lets it go, which ends the child.
    pub(super) fn converse(&self, what: &str, head: Map, names: &dyn PluginNames) -> Result<Frame> {
        self.converse_for(None, what, head, names)
    }

    /// The same, no longer than `limit` for each thing that it says.
    pub(super) fn converse_for(
        &self,
        limit: Option<Duration>,
        what: &str,
        head: Map,
        names: &dyn PluginNames,
    ) -> Result<Frame> {
        self.worker.send(Frame::new(self.channel, head))?;
        loop {
            let frame = self.worker.hear(what, &self.frames, limit)?;
            match frame.text("do") {
                Some("answer") => return Ok(frame),
                Some("variable") => {
                    let value = names.value(frame.text("name").unwrap_or_default());
                    let head = match value {
                        Ok(Some(value)) => {
                            crate::entries! { "found" => true, "value" => encode(&value, Crossing::Data) }
                        }
                        // What cannot be rendered fails where it is used, as there.
                        Ok(None) | Err(_) => crate::entries! { "found" => false },
                    };
                    self.worker.send(Frame::new(self.channel, head))?;
                }
                _ => {
                    let how = frame.text("how").unwrap_or("it said nothing");
                    return Err(Error::template(format!(
                        "the process of {what} ended: {how}"
                    )));
                }
            }
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.worker.kill(self.channel);
    }
}

/// For questions that are about no task.
pub(super) struct NoNames;

impl PluginNames for NoNames {
    fn all(&self) -> Vec<String> {
        Vec::new()
    }

    fn value(&self, _name: &str) -> Result<Option<Value>> {
        Ok(None)
    }
}

fn head(verb: &str, plugin: &Plugin<'_>) -> Map {
    let places = plugin.places.iter();
    crate::entries! {
        "do" => verb,
        "kind" => plugin.kind,
        "name" => plugin.name,
        "places" => Value::strings(places.map(|place| place.to_string_lossy().into_owned())),
    }
}

/// What was warned of while a plugin was loaded or called.
pub(super) fn warnings(frame: &Frame) -> Vec<String> {
    texts(frame, "warnings")
}

/// The texts of a list in a frame.
fn texts(frame: &Frame, key: &str) -> Vec<String> {
    match frame.head.get(key) {
        Some(Value::List(items)) => items.iter().map(Value::to_text).collect(),
        _ => Vec::new(),
    }
}

/// What was said of things that will go: dictionaries with `text`, as it is shown, and what a result has.
pub(super) fn deprecations(frame: &Frame) -> Vec<Map> {
    match frame.head.get("deprecations") {
        Some(Value::List(items)) => {
            let maps = items.iter().filter_map(Value::as_map);
            maps.map(|map| (**map).clone()).collect()
        }
        _ => Vec::new(),
    }
}

/// What a plugin told the user beside its answer.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// Warnings and, where they are wanted, deprecations.
    pub warnings: Vec<Error>,
    /// What it showed or printed on standard output.
    pub stdout: String,
    /// What it wrote on standard error.
    pub stderr: String,
}

impl Said {
    pub(super) fn of(frame: &Frame, wanted: bool) -> Said {
        let mut warnings: Vec<Error> = warnings(frame).into_iter().map(Error::input).collect();
        if wanted {
            let told = deprecations(frame).into_iter();
            let texts = told.filter_map(|told| told.get("text").map(Value::to_text));
            warnings.extend(texts.map(|text| Error::new(Kind::Deprecated, text)));
        }
        let text = |key: &str| frame.text(key).unwrap_or_default().to_owned();
        Said {
            warnings,
            stdout: text("text"),
            stderr: text("stderr"),
        }
    }
}

fn raised(plugin: &Plugin<'_>, error: &str, answer: &Frame) -> Error {
    let (kind, name) = (plugin.kind, plugin.name);
    let message = format!("The {kind} plugin '{name}' failed: {error}");
    let error = match answer.head.get("undefined").is_some_and(Value::is_true) {
        true => Error::undefined(message),
        false => Error::template(message),
    };
    error.hint_if(
        answer
            .text("where")
            .map(|place| format!("it was raised in {place}")),
    )
}

/// Whether a folder holds a file in Python that may be a plugin of a kind. A name with `_` before it is
/// an old plugin's or no plugin's: the class that its kind has to have tells.
pub(super) fn holds_python(folder: &Path, kind: &str) -> bool {
    holds_others(folder, kind, &|_| false)
}

/// As [`holds_python`]: whether one of them has a name that is not answered here.
pub(super) fn holds_others(folder: &Path, kind: &str, answered: &dyn Fn(&str) -> bool) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| {
        let path = entry.path();
        let name = entry.file_name();
        let name = name.to_string_lossy();
        match name.strip_suffix(".py") {
            None | Some("__init__") => false,
            Some(stem) if answered(stem) => false,
            Some(stem) => !stem.starts_with('_') || names_class(&path, kind),
        }
    })
}

/// Whether a file names the class that the plugins of a kind have: `FilterModule`.
fn names_class(path: &Path, kind: &str) -> bool {
    let mut class = kind.to_owned();
    if let Some(first) = class.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    class.push_str("Module");
    std::fs::read_to_string(path).is_ok_and(|text| text.contains(&class))
}

/// Waits without holding up the other hosts of this thread.
pub(super) fn waiting<T>(work: impl FnOnce() -> T) -> T {
    let handle = tokio::runtime::Handle::try_current();
    let many = handle
        .is_ok_and(|handle| handle.runtime_flavor() == tokio::runtime::RuntimeFlavor::MultiThread);
    match many {
        true => tokio::task::block_in_place(work),
        false => work(),
    }
}
