//! What the lower rooms may ask of the world: files, vaults, programs, pages.

use std::collections::HashSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use sha1::{Digest, Sha1};

use crate::connection;
use crate::error::{Error, Result, Source};
use crate::inventory::{Inventory, VarsFiles};
use crate::playbook;
use crate::report::Event;
use crate::template::{self, Command, Engine, Fetch, Fetched, Finished, Layered, Outside};
use crate::value::{Map, Sealed, Str, Value};
use crate::vars::{self, InventoryLayers};
use crate::vault::{self, Vault};
use crate::yaml;

/// The house around the rooms of a run.
pub struct House {
    /// The keys of the run.
    pub vault: Vault,
    /// What renders.
    pub engine: Arc<Engine>,
    /// `-e`.
    pub extra: Arc<Map>,
    /// `group_vars/` and `host_vars/`.
    pub files: VarsFiles,
    /// The folders whose `group_vars/` and `host_vars/` count: the inventory's, the playbook's.
    pub folders: RwLock<Vec<(&'static str, PathBuf)>>,
    /// Settings by their names in the reference's table.
    pub settings: Map,
    sink: super::run::Sink,
    told: Mutex<HashSet<String>>,
    secrets: Mutex<Vec<String>>,
}
