//! `vars_files`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::{Error, Kind as ErrorKind, Result};
use crate::executor::run::{Run, reserved};
use crate::executor::task::{Actor, Means};
use crate::memory::Kind;
use crate::playbook::similar_file;
use crate::value::{Map, Value};
use crate::vars::{Frame, PlayState, TaskScope, Values};
use crate::yaml;

/// Reads `vars_files`; those whose names need what is not known yet are left for later.
///
/// # Errors
/// A file cannot be read.
pub fn load_files(actor: &Actor, frame: &Arc<Frame>) -> Result<()> {
    let play = &actor.play.play;
    let Some(entry) = play.keywords.get("vars_files") else {
        return Ok(());
    };
    let items = match &entry.value {
        Value::List(items) => items.to_vec(),
        Value::Null => return Ok(()),
        single => vec![single.clone()],
    };
    let names = actor.names(frame, None);
    let mut files = Vec::new();
    for item in &items {
        let alternatives = match item {
            Value::List(names) => names.to_vec(),
            single => vec![single.clone()],
        };
        match first_file(actor, &names, &alternatives) {
            Ok(vars) => {
                if let Some(vars) = &vars {
                    reserved::map(&actor.run().house, vars);
                }
                files.extend(vars);
            }
            Err(error) if error.is_undefined() && actor.host.facts().raw.is_empty() => (),
            Err(error) => return Err(error.at(entry.place.clone())),
        }
    }
    actor.play.set_files(&actor.host.name, files);
    Ok(())
}

/// Where a run is resumed, refuses files of variables that a host's play did not have in the run before.
///
/// # Errors
/// There is one.
pub fn known(run: &Run, play: &str, host: &str, reads: &BTreeSet<PathBuf>) -> Result<()> {
    let unknown = run.memory().map(|memory| memory.unknown(play, host, reads));
    let unknown = unknown.unwrap_or_default();
    let shown: Vec<String> = unknown
        .iter()
        .map(|path| format!("`{}`", path.display()))
        .collect();
    match shown.is_empty() {
        true => Ok(()),
        false => {
            let text = format!(
                "the run cannot be resumed: variables have come since, in {}",
                shown.join(", ")
            );
            Err(Error::new(ErrorKind::Options, text)
                .hint("any task may depend on them: run the playbook without `--resume`"))
        }
    }
}

/// Reads the files of `vars_files` that are named for everybody: one that cannot be read ends the run, as in
/// the reference. What needs a host's variables is read where they are.
///
/// # Errors
/// A file cannot be read.
pub fn read_for_all(means: &Arc<Means>, play: &Arc<PlayState>, frame: &Arc<Frame>) -> Result<()> {
    let nobody = Actor {
        means: Arc::clone(means),
        play: Arc::clone(play),
        host: means.run.store.host(""),
        batch_size: 0,
    };
    load_files(&nobody, frame).or_else(|error| match error.is_undefined() {
        true => Ok(()),
        false => Err(error),
    })
}

/// What is wrong with the form of those files: it is told before anything of the play is.
pub fn malformed(means: &Arc<Means>, names: &TaskScope) -> Option<Error> {
    let (play, frame) = (names.play.as_ref()?, names.frame.as_ref()?);
    let error = read_for_all(means, play, frame).err()?;
    (error.kind() == ErrorKind::Syntax).then_some(error)
}

/// The variables of the first file of several that is there. Where none is, the reference goes
/// on in silence; so does this, with a warning.
fn first_file(
    actor: &Actor,
    names: &TaskScope,
    alternatives: &[Value],
) -> Result<Option<Arc<Map>>> {
    let values = Values::new(&actor.run().engine, names);
    let folder = actor.play.play.file.parent().unwrap_or(Path::new("."));
    let mut looked = Vec::new();
    let mut near = None;
    for alternative in alternatives {
        let name = file_name(&values.render(alternative)?)?;
        let places = [
            folder.join(&name),
            folder.join("vars").join(&name),
            PathBuf::from(&name),
        ];
        let found = places.iter().find(|place| place.exists());
        match found {
            Some(path) => {
                return read_vars(actor, path)
                    .map(Some)
                    .map_err(|error| match error.kind() {
                        ErrorKind::Syntax => error,
                        _ => {
                            let text = format!("Invalid vars_files file '{}'", path.display());
                            Error::input(text).because(error)
                        }
                    });
            }
            None => {
                near = near.or_else(|| places.iter().find_map(|place| similar_file(place)));
                looked.push(name);
            }
        }
    }
    let place = alternatives.first().and_then(|value| value.place());
    let text = format!("no file of `vars_files` is there: {}", looked.join(", "));
    let warning = Error::input(text).at(place.cloned());
    let folder = names.playbook_dir().display();
    actor.run().house.warn_once(warning.hint(match near {
        Some(near) => format!("{near} looked in {folder}"),
        None => format!("looked in {folder}"),
    }));
    Ok(None)
}

fn read_vars(actor: &Actor, path: &Path) -> Result<Arc<Map>> {
    let source = actor.run().house.source(path, Kind::Variables);
    let source =
        source.map_err(
            |error| match path.is_file() && std::fs::File::open(path).is_ok() {
                true => error,
                false => {
                    let text = format!(
                        "An error occurred while trying to read the file '{}'",
                        path.display()
                    );
                    Error::syntax(text).because(error.root().clone())
                }
            },
        )?;
    let document = yaml::load(&source, &yaml::Options::default())?;
    for warning in document.warnings {
        actor.run().house.warn_once(warning);
    }
    match document.root.value() {
        Value::Null => Ok(Arc::default()),
        Value::Map(map) => Ok(Arc::clone(map)),
        Value::List(items) if items.iter().all(|item| item.as_map().is_some()) => {
            let mut all = Map::new();
            for map in items.iter().filter_map(Value::as_map) {
                all.extend_from(map);
            }
            Ok(Arc::new(all))
        }
        _ => Err(Error::syntax(format!(
            "Invalid variable file contents: it wants a mapping, or a list of mappings, got {}",
            document.root.kind_name()
        ))
        .at(document.root.place().clone())),
    }
}

/// The name of a file of variables.
///
/// # Errors
/// It is no text.
pub fn file_name(value: &Value) -> Result<String> {
    match value {
        Value::Str(name) => Ok(name.to_string()),
        other => Err(Error::syntax(format!(
            "an entry of `vars_files` is a string or a list of strings, not a value of type `{}`",
            other.type_name()
        ))
        .at(other.place().cloned())),
    }
}
