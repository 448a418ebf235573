//! `minimal` and `oneline`.

use anstyle::Style;

use super::result::{
    is_command, is_debug, is_failed, is_unreachable, of_debug, shows_always, text, whole,
};
use crate::error::printable;
use crate::report::diff;
use crate::report::event::{Event, Result, Status};
use crate::report::printed::Teller;
use crate::report::screen::{
    CHANGED, FAILED, OK, SKIPPED, ScreenOptions, UNREACHABLE, dumped, styled,
};
use crate::value::{Map, Value, to_json_nice};

/// One line, or one block, a result; no titles.
pub struct Minimal {
    options: ScreenOptions,
    one_line: bool,
    brief: bool,
}

impl Minimal {
    /// `oneline` where `one_line` says so.
    pub fn new(options: ScreenOptions, one_line: bool) -> Self {
        Minimal {
            options,
            one_line,
            brief: false,
        }
    }

    /// The same with one line for a failure too, of which the reference's `oneline` says all twice.
    pub fn brief(mut self) -> Self {
        self.brief = true;
        self
    }

    /// A line in one colour. Nothing in it moves the cursor.
    fn line(&self, style: Style, text: &str, out: &mut Vec<u8>) {
        styled(self.options.colour, style, &printable(text), out);
    }

    fn result(&self, result: &Result, out: &mut Vec<u8>) {
        let host = &result.host;
        if self.options.diff && !self.one_line && !result.of_loop {
            for text in result.outcome.diff.iter().filter_map(diff::render) {
                self.line(Style::new(), &text, out);
            }
        }
        if result.status == Status::Skipped {
            return self.line(SKIPPED, &format!("{host} | SKIPPED"), out);
        }
        let map = whole(result);
        if is_unreachable(result) {
            let text = match self.one_line {
                true => format!("{host} | UNREACHABLE!: {}", text(&map, "msg")),
                false => format!("{host} | UNREACHABLE! => {}", self.dump(&map, false)),
            };
            return self.line(UNREACHABLE, &text, out);
        }
        if is_failed(result) {
            return self.failed(result, &map, out);
        }
        let (style, word) = match result.outcome.changed {
            true => (CHANGED, "CHANGED"),
            false => (OK, "SUCCESS"),
        };
        let text = match is_command(result) && !map.contains("ansible_job_id") {
            true => self.command(host, word, &map),
            false if is_debug(result) && !self.one_line => {
                format!("{host} | {word} => {}", self.dump(&of_debug(map), true))
            }
            false => format!(
                "{host} | {word} => {}",
                self.dump(&map, shows_always(result))
            ),
        };
        self.line(style, &text, out);
    }

    fn failed(&self, result: &Result, map: &Map, out: &mut Vec<u8>) {
        let host = &result.host;
        let command = is_command(result) && !map.contains("module_stderr");
        // The reference says of a failing command both on one line.
        if command && (!self.one_line || !result.of_loop) {
            self.line(FAILED, &self.command(host, "FAILED", map), out);
        }
        if self.brief && command {
            return;
        }
        if !command && self.one_line && !result.of_loop && !self.brief {
            let text = "An exception occurred during task execution. To see the full traceback, use \
                        -vvv. The error was: (traceback unavailable)";
            self.line(FAILED, text, out);
        }
        if !command || self.one_line {
            let text = format!(
                "{host} | FAILED! => {}",
                self.dump(map, shows_always(result))
            );
            self.line(FAILED, &text, out);
        }
    }

    fn command(&self, host: &str, word: &str, map: &Map) -> String {
        let code = map
            .get("rc")
            .map_or_else(|| "-1".to_owned(), Value::to_text);
        let part = |key: &str| text(map, key);
        if !self.one_line {
            let (out, err, msg) = (part("stdout"), part("stderr"), part("msg"));
            return format!("{host} | {word} | rc={code} >>\n{out}{err}{msg}");
        }
        let escaped = |key: &str| part(key).replace('\n', "\\n").replace('\r', "\\r");
        let errors = match part("stderr") {
            "" => String::new(),
            _ => format!(" (stderr) {}", escaped("stderr")),
        };
        format!(
            "{host} | {word} | rc={code} | (stdout) {}{errors}",
            escaped("stdout")
        )
    }

    /// An include that began well.
    fn included(&self, host: &str, out: &mut Vec<u8>) {
        let map = crate::entries! { "changed" => false };
        let text = format!("{host} | SUCCESS => {}", self.dump(&map, false));
        self.line(OK, &text, out);
    }

    /// The result as JSON; `oneline` takes the ends of the lines out, and indents what is shown without `-v` alone.
    fn dump(&self, map: &Map, always: bool) -> String {
        let value = Value::map(map.clone());
        match self.one_line {
            false => dumped(&value, &self.options, Some(4), false),
            true => {
                let indent = if always { 4 } else { 0 };
                to_json_nice(&value, indent, true).replace('\n', "")
            }
        }
    }
}

impl Teller for Minimal {
    fn tell(&mut self, event: &Event, out: &mut Vec<u8>) {
        match event {
            Event::TaskDone(result) => self.result(result, out),
            Event::Included(included) if included.item.is_none() => {
                let hosts = included.hosts.iter();
                hosts.for_each(|host| self.included(host, out));
            }
            Event::IncludeFailed { host } => self.included(host, out),
            Event::TaskError(error) if !self.one_line => {
                // It may have colours; its excerpts show control characters as pictures.
                let text = error.report(self.options.manner, self.options.colour);
                styled(self.options.colour, Style::new(), &text, out);
            }
            Event::Note { level, text } if *level <= self.options.verbosity => {
                self.line(Style::new(), text, out);
            }
            _ => (),
        }
    }
}
