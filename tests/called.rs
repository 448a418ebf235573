//! What is run and printed under the reference's names, from a shell's line; `play` beside them.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

/// A folder with the commands in `bin`, and files.
struct Called(tempfile::TempDir);

/// What came of a line.
struct Said {
    code: i32,
    out: String,
    err: String,
}

impl Called {
    fn new(files: &[(&str, &str)]) -> Called {
        let folder = tempfile::tempdir().unwrap();
        let bin = folder.path().join("bin");
        fs::create_dir(&bin).unwrap();
        for name in ["ansible", "ansible-playbook", "play"] {
            symlink(env!("CARGO_BIN_EXE_play"), bin.join(name)).unwrap();
        }
        let called = Called(folder);
        for (name, text) in files {
            let path = called.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        called
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Runs a line of bash in the folder.
    fn line(&self, line: &str) -> Said {
        let bin = self.path().join("bin");
        let done = Command::new("bash")
            .args(["-c", line])
            .current_dir(self.path())
            .env_clear()
            .env("HOME", self.path())
            .env("PATH", format!("{}:/usr/bin:/bin", bin.display()))
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Said {
            code: done.status.code().unwrap(),
            out: text(&done.stdout),
            err: text(&done.stderr),
        }
    }
}

impl Said {
    fn count(&self, what: &str) -> usize {
        self.out.matches(what).count()
    }
}

const ONE: &str = "- hosts: localhost\n  gather_facts: false\n  tasks: [{debug: {msg: one}}]\n";

/// One that writes the next playbook.
const MAKER: &str = "- hosts: localhost\n  gather_facts: false\n  tasks:\n    - copy: {dest: \"{{ playbook_dir }}/roles/late/tasks/main.yml\", content: '- debug: msg=late'}\n";
const LATE: &str = "- hosts: localhost\n  gather_facts: false\n  roles: [late]\n";

#[test]
fn each_playbook_has_a_recap_with_the_figures_so_far() {
    let called = Called::new(&[("a.yml", ONE), ("b.yml", ONE), ("broken.yml", "- hosts: [")]);
    let said = called.line("ansible-playbook a.yml b.yml");
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(said.count("PLAY RECAP"), 2, "{}", said.out);
    assert_eq!((said.count("ok=1 "), said.count("ok=2 ")), (1, 1));
    assert_eq!(said.count("took "), 0, "{}", said.out);
    // The second one is read when its turn has come.
    let said = called.line("ansible-playbook a.yml broken.yml");
    assert_eq!((said.code, said.count("PLAY RECAP")), (4, 1));
    let said = called.line("play run a.yml b.yml");
    assert_eq!((said.count("PLAY RECAP"), said.count("took ")), (1, 1));
    assert_eq!(said.count("ok=2 "), 1, "{}", said.out);
    let said = called.line("play run a.yml broken.yml");
    assert_eq!((said.code, said.out.as_str()), (4, ""));
    let said = called.line("ANSIBLE_CALLBACKS_ENABLED=junit JUNIT_OUTPUT_DIR=j ansible-playbook a.yml b.yml && ls j && grep -c '<testcase' j/*");
    assert!(
        said.out.contains("\nj/a-") && said.out.contains("\nj/b-"),
        "{}",
        said.out
    );
    assert!(
        said.out.contains(".xml:1\n") && said.out.contains(".xml:2\n"),
        "{}",
        said.out
    );
}

#[test]
fn a_playbook_may_bring_what_the_next_one_needs() {
    let called = Called::new(&[
        ("a.yml", MAKER),
        ("b.yml", LATE),
        ("roles/late/tasks/none", ""),
    ]);
    let said = called.line("ansible-playbook a.yml b.yml");
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(said.out.contains("\"msg\": \"late\""), "{}", said.out);
}

#[test]
fn what_is_read_may_come_through_pipes() {
    let called = Called::new(&[
        ("a.yml", ONE),
        ("hosts", "web ansible_connection=local\n"),
        (
            "v.yml",
            "- hosts: all\n  gather_facts: false\n  tasks: [{debug: {var: x}}, {meta: refresh_inventory}, {debug: {var: x}}]\n",
        ),
    ]);
    for line in [
        "cat a.yml | ansible-playbook /dev/stdin",
        "ansible-playbook <(cat a.yml)",
        "play run <(cat a.yml)",
        "ansible-playbook <(cat a.yml) <(cat a.yml)",
        "ansible-playbook -i <(cat hosts) -e @<(echo 'x: 1') -l @<(echo web) --vault-password-file <(echo pw) v.yml",
        "mkfifo f; (cat a.yml >f)& ansible-playbook f; code=$?; rm f; exit $code",
        "ansible all -i <(cat hosts) -m debug -a msg=hi -e @<(echo 'x: 1')",
    ] {
        let said = called.line(line);
        assert_eq!(said.code, 0, "{line}: {}{}", said.out, said.err);
        assert!(
            said.out.contains("one") || said.out.contains("\"x\": 1") || said.out.contains("hi")
        );
    }
    for (line, told) in [
        (
            "ansible-playbook .",
            "the playbook: . does not appear to be a file",
        ),
        (
            "ansible-playbook /dev/null",
            "the playbook: /dev/null does not appear to be a file",
        ),
        (
            "ansible-playbook no.yml",
            "the playbook: no.yml could not be found",
        ),
        (
            "play run .",
            "the playbook `.` does not appear to be a file",
        ),
    ] {
        let said = called.line(line);
        assert_eq!(said.code, 1, "{line}");
        assert!(said.err.contains(told), "{line}: {}", said.err);
    }
}

#[test]
fn what_came_through_a_pipe_is_not_kept() {
    let bad = "- hosts: all\n  gather_facts: false\n  tasks: [{debug: }, {fail: }]\n";
    let called = Called::new(&[
        ("bad.yml", bad),
        ("hosts", "web ansible_connection=local\n"),
    ]);
    let said = called.line("play plan -i <(cat hosts) bad.yml -o x; ls x");
    assert!(
        said.err.contains("the plan cannot be kept: `/dev/fd/"),
        "{}",
        said.err
    );
    assert_ne!(said.code, 0);
    let run = "play run -i <(cat hosts) bad.yml";
    let said = called.line(&format!("{run}; {run} --resume"));
    assert_eq!(said.code, 5, "{}{}", said.out, said.err);
    assert!(
        said.err
            .contains("variables have changed since, in `/dev/fd/"),
        "{}",
        said.err
    );
}

/// Durations, hints, the output of a command below its result, equal failures told together: all that is
/// play's own.
#[test]
fn programs_find_on_the_screen_what_they_know() {
    let hosts =
        "[a]\nh[1:5] ansible_connection=local\n[b]\nlost ansible_host=127.0.0.1 ansible_port=9\n";
    let play = "- hosts: all\n  gather_facts: false\n  tasks: [{command: sh -c 'sleep 1.1; echo no; exit 3'}]\n";
    let called = Called::new(&[("hosts", hosts), ("a.yml", play)]);
    let said = called.line("ansible-playbook -i hosts a.yml");
    assert_eq!(said.count("\"rc\": 3"), 5, "{}", said.out);
    assert_eq!(said.count("[ERROR]"), 1, "{}", said.out);
    let own = [
        "took ",
        "hint: ",
        "the same as on ",
        "5 hosts: exit 3",
        "(1.",
    ];
    for told in own {
        assert_eq!(said.count(told), 0, "{told}: {}", said.out);
    }
    let said = called.line("play run -i hosts a.yml");
    for told in own {
        assert!(said.out.contains(told), "{told}: {}", said.out);
    }
}
