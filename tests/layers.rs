//! A room uses only rooms below it.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms from the ground up; ARCHITECTURE.md says what each is for.
const FLOORS: &[&str] = &[
    "error",
    "disk",
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
    "memory",
    "plan",
    "facts",
    "connection",
    "modules",
    "vars",
    "python",
    "executor",
    "galaxy",
    "cli",
];

/// The rooms within `executor`, from the ground up.
const EXECUTOR: &[&str] = &["run", "wire", "task", "walk", "play"];

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

/// The paths in a file of `executor` that lead to one of its rooms, as the rooms' names: `crate::executor::ROOM`
/// and, from the file's own module, `super::…::ROOM`. Groups in braces are taken apart.
fn executor_rooms_in(module: &[&str], text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("crate::executor::") {
        found.extend(heads(&text[at + "crate::executor::".len()..]));
    }
    for (at, _) in text.match_indices("super::") {
        // Only the first of `super::super::` begins a path.
        if text[..at].ends_with("super::") {
            continue;
        }
        let mut rest = &text[at..];
        let mut depth = 0;
        while let Some(inner) = rest.strip_prefix("super::") {
            (rest, depth) = (inner, depth + 1);
        }
        if depth == module.len() {
            found.extend(heads(rest));
        }
    }
    found
}

/// The first words of a path's rest: of each entry where it is a group in braces.
fn heads(rest: &str) -> Vec<String> {
    let word = |text: &str| -> String {
        let text = text.trim_start();
        let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_'));
        text[..end.unwrap_or(text.len())].to_owned()
    };
    let Some(group) = rest.strip_prefix('{') else {
        return vec![word(rest)];
    };
    let (mut depth, mut entries) = (0, vec![String::new()]);
    for letter in group.chars() {
        match letter {
            '}' if depth == 0 => break,
            ',' if depth == 0 => entries.push(String::new()),
            _ => {
                depth += i32::from(letter == '{') - i32::from(letter == '}');
                entries.last_mut().unwrap().push(letter);
            }
        }
    }
    entries.iter().map(|entry| word(entry)).collect()
}

/// The rooms above its own that a file of `executor` uses; the door (`mod.rs`) stands above them all.
fn upward_in_executor(file: &str, text: &str) -> Vec<String> {
    let module: Vec<&str> = file.trim_end_matches(".rs").split('/').collect();
    let module = match module.as_slice() {
        [above @ .., "mod"] => above,
        all => all,
    };
    let storey = |room: &str| EXECUTOR.iter().position(|known| *known == room);
    let Some(own) = module.first() else {
        return Vec::new();
    };
    let own = storey(own).unwrap_or_else(|| panic!("the room `executor/{own}` has no floor"));
    let mut used = executor_rooms_in(module, text);
    // What the door hands out comes from any room: those inside do not go through it.
    used.retain(|room| storey(room).is_none_or(|floor| floor > own));
    used.retain(|room| !room.is_empty());
    used
}

#[test]
fn a_room_of_the_executor_uses_only_rooms_below_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/executor");
    let mut files = Vec::new();
    sources(&root, &mut files);
    assert!(files.len() > 50, "the executor's rooms are elsewhere");
    let mut wrong = Vec::new();
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let file = path.strip_prefix(&root).unwrap().display().to_string();
        let used = upward_in_executor(&file, &text);
        wrong.extend(used.iter().map(|room| format!("{file} uses `{room}`")));
        assert!(
            text.lines().count() <= 400,
            "{file} is longer than 400 lines"
        );
    }
    assert!(wrong.is_empty(), "upward:\n{}", wrong.join("\n"));
}

#[test]
fn an_upward_path_in_the_executor_is_noticed() {
    for (file, text, upward) in [
        ("task/job.rs", "use crate::executor::walk::Walker;", "walk"),
        (
            "task/job.rs",
            "use crate::executor::{run::Run, walk::{Flow, Way}};",
            "walk",
        ),
        ("task/job.rs", "use super::super::play::End;", "play"),
        (
            "run/catalogue/mod.rs",
            "fn f() { super::super::wire::target() }",
            "wire",
        ),
        ("wire/mod.rs", "use super::task::Job;", "task"),
        (
            "walk/include/mod.rs",
            "use crate::executor::Walker;",
            "Walker",
        ),
        (
            "walk/include/mod.rs",
            "use super::super::task::Job; use super::walker::Way;",
            "",
        ),
        (
            "play/mod.rs",
            "use crate::executor::walk::{Walker, play};",
            "",
        ),
        (
            "mod.rs",
            "use play::run; use super::executor::walk::Walker;",
            "",
        ),
    ] {
        assert_eq!(
            upward_in_executor(file, text).join(" "),
            upward,
            "{file}: {text}"
        );
    }
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
        let is_test = ["test", "hostile", "/attacks/", "/driver/", "conformance"]
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
    let honoured = table
        .lines()
        .filter(|line| !line.starts_with('#') && line.contains("| honoured"));
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
