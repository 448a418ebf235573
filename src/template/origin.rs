//! Where in the user's files a byte of a template stands.

use std::sync::Arc;

use crate::error::{Place, Source};
use crate::value::Str;

/// The text a template was compiled from, as a thing that has places.
#[derive(Clone, Debug)]
pub(super) enum Origin {
    /// A whole file.
    File(Arc<Source>),
    /// A file without so many bytes at its beginning (the `#jinja2:` line).
    Part(Arc<Source>, usize),
    /// A string in a YAML file, an inventory, a command line.
    Text(Str),
}

impl Origin {
    /// The place of a byte of the template.
    pub(super) fn place(&self, offset: usize) -> Option<Place> {
        match self {
            Origin::File(source) => Some(in_file(source, offset)),
            Origin::Part(source, skipped) => Some(in_file(source, skipped + offset)),
            Origin::Text(text) => in_string(text, offset),
        }
    }

    /// The folder of the file, where there is one.
    pub(super) fn folder(&self) -> Option<&std::path::Path> {
        match self {
            Origin::File(source) | Origin::Part(source, _) => source.path().parent(),
            Origin::Text(_) => None,
        }
    }
}

fn in_file(source: &Arc<Source>, offset: usize) -> Place {
    if !source.text().contains('\r') {
        let (line, column) = source.position(offset);
        return Place::new(source.clone(), line, column);
    }
    // The template was read with `\n` for every line's end, so the count of lines is the same and
    // the count of bytes is not.
    let mut line = 1;
    let mut column = 1;
    let mut left = offset;
    let mut letters = source.text().chars().peekable();
    while let Some(c) = letters.next() {
        if left == 0 {
            break;
        }
        match c {
            '\r' if letters.peek() == Some(&'\n') => {}
            '\n' | '\r' => {
                line += 1;
                column = 1;
                left -= 1;
            }
            c => {
                column += 1;
                left = left.saturating_sub(c.len_utf8());
            }
        }
    }
    Place::new(source.clone(), line, column)
}

/// Walks the template's text and the file's side by side; runs of blanks match each other, because
/// YAML folds and indents them.
fn in_string(text: &Str, offset: usize) -> Option<Place> {
    let place = text.place()?;
    let wanted = text.as_str().get(..offset).unwrap_or(text.as_str());
    let mut file = Cursor::at(place)?;
    file.enter_scalar(text.as_str());
    let mut rest = wanted.chars().peekable();
    while let Some(c) = rest.next() {
        if c.is_whitespace() {
            while rest.next_if(|next| next.is_whitespace()).is_some() {}
            file.skip_blanks();
            continue;
        }
        if !file.skip(c) {
            return Some(place.clone());
        }
    }
    if text.as_str()[wanted.len()..].starts_with(|c: char| !c.is_whitespace()) {
        file.skip_blanks_if(wanted.ends_with(char::is_whitespace) || wanted.is_empty());
    }
    Some(Place::new(place.source.clone(), file.line, file.column))
}

/// A position in a file's text.
struct Cursor<'a> {
    rest: &'a str,
    line: u32,
    column: u32,
    quote: Option<char>,
}

impl<'a> Cursor<'a> {
    fn at(place: &'a Place) -> Option<Self> {
        let start = place.source.line_start(place.line)?;
        let line = place.source.text().get(start..)?;
        let column = place.column.saturating_sub(1) as usize;
        let byte = line.char_indices().nth(column).map_or(0, |(byte, _)| byte);
        let start = start + byte;
        Some(Cursor {
            rest: place.source.text().get(start..)?,
            line: place.line,
            column: place.column,
            quote: None,
        })
    }

    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        if c == '\n' {
            self.line += 1;
            self.column = 1;
        } else {
            self.column += 1;
        }
        Some(c)
    }

    /// Steps over a quote or a block's header, so that the text itself follows.
    fn enter_scalar(&mut self, text: &str) {
        if self.rest.starts_with(text) && !text.is_empty() {
            return;
        }
        match self.rest.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                self.quote = Some(quote);
                self.next();
            }
            Some('|' | '>') => {
                while self.next().is_some_and(|c| c != '\n') {}
                if !text.starts_with(char::is_whitespace) {
                    self.skip_blanks();
                }
            }
            _ => {}
        }
    }

    fn skip_blanks(&mut self) {
        loop {
            if self.rest.starts_with(char::is_whitespace) {
                self.next();
            } else if self.quote == Some('"') && is_blank_escape(self.rest) {
                self.next();
                self.next();
            } else {
                return;
            }
        }
    }

    fn skip_blanks_if(&mut self, condition: bool) {
        if condition {
            self.skip_blanks();
        }
    }

    /// Steps over one character of the template; false where the file has another.
    fn skip(&mut self, wanted: char) -> bool {
        match (self.quote, self.next()) {
            (Some('"'), Some('\\')) => {
                self.next();
                true
            }
            (Some('\''), Some('\'')) => {
                self.next();
                wanted == '\''
            }
            (_, Some(found)) => found == wanted,
            (_, None) => false,
        }
    }
}

/// Says whether an escape of a blank stands here, as double quotes have it.
fn is_blank_escape(text: &str) -> bool {
    ["\\n", "\\t", "\\r", "\\ ", "\\\n"]
        .iter()
        .any(|escape| text.starts_with(escape))
}

#[cfg(test)]
mod tests {
    use super::Origin;
    use crate::error::{Place, Source};
    use crate::value::Str;

    #[test]
    fn a_byte_of_a_template_is_found_in_the_file() {
        for (file, (line, column), text, find, expected) in [
            ("a: {{ x }}b\n", (1, 4), "{{ x }}b", "x", (1, 7)),
            ("a: \"{{ x }}\"\n", (1, 4), "{{ x }}", "x", (1, 8)),
            ("a: \"q\\\"{{ x }}\"\n", (1, 4), "q\"{{ x }}", "x", (1, 11)),
            ("a: 'it''s {{ x }}'\n", (1, 4), "it's {{ x }}", "x", (1, 14)),
            (
                "a: |\n  one\n  two {{ x }}\n",
                (1, 4),
                "one\ntwo {{ x }}\n",
                "x",
                (3, 10),
            ),
            (
                "a: >-\n  one\n  {{ x\n  + y }}\n",
                (1, 4),
                "one {{ x + y }}",
                "y",
                (4, 5),
            ),
            ("a: é {{ x }}\n", (1, 4), "é {{ x }}", "x", (1, 9)),
        ] {
            let source = Source::new("f.yml", file);
            let text = Str::template(text, Some(Place::new(source, line, column)));
            let offset = text.find(find).unwrap();
            let place = Origin::Text(text).place(offset).unwrap();
            assert_eq!((place.line, place.column), expected, "{file}");
        }
    }
}
