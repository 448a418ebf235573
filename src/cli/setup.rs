//! From what was typed to what it means: a run, ready to begin.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::asking::Terminal;
use super::doubts;
use super::extra;
use super::fact_cache::FactCache;
use super::meaning;
use super::options::{
    BecomeOptions, ConnectionOptions, InventoryOptions, RunOptions, VaultOptions,
};
use super::passwords;
use super::terminal;
use crate::config::Config;
use crate::connection::Asker;
use crate::error::{Kind, Result};
use crate::executor::{
    self, Catalogue, House, InventoryReader, Options, Parts, Person, Run, Sink, Surroundings, Tags,
};
use crate::inventory::{self, Layers, Loaded};
use crate::playbook::Paths;
use crate::report::{Concealing, Event, Listener, Secrets, gate, trouble};
use crate::template::{Engine, PluginNames, Settings};
use crate::value::{Map, Str, Value};
use crate::vars::{RunInfo, Store};
use crate::yaml::DuplicateKeys;

/// The version of the reference that `ansible_version` tells.
pub const REFERENCE: &str = "2.21.5";

/// What every run needs to be told.
pub struct Typed<'a> {
    /// Which hosts.
    pub inventory: &'a InventoryOptions,
    /// How to log in.
    pub connection: &'a ConnectionOptions,
    /// Who to become.
    pub become_: &'a BecomeOptions,
    /// Encrypted files.
    pub vault: &'a VaultOptions,
    /// How the run goes.
    pub run: &'a RunOptions,
    /// `--tags` and `--skip-tags`.
    pub tags: Tags,
    /// The folder of the playbook.
    pub folder: PathBuf,
    /// Whether hosts are connected to, so that passwords are asked for.
    pub connects: bool,
    /// What comes out of vaults: those know it who have to hide it.
    pub secrets: Arc<Secrets>,
}

/// A run, and what has to outlive it.
pub struct Ready {
    /// The run.
    pub run: Arc<Run>,
    facts: Option<FactCache>,
}

impl Ready {
    /// Keeps what has to outlive the run. What cannot be written is warned of: the run is over, and
    /// its result stands.
    pub fn keep(&self) {
        if let Some(facts) = &self.facts
            && let Err(error) = facts.save(&self.run.store)
        {
            self.run.warn(error);
        }
    }
}

/// The exit code of a run whose output may not have been written: that is no success.
pub fn with_trouble(code: u8) -> u8 {
    let Some(trouble) = trouble() else {
        return code;
    };
    terminal::print_error(&trouble);
    match code {
        0 => trouble.kind().exit_code(),
        code => code,
    }
}

/// The ground that runs, inventories and explanations stand on.
pub struct Ground {
    /// Who hears of events.
    pub sink: Sink,
    /// The house.
    pub house: Arc<House>,
    /// `-e`.
    pub extra: Arc<Map>,
}

/// The configuration of this folder and environment.
///
/// # Errors
/// The file or a variable cannot be understood.
pub fn configuration() -> Result<Config> {
    configuration_of(None)
}

/// The configuration of a file, or of this folder and environment.
///
/// # Errors
/// The file or a variable cannot be understood.
pub fn configuration_of(file: Option<&Path>) -> Result<Config> {
    let environment = |name: &str| {
        if let ("ANSIBLE_CONFIG", Some(file)) = (name, file) {
            return Some(file.to_string_lossy().into_owned());
        }
        let value = std::env::var_os(name)?;
        Some(value.to_string_lossy().into_owned())
    };
    let config = Config::load(&environment, &std::env::current_dir()?)?;
    let duplicates = config.text("DUPLICATE_YAML_DICT_KEY");
    if let Some(policy) = duplicates.and_then(|word| DuplicateKeys::from_name(&word)) {
        policy.hold();
    }
    terminal::open_log(&config);
    Ok(config)
}

