//! `play config`: the settings in force, as `ansible-config` shows them.

mod ini;
mod known;
mod plugins;
mod servers;
mod validate;

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::{setup, terminal};
use crate::config::{Config, Effect, Entry, Origin, SETTINGS, Setting};
use crate::error::{Error, Kind, Result, nearest};
use crate::value::{Map, Value, to_json_nice};
use crate::yaml;
use ini::Init;
use known::Known;
use plugins::{Which, is_of_plugin};
use validate::Validate;

/// What `play config` can do.
#[derive(Subcommand, Clone, Debug)]
pub enum Verb {
    /// Every setting with its value and where that comes from
    Dump(Dump),
    /// The value of one setting, and with -v where it comes from
    Get(Get),
    /// A configuration file with every setting at its default
    Init(Init),
    /// Every setting: type, default, how it is set, and what becomes of it
    List(List),
    /// The Python that runs modules and plugins of collections, and its ansible-core
    Python,
    /// Whether everything in the configuration file, or in the environment, is a setting
    Validate(Validate),
    /// The configuration file
    View(View),
}

/// Which configuration file.
#[derive(Args, Clone, Debug)]
struct File {
    /// This configuration file, and no other
    #[arg(short = 'c', long = "config", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Say which file that is
    #[arg(short = 'v', long = "verbose", action = clap::ArgAction::Count)]
    verbose: u8,
}

impl File {
    /// The settings; with -v it is said first where they come from.
    fn configuration(&self) -> Result<Config> {
        let config = self.read()?;
        if self.verbose > 0 {
            tell_file(&config)?;
        }
        Ok(config)
    }

    fn read(&self) -> Result<Config> {
        let Some(file) = &self.config else {
            return setup::configuration();
        };
        let path = std::path::absolute(crate::cli::galaxy::expanded(&file.to_string_lossy()))?;
        if std::fs::File::open(&path).is_err() {
            let text = format!(
                "The provided configuration file is missing or not accessible: {}",
                path.display()
            );
            return Err(Error::new(Kind::Options, text));
        }
        setup::configuration_of(Some(&path))
    }
}

/// Says which configuration file is read, as the reference says it before everything else.
fn tell_file(config: &Config) -> Result<()> {
    terminal::print(&match &config.file {
        Some(file) => format!("Using {} as config file\n", file.display()),
        None => "No config file found; using defaults\n".to_owned(),
    })
}

/// What `play config view` takes.
#[derive(Args, Clone, Debug)]
pub struct View {
    #[command(flatten)]
    file: File,
    /// A file is shown as it is, whatever is meant
    #[command(flatten)]
    _which: Which,
}

/// What `play config dump` takes.
#[derive(Args, Clone, Debug)]
pub struct Dump {
    /// Only what is not at its default
    #[arg(long, visible_alias = "changed-only")]
    only_changed: bool,
    /// How to print
    #[arg(short = 'f', long, value_enum, default_value = "display")]
    format: Format,
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    file: File,
}

/// What `play config list` takes.
#[derive(Args, Clone, Debug)]
pub struct List {
    /// How to print
    #[arg(short = 'f', long, value_enum, default_value = "yaml")]
    format: Format,
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    file: File,
}

/// What `play config get` takes.
#[derive(Args, Clone, Debug)]
pub struct Get {
    /// Its name (DEFAULT_FORKS), its key in ansible.cfg (forks) or its variable (ANSIBLE_FORKS)
    name: String,
    /// Say where the value comes from
    #[arg(short = 'v', long = "verbose")]
    verbose: bool,
}

/// How to print.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For people.
    Display,
    /// For programs.
    Json,
    /// For both.
    Yaml,
}

/// Prints what is asked for; gives the exit code.
///
/// # Errors
/// The configuration cannot be read.
pub fn run(verb: &Verb) -> Result<u8> {
    let text = match verb {
        Verb::Dump(dump) => dumped(dump, &dump.file.configuration()?)?,
        Verb::Get(get) => got(get, &setup::configuration()?)?,
        Verb::Init(init) => {
            init.file.configuration()?;
            init.text()?
        }
        Verb::List(list) => listed(list, &list.file.configuration()?)?,
        Verb::Python => python(&setup::configuration()?),
        Verb::Validate(validate) => return validate.run(),
        Verb::View(own) => view(&own.file.configuration()?)?,
    };
    terminal::print(&text)?;
    Ok(0)
}

