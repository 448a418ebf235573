//! Shell patterns on names: `*`, `?`, `[…]`, as Python's `fnmatch` has them.

/// Says whether the whole of `text` fits `pattern`.
pub fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    fits(&pattern, &text)
}

/// Matches with one point of return (the last `*`), so that no pattern takes long.
fn fits(pattern: &[char], text: &[char]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while t < text.len() {
        match step(pattern, p, text[t]) {
            Some(Step::Star) => {
                back = Some((p + 1, t));
                p += 1;
            }
            Some(Step::One(next)) => {
                p = next;
                t += 1;
            }
            None => match back {
                Some((star, from)) => {
                    back = Some((star, from + 1));
                    (p, t) = (star, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

enum Step {
    Star,
    One(usize),
}

fn step(pattern: &[char], at: usize, c: char) -> Option<Step> {
    match pattern.get(at)? {
        '*' => Some(Step::Star),
        '?' => Some(Step::One(at + 1)),
        '[' => match class(pattern, at, c) {
            Some((true, end)) => Some(Step::One(end)),
            Some((false, _)) => None,
            None => (c == '[').then_some(Step::One(at + 1)),
        },
        other => (*other == c).then_some(Step::One(at + 1)),
    }
}

/// A class `[a-z]` at `at`: whether `c` is in it, and where it ends; nothing for a lone bracket.
fn class(pattern: &[char], at: usize, c: char) -> Option<(bool, usize)> {
    let negated = pattern.get(at + 1) == Some(&'!');
    let start = at + 1 + usize::from(negated);
    let close = (start + 1..pattern.len()).find(|i| pattern[*i] == ']')?;
    let mut found = false;
    let mut i = start;
    while i < close {
        if i + 2 < close && pattern[i + 1] == '-' {
            found |= (pattern[i]..=pattern[i + 2]).contains(&c);
            i += 3;
        } else {
            found |= pattern[i] == c;
            i += 1;
        }
    }
    Some((found != negated, close + 1))
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_match_as_fnmatch_does() {
        for (pattern, text, fits) in [
            ("a*c", "abbc", true),
            ("a*c", "abbd", false),
            ("?b", "ab", true),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("[", "[", true),
            ("*", "", true),
            ("a**b", "ab", true),
        ] {
            assert_eq!(matches(pattern, text), fits, "{pattern} {text}");
        }
    }
}
