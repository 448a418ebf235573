//! One host of the inventory.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use super::GroupId;
use crate::entries;
use crate::value::Map;
use crate::value::Value;

/// The names that mean this machine even where no inventory says so.
pub const LOCALHOST: [&str; 3] = ["127.0.0.1", "localhost", "::1"];

/// A host: its name, the variables written at it, and where it was first defined.
///
/// `vars` holds what the sources say about this very host. What it gets from its groups and from
/// `host_vars` files is in [`super::Inventory::layers`].
#[derive(Clone, Debug)]
pub struct Host {
    /// The inventory name.
    pub name: Arc<str>,
    /// The variables written at the host itself, `ansible_port` of `name:port` included.
    pub vars: Arc<Map>,
    /// Whether this is a localhost that no inventory names: it is not in `all`.
    pub implicit: bool,
    /// The source that named the host first; none for hosts added at run time.
    pub origin: Option<Arc<Origin>>,
    /// The groups that list the host themselves, in the order they did.
    pub(super) groups: Vec<GroupId>,
}

impl Host {
    pub(super) fn new(name: &str, origin: Option<Arc<Origin>>) -> Self {
        Host {
            name: name.into(),
            vars: Arc::default(),
            implicit: false,
            origin,
            groups: Vec::new(),
        }
    }

    /// A localhost that no inventory names: its connection is local.
    pub(super) fn localhost(name: &str) -> Self {
        Host {
            vars: Arc::new(entries! { "ansible_connection" => "local" }),
            implicit: true,
            ..Host::new(name, None)
        }
    }

    /// The name up to the first dot, or the whole of it where it is an address.
    pub fn short_name(&self) -> &str {
        if super::address::is_ip(&self.name) {
            return &self.name;
        }
        self.name.split('.').next().unwrap_or(&self.name)
    }
}

/// Where a host comes from, as the variables `inventory_file` and `inventory_dir` say it.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The source's absolute path, or its text where it is a list of hosts.
    pub file: Arc<str>,
    /// The directory it is in; none where the source is no file.
    pub dir: Option<PathBuf>,
    vars: Arc<Map>,
}

impl Origin {
    /// The origin of the hosts of a file or of a directory that is one source.
    pub fn of_path(path: &Path) -> Arc<Self> {
        let dir = if path.is_dir() {
            Some(path)
        } else {
            path.parent()
        };
        Self::new(path.to_string_lossy(), dir.map(Path::to_path_buf))
    }

    /// The origin of the hosts of a comma list.
    pub fn of_text(text: &str) -> Arc<Self> {
        Self::new(text, None)
    }

    fn new(file: impl AsRef<str>, dir: Option<PathBuf>) -> Arc<Self> {
        let file: Arc<str> = file.as_ref().into();
        let shown = dir.as_ref().map(|dir| dir.to_string_lossy().into_owned());
        let vars = entries! {
            "inventory_file" => Value::str(file.clone()),
            "inventory_dir" => shown,
        };
        Arc::new(Origin {
            file,
            dir,
            vars: Arc::new(vars),
        })
    }

    /// `inventory_file` and `inventory_dir`.
    pub fn vars(&self) -> &Arc<Map> {
        &self.vars
    }
}
