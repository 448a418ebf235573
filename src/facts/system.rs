//! Small facts, a file or two each: environment, user, resolver, command line, load, keys, lsb.

use super::sections::Sections;
use crate::entries;
use crate::value::{Map, Value};

/// `env`: the environment of the shell that runs tasks.
pub(super) fn env(sections: &Sections, facts: &mut Map) {
    let mut env = Map::new();
    for (name, value) in variables(sections) {
        env.set(name, value);
    }
    facts.set("env", env);
}

/// Entries end in NUL where the kernel lists them, in line ends where `env` had to.
fn variables(sections: &Sections) -> impl Iterator<Item = (&str, &str)> {
    let text = sections.output("env").unwrap_or_default();
    let end = if text.contains('\0') { '\0' } else { '\n' };
    text.split(end).filter_map(|entry| entry.split_once('='))
}

/// The value of a variable of the environment.
pub(super) fn variable<'a>(sections: &'a Sections, name: &str) -> Option<&'a str> {
    variables(sections)
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value)
}

/// `user_*` and the real and effective numbers.
pub(super) fn user(sections: &Sections, facts: &mut Map) {
    let ids = ids(sections);
    let entry: Vec<&str> = sections
        .word("passwd")
        .unwrap_or_default()
        .split(':')
        .collect();
    let named = ["LOGNAME", "USER", "LNAME", "USERNAME"];
    let name = named
        .iter()
        .find_map(|name| variable(sections, name).filter(|v| !v.is_empty()));
    let field = |position: usize| entry.get(position).copied().unwrap_or_default();
    facts.set("user_id", name.unwrap_or(field(0)));
    facts.set("user_uid", number(field(2)));
    facts.set("user_gid", number(field(3)));
    facts.set("user_gecos", field(4));
    facts.set("user_dir", field(5));
    facts.set("user_shell", field(6));
    let [real, effective, group] = ids;
    facts.set("real_user_id", real);
    facts.set("effective_user_id", effective);
    facts.set("real_group_id", group);
    // The reference gives the real one here too.
    facts.set("effective_group_id", group);
}

/// The real and the effective user's number and the real group's.
fn ids(sections: &Sections) -> [Option<i64>; 3] {
    if let Some(status) = sections.file("/proc/self/status") {
        let field = |name: &str, position: usize| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().nth(position)?.parse().ok()
        };
        return [field("Uid:", 0), field("Uid:", 1), field("Gid:", 0)];
    }
    let mut lines = sections.output("ids").unwrap_or_default().lines();
    std::array::from_fn(|_| lines.next()?.trim().parse().ok())
}

/// A number where the text is one, else the text.
fn number(text: &str) -> Value {
    text.trim()
        .parse()
        .map_or_else(|_| Value::str(text), Value::Int)
}

/// `dns`: what `/etc/resolv.conf` says.
pub(super) fn dns(sections: &Sections, facts: &mut Map) {
    let mut dns = Map::new();
    let mut servers = Vec::new();
    for line in sections
        .file("/etc/resolv.conf")
        .unwrap_or_default()
        .lines()
    {
        if line.starts_with(['#', ';']) {
            continue;
        }
        let mut words = line.split_whitespace();
        let Some(keyword) = words.next() else {
            continue;
        };
        match keyword {
            "nameserver" => {
                servers.extend(words.map(Value::str));
                dns.set("nameservers", servers.clone());
            }
            "domain" => {
                if let Some(domain) = words.next() {
                    dns.set("domain", domain);
                }
            }
            "search" | "sortlist" => dns.set(keyword, Value::strings(words)),
            "options" => dns.set("options", options(words)),
            _ => {}
        }
    }
    facts.set("dns", dns);
}

fn options<'a>(words: impl Iterator<Item = &'a str>) -> Map {
    let mut options = Map::new();
    for word in words {
        match word.split_once(':') {
            Some((name, value)) if !value.is_empty() => options.set(name, value),
            Some((name, _)) => options.set(name, true),
            None => options.set(word, true),
        }
    }
    options
}

