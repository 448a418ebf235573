//! Roles: archives and repositories that become folders of a roles path.

mod fetch;
mod installed;
mod loose;
mod unpack;

pub use installed::{Info, InstalledRole, remove};

use std::path::{Path, PathBuf};

use fetch::Fetched;

use super::archive::Building;
use super::lock::{Lock, LockedRole};
use super::requirement::{RoleWish, role_of};
use super::{Galaxy, Note, parallel};
use crate::error::{Error, Kind, Result};
use crate::yaml;

/// How roles are installed.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The folders of roles; the first that can be written is installed into.
    pub paths: Vec<PathBuf>,
    /// What is wanted is installed again.
    pub force: bool,
    /// What is needed is not installed.
    pub no_needs: bool,
    /// What is needed is installed again too.
    pub force_needs: bool,
    /// What fails is told and passed over.
    pub ignore_errors: bool,
    /// What was decided on before.
    pub lock: Option<Lock>,
    /// Nothing but what the lock says will do.
    pub locked: bool,
}

/// Installs roles and what they need; gives what a lock is to remember.
///
/// # Errors
/// A role cannot be had, or is none.
pub fn install(galaxy: &Galaxy, wishes: &[RoleWish], options: &Options) -> Result<Vec<LockedRole>> {
    let mut run = Install {
        galaxy,
        options,
        seen: wishes.to_vec(),
        locked: Vec::new(),
    };
    let mut level = wishes.to_vec();
    while !level.is_empty() {
        level = run.level(&level)?;
    }
    Ok(run.locked)
}

struct Install<'a> {
    galaxy: &'a Galaxy,
    options: &'a Options,
    /// Everything that was asked for until now.
    seen: Vec<RoleWish>,
    locked: Vec<LockedRole>,
}

