//! How failures are shown: the cause first, with the place in the user's file; calm where the playbook
//! reckons with them; equal ones together.

use std::collections::HashMap;
use std::io::Write;
use std::sync::Arc;

use super::text::host_text;
use super::{FAILED, QUIET, SKIPPED, Screen};
use crate::error::{Error, Manner, Place};
use crate::report::cause::{alike, cause, unwrapped};
use crate::report::event::{Recap, Result, Status, TaskInfo};
use crate::value::Value;

/// From how many hosts on equal failures are told once, and all of them again after the recap.
const MANY: usize = 4;

/// The failures of a run.
#[derive(Default)]
pub(super) struct Failures {
    /// How many hosts the play has.
    pub(super) hosts: usize,
    /// Those that nothing took care of, in the order in which they came.
    all: Vec<Failure>,
    /// The hosts whose failure of this task was shown in full, by how it looks without the host's name.
    shown: HashMap<String, Arc<str>>,
    /// Errors of this task that wait for the result they belong to.
    waiting: Vec<Error>,
    /// The cause of a loop is that of its first item that failed.
    of_items: HashMap<Arc<str>, String>,
    /// Whether a hint for a host that cannot be reached was given in this task.
    pub(super) hinted: bool,
}

/// One of them.
struct Failure {
    task: Arc<TaskInfo>,
    host: Arc<str>,
    cause: String,
    lost: bool,
}

impl Failure {
    /// How it looks on every host that it looks alike on.
    fn look(&self) -> String {
        alike(&self.cause, &self.host)
    }
}

/// Says whether one place is not to be seen from another.
fn is_far(place: &Place, from: &Place) -> bool {
    const NEAR: u32 = 8;
    place.path() != from.path() || place.line.abs_diff(from.line) > NEAR
}

/// Says whether the playbook reckons with a failure.
pub(super) fn is_calm(result: &Result, verbosity: u8) -> bool {
    let expected = result.status == Status::Ignored
        || (result.status == Status::Failed && result.task.rescued);
    expected && verbosity == 0
}

fn has_failed(result: &Result) -> bool {
    matches!(result.status, Status::Failed | Status::Ignored)
}

impl<W: Write + Send> Screen<W> {
    /// Shows why a task failed and where it stands, once a task; and keeps failures for the end.
    pub(super) fn explain(&mut self, result: &Result) {
        if has_failed(result) && !result.outcome.unreachable {
            let whole = result.of_loop && result.item.is_none();
            let full = self.options.manner == Manner::Reference;
            match !full && is_calm(result, self.options.verbosity) {
                true if whole => self.failures.waiting.clear(),
                true => self.explain_calmly(result),
                false => self.explain_fully(result, whole),
            }
        }
        self.keep_failure(result);
    }

    fn explain_fully(&mut self, result: &Result, whole: bool) {
        if !self.tell_errors() && !whole && self.errors.is_empty() {
            self.place_of_failure(result);
        }
    }

    /// Shows where the task stands that failed.
    fn place_of_failure(&mut self, result: &Result) {
        let judged = result.outcome.data.get("failed_when_result");
        let text = match self.options.manner {
            // What the task printed is for whoever looks at its result.
            Manner::Reference if judged.is_some_and(Value::is_true) => {
                "Task failed: Action failed: A 'failed_when' expression evaluated to 'True'."
                    .to_owned()
            }
            _ => format!("task failed on {}: {}", result.host, cause(result)),
        };
        let text = text.trim_end_matches(": ");
        let aside = result.outcome.aside.as_deref().cloned().unwrap_or_default();
        let Some(error) = aside.error else {
            if let Some(place) = &result.task.place {
                let place = match result.task.no_log {
                    // The task's own words may hold what is hidden.
                    true => place.without_text(),
                    false => place.clone(),
                };
                let error = Error::input(text).at(place).hint_if(aside.hint);
                self.task_error(&error);
            }
            return;
        };
        // The user's file that is wrong comes first; the task leads to it.
        let root = error.root();
        let hint = root.hint_text().or(aside.hint.as_deref());
        let told = Error::input(text)
            .at(error.deepest_place().cloned())
            .hint_if(hint.map(str::to_owned));
        self.task_error(&told);
        if let Some(place) = &result.task.place {
            self.line(QUIET, &format!("needed by the task at {place}"));
        }
    }

    /// A failure that is ignored, or that a rescue takes care of: one line.
    fn explain_calmly(&mut self, result: &Result) {
        let waiting = std::mem::take(&mut self.failures.waiting);
        let why = waiting
            .first()
            .map(|error| unwrapped(error.root().message()).to_owned());
        let aside = result.outcome.aside.as_deref();
        let told = waiting
            .first()
            .or_else(|| aside.and_then(|aside| aside.error.as_ref()));
        let hint = told.and_then(|error| error.root().hint_text());
        let hint = hint.or_else(|| aside.and_then(|aside| aside.hint.as_deref()));
        let why = why.unwrap_or_else(|| cause(result));
        let why = why.trim_end_matches('.');
        let what = match result.status {
            Status::Ignored => "ignored",
            _ => "the rescue follows",
        };
        let place = match (told.and_then(Error::deepest_place), &result.task.place) {
            // What is wrong stands elsewhere: in a template, or where a variable is defined.
            (Some(at), Some(task)) if is_far(at, task) => {
                format!(" ({at}, needed by the task at {task})")
            }
            (_, Some(task)) => format!(" ({task})"),
            (_, None) => String::new(),
        };
        let hint = hint.map(|hint| format!("; {hint}")).unwrap_or_default();
        let host = host_text(result);
        self.line(
            SKIPPED,
            &format!("note: failed on {host}, {what}: {why}{place}{hint}"),
        );
    }

