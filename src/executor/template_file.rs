//! A template file, rendered as the `template` module does: with the `template_*` variables.

use std::path::Path;
use std::sync::Arc;

use super::run::Run;
use crate::error::Result;
use crate::template::{FileOptions, Scope, layered};
use crate::value::{Map, Value};

/// Renders the file at `path`.
///
/// # Errors
/// It cannot be read or rendered.
pub fn render(
    run: &Run,
    scope: &Arc<dyn Scope>,
    path: &Path,
    options: &Map,
    destination: &str,
) -> Result<String> {
    let source = run.house.source(path)?;
    let names = names(run, path, destination);
    let scope = layered(Arc::clone(scope), names);
    run.engine.file(&source, &FileOptions::from_map(options)?, &scope)
}

/// `ansible_managed`, `template_path` and their kin.
fn names(run: &Run, path: &Path, destination: &str) -> Map {
    let full = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let modified = std::fs::metadata(path).and_then(|meta| meta.modified()).ok();
    let mtime = modified.and_then(|time| jiff::Timestamp::try_from(time).ok());
    let now = jiff::Zoned::now();
    let moment = |stamp: Option<jiff::civil::DateTime>| {
        stamp.map_or(Value::Null, |time| Value::DateTime(time, None))
    };
    let zone = now.time_zone().clone();
    crate::entries! {
        "ansible_managed" => run.options.ansible_managed.as_str(),
        "template_host" => rustix::system::uname().nodename().to_string_lossy().as_ref(),
        "template_uid" => owner(path),
        "template_path" => text(path),
        "template_fullpath" => text(&full),
        "template_destpath" => destination,
        "template_mtime" => moment(mtime.map(|stamp| stamp.to_zoned(zone).datetime())),
        "template_run_date" => moment(Some(now.datetime())),
    }
}

/// The owner's name, or number where it has no name.
fn owner(path: &Path) -> Value {
    use std::os::unix::fs::MetadataExt;
    let Ok(meta) = std::fs::metadata(path) else {
        return Value::Null;
    };
    let uid = meta.uid();
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, number) = (fields.next()?, fields.nth(1)?);
        (number == uid.to_string()).then(|| name.to_owned())
    });
    name.map_or(Value::from(uid), Value::from)
}
