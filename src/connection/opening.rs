//! The first words with a shell: noise is skipped, passwords are given, the shell says who it is.

use std::time::Duration;

use zeroize::Zeroizing;

use super::become_::{Prompt, Wrap, short};
use super::container::openssh_refusal;
use super::pipes::{End, Pipes, Turn};
use super::relay;
use super::{Become, Lost, LostKind, Target, Transport};
use crate::shell::Stream;

/// What the shell says of itself.
const READY: &str = include_str!("ready.sh");

/// The most that a login may print before its shell answers.
const MOST_NOISE: usize = 1024 * 1024;

/// How many times the time limit becoming a user may take in all, whatever the host says meanwhile.
const LONGEST: u32 = 10;

/// How long a line that looks like a prompt must stay the last one.
const QUIET: Duration = Duration::from_millis(150);

/// A shell that has answered.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) pid: u32,
    /// Its process group, for ending what hangs in it.
    pub(super) group: u32,
    pub(super) user: String,
}

/// A shell that has not answered yet.
pub(super) struct Opening<'a> {
    pipes: &'a mut Pipes,
    target: &'a Target,
    mark: &'a str,
    unsent: Zeroizing<Vec<u8>>,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    /// What the terminal shows, where there is one.
    terminal: Option<Vec<u8>>,
}

impl<'a> Opening<'a> {
    pub(super) fn new(
        pipes: &'a mut Pipes,
        target: &'a Target,
        mark: &'a str,
        terminal: bool,
    ) -> Self {
        Opening {
            pipes,
            target,
            mark,
            unsent: Zeroizing::default(),
            stdout: Vec::new(),
            stderr: Vec::new(),
            terminal: terminal.then(Vec::new),
        }
    }

    /// Waits for the shell of the login user, or makes it the shell of `user`.
    pub(super) async fn run(mut self, user: Option<&Become>) -> Result<Ready, Lost> {
        let timeout = self.target.timeout;
        if let Some(user) = user {
            // A host that says a word now and then may not hold the run up for ever.
            let up = tokio::time::timeout(timeout * LONGEST, self.become_user(user)).await;
            up.unwrap_or_else(|_| Err(self.no_answer_from(user)))?;
            self.stdout.clear();
            self.stderr.clear();
        }
        let ready = tokio::time::timeout(timeout, self.greet()).await;
        ready.unwrap_or_else(|_| Err(self.no_answer()))
    }

    async fn greet(&mut self) -> Result<Ready, Lost> {
        let text = format!("set +efuvx\nplay_mark={}\n{READY}", self.mark);
        self.unsent.extend_from_slice(text.as_bytes());
        loop {
            if let Some(ready) = self.ready() {
                return Ok(ready);
            }
            if let Some(end) = self.turn().await {
                return Err(self.refused(&end));
            }
        }
    }

    /// The ready record, once it stands on both streams.
    fn ready(&self) -> Option<Ready> {
        let header = format!("\n{} .ready", self.mark);
        line_after(&self.stderr, &header)?;
        let line = line_after(&self.stdout, &header)?;
        let mut words = line.trim_start().splitn(3, ' ');
        Some(Ready {
            pid: words.next()?.parse().ok()?,
            group: words.next()?.parse().ok()?,
            user: words.next().unwrap_or_default().trim().to_owned(),
        })
    }

    /// Lets something happen; gives the end where that was it.
    async fn turn(&mut self) -> Option<End> {
        match self.pipes.turn(&self.unsent).await {
            Turn::Wrote(count) => drop(self.unsent.drain(..count)),
            Turn::Heard(Stream::Stdout, bytes) => self.stdout.extend(bytes),
            Turn::Heard(Stream::Stderr, bytes) => self.stderr.extend(bytes),
            Turn::Shown(bytes) => self.terminal.get_or_insert_default().extend(bytes),
            Turn::End(end) => return Some(end),
        }
        let shown = self.terminal.as_ref().map_or(0, Vec::len);
        (self.stdout.len() + self.stderr.len() + shown > MOST_NOISE).then(|| End {
            cause: Some("the login prints without end".to_owned()),
        })
    }

    /// The last line that was said, but for the relay's.
    fn last_words(&self) -> Option<String> {
        let out = lossy(&self.stdout).replace(&relay::gone(self.mark), "\n");
        last_line(&self.stderr).or_else(|| last_line(out.as_bytes()))
    }

    fn refused(&self, end: &End) -> Lost {
        let said = self.last_words();
        if let (Transport::OpenSsh, Some(said)) = (&self.target.transport, &said) {
            return openssh_refusal(self.target, said);
        }
        let why = end.cause.clone().or(said);
        let why = why.unwrap_or_else(|| "it ended at once".to_owned());
        let message = format!(
            "cannot run `{}` on {}: {why}",
            self.target.shell, self.target.name
        );
        Lost::new(LostKind::Unreachable, message)
    }

    fn no_answer(&self) -> Lost {
        let message = format!(
            "the shell on {} did not answer within {} s",
            self.target.name,
            self.target.timeout.as_secs()
        );
        Lost::new(LostKind::Unreachable, message)
    }

