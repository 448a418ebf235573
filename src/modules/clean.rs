//! Words of a command as a result may tell them: passwords in them are masked, as the reference does
//! it (`_clean_args` and `heuristic_log_sanitize` of its `module_utils/basic.py`).

use crate::shell::quote;

const MASK: &str = "********";

/// The words as one line for a shell. What follows `--password`, `password=` and the like is masked,
/// and so is the password of an address (`https://user:password@host`).
pub fn line(words: &[String]) -> String {
    let mut clean = Vec::new();
    let mut secret_follows = false;
    for word in words {
        if std::mem::take(&mut secret_follows) {
            clean.push(MASK.to_owned());
            continue;
        }
        match word.split_once('=') {
            Some((name, _)) if names_a_password(word) => clean.push(format!("{name}={MASK}")),
            _ => {
                secret_follows = names_a_password(word);
                clean.push(without_login(word));
            }
        }
    }
    let quoted: Vec<String> = clean
        .iter()
        .map(|word| quote(word).as_str().to_owned())
        .collect();
    quoted.join(" ")
}

/// `pass`, `--password`, `-passwd=x`: no more than two dashes before it.
fn names_a_password(word: &str) -> bool {
    let bare = word.strip_prefix('-').unwrap_or(word);
    bare.strip_prefix('-').unwrap_or(bare).starts_with("pass")
}

/// The text with the password of each `user:password@host` masked.
pub fn without_login(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('@') {
        let start = before.rfind("://").map_or(0, |at| at + 3);
        let start = start.max(before.rfind(char::is_whitespace).map_or(0, |at| at + 1));
        match before.get(start..).and_then(|login| login.split_once(':')) {
            Some((user, _)) if !user.contains('/') => {
                out.push_str(before.get(..start).unwrap_or_default());
                out.push_str(user);
                out.push(':');
                out.push_str(MASK);
            }
            _ => out.push_str(before),
        }
        out.push('@');
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn passwords_are_masked_and_the_rest_is_told() {
        for (words, shown) in [
            (
                &["nope", "--password=x y", "-u", "me"][..],
                "nope '--password=********' -u me",
            ),
            (
                &["nope", "--passwd", "secret", "a b"],
                "nope --passwd '********' 'a b'",
            ),
            (
                &["git", "clone", "https://me:tok:en@h/x?a=b"],
                "git clone 'https://me:********@h/x?a=b'",
            ),
            (
                &["curl", "me@h", "me:pw@h", "a:1/b@c"],
                "curl me@h 'me:********@h' 'a:********@c'",
            ),
        ] {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            assert_eq!(line(&words), shown);
        }
    }
}
