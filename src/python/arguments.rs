//! What a module is told: its arguments, and what every module of the reference is told beside
//! them (`_update_module_args` of the reference's `plugins/action/__init__.py`).

use crate::value::{Map, Value, to_json};

/// What a module is told of its task.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// The name in the task.
    pub name: String,
    /// Predict, do not write.
    pub check: bool,
    /// Say what differs.
    pub diff: bool,
    /// How many `-v` there are.
    pub verbosity: u8,
    /// `no_log`: the module does not write its arguments to the host's log.
    pub no_log: bool,
    /// `ansible_remote_tmp`, where temporary files of modules go.
    pub remote_tmp: Option<String>,
    /// The shell that commands are run with.
    pub shell: String,
    /// `ansible_syslog_facility`.
    pub syslog_facility: Option<String>,
    /// The version of ansible-core.
    pub version: String,
}

impl Told {
    /// The text that a module reads. `names` are those that its ansible-core knows; any other would
    /// be taken for an argument.
    pub fn json(&self, args: &Map, names: &[String]) -> String {
        let mut all = args.clone();
        let known = self.known();
        for (key, value) in known.iter() {
            let name = key.to_text();
            if names.contains(&name) {
                all.set(&format!("_ansible_{name}"), value.clone());
            }
        }
        let all = crate::entries! { "ANSIBLE_MODULE_ARGS" => all };
        to_json(&Value::map(all))
    }

    fn known(&self) -> Map {
        let filesystems = ["fuse", "nfs", "vboxsf", "ramfs", "9p", "vfat"];
        let tracebacks: &[&str] = match self.verbosity {
            0..=2 => &[],
            _ => &["error"],
        };
        crate::entries! {
            "check_mode" => self.check,
            "no_log" => self.no_log,
            "debug" => false,
            "diff" => self.diff,
            "verbosity" => i64::from(self.verbosity),
            "version" => self.version.as_str(),
            "module_name" => self.name.as_str(),
            "syslog_facility" => self.syslog_facility.as_deref().unwrap_or("LOG_USER"),
            "selinux_special_fs" => Value::strings(filesystems),
            "socket" => Value::Null,
            "shell_executable" => self.shell.as_str(),
            "keep_remote_files" => false,
            "tmpdir" => Value::Null,
            "remote_tmp" => self.remote_tmp.as_deref().unwrap_or("~/.ansible/tmp"),
            "ignore_unknown_opts" => false,
            "target_log_info" => Value::Null,
            "tracebacks_for" => Value::strings(tracebacks.iter().copied()),
            "inject_invocation" => self.verbosity >= 3,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Told;

    #[test]
    fn only_what_the_version_knows_is_said() {
        let told = Told {
            name: "a.b.c".to_owned(),
            check: true,
            ..Told::default()
        };
        let args = crate::entries! { "path" => "/x" };
        let names = ["check_mode", "module_name"].map(str::to_owned);
        assert_eq!(
            told.json(&args, &names),
            "{\"ANSIBLE_MODULE_ARGS\": {\"path\": \"/x\", \"_ansible_check_mode\": true, \
             \"_ansible_module_name\": \"a.b.c\"}}"
        );
    }
}
