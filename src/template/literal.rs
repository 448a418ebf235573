//! Strings and numbers as they stand in a template's text, by Python's rules.

use num_bigint::BigInt;
use num_traits::Num;

use crate::value::{Value, int_from_big};

/// Reads one or more string literals that stand side by side; `keep_backslashes` leaves escapes
/// as they are written.
pub(super) fn string(literals: &str, keep_backslashes: bool) -> String {
    let mut out = String::with_capacity(literals.len());
    let mut rest = literals.trim_start();
    while let Some(quote) = rest.chars().next().filter(|c| matches!(c, '\'' | '"')) {
        let body = &rest[1..];
        let end = literal_end(body, quote);
        let inner = &body[..end];
        if keep_backslashes || !inner.contains('\\') {
            out.push_str(inner);
        } else {
            unescape(inner, &mut out);
        }
        rest = body[end..].strip_prefix(quote).unwrap_or("");
        rest = rest.trim_start_matches(|c: char| c.is_whitespace());
    }
    out
}

/// Where the literal's closing quote is.
fn literal_end(body: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in body.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at,
            _ => {}
        }
    }
    body.len()
}

/// Python's escapes; an unknown one stays as it is written.
fn unescape(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = escape(&rest[at + 1..], out);
    }
    out.push_str(rest);
}

/// Reads one escape from behind its backslash and gives what follows it.
fn escape<'a>(rest: &'a str, out: &mut String) -> &'a str {
    let Some(c) = rest.chars().next() else {
        out.push('\\');
        return rest;
    };
    let after = &rest[c.len_utf8()..];
    let plain = match c {
        '\n' => return after,
        '\\' | '\'' | '"' => c,
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        'x' => return code(after, 2, 16, c, out),
        'u' => return code(after, 4, 16, c, out),
        'U' => return code(after, 8, 16, c, out),
        '0'..='7' => return octal(rest, out),
        _ => {
            out.push('\\');
            c
        }
    };
    out.push(plain);
    after
}

/// A character by its number in exactly `digits` digits; else the escape stays as written.
fn code<'a>(rest: &'a str, digits: usize, radix: u32, letter: char, out: &mut String) -> &'a str {
    let found = rest
        .get(..digits)
        .and_then(|digits| u32::from_str_radix(digits, radix).ok())
        .and_then(char::from_u32);
    match found {
        Some(c) => {
            out.push(c);
            &rest[digits..]
        }
        None => {
            out.push('\\');
            out.push(letter);
            rest
        }
    }
}

/// A character by up to three octal digits.
fn octal<'a>(rest: &'a str, out: &mut String) -> &'a str {
    let length = rest
        .bytes()
        .take(3)
        .take_while(|byte| (b'0'..=b'7').contains(byte))
        .count();
    let number = u32::from_str_radix(&rest[..length], 8).unwrap_or(0);
    out.extend(char::from_u32(number));
    &rest[length..]
}

/// Reads a number: decimal, `0x`, `0o`, `0b`, with `_` between digits, or a floating point one.
pub(super) fn number(literal: &str) -> Option<Value> {
    let text = literal.trim().replace('_', "");
    let lower = text.to_ascii_lowercase();
    let (digits, radix) = match lower.get(..2) {
        Some("0x") => (&lower[2..], 16),
        Some("0o") => (&lower[2..], 8),
        Some("0b") => (&lower[2..], 2),
        _ => (lower.as_str(), 10),
    };
    if radix == 10 && digits.contains(['.', 'e']) {
        return digits.parse().ok().map(Value::Float);
    }
    match i64::from_str_radix(digits, radix) {
        Ok(small) => Some(Value::Int(small)),
        Err(_) if digits.len() > 4300 => None,
        Err(_) => BigInt::from_str_radix(digits, radix).ok().map(int_from_big),
    }
}

#[cfg(test)]
mod tests {
    use super::{number, string};
    use crate::value::Value;

    #[test]
    fn escapes_are_pythons() {
        for (literal, keep, text) in [
            (r"'a\nb'", false, "a\nb"),
            (r"'a\nb'", true, r"a\nb"),
            (r"'it\'s'", false, "it's"),
            (r"'it\'s'", true, r"it\'s"),
            (r"'\d\x41\u00e9\101'", false, "\\dAéA"),
            (r#""a" 'b'"#, false, "ab"),
            (r"'\xg'", false, r"\xg"),
        ] {
            assert_eq!(string(literal, keep), text, "{literal}");
        }
    }

    #[test]
    fn numbers_are_pythons() {
        for (literal, value) in [
            ("1_000", Value::Int(1000)),
            ("0xff", Value::Int(255)),
            ("0o17", Value::Int(15)),
            ("0b11", Value::Int(3)),
            ("1e3", Value::Float(1000.0)),
            ("1.5", Value::Float(1.5)),
        ] {
            assert_eq!(number(literal), Some(value));
        }
        assert_eq!(
            number("99999999999999999999").unwrap().to_text(),
            "99999999999999999999"
        );
    }
}
