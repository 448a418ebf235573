//! The kinds of source by the names that `enable_plugins` has for them.

use std::sync::Arc;

use super::Inventory;
use super::Kind;
use super::load::Candidate;
use super::load::Outside;
use super::load::is_vagrant;
use super::reader::Foreign;
use super::source::foreign;
use super::source::host_list;
use super::source::ini;
use super::source::plugin;
use super::source::script;
use super::source::structured;
use super::source::toml;
use super::source::vagrant;
use crate::error::Error;
use crate::error::Result;
use crate::error::Source;
use crate::value::Value;
use crate::yaml;

/// A kind of source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plugin {
    /// A YAML file that names the plugin it configures.
    Auto,
    /// A file that configures `constructed`.
    Constructed,
    /// A file that configures `generator`.
    Generator,
    /// `host1,host2,`; `web[1:3]` is one host.
    HostList,
    /// `host1,web[1:3],`, with ranges.
    AdvancedHostList,
    /// An INI file.
    Ini,
    /// What a plugin that is not built in reads: those of [`super::Options::others`], in turn.
    Other,
    /// A program.
    Script,
    /// A TOML file.
    Toml,
    /// The directory of a Vagrant project.
    Vagrant,
    /// A YAML or JSON file.
    Yaml,
}

impl Plugin {
    /// What is tried unless the configuration says otherwise, in this order.
    pub const ENABLED: [Plugin; 7] = [
        Plugin::Vagrant,
        Plugin::HostList,
        Plugin::Script,
        Plugin::Auto,
        Plugin::Yaml,
        Plugin::Ini,
        Plugin::Toml,
    ];

    /// The kind of that name, with or without `ansible.builtin.`.
    pub fn from_name(name: &str) -> Option<Plugin> {
        Some(match super::source::plugin::short(name) {
            "advanced_host_list" => Plugin::AdvancedHostList,
            "host_list" => Plugin::HostList,
            "auto" => Plugin::Auto,
            "constructed" => Plugin::Constructed,
            "generator" => Plugin::Generator,
            "ini" => Plugin::Ini,
            "script" => Plugin::Script,
            "toml" => Plugin::Toml,
            "vagrant" => Plugin::Vagrant,
            "yaml" => Plugin::Yaml,
            _ => return None,
        })
    }

    /// The kinds that a configuration's `enable_plugins` names, and the names that are none. A
    /// Vagrant project, which the reference does not know, is always one.
    pub fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> (Vec<Plugin>, Vec<&'a str>) {
        let mut kinds = vec![Plugin::Vagrant];
        let mut unknown = Vec::new();
        for name in names {
            match Plugin::from_name(name) {
                Some(kind) if kinds.contains(&kind) => {}
                Some(kind) => kinds.push(kind),
                None => {
                    unknown.push(name);
                    if !kinds.contains(&Plugin::Other) {
                        kinds.push(Plugin::Other);
                    }
                }
            }
        }
        (kinds, unknown)
    }

    /// Says whether a source may be of this kind, by its name alone.
    pub(super) fn wants(self, source: &Candidate<'_>) -> bool {
        let extension = source.extension();
        match self {
            Plugin::Auto => source.is_file() && matches!(&*extension, "yml" | "yaml"),
            Plugin::Constructed | Plugin::Generator => {
                let fits = matches!(&*extension, "" | "config" | "yml" | "yaml" | "json");
                source.is_file() && fits
            }
            Plugin::HostList | Plugin::AdvancedHostList => source.is_list(),
            Plugin::Ini => source.is_file() && extension != "toml",
            Plugin::Other => source.kind != Kind::Directory,
            Plugin::Script => source.kind == Kind::Program,
            Plugin::Toml => source.is_file() && extension == "toml",
            Plugin::Vagrant => source.kind == Kind::Directory,
            Plugin::Yaml => source.is_file() && matches!(&*extension, "" | "yml" | "yaml" | "json"),
        }
    }
}

/// Reads a source as one of a kind. The inner result is why it is none of that kind, and else the
/// warnings that came of it.
///
/// # Errors
/// The source needs a plugin that is not built: no other kind can read it then.
pub(super) fn attempt(
    plugin: Plugin,
    inventory: &mut Inventory,
    source: &Candidate<'_>,
    outside: &Outside<'_>,
) -> Result<Result<Vec<Error>>> {
    let done = match plugin {
        Plugin::Auto => return auto(inventory, source, outside),
        Plugin::Other => return other(inventory, source, outside),
        Plugin::Constructed | Plugin::Generator => configured(plugin, inventory, source, outside),
        Plugin::HostList | Plugin::AdvancedHostList => {
            let ranges = plugin == Plugin::AdvancedHostList;
            host_list::read(inventory, &source.path.to_string_lossy(), ranges)
        }
        Plugin::Ini => source.text().and_then(|text| ini::read(inventory, &text)),
        Plugin::Script => script::read(inventory, outside.reader, source.path),
        Plugin::Toml => read_toml(inventory, source),
        Plugin::Vagrant => read_vagrant(inventory, source, outside),
        Plugin::Yaml => return Ok(read_yaml(inventory, source)),
    };
    Ok(done.map(|()| Vec::new()))
}

