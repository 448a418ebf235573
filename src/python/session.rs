//! A session of Python on a host: one interpreter for one user, kept to the end of the run.

use std::collections::HashSet;
use std::time::Duration;

use super::bundle::Bundle;
use super::frame::{Frame, Kind, head_bytes};
use crate::connection::{self, Dialogue, Lost, LostKind};
use crate::shell::{Fragment, PRELUDE, Script};
use crate::value::{Map, Value};

static SHELL: Fragment = Fragment {
    name: "python",
    text: include_str!("python.sh"),
    needs: &[&PRELUDE],
};

const BOOT: &str = include_str!("text/host_boot.py");
const HOST: &str = include_str!("text/host.py");

/// The most noise before Python's first word.
const MOST_NOISE: usize = 1024 * 1024;

/// The most that a module may print, in bytes.
pub const MOST_OUTPUT: usize = 64 * 1024 * 1024;

/// A Python on a host that waits for modules.
pub struct Session {
    dialogue: Dialogue,
    loaded: HashSet<String>,
    mark: String,
    alive: bool,
    /// `sys.executable`.
    pub executable: String,
}

/// Why a session could not be had.
#[derive(Debug)]
pub enum Trouble {
    /// The host or the shell went away.
    Lost(Lost),
    /// No interpreter is there, or the one that is does not work: what it said.
    Python(String),
}

/// One module to run.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    /// The texts, and the dotted name in them.
    pub bundle: &'a Bundle,
    /// The arguments as JSON, as the module reads them.
    pub arguments: &'a str,
    /// `environment`.
    pub environment: &'a [(String, String)],
}

/// What a module left.
#[derive(Clone, Debug, Default)]
pub struct Printed {
    /// The exit status; the negative number of a signal that ended it.
    pub status: i64,
    /// What it printed.
    pub stdout: Vec<u8>,
    /// What it said on its stderr, the end of it.
    pub stderr: Vec<u8>,
    /// Whether it was ended because it printed too much.
    pub too_much: bool,
    /// The version of Python there, where ansible-core does not support it.
    pub unsupported: Option<String>,
}

impl From<Lost> for Trouble {
    fn from(lost: Lost) -> Self {
        Trouble::Lost(lost)
    }
}

impl Session {
    /// Turns a shell into the first of `interpreters` that is there.
    ///
    /// # Errors
    /// There is none, it does not run, or the host is lost.
    pub async fn open(
        shell: connection::Session,
        interpreters: &[String],
        environment: &[(String, String)],
        timeout: Duration,
    ) -> Result<Session, Trouble> {
        let mark = format!("play{:016x}", random());
        let mut script = Script::call(&SHELL, "play_python")
            .list("pythons", interpreters)
            .set("boot", BOOT)
            .set("mark", &mark);
        for (name, value) in environment {
            script = script.env(name, value);
        }
        let mut dialogue = shell.turn_into(&script).await?;
        let hello = format!("\n{mark} hello\n");
        let none = format!("\n{mark} none\n");
        let heard = dialogue.exchange(&[], Some(timeout), |said| {
            if said.len() > MOST_NOISE {
                return Err("it prints without end".to_owned());
            }
            let text = String::from_utf8_lossy(said);
            Ok((text.contains(&none).then_some(false)).or(text.contains(&hello).then_some(true)))
        });
        match heard.await {
            Ok(true) => {}
            Ok(false) => return Err(Trouble::Python(not_found(interpreters))),
            Err(lost) => return Err(broken(interpreters, &lost, timeout)),
        }
        let text = format!("{:08x}{HOST}", HOST.len());
        let ready = dialogue.exchange(text.as_bytes(), Some(timeout), |said| {
            Frame::take(Kind::Host, said)
        });
        let ready = ready.await;
        let ready = ready.map_err(|lost| broken(interpreters, &lost, timeout))?;
        Ok(Session {
            executable: ready.text("executable").unwrap_or_default().to_owned(),
            dialogue,
            loaded: HashSet::new(),
            mark,
            alive: true,
        })
    }

    /// Whether another module can be run.
    pub fn is_alive(&self) -> bool {
        self.alive
    }

    /// Whether it is still there: an interpreter that has ended, or whose connection was cut, says
    /// so at once.
    pub async fn is_there(&mut self) -> bool {
        let nothing = self.dialogue.turn(&[]);
        let heard = tokio::time::timeout(Duration::ZERO, nothing).await;
        self.alive = self.alive && heard.is_err();
        self.alive
    }

