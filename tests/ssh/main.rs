//! ssh against a private sshd. Machines with users of their own are in `vagrant/`.

mod machines;
mod measure;
mod server;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::time::Instant;

use play::connection::{
    Asker, Connection, HostKeys, Lost, LostKind, Session, Target, Transport, Upload,
};
use play::shell::{Fragment, PRELUDE, Reply, Script};
use play::vault::Secret;
use server::{Server, free_port, has_ipv6, sshd, user};

static TRIALS: Fragment = Fragment {
    name: "trials",
    text: include_str!("../../src/connection/trials.sh"),
    needs: &[&PRELUDE],
};

fn trial(function: &'static str) -> Script {
    Script::call(&TRIALS, function)
}

async fn session(target: &Target) -> Result<Session, Lost> {
    Connection::open(target).await?.session(None).await
}

async fn call(session: &mut Session, script: Script) -> Reply {
    session.run(&script, None, &mut |_, _| ()).await.unwrap()
}

/// Logs in, which must work.
async fn enter(target: &Target) -> Session {
    enter_as(target, &user()).await
}

async fn enter_as(target: &Target, user: &str) -> Session {
    let mut session = session(target).await.unwrap();
    assert_eq!(session.user(), user);
    assert_eq!(call(&mut session, trial("leave")).await.status, 7);
    session
}

/// Tries to log in, which must not work; gives the message.
async fn refused(target: &Target, kind: LostKind) -> String {
    let lost = session(target).await.err().expect("it should not work");
    assert_eq!(lost.kind, kind, "{lost}");
    assert!(!lost.message.contains('\n'), "{lost}");
    lost.message
}

#[tokio::test]
async fn keys_of_each_kind_are_taken() {
    let Some(program) = sshd() else { return };
    let server = Server::start(&program, "");
    enter(&server.target(&["client"])).await;
    enter(&server.target(&["client_rsa"])).await;
    enter(&server.target(&["stranger", "client"])).await;
    let mut sealed = server.target(&["sealed"]);
    sealed.login.passphrase = Some(Secret::new("open sesame"));
    enter(&sealed).await;
    let begin = Instant::now();
    enter(&sealed).await;
    println!("with a key that was opened before: {:?}", begin.elapsed());
}

#[tokio::test]
async fn a_login_that_fails_says_what_was_tried() {
    let Some(program) = sshd() else { return };
    let server = Server::start(&program, "");
    let user = user();
    let at = server.folder.path().display();
    let start = format!("cannot log in to machine1 as {user}: ");
    for (keys, passphrase, password, why) in [
        (
            &["stranger"][..],
            None,
            None,
            format!("the server refused the key {at}/stranger"),
        ),
        (
            &[],
            None,
            None,
            "there is no key, agent or password to try (the server takes publickey)".to_owned(),
        ),
        (
            &["nowhere"],
            None,
            Some("x"),
            format!(
                "the key {at}/nowhere does not exist; there is no other key, agent or password to try \
                 (the server takes publickey)"
            ),
        ),
        (
            &["sealed"],
            None,
            None,
            format!(
                "the key {at}/sealed is encrypted: give ansible_ssh_private_key_passphrase, or add it to \
                 ssh-agent; there is no other key, agent or password to try (the server takes publickey)"
            ),
        ),
        (
            &["stranger", "sealed"],
            Some("wrong"),
            None,
            format!(
                "the key {at}/sealed does not open with the passphrase given; the server refused the key \
                 {at}/stranger"
            ),
        ),
    ] {
        let mut target = server.target(keys);
        target.login.passphrase = passphrase.map(Secret::new);
        target.login.password = password.map(Secret::new);
        let message = refused(&target, LostKind::Authentication).await;
        assert_eq!(message, format!("{start}{why}"));
    }
}

/// An ssh-agent, gone with the test.
struct Agent(Child);

