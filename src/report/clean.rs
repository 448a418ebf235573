//! Text of strangers on its way to a terminal.

use std::borrow::Cow;

/// The text with a picture for each control character but tabs and line ends: hosts, items and names
/// are not to move the cursor, name the window, or write over what stood there before. A carriage
/// return is a line end only before a line feed.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text
        .chars()
        .any(|c| c.is_control() && !matches!(c, '\t' | '\n'))
    {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\t' | '\n' => clean.push(c),
            '\r' if chars.peek() == Some(&'\n') => clean.push(c),
            // U+2400 and on are pictures of the first 32, as the excerpts of errors show them.
            '\0'..='\x1f' => clean.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or('?')),
            '\x7f' => clean.push('␡'),
            c if c.is_control() => clean.push('\u{fffd}'),
            c => clean.push(c),
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
            ("grün ✓", "grün ✓"),
        ] {
            assert_eq!(printable(text), clean);
        }
    }
}