    /// Runs a module: one round trip, whatever has to be loaded for it.
    ///
    /// # Errors
    /// The session is gone; it is dead then, and what ran in it is ended.
    pub async fn run(
        &mut self,
        base: &Bundle,
        call: &Call<'_>,
        timeout: Option<Duration>,
    ) -> Result<Printed, Lost> {
        let request = self.request(base, call);
        self.alive = false;
        let said = self
            .dialogue
            .exchange(&request, timeout, |said| Frame::take(Kind::Host, said));
        let frame = match said.await {
            Ok(frame) => frame,
            Err(lost) if lost.kind == LostKind::Timeout => return Err(lost),
            Err(lost) => {
                let last = lost.message.lines().last().unwrap_or_default().to_owned();
                let message = match last.is_empty() {
                    true => "the Python on the host ended in the middle of a task".to_owned(),
                    false => {
                        format!("the Python on the host ended in the middle of a task: {last}")
                    }
                };
                return Err(Lost::new(LostKind::Cut, message));
            }
        };
        self.alive = true;
        Ok(printed(frame))
    }

    /// Ends the interpreter.
    pub async fn close(self) {
        self.dialogue.close().await;
    }

    fn request(&mut self, base: &Bundle, call: &Call<'_>) -> Vec<u8> {
        let mut request = Vec::new();
        if self.loaded.insert("base".to_owned()) {
            let minimum = base.minimum.iter().map(|number| Value::Int(*number));
            let head = crate::entries! {
                "do" => "load",
                "id" => "base",
                "minimum" => Value::list(minimum.collect()),
            };
            request.extend(head_bytes(Kind::Host, 0, &head, &base.bytes));
        }
        if self.loaded.insert(call.bundle.id.clone()) {
            let head = crate::entries! { "do" => "load", "id" => call.bundle.id.as_str() };
            request.extend(head_bytes(Kind::Host, 0, &head, &call.bundle.bytes));
        }
        let environment = call
            .environment
            .iter()
            .map(|(name, value)| Value::strings([name.as_str(), value.as_str()]));
        let head: Map = crate::entries! {
            "do" => "run",
            "bundle" => call.bundle.id.as_str(),
            "fqn" => call.bundle.name.as_str(),
            "fresh" => call.bundle.fresh,
            "profile" => "legacy",
            "mark" => self.mark.as_str(),
            "limit" => MOST_OUTPUT as i64,
            "env" => Value::list(environment.collect()),
        };
        request.extend(head_bytes(Kind::Host, 0, &head, call.arguments.as_bytes()));
        request
    }
}

fn printed(frame: Frame) -> Printed {
    let count = frame.number("out").and_then(|n| usize::try_from(n).ok());
    let count = count.unwrap_or(0).min(frame.body.len());
    let mut stdout = frame.body.clone();
    let stderr = stdout.split_off(count);
    Printed {
        status: frame.number("rc").unwrap_or(-1),
        stdout,
        stderr,
        too_much: frame.head.get("too_much").is_some_and(Value::is_true),
        unsupported: frame
            .head
            .contains("unsupported")
            .then(|| frame.text("version").unwrap_or_default().to_owned()),
    }
}

fn not_found(interpreters: &[String]) -> String {
    match interpreters {
        [one] => format!("The module interpreter '{one}' was not found."),
        many => format!(
            "The module interpreter '/usr/bin/python3' was not found: \
             the host has none of {}. Install Python there, or set ansible_python_interpreter.",
            many.join(", ")
        ),
    }
}

fn broken(interpreters: &[String], lost: &Lost, timeout: Duration) -> Trouble {
    let name = match interpreters {
        [one] => format!("'{one}'"),
        _ => "on the host".to_owned(),
    };
    if lost.kind == LostKind::Timeout {
        return Trouble::Python(format!(
            "The module interpreter {name} did not answer within {} s.",
            timeout.as_secs()
        ));
    }
    let last = lost.message.lines().last().unwrap_or("it said nothing");
    Trouble::Python(format!(
        "The module interpreter {name} does not work: {last}"
    ))
}

fn random() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    std::collections::hash_map::RandomState::new()
        .build_hasher()
        .finish()
}
