//! Which facts are asked for: `gather_subset` by the reference's rules.

use std::collections::BTreeSet;

use crate::error::{Error, Result, nearest};

/// The collectors that a task wants, by the reference's names.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub(super) collectors: Vec<&'static str>,
}

/// A collector and the facts that stand for it in `gather_subset`.
struct Collector {
    name: &'static str,
    facts: &'static [&'static str],
    /// Part of `min`.
    minimal: bool,
    /// What it builds on.
    needs: &'static [&'static str],
}

const fn collector(name: &'static str, facts: &'static [&'static str]) -> Collector {
    Collector {
        name,
        facts,
        minimal: false,
        needs: &[],
    }
}

const fn minimal(name: &'static str, facts: &'static [&'static str]) -> Collector {
    Collector {
        name,
        facts,
        minimal: true,
        needs: &[],
    }
}

const fn needing(collector: Collector, needs: &'static [&'static str]) -> Collector {
    Collector { needs, ..collector }
}

static COLLECTORS: &[Collector] = &[
    minimal("apparmor", &[]),
    minimal(
        "caps",
        &["system_capabilities", "system_capabilities_enforced"],
    ),
    collector("chroot", &["is_chroot"]),
    minimal("cmdline", &[]),
    minimal("date_time", &[]),
    minimal(
        "distribution",
        &[
            "distribution_major_version",
            "distribution_release",
            "distribution_version",
            "os_family",
        ],
    ),
    minimal("dns", &[]),
    minimal("env", &[]),
    collector("facter", &[]),
    collector("fibre_channel_wwn", &[]),
    minimal("fips", &[]),
    needing(
        collector(
            "hardware",
            &[
                "devices",
                "mounts",
                "processor",
                "processor_cores",
                "processor_count",
            ],
        ),
        &["platform"],
    ),
    collector("iscsi", &[]),
    collector("loadavg", &[]),
    minimal("local", &[]),
    minimal("lsb", &[]),
    needing(
        collector(
            "network",
            &[
                "all_ipv4_addresses",
                "all_ipv6_addresses",
                "default_ipv4",
                "default_ipv6",
                "interfaces",
            ],
        ),
        &["distribution", "platform"],
    ),
    collector("nvme", &[]),
    collector("ohai", &[]),
    needing(minimal("pkg_mgr", &[]), &["distribution"]),
    minimal(
        "platform",
        &[
            "architecture",
            "kernel",
            "kernel_version",
            "machine",
            "machine_id",
            "python_version",
            "system",
        ],
    ),
    minimal("python", &[]),
    minimal("selinux", &[]),
    needing(minimal("service_mgr", &[]), &["distribution", "platform"]),
    minimal(
        "ssh_pub_keys",
        &[
            "ssh_host_key_dsa_public",
            "ssh_host_key_ecdsa_public",
            "ssh_host_key_ed25519_public",
            "ssh_host_key_rsa_public",
            "ssh_host_pub_keys",
        ],
    ),
    collector("systemd", &[]),
    minimal(
        "user",
        &[
            "effective_group_ids",
            "effective_user_id",
            "real_user_id",
            "user_dir",
            "user_gecos",
            "user_gid",
            "user_id",
            "user_shell",
            "user_uid",
        ],
    ),
    collector(
        "virtual",
        &[
            "virtualization_role",
            "virtualization_tech_guest",
            "virtualization_tech_host",
            "virtualization_type",
        ],
    ),
];

impl Wanted {
    /// Reads `gather_subset`. `min` comes first; then what is added; what is excluded goes, unless
    /// it was added by its own name; what the rest builds on comes back.
    ///
    /// # Errors
    /// An added name that there is not. An excluded one may be anything, as in the reference.
    pub fn of<T: AsRef<str>>(subset: &[T]) -> Result<Self> {
        let mut added = minimal_names();
        let mut excluded = BTreeSet::new();
        let mut named = BTreeSet::new();
        let all: &[&str] = &["all"];
        let words: Vec<&str> = subset.iter().map(AsRef::as_ref).collect();
        for word in if words.is_empty() { all } else { &words } {
            match word.strip_prefix('!') {
                None if *word == "all" => added.extend(names()),
                None if *word == "min" => added.extend(minimal_names()),
                None => {
                    let known = names()
                        .find(|name| name == word)
                        .ok_or_else(|| unknown(word))?;
                    named.insert(known);
                }
                Some("all") => {
                    excluded.extend(names().filter(|name| !minimal_names().contains(name)))
                }
                Some("min") => excluded.extend(minimal_names()),
                Some(word) => excluded.extend(covered(word)),
            }
        }
        added.retain(|name| !excluded.contains(name));
        added.extend(named);
        Ok(Wanted {
            collectors: collectors(&added),
        })
    }

    /// Says whether no collector is wanted.
    pub fn is_empty(&self) -> bool {
        self.collectors.is_empty()
    }

    /// Says whether a collector is wanted.
    pub fn has(&self, collector: &str) -> bool {
        self.collectors.contains(&collector)
    }
}

/// Every word that can be added, `all` and `min` apart.
fn names() -> impl Iterator<Item = &'static str> {
    COLLECTORS
        .iter()
        .flat_map(|one| std::iter::once(one.name).chain(one.facts.iter().copied()))
}

