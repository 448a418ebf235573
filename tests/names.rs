//! The binary under the names of the reference's commands, and `play links`, which makes them.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};

fn command(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .env("PATH", "/usr/bin:/bin")
        .env("LC_ALL", "C.UTF-8")
        .stdin(std::process::Stdio::null());
    command
}

fn play(folder: &Path, words: &[&str]) -> Output {
    let program = Path::new(env!("CARGO_BIN_EXE_play"));
    command(program, folder).args(words).output().unwrap()
}

/// A folder with the names in `bin`.
fn linked() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let done = play(folder.path(), &["links", "bin"]);
    assert!(done.status.success(), "{done:?}");
    folder
}

fn run(folder: &Path, line: &str) -> (i32, String, String) {
    let mut words = line.split(' ');
    let program = folder.join("bin").join(words.next().unwrap());
    let done = command(&program, folder).args(words).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        done.status.code().unwrap(),
        text(&done.stdout),
        text(&done.stderr),
    )
}

#[test]
fn links_are_made_and_taken_away_and_nothing_foreign_is_touched() {
    let folder = linked();
    let bin = folder.path().join("bin");
    assert_eq!(fs::read_dir(&bin).unwrap().count(), 9);
    // Again: nothing to do.
    let again = play(folder.path(), &["links", "bin"]);
    assert!(String::from_utf8_lossy(&again.stdout).contains("is there already"));

    fs::remove_file(bin.join("ansible")).unwrap();
    fs::write(bin.join("ansible"), "somebody's").unwrap();
    fs::remove_file(bin.join("ansible-doc")).unwrap();
    symlink("/bin/true", bin.join("ansible-doc")).unwrap();
    fs::remove_file(bin.join("ansible-pull")).unwrap();
    let refused = play(folder.path(), &["links", "bin"]);
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1));
    assert!(told.contains("not play's: ansible, ansible-doc"), "{told}");
    assert!(!bin.join("ansible-pull").exists(), "all or nothing");

    let removed = play(folder.path(), &["links", "bin", "--remove"]);
    assert!(removed.status.success());
    let mut left: Vec<_> = fs::read_dir(&bin)
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    left.sort();
    assert_eq!(left, ["ansible", "ansible-doc"]);
    assert_eq!(fs::read(bin.join("ansible")).unwrap(), b"somebody's");

    assert!(
        play(folder.path(), &["links", "bin", "--force"])
            .status
            .success()
    );
    assert_eq!(fs::read_dir(&bin).unwrap().count(), 9);
    assert!(fs::read_link(bin.join("ansible")).is_ok());
}

#[test]
fn a_link_that_hangs_in_the_air_is_foreign() {
    let folder = tempfile::tempdir().unwrap();
    symlink("/nowhere/at/all", folder.path().join("ansible")).unwrap();
    let done = play(folder.path(), &["links", "."]);
    assert_eq!(done.status.code(), Some(1));
}

#[test]
fn each_name_tells_its_version_in_the_references_words() {
    let folder = linked();
    for name in [
        "ansible",
        "ansible-config",
        "ansible-console",
        "ansible-doc",
        "ansible-inventory",
        "ansible-playbook",
        "ansible-vault",
    ] {
        let (code, out, err) = run(folder.path(), &format!("{name} --version"));
        assert_eq!((code, err.as_str()), (0, ""), "{name}");
        let lines: Vec<&str> = out.lines().collect();
        assert_eq!(lines[0], format!("{name} [core 2.21.5]"));
        assert_eq!(lines[1], "  config file = None");
        let keys: Vec<&str> = lines[1..]
            .iter()
            .map(|line| line.split(" = ").next().unwrap().trim())
            .collect();
        assert_eq!(
            keys,
            [
                "config file",
                "configured module search path",
                "ansible python module location",
                "ansible collection location",
                "executable location",
                "python version",
                "jinja version",
                "pyyaml version",
                "play version",
            ]
        );
    }
    let done = play(folder.path(), &["run", "--version"]);
    assert!(String::from_utf8_lossy(&done.stdout).starts_with("play run [core 2.21.5]\n"));
    let done = play(folder.path(), &["--version"]);
    assert!(String::from_utf8_lossy(&done.stdout).starts_with("play 0."));
}

