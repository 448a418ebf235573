//! sudo, su and passwords on the machines of `vagrant/`, where they are up.

use std::fs;
use std::path::PathBuf;

use play::connection::Become;
use play::connection::Connection;
use play::connection::HostKeys;
use play::connection::Login;
use play::connection::LostKind;
use play::connection::Target;
use play::connection::Transport;
use play::connection::Upload;
use play::vault::Secret;

use super::{call, enter_as, refused, trial};

/// machine1 as `vagrant/up.sh` left it; `PLAY_VAGRANT` names another folder.
fn machine(user: &str) -> Option<Target> {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vagrant");
    let folder = std::env::var_os("PLAY_VAGRANT").map_or(own, PathBuf::from);
    let folder = folder.join(".vagrant");
    let text = fs::read_to_string(folder.join("ssh-config")).unwrap_or_default();
    let mut lines = text.lines().map(str::trim);
    lines.find(|line| *line == "Host machine1");
    let mut block = lines.take_while(|line| !line.starts_with("Host "));
    let Some(port) = block.find_map(|line| line.strip_prefix("Port ")) else {
        eprintln!("skipped: the machines of vagrant/ are not up");
        return None;
    };
    Some(Target {
        name: "machine1".to_owned(),
        transport: Transport::Ssh,
        address: "127.0.0.1".to_owned(),
        port: port.parse().ok(),
        user: Some(user.to_owned()),
        login: Login {
            password: Some(Secret::new(user)),
            ..Login::default()
        },
        host_keys: HostKeys::Strict {
            files: vec![folder.join("known_hosts")],
        },
        timeout: std::time::Duration::from_secs(20),
        retries: 0,
        ssh_arguments: Vec::new(),
        shell: "/bin/sh".to_owned(),
        terminal: None,
    })
}

fn become_(method: &str, user: &str, password: Option<&str>) -> Become {
    Become {
        chdir: None,
        method: method.to_owned(),
        user: user.to_owned(),
        exe: None,
        flags: None,
        password: password.map(Secret::new),
    }
}

#[tokio::test]
async fn a_password_logs_in_or_is_refused() {
    let Some(mut target) = machine("vagrant") else {
        return;
    };
    enter_as(&target, "vagrant").await;
    target.login.password = Some(Secret::new("wrong"));
    assert_eq!(
        refused(&target, LostKind::Authentication).await,
        "cannot log in to machine1 as vagrant: the server refused the password"
    );
}

#[tokio::test]
async fn sudo_and_su_become_others() {
    let Some(target) = machine("vagrant") else {
        return;
    };
    let connection = Connection::open(&target).await.unwrap();
    for (become_, user) in [
        (become_("sudo", "root", None), "root"),
        (become_("sudo", "root", Some("not needed")), "root"),
        (become_("sudo", "nobody", None), "nobody"),
        (become_("su", "needspw", Some("needspw")), "needspw"),
    ] {
        let mut session = connection.session(Some(&become_)).await.unwrap();
        assert_eq!(session.user(), user);
        assert_eq!(call(&mut session, trial("leave")).await.status, 7);
    }
    connection.close().await;
}

#[tokio::test]
async fn becoming_fails_in_one_clear_line() {
    for (login, become_, message) in [
        (
            "needspw",
            become_("sudo", "root", None),
            "sudo on machine1 wants a password: give one with -K or ansible_become_password",
        ),
        (
            "needspw",
            become_("sudo", "root", Some("wrong")),
            "Incorrect sudo password on machine1",
        ),
        (
            "nosudo",
            become_("sudo", "root", Some("nosudo")),
            "sudo on machine1: nosudo is not in the sudoers file",
        ),
        (
            "vagrant",
            become_("sudo", "nobody2", None),
            "sudo on machine1: unknown user nobody2",
        ),
        (
            "vagrant",
            become_("su", "root", None),
            "su on machine1 wants a password: give one with -K or ansible_become_password",
        ),
        (
            "vagrant",
            become_("su", "root", Some("wrong")),
            "Incorrect su password on machine1: Authentication failure",
        ),
        (
            "vagrant",
            become_("doas", "root", None),
            "machine1 has no `doas`: install it, or choose another become_method",
        ),
        (
            "vagrant",
            become_("runas", "root", None),
            "cannot become another user with `runas`: play speaks to sudo, su, doas, dzdo and pfexec",
        ),
    ] {
        let Some(target) = machine(login) else { return };
        let connection = Connection::open(&target).await.unwrap();
        let lost = connection.session(Some(&become_)).await.err().unwrap();
        assert_eq!(lost.message, message);
        assert_eq!(lost.kind, LostKind::Become);
        let mut still = connection.session(None).await.unwrap();
        assert_eq!(call(&mut still, trial("leave")).await.status, 7);
        connection.close().await;
    }
}