impl Agent {
    fn start(socket: &Path) -> Agent {
        let mut command = Command::new("ssh-agent");
        command.arg("-D").arg("-a").arg(socket);
        let agent = Agent(command.stdout(Stdio::null()).spawn().unwrap());
        while !socket.exists() {
            std::thread::sleep(Duration::from_millis(10));
        }
        agent
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn the_agent_s_keys_are_walked_through() {
    let Some(program) = sshd() else { return };
    let server = Server::start(&program, "");
    let socket = server.file("agent");
    let _agent = Agent::start(&socket);
    for key in ["stranger", "client"] {
        let mut add = Command::new("ssh-add");
        add.arg("-q")
            .arg(server.file(key))
            .env("SSH_AUTH_SOCK", &socket);
        assert!(add.status().unwrap().success());
    }
    let mut target = server.target(&[]);
    target.login.defaults = true;
    target.ssh_arguments = vec![format!("-oIdentityAgent={}", socket.display())];
    enter(&target).await;
    target.ssh_arguments.push("-oIdentitiesOnly=yes".to_owned());
    target.login.keys = vec![server.file("stranger")];
    let message = refused(&target, LostKind::Authentication).await;
    assert!(message.ends_with("/stranger"), "{message}");
    target.login.keys = vec![server.file("client")];
    fs::remove_file(server.file("client")).unwrap();
    enter(&target).await;
}

#[tokio::test]
async fn host_keys_are_checked() {
    let Some(program) = sshd() else { return };
    let server = Server::start(&program, "");
    let mut target = server.target(&["client"]);
    let shown = format!("ED25519 {}", server.fingerprint("host_ed25519"));

    for key in ["host_rsa", "host_ecdsa"] {
        server.know("known_hosts", key);
        enter(&target).await;
    }

    server.know("known_hosts", "stranger");
    let lost = session(&target).await.err().expect("it should not work");
    assert_eq!(lost.kind, LostKind::HostKey, "{lost}");
    let port = server.port;
    let file = server.file("known_hosts");
    assert_eq!(
        lost.message,
        format!(
            "cannot trust machine1: its host key is not the one that {}:1 knows: it shows {shown}",
            file.display()
        )
    );
    let mend = lost.mend.expect("a command mends it");
    let command = format!(
        "remove the old key with `ssh-keygen -f {} -R '[127.0.0.1]:{port}'`",
        file.display()
    );
    assert!(mend.contains(&command), "{mend}");
    target.host_keys = HostKeys::AcceptNew {
        files: vec![file.clone()],
    };
    refused(&target, LostKind::HostKey).await;
    target.host_keys = HostKeys::Off;
    enter(&target).await;

    fs::write(
        &file,
        format!("@revoked * {}", server.public("host_ed25519")),
    )
    .unwrap();
    target.host_keys = HostKeys::Strict {
        files: vec![file.clone()],
    };
    let message = refused(&target, LostKind::HostKey).await;
    assert!(message.contains("is revoked in"), "{message}");
}

#[tokio::test]
async fn a_new_host_is_refused_or_learnt() {
    let Some(program) = sshd() else { return };
    let server = Server::start(&program, "");
    let mut target = server.target(&["client"]);
    let file = server.file("ssh/known_hosts");
    target.host_keys = HostKeys::Strict {
        files: vec![file.clone()],
    };
    let message = refused(&target, LostKind::HostKey).await;
    let shown = format!("ED25519 {}", server.fingerprint("host_ed25519"));
    assert!(message.contains(&shown), "{message}");
    assert!(message.contains("is not known"), "{message}");
    assert!(!file.exists());

    target.host_keys = HostKeys::AcceptNew {
        files: vec![file.clone()],
    };
    enter(&target).await;
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
    let text = fs::read_to_string(&file).unwrap();
    let key = server.public("host_ed25519").replace(" test", "");
    assert_eq!(text, format!("[127.0.0.1]:{} {key}", server.port));

    let hash = Command::new("ssh-keygen")
        .args(["-q", "-H", "-f"])
        .arg(&file)
        .output();
    assert!(hash.unwrap().status.success());
    target.host_keys = HostKeys::Strict { files: vec![file] };
    enter(&target).await;
}

/// A person who types these, and what was asked.
fn person(typed: &[&str]) -> (Asker, Arc<Mutex<Vec<String>>>) {
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let mut answers: Vec<String> = typed.iter().rev().map(|text| (*text).to_owned()).collect();
    let heard = Arc::clone(&asked);
    let answers = Mutex::new(std::mem::take(&mut answers));
    let ask = move |question: &str| {
        heard.lock().unwrap().push(question.to_owned());
        answers.lock().unwrap().pop()
    };
    (Asker(Arc::new(ask)), asked)
}

#[tokio::test]
async fn somebody_at_the_terminal_is_asked_about_a_new_host() {
    let Some(program) = sshd() else { return };
    let server = Server::start(&program, "");
    let print = server.fingerprint("host_ed25519");
    let ask = |person: Asker, file: &str| HostKeys::Ask {
        files: vec![server.file(file)],
        person,
    };
    let mut target = server.target(&["client"]);

    // A wrong word is asked about again; two connections at once ask one question.
    let (yes, asked) = person(&["perhaps", "sha256:no", "YES"]);
    target.host_keys = ask(yes, "known_yes");
    target.timeout = Duration::from_secs(5);
    let (one, two) = tokio::join!(session(&target), session(&target));
    assert!(one.is_ok() && two.is_ok());
    let asked = asked.lock().unwrap().clone();
    assert_eq!(asked.len(), 3, "{asked:?}");
    let entry = format!("[127.0.0.1]:{}", server.port);
    for part in [&entry, &print, "machine1", "(yes/no/[fingerprint])? "] {
        assert!(asked[0].contains(part), "{}", asked[0]);
    }
    assert_eq!(asked[1], asked[2]);
    let text = fs::read_to_string(server.file("known_yes")).unwrap();
    assert!(
        text.starts_with(&entry) && text.lines().count() == 1,
        "{text}"
    );

    // The next connection finds it there.
    let (nobody, asked) = person(&[]);
    target.host_keys = ask(nobody, "known_yes");
    let connection = Connection::open(&target).await.unwrap();
    let story = connection.story();
    assert!(asked.lock().unwrap().is_empty());
    let known = format!(
        "host key ED25519 {print}, known in {}:1",
        server.file("known_yes").display()
    );
    assert!(story.contains(&known), "{story:?}");
    let way = format!("connected to 127.0.0.1:{} as {}", server.port, user());
    assert!(story.contains(&way), "{story:?}");
    let key = format!("the key {} was accepted", server.file("client").display());
    assert!(story.contains(&key), "{story:?}");
}

#[tokio::test]
async fn the_answer_may_be_no_or_the_fingerprint() {
    let Some(program) = sshd() else { return };
    for (typed, answer) in [("no", false), ("", false), ("the fingerprint", true)] {
        let server = Server::start(&program, "");
        let print = server.fingerprint("host_ed25519");
        let typed = typed.replace("the fingerprint", &print);
        let (person, asked) = person(&[&typed]);
        let mut target = server.target(&["client"]);
        let file = server.file("known");
        target.host_keys = HostKeys::Ask {
            files: vec![file.clone()],
            person,
        };
        target.ssh_arguments = vec!["-oHashKnownHosts=yes".to_owned()];
        if answer {
            enter(&target).await;
            let text = fs::read_to_string(&file).unwrap();
            assert!(text.starts_with("|1|"), "{text}");
            let (nobody, none) = self::person(&[]);
            target.host_keys = HostKeys::Ask {
                files: vec![file.clone()],
                person: nobody,
            };
            enter(&target).await;
            assert!(none.lock().unwrap().is_empty());
        } else {
            // Nobody is asked twice.
            for _ in 0..2 {
                let message = refused(&target, LostKind::HostKey).await;
                assert!(message.contains("is not known"), "{message}");
            }
            assert!(!file.exists());
        }
        assert_eq!(asked.lock().unwrap().len(), 1, "{typed}");
    }
}

#[tokio::test]
async fn options_decide_whether_anybody_is_asked() {
    let Some(program) = sshd() else { return };
    let server = Server::start(&program, "");
    let mut target = server.target(&["client"]);
    for (option, enters) in [
        ("StrictHostKeyChecking=yes", false),
        ("BatchMode=yes", false),
        ("StrictHostKeyChecking=accept-new", true),
        ("StrictHostKeyChecking=no", true),
    ] {
        let (person, asked) = person(&["yes"]);
        let file = server.file(option);
        target.host_keys = HostKeys::Ask {
            files: vec![file.clone()],
            person,
        };
        target.ssh_arguments = vec![format!("-o{option}")];
        match enters {
            true => drop(enter(&target).await),
            false => drop(refused(&target, LostKind::HostKey).await),
        }
        assert!(asked.lock().unwrap().is_empty(), "{option}");
        assert_eq!(file.exists(), option.ends_with("accept-new"), "{option}");
    }
    // A key that changed is refused, not asked about.
    let (person, asked) = person(&["yes"]);
    server.know("other", "host_rsa");
    let line = fs::read_to_string(server.file("other")).unwrap();
    let line = line.replace("ssh-rsa", "ssh-ed25519");
    let own = server.public("client");
    let key = own.split(' ').nth(1).unwrap();
    let entry = line.split(' ').next().unwrap();
    fs::write(server.file("other"), format!("{entry} ssh-ed25519 {key}\n")).unwrap();
    target.ssh_arguments.clear();
    target.host_keys = HostKeys::Ask {
        files: vec![server.file("other")],
        person,
    };
    let message = refused(&target, LostKind::HostKey).await;
    assert!(message.contains("is not the one that"), "{message}");
    assert!(asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn revoked_keys_are_refused_and_known_hosts_may_be_nowhere() {
    let Some(program) = sshd() else { return };
    let server = Server::start(&program, "");
    let mut target = server.target(&["client"]);
    let revoked = server.file("revoked");
    let revokes = format!("-oRevokedHostKeys={}", revoked.display());
    fs::write(&revoked, server.public("host_ed25519")).unwrap();
    // Whatever else is said of keys.
    for host_keys in [HostKeys::Off, target.host_keys.clone()] {
        target.host_keys = host_keys;
        target.ssh_arguments = vec![revokes.clone()];
        let message = refused(&target, LostKind::HostKey).await;
        assert!(message.contains("is revoked in"), "{message}");
        target.ssh_arguments = vec!["-oRevokedHostKeys=/no/such/list".to_owned()];
        let message = refused(&target, LostKind::HostKey).await;
        assert!(message.contains("cannot be read"), "{message}");
    }
    target.host_keys = HostKeys::Off;
    fs::write(&revoked, server.public("client")).unwrap();
    target.ssh_arguments = vec![revokes];
    enter(&target).await;

    let (person, asked) = person(&["yes"]);
    target.host_keys = HostKeys::Ask {
        files: vec![server.file("not this one")],
        person,
    };
    target.ssh_arguments = ["-oUserKnownHostsFile=none", "-oGlobalKnownHostsFile=none"]
        .map(str::to_owned)
        .to_vec();
    enter(&target).await;
    assert_eq!(asked.lock().unwrap().len(), 1);
    assert!(!server.file("not this one").exists());
    let here = std::env::current_dir().unwrap();
    assert!(!here.join("none").exists());
}

#[tokio::test]
async fn a_host_that_cannot_be_reached_says_why() {
    let Some(program) = sshd() else { return };
    let server = Server::start(&program, "");
    let mut target = server.target(&["client"]);
    let port = free_port();
    target.port = Some(port);
    let message = refused(&target, LostKind::Unreachable).await;
    assert_eq!(
        message,
        format!("cannot connect to machine1 (127.0.0.1:{port}): connection refused")
    );
    target.address = "no-such-host.invalid".to_owned();
    let message = refused(&target, LostKind::Unreachable).await;
    let start = "cannot connect to machine1 (`no-such-host.invalid`): unknown host (";
    assert!(message.starts_with(start), "{message}");

    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    target.address = "127.0.0.1".to_owned();
    target.port = Some(silent.local_addr().unwrap().port());
    target.timeout = Duration::from_millis(500);
    let message = refused(&target, LostKind::Unreachable).await;
    assert_eq!(
        message,
        "cannot connect to machine1: no answer within 0.5 s"
    );
}

#[tokio::test]
async fn an_address_may_be_ipv6() {
    let Some(program) = sshd().filter(|_| has_ipv6()) else {
        return;
    };
    let server = Server::start(&program, "");
    let mut target = server.target(&["client"]);
    let port = server.port;
    let line = format!("[::1]:{port} {}", server.public("host_ed25519"));
    fs::write(server.file("known_hosts"), line).unwrap();
    target.address = "::1".to_owned();
    enter(&target).await;
    let closed = free_port();
    target.port = Some(closed);
    let message = refused(&target, LostKind::Unreachable).await;
    let expected = format!("cannot connect to machine1 ([::1]:{closed}): connection refused");
    assert_eq!(message, expected);
}

#[tokio::test]
async fn several_shells_share_a_connection() {
    let Some(program) = sshd() else { return };
    let server = Server::start(&program, "");
    let connection = Connection::open(&server.target(&["client"])).await.unwrap();
    let mut first = connection.session(None).await.unwrap();
    let mut second = connection.session(None).await.unwrap();
    let flood = trial("flood");
    let mut ignore = |_: play::shell::Stream, _: &[u8]| ();
    let mut ignore_too = |_: play::shell::Stream, _: &[u8]| ();
    let leave = trial("leave");
    let (one, two) = tokio::join!(
        first.run(&flood, None, &mut ignore),
        second.run(&leave, None, &mut ignore_too)
    );
    assert_eq!(one.unwrap().stderr.len(), 8_000_000);
    assert_eq!(two.unwrap().status, 7);
    connection.close().await;
    let after = first.run(&leave, None, &mut ignore).await;
    assert_eq!(after.unwrap_err().kind, LostKind::Cut);
}

#[tokio::test]
async fn files_go_there_and_back() {
    let Some(program) = sshd() else { return };
    let server = Server::start(&program, "");
    let mut session = enter(&server.target(&["client"])).await;
    let source = server.file("source");
    let bytes: Vec<u8> = (0..20_000_000_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    fs::write(&source, &bytes).unwrap();
    let path = server.file("arrived");
    let path = path.to_str().unwrap();
    let begin = Instant::now();
    let reply = session
        .put(Upload::File(&source), path, None)
        .await
        .unwrap();
    println!("20 MB there: {:?}", begin.elapsed());
    assert!(reply.failure().is_none(), "{reply:?}");
    assert!(fs::read(path).unwrap() == bytes);
    let begin = Instant::now();
    let back = session.get(path, 100_000_000, None).await.unwrap().unwrap();
    println!("20 MB back: {:?}", begin.elapsed());
    assert!(back == bytes);
}

#[tokio::test]
async fn a_task_that_hangs_is_ended_and_the_session_replaced() {
    let Some(program) = sshd() else { return };
    let server = Server::start(&program, "");
    let connection = Connection::open(&server.target(&["client"])).await.unwrap();
    let mut session = connection.session(None).await.unwrap();
    let pid = session.pid();
    let script = trial("hang").arg("4321");
    let limit = Some(Duration::from_millis(300));
    let lost = session
        .run(&script, limit, &mut |_, _| ())
        .await
        .unwrap_err();
    assert_eq!(lost.kind, LostKind::Timeout);
    let mut session = connection.session(None).await.unwrap();
    assert_ne!(session.pid(), pid);
    assert_eq!(call(&mut session, trial("leave")).await.status, 7);
    let left = fs::read(format!("/proc/{pid}/cmdline"));
    assert!(left.is_err(), "{left:?}");
}

#[tokio::test]
async fn a_server_that_goes_leaves_an_unknown_fate() {
    let Some(program) = sshd() else { return };
    let server = Server::start(&program, "");
    let connection = Connection::open(&server.target(&["client"])).await.unwrap();
    let mut session = connection.session(None).await.unwrap();
    let script = trial("kill_server");
    let lost = session
        .run(&script, None, &mut |_, _| ())
        .await
        .unwrap_err();
    assert_eq!(lost.kind, LostKind::Cut);
    let message = lost.message;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let again = connection.session(None).await.err().unwrap();
    assert!(again.is_unreachable(), "{again}");
    let lost = "the connection to machine1 broke in the middle of a task, whose fate is unknown";
    assert_eq!(message, lost);
}

#[tokio::test]
async fn a_jump_and_a_command_lead_to_the_server() {
    let Some(program) = sshd() else { return };
    let jump = Server::start(&program, "");
    let server = Server::start(&program, "AllowTcpForwarding no");
    let mut target = server.target(&["client"]);
    let keys = format!("{}\n", server.public("host_ed25519"));
    let both = format!(
        "[127.0.0.1]:{} {keys}[127.0.0.1]:{} {}",
        server.port,
        jump.port,
        jump.public("host_ed25519")
    );
    fs::write(server.file("known_hosts"), both).unwrap();
    target.login.keys.push(jump.file("client"));
    target.ssh_arguments = vec![
        "-J".to_owned(),
        format!("{}@127.0.0.1:{}", user(), jump.port),
    ];
    let mut one = enter(&target).await;
    let two = enter(&target).await;
    assert_ne!(one.pid(), two.pid());
    assert_eq!(call(&mut one, trial("flood")).await.stderr.len(), 8_000_000);
    let logins = jump.log().matches("Accepted publickey").count();
    assert_eq!(logins, 1, "one connection serves both: {}", jump.log());

    target.port = Some(free_port());
    let message = refused(&target, LostKind::Unreachable).await;
    assert!(message.contains("through"), "{message}");
    println!("{message}");

    let mut target = server.target(&["client"]);
    target.ssh_arguments = vec![format!(
        "-oProxyCommand=ssh -F none -oStrictHostKeyChecking=no -oUserKnownHostsFile=/dev/null \
         -i {} -p {} -W 127.0.0.1:%p 127.0.0.1",
        jump.file("client").display(),
        jump.port
    )];
    target.address = "somewhere.invalid".to_owned();
    target.host_keys = HostKeys::Off;
    enter(&target).await;
    target.ssh_arguments = vec!["-oProxyCommand=echo no way >&2; exit 1".to_owned()];
    let message = refused(&target, LostKind::Unreachable).await;
    assert_eq!(
        message,
        "cannot connect to machine1 (somewhere.invalid through ProxyCommand): the connection was \
         closed (no way)"
    );
}

#[tokio::test]
async fn a_server_may_want_two_keys() {
    let Some(program) = sshd() else { return };
    let server = Server::start(&program, "AuthenticationMethods publickey,publickey");
    enter(&server.target(&["client", "stranger", "client_rsa"])).await;
    let message = refused(&server.target(&["client"]), LostKind::Authentication).await;
    let key = server.file("client").display().to_string();
    let expected = format!("the server took the key {key} and wants one more proof (publickey)");
    assert!(message.ends_with(&expected), "{message}");
}

#[tokio::test]
async fn openssh_s_own_client_is_another_way() {
    let Some(program) = sshd() else { return };
    let server = Server::start(&program, "");
    let mut target = server.target(&["client"]);
    target.transport = Transport::OpenSsh;
    target.ssh_arguments = vec!["-Fnone".to_owned(), "-oIdentitiesOnly=yes".to_owned()];
    let mut session = enter(&target).await;
    assert_eq!(
        call(&mut session, trial("flood")).await.stderr.len(),
        8_000_000
    );
    server.know("known_hosts", "stranger");
    let message = refused(&target, LostKind::HostKey).await;
    assert_eq!(
        message,
        "cannot trust machine1: Host key verification failed"
    );
    let mut target = server.target(&["stranger"]);
    target.transport = Transport::OpenSsh;
    target.ssh_arguments = vec!["-Fnone".to_owned(), "-oIdentitiesOnly=yes".to_owned()];
    let message = refused(&target, LostKind::Authentication).await;
    assert!(
        message.contains("Permission denied (publickey)"),
        "{message}"
    );
    target.port = Some(free_port());
    let message = refused(&target, LostKind::Unreachable).await;
    assert!(
        message.starts_with("cannot connect to machine1: connect to host"),
        "{message}"
    );
}

#[tokio::test]
async fn a_login_that_is_over_at_once_is_quoted_each_time() {
    let Some(program) = sshd() else { return };
    let server = Server::start(&program, "ForceCommand echo no entry today");
    let target = server.target(&["client"]);
    for _ in 0..20 {
        let message = refused(&target, LostKind::Unreachable).await;
        assert_eq!(message, "cannot run `/bin/sh` on machine1: no entry today");
    }
}

#[tokio::test]
async fn a_server_that_falls_silent_is_noticed() {
    let Some(program) = sshd() else { return };
    let server = Server::start(&program, "");
    let mut target = server.target(&["client"]);
    target.ssh_arguments = vec![
        "-oServerAliveInterval=1".to_owned(),
        "-oServerAliveCountMax=2".to_owned(),
    ];
    let connection = Connection::open(&target).await.unwrap();
    let mut session = connection.session(None).await.unwrap();
    let quiet = trial("be_quiet").arg("6");
    let reply = session.run(&quiet, None, &mut |_, _| ()).await;
    assert_eq!(
        reply.unwrap().status,
        0,
        "keepalives are answered meanwhile"
    );
    let stop = trial("stop_server");
    let begin = Instant::now();
    let lost = session.run(&stop, None, &mut |_, _| ()).await.unwrap_err();
    assert_eq!(lost.kind, LostKind::Cut);
    assert!(lost.message.contains("s without an answer"), "{lost}");
    assert!(begin.elapsed() < Duration::from_secs(12));
    assert!(!session.is_alive() && !connection.is_alive());
}

#[tokio::test]
async fn a_host_that_comes_up_late_is_tried_again() {
    let Some(program) = sshd() else { return };
    let server = Server::start(&program, "");
    let port = free_port();
    let mut target = server.target(&["client"]);
    target.host_keys = HostKeys::Off;
    let there = target.port.replace(port).unwrap();
    target.retries = 3;
    let late = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(500));
        let listener = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
        let (near, _) = listener.accept().unwrap();
        let far = std::net::TcpStream::connect(("127.0.0.1", there)).unwrap();
        let (mut from, mut to) = (near.try_clone().unwrap(), far.try_clone().unwrap());
        std::thread::spawn(move || std::io::copy(&mut from, &mut to));
        let _ = std::io::copy(&mut &far, &mut &near);
    });
    let session = enter(&target).await;
    drop(session);
    late.join().unwrap();
}

#[tokio::test]
async fn more_shells_than_a_connection_may_have_are_opened_on_another() {
    let Some(program) = sshd() else { return };
    for limit in [1, 3] {
        let server = Server::start(&program, &format!("MaxSessions {limit}"));
        let connection = Connection::open(&server.target(&["client"])).await.unwrap();
        let mut opening = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let connection = connection.clone();
            opening.spawn(async move { connection.session(None).await });
        }
        let opened = opening.join_all().await;
        let mut sessions: Vec<Session> = opened.into_iter().map(Result::unwrap).collect();
        for session in &mut sessions {
            assert_eq!(call(session, trial("leave")).await.status, 7);
        }
        let log = server.log();
        let connections = log.matches("Accepted publickey").count();
        assert!(
            connections >= 8 / limit && connections <= 9,
            "{connections}"
        );
        connection.close().await;
    }
}

#[tokio::test]
async fn a_server_that_drops_connections_is_tried_again() {
    let Some(program) = sshd() else { return };
    let server = Server::start(&program, "MaxStartups 2:100:2");
    let mut opening = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let target = server.target(&["client"]);
        opening.spawn(async move { session(&target).await });
    }
    for opened in opening.join_all().await {
        assert_eq!(
            opened.map(|session| session.user().to_owned()).unwrap(),
            user()
        );
    }
}
