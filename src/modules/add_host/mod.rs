#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::error::Result;
use crate::modules::{Cx, FreeForm, Module, Step};
use crate::outcome::{Outcome, Wish};
use crate::value::{Map, Value};

/// The module.
///
/// Contract with the executor: the outcome says changed. Where the wish changes nothing in the
/// inventory, the executor takes that back.
pub static MODULE: Module = Module {
    name: "add_host",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::AnyKeys,
    check_mode: true,
    plan,
};

args! {
    /// What `add_host` takes beside the host's variables.
    Args {
        groups: Vec<String> [group, groupname] = Vec::new(),
        name: String [host, hostname],
    }
}

fn plan(args: &Map, _cx: &Arc<Cx>) -> Result<Step> {
    let given = Args::read(args)?;
    let (name, port) = split_port(&given.name);
    let mut vars: Map = args
        .iter()
        .filter(|(key, _)| !Args::SPEC.iter().any(|spec| spec.answers_to(&key.to_text())))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    if let Some(port) = port {
        vars.set("ansible_ssh_port", port);
    }
    let mut groups = given.groups;
    groups.retain(|group| !group.is_empty());
    let mut outcome = Outcome::changed().with("add_host", crate::entries! {
        "host_name" => name,
        "groups" => Value::strings(groups.iter().map(String::as_str)),
        "host_vars" => vars.clone(),
    });
    outcome.wishes.push(Wish::AddHost {
        name: name.to_owned(),
        groups,
        vars,
    });
    Ok(outcome.into())
}

/// `host:22`, `[v6]:22`: the name and the port. An IPv6 address without brackets has no port.
fn split_port(name: &str) -> (&str, Option<i64>) {
    let alone = (name, None);
    let Some((host, port)) = name.rsplit_once(':') else {
        return alone;
    };
    let Ok(number) = port.parse::<u16>() else {
        return alone;
    };
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return (address, Some(number.into()));
    }
    if host.contains(':') {
        return alone;
    }
    (host, Some(number.into()))
}

#[cfg(test)]
mod tests {
    use super::split_port;

    #[test]
    fn a_port_is_split_off_the_name() {
        for (text, name, port) in [
            ("web", "web", None),
            ("web:2222", "web", Some(2222)),
            ("web:x", "web:x", None),
            ("fe80::1", "fe80::1", None),
            ("[fe80::1]:22", "fe80::1", Some(22)),
        ] {
            assert_eq!(split_port(text), (name, port), "{text}");
        }
    }
}
