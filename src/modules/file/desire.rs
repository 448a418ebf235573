//! From what a path is and what it shall be: what has to be done.

use std::sync::Arc;

use super::times::Time;
use super::{Args, SHELL, State, tree};
use crate::error::Result;
use crate::modules::attributes::{Attributes, Differences, Fresh};
use crate::modules::batches::Batches;
use crate::modules::node::Node;
use crate::modules::{Cx, Step};
use crate::outcome::Outcome;
use crate::shell::{Reply, Script};

/// The task: its arguments, read.
pub struct Job {
    pub args: Args,
    pub attributes: Attributes,
    pub atime: Time,
    pub mtime: Time,
    pub cx: Arc<Cx>,
}

/// What shall be done, and what is said of it.
#[derive(Debug)]
pub struct Desire {
    path: String,
    /// The word for `file_apply`.
    action: &'static str,
    /// Where the attributes go; nowhere where there will be nothing that can bear them.
    bearer: Option<String>,
    src: Option<String>,
    differences: Differences,
    batches: Batches,
    atime: Option<String>,
    mtime: Option<String>,
    /// What the outcome tells of, and what stands there now.
    shown: String,
    node: Option<Node>,
    /// Whether it is a link to nothing, of which nothing is told.
    dangles: bool,
    outcome: Outcome,
}

/// What a probe saw.
struct Seen<'a> {
    reply: &'a Reply,
    path: String,
    node: Option<Node>,
    /// The path and what stands there behind links, where links are followed.
    real_path: String,
    real: Option<Node>,
}

impl Desire {
    /// Decides.
    ///
    /// # Errors
    /// An argument that makes no sense for what is there.
    pub fn of(job: &Job, reply: &Reply) -> Result<Desire> {
        let seen = Seen::new(reply);
        let state = job.args.state.unwrap_or_else(|| seen.state_now(job));
        match state {
            State::Absent => Ok(seen.absent(job.cx.diff)),
            State::Directory => seen.directory(job),
            State::File => seen.file(job),
            State::Hard => seen.hard(job),
            State::Link => seen.link(job),
            State::Touch => seen.touch(job),
        }
    }

    /// The step that does it, or the outcome where nothing is to be done.
    pub fn step(mut self, job: &Job) -> Result<Step> {
        if self.outcome.failed {
            return Ok(self.outcome.into());
        }
        let work = self.action != "none"
            || !self.differences.is_empty()
            || !self.batches.is_empty()
            || self.atime.is_some()
            || self.mtime.is_some();
        self.outcome.changed = work;
        if job.cx.diff {
            self.outcome.diff.extend(self.differences.diff(&self.path));
            self.outcome.data.set("diff", self.differences.states(&self.path));
        }
        if !work || job.cx.check {
            return Ok(match self.node.filter(|_| !self.dangles) {
                Some(node) => node.describe(self.outcome).into(),
                None => self.outcome.into(),
            });
        }
        let script = self.script(job);
        Ok(Step::run(script, move |reply| {
            let mut outcome = self.outcome;
            outcome.warnings.extend(reply.warnings());
            Ok(match Node::read(&reply, "after").filter(|_| !self.dangles) {
                Some(node) => node.describe(outcome).into(),
                None => outcome.into(),
            })
        }))
    }

    fn script(&self, job: &Job) -> Script {
        let script = Script::call(&SHELL, "file_apply")
            .set("action", self.action)
            .set("path", &self.path)
            .set("target", self.bearer.as_deref().unwrap_or(""))
            .set("src", self.src.as_deref().unwrap_or(""))
            .set("shown", &self.shown)
            .flag("follow", job.args.follow)
            .set("atime", self.atime.as_deref().unwrap_or(""))
            .set("mtime", self.mtime.as_deref().unwrap_or(""))
            .list("batches", &self.batches.words());
        self.differences.set(script)
    }
}

impl<'a> Seen<'a> {
    fn new(reply: &'a Reply) -> Self {
        let path = reply.text("path").unwrap_or_default();
        let node = Node::read(reply, "node");
        let (real_path, real) = match reply.text("real_path") {
            Some(real_path) => (real_path, Node::read(reply, "real")),
            None => (path.clone(), node.clone()),
        };
        Seen {
            reply,
            path,
            node,
            real_path,
            real,
        }
    }

    /// The state that no argument asks for: what is there.
    fn state_now(&self, job: &Job) -> State {
        match self.node.as_ref().map(Node::state) {
            None if job.args.recurse => State::Directory,
            None => State::File,
            Some(_) if job.args.recurse => State::Directory,
            Some("directory") => State::Directory,
            Some("hard") => State::Hard,
            Some("link") => State::Link,
            Some(_) => State::File,
        }
    }

