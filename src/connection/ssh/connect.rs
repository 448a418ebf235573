//! From a target to a connection that is logged in.

use std::sync::Arc;

use ssh2::ErrorCode;
use ssh2::Session;

use super::super::{Lost, LostKind, Target};
use super::clock::{Clock, Watch};
use super::hello::{self, Silence};
use super::host_key::Expected;
use super::jump;
use super::login::login;
use super::owner::Owner;
use super::question::Question;
use super::settings::{Hop, Proxy, Settings};
use super::way::{Way, unreachable};

/// Why there is no connection.
#[derive(Debug)]
pub(super) enum Failure {
    /// Somebody has to be asked about the server's key first.
    Asks(Box<Question>),
    /// For good, as far as is known.
    Lost(Lost),
    /// The server hung up before it said anything of weight: it may have had too much to do.
    Dropped(Lost),
}

impl From<Lost> for Failure {
    fn from(lost: Lost) -> Self {
        Failure::Lost(lost)
    }
}

impl Failure {
    /// What to tell.
    pub(super) fn lost(self) -> Lost {
        match self {
            Failure::Lost(lost) | Failure::Dropped(lost) => lost,
            Failure::Asks(question) => question.refusal,
        }
    }
}

/// Connects and logs in, blocking; then a thread of its own drives the connection. `watch` may end
/// that at any time.
///
/// # Errors
/// There is no way, the host is not the one it should be, or it does not let us in.
pub(super) fn connect(target: &Target, watch: &Watch) -> Result<Owner, Failure> {
    connect_at(target, watch, 0)
}

fn connect_at(target: &Target, watch: &Watch, depth: usize) -> Result<Owner, Failure> {
    let clock = Clock::start(target, watch);
    let settings = Settings::read(target)?;
    let mut story = Vec::new();
    let mut way = match &settings.proxy {
        Proxy::Direct => Way::direct(target, &settings, &clock)?,
        Proxy::Command(command) => Way::through_command(target, &settings, command)?,
        Proxy::Jump(hops) => {
            let owner = last_hop(target, hops, &clock, depth)?;
            let on_the_way = owner.story.iter();
            story.extend(on_the_way.map(|line| format!("on the way: {line}")));
            Way::through_host(target, &settings, owner, &jump::name(hops), &clock)?
        }
    };
    let guard = clock.guard(&way.socket);
    let (session, host_key) = open(target, &settings, &mut way, &clock)?;
    let tried = login(&session, target, &settings, &clock)?;
    drop(guard);
    story.push(format!("connected to {} as {}", way.end, settings.user));
    story.push(format!("host key {host_key}"));
    story.extend(tried);
    let Way { socket, kept, .. } = way;
    let owner = Owner::start(target.name.clone(), session, (socket, kept), settings.alive);
    let mut owner = owner.map_err(|error| {
        let why = crate::error::Error::from(error).chain();
        Failure::Lost(unreachable(target, "", &why))
    })?;
    owner.story = story;
    owner.not_done = settings.not_done;
    Ok(owner)
}

/// The connection to the last of the hosts on the way.
fn last_hop(
    target: &Target,
    hops: &[Hop],
    clock: &Clock<'_>,
    depth: usize,
) -> Result<Arc<Owner>, Failure> {
    jump::refuse_circle(target, depth)?;
    jump::owner(target, hops, |host| {
        // Others may have tried before us, each for as long as it may take.
        clock.left()?;
        connect_at(host, clock.watch(), depth + 1)
    })
}

/// The handshake, up to the host's key, and how that is known.
fn open(
    target: &Target,
    settings: &Settings,
    way: &mut Way,
    clock: &Clock<'_>,
) -> Result<(Session, String), Failure> {
    hello::wait(&way.socket, clock).map_err(|silence| silent(target, way, silence))?;
    let expected = Expected::new(target, settings);
    let started = |way: &Way| -> Result<Session, ssh2::Error> {
        let mut session = Session::new()?;
        let socket = way.socket.try_clone();
        session.set_tcp_stream(socket.map_err(|_| ssh2::Error::unknown())?);
        session.set_compress(settings.compress);
        expected.prefer(&session)?;
        Ok(session)
    };
    let mut session = started(way).map_err(|error| failed(target, way, clock, &error))?;
    clock.arm(&session)?;
    session
        .handshake()
        .map_err(|error| failed(target, way, clock, &error))?;
    let host_key = expected.check(&session)?;
    Ok((session, host_key))
}

/// A server that never came to its version.
fn silent(target: &Target, way: &mut Way, silence: Silence) -> Failure {
    let words = way.last_words();
    let lost = |way: &Way, why: &str| unreachable(target, &way.end, why);
    match silence {
        Silence::Late(lost) => lost.into(),
        Silence::Endless => {
            let why = "the server talks without end before its ssh version";
            lost(way, why).into()
        }
        Silence::Closed(said) => match (words, said.as_str()) {
            (Some(words), _) => {
                Failure::Dropped(lost(way, &format!("the connection was closed ({words})")))
            }
            (None, "") => Failure::Dropped(lost(way, "the connection was closed")),
            // What sshd says when it has too much to do.
            (None, said) if said.contains("MaxStartups") || said.starts_with("Not allowed at") => {
                Failure::Dropped(lost(way, &format!("the connection was closed ({said})")))
            }
            (None, said) => lost(
                way,
                &format!("no ssh server answers there (it said: {said})"),
            )
            .into(),
        },
    }
}

fn failed(target: &Target, way: &mut Way, clock: &Clock<'_>, error: &ssh2::Error) -> Failure {
    if let Err(late) = clock.left() {
        return late.into();
    }
    let said = way.last_words().map(|words| format!(" ({words})"));
    let said = said.unwrap_or_default();
    let (why, dropped) = match error.code() {
        ErrorCode::Session(-9) => return clock.over().into(),
        ErrorCode::Session(-2) => (format!("no ssh server answers there{said}"), false),
        ErrorCode::Session(-13 | -43 | -7) => (format!("the connection was closed{said}"), true),
        _ => {
            let why = format!("the ssh handshake failed: {}{said}", error.message());
            (why, false)
        }
    };
    let lost = Lost::new(
        LostKind::Unreachable,
        unreachable(target, &way.end, &why).message,
    );
    match dropped {
        true => Failure::Dropped(lost),
        false => Failure::Lost(lost),
    }
}
