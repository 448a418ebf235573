//! What the user is told: each case is a command, its files, and all that comes of it.
//!
//! `tests/cli/wrong/NAME.case` reads like a terminal. `UPDATE_CLI=1` writes the answers anew; they
//! are then to be read, not believed.

use std::fs;
use std::path::Path;

use crate::scratch::Scratch;

/// A case, cut into its parts.
struct Case {
    /// The command and the files, as written.
    head: String,
    arguments: Vec<String>,
    files: Vec<(String, String)>,
    answer: String,
}

impl Case {
    fn read(text: &str) -> Case {
        let (head, answer) = text.split_once("=== ").unwrap_or((text, ""));
        let (command, rest) = head.split_once('\n').unwrap();
        let words = shell_words::split(command.strip_prefix("$ play ").unwrap()).unwrap();
        let files = rest.split("--- ").skip(1).map(|file| {
            let (name, text) = file.split_once('\n').unwrap();
            (name.trim().to_owned(), text.to_owned())
        });
        Case {
            arguments: words,
            files: files.collect(),
            head: head.to_owned(),
            answer: answer.to_owned(),
        }
    }

    /// The exit code and everything that is printed, with the folder's name masked.
    fn run(&self) -> String {
        let scratch = Scratch::run(&self.files, &self.arguments);
        let done = &scratch.done;
        let text = |bytes: &[u8]| Scratch::text(bytes).trim_end().to_owned();
        let parts = [text(&done.stdout), text(&done.stderr)];
        let shown: Vec<&str> = parts
            .iter()
            .map(String::as_str)
            .filter(|part| !part.is_empty())
            .collect();
        let whole = format!("{}\n{}\n", done.status.code().unwrap(), shown.join("\n"));
        without_times(&scratch.masked(&whole))
    }
}

/// The text without how long things took.
fn without_times(text: &str) -> String {
    let lines = text.lines().map(|line| match line.starts_with("took ") {
        true => "took TIME\n".to_owned(),
        false => format!("{line}\n"),
    });
    lines.collect()
}

#[test]
fn wrong_inputs_are_answered_with_place_excerpt_and_hint() {
    assert!(check("wrong") >= 20);
}

#[test]
fn variables_are_explained() {
    check("explain");
}

/// Runs the cases of a folder; says how many there are.
fn check(folder: &str) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/cli")
        .join(folder);
    let mut paths: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let count = paths.len();
    let mut wrong = Vec::new();
    for path in paths {
        let case = Case::read(&fs::read_to_string(&path).unwrap());
        let answer = case.run();
        if std::env::var_os("UPDATE_CLI").is_some() {
            fs::write(&path, format!("{}=== {answer}", case.head)).unwrap();
        } else if answer != case.answer {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            wrong.push(format!("{name}:\n{answer}\nwanted:\n{}", case.answer));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    count
}
