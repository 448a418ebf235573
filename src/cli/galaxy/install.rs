//! `play galaxy install` and `update`: from requirements to folders, and the lock between them.

use std::path::{Path, PathBuf};

use clap::Args;

use super::options::{CacheOptions, Ground, ServerOptions, absolute, usage};
use crate::cli::terminal;
use crate::error::{Error, Result};
use crate::galaxy::collections::{self, root_of};
use crate::galaxy::{CollectionWish, Form, Galaxy, Lock, Requirements, RoleWish, roles};

/// What may be installed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// What a file says; words are roles.
    Both,
    /// Roles alone.
    Roles,
}

/// What `install` takes for roles and files of requirements.
#[derive(Args, Clone, Debug)]
pub struct Install {
    /// Roles: name, name,version, an address or an archive
    #[arg(value_name = "ROLE")]
    pub names: Vec<String>,
    /// The file of requirements
    #[arg(
        short = 'r',
        long = "role-file",
        visible_alias = "requirements-file",
        value_name = "FILE"
    )]
    pub file: Option<PathBuf>,
    /// The folder that roles are installed into
    #[arg(short = 'p', long = "roles-path", value_name = "FOLDER")]
    pub roles_path: Vec<String>,
    /// Keep the repository's own folder; not built
    #[arg(short = 'g', long = "keep-scm-meta", hide = true)]
    pub keep_scm_meta: bool,
    /// Install again what is there
    #[arg(short = 'f', long)]
    pub force: bool,
    /// Install again what is there, and what it needs
    #[arg(long, conflicts_with = "no_deps")]
    pub force_with_deps: bool,
    /// Do not install what is needed
    #[arg(short = 'n', long)]
    pub no_deps: bool,
    /// Tell what fails, and go on
    #[arg(short = 'i', long)]
    pub ignore_errors: bool,
    /// Install exactly what requirements.lock says, or fail
    #[arg(long, requires = "file")]
    pub locked: bool,
    /// Ask nothing of the network: what was fetched before is taken
    #[arg(long)]
    pub offline: bool,
    #[command(flatten)]
    pub server: ServerOptions,
}

/// What `update` takes.
#[derive(Args, Clone, Debug)]
pub struct Update {
    /// Only these roles and collections; the others stay as they are locked
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// The file of requirements
    #[arg(
        short = 'r',
        long = "requirements-file",
        value_name = "FILE",
        default_value = "requirements.yml"
    )]
    file: PathBuf,
    /// The folder that roles are installed into
    #[arg(short = 'p', long = "roles-path", value_name = "FOLDER")]
    roles_path: Vec<String>,
    #[command(flatten)]
    server: ServerOptions,
}

/// What is known before anything is installed.
struct Work<'a> {
    ground: &'a Ground,
    galaxy: Galaxy,
    /// The lock, and where it stands.
    lock: Option<Lock>,
    lock_path: Option<PathBuf>,
    roles: roles::Options,
    collections: Option<collections::Options>,
}

/// Installs roles, and what a file of requirements says; gives the exit code.
///
/// # Errors
/// Something cannot be had, or does not fit the lock.
pub fn install(ground: &Ground, own: &Install, kind: Kind) -> Result<u8> {
    if own.keep_scm_meta {
        return Err(Error::new(
            crate::error::Kind::Usage,
            "`--keep-scm-meta` of ansible-galaxy is not built",
        ));
    }
    let names_folder = match ground.says_roles_path {
        Some(says) => says,
        None => !own.roles_path.is_empty(),
    };
    let with_collections = kind == Kind::Both && !names_folder;
    let form = match with_collections {
        true => Form::Any,
        false => Form::Roles,
    };
    let (wanted, lock_path) = match &own.file {
        Some(file) => {
            let file = absolute(file)?;
            let ending = file.extension().and_then(|ending| ending.to_str());
            if !matches!(ending, Some("yml" | "yaml")) {
                return Err(Error::input(
                    "Invalid role requirements file, it must end with a .yml or .yaml extension",
                ));
            }
            let mut wanted = Requirements::read(&file, form)?;
            if !own.names.is_empty() {
                wanted.roles.retain(|role| own.names.contains(&role.name));
            }
            (wanted, Some(Lock::beside(&file)))
        }
        None => (roles_of(&own.names)?, None),
    };
    if !with_collections && !wanted.collections.is_empty() {
        tell_left_out(ground, own, kind);
    }
    // Called by the reference's name, a lock is heeded only where that is asked for.
    let uses_lock = own.locked || !ground.as_reference;
    let lock_path = lock_path.filter(|_| uses_lock);
    let lock = match &lock_path {
        Some(path) if !own.force || own.locked => Lock::read(path)?,
        _ => None,
    };
    if own.locked && lock.is_none() {
        return Err(Error::input("there is no requirements.lock")
            .hint("`play galaxy install -r FILE` makes it"));
    }
    let roles = roles::Options {
        paths: ground.roles_paths(&own.roles_path),
        force: own.force,
        no_needs: own.no_deps,
        force_needs: own.force_with_deps,
        ignore_errors: own.ignore_errors,
        lock: lock.clone(),
        locked: own.locked,
    };
    let collections = with_collections.then(|| collections::Options {
        force: own.force,
        force_needs: own.force_with_deps,
        no_needs: own.no_deps,
        ignore_errors: own.ignore_errors,
        lock: lock.clone(),
        locked: own.locked,
        ..in_configured(ground)
    });
    Work {
        galaxy: ground.galaxy(&own.server, &CacheOptions::default(), own.offline)?,
        ground,
        lock,
        lock_path,
        roles,
        collections,
    }
    .run(&wanted)
}

