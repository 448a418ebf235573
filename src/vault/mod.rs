//! Sealed values: Ansible's vault texts, opened and made with the passwords of a run.
//!
//! A [`Vault`] holds the passwords, each with the label (`--vault-id`) it was given under. What it
//! opens is a [`Secret`], which is wiped when it is dropped and prints as `***`. A label only says
//! which password to try first: it is not authenticated.

mod armour;
mod cipher;
mod identity;
pub mod password;
mod secret;

#[cfg(test)]
mod tests;

pub use armour::{Header, header, is_sealed};
pub use identity::{Identity, Origin};
pub use secret::Secret;

use std::collections::HashMap;
use std::fmt;
use std::io::Read;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::error::{Error, Kind, Result};

use cipher::{Keys, Parts};

/// The label of a password that was given without one.
pub const DEFAULT_LABEL: &str = "default";

/// The passwords of a run, in the order they were given.
#[derive(Default)]
pub struct Vault {
    passwords: Vec<Password>,
    only_matching: bool,
    /// One question at a time.
    asking: Mutex<()>,
    keys: Mutex<KeyRing>,
}

/// Who is asked for a password once something has to be opened.
pub type Ask = Box<dyn Fn() -> Result<Secret> + Send + Sync>;

/// A password and its label.
struct Password {
    label: String,
    secret: OnceLock<Secret>,
    /// Who is asked for it, where it was not given yet.
    ask: Option<Ask>,
}

/// The keys derived so far, by the position of the password and the salt.
type KeyRing = HashMap<(usize, Vec<u8>), Arc<Keys>>;

/// A vault text that was opened.
#[derive(Debug)]
pub struct Opened {
    /// What was sealed.
    pub plaintext: Secret,
    /// The label of the password that opened it.
    pub label: String,
    /// Which password that is.
    position: usize,
    /// The label that stands in the text.
    written: Option<String>,
}

impl Vault {
    /// A vault without passwords.
    pub fn new() -> Self {
        Vault::default()
    }

    /// Adds a password; the earlier ones are tried first.
    pub fn add(&mut self, label: &str, password: Secret) {
        self.passwords.push(Password {
            label: label.to_owned(),
            secret: OnceLock::from(password),
            ask: None,
        });
    }

    /// Adds a password that is asked for when the first text has to be opened with it.
    pub fn add_late(&mut self, label: &str, ask: Ask) {
        self.passwords.push(Password {
            label: label.to_owned(),
            secret: OnceLock::new(),
            ask: Some(ask),
        });
    }

    /// Whether a text with a label is opened by passwords of that label alone
    /// (`VAULT_ID_MATCH`); otherwise they are only tried first.
    pub fn match_labels(&mut self, only_matching: bool) {
        self.only_matching = only_matching;
    }

    /// Says whether there are no passwords.
    pub fn is_empty(&self) -> bool {
        self.passwords.is_empty()
    }

    /// The labels, in order.
    pub fn labels(&self) -> impl Iterator<Item = &str> {
        self.passwords
            .iter()
            .map(|password| password.label.as_str())
    }

    /// Opens a vault text.
    ///
    /// # Errors
    /// The text is no vault text or a damaged one, or no password opens it.
    pub fn open(&self, text: &str) -> Result<Secret> {
        Ok(self.open_with_label(text)?.plaintext)
    }

    /// Opens a vault text, and says which label's password did it, for sealing it again.
    ///
    /// # Errors
    /// As [`Vault::open`].
    pub fn open_with_label(&self, text: &str) -> Result<Opened> {
        let header = header(text)?;
        let parts = Parts::read(text)?;
        if self.is_empty() {
            return Err(
                Error::input("Attempting to decrypt but no vault secrets found").hint(
                    "give one with `--vault-password-file`, `--vault-id` or `--ask-vault-pass`",
                ),
            );
        }
        for position in self.candidates(header.label.as_deref()) {
            let Some(password) = self.passwords.get(position) else {
                continue;
            };
            let keys = self.keys(position, self.secret(password)?, &parts.salt);
            if let Some(plaintext) = parts.open(&keys)? {
                let label = password.label.clone();
                return Ok(Opened {
                    plaintext,
                    label,
                    position,
                    written: header.label,
                });
            }
        }
        Err(self.not_opened(header.label.as_deref()))
    }

    /// The positions of the passwords to try: first those with the text's label, then the others
    /// where that is allowed. A text without a label has the default one.
    fn candidates(&self, label: Option<&str>) -> Vec<usize> {
        let label = label.unwrap_or(DEFAULT_LABEL);
        let (mut first, others): (Vec<_>, Vec<_>) =
            (0..self.passwords.len()).partition(|position| {
                self.passwords
                    .get(*position)
                    .is_some_and(|password| password.label == label)
            });
        if !self.only_matching {
            first.extend(others);
        }
        first
    }

