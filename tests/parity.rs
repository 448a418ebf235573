//! Runs the playbooks below `parity/` through the reference and `play` and compares them.

use std::path::Path;
use std::process::Command;

#[test]
fn playbooks_run_as_in_the_reference() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let reference = std::env::var_os("PLAY_REFERENCE")
        .map_or_else(|| here.join(".cache/reference"), std::path::PathBuf::from);
    if !reference.join("bin/ansible-playbook").exists() {
        println!("parity: skipped, no reference at {}", reference.display());
        return;
    }
    let done = Command::new("python3")
        .arg(here.join("parity/run.py"))
        .args(["--play", env!("CARGO_BIN_EXE_play"), "-j", "3"])
        .arg("--reference")
        .arg(&reference)
        .arg("--cache")
        .arg(here.join(".cache/parity"))
        .output()
        .expect("python3 runs");
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{said}");
    println!("{said}");
}
