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
    "ansible_command_timeout",
    "ansible_common_remote_group",
    "ansible_connection",
    "ansible_connection_user",
    "ansible_control_path",
    "ansible_control_path_dir",
    "ansible_facts",
    "ansible_host",
    "ansible_host_key_checking",
    "ansible_module_compression",
    "ansible_network_os",
    "ansible_no_log",
    "ansible_pass",
    "ansible_passwd",
    "ansible_password",
    "ansible_pipelining",
    "ansible_port",
    "ansible_private_key",
    "ansible_private_key_file",
    "ansible_private_key_passphrase",
    "ansible_rsync_path",
    "ansible_system_tmpdirs",
    "ansible_task_timeout",
    "ansible_timeout",
    "ansible_unsafe_writes",
    "ansible_use_tty",
    "ansible_user",
    "ansible_world_readable_temp",
];

/// How the names of connections, of ways to become and of shells begin, each followed by `_`.
const FAMILIES: &[&str] = &[
    "aws_ssm",
    "become",
    "buildah",
    "chroot",
    "delegated",
    "doas",
    "docker",
    "docker_api",
    "dzdo",
    "httpapi",
    "incus",
    "jail",
    "ksu",
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
    "pbrun",
    "persistent",
    "pfexec",
    "pkcs11",
    "pmrun",
    "podman",
    "psrp",
    "qubes",
    "reconnection",
    "remote",
    "run0",
    "runas",
    "scp",
    "sesu",
    "sftp",
    "sh",
    "shell",
    "smart",
    "ssh",
    "su",
    "sudo",
    "sudosu",
    "winrm",
    "zone",
];

/// What templates call, and what a loop and a rescue bring: in alphabetical order.
const LANGUAGE: &[&str] = &[
    "ansible_failed_result",
    "ansible_failed_task",
    "ansible_index_var",
    "ansible_loop",
    "ansible_loop_var",
    "cycler",
    "dict",
    "item",
    "joiner",
    "lipsum",
    "lookup",
    "loop",
    "namespace",
    "now",
    "q",
    "query",
    "range",
    "self",
    "undef",
];

/// Says whether a fact of this name would rule the connection, becoming, an interpreter or a name
/// of the language.
pub fn is_refused(name: &str) -> bool {
    if [magic::NAMES, EXACT, LANGUAGE]
        .iter()
        .any(|names| names.binary_search(&name).is_ok())
    {
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
    let is_key = rest.starts_with("ssh_host_key_")
        && (rest.ends_with("_public") || rest.ends_with("_public_keytype"));
    if is_key || rest.ends_with("bridge") {
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
    use super::{EXACT, LANGUAGE, is_refused};

    #[test]
    fn what_rules_the_connection_is_refused() {
        assert!(EXACT.is_sorted() && LANGUAGE.is_sorted());
        for name in [
            "ansible_connection",
            "ansible_host",
            "ansible_ssh_common_args",
            "ansible_ssh_executable",
            "ansible_ssh_host_key_checking",
            "ansible_remote_tmp",
            "ansible_run0_flags",
            "lookup",
            "item",
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
            "ansible_ssh_host_key_rsa_public_keytype",
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
