//! The lines of known_hosts files: libssh2's own reader knows neither wildcards nor markers.

use std::fs;
use std::fs::OpenOptions;
use std::io::Read;
use std::io::Seek;
use std::io::SeekFrom;
use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::PoisonError;

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// What is known of a host: the entries that name it.
#[derive(Debug, Default)]
pub(super) struct Known {
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    marker: Marker,
    kind: String,
    key: Vec<u8>,
    place: String,
    /// It names the host without the port: OpenSSH takes it for any port when the key fits, and
    /// learns nothing from it when not.
    loose: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Marker {
    CertAuthority,
    Plain,
    Revoked,
}

/// What a host's key is to us.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The key that is known; there stands where.
    Good(String),
    /// Another key is known for the host; there stands which.
    Changed(String),
    /// The key was marked as not to be trusted; there stands where.
    Revoked(String),
    /// Nothing is known; whether a certificate authority is.
    Unknown { authority: bool },
}

impl Known {
    /// Reads what the files know of a host. A file that is not there knows nothing.
    pub(super) fn read(files: &[PathBuf], host: &str, port: u16) -> Known {
        let mut known = Known::default();
        for file in files {
            let text = fs::read(file).unwrap_or_default();
            known.add(&String::from_utf8_lossy(&text), file, host, port);
        }
        known
    }

    fn add(&mut self, text: &str, file: &Path, host: &str, port: u16) {
        let name = name(host, port);
        let plain = host.to_lowercase();
        for (number, line) in text.lines().enumerate() {
            let Some((pattern, mut entry)) = parse(line) else {
                continue;
            };
            let exact = matches(pattern, &name);
            if exact || port != 22 && matches(pattern, &plain) {
                entry.loose = !exact;
                entry.place = format!("{}:{}", file.display(), number + 1);
                self.entries.push(entry);
            }
        }
    }

    /// The kinds of key that are known, for asking the server for one of them.
    pub(super) fn kinds(&self) -> Vec<&str> {
        let plain = self.entries.iter();
        let plain = plain.filter(|entry| entry.marker == Marker::Plain);
        plain.map(|entry| entry.kind.as_str()).collect()
    }

    /// Judges the key that the server showed.
    pub(super) fn judge(&self, key: &[u8]) -> Verdict {
        let same = |entry: &&Entry| entry.key == key;
        let marked = |marker| {
            self.entries
                .iter()
                .filter(move |entry| entry.marker == marker)
        };
        if let Some(entry) = marked(Marker::Revoked).find(same) {
            return Verdict::Revoked(entry.place.clone());
        }
        if let Some(entry) = marked(Marker::Plain).find(same) {
            return Verdict::Good(entry.place.clone());
        }
        if let Some(entry) = marked(Marker::Plain).find(|entry| !entry.loose) {
            return Verdict::Changed(entry.place.clone());
        }
        Verdict::Unknown {
            authority: marked(Marker::CertAuthority).next().is_some(),
        }
    }
}

/// A host's name in a known_hosts file.
fn name(host: &str, port: u16) -> String {
    let host = host.to_lowercase();
    match port {
        22 => host,
        port => format!("[{host}]:{port}"),
    }
}

/// A line's host pattern, and the entry without its place; nothing for a comment or a line that
/// cannot be understood.
fn parse(line: &str) -> Option<(&str, Entry)> {
    let line = line.trim();
    if line.starts_with('#') {
        return None;
    }
    let mut words = line.split_whitespace();
    let first = words.next()?;
    let marker = match first {
        "@cert-authority" => Marker::CertAuthority,
        "@revoked" => Marker::Revoked,
        _ => Marker::Plain,
    };
    let pattern = match marker {
        Marker::Plain => first,
        _ => words.next()?,
    };
    let kind = words.next()?.to_owned();
    let key = BASE64.decode(words.next()?.as_bytes()).ok()?;
    let entry = Entry {
        marker,
        kind,
        key,
        place: String::new(),
        loose: false,
    };
    Some((pattern, entry))
}

