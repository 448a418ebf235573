//! How long things take: `cargo test --release --test ssh measure -- --ignored --nocapture`.

use std::fs;
use std::time::Duration;
use std::time::Instant;

use play::connection::Connection;
use play::connection::HostKeys;
use play::connection::Session;
use play::connection::Target;
use play::connection::Transport;
use play::connection::Upload;

use super::server::{Server, sshd};
use super::{call, trial};

const ROUNDS: usize = 2000;

/// The median of many empty requests.
async fn round_trip(session: &mut Session) -> Duration {
    let script = trial("nothing");
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let begin = Instant::now();
        session.run(&script, None, &mut |_, _| ()).await.unwrap();
        times.push(begin.elapsed());
    }
    times.sort();
    times[ROUNDS / 2]
}

async fn speak(target: &Target, what: &str, server: &Server) {
    let begin = Instant::now();
    let connection = Connection::open(target).await.unwrap();
    let connected = begin.elapsed();
    let begin = Instant::now();
    let mut session = connection.session(None).await.unwrap();
    let opened = begin.elapsed();
    let empty = round_trip(&mut session).await;
    println!("{what}: connect {connected:?}, shell {opened:?}, empty request {empty:?}");

    let source = server.file("measured");
    let bytes: Vec<u8> = (0..64_u32 << 20)
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
    assert!(reply.failure().is_none());
    println!(
        "{what}: put {:.0} MiB/s",
        64.0 / begin.elapsed().as_secs_f64()
    );
    let begin = Instant::now();
    let back = session.get(path, 1 << 30, None).await.unwrap().unwrap();
    println!(
        "{what}: get {:.0} MiB/s",
        64.0 / begin.elapsed().as_secs_f64()
    );
    assert!(back == bytes);
    let begin = Instant::now();
    for _ in 0..100 {
        session
            .put(Upload::Bytes(b"a short text\n"), path, None)
            .await
            .unwrap();
    }
    println!("{what}: put of a short text {:?}", begin.elapsed() / 100);
    connection.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "it measures, and wants a release build"]
async fn measure() {
    let Some(program) = sshd() else { return };
    let server = Server::start(&program, "MaxStartups 1000\nMaxSessions 100");
    let mut target = server.target(&["client"]);
    speak(&target, "ssh", &server).await;
    target.transport = Transport::OpenSsh;
    target.ssh_arguments = vec!["-Fnone".to_owned()];
    speak(&target, "openssh", &server).await;
    target.transport = Transport::Local;
    speak(&target, "local", &server).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "it measures, and wants a release build"]
async fn many_hosts() {
    let Some(program) = sshd() else { return };
    let server = Server::start(&program, "MaxStartups 1000");
    let mut target = server.target(&["client"]);
    target.host_keys = HostKeys::Off;
    target.timeout = Duration::from_secs(60);
    let begin = Instant::now();
    let open = |_| {
        let target = target.clone();
        tokio::spawn(async move {
            let connection = Connection::open(&target).await.unwrap();
            let session = connection.session(None).await.unwrap();
            (connection, session)
        })
    };
    let tasks: Vec<_> = (0..number()).map(open).collect();
    let mut hosts = Vec::new();
    for task in tasks {
        hosts.push(task.await.unwrap());
    }
    let count = hosts.len();
    println!("{count} hosts: open after {:?}", begin.elapsed());
    let begin = Instant::now();
    let ask = |(connection, mut session): (Connection, Session)| {
        tokio::spawn(async move {
            for _ in 0..20 {
                assert_eq!(call(&mut session, trial("leave")).await.status, 7);
            }
            connection.close().await;
        })
    };
    let tasks: Vec<_> = hosts.into_iter().map(ask).collect();
    for task in tasks {
        task.await.unwrap();
    }
    println!(
        "{count} hosts: 20 requests each and closed after {:?}",
        begin.elapsed()
    );
}

/// `HOSTS`, or 200.
fn number() -> usize {
    std::env::var("HOSTS").map_or(200, |text| text.parse().unwrap())
}