/// Lays the ground: vault, extra variables, engine.
///
/// # Errors
/// A password or the extra variables cannot be read.
pub fn ground(
    config: &Config,
    vault: &VaultOptions,
    extra_vars: &[String],
    strict: bool,
    folder: &Path,
    secrets: Arc<Secrets>,
    listener: Box<dyn Listener>,
) -> Result<Ground> {
    let words = Words {
        vault,
        extra_vars,
        strict,
        folder,
    };
    ground_heard(config, &words, secrets, |_| Ok(listener))
}

/// What is typed that the ground is made of.
struct Words<'a> {
    vault: &'a VaultOptions,
    extra_vars: &'a [String],
    strict: bool,
    folder: &'a Path,
}

/// As [`ground`], for a listener that is made when the extra variables are known.
fn ground_heard(
    config: &Config,
    words: &Words<'_>,
    secrets: Arc<Secrets>,
    make: impl FnOnce(&dyn PluginNames) -> Result<Box<dyn Listener>>,
) -> Result<Ground> {
    let engine = Engine::new(Settings {
        conditions: meaning::conditions(words.strict, config),
        jinja2_extensions: config.list("DEFAULT_JINJA2_EXTENSIONS"),
        untrusted: meaning::untrusted(config),
    });
    let vault = Arc::new(passwords::open_vault(words.vault, config)?);
    let extra = Arc::new(extra::vars(words.extra_vars, &vault, &secrets)?);
    let house = |sink: Sink| {
        House::new(
            Arc::clone(&vault),
            Arc::clone(&engine),
            Arc::clone(&extra),
            config.to_map(),
            super::foreign::shared_python(words.folder, config),
            sink,
        )
    };
    let quiet = Arc::new(house(Arc::new(|_| ())));
    let sink = sink(make(&extra::Rendered(quiet))?, config);
    for warning in &config.warnings {
        sink(Event::Warning(warning.clone()));
    }
    tell_configuration(config, &sink);
    let mut house = house(Arc::clone(&sink));
    house.origins = config.origins();
    house.secrets = secrets;
    Ok(Ground {
        sink,
        house: Arc::new(house),
        extra,
    })
}

/// Says with `-v` which file holds, and what is set and has no effect.
pub fn tell_configuration(config: &Config, sink: &Sink) {
    let note = |text: String| sink(Event::Note { level: 1, text });
    match &config.file {
        Some(file) => note(format!("Using {} as config file", file.display())),
        None => note("No config file found; using defaults".to_owned()),
    }
    config.without_effect().into_iter().for_each(note);
}

/// The inventory of a command line and a configuration.
///
/// # Errors
/// A source cannot be read, and that is to be an error.
pub fn load_inventory(
    house: &Arc<House>,
    config: &Config,
    sources: &[String],
    cache: bool,
) -> Result<Loaded> {
    let reader = InventoryReader::new(house, cache);
    let mut options = meaning::inventory(config);
    options.extra_vars = Arc::clone(&house.extra);
    let mut loaded = inventory::load(sources, &reader, &options)?;
    for text in loaded.inventory.take_notes() {
        house.tell(Event::Note { level: 3, text });
    }
    for warning in std::mem::take(&mut loaded.warnings) {
        house.warn_once(warning);
    }
    Ok(loaded)
}

/// Where the hosts come from.
pub fn sources(options: &InventoryOptions, config: &Config) -> Vec<String> {
    match options.inventory.as_slice() {
        [] => config.list("DEFAULT_HOST_LIST"),
        named => named.to_vec(),
    }
}

/// Where the variables of the inventory come from.
///
/// # Errors
/// The configured precedence names no level.
pub fn layers(loaded: &Loaded, config: &Config, playbook: Option<&Path>) -> Result<Layers> {
    Ok(Layers {
        inventory: loaded.dirs.clone(),
        playbook: playbook.map(Path::to_owned).into_iter().collect(),
        order: meaning::precedence(config)?,
    })
}

