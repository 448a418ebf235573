#![doc = include_str!("page.md")]

mod connections;

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::args;
use crate::error::{Error, Result};
use crate::modules::node::{NODE, Node};
use crate::modules::{Ask, Cx, FreeForm, Module, RemotePath, Step};
use crate::outcome::Outcome;
use crate::shell::{Fragment, Reply, Script};
use crate::template::regex::{Flags, Pattern, compile};
use crate::value::{Map, Value};

/// The module.
pub static MODULE: Module = Module {
    name: "wait_for",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: false,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "wait_for",
    text: include_str!("wait_for.sh"),
    needs: &[&NODE],
};

crate::choices! {
    /// What is waited for.
    State {
        Absent = "absent",
        Drained = "drained",
        Present = "present",
        Started = "started",
        Stopped = "stopped",
    }
}

crate::choices! {
    /// The state of a TCP connection, by the reference's names.
    Connection {
        Established = "ESTABLISHED",
        FinWait1 = "FIN_WAIT1",
        FinWait2 = "FIN_WAIT2",
        SynReceived = "SYN_RECV",
        SynSent = "SYN_SENT",
        TimeWait = "TIME_WAIT",
    }
}

args! {
    /// What `wait_for` takes; times are in seconds.
    Args {
        active_connection_states: Vec<Connection> = Connection::all(),
        connect_timeout: u64 = 5,
        delay: u64 = 0,
        exclude_hosts: Option<Vec<String>>,
        host: String = "127.0.0.1".to_owned(),
        msg: Option<String>,
        path: Option<RemotePath>,
        port: Option<u16>,
        search_regex: Option<String>,
        sleep: u64 = 1,
        state: State = State::Started,
        timeout: u64 = 300,
    }
}

impl Connection {
    fn all() -> Vec<Connection> {
        use Connection::{Established, FinWait1, FinWait2, SynReceived, SynSent, TimeWait};
        vec![Established, FinWait1, FinWait2, SynSent, SynReceived, TimeWait]
    }
}

fn plan(args: &Map, _cx: &Arc<Cx>) -> Result<Step> {
    let wait = Wait::read(args)?;
    let delay = Duration::from_secs(wait.args.delay);
    if wait.args.port.is_none() && wait.args.path.is_none() {
        let all = Ask::Sleep(delay + Duration::from_secs(wait.args.timeout));
        return Ok(Step::ask(all, move |_| Ok(wait.success(None, &[], Map::new()).into())));
    }
    if delay.is_zero() {
        return Ok(wait.look());
    }
    Ok(Step::ask(Ask::Sleep(delay), move |_| Ok(wait.look())))
}

/// What is waited for, and since when.
struct Wait {
    args: Args,
    pattern: Option<Arc<Pattern>>,
    begun: Instant,
    /// What is known of the file's content: it is not sent again while this holds.
    seen: String,
    /// The path as the host expands it.
    path: Option<String>,
}

impl Wait {
    fn read(args: &Map) -> Result<Wait> {
        let args = Args::read(args)?;
        let wrong = |message: &str| Err(Error::input(message));
        match (&args.path, args.port, args.state) {
            (Some(_), Some(_), _) => return wrong("`port` and `path` are mutually exclusive"),
            (Some(_), _, State::Stopped | State::Drained) => {
                return wrong("`stopped` and `drained` are states of a port, not of a path");
            }
            (_, None, State::Drained) => return wrong("`state: drained` needs a `port`"),
            (_, _, State::Drained) => {}
            _ if args.exclude_hosts.is_some() => {
                return wrong("`exclude_hosts` is for `state: drained`");
            }
            _ => {}
        }
        let flags = Flags::of(false, true);
        let pattern = args.search_regex.as_deref().map(|text| compile(text, flags)).transpose()?;
        Ok(Wait {
            args,
            pattern,
            begun: Instant::now(),
            seen: String::new(),
            path: None,
        })
    }

    /// One look at the host.
    fn look(self) -> Step {
        let script = match (&self.args.path, self.args.state) {
            (Some(path), _) => Script::call(&SHELL, "wait_for_path")
                .path("path", path)
                .flag("content", self.pattern.is_some() && self.args.state != State::Absent)
                .set("seen", &self.seen),
            (None, State::Drained) => Script::call(&SHELL, "wait_for_connections")
                .set("host", &self.args.host)
                .list("excluded", self.args.exclude_hosts.as_deref().unwrap_or_default()),
            (None, _) => Script::call(&SHELL, "wait_for_port")
                .set("host", &self.args.host)
                .set("port", self.args.port.unwrap_or_default().to_string())
                .set("limit", self.connect_limit().to_string())
                .flag("read", self.reads_port()),
        };
        Step::run(script, move |reply| self.judge(&reply))
    }

