//! One host and one login: what sessions are opened on.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::become_::wants_terminal;
use super::child;
use super::container;
use super::mark;
use super::opening::{Opening, Ready};
use super::pipes::{Pipes, Turn};
use super::relay;
use super::ssh;
use super::{Become, Lost, LostKind, Session, Target, Transport};
use crate::shell::quote;

/// How long ending what another session has left running may take.
const ENDING: Duration = Duration::from_secs(10);

/// How the message begins that there is no terminal for becoming another user.
const NO_TERMINAL: &str = "cannot prepare a terminal";

/// A host that can be reached: logged in over ssh, or a container whose shells are child processes.
///
/// It is cheap to clone; all clones are the same connection.
#[derive(Clone)]
pub struct Connection(Arc<Inner>);

struct Inner {
    target: Target,
    /// The ssh connections, where it is one.
    ssh: Option<ssh::Pool>,
    /// The requests that run now, so that none is left running on the host.
    running: Mutex<HashMap<u64, Running>>,
    next: AtomicU64,
    /// The host has refused to become another user without a terminal.
    wants_terminal: AtomicBool,
}

/// What has to be ended when a request is given up.
#[derive(Clone, Debug)]
pub(super) struct Running {
    pub(super) user: Option<Become>,
    pub(super) pid: u32,
    pub(super) group: u32,
}

impl Connection {
    /// Connects and logs in, within the target's `timeout` and as often as its `retries` say.
    /// Where shells are child processes there is nothing to do yet.
    pub async fn open(target: &Target) -> Result<Connection, Lost> {
        let ssh = match target.transport {
            Transport::Ssh => Some(ssh::Pool::open(target).await?),
            _ => None,
        };
        Ok(Connection(Arc::new(Inner {
            target: target.clone(),
            ssh,
            running: Mutex::default(),
            next: AtomicU64::new(0),
            wants_terminal: AtomicBool::new(false),
        })))
    }

    /// Opens a shell of the login user, or of `user`.
    pub async fn session(&self, user: Option<&Become>) -> Result<Session, Lost> {
        let may = user.is_some() && self.0.ssh.is_some();
        let known = self.0.wants_terminal.load(Ordering::SeqCst);
        let terminal = may && self.0.target.terminal.unwrap_or(known);
        let opened = self.open_session(user, terminal).await;
        match opened {
            // The host says that it wants a terminal: it gets one, and from now on at once.
            Err(lost)
                if may
                    && !terminal
                    && self.0.target.terminal.is_none()
                    && lost.kind == LostKind::Become
                    && wants_terminal(&lost.message) =>
            {
                let opened = self.open_session(user, true).await;
                let opened = opened.map_err(|second| clearer(lost, second));
                self.0
                    .wants_terminal
                    .store(opened.is_ok(), Ordering::SeqCst);
                opened
            }
            opened => opened,
        }
    }

    async fn open_session(&self, user: Option<&Become>, terminal: bool) -> Result<Session, Lost> {
        let mark = mark::random()?;
        let mut pipes = match terminal {
            true => self.pipes_on_terminal(&mark).await?,
            false => self.pipes(&mark).await?,
        };
        let opening = Opening::new(&mut pipes, &self.0.target, &mark, terminal);
        match opening.run(user).await {
            Ok(ready) => Ok(Session::new(
                self.clone(),
                user.cloned(),
                pipes,
                mark,
                ready,
            )),
            Err(lost) => {
                pipes.close().await;
                Err(lost)
            }
        }
    }

    async fn pipes(&self, mark: &str) -> Result<Pipes, Lost> {
        let target = &self.0.target;
        if let Some(pool) = &self.0.ssh {
            let line = format!("exec {}", relay::command(&target.shell, mark, ""));
            return pool.shell(&ssh_command(&line, &relay::gone(mark))).await;
        }
        let command = container::command(target, mark).unwrap_or_default();
        child::start(target, &command, relay::gone(mark))
    }

    /// Pipes that lead through named ones on the host: what runs there has a terminal, and its
    /// streams stay apart and clean all the same. One session holds the terminal, a second one
    /// the streams.
    async fn pipes_on_terminal(&self, mark: &str) -> Result<Pipes, Lost> {
        let target = &self.0.target;
        let Some(pool) = &self.0.ssh else {
            return self.pipes(mark).await;
        };
        let folder = format!("/tmp/.{mark}");
        let relay = relay::command(&target.shell, mark, "");
        let gone = relay::gone(mark);
        let word = format!("{mark}.tty");
        let script = terminal_script(&target.shell, &folder, &word, &relay);
        let mut screen = pool
            .shell(&ssh::Command {
                terminal: true,
                ..ssh_command(&script, &gone)
            })
            .await?;
        let ready = wait_for(&mut screen, &word);
        if tokio::time::timeout(target.timeout, ready).await != Ok(true) {
            let message = format!("{NO_TERMINAL} on {} (in /tmp)", target.name);
            return Err(Lost::new(LostKind::Become, message));
        }
        let streams = streams_script(&target.shell, &folder);
        let streams = pool.shell(&ssh_command(&streams, &gone)).await?;
        Ok(streams.with_terminal(screen))
    }

