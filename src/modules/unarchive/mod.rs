#![doc = include_str!("page.md")]

use std::path::PathBuf;
use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::attributes::{Attributes, Fresh};
use crate::modules::batches::Batches;
use crate::modules::delivery::{DELIVERY, settle_many};
use crate::modules::fnmatch::matches;
use crate::modules::http::{Got, HTTP, Payload, Redirects, Request, forget};
use crate::modules::node::Node;
use crate::modules::rules::exclusive;
use crate::modules::{Answer, Ask, Body, Cx, FreeForm, Module, RemotePath, Step};
use crate::outcome::Outcome;
use crate::shell::{Fragment, Reply, Script};
use crate::value::{Map, Value};

/// The module.
pub static MODULE: Module = Module {
    name: "unarchive",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC, Attributes::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "unarchive",
    text: include_str!("unarchive.sh"),
    needs: &[&DELIVERY, &HTTP],
};

args! {
    /// What `unarchive` takes beside the attributes.
    Args {
        src: RemotePath,
        dest: RemotePath,
        copy: Option<bool>,
        creates: Option<RemotePath>,
        decrypt: bool = true,
        exclude: Vec<String> = Vec::new(),
        extra_opts: Vec<String> = Vec::new(),
        include: Vec<String> = Vec::new(),
        io_buffer_size: i64 = 65536,
        keep_newer: bool = false,
        list_files: bool = false,
        remote_src: Option<bool>,
        validate_certs: bool = true,
    }
}

/// An archive on its way.
struct Job {
    args: Args,
    attributes: Attributes,
    cx: Arc<Cx>,
}

fn plan(map: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let job = Job {
        args: Args::read(map)?,
        attributes: Attributes::read(map)?,
        cx: cx.clone(),
    };
    let args = &job.args;
    exclusive(&[("copy", args.copy.is_some()), ("remote_src", args.remote_src.is_some())])?;
    let given = (!args.include.is_empty(), !args.exclude.is_empty());
    exclusive(&[("include", given.0), ("exclude", given.1)])?;
    if job.attributes.attributes.is_some() {
        return Err(Error::input(
            "`attributes` (the flags of chattr) cannot be set for what is unpacked",
        ));
    }
    let remote = args.remote_src.or(args.copy.map(|copy| !copy)).unwrap_or(false);
    let is_url = args.src.0.contains("://");
    match (remote, is_url) {
        (true, true) => job.download(),
        (true, false) => {
            let src = job.args.src.0.clone();
            Ok(job.run(&src, "", None))
        }
        (false, true) => Err(Error::input(
            "`src` is an address, which only the host can fetch: `remote_src: true` says so",
        )),
        (false, false) => Ok(job.bring()),
    }
}

impl Job {
    /// Brings the controller's archive to the host.
    fn bring(self) -> Step {
        let find = Ask::Find {
            kind: "files",
            name: self.args.src.0.clone(),
        };
        Step::ask(find, |answer| {
            let Answer::Path(path) = answer else {
                return Err(Error::bug("`src` was found without a path"));
            };
            Ok(Step::ask(Ask::Look(path.clone()), |answer| {
                let Answer::Looked(Some(entry)) = answer else {
                    let path = path.display();
                    return Err(Error::input(format!("there is no `{path}`")));
                };
                if entry.is_dir {
                    return Err(Error::input(format!(
                        "Could not find or access '{}' on the Ansible Controller.",
                        path.display()
                    ))
                    .hint("it is a folder: name an archive"));
                }
                if !(entry.sealed && self.args.decrypt) {
                    return Ok(self.upload(path.clone(), Body::File(path)));
                }
                let read = Ask::Read {
                    path: path.clone(),
                    open: true,
                };
                Ok(Step::ask(read, |answer| match answer {
                    Answer::Bytes(bytes) => Ok(self.upload(path, Body::Bytes(bytes))),
                    _ => Err(Error::bug("a file was read without bytes")),
                }))
            }))
        })
    }