    fn reads_port(&self) -> bool {
        self.pattern.is_some() && matches!(self.args.state, State::Started | State::Present)
    }

    /// A try takes no longer than what is left of the time.
    fn connect_limit(&self) -> u64 {
        let left = self.args.timeout.saturating_sub(self.elapsed());
        self.args.connect_timeout.min(left).max(1)
    }

    fn judge(mut self, reply: &Reply) -> Result<Step> {
        let node = Node::read(reply, "node");
        self.path = reply.text("path");
        let none = (Vec::new(), Map::new());
        let found = match (&self.args.path, self.args.state) {
            (Some(_), State::Absent) => (!reply.flag("there")).then_some(none),
            (Some(_), _) => match &self.pattern {
                None => reply.flag("there").then_some(none),
                Some(pattern) => search(pattern, reply)?,
            },
            (None, State::Drained) => {
                let active = connections::active(reply, &self.args);
                (active == 0).then_some(none)
            }
            (None, State::Absent | State::Stopped) => (!reply.flag("open")).then_some(none),
            (None, _) => match &self.pattern {
                None => reply.flag("open").then_some(none),
                // The reference tells no groups of what a port said.
                Some(pattern) => search(pattern, reply)?.map(|_| none),
            },
        };
        if let Some((groups, named)) = found {
            return Ok(self.success(node, &groups, named).into());
        }
        if let Some(signature) = reply.text("signature") {
            self.seen = signature;
        }
        Ok(self.again())
    }

    fn again(self) -> Step {
        let left = self.args.timeout.saturating_sub(self.elapsed());
        if left == 0 {
            return self.failure().into();
        }
        let sleep = Duration::from_secs(self.args.sleep).min(Duration::from_secs(left));
        Step::ask(Ask::Sleep(sleep), move |_| Ok(self.look()))
    }

    fn elapsed(&self) -> u64 {
        self.begun.elapsed().as_secs()
    }

    fn success(&self, node: Option<Node>, groups: &[Value], named: Map) -> Outcome {
        let args = &self.args;
        let outcome = Outcome::ok()
            .with("elapsed", self.elapsed())
            .with("state", args.state.word())
            .with("port", args.port.map(i64::from))
            .with("path", Value::str_or_null(self.path.as_deref()))
            .with("search_regex", Value::str_or_null(args.search_regex.as_deref()))
            .with("match_groups", groups.to_vec())
            .with("match_groupdict", named);
        match node {
            Some(node) => node.describe(outcome),
            None => outcome,
        }
    }

    fn failure(&self) -> Outcome {
        let args = &self.args;
        let place = match &args.path {
            Some(path) => path.to_string(),
            None => format!("{}:{}", args.host, args.port.unwrap_or_default()),
        };
        let what = match (args.state, &args.search_regex, &args.path) {
            (State::Absent, _, Some(_)) => format!("{place} to be absent."),
            (State::Absent | State::Stopped, _, None) => format!("{place} to stop."),
            (State::Drained, _, _) => format!("{place} to drain"),
            (_, Some(pattern), _) => format!("search string {pattern} in {place}"),
            (_, None, Some(_)) => format!("file {place}"),
            (_, None, None) => place,
        };
        let message = args.msg.clone().unwrap_or_else(|| format!("Timeout when waiting for {what}"));
        Outcome::failed(message).with("elapsed", self.elapsed())
    }
}

/// The groups of the first match in what came back: by number and by name.
fn search(pattern: &Pattern, reply: &Reply) -> Result<Option<(Vec<Value>, Map)>> {
    let Some(text) = reply.text("content") else {
        return Ok(None);
    };
    let Some(found) = pattern.search(&text)? else {
        return Ok(None);
    };
    let group = |number: usize| Value::str_or_null(found.group(&text, number));
    let groups = (1..=found.group_count()).map(group).collect();
    let mut named = Map::new();
    for (name, number) in pattern.group_names() {
        named.set(name, group(*number));
    }
    Ok(Some((groups, named)))
}

#[cfg(test)]
mod tests;
