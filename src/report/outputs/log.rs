//! The setting `log_path`: what is shown, line by line in a file that other programs follow, in the form of
//! the reference's log.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Zoned;

use crate::error::{Error, Result};
use crate::report::event::{Event, Listener};
use crate::report::printed::Teller;

/// How loud a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loudness {
    /// What went wrong.
    Error,
    /// Everything else.
    Info,
    /// What is warned of.
    Warning,
}

/// The file.
#[derive(Debug)]
pub struct Log {
    file: Mutex<File>,
    user: String,
    warn: Warn,
    has_warned: AtomicBool,
}

/// Tells the user that the log cannot be written.
pub type Warn = fn(&Error);

impl Log {
    /// Opens the file at `path`, which is made where its folder is there; `user` runs this. What cannot be
    /// written later is told by `warn`, once.
    ///
    /// # Errors
    /// It is a folder, or cannot be written: the reference's words, and a run goes on without it.
    pub fn open(path: &Path, user: String, warn: Warn) -> Result<Log> {
        let shown = path.display();
        if path.is_dir() {
            return Err(Error::input(format!(
                "DEFAULT_LOG_PATH can not be a directory '{shown}', aborting"
            )));
        }
        let file = OpenOptions::new().append(true).create(true).open(path);
        let file = file.map_err(|_| {
            Error::input(format!(
                "log file at '{shown}' is not writeable and we cannot create it, aborting"
            ))
        })?;
        let file = Mutex::new(file);
        Ok(Log {
            file,
            user,
            warn,
            has_warned: AtomicBool::new(false),
        })
    }

    /// Adds what was shown. A text of several lines is one record for each that begins at the margin. What
    /// cannot be written is left out, and told once: no listener stops a run.
    pub fn add(&self, loudness: Loudness, text: &str) {
        let mut out = String::new();
        let head = self.head(loudness);
        let text = plain(text);
        for line in text.trim_start_matches('\n').trim_end().split('\n') {
            let inside = line.is_empty() || line.starts_with([' ', '\t', '}', ']']);
            if out.is_empty() || !(inside || loudness != Loudness::Info) {
                out.push_str(&head);
            }
            out.push_str(line);
            out.push('\n');
        }
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let written = file.write_all(out.as_bytes());
        // The warning comes here too.
        drop(file);
        if let Err(why) = written
            && !self.has_warned.swap(true, Ordering::AcqRel)
        {
            (self.warn)(&Error::input("the log (`log_path`) cannot be written").because(why));
        }
    }

    fn head(&self, loudness: Loudness) -> String {
        let word = match loudness {
            Loudness::Error => "ERROR",
            Loudness::Info => "INFO",
            Loudness::Warning => "WARNING",
        };
        let now = Zoned::now();
        let time = now.strftime("%Y-%m-%d %H:%M:%S");
        let milliseconds = now.subsec_nanosecond() / 1_000_000;
        let (process, user) = (std::process::id(), &self.user);
        format!("{time},{milliseconds:03} p={process} u={user} n=ansible {word}| ")
    }
}

/// A text without colours.
fn plain(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| c.is_ascii_alphabetic());
        out.push_str(end.and_then(|end| part.get(end + 1..)).unwrap_or_default());
    }
    out
}

/// Writes into the log what a teller says.
pub struct Logged {
    log: Arc<Log>,
    teller: Box<dyn Teller>,
}

impl Logged {
    /// One that lets `teller` speak.
    pub fn new(log: Arc<Log>, teller: Box<dyn Teller>) -> Self {
        Logged { log, teller }
    }
}

impl Listener for Logged {
    fn on(&mut self, event: &Event) {
        let mut text = Vec::new();
        self.teller.tell(event, &mut text);
        let text = String::from_utf8_lossy(&text);
        if !text.trim().is_empty() {
            let loudness = match event {
                Event::TaskError(_) => Loudness::Error,
                _ => Loudness::Info,
            };
            self.log.add(loudness, &text);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::{Log, Loudness};
    use crate::error::Error;

    #[test]
    fn each_record_has_a_head_and_a_result_is_one_record() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        for _ in 0..2 {
            let log = Log::open(&path, "me".to_owned(), |_| ()).unwrap();
            log.add(
                Loudness::Info,
                "\nTASK [x] ***\n\x1b[0;32mok: [h] => {\n    \"a\": 1\n}\x1b[0m\n",
            );
            log.add(Loudness::Warning, "[WARNING]: w\nOrigin: a.yml:1:1\n");
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let bare: Vec<&str> = text
            .lines()
            .map(|line| {
                line.split_once("u=me n=ansible ")
                    .map_or(line, |(_, rest)| rest)
            })
            .take(6)
            .collect();
        let wanted = [
            "INFO| TASK [x] ***",
            "INFO| ok: [h] => {",
            "    \"a\": 1",
            "}",
            "WARNING| [WARNING]: w",
            "Origin: a.yml:1:1",
        ];
        assert_eq!(bare, wanted);
        assert_eq!(text.lines().count(), 12, "the second run is added");
    }

    #[test]
    fn a_full_disk_is_told_once() {
        static TOLD: AtomicUsize = AtomicUsize::new(0);
        let warn = |error: &Error| {
            assert!(error.chain().contains("cannot be written"), "{error}");
            TOLD.fetch_add(1, Ordering::Relaxed);
        };
        let log = Log::open(Path::new("/dev/full"), String::new(), warn).unwrap();
        log.add(Loudness::Info, "a");
        log.add(Loudness::Info, "b");
        assert_eq!(TOLD.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn no_folder_is_made_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let open =
            |name: &str| Log::open(&folder.path().join(name), String::new(), |_| ()).unwrap_err();
        assert!(
            open("no/log")
                .message()
                .ends_with("and we cannot create it, aborting")
        );
        assert!(
            open("")
                .message()
                .starts_with("DEFAULT_LOG_PATH can not be a directory")
        );
        assert!(!folder.path().join("no").exists());
    }
}
