//! From what was typed to what it means: a run, ready to begin.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::options::{
    BecomeOptions, ConnectionOptions, InventoryOptions, RunOptions, VaultOptions,
};
use super::terminal::{self, Terminal};
use crate::connection;
use crate::error::{Error, Result, Source};
use crate::executor::{
    Catalogue, House, InventoryReader, Options, Parts, Run, Sink, Surroundings, Tags,
};
use crate::inventory;
use crate::playbook::{self, Paths};
use crate::report::{Event, Listener};
use crate::template::{Engine, Settings};
use crate::value::{Map, Str, Value};
use crate::vars::{RunInfo, Store};
use crate::vault::{self, Vault};
use crate::yaml;

/// The version of the reference that `ansible_version` tells.
const REFERENCE: &str = "2.21.5";

/// What every run needs to be told.
pub struct Typed<'a> {
    /// Which hosts.
    pub inventory: &'a InventoryOptions,
    /// How to log in.
    pub connection: &'a ConnectionOptions,
    /// Who to become.
    pub become_: &'a BecomeOptions,
    /// Sealed files.
    pub vault: &'a VaultOptions,
    /// How the run goes.
    pub run: &'a RunOptions,
    /// `--tags` and `--skip-tags`.
    pub tags: Tags,
    /// The folder of the playbook.
    pub folder: PathBuf,
}

/// A run, and its surroundings for what changes from playbook to playbook.
pub struct Ready {
    /// The run.
    pub run: Arc<Run>,
    /// What the variables may ask for.
    pub surroundings: Arc<Surroundings>,
}

/// Makes a run of what was typed; `listener` hears of everything.
///
/// # Errors
/// An option or the inventory is wrong.
pub fn ready(
    typed: &Typed<'_>,
    listener: Box<dyn Listener>,
    change: impl FnOnce(&mut Options),
) -> Result<Ready> {
    let sink = sink(listener);
    let engine = Engine::new(Settings {
        strict_conditions: typed.run.strict,
        ..Settings::default()
    });
    let vault = Arc::new(open_vault(typed.vault)?);
    let extra = Arc::new(extra_vars(&typed.run.extra_vars, &vault)?);
    let house = Arc::new(House::new(
        vault,
        Arc::clone(&engine),
        Arc::clone(&extra),
        Map::new(),
        Arc::clone(&sink),
    ));
    let mut options = options(typed)?;
    change(&mut options);
    let sources = sources(typed.inventory);
    let loaded = load_inventory(&house, &sources)?;
    for warning in loaded.warnings {
        house.warn_once(warning);
    }
    let layers = inventory::Layers {
        inventory: loaded.dirs,
        playbook: vec![typed.folder.clone()],
        ..inventory::Layers::default()
    };
    let info = RunInfo {
        playbook_dir: typed.folder.clone(),
        check: options.check,
        diff: options.diff,
        verbosity: options.verbosity,
        forks: options.forks,
        tags: options.tags.only.clone(),
        skip_tags: options.tags.skip.clone(),
        limit: (!options.limit.is_empty()).then(|| options.limit.join(",")),
        inventory_sources: loaded.sources,
        config_file: None,
        merge_hashes: false,
        inject_facts: true,
        version: crate::vars::version(REFERENCE),
    };
    let surroundings = Arc::new(Surroundings::new(Arc::clone(&house), layers, false));
    let world = Arc::clone(&surroundings) as Arc<dyn crate::vars::World>;
    let store = Arc::new(Store::new(info, extra, world, loaded.inventory));
    let again = (Arc::clone(&house), Arc::clone(&surroundings));
    let run = Run::new(Parts {
        catalogue: catalogue(typed),
        paths: paths(&typed.folder),
        person: Arc::new(Terminal),
        refresh: Box::new(move || {
            again.1.forget();
            load_inventory(&again.0, &sources).map(|loaded| loaded.inventory)
        }),
        options,
        store,
        engine,
        house,
        sink,
    });
    Ok(Ready {
        run: Arc::new(run),
        surroundings,
    })
}

/// Tells the listener one event at a time; warnings go to standard error.
fn sink(listener: Box<dyn Listener>) -> Sink {
    let listener = Mutex::new(listener);
    Arc::new(move |event: Event| {
        let mut listener = listener.lock().unwrap_or_else(PoisonError::into_inner);
        if let Event::Warning(warning) = &event {
            terminal::print_warning(warning);
        }
        listener.on(&event);
    })
}

