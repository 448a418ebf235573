//! Vaults of `ansible-vault` open here, and those made here open there: every subcommand, with
//! password files, programs, prompts and several ids.
//!
//! `PLAY_REFERENCE` names the folder that `ansible-vault` is in; without it the tests say so and
//! do nothing.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

const TEXT: &str = "password: hunter2\n\u{e9}\n";

/// Who seals or opens.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Side {
    Ours,
    Theirs,
}

use Side::{Ours, Theirs};

/// A folder with passwords, programs that print some, and an editor.
struct Bench {
    folder: tempfile::TempDir,
    reference: PathBuf,
}

impl Bench {
    fn new() -> Option<Bench> {
        let Some(reference) = std::env::var_os("PLAY_REFERENCE").map(PathBuf::from) else {
            eprintln!("skipped: PLAY_REFERENCE is not set");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let bench = Bench { folder, reference };
        bench.write("one", "first\n", 0o600);
        bench.write("two", "second\n", 0o600);
        bench.write("program.sh", "#!/bin/sh\necho first\n", 0o700);
        let client =
            "#!/bin/sh\n[ \"$1\" = --vault-id ] && [ \"$2\" = dev ] || exit 2\necho second\n";
        bench.write("keys-client.sh", client, 0o700);
        bench.write("editor.sh", "#!/bin/sh\necho 'more: 1' >>\"$1\"\n", 0o700);
        Some(bench)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str, mode: u32) {
        fs::write(self.path(name), text).unwrap();
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(mode)).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn words(&self, side: Side, line: &str) -> Vec<String> {
        let program = match side {
            Ours => vec![env!("CARGO_BIN_EXE_play").to_owned(), "vault".to_owned()],
            Theirs => vec![self.reference.join("ansible-vault").display().to_string()],
        };
        let words = line.split(' ').map(str::to_owned);
        program.into_iter().chain(words).collect()
    }

    fn start(&self, words: &[String], stdin: &str) -> Output {
        let mut child = Command::new(&words[0])
            .args(&words[1..])
            .current_dir(self.folder.path())
            .env("EDITOR", self.path("editor.sh"))
            .env("PAGER", "cat")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(stdin.as_bytes())
            .unwrap();
        child.wait_with_output().unwrap()
    }

    /// What is printed; it must go well.
    fn run(&self, side: Side, line: &str) -> String {
        self.fed(side, line, "")
    }

    fn fed(&self, side: Side, line: &str, stdin: &str) -> String {
        let done = self.start(&self.words(side, line), stdin);
        let stderr = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{side:?} {line}: {stderr}");
        String::from_utf8(done.stdout).unwrap()
    }

    fn fails(&self, side: Side, line: &str) {
        let done = self.start(&self.words(side, line), "");
        assert!(!done.status.success(), "{side:?} {line}");
    }

    /// The same on a terminal, with lines typed when something is asked.
    fn typed(&self, side: Side, line: &str, typed: &[&str]) -> String {
        let helper = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vault/type.py");
        let mut words = vec!["python3".to_owned(), helper.to_owned()];
        words.extend(typed.iter().map(|line| (*line).to_owned()));
        words.push("--".to_owned());
        words.extend(self.words(side, line));
        let done = self.start(&words, "");
        let text = String::from_utf8_lossy(&done.stdout).replace('\r', "");
        assert!(done.status.success(), "{side:?} {line}: {text}");
        text
    }

    /// A file that one side sealed, with flags.
    fn sealed(&self, side: Side, flags: &str) -> String {
        self.write("file", TEXT, 0o600);
        self.run(side, &format!("encrypt {flags} file"));
        self.read("file")
    }
}

const BOTH: [(Side, Side); 2] = [(Ours, Theirs), (Theirs, Ours)];

#[test]
fn files_go_both_ways() {
    let Some(bench) = Bench::new() else { return };
    for (sealer, opener) in BOTH {
        for (flags, label) in [
            ("--vault-password-file one", None),
            ("--vault-id dev@two", Some("dev")),
            (
                "--vault-id a@one --vault-id b@two --encrypt-vault-id b",
                Some("b"),
            ),
            ("--vault-password-file program.sh", None),
            ("--vault-id dev@keys-client.sh", Some("dev")),
        ] {
            let text = bench.sealed(sealer, flags);
            let head = match label {
                Some(label) => format!("$ANSIBLE_VAULT;1.2;AES256;{label}\n"),
                None => "$ANSIBLE_VAULT;1.1;AES256\n".to_owned(),
            };
            assert!(text.starts_with(&head), "{flags}: {text}");
            let flags = flags.replace(" --encrypt-vault-id b", "");
            assert_eq!(bench.run(opener, &format!("view {flags} file")), TEXT);
            let out = bench.run(opener, &format!("decrypt {flags} --output - file"));
            assert_eq!(out, TEXT);
            bench.run(
                opener,
                &format!("rekey {flags} --new-vault-id new@two file"),
            );
            assert!(
                bench
                    .read("file")
                    .starts_with("$ANSIBLE_VAULT;1.2;AES256;new\n")
            );
            bench.fails(opener, "view --vault-password-file one file");
            bench.run(sealer, "decrypt --vault-id new@two file");
            assert_eq!(bench.read("file"), TEXT);
        }
    }
}

#[test]
fn the_new_password_may_stand_in_a_file() {
    let Some(bench) = Bench::new() else { return };
    for (sealer, opener) in BOTH {
        bench.sealed(sealer, "--vault-id old@one");
        bench.run(
            opener,
            "rekey --vault-id old@one --new-vault-password-file two file",
        );
        assert_eq!(
            bench.run(sealer, "view --vault-password-file two file"),
            TEXT
        );
    }
}

#[test]
fn editors_make_and_change_vaults() {
    let Some(bench) = Bench::new() else { return };
    for (maker, changer) in BOTH {
        let _ = fs::remove_file(bench.path("new.yml"));
        bench.run(maker, "create --skip-tty-check --vault-id dev@two new.yml");
        assert_eq!(
            bench.run(changer, "view --vault-id dev@two new.yml"),
            "more: 1\n"
        );
        bench.run(changer, "edit --vault-id dev@two new.yml");
        let text = bench.read("new.yml");
        assert!(
            text.starts_with("$ANSIBLE_VAULT;1.2;AES256;dev\n"),
            "{text}"
        );
        let text = bench.run(maker, "view --vault-id dev@two new.yml");
        assert_eq!(text, "more: 1\nmore: 1\n");
        bench.fails(
            changer,
            "create --skip-tty-check --vault-id dev@two new.yml",
        );
    }
}

#[test]
fn strings_become_values() {
    let Some(bench) = Bench::new() else { return };
    for (sealer, opener) in BOTH {
        let given = "encrypt_string --vault-id dev@two --name a --name b first it's";
        let both = bench.run(sealer, given);
        let stdin = "encrypt_string --vault-password-file one --stdin-name c";
        let third = bench.fed(sealer, stdin, "third");
        for (yaml, name, flags, text) in [
            (&both, "a", "--vault-id dev@two", "first"),
            (&both, "b", "--vault-id dev@two", "it's"),
            (&third, "c", "--vault-password-file one", "third"),
        ] {
            bench.write("file", &armoured(yaml, name), 0o600);
            let opened = bench.run(opener, &format!("view {flags} file"));
            // The reference ends what it shows with a newline.
            assert_eq!(opened.trim_end(), text);
        }
    }
}

/// The vault text that stands as the value of a name.
fn armoured(yaml: &str, name: &str) -> String {
    let head = format!("{name}: !vault |\n");
    let (_, rest) = yaml.split_once(&head).unwrap_or_else(|| panic!("{yaml}"));
    let lines = rest
        .lines()
        .take_while(|line| line.starts_with("          "));
    lines.map(|line| format!("{}\n", line.trim())).collect()
}

#[test]
fn standard_input_is_sealed_and_opened() {
    let Some(bench) = Bench::new() else { return };
    for (sealer, opener) in BOTH {
        let flags = "--vault-password-file one --output -";
        let sealed = bench.fed(sealer, &format!("encrypt {flags}"), TEXT);
        assert_eq!(
            bench.fed(opener, &format!("decrypt {flags}"), &sealed),
            TEXT
        );
    }
}

#[test]
fn passwords_are_asked_for() {
    let Some(bench) = Bench::new() else { return };
    for (sealer, opener) in BOTH {
        bench.write("file", TEXT, 0o600);
        bench.typed(sealer, "encrypt --ask-vault-pass file", &["first", "first"]);
        let shown = bench.typed(opener, "view --ask-vault-pass file", &["first"]);
        assert!(shown.ends_with(TEXT), "{shown}");
        assert!(!shown.contains("first"), "{shown}");
        let rekey = "rekey --vault-id old@prompt --new-vault-id dev@prompt file";
        bench.typed(opener, rekey, &["first", "second", "second"]);
        let shown = bench.typed(sealer, "view --vault-id dev@prompt file", &["second"]);
        assert!(shown.ends_with(TEXT), "{shown}");
        let asked = "encrypt_string --vault-password-file one --prompt";
        let shown = bench.typed(sealer, asked, &["x", "typed"]);
        bench.write("file", &armoured(&shown, "x"), 0o600);
        let opened = bench.run(opener, "view --vault-password-file one file");
        assert_eq!(opened.trim_end(), "typed");
    }
}

/// This one needs no reference.
#[test]
fn text_that_is_sent_does_not_show_what_was_sealed() {
    let folder = tempfile::tempdir().unwrap();
    let play = |words: &[&str]| {
        let done = Command::new(env!("CARGO_BIN_EXE_play"))
            .args(words)
            .current_dir(folder.path())
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(done.status.success(), "{words:?}: {stderr}");
        String::from_utf8_lossy(&done.stdout).into_owned() + &stderr
    };
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("pw", "password\n");
    let password = ["--vault-password-file", "pw"];
    let seal = ["vault", "encrypt-string", "--name", "token", "it's s3cret"];
    let sealed = play(&[&seal[..], &password].concat());
    write("vars.yml", "other: another-s3cret\n");
    play(&[&["vault", "encrypt", "vars.yml"][..], &password].concat());
    let sealed: String = sealed.lines().map(|line| format!("    {line}\n")).collect();
    let site = format!(
        "- hosts: localhost\n  connection: local\n  gather_facts: false\n  vars_files: vars.yml\n  vars:\n{sealed}  \
         tasks:\n    - copy:\n        dest: {}/out\n        content: \"{{{{ token }}}}, {{{{ other }}}}\"\n",
        folder.path().display(),
    );
    write("site.yml", &site);
    let run = ["run", "site.yml", "-i", "localhost,", "-vvvv"];
    let shown = play(&[&run[..], &password].concat());
    let written = fs::read_to_string(folder.path().join("out")).unwrap();
    assert_eq!(written, "it's s3cret, another-s3cret");
    assert!(!shown.contains("s3cret"), "{shown}");
    assert!(shown.contains("***"), "{shown}");
}

#[test]
fn files_come_out_for_their_owner_alone() {
    let Some(bench) = Bench::new() else { return };
    let mode = |name: &str| {
        let meta = fs::metadata(bench.path(name)).unwrap();
        meta.permissions().mode() & 0o777
    };
    for side in [Ours, Theirs] {
        bench.write("wide", TEXT, 0o644);
        let other = bench.path("other");
        let _ = fs::remove_file(&other);
        fs::hard_link(bench.path("wide"), &other).unwrap();
        bench.run(side, "encrypt --vault-password-file one wide");
        assert_eq!(mode("wide"), 0o600, "{side:?}");
        assert_ne!(fs::read(&other).unwrap(), TEXT.as_bytes(), "{side:?}");
        bench.run(side, "decrypt --vault-password-file one wide");
        assert_eq!(mode("wide"), 0o600, "{side:?}");
        assert_eq!(bench.read("wide"), TEXT, "{side:?}");
    }
}

#[test]
fn of_several_passwords_some_may_be_missing_and_one_must_be_meant() {
    let Some(bench) = Bench::new() else { return };
    for side in [Ours, Theirs] {
        bench.sealed(side, "--vault-password-file one");
        let missing = "view --vault-id nope@missing --vault-password-file one file";
        assert_eq!(bench.run(side, missing), TEXT, "{side:?}");
        bench.fails(side, "view --vault-id nope@missing file");
        bench.write("plain", TEXT, 0o600);
        bench.fails(side, "encrypt --vault-id one --vault-id two plain");
    }
}

/// Values of `encrypt_string` in a file of variables: seen, changed, rekeyed and opened where they stand. The
/// reference opens what comes out.
#[test]
fn values_in_a_file_are_changed_where_they_stand() {
    let Some(bench) = Bench::new() else { return };
    let flags = "--vault-id one";
    let value = bench.run(Theirs, &format!("encrypt_string {flags} -n secret s3cret"));
    let other = bench.run(Theirs, &format!("encrypt_string {flags} -n other second"));
    let head = "# mine\nplain:   1    # kept\n";
    let end = "\nlist: [a,  b]\n";
    let text = format!("{head}{value}\n{other}{end}");
    bench.write("vars.yml", &text, 0o640);
    let shown = bench.run(Ours, &format!("view {flags} vars.yml"));
    assert_eq!(
        shown,
        format!("{head}secret: !vault s3cret\n\nother: !vault second\n{end}")
    );
    // The reference's own command knows whole files only; so does play under that name.
    bench.fails(Theirs, &format!("view {flags} vars.yml"));

    bench.write(
        "editor.sh",
        "#!/bin/sh\nsed -i s/s3cret/changed/ \"$1\"\n",
        0o700,
    );
    bench.run(Ours, &format!("edit {flags} vars.yml"));
    let edited = bench.read("vars.yml");
    assert!(
        edited.starts_with(head) && edited.ends_with(&format!("{other}{end}")),
        "{edited}"
    );
    assert!(
        !edited.contains("changed") && !edited.contains(value.trim()),
        "{edited}"
    );
    let mode = fs::metadata(bench.path("vars.yml"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o640);

    bench.run(
        Ours,
        &format!("rekey {flags} --new-vault-id prod@two vars.yml"),
    );
    let rekeyed = bench.read("vars.yml");
    assert_eq!(
        rekeyed.matches("$ANSIBLE_VAULT;1.2;AES256;prod").count(),
        2,
        "{rekeyed}"
    );
    bench.fails(Ours, &format!("view {flags} vars.yml"));
    // The reference reads the file as it reads any file of variables.
    let read = Command::new(bench.reference.join("ansible"))
        .args([
            "localhost",
            "-m",
            "debug",
            "-a",
            "msg={{secret}}-{{other}}-{{list|length}}",
        ])
        .args(["-e", "@vars.yml", "--vault-id", "prod@two"])
        .current_dir(bench.folder.path())
        .output()
        .unwrap();
    let read = String::from_utf8_lossy(&read.stdout).into_owned();
    assert!(read.contains("changed-second-2"), "{read}");

    bench.run(Ours, "decrypt --vault-id prod@two vars.yml");
    assert_eq!(
        bench.read("vars.yml"),
        format!("{head}secret: changed\n\nother: second\n{end}")
    );
    bench.fails(Ours, "decrypt --vault-id prod@two vars.yml");
}

/// What an editor leaves behind that is no YAML changes nothing.
#[test]
fn a_broken_edit_leaves_the_file() {
    let Some(bench) = Bench::new() else { return };
    let value = bench.run(Ours, "encrypt-string --vault-id one -n secret s3cret");
    bench.write("vars.yml", &value, 0o600);
    bench.write("editor.sh", "#!/bin/sh\necho 'a: [' >> \"$1\"\n", 0o700);
    bench.fails(Ours, "edit --vault-id one vars.yml");
    assert_eq!(bench.read("vars.yml"), value);
}
