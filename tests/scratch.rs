//! A command in a folder of its own, with nothing of this machine around it.

use std::fs;
use std::process::{Command, Output, Stdio};

/// What came of a command.
pub struct Scratch {
    /// Its exit code and what it printed.
    pub done: Output,
    folder: tempfile::TempDir,
}

impl Scratch {
    /// Runs `play` beside these files.
    pub fn run(files: &[(String, String)], arguments: &[String]) -> Scratch {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let done = Command::new(env!("CARGO_BIN_EXE_play"))
            .args(arguments)
            .current_dir(folder.path())
            .env_clear()
            .env("HOME", folder.path())
            .env("PATH", "/usr/bin:/bin")
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        Scratch { done, folder }
    }

    /// What it printed.
    pub fn text(bytes: &[u8]) -> String {
        String::from_utf8_lossy(bytes).into_owned()
    }

    /// The text with `DIR` for the folder.
    pub fn masked(&self, text: &str) -> String {
        let real = fs::canonicalize(self.folder.path()).unwrap();
        text.replace(&*real.to_string_lossy(), "DIR")
    }
}