#[tokio::test]
async fn a_password_for_sudo_is_given_once_it_is_asked_for() {
    let Some(target) = machine("needspw") else {
        return;
    };
    let connection = Connection::open(&target).await.unwrap();
    let root = become_("sudo", "root", Some("needspw"));
    let mut session = connection.session(Some(&root)).await.unwrap();
    assert_eq!(session.user(), "root");
    let bytes = vec![7_u8; 300_000];
    let path = "/root/only root may read this";
    let reply = session
        .put(Upload::Bytes(&bytes), path, None)
        .await
        .unwrap();
    assert!(reply.failure().is_none(), "{reply:?}");
    let back = session.get(path, 1_000_000, None).await.unwrap();
    assert!(back.unwrap() == bytes);
    let gone = call(&mut session, trial("forget_file").arg(path)).await;
    assert_eq!(gone.status, 0);
    let limit = Some(std::time::Duration::from_millis(500));
    let hang = trial("hang").arg("5432");
    let lost = session.run(&hang, limit, &mut |_, _| ()).await.unwrap_err();
    assert_eq!(lost.kind, LostKind::Timeout);
    let mut session = connection.session(Some(&root)).await.unwrap();
    let left = call(&mut session, trial("count_sleepers").arg("5432")).await;
    assert_eq!(left.text("count").as_deref(), Some("0"));
    connection.close().await;
}

/// The container that machine1 is, where Docker runs it.
fn container() -> Option<String> {
    let mut list = std::process::Command::new("docker");
    let list = list.args(["ps", "--format", "{{.Names}}"]).output().ok()?;
    let names = String::from_utf8_lossy(&list.stdout).into_owned();
    let mut names = names.lines().map(str::to_owned);
    names.find(|name| name.starts_with("vagrant_machine1_"))
}

#[tokio::test]
async fn a_container_is_a_host_too() {
    let Some(mut target) = machine("vagrant") else {
        return;
    };
    let Some(name) = container() else { return };
    target.transport = Transport::Docker;
    target.address = name;
    let mut session = enter_as(&target, "vagrant").await;
    let bytes = vec![9_u8; 100_000];
    let path = "/tmp/by docker";
    let reply = session
        .put(Upload::Bytes(&bytes), path, None)
        .await
        .unwrap();
    assert!(reply.failure().is_none(), "{reply:?}");
    assert!(session.get(path, 1_000_000, None).await.unwrap().unwrap() == bytes);
    call(&mut session, trial("forget_file").arg(path)).await;
    let limit = Some(std::time::Duration::from_millis(500));
    let hang = trial("hang").arg("6543");
    let lost = session.run(&hang, limit, &mut |_, _| ()).await.unwrap_err();
    assert_eq!(lost.kind, LostKind::Timeout);
    let mut session = enter_as(&target, "vagrant").await;
    let left = call(&mut session, trial("count_sleepers").arg("6543")).await;
    assert_eq!(left.text("count").as_deref(), Some("0"));
    target.address = "no-such-container".to_owned();
    let message = refused(&target, LostKind::Unreachable).await;
    assert!(message.contains("No such container"), "{message}");
}
