//! What the host's answer says of a failure.

use crate::outcome::Outcome;
use crate::report::telling;
use crate::shell::Reply;
use crate::value::{Map, Value};

pub(super) fn full(outcome: &mut Outcome, reply: &Reply, args: &Map) {
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
    let is_full = |(_, size, free): &&(String, u64, u64)| {
        *free * 100 < *size || *free < 1024 && *free * 10 < *size
    };
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
    let cause = match (seen.iter().find(is_full), inodes, seen.first()) {
        (_, Some(point), _) => {
            format!("no space left on `{point}`: it has no free inodes{wanted}")
        }
        (Some((point, size, free)), None, _) => format!(
            "no space left on `{point}`: {} of {} are free{wanted}",
            size_text(*free),
            size_text(*size)
        ),
        // There is room again: what did not fit was taken away after it had failed.
        (None, None, Some((point, _, free))) if target.is_some() => format!(
            "no space left on `{point}`: what was to be written does not fit into the {} that are free there{wanted}",
            size_text(*free)
        ),
        (None, None, _) => return,
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

pub(super) fn locked(outcome: &mut Outcome, reply: &Reply) {
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

pub(super) fn service(outcome: &mut Outcome, reply: &Reply, name: &str) {
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
