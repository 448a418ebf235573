//! The lines of a text, as Python's `str.splitlines` finds them.

/// The lines of `text` without their ends; a last line end begins no further line.
pub fn lines(text: &str) -> impl Iterator<Item = &str> {
    Lines { rest: text }.map(|(line, _)| line)
}

/// The lines of `text` with their ends.
pub fn lines_with_ends(text: &str) -> impl Iterator<Item = &str> {
    Lines { rest: text }.map(|(_, whole)| whole)
}

/// Each line without and with its end.
struct Lines<'t> {
    rest: &'t str,
}

impl<'t> Iterator for Lines<'t> {
    type Item = (&'t str, &'t str);

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let at = self.rest.find(is_end).unwrap_or(self.rest.len());
        let (line, after) = self.rest.split_at(at);
        let end = match after.starts_with("\r\n") {
            true => 2,
            false => after.chars().next().map_or(0, char::len_utf8),
        };
        let (whole, rest) = self.rest.split_at(at + end);
        self.rest = rest;
        Some((line, whole))
    }
}

/// What ends a line besides `\r\n`.
fn is_end(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

#[cfg(test)]
mod tests {
    use super::{lines, lines_with_ends};

    #[test]
    fn every_end_that_python_knows_ends_a_line() {
        let text = "a\rb\u{c}c\u{b}d\u{1c}e\u{1d}f\u{1e}g\u{85}h\u{2028}i\u{2029}j\r\n\nk\n";
        let found: Vec<&str> = lines(text).collect();
        assert_eq!(
            found,
            ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "", "k"]
        );
        assert_eq!(lines_with_ends(text).collect::<String>(), text);
        assert_eq!(lines("").count(), 0);
        assert_eq!(lines("\n").collect::<Vec<_>>(), [""]);
        // A tab and a unit separator end none.
        assert_eq!(lines("a\tb\u{1f}c").count(), 1);
    }
}
