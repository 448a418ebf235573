//! libyaml's emitter: where a line is broken, indented and quoted.
//!
//! The algorithm is that of libyaml 0.2.5 (MIT licence, Kirill Simonov and the YAML project),
//! written anew for values that are at hand as a whole, and without what Ansible's filters never
//! ask for: anchors, directives, canonical form.

use super::dump::{DumpOptions, Text};
use super::style::{Analysis, Style, Surroundings, is_break, is_printable};

/// What a node is to the one above it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Context {
    Item,
    /// A key after a `? `.
    Key,
    Root,
    /// A key that stands with its colon on one line.
    SimpleKey,
    Value,
}

impl Context {
    fn is_in_mapping(self) -> bool {
        matches!(self, Context::Key | Context::SimpleKey | Context::Value)
    }
}

/// A collection that is being printed.
pub(super) struct Open {
    flow: bool,
    first: bool,
    indent_above: Option<usize>,
}

/// The text so far, and where in it we are.
pub(super) struct Emitter {
    out: String,
    best_indent: usize,
    best_width: usize,
    unicode: bool,
    column: usize,
    /// Nothing at the root.
    indent: Option<usize>,
    flow_level: usize,
    /// Whether the last character was a blank.
    whitespace: bool,
    /// Whether the line holds nothing but indentation and `-`, `?`, `:`.
    indention: bool,
    /// Whether the text ends with breaks that a reader would cut.
    open_ended: bool,
}

impl Emitter {
    pub(super) fn new(options: &DumpOptions) -> Self {
        let best_indent = match options.indent {
            indent @ 2..=9 => indent,
            _ => 2,
        };
        Emitter {
            out: String::new(),
            best_indent,
            best_width: if options.width > best_indent * 2 {
                options.width
            } else {
                80
            },
            unicode: options.allow_unicode,
            column: 0,
            indent: None,
            flow_level: 0,
            whitespace: true,
            indention: true,
            open_ended: false,
        }
    }

    pub(super) fn start_document(&mut self, explicit: bool) {
        if explicit {
            self.write_indent();
            self.write_indicator("---", true, false, false);
        }
    }

    /// The whole text.
    pub(super) fn finish(mut self, explicit_end: bool) -> String {
        self.write_indent();
        if explicit_end || self.open_ended {
            self.write_indicator("...", true, false, false);
            self.write_indent();
        }
        self.out
    }

    pub(super) fn open_sequence(&mut self, flow: bool, empty: bool, context: Context) -> Open {
        let open = self.open(flow || empty);
        if open.flow {
            self.open_flow("[");
        } else {
            let indentless = context.is_in_mapping() && !self.indention;
            self.increase_indent(false, indentless);
        }
        open
    }

    pub(super) fn open_mapping(&mut self, flow: bool, tag: &str, empty: bool, _: Context) -> Open {
        self.write_tag(tag);
        let open = self.open(flow || empty);
        if open.flow {
            self.open_flow("{");
        } else {
            self.increase_indent(false, false);
        }
        open
    }

    fn open(&self, flow: bool) -> Open {
        Open {
            flow: flow || self.flow_level > 0,
            first: true,
            indent_above: self.indent,
        }
    }

    fn open_flow(&mut self, bracket: &str) {
        self.write_indicator(bracket, true, true, false);
        self.increase_indent(true, false);
        self.flow_level += 1;
    }

    fn increase_indent(&mut self, flow: bool, indentless: bool) {
        self.indent = Some(match self.indent {
            None if flow => self.best_indent,
            None => 0,
            Some(indent) if indentless => indent,
            Some(indent) => indent + self.best_indent,
        });
    }

    pub(super) fn item(&mut self, open: &mut Open) {
        if open.flow {
            self.next_in_flow(open);
        } else {
            self.write_indent();
            self.write_indicator("-", true, false, true);
        }
    }

    pub(super) fn key(&mut self, open: &mut Open, simple: bool) {
        if open.flow {
            self.next_in_flow(open);
        } else {
            self.write_indent();
        }
        if !simple {
            self.write_indicator("?", true, false, !open.flow);
        }
    }

