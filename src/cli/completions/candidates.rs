//! What can stand somewhere: hosts and groups of the inventory, tags and tasks of the playbook that is
//! being typed, modules. Nothing is run and nothing asked of a host: a key was pressed, no more.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::{doc, listeners, meaning, setup};
use crate::config::SETTINGS;
use crate::executor::{House, InventoryReader};
use crate::inventory::{self, Inventory, Plugin};
use crate::modules;
use crate::playbook::{is_variable_name, short_name};
use crate::template::{Engine, Settings};
use crate::value::{Map, Value};
use crate::vault::Vault;
use crate::yaml::{self, Node};

/// A word and what it is.
type Words = Vec<(String, String)>;

/// How many files a playbook may lead to here.
const MOST_FILES: usize = 200;

/// Hosts, groups and `all`.
pub fn patterns(_: &str) -> Words {
    let mut all = groups("");
    all.extend(hosts(""));
    all
}

/// The hosts of the inventory.
pub fn hosts(_: &str) -> Words {
    let Some(inventory) = inventory() else {
        return vec![("localhost".to_owned(), String::new())];
    };
    let mut all: Words = inventory
        .hosts()
        .map(|host| (host.name.to_string(), String::new()))
        .collect();
    all.push(("localhost".to_owned(), String::new()));
    all
}

/// The groups of the inventory.
pub fn groups(_: &str) -> Words {
    let Some(inventory) = inventory() else {
        return vec![("all".to_owned(), "every host".to_owned())];
    };
    let groups = inventory.groups();
    groups
        .map(|group| (group.name.to_string(), "group".to_owned()))
        .collect()
}

/// The modules, by their short names or, once a dot is typed, their full ones.
pub fn modules(current: &str) -> Words {
    let all = modules::ALL.iter().map(|module| {
        let full = module.full_name();
        let name = match current.contains('.') {
            true => full,
            false => short_name(&full).to_owned(),
        };
        (name, String::new())
    });
    all.collect()
}

/// What `play doc` has pages about.
pub fn pages(current: &str) -> Words {
    let mut all = modules(current);
    all.extend(doc::names().into_iter().map(|name| (name, String::new())));
    all.sort();
    all.dedup();
    all
}

/// The settings, by their keys in ansible.cfg and by their names.
pub fn settings(current: &str) -> Words {
    let is_name = current.starts_with(char::is_uppercase);
    let mut all: Words = SETTINGS
        .iter()
        .flat_map(|setting| {
            let keys = setting.keys.iter().map(|(_, key)| (*key).to_owned());
            let names = std::iter::once(setting.name.to_owned()).filter(move |_| is_name);
            keys.filter(move |_| !is_name).chain(names)
        })
        .map(|name| (name, String::new()))
        .collect();
    all.sort();
    all.dedup();
    all
}

/// The variables of the inventory: those of its sources, and those in the files beside them and beside the
/// playbook.
pub fn variables(_: &str) -> Words {
    let mut all: BTreeSet<String> = BTreeSet::new();
    if let Some(inventory) = inventory() {
        let groups = inventory.groups().map(|group| &group.vars);
        let hosts = inventory.hosts().map(|host| &host.vars);
        for vars in groups.chain(hosts) {
            all.extend(vars.keys().filter_map(Value::as_str).map(str::to_owned));
        }
    }
    let mut files = Vec::new();
    for source in sources() {
        let source = PathBuf::from(source);
        let folder = match source.is_dir() {
            true => source,
            false => source.parent().map(Path::to_owned).unwrap_or_default(),
        };
        for name in ["group_vars", "host_vars"] {
            below(&folder.join(name), 0, &mut files);
        }
    }
    for name in ["group_vars", "host_vars"] {
        below(Path::new(name), 0, &mut files);
    }
    files.sort();
    files.dedup();
    for file in files.iter().take(MOST_FILES) {
        all.extend(keys(file));
    }
    all.into_iter().map(|name| (name, String::new())).collect()
}

