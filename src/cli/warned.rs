//! Warnings and deprecations of tasks on standard error, where the screen does not show them.

use std::collections::HashSet;

use super::terminal;
use crate::error::{Error, Kind};
use crate::report::{Event, Listener, Result, deprecation};
use crate::value::Value;

/// Prints what tasks warn of, each once.
pub struct Warned {
    /// Whether deprecations are shown (`deprecation_warnings`).
    deprecations: bool,
    told: HashSet<String>,
}

impl Warned {
    /// One that has said nothing yet.
    pub fn new(deprecations: bool) -> Self {
        let told = HashSet::new();
        Warned { deprecations, told }
    }

    fn of(&mut self, result: &Result) {
        if result.task.no_log {
            return;
        }
        for warning in &result.outcome.warnings {
            let text = warning.replace("\r\n", "\n");
            self.once(&text, terminal::print_task_warning);
        }
        if let Some(Value::List(all)) = result.outcome.data.get("deprecations")
            && self.deprecations
        {
            for one in all.iter() {
                self.once(&deprecation(one), |text| {
                    terminal::print_warning(&Error::new(Kind::Deprecated, text));
                });
            }
        }
    }

    fn once(&mut self, text: &str, say: impl FnOnce(&str)) {
        if self.told.insert(text.to_owned()) {
            say(text);
        }
    }
}

impl Listener for Warned {
    fn on(&mut self, event: &Event) {
        if let Event::ItemDone(result) | Event::TaskDone(result) = event {
            self.of(result);
        }
    }
}