/// Makes a run of what was typed; `listener` hears of everything.
///
/// # Errors
/// An option or the inventory is wrong.
pub fn ready(
    typed: &Typed<'_>,
    config: &Config,
    listener: Box<dyn Listener>,
    change: impl FnOnce(&mut Options),
) -> Result<Ready> {
    ready_heard(typed, config, |_| Ok(listener), change)
}

/// As [`ready`], for a listener that is made when the extra variables are known: some set how things
/// are shown.
///
/// # Errors
/// As [`ready`], or the listener cannot be made.
pub fn ready_heard(
    typed: &Typed<'_>,
    config: &Config,
    make: impl FnOnce(&dyn PluginNames) -> Result<Box<dyn Listener>>,
    change: impl FnOnce(&mut Options),
) -> Result<Ready> {
    let mut options = meaning::options(typed, config)?;
    options.access.asker = typed.connects.then(asker).flatten();
    change(&mut options);
    let make = |extra: &dyn PluginNames| -> Result<Box<dyn Listener>> {
        let listener = make(extra)?;
        Ok(match typed.run.show_secrets {
            true => listener,
            false => Box::new(Concealing::new(listener)),
        })
    };
    let words = Words {
        vault: typed.vault,
        extra_vars: &typed.run.extra_vars,
        strict: typed.run.strict,
        folder: &typed.folder,
    };
    let ground = ground_heard(config, &words, Arc::clone(&typed.secrets), make)?;
    let Ground { sink, house, extra } = ground;
    let sources = sources(typed.inventory, config);
    let cache = !typed.run.flush_cache;
    let loaded = load_inventory(&house, config, &sources, cache)?;
    let layers = layers(&loaded, config, Some(&typed.folder))?;
    doubts::inventory(&house, &loaded.inventory, &layers);
    let merge = meaning::merges(config);
    let info = run_info(typed, config, &options, &loaded);
    let surroundings = Arc::new(Surroundings::new(Arc::clone(&house), layers, merge));
    let world = Arc::clone(&surroundings) as Arc<dyn crate::vars::World>;
    let store = Arc::new(Store::new(info, extra, world, loaded.inventory));
    let passwords = [&options.access.password, &options.access.become_password];
    for password in passwords.into_iter().flatten() {
        house.hide(password);
    }
    let facts = FactCache::open(config, &store, typed.run.flush_cache)?;
    let again = (Arc::clone(&house), Arc::clone(&surroundings));
    let own = config.clone();
    let run = Run::new(Parts {
        catalogue: catalogue(typed, config, &house)?,
        paths: paths(&typed.folder, config),
        person: Arc::new(Terminal),
        refresh: Arc::new(move || {
            again.1.forget();
            load_inventory(&again.0, &own, &sources, false).map(|loaded| loaded.inventory)
        }),
        options,
        store,
        engine: Arc::clone(&house.engine),
        house,
        sink,
    });
    Ok(Ready {
        run: Arc::new(run),

        facts,
    })
}

/// Who is asked about host keys that are not known yet, where somebody is there.
fn asker() -> Option<Asker> {
    let ask = |question: &str| match Terminal.ask(question, true, None) {
        Ok(typed) => typed,
        Err(_) => {
            // Ctrl-C at the question is meant for the run.
            let own = rustix::process::getpid();
            let _ = rustix::process::kill_process(own, rustix::process::Signal::INT);
            None
        }
    };
    Terminal.is_there().then(|| Asker(Arc::new(ask)))
}