#[test]
fn each_name_is_its_command() {
    let folder = linked();
    let path = folder.path();
    fs::write(path.join("hosts"), "[web]\na\nb x=1\n").unwrap();
    fs::write(
        path.join("site.yml"),
        "- hosts: localhost\n  gather_facts: false\n  tasks:\n    - debug: msg=hello\n",
    )
    .unwrap();
    for (line, code, told) in [
        ("ansible-playbook site.yml", 0, "\"msg\": \"hello\""),
        ("ansible-playbook --syn site.yml", 0, "playbook: site.yml"),
        (
            "ansible-playbook -i a, -i hosts --list-ho site.yml",
            0,
            "hosts (1):",
        ),
        ("ansible localhost -m debug -a msg=hi", 0, "\"msg\": \"hi\""),
        ("ansible -i hosts all --list-hosts", 0, "hosts (2):"),
        (
            "ansible-config dump --only-changed -v",
            0,
            "No config file found; using defaults",
        ),
        ("ansible-inventory -i hosts --host b", 0, "\"x\": 1"),
        ("ansible-inventory -i hosts --graph", 0, "|--@web:"),
        ("ansible-config dump", 0, "DEFAULT_FORKS(default)"),
        ("ansible-doc -t module ping", 0, "ping"),
    ] {
        let (got, out, err) = run(path, line);
        assert_eq!(got, code, "{line}: {out}{err}");
        assert!(out.contains(told), "{line}: {out}{err}");
    }
}

/// What `ansible-doc` says of words, lists and kinds; codes and words are the reference's.
#[test]
fn ansible_doc_answers_as_there() {
    let folder = linked();
    let path = folder.path();
    for (line, code, out, err) in [
        ("ansible-doc nosuch", 0, "", "nosuch was not found"),
        ("ansible-doc -j nosuch", 0, "{}", "nosuch was not found"),
        ("ansible-doc", 5, "", "Missing name(s)"),
        (
            "ansible-doc -t nosuch x",
            2,
            "",
            "invalid choice: 'nosuch' (choose from 'become', ",
        ),
        (
            "ansible-doc -t language meta",
            2,
            "",
            "invalid choice: 'language'",
        ),
        ("ansible-doc -l -s", 2, "", "cannot be used with"),
        (
            "ansible-doc -s ping copy",
            0,
            "  copy:\n      attributes:",
            "",
        ),
        (
            "ansible-doc -s -t lookup env",
            0,
            "lookup('env', < _terms >, default='')",
            "",
        ),
        (
            "ansible-doc -s -t filter map",
            1,
            "",
            "Snippets are only available for",
        ),
        ("ansible-doc -F", 0, "ansible.builtin.copy ", ""),
        ("ansible-doc -t filter -F ansible.builtin", 0, " None\n", ""),
        (
            "ansible-doc -l ansible",
            1,
            "",
            "Invalid collection name (must be of the form namespace.collection): ansible",
        ),
        (
            "ansible-doc -l no.such",
            1,
            "",
            "Cannot use supplied collection 'no.such': unable to locate collection no.such",
        ),
        ("ansible-doc -t become -l", 0, "ansible.builtin.sudo ", ""),
        (
            "ansible-doc -t keyword when",
            0,
            "  template: implicit\n  type: list\n",
            "",
        ),
        (
            "ansible-doc -t keyword nosuch",
            0,
            "",
            "Skipping invalid keyword 'nosuch': 'nosuch'",
        ),
        (
            "ansible-doc -t keyword -l",
            0,
            "vars_prompt: list of variables to prompt for.",
            "",
        ),
        (
            "ansible-doc -t filter map",
            0,
            "> FILTER ansible.builtin.map (Jinja2)\n",
            "",
        ),
        ("ansible-doc ping", 0, "\n- data    ", ""),
        ("ansible-doc --metadata-dump", 0, "\"become\": {", ""),
    ] {
        let (got, told, warned) = run(path, line);
        assert_eq!(got, code, "{line}: {told}{warned}");
        assert!(told.contains(out), "{line}: {told}{warned}");
        assert!(
            warned.contains(err) && (err.is_empty() == warned.is_empty()),
            "{line}: {warned}"
        );
    }
}

