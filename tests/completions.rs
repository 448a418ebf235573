//! What a shell is answered in a folder with an inventory and a playbook.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// Asks as bash does, with the cursor at the end of the last word.
fn ask(folder: &Path, line: &[&str]) -> Vec<String> {
    use std::os::unix::process::CommandExt;
    let done = Command::new(env!("CARGO_BIN_EXE_play"))
        .arg0(line[0])
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .env("PATH", "/usr/bin:/bin")
        .env("PLAY_COMPLETE", "bash")
        .env("_CLAP_IFS", "\n")
        .env("_CLAP_COMPLETE_COMP_TYPE", "9")
        .env("_CLAP_COMPLETE_SPACE", "false")
        .env("_CLAP_COMPLETE_INDEX", (line.len() - 1).to_string())
        .arg("--")
        .args(line)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(done.status.success() && done.stderr.is_empty(), "{done:?}");
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    text.lines().map(|line| line.trim().to_owned()).collect()
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("ansible.cfg", "[defaults]\ninventory=hosts\n");
    write("hosts", "[web]\nweb1 http_host=a\nweb2\n[db]\ndb1\n");
    write("group_vars/web.yml", "http_port: 80\nother:\n  inner: 1\n");
    write(
        "site.yml",
        "- hosts: all\n  tags: whole\n  roles: [nginx]\n  tasks:\n    - name: Say it\n      debug: msg=x\n      tags: [one, two]\n",
    );
    write(
        "roles/nginx/tasks/main.yml",
        "- name: Install nginx\n  apt: name=nginx\n  tags: packages\n",
    );
    // A program that is an inventory is not begun because somebody pressed a key.
    write("dynamic", "#!/bin/sh\ntouch begun\necho '{}'\n");
    folder
}

#[test]
fn hosts_groups_tags_tasks_and_modules_are_known() {
    let folder = folder();
    let path = folder.path();
    let has = |line: &[&str], wanted: &[&str]| {
        let found = ask(path, line);
        for word in wanted {
            assert!(
                found.iter().any(|known| known == word),
                "{line:?}: {found:?}"
            );
        }
    };
    has(&["play", "ru"], &["run"]);
    has(&["play", "run", "--syn"], &["--syntax-check"]);
    has(
        &["play", "run", "site.yml", "-t", ""],
        &["whole", "one", "two", "packages"],
    );
    has(&["play", "run", "site.yml", "-t", "one,t"], &["one,two"]);
    has(
        &["play", "run", "site.yml", "-l", "web"],
        &["web", "web1", "web2"],
    );
    has(
        &["play", "run", "site.yml", "-l", "web:!web"],
        &["web:!web1"],
    );
    has(
        &["play", "run", "site.yml", "--start-at-task", ""],
        &["Say it", "Install nginx"],
    );
    has(&["play", "adhoc", "d"], &["db", "db1"]);
    // A host or a group may stand where a verb does.
    has(&["play", "web"], &["web", "web1", "web2"]);
    has(&["play", "web1,d"], &["web1,db", "web1,db1"]);
    has(&["play", "web", "-m", "pin"], &["ping"]);
    has(
        &["play", "web1,db1", "--mod"],
        &["--module-name", "--module-path"],
    );
    has(&["play", "r"], &["run", "runs", "report"]);
    has(&["play", "adhoc", "all", "-m", "pin"], &["ping"]);
    has(
        &["play", "adhoc", "all", "-m", "ansible.builtin.pin"],
        &["ansible.builtin.ping"],
    );
    has(&["play", "explain", "d"], &["db", "db1"]);
    has(&["play", "doc", "cop"], &["copy"]);
    has(&["play", "doc", "regex_rep"], &["regex_replace"]);
    has(
        &["play", "doctor", "-i", "hosts", "w"],
        &["web", "web1", "web2"],
    );
    has(&["play", "ping", "d"], &["db", "db1"]);
    has(&["play", "config", "get", "for"], &["forks"]);
    has(&["play", "config", "get", "DEFAULT_F"], &["DEFAULT_FORKS"]);
    has(
        &["play", "explain", "web1", "http"],
        &["http_host", "http_port"],
    );
    // A name of the reference's is that command.
    has(
        &["ansible-playbook", "site.yml", "-l", "web"],
        &["web", "web1"],
    );
    has(&["ansible-playbook", "site.yml", "-t", "o"], &["one"]);
    has(&["ansible", "w"], &["web", "web1"]);
    has(&["ansible-inventory", "--host", "d"], &["db1"]);
    has(&["ansible-vault", "encr"], &["encrypt", "encrypt_string"]);
    has(&["ansible-galaxy", "coll"], &["collection"]);
    has(
        &["play", "run", "-i", "other,", "site.yml", "-l", "o"],
        &["other"],
    );
    let runs = path.join(".local/state/play/runs");
    for id in ["20261128T1000-aaaa", "20261129T1000-bbbb"] {
        fs::create_dir_all(runs.join(id)).unwrap();
        fs::write(runs.join(id).join("events.jsonl"), "{}\n").unwrap();
    }
    for line in [
        &["play", "runs", "show", ""][..],
        &["play", "runs", "diff", "last", ""],
        &["play", "report", ""],
    ] {
        has(line, &["last", "last-1", "20261129T1000-bbbb"]);
    }
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path.join("dynamic"), fs::Permissions::from_mode(0o755)).unwrap();
    ask(
        path,
        &["play", "run", "-i", "dynamic", "site.yml", "-l", ""],
    );
    assert!(!path.join("begun").exists());
}

