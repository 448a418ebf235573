//! Words of a command as a result may tell them: passwords in them are masked, as the reference does
//! it (`_clean_args` and `heuristic_log_sanitize` of its `module_utils/basic.py`).

use crate::modules::Module;
use crate::outcome::{Diff, Outcome};
use crate::shell::quote;
use crate::value::{Map, Value};

const MASK: &str = "********";

/// What stands in place of a secret argument, in the reference's words.
const INSTEAD: &str = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER";

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

/// The values of a module's secret arguments; what it answers shall hold none of them.
pub fn secrets(module: &Module, args: &Map) -> Vec<String> {
    let secret = args.iter().filter(|(name, value)| {
        !matches!(value, Value::Null | Value::Bool(_))
            && name.as_str().is_some_and(|name| module.is_secret(name))
    });
    let mut secrets: Vec<String> = secret
        .map(|(_, value)| value.to_text())
        .filter(|text| !text.is_empty())
        .collect();
    secrets.sort_by_key(|text| std::cmp::Reverse(text.len()));
    secrets
}

/// Takes the secrets out of a result, as the reference does it (`remove_values` of its
/// `module_utils/common/parameters.py`): a text that is one is replaced, one in a longer text is masked.
pub fn hide(outcome: &mut Outcome, secrets: &[String]) {
    if secrets.is_empty() {
        return;
    }
    outcome.data = hide_in_map(&outcome.data, secrets);
    outcome.facts = hide_in_map(&outcome.facts, secrets);
    if let Some(aside) = &mut outcome.aside {
        let texts = aside
            .cause
            .iter_mut()
            .chain(&mut aside.hint)
            .chain(&mut aside.below);
        texts.for_each(|text| *text = hide_in_text(text, secrets));
        let error = aside.error.take();
        aside.error = error.map(|error| error.reworded(&|text| hide_in_text(text, secrets)));
    }
    for warning in &mut outcome.warnings {
        *warning = hide_in_text(warning, secrets);
    }
    for diff in &mut outcome.diff {
        match diff {
            Diff::Text { before, after, .. } => {
                *before = hide_in_text(before, secrets);
                *after = hide_in_text(after, secrets);
            }
            Diff::Prepared(text) | Diff::Omitted(text) => *text = hide_in_text(text, secrets),
        }
    }
}

fn hide_in_map(map: &Map, secrets: &[String]) -> Map {
    let hidden = map
        .iter()
        .map(|(key, value)| (key.clone(), hide_in(value, secrets)));
    hidden.collect()
}

fn hide_in(value: &Value, secrets: &[String]) -> Value {
    match value {
        Value::Str(text) if secrets.iter().any(|secret| text.as_str() == secret) => {
            Value::str(INSTEAD)
        }
        Value::Str(text) if secrets.iter().any(|secret| text.as_str().contains(secret)) => {
            Value::str(hide_in_text(text.as_str(), secrets))
        }
        Value::Int(number) if secrets.contains(&number.to_string()) => Value::str(INSTEAD),
        Value::List(items) => Value::list(
            items
                .iter()
                .map(|item| hide_in(item, secrets))
                .collect::<Vec<_>>(),
        ),
        Value::Map(map) => Value::map(hide_in_map(map, secrets)),
        other => other.clone(),
    }
}

fn hide_in_text(text: &str, secrets: &[String]) -> String {
    secrets
        .iter()
        .fold(text.to_owned(), |text, secret| text.replace(secret, MASK))
}

#[cfg(test)]
mod tests {
    use super::{hide, line, secrets};
    use crate::entries;
    use crate::modules::find;
    use crate::outcome::Outcome;
    use crate::value::{Value, to_json};

    #[test]
    fn secret_arguments_are_in_no_result() {
        let module = find("uri").unwrap();
        let args =
            entries! { "url" => "http://h/", "url_password" => "hunter2", "url_username" => "me" };
        let found = secrets(module, &args);
        assert_eq!(found, ["hunter2"]);
        assert!(secrets(module, &entries! { "password" => "" }).is_empty());
        let json = entries! { "a" => "hunter2", "b" => Value::strings(["x hunter2 y", "me"]) };
        let mut outcome = Outcome::failed("no hunter2 here")
            .with("json", json)
            .with("status", 200);
        hide(&mut outcome, &found);
        let data = to_json(&Value::map(outcome.data));
        assert_eq!(
            data,
            r#"{"msg": "no ******** here", "json": {"a": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER", "b": ["x ******** y", "me"]}, "status": 200}"#
        );
    }

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
