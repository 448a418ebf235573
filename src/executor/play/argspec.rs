//! `validate_argspec` of a play: its arguments are checked against the specification that stands in
//! `PLAYBOOK.meta.yml` (`_post_validate_validate_argspec` of the reference's `playbook/play.py`).

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::executor::run::Run;
use crate::executor::walk::own_task;
use crate::playbook::{Keywords, Play, Task, keyword};
use crate::value::Value;
use crate::vars::Values;

/// The endings that a file beside a playbook may have.
const ENDINGS: [&str; 4] = [".yml", ".yaml", ".json", ""];

/// The specification of a play's arguments.
struct Spec {
    name: String,
    file: PathBuf,
    options: Value,
}

/// The task that checks a play's arguments, where that is wanted.
///
/// # Errors
/// The keyword cannot be rendered, or there is no such specification.
pub fn task(run: &Run, play: &Play, values: &Values<'_>) -> Result<Option<Task>> {
    let Some(spec) = read(run, play, values)? else {
        return Ok(None);
    };
    let args = crate::entries! {
        "argument_spec" => spec.options,
        "validate_args_context" => crate::entries! {
            "argument_spec_name" => spec.name.as_str(),
            "name" => spec.name.as_str(),
            "path" => spec.file.display().to_string(),
            "type" => "play",
        },
    };
    let mut keywords = Keywords::default();
    if play.keyword("tags").is_none()
        && let Some(tags) = keyword::find("tags")
    {
        keywords.set(tags, Value::strings(["always"]), play.place.clone());
    }
    let name = format!("Validating arguments against arg spec {}", spec.name);
    let action = "validate_argument_spec";
    Ok(Some(own_task(&name, action, args, keywords, play)))
}

fn read(run: &Run, play: &Play, values: &Values<'_>) -> Result<Option<Spec>> {
    let Some(entry) = play.keywords.get("validate_argspec") else {
        return Ok(None);
    };
    let said = values.render(&entry.value).map_err(|error| {
        let why = error.root().message();
        Error::syntax(format!(
            "Error processing keyword 'validate_argspec': {why}"
        ))
        .at(entry.place.clone())
    })?;
    let wanted = match said {
        Value::Omit | Value::Null | Value::Bool(false) => return Ok(None),
        Value::Str(text) if text.is_empty() => return Ok(None),
        Value::Str(text) => Some(text.to_string()),
        Value::Bool(true) => match &play.name {
            Some(name) => match values.render(name)? {
                Value::Omit | Value::Null => None,
                name => Some(name.to_text()).filter(|name| !name.is_empty()),
            },
            None => None,
        },
        other => {
            return Err(Error::syntax(format!(
                "validate_argspec must be a boolean or string, not {}",
                other.type_name()
            ))
            .at(entry.place.clone()));
        }
    };
    let places = places(&play.file);
    let file = places.iter().find(|place| place.is_file());
    let (Some(name), Some(file)) = (&wanted, file) else {
        return Err(missing(wanted.is_none(), file.is_none(), &places).at(play.place.clone()));
    };
    let root = run.loader().yaml(file)?;
    let specs = root.get("argument_specs");
    let spec = specs.and_then(|specs| specs.get(name));
    let options = spec
        .and_then(|spec| spec.get("options"))
        .map(|node| node.value());
    match options {
        Some(options @ Value::Map(_)) => Ok(Some(Spec {
            name: name.clone(),
            file: file.clone(),
            options: options.clone(),
        })),
        _ => Err(Error::syntax(format!(
            "No argument spec named '{name}' in {}. Minimally expected:\nargument_specs:\n  {name}:\n    options: {{}}\n",
            file.display()
        ))
        .at(entry.place.clone())),
    }
}

/// The places where the specification of a playbook is looked for.
fn places(playbook: &Path) -> Vec<PathBuf> {
    let path = std::path::absolute(playbook).unwrap_or_else(|_| playbook.to_owned());
    let text = path.display().to_string();
    let stem = ENDINGS
        .iter()
        .filter(|ending| !ending.is_empty())
        .find_map(|ending| text.strip_suffix(ending));
    let stem = stem.unwrap_or(&text);
    ENDINGS
        .iter()
        .map(|ending| PathBuf::from(format!("{stem}.meta{ending}")))
        .collect()
}

fn missing(name: bool, file: bool, places: &[PathBuf]) -> Error {
    let mut text = String::new();
    if name {
        text.push_str(
            "A play name is required when validate_argspec is True. Alternatively, set validate_argspec to the name of an argument spec.",
        );
    }
    if file {
        if name {
            text.push(' ');
        }
        text.push_str("A playbook meta file is required. Considered:");
        for place in places {
            text.push_str(&format!("\n  - {}", place.display()));
        }
    }
    Error::syntax(text)
}
