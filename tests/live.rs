//! The live line on a terminal, looked at through tmux: while a task runs, fails, is interrupted, and when the
//! terminal becomes narrower; at three widths and for 1, 3 and 50 hosts.
//!
//! `UPDATE_LIVE=1` writes what was seen into `tests/live/`, for reading.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

const SPINNER: &str = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";

const PLAYBOOK: &str = "
- hosts: all
  gather_facts: false
  connection: local
  tasks:
    - name: a silent task that takes its time on every host
      command: sleep SECONDS
    - name: a task that fails
      shell: \"echo 'E: Unable to locate package ngin' >&2; exit 100\"
";

/// A terminal of its own.
struct Terminal {
    socket: String,
    _folder: tempfile::TempDir,
}

impl Terminal {
    /// Runs a playbook on so many hosts in a terminal that is so wide.
    fn run(width: usize, hosts: usize, seconds: u32) -> Terminal {
        let folder = tempfile::tempdir().unwrap();
        let playbook = PLAYBOOK.replace("SECONDS", &seconds.to_string());
        fs::write(folder.path().join("site.yml"), playbook).unwrap();
        let hosts: Vec<String> = (1..=hosts)
            .map(|n| format!("web{n:02}.example.com\n"))
            .collect();
        fs::write(folder.path().join("hosts"), hosts.concat()).unwrap();
        let number = std::time::SystemTime::now()
            .elapsed()
            .map_or(0, |t| t.as_nanos());
        let socket = format!(
            "play-{}-{width}-{}-{number}",
            std::process::id(),
            hosts.len()
        );
        let terminal = Terminal {
            socket,
            _folder: folder,
        };
        let command = format!(
            "cd {} && env -u CI HOME=. LC_ALL=C.UTF-8 {} run site.yml -i hosts --no-record; echo ENDED; sleep 60",
            terminal._folder.path().display(),
            env!("CARGO_BIN_EXE_play")
        );
        let (width, height) = (width.to_string(), "60".to_owned());
        terminal.tmux(&[
            "-f",
            "/dev/null",
            "new-session",
            "-d",
            "-s",
            "s",
            "-x",
            &width,
            "-y",
            &height,
            &command,
        ]);
        terminal
    }

    fn tmux(&self, words: &[&str]) -> String {
        let done = Command::new("tmux")
            .arg("-L")
            .arg(&self.socket)
            .args(words)
            .env("LC_ALL", "C.UTF-8")
            .output()
            .unwrap();
        String::from_utf8_lossy(&done.stdout).into_owned()
    }

    /// What stands on the terminal now.
    fn seen(&self) -> String {
        let text = self.tmux(&["capture-pane", "-p", "-t", "s"]);
        text.trim_end().to_owned()
    }

