//! What strangers put into paths, names and contents survives in every module that writes, under
//! every shell. The words are made of pieces that have broken others' shell text.
//!
//! The cases are the same in every run; `PLAY_HOSTILE=CASES` asks for more of them.

use std::path::Path;
use std::process::Command;

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy};
use proptest::sample::select;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::driver::{Run, World, which};
use crate::entries;

/// Pieces that stand in one line and in a file's name.
const PIECES: &[&str] = &[
    " ", "  ", "'", "\"", "'\\''", "`id`", "$(id)", "${x}", "$nowhere", "$$", "\\", "\\\\", "\\n",
    "-", "--", "-rf", "-e", "*", "?", "[a-z]", "{a,b}", "#", "!", "!!", "%", "%s", "&", "&&", ";",
    "|", "<", ">", "<<EOF", "(", ")", "=", "\t", "é", "日本", "\u{301}", "🦀", "\u{a0}",
    "\u{feff}", "a", "Z", "0", ".", "..", ",", ":", "^", "@", "\u{7f}",
];

fn words(pieces: std::ops::Range<usize>) -> impl Strategy<Value = String> {
    vec(select(PIECES), pieces).prop_map(|pieces| pieces.concat())
}

/// A line that is not blank.
fn line() -> impl Strategy<Value = String> {
    words(1..12).prop_map(|words| format!("{words}x"))
}

/// A name in a folder; half of them hold a line's end.
fn name() -> impl Strategy<Value = String> {
    (words(1..8), select(&["", "\n"][..]), words(0..4))
        .prop_map(|(one, end, two)| format!("{one}{end}{two}n"))
}

/// Some lines; one in three texts has a line of 200 kB.
fn text() -> impl Strategy<Value = String> {
    let long = words(1..6).prop_map(|words| format!("{words}{}'{words}", "$y ".repeat(70_000)));
    let lines = vec(words(0..10), 0..6).prop_map(|lines| lines.join("\n"));
    let long = proptest::prop_oneof![2 => Just(String::new()), 1 => long];
    (lines, long, select(&["", "\n"][..]))
        .prop_map(|(lines, long, end)| format!("{lines}\n{long}{end}"))
}

