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

const TAGGED: &str = "- hosts: localhost
  gather_facts: false
  vars: {l: [p, q], s: 'r,s'}
  tasks:
    - {debug: {msg: none}}
    - {debug: {msg: one}, tags: a}
    - {debug: {msg: always}, tags: always}
    - {debug: {msg: empty}, tags: ''}
    - {debug: {msg: inlist}, tags: ['b,c', d]}
    - {debug: {msg: lists}, tags: '{{ l }}, e'}
    - {debug: {msg: text}, tags: '{{ s }}'}
";

/// As measured with ansible-core 2.21.
#[test]
fn tags_may_be_empty_and_are_split_where_they_are_written() {
    let called = Called::new(&[("t.yml", TAGGED)]);
    for (words, expected) in [
        ("--tags ''", "always empty"),
        ("--tags ,", "always empty"),
        ("--tags a,", "one always empty"),
        ("--tags a --tags ''", "one always empty"),
        ("--skip-tags ''", "none one always inlist lists text"),
        ("--tags b", "always"),
        ("--tags d", "always inlist"),
        ("--tags p", "always lists"),
        ("--tags e", "always lists"),
        ("--tags r", "always"),
        ("--tags untagged", "none always"),
        ("--tags tagged", "one always empty inlist lists text"),
    ] {
        for command in ["ansible-playbook", "play run"] {
            let said = called.line(&format!("{command} {words} t.yml"));
            let messages = said.out.split("\"msg\": \"").skip(1);
            let messages: Vec<&str> = messages.map(|m| m.split('"').next().unwrap()).collect();
            assert_eq!(messages.join(" "), expected, "{words}: {}", said.err);
        }
    }
    for setting in ["ANSIBLE_RUN_TAGS=", "ANSIBLE_RUN_TAGS=,"] {
        let said = called.line(&format!("{setting} ansible-playbook t.yml"));
        assert_eq!(said.count("\"msg\""), 2, "{setting}: {}", said.out);
    }
    let said = called.line("play run --tags '' t.yml");
    assert!(!said.err.contains("tags"), "a task has it: {}", said.err);
    let said = called.line("sed -i /empty/d t.yml; play run --tags '' t.yml");
    assert!(
        said.err.contains("only tasks with the tag `always` run"),
        "{}",
        said.err
    );
    for tags in ["", "5", "{a: 1}"] {
        let line = format!("sed -i 's/tags: a}}/tags: {tags}}}/' t.yml; ansible-playbook t.yml");
        let said = called.line(&line);
        assert_eq!(said.code, 1, "{tags}");
        assert!(
            said.err.contains("tags must be specified as a list"),
            "{}",
            said.err
        );
        fs::write(called.path().join("t.yml"), TAGGED).unwrap();
    }
}

/// As measured with ansible-core 2.21, but for what is told of an error.
#[test]
fn one_module_ends_as_there() {
    let called = Called::new(&[]);
    let own = "ansible -c local localhost";
    for (words, code, told) in [
        ("", 5, "No argument passed to command module"),
        ("-m shell", 5, "No argument passed to shell module"),
        (
            "-m ansible.builtin.raw -a ''",
            5,
            "No argument passed to ansible.builtin.raw module",
        ),
        (
            "-m win_command",
            5,
            "No argument passed to win_command module",
        ),
        (
            "-m import_playbook -a x",
            5,
            "'import_playbook' is not a valid action for ad-hoc commands",
        ),
        (
            "-m command -a chdir=/tmp",
            2,
            "localhost | FAILED | rc=-1 >>\none of the following is required",
        ),
        (
            "-m ping -a bar=1",
            2,
            "localhost | FAILED! => {\n    \"changed\": false,\n    \"msg\": \"Unsupported parameters",
        ),
        ("-m debug -a foo", 2, "does not support raw params"),
        ("-m nosuch", 2, "localhost | FAILED!"),
        ("-m when -a x", 2, "localhost | FAILED!"),
        ("-m shell -a '{ echo a; }; echo c'", 0, "rc=0 >>\na\nc\n"),
        ("-m shell -a '{ echo a; echo c; }'", 0, "rc=0 >>\na\nc\n"),
        ("-m shell -a '{\"cmd\": \"echo a\"}'", 0, "rc=0 >>\na\n"),
        ("-m command -a '{}'", 2, "rc=2 >>"),
    ] {
        let said = called.line(&format!("{own} {words}"));
        assert_eq!(said.code, code, "{words}: {}{}", said.out, said.err);
        let all = said.out + &said.err;
        assert!(all.contains(told), "{words}: {all}");
    }
    let said = called.line("ansible site.yml");
    assert!(
        said.err.contains("(did you mean to run ansible-playbook?)"),
        "{}",
        said.err
    );
    // The command of play's own name says before it connects what cannot be right.
    assert_eq!(called.line("play localhost -m ping -a bar=1").code, 4);
    assert_eq!(called.line("play localhost -m command").code, 5);
}