#[test]
fn ansible_doc_has_the_shape_of_the_reference() {
    let folder = linked();
    let ask = |line: &str| -> serde_json::Value {
        let (code, out, err) = run(folder.path(), line);
        assert_eq!(code, 0, "{line}: {err}");
        serde_json::from_str(&out).unwrap()
    };
    let all = ask("ansible-doc -j ansible.builtin.copy user");
    let copy = &all["ansible.builtin.copy"];
    let keys: Vec<&String> = copy.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["doc", "examples", "metadata", "return"]);
    assert_eq!(copy["doc"]["plugin_name"], "ansible.builtin.copy");
    assert_eq!(copy["doc"]["options"]["dest"]["required"], true);
    assert_eq!(copy["doc"]["options"]["force"]["default"], true);
    assert!(copy["doc"]["description"].is_array() && copy["examples"].is_string());
    assert!(copy["return"]["checksum"]["description"].is_string());
    // A default is the user's word, not the code's.
    assert_eq!(all["user"]["doc"]["options"]["state"]["default"], "present");
    let keyword = ask("ansible-doc -t keyword -j async");
    assert_eq!(keyword["async"]["alias"], "async");
    assert_eq!(
        keyword["async"]["applies_to"],
        serde_json::json!(["Task", "Handler"])
    );
    let map = ask("ansible-doc -t filter -j map");
    assert_eq!(map["map"]["doc"]["filename"], "");
    assert!(map["map"]["return"].is_null());
    let listed = ask("ansible-doc -l -j ansible.builtin");
    assert!(
        listed["ansible.builtin.include_tasks"].is_string()
            && listed["community.general.xml"].is_null()
    );
}

/// Without ansible-core, files are read for what they say of themselves.
#[test]
fn doc_of_strangers_pages_needs_no_python() {
    let folder = linked();
    let home = folder
        .path()
        .join(".ansible/collections/ansible_collections/my/own");
    let modules = home.join("plugins/modules");
    fs::create_dir_all(&modules).unwrap();
    let text = "DOCUMENTATION = r\"\"\"\nshort_description: Does it\u{1b}]0;x\n\"\"\"\n";
    fs::write(modules.join("it.py"), text).unwrap();
    let file = modules.join("it.py").display().to_string();
    let ask = |words: &[&str]| {
        let done = command(Path::new(env!("CARGO_BIN_EXE_play")), folder.path())
            .env("PLAY_PYTHON", "/nonexistent")
            .args(words)
            .output()
            .unwrap();
        (done.status.code(), String::from_utf8(done.stdout).unwrap())
    };
    let (code, said) = ask(&["doc", "-l", "my.own"]);
    assert!(
        code == Some(0) && said.contains("my.own.it  Does it"),
        "{said}"
    );
    let (code, said) = ask(&["doc", "-F", "my.own"]);
    assert_eq!((code, said), (Some(0), format!("my.own.it {file}\n")));
    for words in [
        &["doc", "copy", "-e", "main"][..],
        &["doc", "copy", "-r", "roles"],
        &["doc", "-l", "--no-fail-on-errors"],
        &["doc", "-l", "-t", "role", "-M", "library"],
    ] {
        assert_eq!(ask(words).0, Some(5), "{words:?}");
    }
}

