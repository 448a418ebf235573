//! Is this the server it should be?

use std::path::Path;

use ssh_key::{HashAlg, PublicKey};
use ssh2::MethodType;
use ssh2::Session;

use super::super::{HostKeys, Lost, LostKind, Target};
use super::connect::Failure;
use super::known_hosts::{Known, New, Verdict, append, is_revoked};
use super::question::{Answer, Question, answer};
use super::settings::{Hop, Proxy, Settings};

/// The kinds of key we can check, the best first. libssh2 would prefer host certificates, whose
/// authority it does not check.
const KINDS: [&str; 7] = [
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
    "ssh-rsa",
];

/// What is known of the server before it shows its key.
pub(super) struct Expected<'a> {
    target: &'a Target,
    settings: &'a Settings,
    name: &'a str,
    port: u16,
    host_keys: &'a HostKeys,
    hash: bool,
    revoked: Option<&'a Path>,
    known: Known,
}

impl<'a> Expected<'a> {
    pub(super) fn new(target: &'a Target, settings: &'a Settings) -> Self {
        let name = settings.alias.as_deref().unwrap_or(&settings.host);
        // An alias stands in the file as it is, whatever the port.
        let port = match settings.alias {
            Some(_) => 22,
            None => settings.port,
        };
        Expected {
            target,
            settings,
            name,
            port,
            host_keys: &settings.host_keys,
            hash: settings.hash,
            revoked: settings.revoked.as_deref(),
            known: Known::read(settings.host_keys.files(), name, port),
        }
    }

    /// Asks the server for a key of a kind that is known, before any other.
    pub(super) fn prefer(&self, session: &Session) -> Result<(), ssh2::Error> {
        let kinds = self.known.kinds();
        let is_known = |kind: &str| {
            kinds.contains(&kind) || kind.starts_with("rsa-sha2") && kinds.contains(&"ssh-rsa")
        };
        let (first, rest): (Vec<&str>, Vec<&str>) = KINDS.iter().partition(|kind| is_known(kind));
        let all = [first, rest].concat().join(",");
        session.method_pref(MethodType::HostKey, &all)
    }

    /// Checks the key that the server showed in the handshake; gives in words which it is and how it is known.
    ///
    /// # Errors
    /// It is not known, is another one than known, or is revoked; or somebody has to be asked.
    pub(super) fn check(&self, session: &Session) -> Result<String, Failure> {
        let shown = session.host_key().map(|(key, _)| (key, describe(key)));
        if let Some(file) = self.revoked {
            self.unrevoked(file, shown.as_ref())?;
        }
        if *self.host_keys == HostKeys::Off {
            let shown = shown.map_or_else(|| "none".to_owned(), |(_, shown)| shown);
            return Ok(format!("{shown}, not checked"));
        }
        let Some((key, shown)) = shown else {
            return Err(self
                .refuse("the server showed no host key".to_owned())
                .into());
        };
        self.judge(key, &shown)
    }

    /// A revoked key is refused, whatever else is said of keys, as OpenSSH does.
    fn unrevoked(&self, file: &Path, shown: Option<&(&[u8], String)>) -> Result<(), Failure> {
        let Some((key, shown)) = shown else {
            return Ok(());
        };
        let file_shown = file.display();
        match is_revoked(file, key) {
            Ok(false) => Ok(()),
            Ok(true) => Err(self
                .refuse(format!("its host key {shown} is revoked in {file_shown}"))
                .into()),
            Err(error) => {
                let why = crate::error::Error::from(error).chain();
                let text = format!("the RevokedHostKeys {file_shown} cannot be read: {why}");
                Err(self.refuse(text).into())
            }
        }
    }

    fn judge(&self, key: &[u8], shown: &str) -> Result<String, Failure> {
        match self.known.judge(key) {
            Verdict::Good(place) => Ok(format!("{shown}, known in {place}")),
            Verdict::Changed(place) => {
                let file = place
                    .rsplit_once(':')
                    .map_or(place.as_str(), |(file, _)| file);
                let lost = self.refuse(format!(
                    "its host key is not the one that {place} knows: it shows {shown}"
                ));
                Err(lost
                    .mended(format!(
                        "if the host was reinstalled, remove the old key with `ssh-keygen -f {} -R {}`, else \
                         somebody may be in between",
                        typed(file),
                        typed(&self.entry())
                    ))
                    .into())
            }
            Verdict::Revoked(place) => Err(self
                .refuse(format!("its host key {shown} is revoked in {place}"))
                .into()),
            Verdict::Unknown { authority } => self.stranger(key, shown, authority),
        }
    }

