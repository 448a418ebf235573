//! What a plan says of one task, or one item of its loop, on one host.

use crate::memory::Print;
use crate::outcome::{Diff, Outcome};
use crate::value::{Map, Value};

/// What a plan says of one task on one host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The print of what was seen and what would be done.
    pub print: String,
    /// Whether something would change, whatever `changed_when` calls it.
    pub changed: bool,
    /// Why it cannot be known what will come out, where that is so.
    pub unknown: Option<String>,
    /// Whether an earlier task of the plan may change what was seen: it is not compared then.
    pub loose: bool,
    /// Whether it changes nothing, whatever comes out.
    pub idle: bool,
    /// The print of the arguments of a task that runs without having been looked at first.
    pub args: Option<String>,
    /// Which one it is of its host's, from 1; 0 where that does not matter.
    pub order: usize,
}

impl Entry {
    /// The entry of an outcome in check mode.
    pub fn of(outcome: &Outcome, loose: bool, idle: bool) -> Entry {
        Entry {
            idle,
            print: Entry::print_of(outcome),
            changed: outcome.changed || outcome.acts,
            unknown: outcome.unknown_why().map(str::to_owned),
            loose,
            ..Entry::default()
        }
    }

    /// The print of what a module saw, and would do. Times and the like are no part of it.
    pub fn print_of(outcome: &Outcome) -> String {
        let flag = |is: bool| if is { "yes" } else { "no" };
        let mut words = vec![
            flag(outcome.changed).to_owned(),
            flag(outcome.failed).to_owned(),
            flag(outcome.skipped).to_owned(),
        ];
        for diff in &outcome.diff {
            match diff {
                Diff::Text { before, after, .. } => words.extend([before.clone(), after.clone()]),
                Diff::Prepared(text) | Diff::Omitted(text) => words.push(text.clone()),
            }
        }
        Print::of(words.iter().map(String::as_str)).to_string()
    }

    pub(super) fn to_value(&self, key: &str, mask: &dyn Fn(&str) -> String) -> Value {
        let mut map = crate::entries! { "key" => key, "print" => self.print.as_str() };
        for (name, is) in [
            ("changed", self.changed),
            ("loose", self.loose),
            ("idle", self.idle),
        ] {
            if is {
                map.set(name, true);
            }
        }
        if let Some(why) = &self.unknown {
            map.set("unknown", mask(why));
        }
        if let Some(args) = &self.args {
            map.set("args", args.as_str());
        }
        if let Ok(order) = i64::try_from(self.order) {
            map.set("order", order);
        }
        Value::map(map)
    }

    /// What is looped over, where that is known.
    pub fn of_loop(items: Print) -> Entry {
        Entry {
            print: items.to_string(),
            ..Entry::default()
        }
    }

    pub(super) fn of_value(map: &Map) -> Entry {
        let text = |name: &str| map.get(name).and_then(Value::as_str).map(str::to_owned);
        let is = |name: &str| map.get(name).is_some_and(Value::is_true);
        Entry {
            print: text("print").unwrap_or_default(),
            changed: is("changed"),
            unknown: text("unknown"),
            loose: is("loose"),
            idle: is("idle"),
            args: text("args"),
            order: number(map, "order"),
        }
    }
}

/// A number of a plan's line; 0 where there is none.
pub(super) fn number(map: &Map, name: &str) -> usize {
    let number = map.get(name).and_then(Value::as_int);
    number
        .and_then(|number| usize::try_from(number).ok())
        .unwrap_or(0)
}
