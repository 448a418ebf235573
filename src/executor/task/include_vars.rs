//! `include_vars`.

use std::path::{Path, PathBuf};

use super::job::Job;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::memory::Kind;
use crate::outcome::{Outcome, Wish};
use crate::playbook::{FREE_TEXT, truth};
use crate::template::Scope;
use crate::value::{Map, Value};
use crate::vars::TaskScope;
use crate::yaml;

/// What a result holds that is not to be told, in the reference's words.
pub const NO_LOG: &str = "_ansible_no_log";

/// The words of `include_vars`.
const INCLUDE_VARS: &[&str] = &[
    FREE_TEXT,
    "depth",
    "dir",
    "extensions",
    "file",
    "files_matching",
    "hash_behaviour",
    "ignore_files",
    "ignore_unknown_extensions",
    "name",
];

/// Reads files of variables.
///
/// # Errors
/// An argument is wrong, or a file cannot be read.
pub fn include_vars(job: &Job<'_>, names: &TaskScope, args: &Map) -> Result<Outcome> {
    if let Some(key) = args
        .keys()
        .find(|key| !key.as_str().is_some_and(|k| INCLUDE_VARS.contains(&k)))
    {
        let name = key.to_text();
        return Err(
            Error::input(format!("{name} is not a valid option in include_vars"))
                .at(key.place().or(Some(&job.task.action.place)).cloned())
                .hint_if(crate::error::nearest(&name, INCLUDE_VARS.iter().copied())),
        );
    }
    let of_file = args.contains("file") || args.contains(FREE_TEXT);
    let of_folder = OF_FOLDERS.iter().any(|name| args.contains(name));
    if of_file && of_folder {
        return Err(Error::input(
            "You are mixing file only and dir only arguments, these are incompatible",
        )
        .at(job.task.action.place.clone()));
    }
    let files = match args.get("dir").filter(|dir| dir.is_true()) {
        Some(dir) => match in_folder(names, &dir.to_text(), args) {
            Ok(files) => files,
            Err(Unread::Refused(error)) => return Err(error),
            Err(Unread::Failed(why)) => return Ok(failed(&why)),
        },
        None => {
            let name = args.get("file").or_else(|| args.get(FREE_TEXT));
            let Some(name) = name.filter(|name| name.is_true()) else {
                // A lookup that found nothing, and was to be quiet about it.
                let text =
                    "Could not find file on the Ansible Controller: `include_vars` names none";
                return Ok(failed(text));
            };
            let name = name.to_text();
            match names.find("vars", &name) {
                Ok(found) => vec![found],
                Err(error) => {
                    let looked = error.hint_text().unwrap_or_default();
                    return Ok(failed(&format!(
                        "Could not find or access '{name}' on the Ansible Controller: {looked}"
                    )));
                }
            }
        }
    };
    let merge = match args.get("hash_behaviour").and_then(Value::as_str) {
        Some("merge") => true,
        Some("replace") => false,
        Some(other) => {
            return Err(Error::input(format!(
                "`{other}` is not one of merge, replace"
            )));
        }
        None => false,
    };
    let mut all = Map::new();
    let mut sealed = false;
    for file in &files {
        let vars = read_vars(job, file, &mut sealed)?;
        // Among the files of a folder the last one wins, whatever `hash_behaviour` says.
        all.extend_from(&vars);
    }
    let vars = match args.get("name") {
        Some(name) => std::iter::once((name.clone(), Value::map(all))).collect(),
        None => all,
    };
    let vars = match merge {
        true => over_known(names, vars),
        false => vars,
    };
    let shown: Vec<String> = files
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    let mut outcome = Outcome::ok()
        .with("ansible_included_var_files", Value::strings(shown))
        .with("ansible_facts", Value::map(vars.clone()));
    outcome.wishes.push(Wish::IncludeVars(vars));
    if sealed {
        outcome.data.set(NO_LOG, true);
    }
    Ok(outcome)
}

/// Dictionaries over those that are known under their names (`hash_behaviour: merge`).
fn over_known(names: &TaskScope, vars: Map) -> Map {
    let mut known = Map::new();
    for name in vars.keys() {
        if let Some(value @ Value::Map(_)) = names.variable(&name.to_text()) {
            known.insert(name.clone(), value);
        }
    }
    crate::inventory::merge(&mut known, &vars, true);
    known
}

/// The variables of a file; sets `sealed` where it came out of a vault.
fn read_vars(job: &Job<'_>, file: &Path, sealed: &mut bool) -> Result<Map> {
    let source = job.actor.run().house.source(file, Kind::Variables)?;
    *sealed |= source.is_sealed();
    let document = yaml::load(&source, &yaml::Options::default());
    let document = document.map_err(|error| error.reworded(&unparsed))?;
    for warning in document.warnings {
        job.actor.run().warn(warning);
    }
    match document.root.value() {
        Value::Null => Ok(Map::new()),
        Value::Map(map) => Ok((**map).clone()),
        _ => Err(Error::input(format!(
            "'{}' must be stored as a dictionary/hash, not {}",
            file.display(),
            document.root.kind_name()
        ))
        .at(document.root.place().clone())),
    }
}

