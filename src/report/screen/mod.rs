//! The screen, as an Ansible user knows it (the reference's `plugins/callback/default.py`).

mod dumped;
mod failures;
mod options;
mod recap;
#[cfg(test)]
mod tests;
mod text;

use std::collections::HashSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anstyle::{AnsiColor, Style};

use super::diff;
use super::event::{Event, Included, Listener, PlayInfo, Recap, Result, Status, TaskInfo};
use super::printed::Teller;
use crate::error::{Error, Manner, printable};
use crate::value::{Map, Value, to_json, to_json_nice};
pub(super) use dumped::dumped;
use failures::{Failures, is_calm};
pub use options::{Format, ScreenOptions};
pub(super) use recap::recap_line;
pub use text::{deprecation, interrupted_lines};
use text::{dump, failure, output_below};
pub(super) use text::{host_text, shown, time_text};

/// A path from the root, as far as that can be told.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// The screen.
pub struct Screen<W: Write + Send> {
    out: W,
    options: ScreenOptions,
    banner: Option<Arc<TaskInfo>>,
    /// The task that has begun and has no banner yet.
    begun: Option<Arc<TaskInfo>>,
    errors: HashSet<String>,
    failures: Failures,
    /// Whether the run is in check mode.
    check: bool,
    /// The deprecations that were shown: each is shown once.
    deprecated: HashSet<String>,
}

pub(super) const OK: Style = AnsiColor::Green.on_default();
pub(super) const CHANGED: Style = AnsiColor::Yellow.on_default();
pub(super) const FAILED: Style = AnsiColor::Red.on_default();
pub(super) const UNREACHABLE: Style = AnsiColor::BrightRed.on_default();
pub(super) const SKIPPED: Style = AnsiColor::Cyan.on_default();
pub(super) const WARNING: Style = AnsiColor::BrightMagenta.on_default();
pub(super) const QUIET: Style = AnsiColor::BrightBlack.on_default();

impl<W: Write + Send> Screen<W> {
    /// A screen that writes to `out`.
    pub fn new(out: W, options: ScreenOptions) -> Self {
        Screen {
            out,
            options,
            banner: None,
            begun: None,
            errors: HashSet::new(),
            failures: Failures::default(),
            check: false,
            deprecated: HashSet::new(),
        }
    }

    /// A line of text in one colour. Nothing in it moves the cursor.
    fn line(&mut self, style: Style, text: &str) {
        self.painted(style, &printable(text));
    }

    /// A line that may have colours in it: whatever strangers said in it is clean already.
    fn painted(&mut self, style: Style, text: &str) {
        let mut line = Vec::with_capacity(text.len() + 16);
        styled(self.options.colour, style, text, &mut line);
        // A screen that is gone must not stop the run.
        let _ = self.out.write_all(&line);
    }

    fn banner(&mut self, text: &str) {
        let text = text.trim();
        let stars = self
            .options
            .columns()
            .saturating_sub(text.chars().count())
            .max(3);
        self.line(Style::new(), "");
        self.line(Style::new(), &format!("{text} {}", "*".repeat(stars)));
    }

    /// Whether nothing is shown but what the reference shows: programs read it.
    fn is_reference(&self) -> bool {
        self.options.manner == Manner::Reference
    }

    fn playbook(&mut self, path: &Path) {
        if self.options.verbosity >= 2 {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            self.banner(&format!("PLAYBOOK: {name}"));
        }
        if self.is_reference() {
            self.dry_run();
        }
    }

    fn dry_run(&mut self) {
        if self.check && self.options.check_marks {
            self.banner("DRY RUN");
        }
    }

    fn play(&mut self, play: &PlayInfo) {
        self.banner = None;
        self.forget_shown();
        self.failures.hosts = play.hosts.len();
        let mark = self.check_mark(play.check);
        match play.name.is_empty() {
            true => self.banner(&format!("PLAY{mark}")),
            false => self.banner(&format!("PLAY [{}]{mark}", play.name)),
        }
    }