    fn upload(self, local: PathBuf, body: Body) -> Step {
        let look = self.script("unarchive_look", "", "");
        Step::run(look, move |reply| {
            if let Some(outcome) = skipped(&reply) {
                return Ok(outcome.into());
            }
            let temp = reply.text("temp").unwrap_or_default();
            let path = temp.clone();
            Ok(Step::Put {
                body,
                path: temp.clone(),
                then: Box::new(move |reply| match reply.failure() {
                    Some(outcome) => Ok(forget(&path, outcome)),
                    None => Ok(self.run(&temp, &temp, Some(local.display().to_string()))),
                }),
            })
        })
    }

    /// Has the host fetch the archive.
    fn download(self) -> Result<Step> {
        let request = Request {
            url: self.args.src.0.clone(),
            method: "GET".to_owned(),
            headers: Vec::new(),
            unredirected: Vec::new(),
            payload: Payload::None,
            login: None,
            basic: false,
            agent: "ansible-httpget".to_owned(),
            timeout: 10,
            verify: self.args.validate_certs,
            proxy: true,
            netrc: true,
            gssapi: false,
            decompress: false,
            fresh: false,
            ca_path: None,
            client_cert: None,
            client_key: None,
            ciphers: Vec::new(),
            unix_socket: None,
            redirects: Redirects::Urllib,
            since: None,
        };
        let request = request.with_login();
        let shown = request.address()?.shown();
        let look = self.script("unarchive_look", "", "");
        Ok(Step::run(look, move |reply| {
            if let Some(outcome) = skipped(&reply) {
                return Ok(outcome.into());
            }
            let temp = reply.text("temp").unwrap_or_default();
            let script = Script::call(&HTTP, "http_request");
            let then = move |got: Got| {
                if got.answer.status == 200 {
                    return Ok(self.run(&got.out, &got.out, Some(shown)));
                }
                let message = match &got.error {
                    Some(error) => format!("no answer from `{shown}`: {error}"),
                    None => format!("`{shown}` was answered with {}", got.answer.status),
                };
                Ok(forget(&got.out, Outcome::failed(message)))
            };
            request.step(script, temp, Box::new(then))
        }))
    }

    /// Compares and unpacks. `discard` is removed then; `shown` is what the outcome calls `src`.
    fn run(self, src: &str, discard: &str, shown: Option<String>) -> Step {
        let script = self.script("unarchive_main", src, discard);
        Step::run(script, move |reply| self.finish(&reply, shown))
    }

    fn script(&self, function: &'static str, src: &str, discard: &str) -> Script {
        let args = &self.args;
        let excludes: Vec<&str> = args.exclude.iter().map(|it| it.trim_end_matches('/')).collect();
        let script = Script::call(&SHELL, function)
            .path("src", src)
            .path("dest", &args.dest)
            .path("creates", args.creates.as_ref().map_or("", |path| &path.0))
            .set("discard", discard)
            .flag("check", self.cx.check)
            .flag("keep_newer", args.keep_newer)
            .flag("list", args.list_files)
            .list("options", &args.extra_opts)
            .list("includes", &args.include)
            .list("excludes", &excludes)
            .flag("own_owner", self.attributes.owner.is_some())
            .flag("own_group", self.attributes.group.is_some())
            .flag("own_mode", self.attributes.mode.is_some())
            .flag("nodes", self.sets_attributes());
        self.attributes.ask(script)
    }

    fn sets_attributes(&self) -> bool {
        let it = &self.attributes;
        let labels = [&it.seuser, &it.serole, &it.setype, &it.selevel];
        it.owner.is_some()
            || it.group.is_some()
            || it.mode.is_some()
            || labels.iter().any(|label| label.is_some())
    }

