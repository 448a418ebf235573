//! Where the files of the language are looked for.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::error::{Error, Result, of_collection};
use crate::value::Map;

/// The folders of a run.
#[derive(Clone, Debug, Default)]
pub struct Paths {
    /// `roles_path`.
    pub roles: Vec<PathBuf>,
    /// `collections_path`.
    pub collections: Vec<PathBuf>,
}

/// Where something stands that names a file: what relative names are relative to.
#[derive(Clone, Debug, Default)]
pub struct Standpoint {
    /// The folder of the playbook, an imported one's own.
    pub folder: PathBuf,
    /// The file it stands in.
    pub file: PathBuf,
    /// The folder of the role it stands in, and of the roles around that one, innermost first.
    pub roles: Vec<PathBuf>,
    /// `collections:` in force.
    pub collections: Vec<String>,
    /// What is known of variables while files are read, weakest first.
    pub vars: Vec<Arc<Map>>,
    /// How many imports and includes are around it.
    pub depth: usize,
}

impl Standpoint {
    /// The same standpoint inside another file.
    pub fn in_file(&self, file: &Path) -> Standpoint {
        Standpoint {
            file: file.to_owned(),
            depth: self.depth + 1,
            ..self.clone()
        }
    }

    /// The same standpoint with more variables.
    pub fn with_vars(&self, vars: &Arc<Map>) -> Standpoint {
        let mut inner = self.clone();
        if !vars.is_empty() {
            inner.vars.push(Arc::clone(vars));
        }
        inner
    }

    /// The places a task file is looked for, in order. An import looks beside its own file first,
    /// an include in a role looks there last, as in the reference.
    fn task_files(&self, name: &str, handler: bool, include: bool) -> Vec<PathBuf> {
        let folder = if handler { "handlers" } else { "tasks" };
        let beside = self.file.parent().map(|beside| beside.join(name));
        let mut places = Vec::new();
        for role in &self.roles {
            places.push(role.join(folder).join(name));
            places.push(role.join("tasks").join(name));
            places.push(role.join(name));
        }
        places.push(self.folder.join(folder).join(name));
        places.push(self.folder.join(name));
        let last = include && !self.roles.is_empty();
        let at = if last { places.len() } else { 0 };
        places.splice(at..at, beside);
        places
    }
}

impl Paths {
    /// Finds the file of `import_tasks` or `include_tasks`.
    ///
    /// # Errors
    /// There is none; the message names the first place that was looked at.
    pub fn task_file(
        &self,
        from: &Standpoint,
        name: &str,
        handler: bool,
        include: bool,
    ) -> Result<PathBuf> {
        let places = from.task_files(name, handler, include);
        if let Some(found) = places.iter().find(|place| place.is_file()) {
            return Ok(found.clone());
        }
        let first = places
            .first()
            .cloned()
            .unwrap_or_else(|| PathBuf::from(name));
        let others: Vec<String> = places
            .iter()
            .skip(1)
            .map(|place| place.display().to_string())
            .collect();
        let near = places.iter().find_map(|place| similar_file(place));
        let looked = (!others.is_empty()).then(|| format!("looked for {} too", others.join(", ")));
        let hint = [near, looked].into_iter().flatten().collect::<Vec<_>>();
        let shown = tidy(&std::path::absolute(&first).unwrap_or_else(|_| first.clone()));
        let error = Error::input(format!(
            "Unable to retrieve file contents. Could not find or access '{}' on the Ansible Controller.",
            shown.display()
        ));
        Err(error.hint_if((!hint.is_empty()).then(|| hint.join(" "))))
    }

    /// Finds a role's folder, and the collection it belongs to.
    ///
    /// # Errors
    /// There is none; the message lists the places that were looked at.
    pub fn role(&self, from: &Standpoint, name: &str) -> Result<(PathBuf, Option<String>)> {
        if let Some(found) = self.role_in_collection(from, name) {
            return Ok(found);
        }
        let places = self.role_places(from, name);
        if let Some(found) = places.iter().find(|place| place.is_dir()) {
            return Ok((found.clone(), None));
        }
        let looked: Vec<String> = places
            .iter()
            .filter_map(|place| place.parent())
            .map(|place| match place.as_os_str().is_empty() {
                true => Path::new("."),
                false => place,
            })
            .map(|place| std::path::absolute(place).unwrap_or_else(|_| place.to_owned()))
            .map(|place| tidy(&place).display().to_string())
            .collect();
        let near = places.iter().find_map(|place| similar_file(place));
        let hint = match near {
            Some(near) => near,
            None => self.to_install(from, name),
        };
        Err(Error::input(format!(
            "The role '{name}' was not found in: {}",
            looked.join(":")
        ))
        .hint(hint))
    }

