//! Texts of strangers on their way to a terminal.

use std::borrow::Cow;

/// Says whether a character steers a terminal or turns the direction of a text: what stands there is
/// then not what is read. Tabs and line ends do neither.
pub fn steers(c: char) -> bool {
    match c {
        '\t' | '\n' => false,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        c => c.is_control(),
    }
}

/// The text with a picture for each control character but tabs and line ends, and `U+FFFD` for those that
/// turn its direction: hosts, items and names are not to move the cursor, name the window, or write
/// over what stood there before. A carriage return is a line end only before a line feed.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.chars().any(steers) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => clean.push(c),
            c if !steers(c) => clean.push(c),
            // U+2400 and on are pictures of the first 32.
            '\0'..='\x1f' => clean.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or('?')),
            '\x7f' => clean.push('␡'),
            _ => clean.push(char::REPLACEMENT_CHARACTER),
        }
    }
    Cow::Owned(clean)
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn no_control_character_comes_through() {
        for (text, clean) in [
            ("a\tb\nc\r\nd", "a\tb\nc\r\nd"),
            ("\x1b[2J\x1b]0;T\x07x", "␛[2J␛]0;T␇x"),
            ("50 %\rdone\x08", "50 %␍done␈"),
            ("\u{9b}31m\x7f", "\u{fffd}31m␡"),
            ("a\u{202e}b\u{2066}c\u{2069}", "a\u{fffd}b\u{fffd}c\u{fffd}"),
            ("grün ✓ \u{2065}\u{202f}", "grün ✓ \u{2065}\u{202f}"),
        ] {
            assert_eq!(printable(text), clean);
        }
    }
}
