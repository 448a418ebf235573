//! Mends a template's text so that minijinja's parser reads all that Jinja2 reads.
//!
//! Inside tags, strings are masked (Python's escapes are read later, from the text itself), odd
//! blanks become spaces, letters beyond ASCII become ASCII ones, a unary plus disappears, and bare
//! tuples get their parentheses. Only those parentheses move anything: [`Mended::original`] leads
//! back. Text that would need a deep stack is refused here.

use super::syntax::{Delimiters, Syntax};
use crate::error::{Error, Result};

/// The longest chain of operators, filters and accesses in one expression.
const LONGEST_CHAIN: usize = 400;

/// A template that minijinja can parse, and the way back to the user's text.
#[derive(Debug, Default)]
pub(super) struct Mended {
    /// The text for the parser.
    pub text: String,
    /// The places (in `text`) of bytes that the user's text does not have.
    added: Vec<usize>,
}

impl Mended {
    /// The byte of the user's text that stands at `offset` of the mended one.
    pub(super) fn original(&self, offset: usize) -> usize {
        offset - self.added.partition_point(|&at| at < offset)
    }
}

/// Mends `source`.
///
/// # Errors
/// An expression or a chain of `elif` is too long.
pub(super) fn mend(source: &str, syntax: &Syntax) -> Result<Mended> {
    let mut mender = Mender {
        source,
        position: 0,
        out: Vec::with_capacity(source.len() + 8),
        added: Vec::new(),
        delimiters: syntax.delimiters(),
        branches: Vec::new(),
    };
    if syntax.is_bare() {
        mender.tag(Tag::Expression)?;
    } else {
        mender.template()?;
    }
    let text = String::from_utf8(mender.out)
        .map_err(|_| Error::bug("mending a template broke its encoding"))?;
    Ok(Mended {
        text,
        added: mender.added,
    })
}

/// What kind of tag is read, which decides how it ends.
#[derive(Clone, Copy, PartialEq)]
enum Tag {
    Variable,
    Block,
    Line,
    Expression,
}

struct Mender<'a> {
    source: &'a str,
    position: usize,
    out: Vec<u8>,
    added: Vec<usize>,
    delimiters: Delimiters,
    /// How many `elif` each open `if` has.
    branches: Vec<usize>,
}

/// What was seen so far in one tag.
#[derive(Default)]
struct Seen {
    /// Open brackets; for each the length of the chain before it.
    chains: Vec<usize>,
    chain: usize,
    /// Whether the last token was an operand, after which a plus is an addition.
    operand: bool,
    /// The first word, in a block tag.
    keyword: Option<String>,
    /// Where a bare tuple would begin, in `out`.
    begin: usize,
    /// Where it would end, once a word ended it.
    end: Option<usize>,
    /// Whether a comma stood outside all brackets.
    comma: bool,
    /// Whether `is` was read and its test's name not yet, or the name just now.
    test: Test,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Test {
    #[default]
    None,
    Wanted,
    Named,
}

impl Mender<'_> {
    fn rest(&self) -> &str {
        &self.source[self.position..]
    }

    fn copy(&mut self, bytes: usize) {
        let end = (self.position + bytes).min(self.source.len());
        self.out
            .extend_from_slice(&self.source.as_bytes()[self.position..end]);
        self.position = end;
    }

    /// Copies the text between tags, and each tag mended.
    fn template(&mut self) -> Result<()> {
        while self.position < self.source.len() {
            if self.at_line_prefix()? {
                continue;
            }
            let rest = self.rest();
            let (variable, block, comment) = (
                rest.starts_with(&self.delimiters.variable_start),
                rest.starts_with(&self.delimiters.block_start),
                rest.starts_with(&self.delimiters.comment_start),
            );
            match self.longest_start(variable, block, comment) {
                Some(Start::Comment) => self.comment(),
                Some(Start::Block) => self.block()?,
                Some(Start::Variable) => {
                    self.copy(self.delimiters.variable_start.len());
                    self.copy_sign();
                    self.tag(Tag::Variable)?;
                }
                None => self.plain(),
            }
        }
        Ok(())
    }

    fn longest_start(&self, variable: bool, block: bool, comment: bool) -> Option<Start> {
        let delimiters = &self.delimiters;
        [
            (variable, delimiters.variable_start.len(), Start::Variable),
            (block, delimiters.block_start.len(), Start::Block),
            (comment, delimiters.comment_start.len(), Start::Comment),
        ]
        .into_iter()
        .filter(|(is, length, _)| *is && *length > 0)
        .max_by_key(|(_, length, _)| *length)
        .map(|(_, _, start)| start)
    }

