//! libyaml's emitter: where a line is broken, indented and quoted.
//!
//! The algorithm is that of libyaml 0.2.5 (see LICENSE-libyaml),
//! written anew for values that are at hand as a whole, and without what Ansible's filters never
//! ask for: anchors, directives, canonical form.

mod scalar;

use super::dump::{DumpOptions, Text};
use super::style::{Analysis, Style, Surroundings};

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
}
