//! What is set in the console: it holds for every task from then on.

use crate::executor::Options;
use crate::value::{Map, Value};

/// The settings of a console.
#[derive(Clone, Debug)]
pub struct State {
    /// The hosts, as a pattern.
    pub pattern: String,
    /// `remote_user`.
    pub remote_user: Option<String>,
    /// `become`.
    pub become_: bool,
    /// `become_user`.
    pub become_user: Option<String>,
    /// `become_method`.
    pub become_method: Option<String>,
    /// `check`.
    pub check: bool,
    /// `diff`.
    pub diff: bool,
    /// `forks`.
    pub forks: usize,
    /// `timeout`, in seconds; 0 is none.
    pub timeout: u64,
    /// `collections`.
    pub collections: Vec<String>,
}

impl State {
    /// As the command line says.
    pub fn new(pattern: &str, timeout: Option<u64>, options: &Options) -> Self {
        let access = &options.access;
        let configured = options.task_timeout.map(|timeout| timeout.as_secs());
        State {
            pattern: pattern.to_owned(),
            remote_user: access.user.clone(),
            become_: access.become_,
            become_user: access.become_user.clone(),
            become_method: access.become_method.clone(),
            check: options.check,
            diff: options.diff,
            forks: options.forks,
            timeout: timeout.or(configured).unwrap_or(0),
            collections: Vec::new(),
        }
    }

    /// The prompt: who works on which hosts, how many, how many at once.
    pub fn prompt(&self, user: &str, hosts: usize) -> String {
        let user = self.remote_user.as_deref().unwrap_or(user);
        let end = if self.is_root() { '#' } else { '$' };
        format!("{user}@{} ({hosts})[f:{}]{end} ", self.pattern, self.forks)
    }

    /// Whether tasks run as root by becoming it.
    pub fn is_root(&self) -> bool {
        self.become_ && matches!(self.become_user.as_deref(), None | Some("root"))
    }

    /// The play of one task.
    pub fn play(&self, mut task: Map) -> Value {
        if self.timeout > 0 {
            task.set("timeout", self.timeout);
        }
        let mut play = crate::entries! {
            "name" => "Ansible Shell",
            "hosts" => self.pattern.as_str(),
            "gather_facts" => false,
            "become" => self.become_,
            "check_mode" => self.check,
            "diff" => self.diff,
            "tasks" => vec![Value::map(task)],
        };
        let texts = [
            ("remote_user", &self.remote_user),
            ("become_user", &self.become_user),
            ("become_method", &self.become_method),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                play.set(name, text.as_str());
            }
        }
        if !self.collections.is_empty() {
            play.set(
                "collections",
                Value::strings(self.collections.iter().map(String::as_str)),
            );
        }
        Value::map(play)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prompt_is_the_references() {
        let mut state = State::new("all", None, &Options::default());
        state.forks = 5;
        assert_eq!(state.prompt("root", 3), "root@all (3)[f:5]$ ");
        state.become_ = true;
        state.remote_user = Some("joe".to_owned());
        assert_eq!(state.prompt("root", 2), "joe@all (2)[f:5]# ");
        state.become_user = Some("www".to_owned());
        assert_eq!(state.prompt("root", 2), "joe@all (2)[f:5]$ ");
    }
}
