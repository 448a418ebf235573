//! Sets of characters: `[…]`, `\w`, `\d`, `\s`.

use super::Flags;
use super::parser::{Outcome, Parser};

/// One member of a set.
enum Member {
    One(char),
    Category(&'static str),
}

/// Reads a set after its opening bracket, which stands at `start`.
pub(super) fn read(parser: &mut Parser, flags: Flags, start: usize) -> Outcome<String> {
    let mut out = String::from("[");
    if parser.peek() == Some('^') {
        parser.position += 1;
        out.push('^');
    }
    let first = parser.position;
    loop {
        let at = parser.position;
        if parser.peek() == Some(']') && at > first {
            parser.position += 1;
            break;
        }
        let low = member(parser, flags, start)?;
        if !is_range(parser) {
            push(&mut out, &low);
            continue;
        }
        parser.position += 1;
        let high = member(parser, flags, start)?;
        push_range(parser, &mut out, &low, &high, at)?;
    }
    out.push(']');
    Ok(out)
}

/// Says whether a `-` follows that is not the last character of the set.
fn is_range(parser: &Parser) -> bool {
    parser.peek() == Some('-')
        && parser
            .chars
            .get(parser.position + 1)
            .is_none_or(|c| *c != ']')
}

fn member(parser: &mut Parser, flags: Flags, start: usize) -> Outcome<Member> {
    let at = parser.position;
    let unterminated = "unterminated character set";
    let c = parser
        .next()
        .ok_or_else(|| parser.error(unterminated, start))?;
    if c != '\\' {
        return Ok(Member::One(c));
    }
    let c = parser
        .next()
        .ok_or_else(|| parser.error(unterminated, start))?;
    if let Some(set) = category(c, flags.ascii) {
        return Ok(Member::Category(set));
    }
    Ok(Member::One(match c {
        'b' => '\u{8}',
        '0'..='7' => {
            parser.position -= 1;
            parser.octal(3)?
        }
        c => parser.character(c, at)?,
    }))
}

fn push(out: &mut String, member: &Member) {
    match member {
        Member::One(c) => push_char(out, *c),
        Member::Category(set) => out.push_str(set),
    }
}

fn push_range(
    parser: &Parser,
    out: &mut String,
    low: &Member,
    high: &Member,
    at: usize,
) -> Outcome<()> {
    let written: String = parser.chars[at..parser.position].iter().collect();
    let bad = || parser.error(&format!("bad character range {written}"), at);
    let (Member::One(low), Member::One(high)) = (low, high) else {
        return Err(bad());
    };
    if low > high {
        return Err(bad());
    }
    push_char(out, *low);
    out.push('-');
    push_char(out, *high);
    Ok(())
}

fn push_char(out: &mut String, c: char) {
    if c.is_control() {
        out.push_str(&format!("\\x{{{:x}}}", c as u32));
        return;
    }
    if r"\]^-[&~".contains(c) {
        out.push('\\');
    }
    out.push(c);
}

/// What `\d`, `\w` and `\s` and their opposites hold, to stand between brackets.
pub(super) fn category(c: char, ascii: bool) -> Option<&'static str> {
    Some(match (c, ascii) {
        ('d', false) => r"\p{Nd}",
        ('D', false) => r"\P{Nd}",
        ('d', true) => "0-9",
        ('D', true) => "[^0-9]",
        ('w', false) => r"\p{L}\p{N}_",
        ('W', false) => r"[^\p{L}\p{N}_]",
        ('w', true) => "0-9A-Za-z_",
        ('W', true) => "[^0-9A-Za-z_]",
        // Python counts the four separators of ASCII among the blanks.
        ('s', false) => r"\s\x1c-\x1f",
        ('S', false) => r"[^\s\x1c-\x1f]",
        ('s', true) => r" \t\n\r\x0b\x0c",
        ('S', true) => r"[^ \t\n\r\x0b\x0c]",
        _ => return None,
    })
}
