//! Is this the server it should be?

use std::path::PathBuf;

use ssh_key::{HashAlg, PublicKey};
use ssh2::MethodType;
use ssh2::Session;

use super::super::{HostKeys, Lost, LostKind, Target};
use super::known_hosts::{Known, Verdict, append};
use super::settings::Settings;

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

/// What is known of the server before it is asked.
pub(super) struct Expected<'a> {
    target: &'a Target,
    name: &'a str,
    port: u16,
    host_keys: &'a HostKeys,
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
        let files: &[PathBuf] = match &settings.host_keys {
            HostKeys::Off => &[],
            HostKeys::Strict { files } | HostKeys::AcceptNew { files } => files,
        };
        Expected {
            target,
            name,
            port,
            host_keys: &settings.host_keys,
            known: Known::read(files, name, port),
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

    /// Checks the key that the server showed in the handshake.
    ///
    /// # Errors
    /// It is not known, is another one than known, or is revoked.
    pub(super) fn check(&self, session: &Session) -> Result<(), Lost> {
        let files = match self.host_keys {
            HostKeys::Off => return Ok(()),
            HostKeys::Strict { .. } => None,
            HostKeys::AcceptNew { files } => files.first(),
        };
        let Some((key, _)) = session.host_key() else {
            return Err(self.refuse("the server showed no host key".to_owned()));
        };
        let shown = describe(key);
        match self.known.judge(key) {
            Verdict::Good => Ok(()),
            Verdict::Changed(place) => {
                let file = place
                    .rsplit_once(':')
                    .map_or(place.as_str(), |(file, _)| file);
                let file = crate::shell::quote(file);
                Err(self.refuse(format!(
                    "its host key is not the one that {place} knows: it shows {shown}; if the host was \
                     reinstalled, remove the old key with `ssh-keygen -f {} -R '{}'`, else somebody may be \
                     in between",
                    file.as_str(),
                    self.entry()
                )))
            }
            Verdict::Revoked(place) => {
                Err(self.refuse(format!("its host key {shown} is revoked in {place}")))
            }
            Verdict::Unknown { authority } => match files {
                Some(file) => self.learn(file, key),
                None => Err(self.refuse(self.unknown(&shown, authority))),
            },
        }
    }

    fn learn(&self, file: &std::path::Path, key: &[u8]) -> Result<(), Lost> {
        let kind = kind(key).unwrap_or_default();
        append(file, self.name, self.port, kind, key).map_err(|error| {
            let why = crate::error::Error::from(error);
            let file = file.display();
            self.refuse(format!("its host key cannot be added to {file}: {why}"))
        })
    }

    fn unknown(&self, shown: &str, authority: bool) -> String {
        if authority {
            return format!(
                "a certificate authority is known for it, which play cannot check: add its own \
                 host key ({shown}) to known_hosts"
            );
        }
        let port = match self.port {
            22 => String::new(),
            port => format!("-p {port} "),
        };
        let file = match self.host_keys {
            HostKeys::Strict { files } | HostKeys::AcceptNew { files } => files.first(),
            HostKeys::Off => None,
        };
        let file = file.map_or_else(
            || "~/.ssh/known_hosts".into(),
            |file| file.to_string_lossy(),
        );
        let file = match file.starts_with('~') {
            true => file.into_owned(),
            false => crate::shell::quote(&file).as_str().to_owned(),
        };
        format!(
            "its host key is not known: it shows {shown}; compare that with `ssh-keygen -lf \
             /etc/ssh/ssh_host_ed25519_key.pub` on the host, then add the key with \
             `ssh-keyscan {port}{} >> {file}`, or accept new hosts (host_key_checking)",
            self.name
        )
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