/// A key is answered before one could think that nothing happens, also in a folder of some size.
#[test]
fn a_key_is_answered_soon() {
    let folder = folder();
    let hosts: String = (0..500)
        .map(|number| format!("host{number} a=1\n"))
        .collect();
    fs::write(folder.path().join("hosts"), hosts).unwrap();
    let tasks: String = (0..300)
        .map(|number| {
            format!("    - name: task {number}\n      debug: msg=x\n      tags: [t{number}]\n")
        })
        .collect();
    let site = format!("- hosts: all\n  tasks:\n{tasks}");
    fs::write(folder.path().join("site.yml"), site).unwrap();
    for (line, count) in [
        (&["play", "host1"][..], 111),
        (&["play", "run", "site.yml", "-t", "t"], 301),
        (&["play", "run", "site.yml", "-l", "host1"], 111),
    ] {
        let took = (0..5).map(|_| {
            let began = std::time::Instant::now();
            assert_eq!(ask(folder.path(), line).len(), count, "{line:?}");
            began.elapsed()
        });
        let best = took.min().unwrap();
        println!("{line:?}: {} ms", best.as_millis());
        // A build with checks, on a machine that does other things too.
        assert!(best.as_millis() < 2000, "{line:?}: {best:?}");
    }
}

#[test]
fn each_shell_gets_its_lines_and_the_manual_has_a_page_a_verb() {
    let folder = tempfile::tempdir().unwrap();
    let run = |words: &[&str]| {
        let done = Command::new(env!("CARGO_BIN_EXE_play"))
            .current_dir(folder.path())
            .args(words)
            .output()
            .unwrap();
        assert!(done.status.success(), "{done:?}");
        String::from_utf8_lossy(&done.stdout).into_owned()
    };
    for (shell, word) in [
        ("bash", "complete "),
        ("zsh", "#compdef"),
        ("fish", "complete "),
    ] {
        let text = run(&["completions", shell, "--names"]);
        assert!(
            text.contains(word) && text.contains("ansible-playbook"),
            "{shell}: {text}"
        );
        assert!(
            !run(&["completions", shell]).contains("ansible-playbook"),
            "{shell}"
        );
    }
    run(&["man", "man"]);
    for page in [
        "play.1",
        "play-run.1",
        "play-galaxy.1",
        "play-vault-encrypt.1",
    ] {
        let text = fs::read_to_string(folder.path().join("man").join(page)).unwrap();
        assert!(text.contains(".TH"), "{page}");
    }
}
