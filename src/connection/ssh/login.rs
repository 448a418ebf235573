//! Who we are, as the server wants it proved.

use std::path::Path;

use ssh2::ErrorCode;
use ssh2::KeyboardInteractivePrompt;
use ssh2::Prompt;
use ssh2::Session;

use super::super::{Lost, LostKind, Target};
use super::clock::Clock;
use super::keys::{Unusable, certificate, load, public};
use super::settings::{Agent, Settings};
use crate::vault::Secret;

/// libssh2's codes: `LIBSSH2_ERROR_…`.
const TIMED_OUT: i32 = -9;
const EXPIRED: i32 = -15;
const UNVERIFIED: i32 = -19;
const GONE: [i32; 3] = [-7, -13, -43];

/// The methods we can use, in the order in which they are tried.
const METHODS: [&str; 3] = ["publickey", "password", "keyboard-interactive"];

/// Logs in: named keys, the agent's, the default ones, then the password. Gives what was tried and what the
/// server said to it, a line each.
///
/// # Errors
/// The server took none of them, or went away.
pub(super) fn login(
    session: &Session,
    target: &Target,
    settings: &Settings,
    clock: &Clock<'_>,
) -> Result<Vec<String>, Lost> {
    let mut login = Login {
        session,
        target,
        settings,
        clock,
        offered: Vec::new(),
        taken: Vec::new(),
        tried: Vec::new(),
        shown: Vec::new(),
        notes: Vec::new(),
        mend: None,
        story: Vec::new(),
        gone: None,
    };
    login.run()?;
    login.story.extend(login.notes);
    Ok(login.story)
}

struct Login<'a> {
    session: &'a Session,
    target: &'a Target,
    settings: &'a Settings,
    clock: &'a Clock<'a>,
    /// What the server takes.
    offered: Vec<String>,
    /// What it took, though not as enough, in words.
    taken: Vec<String>,
    /// What it refused, in words.
    tried: Vec<String>,
    /// The public halves of the keys that were tried: none is worth a second try.
    shown: Vec<Vec<u8>>,
    /// What could not be tried, and why.
    notes: Vec<String>,
    /// What would let it be tried.
    mend: Option<String>,
    /// Everything that was tried and what the server said to it, in order.
    story: Vec<String>,
    /// Why the connection ended.
    gone: Option<i32>,
}

