//! How new content comes to its place on a host: whole, or not at all.
//!
//! The bytes go into a temporary file beside the target (in the request itself where they are few
//! and text, else by an upload), are validated, get the owner, mode and labels they shall have,
//! and are renamed over the target.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::modules::attributes::{ATTRIBUTES, Differences};
use crate::modules::digest::{DIGEST, sha1};
use crate::modules::node::Node;
use crate::modules::words;
use crate::modules::{Body, Step};
use crate::outcome::Outcome;
use crate::shell::{Fragment, Reply, Script};

/// The functions that put a file in its place.
pub static PLACING: Fragment = Fragment {
    name: "placing",
    text: include_str!("placing.sh"),
    needs: &[&ATTRIBUTES, &DIGEST],
};

/// The most bytes that travel in the request itself. A program's argument may have 128 KiB, and
/// printf is a program in some shells.
const INLINE: usize = 32 * 1024;

/// Where new content comes from.
#[derive(Clone, Debug)]
pub enum Content {
    /// From the controller.
    Body(Body),
    /// From another file of the host.
    Host(String),
}

/// New content for a file of the host.
#[derive(Clone, Debug)]
pub struct Placing {
    /// The file, as a script answered it: nothing in it expands.
    pub dest: String,
    /// The content.
    pub content: Content,
    /// Whether a file that is there keeps its owner and mode; else they are the user's and those
    /// of the content's file.
    pub keep: bool,
    /// What the file's attributes have to become.
    pub differences: Differences,
    /// Keep a copy of the old file beside it.
    pub backup: bool,
    /// Write into the file itself where it cannot be replaced.
    pub unsafe_writes: bool,
    /// The content that the new one was made from, where it was: it must be the file's still.
    pub was: Option<Vec<u8>>,
    /// The command that has to find the new file right, as words; empty for none.
    pub validate: Vec<String>,
}

impl Placing {
    /// The steps that put the content in place; `then` reads the last one's reply.
    pub fn step(self, then: impl FnOnce(Reply) -> Result<Step> + Send + 'static) -> Step {
        if let Content::Host(source) = &self.content {
            return Step::run(self.script().set("source", source), then);
        }
        match self.inline() {
            Some(content) => Step::run(self.script().secret("content", content), then),
            None => self.upload(then),
        }
    }

    /// The same for a content of the host's, where `then` reads failures too.
    pub fn step_any(self, then: impl FnOnce(Reply) -> Result<Step> + Send + 'static) -> Step {
        let Content::Host(source) = &self.content else {
            return self.step(then);
        };
        Step::run_any(self.script().set("source", source), then)
    }

    fn inline(&self) -> Option<String> {
        let Content::Body(Body::Bytes(bytes)) = &self.content else {
            return None;
        };
        let short = bytes.len() <= INLINE && !bytes.contains(&0);
        short.then(|| String::from_utf8(bytes.to_vec()).ok())?
    }

    fn script(&self) -> Script {
        let script = Script::call(&PLACING, "place_main")
            .set("dest", &self.dest)
            .set("content", "")
            .set("source", "")
            .set("temp", "")
            .set("was", self.was.as_deref().map(sha1).unwrap_or_default())
            .flag("keep", self.keep)
            .flag("backup", self.backup)
            .flag("unsafe_writes", self.unsafe_writes)
            .list("validate", &self.validate);
        self.differences.set(script)
    }

    fn upload(self, then: impl FnOnce(Reply) -> Result<Step> + Send + 'static) -> Step {
        let Content::Body(body) = self.content.clone() else {
            return Step::run(self.script(), then);
        };
        let prepare = Script::call(&PLACING, "temp_main")
            .set("dest", &self.dest)
            .flag("unsafe_writes", self.unsafe_writes);
        Step::run(prepare, move |reply| {
            let temp = reply
                .text("temp")
                .ok_or_else(|| Error::bug("no name for the temporary file"))?;
            let script = self.script().set("temp", &temp);
            Ok(Step::Put {
                body,
                path: temp.clone(),
                then: Box::new(move |reply| match reply.failure() {
                    None => Ok(Step::run(script, then)),
                    Some(outcome) => Ok(forget(&temp, outcome)),
                }),
            })
        })
    }
}

/// Removes an upload that did not come whole, then ends with `outcome`.
fn forget(temp: &str, outcome: Outcome) -> Step {
    let script = Script::call(&PLACING, "forget_main").set("temp", temp);
    Step::run_any(script, |_| Ok(Step::Done(outcome)))
}

/// Bytes for [`Placing::body`].
pub fn bytes(bytes: impl Into<Vec<u8>>) -> Body {
    Body::Bytes(Arc::from(bytes.into()))
}

/// What `place_main` answered, as keys of the outcome.
pub fn placed(reply: &Reply, mut outcome: Outcome) -> Outcome {
    outcome.warnings.extend(reply.warnings());
    if let Some(backup) = reply.text("backup_file") {
        outcome = outcome.with("backup_file", backup);
    }
    match Node::read(reply, "after") {
        Some(node) => node.describe(outcome),
        None => outcome,
    }
}

/// The words of `validate`.
///
/// # Errors
/// It has no `%s`, or its quotes do not close.
pub fn validate_words(validate: Option<&str>) -> Result<Vec<String>> {
    let Some(text) = validate else {
        return Ok(Vec::new());
    };
    if !text.contains("%s") {
        return Err(Error::input(format!("validate must contain %s: {text}")));
    }
    words::split(&text.replace("%%", "%"))
        .map_err(|why| Error::input(format!("argument `validate`: {why}")))
}
