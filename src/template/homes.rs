//! Where filters, tests and lookups live that are not built in: which collection, and how to get it.

use super::Scope;
use crate::error::of_collection;

/// Short names that the reference looks up in a collection (`plugin_routing` of its
/// `config/ansible_builtin_runtime.yml`).
const HOMES: &[(&str, &[&str])] = &[
    (
        "amazon.aws",
        &[
            "aws_account_attribute",
            "aws_secret",
            "aws_service_ip_ranges",
            "aws_ssm",
        ],
    ),
    (
        "ansible.netcommon",
        &[
            "comp_type5",
            "hash_salt",
            "parse_cli",
            "parse_cli_textfsm",
            "parse_xml",
            "type5_pw",
            "vlan_parser",
        ],
    ),
    (
        "community.general",
        &[
            "cartesian",
            "chef_databag",
            "consul_kv",
            "counter",
            "credstash",
            "cyberarkpassword",
            "dig",
            "dnstxt",
            "etcd",
            "filetree",
            "flattened",
            "from_csv",
            "groupby_as_dict",
            "hiera",
            "jc",
            "json_patch",
            "json_query",
            "keep_keys",
            "keyring",
            "lastpass",
            "lists_difference",
            "lists_intersect",
            "lists_mergeby",
            "lists_symmetric_difference",
            "lists_union",
            "lmdb_kv",
            "manifold",
            "onepassword",
            "onepassword_raw",
            "passwordstore",
            "random_mac",
            "random_string",
            "random_words",
            "redis",
            "remove_keys",
            "replace_keys",
            "reveal_ansible_type",
            "shelvefile",
            "to_ini",
            "tss",
            "version_sort",
        ],
    ),
    ("community.grafana", &["grafana_dashboard"]),
    (
        "community.hashi_vault",
        &[
            "hashi_vault",
            "vault_kv1_get",
            "vault_kv2_get",
            "vault_read",
        ],
    ),
    ("community.mongodb", &["mongodb"]),
    ("community.rabbitmq", &["rabbitmq"]),
    ("cyberark.conjur", &["conjur_variable"]),
    ("google.cloud", &["gcp_kms_decrypt", "gcp_kms_encrypt"]),
    (
        "infoblox.nios_modules",
        &["nios", "nios_next_ip", "nios_next_network"],
    ),
    (
        "kubernetes.core",
        &["k8s", "k8s_config_resource_name", "kustomize", "openshift"],
    ),
];

/// The collection that a short name is looked up in, where one is known for it.
fn home(name: &str) -> Option<&'static str> {
    let home = HOMES.iter().find(|(_, names)| names.contains(&name));
    home.map(|(collection, _)| *collection)
}

/// What to do about a filter, test or lookup (`what`) that nobody has; nothing where no collection can have it.
pub(super) fn hint(what: &str, name: &str, scope: &dyn Scope) -> Option<String> {
    let (collection, of) = match name.rsplit_once('.') {
        Some((collection, _)) if collection.matches('.').count() >= 1 => {
            (collection, String::new())
        }
        Some(_) => return None,
        None => {
            let collection = home(name)?;
            (collection, format!("it is `{collection}.{name}`: "))
        }
    };
    let (namespace, rest) = collection.split_once('.')?;
    let short = rest.split('.').next().unwrap_or(rest);
    let collection = format!("{namespace}.{short}");
    let installed = scope.outside().collection(namespace, short);
    let hint = of_collection(&collection, installed.as_deref(), &format!("such {what}"));
    Some(of + &hint)
}

#[cfg(test)]
mod tests {
    use super::{HOMES, home};

    #[test]
    fn a_name_has_one_home() {
        let mut all: Vec<&str> = HOMES
            .iter()
            .flat_map(|(_, names)| names.iter().copied())
            .collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
        assert_eq!(home("dig"), Some("community.general"));
        assert_eq!(home("upper"), None);
    }
}
