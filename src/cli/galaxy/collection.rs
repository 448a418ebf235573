//! `play galaxy collection`: collections are installed, listed, built and verified.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::init;
use super::listing::{List, list};
use super::options::{CacheOptions, Ground, ServerOptions, absolute, expanded};
use super::role::{NotBuilt, not_built};
use crate::cli::terminal;
use crate::error::{Error, Kind, Result};
use crate::galaxy::collections::{self, Installed, in_folder, root_of};
use crate::galaxy::{CollectionWish, Form, Lock, Requirements};

/// What `play galaxy collection` can do.
#[derive(Subcommand, Clone, Debug)]
pub enum Verb {
    /// Make the folders and files of a new collection
    Init(init::Collection),
    /// Build the artifact of a collection's source
    Build(Build),
    /// Install collections
    Install(Install),
    /// Show the collections that are installed
    List(List),
    /// Compare installed collections with what was published
    Verify(Verify),
    /// Not built
    #[command(hide = true)]
    Download(NotBuilt),
    /// Not built
    #[command(hide = true)]
    Publish(NotBuilt),
}

/// What `build` takes.
#[derive(Args, Clone, Debug)]
pub struct Build {
    /// The folders with a galaxy.yml
    #[arg(value_name = "FOLDER", default_value = ".")]
    folders: Vec<PathBuf>,
    /// Build again what is there
    #[arg(short = 'f', long)]
    force: bool,
    /// The folder that the artifact is written to
    #[arg(long, value_name = "FOLDER", default_value = "./")]
    output_path: PathBuf,
    #[command(flatten)]
    server: ServerOptions,
}

/// Signatures, which are not verified.
#[derive(Args, Clone, Debug, Default)]
struct SignatureOptions {
    /// Not built: signatures are not verified
    #[arg(long, hide = true)]
    keyring: Option<PathBuf>,
    /// Not built: signatures are not verified
    #[arg(long, hide = true)]
    signature: Vec<String>,
    /// Do not verify signatures, as it is here anyway
    #[arg(long, hide = true)]
    disable_gpg_verify: bool,
}

impl SignatureOptions {
    fn check(&self) -> Result<()> {
        for (given, flag) in [
            (self.keyring.is_some(), "--keyring"),
            (!self.signature.is_empty(), "--signature"),
        ] {
            if given {
                let text = format!("`{flag}` of ansible-galaxy is not built");
                return Err(Error::new(Kind::Usage, text)
                    .hint("the hashes of archives are checked, signatures are not"));
            }
        }
        Ok(())
    }
}

/// What `install` takes.
#[derive(Args, Clone, Debug)]
pub struct Install {
    /// Collections: namespace.name, with :version or >=version, an address, an archive or a folder
    #[arg(value_name = "COLLECTION")]
    names: Vec<String>,
    /// The file of requirements
    #[arg(short = 'r', long, value_name = "FILE", conflicts_with = "names")]
    requirements_file: Option<PathBuf>,
    /// The folder that collections are installed into
    #[arg(short = 'p', long, value_name = "FOLDER")]
    collections_path: Option<PathBuf>,
    /// Install again what is there
    #[arg(short = 'f', long)]
    force: bool,
    /// Install again what is there, and what it needs
    #[arg(long, conflicts_with = "no_deps")]
    force_with_deps: bool,
    /// Do not install what is needed
    #[arg(short = 'n', long)]
    no_deps: bool,
    /// Tell what fails, and go on
    #[arg(short = 'i', long)]
    ignore_errors: bool,
    /// Take versions before a release too
    #[arg(long)]
    pre: bool,
    /// Take newer versions than those that are installed
    #[arg(short = 'U', long)]
    upgrade: bool,
    /// Install exactly what requirements.lock says, or fail
    #[arg(long, requires = "requirements_file")]
    locked: bool,
    /// Ask nothing of the network: what was fetched before is taken
    #[arg(long)]
    offline: bool,
    #[command(flatten)]
    signatures: SignatureOptions,
    #[command(flatten)]
    cache: CacheOptions,
    #[command(flatten)]
    server: ServerOptions,
}

/// What `verify` takes.
#[derive(Args, Clone, Debug)]
pub struct Verify {
    /// Collections, with :version where another one is installed than should be
    #[arg(value_name = "COLLECTION")]
    names: Vec<String>,
    /// The file of requirements
    #[arg(short = 'r', long, value_name = "FILE", conflicts_with = "names")]
    requirements_file: Option<PathBuf>,
    /// More folders of collections, separated by colons
    #[arg(short = 'p', long, value_name = "FOLDER")]
    collections_path: Vec<String>,
    /// Tell what fails, and go on
    #[arg(short = 'i', long)]
    ignore_errors: bool,
    /// Compare with the collection's own manifest, and ask no server
    #[arg(long)]
    offline: bool,
    #[command(flatten)]
    signatures: SignatureOptions,
    #[command(flatten)]
    server: ServerOptions,
}

/// Does what is asked; gives the exit code.
///
/// # Errors
/// As the verb says.
pub fn run(ground: &Ground, verb: &Verb) -> Result<u8> {
    match verb {
        Verb::Init(own) => init::collection(ground, own),
        Verb::Build(own) => build(ground, own),
        Verb::Install(own) => install(ground, own),
        Verb::List(own) => list(ground, own),
        Verb::Verify(own) => verify(ground, own),
        Verb::Download(_) => not_built("collection download"),
        Verb::Publish(_) => not_built("collection publish"),
    }
}

