//! Sessions over local shells: the same words must mean the same to each of them.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::{Connection, HostKeys, Login, LostKind, Session, Target, Transport, Upload};
use super::{run_program, run_program_blocking};
use crate::shell::{Fragment, PRELUDE, Reply, Script, Stream};

static TRIALS: Fragment = Fragment {
    name: "trials",
    text: include_str!("trials.sh"),
    needs: &[&PRELUDE, &super::session::FILES],
};

/// The shells of this machine, each behind a file that can be run alone.
fn shells(folder: &Path) -> Vec<PathBuf> {
    let known = [
        ("dash", "dash"),
        ("busybox", "busybox sh"),
        ("bash", "bash --posix"),
        ("mksh", "mksh"),
        ("ksh", "ksh"),
        ("yash", "yash --posix"),
    ];
    let mut found = Vec::new();
    for (program, command) in known {
        let look = std::process::Command::new("sh")
            .args(["-c", "command -v \"$1\"", "sh", program])
            .output();
        if !look.is_ok_and(|output| output.status.success()) {
            continue;
        }
        let path = folder.join(program);
        std::fs::write(&path, format!("#!/bin/sh\nexec {command} \"$@\"\n")).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
        found.push(path);
    }
    assert!(!found.is_empty());
    found
}

pub(super) fn local(shell: &str) -> Target {
    Target {
        name: "localhost".to_owned(),
        transport: Transport::Local,
        address: "localhost".to_owned(),
        port: None,
        user: None,
        login: Login::default(),
        host_keys: HostKeys::Off,
        timeout: Duration::from_secs(10),
        retries: 0,
        ssh_arguments: Vec::new(),
        terminal: None,
        shell: shell.to_owned(),
    }
}

async fn open(shell: &Path) -> Session {
    let target = local(shell.to_str().unwrap());
    let connection = Connection::open(&target).await.unwrap();
    connection.session(None).await.unwrap()
}

async fn call(session: &mut Session, script: Script) -> Reply {
    session.run(&script, None, &mut |_, _| ()).await.unwrap()
}

fn trial(function: &'static str) -> Script {
    Script::call(&TRIALS, function)
}

/// Runs `body` once for each shell.
async fn with_each_shell(mut body: impl AsyncFnMut(&mut Session, &Path)) {
    let folder = tempfile::tempdir().unwrap();
    for shell in shells(folder.path()) {
        let mut session = open(&shell).await;
        body(&mut session, &shell).await;
    }
}

#[tokio::test]
async fn what_a_request_does_stays_in_it() {
    with_each_shell(async |session, shell| {
        for (function, status) in [
            ("leave", 7),
            ("eat_stdin", 0),
            ("set_things", 0),
            ("see_things", 0),
        ] {
            let reply = call(session, trial(function)).await;
            assert_eq!(
                (reply.status, reply.stderr_text().as_str()),
                (status, ""),
                "{function} in {}",
                shell.display()
            );
        }
    })
    .await;
}

#[tokio::test]
async fn streams_stay_apart_whatever_they_hold() {
    with_each_shell(async |session, shell| {
        let reply = call(session, trial("speak")).await;
        assert_eq!(reply.stdout, b"out\0put\n", "{}", shell.display());
        assert_eq!(reply.stderr, b"err\0or", "{}", shell.display());
        assert_eq!(reply.text("name").as_deref(), Some("va\n\nlue"));
        let reply = call(session, trial("flood")).await;
        assert_eq!(reply.stderr.len(), 8_000_000, "{}", shell.display());
    })
    .await;
}

#[tokio::test]
async fn a_child_in_the_background_does_not_hold_the_request() {
    with_each_shell(async |session, shell| {
        let begin = Instant::now();
        let reply = call(session, trial("go_on_in_background")).await;
        assert_eq!(reply.stdout, b"done\n", "{}", shell.display());
        assert!(begin.elapsed() < Duration::from_secs(2));
    })
    .await;
}

