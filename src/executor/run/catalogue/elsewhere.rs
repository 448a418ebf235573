//! Short names of modules that live in a collection: which collection that is.

use std::collections::HashMap;
use std::sync::OnceLock;

const TABLE: &str = include_str!("elsewhere.txt");

/// The full name that a short one stands for, such as `ansible.posix.mount` for `mount` (the
/// `plugin_routing` of the reference's `config/ansible_builtin_runtime.yml`).
pub fn full_name(short: &str) -> Option<String> {
    static NAMES: OnceLock<HashMap<&str, (&str, &str)>> = OnceLock::new();
    let names = NAMES.get_or_init(|| table().collect());
    let (collection, name) = names.get(short)?;
    Some(format!("{collection}.{name}"))
}

fn table() -> impl Iterator<Item = (&'static str, (&'static str, &'static str))> {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| line.split_once(": "))
        .flat_map(|(collection, words)| {
            words.split(' ').map(move |word| {
                let (short, name) = word.split_once('=').unwrap_or((word, word));
                (short, (collection, name))
            })
        })
}

#[cfg(test)]
mod tests {
    use super::full_name;

    #[test]
    fn short_names_have_a_home() {
        for (short, full) in [
            ("mount", Some("ansible.posix.mount")),
            ("timezone", Some("community.general.timezone")),
            ("docker_image", Some("community.docker.docker_image")),
            ("copy", None),
            ("", None),
        ] {
            assert_eq!(full_name(short).as_deref(), full, "{short}");
        }
    }
}
