//! What a callback is told of an event: the heads of frames that `text/callbacks.py` reads.

use crate::report::{Included, PlayInfo, Recap, TaskInfo};
use crate::value::{Crossing, Map, Value, encode};

/// The name of a connection with its collection, where it is the reference's own.
pub(super) fn full_connection(name: &str) -> String {
    match name {
        "local" | "ssh" => format!("ansible.builtin.{name}"),
        "docker" => "community.docker.docker".to_owned(),
        "podman" => "containers.podman.podman".to_owned(),
        "kubectl" => "kubernetes.core.kubectl".to_owned(),
        "chroot" => "community.general.chroot".to_owned(),
        name => name.to_owned(),
    }
}

/// What tells a task from others: its place, for its name may differ from host to host.
pub(super) fn key(task: &TaskInfo) -> String {
    match &task.place {
        Some(place) => format!("{place} {}", task.handler),
        None => task.name.clone(),
    }
}

pub(super) fn uuid(number: u64) -> String {
    format!("00000000-0000-0000-0000-{number:012x}")
}

pub(super) fn of_play(play: &PlayInfo, number: u64) -> Map {
    crate::entries! {
        "event" => "play",
        "id" => uuid(number),
        "name" => play.name.as_str(),
        "hosts" => Value::strings(play.hosts.iter().map(|host| &**host)),
        "check" => play.check,
        "path" => place(play.place.as_ref()),
    }
}

pub(super) fn of_task(task: &TaskInfo, id: &str) -> Map {
    let own = task
        .role
        .as_ref()
        .and_then(|role| task.name.strip_prefix(&format!("{role} : ")));
    crate::entries! {
        "event" => "task",
        "task" => id,
        "name" => own.unwrap_or(&task.name),
        "full" => task.name.as_str(),
        "action" => task.action.as_str(),
        "role" => Value::str_or_null(task.role.as_deref()),
        "handler" => task.handler,
        "check" => task.check,
        "no_log" => task.no_log,
        "path" => place(task.place.as_ref()),
    }
}

pub(super) fn of_implicit(id: &str, host: &str, role: Option<&str>, action: &str) -> Map {
    let full = role.map_or_else(|| "meta".to_owned(), |role| format!("{role} : meta"));
    crate::entries! {
        "event" => "implicit",
        "task" => id,
        "host" => host,
        "name" => "",
        "full" => full,
        "action" => "meta",
        "role" => Value::str_or_null(role),
        "words" => action,
    }
}

pub(super) fn of_poll(task: &str, host: &str, job: &str) -> Map {
    let result = crate::entries! {
        "ansible_job_id" => job,
        "finished" => false,
        "started" => true,
    };
    crate::entries! {
        "event" => "poll",
        "task" => task,
        "host" => host,
        "status" => "poll",
        "result" => result,
    }
}

pub(super) fn of_included(included: &Included, task: Option<&String>) -> Map {
    crate::entries! {
        "event" => "included",
        "task" => Value::str_or_null(task.map(String::as_str)),
        "item" => Value::str_or_null(included.item.as_deref()),
        "path" => included.path.as_str(),
        "hosts" => Value::strings(included.hosts.iter().map(|host| &**host)),
    }
}

pub(super) fn of_recap(recap: &Recap) -> Map {
    let hosts = recap.hosts.iter().map(|(name, counts)| {
        let counts = crate::entries! {
            "ok" => i64::from(counts.ok),
            "changed" => i64::from(counts.changed),
            "unreachable" => i64::from(counts.unreachable),
            "failed" => i64::from(counts.failed),
            "skipped" => i64::from(counts.skipped),
            "rescued" => i64::from(counts.rescued),
            "ignored" => i64::from(counts.ignored),
        };
        Value::list(vec![Value::str(&**name), Value::map(counts)])
    });
    crate::entries! {
        "event" => "stats",
        "hosts" => Value::list(hosts.collect()),
        "custom" => encode(&Value::map(recap.stats.clone()), Crossing::Data),
    }
}

pub(super) fn place(place: Option<&crate::error::Place>) -> Value {
    place.map_or(Value::Null, |place| {
        Value::str(format!("{}:{}", place.path().display(), place.line))
    })
}
