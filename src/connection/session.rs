//! One long-lived shell: requests go in, replies come out.

use std::collections::HashSet;
use std::time::Duration;

use super::link::Running;
use super::opening::Ready;
use super::pipes::{End, Pipes, Turn};
use super::upload::Source;
use super::{Become, Connection, Dialogue, Heard, Lost, LostKind, Upload};
use crate::shell::{Fragment, PRELUDE, Reply, ReplyReader, Script, Stream, bytes_of};

/// Who hears raw output while it comes.
pub type Live<'a> = &'a mut (dyn FnMut(Stream, &[u8]) + Send);

pub(super) static FILES: Fragment = Fragment {
    name: "files",
    text: include_str!("files.sh"),
    needs: &[&PRELUDE],
};

static END: Fragment = Fragment {
    name: "end",
    text: include_str!("end.sh"),
    needs: &[&PRELUDE],
};

/// A text up to this length goes into the request itself, which saves a round trip. More would
/// be slow: bash reads a request byte by byte.
const SMALL: usize = 8 * 1024;

/// A `/bin/sh` on the host for one user, from the first request to the end of the run.
///
/// After an error the session is dead; [`Connection::session`] gives a new one.
pub struct Session {
    connection: Connection,
    running: Running,
    user: String,
    pipes: Pipes,
    mark: String,
    known: HashSet<&'static str>,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Idle,
    /// In the middle of the request with this number. A future that was dropped leaves it so.
    Busy(u64),
    Dead,
}

impl Session {
    pub(super) fn new(
        connection: Connection,
        user: Option<Become>,
        pipes: Pipes,
        mark: String,
        ready: Ready,
    ) -> Self {
        Session {
            running: Running::new(user, &ready),
            connection,
            user: ready.user,
            pipes,
            mark,
            known: HashSet::new(),
            state: State::Idle,
        }
    }

    /// The connection that it was opened on.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Runs a script: one round trip. `live` hears raw output in the pieces in which it comes.
    /// Without a `timeout` it may take for ever, as long as the host is alive.
    ///
    /// # Errors
    /// The connection or the shell went away, or the time was over and what ran was ended.
    pub async fn run(
        &mut self,
        script: &Script,
        timeout: Option<Duration>,
        live: Live<'_>,
    ) -> Result<Reply, Lost> {
        let request = self.request(script, "( exec </dev/null\n", ")\nplay_end $?\n");
        self.exchange(request, Source::Nothing, timeout, live).await
    }

    /// Brings bytes to a file of the host: created anew, mode 0600. The reply is a failure where
    /// it could not be written. The path is not expanded.
    ///
    /// # Errors
    /// As for [`run`](Session::run).
    pub async fn put(
        &mut self,
        body: Upload<'_>,
        path: &str,
        timeout: Option<Duration>,
    ) -> Result<Reply, Lost> {
        if let Some(text) = small_text(body) {
            let script = Script::call(&FILES, "play_write").arg(path).arg(text);
            return self.run(&script, timeout, &mut |_, _| ()).await;
        }
        let (source, size) = match Source::open(body) {
            Ok(opened) => opened,
            Err(message) => return Ok(failed(message)),
        };
        let script = Script::call(&FILES, "play_receive");
        let script = script.arg(path).arg(size.to_string());
        self.upload(&script, source, timeout).await
    }

    /// Runs a script that reads the session's own stdin once it has answered `ready`.
    pub(super) async fn upload(
        &mut self,
        script: &Script,
        source: Source<'_>,
        timeout: Option<Duration>,
    ) -> Result<Reply, Lost> {
        // One compound command: a shell that reads byte by byte has then read all of it, and what
        // follows on the session's stdin is the file.
        let request = self.request(script, "{ (\n", ")\nplay_end $?\n}\n");
        self.exchange(request, source, timeout, &mut |_, _| ())
            .await
    }

