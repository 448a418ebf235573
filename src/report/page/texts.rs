//! The texts of a page: each is kept once, and all of them within bounds.

use std::collections::HashMap;

/// What all texts together may have, in bytes of JSON.
const ALL: usize = 4_000_000;

/// Texts, each with its number.
#[derive(Default)]
pub struct Texts {
    known: HashMap<String, usize>,
    list: Vec<String>,
    bytes: usize,
    /// How many were left out.
    pub left_out: usize,
}

impl Texts {
    /// The number of a text; one of more than `limit` bytes loses its middle.
    pub fn add(&mut self, text: &str, limit: usize) -> usize {
        let text = crate::report::record::shortened(text, limit);
        if let Some(number) = self.known.get(&text) {
            return *number;
        }
        let bytes = json_length(&text);
        if self.bytes + bytes > ALL {
            self.left_out += 1;
            return self.note();
        }
        self.bytes += bytes;
        self.push(text)
    }

    fn note(&mut self) -> usize {
        let text = "(left out: the page is full. `play runs show --host HOST` shows it.)";
        match self.known.get(text) {
            Some(number) => *number,
            None => self.push(text.to_owned()),
        }
    }

    fn push(&mut self, text: String) -> usize {
        self.known.insert(text.clone(), self.list.len());
        self.list.push(text);
        self.list.len() - 1
    }

    /// The texts in the order of their numbers.
    pub fn list(&self) -> &[String] {
        &self.list
    }
}

/// How long a text is as JSON in a page.
fn json_length(text: &str) -> usize {
    let one = |c: char| match c {
        '"' | '\\' | '\n' | '\r' | '\t' => 2,
        '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => 6,
        c => c.len_utf8(),
    };
    text.chars().map(one).sum::<usize>() + 3
}
