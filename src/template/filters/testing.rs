//! A template runtime over plain data, for the tests of filters, tests and lookups.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use serde_json::Value as Json;

use super::super::{Args, Command, Fetch, Fetched, Finished, Outside, Runtime, Scope};
use crate::error::{Error, Result};
use crate::value::{Map, Sealed, Str, Undefined, Value};

/// Names, an environment and files out of tables.
#[derive(Default)]
pub(in crate::template) struct World {
    pub(in crate::template) variables: HashMap<String, Value>,
    pub(in crate::template) environment: HashMap<String, String>,
    pub(in crate::template) warnings: Mutex<Vec<String>>,
}

pub(in crate::template) struct Plain {
    pub(in crate::template) world: Arc<World>,
    scope: Arc<dyn Scope>,
}

impl Plain {
    pub(in crate::template) fn new(world: World) -> Self {
        let world = Arc::new(world);
        Plain {
            scope: world.clone(),
            world,
        }
    }
}

fn missing(what: &str) -> Value {
    Value::Undefined(Arc::new(Undefined {
        error: Error::undefined(format!("'{what}' is undefined")),
    }))
}

impl Runtime for Plain {
    fn scope(&self) -> &Arc<dyn Scope> {
        &self.scope
    }

    fn resolve(&self, value: &Value) -> Result<Value> {
        Ok(value.clone())
    }

    fn plain(&self, value: &Value) -> Result<Value> {
        match value {
            Value::Undefined(undefined) => Err(undefined.error.clone()),
            Value::List(items) => Ok(Value::list(
                items
                    .iter()
                    .map(|item| self.plain(item))
                    .collect::<Result<_>>()?,
            )),
            other => Ok(other.clone()),
        }
    }

    fn items(&self, value: &Value) -> Result<Vec<Value>> {
        match value {
            Value::List(items) | Value::Tuple(items) => Ok(items.to_vec()),
            Value::Map(map) | Value::Set(map) => Ok(map.keys().cloned().collect()),
            Value::Str(text) => Ok(text.chars().map(|c| Value::str(c.to_string())).collect()),
            Value::Undefined(undefined) => Err(undefined.error.clone()),
            other => Err(Error::template(format!(
                "'{}' object is not iterable",
                other.type_name()
            ))),
        }
    }

    fn attribute(&self, value: &Value, name: &str) -> Result<Value> {
        self.item(value, &Value::str(name))
    }

    fn item(&self, value: &Value, key: &Value) -> Result<Value> {
        Ok(match value {
            Value::Map(map) => map.get_value(key).cloned(),
            Value::List(items) | Value::Tuple(items) => key
                .as_int()
                .and_then(|at| usize::try_from(at).ok())
                .and_then(|at| items.get(at).cloned()),
            _ => None,
        }
        .unwrap_or_else(|| missing(&key.to_text())))
    }

    fn text(&self, value: &Value) -> Result<String> {
        Ok(self.plain(value)?.to_text())
    }

    fn filter(&self, name: &str, args: Args) -> Result<Value> {
        let filter = super::find(name)
            .ok_or_else(|| Error::template(format!("no filter named `{name}`")))?;
        filter(self, args)
    }

    fn test(&self, name: &str, args: Args) -> Result<bool> {
        let test = super::super::tests_::find(name)
            .ok_or_else(|| Error::template(format!("no test named `{name}`")))?;
        test(self, args)
    }

    fn lookup(&self, name: &str, _: Vec<Value>, _: Map) -> Result<Vec<Value>> {
        Err(Error::template(format!("no lookup named `{name}`")))
    }

    fn render(&self, text: &Str, _: &Map) -> Result<Value> {
        Ok(Value::Str(text.clone()))
    }

    fn variable(&self, name: &str) -> Result<Option<Value>> {
        Ok(self.world.variables.get(name).cloned())
    }

    fn warn(&self, message: String) {
        self.world.warnings.lock().unwrap().push(message);
    }
}

impl Scope for World {
    fn variable(&self, name: &str) -> Option<Value> {
        self.variables.get(name).cloned()
    }

    fn names(&self) -> Vec<String> {
        self.variables.keys().cloned().collect()
    }

    fn unseal(&self, _: &Sealed) -> Result<Value> {
        Err(Error::input("no secrets"))
    }