    /// What becomes of a key that is not known.
    fn stranger(&self, key: &[u8], shown: &str, authority: bool) -> Result<String, Failure> {
        let refusal = || self.unknown(shown, authority);
        match self.host_keys {
            HostKeys::Off | HostKeys::Strict { .. } => Err(refusal().into()),
            HostKeys::AcceptNew { .. } => self.learn(key, shown),
            HostKeys::Ask { person, .. } => match answer(&self.entry(), key) {
                Some(Answer::No) => Err(refusal().into()),
                Some(Answer::Yes(trouble)) => {
                    let trouble = trouble.map(|why| format!("; {why}")).unwrap_or_default();
                    Ok(format!("{shown}, as you said{trouble}"))
                }
                None => {
                    let (kind, fingerprint) = shown.split_once(' ').unwrap_or((shown, ""));
                    Err(Failure::Asks(Box::new(Question {
                        name: self.target.name.clone(),
                        entry: self.entry(),
                        kind: kind.to_owned(),
                        fingerprint: fingerprint.to_owned(),
                        new: self.line_of(key),
                        person: person.clone(),
                        refusal: refusal(),
                    })))
                }
            },
        }
    }

    fn line_of(&self, key: &[u8]) -> New {
        New {
            file: self
                .host_keys
                .own_file()
                .map(Path::to_owned)
                .unwrap_or_default(),
            host: self.name.to_owned(),
            port: self.port,
            kind: kind(key).unwrap_or_default().to_owned(),
            key: key.to_owned(),
            hash: self.hash,
        }
    }

    fn learn(&self, key: &[u8], shown: &str) -> Result<String, Failure> {
        let new = self.line_of(key);
        let file = new.file.display();
        append(&new).map_err(|error| {
            let why = crate::error::Error::from(error);
            self.refuse(format!("its host key cannot be added to {file}: {why}"))
        })?;
        Ok(format!("{shown}, new, added to {file}"))
    }

    fn unknown(&self, shown: &str, authority: bool) -> Lost {
        if authority {
            return self.refuse(format!(
                "a certificate authority is known for it, which play cannot check: add its own \
                 host key ({shown}) to known_hosts"
            ));
        }
        let lost = self.refuse(format!("its host key is not known: it shows {shown}"));
        lost.mended(format!(
            "compare that with `ssh-keygen -lf /etc/ssh/ssh_host_{}_key.pub` on the host, then add the key \
             with `{}`, or accept every new host with `--ssh-common-args='-o StrictHostKeyChecking=accept-new'`",
            file_of(shown),
            self.scan()
        ))
    }

    /// The command that adds the host's keys to the file that is read, under the name that they are looked for.
    fn scan(&self) -> String {
        let settings = self.settings;
        let hop = match &settings.proxy {
            Proxy::Jump(hops) => hops.last(),
            _ => None,
        };
        let asked = (settings.host.as_str(), settings.port);
        let scan = keyscan(asked, hop, settings.alias.as_deref(), self.hash);
        let own = self.host_keys.own_file();
        let Some(own) = own else {
            return format!("{scan} >> ~/.ssh/known_hosts");
        };
        let shown = |path: &Path| {
            let text = path.to_string_lossy();
            match text.strip_prefix("~/") {
                Some(rest) => format!("~/{}", typed(rest)),
                None => typed(&text),
            }
        };
        let folder = own
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty() && !folder.exists());
        let make = folder.map(|folder| format!("mkdir -p -m 700 {} && ", shown(folder)));
        format!("{}{scan} >> {}", make.unwrap_or_default(), shown(own))
    }

    /// The host's name in known_hosts.
    fn entry(&self) -> String {
        match self.port {
            22 => self.name.to_owned(),
            port => format!("[{}]:{port}", self.name),
        }
    }

    fn refuse(&self, why: String) -> Lost {
        let message = format!("cannot trust {}: {why}", self.target.name);
        Lost::new(LostKind::HostKey, message)
    }
}