/// What is wrong with a file that is no YAML, as the reference begins it.
fn unparsed(why: &str) -> String {
    const HEAD: &str = "YAML parsing failed";
    match why.starts_with(HEAD) {
        true => why.to_owned(),
        false => format!("{HEAD}: {why}"),
    }
}

/// Why the files of a folder are not known.
enum Unread {
    /// An argument is wrong.
    Refused(Error),
    /// The folder is none, or holds what it may not.
    Failed(String),
}

/// The arguments that only a folder has.
const OF_FOLDERS: &[&str] = &[
    "depth",
    "dir",
    "extensions",
    "files_matching",
    "ignore_files",
];

/// A failure as the reference has it: under `message` too, and with nothing that was read.
fn failed(why: &str) -> Outcome {
    Outcome::failed(why)
        .with("message", why)
        .with("ansible_facts", Value::map(Map::new()))
        .with("ansible_included_var_files", Value::list(Vec::new()))
}

/// The texts of a list; nothing where it is not given.
fn list(args: &Map, name: &str) -> std::result::Result<Vec<String>, Unread> {
    match args.get(name) {
        Some(Value::List(items)) => Ok(items.iter().map(Value::to_text).collect()),
        Some(Value::Null) | None => Ok(Vec::new()),
        Some(Value::Str(text)) => Ok(text.split_whitespace().map(str::to_owned).collect()),
        Some(other) => Err(Unread::Refused(
            Error::input(format!("The '{name}' option must be a list.")).at(other.place().cloned()),
        )),
    }
}

/// The files of `include_vars: dir=`.
fn in_folder(
    names: &TaskScope,
    dir: &str,
    args: &Map,
) -> std::result::Result<Vec<PathBuf>, Unread> {
    let (ignored, mut extensions) = (list(args, "ignore_files")?, list(args, "extensions")?);
    let Ok(folder) = names.find("vars", dir) else {
        return Err(Unread::Failed(format!("{dir} directory does not exist")));
    };
    if !folder.is_dir() {
        let why = format!("{} is not a directory", folder.display());
        return Err(Unread::Failed(why));
    }
    if extensions.is_empty() {
        extensions = ["yaml", "yml", "json"].map(str::to_owned).to_vec();
    }
    let chosen = Chosen {
        extensions,
        ignored,
        matching: args.get("files_matching").map(Value::to_text),
        ignore_unknown: args
            .get("ignore_unknown_extensions")
            .and_then(truth)
            .unwrap_or(false),
    };
    let depth = args
        .get("depth")
        .and_then(|depth| depth.to_text().parse().ok())
        .unwrap_or(0);
    let mut files = Vec::new();
    let gathered = chosen.gather(&folder, depth, 1, &mut files);
    gathered.map_err(|error| match error.kind() {
        ErrorKind::Template => Unread::Refused(error),
        _ => Unread::Failed(error.chain()),
    })?;
    Ok(files)
}

/// Which files of a folder are read.
struct Chosen {
    extensions: Vec<String>,
    ignored: Vec<String>,
    matching: Option<String>,
    ignore_unknown: bool,
}

impl Chosen {
    fn gather(
        &self,
        folder: &Path,
        depth: usize,
        level: usize,
        files: &mut Vec<PathBuf>,
    ) -> Result<()> {
        let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .collect();
        entries.sort();
        let (folders, own): (Vec<PathBuf>, Vec<PathBuf>) =
            entries.into_iter().partition(|path| path.is_dir());
        for path in own {
            if self.takes(&path)? {
                files.push(path);
            }
        }
        if depth == 0 || level < depth {
            for inner in folders {
                self.gather(&inner, depth, level + 1, files)?;
            }
        }
        Ok(())
    }

    fn takes(&self, path: &Path) -> Result<bool> {
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_default();
        if self.ignored.contains(&name) || name.starts_with('.') {
            return Ok(false);
        }
        if let Some(pattern) = &self.matching {
            let regex = regex::Regex::new(pattern)
                .map_err(|_| Error::template(format!("Invalid regular expression: '{pattern}'")))?;
            if !regex.is_match(&name) {
                return Ok(false);
            }
        }
        let ending = path
            .extension()
            .map(|ending| ending.to_string_lossy().into_owned());
        // A name without an ending has the empty one.
        let known = self.extensions.contains(&ending.unwrap_or_default());
        if known || self.ignore_unknown {
            return Ok(known);
        }
        Err(Error::input(format!(
            "'{}' does not have a valid extension: {}",
            path.display(),
            self.extensions.join(", ")
        )))
    }
}
