//! Facts kept in files from run to run (`fact_caching = jsonfile`), as the reference keeps them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::config::Config;
use crate::error::{Error, Result};
use crate::value::{Map, Value, from_json, to_json};
use crate::vars::Store;

/// The files, and what they said.
pub struct FactCache {
    folder: PathBuf,
    prefix: String,
    known: HashMap<Arc<str>, Arc<Map>>,
}

impl FactCache {
    /// Reads what is kept for the hosts of the inventory; nothing where facts are not kept. With
    /// `flush`, what was kept is forgotten.
    ///
    /// # Errors
    /// The kind of cache is not built, or its folder cannot be made.
    pub fn open(config: &Config, store: &Store, flush: bool) -> Result<Option<FactCache>> {
        let place = || super::meaning::place_of(config, "CACHE_PLUGIN");
        let kind = config.text("CACHE_PLUGIN").unwrap_or_default();
        match kind.rsplit('.').next().unwrap_or_default() {
            "memory" | "" => return Ok(None),
            "jsonfile" => (),
            _ => {
                let text = format!("keeping facts with `{kind}` is not built");
                return Err(Error::input(text)
                    .at(place())
                    .hint("the kinds are memory and jsonfile"));
            }
        }
        let folder = config.path("CACHE_PLUGIN_CONNECTION").ok_or_else(|| {
            Error::input("`fact_caching_connection` has to name a folder for jsonfile").at(place())
        })?;
        if let Err(error) = std::fs::create_dir_all(&folder) {
            let text = format!(
                "facts are not cached: failed to make `{}`",
                folder.display()
            );
            store
                .world
                .warn(Error::input(text).because(error).at(place()));
            return Ok(None);
        }
        // The setting's own default is no part of a file's name in the reference.
        let prefix = config
            .text("CACHE_PLUGIN_PREFIX")
            .filter(|_| config.is_set("CACHE_PLUGIN_PREFIX"));
        let mut cache = FactCache {
            folder,
            prefix: prefix.unwrap_or_default(),
            known: HashMap::new(),
        };
        let limit = config.number("CACHE_PLUGIN_TIMEOUT").unwrap_or(0);
        for name in names(store) {
            let path = cache.path(&name);
            if flush {
                let _ = std::fs::remove_file(&path);
            } else if let Some(facts) = read(&path, limit) {
                store.host(&name).add_facts(&facts);
                cache
                    .known
                    .insert(name.clone(), store.host(&name).facts().raw);
            }
        }
        Ok(Some(cache))
    }

    /// Writes what has changed.
    ///
    /// # Errors
    /// A file cannot be written: the first of them; the others are tried too.
    pub fn save(&self, store: &Store) -> Result<()> {
        let saved = names(store)
            .into_iter()
            .map(|name| self.save_host(store, &name));
        let failed: Vec<Error> = saved.filter_map(Result::err).collect();
        let more = failed.len().saturating_sub(1);
        match failed.into_iter().next() {
            None => Ok(()),
            Some(first) if more == 0 => Err(first),
            Some(first) => Err(first.hint(format!(
                "{more} more of the cache's files could not be written"
            ))),
        }
    }

    fn save_host(&self, store: &Store, name: &Arc<str>) -> Result<()> {
        let facts = store.host(name).facts().raw;
        let path = self.path(name);
        match self.known.get(name) {
            Some(before) if Arc::ptr_eq(before, &facts) => Ok(()),
            Some(_) if facts.is_empty() => Ok(std::fs::remove_file(&path)?),
            None if facts.is_empty() => Ok(()),
            _ => write(&self.folder, &path, facts),
        }
    }

    fn path(&self, host: &str) -> PathBuf {
        let name = format!("{}s1_{host}", self.prefix);
        self.folder.join(name.replace('/', "_"))
    }
}

/// The hosts of the inventory, and the implicit localhost.
fn names(store: &Store) -> Vec<Arc<str>> {
    let inventory = store.inventory();
    let mut names: Vec<Arc<str>> = inventory.hosts().map(|host| host.name.clone()).collect();
    if !names.iter().any(|name| &**name == "localhost") {
        names.push(Arc::from("localhost"));
    }
    names
}

/// The facts of a file that is younger than `limit` seconds (0: of any age).
fn read(path: &Path, limit: i64) -> Option<Map> {
    let age = SystemTime::now().duration_since(path.metadata().ok()?.modified().ok()?);
    let limit = Duration::from_secs(u64::try_from(limit).unwrap_or(0));
    if !limit.is_zero() && age.unwrap_or_default() > limit {
        return None;
    }
    let whole = from_json(&std::fs::read_to_string(path).ok()?).ok()?;
    let facts = match whole.get("__payload__") {
        Some(text) => plain(&from_json(text.as_str()?).ok()?),
        None => whole,
    };
    Some((**facts.as_map()?).clone())
}

/// The value without the reference's notes on where it comes from.
fn plain(value: &Value) -> Value {
    match value {
        Value::Map(map) => match (map.get("__ansible_type"), map.get("value")) {
            (Some(_), Some(inner)) => plain(inner),
            _ => Value::map(map.mapped(plain)),
        },
        Value::List(items) => Value::list(items.iter().map(plain).collect()),
        other => other.clone(),
    }
}

fn write(folder: &Path, path: &Path, facts: Arc<Map>) -> Result<()> {
    let whole = crate::entries! { "__payload__" => to_json(&Value::Map(facts)) };
    let failed =
        |error: Error| Error::input(format!("failed to write `{}`", path.display())).because(error);
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|e| failed(e.into()))?;
    std::io::Write::write_all(&mut file, to_json(&Value::map(whole)).as_bytes())
        .map_err(|e| failed(e.into()))?;
    file.persist(path).map_err(|e| failed(e.error.into()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_has_a_file_of_its_own() {
        for (prefix, host, name) in [("", "web1", "s1_web1"), ("my_", "a/b", "my_s1_a_b")] {
            let cache = FactCache {
                folder: PathBuf::from("/facts"),
                prefix: prefix.to_owned(),
                known: HashMap::new(),
            };
            assert_eq!(cache.path(host), Path::new("/facts").join(name));
        }
    }
}
