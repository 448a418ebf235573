//! Names that say that their value is secret.

/// Words that say so wherever they stand in a name.
const WORDS: &[&str] = &[
    "pass",
    "password",
    "passwords",
    "passwd",
    "passphrase",
    "passwort",
    "passcode",
    "pw",
    "pwd",
    "masterauth",
    "secret",
    "secrets",
    "token",
    "tokens",
    "credential",
    "credentials",
    "apikey",
    "privatekey",
    "psk",
];

/// Words that say so together.
const PAIRS: &[(&str, &str)] = &[
    ("private", "key"),
    ("secret", "key"),
    ("api", "key"),
    ("access", "key"),
    ("encryption", "key"),
    ("auth", "key"),
    ("ssh", "key"),
];

/// Words that say, behind those, that the value is about a secret and not the secret itself.
const ABOUT: &[&str] = &[
    "age",
    "algorithm",
    "authentication",
    "complexity",
    "count",
    "days",
    "encryption",
    "expire",
    "expires",
    "expiry",
    "file",
    "files",
    "folder",
    "hash_method",
    "length",
    "lifetime",
    "lock",
    "max",
    "min",
    "path",
    "policy",
    "size",
    "ttl",
    "type",
    "warn",
    "url",
    "name",
    "timeout",
];

/// Says whether a name says that its value is secret: `db_password`, `apiToken`, `private-key`.
pub fn is_secret_name(name: &str) -> bool {
    let words = words(name);
    if words.first().is_some_and(|word| word == "update") || words.iter().any(|it| it == "public") {
        return false;
    }
    let Some(last) = last_secret(&words) else {
        return false;
    };
    let behind = &words[last + 1..];
    let about = behind.iter().any(|word| ABOUT.contains(&word.as_str()));
    // `access_key_id` and `token_id` are names; `secret_id` and `password_id` open something.
    let named =
        matches!(words[last].as_str(), "key" | "token") && behind.iter().any(|it| it == "id");
    !about && !named
}

/// Where the last word stands that says so, alone or with the one before it.
fn last_secret(words: &[String]) -> Option<usize> {
    let pair = |at: usize| {
        at > 0
            && PAIRS
                .iter()
                .any(|(first, second)| words[at - 1] == *first && words[at] == *second)
    };
    (0..words.len())
        .rev()
        .find(|at| is_secret_word(&words[*at]) || pair(*at))
}

fn is_secret_word(word: &str) -> bool {
    const ENDS: [&str; 6] = ["password", "passwd", "passphrase", "passcode", "pwd", "pw"];
    const NOT: [&str; 3] = ["bypass", "compass", "overpass"];
    WORDS.contains(&word)
        || ENDS.iter().any(|end| word.ends_with(end))
        // `requirepass` of Redis, `userpass`.
        || (word.ends_with("pass") && !NOT.contains(&word))
}

/// The words of a name, in lower case: `dbPassword` and `DB_PASSWORD` have the same.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() {
            words.push(String::new());
            lower = false;
            continue;
        }
        if c.is_uppercase() && lower {
            words.push(String::new());
        }
        lower = c.is_lowercase();
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}
