//! A template file, rendered as the `template` module does: with the `template_*` variables.

use std::path::Path;
use std::sync::Arc;

use crate::error::Result;
use crate::executor::run::Run;
use crate::memory::Kind;
use crate::playbook::truth;
use crate::template::{FileOptions, Overlaid, Scope, managed};
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
    let source = run.house.source(path, Kind::Data)?;
    let mut names = names(run, path, destination);
    if scope.variable("ansible_managed").is_some() {
        // The user's own.
        names.remove("ansible_managed");
    }
    let scope: Arc<dyn Scope> = Arc::new(Overlaid::new(Arc::clone(scope), names));
    run.engine.file(&source, &file_options(options)?, &scope)
}

/// The module's options, as the engine wants them.
fn file_options(options: &Map) -> Result<FileOptions> {
    let text = |name: &str| {
        options
            .get(name)
            .filter(|value| !value.is_null())
            .map(|value| value.to_text())
    };
    let flag = |name: &str| options.get(name).and_then(truth);
    Ok(FileOptions {
        block: (text("block_start_string"), text("block_end_string")),
        variable: (text("variable_start_string"), text("variable_end_string")),
        comment: (text("comment_start_string"), text("comment_end_string")),
        trim_blocks: flag("trim_blocks"),
        lstrip_blocks: flag("lstrip_blocks"),
        newline_sequence: text("newline_sequence"),
    })
}

/// `ansible_managed`, `template_path` and their kin.
fn names(run: &Run, path: &Path, destination: &str) -> Map {
    let full = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let modified = std::fs::metadata(path)
        .and_then(|meta| meta.modified())
        .ok();
    let mtime = modified.and_then(|time| jiff::Timestamp::try_from(time).ok());
    let now = jiff::Zoned::now();
    let moment = |stamp: Option<jiff::civil::DateTime>| {
        stamp.map_or(Value::Null, |time| Value::DateTime(time, None))
    };
    let zone = now.time_zone().clone();
    crate::entries! {
        "ansible_managed" => managed(&run.options.ansible_managed, mtime),
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
