//! The names of the reference's commands. Called by one of them (a link, or a copy), the binary
//! behaves as that command: its flags, their short forms and prefixes, and its exit codes.

mod flags;
mod version;

pub use flags::{exclusive, spelled_out};
pub use version::version;

use std::ffi::{OsStr, OsString};
use std::path::Path;

/// A command of the reference.
#[derive(Debug)]
pub struct Name {
    /// What its file is called.
    pub file: &'static str,
    /// The verb of `play` that does its work.
    pub verb: &'static str,
}

/// Every command of the reference that people call.
pub const NAMES: [Name; 9] = [
    name("ansible", "adhoc"),
    name("ansible-config", "config"),
    name("ansible-console", "console"),
    name("ansible-doc", "doc"),
    name("ansible-galaxy", "galaxy"),
    name("ansible-inventory", "inventory"),
    name("ansible-playbook", "run"),
    name("ansible-pull", "pull"),
    name("ansible-vault", "vault"),
];

const fn name(file: &'static str, verb: &'static str) -> Name {
    Name { file, verb }
}

/// The command that the program was called as, if it is not `play`.
pub fn called(arguments: &[OsString]) -> Option<&'static Name> {
    let program = arguments.first()?;
    let file = Path::new(program).file_name().and_then(OsStr::to_str)?;
    NAMES.iter().find(|name| name.file == file)
}

/// The command whose work a verb does.
pub fn of_verb(verb: &str) -> Option<&'static Name> {
    NAMES.iter().find(|name| name.verb == verb)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_part_of_the_path_counts() {
        let of = |text: &str| called(&[text.into(), "x".into()]).map(|name| name.file);
        assert_eq!(of("/usr/bin/ansible-playbook"), Some("ansible-playbook"));
        assert_eq!(of("ansible"), Some("ansible"));
        assert_eq!(of("/opt/ansible/play"), None);
        assert_eq!(of("ansible-playbook.old"), None);
        assert_eq!(called(&[]).map(|name| name.file), None);
    }
}