fn minimal_names() -> BTreeSet<&'static str> {
    COLLECTORS
        .iter()
        .filter(|one| one.minimal)
        .map(|one| one.name)
        .collect()
}

/// The words that go with an excluded one: a collector's facts with its name.
fn covered(word: &str) -> Vec<&'static str> {
    match COLLECTORS.iter().find(|one| one.name == word) {
        Some(one) => std::iter::once(one.name)
            .chain(one.facts.iter().copied())
            .collect(),
        None => names().filter(|name| *name == word).collect(),
    }
}

/// The collectors that stand behind the words, and what they build on.
fn collectors(words: &BTreeSet<&'static str>) -> Vec<&'static str> {
    let wanted = |one: &&Collector| {
        words.contains(one.name) || one.facts.iter().any(|fact| words.contains(fact))
    };
    let chosen: Vec<&Collector> = COLLECTORS.iter().filter(wanted).collect();
    let mut all: BTreeSet<&'static str> = chosen.iter().map(|one| one.name).collect();
    all.extend(chosen.iter().flat_map(|one| one.needs.iter().copied()));
    all.into_iter().collect()
}

fn unknown(word: &str) -> Error {
    let valid: BTreeSet<&str> = names().collect();
    let list: Vec<&str> = valid.iter().copied().collect();
    Error::input(format!(
        "Bad subset '{word}' given to Ansible. gather_subset options allowed: all, min, {}",
        list.join(", ")
    ))
    .hint_if(nearest(word, list))
}

#[cfg(test)]
mod tests {
    use super::Wanted;

    fn wanted(words: &[&str]) -> Vec<&'static str> {
        Wanted::of(words).unwrap().collectors
    }

    #[test]
    fn min_is_always_there_unless_it_is_excluded() {
        assert_eq!(wanted(&[]), wanted(&["all"]));
        assert_eq!(wanted(&["!all"]), wanted(&["min"]));
        assert_eq!(wanted(&["!all", "!min"]), [""; 0]);
        assert_eq!(
            wanted(&["!min", "network"]),
            ["distribution", "network", "platform"]
        );
    }

    #[test]
    fn what_is_named_wins_over_what_is_excluded() {
        assert_eq!(
            wanted(&["!all", "!min", "loadavg", "!loadavg"]),
            ["loadavg"]
        );
        assert_eq!(
            wanted(&["!all", "!min", "mounts"]),
            ["hardware", "platform"]
        );
        // What is only excluded leaves `min`, as in the reference.
        assert_eq!(wanted(&["!hardware"]), wanted(&["min"]));
        assert!(!wanted(&["all", "!hardware"]).contains(&"hardware"));
        // Only the collector's own word takes all of it away.
        assert!(wanted(&["all", "!mounts"]).contains(&"hardware"));
    }

    #[test]
    fn an_unknown_word_is_an_error_only_where_it_is_added() {
        let error = Wanted::of(&["netwok"]).unwrap_err();
        assert!(
            error
                .message()
                .contains("Bad subset 'netwok' given to Ansible.")
        );
        assert!(error.hint_text().unwrap().contains("network"));
        assert_eq!(wanted(&["all", "!netwok"]), wanted(&["all"]));
    }
}
