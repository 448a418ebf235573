//! Text for a line of so many columns.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::report::printable;

/// How many columns a text takes.
pub fn columns(text: &str) -> usize {
    text.width()
}

/// One line, whatever stands in a name or an output: no control character, no line end.
pub fn one_line(text: &str) -> String {
    let text = text.trim().replace(['\t', '\n', '\r'], " ");
    printable(&text).into_owned()
}

/// At most `room` columns of a text: what is too much goes from its middle.
pub fn middle(text: &str, room: usize) -> String {
    if columns(text) <= room {
        return text.to_owned();
    }
    let Some(left) = room.checked_sub(1) else {
        return String::new();
    };
    let head = left.div_ceil(2);
    format!("{}…{}", first(text, head), last(text, left - head))
}

/// At most `room` columns of a text: what is too much goes from its end.
pub fn start(text: &str, room: usize) -> String {
    if columns(text) <= room {
        return text.to_owned();
    }
    match room.checked_sub(1) {
        None => String::new(),
        Some(left) => format!("{}…", first(text, left)),
    }
}

fn first(text: &str, room: usize) -> String {
    taken(text.chars(), room).into_iter().collect()
}

fn last(text: &str, room: usize) -> String {
    taken(text.chars().rev(), room).into_iter().rev().collect()
}

fn taken(chars: impl Iterator<Item = char>, room: usize) -> Vec<char> {
    let mut used = 0;
    let fits = |c: &char| {
        used += c.width().unwrap_or(0);
        used <= room
    };
    chars.take_while(fits).collect()
}
