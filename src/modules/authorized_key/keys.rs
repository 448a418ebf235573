//! A file of authorized keys.

/// One key with its options and its comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    options: Vec<String>,
    kind: String,
    key: String,
    pub comment: String,
}

impl Key {
    /// Reads a line; nothing where there is no key in it.
    pub fn read(line: &str) -> Option<Key> {
        let words = words(line.trim());
        let at = words.iter().position(|word| is_kind(word))?;
        let mut rest = words.iter().skip(at + 1);
        Some(Key {
            options: options(&words.get(..at)?.join(" ")),
            kind: words.get(at)?.clone(),
            key: rest.next()?.clone(),
            comment: rest.cloned().collect::<Vec<_>>().join(" "),
        })
    }

    /// Sets the options of the key.
    pub fn set_options(&mut self, text: &str) {
        self.options = options(text);
    }

    /// The line of a file. Where there is no comment it ends with a space, as the reference writes it: the
    /// same key makes the same file.
    fn line(&self) -> String {
        let mut line = self.options.join(",");
        if !line.is_empty() {
            line.push(' ');
        }
        line + &format!("{} {} {}\n", self.kind, self.key, self.comment)
    }

    /// Says whether the other line means the same; the order of options means nothing.
    fn is_same(&self, other: &Key) -> bool {
        let sorted = |key: &Key| {
            let mut options = key.options.clone();
            options.sort();
            options
        };
        let rest = |key: &Key| (key.kind.clone(), key.key.clone(), key.comment.clone());
        sorted(self) == sorted(other) && rest(self) == rest(other)
    }
}

/// A file: its lines, each with the key in it.
pub struct File {
    lines: Vec<(String, Option<Key>)>,
}

impl File {
    pub fn read(text: &str) -> File {
        let line = |line: &str| {
            let comment = line.trim_start().starts_with('#');
            let key = if comment { None } else { Key::read(line) };
            (line.to_owned(), key)
        };
        File {
            lines: text.split_inclusive('\n').map(line).collect(),
        }
    }

    pub fn text(&self) -> String {
        self.lines.iter().map(|(line, _)| line.as_str()).collect()
    }

    /// Adds the keys that are not there as they are wanted, and with `exclusive` takes all other
    /// lines out.
    pub fn add(&mut self, keys: &[Key], exclusive: bool) {
        for key in keys {
            let there = |it: &Option<Key>| it.as_ref().is_some_and(|it| it.is_same(key));
            if self.lines.iter().any(|(_, it)| there(it)) {
                continue;
            }
            self.drop_key(&key.key);
            if let Some((last, _)) = self.lines.last_mut()
                && !last.ends_with('\n')
            {
                last.push('\n');
            }
            self.lines.push((key.line(), Some(key.clone())));
        }
        if exclusive {
            let wanted = |it: &Option<Key>| {
                it.as_ref().is_some_and(|it| keys.iter().any(|key| key.key == it.key))
            };
            self.lines.retain(|(_, it)| wanted(it));
        }
    }

    /// Takes the keys out.
    pub fn remove(&mut self, keys: &[Key]) {
        for key in keys {
            self.drop_key(&key.key);
        }
    }

    fn drop_key(&mut self, key: &str) {
        self.lines.retain(|(_, it)| it.as_ref().is_none_or(|it| it.key != key));
    }
}

fn is_kind(word: &str) -> bool {
    let plain = word.strip_suffix("@openssh.com").unwrap_or(word);
    let plain = plain.strip_suffix("-cert-v01").unwrap_or(plain);
    matches!(
        plain,
        "ssh-rsa"
            | "ssh-dss"
            | "ssh-ed25519"
            | "sk-ssh-ed25519"
            | "ecdsa-sha2-nistp256"
            | "ecdsa-sha2-nistp384"
            | "ecdsa-sha2-nistp521"
            | "sk-ecdsa-sha2-nistp256"
    )
}

/// The words of a line; blanks inside double quotes part nothing.
fn words(line: &str) -> Vec<String> {
    split(line, |c| c == ' ' || c == '\t')
}

/// The options of a line: parted by commas that are not inside of double quotes.
fn options(text: &str) -> Vec<String> {
    split(text, |c| c == ',')
}

fn split(text: &str, parts: impl Fn(char) -> bool) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut quoted = false;
    let mut escaped = false;
    for c in text.chars() {
        if parts(c) && !quoted {
            all.push(String::new());
            continue;
        }
        if c == '"' && !escaped {
            quoted = !quoted;
        }
        escaped = c == '\\' && !escaped;
        if let Some(last) = all.last_mut() {
            last.push(c);
        }
    }
    all.retain(|part| !part.is_empty());
    all
}

#[cfg(test)]
mod tests {
    use super::{File, Key};

    #[test]
    fn keys_are_read() {
        let line = r#"from="10.0.0.1,x",command="echo \"a b\"",no-pty ssh-rsa AAAA me and you"#;
        let key = Key::read(line).unwrap();
        assert_eq!(key.options.len(), 3);
        assert_eq!((key.kind.as_str(), key.key.as_str()), ("ssh-rsa", "AAAA"));
        assert_eq!(key.comment, "me and you");
        assert_eq!(key.line(), format!("{line}\n"));
        assert!(Key::read("nonsense").is_none());
        assert!(Key::read("ssh-rsa").is_none());
    }

    #[test]
    fn files_are_changed() {
        let text = "# mine\nssh-rsa AAA a\nno-pty ssh-ed25519 BBB b";
        let key = |line: &str| Key::read(line).unwrap();
        let added = |line: &str, exclusive| {
            let mut file = File::read(text);
            file.add(&[key(line)], exclusive);
            file.text()
        };
        assert_eq!(added("ssh-rsa AAA a", false), text);
        assert_eq!(added("ssh-rsa AAA c", false), text.replace("ssh-rsa AAA a\n", "") + "\nssh-rsa AAA c\n");
        assert_eq!(added("ssh-rsa CCC c", false), format!("{text}\nssh-rsa CCC c\n"));
        assert_eq!(added("ssh-rsa AAA a", true), "ssh-rsa AAA a\n");
        let mut file = File::read(text);
        file.remove(&[key("ssh-ed25519 BBB")]);
        assert_eq!(file.text(), "# mine\nssh-rsa AAA a\n");
    }
}
