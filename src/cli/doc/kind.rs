//! The types of things to read about.

use clap::ValueEnum;

use crate::python::PluginKind;

/// What there is to read about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    Become,
    Cache,
    Callback,
    Cliconf,
    Connection,
    Filter,
    Httpapi,
    Inventory,
    Keyword,
    /// include_tasks, import_role, meta and the like.
    Language,
    Lookup,
    Module,
    Netconf,
    /// Roles, and the arguments that they say they take.
    Role,
    Shell,
    Strategy,
    Test,
    /// Variables that are there by themselves.
    Variable,
    Vars,
}

impl Kind {
    /// The kind as collections have it.
    pub fn plugin(self) -> Option<PluginKind> {
        Some(match self {
            Kind::Become => PluginKind::Become,
            Kind::Cache => PluginKind::Cache,
            Kind::Callback => PluginKind::Callback,
            Kind::Cliconf => PluginKind::Cliconf,
            Kind::Connection => PluginKind::Connection,
            Kind::Filter => PluginKind::Filter,
            Kind::Httpapi => PluginKind::Httpapi,
            Kind::Inventory => PluginKind::Inventory,
            Kind::Keyword | Kind::Language | Kind::Role | Kind::Variable => return None,
            Kind::Lookup => PluginKind::Lookup,
            Kind::Module => PluginKind::Module,
            Kind::Netconf => PluginKind::Netconf,
            Kind::Shell => PluginKind::Shell,
            Kind::Strategy => PluginKind::Strategy,
            Kind::Test => PluginKind::Test,
            Kind::Vars => PluginKind::Vars,
        })
    }

    /// The kinds of modules and plugins.
    pub fn plugins() -> impl Iterator<Item = Kind> {
        let all = Kind::value_variants().iter().copied();
        all.filter(|kind| kind.plugin().is_some())
    }

    /// The word behind `--type`.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Keyword => "keyword",
            Kind::Language => "language",
            Kind::Role => "role",
            Kind::Variable => "variable",
            other => other.plugin().map_or("", PluginKind::name),
        }
    }
}

/// The types that `ansible-doc` knows, in the order of its help.
pub const OF_REFERENCE: [&str; 17] = [
    "become",
    "cache",
    "callback",
    "cliconf",
    "connection",
    "httpapi",
    "inventory",
    "lookup",
    "netconf",
    "shell",
    "vars",
    "module",
    "strategy",
    "test",
    "filter",
    "role",
    "keyword",
];

/// Those of them whose plugins have settings (`ansible-config -t`).
pub const CONFIGURABLE: &[&str] = OF_REFERENCE.split_at(11).0;

/// Every type of which there are pages of our own or that collections often have, in the order in which a
/// name is looked for.
pub const EVERY: [Kind; 10] = [
    Kind::Module,
    Kind::Keyword,
    Kind::Language,
    Kind::Variable,
    Kind::Filter,
    Kind::Test,
    Kind::Lookup,
    Kind::Inventory,
    Kind::Callback,
    Kind::Vars,
];