    /// Ends every request that still runs, and the connection.
    pub async fn close(self) {
        let left: Vec<Running> = self.running().drain().map(|(_, one)| one).collect();
        for one in &left {
            self.end(one).await;
        }
        if let Some(pool) = &self.0.ssh {
            pool.close().await;
        }
    }

    /// A session of this connection has ended: another one may find room.
    pub fn has_room_again(&self) {
        if let Some(pool) = &self.0.ssh {
            pool.has_room_again();
        }
    }

    /// Says whether the connection still stands, as far as is known.
    pub fn is_alive(&self) -> bool {
        self.0.ssh.as_ref().is_none_or(ssh::Pool::is_alive)
    }

    /// How it was connected to, a line each: the address, the way, the host's key, what was tried to log in
    /// and what the host said to it. Nothing where shells are child processes.
    pub fn story(&self) -> Vec<String> {
        self.0
            .ssh
            .as_ref()
            .map(ssh::Pool::story)
            .unwrap_or_default()
    }

    /// Options of OpenSSH that were given and ask for something that is not done.
    pub fn not_done(&self) -> Vec<&'static str> {
        self.0
            .ssh
            .as_ref()
            .map(ssh::Pool::not_done)
            .unwrap_or_default()
    }

    /// Where the host is.
    pub fn target(&self) -> &Target {
        &self.0.target
    }

    /// Remembers a request that begins; gives the number to forget it by.
    pub(super) fn begin(&self, running: Running) -> u64 {
        let number = self.0.next.fetch_add(1, Ordering::Relaxed);
        self.running().insert(number, running);
        number
    }

    /// Forgets a request that has ended.
    pub(super) fn forget(&self, number: u64) {
        self.running().remove(&number);
    }

    /// Ends the processes of a session, from a second one of the same user. Says whether the host
    /// says that they have ended.
    pub(super) async fn end(&self, running: &Running) -> bool {
        let ending = async {
            let mut session = self.session(running.user.as_ref()).await?;
            session.end_other(running.pid, running.group).await
        };
        // Where this fails the host is gone or hangs, and there is nothing more to do.
        matches!(tokio::time::timeout(ENDING, ending).await, Ok(Ok(())))
    }

    fn running(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Running>> {
        self.0
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn ssh_command<'a>(line: &'a str, gone: &'a str) -> ssh::Command<'a> {
    ssh::Command {
        line,
        gone,
        terminal: false,
    }
}

/// What says best why another user was not become: what came of it on a terminal (a wrong password), unless
/// nothing came of it.
fn clearer(without: Lost, on_terminal: Lost) -> Lost {
    let nothing = |said: &str| said.starts_with(NO_TERMINAL) || said.contains("did not answer");
    match on_terminal.kind == LostKind::Become && !nothing(&on_terminal.message) {
        true => on_terminal,
        false => without,
    }
}

/// Makes the named pipes in a folder of our own, says so on the terminal, and runs the session. The shell around
/// it holds the terminal open: where nobody does, sshd takes that for the end, and hangs up.
fn terminal_script(shell: &str, folder: &str, word: &str, relay: &str) -> String {
    let text = format!(
        "m=$(umask); umask 077; mkdir {folder} && mkfifo {folder}/i {folder}/o {folder}/e || exit 1; \
         trap \"rm -rf {folder}; exit 1\" HUP; trap : TERM; stty -echo; exec 9>&1; echo {word}; \
         exec <{folder}/i >{folder}/o 2>{folder}/e; rm -rf {folder}; trap - HUP; umask \"$m\"; \
         {relay} 9>&-"
    );
    format!(
        "exec {} -c {}",
        quote(shell).as_str(),
        quote(&text).as_str()
    )
}

/// Joins the streams of a session to the named pipes.
fn streams_script(shell: &str, folder: &str) -> String {
    let text = format!("cat {folder}/o & cat {folder}/e >&2 & exec cat >{folder}/i");
    format!(
        "exec {} -c {}",
        quote(shell).as_str(),
        quote(&text).as_str()
    )
}

/// Waits for a word on stdout.
async fn wait_for(pipes: &mut Pipes, word: &str) -> bool {
    let mut said = String::new();
    loop {
        match pipes.turn(&[]).await {
            Turn::Heard(_, bytes) if said.len() < 64 * 1024 => {
                said.push_str(&String::from_utf8_lossy(&bytes));
                if said.contains(word) {
                    return true;
                }
            }
            Turn::Heard(..) | Turn::End(_) => return false,
            Turn::Wrote(_) | Turn::Shown(_) => {}
        }
    }
}

impl Running {
    pub(super) fn new(user: Option<Become>, ready: &Ready) -> Self {
        Running {
            user,
            pid: ready.pid,
            group: ready.group,
        }
    }
}