    /// Fetches a file of the host, `limit` bytes at most. The inner error is the host's: there is
    /// no such file, it cannot be read, it is too large. The path is not expanded.
    ///
    /// # Errors
    /// As for [`run`](Session::run).
    pub async fn get(
        &mut self,
        path: &str,
        limit: u64,
        timeout: Option<Duration>,
    ) -> Result<Result<Vec<u8>, String>, Lost> {
        let script = Script::call(&FILES, "play_fetch").arg(path);
        let script = script.arg(limit.saturating_add(1).to_string());
        let mut reply = self.run(&script, timeout, &mut |_, _| ()).await?;
        if let Some(message) = reply.text("failed") {
            return Ok(Err(message));
        }
        if reply.status != 0 {
            let stderr = reply.stderr_text();
            return Ok(Err(format!("cannot read {path}: {}", stderr.trim())));
        }
        let content = reply.answers.pop().map(|(_, bytes)| bytes);
        let content = content.unwrap_or_default();
        if content.len() as u64 > limit {
            return Ok(Err(format!("{path} is larger than {limit} bytes")));
        }
        Ok(Ok(content))
    }

    /// Ends what runs in the session, on the host too. The session is dead afterwards. Says whether
    /// the host says that nothing of it runs any more.
    pub async fn cancel(&mut self) -> bool {
        if self.state == State::Dead {
            return true;
        }
        // Our own shell is reaped meanwhile: a zombie would count as still running.
        let (connection, running) = (self.connection.clone(), self.running.clone());
        tokio::join!(connection.end(&running), self.die()).0
    }

    /// Has the shell run a script that never comes back, such as one that ends in `exec`, and hands
    /// over its pipes. What is said from then on is the new program's.
    ///
    /// # Errors
    /// The shell is dead already.
    pub async fn turn_into(mut self, script: &Script) -> Result<Dialogue, Lost> {
        if self.state != State::Idle {
            return Err(self.lost("the session was given up in an earlier request"));
        }
        // One compound command: the shell has read all of it before the program reads.
        let request = self.request(script, "{\n", "exit 127\n}\n");
        let mut unsent = &request[..];
        let mut dialogue = Dialogue::new(self.pipes, Some(self.connection));
        while !unsent.is_empty() {
            match dialogue.turn(unsent).await {
                Heard::Took(count) => unsent = &unsent[count..],
                Heard::Said(_) => {}
                Heard::Gone(cause) => {
                    let why = cause.unwrap_or_else(|| dialogue.last_words());
                    return Err(Lost::new(LostKind::Cut, why));
                }
            }
        }
        Ok(dialogue)
    }

    /// The user that the shell runs as, by its own words.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The shell's process number on the host.
    pub fn pid(&self) -> u32 {
        self.running.pid
    }

    /// Says whether another request can be made, as far as is known.
    pub fn is_alive(&self) -> bool {
        self.state == State::Idle && self.connection.is_alive()
    }

    /// Ends the processes of another session of the same user.
    pub(super) async fn end_other(&mut self, pid: u32, group: u32) -> Result<(), Lost> {
        let script = Script::call(&END, "play_kill");
        let script = script.arg(pid.to_string()).arg(group.to_string());
        let request = self.request(&script, "( exec </dev/null\n", ")\nplay_end $?\n");
        self.converse(&request, Source::Nothing, &mut |_, _| ())
            .await?;
        self.die().await;
        Ok(())
    }

    /// The definitions that this session has not seen yet, and the call.
    fn request(&mut self, script: &Script, before: &str, after: &str) -> Vec<u8> {
        let mut text = String::new();
        for fragment in std::iter::once(&PRELUDE).chain(script.fragments()) {
            if self.known.insert(fragment.name) {
                text.push_str(fragment.text);
                text.push('\n');
            }
        }
        text.push_str(before);
        text.push_str(&script.sent());
        text.push_str(after);
        bytes_of(text)
    }

