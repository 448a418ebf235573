//! What modules and plugins in Python say of themselves.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Python;
use super::plugins::{NoNames, Said};
use super::shelf::PluginKind;
use crate::error::{Error, Result};
use crate::value::Value;

/// The page of a module or plugin.
#[derive(Clone, Debug)]
pub struct Document {
    /// The full name.
    pub name: String,
    /// The page, as `ansible-doc` prints it.
    pub text: String,
    /// `doc`, `examples`, `return` and `metadata`.
    pub data: Value,
    /// Why there is no text.
    pub trouble: Option<String>,
    /// What was told meanwhile: deprecations.
    pub said: Said,
}

/// The most bytes of a file that are searched for its short description.
const MOST_SEARCHED: usize = 128 * 1024;

impl Python {
    /// The page of a module or plugin; nothing where there is no file for it. Python is started only
    /// where there is one.
    ///
    /// # Errors
    /// It has no documentation, or no Python with ansible-core is there.
    pub fn document(&self, kind: PluginKind, name: &str, width: usize) -> Result<Option<Document>> {
        let failed = |cause: &str| {
            let what = page_of(kind, name);
            Error::input(format!("{what} cannot be made: {cause}"))
        };
        match self.look_up(kind, name, width, 0)? {
            None => Ok(None),
            Some(Err(cause)) => Err(failed(&cause)),
            Some(Ok(document)) => match &document.trouble {
                Some(trouble) => Err(failed(trouble)),
                None => Ok(Some(document)),
            },
        }
    }

    /// The same; the inner error says why a page that is there cannot be read.
    ///
    /// # Errors
    /// No Python with ansible-core is there.
    pub fn look_up(
        &self,
        kind: PluginKind,
        name: &str,
        width: usize,
        verbosity: u8,
    ) -> Result<Option<std::result::Result<Document, String>>> {
        let jinja = matches!(kind, PluginKind::Filter | PluginKind::Test);
        let mut parts = name.split('.');
        let home = parts.next().zip(parts.next());
        let home = home.filter(|_| parts.next().is_some());
        let home = home.and_then(|(one, two)| self.shelf().collection(one, two));
        let core = || {
            self.plugin_file(kind, name)
                .is_ok_and(|file| file.is_some())
        };
        if !self.may_have_own(kind, name) && home.is_none() && (jinja || !core()) {
            return Ok(None);
        }
        let what = page_of(kind, name);
        let head = crate::entries! {
            "do" => "doc",
            "kind" => kind.name(),
            "name" => name,
            "width" => i64::try_from(width).unwrap_or(79),
            "verbosity" => i64::from(verbosity),
            "places" => self.places(kind),
        };
        let frame = self.ask_child(&what, head, &NoNames)?;
        if let Some(error) = frame.text("error") {
            return Ok(Some(Err(error.to_owned())));
        }
        if frame.head.contains("missing") {
            return Ok(None);
        }
        let data = frame.head.get("data").cloned().unwrap_or_default();
        Ok(Some(Ok(Document {
            name: name.to_owned(),
            text: frame.text("text").unwrap_or_default().to_owned(),
            data: data.untrusted(),
            trouble: frame.text("trouble").map(str::to_owned),
            said: Said::of(&frame, self.settings.deprecations),
        })))
    }

    /// The modules or plugins that some collections have (`ansible.legacy`: the folders of the configuration
    /// and beside the playbook), as ansible-core lists them: each with its summary, or with its file.
    ///
    /// # Errors
    /// They cannot be listed, or no Python with ansible-core is there.
    pub fn list_documents(
        &self,
        kind: PluginKind,
        homes: &[String],
        files: bool,
    ) -> Result<(Listed, Said)> {
        let what = format!("the list of {} plugins", kind.name());
        let head = crate::entries! {
            "do" => "doc_list",
            "kind" => kind.name(),
            "homes" => Value::strings(homes.iter().cloned()),
            "files" => files,
            "places" => self.places(kind),
        };
        let frame = self.ask_child(&what, head, &NoNames)?;
        if let Some(error) = frame.text("error") {
            return Err(Error::input(error));
        }
        let found = frame.head.get("found").and_then(Value::as_map);
        let pairs = found.iter().flat_map(|found| found.iter());
        let text = |value: &Value| {
            Some(value)
                .filter(|value| !value.is_null())
                .map(Value::to_text)
        };
        let pairs = pairs
            .map(|(name, value)| (name.to_text(), text(value)))
            .collect();
        Ok((pairs, Said::of(&frame, self.settings.deprecations)))
    }

    /// Whether a folder of the configuration or beside the playbook may hold something of that short name.
    pub fn may_have_own(&self, kind: PluginKind, name: &str) -> bool {
        let own = name.strip_prefix("ansible.legacy.").unwrap_or(name);
        let jinja = matches!(kind, PluginKind::Filter | PluginKind::Test);
        let is_it = |file: &str| {
            let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
            // A file of filters may hold one of any name.
            stem.strip_prefix('_').unwrap_or(stem) == own || (jinja && file.ends_with(".py"))
        };
        !own.is_empty() && !own.contains('.') && self.own_files(kind).iter().any(|file| is_it(file))
    }

