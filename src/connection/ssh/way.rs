//! The way to a server: a TCP connection, a tunnel through other hosts, or a command.

use std::fs::File;
use std::io::Read;
use std::io::Seek;
use std::io::SeekFrom;
use std::net::SocketAddr;
use std::net::TcpStream;
use std::net::ToSocketAddrs;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::Arc;

use super::super::{Lost, LostKind, Target};
use super::clock::Clock;
use super::owner::{Kept, Owner};
use super::settings::{Family, Settings};
use crate::error::Error;

/// A socket that leads to the server, and what has to live as long as it.
pub(super) struct Way {
    pub(super) socket: OwnedFd,
    /// The far end, for messages.
    pub(super) end: String,
    /// The program or the connection that the socket runs through.
    pub(super) kept: Kept,
    words: Option<File>,
}

/// A program that is ended with the connection.
struct ProxyCommand(Child);

impl Way {
    fn new(socket: OwnedFd, end: String, kept: Kept) -> Self {
        Way {
            socket,
            end,
            kept,
            words: None,
        }
    }

    /// A TCP connection to the target's server.
    ///
    /// # Errors
    /// The name means nothing, nobody listens, nobody answers.
    pub(super) fn direct(
        target: &Target,
        settings: &Settings,
        clock: &Clock<'_>,
    ) -> Result<Way, Lost> {
        direct(target, settings, clock)
    }

    /// The stdin and stdout of a program.
    ///
    /// # Errors
    /// It cannot be started.
    pub(super) fn through_command(
        target: &Target,
        settings: &Settings,
        command: &str,
    ) -> Result<Way, Lost> {
        through_command(target, settings, command)
    }

    /// A tunnel through another host; `hops` is its name.
    ///
    /// # Errors
    /// That host cannot connect to the server.
    pub(super) fn through_host(
        target: &Target,
        settings: &Settings,
        owner: Arc<Owner>,
        hops: &str,
        clock: &Clock<'_>,
    ) -> Result<Way, Lost> {
        let tunnel = owner.tunnel(&settings.host, settings.port, clock.left()?);
        let end = format!("{}:{} through {hops}", settings.host, settings.port);
        let near = tunnel.map_err(|why| unreachable(target, &end, &why))?;
        Ok(Way::new(OwnedFd::from(near), end, Box::new(owner)))
    }

    /// What the proxy command said last, where there is one.
    pub(super) fn last_words(&mut self) -> Option<String> {
        let words = self.words.as_mut()?;
        let mut text = String::new();
        words.seek(SeekFrom::Start(0)).ok()?;
        words.take(64 * 1024).read_to_string(&mut text).ok()?;
        let line = text.trim().lines().last()?;
        (!line.is_empty()).then(|| line.to_owned())
    }
}

impl Drop for ProxyCommand {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn direct(target: &Target, settings: &Settings, clock: &Clock<'_>) -> Result<Way, Lost> {
    let Settings { host, port, .. } = settings;
    let addresses = (host.as_str(), *port).to_socket_addrs().map_err(|error| {
        let text = Error::from(error).chain();
        let why = text.rsplit(": ").next().unwrap_or_default().to_lowercase();
        unreachable(
            target,
            &format!("`{host}`"),
            &format!("unknown host ({why})"),
        )
    })?;
    let mut last = unreachable(target, &format!("`{host}`"), "it has no address");
    let wanted = |address: &SocketAddr| match settings.family {
        Family::Any => true,
        Family::Inet => address.is_ipv4(),
        Family::Inet6 => address.is_ipv6(),
    };
    for address in addresses.filter(wanted) {
        match TcpStream::connect_timeout(&address, clock.left()?) {
            Ok(stream) => {
                // Without this a command takes 50 ms.
                let _ = stream.set_nodelay(true);
                let end = place(host, address);
                return Ok(Way::new(OwnedFd::from(stream), end, Box::new(())));
            }
            Err(error) => last = unreachable(target, &place(host, address), &words(error, target)),
        }
    }
    Err(last)
}

/// `10.0.0.5:22`, or `web1.example.com at 10.0.0.5:22` where a name was looked up.
fn place(host: &str, address: SocketAddr) -> String {
    match address.ip().to_string() == host {
        true => address.to_string(),
        false => format!("{host} at {address}"),
    }
}

fn words(error: std::io::Error, target: &Target) -> String {
    match error.kind() {
        std::io::ErrorKind::TimedOut => {
            format!("no answer within {} s", target.timeout.as_secs_f32())
        }
        _ => Error::from(error).chain(),
    }
}

/// The loss when there is no way.
pub(super) fn unreachable(target: &Target, place: &str, why: &str) -> Lost {
    let message = match place.is_empty() {
        true => format!("cannot connect to {}: {why}", target.name),
        false => format!("cannot connect to {} ({place}): {why}", target.name),
    };
    Lost::new(LostKind::Unreachable, message)
}

/// An `ssh` that is a ProxyCommand would ask on the terminal, which it cannot read from the background: it would
/// hang. Now it says that it cannot ask.
fn without_questions() -> Vec<(&'static str, &'static str)> {
    match std::env::var_os("SSH_ASKPASS") {
        Some(_) => Vec::new(),
        None => vec![
            ("SSH_ASKPASS", "/bin/false"),
            ("SSH_ASKPASS_REQUIRE", "force"),
        ],
    }
}

fn through_command(target: &Target, settings: &Settings, command: &str) -> Result<Way, Lost> {
    let start = || -> std::io::Result<Way> {
        let (near, far) = UnixStream::pair()?;
        let words = tempfile::tempfile()?;
        let child = Command::new("/bin/sh")
            .args(["-c", &format!("exec {command}")])
            .stdin(Stdio::from(OwnedFd::from(far.try_clone()?)))
            .stdout(Stdio::from(OwnedFd::from(far)))
            .stderr(Stdio::from(words.try_clone()?))
            .process_group(0)
            .envs(without_questions())
            .spawn()?;
        let end = format!("{} through ProxyCommand", settings.host);
        let mut way = Way::new(OwnedFd::from(near), end, Box::new(ProxyCommand(child)));
        way.words = Some(words);
        Ok(way)
    };
    start().map_err(|error| unreachable(target, "ProxyCommand", &Error::from(error).chain()))
}
