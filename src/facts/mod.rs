//! What is true of a host: one script that prints raw sources, and the readers of its answer.
//!
//! [`Wanted`] says which collectors are asked for, by the reference's rules of `gather_subset`.
//! [`Wanted::script`] is the one round trip; [`Wanted::read`] turns its [`Reply`] into facts by
//! Ansible's names, `ansible_` prefix included. The readers are pure: sections in, values out.

mod date;
mod distribution;
mod hardware;
mod ini;
mod initiators;
mod local;
mod network;
mod packages;
mod platform;
mod python;
mod sections;
mod security;
mod services;
mod subset;
mod system;
mod virtualization;

pub use subset::Wanted;

use crate::shell::{Fragment, PRELUDE, Reply, Script};
use crate::value::{Map, Value, from_json};

use sections::Sections;

static SHELL: Fragment = Fragment {
    name: "facts",
    text: include_str!("gather.sh"),
    needs: &[&PRELUDE, &LINUX, &BSD],
};

static LINUX: Fragment = Fragment {
    name: "facts-linux",
    text: include_str!("linux.sh"),
    needs: &[&PRELUDE],
};

static BSD: Fragment = Fragment {
    name: "facts-bsd",
    text: include_str!("bsd.sh"),
    needs: &[&PRELUDE],
};

/// What a host said of itself.
#[derive(Clone, Debug, Default)]
pub struct Gathered {
    /// The facts by Ansible's names, with the `ansible_` prefix.
    pub facts: Map,
    /// What could not be learnt, for the user.
    pub warnings: Vec<String>,
}

/// How facts are gathered, beside which ones.
#[derive(Clone, Debug)]
pub struct Ways {
    /// The folder of the host's own facts.
    pub fact_path: String,
    /// How long a file system or a program may take to answer, in seconds.
    pub timeout: u64,
    /// The Python that the user named, or empty.
    pub python: String,
}

impl Wanted {
    /// The script that prints the sources.
    pub fn script(&self, ways: &Ways) -> Script {
        Script::call(&SHELL, "facts_main")
            .as_logged_in()
            .set("wanted", format!(" {} ", self.collectors.join(" ")))
            .path("fact_path", &ways.fact_path)
            .set("timeout", ways.timeout.to_string())
            .set("python", &ways.python)
    }

    /// The facts in the script's reply.
    pub fn read(&self, reply: &Reply) -> Gathered {
        let sections = Sections::new(reply);
        let mut facts = Map::new();
        for (collector, read) in READERS {
            if self.has(collector) {
                read(&sections, &mut facts);
            }
        }
        let mut facts: Map = facts.iter().map(prefixed).collect();
        for program in ["facter", "ohai"] {
            if self.has(program) {
                foreign(&sections, program, &mut facts);
            }
        }
        let mut warnings = local::complaints(&sections);
        for mount in hardware::silent(&sections) {
            warnings.push(format!("file system `{mount}` did not answer in time"));
        }
        Gathered { facts, warnings }
    }
}

/// A dash cannot stand in a variable's name.
fn prefixed((name, value): (&Value, &Value)) -> (Value, Value) {
    let name = name.to_text().replace('-', "_");
    (Value::str(format!("ansible_{name}")), value.clone())
}

/// The facts of another program, under its own prefix.
fn foreign(sections: &Sections, program: &str, facts: &mut Map) {
    let said = sections.word(program).and_then(|text| from_json(text).ok());
    for (name, value) in said
        .as_ref()
        .and_then(Value::as_map)
        .into_iter()
        .flat_map(|map| map.iter())
    {
        let name = name.to_text().replace('-', "_");
        facts.set(&format!("{program}_{name}"), value.clone());
    }
}

/// A reader adds its facts, without prefix; it may look at those of the readers before it.
type Reader = fn(&Sections, &mut Map);

/// The readers by collector, in an order in which each finds what it builds on.
static READERS: &[(&str, Reader)] = &[
    ("platform", platform::read),
    ("distribution", distribution::read),
    ("lsb", system::lsb),
    ("selinux", security::selinux),
    ("apparmor", security::apparmor),
    ("chroot", security::chroot),
    ("fips", security::fips),
    ("python", python::read),
    ("caps", security::capabilities),
    ("pkg_mgr", packages::read),
    ("service_mgr", services::manager),
    ("cmdline", system::cmdline),
    ("date_time", date::read),
    ("env", system::env),
    ("loadavg", system::loadavg),
    ("ssh_pub_keys", system::ssh_keys),
    ("user", system::user),
    ("systemd", services::systemd),
    ("virtual", virtualization::read),
    ("hardware", hardware::read),
    ("dns", system::dns),
    ("fibre_channel_wwn", initiators::fibre_channel),
    ("network", network::read),
    ("iscsi", initiators::iscsi),
    ("nvme", initiators::nvme),
    ("local", local::read),
];

#[cfg(test)]
mod tests;