    /// How a role comes where it is looked for.
    fn to_install(&self, from: &Standpoint, name: &str) -> String {
        if let Some((collection, role)) = name.rsplit_once('.')
            && collection.contains('.')
        {
            let folder = Path::new("ansible_collections").join(collection.replacen('.', "/", 1));
            let mut roots = self.collections.iter().map(|root| root.join(&folder));
            let installed = roots.find(|root| root.is_dir());
            return of_collection(collection, installed.as_deref(), &format!("role `{role}`"));
        }
        let lists = ["requirements.yml", "roles/requirements.yml"];
        let list = lists.iter().find(|list| from.folder.join(list).is_file());
        match (list, name.contains('.')) {
            (Some(list), _) => format!(
                "`play galaxy install -r {}` installs what that file names",
                from.folder.join(list).display()
            ),
            (None, true) => format!("`play galaxy role install {name}` installs it"),
            (None, false) => format!(
                "a role of your own is a folder `roles/{name}` beside the playbook; \
                 `play galaxy role install OWNER.{name}` installs one that others wrote"
            ),
        }
    }

    fn role_places(&self, from: &Standpoint, name: &str) -> Vec<PathBuf> {
        let mut places = vec![from.folder.join("roles").join(name)];
        places.extend(self.roles.iter().map(|folder| folder.join(name)));
        places.extend(
            from.roles
                .iter()
                .filter_map(|role| role.parent())
                .map(|folder| folder.join(name)),
        );
        places.push(from.folder.join(name));
        places
    }

    fn role_in_collection(
        &self,
        from: &Standpoint,
        name: &str,
    ) -> Option<(PathBuf, Option<String>)> {
        let mut parts = name.splitn(3, '.');
        let full = (parts.next(), parts.next(), parts.next());
        let candidates: Vec<(String, &str)> = match full {
            (Some(namespace), Some(collection), Some(role)) => {
                vec![(format!("{namespace}.{collection}"), role)]
            }
            _ => from
                .collections
                .iter()
                .map(|known| (known.clone(), name))
                .collect(),
        };
        candidates.into_iter().find_map(|(collection, role)| {
            let folder = collection.replacen('.', "/", 1);
            self.collections
                .iter()
                .map(|root| {
                    root.join("ansible_collections")
                        .join(&folder)
                        .join("roles")
                        .join(role)
                })
                .find(|place| place.is_dir())
                .map(|place| (place, Some(collection)))
        })
    }
}

impl Paths {
    /// The collection that a file stands in, where it is the one of that name: the first of the configured folders
    /// that have it.
    pub fn home_of(&self, file: &Path) -> Option<String> {
        let whole = tidy(&std::path::absolute(file).ok()?);
        let parts: Vec<_> = whole.components().collect();
        let is_root = |part: &&Component<'_>| part.as_os_str() == "ansible_collections";
        if parts.iter().filter(is_root).count() != 1 {
            return None;
        }
        let at = parts.iter().position(|part| is_root(&part))?;
        // A file of its own stands behind both.
        let [namespace, collection] = [at + 1, at + 2].map(|at| parts.get(at));
        let name = [namespace?, collection?].map(|part| part.as_os_str().to_string_lossy());
        let own: PathBuf = parts.get(..at + 3)?.iter().collect();
        let inside: PathBuf = parts.get(at..at + 3)?.iter().collect();
        let mut folders = self.collections.iter().map(|root| root.join(&inside));
        let first = folders.find(|folder| folder.is_dir())?;
        let first = tidy(&std::path::absolute(first).ok()?);
        (first == own).then(|| name.join("."))
    }
}

/// A path without `.` and `..`; links are not looked at, as in the reference.
pub fn tidy(path: &Path) -> PathBuf {
    let mut tidy = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir if tidy.file_name().is_some() => {
                tidy.pop();
            }
            Component::CurDir => (),
            other => tidy.push(other),
        }
    }
    tidy
}

/// Words for a file beside a missing one whose name is nearly the same.
pub fn similar_file(missing: &Path) -> Option<String> {
    let wanted = missing.file_name()?.to_str()?;
    let folder = missing.parent()?;
    // A name alone stands in the folder of the run.
    let folder = match folder.as_os_str().is_empty() {
        true => Path::new("."),
        false => folder,
    };
    let names: Vec<String> = std::fs::read_dir(folder)
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    crate::error::nearest(wanted, names.iter().map(String::as_str))
}

/// The file `folder/stem` with one of the endings the language allows.
pub(super) fn with_ending(folder: &Path, stem: &str) -> Option<PathBuf> {
    ["", ".yml", ".yaml", ".json"]
        .iter()
        .map(|ending| folder.join(format!("{stem}{ending}")))
        .find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_knows_its_collection_where_that_is_the_first_of_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let [one, two] = ["one", "two"].map(|name| folder.path().join(name));
        let inside = "ansible_collections/a/b/playbooks";
        for root in [&one, &two] {
            std::fs::create_dir_all(root.join(inside)).unwrap();
        }
        let paths = Paths {
            collections: vec![one.clone(), two.clone()],
            ..Paths::default()
        };
        let home = |path: PathBuf| paths.home_of(&path);
        assert_eq!(home(one.join(inside).join("x.yml")).as_deref(), Some("a.b"));
        assert_eq!(home(two.join(inside).join("x.yml")), None);
        assert_eq!(home(one.join("ansible_collections/a/x.yml")), None);
        assert_eq!(home(one.join("x.yml")), None);
    }
}
