//! Filters, tests and lookups that are not of the house: whoever stands outside calls them.

use super::{Args, Plugin, PluginArgs, PluginNames, Runtime, Scope};
use crate::error::Result;
use crate::value::{Map, Value};

/// The names of a running template.
struct Names<'a>(&'a dyn Runtime);

impl PluginNames for Names<'_> {
    fn all(&self) -> Vec<String> {
        self.0.scope().names()
    }

    fn value(&self, name: &str) -> Result<Option<Value>> {
        let value = self.0.variable(name)?;
        value.map(|value| self.0.plain(&value)).transpose()
    }
}

/// A plugin of that name, as it is asked for from a scope.
pub(super) fn plugin<'a>(kind: &'static str, name: &'a str, scope: &dyn Scope) -> Plugin<'a> {
    let folder = format!("{kind}_plugins");
    let mut places = scope.search_path(&folder);
    places.retain(|place| place.ends_with(&folder) && place.is_dir());
    Plugin { kind, name, places }
}

/// Calls a filter that is not of the house.
pub(super) fn filter(runtime: &dyn Runtime, args: Args) -> Result<Value> {
    call(runtime, "filter", args)
}

/// Asks a test that is not of the house.
pub(super) fn test(runtime: &dyn Runtime, args: Args) -> Result<bool> {
    Ok(call(runtime, "test", args)?.is_true())
}

/// Calls a lookup that is not of the house.
pub(super) fn lookup(
    runtime: &dyn Runtime,
    name: &str,
    terms: Vec<Value>,
    options: Map,
) -> Result<Vec<Value>> {
    let named = options
        .iter()
        .map(|(key, value)| (key.to_text(), value.clone()));
    let args = Args::new(name, terms, named.collect());
    match call(runtime, "lookup", args)? {
        Value::List(items) => Ok(items.to_vec()),
        other => Ok(vec![other]),
    }
}

fn call(runtime: &dyn Runtime, kind: &'static str, args: Args) -> Result<Value> {
    let scope = runtime.scope();
    let name = args.who().to_owned();
    let plugin = plugin(kind, &name, &**scope);
    let (positional, named) = args.into_parts();
    let plain = |value: &Value| match kind {
        "lookup" => with_undefined(runtime, value),
        _ => runtime.plain(value),
    };
    let args = PluginArgs {
        positional: positional.iter().map(plain).collect::<Result<_>>()?,
        named: named
            .iter()
            .map(|(name, value)| Ok((name.clone(), plain(value)?)))
            .collect::<Result<_>>()?,
        basedir: scope
            .search_path("files")
            .pop()
            .map(|place| place.to_string_lossy().into_owned()),
    };
    let answer = scope
        .outside()
        .call_plugin(&plugin, &args, &Names(runtime))?;
    for warning in answer.warnings {
        runtime.warn(warning);
    }
    for told in answer.deprecations {
        scope.deprecate_as(told);
    }
    Ok(answer.value)
}

/// The value with no laziness at any depth; what is undefined in it stays so, for a lookup may want to see it.
fn with_undefined(runtime: &dyn Runtime, value: &Value) -> Result<Value> {
    match runtime.plain(value) {
        Err(error) if error.is_undefined() => {}
        plain => return plain,
    }
    let value = runtime.resolve(value)?;
    let inner = |value: &Value| with_undefined(runtime, value);
    Ok(match &value {
        Value::Undefined(_) => value,
        Value::List(items) => Value::list(items.iter().map(inner).collect::<Result<_>>()?),
        Value::Map(map) => {
            let pairs = map
                .iter()
                .map(|(key, value)| Ok((key.clone(), inner(value)?)));
            Value::map(pairs.collect::<Result<_>>()?)
        }
        other => runtime.plain(other)?,
    })
}