/// Decides anew and writes the lock; gives the exit code.
///
/// # Errors
/// Something cannot be had.
pub fn update(ground: &Ground, own: &Update) -> Result<u8> {
    let file = absolute(&own.file)?;
    let wanted = Requirements::read(&file, Form::Any)?;
    let lock_path = Lock::beside(&file);
    let mut lock = Lock::read(&lock_path)?.unwrap_or_default();
    check_names(&own.names, &wanted, &lock)?;
    // What is named, or everything, is decided anew.
    let is_named = |name: &str| own.names.is_empty() || own.names.iter().any(|own| own == name);
    lock.collections.retain(|locked| !is_named(&locked.name));
    lock.roles.retain(|locked| !is_named(&locked.name));
    let lock = (!own.names.is_empty()).then_some(lock);
    let roles = roles::Options {
        paths: ground.roles_paths(&own.roles_path),
        force: true,
        lock: lock.clone(),
        ..roles::Options::default()
    };
    let collections = collections::Options {
        upgrade: true,
        lock: lock.clone(),
        ..in_configured(ground)
    };
    Work {
        galaxy: ground.galaxy(&own.server, &CacheOptions::default(), false)?,
        ground,
        lock,
        lock_path: Some(lock_path),
        roles,
        collections: Some(collections),
    }
    .run(&wanted)
}

fn check_names(names: &[String], wanted: &Requirements, lock: &Lock) -> Result<()> {
    let mut known: Vec<&str> = wanted.roles.iter().map(|role| role.name.as_str()).collect();
    known.extend(
        wanted
            .collections
            .iter()
            .filter_map(|wish| wish.name.as_deref()),
    );
    known.extend(lock.collections.iter().map(|locked| locked.name.as_str()));
    known.extend(lock.roles.iter().map(|locked| locked.name.as_str()));
    for name in names {
        if !known.contains(&name.as_str()) {
            let text = format!("`{name}` is not in the requirements");
            return Err(usage(text).hint_if(crate::error::nearest(name, known.iter().copied())));
        }
    }
    Ok(())
}

/// Collections go into the first configured folder.
fn in_configured(ground: &Ground) -> collections::Options {
    let paths = ground.collections_paths();
    let first = paths
        .first()
        .cloned()
        .unwrap_or_else(|| PathBuf::from("collections"));
    collections::Options {
        target: root_of(&first),
        others: paths.iter().skip(1).map(|path| root_of(path)).collect(),
        ..collections::Options::default()
    }
}

fn roles_of(names: &[String]) -> Result<Requirements> {
    if names.is_empty() {
        return Err(usage("- you must specify a user/role name or a roles file")
            .hint("`play galaxy install -r requirements.yml`, or `play galaxy collection install NAME`"));
    }
    let roles: Result<Vec<RoleWish>> = names.iter().map(|name| RoleWish::of_line(name)).collect();
    Ok(Requirements {
        roles: roles?,
        collections: Vec::new(),
    })
}

fn tell_left_out(ground: &Ground, own: &Install, kind: Kind) {
    let file = own.file.as_deref().unwrap_or(Path::new("")).display();
    let text = format!(
        "the requirements file '{file}' contains collections which will be ignored. To install these \
         collections run 'ansible-galaxy collection install -r' or to install both at the same time \
         run 'ansible-galaxy install -r' without a custom install path"
    );
    let warning = match ground.as_reference {
        true => Error::input(text.as_str()),
        false => Error::input(format!(
            "the collections of `{file}` are not installed: -p names a folder for roles alone"
        ))
        .hint(format!(
            "`play galaxy collection install -r {file} -p FOLDER` installs them into a folder, \
             `play galaxy install -r {file}` without -p both"
        )),
    };
    if kind == Kind::Both {
        terminal::print_warning(&warning);
    } else if ground.verbosity >= 3 {
        terminal::print_error_text(&format!("{text}\n"));
    }
}

impl Work<'_> {
    fn run(self, wanted: &Requirements) -> Result<u8> {
        let collections: &[CollectionWish] = match &self.collections {
            Some(_) => &wanted.collections,
            None => &[],
        };
        if wanted.roles.is_empty() && collections.is_empty() {
            terminal::print("Skipping install, no requirements found\n")?;
            return Ok(0);
        }
        let mut now = Lock::default();
        if !wanted.roles.is_empty() {
            terminal::print("Starting galaxy role install process\n")?;
            now.roles = roles::install(&self.galaxy, &wanted.roles, &self.roles)?;
        }
        if let Some(options) = self
            .collections
            .as_ref()
            .filter(|_| !collections.is_empty())
        {
            terminal::print("Starting galaxy collection install process\n")?;
            // With a lock to write everything is looked at, also what is installed.
            let lock = match (&options.lock, &self.lock_path) {
                (None, Some(_)) => Some(Lock::default()),
                (lock, _) => lock.clone(),
            };
            let options = collections::Options {
                lock,
                ..options.clone()
            };
            now.collections = collections::install(&self.galaxy, collections, &options)?;
        }
        if let Some(path) = &self.lock_path {
            self.keep(path, now)?;
        }
        Ok(0)
    }

    /// Writes the lock; roles that were passed over stay as they were.
    fn keep(&self, path: &Path, mut now: Lock) -> Result<()> {
        if self.roles.locked || self.ground.as_reference {
            return Ok(());
        }
        // What this run had nothing to do with stays as it is.
        if self.collections.is_none()
            && let Some(known) = Lock::read(path)?
        {
            now.collections = known.collections;
        }
        for known in self.lock.iter().flat_map(|lock| &lock.roles) {
            if now.role(&known.name, &known.source).is_none() {
                now.roles.push(known.clone());
            }
        }
        now.write(path)
    }
}
