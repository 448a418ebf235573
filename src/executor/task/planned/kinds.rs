//! Kinds of actions that a plan meets in their own ways.

/// Modules that only look at what stands at a path.
pub const LOOKERS: &[&str] = &["find", "slurp", "stat"];

/// A module that makes facts of something that other tasks may change.
pub struct Gatherer {
    /// Its name.
    pub module: &'static str,
    /// Where that is written down.
    pub sources: &'static [&'static str],
    /// The facts; `getent` names its own.
    pub facts: &'static [&'static str],
}

const GATHERERS: &[Gatherer] = &[
    Gatherer {
        module: "getent",
        sources: &[
            "/etc/group",
            "/etc/hosts",
            "/etc/passwd",
            "/etc/services",
            "/etc/shadow",
        ],
        facts: &[],
    },
    Gatherer {
        module: "mount_facts",
        sources: &["/etc/fstab", "/etc/mtab"],
        facts: &["aggregate_mounts", "mount_points"],
    },
    Gatherer {
        module: "package_facts",
        sources: &["/var/lib"],
        facts: &["packages"],
    },
    Gatherer {
        module: "service_facts",
        sources: &[
            "/etc/init.d",
            "/etc/systemd",
            "/lib/systemd",
            "/usr/lib/systemd",
        ],
        facts: &["services"],
    },
];

/// Modules that work with the playbook's own words: they look at nothing on a host and change nothing there.
pub const SAYERS: &[&str] = &["assert", "debug", "fail", "pause", "set_fact"];

/// Actions that bring variables whose names are theirs to choose.
pub const BRINGERS: &[&str] = &["gather_facts", "include_vars", "setup"];

/// Actions that make hosts and groups, of which each call counts.
pub const MAKERS: &[&str] = &["add_host", "group_by"];

/// Modules that do nothing in check mode and say so by skipping.
pub const UNSEEN: &[&str] = &["fetch", "wait_for_connection"];

/// Modules that read files of the controller.
pub const READERS: &[&str] = &[
    "assemble",
    "copy",
    "include_vars",
    "script",
    "template",
    "unarchive",
];

/// Arguments for work that is never told as a change: units are read again, lists of packages fetched.
pub const QUIET: &[&str] = &[
    "daemon-reexec",
    "daemon-reload",
    "daemon_reexec",
    "daemon_reload",
    "update-cache",
    "update_cache",
];

/// States that are brought about each time they are asked for.
pub const AGAIN: &[&str] = &["reloaded", "restarted", "touch"];

/// Arguments that name what a module changes, or looks at.
pub const PATHS: &[&str] = &["dest", "path", "paths", "name", "creates", "removes"];

/// How a module makes facts, where it does.
pub fn gatherer(name: &str) -> Option<&'static Gatherer> {
    GATHERERS.iter().find(|known| known.module == name)
}
