//! rpm's order of versions (rpmvercmp).

use std::cmp::Ordering;

/// Compares two versions (or two releases): runs of digits and of letters in turn; `~` comes before
/// the end, `^` right after it.
pub fn compare(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left, right);
    loop {
        left = skip(left);
        right = skip(right);
        for (mark, missing) in [('~', Ordering::Greater), ('^', Ordering::Less)] {
            match (left.starts_with(mark), right.starts_with(mark)) {
                (true, true) => {
                    (left, right) = (&left[1..], &right[1..]);
                    return compare(left, right);
                }
                (false, true) if mark == '~' || !left.is_empty() || missing == Ordering::Less => {
                    return if mark == '^' && !left.is_empty() { Ordering::Greater } else { missing };
                }
                (true, false) => {
                    return if mark == '^' && !right.is_empty() {
                        Ordering::Less
                    } else {
                        missing.reverse()
                    };
                }
                _ => {}
            }
        }
        if left.is_empty() || right.is_empty() {
            return left.len().cmp(&right.len());
        }
        let digits = left.starts_with(|c: char| c.is_ascii_digit());
        let (left_run, left_rest) = run(left, digits);
        let (right_run, right_rest) = run(right, digits);
        if right_run.is_empty() {
            return if digits { Ordering::Greater } else { Ordering::Less };
        }
        let order = if digits {
            number(left_run, right_run)
        } else {
            left_run.cmp(right_run)
        };
        if order != Ordering::Equal {
            return order;
        }
        (left, right) = (left_rest, right_rest);
    }
}

fn skip(text: &str) -> &str {
    text.trim_start_matches(|c: char| !(c.is_ascii_alphanumeric() || c == '~' || c == '^'))
}

fn run(text: &str, digits: bool) -> (&str, &str) {
    let other = |c: char| {
        if digits {
            !c.is_ascii_digit()
        } else {
            !c.is_ascii_alphabetic()
        }
    };
    text.split_at(text.find(other).unwrap_or(text.len()))
}

fn number(left: &str, right: &str) -> Ordering {
    let left = left.trim_start_matches('0');
    let right = right.trim_start_matches('0');
    left.len().cmp(&right.len()).then_with(|| left.cmp(right))
}

#[cfg(test)]
mod tests {
    use super::compare;
    use std::cmp::Ordering::{Equal, Greater, Less};

    #[test]
    fn versions_are_ordered_as_rpm_does() {
        for (left, right, order) in [
            ("1.0", "1.0", Equal),
            ("1.10", "1.9", Greater),
            ("1.0~rc1", "1.0", Less),
            ("1.0", "1.0~rc1", Greater),
            ("1.0^git1", "1.0", Greater),
            ("1.0^git1", "1.01", Less),
            ("2.0.1a", "2.0.1", Greater),
            ("5.5p1", "5.5p10", Less),
            ("1.002", "1.2", Equal),
            ("1a", "11", Less),
            ("xyz10", "xyz10.1", Less),
        ] {
            assert_eq!(compare(left, right), order, "{left} {right}");
        }
    }
}
