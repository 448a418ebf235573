//! A room uses only rooms below it.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms from the ground up; ARCHITECTURE.md says what each is for.
const FLOORS: &[&str] = &[
    "error",
    "value",
    "config",
    "yaml",
    "vault",
    "template",
    "playbook",
    "inventory",
    "outcome",
    "shell",
    "report",
    "facts",
    "connection",
    "modules",
    "vars",
    "executor",
    "cli",
];

/// What a room never uses, though it stands below.
const NEVER: &[(&str, &str)] = &[("modules", "connection"), ("modules", "report")];

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            into.push(path);
        }
    }
}

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|known| *known == room)
}

/// The rooms that a text names as `crate::ROOM`.
fn rooms_in(text: &str) -> Vec<&str> {
    text.split("crate::")
        .skip(1)
        .filter_map(|rest| {
            rest.split(|c: char| !(c.is_alphanumeric() || c == '_'))
                .next()
        })
        .filter(|room| floor(room).is_some())
        .collect()
}

#[test]
fn a_room_uses_only_rooms_below_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut wrong = Vec::new();
    let mut seen = 0;
    for file in files {
        let below = file.strip_prefix(&root).unwrap();
        let room = below
            .components()
            .next()
            .unwrap()
            .as_os_str()
            .to_str()
            .unwrap();
        let room = room.trim_end_matches(".rs");
        if matches!(room, "lib" | "main") {
            continue;
        }
        let own = floor(room).unwrap_or_else(|| panic!("the room `{room}` has no floor"));
        let text = fs::read_to_string(&file).unwrap();
        for used in rooms_in(&text) {
            seen += 1;
            if floor(used) > Some(own) || NEVER.contains(&(room, used)) {
                wrong.push(format!("{} uses `{used}`", below.display()));
            }
        }
    }
    assert!(seen > 500, "the test reads no paths any more");
    assert!(wrong.is_empty(), "upward:\n{}", wrong.join("\n"));
}

#[test]
fn only_connection_starts_a_process_and_only_report_and_cli_print() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut wrong = Vec::new();
    for file in files {
        let below = file.strip_prefix(&root).unwrap().display().to_string();
        let whole = fs::read_to_string(&file).unwrap();
        // Tests may do what the house may not.
        let text = whole.split("#[cfg(test)]").next().unwrap_or_default();
        let is_test = ["test", "hostile", "/driver/", "conformance"]
            .iter()
            .any(|part| below.contains(part));
        for (word, rooms) in [
            ("process::Command", &["connection"][..]),
            ("TcpStream::connect", &["connection"]),
            ("println!", &["report", "cli"]),
        ] {
            let own = rooms.iter().any(|room| below.starts_with(room));
            if text.contains(word) && !own && !is_test {
                wrong.push(format!("{below} has `{word}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What `play config` calls in force is read somewhere.
#[test]
fn every_setting_that_is_honoured_is_read() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let code: String = files
        .iter()
        .map(|file| fs::read_to_string(file).unwrap())
        .collect();
    let table = fs::read_to_string(root.join("config/settings.txt")).unwrap();
    let honoured = table.lines().filter(|line| line.ends_with("| honoured"));
    let names: Vec<&str> = honoured
        .filter_map(|line| line.split(" | ").next())
        .collect();
    assert!(names.len() > 50, "{names:?}");
    // Settings of a plugin are read for whichever plugin it is: `sudo.become_exe` as `become_exe`.
    let unread = names.iter().filter(|name| {
        let own = name.rsplit('.').next().unwrap_or(name);
        !code.contains(&format!("\"{name}\""))
            && !code.contains(&format!("\"{own}\""))
            && !code.contains(&format!(".{own}\""))
    });
    let unread: Vec<_> = unread.collect();
    assert!(
        unread.is_empty(),
        "said to be honoured, and nothing reads them: {unread:?}"
    );
}
