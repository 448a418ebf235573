//! What a run leaves behind: its record, the files beside it, the page.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// A folder with a home and a place for what playbooks write.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Home {
        let home = Home(tempfile::tempdir().unwrap());
        fs::create_dir(home.path().join("files")).unwrap();
        home
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn play(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_play"));
        command
            .args(arguments)
            .current_dir(folder())
            .env_clear()
            .env("HOME", self.path())
            .env("USER", "tester")
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null());
        command
    }

    fn run(&self, more: &[&str]) -> Output {
        let files = format!("folder={}", self.path().join("files").display());
        let mut arguments = vec!["run", "site.yml", "-i", "hosts", "-e", &files];
        arguments.extend(more);
        let done = self.play(&arguments).output().unwrap();
        assert_eq!(done.status.code(), Some(2), "{}", text(&done.stderr));
        done
    }

    fn told(&self, arguments: &[&str]) -> String {
        let done = self.play(arguments).output().unwrap();
        assert!(
            done.status.success(),
            "{arguments:?}: {}",
            text(&done.stderr)
        );
        text(&done.stdout)
    }

    fn records(&self) -> Vec<PathBuf> {
        let runs = fs::read_dir(self.path().join(".local/state/play/runs"));
        let runs = runs.into_iter().flatten().flatten();
        runs.map(|run| run.path().join("events.jsonl")).collect()
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/record")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Python with other people's parsers, where tests/setup.sh has put it.
fn validators() -> Option<PathBuf> {
    let python = folder().join("../.cache/validators/bin/python");
    let found = python.exists();
    if !found {
        println!("record: no validators at {}", python.display());
    }
    found.then_some(python)
}

#[test]
fn a_run_is_shown_again_as_it_was() {
    let home = Home::new();
    let was = home.run(&["--diff"]);
    assert_eq!(home.told(&["runs", "show"]), text(&was.stdout));
    let [record]: [PathBuf; 1] = home.records().try_into().unwrap();
    let lines = fs::read_to_string(record).unwrap();
    assert!(!lines.contains("geheimwort"), "a secret is in the record");
    assert!(lines.contains("\"changed\":true"));
}

#[test]
fn parts_of_a_run_are_shown() {
    let home = Home::new();
    home.run(&[]);
    let failed = home.told(&["runs", "show", "last", "--failed"]);
    assert!(
        failed.contains("TASK [Over]") && failed.contains("no more of web2"),
        "{failed}"
    );
    assert!(!failed.contains("changed: ["), "{failed}");
    let changed = home.told(&["runs", "show", "--changed", "--host", "web3"]);
    assert!(
        changed.contains("changed: [web3]") && !changed.contains("[web1]"),
        "{changed}"
    );
    let quiet = home.told(&["runs", "show", "--output", "quiet"]);
    assert!(
        quiet.contains("fatal: [web2]") && !quiet.contains("ok: ["),
        "{quiet}"
    );
}

#[test]
fn runs_are_listed_compared_and_removed() {
    let home = Home::new();
    assert!(home.told(&["runs"]).starts_with("no run is recorded in"));
    home.run(&[]);
    home.run(&["--limit", "web1,web2"]);
    let list = home.told(&["runs"]);
    assert_eq!(list.lines().count(), 3, "{list}");
    assert!(
        list.lines().nth(1).unwrap().contains("failed  site.yml"),
        "{list}"
    );
    let json: serde_json::Value = serde_json::from_str(&home.told(&["runs", "--json"])).unwrap();
    assert_eq!(json[0]["run"]["user"], "tester");
    assert_eq!(json[0]["hosts"]["web2"]["failed"], 1);
    assert_eq!(json[0]["run"]["limit"][0], "web1,web2");
    assert_eq!(json[0]["run"]["extra_vars"][0], "folder");
    let difference = home.told(&["runs", "diff"]);
    assert!(
        difference.contains("web1\n") && difference.contains("changed → ok"),
        "{difference}"
    );
    assert!(difference.contains("changed → not run"), "{difference}");
    let removed = home.told(&["runs", "prune", "--keep", "1"]);
    assert_eq!(removed.lines().count(), 1, "{removed}");
    assert_eq!(home.records().len(), 1);
}

#[test]
fn other_peoples_parsers_read_the_events_junit_and_metrics() {
    let Some(python) = validators() else {
        return;
    };
    let home = Home::new();
    let file = |name: &str| home.path().join(name).display().to_string();
    let (junit, metrics) = (file("junit.xml"), file("play.prom"));
    let done = home.run(&[
        "--output",
        "json",
        "--junit",
        &junit,
        "--metrics",
        &metrics,
        "--diff",
    ]);
    let lines = file("lines");
    fs::write(&lines, &done.stdout).unwrap();
    let [record]: [PathBuf; 1] = home.records().try_into().unwrap();
    for events in [lines, record.display().to_string()] {
        let done = Command::new(&python)
            .arg(folder().join("validate.py"))
            .arg(folder().join("../../docs/schema/events-1.json"))
            .args([&events, &junit, &metrics])
            .output()
            .unwrap();
        let said = text(&done.stdout) + &text(&done.stderr);
        assert!(done.status.success(), "{said}");
        assert!(said.contains("\"task_done\":"), "{said}");
        println!("{said}");
    }
}

#[test]
fn a_run_that_is_killed_keeps_what_it_told() {
    let home = Home::new();
    fs::write(
        home.path().join("slow.yml"),
        "- hosts: all\n  gather_facts: false\n  tasks:\n    - command: echo one\n    - command: sleep 60\n",
    )
    .unwrap();
    let playbook = home.path().join("slow.yml").display().to_string();
    let mut run = home
        .play(&["run", &playbook, "-i", "web1,", "-c", "local"])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let began = Instant::now();
    let told = || {
        home.records().iter().any(|record| {
            let lines = fs::read_to_string(record).unwrap_or_default();
            lines.matches("\"host_started\"").count() == 2
        })
    };
    while !told() {
        assert!(
            began.elapsed() < Duration::from_secs(30),
            "the run says nothing"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(home.told(&["runs"]).contains("running"));
    run.kill().unwrap();
    run.wait().unwrap();
    let list = home.told(&["runs"]);
    assert!(list.contains("killed"), "{list}");
    let json: serde_json::Value = serde_json::from_str(&home.told(&["runs", "--json"])).unwrap();
    assert_eq!(json[0]["hosts"]["web1"]["changed"], 1, "{json}");
    let done = home.play(&["runs", "show"]).output().unwrap();
    assert!(text(&done.stdout).contains("changed: [web1]"));
    assert!(text(&done.stderr).contains("this run was killed"));
}

#[test]
fn where_nothing_can_be_recorded_the_run_goes_on() {
    let home = Home::new();
    let command = |home: &Home| home.play(&["web1", "-i", "web1,", "-c", "local", "-a", "echo hi"]);
    let mut nowhere = command(&home);
    let done = nowhere
        .env("XDG_STATE_HOME", "/proc/none")
        .output()
        .unwrap();
    let said = text(&done.stderr);
    assert!(done.status.success(), "{said}");
    assert_eq!(said.matches("the run is not recorded").count(), 1, "{said}");
    assert_eq!(home.records().len(), 0);
    let mut unasked = command(&home);
    let done = unasked.env("PLAY_RECORD", "false").output().unwrap();
    assert!(
        done.status.success() && done.stderr.is_empty(),
        "{}",
        text(&done.stderr)
    );
    assert_eq!(home.records().len(), 0);
    assert!(
        command(&home)
            .arg("--no-record")
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(home.records().len(), 0);
    assert!(command(&home).status().unwrap().success());
    assert_eq!(home.records().len(), 1);
}

#[test]
fn many_runs_make_one_recap_and_one_page() {
    let home = Home::new();
    home.run(&["--limit", "web2"]);
    let one = home.play(&[
        "run",
        "site.yml",
        "-i",
        "hosts",
        "--limit",
        "web1",
        "-e",
        "folder=/tmp",
    ]);
    let mut one = one;
    one.arg("--tags").arg("none").status().unwrap();
    let runs = home.path().join(".local/state").display().to_string();
    let page = home.path().join("page.html");
    let page_text = page.display().to_string();
    let done = home
        .play(&["runs", "merge", &runs, "--report", &page_text])
        .output()
        .unwrap();
    assert_eq!(done.status.code(), Some(2), "{}", text(&done.stderr));
    assert!(
        text(&done.stdout).contains("2 runs, "),
        "{}",
        text(&done.stdout)
    );
    assert!(
        text(&done.stdout).contains("web2  "),
        "{}",
        text(&done.stdout)
    );
    assert!(fs::read_to_string(page).unwrap().contains("id=\"data\""));
}

#[test]
fn the_page_works_in_a_browser() {
    if !Path::new("/usr/bin/chromium").exists() {
        println!("record: no chromium");
        return;
    }
    let home = Home::new();
    home.run(&["--diff"]);
    let page = home.path().join("page.html").display().to_string();
    home.told(&["report", "-o", &page]);
    let done = Command::new("python3")
        .arg(folder().join("browser.py"))
        .arg(&page)
        .output()
        .unwrap();
    let said = text(&done.stdout) + &text(&done.stderr);
    assert!(done.status.success(), "{said}");
    println!("{said}");
}

/// Runs a script of this folder with the validators' Python; nothing where there is none.
fn python(script: &str, arguments: &[&str]) -> Option<String> {
    let done = Command::new(validators()?)
        .arg(folder().join(script))
        .args(arguments)
        .output()
        .unwrap();
    let said = text(&done.stdout) + &text(&done.stderr);
    assert!(done.status.success(), "{said}");
    println!("{said}");
    Some(said)
}

#[test]
fn callbacks_write_what_the_reference_was_recorded_to_write() {
    python("callbacks.py", &["--play", env!("CARGO_BIN_EXE_play")]);
}

#[test]
fn ansible_runner_reads_the_events() {
    python("runner.py", &[env!("CARGO_BIN_EXE_play")]);
}

#[test]
fn examples_are_as_their_schemas_want_them() {
    let Some(python) = validators() else {
        return;
    };
    let run = |name: &str, arguments: &[&str]| {
        let done = Command::new(python.with_file_name(name))
            .args(arguments)
            .current_dir(folder().join("../../examples"))
            .output()
            .unwrap();
        assert!(
            done.status.success(),
            "{}",
            text(&done.stdout) + &text(&done.stderr)
        );
    };
    run("kubernetes-validate", &["--strict", "kubernetes/job.yaml"]);
    let schema = [
        "--builtin-schema",
        "vendor.gitlab-ci",
        "gitlab/.gitlab-ci.yml",
    ];
    run("check-jsonschema", &schema);
}

#[test]
fn shares_of_the_hosts_make_the_whole() {
    let home = Home::new();
    let mut seen = Vec::new();
    for share in ["1/2", "2/2"] {
        let told = home.told(&["web", "-i", "hosts", "-m", "debug", "--partition", share]);
        seen.extend(
            told.lines()
                .filter_map(|line| line.split_once(" | "))
                .map(|(host, _)| host.to_owned()),
        );
    }
    seen.sort();
    assert_eq!(seen, ["web1", "web2", "web3"]);
    let mut auto = home.play(&["web", "-i", "hosts", "-m", "debug", "--partition", "auto"]);
    let done = auto
        .env("CI_NODE_INDEX", "3")
        .env("CI_NODE_TOTAL", "2")
        .output()
        .unwrap();
    assert!(
        text(&done.stderr).contains("`3/2` is not a share of hosts"),
        "{}",
        text(&done.stderr)
    );
}

/// Runs that are killed and resumed; the whole is `tests/record/resume.py PLAY 30 vagrant/.vagrant/hosts`.
#[test]
fn a_killed_run_goes_on_where_it_stopped() {
    let done = Command::new("python3")
        .args(["tests/record/resume.py", env!("CARGO_BIN_EXE_play"), "3"])
        .env("RESUME_SEED", "11")
        .output()
        .unwrap();
    let said = text(&done.stdout);
    assert!(done.status.success(), "{said}{}", text(&done.stderr));
    assert!(said.contains("3 trials, 0 wrong"), "{said}");
}

#[test]
fn a_handler_that_did_not_run_is_owed() {
    let home = Home::new();
    let folder = home.path().join("files");
    let run = |more: &[&str]| {
        let files = format!("folder={}", folder.display());
        let mut arguments = vec![
            "run",
            "owed.yml",
            "-i",
            "localhost,",
            "-c",
            "local",
            "-e",
            &files,
        ];
        arguments.extend(more);
        let done = home.play(&arguments).output().unwrap();
        (done.status.code(), text(&done.stdout), text(&done.stderr))
    };
    assert_eq!(run(&[]).0, Some(2));
    fs::write(folder.join("good"), "").unwrap();
    // The task is converged: nothing notifies the handler any more.
    let (code, out, err) = run(&[]);
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(err.contains("`Restart` was notified in an earlier run and has not run on localhost"));
    assert!(err.contains("`--owed` runs it"), "{err}");
    assert!(!folder.join("restarted").exists());
    let (code, out, err) = run(&["--owed"]);
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(out.contains("RUNNING HANDLER [Restart]"), "{out}");
    assert!(folder.join("restarted").exists());
    let (_, out, err) = run(&[]);
    assert!(!err.contains("Restart"), "{out}{err}");
    assert!(run(&["--owed"]).1.contains("No handler is owed"));
}

/// A folder of its own with a playbook, and what runs it there.
struct Book(Home);

impl Book {
    fn new(files: &[(&str, &str)]) -> Book {
        let book = Book(Home::new());
        for (name, text) in files {
            book.write(name, text);
        }
        book
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join("files").join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.0.play(arguments);
        command.current_dir(self.0.path().join("files"));
        command
    }

    /// The exit code, and all that is said.
    fn play(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let done = self.command(arguments).output().unwrap();
        let said = text(&done.stdout) + &text(&done.stderr);
        (done.status.code(), said)
    }

    /// Runs `p.yml` on `a` and `b`.
    fn run(&self, more: &[&str]) -> (Option<i32>, String) {
        let mut arguments = vec!["run", "p.yml", "-i", "a,b,", "-c", "local"];
        arguments.extend(more);
        self.play(&arguments)
    }

    /// Everything that stands in the folder of runs.
    fn kept(&self) -> String {
        let runs = fs::read_dir(self.0.path().join(".local/state/play/runs")).unwrap();
        let files = runs.flat_map(|run| fs::read_dir(run.unwrap().path()).unwrap());
        let texts = files.map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
        texts.collect()
    }
}

/// Two plays with a handler of one name; the second one's needs what a task of it brings.
const TWO_PLAYS: &str = "\
- hosts: a
  gather_facts: false
  tasks: [{debug: {msg: first}}]
  handlers: [{name: restart, command: echo wrong}]
- hosts: a
  gather_facts: false
  pre_tasks: [{debug: {msg: before}}]
  tasks:
    - set_fact: {service: nginx}
    - copy: {content: '{{ text | default(1) }}', dest: '{{ playbook_dir }}/conf'}
      notify: [restart, topic]
    - {command: 'false', when: fails is defined}
  handlers:
    - {name: restart, shell: 'echo right {{ service }} >> {{ playbook_dir }}/log'}
    - {name: other, shell: 'echo other >> {{ playbook_dir }}/log', listen: topic}
";

#[test]
fn what_is_owed_runs_behind_the_tasks_of_its_play_and_once() {
    let book = Book::new(&[("p.yml", TWO_PLAYS)]);
    let log = || fs::read_to_string(book.path("log")).unwrap_or_default();
    assert_eq!(book.run(&["-e", "fails=1"]).0, Some(2));
    // It fails before the handlers again: they are still owed.
    let (code, said) = book.run(&["--owed", "-e", "fails=1"]);
    assert!(
        code == Some(2) && said.contains("Still owed: `restart` on a"),
        "{said}"
    );
    // In check mode nothing is paid, and nothing is owed anew.
    let (_, said) = book.run(&["--check", "--owed"]);
    assert!(
        said.contains("Owed from an earlier run: `restart` on a"),
        "{said}"
    );
    assert!(said.contains("RUNNING HANDLER [restart]"), "{said}");
    assert_eq!(log(), "");
    let path = book.path("p.yml").display().to_string();
    let (_, said) = book.play(&["run", &path, "-i", "a,", "-c", "local"]);
    assert!(
        said.contains("`restart` was notified in an earlier run"),
        "{said}"
    );
    // This run notifies it, too.
    let (code, said) = book.run(&["--owed", "-e", "text=2"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(log(), "right nginx\nother\n");
    assert!(book.run(&["--owed"]).1.contains("No handler is owed"));
    let fails = ["-e", "fails=1", "-e", "text=3"];
    assert_eq!(book.run(&fails).0, Some(2));
    let (_, said) = book.run(&[
        "--owed",
        "--force-handlers",
        "-e",
        "fails=1",
        "-e",
        "text=3",
    ]);
    assert!(said.contains("RUNNING HANDLER [restart]"), "{said}");
    assert!(!said.contains("Still owed"), "{said}");
}

#[test]
fn what_is_owed_outlives_its_run() {
    let book = Book::new(&[("p.yml", TWO_PLAYS)]);
    assert_eq!(book.run(&["-e", "fails=1"]).0, Some(2));
    let (_, said) = book.play(&["runs", "prune", "--keep", "0"]);
    assert!(
        said.contains("the handlers that it owes are still kept"),
        "{said}"
    );
    assert!(book.play(&["runs"]).1.starts_with("no run is recorded"));
    let (_, said) = book.run(&["-t", "none"]);
    assert!(
        said.contains("`restart` was notified in an earlier run"),
        "{said}"
    );
    let (_, said) = book.run(&["--owed"]);
    assert!(said.contains("RUNNING HANDLER [restart]"), "{said}");
    let (_, said) = book.play(&["runs", "prune", "--keep", "0"]);
    assert!(!said.contains("owes"), "{said}");
    assert_eq!(
        fs::read_dir(book.0.path().join(".local/state/play/runs"))
            .unwrap()
            .count(),
        0
    );
    // A handler that its play does not have any more stays, and is told.
    assert_eq!(book.run(&["-e", "fails=1", "-e", "text=2"]).0, Some(2));
    let renamed = TWO_PLAYS.replace("{name: restart, shell", "{name: again, shell");
    book.write("p.yml", &renamed.replace("[restart, topic]", "topic"));
    let (_, said) = book.run(&["--owed"]);
    assert!(said.contains("Still owed: `restart` on a"), "{said}");
}

#[test]
fn a_run_that_goes_on_owes_nothing_yet() {
    let slow = TWO_PLAYS.replace(
        "command: 'false'",
        "wait_for: {path: '{{ playbook_dir }}/go'}",
    );
    let book = Book::new(&[("p.yml", &slow)]);
    let mut first = book
        .command(&["run", "p.yml", "-i", "a,", "-c", "local", "-e", "fails=1"])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let began = Instant::now();
    while book.0.records().is_empty() || !book.kept().contains("\"owed\"") {
        assert!(
            began.elapsed() < Duration::from_secs(30),
            "nothing is notified"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    let (_, said) = book.run(&["--owed"]);
    assert!(
        said.contains("goes on: what it owes is known when it has ended"),
        "{said}"
    );
    assert!(!said.contains("RUNNING HANDLER"), "{said}");
    book.write("go", "");
    assert!(first.wait().unwrap().success());
    assert!(book.run(&["--owed"]).1.contains("No handler is owed"));
}

/// Names of tasks, handlers and plays that have something out of a vault in them.
#[test]
fn nothing_that_is_written_has_a_name_out_of_a_vault() {
    let playbook = "\
- hosts: a
  name: play {{ sealed }}
  gather_facts: false
  tasks:
    - {name: 'title {{ sealed }}', command: echo hi, loop: ['{{ sealed }}'], loop_control: {label: 'L {{ item }}'}}
    - {name: notifies, command: 'true', notify: 'reload {{ sealed }}'}
    - {name: new, add_host: {name: new, ansible_password: '{{ sealed }}'}}
    - {command: 'false', when: fails is defined}
  handlers:
    - {name: 'reload {{ sealed }}', shell: 'echo ran >> {{ playbook_dir }}/log'}
";
    let book = Book::new(&[
        ("p.yml", playbook),
        ("sealed.yml", "sealed: Kx7PlantedWord"),
        ("pw", "pw\n"),
    ]);
    let (code, said) = book.play(&[
        "vault",
        "encrypt",
        "sealed.yml",
        "--vault-password-file",
        "pw",
    ]);
    assert_eq!(code, Some(0), "{said}");
    let files = [
        "--vault-password-file",
        "pw",
        "-e",
        "@sealed.yml",
        "--junit",
        "j.xml",
        "--metrics",
        "m.prom",
    ];
    let (code, said) = book.run(&[&files[..], &["-e", "fails=1", "-vv"]].concat());
    assert!(
        code == Some(2) && said.contains("TASK [title Kx7PlantedWord]"),
        "{said}"
    );
    book.write("plan.yml", "- hosts: a\n  gather_facts: false\n  tasks:\n    - {name: 'title {{ sealed }}', command: echo hi, register: o}\n    - {debug: {msg: '{{ o.stdout }}'}}\n");
    let (code, said) = book.play(&[
        "plan",
        "plan.yml",
        "-i",
        "a,",
        "-c",
        "local",
        "--vault-password-file",
        "pw",
        "-e",
        "@sealed.yml",
        "-o",
        "kept.plan",
    ]);
    assert_eq!(code, Some(2), "{said}");
    let plan = fs::read_to_string(book.path("kept.plan")).unwrap();
    assert!(
        plan.contains("title ***") && !plan.contains("Kx7"),
        "{plan}"
    );
    let look = |what: &str, text: &str| {
        assert!(
            text.contains("title ***") || what == "owed",
            "{what}: {text}"
        );
        assert!(!text.contains("Kx7PlantedWord"), "{what}: {text}");
    };
    let kept = book.kept();
    look("record", &kept);
    assert!(kept.contains("\"handler\": \"reload ***\""), "{kept}");
    for name in ["j.xml", "m.prom"] {
        look(name, &fs::read_to_string(book.path(name)).unwrap());
    }
    look("show", &book.play(&["runs", "show"]).1);
    book.play(&["report", "-o", "r.html"]);
    look("page", &fs::read_to_string(book.path("r.html")).unwrap());
    let (_, said) = book.run(&[&files[..4], &["--owed", "-t", "none"]].concat());
    assert!(
        said.contains("Owed from an earlier run: `reload ***` on a"),
        "{said}"
    );
    assert_eq!(
        fs::read_to_string(book.path("log")).unwrap(),
        "ran\n",
        "{said}"
    );
    assert!(!said.contains("Still owed"), "{said}");
    look("owed", &book.kept());
}

const WANTS_A_FILE: &str = "\
- hosts: all
  gather_facts: false
  vars_files: [[first.yml, second.yml], ['{{ inventory_hostname }}.yml', second.yml]]
  roles: [r]
  tasks:
    - shell: echo {{ inventory_hostname }} {{ x | default('none') }} >> {{ playbook_dir }}/log
    - command: test -e {{ playbook_dir }}/ok_{{ inventory_hostname }}
    - shell: echo {{ inventory_hostname }} two >> {{ playbook_dir }}/log
";

#[test]
fn a_run_is_not_resumed_with_files_of_variables_that_it_did_not_have() {
    let book = Book::new(&[
        ("p.yml", WANTS_A_FILE),
        ("second.yml", "y: 1"),
        ("roles/r/tasks/main.yml", "[]"),
        (
            "inv/hosts",
            "a ansible_connection=local\nb ansible_connection=local\n",
        ),
    ]);
    let run = |more: &[&str]| book.play(&[&["run", "p.yml", "-i", "inv"], more].concat());
    assert_eq!(run(&["-l", "a"]).0, Some(2));
    book.write("ok_a", "");
    book.write("ok_b", "");
    for name in [
        "host_vars/a.yml",
        "group_vars/all.yml",
        "inv/group_vars/all.yml",
        "inv/more",
        "first.yml",
        "roles/r/vars/main.yml",
        "a.yml",
    ] {
        book.write(name, if name == "inv/more" { "c\n" } else { "x: new" });
        let (code, said) = run(&["--resume", "-l", "a"]);
        assert!(
            code != Some(0) && said.contains("variables have come since, in"),
            "{name}: {said}"
        );
        assert!(said.contains(&format!("{name}`")), "{name}: {said}");
        assert!(!said.contains("changed: [a]"), "{name}: {said}");
        fs::remove_file(book.path(name)).unwrap();
    }
    // What another host has is nothing to this one.
    book.write("host_vars/b.yml", "x: new");
    book.write("b.yml", "x: new");
    let (code, said) = run(&["--resume"]);
    assert_eq!(code, Some(0), "{said}");
    let log = fs::read_to_string(book.path("log")).unwrap();
    assert_eq!(log.matches("a none").count(), 1, "{log}");
    assert!(log.contains("b new\n"), "{log}");
}

#[test]
fn what_is_left_for_a_host_is_found() {
    let text = WANTS_A_FILE.replace("  roles: [r]\n", "");
    let book = Book::new(&[("p.yml", &text), ("second.yml", "y: 1")]);
    let log = || fs::read_to_string(book.path("log")).unwrap_or_default();
    assert_eq!(book.run(&[]).0, Some(2));
    book.write("ok_a", "");
    let (code, said) = book.run(&["--resume", "-l", "a"]);
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = book.run(&["--resume", "-l", "a"]);
    assert!(
        code == Some(5)
            && said.contains("ended well for these hosts: nothing is left")
            && said.contains("left something for b"),
        "{said}"
    );
    book.write("ok_b", "");
    let (code, said) = book.run(&["--resume", "-l", "b"]);
    assert_eq!(code, Some(0), "{said}");
    let mut lines: Vec<String> = log().lines().map(str::to_owned).collect();
    lines.sort();
    assert_eq!(lines, ["a none", "a two", "b none", "b two"]);
    let (code, said) = book.run(&["--resume"]);
    assert!(
        code == Some(5) && said.contains("nothing is left"),
        "{said}"
    );
    // A host that no run had may join one that left something.
    fs::remove_file(book.path("ok_a")).unwrap();
    let text =
        "a ansible_connection=local\nb ansible_connection=local\nc ansible_connection=local\n";
    book.write("inv", text);
    let run = |more: &[&str]| book.play(&[&["run", "q.yml", "-i", "inv"], more].concat());
    book.write("q.yml", &fs::read_to_string(book.path("p.yml")).unwrap());
    assert_eq!(run(&["-l", "a"]).0, Some(2));
    book.write("ok_c", "");
    let (code, said) = run(&["--resume", "-l", "c"]);
    assert!(code == Some(0) && said.contains("Resuming run"), "{said}");
    book.write("ok_a", "");
    fs::remove_file(book.path("log")).unwrap();
    let (code, said) = run(&["--resume"]);
    assert!(
        code == Some(0)
            && !log().contains("c none")
            && !log().contains("a none")
            && log().contains("a two"),
        "{said}{}",
        log()
    );
    fs::remove_file(book.path("log")).unwrap();
    // A run of one host alone, which is no resumption, leaves what another one left.
    fs::remove_file(book.path("ok_b")).unwrap();
    assert_eq!(book.run(&[]).0, Some(2));
    assert_eq!(book.run(&["-l", "a"]).0, Some(0));
    book.write("ok_b", "");
    let (code, said) = book.run(&["--resume", "-l", "b"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(log().matches("b none").count(), 1, "{}", log());
}

#[test]
fn shares_that_are_missing_are_told_and_resumed_ones_count_once() {
    let book = Book::new(&[(
        "p.yml",
        "- hosts: all\n  gather_facts: false\n  tasks:\n    - command: test -e {{ playbook_dir }}/ok\n",
    )]);
    let share = |share: &str, more: &[&str]| {
        let words = [
            "run",
            "p.yml",
            "-i",
            "a,b,c,d,e,f,",
            "-c",
            "local",
            "--partition",
            share,
        ];
        book.play(&[&words[..], more].concat())
    };
    let runs = book
        .0
        .path()
        .join(".local/state/play/runs")
        .display()
        .to_string();
    let merge = || book.play(&["runs", "merge", &runs]);
    assert_eq!(share("1/3", &[]).0, Some(2));
    book.write("ok", "");
    assert_eq!(share("2/3", &[]).0, Some(0));
    let (code, said) = merge();
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("the share 3/3 of p.yml is missing"), "{said}");
    assert_eq!(share("3/3", &[]).0, Some(0));
    assert_eq!(merge().0, Some(2));
    assert_eq!(share("1/3", &["--resume"]).0, Some(0));
    let (code, said) = merge();
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("failed=0") && !said.contains("failed=1"),
        "{said}"
    );
}

#[test]
fn a_host_that_a_run_did_not_have_is_not_shown() {
    let home = Home::new();
    home.run(&[]);
    let done = home
        .play(&["runs", "show", "--host", "web9"])
        .output()
        .unwrap();
    assert_eq!(done.status.code(), Some(5));
    let said = text(&done.stderr);
    assert!(said.contains("has no host `web9`"), "{said}");
}

#[test]
fn what_cannot_be_resumed_says_why() {
    let home = Home::new();
    let files = format!("folder={}", home.path().join("files").display());
    let base = ["run", "owed.yml", "-i", "localhost,", "-c", "local"];
    let run = |more: &[&str]| {
        let mut arguments = base.to_vec();
        arguments.extend(more);
        let done = home.play(&arguments).output().unwrap();
        (done.status.code(), text(&done.stderr))
    };
    assert_eq!(run(&["-e", &files]).0, Some(2));
    for (more, why) in [
        (
            &["-e", &files, "--resume", "-t", "a"][..],
            "its `--tags` were none",
        ),
        (
            &["-e", "folder=/tmp", "--resume"],
            "`--extra-vars` were others",
        ),
        (&["-e", &files, "--resume="], "no run is named"),
        (
            &["-e", &files, "--resume", "2019"],
            "no run `2019` is recorded",
        ),
        (
            &["-e", &files, "--resume", "--no-record"],
            "that is recorded",
        ),
        (
            &["-e", &files, "--resume", "last", "-C"],
            "no run of these playbooks",
        ),
    ] {
        let (code, err) = run(more);
        assert_eq!(code, Some(5), "{more:?}: {err}");
        assert!(err.contains(why), "{more:?}: {err}");
    }
    fs::write(home.path().join("files/good"), "").unwrap();
    assert_eq!(run(&["-e", &files, "--resume"]).0, Some(0));
    let (code, err) = run(&["-e", &files, "--resume"]);
    assert!(code == Some(5) && err.contains("ended well"), "{err}");
}

/// Plans, applies and runs in a folder of their own.
fn plans(home: &Home, arguments: &[&str]) -> (Option<i32>, String) {
    let files = format!("folder={}", home.path().join("files").display());
    let hosts = ["-i", "localhost,", "-c", "local", "-e", &files];
    let more = if arguments[0] == "apply" {
        &[][..]
    } else {
        &hosts
    };
    let done = home.play(&[arguments, more].concat()).output().unwrap();
    (done.status.code(), text(&done.stdout) + &text(&done.stderr))
}

/// Everything that a plan is made of is to be there as it was: what is not read before a task comes to it, too.
#[test]
fn a_plan_is_refused_where_what_it_was_made_of_is_not_the_same() {
    let home = Home::new();
    let site = home.path().join("site");
    let write = |name: &str, text: &str| {
        let path = site.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let play = |words: &[&str]| {
        let done = home.play(words).current_dir(&site).output().unwrap();
        (done.status.code(), text(&done.stdout) + &text(&done.stderr))
    };
    let book = "- hosts: all\n  gather_facts: false\n  tasks:\n";
    for (task, name, before, after) in [
        (
            "shell: echo \"{{ x }}\" >> said",
            "more.yml",
            Some("x: 1\n"),
            "x: 2\n",
        ),
        (
            "script: said.sh",
            "files/said.sh",
            Some("#!/bin/sh\necho one > said\n"),
            "#!/bin/sh\necho two > said\n",
        ),
        (
            "copy: {src: some/, dest: \"{{ playbook_dir }}/said\"}",
            "files/some/b",
            None,
            "b",
        ),
        (
            "include_vars: {dir: some_vars}",
            "vars/some_vars/b.yml",
            None,
            "n: new\n",
        ),
        (
            "shell: echo {{ x }} >> said",
            "ansible.cfg",
            None,
            "[defaults]\nhash_behaviour=merge\n",
        ),
    ] {
        let _ = fs::remove_dir_all(&site);
        write("more.yml", "x: 1\n");
        write("files/some/a", "a");
        write("vars/some_vars/a.yml", "n: old\n");
        write(
            "site.yml",
            &format!("{book}    - {task}\n    - shell: echo {{{{ n | default }}}} >> said.last\n"),
        );
        if let Some(before) = before {
            write(name, before);
        }
        let words = [
            "plan",
            "site.yml",
            "-i",
            "a,",
            "-c",
            "local",
            "-e",
            "@more.yml",
            "-o",
            "plan",
        ];
        let (code, said) = play(&words);
        assert_eq!(code, Some(2), "{task}: {said}");
        write(name, after);
        let (code, said) = play(&["apply", "plan"]);
        assert!(matches!(code, Some(4 | 5)), "{task}: {code:?} {said}");
        let file = name.rsplit('/').next().unwrap();
        assert!(said.contains(file), "{task}: {said}");
        for left in ["said", "said.last"] {
            assert!(!site.join(left).exists(), "{task}: {said}");
        }
    }
}

#[test]
fn a_plan_of_what_only_looks_has_nothing_to_do() {
    let home = Home::new();
    let looks = "- hosts: all\n  gather_facts: false\n  tasks:\n    - command: echo x\n      changed_when: false\n      \
                 register: said\n    - debug: {msg: \"{{ said.stdout }}\"}\n    - assert: {that: said.rc == 0}\n";
    let book = home.path().join("looks.yml");
    let book = book.to_str().unwrap();
    fs::write(book, looks).unwrap();
    let (code, said) = plans(&home, &["plan", book]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("known later"), "{said}");
    let uses = looks.to_owned() + "    - command: touch x\n      when: said.stdout == 'y'\n";
    fs::write(book, uses).unwrap();
    let (code, said) = plans(&home, &["plan", book]);
    assert_eq!(code, Some(2), "{said}");
}

#[test]
fn a_plan_knows_projections_of_what_is_not_known_later() {
    let home = Home::new();
    let book = home.path().join("projected.yml");
    let text = "- hosts: all\n  gather_facts: false\n  tasks:\n    - command: echo {{ item }}\n      loop: [1, 2]\n      \
                register: {last: _task.result.stdout, all: _task.loop_result.results | length}\n    - command: echo x\n      \
                register: {one: _task.result.stdout}\n    - debug: {msg: \"{{ last }}\"}\n    - debug: {msg: \"{{ all }} {{ one }}\"}\n";
    fs::write(&book, text).unwrap();
    let (code, said) = plans(&home, &["plan", book.to_str().unwrap()]);
    assert_eq!(said.matches("? debug").count(), 2, "{said}");
    assert!(code == Some(2) && !said.contains("projection"), "{said}");
}

/// A playbook of its own, planned for a host, and applied after `between`.
struct Planned {
    home: Home,
    plan: String,
    said: String,
    code: Option<i32>,
}

impl Planned {
    fn new(tasks: &str, before: &str) -> Planned {
        let home = Home::new();
        let files = home.path().join("files");
        let book = home.path().join("own.yml");
        fs::write(
            &book,
            format!("- hosts: all\n  gather_facts: false\n{tasks}"),
        )
        .unwrap();
        shell(&files, before);
        let plan = home.path().join("plan").display().to_string();
        let (code, said) = plans(&home, &["plan", book.to_str().unwrap(), "-o", &plan]);
        Planned {
            home,
            plan,
            said,
            code,
        }
    }

    fn apply(&self, between: &str) -> (Option<i32>, String) {
        shell(&self.home.path().join("files"), between);
        plans(&self.home, &["apply", &self.plan])
    }

    fn has(&self, name: &str) -> bool {
        self.home.path().join("files").join(name).exists()
    }
}

fn shell(folder: &Path, text: &str) {
    let mut command = std::process::Command::new("/bin/sh");
    let done = command.args(["-ec", text]).current_dir(folder).status();
    assert!(done.unwrap().success(), "{text}");
}

/// One task that cannot be planned opens only what comes behind it.
#[test]
fn what_a_plan_saw_is_compared_before_a_task_that_it_could_not_see() {
    for (tasks, before, between, kept) in [
        (
            "  tasks:\n    - stat: {path: \"{{ folder }}/standby\"}\n      register: s\n    - file: {path: \"{{ folder }}/data\", \
             state: absent}\n      when: s.stat.exists\n    - command: 'true'\n",
            "mkdir data",
            "touch standby",
            "data",
        ),
        (
            "  tasks:\n    - find: {paths: \"{{ folder }}/rel\", file_type: any}\n      register: f\n    - command: rm {{ item }}\n      \
             loop: \"{{ f.files | map(attribute='path') | sort }}\"\n",
            "mkdir rel; touch rel/1",
            "touch rel/2",
            "rel/2",
        ),
        (
            "  tasks:\n    - slurp: {src: \"{{ folder }}/name\"}\n      register: n\n    - command: rm {{ folder }}/{{ n.content | \
             b64decode | trim }}\n",
            "echo a > name; touch a b",
            "echo b > name",
            "b",
        ),
        (
            "  tasks:\n    - block:\n        - stat: {path: \"{{ folder }}/x\"}\n          register: x\n        - fail: {msg: no}\n          \
             when: not x.stat.exists\n        - file: {path: \"{{ folder }}/data\", state: absent}\n      rescue:\n        - debug: \
             {msg: saved}\n    - command: 'true'\n",
            "mkdir data",
            "touch x",
            "data",
        ),
    ] {
        let planned = Planned::new(tasks, before);
        let (code, said) = planned.apply(between);
        assert_eq!(code, Some(4), "{tasks}\n{}\n{said}", planned.said);
        assert!(planned.has(kept), "{tasks}\n{said}");
    }
}

/// A condition that does not hold any more leaves nothing undone in silence.
#[test]
fn a_task_of_the_plan_is_not_skipped_in_silence() {
    let tasks = "  tasks:\n    - stat: {path: \"{{ folder }}/s\"}\n      register: s\n    - copy: {dest: \"{{ folder }}/d\", content: x}\n      \
                 when: s.stat.exists\n";
    let planned = Planned::new(tasks, "touch s");
    let (code, said) = planned.apply("rm s");
    assert_eq!(code, Some(4), "{said}");
    assert!(
        said.contains("its condition does not hold any more"),
        "{said}"
    );
}

/// What check mode does not show, the plan says, and apply does.
#[test]
fn what_check_mode_does_not_show_is_done() {
    let tasks = "  tasks:\n    - fetch: {src: \"{{ folder }}/a\", dest: \"{{ folder }}/got/\", flat: true}\n    - copy: {dest: \"{{ folder \
                 }}/quiet\", content: x}\n      changed_when: false\n";
    let planned = Planned::new(tasks, "echo a > a");
    assert!(
        planned.said.contains("! fetch") && planned.said.contains("~ copy"),
        "{}",
        planned.said
    );
    let (code, said) = planned.apply("true");
    assert_eq!(code, Some(0), "{said}");
    assert!(planned.has("got/a") && planned.has("quiet"), "{said}");
}

/// What an earlier task of the plan undoes is not as it should be.
#[test]
fn what_an_earlier_task_makes_necessary_is_known_later() {
    for (tasks, before, line) in [
        (
            "  tasks:\n    - name: clean\n      file: {path: \"{{ folder }}/d\", state: absent}\n    - name: mkdir\n      file: {path: \"{{ folder \
             }}/d\", state: directory}\n    - name: fill\n      copy: {content: new, dest: \"{{ folder }}/d/app\"}\n      notify: restart\n  \
             handlers: [{name: restart, command: \"touch {{ folder }}/restarted\"}]\n",
            "mkdir d; printf new > d/app",
            "? mkdir",
        ),
        (
            "  tasks:\n    - name: write\n      copy: {content: \"a\\n\", dest: \"{{ folder }}/c\"}\n    - name: line\n      lineinfile: {path: \
             \"{{ folder }}/c\", line: b}\n      notify: restart\n  handlers: [{name: restart, command: \"touch {{ folder }}/restarted\"}]\n",
            "printf 'b\\n' > c",
            "? line",
        ),
        (
            "  tasks:\n    - name: remove\n      file: {path: \"{{ folder }}/m\", state: absent}\n    - name: make\n      command: touch {{ folder \
             }}/restarted\n      args: {creates: \"{{ folder }}/m\"}\n",
            "touch m",
            " make",
        ),
    ] {
        let planned = Planned::new(tasks, before);
        assert!(planned.said.contains(line), "{}", planned.said);
        let (code, said) = planned.apply("true");
        assert_eq!(code, Some(0), "{}\n{said}", planned.said);
        assert!(planned.has("restarted"), "{}\n{said}", planned.said);
    }
}

/// A file of the controller that the plan itself would write.
#[test]
fn files_that_a_plan_would_make_are_known_later() {
    for before in ["true", "echo old > gen"] {
        let tasks = "  tasks:\n    - name: gen\n      copy: {content: new, dest: \"{{ folder }}/gen\"}\n      delegate_to: localhost\n    - \
                     name: use\n      copy: {src: \"{{ folder }}/gen\", dest: \"{{ folder }}/used\"}\n    - name: secret\n      copy: {content: \
                     \"{{ word }}\", dest: \"{{ folder }}/word\"}\n      vars: {word: \"{{ lookup('password', folder ~ '/pw') }}\"}\n";
        let planned = Planned::new(tasks, before);
        assert!(planned.said.contains("? use"), "{}", planned.said);
        assert!(
            planned.said.contains("? secret") && !planned.has("pw"),
            "{}",
            planned.said
        );
        let (code, said) = planned.apply("true");
        assert_eq!(code, Some(0), "{}\n{said}", planned.said);
        assert!(planned.has("used") && planned.has("pw"), "{said}");
    }
}

/// Hosts whose names a plan could not know.
#[test]
fn hosts_that_come_while_a_plan_is_applied_are_not_strangers() {
    let tasks = "  tasks:\n    - command: echo new\n      register: c\n    - add_host: {name: \"{{ c.stdout }}\", groups: fresh, \
                 ansible_connection: local}\n- hosts: fresh\n  gather_facts: false\n  tasks:\n    - copy: {dest: \"{{ folder }}/{{ \
                 inventory_hostname }}\", content: x}\n";
    let planned = Planned::new(tasks, "true");
    let (code, said) = planned.apply("true");
    assert_eq!(code, Some(0), "{}\n{said}", planned.said);
    assert!(planned.has("new"), "{said}");
}

/// A plan is written over no file that is none.
#[test]
fn a_plan_takes_no_others_place() {
    let planned = Planned::new("  tasks: [{command: 'true'}]\n", "echo precious > book");
    let file = planned.home.path().join("files/book");
    let book = planned.home.path().join("own.yml");
    let words = ["plan", book.to_str().unwrap(), "-o", file.to_str().unwrap()];
    let (code, said) = plans(&planned.home, &words);
    assert!(code == Some(5) && said.contains("is no plan"), "{said}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "precious\n");
    // An old plan is.
    let words = ["plan", book.to_str().unwrap(), "-o", &planned.plan];
    assert_eq!(
        (planned.code, plans(&planned.home, &words).0),
        (Some(2), Some(2))
    );
    let file = planned.home.path().join("none.plan");
    let words = [
        "plan",
        book.to_str().unwrap(),
        "-i",
        "nofile",
        "-o",
        file.to_str().unwrap(),
    ];
    let done = planned.home.play(&words).output().unwrap();
    assert_eq!(done.status.code(), Some(1), "{}", text_of(&done));
    assert!(text_of(&done).contains("No host matched") && !file.exists());
    let (_, said) = plans(&planned.home, &["apply", "missing.plan"]);
    assert!(
        said.contains("`play plan PLAYBOOK -o FILE` makes a plan"),
        "{said}"
    );
}

#[test]
fn a_plan_says_why_a_task_fails_and_that_a_rescue_follows() {
    let home = Home::new();
    let book = home.path().join("rescued.yml");
    let text = "- hosts: all\n  gather_facts: false\n  tasks:\n    - block:\n        - fail: {msg: not today}\n      rescue:\n        \
                - copy: {dest: \"{{ folder }}/x\", content: x}\n";
    fs::write(&book, text).unwrap();
    let words = ["plan", book.to_str().unwrap()];
    let (code, said) = plans(&home, &words);
    assert!(said.contains("not today (a rescue follows)"), "{said}");
    assert!(said.contains("Plan: 1 to change.\n"), "{said}");
    assert_eq!(code, Some(2), "{said}");
    fs::write(
        &book,
        text.to_owned() + "    - debug: {msg: \"{{ nothing }}\"}\n",
    )
    .unwrap();
    let (code, said) = plans(&home, &words);
    assert!(said.contains("\n      'nothing' is undefined\n"), "{said}");
    assert_eq!(code, Some(1), "{said}");
}

/// What an earlier task of the plan does on that host is not announced again.
#[test]
fn a_plan_announces_the_very_same_change_once() {
    let home = Home::new();
    let book = home.path().join("same.yml");
    let text = "- hosts: all\n  gather_facts: false\n  tasks:\n    - name: Once for all\n      copy: {dest: \"{{ folder }}/x\", \
                content: x}\n      delegate_to: a\n    - name: Other\n      copy: {dest: \"{{ folder }}/{{ inventory_hostname }}\", \
                content: x}\n      delegate_to: a\n    - name: Again\n      file: {path: \"{{ folder }}/{{ inventory_hostname }}.t\", state: touch}\n";
    fs::write(&book, text).unwrap();
    let files = format!("folder={}", home.path().join("files").display());
    let plan = home.path().join("plan");
    let (book, plan) = (book.to_str().unwrap(), plan.to_str().unwrap());
    let words = [
        "plan", book, "-i", "a,b,c", "-c", "local", "-e", &files, "-o", plan,
    ];
    let done = home.play(&words).output().unwrap();
    let said = text_of(&done);
    assert_eq!(said.matches("~ Once for all").count(), 1, "{said}");
    assert!(said.contains("known after `Once for all`"), "{said}");
    assert_eq!(said.matches("~ Other").count(), 3, "{said}");
    assert!(!said.contains("? Again"), "{said}");
    let done = home.play(&["apply", plan]).output().unwrap();
    assert!(done.status.success(), "{}", text_of(&done));
}

fn text_of(done: &std::process::Output) -> String {
    text(&done.stdout) + &text(&done.stderr)
}

#[test]
fn a_plan_says_what_would_change_and_what_is_not_known() {
    let home = Home::new();
    let (files, plan) = (home.path().join("files"), home.path().join("plan"));
    let plan = plan.to_str().unwrap();
    let (code, said) = plans(&home, &["plan", "plan.yml", "-o", plan]);
    assert_eq!(code, Some(2), "{said}");
    assert_eq!(fs::read_dir(&files).unwrap().count(), 0, "{said}");
    for line in [
        "  ~ Folder  [plan.yml:",
        "  ~ Configuration  [plan.yml:",
        "      +b\n",
        "  ? Look  [plan.yml:20]\n      known after `Configuration`",
        "  ? Where it is there  [plan.yml:24]\n      known after `Configuration`",
        "  ! Program  [plan.yml:29]\n      runs",
        "  ? Use  [plan.yml:33]\n      known after `Program`",
        "  ? Each  [plan.yml:40]\n      known after `Program`",
        "  ? Part  [plan.yml:45]\n      known after `Program`",
        "  ? Not in check mode  [plan.yml:47]\n      known when the plan is applied",
        "  ~ Line  [plan.yml:",
        "  ~ Restart  [plan.yml:",
        "  ? Reload  [plan.yml:8]\n      known after `Program`",
        "Plan: 4 to change, 9 known later.",
    ] {
        assert!(said.contains(line), "{line}\n{said}");
    }
    // What the playbook's own words say is known, whatever changes before: it fails, and is ignored.
    assert!(!said.contains("Refuse"), "{said}");
    let (code, said) = plans(&home, &["apply", plan]);
    assert_eq!(code, Some(0), "{said}");
    for (name, content) in [
        ("conf.d/main", "a\nb\n"),
        ("restarted", "yes"),
        ("reloaded", "reload\n"),
        ("there", "there"),
        ("said", "planned"),
        ("planned", "planned"),
        ("part", "part"),
        ("really", "really"),
        ("steady", "x\n"),
    ] {
        let found = fs::read_to_string(files.join(name)).unwrap_or_default();
        assert_eq!(found, content, "{name}: {said}");
    }
}

#[test]
fn whatever_uses_what_is_not_known_is_known_later() {
    let home = Home::new();
    let (plan, files) = (home.path().join("plan"), home.path().join("files"));
    let plan = plan.to_str().unwrap();
    let (code, said) = plans(&home, &["plan", "unknown.yml", "-o", plan]);
    assert_eq!(code, Some(2), "{said}");
    for task in [
        "Show",
        "Show an expression",
        "Require",
        "Template",
        "Choose a handler",
        "Once",
    ] {
        let line = format!("  ? {task}  [unknown.yml:");
        assert!(said.contains(&line), "{line}\n{said}");
    }
    assert!(said.contains("  ~ Known  ["), "{said}");
    // Whether the host is still there is not known either, until the play ends.
    for task in ["Leave", "After", "Restart 1.2", "End", "Never"] {
        let line = format!("  ? {task}  [unknown.yml:");
        let behind = said.split_once(&line).expect(&line).1;
        assert!(
            behind
                .lines()
                .nth(1)
                .unwrap()
                .contains("known after `Version`"),
            "{said}"
        );
    }
    assert!(said.contains("  ~ The next play  ["), "{said}");
    for task in ["Account", "Show the account", "No default"] {
        let line = format!("  ? {task}  [unknown.yml:");
        let behind = said.split_once(&line).expect(&line).1;
        assert!(
            behind
                .lines()
                .nth(1)
                .unwrap()
                .contains("known after `Template`"),
            "{said}"
        );
    }
    assert!(!said.contains("  x ") && !said.contains("<<"), "{said}");
    let (code, said) = plans(&home, &["apply", plan]);
    assert_eq!(code, Some(0), "{said}");
    let version = fs::read_to_string(files.join("version")).unwrap();
    assert_eq!(version, "1.2\n");
    for name in ["known", "after", "restarted", "next", "chosen"] {
        assert!(files.join(name).exists(), "{name}: {said}");
    }
    assert!(!files.join("never").exists(), "{said}");
}

#[test]
fn only_a_whole_plan_of_our_own_is_applied() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    let (plan, files) = (home.path().join("plan"), home.path().join("files"));
    let name = plan.to_str().unwrap();
    let book = home.path().join("steady.yml");
    fs::copy(folder().join("steady.yml"), &book).unwrap();
    let book = book.to_str().unwrap();
    assert_eq!(plans(&home, &["plan", book, "-o", name]).0, Some(2));
    let whole = fs::read(&plan).unwrap();
    let text = String::from_utf8(whole.clone()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let shorter = lines[..lines.len() - 2].join("\n") + "\n";
    for (bytes, why) in [
        (b"\xff\xfe nonsense".to_vec(), "is no plan"),
        (Vec::new(), "is no plan"),
        (
            whole[..whole.len() - 1].to_vec(),
            "is not as `play plan` left it",
        ),
        (shorter.into_bytes(), "is not as `play plan` left it"),
        (
            text.replace("\"changed\": true", "\"changed\": false")
                .into_bytes(),
            "is not as `play plan` left it",
        ),
    ] {
        fs::write(&plan, bytes).unwrap();
        let (code, said) = plans(&home, &["apply", name]);
        assert!(code == Some(5) && said.contains(why), "{code:?}: {said}");
    }
    fs::write(&plan, &whole).unwrap();
    fs::set_permissions(&plan, fs::Permissions::from_mode(0o666)).unwrap();
    let (code, said) = plans(&home, &["apply", name]);
    assert!(
        code == Some(5) && said.contains("anybody may write to"),
        "{code:?}: {said}"
    );
    fs::set_permissions(&plan, fs::Permissions::from_mode(0o600)).unwrap();
    // Variables that were not there are others, too.
    let variables = home.path().join("group_vars");
    let seen = fs::read_dir(&files).unwrap().count();
    fs::create_dir_all(&variables).unwrap();
    fs::write(variables.join("all.yml"), "new: 1\n").unwrap();
    let (code, said) = plans(&home, &["apply", name]);
    fs::remove_dir_all(&variables).unwrap();
    assert!(
        code == Some(5) && said.contains("the plan was made without `"),
        "{code:?}: {said}"
    );
    assert_eq!(fs::read_dir(&files).unwrap().count(), seen, "{said}");
    assert_eq!(plans(&home, &["apply", name]).0, Some(0));
}

#[test]
fn a_run_counts_once_however_often_it_is_named() {
    let home = Home::new();
    let files = format!("folder={}", home.path().join("files").display());
    let done = home.told(&[
        "run",
        "steady.yml",
        "-i",
        "localhost,",
        "-c",
        "local",
        "-e",
        &files,
    ]);
    assert!(done.contains("ok=3"), "{done}");
    let merged = home
        .play(&["runs", "merge", "last", "last", "--json"])
        .output()
        .unwrap();
    let said: serde_json::Value = serde_json::from_slice(&merged.stdout).unwrap();
    assert_eq!(said["runs"].as_array().unwrap().len(), 1, "{said}");
    assert_eq!(said["hosts"]["localhost"]["ok"], 3, "{said}");
    assert!(
        text(&merged.stderr).contains("counts once"),
        "{}",
        text(&merged.stderr)
    );
}

#[test]
fn what_means_nothing_to_a_plan_is_refused() {
    let home = Home::new();
    let plan = home.path().join("plan");
    for option in [
        "--list-tasks",
        "--syntax-check",
        "--owed",
        "--step",
        "--output=json",
        "--junit=x",
        "--resume=last",
    ] {
        let words = ["plan", "steady.yml", option, "-o", plan.to_str().unwrap()];
        let (code, said) = plans(&home, &words);
        assert!(
            code == Some(5) && said.contains("means nothing to a plan"),
            "{option}: {said}"
        );
        assert!(!plan.exists(), "{option}");
    }
    for option in [
        "plan -o -",
        "run --metrics -",
        "run --junit -",
        "run --junit=",
    ] {
        let (verb, option) = option.split_once(' ').unwrap();
        let words: Vec<&str> = option.split(' ').collect();
        let (code, said) = plans(&home, &[&[verb, "steady.yml"], &words[..]].concat());
        assert_eq!(code, Some(2), "{option}: {said}");
    }
    assert!(!Path::new("-").exists());
}

#[test]
fn nobody_waits_for_a_plan_and_a_secret_stays_one() {
    let home = Home::new();
    let plan = home.path().join("plan");
    let words = ["plan", "waits.yml", "-o", plan.to_str().unwrap()];
    let (code, said) = plans(&home, &words);
    assert_eq!(code, Some(2), "{said}");
    for line in [
        "  ! Wait  [waits.yml:",
        "  ! Until it is there  [waits.yml:",
        "  ? Secret  [waits.yml:",
        "known later (censored due to no_log)",
        "  ~ Last  [waits.yml:",
    ] {
        assert!(said.contains(line), "{line}\n{said}");
    }
    let kept = fs::read_to_string(&plan).unwrap();
    assert!(!(said + &kept).contains("PLANTED"), "{kept}");
}

#[test]
fn a_host_that_moved_is_left_alone_whoever_ignores_it() {
    let home = Home::new();
    let plan = home.path().join("plan");
    let plan = plan.to_str().unwrap();
    let first = home.path().join("files/first");
    fs::write(&first, "seen\n").unwrap();
    assert_eq!(
        plans(&home, &["plan", "moved.yml", "-C", "-o", plan]).0,
        Some(2)
    );
    fs::write(&first, "other\n").unwrap();
    let (code, said) = plans(&home, &["apply", plan]);
    assert_eq!(code, Some(4), "{said}");
    assert!(
        said.contains("at `First`, what it changes is not what it was"),
        "{said}"
    );
    assert!(!home.path().join("files/next").exists(), "{said}");
    fs::write(&first, "seen\n").unwrap();
    // `--check` was typed with the plan, and does not hold for what applies it.
    assert_eq!(plans(&home, &["apply", plan]).0, Some(0));
    assert!(home.path().join("files/next").exists());
}

#[test]
fn a_plan_is_applied_to_hosts_that_are_as_it_saw_them() {
    let home = Home::new();
    let (files, plan) = (home.path().join("files"), home.path().join("plan"));
    let plan = plan.to_str().unwrap();
    assert_eq!(plans(&home, &["plan", "steady.yml", "-o", plan]).0, Some(2));
    fs::write(files.join("first"), "somebody else's\n").unwrap();
    let (code, said) = plans(&home, &["apply", plan]);
    assert_eq!(code, Some(4), "{said}");
    assert!(
        said.contains("the host is not as the plan saw it"),
        "{said}"
    );
    assert_eq!(
        fs::read_to_string(files.join("first")).unwrap(),
        "somebody else's\n"
    );
    assert!(!files.join("third").exists());
    let (code, said) = plans(&home, &["plan", "steady.yml", "-o", plan]);
    assert!(
        code == Some(2) && said.contains("-somebody else's"),
        "{said}"
    );
    assert!(said.contains("Third (item=fourth)"), "{said}");
    let (code, said) = plans(&home, &["apply", plan]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(
        fs::read_to_string(files.join("first")).unwrap(),
        "first\nsecond\n"
    );
    // What is a host's own course is planned, too: `First` takes the line out, `Second` puts it back.
    let (code, said) = plans(&home, &["run", "steady.yml", "--detailed-exitcode"]);
    assert_eq!(code, Some(2), "{said}");
    let (code, said) = plans(
        &home,
        &["plan", "steady.yml", "--skip-tags", "none", "-t", "never"],
    );
    assert!(code == Some(0) && said.contains("Nothing to do."), "{said}");
    let (code, said) = plans(&home, &["apply", "steady.yml"]);
    assert!(
        code == Some(5) && said.contains("`steady.yml` is no plan"),
        "{said}"
    );
}