#[tokio::test]
async fn raw_output_is_heard_while_it_comes() {
    with_each_shell(async |session, _| {
        let begin = Instant::now();
        let mut first = None;
        let mut hear = |_: Stream, _: &[u8]| {
            first.get_or_insert(begin.elapsed());
        };
        session.run(&trial("tick"), None, &mut hear).await.unwrap();
        assert!(first.unwrap() + Duration::from_millis(200) < begin.elapsed());
    })
    .await;
}

#[tokio::test]
async fn a_shell_that_dies_leaves_an_unknown_fate() {
    with_each_shell(async |session, _| {
        let script = trial("kill_shell");
        let lost = session.run(&script, None, &mut |_, _| ()).await;
        let lost = lost.unwrap_err();
        assert_eq!(lost.kind, LostKind::Cut);
        assert!(lost.message.contains("whose fate is unknown"), "{lost}");
        let again = session.run(&trial("speak"), None, &mut |_, _| ()).await;
        assert_eq!(again.unwrap_err().kind, LostKind::Cut);
    })
    .await;
}

#[tokio::test]
async fn a_task_that_hangs_is_ended_with_all_its_children() {
    with_each_shell(async |session, shell| {
        let seconds = format!("{}", 4000 + session.pid());
        let script = trial("hang").arg(&seconds);
        let limit = Some(Duration::from_millis(300));
        let lost = session.run(&script, limit, &mut |_, _| ()).await;
        let lost = lost.unwrap_err();
        assert_eq!(lost.kind, LostKind::Timeout, "{lost}");
        assert_eq!(
            lost.message,
            "the task on localhost took longer than 0.3 s and was ended"
        );
        assert!(!session.is_alive());
        let left = sleepers(&seconds);
        assert!(left.is_empty(), "{}: {left:?}", shell.display());
    })
    .await;
}

/// The processes that sleep for so many seconds.
fn sleepers(seconds: &str) -> Vec<String> {
    let wanted = format!("sleep\0{seconds}\0");
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let lines = processes.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
    lines
        .map(|line| String::from_utf8_lossy(&line).into_owned())
        .filter(|line| line.ends_with(&wanted))
        .collect()
}

#[tokio::test]
async fn bytes_arrive_as_they_were_sent_and_come_back_so() {
    let folder = tempfile::tempdir().unwrap();
    let random: Vec<u8> = noise(1_000_003);
    let line = "x".repeat(200_000);
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("empty", Vec::new()),
        ("short", b"it's\n$HOME `x` \\ \"q\" \t\r\n\n".to_vec()),
        ("unicode", "gr\u{fc}n \u{1F600} \u{81}\u{88}\n".into()),
        ("zeros", vec![0; 10]),
        ("not text", vec![0x81, 0x82, 0x88, 0xff, b'\'', b'\\']),
        ("long line", line.into_bytes()),
        ("random", random),
    ];
    with_each_shell(async |session, shell| {
        for (name, bytes) in &cases {
            let path = folder.path().join("it's a $file");
            let path = path.to_str().unwrap();
            let reply = session.put(Upload::Bytes(bytes), path, None).await.unwrap();
            assert!(reply.failure().is_none(), "{name}: {reply:?}");
            assert!(std::fs::read(path).unwrap() == *bytes, "{name}");
            let mode = std::fs::metadata(path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
            let back = session.get(path, 2_000_000, None).await.unwrap().unwrap();
            assert!(back == *bytes, "{name} in {}", shell.display());
        }
    })
    .await;
}