    fn not_opened(&self, label: Option<&str>) -> Error {
        let sealed = match label {
            Some(label) => format!("it was encrypted with the vault id `{label}`"),
            None => "it was encrypted without a vault id".to_owned(),
        };
        let given: Vec<String> = self.labels().map(|label| format!("`{label}`")).collect();
        let rule = if self.only_matching {
            ", and only passwords of the same id are tried"
        } else {
            ""
        };
        Error::input("Decryption failed (no vault secrets were found that could decrypt)").hint(format!(
            "none of the passwords is the right one, or the text is damaged; {sealed}; given: {}{rule}",
            given.join(", ")
        ))
    }

    /// Seals `plaintext` with the first password of `label`, or with the first of all, whose
    /// label then stands in the text unless it is the default one. Without a salt, 32 random
    /// bytes are it.
    ///
    /// # Errors
    /// There is no such password, or the plaintext is a vault text already.
    pub fn seal(
        &self,
        plaintext: &[u8],
        label: Option<&str>,
        salt: Option<&[u8]>,
    ) -> Result<String> {
        if is_sealed(plaintext) {
            return Err(Error::input("input is already encrypted"));
        }
        let (position, password) = self.sealing_password(label)?;
        let secret = self.secret(password)?;
        self.seal_by(plaintext, (position, secret), &password.label, salt)
    }

    /// Seals a new text as an opened one was: with the same password, and the same label in its header.
    ///
    /// # Errors
    /// The plaintext is a vault text already.
    pub fn seal_again(
        &self,
        plaintext: &[u8],
        opened: &Opened,
        salt: Option<&[u8]>,
    ) -> Result<String> {
        if is_sealed(plaintext) {
            return Err(Error::input("input is already encrypted"));
        }
        let password = self
            .passwords
            .get(opened.position)
            .ok_or_else(|| Error::bug("the password that opened a vault is gone"))?;
        let password = self.secret(password)?;
        let label = opened.written.as_deref().unwrap_or(DEFAULT_LABEL);
        self.seal_by(plaintext, (opened.position, password), label, salt)
    }

    fn seal_by(
        &self,
        plaintext: &[u8],
        (position, password): (usize, &Secret),
        label: &str,
        salt: Option<&[u8]>,
    ) -> Result<String> {
        let salt = match salt {
            Some([]) => return Err(Error::input("the salt is empty")),
            Some(salt) => salt.to_vec(),
            None => random_salt()?,
        };
        let keys = self.keys(position, password, &salt);
        let body = Parts::seal(plaintext, salt, &keys)?.write();
        Ok(armour::write(&body, label))
    }

    /// A password, which may have to be asked for first.
    fn secret<'p>(&self, password: &'p Password) -> Result<&'p Secret> {
        let _turn = self.asking.lock().unwrap_or_else(PoisonError::into_inner);
        if let (None, Some(ask)) = (password.secret.get(), &password.ask) {
            let _ = password.secret.set(ask()?);
        }
        password
            .secret
            .get()
            .ok_or_else(|| Error::bug("a vault password is missing"))
    }

    fn sealing_password(&self, label: Option<&str>) -> Result<(usize, &Password)> {
        let mut passwords = self.passwords.iter().enumerate();
        let found = match label {
            None => passwords.next(),
            Some(label) => passwords.find(|(_, password)| password.label == label),
        };
        match (found, label) {
            (Some(found), _) => Ok(found),
            (None, Some(label)) => Err(Error::new(
                Kind::Input,
                format!("there is no vault password with the id `{label}`"),
            )
            .hint_if(crate::error::nearest(label, self.labels()))),
            (None, None) => Err(Error::input("no vault password is given to encrypt with")
                .hint("give one with `--vault-password-file`, `--vault-id` or `--ask-vault-pass`")),
        }
    }

    /// The keys of a password and a salt. Deriving them takes 10,000 rounds, so that they are
    /// kept.
    fn keys(&self, position: usize, password: &Secret, salt: &[u8]) -> Arc<Keys> {
        let name = (position, salt.to_vec());
        let cached = || self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(keys) = cached().get(&name) {
            return keys.clone();
        }
        let keys = Arc::new(Keys::derive(password, salt));
        cached().insert(name, keys.clone());
        keys
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.labels()).finish()
    }
}

fn random_salt() -> Result<Vec<u8>> {
    let mut salt = vec![0; 32];
    std::fs::File::open("/dev/urandom")
        .and_then(|mut file| file.read_exact(&mut salt))
        .map_err(|error| Error::input("failed to read random bytes").because(error))?;
    Ok(salt)
}
