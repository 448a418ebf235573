//! Many files below a folder.

use std::collections::HashSet;

use super::seen::Seen;
use super::{DELIVERY, Delivery, Item, MOST_FOR_DIFF, What, content_diff, make_folders};
use crate::error::{Error, Result};
use crate::modules::attributes::{Attributes, Differences, Fresh};
use crate::modules::batches::Batches;
use crate::modules::node::Node;
use crate::modules::placing::{Content, Placing};
use crate::modules::{Body, Step};
use crate::outcome::Outcome;
use crate::shell::{Reply, Script};

/// The most items that one probe asks for.
const MOST_ITEMS: usize = 400;

/// The work that the probes found.
#[derive(Default)]
struct Work {
    base: String,
    folders: Vec<String>,
    folder: Differences,
    /// Files to place: path, body, attributes, and whether the old content can be shown.
    files: Vec<(String, Body, Differences, bool)>,
    batches: Batches,
    /// Texts and paths of links to make.
    links: Vec<String>,
    /// What the outcome tells of, where it is not the whole tree.
    told: Option<Told>,
    outcome: Outcome,
}

/// The folder or link that was done last, of which alone the outcome of a tree with one file tells
/// (`action/copy.py` of the reference).
struct Told {
    path: String,
    /// The text of a link.
    link: Option<String>,
    node: Option<Node>,
}

/// Probes, then does what has to be done.
///
/// # Errors
/// Arguments that make no sense for trees.
pub fn step(delivery: Delivery) -> Result<Step> {
    if delivery.attributes.attributes.is_some() {
        return Err(Error::input(
            "`attributes` (the flags of chattr) cannot be set for a tree of files",
        ));
    }
    probe(delivery, 0, Work::default())
}

fn probe(delivery: Delivery, start: usize, mut work: Work) -> Result<Step> {
    let end = delivery.items.len().min(start + MOST_ITEMS);
    let items = delivery.items.get(start..end).unwrap_or_default();
    let script = delivery.probe(items);
    Ok(Step::run(script, move |reply| {
        work.compare(&delivery, start, end, &reply)?;
        if end < delivery.items.len() {
            return probe(delivery, end, work);
        }
        work.outcome.changed = work.is_needed();
        if delivery.cx.diff {
            return show(delivery, work, 0);
        }
        apply(delivery, work)
    }))
}

impl Work {
    fn is_needed(&self) -> bool {
        !(self.folders.is_empty()
            && self.files.is_empty()
            && self.batches.is_empty()
            && self.links.is_empty())
    }

    fn compare(
        &mut self,
        delivery: &Delivery,
        start: usize,
        end: usize,
        reply: &Reply,
    ) -> Result<()> {
        if start == 0 {
            self.begin(delivery, reply)?;
        }
        let filled = filled_folders(&delivery.items);
        let alone = delivery.files() == 1;
        let items = delivery.items.get(start..end).unwrap_or_default();
        for (item, seen) in items.iter().zip(Seen::all(reply)) {
            let path = format!("{}/{}", self.base, item.below);
            if alone {
                self.tell_of(item, &path, &seen, filled.contains(item.below.as_str()));
            }
            match &item.what {
                What::Directory => {
                    let filled = filled.contains(item.below.as_str());
                    self.directory(delivery, reply, path, &seen, filled)?;
                }
                What::File { body, sum, mode } => {
                    let attributes = delivery.file_attributes(*mode);
                    let same = seen.sum.as_ref() == Some(sum);
                    self.file(delivery, reply, path, &seen, body, same, &attributes)?;
                }
                What::Link(text) => self.link(delivery, path, &seen, text)?,
            }
        }
        Ok(())
    }

    fn tell_of(&mut self, item: &Item, path: &str, seen: &Seen, filled: bool) {
        let told = |link| Told {
            path: path.to_owned(),
            link,
            node: seen.node.clone(),
        };
        match &item.what {
            What::Link(text) => self.told = Some(told(Some(text.clone()))),
            What::Directory if !filled => {
                let before = self.told.take();
                self.told = before
                    .filter(|it| it.link.is_some())
                    .or_else(|| Some(told(None)));
            }
            What::Directory | What::File { .. } => {}
        }
    }

    /// The outcome, of the one that was done last where there is one.
    fn finished(self) -> Outcome {
        let Some(told) = self.told else {
            return self.outcome;
        };
        let mut outcome = self.outcome.with("dest", &told.path);
        outcome = match told.link {
            Some(text) => outcome.with("src", text),
            None => {
                outcome.data.remove("src");
                outcome.with("path", &told.path)
            }
        };
        match told.node {
            Some(node) => node.describe(outcome),
            None => outcome,
        }
    }

    fn begin(&mut self, delivery: &Delivery, reply: &Reply) -> Result<()> {
        self.base = reply.text("base").unwrap_or_default();
        self.outcome = delivery.outcome(false, &format!("{}/", self.base));
        let attributes = delivery.directory_attributes();
        self.folder = attributes.differences(reply, None, Fresh::Directory)?;
        match reply.text("base_kind").as_deref() {
            Some("-") => self.folders.push(self.base.clone()),
            Some("f" | "u" | "o") => return Err(not_a_folder(&self.base)),
            _ => {}
        }
        Ok(())
    }