/// The files below a folder of variables.
fn below(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()) {
        match path.is_dir() {
            true if depth < 3 => below(&path, depth + 1, files),
            true => (),
            false => files.push(path),
        }
    }
}

/// The names at the outermost level of a file of variables; none of one that is sealed.
fn keys(file: &Path) -> Vec<String> {
    let Ok(bytes) = std::fs::read(file) else {
        return Vec::new();
    };
    let text = String::from_utf8_lossy(&bytes);
    let key = |line: &str| {
        let (name, _) = line.split_once(':')?;
        let name = name.trim_matches(['"', '\'']);
        is_variable_name(name).then(|| name.to_owned())
    };
    text.lines().filter_map(key).collect()
}

/// The runs that are kept, and the last ones by their short names.
pub fn runs(_: &str) -> Words {
    let kept = setup::configuration().and_then(|config| listeners::runs(&config));
    let kept = kept.map(|runs| runs.ids()).unwrap_or_default();
    let short = ["last", "last-1"].into_iter().take(kept.len());
    let short = short
        .zip(&kept)
        .map(|(name, id)| (name.to_owned(), id.clone()));
    let all = kept.iter().map(|id| (id.clone(), String::new()));
    short.chain(all).collect()
}

/// The inventory of the folder, or of `-i` on the line.
fn inventory() -> Option<Inventory> {
    let config = setup::configuration().ok()?;
    let sources = sources();
    let house = House::new(
        Arc::new(Vault::new()),
        Engine::new(Settings::default()),
        Arc::new(Map::new()),
        config.to_map(),
        Arc::default(),
        Arc::new(|_| ()),
    );
    let mut options = meaning::inventory(&config);
    options.enabled.retain(|plugin| *plugin != Plugin::Script);
    let reader = InventoryReader::new(&Arc::new(house), true);
    let loaded = inventory::load(&sources, &reader, &options).ok()?;
    Some(loaded.inventory)
}

/// The inventory's sources.
fn sources() -> Vec<String> {
    let typed = after(&["-i", "--inventory", "--inventory-file"]);
    let config = setup::configuration().ok();
    match (typed.is_empty(), config) {
        (true, Some(config)) => config.list("DEFAULT_HOST_LIST"),
        _ => typed,
    }
}

/// The values of a flag on the line that is being typed.
fn after(flags: &[&str]) -> Vec<String> {
    let words = super::line();
    let mut values = Vec::new();
    for (at, word) in words.iter().enumerate() {
        for flag in flags {
            if word == flag {
                values.extend(words.get(at + 1).cloned());
            } else if let Some(rest) = word.strip_prefix(&format!("{flag}=")) {
                values.push(rest.to_owned());
            } else if flag.len() == 2 && word.len() > 2 && word.starts_with(flag) {
                values.push(word[2..].to_owned());
            }
        }
    }
    values
}

/// The tags of the playbooks on the line.
pub fn tags(_: &str) -> Words {
    let mut seen = Seen::of_line();
    seen.tags
        .extend(["all", "never", "always", "tagged", "untagged"].map(str::to_owned));
    seen.tags
        .into_iter()
        .map(|tag| (tag, String::new()))
        .collect()
}

/// The names of the tasks of the playbooks on the line.
pub fn tasks(_: &str) -> Words {
    let seen = Seen::of_line();
    seen.tasks
        .into_iter()
        .map(|task| (task, String::new()))
        .collect()
}

/// What was found in playbooks and what they lead to.
#[derive(Default)]
struct Seen {
    files: BTreeSet<PathBuf>,
    tags: BTreeSet<String>,
    tasks: BTreeSet<String>,
}

