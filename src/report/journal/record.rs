//! One journal that is read.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rustix::fs::{FlockOperation, flock};

use crate::error::{Error, Result};
use crate::report::event::{Counts, RunInfo};
use crate::report::record::{Body, Line};

/// The longest line that is read: the file may be anything.
const LONGEST: u64 = 256 << 20;

/// The record of one run.
#[derive(Clone, Debug)]
pub struct Record {
    path: PathBuf,
}

/// What a record says in short.
#[derive(Clone, Debug)]
pub struct Summary {
    /// The run.
    pub run: RunInfo,
    /// When it began.
    pub began: Timestamp,
    /// How it ended.
    pub end: End,
    /// How long it took, in seconds; for a run that was killed, until its last event.
    pub seconds: f64,
    /// Each host's numbers; for a run that did not get to its recap, those until its last event.
    pub hosts: Vec<(String, Counts)>,
    /// How long the record is, in bytes.
    pub bytes: u64,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With this exit code.
    Code(u8),
    /// It goes on.
    Running,
    /// It was killed: its record just ends.
    Killed,
}

impl Record {
    /// The record in a file.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Record { path: path.into() }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn open(&self) -> Result<File> {
        File::open(&self.path).map_err(|error| {
            Error::input(format!("failed to read `{}`", self.path.display())).because(error)
        })
    }

    /// Hands every line to `each`, in order. A last line that is not whole is passed over.
    ///
    /// # Errors
    /// The file cannot be read, or a line of it is no line of a record.
    pub fn read(&self, mut each: impl FnMut(Line)) -> Result<()> {
        let mut reader = BufReader::with_capacity(1 << 16, self.open()?);
        let mut bytes = Vec::new();
        let mut number = 0_u64;
        loop {
            bytes.clear();
            number += 1;
            (&mut reader).take(LONGEST).read_until(b'\n', &mut bytes)?;
            if bytes.last() != Some(&b'\n') {
                return match bytes.len() as u64 {
                    LONGEST => Err(self.wrong(number, Error::input("the line is too long"))),
                    _ => Ok(()),
                };
            }
            let text = String::from_utf8_lossy(&bytes);
            match Line::read(&text) {
                Ok(Some(line)) => each(line),
                Ok(None) => (),
                Err(error) => return Err(self.wrong(number, error)),
            }
        }
    }

    fn wrong(&self, number: u64, error: Error) -> Error {
        let text = format!("line {number} of `{}` cannot be read", self.path.display());
        Error::input(text).because(error)
    }

    /// The hosts of its plays, and those that did a task.
    ///
    /// # Errors
    /// As for [`read`](Record::read).
    pub fn hosts(&self) -> Result<BTreeSet<String>> {
        let mut hosts = BTreeSet::new();
        self.read(|line| match line.body {
            Body::PlayStarted(play) => hosts.extend(play.hosts),
            Body::TaskDone(result) => {
                hosts.insert(result.host);
            }
            _ => (),
        })?;
        Ok(hosts)
    }

    /// Each host's numbers as its events say, for a run that has no recap yet.
    fn counted(&self) -> Result<Vec<(String, Counts)>> {
        let (mut hosts, mut rescued) = (BTreeMap::<String, Counts>::new(), HashMap::new());
        self.read(|line| match line.body {
            Body::PlayStarted(play) => {
                for host in play.hosts {
                    hosts.entry(host).or_default();
                }
            }
            Body::Task(task) => {
                rescued.insert(task.task, task.rescued);
            }
            Body::TaskDone(result) => {
                let rescued = rescued.get(&result.task).is_some_and(|rescued| *rescued);
                let counts = hosts.entry(result.host).or_default();
                counts.count(result.status, result.changed, rescued);
            }
            _ => (),
        })?;
        Ok(hosts.into_iter().collect())
    }

    /// Says whether its run goes on.
    pub fn is_running(&self) -> bool {
        let Ok(file) = self.open() else {
            return false;
        };
        flock(&file, FlockOperation::NonBlockingLockShared).is_err()
    }

    /// What it says in short: the first line and the last ones are read, and the whole of it only
    /// where the run did not get to its end.
    ///
    /// # Errors
    /// It is no record.
    pub fn summary(&self) -> Result<Summary> {
        let mut file = self.open()?;
        let bytes = file.metadata()?.len();
        let (run, began) = self.first(&file)?;
        let mut summary = Summary {
            run,
            began,
            end: End::Killed,
            seconds: 0.0,
            hosts: Vec::new(),
            bytes,
        };
        for text in last_lines(&mut file, bytes)? {
            if let Ok(Some(line)) = Line::read(&text) {
                summary.add(&line);
            }
        }
        if summary.end == End::Killed && self.is_running() {
            summary.end = End::Running;
        }
        if matches!(summary.end, End::Running | End::Killed) && summary.hosts.is_empty() {
            // What is no event in its middle is told when the whole is looked at.
            summary.hosts = self.counted().unwrap_or_default();
        }
        Ok(summary)
    }

    fn first(&self, file: &File) -> Result<(RunInfo, Timestamp)> {
        let mut bytes = Vec::new();
        BufReader::new(file.take(1 << 20)).read_until(b'\n', &mut bytes)?;
        match Line::read(&String::from_utf8_lossy(&bytes)).map_err(|error| self.wrong(1, error))? {
            Some(Line {
                body: Body::RunStarted(line),
                time,
                ..
            }) => Ok((line.run, time)),
            _ => Err(self.wrong(1, Error::input("it does not begin a run"))),
        }
    }
}

impl Summary {
    /// Takes what one of the last lines says.
    fn add(&mut self, line: &Line) {
        let since = line.time.duration_since(self.began);
        self.seconds = since.as_secs_f64().max(0.0);
        match &line.body {
            Body::Finished(finished) => {
                self.hosts = finished
                    .hosts
                    .iter()
                    .map(|(host, counts)| (host.clone(), *counts))
                    .collect();
            }
            Body::RunEnded(ended) => self.end = End::Code(ended.code),
            _ => (),
        }
    }

    /// All hosts' numbers together.
    pub fn total(&self) -> Counts {
        let mut total = Counts::default();
        for (_, counts) in &self.hosts {
            total.add(counts);
        }
        total
    }
}

/// The last whole lines of a file, at least three where it has as many.
fn last_lines(file: &mut File, bytes: u64) -> Result<Vec<String>> {
    let mut size = 1 << 14;
    loop {
        let begin = bytes.saturating_sub(size);
        file.seek(SeekFrom::Start(begin))?;
        let mut tail = Vec::new();
        (&mut *file).take(bytes - begin).read_to_end(&mut tail)?;
        let ends = tail.iter().filter(|byte| **byte == b'\n').count();
        if ends > 3 || begin == 0 || size >= LONGEST {
            let text = String::from_utf8_lossy(&tail);
            let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
            let skip = usize::from(begin > 0);
            return Ok(whole.split('\n').skip(skip).map(str::to_owned).collect());
        }
        size *= 8;
    }
}
