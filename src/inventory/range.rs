//! Ranges in host names: `web[01:20]`, `db-[a:f].example.com`, `rack[1:9:2]-node[1:4]`.

use crate::error::Result;
use crate::error::{Error, Kind};

/// The most hosts one pattern may stand for.
pub const MOST: usize = 100_000;

/// The letters that a range of letters runs over.
const LETTERS: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// The names that `text` stands for, in order: itself where it has no range.
///
/// # Errors
/// A range is not written as one, or it stands for more than [`MOST`] names.
pub fn expand(text: &str) -> Result<Vec<String>> {
    let mut names = vec![String::new()];
    let mut rest = text;
    while rest.contains('[') {
        let (head, range, tail) = split(rest).ok_or_else(|| malformed(text))?;
        let words = Range::parse(range)?.words(MOST / names.len().max(1))?;
        names = combine(&names, head, &words);
        rest = tail;
    }
    names.iter_mut().for_each(|name| name.push_str(rest));
    Ok(names)
}

/// What is before, in and after the first brackets.
fn split(text: &str) -> Option<(&str, &str, &str)> {
    let (head, rest) = text.split_once('[')?;
    let (range, tail) = rest.split_once(']')?;
    let stray = head.contains([']', '|']) || range.contains(['[', '|']) || tail.contains('|');
    (!stray).then_some((head, range, tail))
}

fn combine(names: &[String], head: &str, words: &[String]) -> Vec<String> {
    names
        .iter()
        .flat_map(|name| words.iter().map(move |word| format!("{name}{head}{word}")))
        .collect()
}

fn malformed(range: &str) -> Error {
    Error::syntax(format!("`{range}` is not a range of hosts"))
        .hint("a range is written `[begin:end]` or `[begin:end:step]`")
}

struct Range<'a> {
    text: &'a str,
    begin: &'a str,
    end: &'a str,
    step: &'a str,
}

impl<'a> Range<'a> {
    fn parse(text: &'a str) -> Result<Self> {
        let parts: Vec<&str> = text.split(':').collect();
        let (begin, end, step) = match *parts.as_slice() {
            [begin, end] => (begin, end, "1"),
            [begin, end, step] => (begin, end, step),
            _ => return Err(malformed(&format!("[{text}]"))),
        };
        if end.is_empty() {
            let text = format!("host range must specify end value: `[{text}]`");
            return Err(Error::syntax(text));
        }
        let begin = if begin.is_empty() { "0" } else { begin };
        Ok(Range {
            text,
            begin,
            end,
            step,
        })
    }

    /// The words the range runs over, at most `most`.
    fn words(&self, most: usize) -> Result<Vec<String>> {
        let width = self.width()?;
        let step = whole(self.step).ok_or_else(|| self.wrong("its step is not a number"))?;
        if step == 0 {
            return Err(self.wrong("its step is 0"));
        }
        if let (Some(begin), Some(end)) = (LETTERS.find(self.begin), LETTERS.find(self.end)) {
            return self.letters(begin, end, step, most);
        }
        let (Some(begin), Some(end)) = (whole(self.begin), whole(self.end)) else {
            return Err(self
                .wrong("it runs neither over numbers nor over letters")
                .of_kind(Kind::Input));
        };
        self.numbers(begin, end, step, width, most)
    }

    /// How wide the numbers are where they begin with a zero.
    fn width(&self) -> Result<usize> {
        if !self.begin.starts_with('0') || self.begin.len() == 1 {
            return Ok(0);
        }
        if self.begin.len() != self.end.len() {
            return Err(self.wrong("its begin has leading zeros, but its end is not as long"));
        }
        Ok(self.begin.len())
    }

    fn letters(&self, begin: usize, end: usize, step: i64, most: usize) -> Result<Vec<String>> {
        if begin > end {
            return Err(self.wrong("it ends before it begins"));
        }
        let Ok(step) = usize::try_from(step) else {
            return Ok(Vec::new());
        };
        let letters = LETTERS.get(begin..=end).unwrap_or_default();
        let words: Vec<String> = letters.chars().step_by(step).map(String::from).collect();
        if words.len() > most {
            return Err(self.too_many());
        }
        Ok(words)
    }

    fn numbers(
        &self,
        begin: i64,
        end: i64,
        step: i64,
        width: usize,
        most: usize,
    ) -> Result<Vec<String>> {
        let (begin, end, step) = (i128::from(begin), i128::from(end), i128::from(step));
        // Python's range ends before its end, which is one more than what is written.
        let span = if step > 0 {
            end - begin
        } else {
            begin - end - 2
        };
        if span < 0 {
            return Ok(Vec::new());
        }
        let count = span / step.abs() + 1;
        if count > most as i128 {
            return Err(self.too_many());
        }
        let numbers = (0..count).map(|position| begin + position * step);
        Ok(numbers.map(|number| format!("{number:0width$}")).collect())
    }

    fn too_many(&self) -> Error {
        let text = format!("`[{}]` stands for more than {MOST} hosts", self.text);
        Error::syntax(text)
    }

    fn wrong(&self, why: &str) -> Error {
        Error::syntax(format!("`[{}]` is not a range of hosts: {why}", self.text))
    }
}

/// A whole number as Python's `int()` reads it: blanks around it, single `_` inside.
fn whole(text: &str) -> Option<i64> {
    let text = text.trim();
    if text.contains("__") || text.starts_with('_') || text.ends_with('_') {
        return None;
    }
    text.replace('_', "").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::expand;

    #[test]
    fn ranges_become_names() {
        for (text, names) in [
            ("web", "web"),
            ("web[1:3]", "web1 web2 web3"),
            ("web[01:03]", "web01 web02 web03"),
            ("web[08:11]", "web08 web09 web10 web11"),
            ("web[1:9:3].x", "web1.x web4.x web7.x"),
            ("db[a:c]", "dba dbb dbc"),
            ("db[y:B]", "dby dbz dbA dbB"),
            ("db[a:f:2]", "dba dbc dbe"),
            ("[a:b][1:2]", "a1 a2 b1 b2"),
            ("x[:2]", "x0 x1 x2"),
            ("x[3:1]", ""),
            ("x[-1:1]", "x-1 x0 x1"),
            ("x[5:1:-2]", "x5 x3"),
        ] {
            assert_eq!(expand(text).unwrap().join(" "), names, "{text}");
        }
    }

    #[test]
    fn what_is_no_range_is_an_error() {
        for text in [
            "web[1]",
            "web[1-3]",
            "web[1:]",
            "web[1:2",
            "web]1:2[",
            "a[01:100]",
            "a[c:a]",
            "a[1:2:0]",
            "a[1:2:x]",
            "a[x:1]",
            "a[1:2]|b",
            "a[0:999999999]",
            "a[0:999][0:999][0:999]",
            "a[0:99999999999999999999]",
            "[1:2:3:4]",
        ] {
            assert!(expand(text).is_err(), "{text}");
        }
    }
}
