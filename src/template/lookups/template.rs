//! `template`: a file of the user's, rendered.

use std::path::Path;

use super::super::managed::managed;
use super::super::{FileOptions, Runtime};
use super::{Options, Table, read_text};
use crate::error::{Error, Result, Source};
use crate::value::{Map, Value};

pub(super) const LOOKUPS: Table = &[("template", template)];

fn template(runtime: &dyn Runtime, terms: Vec<Value>, options: Map) -> Result<Vec<Value>> {
    let options = Options::new("template", options);
    let given = |name: &str| options.value(name).map(Value::to_text);
    let reading = FileOptions {
        variable: (given("variable_start_string"), given("variable_end_string")),
        comment: (given("comment_start_string"), given("comment_end_string")),
        trim_blocks: match options.value("trim_blocks") {
            None => None,
            Some(_) => Some(options.flag("trim_blocks", true)?),
        },
        ..FileOptions::default()
    };
    // Neither means anything any more in the reference.
    options.flag("convert_data", true)?;
    options.flag("jinja2_native", true)?;
    let extra = match options.value("template_vars") {
        None => Map::new(),
        Some(Value::Map(map)) => (**map).clone(),
        Some(other) => {
            return Err(Error::template(format!(
                "the lookup `template` wants a dictionary as `template_vars`, got a value of type \
                 `{}`",
                other.type_name()
            )));
        }
    };
    let mut answers = Vec::new();
    for term in &terms {
        let name = super::text("template", term)?;
        let path = runtime.scope().find("templates", name).map_err(|error| {
            Error::input(format!(
                "the template file {name} could not be found for the lookup"
            ))
            .because(error)
        })?;
        let source = Source::new(&path, read_text(runtime, &path)?);
        let mut names = file_names(runtime, name, &path)?;
        names.extend_from(&extra);
        answers.push(runtime.render_file(&source, &reading, &names)?);
    }
    Ok(answers)
}

/// The names that every template file knows.
fn file_names(runtime: &dyn Runtime, name: &str, path: &Path) -> Result<Map> {
    let whole = path.to_string_lossy().into_owned();
    let mut names = crate::entries! {
        "template_path" => name,
        "template_fullpath" => whole,
    };
    if runtime.variable("ansible_managed")?.is_none() {
        let setting = runtime.scope().outside().setting("DEFAULT_MANAGED_STR");
        let setting = setting.map_or_else(|| "Ansible managed".to_owned(), |text| text.to_text());
        names.set("ansible_managed", managed(&setting, None));
    }
    Ok(names)
}
