//! Private keys of the controller: read, and opened once where they are encrypted.

use std::collections::HashMap;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use ssh_key::{LineEnding, PrivateKey, PublicKey};
use zeroize::Zeroizing;

use crate::vault::Secret;

/// The text of a key that libssh2 can read, and the passphrase where it opens the key itself.
#[derive(Clone)]
pub(super) struct Key {
    pub(super) text: Arc<Zeroizing<String>>,
    pub(super) passphrase: Option<Secret>,
}

/// Why a key file is of no use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unusable {
    /// It needs a passphrase, and none was given.
    Encrypted,
    /// It needs a security key, which libssh2 does not speak to.
    Fido,
    /// There is no such file.
    Missing,
    /// Others can read it: its mode.
    Open(u32),
    /// Something else, in words.
    Other(String),
}

/// Opening an encrypted key costs 200 ms, on purpose.
static OPENED: Mutex<Option<HashMap<PathBuf, Key>>> = Mutex::new(None);

/// Reads a private key.
///
/// # Errors
/// It cannot be used.
pub(super) fn load(path: &Path, passphrase: Option<&Secret>) -> Result<Key, Unusable> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => Zeroizing::new(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(Unusable::Missing);
        }
        Err(error) => return Err(other(crate::error::Error::from(error))),
    };
    if let Some(mode) = open_to_others(path) {
        return Err(Unusable::Open(mode));
    }
    if text.starts_with("PuTTY-User-Key-File") {
        return Err(other(
            "is PuTTY's: convert it with `puttygen -O private-openssh`",
        ));
    }
    if text.contains("BEGIN OPENSSH PRIVATE KEY") {
        return openssh(path, text, passphrase);
    }
    if !text.contains("PRIVATE KEY-----") {
        return Err(other("is not a private key"));
    }
    let passphrase = match text.contains("ENCRYPTED") {
        true => Some(passphrase.ok_or(Unusable::Encrypted)?.clone()),
        false => None,
    };
    Ok(Key {
        text: Arc::new(text),
        passphrase,
    })
}

/// The mode of a file of ours that others may read, which OpenSSH refuses (`sshkey_perm_ok` of its `authfile.c`).
fn open_to_others(path: &Path) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    let meta = std::fs::metadata(path).ok()?;
    let mode = meta.mode() & 0o7777;
    let ours = meta.uid() == rustix::process::getuid().as_raw();
    (ours && mode & 0o077 != 0).then_some(mode)
}

fn openssh(path: &Path, text: Zeroizing<String>, secret: Option<&Secret>) -> Result<Key, Unusable> {
    let Ok(key) = PrivateKey::from_openssh(text.as_bytes()) else {
        // A kind of key that only libssh2 knows, perhaps.
        return Ok(Key {
            text: Arc::new(text),
            passphrase: secret.cloned(),
        });
    };
    if key.algorithm().as_str().starts_with("sk-") {
        return Err(Unusable::Fido);
    }
    if !key.is_encrypted() {
        return Ok(Key {
            text: Arc::new(text),
            passphrase: None,
        });
    }
    let secret = secret.ok_or(Unusable::Encrypted)?;
    let mut opened = OPENED.lock().unwrap_or_else(PoisonError::into_inner);
    let opened = opened.get_or_insert_default();
    if let Some(known) = opened.get(path) {
        return Ok(known.clone());
    }
    let key = key
        .decrypt(secret.expose())
        .map_err(|_| other("does not open with the passphrase given"))?;
    let text = key.to_openssh(LineEnding::LF).map_err(other)?;
    let key = Key {
        text: Arc::new(text),
        passphrase: None,
    };
    opened.insert(path.to_owned(), key.clone());
    Ok(key)
}

fn other(why: impl ToString) -> Unusable {
    Unusable::Other(why.to_string())
}

/// The public half of a key file, for finding it in the agent: from the file itself, which tells it
/// without a passphrase, or from `NAME.pub`.
pub(super) fn public(path: &Path) -> Option<Vec<u8>> {
    let own = || {
        let text = Zeroizing::new(std::fs::read_to_string(path).ok()?);
        let key = PrivateKey::from_openssh(text.as_bytes()).ok()?;
        key.public_key().to_bytes().ok()
    };
    own().or_else(|| {
        let text = std::fs::read_to_string(beside(path, ".pub")).ok()?;
        PublicKey::from_openssh(&text).ok()?.to_bytes().ok()
    })
}

/// The certificate that goes with a key, where there is one: one of those that are named, or `NAME-cert.pub`.
pub(super) fn certificate(path: &Path, named: &[PathBuf]) -> Option<String> {
    let own = public(path).filter(|_| !named.is_empty());
    let of_key = |text: &String| {
        let certificate = ssh_key::Certificate::from_openssh(text).ok()?;
        let key = PublicKey::from(certificate.public_key().clone())
            .to_bytes()
            .ok()?;
        (own.as_ref() == Some(&key)).then_some(())
    };
    let mut texts = named
        .iter()
        .filter_map(|path| std::fs::read_to_string(path).ok());
    texts
        .find(|text| of_key(text).is_some())
        .or_else(|| std::fs::read_to_string(beside(path, "-cert.pub")).ok())
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}