impl Install<'_> {
    /// Fetches several roles at once and installs them one by one; gives those that they need.
    fn level(&mut self, wishes: &[RoleWish]) -> Result<Vec<RoleWish>> {
        let mut wanted = Vec::new();
        for wish in wishes {
            if self.is_to_be_installed(wish) {
                wanted.push(wish.clone());
            }
        }
        let this = &*self;
        let done = std::sync::atomic::AtomicUsize::new(0);
        let fetched = parallel::map(&wanted, |wish| {
            let known = this.known(wish);
            if this.options.locked && known.is_none() {
                let text = format!(
                    "the lock does not fit the requirements: {} is not in it",
                    wish.name
                );
                return Err(Error::input(text).hint("`play galaxy update` makes the lock anew"));
            }
            let fetched = fetch::fetch(this.galaxy, wish, known);
            let done = done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
            (this.galaxy.tell)(Note::Fetched {
                done,
                all: wanted.len(),
                what: wish.name.clone(),
            });
            fetched
        });
        let mut next = Vec::new();
        for (wish, fetched) in wanted.iter().zip(fetched) {
            match fetched.and_then(|fetched| self.place(wish, &fetched)) {
                Ok(needs) => next.extend(needs),
                Err(error) => {
                    let text = format!("- {} was NOT installed successfully", wish.name);
                    self.galaxy.warn(Error::input(text).because(error));
                    if !self.options.ignore_errors {
                        let text = "- you can use --ignore-errors to skip failed roles and finish processing the list.";
                        return Err(Error::input(text));
                    }
                }
            }
        }
        Ok(next)
    }

    /// What the lock knows of a role, as long as it is still asked for in that version.
    fn known(&self, wish: &RoleWish) -> Option<&LockedRole> {
        let known = self.options.lock.as_ref()?.role(&wish.name, &wish.source)?;
        let wanted = wish
            .version
            .as_deref()
            .filter(|version| !version.is_empty());
        let fits = wanted.is_none() || wanted == known.version.as_deref();
        fits.then_some(known)
    }

    /// Says whether a role is to be installed, in words too where it is not.
    fn is_to_be_installed(&mut self, wish: &RoleWish) -> bool {
        let force = self.options.force || self.options.force_needs;
        let Some(installed) = InstalledRole::find(&self.options.paths, &wish.name) else {
            return true;
        };
        let Some(info) = installed.info() else {
            return true;
        };
        let here = info.version.clone().unwrap_or_default();
        let wanted = wish.version.clone().unwrap_or_default();
        if let Some(locked) = self.known(wish).filter(|_| !force).cloned() {
            // A lock knows the files themselves.
            if super::archive::tree_of(&installed.folder).is_ok_and(|tree| tree == locked.tree) {
                self.galaxy
                    .say(format!("- {} is already installed, skipping.", label(wish)));
                self.locked.push(locked);
                return false;
            }
            return true;
        }
        let named = if wanted.is_empty() {
            "unspecified"
        } else {
            &wanted
        };
        if force {
            if here != wanted {
                self.galaxy.say(format!(
                    "- changing role {} from {here} to {named}",
                    wish.name
                ));
            }
            return true;
        }
        if here == wanted {
            self.galaxy
                .say(format!("- {} is already installed, skipping.", label(wish)));
            if let Ok(tree) = super::archive::tree_of(&installed.folder) {
                self.locked.push(LockedRole {
                    name: wish.name.clone(),
                    source: wish.source.clone(),
                    version: info.version,
                    commit: None,
                    tree,
                });
            }
        } else {
            self.galaxy.warn(Error::input(format!(
                "- {} ({here}) is already installed - use --force to change version to {named}",
                wish.name
            )));
        }
        false
    }

    /// Puts a role in its place; gives what it needs.
    fn place(&mut self, wish: &RoleWish, fetched: &Fetched) -> Result<Vec<RoleWish>> {
        let name = crate::galaxy::archive::inside(Path::new(&wish.name));
        let name = name
            .filter(|name| name.components().count() == 1)
            .ok_or_else(|| {
                let text = format!("`{}` is not the name of a folder", wish.name);
                Error::input(text).hint("name the role with `name`")
            })?;
        let folder = self.folder_for(&name)?;
        self.galaxy.say(format!(
            "- extracting {} to {}",
            wish.name,
            folder.display()
        ));
        if folder.exists() {
            self.check_replaced(&folder, wish)?;
        }
        let mut building = Building::beside(&folder)?;
        unpack::unpack(&fetched.archive, &mut building)?;
        building.make_links()?;
        let tree = crate::galaxy::archive::tree_of(building.path())?;
        if let Some(known) = self.known(wish)
            && known.tree != tree
        {
            return Err(Error::input(format!(
                "{} is not what the lock knows: the hash of its files is {tree}, and was {}",
                wish.name, known.tree
            ))
            .hint("look at what changed before `play galaxy update`"));
        }
        installed::write_info(building.path(), fetched.version.as_deref())?;
        let needs = match self.options.no_needs {
            true => Vec::new(),
            false => self.needs(building.path())?,
        };
        building.put()?;
        let shown = RoleWish {
            version: fetched.version.clone(),
            ..wish.clone()
        };
        self.galaxy
            .say(format!("- {} was installed successfully", label(&shown)));
        self.locked.push(LockedRole {
            name: wish.name.clone(),
            source: wish.source.clone(),
            version: fetched.version.clone(),
            commit: fetched.commit.clone(),
            tree,
        });
        Ok(needs)
    }

    /// Where a role comes to stand: in the first folder that can be written.
    fn folder_for(&self, name: &Path) -> Result<PathBuf> {
        let mut failure = None;
        for path in &self.options.paths {
            match std::fs::create_dir_all(path).and_then(|()| tempfile::tempdir_in(path)) {
                Ok(_) => return Ok(path.join(name)),
                Err(error) => failure = Some((path, error)),
            }
        }
        Err(match failure {
            Some((path, error)) => {
                Error::input(format!("failed to write in `{}`", path.display())).because(error)
            }
            None => Error::input("there is no folder for roles"),
        })
    }

    /// What stands there is replaced only if it is a role, and only where that is wanted.
    fn check_replaced(&self, folder: &Path, wish: &RoleWish) -> Result<()> {
        let force = self.options.force || self.options.force_needs || self.options.lock.is_some();
        if !force {
            return Err(Error::input(format!(
                "the specified role {} appears to already exist",
                wish.name
            ))
            .hint("--force replaces it"));
        }
        if installed::meta_of(folder).is_none() {
            return Err(Error::input(format!(
                "{} doesn't appear to contain a role",
                folder.display()
            ))
            .hint("remove this folder yourself if you want the role there"));
        }
        Ok(())
    }

    /// The roles that a role needs and that are not here yet.
    fn needs(&mut self, folder: &Path) -> Result<Vec<RoleWish>> {
        let mut all = Vec::new();
        if let Some(meta) = installed::meta_of(folder) {
            all.extend(listed(&meta, Some("dependencies"))?);
        }
        for name in ["meta/requirements.yml", "meta/requirements.yaml"] {
            let path = folder.join(name);
            if path.is_file() {
                all.extend(listed(&path, None)?);
                break;
            }
        }
        let mut new = Vec::new();
        for wish in all {
            // A bare word is a role beside it, and nothing that Galaxy has.
            if !wish.name.contains('.') && !wish.source.contains('.') && wish.scm.is_none() {
                continue;
            }
            if self.seen.iter().any(|known| known.name == wish.name) {
                self.galaxy.say(format!(
                    "- dependency {} already pending installation.",
                    wish.name
                ));
                continue;
            }
            let here = InstalledRole::find(&self.options.paths, &wish.name);
            let info = here.and_then(|role| role.info());
            match info {
                Some(_) if self.options.force_needs || self.options.lock.is_some() => (),
                Some(info) if info.version == wish.version => {
                    self.galaxy.say(format!(
                        "- dependency {} is already installed, skipping.",
                        wish.name
                    ));
                    continue;
                }
                Some(info) => {
                    self.galaxy.warn(Error::input(format!(
                        "- dependency {} from role {} differs from already installed version ({}), skipping",
                        label(&wish),
                        folder.display(),
                        info.version.unwrap_or_default()
                    )));
                    continue;
                }
                None => self
                    .galaxy
                    .say(format!("- adding dependency: {}", label(&wish))),
            }
            self.seen.push(wish.clone());
            new.push(wish);
        }
        Ok(new)
    }
}

/// The roles of a list in a file, below a key or as the whole file.
fn listed(path: &Path, key: Option<&str>) -> Result<Vec<RoleWish>> {
    let bytes = std::fs::read(path)?;
    let source = yaml::decode(&bytes, path)?;
    let document = yaml::load(&source, &yaml::Options::data())?;
    let node = match key {
        Some(key) => match document.root.get(key) {
            Some(node) if !node.is_null() => node,
            _ => return Ok(Vec::new()),
        },
        None => &document.root,
    };
    let items = node.items().ok_or_else(|| {
        let text = "Expected role dependencies to be a list.";
        Error::new(Kind::Input, text).at(node.place().clone())
    })?;
    let mut all = Vec::new();
    for item in items {
        all.extend(role_of(item, path)?);
    }
    Ok(all)
}

fn label(wish: &RoleWish) -> String {
    match wish
        .version
        .as_deref()
        .filter(|version| !version.is_empty())
    {
        Some(version) => format!("{} ({version})", wish.name),
        None => wish.name.clone(),
    }
}
