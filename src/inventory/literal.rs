//! Python literals, as `ast.literal_eval` reads them: what a value in an INI inventory may be.
//!
//! A text that is no literal stays the string it is. So does a dictionary or a set with a key that
//! cannot be one, where the reference gives up on the whole file.

mod number;
mod text;

use crate::value::Map;
use crate::value::Value;

use number::Number;

/// The most brackets inside each other.
const DEEPEST: usize = 100;

/// Reads `text` as a literal; tuples and sets become lists, complex numbers their text. `string`
/// makes the strings of it. Nothing where it is none.
pub(super) fn literal(text: &str, string: &dyn Fn(String) -> Value) -> Option<Value> {
    let text = text.trim_start_matches([' ', '\t']);
    if text.contains('\0') || text.is_empty() {
        return None;
    }
    let mut parser = Parser {
        rest: text,
        depth: 0,
        string,
    };
    let value = parser.list_of_expressions(Stop::End)?;
    parser.blanks();
    let comment = parser.rest.starts_with('#');
    (comment || parser.rest.is_empty()).then_some(value)
}

struct Parser<'a> {
    rest: &'a str,
    depth: usize,
    string: &'a dyn Fn(String) -> Value,
}

/// What Python's syntax tree would say a part of the text is.
enum Part {
    /// A number written without a sign.
    Number(Number),
    /// A number with a sign before it.
    Signed(Number),
    /// Anything else.
    Value(Value),
}

/// What ends a list of expressions.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stop {
    Bracket(char),
    End,
}

