//! `play console`: lines from a pipe, and what comes of them; the reference's own answers stand beside.

use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

const HOSTS: &str = "[web]\nweb1\nweb2\n[db]\ndb1\n[site:children]\nweb\ndb\n\
                     [all:vars]\nansible_connection=local\n";

fn talk(folder: &Path, program: &Path, words: &[&str], lines: &str) -> (i32, String, String) {
    let mut child = Command::new(program)
        .args(words)
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .env("USER", "me")
        .env("PATH", "/usr/bin:/bin")
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The console may end before it has read everything.
    let _ = child.stdin.take().unwrap().write_all(lines.as_bytes());
    let done = child.wait_with_output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        done.status.code().unwrap(),
        text(&done.stdout),
        text(&done.stderr),
    )
}

fn console(words: &[&str], lines: &str) -> (i32, String, String) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("hosts"), HOSTS).unwrap();
    let program = folder.path().join("ansible-console");
    symlink(env!("CARGO_BIN_EXE_play"), &program).unwrap();
    let words: Vec<&str> = ["-i", "hosts", "-f", "5"]
        .iter()
        .chain(words)
        .copied()
        .collect();
    talk(folder.path(), &program, &words, lines)
}

#[test]
fn settings_and_places_answer_as_the_reference_does() {
    let lines = "list\nlist groups\ncd web\nlist\ncd nothing\ncd web:!web1\nforks 3\nforks 0\nforks\n\
                 become\nbecome yes\nbecome no\ncheck yes\ndiff\ncd\ncd /\nlist foo\nexit\n";
    let (code, told, wrong) = console(&["all"], lines);
    assert_eq!(code, 0, "{wrong}");
    // Recorded from ansible-core 2.21.5.
    let wanted = "Welcome to the ansible console. Type help or ? to list commands.\n\n\
        me@all (3)[f:5]$ web1\nweb2\ndb1\n\
        me@all (3)[f:5]$ all\ndb\nsite\nungrouped\nweb\n\
        me@all (3)[f:5]$ me@web (2)[f:5]$ web1\nweb2\n\
        me@web (2)[f:5]$ no host matched\n\
        me@web (2)[f:5]$ me@web:!web1 (1)[f:5]$ me@web:!web1 (1)[f:3]$ \
        forks must be greater than or equal to 1\n\
        me@web:!web1 (1)[f:3]$ Usage: forks <number>\n\
        me@web:!web1 (1)[f:3]$ Please specify become value, e.g. `become yes`\n\
        me@web:!web1 (1)[f:3]$ me@web:!web1 (1)[f:3]# me@web:!web1 (1)[f:3]$ check mode changed to True\n\
        me@web:!web1 (1)[f:3]$ Please specify a diff value , e.g. `diff yes`\n\
        me@web:!web1 (1)[f:3]$ me@* (3)[f:3]$ me@all (3)[f:3]$ \
        List the hosts in the current group or a list of groups if you add 'groups'.\n\
        me@all (3)[f:3]$ \nAnsible-console was exited.\n";
    assert_eq!(told, wanted);
    assert!(
        wrong.contains("Invalid option passed to \"list\""),
        "{wrong}"
    );
}

#[test]
fn a_first_word_that_is_a_module_is_one_and_anything_else_is_the_shells() {
    let lines = "ping\ndebug msg='{{ inventory_hostname }} is {{ 1 + 1 }}'\n!echo a  b | tr a-z A-Z\n\
                 echo plain $((1+1))\nansible.builtin.command echo 'two  blanks'\nfalse\nset_fact x=3\n\
                 debug var=x\n# a comment\n\n";
    let (code, told, wrong) = console(&["web2"], lines);
    assert_eq!(code, 0, "{wrong}");
    for answer in [
        "web2 | SUCCESS => {\n    \"changed\": false,\n    \"ping\": \"pong\"\n}",
        "\"msg\": \"web2 is 2\"",
        "web2 | CHANGED | rc=0 >>\nA B\nme@web2",
        "web2 | CHANGED | rc=0 >>\nplain 2\n",
        "two  blanks\n",
        "web2 | FAILED | rc=1 >>",
        // What one line finds out, the next one knows.
        "\"x\": \"3\"",
    ] {
        assert!(told.contains(answer), "{answer}\n---\n{told}\n{wrong}");
    }
    assert!(
        told.ends_with("\nAnsible-console was exited.\n"),
        "the end of the pipe is `exit`"
    );
}

#[test]
fn what_is_wrong_is_said_and_the_talk_goes_on() {
    let lines = "copy src=/nowhere\nforks x\ntimeout -1\ntimeout x\nhelp cpoy\ncheck yes\n\
                 command touch made\nlist\n";
    let (code, told, wrong) = console(&["web2"], lines);
    assert_eq!(code, 0);
    for text in [
        "dest is required",
        "`forks` takes a whole number, and not `x`",
        "The timeout must be greater than or equal to 1, use 0 to disable",
        "`timeout` takes a whole number, and not `x`",
        "did you mean `copy`?",
    ] {
        assert!(wrong.contains(text), "{text}\n---\n{wrong}");
    }
    assert!(
        !wrong.contains("Ansible Shell"),
        "no excerpt of what was made of the line: {wrong}"
    );
    assert!(told.contains("web2 | SKIPPED"), "{told}");
    assert!(told.contains("$ web2\n"), "{told}");
}

#[test]
fn a_task_that_takes_too_long_is_ended_and_the_next_one_runs() {
    let (code, told, _) = console(
        &["web2"],
        "timeout 1\nsleep 60\ntimeout 0\necho still here\n",
    );
    assert_eq!(code, 0);
    assert!(told.contains("web2 | FAILED"), "{told}");
    assert!(told.contains("still here\n"), "{told}");
}

#[test]
fn options_hold_from_the_beginning() {
    let (_, told, _) = console(&["web", "-b", "-u", "joe", "-l", "!web1"], "list\n");
    assert!(told.contains("joe@web (1)[f:5]# web2\n"), "{told}");
    let (code, told, _) = console(&["db", "--list-hosts"], "");
    assert_eq!((code, told.as_str()), (0, "  hosts (1):\n    db1\n"));
    let (code, _, wrong) = console(&["nomatch"], "list\n");
    assert_eq!(code, 1);
    assert!(
        wrong.contains("leaves us with no hosts to target"),
        "{wrong}"
    );
}

#[test]
fn help_names_every_command_and_shows_a_modules_page() {
    let (_, told, wrong) = console(&["web"], "help\nhelp forks\n?ping\n");
    for text in [
        "become_method sudo|su|doas",
        "lineinfile",
        "forks NUMBER: ",
        "opens a shell there",
    ] {
        assert!(told.contains(text), "{text}\n---\n{told}\n{wrong}");
    }
}
