//! What the controller has, brought to a host: the back half of `copy`, `template` and `assemble`.
//!
//! One probe compares what is to be there with what is (checksums and attributes of hundreds of
//! files in one round trip); what differs is placed, each file whole ([`Placing`]).

mod seen;
mod single;
mod tree;

use std::sync::Arc;

use crate::error::Result;
use crate::modules::attributes::{Attributes, Differences};
use crate::modules::batches::Batches;
use crate::modules::digest::DIGEST;
use crate::modules::node::Node;
use crate::modules::placing::PLACING;
use crate::modules::{Body, Cx, FileMode, Step};
use crate::outcome::{Diff, Outcome};
use crate::shell::{Fragment, Reply, Script};

/// The functions that compare and settle.
pub static DELIVERY: Fragment = Fragment {
    name: "delivery",
    text: include_str!("delivery.sh"),
    needs: &[&PLACING, &DIGEST],
};

/// The largest file whose text is shown as a difference, in bytes (the reference's
/// `MAX_FILE_SIZE_FOR_DIFF`).
pub const MOST_FOR_DIFF: u64 = 104_448;

/// One thing to deliver.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its path below the folder that takes it.
    pub below: String,
    /// What it is.
    pub what: What,
}

/// What a thing to deliver is.
#[derive(Clone, Debug)]
pub enum What {
    /// A folder.
    Directory,
    /// A file.
    File {
        /// Its content.
        body: Body,
        /// The SHA-1 of the content.
        sum: String,
        /// Its permission bits on the controller.
        mode: u32,
    },
    /// A symbolic link with this text.
    Link(String),
}

/// Things to deliver, and how.
#[derive(Debug)]
pub struct Delivery {
    /// Where to, as the user wrote it.
    pub dest: String,
    /// Everything that is to be there. For one file its `below` is the name it gets in a folder.
    pub items: Vec<Item>,
    /// The items make a tree below `dest`; else there is one, and `dest` may be its own name.
    pub tree: bool,
    /// The one item has no name of its own: `dest` must not be a folder.
    pub content: bool,
    /// Write to what a link at `dest` leads to.
    pub follow: bool,
    /// Replace what differs; else what is there stays as it is.
    pub force: bool,
    /// Keep a copy of what is replaced.
    pub backup: bool,
    /// The command that has to find a new file right, as words.
    pub validate: Vec<String>,
    /// The attributes of files.
    pub attributes: Attributes,
    /// The mode of folders that are made.
    pub directory_mode: Option<FileMode>,
    /// What the outcome tells as `src`.
    pub src: Option<String>,
    /// The name over the new text in a difference.
    pub after_header: Option<String>,
    /// Check mode, differences.
    pub cx: Arc<Cx>,
}

impl Delivery {
    /// The steps that deliver.
    ///
    /// # Errors
    /// Arguments that make no sense.
    pub fn step(self) -> Result<Step> {
        match (self.tree, self.only_file()) {
            (true, Some(at)) => Ok(single::step(self.into_one(at))),
            (true, None) => tree::step(self),
            (false, _) => Ok(single::step(self)),
        }
    }

    /// How many files there are.
    fn files(&self) -> usize {
        let is_file = |item: &&Item| matches!(item.what, What::File { .. });
        self.items.iter().filter(is_file).count()
    }

