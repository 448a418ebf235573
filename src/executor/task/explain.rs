//! Why a task failed, where its result alone does not say: what is asked on the host, what was done without
//! the rights for it.

use super::job::Job;
use super::place::Where;
use crate::connection::Transport;
use crate::executor::wire::{Question, Walk};
use crate::outcome::Outcome;
use crate::report::telling;
use crate::shell::Reply;
use crate::value::{Map, Value};

/// Words of programs whose disk is full.
const FULL: &[&str] = &[
    "no space left on device",
    "disk quota exceeded",
    "is the disk full?",
    "not enough space",
];

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

/// Words of programs that lack rights.
const DENIED: &[&str] = &[
    "permission denied",
    "operation not permitted",
    "are you root",
    "must be root",
    "need to be root",
    "be run as root",
    "superuser",
    "interactive authentication required",
    "access denied",
    "not permitted to",
    "only root",
];

impl Job<'_> {
    /// Adds to a failure what else is known of it.
    pub(super) async fn explain(
        &self,
        walk: &Walk,
        args: &Map,
        place: &Where,
        outcome: &mut Outcome,
    ) {
        if !outcome.failed || outcome.unreachable || walk.hidden {
            return;
        }
        let said = said(outcome);
        if has(&said, DENIED)
            && !has(&said, FULL)
            && let Some(hint) = rights(place)
        {
            outcome.tell_aside(|aside| aside.hint = Some(hint));
            return;
        }
        let no_folder = ["there is no folder", "destination directory "];
        if has(&said, &no_folder) || said.contains("no such file or directory: '/") {
            let hint =
                "make it in a task before this one: `file: {path: FOLDER, state: directory}`"
                    .to_owned();
            outcome.tell_aside(|aside| aside.hint = aside.hint.take().or(Some(hint)));
            return;
        }
        let Some(question) = question(self.task.action.short_name(), args, &said) else {
            return;
        };
        let Some(reply) = walk.ask_after(&question).await else {
            return;
        };
        match question {
            Question::Disk(_) => full(outcome, &reply, args),
            Question::Lock => locked(outcome, &reply),
            Question::Service(name) => service(outcome, &reply, &name),
        }
    }
}

/// All that a failure says, in lower case.
fn said(outcome: &Outcome) -> String {
    let texts = ["msg", "stderr", "module_stderr", "stdout"];
    let texts = texts.map(|name| outcome.text(name).unwrap_or_default());
    texts.join("\n").to_lowercase()
}

fn has(said: &str, words: &[&str]) -> bool {
    words.iter().any(|word| said.contains(word))
}