fn build(ground: &Ground, own: &Build) -> Result<u8> {
    let galaxy = ground.galaxy(&own.server, &CacheOptions::default(), true)?;
    let output = absolute(&own.output_path)?;
    for folder in &own.folders {
        collections::build(&galaxy, &absolute(folder)?, &output, own.force)?;
    }
    Ok(0)
}

/// The collections of words, or of a file.
fn wishes(names: &[String], file: Option<&Path>) -> Result<Vec<CollectionWish>> {
    if let Some(file) = file {
        let file = absolute(file)?;
        let all = Requirements::read(&file, Form::Dictionary)?;
        return Ok(all.collections);
    }
    if names.is_empty() {
        return Err(
            Error::input("you must specify a collection name or a requirements file")
                .hint("`play galaxy collection install namespace.name`"),
        );
    }
    names
        .iter()
        .map(|name| CollectionWish::of_word(name))
        .collect()
}

fn install(ground: &Ground, own: &Install) -> Result<u8> {
    own.signatures.check()?;
    let wanted = wishes(&own.names, own.requirements_file.as_deref())?;
    if wanted.is_empty() {
        terminal::print("Skipping install, no requirements found\n")?;
        return Ok(0);
    }
    let configured = ground.collections_paths();
    let target = match &own.collections_path {
        Some(path) => absolute(path)?,
        None => configured
            .first()
            .cloned()
            .unwrap_or_else(|| PathBuf::from("collections")),
    };
    warn_of_path(ground, &target, &configured);
    let file = own.requirements_file.as_deref().map(absolute).transpose()?;
    let lock_path = file.as_deref().map(Lock::beside);
    let lock_path = lock_path.filter(|_| own.locked || !ground.as_reference);
    let lock = match &lock_path {
        Some(path) if own.locked || !own.upgrade => Lock::read(path)?,
        _ => None,
    };
    let known_roles = lock.as_ref().map(|lock| lock.roles.clone());
    let lock = lock.or_else(|| lock_path.is_some().then(Lock::default));
    let options = collections::Options {
        target: root_of(&target),
        others: configured.iter().map(|path| root_of(path)).collect(),
        force: own.force,
        force_needs: own.force_with_deps,
        no_needs: own.no_deps,
        upgrade: own.upgrade,
        pre_releases: own.pre,
        ignore_errors: own.ignore_errors,
        lock,
        locked: own.locked,
    };
    let galaxy = ground.galaxy(&own.server, &own.cache, own.offline)?;
    terminal::print("Starting galaxy collection install process\n")?;
    let collections = collections::install(&galaxy, &wanted, &options)?;
    if let Some(path) = lock_path.filter(|_| !own.locked) {
        let now = Lock {
            collections,
            roles: known_roles.unwrap_or_default(),
        };
        now.write(&path)?;
    }
    Ok(0)
}

fn warn_of_path(ground: &Ground, target: &Path, configured: &[PathBuf]) {
    let wanted = ground.config.flag("GALAXY_COLLECTIONS_PATH_WARNING");
    let root = root_of(target);
    if !wanted
        || configured
            .iter()
            .any(|path| root_of(path).starts_with(target) || root_of(path) == root)
    {
        return;
    }
    let shown: Vec<String> = configured
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    terminal::print_warning(&Error::input(format!(
        "the specified collections path '{}' is not part of the configured Ansible collections paths \
         '{}'. The installed collection will not be picked up in an Ansible run, unless within a \
         playbook-adjacent collections directory",
        target.display(),
        shown.join(":")
    )));
}

/// The folders `ansible_collections`, those that are typed first.
///
/// # Errors
/// One is no path.
pub(super) fn roots(ground: &Ground, typed: &[String]) -> Result<Vec<PathBuf>> {
    let mut all: Vec<PathBuf> = Vec::new();
    let typed = typed.iter().flat_map(|list| list.split(':')).map(expanded);
    for path in typed.chain(ground.collections_paths()) {
        let root = root_of(&absolute(&path)?);
        if !all.contains(&root) {
            all.push(root);
        }
    }
    Ok(all)
}

fn verify(ground: &Ground, own: &Verify) -> Result<u8> {
    own.signatures.check()?;
    let wanted = wishes(&own.names, own.requirements_file.as_deref())?;
    let galaxy = ground.galaxy(&own.server, &CacheOptions::default(), false)?;
    let roots = roots(ground, &own.collections_path)?;
    let mut by_name: BTreeMap<String, Installed> = BTreeMap::new();
    for root in &roots {
        for one in in_folder(root).0 {
            by_name.entry(one.name.clone()).or_insert(one);
        }
    }
    let mut all_right = true;
    for wish in wanted {
        let name = wish.name.clone().unwrap_or_default();
        let done = match by_name.get(&name) {
            None => {
                let shown: Vec<String> = roots
                    .iter()
                    .map(|root| root.display().to_string())
                    .collect();
                Err(Error::input(format!(
                    "collection {name} is not installed in any of the collection paths ({})",
                    shown.join(", ")
                )))
            }
            Some(one) if wish.version != "*" && wish.version != one.version() => {
                terminal::print(&format!(
                    "{name} has the version '{}' but is being compared to '{}'\n",
                    one.version(),
                    wish.version
                ))?;
                Ok(false)
            }
            Some(one) => collections::verify(&galaxy, one, own.offline),
        };
        match done {
            Ok(right) => all_right &= right,
            Err(error) if own.ignore_errors => {
                let text = format!(
                    "failed to verify collection {name} but skipping due to --ignore-errors"
                );
                terminal::print_warning(&Error::input(text).because(error));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(u8::from(!all_right))
}
