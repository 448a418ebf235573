//! Keywords as `ansible-doc -t keyword` has them.

use crate::cli::doc::own;
use crate::playbook::keyword::{self, Kind, Object};
use crate::value::{Map, Value};

/// Keywords that the reference has no page for.
const UNKNOWN: [&str; 6] = [
    "listen",
    "local_action",
    "role",
    "user",
    "validate_argspec",
    "import_playbook",
];

/// Every keyword with a page, and what it says of each.
pub fn all() -> Vec<(&'static str, &'static str)> {
    let known = keyword::KEYWORDS.iter().map(|keyword| keyword.name);
    let known = known.filter(|name| !UNKNOWN.contains(name));
    known.map(|name| (name, own::keyword_text(name))).collect()
}

/// The page of one.
pub fn page(name: &str) -> Option<Map> {
    let (name, text) = all().into_iter().find(|(known, _)| *known == name)?;
    let keyword = keyword::find(name)?;
    let objects = [
        (Object::Play, "Play"),
        (Object::Role, "Role"),
        (Object::Block, "Block"),
        (Object::Task, "Task"),
        (Object::Handler, "Handler"),
    ];
    let on = objects
        .into_iter()
        .filter(|(object, _)| keyword.stands_on(*object));
    let mut page = crate::entries! {
        "applies_to" => Value::strings(on.map(|(_, name)| name)),
        "description" => text,
        "priority" => priority(name),
        "template" => template(name),
    };
    if name == "async" {
        page.set("alias", "async");
    }
    if name != "register" {
        page.set("type", type_of(name, keyword.kind));
    }
    Some(page)
}

/// The reference's word for the type.
fn type_of(name: &str, kind: Kind) -> &'static str {
    match (name, kind) {
        ("loop_control", _) => "class",
        ("loop", _) => "list",
        (_, Kind::Bool) => "bool",
        (_, Kind::Dict) => "dict",
        (_, Kind::Float) => "float",
        (_, Kind::Int) => "int",
        (_, Kind::List) => "list",
        (_, Kind::Percent) => "percent",
        (_, Kind::Raw | Kind::Str) => "string",
    }
}

/// Whether the value is an expression, a text that may be a template, or none.
fn template(name: &str) -> &'static str {
    match name {
        "changed_when" | "failed_when" | "until" | "when" => "implicit",
        "collections" | "register" | "vars" => "static",
        _ => "explicit",
    }
}

/// In which order the reference reads it.
fn priority(name: &str) -> i64 {
    match name {
        "collections" | "vars" => 100,
        "vars_files" => 99,
        "roles" => 90,
        "handlers" | "post_tasks" | "pre_tasks" | "tasks" => -1,
        "hosts" => -2,
        _ => 0,
    }
}
