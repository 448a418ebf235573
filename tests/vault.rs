//! Vaults of `ansible-vault` open here, and those made here open there.
//!
//! `PLAY_REFERENCE` names the folder that `ansible-vault` is in; without it the test says so and
//! does nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn run(program: &Path, arguments: &[&str], folder: &Path) -> String {
    let done = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{program:?} {arguments:?}: {stderr}");
    String::from_utf8(done.stdout).unwrap()
}

#[test]
fn vaults_go_both_ways() {
    let Some(reference) = std::env::var_os("PLAY_REFERENCE").map(PathBuf::from) else {
        eprintln!("skipped: PLAY_REFERENCE is not set");
        return;
    };
    let theirs = reference.join("ansible-vault");
    let ours = PathBuf::from(env!("CARGO_BIN_EXE_play"));
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let text = "password: hunter2\n\u{e9}\n";
    fs::write(folder.join("one"), "first\n").unwrap();
    fs::write(folder.join("two"), "second\n").unwrap();
    let sides: [(&Path, &[&str]); 2] = [(&ours, &["vault"]), (&theirs, &[])];
    for (sealer, opener) in [(0, 1), (1, 0)] {
        for id in ["one", "dev@two"] {
            fs::write(folder.join("file"), text).unwrap();
            let call = |side: usize, words: &[&str]| {
                let (program, verb): (&Path, &[&str]) = sides[side];
                run(program, &[verb, words].concat(), folder)
            };
            call(sealer, &["encrypt", "--vault-id", id, "file"]);
            let sealed = fs::read_to_string(folder.join("file")).unwrap();
            assert_eq!(
                sealed.starts_with("$ANSIBLE_VAULT;1.2;AES256;dev\n"),
                id == "dev@two"
            );
            assert_eq!(call(opener, &["view", "--vault-id", id, "file"]), text);
            let rekey = [
                "rekey",
                "--vault-id",
                id,
                "--new-vault-id",
                "new@two",
                "file",
            ];
            call(opener, &rekey);
            call(sealer, &["decrypt", "--vault-id", "new@two", "file"]);
            assert_eq!(fs::read_to_string(folder.join("file")).unwrap(), text);
        }
    }
}
