//! From keywords, variables and options to where a host is and who a task runs as.
//!
//! The order is the reference's `general_precedence`: configuration, command line, keyword,
//! variable; the strongest wins.

use std::path::PathBuf;
use std::time::Duration;

use crate::connection::{Become, HostKeys, Login, Target, Transport};
use crate::error::{Error, Result};
use crate::executor::run::Access;
use crate::value::Value;
use crate::vars::{Values, seconds};

/// The variables that say how a host is reached, for the table in the documentation.
pub const VARIABLES: &[&str] = &[
    "ansible_become",
    "ansible_become_exe",
    "ansible_become_flags",
    "ansible_become_method",
    "ansible_become_pass",
    "ansible_become_password",
    "ansible_become_user",
    "ansible_connection",
    "ansible_host",
    "ansible_host_key_checking",
    "ansible_password",
    "ansible_port",
    "ansible_private_key_file",
    "ansible_private_key_passphrase",
    "ansible_shell_executable",
    "ansible_ssh_args",
    "ansible_ssh_common_args",
    "ansible_ssh_extra_args",
    "ansible_ssh_host",
    "ansible_ssh_host_key_checking",
    "ansible_ssh_pass",
    "ansible_ssh_password",
    "ansible_ssh_port",
    "ansible_ssh_private_key_file",
    "ansible_sudo_chdir",
    "ansible_ssh_retries",
    "ansible_ssh_timeout",
    "ansible_ssh_use_tty",
    "ansible_ssh_user",
    "ansible_timeout",
    "ansible_user",
];

/// Where the host of `values` is and how to log in.
///
/// # Errors
/// A variable cannot be rendered, or names a connection that there is none of.
pub fn target(values: &Values<'_>, access: &Access, implicit_local: bool) -> Result<Target> {
    let host = values.host_name().to_owned();
    let text = |names: &[&str]| values.first_text(names);
    let connection = text(&["ansible_connection"])?
        .or(values.keyword_text("connection")?)
        .or_else(|| implicit_local.then(|| "local".to_owned()))
        .or_else(|| access.connection.clone())
        .unwrap_or_else(|| "ssh".to_owned());
    let transport = transport(&connection, values)?;
    let address = match transport {
        Transport::Ssh | Transport::Local => text(&["ansible_host", "ansible_ssh_host"])?,
        _ => text(&["ansible_host", "ansible_docker_host", "ansible_podman_host"])?,
    };
    Ok(Target {
        address: address.unwrap_or_else(|| host.clone()),
        port: port(values, access)?,
        user: text(&["ansible_user", "ansible_ssh_user"])?
            .or(values.keyword_text("remote_user")?)
            .or_else(|| access.user.clone()),
        login: login(values, access)?,
        host_keys: host_keys(values, access)?,
        timeout: timeout(values, access)?,
        retries: match text(&["ansible_ssh_retries"])? {
            Some(retries) => retries.parse().unwrap_or(access.retries),
            None => access.retries,
        },
        ssh_arguments: ssh_arguments(values, access)?,
        terminal: values
            .first(&["ansible_ssh_use_tty"])?
            .and_then(|value| crate::playbook::truth(&value)),
        shell: text(&["ansible_shell_executable"])?
            .or_else(|| access.shell.clone())
            .unwrap_or_else(|| "/bin/sh".to_owned()),
        name: host,
        transport,
    })
}

/// Whether there is a connection of that name.
pub fn is_connection(name: &str) -> bool {
    let short = name.rsplit('.').next().unwrap_or(name);
    matches!(
        short,
        "ssh"
            | "smart"
            | "paramiko"
            | "paramiko_ssh"
            | "local"
            | "docker"
            | "docker_api"
            | "podman"
            | "chroot"
            | "nspawn"
            | "machinectl"
            | "openssh"
            | "kubectl"
            | "oc"
    )
}

/// Why there is no connection of that name.
pub fn no_connection(name: &str) -> Error {
    let known = [
        "ssh", "local", "docker", "podman", "chroot", "nspawn", "kubectl", "openssh",
    ];
    let short = name.rsplit('.').next().unwrap_or(name);
    Error::input(format!("there is no connection called `{name}`"))
        .hint_if(crate::error::nearest(short, known))
        .hint(format!(
            "the connections are {}; connection plugins in Python are not run",
            known.join(", ")
        ))
}

fn transport(name: &str, values: &Values<'_>) -> Result<Transport> {
    let short = name.rsplit('.').next().unwrap_or(name);
    Ok(match short {
        "ssh" | "smart" | "paramiko" | "paramiko_ssh" => Transport::Ssh,
        "local" => Transport::Local,
        "docker" | "docker_api" => Transport::Docker,
        "podman" => Transport::Podman,
        "chroot" => Transport::Chroot,
        "nspawn" | "machinectl" => Transport::Nspawn,
        "openssh" => Transport::OpenSsh,
        "kubectl" | "oc" => Transport::Kubectl {
            namespace: values.first_text(&["ansible_kubectl_namespace"])?,
            container: values.first_text(&["ansible_kubectl_container"])?,
        },
        _ => {
            let named = values.frame.and_then(|frame| frame.keyword("connection"));
            let named = named.filter(|entry| entry.value.to_text() == name);
            return Err(no_connection(name).at(named.map(|entry| entry.place.clone())));
        }
    })
}