#[test]
fn one_line_a_host_has_the_references_escapes() {
    let called = Called::new(&[("s.sh", "echo s\n")]);
    let own = "-c local localhost -o";
    for (words, told) in [
        (
            "-m shell -a 'printf \"a\\rb\\n\\nc\"; echo e >&2'",
            "localhost | CHANGED | rc=0 | (stdout) a\\rb\\n\\nc (stderr) e\n",
        ),
        (
            "-m command -a 'echo a'",
            "localhost | CHANGED | rc=0 | (stdout) a\n",
        ),
        (
            "-m script -a s.sh",
            "localhost | CHANGED => {\"changed\": true,\"rc\": 0,\"stderr\": \"\",\"stderr_lines\": [],\"stdout\": \"s\\n\",\"stdout_lines\": [\"s\"]}\n",
        ),
        (
            "-m debug -a msg=a",
            "localhost | SUCCESS => {    \"changed\": false,    \"msg\": \"a\"}\n",
        ),
        (
            "-m assert -a that=false",
            "localhost | FAILED! => {    \"assertion\": \"false\",    \"changed\": false,",
        ),
        (
            "-m stat -a path=/none",
            "localhost | SUCCESS => {\"changed\": false,\"stat\": {\"exists\": false}}\n",
        ),
    ] {
        let said = called.line(&format!("ansible {own} {words}"));
        assert!(said.out.contains(told), "{words}: {}{}", said.out, said.err);
        let said = called.line(&format!("play {own} {words}"));
        assert_eq!(said.out.lines().count(), 1, "{words}: {}", said.out);
    }
    let said = called.line(&format!("ansible {own} -m shell -a 'echo a; exit 3'"));
    assert_eq!(said.out.lines().count(), 2, "{}", said.out);
    let said = called.line(&format!("play {own} -m shell -a 'echo a; exit 3'"));
    assert_eq!(said.out, "localhost | FAILED | rc=3 | (stdout) a\n");
}