fn sources(options: &InventoryOptions) -> Vec<String> {
    if !options.inventory.is_empty() {
        return options.inventory.clone();
    }
    if let Some(said) = std::env::var("ANSIBLE_INVENTORY")
        .ok()
        .filter(|said| !said.is_empty())
    {
        return vec![said];
    }
    vec!["/etc/ansible/hosts".to_owned()]
}

fn load_inventory(house: &Arc<House>, sources: &[String]) -> Result<inventory::Loaded> {
    let reader = InventoryReader(Arc::clone(house));
    inventory::load(sources, &reader, &inventory::Options::default())
}

fn catalogue(typed: &Typed<'_>) -> Catalogue {
    let mut libraries = vec![typed.folder.join("library")];
    for list in &typed.run.module_path {
        libraries.extend(list.split(':').map(PathBuf::from));
    }
    Catalogue {
        libraries,
        collections: collections(&typed.folder),
    }
}

fn paths(folder: &Path) -> Paths {
    Paths {
        playbook: folder.to_owned(),
        roles: home_and_system("roles"),
        collections: collections(folder),
    }
}

fn collections(folder: &Path) -> Vec<PathBuf> {
    let mut places = vec![folder.join("collections")];
    places.extend(home_and_system("collections"));
    places
}

fn home_and_system(name: &str) -> Vec<PathBuf> {
    let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".ansible").join(name));
    let system = ["/usr/share/ansible", "/etc/ansible"].map(|folder| Path::new(folder).join(name));
    home.into_iter().chain(system).collect()
}

fn options(typed: &Typed<'_>) -> Result<Options> {
    let mut options = Options {
        check: typed.run.check,
        diff: typed.run.diff,
        verbosity: typed.run.verbose,
        tags: typed.tags.clone(),
        // As in the reference, the last limit alone counts.
        limit: typed.inventory.limit.last().cloned().into_iter().collect(),
        strict: typed.run.strict,
        ..Options::default()
    };
    if let Some(forks) = typed.run.forks {
        options.forks = forks as usize;
    }
    let access = &mut options.access;
    let connection = typed.connection;
    access.user.clone_from(&connection.user);
    access.connection.clone_from(&connection.connection);
    if let Some(seconds) = connection.timeout {
        access.timeout = Duration::from_secs(seconds.max(1));
    }
    access.key.clone_from(&connection.private_key);
    for text in [&connection.ssh_common_args, &connection.ssh_extra_args]
        .into_iter()
        .flatten()
    {
        access.ssh_arguments.extend(
            shell_words::split(text)
                .map_err(|_| Error::input(format!("`{text}` has quotes that are not closed")))?,
        );
    }
    if std::env::var("ANSIBLE_HOST_KEY_CHECKING")
        .is_ok_and(|said| said.eq_ignore_ascii_case("false"))
    {
        access.check_host_keys = false;
    }
    access.password = password(
        connection.ask_pass,
        connection.connection_password_file.as_deref(),
        "SSH password: ",
    )?;
    access.become_ = typed.become_.become_;
    access
        .become_method
        .clone_from(&typed.become_.become_method);
    access.become_user.clone_from(&typed.become_.become_user);
    let question = match access.password {
        Some(_) => "BECOME password[defaults to SSH password]: ",
        None => "BECOME password: ",
    };
    let file = typed.become_.become_password_file.as_deref();
    access.become_password = password(typed.become_.ask_become_pass, file, question)?;
    if access.become_password.as_deref() == Some("") {
        access.become_password.clone_from(&access.password);
    }
    Ok(options)
}

/// A password that is asked for, or stands in a file (the output of one that can be executed).
fn password(ask: bool, file: Option<&Path>, question: &str) -> Result<Option<String>> {
    if ask {
        return terminal::ask_secret(question).map(Some);
    }
    let Some(file) = file else {
        return Ok(None);
    };
    if file.as_os_str() == "-" {
        return terminal::ask_secret("").map(Some);
    }
    let unreadable = |why: Error| {
        Error::input(format!(
            "failed to read the password file `{}`",
            file.display()
        ))
        .because(why)
    };
    let text = match is_program(file) {
        true => {
            let word = std::path::absolute(file)?.to_string_lossy().into_owned();
            let done = connection::run_program_blocking(&[word], &[], None, &[], None)?;
            if done.status != 0 {
                return Err(unreadable(Error::input(format!(
                    "it ended with status {}",
                    done.status
                ))));
            }
            String::from_utf8_lossy(&done.stdout).into_owned()
        }
        false => std::fs::read_to_string(file).map_err(|error| unreadable(error.into()))?,
    };
    Ok(Some(text.trim_end_matches(['\n', '\r']).to_owned()))
}

