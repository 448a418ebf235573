//! How a host was reached, in words.

use std::time::Duration;

use super::links::Lent;
use super::steps::Walk;
use crate::connection::line_of;
use crate::error::Error;
use crate::report::Event;

impl Walk {
    /// Says with `-vvv` how a new shell came about; and warns of options that are not done.
    pub(super) fn tell_way(&self, lent: &Lent, time: Duration) {
        let connection = lent.session.connection();
        self.run.tell(Event::Note {
            level: 3,
            text: self.way(&connection.story(), time),
        });
        for option in connection.not_done() {
            let text = format!("the ssh option `{option}` is set, and is not done here");
            let hint = "`ansible_connection: openssh` uses OpenSSH's own client, which does it";
            self.run.house.warn_once(Error::input(text).hint(hint));
        }
    }

    /// How the host was reached, for `-vvv`: the connection's own story, who was become, the program that runs.
    fn way(&self, story: &[String], time: Duration) -> String {
        let target = &self.target;
        let host = &self.host;
        let mut lines = vec![
            format!("{:?} to {}", target.transport, target.address).to_lowercase()
                + &format!(" ({:.1} s)", time.as_secs_f64()),
        ];
        lines.extend_from_slice(story);
        if !target.ssh_arguments.is_empty() {
            lines.push(format!("ssh options: {}", target.ssh_arguments.join(" ")));
        }
        let mut exec = None;
        if let Some(user) = &self.user {
            lines.push(format!("become {} by {}", user.user, user.method));
            exec = line_of(user, &target.shell);
        }
        lines.push(format!("EXEC {}", exec.as_ref().unwrap_or(&target.shell)));
        let lines: Vec<String> = lines
            .iter()
            .map(|line| format!("<{host}> {line}"))
            .collect();
        self.run.house.masked(&lines.join("\n"))
    }
}
