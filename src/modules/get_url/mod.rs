#![doc = include_str!("page.md")]

mod checksum;

use std::sync::Arc;
use std::time::Instant;

use crate::args;
use crate::error::Result;
use crate::modules::attributes::{Attributes, Fresh};
use crate::modules::http::{Got, HTTP, HttpArgs, Request, forget};
use crate::modules::node::Node;
use crate::modules::placing::{Content, Placing, placed};
use crate::modules::{Cx, FreeForm, Module, RemotePath, Step};
use crate::outcome::Outcome;
use crate::shell::{Fragment, Reply, Script};
use crate::value::{Map, Value};

use checksum::{Checksum, Wanted};

/// The module.
pub static MODULE: Module = Module {
    name: "get_url",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC, HttpArgs::SPEC, Attributes::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "get_url",
    text: include_str!("get_url.sh"),
    needs: &[&HTTP],
};

args! {
    /// What `get_url` takes beside the request and the attributes.
    Args {
        dest: RemotePath,
        backup: bool = false,
        checksum: String = String::new(),
        timeout: i64 = 10,
        tmp_dest: Option<RemotePath>,
    }
}

/// A file on its way.
struct Job {
    args: Args,
    http: HttpArgs,
    attributes: Attributes,
    cx: Arc<Cx>,
    started: Instant,
    wanted: Option<Wanted>,
}

fn plan(map: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let mut job = Job {
        args: Args::read(map)?,
        http: HttpArgs::read(map)?,
        attributes: Attributes::read(map)?,
        cx: cx.clone(),
        started: Instant::now(),
        wanted: None,
    };
    match Checksum::read(&job.args.checksum)? {
        Checksum::None => job.probe(),
        Checksum::Sum(wanted) => {
            job.wanted = Some(wanted);
            job.probe()
        }
        Checksum::List { algorithm, url } => job.look_up(algorithm, url),
    }
}

impl Job {
    fn request(&self) -> Request {
        let method = if self.cx.check { "HEAD" } else { "GET" };
        self.http.request(method, self.args.timeout)
    }

    /// Fetches the list of checksums, and takes the file's out of it.
    fn look_up(mut self, algorithm: String, url: String) -> Result<Step> {
        let mut request = self.http.request("GET", self.args.timeout);
        request.url.clone_from(&url);
        let name = self.request().address()?.file_name();
        let prepare = Script::call(&SHELL, "http_out").arg("");
        Ok(Step::run(prepare, move |reply| {
            let out = reply.text("out").unwrap_or_default();
            let script = Script::call(&HTTP, "http_content").set("most", "67108864");
            let then = move |got: Got| {
                if got.answer.status != 200 {
                    return Ok(self.refused(&got, false));
                }
                let list = got.reply.text("content").unwrap_or_default();
                self.wanted = Some(Wanted::find(algorithm, &list, &name, &url)?);
                self.probe()
            };
            request.step(script, out, Box::new(then))
        }))
    }

    fn probe(self) -> Result<Step> {
        let request = self.request();
        let url = request.address()?;
        let script = request.ask(&url, self.script("get_url_probe"));
        let script = self.attributes.ask(script);
        Ok(Step::run(script, move |reply| {
            if reply.flag("right") {
                return self.right(&reply);
            }
            let out = reply.text("out").unwrap_or_default();
            let is_dir = reply.flag("is_dir");
            let dest = reply.text("dest").unwrap_or_default();
            let file = if is_dir { "" } else { &dest };
            let script = self.script("get_url_fetch").set("file", file);
            let script = self.attributes.ask(script);
            let then = move |got: Got| self.arrived(got, dest, is_dir);
            request.continue_with(script, out, reply, Box::new(then))
        }))
    }

    fn script(&self, function: &'static str) -> Script {
        let (algorithm, sum) = match &self.wanted {
            Some(wanted) => (wanted.algorithm.as_str(), wanted.sum.as_str()),
            None => ("sha1", ""),
        };
        Script::call(&SHELL, function)
            .path("dest", &self.args.dest)
            .path("tmp_dest", self.args.tmp_dest.as_ref().map_or("", |path| &path.0))
            .flag("force", self.http.force)
            .set("algorithm", algorithm)
            .set("checksum", sum)
    }

    /// The outcome so far.
    fn outcome(&self, changed: bool, dest: &str) -> Outcome {
        let url = self.request().address().map(|url| url.shown());
        Outcome::new(changed)
            .with("dest", dest)
            .with("elapsed", self.started.elapsed().as_secs())
            .with("url", url.unwrap_or_default())
    }

    /// The file has the wanted checksum already; its attributes may differ.
    fn right(self, reply: &Reply) -> Result<Step> {
        let dest = reply.text("dest").unwrap_or_default();
        let outcome = self
            .outcome(false, &dest)
            .with("checksum_src", Value::Null)
            .with("checksum_dest", Value::Null);
        self.settle(reply, &dest, outcome.with("msg", "file already exists"))
    }