fn run_info(typed: &Typed<'_>, config: &Config, options: &Options, loaded: &Loaded) -> RunInfo {
    RunInfo {
        playbook_dir: typed.folder.clone(),
        check: options.check,
        plans: options.plan.as_ref().is_some_and(|plan| !plan.applies()),
        diff: options.diff,
        verbosity: options.verbosity,
        forks: options.forks,
        tags: options.tags.only.clone(),
        skip_tags: options.tags.skip.clone(),
        limit: (!options.limit.is_empty()).then(|| options.limit.join(",")),
        inventory_sources: loaded.sources.clone(),
        config_file: config.file.clone(),
        merge_hashes: meaning::merges(config),
        inject_facts: config.flag("INJECT_FACTS_AS_VARS"),
        connection: connection(options, config),
        version: crate::vars::version(REFERENCE),
    }
}

/// What is typed and configured of connections, by the variables' names.
fn connection(options: &Options, config: &Config) -> Map {
    let access = &options.access;
    let text = |text: &Option<String>| text.as_deref().map(Value::from);
    let password = access
        .password
        .as_ref()
        .map(|secret| Value::Str(Str::new(&*secret.expose_text()).secret()));
    let key = access
        .key
        .as_ref()
        .map(|path| path.to_string_lossy().as_ref().into());
    let shell = text(&access.shell).unwrap_or_else(|| "/bin/sh".into());
    let mut map = Map::new();
    for (name, value) in [
        (
            "ansible_connection",
            text(&access.connection).or(Some("ssh".into())),
        ),
        ("ansible_module_compression", Some("ZIP_DEFLATED".into())),
        ("ansible_password", password),
        (
            "ansible_pipelining",
            Some(config.flag("ANSIBLE_PIPELINING").into()),
        ),
        (
            "ansible_port",
            access.port.map(|port| Value::Int(i64::from(port))),
        ),
        ("ansible_private_key_file", key),
        ("ansible_shell_executable", Some(shell)),
        (
            "ansible_timeout",
            i64::try_from(access.timeout.as_secs()).ok().map(Value::Int),
        ),
        ("ansible_user", text(&access.user)),
    ] {
        if let Some(value) = value {
            map.set(name, value);
        }
    }
    map
}

/// Tells the listener one event at a time, and only what `no_log` lets through; warnings go to
/// standard error, those of deprecations where the settings want them.
pub fn sink(listener: Box<dyn Listener>, config: &Config) -> Sink {
    let deprecations = config.flag("DEPRECATION_WARNINGS");
    let listener = Mutex::new(listener);
    Arc::new(move |event: Event| {
        let Some(event) = gate(event) else {
            return;
        };
        let mut listener = listener.lock().unwrap_or_else(PoisonError::into_inner);
        if let Event::Warning(warning) = &event
            && (deprecations || warning.kind() != Kind::Deprecated)
        {
            terminal::print_warning(warning);
        }
        listener.on(&event);
    })
}

fn catalogue(typed: &Typed<'_>, config: &Config, house: &House) -> Result<Catalogue> {
    let mut libraries = vec![typed.folder.join("library")];
    for list in &typed.run.module_path {
        libraries.extend(list.split(':').map(PathBuf::from));
    }
    libraries.extend(config.paths("DEFAULT_MODULE_PATH"));
    let filters = config.path("PLUGIN_FILTERS_CFG");
    Ok(Catalogue {
        libraries,
        collections: collections(&typed.folder, config),
        python: Arc::clone(&house.python),
        rejected: executor::rejected_modules(house, filters.as_deref())?,
    })
}

fn paths(folder: &Path, config: &Config) -> Paths {
    Paths {
        roles: config.paths("DEFAULT_ROLES_PATH"),
        collections: collections(folder, config),
    }
}

pub(super) fn collections(folder: &Path, config: &Config) -> Vec<PathBuf> {
    let mut places = vec![folder.join("collections")];
    // The folder itself may be named, as the reference takes it.
    let root = |path: PathBuf| match (path.file_name(), path.parent()) {
        (Some(name), Some(above)) if name == "ansible_collections" => above.to_owned(),
        _ => path,
    };
    places.extend(config.paths("COLLECTIONS_PATHS").into_iter().map(root));
    places
}
