//! The house as the variables see it: vaults, warnings, the inventory's layers.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use super::house::House;
use super::listed::InventoryReader;
use crate::error::{Error, Result};
use crate::inventory::{Inventory, Layers, VarsFiles};
use crate::template::Outside;
use crate::value::{Sealed, Value};
use crate::vars::{InventoryLayers, World};

/// What the variables may ask for.
pub struct Surroundings {
    house: Arc<House>,
    files: VarsFiles,
    layers: RwLock<Layers>,
}

impl Surroundings {
    /// Surroundings with the folders beside the inventory's sources.
    pub fn new(house: Arc<House>, layers: Layers, merge_hashes: bool) -> Self {
        let reader = Arc::new(InventoryReader::new(&house, true));
        Surroundings {
            files: VarsFiles::new(reader, merge_hashes),
            house,
            layers: RwLock::new(layers),
        }
    }

    /// Forgets what files said (`meta: refresh_inventory`).
    pub fn forget(&self) {
        self.files.forget();
    }
}

impl World for Surroundings {
    fn outside(&self) -> &dyn Outside {
        &*self.house
    }

    fn unseal(&self, sealed: &Sealed) -> Result<Value> {
        self.house.unseal(sealed)
    }

    fn controller_python(&self) -> Option<PathBuf> {
        let known = self.house.python.interpreter();
        known.map(|known| known.program.clone())
    }

    fn warn(&self, warning: Error) {
        self.house.warn_once(warning);
    }

    fn begin_play(&self, folder: &Path) -> bool {
        let mut layers = self.layers.write().unwrap_or_else(PoisonError::into_inner);
        let new = layers.playbook != [folder];
        if new {
            layers.playbook = vec![folder.to_owned()];
        }
        new
    }

    fn inventory_layers(&self, inventory: &Inventory, host: &str) -> Result<InventoryLayers> {
        let Some(host) = inventory.host(host) else {
            return Ok(Vec::new());
        };
        let layers = self.layers.read().unwrap_or_else(PoisonError::into_inner);
        let found = inventory.layers(host, &self.files, &layers)?;
        for warning in self.files.take_warnings() {
            self.house.warn_once(warning);
        }
        Ok(found
            .into_iter()
            .map(|layer| (layer.level, layer.vars))
            .collect())
    }
}
