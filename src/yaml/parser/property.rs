//! Anchors, aliases, tags and directives.

use std::borrow::Cow;

use super::scanner::{Scanner, broken};
use super::token::{Kind, Token};
use super::{Broken, Mark};
use crate::yaml::mistake::Mistake;

impl<'a> Scanner<'a> {
    pub(super) fn scan_anchor(&mut self) -> Result<Token<'a>, Broken> {
        let start = self.cursor.mark();
        let is_alias = self.cursor.byte(0) == b'*';
        self.cursor.skip();
        let name = self.cursor.take_name();
        let ends = self.cursor.is_blank_or_end(0)
            || matches!(
                self.cursor.byte(0),
                b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`'
            );
        if name.is_empty() || !ends {
            return Err(broken(Mistake::Alias, start));
        }
        let kind = if is_alias {
            Kind::Alias(name)
        } else {
            Kind::Anchor(name)
        };
        Ok(self.token(kind, start))
    }

    fn token(&self, kind: Kind<'a>, start: Mark) -> Token<'a> {
        let end = self.cursor.mark();
        Token { kind, start, end }
    }

    pub(super) fn scan_tag(&mut self) -> Result<Token<'a>, Broken> {
        let start = self.cursor.mark();
        let (handle, suffix) = if self.cursor.byte(1) == b'<' {
            self.cursor.skip_many(2);
            let suffix = self.scan_uri(true, start)?;
            if self.cursor.byte(0) != b'>' || suffix.is_empty() {
                return Err(broken(Mistake::Tag, start));
            }
            self.cursor.skip();
            ("", suffix)
        } else {
            self.scan_short_tag(start)?
        };
        let in_flow = self.flow_level > 0;
        if self.cursor.is_blank_or_end(0) || (in_flow && self.cursor.byte(0) == b',') {
            return Ok(self.token(Kind::Tag { handle, suffix }, start));
        }
        Err(broken(Mistake::Tag, start))
    }

    /// Scans `!handle!suffix`, `!!suffix`, `!suffix` or `!`.
    fn scan_short_tag(&mut self, start: Mark) -> Result<(&'a str, Cow<'a, str>), Broken> {
        let from = self.cursor.at();
        self.cursor.skip();
        self.cursor.take_name();
        if self.cursor.byte(0) == b'!' {
            self.cursor.skip();
            let handle = self.cursor.slice(from, self.cursor.at());
            let suffix = self.scan_uri(false, start)?;
            if suffix.is_empty() {
                return Err(broken(Mistake::Tag, start));
            }
            return Ok((handle, suffix));
        }
        let name = self.cursor.slice(from + 1, self.cursor.at());
        let rest = self.scan_uri(false, start)?;
        match (name, rest) {
            ("", Cow::Borrowed("")) => Ok(("", Cow::Borrowed("!"))),
            (name, Cow::Borrowed("")) => Ok(("!", Cow::Borrowed(name))),
            (name, rest) => Ok(("!", Cow::Owned(format!("{name}{rest}")))),
        }
    }

    /// Scans the letters of a tag; `%41` is a letter, too.
    fn scan_uri(&mut self, brackets: bool, start: Mark) -> Result<Cow<'a, str>, Broken> {
        let from = self.cursor.at();
        let mut has_escape = false;
        loop {
            match self.cursor.byte(0) {
                b'0'..=b'9'
                | b'A'..=b'Z'
                | b'a'..=b'z'
                | b'-'
                | b'_'
                | b';'
                | b'/'
                | b'?'
                | b':'
                | b'@'
                | b'&'
                | b'='
                | b'+'
                | b'$'
                | b'.'
                | b'!'
                | b'~'
                | b'*'
                | b'\''
                | b'('
                | b')' => {}
                b',' | b'[' | b']' if brackets => {}
                b'%' => has_escape = true,
                _ => break,
            }
            self.cursor.skip();
        }
        let text = self.cursor.slice(from, self.cursor.at());
        if !has_escape {
            return Ok(Cow::Borrowed(text));
        }
        unescape(text)
            .map(Cow::Owned)
            .ok_or_else(|| broken(Mistake::Tag, start))
    }

    pub(super) fn scan_directive(&mut self) -> Result<Token<'a>, Broken> {
        let start = self.cursor.mark();
        self.cursor.skip();
        let name = self.cursor.take_name();
        let kind = match name {
            "YAML" if self.cursor.is_blank_or_end(0) => self.scan_version(start)?,
            "TAG" if self.cursor.is_blank_or_end(0) => self.scan_tag_directive(start)?,
            _ => return Err(broken(Mistake::Directive, start)),
        };
        let token = self.token(kind, start);
        self.cursor.skip_blanks();
        if self.cursor.byte(0) == b'#' {
            self.cursor.skip_line();
        }
        if !self.cursor.is_end() && !self.cursor.is_break() {
            return Err(broken(Mistake::Directive, start));
        }
        if self.cursor.is_break() {
            self.cursor.take_break();
        }
        Ok(token)
    }

    fn scan_version(&mut self, start: Mark) -> Result<Kind<'a>, Broken> {
        self.cursor.skip_blanks();
        let major = self.scan_number(start)?;
        if self.cursor.byte(0) != b'.' {
            return Err(broken(Mistake::Directive, start));
        }
        self.cursor.skip();
        let minor = self.scan_number(start)?;
        let known = major == 1 && matches!(minor, 1 | 2);
        Ok(Kind::VersionDirective { known })
    }

    fn scan_number(&mut self, start: Mark) -> Result<u32, Broken> {
        let from = self.cursor.at();
        while self.cursor.byte(0).is_ascii_digit() {
            self.cursor.skip();
        }
        let digits = self.cursor.slice(from, self.cursor.at());
        digits
            .parse()
            .map_err(|_| broken(Mistake::Directive, start))
    }

    fn scan_tag_directive(&mut self, start: Mark) -> Result<Kind<'a>, Broken> {
        self.cursor.skip_blanks();
        let from = self.cursor.at();
        if self.cursor.byte(0) != b'!' {
            return Err(broken(Mistake::Directive, start));
        }
        self.cursor.skip();
        let name = self.cursor.take_name();
        if self.cursor.byte(0) == b'!' {
            self.cursor.skip();
        } else if !name.is_empty() {
            return Err(broken(Mistake::Directive, start));
        }
        let handle = self.cursor.slice(from, self.cursor.at());
        if !self.cursor.is_blank() {
            return Err(broken(Mistake::Directive, start));
        }
        self.cursor.skip_blanks();
        let prefix = self.scan_uri(true, start)?;
        if prefix.is_empty() || !self.cursor.is_blank_or_end(0) {
            return Err(broken(Mistake::Directive, start));
        }
        Ok(Kind::TagDirective { handle, prefix })
    }
}

/// The text with its `%41` as letters; nothing where they are not UTF-8.
fn unescape(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        bytes.push(u8::from_str_radix(after.get(..2)?, 16).ok()?);
        rest = after.get(2..)?;
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).ok()
}
