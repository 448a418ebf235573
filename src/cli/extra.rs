//! `-e`: variables of the command line.

use std::path::Path;
use std::sync::Arc;

use super::terminal;
use crate::error::{Error, Kind, Manner, Place, Result, Source, nearest};
use crate::executor::House;
use crate::playbook;
use crate::report::Secrets;
use crate::template::PluginNames;
use crate::value::{Map, Str, Value};
use crate::vault::{self, Vault};
use crate::yaml;

/// The extra variables as they are rendered before there is a run: callbacks have options among them.
pub struct Rendered(pub Arc<House>);

impl PluginNames for Rendered {
    fn all(&self) -> Vec<String> {
        self.0.extra.keys().map(Value::to_text).collect()
    }

    fn value(&self, name: &str) -> Result<Option<Value>> {
        let Some(value) = self.0.extra.get(name) else {
            return Ok(None);
        };
        let value = playbook::World::render(&self.0, value, &[])?;
        Ok(Some(value).filter(|value| !matches!(value, Value::Omit)))
    }
}

/// The variables of every `-e`; later ones win. What comes out of a vault is noted among `secrets`.
///
/// # Errors
/// One of them is no variables, or its file cannot be read.
pub fn vars(texts: &[String], vault: &Vault, secrets: &Secrets) -> Result<Map> {
    let mut all = Map::new();
    for text in texts {
        for (key, value) in one(text, vault, secrets)? {
            let name = key.to_text();
            if !playbook::is_variable_name(&name) {
                let text = format!("`{name}` is not a valid name for a variable (-e)");
                return Err(Error::input(text));
            }
            all.insert(key, value);
        }
    }
    Ok(all)
}

/// The files among what was typed.
pub fn files(texts: &[String]) -> impl Iterator<Item = &Path> {
    texts.iter().filter_map(|text| file(text))
}

fn file(text: &str) -> Option<&Path> {
    text.strip_prefix('@').map(Path::new)
}

fn one(text: &str, vault: &Vault, secrets: &Secrets) -> Result<Map> {
    if let Some(file) = file(text) {
        return from_file(file, vault, secrets);
    }
    if text.starts_with(['/', '.']) {
        let message = format!("`{text}` looks like a file");
        return Err(Error::new(Kind::Options, message).hint(format!("write -e @{text}")));
    }
    if text.trim_start().starts_with(['{', '[']) {
        return mapping(&Source::new("<extra vars>", text));
    }
    let line = playbook::parse_line(&Str::template(text, None), false)?;
    if let Some(free) = line.free {
        let message = format!("`{free}` in -e is not a `key=value`");
        let error = Error::new(Kind::Options, message)
            .hint("give key=value pairs, JSON, YAML in braces, or @file");
        // The reference passes over it, and programs that call it (Packer) have written `-o …` there.
        match terminal::manner() {
            Manner::Own => return Err(error),
            Manner::Reference => terminal::print_warning(&error),
        }
    }
    Ok(line.pairs)
}

/// A variable as it was typed, and where it stands.
pub struct Typed {
    pub name: String,
    pub place: Option<Place>,
}

/// The names that one `-e` gives; none of a file that is sealed or cannot be read any more, as a pipe.
pub fn typed(text: &str) -> Vec<Typed> {
    let vars = match text.strip_prefix('@') {
        // A pipe cannot be read again.
        Some(file) => Some(file)
            .filter(|file| Path::new(file).is_file())
            .and_then(|file| std::fs::read(file).ok())
            .filter(|bytes| !vault::is_sealed(bytes))
            .and_then(|bytes| mapping(&yaml::decode(&bytes, Path::new(file)).ok()?).ok()),
        None => one(text, &Vault::default(), &Secrets::default()).ok(),
    };
    let vars = vars.unwrap_or_default();
    let typed = vars.keys().map(|key| Typed {
        name: key.to_text(),
        // The line may hold a password.
        place: key
            .place()
            .map(Place::without_text)
            .filter(|place| place.path().is_file()),
    });
    typed.collect()
}

/// What is said where there is no file of `-e @FILE`.
fn no_file(file: &Path, error: std::io::Error) -> Error {
    let shown = file.display();
    if error.kind() != std::io::ErrorKind::NotFound {
        return Error::input(format!("failed to read `{shown}` of `-e @{shown}`")).because(error);
    }
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names: Vec<String> = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    let wanted = file.file_name().unwrap_or_default().to_string_lossy();
    let near = nearest(&wanted, names.iter().map(String::as_str));
    let hint = near.unwrap_or_else(|| match (folder.is_dir(), file.is_absolute()) {
        (false, _) => format!("there is no folder `{}` either", folder.display()),
        (true, true) => "`-e @FILE` reads a file of YAML or JSON".to_owned(),
        (true, false) => format!(
            "a path is looked for from the folder you are in, {}",
            std::env::current_dir().unwrap_or_default().display()
        ),
    });
    Error::input(format!("there is no file `{shown}` for `-e @{shown}`")).hint(hint)
}

fn from_file(file: &Path, vault: &Vault, secrets: &Secrets) -> Result<Map> {
    let bytes = std::fs::read(file).map_err(|error| no_file(file, error))?;
    let source = match vault::is_sealed(&bytes) {
        true => {
            let opened = vault.open(&String::from_utf8_lossy(&bytes))?;
            secrets.note(&opened);
            yaml::decode_sealed(opened.expose(), file)?
        }
        false => yaml::decode(&bytes, file)?,
    };
    mapping(&source)
}

fn mapping(source: &Arc<Source>) -> Result<Map> {
    let document = yaml::load(source, &yaml::Options::default())?;
    match document.root.value() {
        Value::Map(map) => Ok((**map).clone()),
        Value::Null => Ok(Map::new()),
        _ => Err(Error::new(
            Kind::Options,
            format!("-e wants variables, got {}", document.root.kind_name()),
        )
        .at(document.root.place().clone())),
    }
}
