//! What came back: raw output and named answers, told apart by the session's mark.

use super::bytes::text_of;
use crate::error::{Error, Result};
use crate::outcome::Outcome;

/// The largest reply that is kept, in bytes; a host that sends more is cut off.
const MOST: usize = 256 * 1024 * 1024;

/// Which of the shell's outputs something came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// A host's reply to one [`Script`](super::Script). All of it is data.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    /// The exit status of the call.
    pub status: i32,
    /// What was printed outside of answers.
    pub stdout: Vec<u8>,
    /// What was printed on standard error.
    pub stderr: Vec<u8>,
    /// The named answers, in order; a name may come more than once.
    pub answers: Vec<(String, Vec<u8>)>,
}

#[cfg(test)]
impl Reply {
    /// A reply that has these answers, and went well.
    pub fn answering(answers: &[(&str, &str)]) -> Reply {
        Reply {
            answers: answers
                .iter()
                .map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()))
                .collect(),
            ..Reply::default()
        }
    }
}

impl Reply {
    /// The last answer of that name as text; bytes that are not UTF-8 are kept as characters that
    /// become those bytes again in a [`Script`](super::Script).
    pub fn text(&self, name: &str) -> Option<String> {
        self.bytes(name).map(text_of)
    }

    /// The last answer of that name.
    pub fn bytes(&self, name: &str) -> Option<&[u8]> {
        self.answers
            .iter()
            .rev()
            .find(|(known, _)| known == name)
            .map(|(_, bytes)| bytes.as_slice())
    }

    /// All answers of that name as texts.
    pub fn all(&self, name: &str) -> Vec<String> {
        self.answers
            .iter()
            .filter(|(known, _)| known == name)
            .map(|(_, bytes)| text_of(bytes))
            .collect()
    }

    /// The last answer of that name as a number.
    pub fn int(&self, name: &str) -> Option<i64> {
        self.text(name)?.trim().parse().ok()
    }

    /// Says whether the last answer of that name is `1`.
    pub fn flag(&self, name: &str) -> bool {
        self.bytes(name) == Some(b"1")
    }

    /// Says whether the fragment said `changed`.
    pub fn changed(&self) -> bool {
        self.flag("changed")
    }

    /// The text on standard output.
    pub fn stdout_text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// The text on standard error.
    pub fn stderr_text(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }

    /// The failed outcome, where the fragment called `fail`, or ended with a status other than 0
    /// without saying why.
    pub fn failure(&self) -> Option<Outcome> {
        if let Some(message) = self.text("failed") {
            return Some(self.with_told(self.with_streams(Outcome::failed(message))));
        }
        if self.status == 0 {
            return None;
        }
        let stderr = self.stderr_text();
        let last = stderr.trim_end().lines().last().unwrap_or("no message");
        let message = format!("the host's shell ended with status {}: {last}", self.status);
        Some(self.with_streams(Outcome::failed(message)))
    }

    /// The warnings that the fragment gave.
    pub fn warnings(&self) -> Vec<String> {
        self.all("warning")
    }

    /// The keys that a fragment gave with its failure: `fail MESSAGE rc 8 name x`.
    fn with_told(&self, outcome: Outcome) -> Outcome {
        let told = self.answers.iter().filter_map(|(name, text)| {
            let text = String::from_utf8_lossy(text).into_owned();
            Some((name.strip_prefix("failed_")?, text))
        });
        told.fold(outcome, |outcome, (name, text)| match text.parse::<i64>() {
            Ok(number) if matches!(name, "exit_status" | "rc") => outcome.with(name, number),
            _ => outcome.with(name, text),
        })
    }

    fn with_streams(&self, mut outcome: Outcome) -> Outcome {
        outcome = outcome.with("rc", self.status);
        if !self.stdout.is_empty() {
            outcome = outcome.with("stdout", self.stdout_text());
        }
        if !self.stderr.is_empty() {
            outcome = outcome.with("stderr", self.stderr_text());
        }
        outcome.warnings = self.warnings();
        outcome
    }
}