#[test]
fn ansible_doc_reads_the_arguments_of_roles() {
    let folder = linked();
    let path = folder.path();
    let role = |place: &str, text: &str| {
        let meta = path.join(place).join("meta");
        fs::create_dir_all(&meta).unwrap();
        fs::write(meta.join("argument_specs.yml"), text).unwrap();
    };
    let web = "argument_specs:\n  main:\n    short_description: A server\n    author: me\n    options:\n      \
               port: {description: 'The C(port).', type: int, required: true}\n  other: {}\n";
    role("roles/web", web);
    role("web", "argument_specs: {main: {short_description: hidden}}");
    role(
        "coll/ansible_collections/my/own/roles/db",
        "argument_specs: {main: {options: {x: {type: str}}}}",
    );
    role("broken/bad", "argument_specs: {main: [}");
    let own = "ansible-doc -t role --playbook-dir .";
    for (words, code, out, err) in [
        (
            "-l",
            0,
            "web:\n  specs:\n    main : A server\n    other: \n",
            "",
        ),
        ("-l -j", 0, "\"description\": \"UNDOCUMENTED\"", ""),
        (
            "web",
            0,
            "ENTRY POINT: *main* - A server\n\nOptions (= indicates it is required):\n\n= port      The `port'.\n          type: int\n\nAUTHOR: me\n",
            "",
        ),
        (
            "web -j -e other",
            0,
            "\"entry_points\": {\n            \"other\": {}\n",
            "",
        ),
        ("web -e none", 0, "", ""),
        ("none", 0, "", ""),
        ("-r broken bad", 4, "", "[ERROR]"),
        (
            "-r broken bad --no-fail-on-errors",
            0,
            "",
            "Skipping role (bad) due to: Failed to process role (bad)",
        ),
    ] {
        let (got, told, warned) = run(path, &format!("{own} {words}"));
        assert_eq!(got, code, "{words}: {told}{warned}");
        assert!(
            told.contains(out) && !told.contains("hidden"),
            "{words}: {told}"
        );
        assert!(
            warned.contains(err) && (err.is_empty() == warned.is_empty()),
            "{words}: {warned}"
        );
    }
    let done = command(&path.join("bin/ansible-doc"), path)
        .args(["-t", "role", "db"])
        .env("ANSIBLE_COLLECTIONS_PATH", path.join("coll"))
        .output()
        .unwrap();
    let err = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(4), "{err}");
    assert!(
        err.contains("Error extracting role docs from 'my.own.db': All (sub-)options"),
        "{err}"
    );
    let (code, out, _) = run(path, "ansible-doc -t role db -j");
    assert_eq!((code, out.as_str()), (0, "{}\n"));
}

/// As Packer's two provisioners have written them; a new scp wants `-O` of those who use it.
#[test]
fn command_lines_of_packer_are_taken() {
    let folder = linked();
    let path = folder.path();
    let play =
        "- hosts: all\n  gather_facts: false\n  tasks: [{debug: {var: packer_build_name}}]\n";
    fs::write(path.join("site.yml"), play).unwrap();
    let name = "packer_build_name=x";
    for words in [
        [
            "-e",
            name,
            "--ssh-extra-args",
            "-o IdentitiesOnly=yes",
            "--scp-extra-args",
            "-O",
        ],
        [
            "--extra-vars",
            "packer_build_name=x packer_http_addr=none -o IdentitiesOnly=yes",
            "-c",
            "local",
            "-e",
            "ansible_ssh_private_key_file=/k",
        ],
    ] {
        let done = command(&path.join("bin/ansible-playbook"), path)
            .args(words)
            .args(["-i", "localhost,", "-c", "local", "site.yml"])
            .output()
            .unwrap();
        let out = String::from_utf8_lossy(&done.stdout).into_owned();
        let err = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{words:?}: {out}{err}");
        assert!(out.contains("\"packer_build_name\": \"x\""), "{out}");
        assert!(err.contains("[WARNING]"), "{err}");
    }
}

/// The exit codes are the reference's own for the same lines.
#[test]
fn usage_errors_leave_as_they_do_there() {
    let folder = linked();
    for (line, code, told) in [
        ("ansible-playbook", 2, "PLAYBOOK"),
        ("ansible-playbook --nope site.yml", 2, "--nope"),
        (
            "ansible-playbook --become-pa x y.yml",
            2,
            "ambiguous option",
        ),
        ("ansible-playbook --forks x y.yml", 2, "forks"),
        ("ansible-playbook --forks 0 y.yml", 2, "forks"),
        ("ansible-playbook nope.yml", 1, "nope.yml"),
        (
            "ansible-playbook -k --conn-pass-file x y.yml",
            2,
            "cannot be used with",
        ),
        ("ansible-inventory --inv x --list", 2, "ambiguous option"),
        ("ansible-inventory", 5, "--list"),
        ("ansible-vault", 2, "Usage: ansible-vault"),
        ("ansible-config", 2, "Usage: ansible-config"),
        ("ansible -m ping", 2, "Usage: ansible "),
        (
            "ansible all --tree x",
            2,
            "`--tree` of ansible is not built",
        ),
        (
            "ansible-playbook --scp-extra-args=-v y.yml",
            1,
            "--scp-extra-args has no effect",
        ),
    ] {
        let (got, out, err) = run(folder.path(), line);
        assert_eq!(got, code, "{line}: {out}{err}");
        assert!(err.contains(told), "{line}: {out}{err}");
    }
}

