//! `config`: settings of ansible.cfg, and options of plugins.

use super::super::{Runtime, foreign};
use super::{Options, Table};
use crate::config::setting;
use crate::error::{Error, Result};
use crate::value::{Map, Value};

pub(super) const LOOKUPS: Table = &[("config", config)];

/// An option of a plugin: its name, the variables that set it, the first that is defined counting,
/// and the setting behind.
struct PluginOption {
    plugin: (&'static str, &'static str),
    name: &'static str,
    variables: &'static [&'static str],
    setting: &'static str,
}

macro_rules! options {
    ($($kind:literal $plugin:literal { $($name:literal [$($variable:literal),*] $setting:literal;)* })*) => {
        &[$($(PluginOption {
            plugin: ($kind, $plugin),
            name: $name,
            variables: &[$($variable),*],
            setting: $setting,
        },)*)*]
    };
}

/// The options of the plugins that are built in (the reference's `plugins/connection`, `become` and
/// `shell`).
const OPTIONS: &[PluginOption] = options! {
    "connection" "ssh" {
        "host" ["inventory_hostname", "ansible_host", "ansible_ssh_host"] "";
        "host_key_checking" ["ansible_host_key_checking", "ansible_ssh_host_key_checking"] "HOST_KEY_CHECKING";
        "password" ["ansible_password", "ansible_ssh_pass", "ansible_ssh_password"] "";
        "pipelining" ["ansible_pipelining", "ansible_ssh_pipelining"] "ANSIBLE_PIPELINING";
        "port" ["ansible_port", "ansible_ssh_port"] "DEFAULT_REMOTE_PORT";
        "private_key_file" ["ansible_private_key_file", "ansible_ssh_private_key_file"] "DEFAULT_PRIVATE_KEY_FILE";
        "reconnection_retries" ["ansible_ssh_retries"] "ssh.reconnection_retries";
        "remote_user" ["ansible_user", "ansible_ssh_user"] "DEFAULT_REMOTE_USER";
        "ssh_args" ["ansible_ssh_args"] "ssh.ssh_args";
        "ssh_common_args" ["ansible_ssh_common_args"] "ssh.ssh_common_args";
        "ssh_executable" ["ansible_ssh_executable"] "ssh.ssh_executable";
        "ssh_extra_args" ["ansible_ssh_extra_args"] "ssh.ssh_extra_args";
        "timeout" ["ansible_ssh_timeout", "ansible_timeout"] "DEFAULT_TIMEOUT";
        "use_tty" ["ansible_ssh_use_tty"] "ssh.use_tty";
    }
    "connection" "local" {
        "pipelining" ["ansible_pipelining"] "ANSIBLE_PIPELINING";
    }
    "become" "sudo" {
        "become_exe" ["ansible_become_exe", "ansible_sudo_exe"] "sudo.become_exe";
        "become_flags" ["ansible_become_flags", "ansible_sudo_flags"] "sudo.become_flags";
        "become_pass" ["ansible_become_password", "ansible_become_pass", "ansible_sudo_pass"] "";
        "become_user" ["ansible_become_user", "ansible_sudo_user"] "sudo.become_user";
        "sudo_chdir" ["ansible_sudo_chdir"] "sudo.sudo_chdir";
    }
    "become" "su" {
        "become_exe" ["ansible_become_exe", "ansible_su_exe"] "su.become_exe";
        "become_flags" ["ansible_become_flags", "ansible_su_flags"] "su.become_flags";
        "become_pass" ["ansible_become_password", "ansible_become_pass", "ansible_su_pass"] "";
        "become_user" ["ansible_become_user", "ansible_su_user"] "su.become_user";
    }
    "shell" "sh" {
        "admin_users" [] "sh.admin_users";
        "async_dir" ["ansible_async_dir"] "sh.async_dir";
        "remote_tmp" ["ansible_remote_tmp"] "sh.remote_tmp";
        "system_tmpdirs" ["ansible_system_tmpdirs"] "sh.system_tmpdirs";
    }
};

/// What the reference's plugins have where nobody says anything.
const DEFAULTS: &[(&str, &str)] = &[
    ("sudo.become_exe", "sudo"),
    ("sudo.become_flags", "-H -S -n"),
    ("sudo.become_user", "root"),
    ("su.become_exe", "su"),
    ("su.become_flags", ""),
    ("su.become_user", "root"),
];