impl Login<'_> {
    fn run(&mut self) -> Result<(), Lost> {
        self.ask_methods()?;
        let mut left: Vec<&str> = METHODS.to_vec();
        while !self.session.authenticated() {
            let next = left
                .iter()
                .position(|method| self.offered.iter().any(|offered| offered == method));
            let Some(next) = next else {
                return Err(self.refused());
            };
            let method = left.remove(next);
            let half_done = match method {
                "publickey" => self.keys()?,
                "password" => self.password()?,
                _ => self.questions()?,
            };
            if half_done && method == "publickey" {
                // Perhaps it wants a second key.
                left.push(method);
            }
            // The server may want one more proof after the first: it says which when asked.
            if half_done && !self.session.authenticated() && self.gone.is_none() {
                self.ask_methods()?;
            }
        }
        Ok(())
    }

    /// Asks which methods the server takes; a server that asks for nothing lets us in with that.
    fn ask_methods(&mut self) -> Result<(), Lost> {
        self.clock.arm(self.session)?;
        match self.session.auth_methods(&self.settings.user) {
            Ok(methods) => self.offered = methods.split(',').map(str::to_owned).collect(),
            Err(_) if self.session.authenticated() => {
                self.story.push("the server asked for no proof".to_owned());
            }
            Err(error) => {
                self.note_end(&error);
                return Err(self.refused());
            }
        }
        Ok(())
    }

    /// Tries keys. Says whether one was taken, though not as enough.
    fn keys(&mut self) -> Result<bool, Lost> {
        for path in &self.settings.keys {
            if let Some(half_done) = self.key(path, true)? {
                return Ok(half_done);
            }
        }
        if let Some(half_done) = self.agent()? {
            return Ok(half_done);
        }
        for path in &self.settings.default_keys {
            if let Some(half_done) = self.key(path, false)? {
                return Ok(half_done);
            }
        }
        Ok(false)
    }

    /// Tries one key; gives an answer where no other key need be tried.
    fn key(&mut self, path: &Path, named: bool) -> Result<Option<bool>, Lost> {
        let shown = path.display();
        let what = format!("the key {shown}");
        if self.tried.contains(&what) {
            return Ok(None);
        }
        let key = match load(path, self.target.login.passphrase.as_ref()) {
            Ok(key) => key,
            Err(Unusable::Missing) if !named => return Ok(None),
            Err(why) => {
                if matches!(why, Unusable::Open(_)) && self.mend.is_none() {
                    let path = crate::shell::quote(&path.to_string_lossy());
                    let mend = format!("`chmod 600 {}` makes it yours alone", path.as_str());
                    self.mend = Some(mend);
                }
                self.note(format!("{what} {}", words(&why)));
                return Ok(None);
            }
        };
        if let Some(blob) = public(path) {
            if self.shown.contains(&blob) {
                return Ok(None);
            }
            self.shown.push(blob);
        }
        let certificate = certificate(path, &self.settings.certificates);
        let halves = [certificate.as_deref(), None];
        for half in halves.iter().skip(usize::from(certificate.is_none())) {
            self.clock.arm(self.session)?;
            let passphrase = key.passphrase.as_ref().map(Secret::expose_text);
            let user = &self.settings.user;
            let result =
                self.session
                    .userauth_pubkey_memory(user, *half, &key.text, passphrase.as_deref());
            if let Some(answer) = self.judge(result, what.clone())? {
                return Ok(Some(answer));
            }
        }
        Ok(None)
    }

    /// Tries the agent's keys, one after the other.
    fn agent(&mut self) -> Result<Option<bool>, Lost> {
        let (path, named_only) = match &self.settings.agent {
            Agent::No => return Ok(None),
            Agent::All(path) => (path, false),
            Agent::Named(path) => (path, true),
        };
        let Ok(mut agent) = self.session.agent() else {
            return Ok(None);
        };
        if let Some(path) = path {
            let _ = agent.set_identity_path(path);
        }
        if agent.connect().is_err() || agent.list_identities().is_err() {
            return Ok(None);
        }
        let named: Vec<Vec<u8>> = self
            .settings
            .keys
            .iter()
            .filter_map(|path| public(path))
            .collect();
        for identity in agent.identities().unwrap_or_default() {
            if named_only && !named.iter().any(|key| key == identity.blob()) {
                continue;
            }
            let what = format!("the agent's key {}", identity.comment());
            if self.shown.iter().any(|blob| blob == identity.blob()) {
                continue;
            }
            self.shown.push(identity.blob().to_vec());
            if is_fido(identity.blob()) {
                self.notes
                    .push(format!("{what} {}", words(&Unusable::Fido)));
                continue;
            }
            self.clock.arm(self.session)?;
            let result = agent.userauth(&self.settings.user, &identity);
            if let Some(answer) = self.judge(result, what)? {
                return Ok(Some(answer));
            }
        }
        Ok(None)
    }

    fn password(&mut self) -> Result<bool, Lost> {
        let Some(password) = &self.target.login.password else {
            return Ok(false);
        };
        self.clock.arm(self.session)?;
        let result = self
            .session
            .userauth_password(&self.settings.user, &password.expose_text());
        self.judge(result, "the password".to_owned())?;
        Ok(true)
    }

    fn questions(&mut self) -> Result<bool, Lost> {
        let Some(password) = &self.target.login.password else {
            return Ok(false);
        };
        self.clock.arm(self.session)?;
        let mut answers = Answers {
            password: Some(password),
        };
        let user = &self.settings.user;
        let result = self
            .session
            .userauth_keyboard_interactive(user, &mut answers);
        let what = "the password".to_owned();
        // Many servers offer one password under both names.
        let again = self.tried.contains(&what);
        self.judge(result, what)?;
        if again {
            self.tried.pop();
        }
        Ok(true)
    }

    /// Takes in how an attempt went: in, half in (`true`), out of tries (`false`), or go on.
    fn judge(
        &mut self,
        result: Result<(), ssh2::Error>,
        what: String,
    ) -> Result<Option<bool>, Lost> {
        let Err(error) = result else {
            self.story.push(format!("{what} was accepted"));
            return Ok(Some(false));
        };
        if code(&error) == EXPIRED {
            self.note("the password has expired".to_owned());
        }
        if code(&error) == UNVERIFIED {
            self.story
                .push(format!("{what} was accepted, but one more proof is wanted"));
            self.taken.push(what);
            return Ok(Some(true));
        }
        self.story.push(format!("{what} was refused"));
        self.tried.push(what);
        self.note_end(&error);
        match self.gone {
            Some(_) => Err(self.refused()),
            None => Ok(None),
        }
    }

    fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    fn note_end(&mut self, error: &ssh2::Error) {
        let code = code(error);
        if code == TIMED_OUT || GONE.contains(&code) {
            self.gone = Some(code);
        }
    }

    fn refused(&self) -> Lost {
        let name = &self.target.name;
        let user = &self.settings.user;
        if self.gone == Some(TIMED_OUT) {
            return self.clock.over();
        }
        let mut why = match (self.tried.len(), self.gone) {
            (0, None) if !self.taken.is_empty() => self.wants_more(),
            (0, Some(_)) => "the server closed the connection".to_owned(),
            (0, None) => format!(
                "there is no {}key, agent or password to try (the server takes {})",
                if self.notes.is_empty() { "" } else { "other " },
                self.offered.join(", ")
            ),
            (_, None) if !self.taken.is_empty() => {
                format!("{}; it refused {}", self.wants_more(), list(&self.tried))
            }
            (_, None) => format!("the server refused {}", list(&self.tried)),
            (_, Some(_)) => format!(
                "the server closed the connection after it had refused {}; name the right key \
                 with ansible_ssh_private_key_file",
                list(&self.tried)
            ),
        };
        // What could not even be tried comes first: it is what the user meant to be tried.
        for note in self.notes.iter().rev() {
            why = format!("{note}; {why}");
        }
        let message = format!("cannot log in to {name} as {user}: {why}");
        let lost = Lost::new(LostKind::Authentication, message);
        Lost {
            mend: self.mend.clone(),
            ..lost
        }
    }

    fn wants_more(&self) -> String {
        let taken = list(&self.taken);
        let offered = self.offered.join(", ");
        format!("the server took {taken} and wants one more proof ({offered})")
    }
}

