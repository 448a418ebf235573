//! Debian's order of versions (deb-version(7)).

use std::cmp::Ordering;

/// Compares two versions: epoch, upstream part, revision.
pub fn compare(left: &str, right: &str) -> Ordering {
    let (left_epoch, left) = epoch(left);
    let (right_epoch, right) = epoch(right);
    let (left, left_revision) = revision(left);
    let (right, right_revision) = revision(right);
    left_epoch
        .cmp(&right_epoch)
        .then_with(|| compare_part(left, right))
        .then_with(|| compare_part(left_revision, right_revision))
}

fn epoch(version: &str) -> (u64, &str) {
    match version.split_once(':') {
        Some((epoch, rest)) => (epoch.parse().unwrap_or(0), rest),
        None => (0, version),
    }
}

fn revision(version: &str) -> (&str, &str) {
    version.rsplit_once('-').unwrap_or((version, ""))
}

/// Runs of other characters and of digits in turn; `~` comes before the end, letters before others.
fn compare_part(mut left: &str, mut right: &str) -> Ordering {
    while !left.is_empty() || !right.is_empty() {
        let (left_text, left_rest) = split_at_digit(left, false);
        let (right_text, right_rest) = split_at_digit(right, false);
        let (left_number, left_tail) = split_at_digit(left_rest, true);
        let (right_number, right_tail) = split_at_digit(right_rest, true);
        let order = compare_text(left_text, right_text)
            .then_with(|| compare_number(left_number, right_number));
        if order != Ordering::Equal {
            return order;
        }
        (left, right) = (left_tail, right_tail);
    }
    Ordering::Equal
}

fn split_at_digit(text: &str, digits: bool) -> (&str, &str) {
    let end = text.find(|c: char| c.is_ascii_digit() != digits);
    text.split_at(end.unwrap_or(text.len()))
}

fn compare_number(left: &str, right: &str) -> Ordering {
    let left = left.trim_start_matches('0');
    let right = right.trim_start_matches('0');
    left.len().cmp(&right.len()).then_with(|| left.cmp(right))
}

fn compare_text(left: &str, right: &str) -> Ordering {
    let longest = left.len().max(right.len());
    let weights = |text: &str| -> Vec<i32> {
        let mut weights: Vec<i32> = text.bytes().map(weight).collect();
        weights.resize(longest, 0);
        weights
    };
    weights(left).cmp(&weights(right))
}

fn weight(byte: u8) -> i32 {
    match byte {
        b'~' => -1,
        letter if letter.is_ascii_alphabetic() => i32::from(letter),
        other => i32::from(other) + 256,
    }
}

#[cfg(test)]
mod tests {
    use super::compare;
    use std::cmp::Ordering::{Equal, Greater, Less};

    #[test]
    fn versions_are_ordered_as_dpkg_does() {
        for (left, right, order) in [
            ("1.0", "1.0", Equal),
            ("1.10", "1.9", Greater),
            ("1.0~rc1", "1.0", Less),
            ("1:0.1", "9.9", Greater),
            ("1.0-1", "1.0-1+deb12u1", Less),
            ("2.36-9+deb12u14", "2.36-9+deb12u9", Greater),
            ("1.0a", "1.0+", Less),
            ("1.002", "1.2", Equal),
            ("0:1", "1", Equal),
        ] {
            assert_eq!(compare(left, right), order, "{left} {right}");
        }
    }
}
