//! From an answer to the outcome.

use super::{Job, MOST, SHELL};
use crate::error::Result;
use crate::modules::Step;
use crate::modules::attributes::Fresh;
use crate::modules::encoding;
use crate::modules::http::{Got, forget};
use crate::modules::node::Node;
use crate::modules::placing::{Content, Placing, placed};
use crate::outcome::Outcome;
use crate::shell::{Reply, Script};
use crate::value::{Map, Value, from_json};

impl Job {
    /// The answer has come; `first` is the reply that looked at `dest`.
    pub(super) fn arrived(self, first: &Reply, got: Got) -> Result<Step> {
        let mut outcome = self.outcome(&got);
        let expected = self.args.status_code.contains(&got.answer.status);
        let text = got.reply.bytes("content").map(|bytes| {
            let charset = got.answer.charset().unwrap_or("utf-8");
            encoding::decode_to_show(bytes, charset)
        });
        self.add_content(&got, text.as_deref(), &mut outcome.data);
        if !expected {
            let wanted: Vec<String> = self.args.status_code.iter().map(i64::to_string).collect();
            let said = outcome.text("msg").unwrap_or_default();
            let (status, wanted) = (got.answer.status, wanted.join(", "));
            let message = format!("Status code was {status} and not [{wanted}]: {said}");
            outcome.failed = true;
            outcome = outcome.with("msg", message);
            return Ok(self.leave(&got, outcome));
        }
        if let (Some(size), true) = (got.reply.text("too_large"), self.args.return_content) {
            return Step::failed(format!(
                "the content has {} bytes, and {MOST} can be told; `dest` takes more",
                size.trim()
            ));
        }
        let Some(dest) = first.text("dest") else {
            return Ok(outcome.into());
        };
        if got.answer.status == 304 {
            return Ok(self.leave(&got, outcome.with("path", dest)));
        }
        let is_dir = first.flag("is_dir");
        let file = if is_dir {
            let name = got.answer.file_name().unwrap_or_else(|| got.url.file_name());
            format!("{}/{name}", dest.trim_end_matches('/'))
        } else {
            dest
        };
        self.write(got, file, outcome)
    }

    /// Ends without the file that the answer came to.
    fn leave(&self, got: &Got, outcome: Outcome) -> Step {
        if self.args.dest.is_none() || got.answer.status < 200 {
            return outcome.into();
        }
        forget(&got.out, outcome)
    }

    fn outcome(&self, got: &Got) -> Outcome {
        let (status, reason) = (got.answer.status, &got.answer.reason);
        let shown = got.url.shown();
        let first = self.request.address().map(|url| url.shown()).unwrap_or_default();
        let message = match &got.error {
            Some(error) => format!("Request failed: no answer from `{shown}`: {error}"),
            None if (200..300).contains(&status) => {
                let length = got.answer.header("content-length").unwrap_or("unknown");
                format!("OK ({length} bytes)")
            }
            None => format!("HTTP Error {status}: {reason}"),
        };
        let mut outcome = Outcome::ok();
        for (name, value) in &got.answer.keys() {
            outcome = outcome.with(&name.to_text().replace('-', "_"), value.clone());
        }
        if let Some(next) = got.answer.header("location").and_then(|it| got.url.join(it)) {
            outcome = outcome.with("location", next.shown());
        }
        // Of an error the reference tells no cookies, and no address but the first.
        let url = match got.answer.is_error() {
            true => first.clone(),
            false => {
                outcome = with_cookies(outcome, got);
                shown
            }
        };
        outcome
            .with("redirected", url != first)
            .with("url", url)
            .with("status", status)
            .with("msg", message)
            .with("elapsed", self.started.elapsed().as_secs())
    }

    fn add_content(&self, got: &Got, text: Option<&str>, keys: &mut Map) {
        if let Some(text) = text.filter(|_| got.answer.may_be_json())
            && let Ok(json) = from_json(text)
        {
            keys.set("json", json);
        }
        if self.args.return_content {
            let content = text.map_or_else(|| Value::str(""), Value::str);
            keys.set("content", content);
        }
    }

    fn write(self, got: Got, file: String, outcome: Outcome) -> Result<Step> {
        let outcome = outcome.with("path", &file);
        let script = Script::call(&SHELL, "uri_there").set("file", &file);
        let script = self.attributes.ask(script);
        Ok(Step::run(script, move |reply| {
            let node = Node::read(&reply, "node");
            let there = node.as_ref().filter(|node| !node.is_link());
            let differences = self.attributes.differences(&reply, there, Fresh::File)?;
            let same = got.reply.text("sum").is_some()
                && got.reply.text("sum") == reply.text("sum_there");
            if same && differences.is_empty() {
                let outcome = match &node {
                    Some(node) => node.describe(outcome),
                    None => outcome,
                };
                return Ok(forget(&got.out, outcome));
            }
            let mut outcome = outcome;
            outcome.changed = true;
            if self.cx.diff {
                outcome.diff.extend(differences.diff(&file));
            }
            let placing = Placing {
                dest: file,
                content: Content::Host(got.out.clone()),
                keep: true,
                differences,
                backup: false,
                unsafe_writes: self.attributes.unsafe_writes,
                was: None,
                validate: Vec::new(),
            };
            Ok(placing.step_any(move |reply| {
                let outcome = match reply.failure() {
                    Some(failure) => failure,
                    None => placed(&reply, outcome),
                };
                Ok(forget(&got.out, outcome))
            }))
        }))
    }
}

fn with_cookies(outcome: Outcome, got: &Got) -> Outcome {
    let cookies = got.cookies.all();
    let texts = cookies.iter().map(|(name, value)| format!("{name}={}", value.unwrap_or("None")));
    let texts: Vec<String> = texts.collect();
    let mut map = Map::new();
    for (name, value) in &cookies {
        map.set(name, Value::str_or_null(*value));
    }
    outcome.with("cookies", map).with("cookies_string", texts.join("; "))
}