impl Seen {
    fn of_line() -> Seen {
        let mut seen = Seen::default();
        for word in super::line().into_iter().skip(1) {
            let path = Path::new(&word);
            let ending = path.extension().and_then(|ending| ending.to_str());
            if matches!(ending, Some("yml" | "yaml")) && path.is_file() {
                let folder = path.parent().unwrap_or(Path::new("")).to_owned();
                seen.file(path, &folder);
            }
        }
        seen
    }

    fn file(&mut self, path: &Path, playbook: &Path) {
        if self.files.len() >= MOST_FILES || !self.files.insert(path.to_owned()) {
            return;
        }
        let Ok(bytes) = std::fs::read(path) else {
            return;
        };
        let Ok(source) = yaml::decode(&bytes, path) else {
            return;
        };
        if let Ok(document) = yaml::load(&source, &yaml::Options::data()) {
            self.node(&document.root, path, playbook);
        }
    }

    fn node(&mut self, node: &Node, path: &Path, playbook: &Path) {
        for item in node.items().unwrap_or_default() {
            self.node(item, path, playbook);
        }
        let entries = node.entries().unwrap_or_default();
        let is_play = node.get("hosts").is_some();
        for (key, value) in entries {
            let key = key.as_str().unwrap_or_default();
            match short_name(key) {
                "tags" => self.tags.extend(words(value)),
                "name" if !is_play => self.tasks.extend(value.as_str().map(str::to_owned)),
                "roles" => {
                    for role in value.items().unwrap_or_default() {
                        let named = role.get("role").or_else(|| role.get("name"));
                        self.role(
                            named.and_then(Node::as_str).or_else(|| role.as_str()),
                            playbook,
                        );
                        if let Some(tags) = role.get("tags") {
                            self.tags.extend(words(tags));
                        }
                    }
                }
                "import_role" | "include_role" => {
                    self.role(value.get("name").and_then(Node::as_str), playbook);
                }
                "import_tasks" | "include_tasks" | "import_playbook" => {
                    let file = value.as_str().or_else(|| value.get("file")?.as_str());
                    if let (Some(file), Some(folder)) = (file, path.parent()) {
                        self.file(&folder.join(file), playbook);
                    }
                }
                "tasks" | "pre_tasks" | "post_tasks" | "handlers" | "block" | "rescue"
                | "always" => {
                    self.node(value, path, playbook);
                }
                _ => (),
            }
        }
    }

    fn role(&mut self, name: Option<&str>, playbook: &Path) {
        let Some(name) = name else { return };
        for folder in [playbook.join("roles").join(name), playbook.join(name)] {
            let tasks = folder.join("tasks/main.yml");
            if tasks.is_file() {
                self.file(&tasks, playbook);
                return;
            }
        }
    }
}

/// The words of `tags: [a, b]` or `tags: a,b`.
fn words(node: &Node) -> Vec<String> {
    match node.items() {
        Some(items) => items.iter().flat_map(words).collect(),
        None => {
            let text = node.value().to_text();
            text.split(',')
                .map(|word| word.trim().to_owned())
                .filter(|word| !word.is_empty())
                .collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a key costs is bounded by what is read, however large the repository is.
    #[test]
    fn only_so_many_files_are_read_for_one_key() {
        let folder = tempfile::tempdir().unwrap();
        let site = folder.path().join("site.yml");
        let mut tasks = String::from("- hosts: all\n  tasks:\n");
        for number in 0..MOST_FILES + 50 {
            tasks += &format!("    - include_tasks: t{number}.yml\n");
            let task = format!("- debug: msg=x\n  tags: tag{number}\n");
            std::fs::write(folder.path().join(format!("t{number}.yml")), task).unwrap();
        }
        // A file that leads to itself is read once.
        tasks += "    - include_tasks: site.yml\n";
        std::fs::write(&site, tasks).unwrap();
        let mut seen = Seen::default();
        seen.file(&site, folder.path());
        assert_eq!(seen.files.len(), MOST_FILES);
        assert_eq!(seen.tags.len(), MOST_FILES - 1);
    }
}
