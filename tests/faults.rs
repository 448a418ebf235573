//! Every fault that strangers' repositories showed has cases of our own; where their folders are at
//! hand (`../shared/faults`, or `PLAY_FAULTS`), each is run by the reference and by `play`.

use std::path::Path;
use std::process::Command;

#[test]
fn every_known_fault_has_cases_and_is_gone() {
    let done = Command::new("python3")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/run.py"))
        .args(["--play", env!("CARGO_BIN_EXE_play")])
        .output()
        .expect("python3 runs");
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{said}");
    println!("{said}");
}
