//! How a host was reached, in words.

use std::time::Duration;

use super::steps::Walk;
use crate::connection::{HostKeys, Transport, line_of};

impl Walk {
    /// How the host was reached, for `-vvv`.
    pub(super) fn way(&self, time: Duration) -> String {
        let target = &self.target;
        let mut parts =
            vec![format!("{:?} to {}", target.transport, target.address).to_lowercase()];
        if target.transport == Transport::Ssh {
            let or_config = "as ~/.ssh/config or the default has it";
            let port = target
                .port
                .map_or_else(|| or_config.to_owned(), |port| port.to_string());
            let user = target.user.as_deref().unwrap_or(or_config);
            let keys: Vec<String> = target
                .login
                .keys
                .iter()
                .map(|key| key.display().to_string())
                .collect();
            let keys = match keys.is_empty() {
                true => "the agent's and those in ~/.ssh".to_owned(),
                false => keys.join(", "),
            };
            let known = match &target.host_keys {
                HostKeys::Off => "not checked".to_owned(),
                HostKeys::Strict { files } | HostKeys::AcceptNew { files } => {
                    let files: Vec<String> = files
                        .iter()
                        .map(|file| file.display().to_string())
                        .collect();
                    format!("known in {}", files.join(", "))
                }
            };
            parts.push(format!("port {port}"));
            parts.push(format!("user {user}"));
            parts.push(format!("keys: {keys}"));
            parts.push(format!("host key {known}"));
            if !target.ssh_arguments.is_empty() {
                parts.push(format!("options: {}", target.ssh_arguments.join(" ")));
            }
        }
        if let Some(user) = &self.user {
            parts.push(format!("become {} by {}", user.user, user.method));
        }
        let seconds = time.as_secs_f64();
        let become_line = self
            .user
            .as_ref()
            .and_then(|user| line_of(user, &target.shell));
        let host = &self.host;
        let exec = become_line.unwrap_or_else(|| target.shell.clone());
        self.run.house.masked(&format!(
            "<{host}> {} ({seconds:.1} s)\n<{host}> EXEC {exec}",
            parts.join("; ")
        ))
    }
}
