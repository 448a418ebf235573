//! `to_yaml`, `to_nice_yaml`, `from_yaml`, `from_yaml_all`.

use super::super::{Args, Runtime};
use super::{Table, strict};
use crate::error::{Error, Result, Source};
use crate::value::Value;
use crate::yaml::{self, DumpOptions, Options};

pub(super) const FILTERS: Table = &[
    ("from_yaml", strict!(from_yaml)),
    ("from_yaml_all", strict!(from_yaml_all)),
    ("to_nice_yaml", strict!(to_nice_yaml)),
    ("to_yaml", strict!(to_yaml)),
];

fn to_yaml(runtime: &dyn Runtime, args: Args) -> Result<Value> {
    dumped(runtime, args, DumpOptions::default())
}

fn to_nice_yaml(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let indent = args.take("indent")?;
    let mut positional = vec![value];
    positional.extend(args.rest());
    let mut named = args.rest_named();
    named.extend(indent.map(|indent| ("indent".to_owned(), indent)));
    let who = args.who().to_owned();
    let args = Args::new(&who, positional, named);
    dumped(runtime, args, DumpOptions::nice())
}

/// Prints with the options of PyYAML's `dump`; further positional arguments mean nothing.
fn dumped(runtime: &dyn Runtime, mut args: Args, mut options: DumpOptions) -> Result<Value> {
    let value = args.subject()?;
    args.rest();
    let canonical = args.take_named("canonical").is_some_and(|it| it.is_true());
    let vault = vault_behaviour(&mut args)?;
    read_options(&mut args, &mut options)?;
    args.finish()?;
    let value = match (vault, &value) {
        (Some("redact"), _) => redacted(runtime, &value)?,
        _ => runtime.plain(&value)?,
    };
    if canonical {
        return Ok(Value::str(yaml::canonical(&value, &options)));
    }
    yaml::dump(&value, &options).map(Value::str)
}

fn vault_behaviour(args: &mut Args) -> Result<Option<&'static str>> {
    let Some(wanted) = args.take_named("vault_behavior").filter(Value::is_true) else {
        return Ok(None);
    };
    match wanted.as_str() {
        Some("decrypt") => Ok(None),
        Some("redact") => Ok(Some("redact")),
        Some("keep_encrypted" | "fail") => Err(Error::template(format!(
            "`vault_behavior={wanted}` is not built"
        ))
        .hint("use decrypt or redact")),
        _ => Err(args.wrong("vault_behavior", "decrypt or redact", &wanted)),
    }
}

/// The value with every sealed text replaced.
fn redacted(runtime: &dyn Runtime, value: &Value) -> Result<Value> {
    match value {
        Value::Sealed(_) => Ok(Value::str("<redacted>")),
        Value::List(items) => {
            let items = items.iter().map(|item| redacted(runtime, item));
            Ok(Value::list(items.collect::<Result<_>>()?))
        }
        Value::Map(map) => {
            let entries = map
                .iter()
                .map(|(key, value)| Ok((key.clone(), redacted(runtime, value)?)));
            Ok(Value::map(entries.collect::<Result<_>>()?))
        }
        other => runtime.plain(other),
    }
}

fn read_options(args: &mut Args, options: &mut DumpOptions) -> Result<()> {
    if let Some(value) = number(args, "indent")? {
        options.indent = value;
    }
    if let Some(value) = number(args, "width")? {
        options.width = value;
    }
    let mut flag = |name: &str, default: bool| match args.take_named(name) {
        None | Some(Value::Null) => default,
        Some(value) => value.is_true(),
    };
    options.sort_keys = flag("sort_keys", options.sort_keys);
    options.explicit_start = flag("explicit_start", options.explicit_start);
    options.explicit_end = flag("explicit_end", options.explicit_end);
    match args.take_named("default_flow_style") {
        None => {}
        Some(Value::Null) => options.default_flow_style = None,
        Some(value) => options.default_flow_style = Some(value.is_true()),
    }
    match args.take_named("default_style") {
        None | Some(Value::Null) => {}
        Some(value) => {
            let style = value.as_str().and_then(|text| text.chars().next());
            options.default_style = style.filter(|style| "'\"|>".contains(*style));
        }
    }
    match args.take_named("line_break") {
        None | Some(Value::Null) => Ok(()),
        Some(value) if value.as_str() == Some("\n") => Ok(()),
        Some(_) => Err(Error::template(format!(
            "`{}` prints no other `line_break` than a line feed",
            args.who()
        ))),
    }
}

fn number(args: &mut Args, name: &str) -> Result<Option<usize>> {
    match args.take_named(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Float(number)) if number == f64::INFINITY => Ok(Some(usize::MAX >> 1)),
        Some(value) => match value.as_int() {
            Some(number) => Ok(Some(usize::try_from(number).unwrap_or(0))),
            None => Err(args.wrong(name, "an integer", &value)),
        },
    }
}

/// The text as a source for the reader, or nothing where it is no text.
fn source(runtime: &dyn Runtime, mut args: Args) -> Result<Result<std::sync::Arc<Source>, Value>> {
    let value = args.subject()?;
    args.finish()?;
    match &value {
        Value::Str(text) => Ok(Ok(Source::sealed("<from_yaml>", text.as_str()))),
        Value::Null => Ok(Err(value)),
        other => {
            runtime.warn(format!(
                "`{}` got a value of type `{}`, which is not text, and gives it back",
                args.who(),
                other.type_name()
            ));
            Ok(Err(value))
        }
    }
}

fn from_yaml(runtime: &dyn Runtime, args: Args) -> Result<Value> {
    match source(runtime, args)? {
        Err(value) => Ok(value),
        Ok(source) => {
            let document = yaml::load(&source, &Options::data()).map_err(as_template)?;
            Ok(document.root.value().clone())
        }
    }
}

fn from_yaml_all(runtime: &dyn Runtime, args: Args) -> Result<Value> {
    match source(runtime, args)? {
        Err(Value::Null) => Ok(Value::list(Vec::new())),
        Err(value) => Ok(value),
        Ok(source) => {
            let documents = yaml::load_all(&source, &Options::data()).map_err(as_template)?;
            let values = documents
                .iter()
                .map(|document| document.root.value().clone());
            Ok(Value::list(values.collect()))
        }
    }
}

/// The text is data of a run, not one of the user's files: the error is the template's.
fn as_template(error: Error) -> Error {
    Error::template("the text is not YAML").because(error)
}
