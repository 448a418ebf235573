//! `include_vars`.

use std::path::{Path, PathBuf};

use super::job::Job;
use crate::error::{Error, Result};
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
            Error::syntax(format!("`include_vars` has no argument `{name}`"))
                .at(key.place().or(Some(&job.task.action.place)).cloned())
                .hint_if(crate::error::nearest(&name, INCLUDE_VARS.iter().copied())),
        );
    }
    let files = match args.get("dir") {
        Some(dir) => in_folder(names, &dir.to_text(), args)?,
        None => {
            let name = args
                .get("file")
                .or_else(|| args.get(FREE_TEXT))
                .map(Value::to_text);
            let name = name.filter(|name| !name.is_empty()).ok_or_else(|| {
                Error::input("`include_vars` names no file").at(job.task.action.place.clone())
            })?;
            vec![names.find("vars", &name)?]
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
        None => names.store.info.merge_hashes,
    };
    let mut all = Map::new();
    let mut sealed = false;
    for file in &files {
        let vars = read_vars(job, file, &mut sealed)?;
        crate::inventory::merge(&mut all, &vars, merge);
    }
    let vars = match args.get("name") {
        Some(name) => std::iter::once((name.clone(), Value::map(all))).collect(),
        None => all,
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

/// The variables of a file; sets `sealed` where it came out of a vault.
fn read_vars(job: &Job<'_>, file: &Path, sealed: &mut bool) -> Result<Map> {
    let source = job.actor.run().house.source(file, Kind::Variables)?;
    *sealed |= source.is_sealed();
    let document = yaml::load(&source, &yaml::Options::default())?;
    for warning in document.warnings {
        job.actor.run().warn(warning);
    }
    match document.root.value() {
        Value::Null => Ok(Map::new()),
        Value::Map(map) => Ok((**map).clone()),
        _ => Err(Error::input(format!(
            "`{}` must be a mapping of variables, got {}",
            file.display(),
            document.root.kind_name()
        ))
        .at(document.root.place().clone())),
    }
}

/// The files of `include_vars: dir=`.
fn in_folder(names: &TaskScope, dir: &str, args: &Map) -> Result<Vec<PathBuf>> {
    let folder = names.find("vars", dir)?;
    if !folder.is_dir() {
        return Err(Error::input(format!(
            "`{}` is not a directory",
            folder.display()
        )));
    }
    let list = |name: &str| -> Vec<String> {
        match args.get(name) {
            Some(Value::List(items)) => items.iter().map(Value::to_text).collect(),
            Some(Value::Null) | None => Vec::new(),
            Some(other) => vec![other.to_text()],
        }
    };
    let mut extensions = list("extensions");
    if extensions.is_empty() {
        extensions = ["yaml", "yml", "json"].map(str::to_owned).to_vec();
    }
    let chosen = Chosen {
        extensions,
        ignored: list("ignore_files"),
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
    chosen.gather(&folder, depth, 1, &mut files)?;
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
                .map_err(|_| Error::input(format!("`{pattern}` is not a regular expression")))?;
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
            "`{}` does not have a valid extension",
            path.display()
        ))
        .hint(format!("the extensions are {}", self.extensions.join(", "))))
    }
}