/// Tries some cases in a new world of each shell.
fn holds<T: std::fmt::Debug>(strategy: impl Strategy<Value = T>, test: impl Fn(&World, &T)) {
    let cases = std::env::var("PLAY_HOSTILE")
        .ok()
        .and_then(|cases| cases.parse().ok());
    let config = Config {
        cases: cases.unwrap_or(6),
        failure_persistence: None,
        max_shrink_iters: 60,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let outcome = runner.run(&strategy, |value| {
        for world in World::each() {
            test(&world, &value);
        }
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

fn run<'a>(module: &str, world: &'a World, name: &str) -> Run<'a> {
    Run::new(module, world).path(place(module), name)
}

fn place(module: &str) -> &'static str {
    match module {
        "copy" | "template" => "dest",
        _ => "path",
    }
}

#[test]
fn copy_keeps_them() {
    holds((name(), text()), |world, (name, text)| {
        run("copy", world, name)
            .set("content", text.as_str())
            .expect_changed_then_ok();
        assert_eq!(&world.read(name), text);
        world.give(&format!("files/{name}"), text);
        let other = format!("folder {name}/");
        run("copy", world, &other)
            .set("src", name.as_str())
            .expect_changed_then_ok();
        assert_eq!(&world.read(&format!("{other}{name}")), text);
        run("copy", world, &format!("-{name}"))
            .path("src", name)
            .set("remote_src", true)
            .expect_changed_then_ok();
        assert_eq!(&world.read(&format!("-{name}")), text);
    });
}

#[test]
fn template_keeps_them() {
    holds((name(), text()), |world, (name, text)| {
        world.give("templates/page.j2", text);
        run("template", world, name)
            .set("src", "page.j2")
            .expect_changed_then_ok();
        assert_eq!(&world.read(name), text);
    });
}

#[test]
fn file_keeps_them() {
    holds((name(), name()), |world, (name, other)| {
        let folder = format!("folder/{name}");
        run("file", world, &folder)
            .set("state", "directory")
            .expect_changed_then_ok();
        let file = format!("{folder}/{other}");
        run("file", world, &file)
            .set("state", "touch")
            .set("mode", "0600")
            .expect_changed();
        let link = || {
            run("file", world, "link")
                .set("state", "link")
                .set("src", file.as_str())
        };
        link().expect_changed_then_ok();
        assert_eq!(
            std::fs::read_link(world.path("link")).unwrap(),
            Path::new(&file)
        );
        run("file", world, &file)
            .set("state", "absent")
            .expect_changed_then_ok();
        run("file", world, "folder")
            .set("state", "absent")
            .expect_changed_then_ok();
        assert!(!world.path("folder").exists());
    });
}

#[test]
fn lineinfile_keeps_them() {
    holds((name(), text(), line()), |world, (name, text, line)| {
        world.write(name, text);
        let edit = |state: &str| {
            run("lineinfile", world, name)
                .set("line", line.as_str())
                .set("state", state)
        };
        if text.lines().any(|one| one == line) {
            return;
        }
        edit("present").expect_changed_then_ok();
        let end = if text.ends_with('\n') { "" } else { "\n" };
        assert_eq!(world.read(name), format!("{text}{end}{line}\n"));
        edit("absent").expect_changed_then_ok();
        assert_eq!(world.read(name), format!("{text}{end}"));
    });
}

#[test]
fn blockinfile_keeps_them() {
    holds(
        (name(), text(), vec(line(), 1..4)),
        |world, (name, text, lines)| {
            world.write(name, text);
            let block = lines.join("\n");
            let edit = |block: &str| run("blockinfile", world, name).set("block", block);
            edit(&block).expect_changed_then_ok();
            let end = if text.ends_with('\n') { "" } else { "\n" };
            let (begin, over) = (
                "# BEGIN ANSIBLE MANAGED BLOCK",
                "# END ANSIBLE MANAGED BLOCK",
            );
            assert_eq!(
                world.read(name),
                format!("{text}{end}{begin}\n{block}\n{over}\n")
            );
            edit("").expect_changed_then_ok();
            assert_eq!(world.read(name), format!("{text}{end}"));
        },
    );
}

#[test]
fn replace_keeps_them() {
    holds((name(), text(), line()), |world, (name, text, line)| {
        world.write(name, format!("before\n{text}\nMARK\n"));
        let new = line.replace('\\', r"\\");
        run("replace", world, name)
            .set("regexp", "^MARK$")
            .set("replace", new)
            .expect_changed_then_ok();
        assert_eq!(world.read(name), format!("before\n{text}\n{line}\n"));
        let pattern = format!("^{}$\n", fancy_regex::escape(line));
        run("replace", world, name)
            .set("regexp", pattern)
            .expect_changed_then_ok();
        assert!(!world.read(name).ends_with(&format!("{line}\n")));
    });
}

#[test]
fn user_keeps_them() {
    holds((line(), name()), |world, (comment, home)| {
        world.fake("getent", "exit 2");
        world.fake("id", "echo root");
        world.fake("usermod", "exit 0");
        world.fake(
            "useradd",
            "for word do printf '%s\\0' \"$word\"; done >>\"$HOME/useradd\"",
        );
        let comment = comment.replace(':', ";");
        let home = world.text(home).replace(':', ";");
        let args = entries! { "name" => "someone", "comment" => comment.as_str(), "home" => home.as_str(), "create_home" => false };
        Run::new("user", world).args(args).run();
        let words = world.read("useradd");
        let words: Vec<&str> = words.split('\0').collect();
        assert!(
            words.contains(&comment.as_str()) && words.contains(&home.as_str()),
            "{words:?}"
        );
    });
}

#[test]
fn cron_keeps_them() {
    holds((line(), line(), name()), |world, (name, job, file)| {
        let set = |state: &str| {
            let args = entries! { "name" => name.as_str(), "job" => job.as_str(), "user" => "root", "state" => state };
            Run::new("cron", world).args(args).path("cron_file", file)
        };
        world.write(file, "# kept\n");
        set("present").expect_changed_then_ok();
        assert_eq!(
            world.read(file),
            format!("# kept\n#Ansible: {name}\n* * * * * root {job}\n")
        );
        set("absent").expect_changed_then_ok();
        assert_eq!(world.read(file), "# kept\n");
    });
}

/// Pieces that may stand in the name of a branch or a remote.
const REF_PIECES: &[&str] = &[
    "'", "\"", "`id`", "$(id)", "${x}", "$nowhere", "$$", "-", "--", "-rf", "]", "{a,b}", "#", "!",
    "%s", "&", "&&", ";", "|", "<", ">", "(", ")", "=", "é", "日本", "\u{301}", "🦀", "\u{a0}",
    "a", "0", ",", "@", "/b",
];

fn reference() -> impl Strategy<Value = String> {
    vec(select(REF_PIECES), 1..8).prop_map(|pieces| format!("{}n", pieces.concat()))
}

/// Runs git in a folder of the host, as its owner.
fn git(world: &World, folder: &str, words: &[&str]) -> String {
    let output = Command::new("git")
        .args(words)
        .current_dir(world.path(folder))
        .env("HOME", world.path(""))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {words:?}: {said}");
    String::from_utf8_lossy(&output.stdout)
        .trim_end()
        .to_owned()
}

/// Commits a text to a branch, which is made where it is not there.
fn commit(world: &World, repo: &str, branch: &str, name: &str, text: &str) -> String {
    git(world, repo, &["checkout", "-q", "-B", branch, "--"]);
    world.write(&format!("{repo}/{name}"), text);
    git(world, repo, &["add", "--all", "--"]);
    let author = ["-c", "user.name=a", "-c", "user.email=a@b"];
    git(
        world,
        repo,
        &[
            &author[..],
            &["commit", "-q", "--allow-empty", "-m", "it's"],
        ]
        .concat(),
    );
    git(world, repo, &["rev-parse", "HEAD"])
}

#[test]
fn git_keeps_them() {
    let names = (name(), name(), name());
    holds(
        (names, reference(), reference(), text()),
        |world, (names, branch, remote, text)| {
            let (repo, dest, file) = (
                format!("repo {}", names.0),
                format!("-{}", names.1),
                &names.2,
            );
            if world.is_busybox() {
                let git = which("git").unwrap();
                std::os::unix::fs::symlink(git, world.controller("bin/git")).unwrap();
            }
            world.write(&format!("{repo}/first"), "");
            git(world, &repo, &["init", "-q"]);
            let run = |dest: &str| {
                let run = Run::new("git", world)
                    .path("repo", &repo)
                    .path("dest", dest);
                run.set("version", branch.as_str())
                    .set("remote", remote.as_str())
            };
            let valid = |name: &str| {
                let name = format!("refs/heads/{name}");
                let checked = Command::new("git")
                    .args(["check-ref-format", &name])
                    .status();
                checked.unwrap().success() && !name.starts_with("refs/heads/-")
            };
            if !valid(branch) || !valid(remote) {
                return;
            }
            let one = commit(world, &repo, branch, file, text);
            let outcome = run(&dest).expect_changed_then_ok();
            assert_eq!(outcome.text("after"), Some(one.as_str()));
            assert_eq!(&world.read(&format!("{dest}/{file}")), text);
            let two = commit(world, &repo, branch, file, &format!("{text}more"));
            let archive = format!("{}.tar", names.0);
            let outcome = run(&dest).path("archive", &archive).diff().expect_changed();
            assert_eq!(outcome.text("before"), Some(one.as_str()));
            assert_eq!(outcome.text("after"), Some(two.as_str()));
            assert!(world.path(&archive).exists());
            world.write(&format!("{dest}/{file}"), "mine");
            run(&dest).expect_failed("Local modifications exist");
            run(&dest).set("force", true).expect_changed_then_ok();
            assert_eq!(world.read(&format!("{dest}/{file}")), format!("{text}more"));
        },
    );
}
