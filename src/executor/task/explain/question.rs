//! What a failure leaves to be asked on the host.

use super::{FULL, has, said};
use crate::executor::wire::Question;
use crate::outcome::Outcome;
use crate::value::{Map, Value};

/// Words of programs that wait for a package manager's lock, or do not.
const LOCKED: &[&str] = &[
    "could not get lock",
    "unable to lock",
    "unable to acquire the dpkg frontend lock",
    "is locked by",
    "waiting for process with pid",
    "existing lock",
    "database is locked",
    "failed to init transaction",
    "system management is locked",
];

/// What is to be asked on the host, if anything.
pub(super) fn question(action: &str, args: &Map, outcome: &Outcome) -> Option<Question> {
    let said = said(outcome);
    let packages = matches!(
        action,
        "apt" | "dnf" | "dnf5" | "yum" | "apk" | "zypper" | "pacman" | "package"
    );
    match action {
        _ if has(&said, FULL) => Some(Question::Disk(paths(args))),
        _ if has(&said, LOCKED) && (packages || said.contains("dpkg")) => Some(Question::Lock),
        "service" | "systemd" | "systemd_service" => {
            let state = args.get("state").and_then(Value::as_str)?;
            let starts = matches!(state, "started" | "restarted" | "reloaded");
            let name = args
                .get("name")
                .or_else(|| args.get("service"))
                .or_else(|| args.get("unit"))?;
            let missing = said.contains("could not find the requested service");
            (starts && !missing).then(|| Question::Service(name.to_text()))
        }
        _ if said.contains("not found") && said.contains("unit ") => None,
        _ => job_that_failed(outcome)
            .or_else(|| started_by(outcome))
            .map(Question::Service),
    }
}

/// The unit in `Job for nginx.service failed because …`, which `systemctl` prints wherever it is called from.
fn job_that_failed(outcome: &Outcome) -> Option<String> {
    ["stderr", "msg", "stdout"].iter().find_map(|name| {
        let text = outcome.text(name)?;
        let (_, rest) = text.split_once("Job for ")?;
        let (unit, rest) = rest.split_once(' ')?;
        (rest.starts_with("failed") && is_unit(unit)).then(|| unit.to_owned())
    })
}

/// The service that a command was to start: `systemctl restart nginx`, `service nginx start`.
fn started_by(outcome: &Outcome) -> Option<String> {
    const STARTS: [&str; 7] = [
        "start",
        "restart",
        "reload",
        "try-restart",
        "reload-or-restart",
        "force-reload",
        "condrestart",
    ];
    let command = match outcome.data.get("cmd")? {
        Value::List(words) => words.iter().map(Value::to_text).collect(),
        other => shell_words::split(&other.to_text()).ok()?,
    };
    let words: Vec<&str> = command.iter().map(String::as_str).collect();
    let at = words
        .iter()
        .position(|word| matches!(word.rsplit('/').next(), Some("systemctl" | "service")))?;
    let plain: Vec<&str> = words[at + 1..]
        .iter()
        .copied()
        .filter(|word| !word.starts_with('-'))
        .collect();
    let (verb, unit) = match (words[at].ends_with("systemctl"), &plain[..]) {
        (true, [verb, unit, ..]) | (false, [unit, verb, ..]) => (*verb, *unit),
        _ => return None,
    };
    (STARTS.contains(&verb) && is_unit(unit)).then(|| unit.to_owned())
}

fn is_unit(name: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || "@._-:\\".contains(c);
    !name.is_empty() && name.chars().all(fits)
}

/// The paths of the host that a task may have written to; files are also put down in `/tmp`.
fn paths(args: &Map) -> Vec<String> {
    let names = ["dest", "path", "chdir", "repo", "name", "creates"];
    let named = names.iter().filter_map(|name| args.get(name)?.as_str());
    let mut paths: Vec<String> = named
        .filter(|path| path.starts_with('/'))
        .map(str::to_owned)
        .collect();
    paths.extend(["/tmp", "/var", "/"].map(str::to_owned));
    paths
}
