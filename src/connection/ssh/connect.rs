//! From a target to a connection that is logged in.

use ssh2::ErrorCode;
use ssh2::Session;

use super::super::{Lost, LostKind, Target};
use super::clock::Clock;
use super::host_key::Expected;
use super::login::login;
use super::owner::Owner;
use super::settings::Settings;
use super::way::{Way, unreachable};

/// Connects and logs in, blocking; then a thread of its own drives the connection.
///
/// # Errors
/// There is no way, the host is not the one it should be, or it does not let us in.
pub(super) fn connect(target: &Target, depth: usize) -> Result<Owner, Lost> {
    let clock = Clock::start(target);
    let settings = Settings::read(target)?;
    let mut way = Way::find(target, &settings, &clock, depth)?;
    let session = open(target, &settings, &mut way, &clock)?;
    login(&session, target, &settings, &clock)?;
    let name = target.name.clone();
    Owner::start(name, session, way, settings.alive)
        .map_err(|error| unreachable(target, "", &crate::error::Error::from(error).chain()))
}

/// The handshake, up to the host's key.
fn open(
    target: &Target,
    settings: &Settings,
    way: &mut Way,
    clock: &Clock<'_>,
) -> Result<Session, Lost> {
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
    expected.check(&session)?;
    Ok(session)
}

fn failed(target: &Target, way: &mut Way, clock: &Clock<'_>, error: &ssh2::Error) -> Lost {
    let said = way.last_words().map(|words| format!(" ({words})"));
    let said = said.unwrap_or_default();
    let why = match error.code() {
        ErrorCode::Session(-9) => return clock.over(),
        ErrorCode::Session(-2) => format!("no ssh server answers there{said}"),
        ErrorCode::Session(-13 | -43 | -7) => format!("the connection was closed{said}"),
        _ => format!("the ssh handshake failed: {}{said}", error.message()),
    };
    let mut lost = unreachable(target, &way.end, &why);
    lost.kind = LostKind::Unreachable;
    lost
}
