//! The text of a scalar, broken into lines and escaped.

use super::Emitter;
use crate::yaml::style::{is_break, is_printable};

impl Emitter {
    pub(super) fn write_plain(&mut self, text: &str, may_break: bool) {
        if !self.whitespace && (!text.is_empty() || self.flow_level > 0) {
            self.put(' ');
        }
        self.write_words(text, may_break, false);
        self.whitespace = false;
        self.indention = false;
    }

    pub(super) fn write_single_quoted(&mut self, text: &str, may_break: bool) {
        self.write_indicator("'", true, false, false);
        if self.write_words(text, may_break, true) {
            self.write_indent();
        }
        self.write_indicator("'", false, false, false);
    }

    /// Writes the inside of plain or single-quoted text, and says whether it ended in a break.
    fn write_words(&mut self, text: &str, may_break: bool, quoted: bool) -> bool {
        let (mut first, mut spaces, mut breaks) = (true, false, false);
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let after = chars.peek().copied();
            if c == ' ' {
                let at_end = quoted && (first || after.is_none());
                let is_wide = self.column > self.best_width && !at_end && after != Some(' ');
                if may_break && !spaces && is_wide {
                    self.write_indent();
                } else {
                    self.put(c);
                }
                spaces = true;
            } else if is_break(c) {
                if !breaks && c == '\n' {
                    self.put_break();
                }
                self.write_break(c);
                self.indention = true;
                breaks = true;
            } else {
                if breaks {
                    self.write_indent();
                }
                if quoted && c == '\'' {
                    self.put('\'');
                }
                self.put(c);
                self.indention = false;
                spaces = false;
                breaks = false;
            }
            first = false;
        }
        breaks
    }

    pub(super) fn write_double_quoted(&mut self, text: &str, may_break: bool) {
        self.write_indicator("\"", true, false, false);
        let (mut first, mut spaces) = (true, false);
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let after = chars.peek().copied();
            let is_plain = is_printable(c) && (self.unicode || c.is_ascii());
            if !is_plain || is_break(c) || matches!(c, '"' | '\\') {
                self.write_escape(c);
                spaces = false;
            } else if c == ' ' {
                let is_wide = self.column > self.best_width && !first && after.is_some();
                if may_break && !spaces && is_wide {
                    self.write_indent();
                    if after == Some(' ') {
                        self.put('\\');
                    }
                } else {
                    self.put(c);
                }
                spaces = true;
            } else {
                self.put(c);
                spaces = false;
            }
            first = false;
        }
        self.write_indicator("\"", false, false, false);
    }

    fn write_escape(&mut self, c: char) {
        let escape = match c {
            '\0' => "\\0",
            '\u{7}' => "\\a",
            '\u{8}' => "\\b",
            '\t' => "\\t",
            '\n' => "\\n",
            '\u{b}' => "\\v",
            '\u{c}' => "\\f",
            '\r' => "\\r",
            '\u{1b}' => "\\e",
            '"' => "\\\"",
            '\\' => "\\\\",
            '\u{85}' => "\\N",
            '\u{a0}' => "\\_",
            '\u{2028}' => "\\L",
            '\u{2029}' => "\\P",
            _ => return self.write_code(c as u32),
        };
        self.out.push_str(escape);
        self.column += escape.len();
    }

    fn write_code(&mut self, code: u32) {
        let escape = match code {
            0..=0xff => format!("\\x{code:02X}"),
            0x100..=0xffff => format!("\\u{code:04X}"),
            _ => format!("\\U{code:08X}"),
        };
        self.out.push_str(&escape);
        self.column += escape.len();
    }

    pub(super) fn write_literal(&mut self, text: &str) {
        self.start_block("|", text);
        let mut breaks = true;
        for c in text.chars() {
            if is_break(c) {
                self.write_break(c);
                self.indention = true;
                breaks = true;
            } else {
                if std::mem::take(&mut breaks) {
                    self.write_indent();
                }
                self.put(c);
                self.indention = false;
            }
        }
    }

    pub(super) fn write_folded(&mut self, text: &str) {
        self.start_block(">", text);
        let (mut breaks, mut leading_spaces) = (true, true);
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            let after = chars.clone().next();
            if is_break(c) {
                if !breaks && !leading_spaces && c == '\n' {
                    let next = chars.clone().find(|c| !is_break(*c));
                    if next.is_some_and(|c| c != ' ' && c != '\t') {
                        self.put_break();
                    }
                }
                self.write_break(c);
                self.indention = true;
                breaks = true;
                continue;
            }
            if breaks {
                self.write_indent();
                leading_spaces = c == ' ' || c == '\t';
            }
            if !breaks && c == ' ' && after != Some(' ') && self.column > self.best_width {
                self.write_indent();
            } else {
                self.put(c);
            }
            self.indention = false;
            breaks = false;
        }
    }

    /// Writes the head of a block scalar: its indicator, and the hints that a reader needs.
    fn start_block(&mut self, indicator: &str, text: &str) {
        self.write_indicator(indicator, true, false, false);
        if text.starts_with(|c| c == ' ' || is_break(c)) {
            let hint = self.best_indent.to_string();
            self.write_indicator(&hint, false, false, false);
        }
        let mut last = text.chars().rev();
        let ends_in_break = last.next().is_some_and(is_break);
        let ends_in_two = last.next().is_none_or(is_break);
        self.open_ended = ends_in_break && ends_in_two;
        if !ends_in_break {
            self.write_indicator("-", false, false, false);
        } else if ends_in_two {
            self.write_indicator("+", false, false, false);
        }
        self.put_break();
        self.indention = true;
        self.whitespace = true;
    }
}
