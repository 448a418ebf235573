//! Groups of modules, which `module_defaults` may name: `group/aws`.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use super::Catalogue;
use crate::error::{Error, Result};
use crate::value::{Map, Value};
use crate::yaml;

/// Groups that go by a short name, and the groups of collections that they stand for
/// (`action_groups` of the reference's `config/ansible_builtin_runtime.yml`).
const SHORT: &[(&str, &[&str])] = &[
    ("acme", &["community.crypto.acme"]),
    ("aws", &["amazon.aws.aws", "community.aws.aws"]),
    ("azure", &["azure.azcollection.azure"]),
    ("cpm", &["wti.remote.cpm"]),
    (
        "docker",
        &["community.general.docker", "community.docker.docker"],
    ),
    ("gcp", &["google.cloud.gcp"]),
    (
        "k8s",
        &[
            "community.kubernetes.k8s",
            "community.general.k8s",
            "community.kubevirt.k8s",
            "community.okd.k8s",
            "kubernetes.core.k8s",
        ],
    ),
    ("os", &["openstack.cloud.os"]),
    ("ovirt", &["ovirt.ovirt.ovirt", "community.general.ovirt"]),
    ("vmware", &["community.vmware.vmware"]),
];

impl Catalogue {
    /// The full names of a group's modules: `namespace.collection.group` as the collection's
    /// `meta/runtime.yml` has it, with the groups that it extends.
    ///
    /// # Errors
    /// There is no such group, or the file cannot be read.
    pub fn members(&self, group: &str) -> Result<Vec<String>> {
        let short = group.strip_prefix("ansible.builtin.").unwrap_or(group);
        let mut found = Members::default();
        match SHORT.iter().find(|(name, _)| *name == short) {
            Some((_, extended)) => {
                for group in *extended {
                    found.add(self, group)?;
                }
            }
            None => {
                if !found.add(self, group)? {
                    return Err(Error::syntax(format!(
                        "there is no group of modules called `{group}`"
                    ))
                    .hint("a group is `group/namespace.collection.name`, of a collection that is there"));
                }
            }
        }
        Ok(found.modules)
    }

    /// The groups of a collection, from its `meta/runtime.yml`.
    fn groups_of(&self, namespace: &str, collection: &str) -> Result<Option<Arc<Map>>> {
        let inside = Path::new("ansible_collections")
            .join(namespace)
            .join(collection);
        let folder = self
            .collections
            .iter()
            .map(|root| root.join(&inside))
            .find(|folder| folder.is_dir());
        let Some(path) = folder
            .map(|folder| folder.join("meta/runtime.yml"))
            .filter(|path| path.is_file())
        else {
            return Ok(None);
        };
        let bytes = std::fs::read(&path).map_err(|error| {
            Error::input(format!("failed to read `{}`", path.display())).because(error)
        })?;
        let document = yaml::load(&yaml::decode(&bytes, &path)?, &yaml::Options::default())?;
        let groups = document.root.value().get("action_groups").cloned();
        Ok(groups.and_then(|groups| groups.as_map().cloned()))
    }
}

/// What is collected of a group and those that it extends.
#[derive(Default)]
struct Members {
    seen: BTreeSet<String>,
    modules: Vec<String>,
}

impl Members {
    /// Adds a group's modules; says whether the group is there.
    fn add(&mut self, catalogue: &Catalogue, group: &str) -> Result<bool> {
        if !self.seen.insert(group.to_owned()) {
            return Ok(true);
        }
        let mut parts = group.splitn(3, '.');
        let (Some(namespace), Some(collection), Some(name)) =
            (parts.next(), parts.next(), parts.next())
        else {
            return Ok(false);
        };
        let groups = catalogue.groups_of(namespace, collection)?;
        let Some(Value::List(members)) = groups.as_ref().and_then(|groups| groups.get(name)) else {
            return Ok(false);
        };
        for member in members.iter() {
            match member {
                Value::Map(map) => self.extend(catalogue, (namespace, collection), map)?,
                other => self
                    .modules
                    .push(full_name(namespace, collection, &other.to_text())),
            }
        }
        Ok(true)
    }

    fn extend(&mut self, catalogue: &Catalogue, home: (&str, &str), entry: &Map) -> Result<()> {
        let extended = entry
            .get("metadata")
            .and_then(|metadata| metadata.get("extend_group"));
        let Some(Value::List(groups)) = extended else {
            return Ok(());
        };
        for group in groups.iter() {
            self.add(catalogue, &full_name(home.0, home.1, &group.to_text()))?;
        }
        Ok(())
    }
}

/// A member's full name: one without dots is of the group's own collection.
fn full_name(namespace: &str, collection: &str, member: &str) -> String {
    match member.contains('.') {
        true => member.to_owned(),
        false => format!("{namespace}.{collection}.{member}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_come_from_their_collections() {
        let folder = tempfile::tempdir().unwrap();
        let meta = folder.path().join("ansible_collections/n/c/meta");
        std::fs::create_dir_all(&meta).unwrap();
        let text = "action_groups:\n  g: [one, ansible.builtin.ping]\n  \
                    h:\n  - metadata: {extend_group: [g, n.c.h, no.such.group]}\n  - two\n";
        std::fs::write(meta.join("runtime.yml"), text).unwrap();
        let catalogue = Catalogue {
            python: Arc::default(),
            libraries: Vec::new(),
            rejected: Vec::new(),
            collections: vec![folder.path().to_owned()],
        };
        let members = |group| {
            catalogue
                .members(group)
                .map_err(|error| error.message().to_owned())
        };
        assert_eq!(
            members("n.c.g").unwrap(),
            ["n.c.one", "ansible.builtin.ping"]
        );
        assert_eq!(
            members("n.c.h").unwrap(),
            ["n.c.one", "ansible.builtin.ping", "n.c.two"]
        );
        assert_eq!(members("aws").unwrap(), [""; 0]);
        for unknown in ["n.c.x", "x.y.z", "nope", ""] {
            let message = format!("there is no group of modules called `{unknown}`");
            assert_eq!(members(unknown), Err(message));
        }
    }
}