/// Reads a reply as it comes in, piece by piece.
#[derive(Debug)]
pub struct ReplyReader {
    stdout: Side,
    stderr: Side,
    reply: Reply,
}

impl ReplyReader {
    /// A reader for a session whose mark is `mark`.
    pub fn new(mark: &str) -> Self {
        ReplyReader {
            stdout: Side::new(mark),
            stderr: Side::new(mark),
            reply: Reply::default(),
        }
    }

    /// Takes in a piece; `live` gets the raw output in it as soon as it is known to be such.
    ///
    /// # Errors
    /// The reply is larger than is sane.
    pub fn feed(
        &mut self,
        stream: Stream,
        bytes: &[u8],
        live: &mut dyn FnMut(Stream, &[u8]),
    ) -> Result<()> {
        let side = match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        };
        side.take_in(bytes)?;
        while let Some(piece) = side.next_piece() {
            self.reply.keep(stream, piece, live);
        }
        Ok(())
    }

    /// Says whether both streams have come to their end mark.
    pub fn is_complete(&self) -> bool {
        self.stdout.ended.is_some() && self.stderr.ended.is_some()
    }

    /// The named answers so far: an upload waits for the one called `ready`.
    pub fn has_answer(&self, name: &str) -> bool {
        self.reply.bytes(name).is_some()
    }

    /// The reply; what had not come yet is missing, and the status is -1 without an end mark.
    pub fn finish(mut self) -> Reply {
        self.reply.status = self.stdout.ended.unwrap_or(-1);
        self.reply
    }
}

impl Reply {
    fn keep(&mut self, stream: Stream, piece: Piece, live: &mut dyn FnMut(Stream, &[u8])) {
        match piece {
            Piece::Raw(bytes) => {
                live(stream, &bytes);
                match stream {
                    Stream::Stdout => self.stdout.extend(bytes),
                    Stream::Stderr => self.stderr.extend(bytes),
                }
            }
            Piece::Answer(name) => self.answers.push((name, Vec::new())),
            Piece::AnswerBody(bytes) => {
                if let Some((_, body)) = self.answers.last_mut() {
                    body.extend(bytes);
                }
            }
        }
    }
}

/// A part of a stream that is known for what it is.
#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Raw(Vec<u8>),
    Answer(String),
    AnswerBody(Vec<u8>),
}

/// One output stream: what has come and has not been told apart yet.
#[derive(Debug)]
struct Side {
    /// A line break, the mark, a blank: what begins a header.
    header: Vec<u8>,
    pending: Vec<u8>,
    in_answer: bool,
    ended: Option<i32>,
    size: usize,
    /// How much of a header that has no end yet was searched for it.
    looked: usize,
}

impl Side {
    fn new(mark: &str) -> Self {
        Side {
            header: format!("\n{mark} ").into_bytes(),
            pending: Vec::new(),
            in_answer: false,
            ended: None,
            size: 0,
            looked: 0,
        }
    }

    fn take_in(&mut self, bytes: &[u8]) -> Result<()> {
        self.size += bytes.len();
        if self.size > MOST {
            return Err(Error::input(format!(
                "the host sent more than {} MiB in one reply",
                MOST / 1024 / 1024
            )));
        }
        self.pending.extend_from_slice(bytes);
        Ok(())
    }

    /// The next part that is known for what it is; nothing where more has to come first.
    fn next_piece(&mut self) -> Option<Piece> {
        while self.ended.is_none() && !self.pending.is_empty() {
            let sure = self.bytes_before_header();
            if sure > 0 {
                let bytes = self.pending.drain(..sure).collect();
                return Some(if self.in_answer {
                    Piece::AnswerBody(bytes)
                } else {
                    Piece::Raw(bytes)
                });
            }
            let header = self.take_header()?;
            if let Some(piece) = self.enter(&header) {
                return Some(piece);
            }
        }
        None
    }

    /// How many pending bytes cannot be part of a header.
    fn bytes_before_header(&self) -> usize {
        let whole = find(&self.pending, &self.header);
        whole.unwrap_or_else(|| self.pending.len() - partial(&self.pending, &self.header))
    }

