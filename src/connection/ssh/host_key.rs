//! Is this the server it should be?

use std::path::Path;

use ssh_key::{HashAlg, PublicKey};
use ssh2::MethodType;
use ssh2::Session;

use super::super::{HostKeys, Lost, LostKind, Target};
use super::connect::Failure;
use super::known_hosts::{Known, New, Verdict, append, is_revoked};
use super::question::{Answer, Question, answer};
use super::settings::{Proxy, Settings};

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
                let file = crate::shell::quote(file);
                let lost = self.refuse(format!(
                    "its host key is not the one that {place} knows: it shows {shown}"
                ));
                Err(lost
                    .mended(format!(
                        "if the host was reinstalled, remove the old key with `ssh-keygen -f {} -R '{}'`, else \
                         somebody may be in between",
                        file.as_str(),
                        self.entry()
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
        let host = &self.settings.host;
        let port = match self.settings.port {
            22 => String::new(),
            port => format!("-p {port} "),
        };
        let hash = match self.hash && self.settings.alias.is_none() {
            true => "-H ",
            false => "",
        };
        let mut scan = format!("ssh-keyscan {hash}{port}{host}");
        if let Proxy::Jump(hops) = &self.settings.proxy
            && let Some(last) = hops.last()
        {
            let user = last.user.as_ref().map(|user| format!("{user}@"));
            let port = last.port.map(|port| format!("-p {port} "));
            scan = format!(
                "ssh {}{}{} {scan}",
                port.unwrap_or_default(),
                user.unwrap_or_default(),
                last.host
            );
        }
        if let Some(alias) = &self.settings.alias {
            scan += &format!(" | sed 's/^[^ ]*/{alias}/'");
        }
        let own = self.host_keys.own_file();
        let Some(own) = own else {
            return format!("{scan} >> ~/.ssh/known_hosts");
        };
        let shown = |path: &Path| {
            let text = path.to_string_lossy();
            match text.starts_with('~') {
                true => text.into_owned(),
                false => crate::shell::quote(&text).as_str().to_owned(),
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