    fn find(&self, _: &str, name: &str) -> Result<PathBuf> {
        let path = PathBuf::from(name);
        if path.exists() {
            return Ok(path);
        }
        Err(Error::input(format!("could not find `{name}`")))
    }

    fn search_path(&self, _: &str) -> Vec<PathBuf> {
        vec![PathBuf::from("/")]
    }

    fn outside(&self) -> &dyn Outside {
        self
    }

    fn warn(&self, message: String) {
        self.warnings.lock().unwrap().push(message);
    }
}

impl Outside for World {
    fn environment(&self, name: &str) -> Option<String> {
        self.environment.get(name).cloned()
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>> {
        Ok(std::fs::read(path)?)
    }

    fn write(&self, path: &Path, bytes: &[u8], _: u32) -> Result<()> {
        Ok(std::fs::write(path, bytes)?)
    }

    fn run(&self, command: &Command) -> Result<Finished> {
        let done = std::process::Command::new("/bin/sh")
            .args(["-c", &command.shell])
            .output()?;
        Ok(Finished {
            status: done.status.code().unwrap_or(255),
            stdout: done.stdout,
            stderr: done.stderr,
        })
    }

    fn fetch(&self, fetch: &Fetch) -> Result<Fetched> {
        Err(Error::input(format!("cannot reach {}", fetch.url)))
    }

    fn seal(&self, text: &str, _: &str, _: Option<&str>, _: Option<&str>) -> Result<String> {
        Ok(text.to_owned())
    }

    fn open(&self, armoured: &str, _: &str) -> Result<String> {
        Ok(armoured.to_owned())
    }

    fn setting(&self, name: &str) -> Option<Value> {
        (name == "DEFAULT_TIMEOUT").then_some(Value::Int(10))
    }
}

/// A value as the tables of cases write it.
pub(in crate::template) fn decode(json: &Json) -> Value {
    let parts = |at: usize| json[at].as_array().unwrap().iter();
    match json[0].as_str().unwrap() {
        "null" => Value::Null,
        "bool" => Value::Bool(json[1].as_bool().unwrap()),
        "int" => crate::value::int_from_big(json[1].as_str().unwrap().parse().unwrap()),
        "float" => Value::Float(json[1].as_str().unwrap().parse().unwrap()),
        "str" => Value::str(json[1].as_str().unwrap()),
        "bytes" => Value::Bytes(
            data_encoding::HEXLOWER
                .decode(json[1].as_str().unwrap().as_bytes())
                .unwrap()
                .into(),
        ),
        "seq" => Value::list(parts(1).map(decode).collect()),
        "tuple" => Value::Tuple(Arc::new(parts(1).map(decode).collect())),
        "set" => Value::Set(Arc::new(
            parts(1).map(|item| (decode(item), Value::Null)).collect(),
        )),
        "map" => Value::map(
            parts(1)
                .map(|pair| (decode(&pair[0]), decode(&pair[1])))
                .collect(),
        ),
        other => panic!("unknown kind {other}"),
    }
}

/// The value as the tables of cases write it; a tuple is a list there.
pub(in crate::template) fn encode(value: &Value) -> Json {
    use serde_json::json;
    let list = |items: &[Value]| items.iter().map(encode).collect::<Vec<_>>();
    match value {
        Value::Null => json!(["null"]),
        Value::Bool(flag) => json!(["bool", flag]),
        Value::Int(_) | Value::BigInt(_) => json!(["int", value.to_text()]),
        Value::Float(_) => json!(["float", value.to_text()]),
        Value::Str(text) => json!(["str", text.as_str()]),
        Value::Bytes(bytes) => json!(["bytes", data_encoding::HEXLOWER.encode(bytes)]),
        Value::List(items) | Value::Tuple(items) => json!(["seq", list(items)]),
        Value::Set(map) => json!(["set", map.keys().map(encode).collect::<Vec<_>>()]),
        Value::Map(map) => json!([
            "map",
            map.iter()
                .map(|(key, value)| json!([encode(key), encode(value)]))
                .collect::<Vec<_>>()
        ]),
        Value::Date(_) | Value::DateTime(..) | Value::Duration(_) => {
            json!([value.type_name(), value.to_text()])
        }
        Value::Undefined(_) => json!(["undefined"]),
        other => json!(["py", other.type_name()]),
    }
}
