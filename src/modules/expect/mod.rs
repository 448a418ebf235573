#![doc = include_str!("page.md")]

mod talk;

use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::ground::GROUND;
use crate::modules::program::{PROGRAM, Times};
use crate::modules::words::split;
use crate::modules::{Cx, FreeForm, Module, RemotePath, Step};
use crate::outcome::Outcome;
use crate::shell::{Fragment, Reply, Script};
use crate::value::{Map, Value};

use talk::{Said, Talk};

/// The module.
pub static MODULE: Module = Module {
    name: "expect",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: false,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "expect",
    text: include_str!("expect.sh"),
    needs: &[&PROGRAM, &GROUND],
};

/// The longest that one request waits, in tenths of a second.
const LONGEST: i64 = 200;

args! {
    /// What `expect` takes.
    Args {
        command: String,
        responses: Map,
        chdir: Option<RemotePath>,
        creates: Option<RemotePath>,
        echo: bool = false,
        removes: Option<RemotePath>,
        timeout: Option<i64>,
    }
}

/// A program that runs, and what has been said.
struct Job {
    command: String,
    talk: Talk,
    dir: String,
    started: Option<String>,
    /// How long to wait for something new, in tenths of a second.
    patience: Option<i64>,
    waited: i64,
}

fn plan(map: &Map, _cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(map)?;
    let words = split(&args.command)
        .map_err(|why| Error::input(format!("argument `command`: {why}")))?;
    if words.is_empty() {
        return Err(Error::input("argument `command`: it is empty"));
    }
    let path = |path: &Option<RemotePath>| path.as_ref().map_or("", AsRef::as_ref).to_owned();
    let script = Script::call(&SHELL, "expect_start").as_logged_in()
        .path("chdir", path(&args.chdir))
        .path("creates", path(&args.creates))
        .path("removes", path(&args.removes))
        .flag("echo", args.echo);
    let script = words.iter().fold(script, |script, word| script.arg(word));
    let forever = map.get("timeout").is_some_and(Value::is_null);
    let mut job = Job {
        talk: Talk::new(&args.responses)?,
        patience: (!forever).then(|| args.timeout.unwrap_or(30) * 10),
        command: args.command,
        dir: String::new(),
        started: None,
        waited: 0,
    };
    Ok(Step::run(script, move |reply| {
        if let Some(why) = reply.text("skipped") {
            let outcome = Outcome::ok().with("cmd", job.command).with("rc", 0);
            return Ok(outcome.with("stdout", why).into());
        }
        job.dir = reply.text("dir").unwrap_or_default();
        job.started = reply.text("started");
        Ok(job.go(None))
    }))
}

impl Job {
    /// Says a line, and hears what follows.
    fn go(mut self, line: Option<String>) -> Step {
        let left = self.patience.map_or(LONGEST, |patience| patience - self.waited);
        let script = Script::call(&SHELL, "expect_go").as_logged_in()
            .set("dir", &self.dir)
            .flag("say", line.is_some())
            .secret("line", line.unwrap_or_default())
            .set("known", self.talk.heard().to_string())
            .set("tenths", left.clamp(0, LONGEST).to_string());
        Step::run(script, move |reply| {
            self.talk.hear(reply.bytes("new").unwrap_or_default());
            self.waited += reply.int("waited").unwrap_or(0);
            match self.talk.answer()? {
                Said::Answer(line) => {
                    self.waited = 0;
                    Ok(self.go(Some(line)))
                }
                Said::NoneLeft(message) => Ok(self.end(move |_, _| Outcome::failed(message))),
                Said::Nothing if reply.flag("over") => Ok(self.end(Job::finished)),
                Said::Nothing if self.patience.is_some_and(|most| self.waited >= most) => {
                    Ok(self.end(Job::too_long))
                }
                Said::Nothing => Ok(self.go(None)),
            }
        })
    }

    fn end(self, outcome: impl FnOnce(&Job, &Reply) -> Outcome + Send + 'static) -> Step {
        let script = Script::call(&SHELL, "expect_end").set("dir", &self.dir);
        Step::run(script, move |reply| Ok(outcome(&self, &reply).into()))
    }

    fn finished(&self, reply: &Reply) -> Outcome {
        let rc = reply.int("rc").unwrap_or(-1);
        let outcome = self.told(reply).with("rc", rc);
        match rc {
            0 => outcome,
            _ => failed(outcome, "non-zero return code"),
        }
    }

    fn too_long(&self, reply: &Reply) -> Outcome {
        failed(self.told(reply), "command exceeded timeout")
    }

    fn told(&self, reply: &Reply) -> Outcome {
        let ended = reply.text("ended");
        let times = Times::between(self.started.as_deref(), ended.as_deref());
        Outcome::changed()
            .with("cmd", &self.command)
            .with("stdout", self.talk.text().trim_end_matches(['\r', '\n']))
            .with("start", times.start)
            .with("end", times.end)
            .with("delta", times.delta)
    }
}

fn failed(outcome: Outcome, message: &str) -> Outcome {
    let mut outcome = outcome.with("msg", message);
    outcome.failed = true;
    outcome
}

#[cfg(test)]
mod tests;
