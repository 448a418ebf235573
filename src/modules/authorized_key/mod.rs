#![doc = include_str!("page.md")]

mod keys;

use std::sync::Arc;

use crate::args;
use crate::choices;
use crate::error::{Error, Result};
use crate::modules::attributes::{Attributes, Fresh};
use crate::modules::http::{Got, HTTP, HttpArgs};
use crate::modules::node::Node;
use crate::modules::placing::{Content, Placing, bytes};
use crate::modules::{Cx, FileMode, FreeForm, Module, RemotePath, Step};
use crate::outcome::{Diff, Outcome};
use crate::shell::{Fragment, Reply, Script};
use crate::value::Map;

use keys::{File, Key};

/// The module.
pub static MODULE: Module = Module {
    name: "authorized_key",
    collection: "ansible.posix",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "authorized_key",
    text: include_str!("authorized_key.sh"),
    needs: &[&HTTP],
};

choices! {
    /// Whether the keys shall be there.
    State {
        Absent = "absent",
        Present = "present",
    }
}

args! {
    /// What `authorized_key` takes.
    Args {
        user: String,
        key: String,
        comment: Option<String>,
        exclusive: bool = false,
        follow: bool = false,
        key_options: Option<String>,
        manage_dir: bool = true,
        path: Option<RemotePath>,
        state: State = State::Present,
        validate_certs: bool = true,
    }
}

/// Keys on their way.
struct Job {
    args: Args,
    cx: Arc<Cx>,
}

fn plan(map: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let job = Job {
        args: Args::read(map)?,
        cx: cx.clone(),
    };
    if job.args.key.starts_with("http") {
        return job.download();
    }
    if let Some(path) = path_of(&job.args.key) {
        let script = job.script().set("key_path", path);
        return Ok(Step::run(script, |reply| {
            let keys = job.keys(&reply.text("key").unwrap_or_default())?;
            job.compare(&keys, &reply)
        }));
    }
    let text = job.args.key.clone();
    job.probe(&text)
}

/// The path in an address such as `file:///etc/keys`, whose file is the host's.
fn path_of(key: &str) -> Option<&str> {
    let rest = key.strip_prefix("file:")?;
    let Some(behind) = rest.strip_prefix("//") else {
        return Some(rest);
    };
    behind.find('/').map(|at| &behind[at..])
}

impl Job {
    /// Has the host fetch the keys.
    fn download(self) -> Result<Step> {
        let mut map = crate::entries! { "url" => &self.args.key };
        map.set("validate_certs", self.args.validate_certs);
        let request = HttpArgs::read(&map)?.request("GET", 10);
        let prepare = Script::call(&HTTP, "http_out").arg("");
        Ok(Step::run(prepare, move |reply| {
            let out = reply.text("out").unwrap_or_default();
            let script = Script::call(&HTTP, "http_content").set("most", "1048576");
            let then = move |got: Got| {
                let url = got.url.shown();
                match (&got.error, got.answer.status) {
                    (Some(error), _) => Step::failed(format!("no answer from `{url}`: {error}")),
                    (None, 200) => {
                        let text = got.reply.text("content").unwrap_or_default();
                        self.probe(&text)
                    }
                    (None, status) => Step::failed(format!("`{url}` was answered with {status}")),
                }
            };
            request.step(script, out, Box::new(then))
        }))
    }

    fn probe(self, text: &str) -> Result<Step> {
        let keys = self.keys(text)?;
        let script = self.script();
        Ok(Step::run(script, move |reply| self.compare(&keys, &reply)))
    }

    fn script(&self) -> Script {
        Script::call(&SHELL, "authorized_key_probe")
            .set("user", &self.args.user)
            .set("key_path", "")
            .path("path", self.args.path.as_ref().map_or("", |path| &path.0))
            .flag("follow", self.args.follow)
    }