fn auto(
    inventory: &mut Inventory,
    source: &Candidate<'_>,
    outside: &Outside<'_>,
) -> Result<Result<Vec<Error>>> {
    let root = match source.root() {
        Ok(root) => root,
        Err(error) => return Ok(Err(error)),
    };
    let (Some(name), Some(config)) = (plugin::name(&root), root.as_map()) else {
        return Ok(Err(Error::input("it names no plugin")));
    };
    if !plugin::is_known(&name.to_text()) {
        return foreign_file(inventory, name, source, outside);
    }
    Ok(plugin::run(inventory, config, outside).map(|()| Vec::new()))
}

/// A file that configures a plugin that is not built in.
fn foreign_file(
    inventory: &mut Inventory,
    name: &Value,
    source: &Candidate<'_>,
    outside: &Outside<'_>,
) -> Result<Result<Vec<Error>>> {
    let text = name.to_text();
    if plugin::needs_no_file(&text) {
        return Err(plugin::unsupported(name));
    }
    let said = outside
        .reader
        .plugin(&text, source.path, &foreign::so_far(inventory));
    let said = said.map_err(|error| error.at(name.place().cloned()))?;
    Ok(match said {
        Ok(Foreign::Missing) => return Err(plugin::unsupported(name)),
        Ok(Foreign::Declined) => Err(foreign::declined(source.path, &text)),
        Ok(Foreign::Read(said)) => foreign::read(inventory, &said).map(|()| Vec::new()),
        Err(error) => Err(error),
    })
}

/// The plugins that `enable_plugins` names and that are not built in.
fn other(
    inventory: &mut Inventory,
    source: &Candidate<'_>,
    outside: &Outside<'_>,
) -> Result<Result<Vec<Error>>> {
    let mut failed = Error::input("no plugin that `enable_plugins` names takes it");
    for (name, missing) in &outside.options.others {
        let so_far = foreign::so_far(inventory);
        match outside.reader.plugin(name, source.path, &so_far)? {
            Ok(Foreign::Missing) => inventory.warn(missing.clone()),
            Ok(Foreign::Declined) => {}
            Ok(Foreign::Read(said)) => {
                return Ok(foreign::read(inventory, &said).map(|()| Vec::new()));
            }
            Err(error) => failed = error,
        }
    }
    Ok(Err(failed))
}

fn configured(
    wanted: Plugin,
    inventory: &mut Inventory,
    source: &Candidate<'_>,
    outside: &Outside<'_>,
) -> Result<()> {
    let root = source.root()?;
    let named = plugin::name(&root).map(|name| Plugin::from_name(&name.to_text()));
    match root.as_map() {
        Some(config) if named == Some(Some(wanted)) => plugin::run(inventory, config, outside),
        _ => Err(Error::input("it does not name this plugin")),
    }
}

/// Reads one text as an inventory of a kind that needs nothing but text: INI, YAML or TOML.
///
/// # Errors
/// The text is no such inventory, or the kind needs more than text.
pub fn read_text(plugin: Plugin, source: &Arc<Source>) -> Result<Inventory> {
    let mut inventory = Inventory::default();
    match plugin {
        Plugin::Ini => ini::read(&mut inventory, source)?,
        Plugin::Toml => {
            let root = toml::read(source)?;
            structured::read(&mut inventory, source, &root, structured::Format::Toml)?;
        }
        Plugin::Yaml => {
            let document = yaml::load(source, &yaml::Options::default())?;
            let root = document.root.value();
            structured::read(&mut inventory, source, root, structured::Format::Yaml)?;
        }
        other => {
            let text = format!("an inventory of the kind {other:?} is more than one text");
            return Err(Error::bug(text));
        }
    }
    inventory.reconcile();
    Ok(inventory)
}

fn read_yaml(inventory: &mut Inventory, source: &Candidate<'_>) -> Result<Vec<Error>> {
    let document = source.document()?;
    let root = document.root.value();
    structured::read(inventory, &source.text()?, root, structured::Format::Yaml)?;
    Ok(document.warnings)
}

fn read_toml(inventory: &mut Inventory, source: &Candidate<'_>) -> Result<()> {
    let text = source.text()?;
    let root = toml::read(&text)?;
    structured::read(inventory, &text, &root, structured::Format::Toml)
}

fn read_vagrant(
    inventory: &mut Inventory,
    source: &Candidate<'_>,
    outside: &Outside<'_>,
) -> Result<()> {
    if !is_vagrant(source.path, outside.reader) {
        return Err(Error::input("the directory has no Vagrantfile"));
    }
    let text = outside.reader.vagrant(source.path)?;
    vagrant::read(inventory, &text)
}