    /// What stands there once it is as it is wanted.
    fn until(&self, wanted: impl Fn(&str) -> bool) -> String {
        let end = Instant::now() + Duration::from_secs(120);
        loop {
            let seen = self.seen();
            if wanted(&seen) {
                return seen;
            }
            assert!(Instant::now() < end, "this was never seen:\n{seen}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.tmux(&["kill-server"]);
    }
}

/// The live lines on a screen.
fn live(seen: &str) -> Vec<&str> {
    let is_live = |line: &&str| line.chars().next().is_some_and(|c| SPINNER.contains(c));
    seen.lines().filter(is_live).collect()
}

/// The seconds that the live line tells.
fn seconds(seen: &str) -> Option<u32> {
    let line = live(seen).first()?.to_string();
    let before = line.rsplit_once(" s")?.0.to_owned();
    before.rsplit(' ').next()?.parse().ok()
}

fn record(name: &str, seen: &str) {
    if std::env::var_os("UPDATE_LIVE").is_some() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/live")
            .join(format!("{name}.txt"));
        fs::write(path, format!("{seen}\n")).unwrap();
    }
}

fn has_tmux() -> bool {
    let there = Command::new("tmux").arg("-V").output().is_ok();
    assert!(
        there || std::env::var_os("CI").is_none(),
        "tmux is missing: tests/packages.sh installs it"
    );
    there
}

/// A silent task: its seconds go on, in one line that is not wider than the terminal.
fn runs(width: usize, hosts: usize) {
    let terminal = Terminal::run(width, hosts, 8);
    let first = terminal.until(|seen| seconds(seen).is_some_and(|s| s >= 1));
    let began = seconds(&first).unwrap();
    let later = terminal.until(|seen| seconds(seen).is_some_and(|s| s >= began + 2));
    record(&format!("running-{width}-{hosts}"), &later);
    let lines = live(&later);
    assert_eq!(lines.len(), 1, "{later}");
    assert!(lines[0].chars().count() < width, "{later}");
    assert!(lines[0].contains("web"), "{later}");
    if hosts > 1 {
        let count = [format!("of {hosts} hosts"), format!("/{hosts}")];
        assert!(
            count.iter().any(|count| lines[0].contains(count.as_str())),
            "{later}"
        );
    }
}

#[test]
fn a_silent_task_shows_its_seconds() {
    if !has_tmux() {
        return;
    }
    for width in [200, 80, 40] {
        std::thread::scope(|scope| {
            for hosts in [1, 3, 50] {
                scope.spawn(move || runs(width, hosts));
            }
        });
    }
}

#[test]
fn a_failure_leaves_no_dead_line() {
    if !has_tmux() {
        return;
    }
    for (width, hosts) in [(200, 1), (80, 3), (80, 50), (40, 3)] {
        let terminal = Terminal::run(width, hosts, 0);
        let seen = terminal.until(|seen| seen.contains("ENDED"));
        record(&format!("failing-{width}-{hosts}"), &seen);
        assert!(live(&seen).is_empty(), "{seen}");
        if hosts == 50 {
            let flat = seen.replace('\n', "");
            assert!(
                flat.contains("50 hosts: exit 100: E: Unable to locate package ngin"),
                "{seen}"
            );
        }
    }
}

#[test]
fn an_interrupt_leaves_no_dead_line_and_says_what_was_cut() {
    if !has_tmux() {
        return;
    }
    for (width, hosts) in [(80, 1), (40, 3)] {
        let terminal = Terminal::run(width, hosts, 100);
        terminal.until(|seen| seconds(seen).is_some_and(|s| s >= 1));
        terminal.tmux(&["send-keys", "-t", "s", "C-c"]);
        terminal.until(|seen| seen.replace('\n', " ").contains("interrupted:"));
        terminal.tmux(&["send-keys", "-t", "s", "C-c"]);
        let seen = terminal.until(|seen| seen.contains("ENDED") || seen.contains("Interrupted"));
        record(&format!("interrupted-{width}-{hosts}"), &seen);
        assert!(live(&seen).is_empty(), "{seen}");
        assert!(
            seen.replace('\n', " ")
                .contains("Interrupted: these tasks were stopped"),
            "{seen}"
        );
    }
}

#[test]
fn a_terminal_that_becomes_narrower_keeps_one_line() {
    if !has_tmux() {
        return;
    }
    for hosts in [1, 3, 50] {
        let terminal = Terminal::run(200, hosts, 12);
        terminal.until(|seen| seconds(seen).is_some_and(|s| s >= 1));
        terminal.tmux(&["resize-window", "-t", "s", "-x", "40", "-y", "60"]);
        let before =
            terminal.until(|seen| live(seen).len() == 1 && live(seen)[0].chars().count() < 40);
        let began = seconds(&before).unwrap_or_default();
        let seen = terminal.until(|seen| seconds(seen).is_some_and(|s| s > began));
        record(&format!("resized-200-40-{hosts}"), &seen);
        assert_eq!(live(&seen).len(), 1, "{seen}");
        assert!(live(&seen)[0].contains("web"), "{seen}");
    }
}