    /// Copies text up to where the next tag may begin.
    fn plain(&mut self) {
        let first = |text: &str| text.chars().next();
        let starts = [
            first(&self.delimiters.variable_start),
            first(&self.delimiters.block_start),
            first(&self.delimiters.comment_start),
            self.delimiters.line_statement.as_ref().map(|_| '\n'),
            self.delimiters.line_comment.as_ref().map(|_| '\n'),
        ];
        let mut letters = self.rest().char_indices();
        letters.next();
        let length = letters
            .find(|(_, c)| starts.contains(&Some(*c)))
            .map_or(self.rest().len(), |(at, _)| at);
        self.copy(length);
    }

    /// Reads a line statement or comment where one begins here; says whether it did.
    fn at_line_prefix(&mut self) -> Result<bool> {
        let Some(prefix) = self.delimiters.line_statement.clone() else {
            return Ok(false);
        };
        let (newline, start) = match self.rest().strip_prefix('\n') {
            Some(rest) => (1, rest),
            None if self.position == 0 => (0, self.rest()),
            None => return Ok(false),
        };
        let blanks = start.len() - start.trim_start_matches([' ', '\t']).len();
        if prefix.is_empty() || !start[blanks..].starts_with(&prefix) {
            return Ok(false);
        }
        self.copy(newline + blanks + prefix.len());
        self.tag(Tag::Line)?;
        Ok(true)
    }

    fn comment(&mut self) {
        let skip = self.delimiters.comment_start.len();
        let length = self.rest()[skip..]
            .find(&self.delimiters.comment_end)
            .map_or(self.rest().len(), |end| {
                skip + end + self.delimiters.comment_end.len()
            });
        self.copy(length);
    }

    fn block(&mut self) -> Result<()> {
        if let Some(length) = self.raw_block() {
            self.raw(length);
            return Ok(());
        }
        self.copy(self.delimiters.block_start.len());
        self.copy_sign();
        self.tag(Tag::Block)
    }

    /// Copies a raw block. The newline after its beginning stays in Jinja, so the tag is made to
    /// say so.
    fn raw(&mut self, length: usize) {
        let end = self.position + length;
        let tag = self.basic_tag(self.rest(), "raw").unwrap_or(0);
        let sign = tag.saturating_sub(self.delimiters.block_end.len() + 1);
        if self.delimiters.trim_blocks && !self.rest()[sign..].starts_with(['-', '+']) {
            self.copy(sign + 1);
            self.added.push(self.out.len());
            self.out.push(b'+');
        }
        self.copy(end - self.position);
    }

    /// The length of a whole raw block, where one begins here.
    fn raw_block(&self) -> Option<usize> {
        let mut length = self.basic_tag(self.rest(), "raw")?;
        loop {
            let rest = &self.rest()[length..];
            let start = rest.find(&self.delimiters.block_start)?;
            length += start;
            match self.basic_tag(&rest[start..], "endraw") {
                Some(tag) => return Some(length + tag),
                None => length += self.delimiters.block_start.len(),
            }
        }
    }

    /// The length of the tag `name` without arguments that `text` begins with.
    fn basic_tag(&self, text: &str, name: &str) -> Option<usize> {
        let inner = text.strip_prefix(&self.delimiters.block_start)?;
        let inner = inner.strip_prefix(['-', '+']).unwrap_or(inner);
        let inner = inner.trim_start().strip_prefix(name)?.trim_start();
        let inner = inner.strip_prefix(['-', '+']).unwrap_or(inner);
        let inner = inner.strip_prefix(&self.delimiters.block_end)?;
        Some(text.len() - inner.len())
    }

    /// Copies the sign that says what happens to blanks.
    fn copy_sign(&mut self) {
        if self.rest().starts_with(['-', '+']) {
            self.copy(1);
        }
    }

    /// Mends one tag from behind its beginning to its end.
    fn tag(&mut self, tag: Tag) -> Result<()> {
        let mut seen = Seen {
            begin: self.out.len(),
            ..Seen::default()
        };
        while let Some(next) = self.rest().chars().next() {
            if seen.chains.is_empty() && self.at_end(tag) {
                break;
            }
            self.token(next, tag, &mut seen)?;
            if seen.chain > LONGEST_CHAIN {
                return Err(Error::template(format!(
                    "an expression with more than {LONGEST_CHAIN} operators in a row"
                )));
            }
        }
        self.parenthesise(tag, &seen);
        self.finish(tag);
        self.count_branches(&seen)
    }