/// Says whether a list of patterns means the name: one of them fits, and none that begins with `!`.
fn matches(patterns: &str, name: &str) -> bool {
    if let Some(hashed) = patterns.strip_prefix("|1|") {
        return is_hash_of(hashed, name).unwrap_or(false);
    }
    let mut found = false;
    for pattern in patterns.split(',') {
        let pattern = pattern.to_lowercase();
        match pattern.strip_prefix('!') {
            Some(not) if fits(not.as_bytes(), name.as_bytes()) => return false,
            Some(_) => {}
            None => found |= fits(pattern.as_bytes(), name.as_bytes()),
        }
    }
    found
}

/// Says whether `SALT|HASH` is the name's (HMAC-SHA1 with the salt as its key).
fn is_hash_of(hashed: &str, name: &str) -> Option<bool> {
    let (salt, hash) = hashed.split_once('|')?;
    let salt = BASE64.decode(salt.as_bytes()).ok()?;
    let hash = BASE64.decode(hash.as_bytes()).ok()?;
    let mut mac = Hmac::<Sha1>::new_from_slice(&salt).ok()?;
    mac.update(name.as_bytes());
    Some(mac.verify_slice(&hash).is_ok())
}

/// `*` stands for any characters, `?` for one.
fn fits(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern.split_first(), name.split_first()) {
        (None, rest) => rest.is_none(),
        (Some((b'*', rest)), _) => (0..=name.len()).any(|skip| fits(rest, &name[skip..])),
        (Some((b'?', rest)), Some((_, tail))) => fits(rest, tail),
        (Some((letter, rest)), Some((same, tail))) => letter == same && fits(rest, tail),
        (Some(_), None) => false,
    }
}

/// Whether a list of revoked keys, one a line as in a `.pub` file, has a key.
///
/// # Errors
/// It cannot be read, or is a KRL, which only OpenSSH reads: nobody knows then, and no key is good.
pub(super) fn is_revoked(file: &Path, key: &[u8]) -> std::io::Result<bool> {
    let text = fs::read(file)?;
    if text.starts_with(b"SSHKRL\n\0") {
        let why = "it is a KRL; a list of public keys, one a line, is read";
        return Err(std::io::Error::new(std::io::ErrorKind::Unsupported, why));
    }
    let text = String::from_utf8_lossy(&text);
    let mut words = text
        .lines()
        .filter_map(|line| line.split_whitespace().nth(1));
    Ok(words.any(|word| {
        BASE64
            .decode(word.as_bytes())
            .is_ok_and(|revoked| revoked == key)
    }))
}

/// A key that is to be remembered.
#[derive(Clone, Debug)]
pub(super) struct New {
    pub(super) file: PathBuf,
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) kind: String,
    pub(super) key: Vec<u8>,
    /// The name is hashed (`HashKnownHosts`).
    pub(super) hash: bool,
}

/// Adds a key to a file, which is created (0600, its folder 0700) where it is not there.
pub(super) fn append(new: &New) -> std::io::Result<()> {
    let file = new.file.as_path();
    static ONE_WRITER: Mutex<()> = Mutex::new(());
    let _turn = ONE_WRITER.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(folder) = file.parent() {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true).mode(0o700).create(folder)?;
    }
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true).mode(0o600);
    let mut file = options.open(file)?;
    let break_line = if ends_in_line(&mut file)? { "" } else { "\n" };
    let mut name = name(&new.host, new.port);
    if new.hash {
        name = hashed(&name)?;
    }
    let key = BASE64.encode(&new.key);
    let line = format!("{break_line}{name} {} {key}\n", new.kind);
    file.write_all(line.as_bytes())
}

/// A name as `HashKnownHosts` writes it: `|1|SALT|HASH`.
fn hashed(name: &str) -> std::io::Result<String> {
    let mut salt = [0; 20];
    fs::File::open("/dev/urandom")?.read_exact(&mut salt)?;
    let mut mac = Hmac::<Sha1>::new_from_slice(&salt).map_err(std::io::Error::other)?;
    mac.update(name.as_bytes());
    let hash = mac.finalize().into_bytes();
    Ok(format!(
        "|1|{}|{}",
        BASE64.encode(&salt),
        BASE64.encode(&hash)
    ))
}