/// The kinds of plugins that have options.
const KINDS: &[&str] = &[
    "become",
    "cache",
    "callback",
    "connection",
    "filter",
    "inventory",
    "lookup",
    "shell",
    "strategy",
    "test",
    "vars",
];

fn config(runtime: &dyn Runtime, terms: Vec<Value>, options: Map) -> Result<Vec<Value>> {
    let given = options.clone();
    let options = Options::new("config", options);
    let missing = options.choice("on_missing", "error", &["error", "warn", "skip"])?;
    let origin = options.flag("show_origin", false)?;
    let plugin = (options.value("plugin_type"), options.value("plugin_name"));
    let plugin = match plugin {
        (None, None) => None,
        (Some(kind), Some(name)) => Some((kind.to_text(), name.to_text())),
        _ => {
            return Err(Error::template(
                "Both plugin_type and plugin_name are required, cannot use one without the other.",
            ));
        }
    };
    if let Some((kind, name)) = &plugin
        && !OPTIONS.iter().any(|option| option.plugin == (kind, name))
    {
        if is_foreign(runtime, kind, name)? {
            return foreign::lookup(runtime, "ansible.builtin.config", terms, given);
        }
        return Err(
            Error::template(format!("Unable to load {kind} plugin \"{name}\"."))
                .hint("options are known of the plugins connection ssh and local, become sudo and su, shell sh"),
        );
    }
    let mut answers = Vec::new();
    for term in &terms {
        let Value::Str(name) = term else {
            return Err(Error::template(format!(
                "Invalid setting identifier, '{}' is not a string, it is a {}.",
                term.to_text(),
                term.type_name()
            )));
        };
        let found = match &plugin {
            None => of_setting(runtime, name)?,
            Some((kind, plugin)) => of_plugin(runtime, (kind, plugin), name)?,
        };
        let unknown = || format!("No config definition exists for '{name}'");
        match (found, missing.as_str()) {
            (Some((value, from)), _) if origin => {
                answers.push(Value::list(vec![value, Value::str(from)]));
            }
            (Some((value, _)), _) => answers.push(value),
            (None, "error") => return Err(Error::template(unknown())),
            (None, "warn") => runtime.warn(unknown()),
            (None, _) => {}
        }
    }
    Ok(answers)
}

/// Whether a plugin is one in Python, which knows its own options.
fn is_foreign(runtime: &dyn Runtime, kind: &str, name: &str) -> Result<bool> {
    let Some(kind) = KINDS.iter().find(|known| **known == kind) else {
        return Ok(false);
    };
    let scope = runtime.scope();
    scope
        .outside()
        .has_plugin(&foreign::plugin(kind, name, &**scope))
}

/// A setting and where it comes from, a variable where one sets it.
fn of_setting(runtime: &dyn Runtime, name: &str) -> Result<Option<(Value, String)>> {
    let variables = setting(name).map_or(&[][..], |setting| &setting.variables);
    for variable in variables.iter().rev() {
        let Some(raw) = runtime.scope().variable(variable) else {
            continue;
        };
        let value = runtime.plain(&raw)?;
        if !value.is_null() && !value.is_undefined() {
            return Ok(Some((value, format!("var: {variable}"))));
        }
    }
    Ok(of_table(runtime, name))
}

/// A setting and where it comes from.
fn of_table(runtime: &dyn Runtime, name: &str) -> Option<(Value, String)> {
    let outside = runtime.scope().outside();
    Some((outside.setting(name)?, outside.setting_origin(name)))
}

/// The value of a plugin's option and where it comes from.
fn of_plugin(
    runtime: &dyn Runtime,
    plugin: (&str, &str),
    name: &str,
) -> Result<Option<(Value, String)>> {
    let mut options = OPTIONS.iter();
    let Some(option) = options.find(|option| option.plugin == plugin && option.name == name) else {
        return Ok(None);
    };
    // Of several that are set the last counts, as in the reference.
    for variable in option.variables.iter().rev() {
        if let Some(raw) = runtime.scope().variable(variable) {
            let value = runtime.plain(&raw)?;
            if !value.is_null() && !value.is_undefined() {
                return Ok(Some((value, format!("var: {variable}"))));
            }
        }
    }
    let usual = DEFAULTS.iter().find(|(key, _)| *key == option.setting);
    let usual = usual.map_or(Value::Null, |(_, value)| (*value).into());
    Ok(Some(match of_table(runtime, option.setting) {
        Some((value, from)) if !value.is_null() => (value, from),
        _ => (usual, "default".to_owned()),
    }))
}