/// The value of the setting that a name means.
fn got(get: &Get, config: &Config) -> Result<String> {
    let wanted = get.name.to_lowercase();
    let is_it = |setting: &Setting| {
        let keys = setting
            .keys
            .iter()
            .any(|(section, key)| *key == wanted || format!("{section}.{key}") == wanted);
        let variables = setting
            .environment
            .iter()
            .any(|name| name.to_lowercase() == wanted);
        setting.name.to_lowercase() == wanted || keys || variables
    };
    let found = config.entries().iter().find(|entry| is_it(entry.setting));
    let Some(Entry {
        setting,
        value,
        origin,
    }) = found
    else {
        let names = SETTINGS.iter().flat_map(|setting| {
            let keys = setting.keys.iter().map(|(_, key)| *key);
            std::iter::once(setting.name).chain(keys)
        });
        let error = Error::input(format!("there is no setting called `{}`", get.name));
        return Err(error
            .hint("`play config dump` shows every setting")
            .hint_if(nearest(&get.name, names)));
    };
    let value = match value {
        Value::Null => "None".to_owned(),
        Value::List(items) => items
            .iter()
            .map(Value::to_text)
            .collect::<Vec<_>>()
            .join("\n"),
        value => value.to_text(),
    };
    Ok(match get.verbose {
        true => format!(
            "{value}\n{} ({origin}; {})\n",
            setting.name,
            effect(setting)
        ),
        false => format!("{value}\n"),
    })
}

/// What files tell of the Python that would be used; none is started.
fn python(config: &Config) -> String {
    let python = crate::python::Python::new(crate::python::Settings {
        program: config.text("PLAY_PYTHON"),
        ..crate::python::Settings::default()
    });
    let Some(found) = python.interpreter() else {
        return "python = None (no python3 on PATH)\n".to_owned();
    };
    let version = match &found.version {
        Some(version) => version.as_str(),
        None => "None (run: python3 -m pip install ansible-core)",
    };
    format!(
        "python({}) = {}\nansible-core = {version}\n",
        found.source,
        found.program.display()
    )
}

fn view(config: &Config) -> Result<String> {
    let Some(file) = &config.file else {
        return Err(Error::new(
            Kind::Input,
            "Invalid or no config file was supplied",
        ));
    };
    let text = std::fs::read(file).map_err(|error| {
        Error::input(format!("failed to read `{}`", file.display())).because(error)
    })?;
    Ok(String::from_utf8_lossy(&text).trim_end().to_owned() + "\n")
}

/// Whether a setting is there only to be looked up.
fn is_hidden(setting: &Setting) -> bool {
    setting.name.starts_with("_Z_")
}

fn is_base(setting: &Setting) -> bool {
    !setting.name.contains('.')
}

fn dumped(dump: &Dump, config: &Config) -> Result<String> {
    let shows = |format| matches!(dump.format, Format::Display) == format;
    let mut text = Vec::new();
    let mut list = Vec::new();
    if dump.which.has_base("base") {
        let rows = base_rows(dump, config);
        text.extend(rows.iter().map(line));
        list.extend(rows.iter().map(row));
        add_servers(dump, config, &mut text, &mut list);
    }
    let is_one = !dump.which.has_base("base");
    for (kind, plugins) in dump.which.plugins("base")? {
        let plugins = plugins.iter().map(|plugin| {
            let rows = plugin.rows(config, dump.only_changed);
            (plugin.name.as_str(), rows)
        });
        let plugins: Vec<_> = plugins.filter(|(_, rows)| !rows.is_empty()).collect();
        if plugins.is_empty() {
            continue;
        }
        if !is_one {
            text.push(format!(
                "\n{}:\n{}",
                kind.to_uppercase(),
                "=".repeat(kind.len())
            ));
        }
        for (name, rows) in &plugins {
            text.push(format!("\n{name}:\n{}", "_".repeat(name.chars().count())));
            text.extend(rows.iter().map(line));
        }
        let plugins: Vec<Value> = plugins
            .iter()
            .map(|(name, rows)| {
                let rows = Value::list(rows.iter().map(row).collect());
                Value::from(crate::entries! { *name => rows })
            })
            .collect();
        match is_one {
            true => list.extend(plugins),
            false => {
                let name = format!("{}_PLUGINS", kind.to_uppercase());
                list.push(Value::from(
                    crate::entries! { name.as_str() => Value::list(plugins) },
                ));
            }
        }
    }
    if shows(true) {
        let text = text.join("\n");
        return Ok(match text.ends_with('\n') {
            true => text,
            false => text + "\n",
        });
    }
    printed(&Value::list(list), dump.format)
}

