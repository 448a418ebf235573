//! Writing a journal while its run goes on.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

use super::runs::{Limits, Runs, Spares};
use crate::error::{Error, Result};
use crate::report::event::{Event, Listener, RunInfo};
use crate::report::record::{Detail, Recorder};

/// Writes every event as it comes, with one `write` each: a run that is killed loses at most the
/// event that is being written, and a line that is not whole is passed over by whoever reads.
pub struct Journal {
    runs: Runs,
    limits: Limits,
    spares: Box<Spares>,
    warn: Box<dyn Fn(Error) + Send>,
    recorder: Recorder,
    state: State,
    line: Vec<u8>,
}

enum State {
    /// The run has not begun: what is told before is kept.
    Before(Vec<Event>),
    /// It is being written.
    Open(Open),
    /// It is over, or could not be written.
    Closed,
}

struct Open {
    file: File,
    folder: PathBuf,
    /// How many bytes are written.
    length: u64,
}

impl Journal {
    /// A journal below `runs`, kept within `limits`; of old runs that are removed, the files that `spares`
    /// names stay. Where it cannot be written, `warn` is told once.
    pub fn new(
        runs: Runs,
        limits: Limits,
        spares: Box<Spares>,
        warn: Box<dyn Fn(Error) + Send>,
    ) -> Self {
        Journal {
            runs,
            limits,
            spares,
            warn,
            recorder: Recorder::new(Detail::Kept),
            state: State::Before(Vec::new()),
            line: Vec::new(),
        }
    }

    fn begin(&mut self, run: &RunInfo) {
        let early = match std::mem::replace(&mut self.state, State::Closed) {
            State::Before(early) => early,
            other => {
                self.state = other;
                return;
            }
        };
        match self.open(&run.id) {
            Ok(open) => self.state = State::Open(open),
            Err(error) => {
                self.give_up(error);
                return;
            }
        }
        self.write(&Event::RunStarted(std::sync::Arc::new(run.clone())));
        for event in early {
            self.write(&event);
        }
    }

    fn open(&self, id: &str) -> Result<Open> {
        let (file, folder) = self.runs.create(id)?;
        // Old runs that cannot be removed are no reason not to record this one.
        let _ = self.runs.prune(self.limits, Some(id), &*self.spares);
        Ok(Open {
            file,
            folder,
            length: 0,
        })
    }

    fn write(&mut self, event: &Event) {
        let State::Open(open) = &mut self.state else {
            return;
        };
        self.line.clear();
        self.recorder.record(event, &mut self.line);
        if self.line.is_empty() {
            return;
        }
        let length = self.line.len() as u64;
        let result = match open.length + length > self.limits.bytes {
            true => Err(Error::input(format!(
                "the record is longer than {} MiB, the room for all runs",
                self.limits.bytes >> 20
            ))),
            false => open.file.write_all(&self.line).map_err(Error::from),
        };
        match result {
            Ok(()) => open.length += length,
            Err(error) => {
                // A piece of a line would be taken for the next one's beginning.
                let _ = open.file.set_len(open.length);
                self.give_up(error);
            }
        }
    }

    fn give_up(&mut self, error: Error) {
        let folder = match std::mem::replace(&mut self.state, State::Closed) {
            State::Open(open) => {
                if open.length == 0 {
                    // A record without its first line is none, and would be taken for the last run.
                    let _ = std::fs::remove_dir_all(&open.folder);
                }
                open.folder
            }
            _ => self.runs.root().to_owned(),
        };
        let text = format!("the run is not recorded in `{}`", folder.display());
        (self.warn)(Error::input(text).because(error).hint(
            "`--no-record`, or `record = false` under [play] in ansible.cfg, asks for no record",
        ));
    }
}

impl Listener for Journal {
    fn on(&mut self, event: &Event) {
        match (&mut self.state, event) {
            (State::Before(_), Event::RunStarted(run)) => self.begin(run),
            (State::Before(early), other) => early.push(other.clone()),
            (State::Open(_), _) => {
                self.write(event);
                if matches!(event, Event::RunEnded { .. }) {
                    self.state = State::Closed;
                }
            }
            (State::Closed, _) => (),
        }
    }
}
