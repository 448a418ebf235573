//! A line of a known_hosts file.

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use crate::modules::fnmatch::matches;
use crate::modules::random;

/// A host's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// `@cert-authority` or `@revoked`.
    marker: Option<String>,
    hosts: String,
    kind: String,
    key: String,
    /// What follows the key.
    comment: String,
}

impl Entry {
    /// Reads a line; nothing where it is empty, a comment, or something else.
    pub fn read(line: &str) -> Option<Entry> {
        let line = line.trim();
        if line.starts_with('#') {
            return None;
        }
        let mut words = line.split_whitespace().peekable();
        let marker = words.next_if(|word| word.starts_with('@')).map(str::to_owned);
        Some(Entry {
            marker,
            hosts: words.next()?.to_owned(),
            kind: words.next()?.to_owned(),
            key: words.next()?.to_owned(),
            comment: words.collect::<Vec<_>>().join(" "),
        })
    }

    /// Says whether the entry is of the host: by its name, a pattern, or a hash of it.
    pub fn is_of(&self, host: &str) -> bool {
        if let Some(hash) = self.hosts.strip_prefix("|1|") {
            return hash.split_once('|').is_some_and(|(salt, sum)| hashed(host, salt, sum));
        }
        let mut found = false;
        for name in self.hosts.split(',') {
            let (refused, pattern) = match name.strip_prefix('!') {
                Some(pattern) => (true, pattern),
                None => (false, name),
            };
            // Brackets hold a port here, and are no pattern.
            let pattern = pattern.to_lowercase().replace('[', "[[]");
            if matches(&pattern, host) {
                if refused {
                    return false;
                }
                found = true;
            }
        }
        found
    }

    fn is_hashed(&self) -> bool {
        self.hosts.starts_with("|1|")
    }

    /// Says whether this line is the wanted one already; `hash` says that the name is to be hashed.
    pub fn is_same(&self, wanted: &Entry, hash: bool) -> bool {
        let names = if self.is_hashed() {
            hash || wanted.is_hashed()
        } else {
            !hash && self.hosts == wanted.hosts
        };
        names && self.marker == wanted.marker && self.kind == wanted.kind && self.key == wanted.key
    }

    /// Says whether the wanted line takes this one's place: a key of the same kind, and no
    /// authority.
    pub fn replaces(&self, wanted: &Entry) -> bool {
        self.marker.is_none() && self.kind == wanted.kind
    }

    /// The line of the host, its name hashed where that is asked for.
    pub fn line(&self, host: &str, hash: bool) -> String {
        let hosts = if hash { hash_of(host) } else { self.hosts.clone() };
        let marker = self.marker.as_ref().map(|marker| format!("{marker} "));
        let line = format!("{}{hosts} {} {}", marker.unwrap_or_default(), self.kind, self.key);
        format!("{line} {}", self.comment).trim_end().to_owned()
    }
}

fn sum(host: &str, salt: &[u8]) -> Option<Vec<u8>> {
    let mut mac = Hmac::<Sha1>::new_from_slice(salt).ok()?;
    mac.update(host.as_bytes());
    Some(mac.finalize().into_bytes().to_vec())
}

fn hashed(host: &str, salt: &str, wanted: &str) -> bool {
    let salt = BASE64.decode(salt.as_bytes()).ok();
    let made = salt.and_then(|salt| sum(host, &salt));
    made.is_some_and(|made| BASE64.encode(&made) == wanted)
}

/// The hashed name, with a salt of its own.
fn hash_of(host: &str) -> String {
    let salt: [u8; 20] = random::bytes();
    let made = sum(host, &salt).unwrap_or_default();
    format!("|1|{}|{}", BASE64.encode(&salt), BASE64.encode(&made))
}

#[cfg(test)]
mod tests {
    use super::Entry;

    #[test]
    fn hosts_are_recognised() {
        for (line, host, is) in [
            ("a.example ssh-rsa AAAA", "a.example", true),
            ("a,b ssh-rsa AAAA", "b", true),
            ("*.example,!x.example ssh-rsa AAAA", "y.example", true),
            ("*.example,!x.example ssh-rsa AAAA", "x.example", false),
            ("[a]:2222 ssh-rsa AAAA", "[a]:2222", true),
            ("[a]:2222 ssh-rsa AAAA", "a", false),
            ("@cert-authority *.example ssh-rsa AAAA", "a.example", true),
            (
                "|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= ssh-rsa AAAA",
                "192.168.1.61",
                true,
            ),
        ] {
            assert_eq!(Entry::read(line).unwrap().is_of(host), is, "{line}");
        }
        let entry = Entry::read("h ssh-rsa AAAA comment").unwrap();
        let made = Entry::read(&entry.line("h", true)).unwrap();
        assert!(made.is_of("h") && !made.is_of("x"));
        assert_eq!(entry.line("h", false), "h ssh-rsa AAAA comment");
        assert_eq!(Entry::read("# h ssh-rsa AAAA"), None);
    }
}
