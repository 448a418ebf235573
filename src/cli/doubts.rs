//! What in an inventory was probably not meant: files of variables that belong to no group or host, names
//! that are nearly those of the connection's variables; and extra variables that nothing uses.

use std::collections::BTreeSet;
use std::path::Path;

use super::extra::{self, Typed};
use super::options::RunOptions;
use crate::error::{Error, Place, Result, nearest};
use crate::executor::{CONNECTION_VARIABLES, House, Run};
use crate::inventory::{Inventory, Layers, Owner};
use crate::value::{Map, Value};
use crate::{vault, yaml};

/// Prefixes of extra variables that programs add which run playbooks for others.
const OF_OTHERS: &[&str] = &["ansible_", "awx_", "tower_", "molecule_"];

/// The methods of becoming another user that have variables of their own.
const BECOME_METHODS: &[&str] = &[
    "doas",
    "dzdo",
    "ksu",
    "machinectl",
    "pbrun",
    "pfexec",
    "pmrun",
    "run0",
    "sesu",
    "su",
    "sudo",
];

/// Warns of what in an inventory is nearly something else.
pub fn inventory(house: &House, inventory: &Inventory, layers: &Layers) {
    for folder in layers.inventory.iter().chain(&layers.playbook) {
        let groups = || inventory.groups().map(|group| &*group.name);
        files(house, folder, Owner::Group, &groups().collect::<Vec<_>>());
        let hosts = inventory.hosts().map(|host| &*host.name);
        files(house, folder, Owner::Host, &hosts.collect::<Vec<_>>());
    }
    let groups = inventory.groups().map(|group| (&group.name, &group.vars));
    let hosts = inventory.hosts().map(|host| (&host.name, &host.vars));
    for (owner, vars) in groups.chain(hosts) {
        variables(house, owner, vars);
    }
    variables(house, "the command line (-e)", &house.extra);
}

/// Files that are named nearly as a group or host, and are nobody's. What is not near to a name may belong to
/// another inventory that the same folder serves.
fn files(house: &House, folder: &Path, owner: Owner, names: &[&str]) {
    let base = folder.join(owner.directory());
    let Ok(entries) = std::fs::read_dir(&base) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let (Some(file), Some(stem)) = (path.file_name(), stem(&path)) else {
            continue;
        };
        if names.contains(&stem.as_str()) || names.contains(&&*file.to_string_lossy()) {
            within(house, &path, &stem);
            continue;
        }
        if let Some(hint) = nearest(&stem, names.iter().copied()) {
            let kind = match owner {
                Owner::Group => "group",
                Owner::Host => "host",
            };
            let text = format!(
                "`{}` is never read: there is no {kind} `{stem}`",
                path.display()
            );
            house.warn_once(Error::input(text).hint(hint));
        }
    }
}

/// Looks at the variables of a file, or of the files in a folder. What is sealed or cannot be read is left to
/// whoever needs it.
fn within(house: &House, path: &Path, owner: &str) {
    if path.is_dir() {
        let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
        let mut files: Vec<_> = entries.map(|entry| entry.path()).collect();
        files.sort();
        let files = files
            .iter()
            .filter(|file| file.is_file() && stem(file).is_some());
        return files.for_each(|file| within(house, file, owner));
    }
    let Ok(bytes) = std::fs::read(path) else {
        return;
    };
    // Most files have no such names, and cost no reading of YAML then.
    let may_have = bytes.windows(8).any(|window| window == b"ansible_");
    if !may_have || vault::is_sealed(&bytes) {
        return;
    }
    let Ok(source) = yaml::decode(&bytes, path) else {
        return;
    };
    if let Ok(document) = yaml::load(&source, &yaml::Options::default())
        && let Value::Map(vars) = document.root.value()
    {
        variables(house, owner, vars);
    }
}

/// The name that a file of variables is for.
fn stem(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let stem = [".yml", ".yaml", ".json"]
        .iter()
        .find_map(|ending| name.strip_suffix(ending));
    let stem = stem.unwrap_or(name);
    let hidden = stem.starts_with('.') || stem.ends_with('~');
    (!hidden).then(|| stem.to_owned())
}

/// Variables that are nearly one of the connection's.
fn variables(house: &House, owner: &str, vars: &Map) {
    for name in vars.keys().filter_map(Value::as_str) {
        let known = CONNECTION_VARIABLES.contains(&name) || !name.starts_with("ansible_");
        if known || is_of_others(name) {
            continue;
        }
        let meant = MEANT.iter().find(|(wrong, _)| *wrong == name);
        let meant = meant.map(|(_, right)| format!("did you mean `{right}`?"));
        if let Some(hint) = meant.or_else(|| nearest(name, CONNECTION_VARIABLES.iter().copied())) {
            let owner = match owner.contains(' ') {
                true => owner.to_owned(),
                false => format!("`{owner}`"),
            };
            let text = format!("`{name}` of {owner} means nothing to a connection");
            // The line may hold a password.
            let place = vars
                .get(name)
                .and_then(Value::place)
                .map(Place::without_text);
            let place = place.filter(|place| place.path().is_file());
            house.warn_once(Error::input(text).at(place).hint(hint));
        }
    }
}

