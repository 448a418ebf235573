//! A text of the host is fetched with the probe, changed here, and placed whole where it differs:
//! what `lineinfile`, `blockinfile`, `replace` and `ini_file` share. So regular expressions are
//! those of Python, and nothing to be done costs one round trip.

mod lines;

pub use lines::{Line, Lines};

use std::sync::Arc;

use crate::error::Result;
use crate::modules::attributes::{Attributes, Differences, Fresh};
use crate::modules::encoding;
use crate::modules::node::Node;
use crate::modules::placing::{Content, PLACING, Placing, bytes, validate_words};
use crate::modules::{Cx, RemotePath, Step};
use crate::outcome::{Diff, Outcome};
use crate::shell::{Fragment, Reply, Script};
use crate::value::{Map, Value};

/// The functions that fetch a text: `edit_probe`, which a module's own probe may call.
pub static EDITING: Fragment = Fragment {
    name: "editing",
    text: include_str!("editing.sh"),
    needs: &[&PLACING],
};

/// A text of the host that a task changes.
#[derive(Debug)]
pub struct Editing {
    /// The file.
    pub path: RemotePath,
    /// Its encoding, which is known.
    pub encoding: String,
    /// The attributes it shall have.
    pub attributes: Attributes,
    /// Keep a copy of the old file.
    pub backup: bool,
    /// Change what a link leads to; else the link becomes a file.
    pub follow: bool,
    /// Tell the file's state, owner and so on.
    pub describe: bool,
    /// What the outcome keeps of the difference.
    pub keeps: Keeps,
    /// The command that has to find the new file right.
    pub validate: Option<String>,
    /// The key of the outcome that tells the copy's name.
    pub backup_key: &'static str,
    /// Whether that key is there without a copy, as an empty text.
    pub backup_always: bool,
    /// Check mode, differences.
    pub cx: Arc<Cx>,
}

/// What the outcome of a module keeps of a difference (`diff`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeps {
    /// What is shown, where it is.
    Shown,
    /// The content, whose texts are empty where it is not shown.
    Content,
    /// That and the attributes, as a list.
    Both,
}

/// What becomes of a text.
#[derive(Debug)]
pub enum Edit {
    /// The task ends here.
    Done(Outcome),
    /// The file shall not be there.
    Gone(Outcome),
    /// The file shall have this text, which may be the one it has. The outcome has the module's
    /// keys; the message says what was changed.
    Text(String, Outcome),
}

/// A file as a probe saw it.
#[derive(Debug)]
pub struct Original {
    /// The path as the host expands it.
    pub path: String,
    /// The text, where the file is there.
    pub text: Option<String>,
}

impl Editing {
    /// The steps: `change` gets the text and says what becomes of it.
    pub fn step(
        self,
        change: impl FnOnce(&Original) -> Result<Edit> + Send + 'static,
    ) -> Result<Step> {
        let script = Script::call(&EDITING, "edit_probe");
        self.step_probing(script, |original, _| change(original))
    }

    /// The steps, with a probe that asks for more: a function that calls `edit_probe`.
    pub fn step_probing(
        self,
        probe: Script,
        change: impl FnOnce(&Original, &Reply) -> Result<Edit> + Send + 'static,
    ) -> Result<Step> {
        let validate = validate_words(self.validate.as_deref())?;
        let script = self.attributes.ask(probe.path("path", &self.path));
        Ok(Step::run(script, move |reply| {
            let path = reply.text("path").unwrap_or_default();
            if reply.flag("is_dir") {
                let outcome = Outcome::failed(format!("Path {path} is a directory !"));
                return Ok(outcome.with("rc", 256).into());
            }
            let original = Original {
                text: reply
                    .bytes("content")
                    .map(|it| encoding::decode(it, &self.encoding)),
                path,
            };
            match change(&original, &reply)? {
                Edit::Done(outcome) => Ok(outcome.into()),
                Edit::Gone(outcome) => Ok(self.remove(&reply, &original, outcome)),
                Edit::Text(text, outcome) => {
                    self.finish(&reply, original, &text, outcome, validate)
                }
            }
        }))
    }

    /// A text as a difference shows it.
    fn shown(&self, reply: &Reply, text: &str) -> String {
        let original = reply.bytes("content").unwrap_or_default();
        encoding::show(original, text, &self.encoding)
    }

    fn remove(self, reply: &Reply, original: &Original, mut outcome: Outcome) -> Step {
        outcome.changed = original.text.is_some();
        if self.cx.diff {
            let before = self.shown(reply, original.text.as_deref().unwrap_or(""));
            outcome.diff.extend(Diff::of(&original.path, &before, ""));
        }
        if !outcome.changed || self.cx.check {
            return outcome.into();
        }
        let script = Script::call(&EDITING, "edit_remove")
            .set("path", reply.text("real_path").unwrap_or_default())
            .flag("backup", self.backup);
        let key = self.backup_key;
        Step::run(script, move |reply| Ok(placed(&reply, key, outcome).into()))
    }

