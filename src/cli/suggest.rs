//! What was probably meant, where the first word is no verb and can be no pattern of hosts either.

use std::ffi::OsString;
use std::path::Path;

use crate::error::{Error, Kind, nearest};

/// Words that people type for a verb.
const MEANT: [(&str, &str); 24] = [
    ("check", "play run --check PLAYBOOK"),
    ("collection", "play galaxy collection"),
    ("decrypt", "play vault decrypt FILE"),
    ("docs", "play doc"),
    ("dry-run", "play run --check PLAYBOOK"),
    ("encrypt", "play vault encrypt FILE"),
    ("encrypt-string", "play vault encrypt-string"),
    ("encrypt_string", "play vault encrypt-string"),
    ("exec", "play PATTERN -a COMMAND"),
    ("facts", "play PATTERN -m setup"),
    ("graph", "play inventory --graph"),
    ("history", "play runs"),
    ("hosts", "play inventory --list"),
    ("init", "play galaxy init roles/NAME"),
    ("install", "play galaxy install"),
    ("lint", "play run --syntax-check PLAYBOOK"),
    ("list", "play inventory --list"),
    ("role", "play galaxy role"),
    ("setup", "play PATTERN -m setup"),
    ("shell", "play PATTERN -m shell -a COMMAND"),
    ("syntax-check", "play run --syntax-check PLAYBOOK"),
    ("vars", "play explain HOST"),
    ("variables", "play explain HOST"),
    ("version", "play --version"),
];

/// What was probably meant by `play help WORD`, where there is no such page.
pub fn no_page(word: &str, verbs: &[String]) -> Error {
    let meant = MEANT.iter().find(|(known, _)| *known == word);
    let hint = match (meant, nearest(word, verbs.iter().map(String::as_str))) {
        (Some((_, command)), _) => format!("did you mean `{command}`?"),
        (None, Some(near)) => near,
        (None, None) => "`play --help` lists the verbs, `play doc -l WORD` finds pages".to_owned(),
    };
    Error::new(Kind::Usage, format!("there is no help about `{word}`")).hint(hint)
}

/// Says whether a word is the name of a module.
fn is_module(word: &str) -> bool {
    let short = crate::playbook::short_name(word);
    crate::modules::ALL
        .iter()
        .any(|module| module.name == short || module.aliases.contains(&short))
}

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
    if meant.is_none() && is_module(first) {
        let text = format!("`{first}` is a module, and no verb");
        let arguments = match words.len() {
            1 => " -a ARGUMENTS".to_owned(),
            _ => format!(
                " -a {}",
                crate::shell::quote(&words[1..].join(" ")).as_str()
            ),
        };
        let hint = format!("give the hosts first: `play PATTERN -m {first}{arguments}`");
        return Some(Error::new(Kind::Usage, text).hint(hint));
    }
    let near = nearest(first, verbs.iter().map(String::as_str));
    // A word alone is no pattern either: a pattern wants a module or its arguments.
    let is_lone = words.len() == 1 && first.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let followed = words.get(1).is_some_and(|word| !word.starts_with('-'));
    let hint = match (meant, near) {
        (Some((_, command)), _) => format!("did you mean `{command}`?"),
        (None, Some(near)) => near,
        (None, None) if followed || is_lone => "`play --help` lists the verbs.".to_owned(),
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
        let (_, hint) = ask("play frobnicate").unwrap();
        assert!(
            hint.starts_with("`play --help` lists the verbs. A module"),
            "{hint}"
        );
        let (_, hint) = ask("play facts").unwrap();
        assert!(
            hint.starts_with("did you mean `play PATTERN -m setup`?"),
            "{hint}"
        );
        let (text, hint) = ask("play copy src=a dest=/b").unwrap();
        assert_eq!(text, "`copy` is a module, and no verb");
        assert_eq!(
            hint,
            "give the hosts first: `play PATTERN -m copy -a 'src=a dest=/b'`"
        );
        let verbs = ["run".to_owned()];
        assert_eq!(
            no_page("ru", &verbs).hint_text(),
            Some("did you mean `run`?")
        );
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
