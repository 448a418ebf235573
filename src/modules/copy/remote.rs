//! `remote_src`: from one place of the host to another.

use std::sync::Arc;

use super::Args;
use crate::error::{Error, Result};
use crate::modules::attributes::{Attributes, Differences, Fresh};
use crate::modules::delivery::DELIVERY;
use crate::modules::node::Node;
use crate::modules::placing::{Content, Placing, placed};
use crate::modules::{Cx, FileMode, RemotePath, Step};
use crate::outcome::Outcome;
use crate::shell::{Fragment, Reply, Script};
use crate::value::Value;

static SHELL: Fragment = Fragment {
    name: "copy",
    text: include_str!("copy.sh"),
    needs: &[&DELIVERY],
};

/// A copy within the host.
struct Job {
    args: Args,
    attributes: Attributes,
    validate: Vec<String>,
    cx: Arc<Cx>,
}

/// The steps of a copy within the host.
///
/// # Errors
/// Arguments that make no sense.
pub fn step(
    args: &Args,
    src: RemotePath,
    attributes: Attributes,
    validate: Vec<String>,
    cx: &Arc<Cx>,
) -> Result<Step> {
    let owner = attributes.owner.as_deref().unwrap_or("");
    let group = attributes.group.as_deref().unwrap_or("");
    let owners = if owner.is_empty() && group.is_empty() {
        String::new()
    } else {
        format!("{owner}:{group}")
    };
    let script = Script::call(&SHELL, "copy_probe")
        .path("src", &src)
        .path("dest", &args.dest)
        .flag("follow", args.follow)
        .flag("force", args.force)
        .flag("links", args.local_follow.unwrap_or(false))
        .flag("apply", !cx.check)
        .flag("content", false)
        .set("folder_owner", owners);
    let script = attributes.ask(script);
    let job = Job {
        args: args.clone(),
        attributes,
        validate,
        cx: cx.clone(),
    };
    Ok(Step::run(script, move |reply| {
        if reply.flag("tree") {
            job.finish_tree(&reply)
        } else {
            job.file(&reply)
        }
    }))
}

impl Job {
    fn file(mut self, reply: &Reply) -> Result<Step> {
        let path = reply.text("path").unwrap_or_default();
        let src = reply.text("src").unwrap_or_default();
        let node = Node::read(reply, "node");
        let sum = reply.text("sum").unwrap_or_default();
        let mut outcome = Outcome::ok()
            .with("src", &src)
            .with("dest", &path)
            .with("checksum", &sum)
            .with("md5sum", reply.text("md5"));
        if let Some(wanted) = self.args.checksum.as_ref().filter(|wanted| **wanted != sum) {
            outcome.failed = true;
            return Ok(outcome
                .with("msg", "Copied file does not match the expected checksum. Transfer failed.")
                .with("expected_checksum", wanted)
                .into());
        }
        if node.is_some() && !self.args.force {
            return Ok(outcome.into());
        }
        if node.as_ref().is_some_and(Node::is_dir) {
            return Step::failed(format!("`{path}` is a directory"));
        }
        if self.attributes.mode == Some(FileMode::Preserve) {
            self.attributes.mode = preserved(reply);
        }
        let file = node.as_ref().filter(|node| !node.is_link());
        let differences = self.attributes.differences(reply, file, Fresh::File)?;
        let same = reply.text("sum_there").as_ref() == Some(&sum);
        outcome.changed = !same || !differences.is_empty();
        if self.cx.diff {
            outcome.diff.extend(differences.diff(&path));
            outcome.data.set("diff", differences.states(&path));
        }
        if !outcome.changed || self.cx.check {
            return Ok(match node {
                Some(node) => node.describe(outcome).into(),
                None => outcome.into(),
            });
        }
        if same {
            return Ok(crate::modules::delivery::settle(&path, &differences, outcome));
        }
        self.place(reply, path, src, differences, outcome)
    }

    fn place(
        self,
        reply: &Reply,
        dest: String,
        src: String,
        differences: Differences,
        outcome: Outcome,
    ) -> Result<Step> {
        let base = reply.text("base").unwrap_or_default();
        let has_base = reply.flag("has_base");
        if !has_base && !self.args.dest.0.ends_with('/') {
            return Step::failed(format!("Destination directory {base} does not exist"));
        }
        let placing = Placing {
            dest,
            content: Content::Host(src),
            keep: false,
            differences,
            backup: self.args.backup,
            unsafe_writes: self.attributes.unsafe_writes,
            was: None,
            validate: self.validate,
        };
        if has_base {
            return Ok(placing.step(|reply| Ok(placed(&reply, outcome).into())));
        }
        let folder = Attributes {
            mode: self.args.directory_mode,
            attributes: None,
            ..self.attributes
        };
        let found = folder.differences(reply, None, Fresh::Directory)?;
        Ok(crate::modules::delivery::make_folders(
            &[base],
            &found,
            move || Ok(placing.step(|reply| Ok(placed(&reply, outcome).into()))),
        ))
    }

    fn finish_tree(mut self, reply: &Reply) -> Result<Step> {
        if self.args.checksum.is_some() {
            return Err(Error::input("`checksum` is for files, and `src` is a folder"));
        }
        let path = reply.text("path").unwrap_or_default();
        if self.args.directory_mode.is_some() {
            self.attributes.mode.clone_from(&self.args.directory_mode);
        }
        if self.attributes.mode == Some(FileMode::Preserve) {
            self.attributes.mode = preserved(reply);
        }
        let node = Node::read(reply, "node");
        let differences = self
            .attributes
            .differences(reply, node.as_ref(), Fresh::Directory)?;
        let changed = reply.changed() || !differences.is_empty();
        let mut outcome = Outcome::new(changed)
            .with("src", reply.text("src"))
            .with("dest", &path)
            .with("checksum", Value::Null)
            .with("md5sum", Value::Null);
        outcome.warnings = reply.warnings();
        if self.cx.diff {
            outcome.diff.extend(differences.diff(&path));
        }
        if self.cx.check || differences.is_empty() {
            return Ok(match node {
                Some(node) => node.describe(outcome).into(),
                None => outcome.into(),
            });
        }
        Ok(crate::modules::delivery::settle(&path, &differences, outcome))
    }
}

/// The mode of the source. Setuid and setgid count only where nobody but root and the user could
/// have made the source another file between the look at it and the copy.
fn preserved(reply: &Reply) -> Option<FileMode> {
    let node = Node::read(reply, "source")?;
    let sure = node.is_dir() || reply.flag("source_ours");
    Some(FileMode::Bits(if sure { node.mode } else { node.mode & 0o1777 }))
}