/// Names that people write, and the names that they mean.
const MEANT: &[(&str, &str)] = &[
    ("ansible_address", "ansible_host"),
    ("ansible_become_pwd", "ansible_become_password"),
    ("ansible_become_username", "ansible_become_user"),
    ("ansible_identity_file", "ansible_ssh_private_key_file"),
    ("ansible_ip", "ansible_host"),
    ("ansible_key_file", "ansible_ssh_private_key_file"),
    ("ansible_login", "ansible_user"),
    ("ansible_passwd", "ansible_password"),
    ("ansible_pwd", "ansible_password"),
    ("ansible_remote_user", "ansible_user"),
    ("ansible_ssh_hostname", "ansible_host"),
    ("ansible_ssh_key", "ansible_ssh_private_key_file"),
    ("ansible_ssh_key_file", "ansible_ssh_private_key_file"),
    ("ansible_ssh_passwd", "ansible_password"),
    ("ansible_ssh_username", "ansible_user"),
    ("ansible_su", "ansible_become"),
    ("ansible_su_password", "ansible_become_password"),
    ("ansible_sudo", "ansible_become"),
    ("ansible_sudo_password", "ansible_become_password"),
    ("ansible_username", "ansible_user"),
];

/// Names that are near to others and have a meaning of their own.
fn is_of_others(name: &str) -> bool {
    // `ansible_sudo_pass`, `ansible_doas_user`: of a method of becoming another user.
    let of_method = ["_user", "_exe", "_flags", "_pass"]
        .iter()
        .filter_map(|end| name.strip_suffix(end)?.strip_prefix("ansible_"));
    for method in of_method {
        if BECOME_METHODS.contains(&method) {
            return true;
        }
    }
    [
        "ansible_hostname",
        "ansible_ssh_pipelining",
        "ansible_hosts",
        "ansible_shell_type",
    ]
    .contains(&name)
        || name.starts_with("ansible_winrm")
        || name.starts_with("ansible_psrp")
        || name.starts_with("ansible_httpapi")
        || name.starts_with("ansible_network")
}

/// Warns of extra variables that were typed and that nothing used in a run that went well.
///
/// # Errors
/// There are some, and the run is strict.
pub fn unused(run: &Run, typed: &RunOptions) -> Result<()> {
    if run.exit_code() != 0 || run.is_interrupted() {
        return Ok(());
    }
    let asked = run.store.asked();
    // What shows all variables at once uses all of them.
    if asked.contains("vars") || asked.contains("hostvars") {
        return Ok(());
    }
    let is_unused = |name: &str| {
        !asked.contains(name)
            && run.house.extra.contains(name)
            && !OF_OTHERS.iter().any(|prefix| name.starts_with(prefix))
    };
    let mut seen = BTreeSet::new();
    for text in &typed.extra_vars {
        let mut rest: Vec<Typed> = Vec::new();
        for one in extra::typed(text) {
            if !is_unused(&one.name) || !seen.insert(one.name.clone()) {
                continue;
            }
            let near = nearest(&one.name, asked.iter().map(String::as_str));
            match near.is_none() && text.starts_with('@') {
                // A file often holds more than one playbook uses: what is near to nothing is told at once.
                true => rest.push(one),
                false => {
                    let said = format!("nothing used the extra variable `{}`", one.name);
                    doubt(run, Error::input(said).at(one.place).hint_if(near))?;
                }
            }
        }
        if let Some(first) = rest.first() {
            doubt(run, of_file(text, &rest, first))?;
        }
    }
    Ok(())
}

/// What is said of the names of a file that nothing used.
fn of_file(text: &str, unused: &[Typed], first: &Typed) -> Error {
    /// How many are named.
    const MOST: usize = 8;
    let names: Vec<String> = unused
        .iter()
        .take(MOST)
        .map(|one| format!("`{}`", one.name))
        .collect();
    let more = match unused.len().saturating_sub(MOST) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let said = match unused.len() {
        1 => format!("nothing used the extra variable {} of {text}", names[0]),
        _ => format!(
            "nothing used these extra variables of {text}: {}{more}",
            names.join(", ")
        ),
    };
    Error::input(said).at(first.place.clone())
}

/// A warning, or an error where the run is strict.
fn doubt(run: &Run, error: Error) -> Result<()> {
    if run.options.strict {
        return Err(error);
    }
    run.warn(error);
    Ok(())
}
