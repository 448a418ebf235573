//! Runs a module to its end against a real shell, in a temporary root, without the executor.
//!
//! ```ignore
//! for world in World::each() {
//!     let run = Run::new("file", &world).set("state", "directory").path("path", "some folder");
//!     run.expect_changed_then_ok();
//! }
//! ```
//!
//! [`World`] is the host and the controller: a temporary folder, `host/` as the home of what the
//! module writes, `bin/` first in PATH for scripted commands, `files/` and `templates/` for what
//! the controller is asked for.

#![allow(dead_code, reason = "a vocabulary for the tests of every module")]

mod host_shell;
mod world;

#[allow(unused_imports, reason = "see above")]
pub(crate) use host_shell::{HostShell, which};
pub(crate) use world::World;

use std::sync::Arc;

use super::{Cx, Module, Step, find};
use crate::outcome::Outcome;
use crate::value::{Map, Value};

/// A module with its arguments, ready to be run.
pub(crate) struct Run<'a> {
    module: &'static Module,
    world: &'a World,
    args: Map,
    cx: Cx,
}

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Ran {
    /// The outcome.
    pub outcome: Outcome,
    /// How many times the host was asked: scripts, uploads and downloads.
    pub trips: usize,
}

impl<'a> Run<'a> {
    /// A run of the module of that name.
    pub(crate) fn new(name: &str, world: &'a World) -> Self {
        Run {
            module: find(name).unwrap_or_else(|| panic!("no module `{name}`")),
            world,
            args: Map::new(),
            cx: Cx::default(),
        }
    }

    /// Sets an argument.
    pub(crate) fn set(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.args.set(name, value);
        self
    }

    /// Sets an argument to a path below the host's folder.
    pub(crate) fn path(self, name: &str, below: &str) -> Self {
        let path = self.world.text(below);
        self.set(name, path)
    }

    /// Adds arguments.
    pub(crate) fn args(mut self, args: Map) -> Self {
        self.args.extend_from(&args);
        self
    }

    /// Asks for check mode.
    pub(crate) fn check(mut self) -> Self {
        self.cx.check = true;
        self
    }

    /// Asks for differences.
    pub(crate) fn diff(mut self) -> Self {
        self.cx.diff = true;
        self
    }

    /// Sets a fact.
    pub(crate) fn fact(mut self, name: &str, value: impl Into<Value>) -> Self {
        Arc::make_mut(&mut self.cx.facts).set(name, value);
        self
    }

    /// Changes what the module may know.
    pub(crate) fn with_cx(mut self, change: impl FnOnce(&mut Cx)) -> Self {
        change(&mut self.cx);
        self
    }

    /// Runs the module to its end.
    pub(crate) fn run(&self) -> Ran {
        self.run_in(self.cx.check)
    }

    /// What check mode says.
    pub(crate) fn run_checked(&self) -> Outcome {
        self.run_in(true).outcome
    }

    fn run_in(&self, check: bool) -> Ran {
        let mut cx = self.cx.clone();
        cx.check = check;
        let mut trips = 0;
        let outcome = match self.module.check(&self.args) {
            Ok(()) => self.walk(&Arc::new(cx), &mut trips),
            Err(error) => Err(error),
        };
        Ran {
            outcome: outcome.unwrap_or_else(|error| Outcome::failed(error.chain())),
            trips,
        }
    }

    fn walk(&self, cx: &Arc<Cx>, trips: &mut usize) -> crate::error::Result<Outcome> {
        let mut step = self.module.step(&self.args, cx)?;
        loop {
            step = match step {
                Step::Done(outcome) => return Ok(outcome),
                Step::Run(script, then) => {
                    *trips += 1;
                    then(self.world.run(&script))?
                }
                Step::Put { body, path, then } => {
                    *trips += 1;
                    then(self.world.put(&body, &path))?
                }
                Step::Get { path, limit, then } => {
                    *trips += 1;
                    then(self.world.fetch(&path, limit)?)?
                }
                Step::Ask(ask, then) => then(self.world.answer(ask)?)?,
            };
        }
    }

    /// Runs and expects a change.
    #[track_caller]
    pub(crate) fn expect_changed(&self) -> Outcome {
        self.expect(true).outcome
    }

    /// Runs and expects no change, at the cost of one round trip.
    #[track_caller]
    pub(crate) fn expect_ok(&self) -> Outcome {
        let ran = self.expect(false);
        assert!(ran.trips <= 1, "{} round trips to do nothing", ran.trips);
        ran.outcome
    }

    /// Runs and expects a change, or none.
    #[track_caller]
    pub(crate) fn expect(&self, changed: bool) -> Ran {
        let ran = self.run();
        assert!(
            !ran.outcome.failed && ran.outcome.changed == changed,
            "expected changed={changed} of {:?} in {}: {:?}",
            self.args,
            self.world.shell_name(),
            ran.outcome
        );
        ran
    }

    /// Runs and expects a failure whose message holds `part`.
    #[track_caller]
    pub(crate) fn expect_failed(&self, part: &str) -> Outcome {
        let outcome = self.run().outcome;
        let message = outcome.text("msg").unwrap_or_default();
        assert!(
            outcome.failed && message.contains(part),
            "expected a failure with `{part}` of {:?} in {}: {outcome:?}",
            self.args,
            self.world.shell_name()
        );
        outcome
    }

    /// Expects that check mode predicts a change and writes nothing, that the run changes, and
    /// that a second run does not, at the cost of one round trip. Gives the first run's outcome.
    #[track_caller]
    pub(crate) fn expect_changed_then_ok(&self) -> Outcome {
        self.expect_predicted(true);
        let first = self.expect_changed();
        self.expect_predicted(false);
        self.expect_ok();
        first
    }

    /// Expects that check mode says `changed` and writes nothing.
    #[track_caller]
    pub(crate) fn expect_predicted(&self, changed: bool) -> Outcome {
        let before = self.world.snapshot();
        let outcome = self.run_in(true).outcome;
        assert!(
            !outcome.failed && outcome.changed == changed,
            "check mode: expected changed={changed} of {:?} in {}: {outcome:?}",
            self.args,
            self.world.shell_name()
        );
        assert_eq!(
            before,
            self.world.snapshot(),
            "check mode of `{}` wrote something",
            self.module.name
        );
        outcome
    }
}
