//! The replacement texts of `re.sub`: `\1`, `\g<name>`, `\n`, octal escapes.

use super::{Match, Pattern};
use crate::error::{Error, Result};

/// A replacement text that was read for one pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Group(usize),
}

impl Replacement {
    /// Reads `template` for `pattern`.
    ///
    /// # Errors
    /// It names a group that the pattern does not have, or has an escape Python does not know.
    pub fn new(template: &str, pattern: &Pattern) -> Result<Self> {
        let mut reader = Reader {
            chars: template.chars().collect(),
            position: 0,
            pattern,
            literal: String::new(),
            parts: Vec::new(),
        };
        reader
            .read()
            .map_err(|why| Error::template(format!("bad replacement `{template}`: {why}")))?;
        Ok(Replacement {
            parts: reader.parts,
        })
    }

    /// A text that stands for itself.
    pub fn literal(text: &str) -> Self {
        Replacement {
            parts: vec![Part::Text(text.to_owned())],
        }
    }

    /// Writes what stands in the place of `found`.
    pub fn expand(&self, found: &Match, text: &str, out: &mut String) {
        for part in &self.parts {
            match part {
                Part::Text(literal) => out.push_str(literal),
                Part::Group(group) => out.push_str(found.group(text, *group).unwrap_or_default()),
            }
        }
    }
}

struct Reader<'p> {
    chars: Vec<char>,
    position: usize,
    pattern: &'p Pattern,
    literal: String,
    parts: Vec<Part>,
}

impl Reader<'_> {
    fn read(&mut self) -> Result<(), String> {
        while let Some(c) = self.next() {
            if c == '\\' {
                self.escape()?;
            } else {
                self.literal.push(c);
            }
        }
        self.flush();
        Ok(())
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.position += 1;
        Some(c)
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.position).copied()
    }

    fn flush(&mut self) {
        if !self.literal.is_empty() {
            self.parts
                .push(Part::Text(std::mem::take(&mut self.literal)));
        }
    }

    fn group(&mut self, number: usize) -> Result<(), String> {
        if number > self.pattern.group_count() {
            return Err(format!("invalid group reference {number}"));
        }
        self.flush();
        self.parts.push(Part::Group(number));
        Ok(())
    }

    fn escape(&mut self) -> Result<(), String> {
        let c = self.next().ok_or("bad escape (end of pattern)")?;
        match c {
            'g' => self.named(),
            '0' => {
                self.octal(0, 2);
                Ok(())
            }
            '1'..='9' => self.numbered(c),
            _ => {
                self.literal(c)?;
                Ok(())
            }
        }
    }

    fn literal(&mut self, c: char) -> Result<(), String> {
        let meant = match c {
            'a' => '\u{7}',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\u{b}',
            '\\' => '\\',
            c if c.is_ascii_alphabetic() => return Err(format!("bad escape \\{c}")),
            c => {
                self.literal.push('\\');
                c
            }
        };
        self.literal.push(meant);
        Ok(())
    }

    /// `\g<name>` and `\g<1>`.
    fn named(&mut self) -> Result<(), String> {
        if self.next() != Some('<') {
            return Err("missing <".to_owned());
        }
        let mut name = String::new();
        loop {
            match self.next() {
                None if name.is_empty() => return Err("missing group name".to_owned()),
                None => return Err("missing >, unterminated name".to_owned()),
                Some('>') => break,
                Some(c) => name.push(c),
            }
        }
        if name.is_empty() {
            return Err("missing group name".to_owned());
        }
        if name.chars().all(|c| c.is_ascii_digit()) {
            let number = name
                .parse()
                .map_err(|_| format!("invalid group reference {name}"))?;
            return self.group(number);
        }
        let number = self
            .pattern
            .group_number(&name)
            .ok_or_else(|| format!("unknown group name '{name}'"))?;
        self.group(number)
    }

    /// `\1` to `\99`, or three octal digits.
    fn numbered(&mut self, first: char) -> Result<(), String> {
        let mut number = digit(first);
        if let Some(second) = self.peek().filter(char::is_ascii_digit) {
            self.position += 1;
            let third = self.peek().filter(|c| ('0'..='7').contains(c));
            if let Some(third) = third
                && first <= '7'
                && second <= '7'
            {
                self.position += 1;
                let code = (number * 8 + digit(second)) * 8 + digit(third);
                if code > 0o377 {
                    return Err(format!(
                        "octal escape value \\{first}{second}{third} outside of range 0-0o377"
                    ));
                }
                self.push_code(code);
                return Ok(());
            }
            number = number * 10 + digit(second);
        }
        self.group(number)
    }

    fn octal(&mut self, start: usize, most: usize) {
        let mut code = start;
        for _ in 0..most {
            let Some(c) = self.peek().filter(|c| ('0'..='7').contains(c)) else {
                break;
            };
            self.position += 1;
            code = code * 8 + digit(c);
        }
        self.push_code(code);
    }

    fn push_code(&mut self, code: usize) {
        let c = u32::try_from(code).ok().and_then(char::from_u32);
        self.literal.extend(c);
    }
}

fn digit(c: char) -> usize {
    c.to_digit(10).unwrap_or(0) as usize
}