    /// What a title says of check mode, where the configuration wants that.
    fn check_mark(&self, check: bool) -> &'static str {
        match check && self.options.check_marks {
            true => " [CHECK MODE]",
            false => "",
        }
    }

    fn task(&mut self, task: &Arc<TaskInfo>) {
        let kind = if task.handler {
            "RUNNING HANDLER"
        } else {
            "TASK"
        };
        self.forget_shown();
        let mark = self.check_mark(task.check);
        let arguments = task.arguments.as_ref().filter(|_| self.options.arguments);
        let arguments = arguments.map(|arguments| format!(" {arguments}"));
        let arguments = arguments.unwrap_or_default();
        self.banner(&format!("{kind} [{}{arguments}]{mark}", task.name.trim()));
        if self.options.verbosity >= 2
            && let Some(place) = &task.place
        {
            self.line(
                QUIET,
                &format!(
                    "task path: {}:{}",
                    absolute(place.path()).display(),
                    place.line
                ),
            );
        }
        self.banner = Some(Arc::clone(task));
        self.errors.clear();
        self.failures.hinted = false;
    }

    /// Hosts that walk freely get their banner with the result.
    fn task_of(&mut self, result: &Result) {
        if self
            .banner
            .as_ref()
            .is_some_and(|shown| is_same(shown, &result.task))
        {
            return;
        }
        let begun = self
            .begun
            .take()
            .filter(|begun| is_same(begun, &result.task));
        self.task(&begun.unwrap_or_else(|| Arc::clone(&result.task)));
    }

    fn result(&mut self, result: &Result) {
        let shown = match result.status {
            Status::Skipped => self.options.skipped,
            Status::Ok => self.options.ok || !result.outcome.diff.is_empty(),
            _ => true,
        };
        if shown {
            self.task_of(result);
            self.diffs(result);
            self.explain(result);
            self.result_line(result);
            self.below(result);
        }
        if self.options.warnings {
            for warning in &result.outcome.warnings {
                self.line(WARNING, &format!("[WARNING]: {warning}"));
            }
            self.deprecations(result);
        }
        if result.status == Status::Ignored && result.item.is_none() {
            self.line(SKIPPED, "...ignoring");
        }
    }

    fn deprecations(&mut self, result: &Result) {
        let Some(Value::List(all)) = result.outcome.data.get("deprecations") else {
            return;
        };
        if !self.options.deprecations {
            return;
        }
        for one in all.iter() {
            let text = deprecation(one);
            if self.deprecated.insert(text.clone()) {
                self.line(WARNING, &format!("[DEPRECATION WARNING]: {text}"));
            }
        }
    }

    fn result_line(&mut self, result: &Result) {
        let host = host_text(result);
        let dump = || dump(result, &self.options);
        let failure = || failure(result, &self.options);
        let (style, line) = match (result.status, &result.item) {
            (Status::Skipped, _) if result.of_loop => {
                (SKIPPED, format!("skipping: [{host}]{}", dump()))
            }
            // The reference says of a loop over `debug` that failed so once more, of no other.
            (Status::Failed | Status::Ignored, None)
                if result.of_loop && !result.outcome.unreachable && !result.task.always_verbose =>
            {
                return;
            }
            (Status::Ok | Status::Changed, None) if result.of_loop => return,
            (Status::Ok, None) => (OK, format!("ok: [{host}]{}", dump())),
            (Status::Changed, None) => (CHANGED, format!("changed: [{host}]{}", dump())),
            (Status::Skipped, None) => (SKIPPED, format!("skipping: [{host}]{}", dump())),
            (Status::Failed | Status::Ignored, None) if result.outcome.unreachable => (
                UNREACHABLE,
                format!("fatal: [{host}]: UNREACHABLE! =>{}", failure()),
            ),
            (Status::Failed | Status::Ignored, None) => {
                (FAILED, format!("fatal: [{host}]: FAILED! =>{}", failure()))
            }
            (Status::Unreachable, _) => (
                UNREACHABLE,
                format!("fatal: [{host}]: UNREACHABLE! =>{}", failure()),
            ),
            (Status::Ok, Some(item)) => (
                OK,
                format!("ok: [{host}] => (item={}){}", item.label, dump()),
            ),
            (Status::Changed, Some(item)) => (
                CHANGED,
                format!("changed: [{host}] => (item={}){}", item.label, dump()),
            ),
            (Status::Skipped, Some(item)) => (
                SKIPPED,
                format!("skipping: [{host}] => (item={}) {}", item.label, dump()),
            ),
            (Status::Failed | Status::Ignored, Some(item)) => (
                FAILED,
                format!("failed: [{host}] (item={}) =>{}", item.label, failure()),
            ),
        };
        let line = match style == FAILED || style == UNREACHABLE {
            true => match self.same_as(result) {
                Some(host) => {
                    let (head, _) = line.split_once(" =>").unwrap_or((&line, ""));
                    format!("{head} => the same as on {host}")
                }
                None => line,
            },
            false => line,
        };
        let line = self.with_duration(line, result);
        let style = match is_calm(result, self.options.verbosity) {
            true => SKIPPED,
            false => style,
        };
        self.line(style, &line);
    }

    /// What a person reads of a failure that is one long line in JSON.
    fn below(&mut self, result: &Result) {
        if self.is_reference() {
            return;
        }
        let failed = matches!(result.status, Status::Failed | Status::Ignored);
        let whole = result.of_loop && result.item.is_none();
        if result.status == Status::Unreachable
            && let Some(hint) = result
                .outcome
                .aside
                .as_ref()
                .and_then(|aside| aside.hint.clone())
            && !std::mem::replace(&mut self.failures.hinted, true)
        {
            self.line(QUIET, &format!("hint: {hint}"));
        }
        if !failed || whole || is_calm(result, self.options.verbosity) {
            return;
        }
        if self.options.format == Format::Json && self.options.pretty != Some(true) {
            for line in output_below(result, self.options.verbosity) {
                self.line(FAILED, &line);
            }
        }
        let aside = result
            .outcome
            .aside
            .as_ref()
            .filter(|_| !result.task.no_log);
        for line in aside.map(|aside| aside.below.clone()).unwrap_or_default() {
            self.line(QUIET, &format!("    {line}"));
        }
    }

    fn with_duration(&self, line: String, result: &Result) -> String {
        if self.options.durations && result.duration.as_secs() >= 1 && !line.contains('\n') {
            return format!("{line} ({})", time_text(result.duration));
        }
        line
    }

    fn diffs(&mut self, result: &Result) {
        if !(self.options.diff || result.task.diff) || result.of_loop {
            return;
        }
        for text in result.outcome.diff.iter().filter_map(diff::render) {
            for line in text.lines() {
                let style = match line.as_bytes().first() {
                    Some(b'+') => OK,
                    Some(b'-') => FAILED,
                    Some(b'@') => SKIPPED,
                    _ => Style::new(),
                };
                self.line(style, line);
            }
            self.line(Style::new(), "");
        }
    }

    fn retrying(&mut self, result: &Result, left: u32) {
        let text = format!(
            "FAILED - RETRYING: [{}]: {} ({left} retries left).",
            result.host, result.task.name
        );
        let more = match self.options.verbosity {
            0..=1 if !result.task.always_verbose => String::new(),
            _ => format!("Result was: {}", to_json(&shown(result))),
        };
        self.line(QUIET, &format!("{text}{more}"));
    }

    fn included(&mut self, included: &Included) {
        let hosts: Vec<&str> = included.hosts.iter().map(|host| &**host).collect();
        let item = included
            .item
            .as_ref()
            .map(|item| format!(" => (item={item})"));
        let item = item.unwrap_or_default();
        self.line(
            SKIPPED,
            &format!("included: {} for {}{item}", included.path, hosts.join(", ")),
        );
    }

    fn recap(&mut self, recap: &Recap) {
        self.forget_shown();
        self.banner("PLAY RECAP");
        for (host, counts) in &recap.hosts {
            let line = recap_line(self.options.colour, host, counts);
            self.painted(Style::new(), &line);
        }
        if self.options.durations {
            let text = format!("took {}", time_text(recap.duration));
            self.line(QUIET, &text);
        }
        self.line(Style::new(), "");
        if self.options.stats && !recap.stats.is_empty() {
            self.stats(&recap.stats);
        }
        self.dry_run();
        self.tell_failures(recap);
        if recap.interrupted {
            self.interrupted(recap);
        }
    }

    fn interrupted(&mut self, recap: &Recap) {
        for line in interrupted_lines(recap) {
            self.line(FAILED, &line);
        }
    }

    fn stats(&mut self, stats: &Map) {
        self.banner("CUSTOM STATS: ");
        let (all, hosts): (Vec<_>, Vec<_>) = stats
            .iter()
            .partition(|(host, _)| host.as_str() == Some("_run"));
        for (host, data) in hosts {
            let name = host.to_text();
            self.line(Style::new(), &format!("\t{name}: {}", indented(data)));
        }
        for (_, data) in all {
            self.line(Style::new(), "");
            self.line(Style::new(), &format!("\tRUN: {}", indented(data)));
        }
        self.line(Style::new(), "");
    }

    /// Shows an error's excerpt, once for all hosts of the task.
    fn task_error(&mut self, error: &Error) {
        let report = error.report(self.options.manner, self.options.colour);
        if self.errors.insert(report.clone()) {
            // The excerpts show control characters as pictures.
            self.painted(Style::new(), &report);
        }
    }
}

