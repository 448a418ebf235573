use serde_json::Value as Json;

use super::{Flags, Match, Pattern, Replacement};

/// What differs on purpose: the engine leaves out a last empty round of a group that repeats.
const EXCEPTED: &[&str] = &["(a*)+", "(a*)*", "(|a)+"];

fn cases() -> Vec<Json> {
    serde_json::from_str(include_str!("../../../tests/template/regex.json")).unwrap()
}

fn shown(found: &Match, text: &str) -> Json {
    let groups: Vec<_> = (0..=found.group_count())
        .map(|group| found.group(text, group))
        .collect();
    serde_json::json!([groups, text[..found.start()].chars().count()])
}

#[test]
fn patterns_find_what_python_finds() {
    for case in cases() {
        let source = case["p"].as_str().unwrap();
        let flags = case["f"].as_str().unwrap();
        if EXCEPTED.contains(&source) || case["error"].is_string() {
            continue;
        }
        let pattern = Pattern::new(source, Flags::of(flags == "i", flags == "m")).unwrap();
        for row in case["rows"].as_array().unwrap() {
            let text = row[0].as_str().unwrap();
            let found = pattern.find_all(text).unwrap();
            let found: Vec<Json> = found.iter().map(|one| shown(one, text)).collect();
            assert_eq!(Json::Array(found), row[1], "{source:?} {flags} in {text:?}");
            let start = pattern.match_start(text).unwrap().is_some();
            assert_eq!(
                Json::Bool(start),
                row[2],
                "{source:?} {flags} at the start of {text:?}"
            );
            let whole = pattern.full_match(text).unwrap().is_some();
            assert_eq!(Json::Bool(whole), row[3], "{source:?} {flags} is {text:?}");
        }
    }
}

#[test]
fn replacements_are_read_as_python_reads_them() {
    for case in cases() {
        let source = case["p"].as_str().unwrap();
        let flags = case["f"].as_str().unwrap();
        if EXCEPTED.contains(&source) || case["error"].is_string() {
            continue;
        }
        let pattern = Pattern::new(source, Flags::of(flags == "i", flags == "m")).unwrap();
        for sub in case["subs"].as_array().unwrap() {
            let template = sub[0].as_str().unwrap();
            let made = Replacement::new(template, &pattern)
                .and_then(|read| pattern.replace("aab foo", &read, 0))
                .ok()
                .map(|(text, _)| text);
            assert_eq!(
                made.as_deref(),
                sub[1].as_str(),
                "{source:?} by {template:?}"
            );
        }
    }
}

#[test]
fn what_python_refuses_is_refused_in_its_words() {
    /// Patterns whose message names another position or is less exact.
    const OTHER_WORDS: &[&str] = &["a{3,2}", r"(\1)", r"\N", "(?L)a", r"\400"];
    for case in cases() {
        let source = case["p"].as_str().unwrap();
        let Some(message) = case["error"].as_str() else {
            continue;
        };
        let error = Pattern::new(source, Flags::default()).unwrap_err();
        if !OTHER_WORDS.contains(&source) {
            assert!(
                error.message().ends_with(message),
                "{source:?}: {error} is not {message}"
            );
        }
    }
}

#[test]
fn a_search_without_end_is_given_up() {
    let pattern = Pattern::new(r"^(?:(x+)\1?)+(?<=x)y\1", Flags::default()).unwrap();
    assert!(pattern.search(&("x".repeat(60) + "z")).is_err());
}