#[tokio::test]
async fn a_file_of_the_controller_is_sent_in_pieces() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("source");
    let target = folder.path().join("target");
    let bytes = noise(3_000_000);
    std::fs::write(&source, &bytes).unwrap();
    with_each_shell(async |session, _| {
        let path = target.to_str().unwrap();
        let reply = session.put(Upload::File(&source), path, None).await;
        assert!(reply.unwrap().failure().is_none());
        assert!(std::fs::read(&target).unwrap() == bytes);
        let missing = Upload::File(Path::new("/nowhere"));
        let reply = session.put(missing, path, None).await.unwrap();
        assert!(reply.text("failed").unwrap().contains("`/nowhere`"));
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_written_or_read_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let big = noise(100_000);
    let inside = folder.path().join("no/file");
    let inside = inside.to_str().unwrap();
    with_each_shell(async |session, shell| {
        for body in [Upload::Bytes(b"short"), Upload::Bytes(&big)] {
            let reply = session.put(body, inside, None).await.unwrap();
            assert_ne!(reply.status, 0);
            let message = reply.text("failed").unwrap();
            let start = format!("cannot write {inside}: ");
            assert!(message.starts_with(&start), "{message}");
            assert!(
                message.to_lowercase().contains("no such file") || message.contains("nonexistent"),
                "{}: {message}",
                shell.display()
            );
        }
        for (path, limit, why) in [
            ("/nowhere", 10, "/nowhere does not exist"),
            ("/etc", 10, "/etc is a directory"),
            ("/etc/passwd", 10, "/etc/passwd is larger than 10 bytes"),
        ] {
            let answer = session.get(path, limit, None).await.unwrap();
            assert_eq!(answer.unwrap_err(), why);
        }
        assert_eq!(call(session, trial("leave")).await.status, 7);
    })
    .await;
}

#[tokio::test]
async fn a_full_disk_loses_the_file_and_not_the_session() {
    if !Path::new("/dev/full").exists() {
        return;
    }
    let big = noise(3_000_000);
    with_each_shell(async |session, shell| {
        let script = trial("take_to_full").arg(big.len().to_string());
        let source = super::upload::Source::Bytes(&big);
        let reply = session.upload(&script, source, None).await.unwrap();
        assert_ne!(reply.status, 0, "{}", shell.display());
        assert!(reply.text("failed").unwrap().contains("No space left"));
        assert_eq!(call(session, trial("leave")).await.status, 7);
    })
    .await;
}

#[tokio::test]
async fn a_login_that_chatters_is_not_misunderstood() {
    let folder = tempfile::tempdir().unwrap();
    let shell = folder.path().join("chatty");
    let text = "#!/bin/sh\necho welcome; echo careful >&2\nexec /bin/sh -e -u -x\n";
    std::fs::write(&shell, text).unwrap();
    std::fs::set_permissions(&shell, PermissionsExt::from_mode(0o755)).unwrap();
    let mut session = open(&shell).await;
    let reply = call(&mut session, trial("leave")).await;
    assert_eq!((reply.status, reply.stderr_text().as_str()), (7, ""));
}

#[tokio::test]
async fn a_login_that_refuses_is_quoted() {
    for (shell, message) in [
        (
            "/usr/sbin/nologin",
            "cannot run `/usr/sbin/nologin` on localhost: This account is currently not available.",
        ),
        (
            "/no/sh",
            "cannot run `/no/sh` for localhost: no such file or directory",
        ),
    ] {
        let connection = Connection::open(&local(shell)).await.unwrap();
        let lost = connection.session(None).await.err().unwrap();
        assert_eq!(lost.kind, LostKind::Unreachable);
        assert_eq!(lost.message, message);
    }
}

#[tokio::test]
async fn nothing_is_left_of_a_session_that_is_dropped() {
    let session = open(Path::new("/bin/sh")).await;
    let pid = session.pid();
    drop(session);
    let begin = Instant::now();
    while Path::new(&format!("/proc/{pid}")).exists() {
        assert!(begin.elapsed() < Duration::from_secs(5));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_request_that_was_given_up_is_ended_with_the_connection() {
    let connection = Connection::open(&local("/bin/sh")).await.unwrap();
    let mut session = connection.session(None).await.unwrap();
    let script = trial("hang").arg("7766");
    let mut hear = |_: Stream, _: &[u8]| ();
    let run = session.run(&script, None, &mut hear);
    let run = tokio::time::timeout(Duration::from_millis(300), run).await;
    assert!(run.is_err() && !sleepers("7766").is_empty());
    let again = session.run(&script, None, &mut |_, _| ()).await;
    assert_eq!(again.unwrap_err().kind, LostKind::Cut);
    connection.close().await;
    assert!(sleepers("7766").is_empty());
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    /// Whatever is set arrives, and comes back as it was.
    #[test]
    fn any_text_survives_the_way_there_and_back(text in "[^\\x00]{0,200}") {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(with_each_shell(async |session, shell| {
            let script = trial("echo_back").set("trial_text", &text).arg(&text);
            let reply = call(session, script).await;
            assert_eq!(reply.text("set").as_deref(), Some(&*text), "{}", shell.display());
            assert_eq!(reply.text("arg").as_deref(), Some(&*text), "{}", shell.display());
        }));
    }
}

#[tokio::test]
async fn a_chroot_is_a_host_too() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: only root may chroot");
        return;
    }
    let mut target = local("/bin/sh");
    target.transport = Transport::Chroot;
    target.address = "/".to_owned();
    let connection = Connection::open(&target).await.unwrap();
    let mut session = connection.session(None).await.unwrap();
    assert_eq!(call(&mut session, trial("leave")).await.status, 7);
}

#[tokio::test]
async fn a_program_runs_to_its_end() {
    let sh = |text: &str| ["sh", "-c", text].map(str::to_owned);
    let env = [("PLAY_X".to_owned(), "y z".to_owned())];
    let text = "cat; echo \"$PLAY_X\"; pwd; echo oops >&2; exit 3";
    let cwd = Some(Path::new("/"));
    let done = run_program(&sh(text), b"in\0\n", cwd, &env, None)
        .await
        .unwrap();
    assert_eq!(done.status, 3);
    assert_eq!(done.stdout, b"in\0\ny z\n/\n");
    assert_eq!(done.stderr, b"oops\n");
    let done = run_program(&sh("kill -9 $$"), b"", None, &[], None).await;
    assert_eq!(done.unwrap().status, 137);
    // Inside of a runtime, too.
    let big = vec![b'x'; 1_000_000];
    let done = run_program_blocking(&sh("cat; exec cat >&2"), &big, None, &[], None);
    assert_eq!(done.unwrap().stdout.len(), 1_000_000);
}

#[tokio::test]
async fn a_program_that_hangs_or_is_missing_is_an_error() {
    let hang = ["sh", "-c", "sleep 7654 & sleep 7654"].map(str::to_owned);
    let limit = Some(Duration::from_millis(100));
    let error = run_program(&hang, b"", None, &[], limit).await.unwrap_err();
    assert_eq!(error.message(), "`sh` did not end within 0.1 s");
    let begin = Instant::now();
    while !sleepers("7654").is_empty() {
        assert!(begin.elapsed() < Duration::from_secs(5));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let missing = ["/no/such".to_owned()];
    let error = run_program(&missing, b"", None, &[], None)
        .await
        .unwrap_err();
    assert_eq!(
        error.chain(),
        "cannot run `/no/such`: no such file or directory"
    );
}

/// Bytes without a pattern, the same in every run.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let step = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    std::iter::repeat_with(step).take(count).collect()
}

#[test]
fn what_does_not_come_whole_is_removed() {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let folder = tempfile::tempdir().unwrap();
    for shell in shells(folder.path()) {
        let path = folder.path().join("brought");
        let fragments = [&PRELUDE, &super::session::FILES].map(|fragment| fragment.text);
        let script = format!(
            "play_mark=m\n{}\n{{ (\nplay_receive '{}' 100000\n)\nplay_end $?\n}}\n",
            fragments.join("\n"),
            path.display()
        );
        let mut child = Command::new(&shell)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(script.as_bytes()).unwrap();
        let mut stdout = child.stdout.take().unwrap();
        let mut said = String::new();
        while !said.contains("m ready") {
            let mut piece = [0; 64];
            let count = std::io::Read::read(&mut stdout, &mut piece).unwrap();
            assert!(count > 0, "{}: {said}", shell.display());
            said.push_str(&String::from_utf8_lossy(&piece[..count]));
        }
        assert!(path.exists());
        stdin.write_all(b"not all of it").unwrap();
        drop(stdin);
        child.wait().unwrap();
        let start = Instant::now();
        while path.exists() && start.elapsed() < Duration::from_secs(5) {
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(!path.exists(), "{} left a part of a file", shell.display());
    }
}