fn is_program(file: &Path) -> bool {
    file.is_file() && rustix::fs::access(file, rustix::fs::Access::EXEC_OK).is_ok()
}

/// The vault of a run: every password that was named.
pub fn open_vault(options: &VaultOptions) -> Result<Vault> {
    let mut vault = Vault::new();
    for text in &options.vault_ids {
        add_password(&mut vault, &vault::Identity::parse(text))?;
    }
    for file in &options.vault_password_files {
        add_password(
            &mut vault,
            &vault::Identity {
                label: vault::DEFAULT_LABEL.to_owned(),
                origin: vault::Origin::File(file.clone()),
            },
        )?;
    }
    if options.ask_vault_pass {
        ask_password(&mut vault, vault::DEFAULT_LABEL)?;
    }
    Ok(vault)
}

fn ask_password(vault: &mut Vault, label: &str) -> Result<()> {
    let question = match label {
        vault::DEFAULT_LABEL => "Vault password: ".to_owned(),
        label => format!("Vault password ({label}): "),
    };
    let typed = vault::Secret::new(terminal::ask_secret(&question)?.into_bytes());
    vault.add(label, vault::password::from_prompt(&typed)?);
    Ok(())
}

fn add_password(vault: &mut Vault, identity: &vault::Identity) -> Result<()> {
    let path = match &identity.origin {
        vault::Origin::Prompt => return ask_password(vault, &identity.label),
        vault::Origin::File(path) => path,
    };
    let file = vault::password::PasswordFile::at(path)?;
    let password = match &file {
        vault::password::PasswordFile::Plain(path) => vault::password::from_file(path, vault)?,
        vault::password::PasswordFile::Program { path, .. } => {
            let full = std::path::absolute(path)?.to_string_lossy().into_owned();
            let mut command = vec![full];
            command.extend(file.arguments(&identity.label));
            let done = connection::run_program_blocking(&command, &[], None, &[], None)?;
            let printed = vault::Secret::new(done.stdout);
            vault::password::from_program(path, &identity.label, Some(done.status), &printed)?
        }
    };
    vault.add(&identity.label, password);
    Ok(())
}

/// `-e`: later ones win.
fn extra_vars(texts: &[String], vault: &Vault) -> Result<Map> {
    let mut all = Map::new();
    for text in texts {
        let more = one_extra(text, vault)?;
        for (key, value) in more {
            let name = key.to_text();
            if !playbook::is_variable_name(&name) {
                return Err(Error::input(format!(
                    "`{name}` is not a valid name for a variable (-e)"
                )));
            }
            all.insert(key, value);
        }
    }
    Ok(all)
}

fn one_extra(text: &str, vault: &Vault) -> Result<Map> {
    if let Some(file) = text.strip_prefix('@') {
        return extra_file(Path::new(file), vault);
    }
    if text.starts_with(['/', '.']) {
        return Err(Error::new(
            crate::error::Kind::Options,
            format!("`{text}` looks like a file: write -e @{text}"),
        ));
    }
    if text.trim_start().starts_with(['{', '[']) {
        return mapping(&Source::new("<extra vars>", text));
    }
    let line = playbook::parse_line(&Str::template(text, None), false)?;
    if let Some(free) = line.free {
        return Err(Error::new(
            crate::error::Kind::Options,
            format!("`{free}` in -e is no `key=value`"),
        )
        .hint("give key=value pairs, JSON, YAML in braces, or @file"));
    }
    Ok(line.pairs)
}

fn extra_file(file: &Path, vault: &Vault) -> Result<Map> {
    let bytes = std::fs::read(file).map_err(|error| {
        Error::input(format!("failed to read `{}`", file.display())).because(error)
    })?;
    let source = match vault::is_sealed(&bytes) {
        true => yaml::decode_sealed(vault.open(&String::from_utf8_lossy(&bytes))?.expose(), file)?,
        false => yaml::decode(&bytes, file)?,
    };
    mapping(&source)
}

fn mapping(source: &Arc<Source>) -> Result<Map> {
    let document = yaml::load(source, &yaml::Options::default())?;
    match document.root.value() {
        Value::Map(map) => Ok((**map).clone()),
        Value::Null => Ok(Map::new()),
        _ => Err(Error::new(
            crate::error::Kind::Options,
            format!("-e wants variables, got {}", document.root.kind_name()),
        )
        .at(document.root.place().clone())),
    }
}