/// The settings that are no plugin's, and play's own with those of all plugins.
fn base_rows(dump: &Dump, config: &Config) -> Vec<Row> {
    let entries = config.entries().iter().filter(|entry| {
        let shown = !dump.only_changed || entry.origin != Origin::Default;
        let meant =
            is_base(entry.setting) || dump.which.has_all("base") && !is_of_plugin(entry.setting);
        shown && meant && !is_hidden(entry.setting)
    });
    let file = config.file.as_ref().map(|file| file.to_string_lossy());
    let mut rows = vec![(
        "CONFIG_FILE".to_owned(),
        String::new(),
        Value::str_or_null(file.as_deref()),
    )];
    rows.extend(entries.map(|entry| {
        let name = entry.setting.name.to_owned();
        (name, entry.origin.to_string(), entry.value.clone())
    }));
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    rows
}

/// The servers of Galaxy; what is only asked for where it changed is all there in what programs read.
fn add_servers(dump: &Dump, config: &Config, text: &mut Vec<String>, list: &mut Vec<Value>) {
    text.push("\nGALAXY_SERVERS:\n".to_owned());
    let mut all = Map::new();
    for (name, rows) in servers::of(config) {
        text.push(format!("\n{name}\n{}", "=".repeat(name.chars().count())));
        let changed = |(_, origin, _): &&Row| {
            !dump.only_changed || !matches!(origin.as_str(), "default" | "REQUIRED")
        };
        let mut shown: Vec<&Row> = rows.iter().filter(changed).collect();
        shown.sort_by(|a, b| a.0.cmp(&b.0));
        text.extend(shown.into_iter().map(line));
        let rows = rows.iter().map(|own| {
            let mut map = row(own)
                .as_map()
                .map(|map| (**map).clone())
                .unwrap_or_default();
            map.set("type", Value::Null);
            Value::map(map)
        });
        all.set(&name, Value::list(rows.collect()));
    }
    list.push(Value::from(
        crate::entries! { "GALAXY_SERVERS" => Value::map(all) },
    ));
}

/// A setting's name, where its value comes from, and the value.
type Row = (String, String, Value);

fn line((name, origin, value): &Row) -> String {
    let value = match value {
        Value::Null => "None".to_owned(),
        value => value.to_text(),
    };
    format!("{name}({origin}) = {value}")
}

fn row((name, origin, value): &Row) -> Value {
    Value::from(crate::entries! {
        "name" => name.as_str(),
        "origin" => origin.as_str(),
        "value" => value.clone(),
    })
}

fn listed(list: &List, config: &Config) -> Result<String> {
    let mut all = Map::new();
    if list.which.has_base("all") {
        for setting in SETTINGS.iter().filter(|setting| !is_hidden(setting)) {
            if is_base(setting) || list.which.has_all("all") && !is_of_plugin(setting) {
                all.set(setting.name, Known::of_setting(setting).page);
            }
        }
        all.set("GALAXY_SERVERS", Value::map(servers::described(config)));
    }
    let types = list.which.plugins("all")?;
    if !types.is_empty() {
        let mut of_types = Map::new();
        for (kind, plugins) in types {
            let mut of_type = Map::new();
            for plugin in plugins {
                let settings = plugin.settings.into_iter();
                let settings: Map = settings
                    .map(|known| (known.name.into(), known.page))
                    .collect();
                of_type.set(&plugin.name, Value::map(settings));
            }
            let name = match list.which.has_all("all") {
                true => kind.to_uppercase(),
                false => kind.to_owned(),
            };
            of_types.set(&name, Value::map(of_type));
        }
        all.set("PLUGINS", Value::map(of_types));
    }
    printed(&Value::map(all), list.format)
}

fn effect(setting: &Setting) -> String {
    match setting.effect {
        Effect::Honoured => "honoured".to_owned(),
        Effect::Idle(why) => format!("none: {why}"),
        Effect::Refused(why) => format!("refused: {why}"),
    }
}

fn printed(value: &Value, format: Format) -> Result<String> {
    match format {
        Format::Json => Ok(to_json_nice(value, 4, true) + "\n"),
        Format::Display | Format::Yaml => {
            let options = yaml::DumpOptions {
                default_flow_style: Some(false),
                ..yaml::DumpOptions::default()
            };
            yaml::dump(value, &options)
        }
    }
}