impl Parser<'_> {
    /// Expressions with commas between them: one alone is itself, more are a list.
    fn list_of_expressions(&mut self, stop: Stop) -> Option<Value> {
        let first = self.expression()?;
        self.list_after(first, stop)
    }

    fn list_after(&mut self, first: Part, stop: Stop) -> Option<Value> {
        let first = self.finish(first);
        if !self.eat(',') {
            return Some(first);
        }
        let mut items = vec![first];
        while !self.at(stop) {
            let item = self.expression()?;
            items.push(self.finish(item));
            if !self.eat(',') {
                break;
            }
        }
        Some(Value::list(items))
    }

    fn at(&mut self, stop: Stop) -> bool {
        self.blanks();
        match stop {
            Stop::Bracket(bracket) => self.rest.starts_with(bracket),
            Stop::End => self.rest.is_empty() || self.rest.starts_with('#'),
        }
    }

    /// A signed number, a complex one written as a sum, or anything else without operators.
    fn expression(&mut self) -> Option<Part> {
        let left = self.signed()?;
        self.blanks();
        let minus = self.rest.starts_with('-');
        if !minus && !self.rest.starts_with('+') {
            return Some(left);
        }
        self.skip(1);
        let (Part::Number(real) | Part::Signed(real)) = left else {
            return None;
        };
        match self.signed()? {
            Part::Number(imaginary) => {
                let sum = real.plus_imaginary(&imaginary, minus)?;
                Some(Part::Value((self.string)(sum)))
            }
            _ => None,
        }
    }

    fn signed(&mut self) -> Option<Part> {
        self.blanks();
        let minus = self.rest.starts_with('-');
        if !minus && !self.rest.starts_with('+') {
            return self.atom();
        }
        self.skip(1);
        match self.nested(Self::signed)? {
            Part::Number(number) if minus => Some(Part::Signed(number.negative())),
            Part::Number(number) => Some(Part::Signed(number)),
            _ => None,
        }
    }

    fn atom(&mut self) -> Option<Part> {
        self.blanks();
        let first = self.rest.chars().next()?;
        match first {
            '(' => self.nested(Self::parentheses),
            '[' => self.nested(Self::list).map(Part::Value),
            '{' => self.nested(Self::braces).map(Part::Value),
            '.' if self.rest.starts_with("...") => {
                self.skip(3);
                Some(Part::Value((self.string)("...".to_owned())))
            }
            '0'..='9' | '.' => {
                let (number, length) = Number::read(self.rest)?;
                self.skip(length);
                Some(Part::Number(number))
            }
            _ => self.word().map(Part::Value),
        }
    }

    /// A string, or one of the three names, or `set()`.
    fn word(&mut self) -> Option<Value> {
        if let Some(string) = text::read(self.rest) {
            let (string, length) = string?;
            self.skip(length);
            return self.strings(string);
        }
        let is_name = |c: char| c == '_' || c.is_alphanumeric();
        let end = self.rest.find(|c| !is_name(c)).unwrap_or(self.rest.len());
        let name = self.rest.get(..end)?;
        self.skip(end);
        match name {
            "True" => Some(Value::Bool(true)),
            "False" => Some(Value::Bool(false)),
            "None" => Some(Value::Null),
            "set" => (self.eat('(') && self.eat(')')).then(|| Value::list(Vec::new())),
            _ => None,
        }
    }

    /// The strings that follow are part of the first.
    fn strings(&mut self, first: text::Literal) -> Option<Value> {
        let mut whole = first;
        loop {
            self.blanks();
            let Some(next) = text::read(self.rest) else {
                break;
            };
            let (next, length) = next?;
            self.skip(length);
            whole = whole.followed_by(next)?;
        }
        Some(match whole {
            text::Literal::Text(text) => (self.string)(text),
            text::Literal::Bytes(bytes) => Value::str(String::from_utf8(bytes).ok()?),
        })
    }

    /// `(1)` is 1, and still a number that can have a sign; `(1,)` and `()` are tuples.
    fn parentheses(&mut self) -> Option<Part> {
        self.skip(1);
        if self.eat(')') {
            return Some(Part::Value(Value::list(Vec::new())));
        }
        let first = self.expression()?;
        if self.eat(')') {
            return Some(first);
        }
        let items = self.list_after(first, Stop::Bracket(')'))?;
        self.eat(')').then_some(Part::Value(items))
    }

    fn list(&mut self) -> Option<Value> {
        self.skip(1);
        let mut items = Vec::new();
        while !self.at(Stop::Bracket(']')) {
            let item = self.expression()?;
            items.push(self.finish(item));
            if !self.eat(',') {
                break;
            }
        }
        self.eat(']').then(|| Value::list(items))
    }

    /// A dictionary, or a set.
    fn braces(&mut self) -> Option<Value> {
        self.skip(1);
        if self.eat('}') {
            return Some(Value::map(Map::new()));
        }
        let first = self.key()?;
        if !self.eat(':') {
            return self.set(first);
        }
        let mut map = Map::new();
        let mut key = first;
        loop {
            let value = self.expression()?;
            map.insert(key, self.finish(value));
            if !self.eat(',') || self.at(Stop::Bracket('}')) {
                break;
            }
            key = self.key()?;
            if !self.eat(':') {
                return None;
            }
        }
        self.eat('}').then(|| Value::map(map))
    }

    fn set(&mut self, first: Value) -> Option<Value> {
        let mut items = Map::new();
        items.insert(first, Value::Null);
        while self.eat(',') && !self.at(Stop::Bracket('}')) {
            items.insert(self.key()?, Value::Null);
        }
        let keys = items.keys().cloned().collect();
        self.eat('}').then(|| Value::list(keys))
    }

    /// An expression that can be a dictionary's key.
    fn key(&mut self) -> Option<Value> {
        let key = self.expression()?;
        let key = self.finish(key);
        key.is_hashable().then_some(key)
    }

    fn finish(&self, part: Part) -> Value {
        match part {
            Part::Number(number) | Part::Signed(number) => match number {
                Number::Imaginary(_) => (self.string)(number.complex_text()),
                Number::Float(float) => Value::Float(float),
                Number::Int(int) => crate::value::int_from_big(int),
            },
            Part::Value(value) => value,
        }
    }

    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        if self.depth == DEEPEST {
            return None;
        }
        self.depth += 1;
        let found = read(self);
        self.depth -= 1;
        found
    }

    fn eat(&mut self, c: char) -> bool {
        self.blanks();
        let here = self.rest.starts_with(c);
        if here {
            self.skip(c.len_utf8());
        }
        here
    }

    fn blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\u{c}']);
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::literal;
    use crate::value::Value;

    #[test]
    fn literals_are_read_as_python_does() {
        for (text, repr) in [
            ("23", "23"),
            ("-3", "-3"),
            ("+3", "3"),
            ("- 3", "-3"),
            ("-(3)", "-3"),
            ("1_000", "1000"),
            ("0x10", "16"),
            ("0o17", "15"),
            ("0b11", "3"),
            ("00", "0"),
            ("1.0", "1.0"),
            ("1.", "1.0"),
            (".5", "0.5"),
            ("1e3", "1000.0"),
            ("09.5", "9.5"),
            ("1e400", "inf"),
            ("-1e400", "-inf"),
            (
                "123456789012345678901234567890",
                "123456789012345678901234567890",
            ),
            ("True", "True"),
            ("False", "False"),
            ("None", "None"),
            ("...", "'...'"),
            ("1j", "'1j'"),
            ("1+2j", "'(1+2j)'"),
            ("-1.5-2j", "'(-1.5-2j)'"),
            ("'a'", "'a'"),
            ("\"a\"", "'a'"),
            ("'a' \"b\"", "'ab'"),
            ("'''a'''", "'a'"),
            ("r'\\n'", "'\\\\n'"),
            ("u'a'", "'a'"),
            ("b'a'", "'a'"),
            ("'\\x41\\n\\101\\u00e9\\z'", "'A\\nAé\\\\z'"),
            ("[1, 'a', [2], ]", "[1, 'a', [2]]"),
            ("[]", "[]"),
            ("()", "[]"),
            ("(1)", "1"),
            ("(1,)", "[1]"),
            ("1,2", "[1, 2]"),
            ("1,", "[1]"),
            ("80 # x", "80"),
            ("{'k': 1, 2: [3],}", "{'k': 1, 2: [3]}"),
            ("{}", "{}"),
            ("{1, 2, 1}", "[1, 2]"),
            ("set()", "[]"),
            (" \t 5", "5"),
        ] {
            let value = literal(text, &|text| Value::str(text));
            let shown = value.map_or(String::new(), |value| value.repr());
            assert_eq!(shown, repr, "{text}");
        }
    }

    #[test]
    fn everything_else_stays_text() {
        for text in [
            "",
            "abc",
            "true",
            "yes",
            "0644",
            "10.0.0.1",
            "1__0",
            "1_",
            "0x",
            "1e",
            "--5",
            "-True",
            "1+2",
            "1+2j+3j",
            "a,b",
            "[1",
            "[1 2]",
            "'a",
            "'a' b'c'",
            "f'a'",
            "{[]: 1}",
            "{(1,2): 3}",
            "{{ 5 }}",
            "{**{}}",
            "(1",
            "1 2",
            "1;",
            "# x",
            "abc # x",
            "1if",
            "nan",
            "set(1)",
            "{'a' 1}",
            "'\\x4'",
            "[,]",
            "b'é'",
            "0_",
            "1.2.3",
            "5G",
            "[1]]",
            "\u{a0}5",
        ] {
            assert!(literal(text, &|text| Value::str(text)).is_none(), "{text}");
        }
        assert!(literal(&"[".repeat(100_000), &|text| Value::str(text)).is_none());
        assert!(literal(&"-".repeat(100_000), &|text| Value::str(text)).is_none());
    }
}
