//! One task or handler, as data with places.

use std::sync::Arc;

use super::action::Action;
use super::keyword::{self, Object};
use super::keywords::{self, Keywords};
use super::names::is_variable_name;
use crate::error::{Error, Place, Result, nearest};
use crate::value::{Map, Value};
use crate::yaml::Node;

/// A task: an action, what it loops over, and its keywords.
#[derive(Clone, Debug)]
pub struct Task {
    /// The name as written, templates in it not yet rendered.
    pub name: Option<Value>,
    /// What it does.
    pub action: Action,
    /// `loop`, `with_items`, …
    pub repeat: Option<Repeat>,
    /// `when`, `register`, `become`, …
    pub keywords: Keywords,
    /// `vars`.
    pub vars: Arc<Map>,
    /// Whether it is a handler.
    pub handler: bool,
    /// Where it stands.
    pub place: Place,
}

/// What a task loops over.
#[derive(Clone, Debug)]
pub struct Repeat {
    /// The lookup of `with_LOOKUP`; nothing for `loop`.
    pub lookup: Option<String>,
    /// What is looped over, or the lookup's terms.
    pub value: Value,
    /// Where it stands.
    pub place: Place,
}

impl Task {
    /// Reads a task or a handler.
    ///
    /// # Errors
    /// It is no mapping, names no action or two, or has a word that is no keyword.
    pub fn read(node: &Node, handler: bool) -> Result<Task> {
        let entries = node.entries().ok_or_else(|| not_a_task(node))?;
        let object = if handler {
            Object::Handler
        } else {
            Object::Task
        };
        let mut keywords = Keywords::default();
        let mut repeat = None;
        let mut actions = Vec::new();
        for (key, value) in entries {
            let name = key.value().to_text();
            match name.as_str() {
                "action" | "local_action" => actions.push((key, value)),
                // On a play these are keywords; on a task, modules.
                "gather_facts" | "user" => actions.push((key, value)),
                "args" | "name" | "vars" => check_shape(&name, value)?,
                "loop" => set_repeat(&mut repeat, None, key, value)?,
                with if with.starts_with("with_") => {
                    set_repeat(
                        &mut repeat,
                        Some(with["with_".len()..].to_owned()),
                        key,
                        value,
                    )?;
                }
                known if is_keyword(known) => keywords.add(object, key, value)?,
                _ => actions.push((key, value)),
            }
        }
        let action = read_action(node, &actions, object)?;
        if handler && matches!(action.short_name(), "include_role" | "import_role") {
            return Err(
                Error::syntax(format!("`{}` cannot be a handler", action.name))
                    .at(action.place.clone())
                    .hint("include a file of tasks that uses the role"),
            );
        }
        if actions
            .first()
            .is_some_and(|(key, _)| key.as_str() == Some("local_action"))
        {
            delegate_to_localhost(&mut keywords, &action.place);
        }
        let vars = read_vars(node, class_of(&action, handler))?;
        Ok(Task {
            name: name_of(node),
            action,
            repeat,
            keywords,
            vars,
            handler,
            place: node.place().clone(),
        })
    }

    /// The keyword's value.
    pub fn keyword(&self, name: &str) -> Option<&Value> {
        self.keywords.value(name)
    }

    /// The names under which `register` keeps the result.
    pub fn register(&self) -> Option<&Value> {
        self.keyword("register")
    }
}

/// The name; one that is left empty is none.
fn name_of(node: &Node) -> Option<Value> {
    let name = node.get("name")?.value();
    (!name.is_null()).then(|| name.clone())
}

/// Says whether a task's word is one of the language: a play's own are, so that they are refused
/// by name. `user` is a play's old word for `remote_user`, and on a task the module.
fn is_keyword(name: &str) -> bool {
    name != "user" && keyword::find(name).is_some()
}

fn not_a_task(node: &Node) -> Error {
    Error::syntax(format!("a task is a mapping, got {}", node.kind_name()))
        .at(node.place().clone())
        .hint("write `- name: …` and the module below it, as `module:` with its arguments")
}

fn check_shape(name: &str, value: &Node) -> Result<()> {
    let container = value.items().is_some() || value.entries().is_some();
    if name == "name" && container {
        return Err(
            Error::syntax(format!("`name` wants a string, got {}", value.kind_name()))
                .at(value.place().clone()),
        );
    }
    Ok(())
}