    fn word_now(&self) -> &'static str {
        self.node.as_ref().map_or("absent", Node::state)
    }

    /// Nothing to be done so far, and the outcome's `key` is the path.
    fn nothing(self, key: &str, path: &str) -> Desire {
        Desire {
            outcome: Outcome::ok().with(key, path),
            bearer: Some(path.to_owned()),
            shown: self.path.clone(),
            path: self.path,
            action: "none",
            src: None,
            differences: Differences::default(),
            batches: Batches::default(),
            atime: None,
            mtime: None,
            node: self.node,
            dangles: false,
        }
    }

    fn failed(self, message: String) -> Desire {
        let path = self.path.clone();
        let node = self.node.clone();
        let mut desire = self.nothing("path", &path);
        let outcome = Outcome::failed(message).with("path", &path);
        desire.outcome = match node {
            Some(node) => node.describe(outcome),
            None => outcome.with("state", "absent"),
        };
        desire
    }

    /// A failure that names both ends.
    fn failed_link(self, message: String) -> Desire {
        let (dest, src) = (self.path.clone(), self.reply.text("src"));
        let mut desire = self.failed(message);
        desire.outcome = desire.outcome.with("dest", dest).with("src", src);
        desire
    }

    fn absent(self, diff: bool) -> Desire {
        let path = self.path.clone();
        let before = self.word_now();
        let content = tree::content(self.reply);
        let mut desire = self.nothing("path", &path);
        if diff && before == "directory" {
            desire.differences.note_gone("path_content", content);
        }
        if desire.node.is_some() {
            desire.action = "remove";
            desire.differences.note("state", Some(before), "absent");
        }
        desire.outcome = desire.outcome.with("state", "absent");
        desire
    }

    fn directory(self, job: &Job) -> Result<Desire> {
        let there = self.real.clone();
        if let Some(node) = there.as_ref().filter(|node| !node.is_dir()) {
            let message = format!("{} already exists as a {}", self.path, node.state());
            return Ok(self.failed(message));
        }
        let (reply, path) = (self.reply, self.real_path.clone());
        let parent = reply.text("no_folder");
        if let Some(parent) = parent.filter(|_| there.is_none()) {
            let message = format!("[Errno 20] Not a directory: `{path}`: `{parent}` is none");
            return Ok(self.failed(message));
        }
        let mut desire = self.nothing("path", &path);
        desire.show(&path, there.clone());
        desire.set_attributes(job, reply, there.as_ref(), Fresh::Directory)?;
        if there.is_none() {
            desire.action = "directory";
            let absent: Option<&str> = Some("absent");
            desire.differences.note("state", absent, "directory");
        } else if job.args.recurse {
            desire.batches = tree::batches(reply, &job.attributes, &job.atime, &job.mtime)?;
        }
        Ok(desire)
    }

    fn file(self, job: &Job) -> Result<Desire> {
        let there = self.real.clone();
        let state = there.as_ref().map_or("absent", Node::state);
        if !matches!(state, "file" | "hard") {
            let hint = if state == "absent" {
                "; `touch`, `copy` and `template` make files"
            } else {
                ""
            };
            let message = format!("file ({}) is {state}, cannot continue{hint}", self.real_path);
            return Ok(self.failed(message));
        }
        let (reply, path) = (self.reply, self.real_path.clone());
        let mut desire = self.nothing("path", &path);
        desire.show(&path, there.clone());
        desire.set_attributes(job, reply, there.as_ref(), Fresh::File)?;
        Ok(desire)
    }

    fn touch(self, job: &Job) -> Result<Desire> {
        let there = self.real.clone();
        let (reply, path) = (self.reply, self.real_path.clone());
        let key_path = self.path.clone();
        let mut desire = self.nothing("dest", &key_path);
        desire.bearer = Some(path);
        desire.set_attributes(job, reply, there.as_ref(), Fresh::File)?;
        if there.is_none() {
            desire.action = "touch";
            let absent: Option<&str> = Some("absent");
            desire.differences.note("state", absent, "touch");
        }
        Ok(desire)
    }

    fn link(self, job: &Job) -> Result<Desire> {
        let now = self.node.as_ref().and_then(|node| node.target.clone());
        let given = job.args.src.as_ref().and(self.reply.text("src"));
        let leads = self.reply.flag("source_exists");
        let src = given.or_else(|| now.clone().filter(|_| job.args.follow && leads));
        if src.is_none() && now.is_none() {
            return Ok(self.failed("src is required for creating new symlinks".to_owned()));
        }
        if let Some(message) = self.refuses_link(job).filter(|_| src.is_some()) {
            let mut desire = self.failed(message);
            desire.outcome = desire.outcome.with("src", src);
            return Ok(desire);
        }
        let before = self.word_now();
        let (reply, path) = (self.reply, self.path.clone());
        let link = self.node.clone().filter(Node::is_link);
        let mut desire = self.nothing("dest", &path);
        desire.outcome = desire.outcome.with("src", src.clone());
        if let Some(src) = src.as_deref().filter(|src| now.as_deref() != Some(*src)) {
            desire.action = "link";
            if before == "link" {
                desire.differences.note("src", now, src);
            } else {
                desire.differences.note("state", Some(before), "link");
            }
        }
        desire.src = src;
        desire.dangles = !leads;
        if !job.args.follow {
            desire.set_attributes(job, reply, link.as_ref(), Fresh::File)?;
            return Ok(desire);
        }
        let Some(source) = Node::read(reply, "source_real") else {
            desire.bearer = None;
            desire.outcome.warnings.push(
                "the link leads to nothing, so no attributes are set; `follow: false` means the \
                 link itself"
                    .to_owned(),
            );
            return Ok(desire);
        };
        desire.bearer = reply.text("source_real_path");
        desire.set_attributes(job, reply, Some(&source), Fresh::File)?;
        Ok(desire)
    }

    fn refuses_link(&self, job: &Job) -> Option<String> {
        let path = &self.path;
        let to = self.reply.text("source_path").unwrap_or_default();
        let leads = Node::read(self.reply, "source_real").is_some()
            || !job.args.follow && self.reply.flag("source_exists");
        if !job.args.force && !leads {
            return Some(format!(
                "src file does not exist, use 'force=yes' if you really want to create the link: {to}"
            ));
        }
        match self.word_now() {
            "directory" if !job.args.force => Some(format!(
                "refusing to convert from directory to symlink for {path}"
            )),
            "directory" if !self.reply.flag("is_empty") => Some(format!(
                "the directory {path} is not empty, refusing to convert it"
            )),
            state @ ("file" | "hard") if !job.args.force => Some(format!(
                "refusing to convert from {state} to symlink for {path}"
            )),
            _ => None,
        }
    }

    fn hard(self, job: &Job) -> Result<Desire> {
        let before = self.word_now();
        let source = Node::read(self.reply, "source_real");
        if job.args.src.is_none() && before != "hard" {
            return Ok(self.failed("src is required for creating new hardlinks".to_owned()));
        }
        if job.args.src.is_some() && source.is_none() {
            return Ok(self.failed_link("src does not exist".to_owned()));
        }
        let same = same_file(self.node.as_ref(), source.as_ref());
        let differs = source.is_some() && !same;
        if differs && self.node.is_some() && before != "link" && !job.args.force {
            let message = match before {
                "hard" => "Cannot link, different hard link exists at destination".to_owned(),
                "directory" => "Cannot link: different hard link exists at destination".to_owned(),
                _ => format!("Cannot link, {before} exists at destination"),
            };
            return Ok(self.failed_link(message));
        }
        let (reply, path) = (self.reply, self.path.clone());
        let there = self.node.clone();
        let mut desire = self.nothing("dest", &path);
        if let Some(src) = reply.text("src").filter(|_| job.args.src.is_some()) {
            desire.outcome = desire.outcome.with("src", &src);
            desire.src = Some(src);
        }
        if differs {
            desire.action = "hard";
            desire.differences.note("state", Some(before), "hard");
        }
        let bearer = source.or(there);
        desire.set_attributes(job, reply, bearer.as_ref(), Fresh::File)?;
        Ok(desire)
    }
}