    fn settle(self, reply: &Reply, dest: &str, mut outcome: Outcome) -> Result<Step> {
        let node = Node::read(reply, "node");
        let found = self.attributes.differences(reply, node.as_ref(), Fresh::File)?;
        if found.is_empty() || self.cx.check {
            outcome.changed = !found.is_empty();
            return Ok(match node {
                Some(node) => node.describe(outcome).into(),
                None => outcome.into(),
            });
        }
        outcome.changed = true;
        Ok(crate::modules::delivery::settle(dest, &found, outcome))
    }

    fn refused(&self, got: &Got, left: bool) -> Step {
        let (status, reason) = (got.answer.status, &got.answer.reason);
        let mut outcome = self.outcome(false, &self.args.dest.0);
        outcome.failed = true;
        outcome = match &got.error {
            Some(error) => outcome.with("msg", format!("no answer from `{}`: {error}", got.url.shown())),
            None => outcome
                .with("msg", format!("the server answered {status} {reason}"))
                .with("response", format!("HTTP Error {status}: {reason}"))
                .with("status_code", status),
        };
        if left && got.error.is_none() {
            return forget(&got.out, outcome);
        }
        outcome.into()
    }

    fn arrived(self, got: Got, dest: String, is_dir: bool) -> Result<Step> {
        match got.answer.status {
            200 => {}
            304 => {
                let outcome = self
                    .outcome(false, &dest)
                    .with("msg", "HTTP Error 304: Not Modified")
                    .with("status_code", 304);
                return self.settle(&got.reply, &dest, outcome);
            }
            _ => return Ok(self.refused(&got, !self.cx.check)),
        }
        if !is_dir {
            let reply = got.reply.clone();
            return self.compare(&got, &reply, dest);
        }
        let name = got.answer.file_name().unwrap_or_else(|| got.url.file_name());
        let file = format!("{}/{name}", dest.trim_end_matches('/'));
        if self.cx.check || got.reply.text("wrong_sum").is_some() {
            let reply = got.reply.clone();
            return self.compare(&got, &reply, file);
        }
        let script = self.script("get_url_sums").set("out", &got.out).set("file", &file);
        let script = self.attributes.ask(script);
        Ok(Step::run(script, move |reply| self.compare(&got, &reply, file)))
    }

    fn compare(self, got: &Got, reply: &Reply, dest: String) -> Result<Step> {
        let size = got.answer.header("content-length").map(str::to_owned);
        let size = reply.text("size").map(|it| it.trim().to_owned()).or(size);
        let size = size.as_deref().unwrap_or("unknown");
        let mut outcome = self
            .outcome(true, &dest)
            .with("src", &got.out)
            .with("checksum_src", reply.text("sum"))
            .with("checksum_dest", reply.text("sum_there"))
            .with("msg", format!("OK ({size} bytes)"))
            .with("status_code", 200);
        if let Some(wrong) = reply.text("wrong_sum") {
            let wanted = self.wanted.as_ref().map_or("", |wanted| &wanted.sum);
            outcome.failed = true;
            outcome.changed = false;
            let message = format!("the checksum is `{wrong}`, and not `{wanted}`");
            return Ok(outcome.with("msg", message).into());
        }
        if self.cx.check {
            return Ok(outcome.into());
        }
        if let Some(missing) = missing_bytes(got, reply) {
            outcome.failed = true;
            outcome.changed = false;
            let message = format!("the answer broke off: {missing} bytes are missing");
            return Ok(forget(&got.out, outcome.with("msg", message)));
        }
        outcome = outcome.with("md5sum", reply.text("md5"));
        let sum = reply.text("sum");
        if sum.is_some() && sum == reply.text("sum_there") {
            return self.settle(reply, &dest, outcome);
        }
        self.place(got.out.clone(), reply, dest, outcome)
    }

    fn place(self, out: String, reply: &Reply, dest: String, outcome: Outcome) -> Result<Step> {
        let node = Node::read(reply, "node");
        let file = node.as_ref().filter(|node| !node.is_link());
        let placing = Placing {
            dest,
            content: Content::Host(out.clone()),
            keep: true,
            differences: self.attributes.differences(reply, file, Fresh::File)?,
            backup: self.args.backup,
            unsafe_writes: self.attributes.unsafe_writes,
            was: None,
            validate: Vec::new(),
        };
        Ok(placing.step_any(move |reply| {
            let outcome = match reply.failure() {
                Some(failure) => failure,
                None => placed(&reply, outcome),
            };
            Ok(forget(&out, outcome))
        }))
    }
}

/// How many bytes of the announced ones did not come.
fn missing_bytes(got: &Got, reply: &Reply) -> Option<i64> {
    if got.answer.header("content-encoding").is_some() {
        return None;
    }
    let announced: i64 = got.answer.header("content-length")?.parse().ok()?;
    let came = reply.int("size")?;
    (announced != came).then_some(announced - came)
}

#[cfg(test)]
mod tests;