#[test]
fn a_verb_that_was_meant_is_suggested_and_a_verb_alone_tells_the_next_step() {
    let folder = tempfile::tempdir().unwrap();
    for (words, told) in [
        (&["ru", "site.yml"][..], "did you mean `run`?"),
        (&["site.yml"], "`play run site.yml`"),
        (&["version"], "`play --version`"),
        (&["run"], "next: play run site.yml -i hosts"),
        (&["vault"], "next: play vault encrypt"),
        (&["links"], "next: play links ~/.local/bin"),
    ] {
        let done = play(folder.path(), words);
        let err = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code(), Some(2), "{words:?}: {err}");
        assert!(err.contains(told), "{words:?}: {err}");
    }
    // A group that is called like a verb.
    fs::write(folder.path().join("hosts"), "[vault]\nlocalhost\n").unwrap();
    let done = play(
        folder.path(),
        &["adhoc", "vault", "-i", "hosts", "--list-hosts"],
    );
    assert!(String::from_utf8_lossy(&done.stdout).contains("localhost"));
}

/// What a command says ends as it ends there: no empty line behind it (recorded from ansible-core 2.21.5).
#[test]
fn a_commands_output_is_printed_as_the_reference_prints_it() {
    let folder = linked();
    for (module, args, wanted) in [
        ("command", "echo hi", "rc=0 >>\nhi\n"),
        ("shell", "printf x", "rc=0 >>\nx\n"),
        ("shell", "printf 'a\\n\\n'", "rc=0 >>\na\n"),
        ("shell", "true", "rc=0 >>\n\n"),
        ("raw", "echo hi", "rc=0 >>\nhi\n\n"),
        (
            "shell",
            "echo hi; exit 3",
            "rc=3 >>\nhiThe command exited with a non-zero return code.\n",
        ),
    ] {
        let program = folder.path().join("bin/ansible");
        let words = ["localhost", "-m", module, "-a", args];
        let done = command(&program, folder.path())
            .args(words)
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&done.stdout).into_owned();
        let text = told.split(" | ").last().unwrap();
        assert_eq!(text, wanted, "{module} {args}");
    }
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[test]
fn ansible_config_has_the_types_and_shapes_of_the_reference() {
    let folder = linked();
    let path = folder.path();
    write(
        path,
        "ansible.cfg",
        "[defaults]\nforks=9\n[galaxy]\nserver_list=one\n[galaxy_server.one]\nurl=https://one/\n\
         [ssh_connection]\npipelining=True\n[nonsense]\nx=1\n",
    );
    let cfg = path.join("ansible.cfg").display().to_string();
    let out = |line: &str| {
        let (code, out, err) = run(path, line);
        assert_eq!(code, 0, "{line}: {out}{err}");
        out
    };
    assert_eq!(
        out("ansible-config dump --only-changed -t all"),
        format!(
            "CONFIG_FILE() = {cfg}\nDEFAULT_FORKS({cfg}) = 9\nGALAXY_SERVER_LIST({cfg}) = ['one']\n\n\
             GALAXY_SERVERS:\n\n\none\n===\nurl({cfg}) = https://one/\n\nCONNECTION:\n==========\n\nssh:\n___\n\
             pipelining({cfg}) = True\n"
        )
    );
    let yaml = out("ansible-config dump --only-changed --format yaml");
    assert!(
        yaml.starts_with("- name: CONFIG_FILE\n  origin: ''\n"),
        "{yaml}"
    );
    assert!(
        yaml.contains(
            "\n    - name: timeout\n      origin: default\n      type: null\n      value: 60\n"
        ),
        "{yaml}"
    );
    let list = out("ansible-config list -t become sudo");
    assert!(
        list.starts_with("PLUGINS:\n  become:\n    sudo:\n      become_exe:\n"),
        "{list}"
    );
    let base = out("ansible-config list");
    assert!(
        base.contains("GALAXY_SERVERS:\n  one:\n") && !base.contains("\nPLUGINS:"),
        "{base}"
    );
    let vars = out("ansible-config init -f vars");
    assert!(
        vars.contains("\nansible_python_interpreter: auto\n\n\n"),
        "{vars}"
    );
    let (_, nothing, warned) = run(path, "ansible-config dump -t lookup nope");
    assert!(
        warned.contains("Skipping nope as we could not find matching plugin"),
        "{nothing}{warned}"
    );
    let (code, _, told) = run(path, "ansible-config validate -t all");
    assert!(
        code == 1 && told.contains("Found unknown section 'nonsense' in '"),
        "{told}"
    );
}