/// Says whether a file is empty or ends in a line break.
fn ends_in_line(file: &mut fs::File) -> std::io::Result<bool> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

#[cfg(test)]
mod tests {
    use super::{Known, Path, Verdict, hashed, is_revoked, matches};

    #[test]
    fn revoked_keys_are_a_list_that_can_be_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("revoked");
        std::fs::write(&file, "# old\nssh-ed25519 AAAA me@here\n\nssh-rsa AQEB\n").unwrap();
        assert!(is_revoked(&file, &[0, 0, 0]).unwrap());
        assert!(is_revoked(&file, &[1, 1, 1]).unwrap());
        assert!(!is_revoked(&file, &[0, 0, 1]).unwrap());
        std::fs::write(&file, b"SSHKRL\n\0\0\0\0\x01").unwrap();
        assert!(is_revoked(&file, &[0, 0, 0]).is_err());
        assert!(is_revoked(&folder.path().join("none"), &[0, 0, 0]).is_err());
    }

    #[test]
    fn a_hashed_name_means_the_host_alone() {
        let line = hashed("[machine1]:2222").unwrap();
        assert!(line.starts_with("|1|") && !line.contains("machine1"));
        assert!(matches(&line, "[machine1]:2222"));
        assert!(!matches(&line, "machine1"));
        assert_ne!(line, hashed("[machine1]:2222").unwrap());
    }

    fn judge(text: &str, host: &str, port: u16, key: &[u8]) -> Verdict {
        let mut known = Known::default();
        known.add(text, Path::new("f"), host, port);
        known.judge(key)
    }

    #[test]
    fn patterns_are_openssh_s() {
        for (patterns, name, expected) in [
            ("machine1", "machine1", true),
            ("MACHINE1", "machine1", true),
            ("a,machine?,b", "machine1", true),
            ("*.example.com", "a.b.example.com", true),
            ("*.example.com", "example.com", false),
            ("*,!machine1", "machine1", false),
            ("[machine1]:2222", "[machine1]:2222", true),
            ("[machine1]:2222", "machine1", false),
            (
                "|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg=",
                "192.168.1.61",
                true,
            ),
            (
                "|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg=",
                "192.168.1.62",
                false,
            ),
            ("|1|broken", "x", false),
        ] {
            assert_eq!(matches(patterns, name), expected, "{patterns} {name}");
        }
    }

    #[test]
    fn a_key_is_known_changed_revoked_or_unknown() {
        let text = "# comment\n\
                    good,other ssh-ed25519 AAAA\n\
                    [port]:2222 ssh-ed25519 AAAA\n\
                    @revoked bad ssh-ed25519 AAAA\n\
                    @cert-authority *.org ssh-ed25519 AAAA\n\
                    broken ssh-ed25519 !!!\n";
        let zeros = [0, 0, 0];
        for (host, port, key, verdict) in [
            ("good", 22, zeros, Verdict::Good("f:2".to_owned())),
            ("good", 22, [1, 1, 1], Verdict::Changed("f:2".to_owned())),
            ("good", 2222, zeros, Verdict::Good("f:2".to_owned())),
            (
                "good",
                2222,
                [1, 1, 1],
                Verdict::Unknown { authority: false },
            ),
            ("port", 2222, zeros, Verdict::Good("f:3".to_owned())),
            ("port", 22, zeros, Verdict::Unknown { authority: false }),
            ("bad", 22, zeros, Verdict::Revoked("f:4".to_owned())),
            ("a.org", 22, zeros, Verdict::Unknown { authority: true }),
            ("broken", 22, zeros, Verdict::Unknown { authority: false }),
        ] {
            assert_eq!(judge(text, host, port, &key), verdict, "{host}:{port}");
        }
    }
}
