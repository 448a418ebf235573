//! Shell patterns as Python's `fnmatch` understands them: `*`, `?`, `[seq]`, `[!seq]`.

/// A compiled shell pattern.
#[derive(Clone, Debug)]
pub(super) struct Glob(Vec<Part>);

#[derive(Clone, Debug)]
enum Part {
    Any,
    Class {
        not: bool,
        ranges: Vec<(char, char)>,
    },
    Char(char),
    Star,
}

impl Glob {
    pub(super) fn new(pattern: &str) -> Self {
        let letters: Vec<char> = pattern.chars().collect();
        let mut parts = Vec::with_capacity(letters.len());
        let mut rest = &letters[..];
        while let Some((first, after)) = rest.split_first() {
            rest = after;
            parts.push(match first {
                '*' => Part::Star,
                '?' => Part::Any,
                '[' => match class(after) {
                    Some((class, after)) => {
                        rest = after;
                        class
                    }
                    None => Part::Char('['),
                },
                other => Part::Char(*other),
            });
        }
        parts.dedup_by(|a, b| matches!((a, b), (Part::Star, Part::Star)));
        Glob(parts)
    }

    /// Says whether the whole of `text` fits.
    pub(super) fn is_match(&self, text: &str) -> bool {
        let letters: Vec<char> = text.chars().collect();
        let (mut part, mut letter) = (0, 0);
        // Where the last star was, and how far the text was then: the only way back there is.
        let mut back: Option<(usize, usize)> = None;
        while let Some(c) = letters.get(letter) {
            match self.0.get(part) {
                Some(Part::Star) => {
                    back = Some((part, letter));
                    part += 1;
                }
                Some(one) if one.fits(*c) => {
                    part += 1;
                    letter += 1;
                }
                _ => {
                    let Some((star, from)) = back else {
                        return false;
                    };
                    back = Some((star, from + 1));
                    part = star + 1;
                    letter = from + 1;
                }
            }
        }
        let rest = self.0.get(part..).unwrap_or_default();
        rest.iter().all(|part| matches!(part, Part::Star))
    }
}

impl Part {
    fn fits(&self, c: char) -> bool {
        match self {
            Part::Any | Part::Star => true,
            Part::Char(own) => *own == c,
            Part::Class { not, ranges } => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != *not
            }
        }
    }
}

/// The class whose inside begins at `letters`, and what is after its `]`.
fn class(letters: &[char]) -> Option<(Part, &[char])> {
    let (not, inside) = match letters {
        ['!', inside @ ..] => (true, inside),
        inside => (false, inside),
    };
    // A `]` that comes first is a letter of the class.
    let end = 1 + inside.iter().skip(1).position(|c| *c == ']')?;
    let (mut set, after) = (inside.get(..end)?, inside.get(end + 1..)?);
    let mut ranges = Vec::new();
    while let Some((first, rest)) = set.split_first() {
        match rest {
            ['-', last, rest @ ..] => {
                ranges.push((*first, *last));
                set = rest;
            }
            rest => {
                ranges.push((*first, *first));
                set = rest;
            }
        }
    }
    Some((Part::Class { not, ranges }, after))
}

#[cfg(test)]
mod tests {
    use super::Glob;

    #[test]
    fn globs_match_as_fnmatch_does() {
        for (pattern, text, expected) in [
            ("web*", "web1.example", true),
            ("web*", "db", false),
            ("*.example.*", "a.example.com", true),
            ("web?", "web1", true),
            ("web?", "web", false),
            ("web[0-3]", "web2", true),
            ("web[!0-3]", "web2", false),
            ("web[!0-3]", "web7", true),
            ("a[]]b", "a]b", true),
            ("a[-x]", "a-", true),
            ("a[x-]", "a-", true),
            ("a[z-a]", "am", false),
            ("a[!z-a]", "am", true),
            ("a[bc", "a[bc", true),
            ("a[]", "a[]", true),
            ("*a*b*c", "xaxbxbxc", true),
            ("**", "", true),
            ("", "", true),
            ("Web", "web", false),
        ] {
            assert_eq!(
                Glob::new(pattern).is_match(text),
                expected,
                "{pattern} {text}"
            );
        }
    }
}