    /// Where the one file of a tree stands that has nothing but the folders above it beside it: the
    /// result of such a tree is that of the file (as in the reference).
    fn only_file(&self) -> Option<usize> {
        let is_file = |item: &Item| matches!(item.what, What::File { .. });
        let at = self.items.iter().position(is_file)?;
        let below = &self.items.get(at)?.below;
        let is_above = |item: &Item| {
            let rest = below.strip_prefix(&item.below);
            matches!(item.what, What::Directory) && rest.is_some_and(|rest| rest.starts_with('/'))
        };
        let mut others = self
            .items
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != at);
        // In `dest` the host would take what it begins with for a variable.
        (others.all(|(_, item)| is_above(item)) && !below.contains('$')).then_some(at)
    }

    /// The tree as the file that stands there alone.
    fn into_one(mut self, at: usize) -> Delivery {
        let mut item = self.items.swap_remove(at);
        let slash = if self.dest.ends_with('/') { "" } else { "/" };
        let (folder, name) = match item.below.rsplit_once('/') {
            Some((folder, name)) => (format!("{folder}/"), name.to_owned()),
            None => (String::new(), item.below.clone()),
        };
        self.dest = format!("{}{slash}{folder}", self.dest);
        item.below = name;
        self.items = vec![item];
        self.tree = false;
        self
    }

    /// The steps that deliver one file, where a script of another module has called
    /// `deliver_probe` (see [`Delivery::ask`]).
    ///
    /// # Errors
    /// As [`Delivery::step`].
    pub fn continue_with(self, reply: &Reply) -> Result<Step> {
        single::continue_with(self, reply)
    }

    fn probe(&self, items: &[Item]) -> Script {
        let names: Vec<&str> = items.iter().map(|item| item.below.as_str()).collect();
        let script = Script::call(&DELIVERY, "deliver_probe").list("items", &names);
        self.ask(script)
    }

    /// Sets what `deliver_probe` reads, but for the items.
    pub fn ask(&self, script: Script) -> Script {
        let script = script
            .path("dest", &self.dest)
            .flag("tree", self.tree)
            .flag("content", self.content)
            .flag("follow", self.follow)
            .flag("sums", self.force);
        self.attributes.ask(script)
    }

    /// The attributes of a file with the bits `mode` on the controller.
    fn file_attributes(&self, mode: u32) -> Attributes {
        let mut attributes = self.attributes.clone();
        if attributes.mode == Some(FileMode::Preserve) {
            attributes.mode = Some(FileMode::Bits(mode));
        }
        attributes
    }

    /// The attributes of a folder that is made.
    fn directory_attributes(&self) -> Attributes {
        Attributes {
            mode: self.directory_mode.clone(),
            attributes: None,
            ..self.attributes.clone()
        }
    }

    /// The outcome so far, with the keys that all deliveries give.
    fn outcome(&self, changed: bool, dest: &str) -> Outcome {
        let outcome = Outcome::new(changed).with("dest", dest);
        match &self.src {
            Some(src) => outcome.with("src", src),
            None => outcome,
        }
    }
}

/// The difference between two contents of a file.
pub fn content_diff(path: &str, header: Option<&str>, before: &[u8], after: &[u8]) -> Diff {
    let large = |bytes: &[u8]| bytes.len() as u64 > MOST_FOR_DIFF;
    if large(before) || large(after) {
        return Diff::Omitted(format!("larger than {MOST_FOR_DIFF} bytes"));
    }
    if before.contains(&0) || after.contains(&0) {
        return Diff::Omitted("binary".to_owned());
    }
    Diff::Text {
        before: String::from_utf8_lossy(before).into_owned(),
        after: String::from_utf8_lossy(after).into_owned(),
        // A file that is not there yet has no name on its side.
        before_header: path[..if before.is_empty() { 0 } else { path.len() }].to_owned(),
        after_header: header.unwrap_or(path).to_owned(),
    }
}

/// Sets the attributes of what has its content already.
pub fn settle(path: &str, differences: &Differences, outcome: Outcome) -> Step {
    let script = Script::call(&DELIVERY, "deliver_settle")
        .set("path", path)
        .set("shown", path)
        .set("batches", "")
        .set("links", "");
    Step::run(differences.set(script), |reply| {
        Ok(match Node::read(&reply, "after") {
            Some(node) => node.describe(outcome).into(),
            None => outcome.into(),
        })
    })
}

/// Sets the attributes of many paths.
pub fn settle_many(batches: &Batches, outcome: Outcome) -> Step {
    let script = Script::call(&DELIVERY, "deliver_settle")
        .set("path", "")
        .set("shown", "")
        .list("batches", &batches.words())
        .set("links", "");
    Step::run(script, |_| Ok(outcome.into()))
}

/// Makes folders with those above them; each new one gets the attributes.
pub fn make_folders(
    folders: &[String],
    attributes: &Differences,
    then: impl FnOnce() -> Result<Step> + Send + 'static,
) -> Step {
    let script = Script::call(&DELIVERY, "deliver_folders").list("folders", folders);
    Step::run(attributes.set(script), |_| then())
}
