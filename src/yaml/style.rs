//! Which quotes a text needs: libyaml's analysis of a scalar.

use super::dump::Text;

/// The form of a scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    DoubleQuoted,
    Folded,
    Literal,
    Plain,
    SingleQuoted,
}

impl Style {
    /// The style that PyYAML's `default_style` names.
    pub(super) fn of(c: char) -> Option<Self> {
        match c {
            '"' => Some(Style::DoubleQuoted),
            '>' => Some(Style::Folded),
            '|' => Some(Style::Literal),
            '\'' => Some(Style::SingleQuoted),
            _ => None,
        }
    }
}

/// Where a scalar stands, as far as its style depends on it.
#[derive(Clone, Copy)]
pub(super) struct Surroundings {
    pub(super) in_flow: bool,
    pub(super) simple_key: bool,
}

/// What a text allows.
pub(super) struct Analysis {
    pub(super) multiline: bool,
    flow_plain: bool,
    block_plain: bool,
    single_quoted: bool,
    block: bool,
}

/// What was seen in a text from its first to its last character.
#[derive(Default)]
struct Seen {
    block_indicator: bool,
    flow_indicator: bool,
    line_break: bool,
    special: bool,
    /// A space or a break at either end.
    blank_end: bool,
    trailing_space: bool,
    break_space: bool,
    space_break: bool,
}

impl Analysis {
    /// Looks at every character of `text`.
    pub(super) fn of(text: &str, unicode: bool) -> Self {
        if text.is_empty() {
            return Analysis {
                multiline: false,
                flow_plain: false,
                block_plain: true,
                single_quoted: true,
                block: false,
            };
        }
        let seen = Seen::of(text, unicode);
        let plain = !(seen.blank_end
            || seen.break_space
            || seen.space_break
            || seen.special
            || seen.line_break);
        Analysis {
            multiline: seen.line_break,
            flow_plain: plain && !seen.flow_indicator,
            block_plain: plain && !seen.block_indicator,
            single_quoted: !(seen.break_space || seen.space_break || seen.special),
            block: !(seen.trailing_space || seen.space_break || seen.special),
        }
    }

    /// The style for a text that was analysed so.
    pub(super) fn choose(&self, text: &Text<'_>, at: Surroundings) -> Style {
        let needs_tag = !text.plain && !text.quoted;
        let mut style = text.style.unwrap_or(Style::Plain);
        if at.simple_key && self.multiline {
            style = Style::DoubleQuoted;
        }
        if style == Style::Plain {
            let allowed = if at.in_flow {
                self.flow_plain
            } else {
                self.block_plain
            };
            let hidden = text.text.is_empty() && (at.in_flow || at.simple_key);
            if !allowed || hidden || (!needs_tag && !text.plain) {
                style = Style::SingleQuoted;
            }
        }
        if style == Style::SingleQuoted && !self.single_quoted {
            style = Style::DoubleQuoted;
        }
        if matches!(style, Style::Literal | Style::Folded)
            && (!self.block || at.in_flow || at.simple_key)
        {
            style = Style::DoubleQuoted;
        }
        style
    }
}

impl Seen {
    fn of(text: &str, unicode: bool) -> Self {
        let mut seen = Seen::default();
        if text.starts_with("---") || text.starts_with("...") {
            seen.block_indicator = true;
            seen.flow_indicator = true;
        }
        let mut before = None;
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let after = chars.peek().copied();
            seen.indicators(before, c, after);
            seen.blanks(before, c, after);
            if !is_printable(c) || !(c.is_ascii() || unicode) {
                seen.special = true;
            }
            before = Some(c);
        }
        seen
    }

    fn indicators(&mut self, before: Option<char>, c: char, after: Option<char>) {
        let blank_after = after.is_none_or(is_blank);
        let (flow, block) = match c {
            '?' if before.is_none() => (true, blank_after),
            ':' => (true, blank_after),
            '-' if before.is_none() && blank_after => (true, true),
            '#' if before.is_none_or(is_blank) => (true, true),
            ',' | '[' | ']' | '{' | '}' => (true, before.is_none()),
            '?' => (true, false),
            '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' if before.is_none() => {
                (true, true)
            }
            _ => (false, false),
        };
        self.flow_indicator |= flow;
        self.block_indicator |= block;
    }

    fn blanks(&mut self, before: Option<char>, c: char, after: Option<char>) {
        let at_end = before.is_none() || after.is_none();
        if c == ' ' {
            self.blank_end |= at_end;
            self.trailing_space |= after.is_none();
            self.break_space |= before.is_some_and(is_break);
        } else if is_break(c) {
            self.line_break = true;
            self.blank_end |= at_end;
            self.space_break |= before == Some(' ');
        }
    }
}

/// A character that libyaml takes for a line break.
pub(super) fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t') || is_break(c)
}

/// A character that libyaml prints as it is. It takes none beyond U+FFFF for printable.
pub(super) fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}')
        && c != '\u{feff}'
}