#[test]
fn ansible_vault_says_what_the_reference_says() {
    let folder = linked();
    let path = folder.path();
    write(path, "pw", "secret\n");
    write(path, "pw2", "other\n");
    write(path, "empty", "");
    write(path, "plain", "hello\n");
    write(path, "sealed", "hello\n");
    let whole = |name: &str| path.join(name).display().to_string();
    assert_eq!(
        run(
            path,
            "ansible-vault encrypt sealed --vault-password-file pw"
        )
        .0,
        0
    );
    for (line, code, why) in [
        ("encrypt sealed --vault-password-file pw", 1, "input is already encrypted".to_owned()),
        ("encrypt no --vault-password-file pw", 1, format!("Unable to read source file ({})", whole("no"))),
        ("encrypt a b --output c --vault-password-file pw", 5, "At most one input file may be used".to_owned()),
        ("encrypt_string a b --output c --vault-password-file pw", 5, "At most one input file may be used".to_owned()),
        ("encrypt plain -J --vault-password-file pw", 2, "cannot be used with".to_owned()),
        ("decrypt plain --vault-password-file pw", 1, format!("Failed to decrypt '{}': Input is not vault encrypted data.", whole("plain"))),
        ("view sealed --vault-password-file pw2", 1, "Failed to view 'sealed': Decryption failed (no vault secrets were found that could decrypt)".to_owned()),
        ("view sealed --vault-password-file no", 1, format!("[WARNING]: Error getting vault password file (default): The vault password file {} was not found\n[ERROR]: The vault password file {} was not found", whole("no"), whole("no"))),
        ("view sealed --vault-password-file empty", 1, format!("Invalid vault password was provided from file ({})", whole("empty"))),
        ("view sealed --vault-id a@no --vault-id b@pw", 0, "[WARNING]: Error getting vault password file (a)".to_owned()),
        ("encrypt_string x --vault-id a@no --vault-id b@pw", 0, "[WARNING]: Error getting vault password file (a)".to_owned()),
        ("encrypt_string x --vault-id a@no --vault-id b@pw --encrypt-vault-id a", 1, "Did not find a match for --encrypt-vault-id=a in the known vault-ids ['b']".to_owned()),
        ("encrypt_string --vault-password-file pw", 5, "stdin was empty, not encrypting".to_owned()),
        ("encrypt_string -p - --vault-password-file pw", 5, "The --prompt option is not supported if also reading input from stdin".to_owned()),
        ("encrypt_string a b -n x --vault-password-file pw", 0, "# The encrypted version of variable (\"x\", the string #1 from the command line args).\n# The encrypted version of the string #2 from the command line args.)".to_owned()),
        ("create new --vault-password-file pw", 5, "not a tty, editor cannot be opened".to_owned()),
        ("create plain --skip-tty-check --vault-password-file pw", 1, "plain exists, please use 'edit' instead".to_owned()),
        ("create a b --vault-password-file pw", 5, "can take only one filename argument".to_owned()),
        ("view --vault-password-file pw", 0, String::new()),
        ("rekey sealed --vault-password-file pw --new-vault-password-file pw2", 0, "Rekey successful".to_owned()),
    ] {
        let (given, out, err) = run(path, &format!("ansible-vault {line}"));
        assert_eq!(given, code, "{line}: {out}{err}");
        assert!(err.contains(&why), "{line}: {err}");
    }
    let (code, out, _) = run(path, "ansible-vault view sealed --vault-password-file pw2");
    assert_eq!((code, out.as_str()), (0, "hello\n"));
}

/// A collection with a `ping` and a `hello` that are shell.
fn collection(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    for name in ["ping", "hello"] {
        let file = format!("c/ansible_collections/a/b/plugins/modules/{name}.sh");
        write(
            path,
            &file,
            "#!/bin/sh\necho '{\"changed\": false, \"source\": \"mine\"}'\n",
        );
        fs::set_permissions(path.join(&file), fs::Permissions::from_mode(0o755)).unwrap();
    }
}

