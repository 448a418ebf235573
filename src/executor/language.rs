//! The actions that need the language: conditions, expressions, files of variables.

use std::path::{Path, PathBuf};

use super::argument_spec;
use super::attempt::Job;
use super::values::Values;
use crate::error::{Error, Result};
use crate::modules;
use crate::outcome::{Outcome, Wish};
use crate::playbook::{FREE_TEXT, truth};
use crate::template::Scope;
use crate::value::{Map, Str, Value};
use crate::vars::TaskScope;
use crate::yaml;

/// The arguments that are not rendered, because they are expressions.
pub fn unrendered(action: &str) -> &'static [&'static str] {
    match action {
        "assert" => &["that"],
        "debug" => &["var"],
        _ => &[],
    }
}

/// Says whether a `debug` shows nothing at this verbosity: then nothing of it is evaluated.
pub fn is_silent(args: &Map, verbosity: u8) -> bool {
    let wanted = args.get("verbosity").map(Value::to_text);
    let wanted = wanted.and_then(|text| text.trim().parse::<u32>().ok());
    wanted.is_some_and(|wanted| wanted > u32::from(verbosity))
}

/// The arguments of `debug` with `var` evaluated: `{var: {text: value}}`.
///
/// # Errors
/// `var` cannot be evaluated; what is undefined is said in words, as the reference does.
pub fn debug_arguments(values: &Values<'_>, args: &Map) -> Result<Map> {
    let mut args = args.clone();
    let Some(var) = args.get("var").cloned() else {
        return Ok(args);
    };
    let text = match &var {
        Value::Str(text) if text.is_template() => match values.render(&var)? {
            // What a host said is no expression, and would be one here.
            Value::Str(text) if text.is_trusted() => text,
            Value::Str(text) => {
                return Err(Error::template(format!(
                    "`{text}` was not written by you: it is no expression that `var` may evaluate"
                ))
                .at(var.place().cloned())
                .hint("write the name of the variable without braces, or use `msg`"));
            }
            other => Str::template(other.to_text(), text.place().cloned()),
        },
        Value::Str(text) => text.clone(),
        other => {
            return Err(Error::input(format!(
                "`debug` argument `var` wants the name of a variable, not a value of type `{}`",
                other.type_name()
            ))
            .at(other.place().cloned()));
        }
    };
    let value = match values.engine.expression(&text, &values.scope) {
        Ok(value) if !value.is_undefined() => value,
        Ok(_) => undefined(&format!("'{text}' is undefined")),
        Err(error) if error.is_undefined() => undefined(error.root().message()),
        Err(error) => return Err(error),
    };
    args.set("var", crate::entries! { text.as_str() => value });
    Ok(args)
}

/// What is shown for a value that is not there.
fn undefined(why: &str) -> Value {
    Value::str(format!("<< error 1 - {why} >>"))
}

/// The outcome of `assert`: its conditions in order, up to the first that does not hold.
///
/// # Errors
/// A condition cannot be evaluated.
pub fn assert(values: &Values<'_>, args: &Map) -> Result<Outcome> {
    let that = args.get("that").cloned().unwrap_or_default();
    let that = match &that {
        Value::Str(text) if crate::playbook::is_whole_template(text) => {
            match values.render(&that)? {
                rendered @ Value::List(_) => rendered.trusted(),
                _ => that,
            }
        }
        _ => that,
    };
    let conditions = match &that {
        Value::List(items) => items.to_vec(),
        other => vec![other.clone()],
    };
    let mut results = Vec::new();
    for condition in conditions {
        let holds = values
            .engine
            .condition(&condition, &values.scope)
            .map_err(|error| {
                Error::template("an assertion cannot be evaluated")
                    .at(condition.place().cloned())
                    .because(error)
            })?;
        results.push((condition.to_text(), holds));
        if !holds {
            break;
        }
    }
    let args = modules::assert::Args::read(args)?;
    Ok(modules::assert::outcome(&results, &args))
}

/// Runs an action that is a word of the language.
///
/// # Errors
/// Its arguments are wrong.
pub fn run(job: &Job<'_>, names: &TaskScope, word: &str, args: &Map) -> Result<Outcome> {
    match word {
        "include_vars" => include_vars(job, names, args),
        "validate_argument_spec" => {
            let spec = args.get("argument_spec").and_then(Value::as_map).cloned();
            let given = args
                .get("provided_arguments")
                .and_then(Value::as_map)
                .cloned();
            let context = args.get("validate_args_context").cloned();
            argument_spec::outcome(
                &spec.unwrap_or_default(),
                &given.unwrap_or_default(),
                &context.unwrap_or_else(|| Value::map(Map::new())),
            )
        }
        _ => Err(Error::syntax(format!("`{word}` cannot stand here")).at(job
            .task
            .action
            .place
            .clone())),
    }
}

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

fn include_vars(job: &Job<'_>, names: &TaskScope, args: &Map) -> Result<Outcome> {
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
    for file in &files {
        let vars = read_vars(job, file)?;
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
    Ok(outcome)
}

fn read_vars(job: &Job<'_>, file: &Path) -> Result<Map> {
    let source = job.walker.run().house.source(file)?;
    let document = yaml::load(&source, &yaml::Options::default())?;
    for warning in document.warnings {
        job.walker.run().warn(warning);
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
        let known = ending.is_some_and(|ending| self.extensions.contains(&ending));
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
