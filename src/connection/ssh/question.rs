//! The question that ssh asks: a host shows a key that nobody knows yet, is it the right one?
//!
//! It is asked between two tries to connect: neither the time that connecting may take nor the server's
//! patience runs while a person compares fingerprints.

use std::sync::{Mutex, PoisonError};

use super::super::{Asker, Lost};
use super::known_hosts::{New, append};

/// How often something may be typed that is no answer.
const TRIES: usize = 20;

/// A key that somebody has to be asked about.
#[derive(Debug)]
pub(super) struct Question {
    /// The host, as the user knows it.
    pub(super) name: String,
    /// Where it is, as known_hosts names it.
    pub(super) entry: String,
    /// `ED25519`
    pub(super) kind: String,
    /// `SHA256:…`
    pub(super) fingerprint: String,
    /// What is to be remembered.
    pub(super) new: New,
    pub(super) person: Asker,
    /// What is told where the answer is no.
    pub(super) refusal: Lost,
}

/// What was answered in this run, by name and key: nobody is asked twice.
static ANSWERS: Mutex<Vec<(String, Vec<u8>, Answer)>> = Mutex::new(Vec::new());

/// One question at a time.
static ONE: Mutex<()> = Mutex::new(());

/// What a person said of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    No,
    /// It is the right one; and why it could not be written down, where that is so.
    Yes(Option<String>),
}

/// What was said of a host's key, if anybody was asked.
pub(super) fn answer(entry: &str, key: &[u8]) -> Option<Answer> {
    let answers = ANSWERS.lock().unwrap_or_else(PoisonError::into_inner);
    let mut known = answers.iter();
    let found = known.find(|(name, known, _)| name == entry && known == key);
    found.map(|(_, _, answer)| answer.clone())
}

impl Question {
    /// Asks, unless somebody was asked meanwhile; remembers the answer. Blocks.
    ///
    /// # Errors
    /// The answer is no.
    pub(super) fn ask(self) -> Result<(), Lost> {
        let _turn = ONE.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = answer(&self.entry, &self.new.key).unwrap_or_else(|| self.put());
        match answer {
            Answer::Yes(_) => Ok(()),
            Answer::No => Err(self.refusal),
        }
    }

    fn put(&self) -> Answer {
        let said = match self.is_right() {
            true => Answer::Yes(append(&self.new).err().map(|error| {
                let why = crate::error::Error::from(error).chain();
                format!("it cannot be added to {}: {why}", self.new.file.display())
            })),
            false => Answer::No,
        };
        let mut answers = ANSWERS.lock().unwrap_or_else(PoisonError::into_inner);
        answers.push((self.entry.clone(), self.new.key.clone(), said.clone()));
        said
    }

    fn is_right(&self) -> bool {
        let mut text = self.text();
        for _ in 0..TRIES {
            let Some(typed) = (self.person.0)(&text) else {
                return false;
            };
            if let Some(answer) = read(&typed, &self.fingerprint) {
                return answer;
            }
            text = "Please type `yes`, `no` or the fingerprint: ".to_owned();
        }
        false
    }

    fn text(&self) -> String {
        let at = match self.entry == self.name {
            true => String::new(),
            false => format!(" ({})", self.entry),
        };
        format!(
            "The host key of {}{at} is not known yet.\n\
             {} key fingerprint is {}\n\
             It will be added to {}.\n\
             Are you sure you want to continue connecting (yes/no/[fingerprint])? ",
            self.name,
            self.kind,
            self.fingerprint,
            self.new.file.display()
        )
    }
}

/// What was typed, as OpenSSH reads it: the first word, `yes` and `no` in any case, nothing means no, and the
/// fingerprint exactly means yes. Nothing where it is no answer.
fn read(typed: &str, fingerprint: &str) -> Option<bool> {
    let word = typed.split_whitespace().next().unwrap_or_default();
    if word.is_empty() || word.eq_ignore_ascii_case("no") {
        return Some(false);
    }
    (word.eq_ignore_ascii_case("yes") || word == fingerprint).then_some(true)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn answers_are_read_as_openssh_reads_them() {
        for (typed, answer) in [
            ("yes", Some(true)),
            ("  YES  ", Some(true)),
            ("Yes please", Some(true)),
            ("SHA256:abc", Some(true)),
            ("no", Some(false)),
            ("No", Some(false)),
            ("", Some(false)),
            ("   ", Some(false)),
            ("y", None),
            ("n", None),
            ("sha256:abc", None),
            ("SHA256:ABC", None),
            ("yesno", None),
        ] {
            assert_eq!(read(typed, "SHA256:abc"), answer, "`{typed}`");
        }
    }
}