    /// Takes a whole header line off the front; nothing while its line end has not come.
    fn take_header(&mut self) -> Option<String> {
        if !self.pending.starts_with(&self.header) {
            return None;
        }
        let start = self.header.len();
        let from = self.looked.max(start);
        let Some(end) = find(&self.pending[from..], b"\n") else {
            self.looked = self.pending.len();
            return None;
        };
        let end = from + end;
        self.looked = 0;
        let line = String::from_utf8_lossy(&self.pending[start..end]).into_owned();
        self.pending.drain(..=end);
        Some(line)
    }

    fn enter(&mut self, header: &str) -> Option<Piece> {
        self.in_answer = false;
        if let Some(status) = header.strip_prefix(".end") {
            self.ended = Some(status.trim().parse().unwrap_or(0));
            return None;
        }
        if header == "-" {
            return None;
        }
        self.in_answer = true;
        Some(Piece::Answer(header.to_owned()))
    }
}

/// The first position of `needle`.
fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    let first = *needle.first()?;
    let mut start = 0;
    while let Some(offset) = bytes[start..].iter().position(|byte| *byte == first) {
        if bytes[start + offset..].starts_with(needle) {
            return Some(start + offset);
        }
        start += offset + 1;
    }
    None
}

/// The length of the longest end of `bytes` that `needle` begins with.
fn partial(bytes: &[u8], needle: &[u8]) -> usize {
    let most = bytes.len().min(needle.len());
    (1..=most)
        .rev()
        .find(|length| needle.starts_with(&bytes[bytes.len() - length..]))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{Reply, ReplyReader, Stream};

    fn read(pieces: &[(Stream, &str)]) -> (Reply, String) {
        let mut reader = ReplyReader::new("M");
        let mut live = String::new();
        for (stream, piece) in pieces {
            let mut hear = |_: Stream, bytes: &[u8]| live.push_str(&String::from_utf8_lossy(bytes));
            reader.feed(*stream, piece.as_bytes(), &mut hear).unwrap();
        }
        (reader.finish(), live)
    }

    #[test]
    fn a_name_without_end_is_searched_once() {
        let mut reader = ReplyReader::new("M");
        let began = std::time::Instant::now();
        let piece = vec![b'x'; 4096];
        let mut feed = |bytes: &[u8]| reader.feed(Stream::Stdout, bytes, &mut |_, _| ()).unwrap();
        feed(b"\nM ");
        (0..4096).for_each(|_| feed(&piece));
        feed(b"\nbody\nM .end 0\n");
        let reply = reader.finish();
        assert_eq!(reply.answers[0].0.len(), 4096 * 4096);
        assert_eq!(reply.answers[0].1, b"body");
        // Searched anew with each piece it would be 34 GB.
        assert!(began.elapsed() < std::time::Duration::from_secs(30));
    }

    #[test]
    fn answers_and_raw_output_are_told_apart_at_every_cut() {
        let text = "out\n\nM name\nva\nlue\nM -\nmore\n\nM .end 3\n";
        for cut in 0..text.len() {
            let (first, second) = text.split_at(cut);
            let (reply, live) = read(&[(Stream::Stdout, first), (Stream::Stdout, second)]);
            assert_eq!(
                reply.text("name").as_deref(),
                Some("va\nlue"),
                "cut at {cut}"
            );
            assert_eq!(reply.stdout_text(), "out\nmore\n");
            assert_eq!(live, "out\nmore\n");
            assert_eq!(reply.status, 3);
        }
    }

    #[test]
    fn a_reply_is_complete_when_both_streams_have_ended() {
        let mut reader = ReplyReader::new("M");
        reader
            .feed(Stream::Stdout, b"\nM .end 0\n", &mut |_, _| ())
            .unwrap();
        assert!(!reader.is_complete());
        reader
            .feed(Stream::Stderr, b"oops\n\nM .end\n", &mut |_, _| ())
            .unwrap();
        assert!(reader.is_complete());
        let reply = reader.finish();
        assert_eq!((reply.status, reply.stderr_text().as_str()), (0, "oops\n"));
    }
}
