use std::sync::Arc;
use std::time::Duration;

use super::{cause, telling};
use crate::outcome::Outcome;
use crate::report::{Result, Status, TaskInfo};

fn of(action: &str, outcome: Outcome) -> String {
    cause(&Result {
        task: Arc::new(TaskInfo {
            action: action.to_owned(),
            ..TaskInfo::default()
        }),
        host: "h".into(),
        delegated: None,
        item: None,
        status: Status::Failed,
        outcome: Arc::new(outcome),
        duration: Duration::ZERO,
        of_loop: false,
    })
}

#[test]
fn the_line_that_says_why_is_found() {
    for (text, line) in [
        (
            "Reading package lists...\nW: old\nE: Unable to locate package ngin\n",
            "E: Unable to locate package ngin",
        ),
        (
            "gcc -c a.c\na.c:1:1: error: unknown type name 'x'\na.c:2:1: error: y\nmake: *** [a.o] Error 1\n",
            "a.c:1:1: error: unknown type name 'x'",
        ),
        (
            "Traceback (most recent call last):\n  File \"a.py\", line 1, in <module>\nKeyError: 'port'\n",
            "KeyError: 'port'",
        ),
        (
            "nginx: [emerg] bind() to 0.0.0.0:80 failed\nnginx: configuration test failed",
            "nginx: [emerg] bind() to 0.0.0.0:80 failed",
        ),
        ("one\ntwo\n---\n", "two"),
        (
            "cp: cannot stat 'x': No such file or directory",
            "cp: cannot stat 'x': No such file or directory",
        ),
        (
            "make[1]: *** [x] Error 1\nmake: *** [all] Error 2\n",
            "make[1]: *** [x] Error 1",
        ),
    ] {
        assert_eq!(telling(text), Some(line), "{text}");
    }
    assert_eq!(telling("\n---\n"), None);
}

#[test]
fn a_command_says_its_exit_code_and_its_own_words() {
    let ended = |rc: i64, stdout: &str, stderr: &str| {
        Outcome::failed("The command exited with a non-zero return code.")
            .with("rc", rc)
            .with("stdout", stdout)
            .with("stderr", stderr)
    };
    for (outcome, text) in [
        (
            ended(100, "hi", "E: Unable to locate package ngin"),
            "exit 100: E: Unable to locate package ngin",
        ),
        (ended(2, "error: no", ""), "exit 2: error: no"),
        (ended(1, "", ""), "exit 1, and it printed nothing"),
        (
            ended(127, "", "/bin/sh: 1: ngnix: not found"),
            "exit 127: no such program: `ngnix`",
        ),
        (
            ended(127, "", "sh: ngnix: command not found"),
            "exit 127: no such program: `ngnix`",
        ),
        (
            ended(137, "", ""),
            "exit 137 (ended by the signal KILL), and it printed nothing",
        ),
    ] {
        assert_eq!(of("ansible.builtin.shell", outcome), text);
    }
    let missing = Outcome::failed("Error executing command.").with("cmd", "'ngn x' -t");
    assert_eq!(
        of("command", missing.clone().with("rc", 2)),
        "no such program: `ngn x`"
    );
    assert_eq!(
        of("command", missing.with("rc", 13)),
        "`ngn x` may not be run: permission denied"
    );
}

#[test]
fn a_module_says_its_message_or_the_telling_part_of_it() {
    for (message, text) in [
        (
            "there is no folder `/srv/x` on the host.",
            "there is no folder `/srv/x` on the host",
        ),
        (
            "'/usr/bin/apt-get -y install 'a'' failed: E: Unable to fetch some archives\nmore",
            "apt-get: E: Unable to fetch some archives",
        ),
        (
            "one\nfatal: not a git repository\nthree",
            "fatal: not a git repository",
        ),
        ("a\tb  c", "a b c"),
    ] {
        assert_eq!(of("x", Outcome::failed(message)), text);
    }
    assert_eq!(
        of("x", Outcome::failed("é".repeat(500))).chars().count(),
        241
    );
    let judged = Outcome::failed(
        "Task failed: Action failed: A 'failed_when' expression evaluated to 'True'.",
    );
    assert_eq!(
        of("shell", judged.with("stdout", "DOWN").with("rc", 0)),
        "`failed_when` holds: DOWN"
    );
}

#[test]
fn the_words_of_machinery_are_left_out_and_missing_rights_come_first() {
    for (message, text) in [
        (
            "Task failed: Finalization of task args for 'ansible.builtin.debug' failed: Error while resolving value for 'msg': 'prt' is undefined",
            "'prt' is undefined",
        ),
        ("Task failed: Module failed: top: boom", "top: boom"),
        (
            "There was an issue creating /opt/x as requested: [Errno 13] Permission denied: b'/opt/x'",
            "permission denied: /opt/x (There was an issue creating /opt/x as requested)",
        ),
        (
            "mkdir: cannot create directory '/opt/x': Permission denied",
            "permission denied: /opt/x (mkdir: cannot create directory '/opt/x')",
        ),
        (
            "E: Could not open lock file /var/lib/dpkg/lock - open (13: Permission denied)",
            "permission denied: /var/lib/dpkg/lock (E: Could not open lock file /var/lib/dpkg/lock - open)",
        ),
        ("permission denied: /etc/x", "permission denied: /etc/x"),
        (
            "git@example.com: Permission denied (publickey)",
            "git@example.com: Permission denied (publickey)",
        ),
        ("Destination /opt not writable", "permission denied: /opt"),
        (
            "/etc/shadow cannot be read",
            "permission denied: /etc/shadow",
        ),
        (
            "File is not readable: /etc/a b",
            "permission denied: /etc/a b",
        ),
        (
            "/bin/sh: 1: cannot create /etc/x: Permission denied",
            "permission denied: /etc/x (/bin/sh: 1: cannot create /etc/x)",
        ),
        ("/root/x: permission denied", "permission denied: /root/x"),
    ] {
        assert_eq!(of("x", Outcome::failed(message)), text);
    }
    let ended = Outcome::failed("non-zero return code")
        .with("rc", 1)
        .with("stderr", "touch: cannot touch '/etc/x': Permission denied");
    assert_eq!(
        of("command", ended),
        "exit 1: permission denied: /etc/x (touch: cannot touch '/etc/x')"
    );
}

#[test]
fn a_hidden_failure_says_that_it_is_hidden() {
    let task = TaskInfo {
        no_log: true,
        ..TaskInfo::default()
    };
    let hidden = Result {
        task: Arc::new(task),
        host: "h".into(),
        delegated: None,
        item: None,
        status: Status::Ignored,
        outcome: Arc::new(Outcome::failed("")),
        duration: Duration::ZERO,
        of_loop: false,
    };
    assert_eq!(cause(&hidden), "what went wrong is hidden (`no_log`)");
}