const RESULTS: &str = "- hosts: localhost
  gather_facts: false
  tasks:
    - debug: {msg: [1, {b: \"x\\ny\\n\"}]}
    - {command: echo a, changed_when: false}
";

/// What `_dump_results` of ansible-core 2.21 makes of the same.
#[test]
fn results_have_the_form_that_is_asked_for() {
    let called = Called::new(&[("a.yml", RESULTS)]);
    let line = "ok: [localhost] => {\"msg\": [1, {\"b\": \"x\\ny\\n\"}]}\n";
    let nice = "ok: [localhost] => {\n    \"msg\": [\n        1,\n";
    let yaml = "=> \n    msg:\n    - 1\n    - b: |\n        x\n        y\n";
    let lossy = "=> \n    msg:\n    - 1\n    -   b: |-\n            x\n            y\n";
    for (words, told) in [
        ("", nice),
        ("ANSIBLE_CALLBACK_FORMAT_PRETTY=no", line),
        ("ANSIBLE_CALLBACK_FORMAT_PRETTY=0", line),
        ("ANSIBLE_CALLBACK_FORMAT_PRETTY=off", line),
        ("ANSIBLE_CALLBACK_FORMAT_PRETTY=", line),
        ("ANSIBLE_CALLBACK_FORMAT_PRETTY=on", nice),
        ("ANSIBLE_CALLBACK_FORMAT_PRETTY=y", nice),
        (
            "ANSIBLE_CALLBACK_RESULT_INDENTATION=1",
            "=> {\n \"msg\": [\n  1,\n",
        ),
        (
            "ANSIBLE_CALLBACK_RESULT_INDENTATION=0",
            "=> {\n\"msg\": [\n1,\n",
        ),
        ("ANSIBLE_CALLBACK_RESULT_FORMAT=yaml", lossy),
        (
            "ANSIBLE_CALLBACK_RESULT_FORMAT=yaml ANSIBLE_CALLBACK_FORMAT_PRETTY=no",
            yaml,
        ),
    ] {
        let said = called.line(&format!("{words} ansible-playbook a.yml"));
        assert!(said.out.contains(told), "{words}: {}{}", said.out, said.err);
    }
    let yaml = "ANSIBLE_CALLBACK_RESULT_FORMAT=yaml";
    for (words, lines) in [("", 2), ("ANSIBLE_CALLBACK_YAML_LINE_WIDTH=no-break", 1)] {
        let long = "ansible localhost -m debug -a \"msg='$(printf 'word %.0s' {1..30})'\"";
        let said = called.line(&format!("export {yaml} {words}; {long}"));
        let found = said
            .out
            .lines()
            .filter(|line| line.contains("word"))
            .count();
        assert_eq!(found, lines, "{words}: {}", said.out);
    }
    let said = called.line("ANSIBLE_DISPLAY_ARGS_TO_STDOUT=1 ansible-playbook a.yml");
    assert!(
        said.out.contains("TASK [command _raw_params=echo a] ***"),
        "{}",
        said.out
    );
}

const CASES: &str = "- hosts: localhost
  name: P
  gather_facts: false
  tasks:
    - {name: a, command: echo hi}
    - {name: b, fail: {msg: no}, ignore_errors: true}
    - {name: TOGGLE RESULT, debug: {msg: x}}
    - {include_tasks: inc.yml}
    - {command: 'false', no_log: true, ignore_errors: true}
    - {name: c, fail: {msg: 'no <more>'}}
";

#[test]
fn junit_writes_what_it_writes_there() {
    let called = Called::new(&[
        ("a.yml", CASES),
        ("inc.yml", "- {name: i, debug: {msg: y}}\n"),
    ]);
    let run = "export ANSIBLE_CALLBACKS_ENABLED=junit JUNIT_OUTPUT_DIR=j; rm -rf j; \
               ansible-playbook a.yml >/dev/null; cat j/*";
    let said = called.line(run);
    for told in [
        "errors=\"1\" failures=\"1\" name=\"a\" skipped=\"0\" tests=\"8\"",
        "name=\"[localhost] P: a _raw_params=echo hi\"",
        "name=\"[localhost] P: b msg=False\"",
        "<failure message=\"x\" type=\"failure\">{\n    &quot;changed&quot;: false,\n    &quot;msg&quot;: &quot;x&quot;\n}",
        "name=\"[include] P: include_tasks _raw_params=inc.yml\"",
        "inc.yml (args={} vars={}): [localhost]</system-out>",
        "name=\"[localhost] P: command\"",
        "<error message=\"Task failed: Action failed: no &lt;more&gt;\" type=\"error\">",
    ] {
        let told = told.replace("&quot;", "\"");
        assert!(said.out.contains(&told), "{told}: {}", said.out);
    }
    let said = called.line(&format!("export JUNIT_HIDE_TASK_ARGUMENTS=true; {run}"));
    assert!(
        said.out.contains("name=\"[localhost] P: a\""),
        "{}",
        said.out
    );
    let said = called.line(&format!("export JUNIT_FAIL_ON_IGNORE=true; {run}"));
    assert!(said.out.contains("errors=\"3\""), "{}", said.out);
    let said = called.line(&format!("export JUNIT_TEST_CASE_PREFIX=z; {run}"));
    assert!(said.out.contains("tests=\"2\""), "{}", said.out);
}

#[test]
fn a_playbook_that_is_none_is_told_in_the_references_words() {
    let called = Called::new(&[]);
    for (text, code, told) in [
        ("", 4, "Empty playbook, nothing to do: "),
        ("---\n", 4, "Empty playbook, nothing to do: "),
        ("# c\n", 4, "Empty playbook, nothing to do: "),
        ("[]\n", 4, "A playbook must contain at least one play"),
        ("a: 1\n", 4, "A playbook must be a list of plays, got "),
        (
            "- 1\n",
            4,
            "playbook entries must be either valid plays or 'import_playbook' statements",
        ),
        (
            "- import_playbook:\n",
            4,
            "The field 'import_playbook' is required but was not set.",
        ),
        (
            "- import_playbook: [a]\n",
            4,
            "The field 'import_playbook' is supposed to be a string type",
        ),
        (
            "- import_playbook: '{{ x }}'\n",
            4,
            "Error processing keyword 'import_playbook': 'x' is undefined",
        ),
        (
            "- import_playbook: .\n",
            4,
            "An error occurred while trying to read the file",
        ),
        (
            "- import_playbook: none.yml\n",
            1,
            "Unable to retrieve file contents. Could not find or access '",
        ),
        (
            "- import_playbook: b.yml\n  foo: 1\n",
            4,
            "is not a valid attribute for a PlaybookInclude",
        ),
    ] {
        fs::write(called.path().join("a.yml"), text).unwrap();
        for line in [
            "ansible-playbook a.yml",
            "ansible-playbook --syntax-check a.yml",
        ] {
            let said = called.line(line);
            assert_eq!(said.code, code, "{text:?} {line}: {}", said.err);
            assert!(said.err.contains(told), "{text:?}: {}", said.err);
        }
    }
}

#[test]
fn a_range_in_a_list_of_hosts_is_what_the_plugin_says() {
    let called = Called::new(&[]);
    let list = "-i 'h[1:3],x' all --list-hosts";
    for (command, count) in [
        ("ansible", 2),
        ("play", 4),
        ("ANSIBLE_INVENTORY_ENABLED=advanced_host_list ansible", 4),
        ("ANSIBLE_INVENTORY_ENABLED=host_list play", 2),
    ] {
        let said = called.line(&format!("{command} {list}"));
        let told = format!("hosts ({count}):");
        assert!(
            said.out.contains(&told),
            "{command}: {}{}",
            said.out,
            said.err
        );
    }
}