fn set_repeat(
    repeat: &mut Option<Repeat>,
    lookup: Option<String>,
    key: &Node,
    value: &Node,
) -> Result<()> {
    if repeat.is_some() {
        return Err(
            Error::syntax("a task can loop over one thing only: it has two loops")
                .at(key.place().clone()),
        );
    }
    match (&lookup, value.value().is_null()) {
        // `loop:` with nothing behind it is no loop.
        (None, true) => return Ok(()),
        (Some(name), true) => {
            return Err(Error::syntax(format!("`with_{name}` wants a value"))
                .at(key.place().clone())
                .hint("an empty list is `[]`"));
        }
        _ => (),
    }
    *repeat = Some(Repeat {
        lookup,
        value: value.value().clone(),
        place: value.place().clone(),
    });
    Ok(())
}

fn read_action(node: &Node, actions: &[(&Node, &Node)], object: Object) -> Result<Action> {
    let args = node.get("args");
    match actions {
        [] => Err(no_action(node, object)),
        [(key, value)] => match key.as_str() {
            Some(word @ ("action" | "local_action")) => Action::read_indirect(word, value, args),
            _ => Action::read(&key.value().to_text(), key.place(), value, args),
        },
        [first, second, ..] => Err(two_actions(first.0, second.0, object)),
    }
}

fn no_action(node: &Node, object: Object) -> Error {
    Error::syntax(format!(
        "the {} names no module",
        object.name().to_lowercase()
    ))
    .at(node.place().clone())
    .hint("one key of a task is the module's name, such as `ansible.builtin.copy:`")
}

/// Two keys that are no keywords: one of them is a misspelt keyword more often than a module.
fn two_actions(first: &Node, second: &Node, object: Object) -> Error {
    let (a, b) = (first.value().to_text(), second.value().to_text());
    for (name, key) in [(&a, first), (&b, second)] {
        if let Some(hint) = nearest(name, keyword::names_on(object)) {
            return keywords::unknown(object, name, key).hint(hint);
        }
    }
    Error::syntax(format!("conflicting action statements: {a}, {b}"))
        .at(second.place().clone())
        .hint("a task has one module; indent what belongs to it")
}

fn delegate_to_localhost(keywords: &mut Keywords, place: &Place) {
    if let Some(keyword) = keyword::find("delegate_to") {
        keywords.set(keyword, Value::str("localhost"), place.clone());
    }
}

/// The `vars` of a play, block, role or task, which is `class` in the reference's words: a mapping.
///
/// # Errors
/// It is none, or a name in it is no name for a variable.
pub fn read_vars(node: &Node, class: &str) -> Result<Arc<Map>> {
    let Some(vars) = node.get("vars") else {
        return Ok(Arc::default());
    };
    match vars.value() {
        Value::Null => Ok(Arc::default()),
        Value::Map(map) => check_names(map).map(|()| Arc::clone(map)),
        _ => Err(Error::syntax(format!(
            "Vars in a {class} must be specified as a dictionary, got {}",
            vars.kind_name()
        ))
        .at(vars.place().clone())
        .hint_if(
            matches!(vars.value(), Value::List(_))
                .then(|| "leave out the `-` before the names: `vars:` is one mapping".to_owned()),
        )),
    }
}

/// The reference's name for what a task is, for messages.
fn class_of(action: &Action, handler: bool) -> &'static str {
    match (action.short_name(), handler) {
        ("include_tasks" | "import_tasks", false) => "TaskInclude",
        ("include_tasks" | "import_tasks", true) => "HandlerTaskInclude",
        ("include_role" | "import_role", _) => "IncludeRole",
        (_, false) => "Task",
        (_, true) => "Handler",
    }
}

fn check_names(vars: &Map) -> Result<()> {
    for key in vars.keys() {
        if !key.as_str().is_some_and(is_variable_name) {
            let of_type = match key {
                Value::Str(_) => String::new(),
                other => format!(" of type '{}'", other.type_name()),
            };
            return Err(Error::input(format!(
                "Invalid variable name '{}'{of_type}",
                key.to_text()
            ))
            .at(key.place().cloned())
            .hint("a name has letters, digits and underscores, and does not begin with a digit"));
        }
    }
    Ok(())
}
