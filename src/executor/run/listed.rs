//! The house as the inventory sees it.

use std::path::Path;
use std::sync::Arc;

use super::house::House;
use crate::connection;
use crate::error::{Error, Result, Source};
use crate::inventory;
use crate::memory::Kind;
use crate::python::Said;
use crate::template::Finished;
use crate::value::{Map, Str, Value};

/// The house as the inventory sees it.
pub struct InventoryReader {
    house: Arc<House>,
    cache: bool,
}

impl InventoryReader {
    /// The house; `cache` says whether plugins may answer from what they kept of an earlier run.
    pub fn new(house: &Arc<House>, cache: bool) -> Self {
        let house = Arc::clone(house);
        InventoryReader { house, cache }
    }

    /// Tells the user what a plugin in Python told beside its answer.
    fn said(&self, what: &str, said: Said) {
        for warning in said.warnings {
            self.house.warn_once(warning);
        }
        for (stream, text) in [("stdout", said.stdout), ("stderr", said.stderr)] {
            let text = text.trim_end();
            if !text.is_empty() {
                let text = format!("{what} wrote on {stream}: {text}");
                self.house.warn_once(Error::input(text));
            }
        }
    }
}

impl inventory::Reader for InventoryReader {
    fn read(&self, path: &Path) -> Result<Arc<Source>> {
        self.house.source(path, Kind::Variables)
    }

    fn run_script(&self, path: &Path, arguments: &[&str]) -> Result<Finished> {
        let full = std::path::absolute(path)?;
        let mut words = vec![full.to_string_lossy().into_owned()];
        words.extend(arguments.iter().map(|word| (*word).to_owned()));
        connection::run_program_blocking(&words, &[], None, &[], None)
    }

    fn plugin(
        &self,
        name: &str,
        path: &Path,
        so_far: &Value,
    ) -> Result<Result<inventory::Foreign>> {
        let said = |what: &str, said| self.said(what, said);
        let python = &self.house.python;
        python.inventory_plugin(name, path, so_far, self.cache, &said)
    }

    fn has_plugin_vars(&self) -> bool {
        self.house.python.has_vars_plugins()
    }

    fn plugin_vars(&self, dir: &Path, owner: inventory::Owner, name: &str) -> Result<Option<Map>> {
        let said = |what: &str, said| self.said(what, said);
        self.house.python.plugin_vars(dir, owner, name, &said)
    }

    fn vagrant(&self, dir: &Path) -> Result<String> {
        let words = ["vagrant".to_owned(), "ssh-config".to_owned()];
        let done = connection::run_program_blocking(&words, &[], Some(dir), &[], None)?;
        // It fails for a machine that does not run, after it has told of those that do.
        if done.status != 0 && done.stdout.trim_ascii().is_empty() {
            let stderr = String::from_utf8_lossy(&done.stderr);
            let last = stderr
                .trim_end()
                .lines()
                .last()
                .unwrap_or("no message")
                .to_owned();
            return Err(Error::input(format!(
                "`vagrant ssh-config` failed in `{}`: {last}",
                dir.display()
            )));
        }
        Ok(String::from_utf8_lossy(&done.stdout).into_owned())
    }

    fn render(&self, template: &Str, vars: &Map) -> Result<Value> {
        let scope = self.house.scope(&[Arc::new(vars.clone())]);
        self.house
            .engine
            .render(&Value::Str(template.clone()), &scope)
    }

    fn evaluate(&self, expression: &Str, vars: &Map) -> Result<Value> {
        let scope = self.house.scope(&[Arc::new(vars.clone())]);
        self.house.engine.expression(expression, &scope)
    }
}
