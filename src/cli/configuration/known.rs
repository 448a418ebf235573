//! What is known of a setting: from the table, or from the page of a plugin.

use super::effect;
use crate::config::{Kind, Setting};
use crate::value::{Map, Value};

/// A setting, whoever says so.
pub(super) struct Known {
    /// Its name, within its plugin.
    pub name: String,
    /// Its type's name.
    pub kind: String,
    /// What a comment says of it: in a file, and before a variable.
    pub comments: [String; 2],
    /// Its default.
    pub default: Value,
    /// It has none, and wants a value.
    pub is_required: bool,
    /// The sections and keys of files.
    pub keys: Vec<(String, String)>,
    /// The variables of the environment.
    pub environment: Vec<String>,
    /// The variables that set it too.
    pub variables: Vec<String>,
    /// Everything that is known of it.
    pub page: Value,
    /// The line of the table.
    pub setting: Option<&'static Setting>,
}

impl Known {
    /// What the table says.
    pub fn of_setting(setting: &'static Setting) -> Known {
        let owned = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect();
        let keys = setting.keys.iter();
        let comment = format!(
            "# {} ({}), {}",
            setting.name,
            setting.kind.name(),
            effect(setting)
        );
        let short = setting.name.rsplit('.').next().unwrap_or(setting.name);
        Known {
            name: short.to_owned(),
            kind: setting.kind.name().to_owned(),
            comments: [comment.clone(), comment],
            default: default_of(setting),
            is_required: false,
            keys: keys
                .map(|(section, key)| ((*section).to_owned(), (*key).to_owned()))
                .collect(),
            environment: owned(&setting.environment),
            variables: owned(&setting.variables),
            page: Value::from(described(setting)),
            setting: Some(setting),
        }
    }

    /// What a plugin's page says of an option.
    pub fn of_page(name: &str, page: &Value) -> Known {
        let text = |key: &str| {
            let value = page.get(key).filter(|value| !value.is_null())?;
            Some(value.to_text())
        };
        let kind = text("type").unwrap_or_else(|| "string".to_owned());
        let lines: Vec<String> = match page.get("description") {
            Some(Value::List(lines)) => lines.iter().map(Value::to_text).collect(),
            Some(line) => vec![line.to_text()],
            None => Vec::new(),
        };
        let title = text("name").unwrap_or_else(|| name.to_owned());
        Known {
            name: name.to_owned(),
            comments: [
                format!("# ({kind}) {}", lines.join("\n# ")),
                format!("# {title}({kind}): {}", lines.join("\n#")),
            ],
            kind,
            default: page.get("default").cloned().unwrap_or(Value::Null),
            is_required: page.get("required").is_some_and(Value::is_true),
            keys: parts(page, "ini", |entry| {
                let section = entry.get("section")?.to_text();
                Some((section, entry.get("key")?.to_text()))
            }),
            environment: parts(page, "env", |entry| Some(entry.get("name")?.to_text())),
            variables: parts(page, "vars", |entry| Some(entry.get("name")?.to_text())),
            page: page.clone(),
            setting: None,
        }
    }

    /// A value as somebody wrote it.
    pub fn read(&self, text: &str) -> Value {
        match self.kind.as_str() {
            "boolean" | "bool" => Value::from(matches!(
                text.to_lowercase().as_str(),
                "true" | "yes" | "on" | "y" | "t" | "1"
            )),
            "integer" | "int" => match text.trim().parse::<i64>() {
                Ok(number) => Value::from(number),
                Err(_) => Value::from(text),
            },
            "list" => Value::strings(text.split(',').map(str::trim)),
            _ => Value::from(text),
        }
    }
}

fn parts<T>(page: &Value, key: &str, part: impl Fn(&Value) -> Option<T>) -> Vec<T> {
    match page.get(key) {
        Some(Value::List(entries)) => entries.iter().filter_map(part).collect(),
        _ => Vec::new(),
    }
}

/// The default of the table as the value that it is.
fn default_of(setting: &Setting) -> Value {
    let Some(text) = setting.default else {
        return Value::Null;
    };
    let text = text.replace("$HOME_OF_ANSIBLE", "~/.ansible");
    match setting.kind {
        Kind::Boolean => Value::from(text == "True"),
        Kind::Integer => match text.parse::<i64>() {
            Ok(number) => Value::from(number),
            Err(_) => Value::from(text),
        },
        Kind::List | Kind::PathList => Value::strings(text.split(',').map(str::trim)),
        Kind::Float | Kind::Path | Kind::PathSpec | Kind::String => Value::from(text),
    }
}

fn described(setting: &Setting) -> Map {
    let mut map = crate::entries! {
        "default" => default_of(setting),
        "type" => setting.kind.name(),
        "effect" => effect(setting),
    };
    let named = |names: &[&str]| {
        let names = names
            .iter()
            .map(|name| Value::from(crate::entries! { "name" => *name }));
        Value::list(names.collect())
    };
    if !setting.environment.is_empty() {
        map.set("env", named(&setting.environment));
    }
    if !setting.keys.is_empty() {
        let keys = setting.keys.iter();
        let keys = keys.map(|(section, key)| {
            Value::from(crate::entries! { "key" => *key, "section" => *section })
        });
        map.set("ini", Value::list(keys.collect()));
    }
    if !setting.variables.is_empty() {
        map.set("vars", named(&setting.variables));
    }
    if !setting.choices.is_empty() {
        map.set("choices", Value::strings(setting.choices.iter().copied()));
    }
    map
}
