//! `play pull` on a real repository; where the reference is there, the same tree and exit codes come of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

fn command(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .env("PATH", "/usr/bin:/bin")
        .env("LC_ALL", "C.UTF-8")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .stdin(std::process::Stdio::null());
    command
}

fn told(done: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&done.stdout) + &text(&done.stderr)
}

fn git(folder: &Path, line: &str) {
    let words = shell_words::split(line).unwrap();
    let own = [
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@t",
        "-c",
        "init.defaultBranch=main",
    ];
    let done = command(Path::new("/usr/bin/git"), folder)
        .args(own)
        .args(words)
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", told(&done));
}

fn repository(folder: &Path) -> PathBuf {
    let site = folder.join("site");
    fs::create_dir_all(&site).unwrap();
    let play = |name: &str| {
        format!(
            "- hosts: localhost\n  gather_facts: false\n  tasks:\n    - copy: {{content: '{name} {{{{ word | default(\"\") }}}}', dest: ../{name}.out}}\n      tags: [put]\n"
        )
    };
    fs::write(site.join("local.yml"), play("local")).unwrap();
    fs::write(site.join("web.yml"), play("web")).unwrap();
    fs::write(
        site.join("broken.yml"),
        "- hosts: localhost\n  tasks:\n    - command: /bin/false\n",
    )
    .unwrap();
    git(&site, "init -q");
    git(&site, "add .");
    git(&site, "commit -qm one");
    git(&site, "branch stable");
    site
}

/// The commands under whose name ansible-pull's flags are tried.
fn programs(folder: &Path) -> Vec<PathBuf> {
    let link = folder.join("ansible-pull");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_play"), &link).unwrap();
    let here =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/.cache/reference/bin/ansible-pull");
    let reference = here.is_file().then_some(here);
    std::iter::once(link).chain(reference).collect()
}

#[test]
fn a_machine_fetches_and_runs_its_own_playbook() {
    let place = TempDir::new().unwrap();
    for program in programs(place.path()) {
        let folder = TempDir::new().unwrap();
        let path = folder.path();
        let site = repository(path);
        let url = format!("file://{}", site.display());
        let run = |line: &str| {
            let words = shell_words::split(line).unwrap();
            command(&program, path)
                .args(["-U", &url, "-d", "into"])
                .args(words)
                .output()
                .unwrap()
        };
        let good = |line: &str| {
            let done = run(line);
            assert!(
                done.status.success(),
                "{} {line}: {}",
                program.display(),
                told(&done)
            );
            told(&done)
        };
        let text = good("-e word=hello");
        assert!(text.contains("Starting Ansible Pull at "), "{text}");
        assert_eq!(
            fs::read_to_string(path.join("local.out")).unwrap(),
            "local hello"
        );
        // Nothing new: nothing is run.
        fs::remove_file(path.join("local.out")).unwrap();
        let text = good("-o");
        assert!(
            text.contains("Repository has not changed, quitting"),
            "{text}"
        );
        assert!(!path.join("local.out").exists());
        good("--check web.yml");
        assert!(!path.join("web.out").exists());
        // The reference's first clone has one branch only, and its git module finds no other in it.
        match program.starts_with(place.path()) {
            true => good("--full -C stable web.yml -t put"),
            false => good("--full web.yml -t put"),
        };
        assert!(path.join("web.out").exists());
        assert_eq!(
            run("broken.yml").status.code(),
            Some(2),
            "{}",
            program.display()
        );
        assert_eq!(run("nope.yml").status.code(), Some(5));
        good("--purge web.yml");
        assert!(!path.join("into").exists());
        let failing = |words: &[&str]| {
            command(&program, path)
                .args(words)
                .output()
                .unwrap()
                .status
                .code()
        };
        assert_eq!(failing(&[]), Some(5));
        assert_eq!(failing(&["-U", &url, "-d", "site/web.yml"]), Some(5));
        assert_eq!(failing(&["-U", &url, "-s", "x"]), Some(5));
        assert_eq!(failing(&["-U", &url, "-m", "cvs"]), Some(5));
        assert_eq!(
            failing(&["-U", "file:///nowhere/at/all", "-d", "other"]),
            Some(2)
        );
        // With --force it goes on with what is there.
        good("web.yml");
        fs::remove_file(path.join("web.out")).unwrap();
        let done = command(&program, path)
            .args([
                "-U",
                "file:///nowhere/at/all",
                "-d",
                "into",
                "-f",
                "web.yml",
            ])
            .output()
            .unwrap();
        assert!(
            done.status.success() && path.join("web.out").exists(),
            "{}",
            told(&done)
        );
    }
}
