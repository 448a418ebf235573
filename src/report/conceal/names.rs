//! Names that say that their value is secret.

/// Words that say so wherever they stand in a name.
const WORDS: &[&str] = &[
    "pass",
    "password",
    "passwords",
    "passwd",
    "passphrase",
    "passwort",
    "pwd",
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

/// Words behind which stands something about a secret, and not itself.
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
    "id",
    "public",
    "timeout",
];

/// Says whether a name says that its value is secret: `db_password`, `apiToken`, `private-key`.
pub fn is_secret_name(name: &str) -> bool {
    let words = words(name);
    let about = words.iter().any(|word| ABOUT.contains(&word.as_str()));
    if about || words.first().is_some_and(|word| word == "update") {
        return false;
    }
    let ends = ["password", "passwd", "passphrase"];
    let said = |word: &String| {
        WORDS.contains(&word.as_str())
            || ends.iter().any(|end| word.ends_with(end))
            // `requirepass` of Redis, `userpass`.
            || (word.ends_with("pass") && !["bypass", "compass", "overpass"].contains(&word.as_str()))
    };
    words.iter().any(said)
        || words.windows(2).any(|pair| {
            PAIRS
                .iter()
                .any(|(first, second)| pair[0] == *first && pair[1] == *second)
        })
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