fn with(folder: &Path, variables: &[(&str, &Path)], line: &str) -> (i32, String) {
    let mut words = line.split(' ');
    let program = folder.join("bin").join(words.next().unwrap());
    let mut command = command(&program, folder);
    command.args(words);
    for (name, value) in variables {
        command.env(name, value);
    }
    let done = command.output().unwrap();
    let text = [done.stdout, done.stderr].concat();
    (
        done.status.code().unwrap(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

#[test]
fn a_playbook_in_a_collection_looks_through_it_first_and_roles_take_none_of_a_play() {
    let folder = linked();
    let path = folder.path();
    collection(path);
    let home = path.join("c/ansible_collections/a/b");
    let root = path.join("c");
    let known = ("ANSIBLE_COLLECTIONS_PATH", root.as_path());
    for (module, inside, mine) in [
        ("ping", true, true),
        ("hello", true, true),
        ("ping", false, false),
    ] {
        let mut all = vec![known];
        all.extend(inside.then_some(("ANSIBLE_PLAYBOOK_DIR", home.as_path())));
        let (code, told) = with(path, &all, &format!("ansible localhost -m {module}"));
        assert_eq!(
            (code, told.contains("mine")),
            (0, mine),
            "{module} {inside}: {told}"
        );
    }
    let play = "- hosts: localhost\n  gather_facts: false\n  tasks:\n    - hello:\n      register: out\n    \
                - debug: var=out.source\n    - import_role: {name: plain}\n";
    write(path, "c/ansible_collections/a/b/playbooks/inside.yml", play);
    write(
        path,
        "c/ansible_collections/a/b/playbooks/roles/plain/tasks/main.yml",
        "- hello:\n",
    );
    let (code, told) = with(
        path,
        &[known],
        "ansible-playbook c/ansible_collections/a/b/playbooks/inside.yml",
    );
    assert!(code == 0 && told.contains("mine"), "{told}");
    // A collection that stands where none is looked for is a folder like others.
    let (code, told) = with(
        path,
        &[],
        "ansible-playbook c/ansible_collections/a/b/playbooks/inside.yml",
    );
    assert!(
        code != 0 && told.contains("couldn't resolve module/action 'hello'"),
        "{told}"
    );
    write(
        path,
        "named.yml",
        &play.replace("  gather_facts", "  collections: [a.b]\n  gather_facts"),
    );
    write(path, "roles/plain/tasks/main.yml", "- hello:\n");
    let (code, told) = with(path, &[known], "ansible-playbook named.yml");
    assert!(
        code != 0 && told.contains("couldn't resolve module/action 'hello'"),
        "{told}"
    );
}

/// What `register-python-argcomplete` has a shell ask.
#[test]
fn argcomplete_is_answered_and_nothing_is_started() {
    let folder = linked();
    let path = folder.path();
    write(path, "hosts", "[web]\nweb1\n");
    let ask = |line: &str, shell: &str| {
        let name = line.split(' ').next().unwrap();
        let program = format!("exec bin/{name} 8>&1 9>&2 1>/dev/null 2>&1");
        let done = command(Path::new("/bin/sh"), path)
            .args(["-c", &program])
            .envs([
                ("_ARGCOMPLETE", "1"),
                ("COMP_LINE", line),
                ("_ARGCOMPLETE_SHELL", shell),
            ])
            .envs([
                ("_ARGCOMPLETE_IFS", "\n"),
                ("_ARGCOMPLETE_COMP_WORDBREAKS", " =:"),
            ])
            .output()
            .unwrap();
        assert_eq!(done.status.code(), Some(0), "{line}");
        String::from_utf8_lossy(&done.stdout).into_owned()
    };
    assert_eq!(ask("ansible-vault enc", "bash"), "encrypt\nencrypt_string");
    assert!(
        ask("ansible-vault enc", "zsh").starts_with("encrypt:Encrypt files"),
        "zsh has help"
    );
    assert_eq!(ask("ansible-playbook --syn", "bash"), "--syntax-check");
    assert_eq!(ask("ansible -i hosts web", "bash"), "web\nweb1");
    assert_eq!(ask("ansible-config dump --format=y", "bash"), "yaml");
    // It would talk to the terminal, were it begun.
    assert!(ask("ansible-console ", "bash").len() < 10_000);
}
