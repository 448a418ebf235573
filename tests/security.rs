//! Runs the attacks below `security/` against `play`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn attacks_fail() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/security/run.py");
    let done = Command::new("python3")
        .arg(here)
        .args(["--play", env!("CARGO_BIN_EXE_play"), "--table"])
        .output()
        .expect("python3 runs");
    let said = String::from_utf8_lossy(&done.stdout);
    let errors = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}{errors}");
    println!("{said}");
}

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

#[test]
fn each_place_that_writes_on_the_controller_is_documented() {
    const WRITES: [&str; 9] = [
        "fs::write(",
        "File::create(",
        "NamedTempFile",
        "tempfile_in(",
        "tempfile::tempfile",
        "OpenOptions",
        "fs::create_dir",
        "fs::remove_file(",
        "fs::rename(",
    ];
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/security.md")).unwrap();
    let mut files = Vec::new();
    sources(&root.join("src"), &mut files);
    for file in files {
        let name = file.strip_prefix(root).unwrap().to_str().unwrap();
        let is_test = [
            "tests",
            "testing",
            "attacks",
            "driver",
            "hostile",
            "conformance",
        ];
        if is_test.iter().any(|word| name.contains(word)) {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        if WRITES.iter().any(|word| text.contains(word)) {
            assert!(
                page.contains(&format!("`{name}`")),
                "{name} writes, and docs/security.md does not say so"
            );
        }
    }
}
