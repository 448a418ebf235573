//! What a task does: the action's name and its arguments, in whichever form they are written.

use super::split;
use crate::error::{Error, Place, Result, nearest};
use crate::value::{Map, Str, Value};
use crate::yaml::Node;

/// A task's action.
#[derive(Clone, Debug)]
pub struct Action {
    /// The name as written: `copy`, `ansible.builtin.copy`; after `action:` also a template.
    pub name: String,
    /// The arguments; the free text stands under `_raw_params`.
    pub args: Map,
    /// A template that gives all the arguments: `module: "{{ dictionary }}"`.
    pub variable: Option<Str>,
    /// Where the name stands.
    pub place: Place,
}

/// How the text after an action's name is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// All `key=value` pairs are arguments; other text is an error.
    Pairs,
    /// `key=value` pairs, and other text as `_raw_params`.
    PairsOrText,
    /// Only the keys of `command` are arguments; the rest is the text.
    Command,
    /// All of it is the text.
    Text,
}

/// The key of the free text.
pub const FREE_TEXT: &str = "_raw_params";

/// The name without `ansible.builtin.` or `ansible.legacy.` before it.
pub fn short_name(name: &str) -> &str {
    name.strip_prefix("ansible.builtin.")
        .or_else(|| name.strip_prefix("ansible.legacy."))
        .unwrap_or(name)
}

/// How the text after the action `name` is read (`FREEFORM_ACTIONS` and `RAW_PARAM_MODULES` of the
/// reference's `parsing/mod_args.py`).
pub fn form_of(name: &str) -> Form {
    match short_name(name) {
        // Which module it will be is not known, so any text may be right.
        template if template.contains("{{") => Form::PairsOrText,
        "command" | "shell" | "script" => Form::Command,
        "raw" => Form::Text,
        "add_host" | "async_wrapper" | "group_by" | "import_playbook" | "import_role"
        | "import_tasks" | "include" | "include_role" | "include_tasks" | "include_vars"
        | "meta" | "set_fact" | "win_command" | "win_shell" | "expect" => Form::PairsOrText,
        _ => Form::Pairs,
    }
}

impl Action {
    /// Reads `name: value`, with `args:` beside it.
    ///
    /// # Errors
    /// The value is neither text nor a mapping, or the text has words that are no arguments.
    pub fn read(name: &str, place: &Place, value: &Node, more: Option<&Node>) -> Result<Self> {
        let mut action = Action {
            name: name.to_owned(),
            args: Map::new(),
            variable: None,
            place: place.clone(),
        };
        if let Some(more) = more {
            action.add_args_keyword(more)?;
        }
        match value.value() {
            Value::Null => (),
            Value::Map(map) => action.args.extend_from(map),
            Value::Str(text) => action.add_text(text, value)?,
            other @ (Value::Int(_) | Value::Float(_) | Value::Bool(_))
                if form_of(name) != Form::Pairs =>
            {
                action.args.set(FREE_TEXT, other.clone());
            }
            _ => {
                return Err(Error::syntax(format!(
                    "`{name}` wants a mapping of arguments, got {}",
                    value.kind_name()
                ))
                .at(value.place().clone()));
            }
        }
        Ok(action)
    }

