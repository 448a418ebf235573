//! What a host may not say of itself: facts that would rule how a host is reached, who a task runs
//! as, which program runs it, or what a name of the language means.
//!
//! Source: the reference's `vars/clean.py`, `clean_facts`, with `COMMON_CONNECTION_VARS`,
//! `MAGIC_VARIABLE_MAPPING` and `INTERNAL_STATIC_VARS` of its `constants.py`, and what `play` reads
//! beside those. Facts come from custom modules, `setup`, registered facts and the fact cache; all
//! of them are added by [`HostState::add_facts`](super::HostState::add_facts), which asks here.

use super::magic;

/// Names that no fact may set, beside the magic variables; in alphabetical order.
const EXACT: &[&str] = &[
    "ansible_async_dir",
    "ansible_async_path",
    "ansible_become",
    "ansible_connection",
    "ansible_connection_user",
    "ansible_facts",
    "ansible_host",
    "ansible_host_key_checking",
    "ansible_module_compression",
    "ansible_network_os",
    "ansible_pass",
    "ansible_password",
    "ansible_pipelining",
    "ansible_port",
    "ansible_private_key",
    "ansible_private_key_file",
    "ansible_private_key_passphrase",
    "ansible_remote_tmp",
    "ansible_remote_user",
    "ansible_rsync_path",
    "ansible_scp_extra_args",
    "ansible_sftp_extra_args",
    "ansible_system_tmpdirs",
    "ansible_timeout",
    "ansible_user",
];

/// How the names of connections, of ways to become and of shells begin, each followed by `_`.
const FAMILIES: &[&str] = &[
    "aws_ssm",
    "become",
    "buildah",
    "chroot",
    "delegated",
    "docker",
    "docker_api",
    "doas",
    "dzdo",
    "httpapi",
    "incus",
    "jail",
    "kubectl",
    "libssh",
    "local",
    "lxc",
    "lxd",
    "machinectl",
    "netconf",
    "network_cli",
    "nspawn",
    "oc",
    "openssh",
    "paramiko",
    "paramiko_ssh",
    "persistent",
    "pfexec",
    "podman",
    "psrp",
    "qubes",
    "runas",
    "sh",
    "shell",
    "smart",
    "ssh",
    "su",
    "sudo",
    "winrm",
    "zone",
];

/// Says whether a fact of this name would rule the connection, becoming, an interpreter or a name
/// of the language.
pub fn is_refused(name: &str) -> bool {
    if magic::NAMES.binary_search(&name).is_ok() || EXACT.binary_search(&name).is_ok() {
        return true;
    }
    if name.starts_with("discovered_interpreter_")
        || name.starts_with("ansible_discovered_interpreter_")
    {
        return true;
    }
    let Some(rest) = name.strip_prefix("ansible_") else {
        return false;
    };
    // The host's own keys, and the network devices that containers bring.
    if rest.starts_with("ssh_host_key_") || rest.ends_with("_bridge") || rest.ends_with("_gwbridge")
    {
        return false;
    }
    rest.ends_with("_interpreter")
        || FAMILIES.iter().any(|family| {
            rest.strip_prefix(family)
                .is_some_and(|rest| rest.starts_with('_'))
        })
}

#[cfg(test)]
mod tests {
    use super::{EXACT, is_refused};

    #[test]
    fn what_rules_the_connection_is_refused() {
        assert!(EXACT.is_sorted());
        for name in [
            "ansible_connection",
            "ansible_host",
            "ansible_ssh_common_args",
            "ansible_ssh_executable",
            "ansible_become",
            "ansible_become_exe",
            "ansible_sudo_pass",
            "ansible_python_interpreter",
            "ansible_perl_interpreter",
            "ansible_shell_executable",
            "ansible_docker_extra_args",
            "ansible_podman_executable",
            "ansible_rsync_path",
            "ansible_delegated_vars",
            "discovered_interpreter_python",
            "inventory_hostname",
            "hostvars",
            "groups",
            "playbook_dir",
            "vars",
            "omit",
            "role_path",
            "ansible_facts",
            "ansible_playbook_python",
        ] {
            assert!(is_refused(name), "{name}");
        }
    }

    #[test]
    fn facts_stay_facts() {
        for name in [
            "ansible_ssh_host_key_ed25519_public",
            "ansible_user_id",
            "ansible_user_shell",
            "ansible_local",
            "ansible_python",
            "ansible_python_version",
            "ansible_hostname",
            "ansible_os_family",
            "ansible_docker0",
            "ansible_docker_gwbridge",
            "ansible_lxc_bridge",
            "ansible_pkg_mgr",
            "ansible_service_mgr",
            "ansible_env",
            "ansible_system",
            "ansible_become2",
            "packages",
            "connection",
        ] {
            assert!(!is_refused(name), "{name}");
        }
    }
}
