//! `community.general.unixy`: a log as of a system that starts.

use anstyle::Style;

use super::result::{is_debug, is_failed, is_unreachable, text, whole};
use crate::report::diff;
use crate::report::event::{Counts, Event, Recap, Result, Status, TaskInfo};
use crate::report::printed::Teller;
use crate::report::screen::{
    CHANGED, FAILED, OK, QUIET, SKIPPED, ScreenOptions, UNREACHABLE, recap_line, styled,
};
use crate::value::{Value, to_json, to_json_nice};

/// Tells tasks in short lines.
pub struct Unixy {
    options: ScreenOptions,
}

impl Unixy {
    /// One that shows what it shows as `options` say.
    pub fn new(options: ScreenOptions) -> Self {
        Unixy { options }
    }

    fn line(&self, style: Style, text: &str, out: &mut Vec<u8>) {
        styled(self.options.colour, style, text, out);
    }

    fn task(&self, task: &TaskInfo, out: &mut Vec<u8>) {
        let name = task.name.trim().split(" : ").last().unwrap_or_default();
        if !name.starts_with("include") {
            let end = if task.handler {
                " (via handler)... "
            } else {
                "..."
            };
            self.line(Style::new(), &format!("{name}{end}"), out);
        }
    }

    fn result(&self, result: &Result, out: &mut Vec<u8>) {
        if self.options.diff && result.outcome.changed {
            for text in result.outcome.diff.iter().filter_map(diff::render) {
                if !result.of_loop {
                    self.line(Style::new(), &text, out);
                }
            }
        }
        let item = result.item.as_ref().map(|item| item.label.clone());
        let item = item.or_else(|| {
            result
                .task
                .no_log
                .then(|| "(censored due to no_log)".to_owned())
        });
        let named = |word: &str| match &item {
            Some(item) => format!("{word} | item: {item}"),
            None => word.to_owned(),
        };
        let (style, word) = match result.status {
            Status::Skipped if !self.options.skipped => return,
            Status::Skipped => (SKIPPED, "skipped".to_owned()),
            _ if is_unreachable(result) => (UNREACHABLE, "unreachable".to_owned()),
            _ if is_failed(result) => (FAILED, named("failed")),
            _ if result.outcome.changed => (CHANGED, named("done")),
            _ if !self.options.ok => return,
            _ => (OK, "ok".to_owned()),
        };
        self.line(style, &format!("  {}", self.output(result, &word)), out);
    }

    fn output(&self, result: &Result, word: &str) -> String {
        let map = whole(result);
        let host = &result.host;
        let shown = result.outcome.shown || is_debug(result) && is_failed(result);
        if (self.options.verbosity > 0 || shown) && !result.task.no_log {
            let dump = to_json_nice(&Value::map(map), 4, true);
            return format!("{host} {word}: {dump}");
        }
        let mut line = match &result.delegated {
            Some(other) => format!("{host} -> {other} {word}"),
            None => format!("{host} {word}"),
        };
        let message = map.get("msg").map(Value::to_text).unwrap_or_default();
        if !message.is_empty() && message != "All items completed" {
            line.push_str(&format!(" | msg: {message}"));
        }
        for key in ["stdout", "stderr"] {
            let output = text(&map, key);
            if !output.is_empty() {
                line.push_str(&format!(" | {key}: {output}"));
            }
        }
        line
    }

    fn recap(&self, recap: &Recap, out: &mut Vec<u8>) {
        self.line(Style::new(), "\n- Play recap -", out);
        for (host, counts) in &recap.hosts {
            let line = recap_line(self.options.colour, host, counts);
            let line = without_skipped(&line, counts);
            self.line(Style::new(), &format!("  {line}"), out);
        }
        if self.options.stats && !recap.stats.is_empty() {
            super::banner("CUSTOM STATS: ", self.options.width, out);
            for (host, figures) in &recap.stats {
                let name = match host.as_str() {
                    Some("_run") => "RUN".to_owned(),
                    _ => host.to_text(),
                };
                self.line(
                    Style::new(),
                    &format!("\t{name}: {}", to_json(figures)),
                    out,
                );
            }
            self.line(Style::new(), "", out);
        }
    }
}

/// The recap's line without the tasks that were skipped.
fn without_skipped(line: &str, counts: &Counts) -> String {
    let part = format!("skipped={:<4}", counts.skipped);
    let plain = line.replacen(&format!("{part} "), "", 1);
    match plain == line {
        true => line.replacen(&format!("{SKIPPED}{part}{SKIPPED:#} "), "", 1),
        false => plain,
    }
}

impl Teller for Unixy {
    fn tell(&mut self, event: &Event, out: &mut Vec<u8>) {
        match event {
            Event::PlaybookStarted { path } => {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                self.line(Style::new(), &format!("Executing playbook {name}"), out);
            }
            Event::PlayStarted(play) => {
                let pattern = match play.pattern.as_str() {
                    "" => &play.name,
                    pattern => pattern,
                };
                let text = format!("\n- {} on hosts: {pattern} -", play.name.trim());
                self.line(Style::new(), &text, out);
            }
            Event::NoHostsMatched => self.line(QUIET, "  No hosts found!", out),
            Event::TooManyFailed => self.line(FAILED, "  Ran out of hosts!", out),
            Event::TaskStarted(task) => self.task(task, out),
            Event::ItemDone(result) | Event::TaskDone(result) => self.result(result, out),
            Event::Included(included) => {
                if included.item.is_none() {
                    for host in &included.hosts {
                        self.line(OK, &format!("  {host} ok"), out);
                    }
                }
                let item = included
                    .item
                    .as_ref()
                    .map(|item| format!(" => (item={item})"));
                let hosts = included.hosts.join(", ");
                let text = format!(
                    "included: {} for {hosts}{}",
                    included.path,
                    item.unwrap_or_default()
                );
                self.line(SKIPPED, &text, out);
            }
            Event::Retrying { result, left } => {
                let attempts = result.outcome.data.get("attempts").map(Value::to_text);
                let attempt: u32 = attempts.and_then(|text| text.parse().ok()).unwrap_or(0);
                let text = format!("  Retrying... ({} of {})", attempt + 1, attempt + left + 1);
                self.line(QUIET, &text, out);
            }
            Event::TaskError(error) => {
                self.line(
                    Style::new(),
                    &error.report(self.options.manner, self.options.colour),
                    out,
                );
            }
            Event::Note { level, text } if *level <= self.options.verbosity => {
                self.line(QUIET, text, out);
            }
            Event::PlaybookDone(recap) | Event::Finished(recap) => self.recap(recap, out),
            _ => (),
        }
    }
}
