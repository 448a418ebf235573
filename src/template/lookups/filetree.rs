//! `community.general.filetree`: everything below a folder.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::super::Runtime;
use super::super::regex::{Flags, Pattern, compile};
use super::{Options, Table};
use crate::error::{Error, Result};
use crate::value::{Map, Value};

pub(super) const LOOKUPS: Table = &[("community.general.filetree", filetree)];

fn filetree(runtime: &dyn Runtime, terms: Vec<Value>, options: Map) -> Result<Vec<Value>> {
    let options = Options::new("community.general.filetree", options);
    let exclude = match options.text("exclude", "").as_str() {
        "" => None,
        pattern => Some(compile(pattern, Flags::default())?),
    };
    let mut walk = Walk {
        runtime,
        exclude,
        seen: Vec::new(),
        answers: Vec::new(),
    };
    for term in &terms {
        let name = super::text("community.general.filetree", term)?;
        let name = name.trim_end_matches('/');
        if let Ok(root) = runtime.scope().find("files", name) {
            walk.folder(&root, &root)?;
        }
    }
    Ok(walk.answers)
}

struct Walk<'r> {
    runtime: &'r dyn Runtime,
    exclude: Option<std::sync::Arc<Pattern>>,
    /// The paths below their roots that were met; the first root wins.
    seen: Vec<String>,
    answers: Vec<Value>,
}

impl Walk<'_> {
    /// Adds what is in a folder: folders first, then files, then what is below the folders.
    fn folder(&mut self, root: &Path, folder: &Path) -> Result<()> {
        let Ok(listing) = fs::read_dir(folder) else {
            return Ok(());
        };
        let mut names: Vec<String> = listing
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        let mut kept = Vec::new();
        for name in names {
            let excluded = match &self.exclude {
                None => false,
                Some(pattern) => pattern.match_start(&name)?.is_some(),
            };
            if !excluded {
                kept.push(folder.join(name));
            }
        }
        let (folders, files): (Vec<_>, Vec<_>) = kept.into_iter().partition(|path| path.is_dir());
        for path in folders.iter().chain(&files) {
            self.add(root, path)?;
        }
        for path in folders {
            if !path.is_symlink() {
                self.folder(root, &path)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, root: &Path, path: &Path) -> Result<()> {
        let below = path.strip_prefix(root).unwrap_or(path);
        let below = below.to_string_lossy().into_owned();
        if self.seen.contains(&below) {
            return Ok(());
        }
        let metadata = fs::symlink_metadata(path).map_err(|error| {
            Error::input(format!("failed to look at `{}`", path.display())).because(error)
        })?;
        let mut properties = crate::entries! {
            "root" => root.to_string_lossy().into_owned(),
            "path" => below.as_str(),
        };
        if metadata.is_symlink() {
            properties.set("state", "link");
            let target = fs::read_link(path)?;
            properties.set("src", target.to_string_lossy().into_owned());
        } else if metadata.is_dir() {
            properties.set("state", "directory");
        } else if metadata.is_file() {
            properties.set("state", "file");
            properties.set("src", path.to_string_lossy().into_owned());
        } else {
            self.runtime.warn(format!(
                "filetree: `{}` is neither file, folder nor link",
                path.display()
            ));
            return Ok(());
        }
        properties.set("uid", metadata.uid());
        properties.set("gid", metadata.gid());
        properties.set("owner", name_of("/etc/passwd", metadata.uid()));
        properties.set("group", name_of("/etc/group", metadata.gid()));
        properties.set("mode", format!("0{:03o}", metadata.mode() & 0o7777));
        properties.set("size", metadata.size());
        properties.set("mtime", seconds(metadata.mtime(), metadata.mtime_nsec()));
        properties.set("ctime", seconds(metadata.ctime(), metadata.ctime_nsec()));
        self.seen.push(below);
        self.answers.push(Value::map(properties));
        Ok(())
    }
}

fn seconds(whole: i64, nanos: i64) -> f64 {
    whole as f64 + nanos as f64 / 1e9
}

/// The name that belongs to a number, or the number.
fn name_of(file: &str, number: u32) -> Value {
    let text = fs::read_to_string(file).unwrap_or_default();
    let wanted = number.to_string();
    let found = text.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1) == Some(wanted.as_str())).then_some(name)
    });
    found.map_or(Value::from(number), Value::str)
}
