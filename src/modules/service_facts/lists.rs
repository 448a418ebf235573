//! What each service manager prints of its services.

use std::collections::HashMap;

use crate::entries;
use crate::shell::Reply;
use crate::value::{Map, Value};

/// The services by name; a later manager knows better than an earlier one.
pub fn services(reply: &Reply, warnings: &mut Vec<String>) -> Map {
    let text = |name: &str| reply.text(name).unwrap_or_default();
    let mut services = Map::new();
    sysv(&text("sysv"), &mut services);
    upstart(&text("upstart"), &mut services);
    chkconfig(&text("chkconfig"), &text("status"), &mut services);
    openrc(&text("openrc"), &text("runlevels"), &mut services, warnings);
    let (others, active) = (text("others"), text("states"));
    let states = states(&others, &active);
    let mut units = Map::new();
    loaded(&text("units"), &mut units);
    files(&text("files"), &states, &mut units);
    services.extend_from(&units);
    src(&text("src"), &mut services);
    rcctl(reply, &mut services);
    rcd(reply, &mut services, warnings);
    services
}

/// ` [ + ]  cron`
fn sysv(text: &str, services: &mut Map) {
    for line in text.lines() {
        let line = line.trim_start();
        let (state, name) = match (line.strip_prefix("[ + ]"), line.strip_prefix("[ - ]")) {
            (Some(name), _) => ("running", name.trim_start()),
            (_, Some(name)) => ("stopped", name.trim_start()),
            _ => continue,
        };
        services.set(name, entries! { "name" => name, "state" => state, "source" => "sysv" });
    }
}

/// `ssh start/running, process 1044`
fn upstart(text: &str, services: &mut Map) {
    for line in text.lines() {
        let line = line.trim_end_matches('\r');
        let line = line.split(", process").next().unwrap_or(line).trim();
        let Some((name, state)) = line.rsplit_once(' ') else { continue };
        let Some((goal, state)) = state.split_once('/') else { continue };
        services.set(
            name,
            entries! { "name" => name, "state" => state, "goal" => goal, "source" => "upstart" },
        );
    }
}

/// `network  0:off 1:off 2:on 3:on …`, and the status that each script ended with.
fn chkconfig(text: &str, status: &str, services: &mut Map) {
    let running: HashMap<&str, bool> = status
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(name, rc)| (name, rc == "0"))
        .collect();
    for line in text.lines() {
        let mut words = line.split_whitespace();
        let Some(name) = words.next() else { continue };
        let levels: Vec<&str> = words.collect();
        if levels.len() < 7 {
            continue;
        }
        let state = if running.get(name) == Some(&true) { "running" } else { "stopped" };
        let status = if levels.contains(&"3:on") { "enabled" } else { "disabled" };
        services.set(
            name,
            entries! { "name" => name, "state" => state, "status" => status, "source" => "sysv" },
        );
    }
}

/// `rc-status -a -s -m` and `rc-update show -v`.
fn openrc(text: &str, runlevels: &str, services: &mut Map, warnings: &mut Vec<String>) {
    let levels: HashMap<&str, Vec<&str>> = runlevels
        .lines()
        .filter_map(|line| line.split_once('|'))
        .map(|(name, levels)| (name.trim(), levels.split_whitespace().collect()))
        .collect();
    for line in text.lines().filter(|line| line.starts_with(' ')) {
        let line = line.replace(['[', ']'], "");
        let words: Vec<&str> = line.split_whitespace().collect();
        let [name, state, ..] = words[..] else { continue };
        if name == "*" {
            continue;
        }
        let Some(levels) = levels.get(name) else {
            warnings.push(format!("Service {name} not found in the service list"));
            continue;
        };
        let levels = match levels.is_empty() {
            true => Value::Null,
            false => Value::strings(levels.iter().copied()),
        };
        services.set(
            name,
            entries! { "name" => name, "runlevels" => levels, "state" => state, "source" => "openrc" },
        );
    }
}

const BAD: &[&str] = &["not-found", "masked", "failed"];

