//! `config`: settings of ansible.cfg.

use super::super::Runtime;
use super::{Options, Table};
use crate::error::{Error, Result};
use crate::value::{Map, Value};

pub(super) const LOOKUPS: Table = &[("config", config)];

fn config(runtime: &dyn Runtime, terms: Vec<Value>, options: Map) -> Result<Vec<Value>> {
    let options = Options::new("config", options);
    let missing = options.choice("on_missing", "error", &["error", "warn", "skip"])?;
    options.refuse(&["plugin_type", "plugin_name"])?;
    if options.flag("show_origin", false)? {
        options.refuse(&["show_origin"])?;
    }
    let mut answers = Vec::new();
    for term in &terms {
        let name = super::text("config", term)?;
        let found = runtime.scope().outside().setting(name);
        let unknown = || format!("no configuration setting is called `{name}`");
        match (found, missing.as_str()) {
            (Some(value), _) => answers.push(value),
            (None, "error") => return Err(Error::template(unknown())),
            (None, "warn") => runtime.warn(unknown()),
            (None, _) => {}
        }
    }
    Ok(answers)
}