/// Answers the questions of `keyboard-interactive`: whatever is asked in secret is the password,
/// once.
struct Answers<'a> {
    password: Option<&'a Secret>,
}

impl KeyboardInteractivePrompt for Answers<'_> {
    fn prompt(&mut self, _user: &str, _words: &str, prompts: &[Prompt<'_>]) -> Vec<String> {
        let mut answer = |prompt: &Prompt<'_>| match prompt.echo {
            true => String::new(),
            false => {
                let password = self.password.take().map(Secret::expose_text);
                password.unwrap_or_default().into_owned()
            }
        };
        prompts.iter().map(&mut answer).collect()
    }
}

fn code(error: &ssh2::Error) -> i32 {
    match error.code() {
        ErrorCode::Session(code) | ErrorCode::SFTP(code) => code,
    }
}

/// Why a key is of no use, after its name.
fn words(why: &Unusable) -> String {
    match why {
        Unusable::Encrypted => {
            "is encrypted: give ansible_ssh_private_key_passphrase, or add it to ssh-agent"
                .to_owned()
        }
        Unusable::Fido => {
            "needs a security key: use `ansible_connection: openssh` for it".to_owned()
        }
        Unusable::Missing => "does not exist".to_owned(),
        Unusable::Open(mode) => {
            format!("can be read by others (mode {mode:04o}), so it is not used")
        }
        Unusable::Other(text) => text.clone(),
    }
}

/// `a`, `a and b`, `a, b and c`.
fn list(words: &[String]) -> String {
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

fn is_fido(blob: &[u8]) -> bool {
    blob.get(4..7) == Some(b"sk-")
}