/// A key's kind, by the name that its first field holds.
fn kind(key: &[u8]) -> Option<&str> {
    let length: [u8; 4] = key.get(..4)?.try_into().ok()?;
    let length = usize::try_from(u32::from_be_bytes(length)).ok()?;
    std::str::from_utf8(key.get(4..4 + length)?).ok()
}

/// The command that prints the keys of a host, asked on the last `hop` to it, as lines of known_hosts under its
/// name or its `alias`.
fn keyscan(
    (host, port): (&str, u16),
    hop: Option<&Hop>,
    alias: Option<&str>,
    hash: bool,
) -> String {
    let of_port = |port: Option<u16>| port.map(|port| format!("-p {port} ")).unwrap_or_default();
    let port = of_port(Some(port).filter(|port| *port != 22));
    let hash = if hash && alias.is_none() { "-H " } else { "" };
    let mut scan = format!("ssh-keyscan {hash}{port}{}", typed(host));
    if let Some(hop) = hop {
        let user = hop.user.as_ref().map(|user| format!("{user}@"));
        let to = format!("{}{}", user.unwrap_or_default(), hop.host);
        // The jump host's shell reads the command once more.
        if typed(host) != host {
            scan = typed(&scan);
        }
        scan = format!("ssh {}{} {scan}", of_port(hop.port), typed(&to));
    }
    if let Some(alias) = alias {
        let escaped = alias
            .replace('\\', r"\\")
            .replace('/', r"\/")
            .replace('&', r"\&");
        scan += &format!(" | sed {}", typed(&format!("s/^[^ ]*/{escaped}/")));
    }
    scan
}

/// A word of a command that is shown to be typed: names come from inventories and files of others.
fn typed(word: &str) -> String {
    crate::shell::quote(word).as_str().to_owned()
}

/// The part of the name of a key's file on the host that says its kind.
fn file_of(shown: &str) -> &'static str {
    match shown.split(' ').next() {
        Some("RSA") => "rsa",
        Some("ECDSA") => "ecdsa",
        _ => "ed25519",
    }
}

/// `ED25519 SHA256:…`, as ssh-keygen shows it.
fn describe(key: &[u8]) -> String {
    let Ok(public) = PublicKey::from_bytes(key) else {
        return format!("a key of the kind {}", kind(key).unwrap_or("?"));
    };
    let kind = kind(key).unwrap_or_default();
    let short = kind.trim_start_matches("ssh-").to_uppercase();
    let short = short.split('-').next().unwrap_or_default().to_owned();
    format!("{short} {}", public.fingerprint(HashAlg::Sha256))
}

#[cfg(test)]
mod tests {
    use super::{Hop, keyscan};

    #[test]
    fn a_command_that_is_shown_can_be_typed() {
        let hop = |host: &str| Hop {
            user: Some("me".into()),
            host: host.into(),
            port: Some(2200),
        };
        assert_eq!(keyscan(("web1", 22), None, None, false), "ssh-keyscan web1");
        assert_eq!(
            keyscan(("web1", 2222), Some(&hop("jump")), Some("w/1"), true),
            r"ssh -p 2200 me@jump ssh-keyscan -p 2222 web1 | sed 's/^[^ ]*/w\/1/'"
        );
        // A name that somebody else made up stays a word, also on the jump host.
        let evil = "$(touch x); `y`'";
        let words = |text: &str| shell_words::split(text).unwrap();
        assert_eq!(
            words(&keyscan((evil, 22), None, None, true)),
            ["ssh-keyscan", "-H", evil]
        );
        let far = words(&keyscan((evil, 22), Some(&hop(evil)), None, false));
        assert_eq!(far[..4], ["ssh", "-p", "2200", &format!("me@{evil}")]);
        assert_eq!(words(&far[4]), ["ssh-keyscan", evil]);
        let named = words(&keyscan(("h", 22), None, Some(evil), false));
        assert_eq!(named[3..], ["sed".to_owned(), format!("s/^[^ ]*/{evil}/")]);
    }
}