    /// Tells the errors that wait; says whether there were any.
    pub(super) fn tell_errors(&mut self) -> bool {
        let waiting = std::mem::take(&mut self.failures.waiting);
        for error in &waiting {
            match self.options.manner {
                Manner::Own => self.cause_first(error),
                Manner::Reference => self.task_error(error),
            }
        }
        !waiting.is_empty()
    }

    /// An error without the words that say only that a task's arguments were looked at, and where those stand.
    fn cause_first(&mut self, error: &Error) {
        let mut shown = error.clone();
        while let Some(cause) = shown.cause()
            && unwrapped(&format!("{}: {}", shown.message(), cause.message()))
                == unwrapped(cause.message())
        {
            let hint = shown.hint_text().filter(|_| cause.hint_text().is_none());
            let hint = hint.map(str::to_owned);
            shown = cause.clone().at(shown.place().cloned()).hint_if(hint);
        }
        self.task_error(&shown);
        if let (Some(task), Some(at)) = (error.place(), shown.place())
            && is_far(task, at)
        {
            self.line(QUIET, &format!("needed by {task}"));
        }
    }

    /// An error waits for the result that says whether the failure counts.
    pub(super) fn hold_error(&mut self, error: &Error) {
        self.failures.waiting.push(error.clone());
    }

    /// Another task begins.
    pub(super) fn forget_shown(&mut self) {
        self.tell_errors();
        self.failures.shown.clear();
        self.failures.of_items.clear();
    }

    /// The host on which the same was shown in full; nothing where this failure is the first of its kind.
    pub(super) fn same_as(&mut self, result: &Result) -> Option<Arc<str>> {
        let plain =
            result.item.is_none() && self.options.verbosity == 0 && self.failures.hosts >= MANY;
        if !plain || self.options.manner == Manner::Reference {
            return None;
        }
        let outcome = &result.outcome;
        let output = ["msg", "stdout", "stderr"]
            .map(|name| outcome.data.get(name).map(|text| text.to_text()));
        let look = format!("{} {output:?}", cause(result));
        let look = alike(&look, &result.host);
        if let Some(host) = self.failures.shown.get(&look) {
            return Some(Arc::clone(host));
        }
        self.failures.shown.insert(look, Arc::clone(&result.host));
        None
    }

    fn keep_failure(&mut self, result: &Result) {
        let lost = result.status == Status::Unreachable;
        let counts = lost || (result.status == Status::Failed && !result.task.rescued);
        if !counts {
            return;
        }
        if result.item.is_some() {
            let of_items = &mut self.failures.of_items;
            of_items
                .entry(Arc::clone(&result.host))
                .or_insert_with(|| cause(result));
            return;
        }
        let of_items = self.failures.of_items.remove(&result.host);
        self.failures.all.push(Failure {
            task: Arc::clone(&result.task),
            host: Arc::clone(&result.host),
            cause: of_items.unwrap_or_else(|| cause(result)),
            lost,
        });
    }

    /// After the recap of many hosts: every failure once more, equal ones together, and the hosts that were
    /// never reached.
    pub(super) fn tell_failures(&mut self, recap: &Recap) {
        let all = std::mem::take(&mut self.failures.all);
        let few = recap.hosts.len() < MANY || all.is_empty();
        if few || self.options.manner == Manner::Reference {
            return;
        }
        for lines in groups(&all) {
            let (head, rest) = lines;
            self.line(FAILED, &head);
            for line in rest {
                self.line(super::Style::new(), &line);
            }
        }
        self.line(super::Style::new(), "");
    }
}

/// The failures as text: a line that says what, and one a task that says where and on which hosts.
fn groups(all: &[Failure]) -> Vec<(String, Vec<String>)> {
    let mut found: Vec<(String, Vec<&Failure>)> = Vec::new();
    for failure in all {
        let look = format!("{} {}", failure.lost, failure.look());
        match found.iter_mut().find(|(known, _)| *known == look) {
            Some((_, group)) => group.push(failure),
            None => found.push((look, vec![failure])),
        }
    }
    found.sort_by_key(|(_, group)| (group[0].lost, std::cmp::Reverse(group.len())));
    found.iter().map(|(_, group)| group_text(group)).collect()
}

fn group_text(group: &[&Failure]) -> (String, Vec<String>) {
    let count = match group.len() {
        1 => "1 host".to_owned(),
        many => format!("{many} hosts"),
    };
    let reached = if group[0].lost { " not reached" } else { "" };
    // Words that are of one host alone are not true of the others.
    let is_same = group.iter().all(|other| other.cause == group[0].cause);
    let cause = match is_same {
        true => group[0].cause.clone(),
        false => group[0].look(),
    };
    let head = format!("{count}{reached}: {cause}");
    let mut lines: Vec<(String, Vec<&str>)> = Vec::new();
    for failure in group {
        let place = failure.task.place.as_ref();
        let place = place.map(|place| format!(" ({place})")).unwrap_or_default();
        let task = format!("{}{place}", failure.task.name);
        match lines.iter_mut().find(|(known, _)| *known == task) {
            Some((_, hosts)) => hosts.push(&failure.host),
            None => lines.push((task, vec![&failure.host])),
        }
    }
    let lines = lines.into_iter();
    let lines = lines.map(|(task, hosts)| format!("    {task}: {}", hosts.join(", ")));
    (head, lines.collect())
}
