//! What was probably meant, where the first word is no verb and can be no pattern of hosts either.

use std::ffi::OsString;
use std::path::Path;

use crate::error::{Error, Kind, nearest};

/// Words that people type for a verb.
const MEANT: [(&str, &str); 6] = [
    ("version", "play --version"),
    ("lint", "play run --syntax-check PLAYBOOK"),
    ("install", "play galaxy install"),
    ("hosts", "play inventory --list"),
    ("vars", "play explain HOST"),
    ("shell", "play PATTERN -m shell -a COMMAND"),
];

/// The error for a first word that was meant as a verb; nothing where it is a pattern: `play web -m
/// ping` names a module, and `play web -a uptime` its arguments.
pub fn not_a_verb(arguments: &[OsString], verbs: &[String]) -> Option<Error> {
    let words: Vec<&str> = arguments
        .iter()
        .skip(1)
        .filter_map(|w| w.to_str())
        .collect();
    let first = *words.first()?;
    if first.starts_with('-') || words.iter().any(|word| is_for_a_module(word)) {
        return None;
    }
    if is_playbook(first) {
        let text = format!("`{first}` is a playbook, and no verb or pattern of hosts");
        let rest = words[1..].join(" ");
        let hint = format!("play run {first} {rest}");
        return Some(Error::new(Kind::Usage, text).hint(format!("`{}`", hint.trim_end())));
    }
    let meant = MEANT.iter().find(|(word, _)| *word == first);
    let near = nearest(first, verbs.iter().map(String::as_str));
    let followed = words.get(1).is_some_and(|word| !word.starts_with('-'));
    let hint = match (meant, near) {
        (Some((_, command)), _) => format!("did you mean `{command}`?"),
        (None, Some(near)) => near,
        (None, None) if followed => "`play --help` lists the verbs".to_owned(),
        (None, None) => return None,
    };
    let text = format!("there is no verb `{first}`");
    let hint = format!("{hint} A module on hosts of that name: `play {first} -m MODULE`");
    Some(Error::new(Kind::Usage, text).hint(hint))
}

/// What to type where a group is called like a verb, and a module is to run on it.
pub fn meant_as_pattern(verb: &str, arguments: &[OsString]) -> Option<String> {
    let words: Vec<&str> = arguments
        .iter()
        .skip(2)
        .filter_map(|word| word.to_str())
        .collect();
    let names_module = words
        .iter()
        .any(|word| word.starts_with("--module-name") || *word == "-m");
    let typed = shell_words::join(words);
    (verb != "adhoc" && names_module).then(|| {
        format!("`{verb}` is a verb of play; for a group or host of that name: play adhoc {verb} {typed}")
    })
}

fn is_for_a_module(word: &str) -> bool {
    let long = ["--module-name", "--args", "--list-hosts"];
    let short = |letter: char| {
        let rest = word.strip_prefix('-').unwrap_or_default();
        !word.starts_with("--") && rest.contains(letter)
    };
    short('m')
        || short('a')
        || long
            .iter()
            .any(|flag| word.len() > 4 && flag.starts_with(word.split('=').next().unwrap_or(word)))
}

fn is_playbook(word: &str) -> bool {
    let path = Path::new(word);
    let ending = path.extension().and_then(|ending| ending.to_str());
    matches!(ending, Some("yml" | "yaml"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(line: &str) -> Option<(String, String)> {
        let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let verbs = ["run", "inventory", "vault", "doc", "config"].map(str::to_owned);
        let error = not_a_verb(&words, &verbs)?;
        assert_eq!(error.kind().exit_code(), 2);
        let hint = error.hint_text().unwrap_or_default().to_owned();
        Some((error.message().to_owned(), hint))
    }

    #[test]
    fn a_verb_that_was_meant_is_named() {
        let (text, hint) = ask("play ru site.yml").unwrap();
        assert_eq!(text, "there is no verb `ru`");
        assert!(hint.starts_with("did you mean `run`?"), "{hint}");
        let (_, hint) = ask("play site.yml -i hosts").unwrap();
        assert_eq!(hint, "`play run site.yml -i hosts`");
        let (_, hint) = ask("play version").unwrap();
        assert!(hint.starts_with("did you mean `play --version`?"), "{hint}");
        assert!(ask("play frobnicate it").is_some());
    }

    #[test]
    fn a_pattern_is_a_pattern() {
        for line in [
            "play ru -m ping",
            "play all -mping",
            "play web -ba uptime",
            "play web --args=uptime",
            "play web --list-hosts",
            "play web:&db",
            "play -i hosts all",
        ] {
            assert!(ask(line).is_none(), "{line}");
        }
    }
}
