//! One file.

use super::seen::Seen;
use super::{Delivery, MOST_FOR_DIFF, What, content_diff, make_folders, settle};
use crate::error::{Error, Result};
use crate::modules::attributes::{Differences, Fresh};
use crate::modules::digest::md5;
use crate::modules::placing::{Content, Placing, placed};
use crate::modules::{Body, Step};
use crate::outcome::Outcome;
use crate::shell::Reply;

/// One file on its way.
struct Parcel {
    delivery: Delivery,
    body: Body,
    sum: String,
    /// Where it goes, as the host answered.
    path: String,
    /// The folder it goes to.
    base: String,
    has_base: bool,
    seen: Seen,
    differences: Differences,
    folder: Differences,
}

pub fn step(delivery: Delivery) -> Step {
    let probe = delivery.probe(&delivery.items);
    Step::run(probe, |reply| continue_with(delivery, &reply))
}

pub fn continue_with(delivery: Delivery, reply: &Reply) -> Result<Step> {
    Parcel::new(delivery, reply)?.step()
}

impl Parcel {
    fn new(mut delivery: Delivery, reply: &Reply) -> Result<Parcel> {
        let Some(What::File { body, sum, mode }) = delivery.items.pop().map(|item| item.what)
        else {
            return Err(Error::bug("a delivery of one file without a file"));
        };
        let seen = Seen::all(reply).pop();
        let seen = seen.ok_or_else(|| Error::input("the host did not say what is at `dest`"))?;
        // A link is replaced by a file, and what follows a link has its path already.
        let node = seen.node.as_ref().filter(|node| !node.is_link());
        let differences = delivery
            .file_attributes(mode)
            .differences(reply, node, Fresh::File)?;
        let has_base = reply.text("base_kind").as_deref() != Some("-");
        let folder = match has_base {
            true => Differences::default(),
            false => {
                let wanted = delivery.directory_attributes();
                wanted.differences(reply, None, Fresh::Directory)?
            }
        };
        Ok(Parcel {
            path: reply.text("path").unwrap_or_default(),
            base: reply.text("base").unwrap_or_default(),
            has_base,
            delivery,
            body,
            sum,
            seen,
            differences,
            folder,
        })
    }

    fn step(self) -> Result<Step> {
        if !self.seen.is_absent() && !self.delivery.force {
            return Ok(self.delivery.outcome(false, &self.path).into());
        }
        match self.seen.kind {
            'd' => Step::failed(format!("`{}` is a directory", self.path)),
            'f' if self.seen.sum.as_ref() == Some(&self.sum) => Ok(self.settle()),
            _ => self.replace(),
        }
    }

    /// The content is right; the attributes may not be.
    fn settle(self) -> Step {
        let mut outcome = Outcome::new(!self.differences.is_empty())
            .with("checksum", &self.sum)
            .with("dest", &self.path)
            .with("path", &self.path);
        if self.delivery.cx.diff {
            outcome.diff.extend(self.differences.diff(&self.path));
            outcome
                .data
                .set("diff", self.differences.states(&self.path));
        }
        if !outcome.changed || self.delivery.cx.check {
            return match &self.seen.node {
                Some(node) => node.describe(outcome).into(),
                None => outcome.into(),
            };
        }
        settle(&self.path, &self.differences, outcome)
    }

    fn replace(self) -> Result<Step> {
        if self.delivery.cx.diff && self.shows_before() {
            let path = self.path.clone();
            return Ok(Step::Get {
                path,
                limit: MOST_FOR_DIFF,
                then: Box::new(|before| self.replace_shown(&before)),
            });
        }
        self.replace_shown(b"")
    }

    /// Says whether the old content can be shown.
    fn shows_before(&self) -> bool {
        let size = self.seen.node.as_ref().map_or(0, |node| node.size);
        self.seen.kind == 'f' && size <= MOST_FOR_DIFF
    }

    fn replace_shown(self, before: &[u8]) -> Result<Step> {
        let mut outcome = self
            .delivery
            .outcome(true, &self.path)
            .with("checksum", &self.sum);
        if let Body::Bytes(bytes) = &self.body {
            outcome = outcome.with("md5sum", md5(bytes));
            if self.delivery.cx.diff {
                let header = self.delivery.after_header.as_deref();
                let diff = content_diff(&self.path, header, before, bytes);
                outcome.diff.push(diff);
                outcome.lists_diff = true;
            }
        }
        if self.delivery.cx.check {
            return Ok(outcome.into());
        }
        if self.has_base {
            return Ok(self.place(outcome));
        }
        if !self.delivery.dest.ends_with('/') {
            return Step::failed(format!(
                "Destination directory {} does not exist",
                self.base
            ));
        }
        let (base, folder) = (self.base.clone(), self.folder.clone());
        Ok(make_folders(&[base], &folder, || Ok(self.place(outcome))))
    }

    fn place(self, outcome: Outcome) -> Step {
        let placing = Placing {
            dest: self.path,
            content: Content::Body(self.body),
            keep: true,
            differences: self.differences,
            backup: self.delivery.backup,
            unsafe_writes: self.delivery.attributes.unsafe_writes,
            was: None,
            validate: self.delivery.validate,
        };
        placing.step(|reply| Ok(placed(&reply, outcome).into()))
    }
}