    fn at_end(&self, tag: Tag) -> bool {
        let rest = self.rest();
        let bare = rest.strip_prefix(['-', '+']).unwrap_or(rest);
        let end = match tag {
            Tag::Variable => &self.delimiters.variable_end,
            Tag::Block => &self.delimiters.block_end,
            Tag::Line => return rest.starts_with(['\n', '\r']),
            Tag::Expression => return false,
        };
        rest.starts_with(end) || bare.starts_with(end)
    }

    fn finish(&mut self, tag: Tag) {
        match tag {
            Tag::Variable | Tag::Block => {
                self.copy_sign();
                let length = match tag {
                    Tag::Variable => self.delimiters.variable_end.len(),
                    _ => self.delimiters.block_end.len(),
                };
                self.copy(length);
            }
            Tag::Line | Tag::Expression => {}
        }
    }

    fn token(&mut self, next: char, tag: Tag, seen: &mut Seen) -> Result<()> {
        if seen.test == Test::Named && !next.is_whitespace() {
            self.after_test(next, seen);
        }
        match next {
            '\'' | '"' => {
                self.string(next);
                seen.operand = true;
            }
            '(' | '[' | '{' => {
                seen.chains.push(seen.chain + 1);
                seen.chain = 0;
                seen.operand = false;
                self.copy(1);
            }
            ')' | ']' | '}' => {
                seen.chain = seen.chains.pop().unwrap_or(0);
                seen.operand = true;
                self.copy(1);
            }
            ',' => {
                seen.comma |= seen.chains.is_empty() && seen.end.is_none();
                seen.chain = 0;
                seen.operand = false;
                self.copy(1);
            }
            '0'..='9' => {
                self.number();
                seen.operand = true;
            }
            c if c.is_alphabetic() || c == '_' => self.word(tag, seen),
            c if c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c) || c == '\u{b}' => {
                self.blank(c);
            }
            '+' if !seen.operand => self.blank('+'),
            c => {
                seen.chain += 1;
                seen.operand = false;
                self.copy(c.len_utf8());
            }
        }
        Ok(())
    }

    /// A sign behind a test's name is an operator in Jinja, and the parser takes it for an
    /// argument.
    fn after_test(&mut self, next: char, seen: &mut Seen) {
        if matches!(next, '+' | '-') {
            for paren in *b"()" {
                self.added.push(self.out.len());
                self.out.push(paren);
            }
        }
        seen.test = if next == '.' {
            Test::Wanted
        } else {
            Test::None
        };
    }

    /// Writes as many spaces as the character has bytes; a line's end stays.
    fn blank(&mut self, c: char) {
        if matches!(c, '\n' | '\r' | ' ' | '\t') {
            self.copy(1);
            return;
        }
        self.out.extend(std::iter::repeat_n(b' ', c.len_utf8()));
        self.position += c.len_utf8();
    }

    /// Copies a string's quotes and masks what is between them.
    fn string(&mut self, quote: char) {
        let bytes = &self.rest().as_bytes()[1..];
        let mut length = 0;
        loop {
            match bytes.get(length) {
                None => return self.copy(length + 1),
                Some(b'\\') => length += 2,
                Some(&byte) if char::from(byte) == quote => break,
                Some(_) => length += 1,
            }
        }
        self.copy(1);
        self.out.extend(std::iter::repeat_n(b'_', length));
        self.position += length;
        self.copy(1);
    }

    /// Copies a number; the digits of a very large one become zeros.
    fn number(&mut self) {
        let digits = self
            .rest()
            .bytes()
            .take_while(|byte| byte.is_ascii_digit() || *byte == b'_')
            .count();
        if digits < 19 {
            let word = self
                .rest()
                .bytes()
                .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
                .count();
            self.copy(word.max(digits));
            return self.part_from_dot();
        }
        self.out.extend(std::iter::repeat_n(b'0', digits));
        self.position += digits;
    }

    /// Parts a number from a dot that no digit follows: it begins an attribute.
    fn part_from_dot(&mut self) {
        let rest = self.rest();
        if rest.starts_with('.') && !rest[1..].starts_with(|c: char| c.is_ascii_digit()) {
            self.added.push(self.out.len());
            self.out.push(b' ');
        }
    }

    fn word(&mut self, tag: Tag, seen: &mut Seen) {
        let word: String = self
            .rest()
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect();
        let outside = seen.chains.is_empty();
        let keyword = seen.keyword.as_deref();
        if outside && keyword == Some("for in") && matches!(&*word, "if" | "recursive") {
            seen.end.get_or_insert(self.out.len());
        }
        self.copy_word(&word);
        if outside && keyword == Some("for") && word == "in" {
            seen.begin = self.out.len();
            seen.comma = false;
            seen.keyword = Some("for in".to_owned());
        } else if keyword.is_none() && matches!(tag, Tag::Block | Tag::Line) {
            seen.keyword = Some(word.clone());
        }
        let operator = matches!(
            &*word,
            "and" | "or" | "not" | "if" | "else" | "in" | "is" | "elif" | "recursive"
        );
        seen.chain += usize::from(operator);
        seen.operand = !operator;
        seen.test = match (&*word, seen.test) {
            ("is", _) | ("not", Test::Wanted) => Test::Wanted,
            (_, Test::Wanted) => Test::Named,
            _ => Test::None,
        };
    }

    /// Copies a word; letters beyond ASCII become ASCII ones.
    fn copy_word(&mut self, word: &str) {
        for c in word.chars() {
            match u8::try_from(c) {
                Ok(byte) if byte.is_ascii() => self.out.push(byte),
                _ => self.out.extend(std::iter::repeat_n(b'z', c.len_utf8())),
            }
        }
        self.position += word.len();
    }

    /// Puts a bare tuple in parentheses.
    fn parenthesise(&mut self, tag: Tag, seen: &Seen) {
        let wanted = match tag {
            Tag::Variable => true,
            Tag::Expression => false,
            Tag::Block | Tag::Line => seen.keyword.as_deref() == Some("for in"),
        };
        if !(wanted && seen.comma) {
            return;
        }
        let end = seen.end.unwrap_or(self.out.len());
        self.out.insert(end, b')');
        self.out.insert(seen.begin, b'(');
        self.added.push(seen.begin);
        self.added.push(end + 1);
    }

    /// Counts `elif`, each of which nests one deeper in the parser.
    fn count_branches(&mut self, seen: &Seen) -> Result<()> {
        match seen.keyword.as_deref() {
            Some("if") => self.branches.push(0),
            Some("endif") => {
                self.branches.pop();
            }
            Some("elif") => {
                if let Some(count) = self.branches.last_mut() {
                    *count += 1;
                    if *count > LONGEST_CHAIN {
                        return Err(Error::template(format!(
                            "an `if` with more than {LONGEST_CHAIN} `elif`"
                        )));
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }
}

enum Start {
    Variable,
    Block,
    Comment,
}

#[cfg(test)]
mod tests {
    use super::{Syntax, mend};

    #[test]
    fn a_mended_template_keeps_its_length() {
        for (text, mended) in [
            ("{{ 'a\\'b' }}", "{{ '____' }}"),
            ("{{\u{a0}x }}", "{{  x }}"),
            ("{{ été }}", "{{ zztzz }}"),
            ("{{ +1 - +2 }}", "{{  1 -  2 }}"),
            ("{{ a + b }}", "{{ a + b }}"),
            ("{# 'é' #}é", "{# 'é' #}é"),
            (
                "{%- raw -%}{{ 'é' }}{% endraw %}",
                "{%- raw -%}{{ 'é' }}{% endraw %}",
            ),
            ("{{- +1 +}}", "{{-  1 +}}"),
            ("{{ x is number - 1 }}", "{{ x is number ()- 1 }}"),
            ("{{ x is in - 1 }}", "{{ x is in ()- 1 }}"),
        ] {
            assert_eq!(mend(text, &Syntax::Value).unwrap().text, mended);
        }
    }

    #[test]
    fn bare_tuples_get_parentheses() {
        for (text, mended) in [
            ("{{ 1, 2 }}", "{{( 1, 2 )}}"),
            ("{% for x in 'a', 'b' %}", "{% for x in( '_', '_' )%}"),
            (
                "{% for a, b in x, y if a in b %}",
                "{% for a, b in( x, y )if a in b %}",
            ),
            ("{% for a, b in x %}", "{% for a, b in x %}"),
            ("{% set a, b = 1, 2 %}", "{% set a, b = 1, 2 %}"),
        ] {
            let found = mend(text, &Syntax::Value).unwrap();
            assert_eq!(found.text, mended);
            let end = found.text.len();
            assert_eq!(found.original(end), text.len());
        }
    }

    #[test]
    fn endless_chains_are_refused() {
        for text in [
            format!("{{{{ {}x }}}}", "not ".repeat(100_000)),
            format!("{{{{ x{} }}}}", " ~ x".repeat(100_000)),
            format!("{{{{ x{} }}}}", ".x".repeat(100_000)),
            format!("{{% if x %}}{}", "{% elif x %}".repeat(100_000)),
        ] {
            assert!(mend(&text, &Syntax::Value).is_err());
        }
        let list = format!("{{{{ [{}] }}}}", "a.b, ".repeat(10_000));
        assert!(mend(&list, &Syntax::Value).is_ok());
    }
}