    /// Asks the login user's shell to become another user's, and gives the password. The time runs from
    /// the last thing that was heard: a program that asks again after a wrong password takes its time.
    async fn become_user(&mut self, user: &Become) -> Result<(), Lost> {
        let program = relay::command(&self.target.shell, self.mark, &self.up());
        let wrap = Wrap::new(user, &program, self.mark, self.terminal.is_some())?;
        self.unsent.extend_from_slice(wrap.line.as_bytes());
        let mut answered = false;
        while line_after(&self.stdout, &format!("{}.up", self.mark)).is_none() {
            if self.is_asked(&wrap.prompt) {
                self.answer(user, answered, &wrap.prompt).await?;
                answered = true;
                continue;
            }
            let turn = tokio::time::timeout(self.patience(&wrap.prompt), self.turn());
            match turn.await {
                Ok(Some(end)) => return Err(self.not_become(user, &wrap, answered, &end)),
                Ok(None) => {}
                Err(_) if !self.shows(&wrap.prompt) => return Err(self.no_answer_from(user)),
                Err(_) => {
                    self.answer(user, answered, &wrap.prompt).await?;
                    answered = true;
                }
            }
        }
        Ok(())
    }

    /// What says that the other user has been become.
    fn up(&self) -> String {
        format!("echo {}.up; ", self.mark)
    }

    /// Says whether a prompt that cannot be mistaken has come.
    fn is_asked(&self, prompt: &Prompt) -> bool {
        matches!(prompt, Prompt::Word(_)) && self.shows(prompt)
    }

    /// How long to wait for the next words before the last ones count as a prompt.
    fn patience(&self, prompt: &Prompt) -> Duration {
        match self.shows(prompt) {
            true => QUIET,
            false => self.target.timeout,
        }
    }

    fn shows(&self, prompt: &Prompt) -> bool {
        let shown = self
            .terminal
            .as_ref()
            .filter(|_| *prompt == Prompt::Terminal);
        prompt.is_in(&lossy(&self.stdout), &lossy(shown.unwrap_or(&self.stderr)))
    }

    /// Sends the password, once. What was said up to the prompt is of no more interest.
    async fn answer(&mut self, user: &Become, answered: bool, prompt: &Prompt) -> Result<(), Lost> {
        let method = short(&user.method);
        let name = &self.target.name;
        let said = |message| Err(Lost::new(LostKind::Become, message));
        if answered {
            return said(format!("Incorrect {method} password on {name}"));
        }
        let Some(password) = &user.password else {
            return said(format!(
                "{method} on {name} wants a password: \
                 give one with -K or ansible_become_password"
            ));
        };
        self.stdout.clear();
        self.stderr.clear();
        let line = Zeroizing::new([password.expose(), b"\n"].concat());
        if *prompt == Prompt::Terminal {
            self.terminal = Some(Vec::new());
            self.pipes.type_in(&line).await;
        } else {
            self.unsent.extend_from_slice(&line);
        }
        Ok(())
    }

    fn not_become(&self, user: &Become, wrap: &Wrap, answered: bool, end: &End) -> Lost {
        let method = short(&user.method);
        let name = &self.target.name;
        if let Some(cause) = &end.cause {
            return Lost::new(LostKind::Cut, cause.clone());
        }
        let own = relay::shown(&self.target.shell, self.mark, &self.up());
        let stderr = wrap.prompt.strip(&lossy(&self.stderr)).replace(&own, "");
        let line = stderr.lines().map(str::trim).find(|line| !line.is_empty());
        let line = line.unwrap_or("it ended without a word");
        let line = line.trim_end_matches('.');
        let line = line.strip_prefix(&format!("{method}: ")).unwrap_or(line);
        let exe = user.exe.as_deref().unwrap_or(method);
        let message = if line.ends_with("not found") && line.contains(exe) {
            format!("{name} has no `{exe}`: install it, or choose another become_method")
        } else if answered && matches!(method, "su" | "doas") {
            format!("Incorrect {method} password on {name}: {line}")
        } else if wrap.prompt == Prompt::Never && user.password.is_some() {
            format!("{method} on {name}: {line} (it takes a password on a terminal only)")
        } else if line.contains("must have a tty") {
            let hint = "take `requiretty` out of its sudoers, or set ansible_ssh_use_tty";
            format!("{method} on {name}: {line} ({hint})")
        } else {
            format!("{method} on {name}: {line}")
        };
        Lost::new(LostKind::Become, message)
    }

    fn no_answer_from(&self, user: &Become) -> Lost {
        let said = self.last_words();
        let message = format!(
            "{} on {} did not answer within {} s{}",
            short(&user.method),
            self.target.name,
            self.target.timeout.as_secs(),
            said.map(|line| format!("; it said: {line}"))
                .unwrap_or_default()
        );
        Lost::new(LostKind::Become, message)
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What follows `header` up to the end of its line, where both have come.
fn line_after(bytes: &[u8], header: &str) -> Option<String> {
    let start = bytes
        .windows(header.len())
        .position(|window| window == header.as_bytes())?
        + header.len();
    let rest = bytes.get(start..)?;
    let end = rest.iter().position(|byte| *byte == b'\n')?;
    Some(lossy(&rest[..end]))
}

/// The last line that says something.
fn last_line(bytes: &[u8]) -> Option<String> {
    let text = lossy(bytes);
    let line = text.lines().rev().find(|line| !line.trim().is_empty())?;
    Some(line.trim().to_owned())
}
