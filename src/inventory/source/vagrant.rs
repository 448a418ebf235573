//! The machines of a Vagrant project, from what `vagrant ssh-config` says of them.

use std::sync::Arc;

use crate::entries;
use crate::error::Error;
use crate::error::Place;
use crate::error::Result;
use crate::error::Source;
use crate::inventory::HostId;
use crate::inventory::Inventory;
use crate::inventory::UNGROUPED;
use crate::value::Map;
use crate::value::Str;
use crate::value::Value;

/// Reads the text of `vagrant ssh-config` into `inventory`.
///
/// # Errors
/// There is no machine in it.
pub(crate) fn read(inventory: &mut Inventory, text: &str) -> Result<()> {
    let source = Source::new("<vagrant ssh-config>", text);
    let mut host: Option<HostId> = None;
    for (number, line) in text.lines().enumerate() {
        let Some((word, value)) = setting(line) else {
            continue;
        };
        let line = u32::try_from(number + 1).unwrap_or(u32::MAX);
        let place = Place::new(source.clone(), line, 1);
        if word == "host" {
            host = Some(inventory.add_host(&value, Some(UNGROUPED))?);
        } else if let Some(host) = host {
            set(inventory, host, &variables(&word, &value, &place));
        }
    }
    match host {
        Some(_) => Ok(()),
        None => Err(Error::input("the Vagrant project has no machine that runs")
            .hint("run `vagrant up` in its directory")),
    }
}

/// The first of several settings counts, as for `ssh`.
fn set(inventory: &mut Inventory, host: HostId, vars: &Map) {
    for (key, value) in vars {
        let known = inventory.host_at(host).map(|host| Arc::clone(&host.vars));
        if known.is_some_and(|vars| vars.contains_value(key)) {
            continue;
        }
        inventory.set_host_variable(host, key.clone(), value.clone());
    }
}

/// A setting's word in small letters, and its value without quotes.
fn setting(line: &str) -> Option<(String, String)> {
    let line = line.trim();
    let (word, value) = line.split_once([' ', '\t', '='])?;
    let value = value.trim_start_matches([' ', '\t', '=']);
    if word.starts_with('#') || value.is_empty() {
        return None;
    }
    let unquoted = value.strip_prefix('"').and_then(|v| v.strip_suffix('"'));
    Some((
        word.to_ascii_lowercase(),
        unquoted.unwrap_or(value).to_owned(),
    ))
}

/// The connection variables that a setting of ssh means. Vagrant's keys and host keys are its
/// own; what only concerns the logging of `ssh` means nothing here.
fn variables(word: &str, value: &str, place: &Place) -> Map {
    let text = |text: String| Value::Str(Str::template(text, Some(place.clone())));
    let given = || text(value.to_owned());
    match word {
        "hostname" => entries! { "ansible_host" => given() },
        "user" => entries! { "ansible_user" => given() },
        "port" => match value.parse::<u32>() {
            Ok(port) => entries! { "ansible_port" => port },
            Err(_) => Map::new(),
        },
        "identityfile" => entries! { "ansible_ssh_private_key_file" => given() },
        "stricthostkeychecking" if value == "no" => {
            entries! { "ansible_host_key_checking" => false }
        }
        "proxycommand" => {
            let option = format!("-o ProxyCommand=\"{value}\"");
            entries! { "ansible_ssh_common_args" => text(option) }
        }
        "proxyjump" => {
            let option = format!("-o ProxyJump={value}");
            entries! { "ansible_ssh_common_args" => text(option) }
        }
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use crate::inventory::Inventory;
    use crate::value::Value;
    use crate::value::to_json;

    #[test]
    fn machines_become_hosts() {
        let text = "Host machine1\n  HostName 127.0.0.1\n  User vagrant\n  Port 2222\n  \
                    UserKnownHostsFile /dev/null\n  StrictHostKeyChecking no\n  \
                    IdentityFile \"/home/a b/.vagrant/private_key\"\n  IdentityFile /other\n  \
                    LogLevel FATAL\n\nHost machine2\n  HostName 172.17.0.3\n  Port 22\n";
        let mut inventory = Inventory::default();
        super::read(&mut inventory, text).unwrap();
        let vars: Vec<String> = inventory
            .hosts()
            .map(|host| format!("{} {}", host.name, to_json(&Value::Map(host.vars.clone()))))
            .collect();
        assert_eq!(
            vars,
            [
                "machine1 {\"ansible_host\": \"127.0.0.1\", \"ansible_user\": \"vagrant\", \
                 \"ansible_port\": 2222, \"ansible_host_key_checking\": false, \
                 \"ansible_ssh_private_key_file\": \"/home/a b/.vagrant/private_key\"}",
                "machine2 {\"ansible_host\": \"172.17.0.3\", \"ansible_port\": 22}",
            ]
        );
        assert!(super::read(&mut inventory, "\n").is_err());
    }
}