/// `systemctl list-units`: what a unit is, and what is wrong with it.
fn loaded(text: &str, services: &mut Map) {
    for line in text.lines().filter(|line| line.contains(".service")) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [name, _, active, sub, ..] = words[..] else { continue };
        let told = &words[..words.len() - 1];
        let bad = BAD.iter().find(|bad| told.contains(bad));
        let state = if sub == "running" { "running" } else { "stopped" };
        services.set(
            name,
            entries! { "name" => name, "state" => state, "status" => bad.copied().unwrap_or(active), "source" => "systemd" },
        );
    }
}

/// `systemctl list-unit-files`: whether a unit starts at boot.
fn files(text: &str, states: &HashMap<&str, &str>, services: &mut Map) {
    for line in text.lines().filter(|line| line.contains(".service")) {
        let mut words = line.split_whitespace();
        let (Some(name), Some(status)) = (words.next(), words.next()) else { continue };
        let known = services.get(name).and_then(Value::as_map).map(|known| (**known).clone());
        let service = match known {
            None => {
                let state = states.get(name).copied().unwrap_or("unknown");
                entries! { "name" => name, "state" => state, "status" => status, "source" => "systemd" }
            }
            Some(known) if BAD.iter().any(|bad| known.get("status").and_then(Value::as_str) == Some(bad)) => continue,
            Some(mut known) => {
                known.set("status", status);
                known
            }
        };
        services.set(name, service);
    }
}

/// The states of units that are not loaded: systemd tells them in the order in which it was asked.
fn states<'a>(names: &'a str, states: &'a str) -> HashMap<&'a str, &'a str> {
    let states = states.lines().filter_map(|line| line.strip_prefix("ActiveState="));
    names.lines().zip(states).collect()
}

/// AIX's `lssrc -a`.
fn src(text: &str, services: &mut Map) {
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [name, .., last] = words[..] else { continue };
        if name == "Subsystem" {
            continue;
        }
        let state = match last {
            "active" => "running",
            "inoperative" => "stopped",
            _ => "unknown",
        };
        services.set(name, entries! { "name" => name, "state" => state, "source" => "src" });
    }
}

/// OpenBSD's `rcctl ls` and `rcctl get`.
fn rcctl(reply: &Reply, services: &mut Map) {
    let list = |what: &str| reply.text(&format!("rcctl_{what}")).unwrap_or_default();
    let (on, started, failed, rogue) = (list("on"), list("started"), list("failed"), list("rogue"));
    let has = |list: &str, name: &str| list.lines().any(|line| line == name);
    let variables = list("variables");
    for name in list("all").lines().filter(|name| !name.is_empty()) {
        let mut service = entries! { "name" => name, "source" => "rcctl" };
        let own = variables.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        for (key, value) in own.filter_map(|line| line.split_once('=')) {
            let key = key.replacen(&format!("{name}_"), "", 1);
            service.set(&key, value);
        }
        let state = match (has(&failed, name), has(&started, name)) {
            (true, _) => "failed",
            (_, true) => "running",
            _ => "stopped",
        };
        service.set("status", if has(&on, name) { "enabled" } else { "disabled" });
        service.set("state", state);
        service.set("rogue", has(&rogue, name));
        services.set(name, service);
    }
}

/// FreeBSD's services: the status that `service NAME status` ended with, the description, and its words.
fn rcd(reply: &Reply, services: &mut Map, warnings: &mut Vec<String>) {
    for (name, about) in reply.all("rcd").iter().zip(reply.all("about")) {
        let mut lines = about.splitn(3, '\n');
        let rc = lines.next().unwrap_or_default();
        let Some(description) = lines.next() else {
            warnings.push(format!("Failed to get info for {name}"));
            services.set(name, entries! { "status" => "unknown" });
            continue;
        };
        let said = lines.next().unwrap_or_default();
        let mut service = entries! { "status" => "unknown", "description" => description };
        match rc {
            "0" => {
                service.set("status", "running");
                let pid = said.split_once("is running as pid ").map(|(_, rest)| rest);
                let pid = pid.and_then(|rest| rest.split(['.', ' ']).next()).unwrap_or("N/A");
                service.set("pid", pid);
            }
            "1" if said.contains("is not running") => service.set("status", "stopped"),
            "1" if said.contains("unknown directive") => {
                warnings.push(format!("Status query not supported for {name}"));
            }
            _ => warnings.push(format!("Could not retrieve status for {name}: {said}")),
        }
        services.set(name, service);
    }
}
