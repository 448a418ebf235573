//! The mistakes of a first week: what is said here and what the reference says, side by side in
//! `docs/errors.md`.
//!
//! `tests/mistakes/NAME.case` holds the files, what is typed, and the words that name place, cause and mend; all
//! three must be in the answer. `tests/mistakes/record.py` records the reference's answers beside them.
//! `UPDATE_DOCS=1` writes the page anew.

use std::fs;
use std::path::{Path, PathBuf};

use crate::scratch::Scratch;

/// A mistake.
struct Mistake {
    title: String,
    place: String,
    cause: String,
    mend: String,
    typed: Vec<String>,
    files: Vec<(String, String)>,
    /// What the reference says: its exit code and its words.
    reference: String,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mistakes")
}

impl Mistake {
    fn read(path: &Path) -> Mistake {
        let text = fs::read_to_string(path).unwrap();
        let (head, files) = text.split_once("--- ").unwrap();
        let line = |start: &str| {
            let line = head.lines().find_map(|line| line.strip_prefix(start));
            line.unwrap_or_default().trim().to_owned()
        };
        let files = files.split("\n--- ").map(|file| {
            let (name, text) = file.split_once('\n').unwrap();
            (
                name.trim().to_owned(),
                format!("{}\n", text.trim_end_matches('\n')),
            )
        });
        Mistake {
            title: line("# "),
            place: line("place:"),
            cause: line("cause:"),
            mend: line("mend:"),
            typed: shell_words::split(&line("$ ")).unwrap(),
            files: files.collect(),
            reference: fs::read_to_string(path.with_extension("reference")).unwrap_or_default(),
        }
    }

    /// What is said here.
    fn answer(&self) -> String {
        let scratch = Scratch::run(&self.files, &self.typed);
        let done = &scratch.done;
        let whole = Scratch::text(&done.stderr) + &Scratch::text(&done.stdout);
        scratch.masked(&whole)
    }

    /// Which of place, cause and mend the answer does not name.
    fn missing(&self, answer: &str) -> Vec<&str> {
        let parts = [
            ("place", &self.place),
            ("cause", &self.cause),
            ("mend", &self.mend),
        ];
        let missing = parts
            .into_iter()
            .filter(|(_, words)| !answer.contains(words.as_str()));
        missing.map(|(part, _)| part).collect()
    }

    fn section(&self, number: usize, answer: &str) -> String {
        let typed = shell_words::join(&self.typed);
        let (_, reference) = self.reference.split_once('\n').unwrap_or_default();
        format!(
            "## {number}. {}\n\n`play {typed}`\n\n```\n{}\n```\n\nThe reference:\n\n```\n{}\n```\n",
            self.title,
            telling(answer),
            telling(reference)
        )
    }
}

/// The answer without titles, results that are well and the recap.
fn telling(answer: &str) -> String {
    let noise = |line: &&str| {
        let starts = [
            "PLAY",
            "TASK",
            "RUNNING HANDLER",
            "ok:",
            "changed:",
            "skipping:",
            "took ",
            "web1  ",
            "db1  ",
            "...ignoring",
        ];
        let debug = ["    \"msg\": \"hi\"", "}", "    \"msg\": 80"];
        !starts.iter().any(|start| line.starts_with(start)) && !debug.contains(line)
    };
    let lines: Vec<&str> = answer.lines().filter(noise).map(str::trim_end).collect();
    let mut text = lines.join("\n");
    while text.contains("\n\n\n") {
        text = text.replace("\n\n\n", "\n\n");
    }
    let text = text.trim();
    match text.is_empty() {
        true => "(nothing)".to_owned(),
        false => without_times(text),
    }
}

/// The text with the same words for what differs from run to run.
fn without_times(text: &str) -> String {
    let times = regex::Regex::new(r#""(start|end|delta)": "[^"]*""#).unwrap();
    let text = times.replace_all(text, r#""$1": "TIME""#);
    let took = regex::Regex::new(r" \(\d+\.\d s\)").unwrap();
    took.replace_all(&text, "").into_owned()
}

#[test]
fn every_mistake_is_answered_with_place_cause_and_mend() {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "case"));
    paths.sort();
    assert!(paths.len() >= 40, "{}", paths.len());
    let mut page = String::from(PAGE);
    let mut wrong = Vec::new();
    for (number, path) in paths.iter().enumerate() {
        let mistake = Mistake::read(path);
        let answer = mistake.answer();
        let missing = mistake.missing(&answer);
        if !missing.is_empty() {
            wrong.push(format!(
                "{}: no {}\n{answer}",
                path.display(),
                missing.join(", ")
            ));
        }
        page += "\n";
        page += &mistake.section(number + 1, &answer);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let path = folder().join("../../docs/errors.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    assert!(
        fs::read_to_string(&path).unwrap() == page,
        "docs/errors.md is old: UPDATE_DOCS=1 cargo test --test main mistakes"
    );
}

const PAGE: &str = "# Mistakes of a first week

Each with what `play` says and what the reference (ansible-core 2.21.5) says of the same files; titles, results that
are well and recaps are left out. Made by `UPDATE_DOCS=1 cargo test --test main mistakes` from `tests/mistakes/`.
";
