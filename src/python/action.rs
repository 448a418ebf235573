//! An action plugin in Python: a child of the worker's runs it, and asks for what it does on the
//! host.

use std::sync::Arc;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::frame::Frame;

use super::plugins::{deprecations, warnings};
use super::worker::Worker;
use super::{Python, result};
use crate::error::{Error, Result};
use crate::outcome::{Outcome, Source};
use crate::value::{Crossing, Map, Value, decode, encode};

/// What an action plugin wants next.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// Run a command line on the host.
    Run {
        /// The line, for a shell.
        command: String,
        /// What it reads.
        stdin: Vec<u8>,
        /// As the user that is become; else as the login user.
        become_: bool,
    },
    /// Bring a file of the controller to the host.
    Put {
        /// The controller's file.
        source: String,
        /// The host's file.
        target: String,
    },
    /// Fetch a file of the host.
    Fetch {
        /// The host's file.
        source: String,
    },
    /// Run a module on the host.
    Module {
        /// Its name.
        name: String,
        /// Its arguments: final values.
        args: Map,
        /// Predict, do not write.
        check: bool,
        /// `async` is for it, and not for the plugin around it.
        alone: bool,
    },
    /// The value of a variable, rendered.
    Variable(String),
    /// Nothing: it made this folder on the host, which is to be removed if it is ended.
    Made(String),
}

/// What an action plugin did next: it wants something, or is done.
#[derive(Debug)]
pub enum Next {
    /// It waits for an answer.
    Wants(Wanted),
    /// It ended with this outcome.
    Done(Box<Outcome>),
}

/// An action plugin that runs.
pub struct Action {
    worker: Arc<Worker>,
    channel: u32,
    frames: UnboundedReceiver<Frame>,
    what: String,
    verbosity: u8,
}

impl Python {
    /// Starts an action plugin: `head` is what `text/actions.py` reads.
    ///
    /// # Errors
    /// No Python with ansible-core is there, or it cannot be started.
    pub async fn action(
        self: &Arc<Self>,
        name: &str,
        mut head: Map,
        args: &Map,
        verbosity: u8,
    ) -> Result<Action> {
        let what = format!("the action plugin of `{name}`");
        head.set("do", "action");
        head.set(
            "args",
            encode(&Value::map(args.clone()), Crossing::Templates),
        );
        let (sender, frames) = unbounded_channel();
        let (python, asked) = (Arc::clone(self), what.clone());
        let start = move || {
            let worker = python.worker(&asked)?;
            let channel = worker.open(Box::new(move |frame| drop(sender.send(frame))))?;
            worker.send(Frame::new(channel, head))?;
            Ok((worker, channel))
        };
        let started: Result<_> = tokio::task::spawn_blocking(start)
            .await
            .map_err(|_| Error::bug("starting an action plugin panicked"))?;
        let (worker, channel) = started?;
        Ok(Action {
            worker,
            channel,
            frames,
            what,
            verbosity,
        })
    }
}

impl Action {
    /// Waits for what it does next.
    ///
    /// # Errors
    /// Its process ended, or said what nobody understands.
    pub async fn next(&mut self) -> Result<Next> {
        let frame = self.frames.recv().await.ok_or_else(|| self.worker.gone())?;
        let text = |key: &str| frame.text(key).unwrap_or_default().to_owned();
        let wanted = match frame.text("do").unwrap_or_default() {
            "answer" => return self.done(&frame),
            "exec" => Wanted::Run {
                command: text("cmd"),
                stdin: data_encoding::BASE64
                    .decode(text("data").as_bytes())
                    .map_err(|error| Error::input(error.to_string()))?,
                become_: frame.head.get("sudoable").is_some_and(Value::is_true),
            },
            "put" => Wanted::Put {
                source: text("source"),
                target: text("target"),
            },
            "fetch" => Wanted::Fetch {
                source: text("source"),
            },
            "module" => {
                let args = decode(
                    frame.head.get("args").unwrap_or(&Value::Null),
                    Crossing::Data,
                )?;
                Wanted::Module {
                    name: text("name"),
                    args: args
                        .as_map()
                        .map(|args| (**args).clone())
                        .unwrap_or_default(),
                    check: frame.head.get("check").is_some_and(Value::is_true),
                    alone: frame.head.get("alone").is_some_and(Value::is_true),
                }
            }
            "variable" => Wanted::Variable(text("name")),
            "made" => Wanted::Made(text("path")),
            _ => {
                let how = frame.text("how").unwrap_or("it said nothing");
                return Err(Error::input(format!(
                    "the process of {} ended: {how}",
                    self.what
                )));
            }
        };
        Ok(Next::Wants(wanted))
    }

    fn done(&self, frame: &Frame) -> Result<Next> {
        if let Some(error) = frame.text("error") {
            let error = Error::input(format!("{} failed: {error}", self.what));
            let place = frame
                .text("where")
                .map(|place| Error::input(format!("raised in {place}")));
            return Err(match place {
                Some(place) => error.because(place),
                None => error,
            });
        }
        let value = decode(
            frame.head.get("result").unwrap_or(&Value::Null),
            Crossing::Data,
        )?;
        let map = value.as_map().cloned().unwrap_or_default();
        let mut outcome = result::of_result(&map, Source::Action, self.verbosity);
        outcome.warnings.extend(warnings(frame));
        // A result says for itself how it is told.
        let told = deprecations(frame).into_iter().map(|mut told| {
            told.remove("text");
            Value::map(told)
        });
        let mut all = match outcome.data.get("deprecations") {
            Some(Value::List(own)) => own.to_vec(),
            _ => Vec::new(),
        };
        all.extend(told);
        if !all.is_empty() {
            outcome.data.set("deprecations", Value::list(all));
        }
        Ok(Next::Done(Box::new(outcome)))
    }

    /// Answers what it wanted.
    ///
    /// # Errors
    /// The worker is gone.
    pub fn answer(&self, head: Map) -> Result<()> {
        self.worker.send(Frame::new(self.channel, head))
    }

    /// Answers with a value under this name.
    ///
    /// # Errors
    /// The worker is gone.
    pub fn answer_value(&self, name: &str, value: &Value, mut head: Map) -> Result<()> {
        head.set(name, encode(value, Crossing::Data));
        self.answer(head)
    }
}

impl Drop for Action {
    fn drop(&mut self) {
        self.worker.kill(self.channel);
    }
}