    async fn exchange(
        &mut self,
        request: Vec<u8>,
        source: Source<'_>,
        timeout: Option<Duration>,
        live: Live<'_>,
    ) -> Result<Reply, Lost> {
        if self.state != State::Idle {
            return Err(self.lost("the session was given up in an earlier request"));
        }
        let number = self.connection.begin(self.running.clone());
        self.state = State::Busy(number);
        let talk = self.converse(&request, source, live);
        let Some(result) = within(timeout, talk).await else {
            self.cancel().await;
            return Err(self.timed_out(timeout));
        };
        self.connection.forget(number);
        match &result {
            Ok(_) if self.state != State::Dead => self.state = State::Idle,
            Ok(_) => {}
            Err(_) => self.die().await,
        }
        result
    }

    async fn converse(
        &mut self,
        request: &[u8],
        mut source: Source<'_>,
        live: Live<'_>,
    ) -> Result<Reply, Lost> {
        let mut reader = ReplyReader::new(&self.mark);
        let mut hear = |stream: Stream, bytes: &[u8]| live(stream, bytes);
        let mut piece: Vec<u8>;
        let mut unsent = request;
        let mut begun = false;
        while !reader.is_complete() {
            if unsent.is_empty() && !source.is_empty() && reader.has_answer("ready") {
                piece = source.next().await.map_err(|why| self.lost(&why))?;
                unsent = &piece;
                begun = true;
            }
            match self.pipes.turn(unsent).await {
                Turn::Wrote(count) => unsent = &unsent[count..],
                Turn::Heard(stream, bytes) => reader
                    .feed(stream, &bytes, &mut hear)
                    .map_err(|error| self.lost(error.message()))?,
                Turn::Shown(_) => {}
                Turn::End(end) => return Err(self.cut(&end, &reader.finish())),
            }
        }
        if !unsent.is_empty() || begun && !source.is_empty() {
            // The file could not be taken whole, and what is left would be run as commands.
            self.die().await;
        }
        Ok(reader.finish())
    }

    async fn die(&mut self) {
        if let State::Busy(number) = self.state {
            self.connection.forget(number);
        }
        self.state = State::Dead;
        self.pipes.close().await;
    }

    fn timed_out(&self, timeout: Option<Duration>) -> Lost {
        let seconds = timeout.unwrap_or_default().as_secs_f32();
        let message = format!(
            "the task on {} took longer than {seconds} s and was ended",
            self.connection.target().name
        );
        Lost::new(LostKind::Timeout, message)
    }

    fn lost(&self, why: &str) -> Lost {
        let name = &self.connection.target().name;
        Lost::new(LostKind::Cut, format!("lost the session on {name}: {why}"))
    }

    fn cut(&self, end: &End, reply: &Reply) -> Lost {
        let name = &self.connection.target().name;
        let who = match &end.cause {
            Some(cause) => cause.clone(),
            None => format!("the shell on {name} ended"),
        };
        // What the task itself said may be a secret; what the shell says of our text is not.
        let stderr = reply.stderr_text();
        let is_ours = |line: &&str| line.to_lowercase().contains("syntax error");
        let said = stderr.trim().lines().last().filter(is_ours);
        let said = said.map(|line| format!(" ({line})")).unwrap_or_default();
        let message = format!("{who} in the middle of a task, whose fate is unknown{said}");
        Lost::new(LostKind::Cut, message)
    }
}

async fn within<T>(timeout: Option<Duration>, work: impl Future<Output = T>) -> Option<T> {
    match timeout {
        Some(timeout) => tokio::time::timeout(timeout, work).await.ok(),
        None => Some(work.await),
    }
}

/// The text of a small upload that can stand in a request.
fn small_text(body: Upload<'_>) -> Option<&str> {
    match body {
        Upload::Bytes(bytes) if bytes.len() <= SMALL && !bytes.contains(&0) => {
            std::str::from_utf8(bytes).ok()
        }
        _ => None,
    }
}

fn failed(message: String) -> Reply {
    Reply {
        status: 1,
        answers: vec![("failed".to_owned(), message.into_bytes())],
        ..Reply::default()
    }
}