    fn finish(self, reply: &Reply, shown: Option<String>) -> Result<Step> {
        if let Some(outcome) = skipped(reply) {
            return Ok(outcome.into());
        }
        let dest = reply.text("dest").unwrap_or_default();
        let mut outcome = Outcome::new(reply.changed())
            .with("dest", &dest)
            .with("src", shown.or_else(|| reply.text("src")))
            .with("handler", reply.text("handler"));
        outcome.warnings = reply.warnings();
        if reply.changed() && !self.cx.check {
            outcome = outcome.with("extract_results", self.extracted(reply, &dest));
        }
        if self.args.list_files {
            outcome = outcome.with("files", self.names(reply));
        }
        if let Some(node) = Node::read(reply, "node") {
            outcome = node.describe(outcome);
        }
        let batches = self.batches(reply)?;
        outcome.changed |= !batches.is_empty();
        if batches.is_empty() || self.cx.check {
            return Ok(outcome.into());
        }
        Ok(settle_many(&batches, outcome))
    }

    /// What unpacked the archive; where that fails, so does the task.
    fn extracted(&self, reply: &Reply, dest: &str) -> Map {
        let src = reply.text("src").unwrap_or_default();
        let mut words = vec![reply.text("tool").unwrap_or_default()];
        let mut more = |list: &[&str]| words.extend(list.iter().map(|word| (*word).to_owned()));
        match reply.text("handler").as_deref() {
            Some("ZipArchive") => {
                more(&["-o"]);
                words.extend(self.args.extra_opts.iter().cloned());
                words.push(src);
                words.extend(self.args.include.iter().cloned());
                words.extend(self.args.exclude.iter().flat_map(|it| ["-x".to_owned(), it.clone()]));
                words.extend(["-d".to_owned(), dest.to_owned()]);
            }
            handler => {
                more(&["--extract", "-C", dest]);
                more(if handler == Some("TgzArchive") { &["-z"] } else { &[] });
                if !self.args.extra_opts.is_empty() {
                    words.push("--show-transformed-names".to_owned());
                    words.extend(self.args.extra_opts.iter().cloned());
                }
                let owner = self.attributes.owner.iter().map(|owner| format!("--owner={owner}"));
                words.extend(owner);
                let group = self.attributes.group.iter().map(|group| format!("--group={group}"));
                words.extend(group);
                words.extend(self.args.keep_newer.then(|| "--keep-newer-files".to_owned()));
                words.extend(self.args.exclude.iter().map(|it| format!("--exclude={it}")));
                words.extend(["-f".to_owned(), src]);
                words.extend(self.args.include.iter().cloned());
            }
        }
        crate::entries! { "cmd" => Value::strings(words), "rc" => 0, "out" => "", "err" => "" }
    }

    fn names(&self, reply: &Reply) -> Value {
        let text = reply.text("names").unwrap_or_default();
        let taken = |name: &&str| {
            let out = |pattern: &String| matches(pattern.trim_end_matches('/'), name);
            let zip = reply.text("handler").as_deref() == Some("ZipArchive");
            let in_ = !zip
                || self.args.include.is_empty()
                || self.args.include.iter().any(|pattern| matches(pattern, name));
            in_ && !self.args.exclude.iter().any(out)
        };
        let names = text.lines().map(|name| name.trim_start_matches('/'));
        Value::strings(names.filter(taken))
    }

    /// What has to be set on what was unpacked, and on the folders at the top of it.
    fn batches(&self, reply: &Reply) -> Result<Batches> {
        let mut batches = Batches::default();
        let text = reply.text("records").unwrap_or_default();
        let Some(mark) = text.trim_end().rsplit('\n').next().filter(|mark| !mark.is_empty()) else {
            return Ok(batches);
        };
        for record in text.split(&format!("{mark}\n")) {
            let record = record.trim_end_matches('\n');
            let Some((head, path)) = record.rsplit_once('\n') else {
                continue;
            };
            if let Some(node) = Node::parse(head) {
                let fresh = Fresh::File;
                let found = self.attributes.differences_in_tree(reply, Some(&node), fresh)?;
                batches.add_differences(path.trim_end_matches('/'), &found, false);
            }
        }
        Ok(batches)
    }
}

fn skipped(reply: &Reply) -> Option<Outcome> {
    reply.text("skipped").map(Outcome::unpredicted)
}

#[cfg(test)]
mod tests;
