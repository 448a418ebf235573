//! The same facts as the reference's, on the same machine at the same time.
//!
//! `PLAY_REFERENCE` (or `tests/.cache/reference`) is a Python environment with ansible-core;
//! without it the test says so and ends. It compares this machine, and the hosts of
//! `PLAY_MACHINES` whose name begins with `reference`, as the login user and as root.

use std::path::{Path, PathBuf};
use std::process::Command;

use play::value::{Map, Value, from_json, to_json};

/// What changes from one moment to the next.
const VOLATILE: &[&str] = &[
    "ansible_date_time",
    "ansible_loadavg",
    "ansible_memfree_mb",
    "ansible_memory_mb",
    "ansible_swapfree_mb",
    "ansible_uptime_seconds",
];

/// What differs on purpose; the page of `setup` says why.
const DIFFERENT: &[&str] = &[
    "ansible_env",
    "ansible_python",
    "ansible_python_version",
    "discovered_interpreter_python",
];

/// Keys of mounts that change while others write.
const FIGURES: &[&str] = &["available", "used"];

#[test]
fn facts_are_those_of_the_reference() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let reference = std::env::var_os("PLAY_REFERENCE")
        .map_or_else(|| here.join(".cache/reference"), PathBuf::from)
        .join("bin/ansible");
    if !reference.exists() {
        println!("facts: skipped, no reference at {}", reference.display());
        return;
    }
    let mut wrong = Vec::new();
    compare(&reference, &["localhost"], &mut wrong);
    if let Some(hosts) = reference_hosts() {
        compare(&reference, &["reference*", "-i", &hosts], &mut wrong);
        compare(&reference, &["reference*", "-i", &hosts, "-b"], &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The inventory of the machines, where machines with a Python run.
fn reference_hosts() -> Option<String> {
    let hosts = PathBuf::from(std::env::var_os("PLAY_MACHINES")?).join("hosts");
    let text = std::fs::read_to_string(&hosts).ok()?;
    let runs = text.lines().any(|line| line.starts_with("reference"));
    runs.then(|| hosts.to_string_lossy().into_owned())
}

fn compare(reference: &Path, target: &[&str], wrong: &mut Vec<String>) {
    for (module, arguments) in [
        ("setup", "gather_subset=all"),
        ("setup", "gather_subset=network,!min"),
        ("mount_facts", "include_aggregate_mounts=true"),
    ] {
        let command = [target, &["-m", module, "-a", arguments]].concat();
        let theirs = replies(reference, &command);
        let ours = replies(Path::new(env!("CARGO_BIN_EXE_play")), &command);
        assert!(
            !theirs.is_empty(),
            "the reference says nothing to {command:?}"
        );
        for (host, theirs) in &theirs {
            let place = format!("{} {module} {arguments}: {host}", target.join(" "));
            match ours.iter().find(|(name, _)| name == host) {
                Some((_, ours)) => differ(&place, theirs, ours, wrong),
                None => wrong.push(format!("{place}: no facts")),
            }
        }
    }
}

/// The facts by host in the output of an ad-hoc run: `HOST | SUCCESS => {…}`.
fn replies(program: &Path, arguments: &[&str]) -> Vec<(String, Map)> {
    let output = Command::new(program)
        .args(arguments)
        .env("ANSIBLE_NOCOLOR", "1")
        .env("ANSIBLE_INTERPRETER_PYTHON", "auto_silent")
        .current_dir(std::env::temp_dir())
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
    let text = String::from_utf8_lossy(&output.stdout);
    let mut rest = &text[..];
    let mut found = Vec::new();
    while let Some((head, body)) = rest.split_once(" | SUCCESS => {") {
        let end = body.find("\n}").map_or(body.len(), |end| end + 2);
        let reply = from_json(&format!("{{{}", &body[..end])).expect("a reply in JSON");
        let facts = reply.get("ansible_facts").and_then(Value::as_map);
        let host = head.lines().next_back().unwrap_or_default();
        found.push((
            host.to_owned(),
            (**facts.expect("facts in the reply")).clone(),
        ));
        rest = &body[end..];
    }
    found
}

fn differ(place: &str, theirs: &Map, ours: &Map, wrong: &mut Vec<String>) {
    let mut names: Vec<String> = theirs
        .keys()
        .chain(ours.keys())
        .map(Value::to_text)
        .collect();
    names.sort_unstable();
    names.dedup();
    let counts =
        |name: &&String| !VOLATILE.contains(&name.as_str()) && !DIFFERENT.contains(&name.as_str());
    for name in names.iter().filter(counts) {
        match (theirs.get(name), ours.get(name)) {
            (Some(theirs), Some(ours)) if steady(theirs) == steady(ours) => {}
            (Some(theirs), Some(ours)) => {
                wrong.push(format!(
                    "{place}: {name} is {}, not {}",
                    to_json(ours),
                    to_json(theirs)
                ));
            }
            (Some(_), None) => wrong.push(format!("{place}: {name} is missing")),
            (None, _) => wrong.push(format!("{place}: {name} is not the reference's")),
        }
    }
}

/// The value without what changes; lists are sorted, as their order there is that of a folder or
/// of a set.
fn steady(value: &Value) -> String {
    match value {
        Value::List(items) => sorted(items.iter().map(steady).collect()),
        Value::Map(map) => {
            let changes = |name: &str| FIGURES.iter().any(|end| name.ends_with(end));
            let kept = map.iter().filter(|(name, _)| !changes(&name.to_text()));
            sorted(
                kept.map(|(name, value)| format!("{}: {}", name.to_text(), steady(value)))
                    .collect(),
            )
        }
        other => to_json(other),
    }
}

fn sorted(mut items: Vec<String>) -> String {
    items.sort_unstable();
    items.join(", ")
}