    /// Whether those folders hold any file.
    pub fn has_own_plugins(&self, kind: PluginKind) -> bool {
        !self.own_files(kind).is_empty()
    }

    fn own_files(&self, kind: PluginKind) -> Vec<String> {
        let folders = self.own_folders(kind).into_iter();
        let files =
            folders.flat_map(|folder| std::fs::read_dir(folder).into_iter().flatten().flatten());
        files
            .map(|file| file.file_name().to_string_lossy().into_owned())
            .collect()
    }

    /// The installed collections, each with its folder, the first of a name.
    pub fn collections(&self) -> BTreeMap<String, PathBuf> {
        let mut found = BTreeMap::new();
        for root in &self.shelf().roots {
            for (namespace, folder) in entries(&root.join("ansible_collections")) {
                for (collection, folder) in entries(&folder) {
                    if folder.is_dir() {
                        found
                            .entry(format!("{namespace}.{collection}"))
                            .or_insert(folder);
                    }
                }
            }
        }
        found
    }

    /// The modules or plugins of a kind in the installed collections and in the folders beside the playbook, as
    /// far as they have a short description, sorted by name. Files are read, and no Python is started.
    pub fn documented(&self, kind: PluginKind) -> BTreeMap<String, Described> {
        let mut found = BTreeMap::new();
        for root in &self.shelf().roots {
            for (namespace, collection, folder) in collections_in(root) {
                let home = format!("{namespace}.{collection}");
                let folder = folder.join("plugins").join(kind.folder());
                list(&folder, &home, 0, &mut found);
            }
        }
        for folder in self.own_folders(kind) {
            list(&folder, "ansible.legacy", 0, &mut found);
        }
        found
    }
}

/// A module or plugin whose file was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// Its short description.
    pub summary: String,
    /// The file that says so.
    pub file: PathBuf,
}

/// Names, each with a summary or a file.
type Listed = Vec<(String, Option<String>)>;

fn page_of(kind: PluginKind, name: &str) -> String {
    format!("the page of the {} `{name}`", kind.name())
}

type Folders = Vec<(String, String, std::path::PathBuf)>;

fn collections_in(root: &Path) -> Folders {
    let mut all = Vec::new();
    for (namespace, folder) in entries(&root.join("ansible_collections")) {
        for (collection, folder) in entries(&folder) {
            if folder.join("plugins").is_dir() {
                all.push((namespace.clone(), collection, folder));
            }
        }
    }
    all
}

/// The entries of a folder whose names may be parts of a plugin's name.
fn entries(folder: &Path) -> Vec<(String, std::path::PathBuf)> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let named = entries.map(|entry| {
        (
            entry.file_name().to_string_lossy().into_owned(),
            entry.path(),
        )
    });
    named
        .filter(|(name, _)| !name.starts_with(['_', '.']))
        .collect()
}

fn list(folder: &Path, home: &str, depth: usize, found: &mut BTreeMap<String, Described>) {
    const DEEPEST: usize = 5;
    for (name, path) in entries(folder) {
        if path.is_dir() && depth < DEEPEST {
            list(&path, &format!("{home}.{name}"), depth + 1, found);
            continue;
        }
        let Some((stem, "py" | "yml" | "yaml")) = name.rsplit_once('.') else {
            continue;
        };
        let text = beginning(&path);
        // Of a file of filters each has a page of its own, where it has one.
        if let Some(summary) = short_description(&text) {
            found.entry(format!("{home}.{stem}")).or_insert(Described {
                summary,
                file: path,
            });
        }
    }
}

fn beginning(path: &Path) -> String {
    use std::io::Read;
    let mut bytes = Vec::new();
    if let Ok(file) = std::fs::File::open(path) {
        let _ = file.take(MOST_SEARCHED as u64).read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What stands behind `short_description:`, in the line or in those below it.
fn short_description(text: &str) -> Option<String> {
    let mut lines = text.lines();
    let first = lines.find_map(|line| line.trim_start().strip_prefix("short_description:"))?;
    let first = first.trim();
    if !matches!(first, "" | ">" | ">-" | "|" | "|-") {
        return Some(first.trim_matches(['"', '\'']).to_owned());
    }
    let more: Vec<&str> = lines
        .map(str::trim)
        .take_while(|line| !line.is_empty() && !line.contains(':'))
        .collect();
    Some(more.join(" "))
}

#[cfg(test)]
mod tests {
    use super::short_description;

    #[test]
    fn short_descriptions_are_found_in_text() {
        for (text, found) in [
            ("x\n  short_description: Does it\n", Some("Does it")),
            ("short_description: \"Quoted: it\"\n", Some("Quoted: it")),
            (
                "short_description: >-\n  Over\n  lines\nversion_added: 1\n",
                Some("Over lines"),
            ),
            ("def f(): pass\n", None),
        ] {
            assert_eq!(short_description(text).as_deref(), found, "{text}");
        }
    }
}
