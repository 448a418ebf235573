//! What a collection says of itself: `galaxy.yml` of a source, `MANIFEST.json` of an artifact.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use super::collections::Control;
use super::version::Version;
use super::{Limits, archive};
use crate::error::{Error, Result};
use crate::value::{Map, Value, from_json};
use crate::yaml;

/// The most that a manifest may hold.
const LONGEST: u64 = 64 * 1024 * 1024;

/// A collection's name, version and needs.
#[derive(Clone, Debug)]
pub struct Metadata {
    /// The part before the dot.
    pub namespace: String,
    /// The part behind it.
    pub name: String,
    /// Its version.
    pub version: Version,
    /// The collections that it needs, with the ranges.
    pub dependencies: BTreeMap<String, String>,
    /// `collection_info` of the manifest, every key there.
    pub info: Map,
    /// What a build leaves out.
    pub build_ignore: Vec<String>,
    /// What a build takes, where `manifest` says that.
    pub manifest: Option<Control>,
}

/// The keys of `collection_info`, in the order of the reference, with what they are without a word.
const KEYS: [(&str, Empty); 14] = [
    ("namespace", Empty::Needed),
    ("name", Empty::Needed),
    ("version", Empty::Needed),
    ("authors", Empty::List),
    ("readme", Empty::Null),
    ("tags", Empty::List),
    ("description", Empty::Null),
    ("license", Empty::List),
    ("license_file", Empty::Null),
    ("dependencies", Empty::Map),
    ("repository", Empty::Null),
    ("documentation", Empty::Null),
    ("homepage", Empty::Null),
    ("issues", Empty::Null),
];

#[derive(Clone, Copy, PartialEq)]
enum Empty {
    Needed,
    List,
    Map,
    Null,
}

impl Metadata {
    /// `namespace.name`.
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.namespace, self.name)
    }

    /// What a folder says: its manifest, or its `galaxy.yml`.
    ///
    /// # Errors
    /// It has neither, or they say nothing proper.
    pub fn of_folder(folder: &Path) -> Result<Metadata> {
        let manifest = folder.join("MANIFEST.json");
        if manifest.is_file() {
            let text = std::fs::read_to_string(&manifest)?;
            return Metadata::of_manifest(&text, &manifest);
        }
        let path = folder.join("galaxy.yml");
        let bytes = std::fs::read(&path).map_err(|error| {
            let text = format!(
                "the collection galaxy.yml path '{}' does not exist",
                path.display()
            );
            Error::input(text).because(error)
        })?;
        Metadata::of_source(&bytes, &path)
    }

    /// What the manifest of an artifact says.
    ///
    /// # Errors
    /// There is none, or it says nothing proper.
    pub fn of_artifact(path: &Path) -> Result<Metadata> {
        let mut text = None;
        archive::each(path, Limits::default(), &mut |entry| {
            if entry.path == Path::new("MANIFEST.json") && text.is_none() {
                text = Some(read(entry.content, path)?);
            }
            Ok(())
        })?;
        let text = text.ok_or_else(|| {
            let text = format!(
                "collection at '{}' does not contain MANIFEST.json",
                path.display()
            );
            Error::input(text)
        })?;
        Metadata::of_manifest(&text, path)
    }

    /// What the text of a manifest says.
    ///
    /// # Errors
    /// It says nothing proper.
    pub fn of_manifest(text: &str, path: &Path) -> Result<Metadata> {
        let wrong = |what: &str| {
            Error::input(format!(
                "`{}` has no proper MANIFEST.json: {what}",
                path.display()
            ))
        };
        let manifest = from_json(text).map_err(|error| wrong("it is not JSON").because(error))?;
        let info = manifest.as_map().and_then(|map| map.get("collection_info"));
        let info = info
            .and_then(Value::as_map)
            .ok_or_else(|| wrong("`collection_info` is missing"))?;
        Metadata::of_info(info, path)
    }

    fn of_source(bytes: &[u8], path: &Path) -> Result<Metadata> {
        let source = yaml::decode(bytes, path)?;
        let document = yaml::load(&source, &yaml::Options::data())?;
        let root = &document.root;
        let given = root
            .entries()
            .ok_or_else(|| root.error("galaxy.yml wants a dictionary"))?;
        let mut info = Map::new();
        for (key, value) in given {
            info.set(&key.value().to_text(), value.value().clone());
        }
        let mut metadata = Metadata::of_info(&info, path)?;
        metadata.manifest = root.get("manifest").map(Control::read).transpose()?;
        let ignore = root.get("build_ignore").and_then(|node| node.items());
        let ignore = ignore.into_iter().flatten();
        metadata.build_ignore = ignore.map(|node| node.value().to_text()).collect();
        if let (Some(node), false) = (root.get("manifest"), metadata.build_ignore.is_empty()) {
            return Err(node.error("'build_ignore' and 'manifest' are mutually exclusive"));
        }
        Ok(metadata)
    }

    fn of_info(given: &Map, path: &Path) -> Result<Metadata> {
        let mut info = Map::new();
        for (key, empty) in KEYS {
            let value = given.get(key).cloned().unwrap_or(Value::Null);
            let value = match (empty, value) {
                (Empty::Needed, Value::Null) => {
                    return Err(Error::input(format!(
                        "the collection metadata at '{}' is missing the key `{key}`",
                        path.display()
                    )));
                }
                (Empty::List, Value::Null) => Value::list(Vec::new()),
                (Empty::List, text @ Value::Str(_)) => Value::list(vec![text]),
                (Empty::Map, Value::Null) => Value::map(Map::new()),
                (Empty::Null, Value::Str(text)) if key == "license_file" && text.is_empty() => {
                    Value::Null
                }
                (_, value) => value,
            };
            info.set(key, value);
        }
        let text = |key: &str| info.get(key).map(Value::to_text).unwrap_or_default();
        let (namespace, name) = (text("namespace"), text("name"));
        if !super::requirement::is_name(&format!("{namespace}.{name}")) {
            return Err(Error::input(format!(
                "the collection metadata at '{}' names `{}`, which is not the name of a collection",
                path.display(),
                archive::short(&format!("{namespace}.{name}"))
            )));
        }
        let version = info.get("version").cloned().unwrap_or_default();
        let version = version_of(&version, &format!("{namespace}.{name}"), path)?;
        let needs = info.get("dependencies").and_then(Value::as_map);
        let needs = needs.map(|map| {
            let pairs = map
                .iter()
                .map(|(name, range)| (name.to_text(), range.to_text()));
            pairs.collect()
        });
        Ok(Metadata {
            namespace,
            name,
            version,
            dependencies: needs.unwrap_or_default(),
            info,
            build_ignore: Vec::new(),
            manifest: None,
        })
    }
}

