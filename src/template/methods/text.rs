//! How Python tells letters, cases, blanks and lines apart.

/// Python's `str.isspace` for one character.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

fn is_cased(c: char) -> bool {
    c.is_lowercase() || c.is_uppercase()
}

/// The first letter large, the others small.
pub(super) fn capitalize(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        None => String::new(),
        Some(first) => first.to_uppercase().collect::<String>() + &letters.as_str().to_lowercase(),
    }
}

/// The text for comparing without regard to case.
pub(super) fn casefold(text: &str) -> String {
    text.to_lowercase().replace('ß', "ss").replace('ς', "σ")
}

/// Large letters small and small ones large.
pub(super) fn swapcase(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_uppercase() {
            out.extend(c.to_lowercase());
        } else {
            out.extend(c.to_uppercase());
        }
    }
    out
}

/// Every word's first letter large.
pub(super) fn title(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut inside = false;
    for c in text.chars() {
        if inside {
            out.extend(c.to_lowercase());
        } else {
            out.extend(c.to_uppercase());
        }
        inside = is_cased(c);
    }
    out
}

/// The tests `isalpha` and its kin.
pub(super) fn is(text: &str, name: &str) -> bool {
    let all = |test: fn(char) -> bool| !text.is_empty() && text.chars().all(test);
    match name {
        "isalnum" => all(char::is_alphanumeric),
        "isalpha" => all(char::is_alphabetic),
        "isascii" => text.is_ascii(),
        "isdecimal" => all(|c| c.is_ascii_digit() || is_other_digit(c)),
        "isdigit" => all(|c| c.is_ascii_digit() || is_other_digit(c) || is_raised(c)),
        "isidentifier" => is_identifier(text),
        "islower" => text.chars().any(is_cased) && !text.chars().any(char::is_uppercase),
        "isnumeric" => all(char::is_numeric),
        "isprintable" => text
            .chars()
            .all(|c| c == ' ' || !(c.is_control() || is_blank(c))),
        "isspace" => all(is_blank),
        "istitle" => text.chars().any(is_cased) && title(text) == text,
        "isupper" => text.chars().any(is_cased) && !text.chars().any(char::is_lowercase),
        _ => false,
    }
}

/// A decimal digit of another script: these come in runs of ten.
fn is_other_digit(c: char) -> bool {
    const ZEROS: [u32; 20] = [
        0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50,
        0xed0, 0xf20, 0x1040, 0x17e0, 0x1810, 0xff10, 0x1946,
    ];
    ZEROS
        .iter()
        .any(|zero| (*zero..zero + 10).contains(&u32::from(c)))
}

/// A small raised or lowered digit.
fn is_raised(c: char) -> bool {
    matches!(c, '²' | '³' | '¹' | '⁰' | '⁴'..='⁹' | '₀'..='₉')
}

fn is_identifier(text: &str) -> bool {
    let mut letters = text.chars();
    letters
        .next()
        .is_some_and(|c| c.is_alphabetic() || c == '_')
        && letters.all(|c| c.is_alphanumeric() || c == '_')
}

/// `split()` without a separator: at runs of blanks, at most `count` times.
pub(super) fn split_blanks(text: &str, count: usize) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text.trim_start_matches(is_blank);
    while !rest.is_empty() {
        if found.len() == count {
            found.push(rest);
            break;
        }
        let end = rest.find(is_blank).unwrap_or(rest.len());
        found.push(&rest[..end]);
        rest = rest[end..].trim_start_matches(is_blank);
    }
    found
}

/// The same from the right.
pub(super) fn split_blanks_right(text: &str, count: usize) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text.trim_end_matches(is_blank);
    while !rest.is_empty() {
        if found.len() == count {
            found.push(rest);
            break;
        }
        let start = rest
            .char_indices()
            .rev()
            .find(|(_, c)| is_blank(*c))
            .map_or(0, |(at, c)| at + c.len_utf8());
        found.push(&rest[start..]);
        rest = rest[..start].trim_end_matches(is_blank);
    }
    found.reverse();
    found
}