/// `cmdline` (the last value of a name wins) and `proc_cmdline` (all of its values).
pub(super) fn cmdline(sections: &Sections, facts: &mut Map) {
    let Some(text) = sections.file("/proc/cmdline") else {
        return;
    };
    let words = words(text).unwrap_or_default();
    let mut last = Map::new();
    let mut all = Map::new();
    for word in words {
        let Some((name, value)) = word.split_once('=') else {
            last.set(word, true);
            all.set(word, true);
            continue;
        };
        last.set(name, value);
        let value = match all.get(name) {
            None => Value::str(value),
            Some(Value::List(values)) => {
                Value::list(values.iter().cloned().chain([Value::str(value)]).collect())
            }
            Some(first) => Value::list(vec![first.clone(), Value::str(value)]),
        };
        all.set(name, value);
    }
    facts.set("cmdline", last);
    facts.set("proc_cmdline", all);
}

/// Words as Python's `shlex.split(text, posix=False)` gives them: quotes hold a word together
/// only where they begin it, end it where they close, and stay in it.
fn words(text: &str) -> Option<Vec<&str>> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let end = if first == '"' || first == '\'' {
            rest[1..].find(first)? + 2
        } else {
            rest.find(char::is_whitespace).unwrap_or(rest.len())
        };
        let (word, after) = rest.split_at(end);
        words.push(word);
        rest = after.trim_start();
    }
    Some(words)
}

/// `loadavg`.
pub(super) fn loadavg(sections: &Sections, facts: &mut Map) {
    let text = sections.file("/proc/loadavg").or(sections.word("loadavg"));
    // BSD's sysctl sets the figures in braces.
    let text = text.unwrap_or_default().trim_start_matches("{ ");
    let mut numbers = text
        .split_whitespace()
        .map_while(|word| word.parse::<f64>().ok());
    if let (Some(one), Some(five), Some(fifteen)) = (numbers.next(), numbers.next(), numbers.next())
    {
        facts.set(
            "loadavg",
            entries! { "1m" => one, "5m" => five, "15m" => fifteen },
        );
    }
}

/// `ssh_host_key_*_public` and their types, from the first folder that has some.
pub(super) fn ssh_keys(sections: &Sections, facts: &mut Map) {
    for folder in ["/etc/ssh", "/etc/openssh", "/etc"] {
        let mut found = false;
        for kind in ["dsa", "rsa", "ecdsa", "ed25519"] {
            let path = format!("{folder}/ssh_host_{kind}_key.pub");
            let mut words = sections.file(&path).unwrap_or_default().split_whitespace();
            if let (Some(keytype), Some(key)) = (words.next(), words.next()) {
                facts.set(&format!("ssh_host_key_{kind}_public"), key);
                facts.set(&format!("ssh_host_key_{kind}_public_keytype"), keytype);
                found = true;
            }
        }
        if found {
            return;
        }
    }
}

/// `lsb`: what `lsb_release` says, or else `/etc/lsb-release`.
pub(super) fn lsb(sections: &Sections, facts: &mut Map) {
    let mut lsb = lsb_program(sections);
    if lsb.is_empty() {
        lsb = lsb_file(sections);
    }
    if let Some(release) = lsb.get("release").and_then(Value::as_str) {
        let major = release.split('.').next().unwrap_or_default().to_owned();
        lsb.set("major_release", major);
    }
    let stripped = lsb.mapped(|value| match value.as_str() {
        Some(text) => Value::str(text.trim_matches(['\'', '"', '\\'])),
        None => value.clone(),
    });
    facts.set("lsb", stripped);
}

fn lsb_program(sections: &Sections) -> Map {
    let labels = [
        ("LSB Version:", "release"),
        ("Distributor ID:", "id"),
        ("Description:", "description"),
        ("Release:", "release"),
        ("Codename:", "codename"),
    ];
    let lines = sections.word("lsb").unwrap_or_default().lines();
    fields(lines, ':', &labels)
}

fn lsb_file(sections: &Sections) -> Map {
    let labels = [
        ("DISTRIB_ID", "id"),
        ("DISTRIB_RELEASE", "release"),
        ("DISTRIB_DESCRIPTION", "description"),
        ("DISTRIB_CODENAME", "codename"),
    ];
    let lines = sections
        .file("/etc/lsb-release")
        .unwrap_or_default()
        .lines();
    fields(lines, '=', &labels)
}

fn fields<'a>(lines: impl Iterator<Item = &'a str>, mark: char, labels: &[(&str, &str)]) -> Map {
    let mut map = Map::new();
    for line in lines {
        let Some((_, value)) = line.split_once(mark) else {
            continue;
        };
        if let Some((_, name)) = labels.iter().find(|(label, _)| line.contains(label)) {
            map.set(name, value.trim());
        }
    }
    map
}