/// The version that a collection says of itself: a text, and a proper version.
fn version_of(value: &Value, name: &str, path: &Path) -> Result<Version> {
    let wrong = |is: &str| {
        let text = archive::short(&value.to_text());
        let place = path.display();
        Error::input(format!(
            "Invalid version found for the collection '{name}:{text}'{is}. A SemVer-compliant version or '*' \
             is required."
        ))
        .hint(format!("it stands in `{place}`; write it as `1.2.3`"))
    };
    match value {
        Value::Str(text) => Version::parse(text.as_str())
            .map_err(|error| wrong(&format!(": {text} (<class 'str'>)")).because(error)),
        Value::List(_) | Value::Map(_) => Err(wrong("")),
        other => Err(wrong(&format!(
            ": {} (<class '{}'>)",
            other.to_text(),
            other.type_name()
        ))),
    }
}

/// Reads a text of an archive, which may not be long.
///
/// # Errors
/// It is too long, or no text.
pub fn read(content: &mut dyn std::io::Read, path: &Path) -> Result<String> {
    let mut bytes = Vec::new();
    std::io::Read::take(content, LONGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST {
        return Err(Error::input(format!(
            "`{}` has a manifest that is too long",
            path.display()
        )));
    }
    String::from_utf8(bytes).map_err(|_| {
        Error::input(format!(
            "`{}` has a manifest that is not text",
            path.display()
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_completed_and_checked() {
        let path = Path::new("galaxy.yml");
        let read = |text: &str| Metadata::of_source(text.as_bytes(), path);
        let metadata = read(
            "namespace: a\nname: b\nversion: 1.2.3\nreadme: README.md\nauthors: me\n\
             dependencies: {c.d: '>=1.0.0'}\nbuild_ignore: ['*.x']\nlicense_file: ''\n",
        )
        .unwrap();
        assert_eq!(metadata.full_name(), "a.b");
        assert_eq!(metadata.dependencies["c.d"], ">=1.0.0");
        assert_eq!(metadata.build_ignore, ["*.x"]);
        let keys: Vec<String> = metadata.info.iter().map(|(key, _)| key.to_text()).collect();
        assert_eq!(keys.len(), 14);
        assert!(metadata.info.get("license_file").unwrap().is_null());
        for wrong in [
            "[]",
            "namespace: a\nname: b\n",
            "namespace: ../x\nname: b\nversion: 1.0.0\n",
            "namespace: a\nname: b\nversion: '1.0'\n",
            "namespace: a\nname: b\nversion: 1.0.0\nmanifest: {}\nbuild_ignore: [x]\n",
            "namespace: a\nname: b\nversion: 1.0.0\nmanifest: {directives: x}\n",
            "namespace: a\nname: b\nversion: 1.0.0\nmanifest: {omit_default_directives: true}\n",
            "namespace: a\nname: b\nversion: 1.0.0\nmanifest: {else: 1}\n",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
