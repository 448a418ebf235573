//! The shells that a fragment has to run under.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, Stdio};

use crate::shell::{Reply, ReplyReader, Script, Stream, bytes_of};

/// A shell of this machine. BusyBox's comes with BusyBox's tools and no others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HostShell {
    /// What it is called in messages.
    pub name: &'static str,
    command: &'static [&'static str],
    /// Whether only BusyBox's tools are in its PATH.
    pub busybox: bool,
}

static SHELLS: &[HostShell] = &[
    HostShell {
        name: "dash",
        command: &["dash", "-s"],
        busybox: false,
    },
    HostShell {
        name: "busybox",
        command: &["busybox", "sh", "-s"],
        busybox: true,
    },
    HostShell {
        name: "bash",
        command: &["bash", "--posix", "-s"],
        busybox: false,
    },
    HostShell {
        name: "mksh",
        command: &["mksh", "-s"],
        busybox: false,
    },
];

impl HostShell {
    /// The shells that this machine has; at least one, as `/bin/sh` stands in for none.
    pub(crate) fn installed() -> Vec<HostShell> {
        let found: Vec<HostShell> = SHELLS
            .iter()
            .filter(|shell| which(shell.command[0]).is_some())
            .copied()
            .collect();
        if found.is_empty() {
            vec![Self::plain()]
        } else {
            found
        }
    }

    /// The system's own shell, for tests that are not about shells.
    pub(crate) fn plain() -> HostShell {
        HostShell {
            name: "sh",
            command: &["/bin/sh", "-s"],
            busybox: false,
        }
    }

    /// Sends a script as a session does, and reads the reply.
    pub(super) fn run(&self, script: &Script, path: &str, home: &Path) -> Reply {
        let mark = "play-test-mark-0123456789";
        let mut child = Command::new(which(self.command[0]).unwrap())
            .args(&self.command[1..])
            .env_clear()
            .env("PATH", path)
            .env("HOME", home)
            .env("LC_ALL", "C")
            .env("play_root", home)
            .current_dir(home)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", self.name));
        let text = request(script, mark);
        let mut stdin = child.stdin.take().unwrap();
        let writer = std::thread::spawn(move || stdin.write_all(&bytes_of(text)));
        let mut errors = child.stderr.take().unwrap();
        let stderr = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = errors.read_to_end(&mut bytes);
            bytes
        });
        let reader = read_answers(child.stdout.take().unwrap(), mark);
        let reply = finish(reader, &stderr.join().unwrap());
        let _ = writer.join().unwrap();
        let status = child.wait().unwrap();
        assert!(
            status.success(),
            "{} ended with {status}: {}",
            self.name,
            reply.stderr_text()
        );
        reply
    }
}

fn request(script: &Script, mark: &str) -> String {
    let mut text = format!("play_mark={mark}\n");
    for fragment in script.fragments() {
        text.push_str(fragment.text);
    }
    text.push_str("(\n");
    text.push_str(&script.body());
    text.push_str(") </dev/null\nplay_end \"$?\"\nexit 0\n");
    text
}

fn read_answers(mut stdout: ChildStdout, mark: &str) -> ReplyReader {
    let mut reader = ReplyReader::new(mark);
    let mut bytes = vec![0; 65536];
    while let Ok(count @ 1..) = stdout.read(&mut bytes) {
        reader
            .feed(Stream::Stdout, &bytes[..count], &mut |_, _| ())
            .unwrap();
    }
    reader
}

fn finish(mut reader: ReplyReader, stderr: &[u8]) -> Reply {
    reader.feed(Stream::Stderr, stderr, &mut |_, _| ()).unwrap();
    assert!(
        reader.is_complete(),
        "no end mark; the shell said: {}",
        String::from_utf8_lossy(stderr)
    );
    reader.finish()
}

/// Where in this process's PATH a command is.
pub(crate) fn which(command: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|folder| folder.join(command))
        .find(|path| path.is_file())
}