    fn finish(
        self,
        reply: &Reply,
        original: Original,
        text: &str,
        mut outcome: Outcome,
        validate: Vec<String>,
    ) -> Result<Step> {
        let node = Node::read(reply, "node");
        let differences = self
            .attributes
            .differences(reply, node.as_ref(), Fresh::File)?;
        let same = original.text.as_deref() == Some(text);
        let known = reply.bytes("content").unwrap_or_default();
        let body = match same {
            true => Vec::new(),
            false => encoding::encode_as(known, text, &self.encoding)?,
        };
        if self.backup_always {
            outcome = outcome.with(self.backup_key, "");
        }
        let mut texts = [String::new(), String::new()];
        if self.cx.diff {
            let before = self.shown(reply, original.text.as_deref().unwrap_or(""));
            texts = [before, self.shown(reply, text)];
            outcome.lists_diff = self.keeps == Keeps::Both;
            outcome
                .diff
                .extend(show(&original.path, &texts, &differences));
        }
        if let Some(kept) = self.keeps.value(&original.path, texts, &differences) {
            outcome.data.set("diff", kept);
        }
        if node.is_some() && !differences.is_empty() {
            tell_attributes(&mut outcome);
        }
        outcome.changed = !same || node.is_some() && !differences.is_empty();
        if !outcome.changed || self.cx.check {
            return Ok(match node.filter(|_| self.describe) {
                Some(node) => node.describe(outcome).into(),
                None => outcome.into(),
            });
        }
        let real = reply.text("real_path").filter(|_| self.follow || same);
        let path = real.unwrap_or(original.path);
        if same {
            return Ok(settle(&path, &differences, self.describe, outcome));
        }
        let placing = Placing {
            content: Content::Body(bytes(body)),
            keep: true,
            backup: self.backup && node.is_some(),
            unsafe_writes: self.attributes.unsafe_writes,
            was: reply.bytes("content").map(<[u8]>::to_vec),
            validate,
            differences,
            dest: path.clone(),
        };
        let (key, describe) = (self.backup_key, self.describe);
        let finish = move |reply: Reply| {
            let outcome = placed(&reply, key, outcome);
            Ok(described(&reply, describe, outcome).into())
        };
        let place = move || placing.step(finish);
        match path.rsplit_once('/') {
            Some((folder, _)) if node.is_none() && !folder.is_empty() => {
                let script = Script::call(&EDITING, "edit_folder").set("folder", folder);
                Ok(Step::run(script, |_| Ok(place())))
            }
            _ => Ok(place()),
        }
    }
}

impl Keeps {
    /// The value of `diff`, where it does not only stand for what is shown.
    fn value(self, path: &str, texts: [String; 2], differences: &Differences) -> Option<Value> {
        let headers = |what: &str| {
            let header = format!("{path} ({what})");
            crate::entries! { "before_header" => header.as_str(), "after_header" => header.as_str() }
        };
        let [before, after] = texts;
        let mut content = crate::entries! { "before" => before, "after" => after };
        content.extend_from(&headers("content"));
        let (before, after) = differences.noted();
        let mut attributes = Map::new();
        if !after.is_empty() {
            attributes.set("before", before.clone());
            attributes.set("after", after.clone());
        }
        attributes.extend_from(&headers("file attributes"));
        match self {
            Keeps::Shown => None,
            Keeps::Content => Some(Value::map(content)),
            Keeps::Both => Some(Value::list(vec![
                Value::map(content),
                Value::map(attributes),
            ])),
        }
    }
}

fn show(path: &str, [before, after]: &[String; 2], differences: &Differences) -> Vec<Diff> {
    let headed = |what: &str, diff: Option<Diff>| {
        let header = format!("{path} ({what})");
        diff.map(|diff| match diff {
            Diff::Text { before, after, .. } => Diff::Text {
                before,
                after,
                before_header: header.clone(),
                after_header: header,
            },
            other => other,
        })
    };
    let content = Diff::of(path, before, after);
    let attributes = differences.diff(path);
    [
        headed("content", content),
        headed("file attributes", attributes),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The reference's words.
const ATTRIBUTES_CHANGED: &str = "ownership, perms or SE linux context changed";

fn tell_attributes(outcome: &mut Outcome) {
    let message = match outcome.text("msg") {
        Some("") | None => ATTRIBUTES_CHANGED.to_owned(),
        Some(message) => format!("{message} and {ATTRIBUTES_CHANGED}"),
    };
    outcome.data.set("msg", message);
}

fn placed(reply: &Reply, key: &str, mut outcome: Outcome) -> Outcome {
    outcome.warnings.extend(reply.warnings());
    match reply.text("backup_file") {
        Some(backup) => outcome.with(key, backup),
        None => outcome,
    }
}

/// The outcome with what `look after` answered, where it is to be told.
fn described(reply: &Reply, describe: bool, outcome: Outcome) -> Outcome {
    match Node::read(reply, "after").filter(|_| describe) {
        Some(node) => node.describe(outcome),
        None => outcome,
    }
}

/// Sets the attributes of a file whose text is right.
fn settle(path: &str, differences: &Differences, describe: bool, outcome: Outcome) -> Step {
    let script = Script::call(&PLACING, "settle_main").set("path", path);
    Step::run(differences.set(script), move |reply| {
        Ok(described(&reply, describe, outcome).into())
    })
}
