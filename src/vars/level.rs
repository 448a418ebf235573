//! The layers of precedence, by name.

use crate::value::Value;

/// A layer of variables, from the weakest to the strongest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// A role's `defaults`.
    RoleDefaults,
    /// Groups and hosts of the inventory, `group_vars` and `host_vars`, by name of the layer.
    Inventory(&'static str),
    /// Facts of the host.
    Facts,
    /// A play's `vars`.
    PlayVars,
    /// Answers to `vars_prompt`.
    PlayPrompts,
    /// `vars_files`.
    PlayFiles,
    /// A role's `vars`.
    RoleVars,
    /// A block's `vars`.
    BlockVars,
    /// A task's `vars`.
    TaskVars,
    /// `include_vars`.
    IncludeVars,
    /// `set_fact` and `register`.
    SetFacts,
    /// Parameters of a role in `roles:`.
    RoleParams,
    /// `vars` of an include or import.
    IncludeParams,
    /// `-e`.
    Extra,
    /// The names that Ansible itself gives a meaning.
    Magic,
    /// The loop variable and its kin.
    Loop,
}

impl Level {
    /// The layer's name for the user.
    pub fn name(self) -> &'static str {
        match self {
            Level::RoleDefaults => "role defaults",
            Level::Inventory(name) => name,
            Level::Facts => "facts",
            Level::PlayVars => "play vars",
            Level::PlayPrompts => "play vars_prompt",
            Level::PlayFiles => "play vars_files",
            Level::RoleVars => "role vars",
            Level::BlockVars => "block vars",
            Level::TaskVars => "task vars",
            Level::IncludeVars => "include_vars",
            Level::SetFacts => "set_fact and register",
            Level::RoleParams => "role parameters",
            Level::IncludeParams => "include parameters",
            Level::Extra => "extra vars (-e)",
            Level::Magic => "magic variables",
            Level::Loop => "loop variables",
        }
    }
}

/// One definition of a name.
#[derive(Clone, Debug)]
pub struct Definition {
    /// Its layer.
    pub level: Level,
    /// The key, which knows its place.
    pub key: Value,
    /// The raw value.
    pub value: Value,
}