    /// The keys in a text, a line each.
    fn keys(&self, text: &str) -> Result<Vec<Key>> {
        let mut keys = Vec::new();
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        for line in lines {
            let mut key = Key::read(line)
                .ok_or_else(|| Error::input(format!("`{line}` is not a public key")))?;
            if let Some(options) = &self.args.key_options {
                key.set_options(options);
            }
            if let Some(comment) = &self.args.comment {
                key.comment.clone_from(comment);
            }
            keys.push(key);
        }
        Ok(keys)
    }

    fn compare(self, keys: &[Key], reply: &Reply) -> Result<Step> {
        let before = reply.text("content").unwrap_or_default();
        let mut file = File::read(&before);
        match self.args.state {
            State::Present => file.add(keys, self.args.exclusive),
            State::Absent => file.remove(keys),
        }
        let after = file.text();
        let path = reply.text("keyfile").unwrap_or_default();
        let mut outcome = self.outcome(&path);
        outcome.changed = before != after;
        if self.cx.diff {
            outcome.diff.extend(Diff::of(&path, &before, &after));
        }
        let node = Node::read(reply, "node");
        let named = self.args.path.is_some();
        if !outcome.changed || self.cx.check {
            return Ok(match node.filter(|_| named) {
                Some(node) => node.describe(outcome).into(),
                None => outcome.into(),
            });
        }
        let Some(uid) = reply.text("uid") else {
            return Step::failed(format!("there is no user {} on the host", self.args.user));
        };
        let gid = reply.text("gid").unwrap_or_default();
        let owner = format!("{uid}:{gid}");
        let attributes = Attributes {
            mode: Some(FileMode::Bits(0o600)),
            owner: Some(uid),
            group: Some(gid),
            ..Attributes::read(&Map::new())?
        };
        let placing = Placing {
            dest: path.clone(),
            content: Content::Body(bytes(after)),
            keep: true,
            differences: attributes.differences(reply, node.as_ref(), Fresh::File)?,
            backup: false,
            unsafe_writes: false,
            was: reply.bytes("content").map(<[u8]>::to_vec),
            validate: Vec::new(),
        };
        let finish = move |reply: Reply| {
            let after = Node::read(&reply, "after").filter(|_| named);
            Ok(match after {
                Some(node) => node.describe(outcome).into(),
                None => outcome.into(),
            })
        };
        let place = move || Ok(placing.step(finish));
        match path.rsplit_once('/') {
            Some((folder, _)) if !folder.is_empty() && self.folder_differs(reply, &attributes)? => {
                let script = Script::call(&SHELL, "authorized_key_folder")
                    .set("folder", folder)
                    .flag("manage", self.args.manage_dir)
                    .set("owner", owner);
                Ok(Step::run(script, |_| place()))
            }
            _ => place(),
        }
    }

    /// Says whether the folder has to be made, or made the user's.
    fn folder_differs(&self, reply: &Reply, file: &Attributes) -> Result<bool> {
        let Some(node) = Node::read(reply, "folder") else {
            return Ok(true);
        };
        let attributes = Attributes {
            mode: Some(FileMode::Bits(0o700)),
            ..file.clone()
        };
        let found = attributes.differences(reply, Some(&node), Fresh::Directory)?;
        Ok(self.args.manage_dir && !found.is_empty())
    }

    /// The arguments, which the original tells as they were given.
    fn outcome(&self, keyfile: &str) -> Outcome {
        let args = &self.args;
        Outcome::ok()
            .with("user", &args.user)
            .with("key", &args.key)
            .with("keyfile", keyfile)
            .with("path", args.path.as_ref().map(|path| path.0.clone()))
            .with("manage_dir", args.manage_dir)
            .with("state", args.state.word())
            .with("key_options", args.key_options.clone())
            .with("exclusive", args.exclusive)
            .with("comment", args.comment.clone())
            .with("follow", args.follow)
            .with("validate_certs", args.validate_certs)
    }
}

#[cfg(test)]
mod tests;