/// What is to be asked on the host, if anything.
fn question(action: &str, args: &Map, said: &str) -> Option<Question> {
    let packages = matches!(
        action,
        "apt" | "dnf" | "dnf5" | "yum" | "apk" | "zypper" | "pacman" | "package"
    );
    match action {
        _ if has(said, FULL) => Some(Question::Disk(paths(args))),
        _ if has(said, LOCKED) && (packages || said.contains("dpkg")) => Some(Question::Lock),
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
        _ => None,
    }
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

/// What gives the rights that were lacking; nothing where root lacked them.
fn rights(place: &Where) -> Option<String> {
    match &place.user {
        Some(user) if user.user == "root" => None,
        Some(user) => Some(format!(
            "this was done as `{}`: leave `become_user` out to do it as root",
            user.user
        )),
        None => {
            let login = place.target.user.as_deref();
            let local = matches!(place.target.transport, Transport::Local);
            let is_root = match local {
                true => rustix::process::geteuid().is_root(),
                false => login == Some("root"),
            };
            let hint =
                "give the task or its play `become: true` (or run with --become) to do it as root";
            (!is_root).then(|| hint.to_owned())
        }
    }
}

fn full(outcome: &mut Outcome, reply: &Reply, args: &Map) {
    let mut seen: Vec<(String, u64, u64)> = Vec::new();
    for line in reply.all("disk") {
        let words: Vec<&str> = line.split_whitespace().collect();
        if let [point, size, free] = words[..]
            && let (Ok(size), Ok(free)) = (size.parse(), free.parse())
            && !seen.iter().any(|(known, ..)| known == point)
        {
            seen.push((point.to_owned(), size, free));
        }
    }
    // Below one hundredth nothing of use fits.
    let is_full = |(_, size, free): &&(String, u64, u64)| *free < 1024 || *free * 100 < *size;
    let target = args
        .get("dest")
        .or_else(|| args.get("path"))
        .and_then(Value::as_str);
    let wanted = target
        .map(|path| format!(" (`{path}` was to be written)"))
        .unwrap_or_default();
    let inodes = reply.all("inodes");
    let inodes = inodes
        .iter()
        .map(|point| point.trim())
        .find(|point| !point.is_empty());
    let cause = match (seen.iter().find(is_full), inodes) {
        (_, Some(point)) => format!("no space left on `{point}`: it has no free inodes{wanted}"),
        (Some((point, size, free)), None) => format!(
            "no space left on `{point}`: {} of {} are free{wanted}",
            size_text(*free),
            size_text(*size)
        ),
        (None, None) => return,
    };
    outcome.tell_aside(|aside| {
        aside.cause = Some(cause);
        aside.hint = Some("make room there, or write to another file system".to_owned());
    });
}

/// A size that is given in kilobytes.
fn size_text(kilobytes: u64) -> String {
    let size = kilobytes as f64;
    match kilobytes {
        0..1024 => format!("{kilobytes} kB"),
        1024..1_048_576 => format!("{:.1} MB", size / 1024.0),
        _ => format!("{:.1} GB", size / 1_048_576.0),
    }
}

fn locked(outcome: &mut Outcome, reply: &Reply) {
    let holder = reply.text("holder").unwrap_or_default();
    let mut lines = holder.lines().map(str::trim);
    let (file, process) = (lines.next().unwrap_or_default(), lines.next());
    let program = lines
        .next()
        .filter(|name| !name.is_empty())
        .unwrap_or("a program");
    let since = lines.next().filter(|time| !time.is_empty());
    let since = since
        .map(|time| format!(", for {time}"))
        .unwrap_or_default();
    let cause = match process {
        Some(process) => format!(
            "the package manager is locked: `{program}` (process {process}{since}) holds `{file}`"
        ),
        None if file.is_empty() => {
            "the package manager was locked by another process, which has ended meanwhile"
                .to_owned()
        }
        None => format!("the package manager is locked by `{file}`"),
    };
    outcome.tell_aside(|aside| {
        aside.cause = Some(cause);
        aside.hint = Some(
            "wait until it is done, or let the task wait: `lock_timeout` in seconds, or `retries` with `until`"
                .to_owned(),
        );
    });
}

fn service(outcome: &mut Outcome, reply: &Reply, name: &str) {
    let journal = reply.text("journal").unwrap_or_default();
    let lines: Vec<&str> = journal
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    if lines.is_empty() {
        return;
    }
    let own: Vec<&str> = lines
        .iter()
        .copied()
        .filter(|line| !is_of_systemd(line))
        .collect();
    let own = match own.is_empty() {
        true => lines.join("\n"),
        false => own.join("\n"),
    };
    let cause = telling(&own).map(|line| format!("the service `{name}` does not run: {line}"));
    let head = format!("the end of the journal of {name}:");
    let below = lines.iter().map(|line| format!("    {line}"));
    outcome.tell_aside(|aside| {
        aside.cause = cause;
        aside.below = std::iter::once(head).chain(below).collect();
    });
}

/// What systemd itself writes into a unit's journal says that it ended, and not why.
fn is_of_systemd(line: &str) -> bool {
    [
        "Starting ",
        "Started ",
        "Stopping ",
        "Stopped ",
        "Failed to start ",
    ]
    .iter()
    .any(|word| line.starts_with(word))
        || line.contains(": Main process exited")
        || line.contains(": Failed with result")
        || line.contains(": Scheduled restart job")
        || line.contains(": Start request repeated too quickly")
        || line.contains(": Control process exited")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(outcome: &Outcome) -> String {
        outcome
            .aside
            .as_ref()
            .and_then(|aside| aside.cause.clone())
            .unwrap_or_default()
    }

    #[test]
    fn what_is_asked_depends_on_what_was_said() {
        let args = crate::entries! { "name" => "nginx", "state" => "started", "dest" => "/srv/a" };
        let service = Question::Service("nginx".to_owned());
        assert_eq!(question("service", &args, "unable to start"), Some(service));
        assert_eq!(
            question(
                "service",
                &args,
                "could not find the requested service nginx: host"
            ),
            None
        );
        assert_eq!(
            question("apt", &args, "e: could not get lock /var/lib/dpkg/lock"),
            Some(Question::Lock)
        );
        assert_eq!(question("command", &args, "git: could not get lock"), None);
        let paths = ["/srv/a", "/tmp", "/var", "/"].map(str::to_owned).to_vec();
        assert_eq!(
            question("copy", &args, "x: no space left on device"),
            Some(Question::Disk(paths))
        );
        assert_eq!(question("copy", &args, "no"), None);
    }

    #[test]
    fn a_full_disk_is_named_with_what_is_free() {
        let args = crate::entries! { "dest" => "/srv/a" };
        let mut outcome = Outcome::failed("x");
        full(
            &mut outcome,
            &Reply::answering(&[("disk", "/ 9000000 4000000"), ("disk", "/srv 2000000 12")]),
            &args,
        );
        assert_eq!(
            cause(&outcome),
            "no space left on `/srv`: 12 kB of 1.9 GB are free (`/srv/a` was to be written)"
        );
        let mut outcome = Outcome::failed("x");
        full(
            &mut outcome,
            &Reply::answering(&[("disk", "/ 9 5"), ("inodes", "/srv")]),
            &args,
        );
        assert_eq!(
            cause(&outcome),
            "no space left on `/srv`: it has no free inodes (`/srv/a` was to be written)"
        );
    }

    #[test]
    fn the_holder_of_a_lock_is_named() {
        let mut outcome = Outcome::failed("x");
        locked(
            &mut outcome,
            &Reply::answering(&[(
                "holder",
                "/var/lib/dpkg/lock\n812\nunattended-upgr\n   02:13",
            )]),
        );
        assert_eq!(
            cause(&outcome),
            "the package manager is locked: `unattended-upgr` (process 812, for 02:13) holds `/var/lib/dpkg/lock`"
        );
        let mut outcome = Outcome::failed("x");
        locked(&mut outcome, &Reply::answering(&[]));
        assert!(cause(&outcome).contains("has ended meanwhile"));
    }

    #[test]
    fn a_service_brings_its_journal() {
        let journal = "Starting nginx.service - web\nnginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)\n\
                       nginx.service: Main process exited, code=exited, status=1/FAILURE\nFailed to start nginx.service";
        let mut outcome = Outcome::failed("x");
        service(
            &mut outcome,
            &Reply::answering(&[("journal", journal)]),
            "nginx",
        );
        assert_eq!(
            cause(&outcome),
            "the service `nginx` does not run: nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)"
        );
        let below = &outcome.aside.as_ref().unwrap().below;
        assert_eq!(below.len(), 5);
        assert_eq!(below[0], "the end of the journal of nginx:");
    }
}
