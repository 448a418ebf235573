//! `json.loads`: JSON, and Python's `NaN` and `Infinity`, with integers of any length.

use num_bigint::BigInt;

use super::super::{Map, Value, int_from_big};
use crate::error::{Error, Result};

/// JSON that is nested deeper is refused; Python gives up near a thousand.
const DEEPEST: usize = 900;

/// The one value that the text holds.
pub(super) fn read(text: &str) -> Result<Value> {
    let mut reader = Reader {
        text,
        position: 0,
        depth: 0,
    };
    reader.blanks();
    let value = reader.value()?;
    reader.blanks();
    if reader.position < text.len() {
        return Err(reader.error("extra data"));
    }
    Ok(value)
}

struct Reader<'t> {
    text: &'t str,
    position: usize,
    depth: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.position..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.position).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.position += 1;
        }
    }

    fn error(&self, what: &str) -> Error {
        let before = self.text.get(..self.position).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        Error::input(format!("not JSON: {what} at line {line}, column {column}"))
    }

    fn eat(&mut self, word: &str) -> bool {
        let found = self.rest().starts_with(word);
        if found {
            self.position += word.len();
        }
        found
    }

    fn value(&mut self) -> Result<Value> {
        match self.peek() {
            Some(b'"') => Ok(Value::str(self.string()?)),
            Some(b'[') => self.nested(Self::list),
            Some(b'{') => self.nested(Self::map),
            Some(b'0'..=b'9') => self.number(),
            Some(b'-') if !self.rest().starts_with("-I") => self.number(),
            _ => self.word(),
        }
    }

    fn word(&mut self) -> Result<Value> {
        for (word, value) in [
            ("null", Value::Null),
            ("true", Value::Bool(true)),
            ("false", Value::Bool(false)),
            ("NaN", Value::Float(f64::NAN)),
            ("Infinity", Value::Float(f64::INFINITY)),
            ("-Infinity", Value::Float(f64::NEG_INFINITY)),
        ] {
            if self.eat(word) {
                return Ok(value);
            }
        }
        Err(self.error("a value is missing"))
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Value>) -> Result<Value> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.error("too deeply nested"));
        }
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn list(&mut self) -> Result<Value> {
        let mut items = Vec::new();
        self.position += 1;
        self.blanks();
        if self.eat("]") {
            return Ok(Value::list(items));
        }
        loop {
            self.blanks();
            items.push(self.value()?);
            self.blanks();
            if self.eat("]") {
                return Ok(Value::list(items));
            }
            if !self.eat(",") {
                return Err(self.error("`,` or `]` is missing"));
            }
        }
    }

    fn map(&mut self) -> Result<Value> {
        let mut map = Map::new();
        self.position += 1;
        self.blanks();
        if self.eat("}") {
            return Ok(Value::map(map));
        }
        loop {
            self.blanks();
            if self.peek() != Some(b'"') {
                return Err(self.error("a key in double quotes is missing"));
            }
            let key = self.string()?;
            self.blanks();
            if !self.eat(":") {
                return Err(self.error("`:` is missing"));
            }
            self.blanks();
            let value = self.value()?;
            map.set(&key, value);
            self.blanks();
            if self.eat("}") {
                return Ok(Value::map(map));
            }
            if !self.eat(",") {
                return Err(self.error("`,` or `}` is missing"));
            }
        }
    }

    fn digits(&mut self) -> usize {
        let start = self.position;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.position += 1;
        }
        self.position - start
    }

    fn number(&mut self) -> Result<Value> {
        let start = self.position;
        self.eat("-");
        if !self.eat("0") && self.digits() == 0 {
            return Err(self.error("a digit is missing"));
        }
        let whole = self.position;
        let mut end = whole;
        if self.eat(".") && self.digits() > 0 {
            end = self.position;
        }
        self.position = end;
        if self.eat("e") || self.eat("E") {
            if !self.eat("+") {
                self.eat("-");
            }
            if self.digits() > 0 {
                end = self.position;
            }
        }
        self.position = end;
        let text = self.text.get(start..end).unwrap_or_default();
        if end > whole {
            return Ok(Value::Float(text.parse().unwrap_or(f64::NAN)));
        }
        if let Ok(small) = text.parse() {
            return Ok(Value::Int(small));
        }
        let number: BigInt = text.parse().map_err(|_| self.error("not a number"))?;
        Ok(int_from_big(number))
    }

    fn string(&mut self) -> Result<String> {
        self.position += 1;
        let mut out = String::new();
        loop {
            let rest = self.rest();
            let Some(at) = rest.find(|c: char| c == '"' || c == '\\' || (c as u32) < 0x20) else {
                return Err(self.error("unterminated string"));
            };
            out.push_str(rest.get(..at).unwrap_or_default());
            self.position += at;
            match self.peek() {
                Some(b'"') => {
                    self.position += 1;
                    return Ok(out);
                }
                Some(b'\\') => out.push(self.escape()?),
                _ => return Err(self.error("invalid control character")),
            }
        }
    }

    fn escape(&mut self) -> Result<char> {
        let c = self.text.as_bytes().get(self.position + 1).copied();
        self.position += 2;
        Ok(match c {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            _ => {
                self.position -= 2;
                return Err(self.error("invalid escape"));
            }
        })
    }

    /// `\u0041`, and a pair of surrogates; a lone one cannot be kept and becomes `?`, as
    /// the reference shows it.
    fn unicode(&mut self) -> Result<char> {
        let high = self.unit()?;
        if (0xd800..0xdc00).contains(&high) && self.rest().starts_with("\\u") {
            let before = self.position;
            self.position += 2;
            let low = self.unit()?;
            if (0xdc00..0xe000).contains(&low) {
                let code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                return Ok(char::from_u32(code).unwrap_or('?'));
            }
            self.position = before;
        }
        Ok(char::from_u32(high).unwrap_or('?'))
    }

    fn unit(&mut self) -> Result<u32> {
        let digits = self.text.get(self.position..self.position + 4);
        let digits = digits.filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        let unit = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let unit = unit.ok_or_else(|| self.error("invalid \\uXXXX escape"))?;
        self.position += 4;
        Ok(unit)
    }
}