/// Writes a line, coloured where that is wanted.
pub(super) fn styled(colour: bool, style: Style, text: &str, out: &mut Vec<u8>) {
    match colour {
        true => out.extend_from_slice(format!("{style}{text}{style:#}\n").as_bytes()),
        false => out.extend_from_slice(format!("{text}\n").as_bytes()),
    }
}

impl Screen<Vec<u8>> {
    /// What was written since the last call.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }
}

impl Teller for Screen<Vec<u8>> {
    fn tell(&mut self, event: &Event, out: &mut Vec<u8>) {
        self.on(event);
        out.append(&mut self.out);
    }
}

/// Whether two descriptions are of one task, whose name may differ from host to host.
fn is_same(one: &TaskInfo, other: &TaskInfo) -> bool {
    match (&one.place, &other.place) {
        (Some(one), Some(other)) => one == other,
        _ => one.name == other.name,
    }
}

impl<W: Write + Send> Listener for Screen<W> {
    fn on(&mut self, event: &Event) {
        match event {
            Event::RunStarted(info) => {
                self.check = info.check;
                if !self.is_reference() {
                    self.dry_run();
                }
            }
            Event::PlaybookStarted { path } => self.playbook(path),
            Event::PlayStarted(play) => {
                self.check |= play.check && !self.is_reference();
                self.play(play);
            }
            Event::NoHostsMatched => self.line(SKIPPED, "skipping: no hosts matched"),
            Event::TooManyFailed => {
                self.banner("NO MORE HOSTS LEFT");
                // The reference says it when too many have failed, and again because none is left then.
                if self.is_reference() {
                    self.banner("NO MORE HOSTS LEFT");
                }
            }
            // Where not every result is shown, a task that shows none has no banner either.
            Event::TaskStarted(task) if !(self.options.ok && self.options.skipped) => {
                self.forget_shown();
                self.banner = None;
                self.begun = Some(Arc::clone(task));
            }
            Event::TaskStarted(task) => self.task(task),
            Event::ItemDone(result) | Event::TaskDone(result) => self.result(result),
            Event::Retrying { result, left } => self.retrying(result, *left),
            Event::Included(included) => self.included(included),
            Event::TaskError(error) => self.hold_error(error),
            // The reference says that something is run, and not what is sent for it.
            Event::Sent { .. } if self.is_reference() => (),
            Event::Sent { host, text } if self.options.verbosity >= 4 => {
                self.line(
                    QUIET,
                    &format!("<{host}> {}", text.trim_end().replace('\n', "\n    ")),
                );
            }
            Event::Note { level, text } if *level <= self.options.verbosity => {
                self.line(QUIET, text);
            }
            Event::Notified { handler, host } if self.options.verbosity >= 2 => {
                self.line(QUIET, &format!("NOTIFIED HANDLER {handler} for {host}"));
            }
            // The reference has a recap for each playbook.
            Event::PlaybookDone(recap) if self.is_reference() => {
                self.recap(recap);
            }
            Event::Finished(recap) => self.recap(recap),
            _ => (),
        }
        let _ = self.out.flush();
    }
}

/// A value as the reference shows figures: as if indented by a blank, with the line ends gone.
fn indented(value: &Value) -> String {
    let dumped = to_json_nice(value, 1, true);
    dumped.replace('\n', "")
}
