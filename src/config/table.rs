//! The table of settings: the reference's names, and what becomes of each here.

use std::sync::LazyLock;

/// One setting.
#[derive(Debug)]
pub struct Setting {
    /// The reference's name; those of plugins have the plugin's name and a dot before it.
    pub name: &'static str,
    /// What its value is.
    pub kind: Kind,
    /// The value where nobody says anything, as it would be written.
    pub default: Option<&'static str>,
    /// The sections and keys of `ansible.cfg`.
    pub keys: Vec<(&'static str, &'static str)>,
    /// The variables of the environment, the strongest first.
    pub environment: Vec<&'static str>,
    /// The values it may have; empty means any.
    pub choices: Vec<&'static str>,
    /// What becomes of it.
    pub effect: Effect,
    /// The variables that set it too, the strongest last.
    pub variables: Vec<&'static str>,
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A truth value.
    Boolean,
    /// A number.
    Float,
    /// A whole number.
    Integer,
    /// Texts, separated by commas.
    List,
    /// A path, relative to the file that names it.
    Path,
    /// Paths, separated by commas.
    PathList,
    /// Paths, separated by colons.
    PathSpec,
    /// A text.
    String,
}

/// What becomes of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It does what it does in the reference.
    Honoured,
    /// It does nothing here, and why. `-v` names it where it is set.
    Idle(&'static str),
    /// It cannot be had and must not be passed over, and why: setting it is an error.
    Refused(&'static str),
}

/// All settings, in the order of their names; those of plugins follow.
pub static SETTINGS: LazyLock<Vec<Setting>> =
    LazyLock::new(|| TEXT.lines().filter_map(row).collect());

const TEXT: &str = include_str!("settings.txt");

/// The setting of that name.
pub fn setting(name: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.name == name)
}

impl Kind {
    /// The type's name in the reference.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Boolean => "boolean",
            Kind::Float => "float",
            Kind::Integer => "integer",
            Kind::List => "list",
            Kind::Path => "path",
            Kind::PathList => "pathlist",
            Kind::PathSpec => "pathspec",
            Kind::String => "string",
        }
    }

    fn from_name(name: &str) -> Option<Kind> {
        const ALL: [Kind; 8] = [
            Kind::Boolean,
            Kind::Float,
            Kind::Integer,
            Kind::List,
            Kind::Path,
            Kind::PathList,
            Kind::PathSpec,
            Kind::String,
        ];
        ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// One line of the table; a test makes sure that every line is one.
fn row(line: &'static str) -> Option<Setting> {
    let mut cells = line.split(" | ").map(str::trim);
    let mut cell = || cells.next();
    let name = cell().filter(|name| !name.starts_with('#'))?;
    let kind = Kind::from_name(cell()?)?;
    let default = Some(cell()?).filter(|text| *text != "-");
    let keys = words(cell()?)
        .iter()
        .filter_map(|word| word.split_once('.'))
        .collect();
    Some(Setting {
        name,
        kind,
        default,
        keys,
        environment: words(cell()?),
        choices: words(cell()?),
        effect: effect(cell()?)?,
        variables: cell().map(words).unwrap_or_default(),
    })
}

fn words(cell: &'static str) -> Vec<&'static str> {
    let words = cell.split(',').map(str::trim);
    words
        .filter(|word| !word.is_empty() && *word != "-")
        .collect()
}

fn effect(cell: &'static str) -> Option<Effect> {
    if let Some(why) = cell.strip_prefix("idle: ") {
        return Some(Effect::Idle(why));
    }
    if let Some(why) = cell.strip_prefix("refused: ") {
        return Some(Effect::Refused(why));
    }
    (cell == "honoured").then_some(Effect::Honoured)
}
