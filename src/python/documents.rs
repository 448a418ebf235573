//! What modules and plugins in Python say of themselves.

use std::collections::BTreeMap;
use std::path::Path;

use super::Python;
use super::plugins::NoNames;
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
        let jinja = matches!(kind, PluginKind::Filter | PluginKind::Test);
        let file = self.plugin_file(kind, name)?;
        // A file of filters may hold one of any name.
        let mut parts = name.split('.');
        let home = parts.next().zip(parts.next());
        let home = home.filter(|_| jinja && parts.next().is_some());
        let home = home.and_then(|(one, two)| self.shelf().collection(one, two));
        if file.is_none() && home.is_none() {
            return Ok(None);
        }
        let what = format!("the page of the {} `{name}`", kind.name());
        let head = crate::entries! {
            "do" => "doc",
            "kind" => kind.name(),
            "name" => name,
            "width" => i64::try_from(width).unwrap_or(79),
            "places" => self.places(kind),
        };
        let frame = self.ask_child(&what, head, &NoNames)?;
        if let Some(error) = frame.text("error") {
            return Err(Error::input(format!("{what} cannot be made: {error}")));
        }
        if frame.head.contains("missing") {
            return Ok(None);
        }
        Ok(Some(Document {
            name: name.to_owned(),
            text: frame.text("text").unwrap_or_default().to_owned(),
            data: frame
                .head
                .get("data")
                .cloned()
                .unwrap_or_default()
                .untrusted(),
        }))
    }

    /// The modules or plugins of a kind in the installed collections, each with its short description,
    /// sorted by name. Files are read, and no Python is started.
    pub fn documented(&self, kind: PluginKind) -> Vec<(String, String)> {
        let mut found = BTreeMap::new();
        for root in &self.shelf().roots {
            for (namespace, collection, folder) in collections_in(root) {
                let home = format!("{namespace}.{collection}");
                let folder = folder.join("plugins").join(kind.folder());
                list(&folder, &home, 0, &mut found);
            }
        }
        found.into_iter().collect()
    }
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

fn list(folder: &Path, home: &str, depth: usize, found: &mut BTreeMap<String, String>) {
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
            found.entry(format!("{home}.{stem}")).or_insert(summary);
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