    /// A folder: made where it is missing. Only one without files gets its attributes set where it
    /// is there already, as in the reference.
    fn directory(
        &mut self,
        delivery: &Delivery,
        reply: &Reply,
        path: String,
        seen: &Seen,
        filled: bool,
    ) -> Result<()> {
        match seen.kind {
            '-' => self.folders.push(path),
            'd' if !filled => {
                let attributes = delivery.directory_attributes();
                let node = seen.node.as_ref();
                let found = attributes.differences_in_tree(reply, node, Fresh::Directory)?;
                self.batches.add_differences(&path, &found, false);
            }
            'd' | 'l' => {}
            _ => return Err(not_a_folder(&path)),
        }
        Ok(())
    }

    #[allow(
        clippy::too_many_arguments,
        reason = "one call, and no two belong together"
    )]
    fn file(
        &mut self,
        delivery: &Delivery,
        reply: &Reply,
        path: String,
        seen: &Seen,
        body: &Body,
        same: bool,
        attributes: &Attributes,
    ) -> Result<()> {
        if !seen.is_absent() && !delivery.force {
            return Ok(());
        }
        if seen.kind == 'd' {
            return Err(Error::input(format!("`{path}` is a directory on the host")));
        }
        let node = seen.node.as_ref().filter(|node| !node.is_link());
        let found = attributes.differences_in_tree(reply, node, Fresh::File)?;
        if same {
            self.batches.add_differences(&path, &found, false);
            return Ok(());
        }
        let shown = seen.kind == 'f' && node.is_some_and(|node| node.size <= MOST_FOR_DIFF);
        self.files.push((path, body.clone(), found, shown));
        Ok(())
    }

    fn link(&mut self, delivery: &Delivery, path: String, seen: &Seen, text: &str) -> Result<()> {
        if seen.link.as_deref() == Some(text) || !seen.is_absent() && !delivery.force {
            return Ok(());
        }
        if seen.kind == 'd' {
            return Err(Error::input(format!("`{path}` is a directory on the host")));
        }
        self.links.extend([text.to_owned(), path]);
        Ok(())
    }
}

fn not_a_folder(path: &str) -> Error {
    Error::input(format!("`{path}` is there already, and no directory"))
}

/// The folders that have files below them, at any depth.
fn filled_folders(items: &[Item]) -> HashSet<&str> {
    let mut filled = HashSet::new();
    for item in items {
        if matches!(item.what, What::File { .. }) {
            let mut below = item.below.as_str();
            while let Some((folder, _)) = below.rsplit_once('/') {
                filled.insert(folder);
                below = folder;
            }
        }
    }
    filled
}

/// Adds the differences of the files to the outcome, one after the other.
fn show(delivery: Delivery, mut work: Work, index: usize) -> Result<Step> {
    let Some((path, body, _, shown)) = work.files.get(index) else {
        return apply(delivery, work);
    };
    let (path, body) = (path.clone(), body.clone());
    let Body::Bytes(after) = body else {
        return show(delivery, work, index + 1);
    };
    if !*shown {
        work.outcome
            .diff
            .push(content_diff(&path, None, b"", &after));
        return show(delivery, work, index + 1);
    }
    Ok(Step::Get {
        path: path.clone(),
        limit: MOST_FOR_DIFF,
        then: Box::new(move |before| {
            let diff = content_diff(&path, None, &before, &after);
            work.outcome.diff.push(diff);
            work.outcome.lists_diff = true;
            show(delivery, work, index + 1)
        }),
    })
}

fn apply(delivery: Delivery, mut work: Work) -> Result<Step> {
    if delivery.cx.check || !work.outcome.changed {
        return Ok(work.finished().into());
    }
    work.files.reverse();
    if work.folders.is_empty() {
        return Ok(place(delivery, work));
    }
    let (folders, folder) = (work.folders.clone(), work.folder.clone());
    Ok(make_folders(&folders, &folder, || {
        Ok(place(delivery, work))
    }))
}

/// Places the files, the last of the list first.
fn place(delivery: Delivery, mut work: Work) -> Step {
    let Some((dest, body, differences, _)) = work.files.pop() else {
        return settle(work);
    };
    let placing = Placing {
        dest,
        content: Content::Body(body),
        keep: true,
        differences,
        backup: delivery.backup,
        unsafe_writes: delivery.attributes.unsafe_writes,
        was: None,
        validate: delivery.validate.clone(),
    };
    placing.step(|reply| {
        work.outcome.warnings.extend(reply.warnings());
        Ok(place(delivery, work))
    })
}

fn settle(mut work: Work) -> Step {
    if work.batches.is_empty() && work.links.is_empty() && work.told.is_none() {
        return work.outcome.into();
    }
    let shown = work.told.as_ref().map_or("", |told| &told.path);
    let script = Script::call(&DELIVERY, "deliver_settle")
        .set("path", "")
        .set("shown", shown)
        .list("batches", &work.batches.words())
        .list("links", &work.links);
    Step::run(script, |reply| {
        if let Some(told) = &mut work.told {
            told.node = Node::read(&reply, "after");
        }
        Ok(work.finished().into())
    })
}