impl Desire {
    /// The outcome tells of that path and of what stands there.
    fn show(&mut self, path: &str, node: Option<Node>) {
        path.clone_into(&mut self.shown);
        self.node = node;
    }

    fn set_attributes(
        &mut self,
        job: &Job,
        reply: &Reply,
        node: Option<&Node>,
        fresh: Fresh,
    ) -> Result<()> {
        let differences = job.attributes.differences(reply, node, fresh)?;
        let noted = std::mem::replace(&mut self.differences, differences);
        self.differences.note_all(&noted);
        let accessed = node.map_or(i64::MIN, |node| node.accessed);
        let modified = node.map_or(i64::MIN, |node| node.modified);
        self.atime = job.atime.difference(accessed, reply.int("atime"));
        self.mtime = job.mtime.difference(modified, reply.int("mtime"));
        if node.is_none() && fresh == Fresh::File {
            // A file that has just been made has the time of the run.
            self.atime = self.atime.take().filter(|time| time != "now");
            self.mtime = self.mtime.take().filter(|time| time != "now");
        }
        for (name, before, time, there) in [
            ("mtime", modified, &self.mtime, reply.int("mtime")),
            ("atime", accessed, &self.atime, reply.int("atime")),
        ] {
            let after = match time.as_deref() {
                None => continue,
                Some("now") => jiff::Timestamp::now().as_second(),
                Some(_) => there.unwrap_or_default(),
            };
            self.differences.note(name, (before != i64::MIN).then_some(before), after);
        }
        Ok(())
    }
}

fn same_file(a: Option<&Node>, b: Option<&Node>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a.inode == b.inode && a.device == b.device,
        _ => false,
    }
}