fn port(values: &Values<'_>, access: &Access) -> Result<Option<u16>> {
    let given = match values.first(&["ansible_port", "ansible_ssh_port"])? {
        Some(value) => Some(value),
        None => values.keyword("port")?,
    };
    let Some(value) = given.filter(|value| !value.is_null()) else {
        return Ok(access.port);
    };
    let number = value.to_text().trim().parse::<u16>();
    number.map(Some).map_err(|_| {
        Error::input(format!("`{}` is not a port", value.to_text())).at(value.place().cloned())
    })
}

fn login(values: &Values<'_>, access: &Access) -> Result<Login> {
    let named = values.first_text(&["ansible_private_key_file", "ansible_ssh_private_key_file"])?;
    let key = named.map(PathBuf::from).or_else(|| access.key.clone());
    let passwords = [
        "ansible_password",
        "ansible_ssh_pass",
        "ansible_ssh_password",
    ];
    Ok(Login {
        password: values
            .first_secret(&passwords)?
            .or_else(|| access.password.clone()),
        keys: key.into_iter().collect(),
        passphrase: values.first_secret(&[
            "ansible_private_key_passphrase",
            "ansible_ssh_private_key_passphrase",
        ])?,
        defaults: true,
    })
}

fn host_keys(values: &Values<'_>, access: &Access) -> Result<HostKeys> {
    let said = values.first(&["ansible_ssh_host_key_checking", "ansible_host_key_checking"])?;
    let check = said
        .and_then(|value| crate::playbook::truth(&value))
        .unwrap_or(access.check_host_keys);
    let files = known_hosts();
    Ok(match (check, &access.asker) {
        (false, _) => HostKeys::Off,
        (true, Some(person)) => HostKeys::Ask {
            files,
            person: person.clone(),
        },
        (true, None) => HostKeys::Strict { files },
    })
}

fn known_hosts() -> Vec<PathBuf> {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let own = home.map(|home| home.join(".ssh/known_hosts"));
    own.into_iter()
        .chain([PathBuf::from("/etc/ssh/ssh_known_hosts")])
        .collect()
}

fn timeout(values: &Values<'_>, access: &Access) -> Result<Duration> {
    let said = values.first_text(&["ansible_ssh_timeout", "ansible_timeout"])?;
    let wanted = said
        .and_then(|text| text.trim().parse::<f64>().ok())
        .filter(|s| *s > 0.0);
    Ok(wanted.map_or(access.timeout, seconds))
}

fn ssh_arguments(values: &Values<'_>, access: &Access) -> Result<Vec<String>> {
    let mut words = access.ssh_arguments.clone();
    for name in [
        "ansible_ssh_args",
        "ansible_ssh_common_args",
        "ansible_ssh_extra_args",
    ] {
        if let Some(text) = values.first_text(&[name])? {
            let more = shell_words::split(&text)
                .map_err(|_| Error::input(format!("`{name}` has quotes that are not closed")))?;
            words.extend(more);
        }
    }
    Ok(words)
}

/// Who the task runs as, where that is not the login user.
///
/// # Errors
/// A keyword or a variable cannot be rendered.
pub fn become_user(values: &Values<'_>, access: &Access) -> Result<Option<Become>> {
    let wanted = match values.first(&["ansible_become"])? {
        Some(value) => truth(&value)?,
        None => match values.keyword("become")? {
            Some(value) => truth(&value)?,
            None => access.become_,
        },
    };
    if !wanted {
        return Ok(None);
    }
    let method = values
        .first_text(&["ansible_become_method"])?
        .or(values.keyword_text("become_method")?)
        .or_else(|| access.become_method.clone())
        .filter(|text| !text.is_empty());
    let method = method.unwrap_or_else(|| "sudo".to_owned());
    let short = method.rsplit('.').next().unwrap_or(&method).to_owned();
    let choose = |suffix: &str, option: &Option<String>| -> Result<Option<String>> {
        let of_method = format!("ansible_{short}_{suffix}");
        Ok(values
            .first_text(&[&of_method, &format!("ansible_become_{suffix}")])?
            .or(values.keyword_text(&format!("become_{suffix}"))?)
            .or_else(|| option.clone())
            .filter(|text| !text.is_empty()))
    };
    let passwords = [
        format!("ansible_{short}_pass"),
        "ansible_become_password".to_owned(),
        "ansible_become_pass".to_owned(),
    ];
    let names: Vec<&str> = passwords.iter().map(String::as_str).collect();
    Ok(Some(Become {
        user: choose("user", &access.become_user)?.unwrap_or_else(|| "root".to_owned()),
        exe: choose("exe", &access.become_exe)?,
        flags: choose("flags", &access.become_flags)?,
        chdir: values
            .first_text(&["ansible_sudo_chdir"])?
            .filter(|folder| !folder.is_empty()),
        password: values
            .first_secret(&names)?
            .or_else(|| access.become_password.clone()),
        method: short,
    }))
}

fn truth(value: &Value) -> Result<bool> {
    crate::playbook::truth(value).ok_or_else(|| {
        Error::input(format!(
            "`become` wants a boolean, got `{}`",
            value.to_text()
        ))
        .at(value.place().cloned())
    })
}

#[cfg(test)]
mod tests {
    use super::VARIABLES;
    use crate::vars::is_refused_fact;

    #[test]
    fn no_fact_of_a_host_says_how_it_is_reached() {
        for name in VARIABLES {
            assert!(is_refused_fact(name), "{name}");
        }
    }
}
