//! A text as its lines.

/// One line: its text, and what ends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The text without its end.
    pub text: String,
    /// `\n`, `\r\n`, `\r`, or nothing for a last line without an end.
    pub end: &'static str,
}

/// The lines of a text. Line ends are kept; a new line gets the end that all others have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lines {
    /// The lines.
    pub all: Vec<Line>,
    /// What ends a new line: `\r\n` where every line has that, else `\n`.
    pub end: &'static str,
}

impl Lines {
    /// The lines of `text`.
    pub fn of(text: &str) -> Lines {
        let mut all = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (length, end) = first_line(rest);
            let (line, after) = rest.split_at(length);
            all.push(Line {
                text: line.to_owned(),
                end,
            });
            rest = after.get(end.len()..).unwrap_or("");
        }
        let dos = all.first().is_some_and(|line| line.end == "\r\n")
            && all.iter().all(|line| matches!(line.end, "\r\n" | ""));
        Lines {
            all,
            end: if dos { "\r\n" } else { "\n" },
        }
    }

    /// A new line.
    pub fn line(&self, text: &str) -> Line {
        let text = text.strip_suffix('\n').unwrap_or(text);
        Line {
            text: text.to_owned(),
            end: self.end,
        }
    }

    /// Ends the last line, where it has no end.
    pub fn close(&mut self) {
        let end = self.end;
        if let Some(last) = self.all.last_mut()
            && last.end.is_empty()
        {
            last.end = end;
        }
    }

    /// The whole text.
    pub fn text(&self) -> String {
        self.all
            .iter()
            .flat_map(|line| [line.text.as_str(), line.end])
            .collect()
    }
}

impl Line {
    /// The text as Python reads it: its end is `\n`, whatever it is in the file.
    pub fn read(&self) -> String {
        let end = if self.end.is_empty() { "" } else { "\n" };
        format!("{}{end}", self.text)
    }
}

/// The length of the first line without its end, and the end.
fn first_line(text: &str) -> (usize, &'static str) {
    let Some(length) = text.find(['\n', '\r']) else {
        return (text.len(), "");
    };
    let end = match text.as_bytes().get(length..length + 2) {
        Some(b"\r\n") => "\r\n",
        Some([b'\n', _]) => "\n",
        Some(_) => "\r",
        None if text.ends_with('\n') => "\n",
        None => "\r",
    };
    (length, end)
}

#[cfg(test)]
mod tests {
    use super::Lines;

    #[test]
    fn lines_keep_their_ends() {
        for text in ["", "a", "a\n", "a\r\nb\r\n", "a\rb\n\nc\r", "\n", "\r\n\r"] {
            assert_eq!(Lines::of(text).text(), text);
        }
        assert_eq!(Lines::of("a\r\nb").end, "\r\n");
        assert_eq!(Lines::of("a\r\nb\n").end, "\n");
        assert_eq!(Lines::of("a\rb\n\nc\r").all.len(), 4);
    }
}