    /// Reads the action of `action:` and `local_action:`: text, or a mapping with `module:`.
    ///
    /// # Errors
    /// There is no module name in it.
    pub fn read_indirect(keyword: &str, value: &Node, more: Option<&Node>) -> Result<Self> {
        let missing = || {
            Error::syntax(format!("`{keyword}` names no module"))
                .at(value.place().clone())
                .hint("write `action: module key=value`, or a mapping with `module:`")
        };
        if let Value::Str(text) = value.value() {
            let (name, rest) = first_word(text).ok_or_else(missing)?;
            let mut action = Action {
                name,
                args: Map::new(),
                variable: None,
                place: value.place().clone(),
            };
            if let Some(more) = more {
                action.add_args_keyword(more)?;
            }
            action.add_text(&text.with_text(rest), value)?;
            return Ok(action);
        }
        let module = value
            .get("module")
            .and_then(Node::as_str)
            .ok_or_else(missing)?;
        let (name, rest) = first_word(module).ok_or_else(missing)?;
        let mut args = value
            .value()
            .as_map()
            .map(|map| (**map).clone())
            .unwrap_or_default();
        args.remove("module");
        let mut action = Action {
            name,
            args,
            variable: None,
            place: value.place().clone(),
        };
        if !rest.is_empty() {
            action.add_text(&Str::template(rest, Some(value.place().clone())), value)?;
        }
        if let Some(more) = more {
            action.add_args_keyword(more)?;
        }
        Ok(action)
    }

    /// The name without `ansible.builtin.` before it.
    pub fn short_name(&self) -> &str {
        short_name(&self.name)
    }

    /// The template that gives the name, where it is one (`action: "{{ module }}"`).
    pub fn name_template(&self) -> Option<Value> {
        let is_template = self.name.contains("{{");
        is_template.then(|| Str::template(self.name.as_str(), Some(self.place.clone())).into())
    }

    /// The free text.
    pub fn free_text(&self) -> Option<&Value> {
        self.args.get(FREE_TEXT)
    }

    fn add_args_keyword(&mut self, node: &Node) -> Result<()> {
        match node.value() {
            Value::Map(map) => {
                for (key, value) in &**map {
                    if !self.args.contains_value(key) {
                        self.args.insert(key.clone(), value.clone());
                    }
                }
                Ok(())
            }
            Value::Str(text) if text.is_template() => {
                self.variable = Some(text.clone());
                Ok(())
            }
            Value::Null => Ok(()),
            _ => Err(Error::syntax(format!(
                "`args` wants a mapping of arguments, got {}",
                node.kind_name()
            ))
            .at(node.place().clone())),
        }
    }

    fn add_text(&mut self, text: &Str, node: &Node) -> Result<()> {
        if is_whole_template(text) && form_of(&self.name) == Form::Pairs {
            self.variable = Some(text.clone());
            return Ok(());
        }
        let form = form_of(&self.name);
        if form == Form::Text {
            self.args
                .set(FREE_TEXT, Value::Str(text.with_text(text.trim())));
            return Ok(());
        }
        let line = split::parse(text, form == Form::Command)
            .map_err(|error| error.at(node.place().clone()))?;
        for (key, value) in &line.pairs {
            self.args.insert(key.clone(), value.clone());
        }
        match line.free {
            Some(free) if form == Form::Pairs => Err(self.stray_words(&free, node)),
            Some(free) => {
                self.args
                    .set(FREE_TEXT, Value::Str(text.with_text(free.trim())));
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn stray_words(&self, free: &str, node: &Node) -> Error {
        let first = free.split_whitespace().next().unwrap_or(free);
        Error::syntax(format!(
            "`{}` takes `key=value` arguments, and `{first}` is none",
            self.name
        ))
        .at(node.place().clone())
        .hint_if(nearest(&self.name, ["command", "shell", "raw", "script"]))
    }
}

/// Says whether the text is one `{{ }}` and nothing else.
pub fn is_whole_template(text: &str) -> bool {
    let text = text.trim();
    text.starts_with("{{") && text.ends_with("}}") && text.matches("{{").count() == 1
}

/// The module's name, which may be a template with spaces in it, and the rest.
fn first_word(text: &str) -> Option<(String, String)> {
    let text = text.trim();
    let inside = match text.starts_with("{{") {
        true => text.find("}}").unwrap_or(0),
        false => 0,
    };
    let end = text[inside..]
        .find(char::is_whitespace)
        .map_or(text.len(), |end| inside + end);
    let name = &text[..end];
    (!name.is_empty()).then(|| (name.to_owned(), text[end..].trim().to_owned()))
}
