//! Service managers: what `service`, `systemd_service` and `sysvinit` share.

pub mod init;
pub mod systemd;

crate::choices! {
    /// What a service is to be.
    State {
        Reloaded = "reloaded",
        Restarted = "restarted",
        Started = "started",
        Stopped = "stopped",
    }
}

impl State {
    /// What the service is in the end.
    pub fn in_the_end(self) -> &'static str {
        match self {
            State::Stopped => "stopped",
            State::Reloaded | State::Restarted | State::Started => "started",
        }
    }

    /// What has to be done with a service that runs, or does not.
    pub fn verb(self, running: bool) -> Option<&'static str> {
        match (self, running) {
            (State::Started, true) | (State::Stopped, false) => None,
            (State::Stopped, true) => Some("stop"),
            (State::Restarted, true) => Some("restart"),
            (State::Reloaded, true) => Some("reload"),
            (_, false) => Some("start"),
        }
    }
}
