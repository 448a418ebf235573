//! The gate of `no_log`: every event passes here before anybody hears of it.
//!
//! A result knows by its task that it is hidden. What else is told while a hidden task is done (an
//! error with its causes, a warning, a line of output) is known by the task of the runtime that
//! tells it: [`hidden`] marks it.

use std::sync::Arc;

use super::event::{Event, Item, Result};
use crate::error::Error;
use crate::outcome::{Outcome, Outlook};
use crate::value::Map;

/// What a playbook sees in place of a hidden result; the reference's words.
const WORDS: &str =
    "the output has been hidden due to the fact that 'no_log: true' was specified for this result";

/// What stands in place of an item's label.
pub const CENSORED: &str = "(censored due to no_log)";

/// What stands in a plan in place of why something is not known yet.
const LATER: &str = "known later (censored due to no_log)";

tokio::task_local! {
    static HIDDEN: bool;
}

/// Does some work of which nothing may be told where `hide` says so.
pub async fn hidden<T>(hide: bool, work: impl Future<Output = T>) -> T {
    HIDDEN.scope(hide || is_hidden(), work).await
}

/// As [`hidden`], for work that waits for nothing.
pub fn hidden_now<T>(hide: bool, work: impl FnOnce() -> T) -> T {
    HIDDEN.sync_scope(hide || is_hidden(), work)
}

/// Says whether what is done now is hidden.
pub fn is_hidden() -> bool {
    HIDDEN.try_with(|hidden| *hidden).unwrap_or(false)
}

/// The event as it may be told; nothing where none of it may be.
pub fn gate(event: Event) -> Option<Event> {
    let hidden = is_hidden();
    Some(match event {
        Event::ItemDone(result) => Event::ItemDone(censored(result)),
        Event::TaskDone(result) => Event::TaskDone(censored(result)),
        Event::Retrying { result, left } => Event::Retrying {
            result: censored(result),
            left,
        },
        // The result that follows says that the task failed, and where it stands.
        Event::TaskError(_) | Event::Line { .. } | Event::Sent { .. } | Event::Note { .. }
            if hidden =>
        {
            return None;
        }
        Event::Warning(_) if hidden => Event::Warning(Error::input(
            "a warning is hidden, since `no_log` is set for its task",
        )),
        Event::Included(mut included) if hidden => {
            included.item = included.item.map(|_| CENSORED.to_owned());
            Event::Included(included)
        }
        other => other,
    })
}

fn censored(mut result: Result) -> Result {
    if !result.task.no_log {
        return result;
    }
    let outcome = &result.outcome;
    result.outcome = Arc::new(Outcome {
        data: crate::entries! { "censored" => WORDS },
        facts: Map::new(),
        diff: Vec::new(),
        warnings: Vec::new(),
        told: Vec::new(),
        deprecations: Vec::new(),
        connection: outcome.connection,
        wishes: Vec::new(),
        aside: None,
        outlook: match &outcome.outlook {
            Outlook::Unknown { runs, .. } => Outlook::Unknown {
                why: LATER.to_owned(),
                runs: *runs,
            },
            other => other.clone(),
        },
        ..(**outcome).clone()
    });
    result.item = result.item.map(|_| Item {
        label: CENSORED.to_owned(),
    });
    result
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::{gate, hidden_now};
    use crate::error::Error;
    use crate::outcome::{Diff, Outcome, Outlook};
    use crate::report::{Event, Item, Result, Status, TaskInfo};
    use crate::shell::Stream;

    fn result(no_log: bool) -> Result {
        let mut outcome = Outcome::failed("PLANTED");
        outcome.facts.set("a", "PLANTED");
        outcome.warnings.push("PLANTED".to_owned());
        outcome.diff.push(Diff::Prepared("PLANTED".to_owned()));
        outcome.outlook = Outlook::Unknown {
            why: "PLANTED".to_owned(),
            runs: false,
        };
        Result {
            task: Arc::new(TaskInfo {
                no_log,
                ..TaskInfo::default()
            }),
            host: "h".into(),
            delegated: None,
            item: Some(Item {
                label: "PLANTED".to_owned(),
            }),
            status: Status::Failed,
            outcome: Arc::new(outcome),
            duration: Duration::ZERO,
            of_loop: false,
        }
    }

    fn events(no_log: bool) -> Vec<Event> {
        vec![
            Event::ItemDone(result(no_log)),
            Event::TaskDone(result(no_log)),
            Event::Retrying {
                result: result(no_log),
                left: 1,
            },
            Event::TaskError(Error::input("PLANTED").because(Error::input("PLANTED"))),
            Event::Warning(Error::input("PLANTED")),
            Event::Line {
                host: "h".into(),
                stream: Stream::Stdout,
                text: "PLANTED".to_owned(),
            },
            Event::Sent {
                host: "h".into(),
                text: "PLANTED".to_owned(),
            },
            Event::Note {
                level: 3,
                text: "<PLANTED> connected".to_owned(),
            },
        ]
    }

    #[test]
    fn nothing_of_a_hidden_task_is_told() {
        for event in events(true) {
            let told = hidden_now(true, || gate(event));
            assert!(!format!("{told:?}").contains("PLANTED"), "{told:?}");
        }
        for event in events(false) {
            let told = gate(event);
            assert!(format!("{told:?}").contains("PLANTED"), "{told:?}");
        }
    }
}