    fn next_in_flow(&mut self, open: &mut Open) {
        if !std::mem::take(&mut open.first) {
            self.write_indicator(",", false, false, false);
        }
        if self.column > self.best_width {
            self.write_indent();
        }
    }

    pub(super) fn colon(&mut self, open: &Open, simple: bool) {
        if simple {
            self.write_indicator(":", false, false, false);
            return;
        }
        if !open.flow || self.column > self.best_width {
            self.write_indent();
        }
        self.write_indicator(":", true, false, !open.flow);
    }

    pub(super) fn close_sequence(&mut self, open: &Open) {
        self.close(open, "]");
    }

    pub(super) fn close_mapping(&mut self, open: &Open) {
        self.close(open, "}");
    }

    fn close(&mut self, open: &Open, bracket: &str) {
        self.indent = open.indent_above;
        if open.flow {
            self.flow_level -= 1;
            self.write_indicator(bracket, false, false, false);
        }
    }

    /// Says whether a scalar may be a key without a `? `.
    pub(super) fn is_simple_key(&self, text: &Text<'_>) -> bool {
        let tag = if text.plain || text.quoted {
            0
        } else {
            text.tag.len()
        };
        tag + text.text.len() <= 128 && !Analysis::of(&text.text, self.unicode).multiline
    }

    pub(super) fn scalar(&mut self, text: &Text<'_>, context: Context) {
        let simple_key = context == Context::SimpleKey;
        let analysis = Analysis::of(&text.text, self.unicode);
        let at = Surroundings {
            in_flow: self.flow_level > 0,
            simple_key,
        };
        let style = analysis.choose(text, at);
        if !text.plain && !text.quoted {
            self.write_tag(text.tag);
        } else if !text.quoted && style != Style::Plain {
            self.write_tag("!");
        }
        let indent_above = self.indent;
        self.increase_indent(true, false);
        match style {
            Style::Plain => self.write_plain(&text.text, !simple_key),
            Style::SingleQuoted => self.write_single_quoted(&text.text, !simple_key),
            Style::DoubleQuoted => self.write_double_quoted(&text.text, !simple_key),
            Style::Literal => self.write_literal(&text.text),
            Style::Folded => self.write_folded(&text.text),
        }
        self.indent = indent_above;
    }

    fn put(&mut self, c: char) {
        self.out.push(c);
        self.column += 1;
    }

    fn put_break(&mut self) {
        self.out.push('\n');
        self.column = 0;
    }

    fn write_break(&mut self, c: char) {
        self.out.push(c);
        self.column = 0;
    }

    fn write_indent(&mut self) {
        let indent = self.indent.unwrap_or(0);
        let is_past = self.column > indent || (self.column == indent && !self.whitespace);
        if !self.indention || is_past {
            self.put_break();
        }
        while self.column < indent {
            self.put(' ');
        }
        self.whitespace = true;
        self.indention = true;
    }

    fn write_indicator(&mut self, text: &str, spaced: bool, whitespace: bool, indention: bool) {
        if spaced && !self.whitespace {
            self.put(' ');
        }
        self.out.push_str(text);
        self.column += text.len();
        self.whitespace = whitespace;
        self.indention &= indention;
    }

    fn write_tag(&mut self, tag: &str) {
        if !tag.is_empty() {
            self.write_indicator(tag, true, false, false);
        }
    }

    fn write_plain(&mut self, text: &str, may_break: bool) {
        if !self.whitespace && (!text.is_empty() || self.flow_level > 0) {
            self.put(' ');
        }
        self.write_words(text, may_break, false);
        self.whitespace = false;
        self.indention = false;
    }

    fn write_single_quoted(&mut self, text: &str, may_break: bool) {
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

    fn write_double_quoted(&mut self, text: &str, may_break: bool) {
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

    fn write_literal(&mut self, text: &str) {
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

    fn write_folded(&mut self, text: &str) {
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
