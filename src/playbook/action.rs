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
    /// What is wrong with words that are no arguments; the task fails with it.
    pub stray: Option<Error>,
    /// Where the name stands.
    pub place: Place,
}

impl Action {
    /// Says whether a template stands in an argument.
    pub fn has_templates(&self) -> bool {
        self.args.iter().any(|(_, value)| value.has_templates())
    }
}

/// How the text after an action's name is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// All `key=value` pairs are arguments; other text is an error.
    Pairs,
    /// `key=value` pairs, and other text as `_raw_params`.
    PairsOrText,
    /// Only the keys of `command` are arguments; the rest is the text, with its blanks.
    Command,
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
        "command" | "shell" | "script" | "raw" | "win_command" | "win_shell" => Form::Command,
        "add_host" | "async_wrapper" | "group_by" | "import_playbook" | "import_role"
        | "import_tasks" | "include" | "include_role" | "include_tasks" | "include_vars"
        | "meta" | "set_fact" | "expect" => Form::PairsOrText,
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
            stray: None,
            place: place.clone(),
        };
        if let Some(more) = more {
            action.add_args_keyword(more)?;
        }
        match value.value() {
            Value::Null => (),
            Value::Map(map) => action.args.extend_from(map),
            Value::Str(text) => action.add_text(text, value)?,
            other @ (Value::Int(_) | Value::Float(_) | Value::Bool(_)) => {
                return Err(Error::syntax(format!(
                    "unexpected parameter type in action: <class '{}'>",
                    other.type_name()
                ))
                .at(value.place().clone())
                .hint("put the words of a command in quotes"));
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
            let (name, rest) = first_word(text, value)?.ok_or_else(missing)?;
            let mut action = Action {
                name,
                args: Map::new(),
                variable: None,
                stray: None,
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
        let (name, rest) = first_word(module, value)?.ok_or_else(missing)?;
        let mut args = value
            .value()
            .as_map()
            .map(|map| (**map).clone())
            .unwrap_or_default();
        args.remove("module");
        let inner = args.remove("args");
        let mut action = Action {
            name,
            args,
            variable: None,
            stray: None,
            place: value.place().clone(),
        };
        if !rest.is_empty() {
            action.add_text(&Str::template(rest, Some(value.place().clone())), value)?;
        }
        if let Some(inner) = inner {
            action.add_inner(&inner, value)?;
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

    /// The `args` of `action: {module: NAME, args: …}`: a mapping, or `key=value` pairs; they win.
    fn add_inner(&mut self, inner: &Value, node: &Node) -> Result<()> {
        match inner {
            Value::Map(map) => self.args.extend_from(map),
            Value::Str(text) if is_whole_template(text) => self.variable = Some(text.clone()),
            Value::Str(text) => {
                let line =
                    split::parse(text, false).map_err(|error| error.at(node.place().clone()))?;
                self.args.extend_from(&line.pairs);
            }
            _ => {
                return Err(Error::syntax(format!(
                    "`args` wants a mapping of arguments, got `{}`",
                    inner.to_text()
                ))
                .at(node.place().clone()));
            }
        }
        Ok(())
    }

    fn add_text(&mut self, text: &Str, node: &Node) -> Result<()> {
        if is_whole_template(text) && form_of(&self.name) == Form::Pairs {
            self.variable = Some(text.clone());
            return Ok(());
        }
        let form = form_of(&self.name);
        let line = split::parse(text, form == Form::Command)
            .map_err(|error| error.at(node.place().clone()))?;
        for (key, value) in &line.pairs {
            self.args.insert(key.clone(), value.clone());
        }
        match line.free {
            // Words that a template gives are arguments where they are a dictionary.
            Some(free) if form == Form::Pairs && free.contains("{{") => {
                self.variable = Some(text.with_text(free.trim()));
                Ok(())
            }
            Some(free) if form == Form::Pairs => {
                self.stray = Some(self.stray_words(&free, node));
                Ok(())
            }
            Some(free) => {
                let free = match form {
                    Form::Command => free.as_str(),
                    _ => free.trim(),
                };
                self.args.set(FREE_TEXT, Value::Str(text.with_text(free)));
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn stray_words(&self, free: &str, node: &Node) -> Error {
        let first = free.split_whitespace().next().unwrap_or(free);
        let name = match self.name.contains('.') {
            true => self.name.clone(),
            false => format!("ansible.builtin.{}", self.name),
        };
        let near = nearest(&self.name, ["command", "shell", "raw", "script"]);
        Error::input(format!("Action '{name}' does not support raw params."))
            .at(node.place().clone())
            .hint(near.unwrap_or_else(|| {
                format!("it takes `key=value` arguments, and `{first}` is none")
            }))
    }
}

/// Says whether the text is one `{{ }}` and nothing else.
pub fn is_whole_template(text: &str) -> bool {
    let text = text.trim();
    text.starts_with("{{") && text.ends_with("}}") && text.matches("{{").count() == 1
}

/// The module's name, which may be a template with spaces in it, and the words after it. They are
/// split and joined here and once more where arguments are read, as the reference does.
fn first_word(text: &str, node: &Node) -> Result<Option<(String, String)>> {
    let words = split::words(text).map_err(|error| error.at(node.place().clone()))?;
    let Some((name, rest)) = words.split_first() else {
        return Ok(None);
    };
    let name = name.trim();
    Ok((!name.is_empty()).then(|| (name.to_owned(), rest.join(" "))))
}
