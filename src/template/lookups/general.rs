//! The lookups of `community.general` that only rearrange or invent.

use data_encoding::BASE64;

use super::super::Runtime;
use super::super::filters::{RandomSource, random_text};
use super::{Options, Table, flat};
use crate::error::{Error, Result};
use crate::value::{Map, Str, Value};

pub(super) const LOOKUPS: Table = &[
    ("community.general.cartesian", cartesian),
    ("community.general.dependent", dependent),
    ("community.general.flattened", flattened),
    ("community.general.random_string", random_string),
];

/// All items at any depth; `None` or `null` as text ends the list it stands in.
fn flattened(runtime: &dyn Runtime, terms: Vec<Value>, _: Map) -> Result<Vec<Value>> {
    let mut answers = Vec::new();
    add_flat(runtime, &terms, &mut answers)?;
    Ok(answers)
}

fn add_flat(runtime: &dyn Runtime, terms: &[Value], answers: &mut Vec<Value>) -> Result<()> {
    for term in terms {
        let mut term = runtime.resolve(term)?;
        while let Value::List(items) = &term
            && let [only] = items.as_slice()
        {
            term = runtime.resolve(only)?;
        }
        match &term {
            Value::Undefined(undefined) => return Err(undefined.error.clone()),
            Value::Str(text) if matches!(text.as_str(), "None" | "null") => break,
            Value::List(_) => add_flat(runtime, &runtime.items(&term)?, answers)?,
            _ => answers.push(term),
        }
    }
    Ok(())
}

/// Every item of each list with every one of the others.
fn cartesian(runtime: &dyn Runtime, terms: Vec<Value>, _: Map) -> Result<Vec<Value>> {
    const MOST: usize = 10_000_000;
    if terms.is_empty() {
        return Err(Error::template(
            "the lookup `cartesian` wants at least one list",
        ));
    }
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    for term in &terms {
        let items = match term {
            Value::Str(_) => vec![term.clone()],
            _ => runtime.items(term)?,
        };
        if rows.len().saturating_mul(items.len()) > MOST {
            return Err(Error::template(format!(
                "the lookup `cartesian` would give more than {MOST} items"
            )));
        }
        rows = rows
            .iter()
            .flat_map(|row| {
                items.iter().map(move |item| {
                    let mut longer = row.clone();
                    longer.push(item.clone());
                    longer
                })
            })
            .collect();
    }
    rows.iter()
        .map(|row| flat(runtime, row).map(Value::list))
        .collect()
}

/// Nested loops, each over what an expression gives for the items of those around it.
fn dependent(runtime: &dyn Runtime, terms: Vec<Value>, _: Map) -> Result<Vec<Value>> {
    let mut loops = Vec::new();
    for (position, term) in terms.iter().enumerate() {
        let Value::Map(map) = term else {
            return Err(Error::template(format!(
                "the term {position} of the lookup `dependent` is not a dictionary"
            )));
        };
        match (map.len(), map.at(0)) {
            (1, Some((key, value))) => loops.push((key.to_text(), runtime.resolve(value)?)),
            _ => {
                return Err(Error::template(format!(
                    "the term {position} of the lookup `dependent` wants one entry"
                )));
            }
        }
    }
    let mut answers = Vec::new();
    if !loops.is_empty() {
        add_dependent(runtime, &loops, &Map::new(), &mut answers)?;
    }
    Ok(answers)
}

fn add_dependent(
    runtime: &dyn Runtime,
    loops: &[(String, Value)],
    current: &Map,
    answers: &mut Vec<Value>,
) -> Result<()> {
    let Some(((name, source), deeper)) = loops.split_first() else {
        answers.push(Value::map(current.clone()));
        return Ok(());
    };
    let values = match source {
        Value::Str(expression) => {
            let template = Str::template(format!("{{{{ {expression} }}}}"), None);
            let names = crate::entries! { "item" => Value::map(current.clone()) };
            runtime.render(&template, &names)?
        }
        other => other.clone(),
    };
    let values = match &values {
        Value::Map(map) => {
            let mut pairs: Vec<(Value, Value)> = map
                .iter()
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect();
            super::super::filters::sort_pairs(&mut pairs, false)?;
            let entry = |(key, value)| {
                Value::map(crate::entries! { "key" => Value::clone(&key), "value" => value })
            };
            pairs.into_iter().map(entry).collect()
        }
        Value::List(_) | Value::Tuple(_) => runtime.items(&values)?,
        other => {
            return Err(Error::template(format!(
                "`{name}` of the lookup `dependent` gives a value of type `{}`, not a list or a \
                 dictionary",
                other.type_name()
            )));
        }
    };
    for value in values {
        let mut longer = current.clone();
        longer.set(name, value);
        add_dependent(runtime, deeper, &longer, answers)?;
    }
    Ok(())
}

fn random_string(_: &dyn Runtime, terms: Vec<Value>, options: Map) -> Result<Vec<Value>> {
    const PUNCTUATION: &str = r##"!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~"##;
    if !terms.is_empty() {
        return Err(Error::template(
            "the lookup `random_string` takes options and no terms",
        ));
    }
    let options = Options::new("community.general.random_string", options);
    let similar = match options.flag("ignore_similar_chars", false)? {
        true => options.text("similar_chars", "il1LoO0"),
        false => String::new(),
    };
    let without =
        |letters: &str| -> String { letters.chars().filter(|c| !similar.contains(*c)).collect() };
    let special = match options.value("override_special") {
        Some(letters) if letters.is_true() => letters.to_text(),
        _ => without(PUNCTUATION),
    };
    let kinds = [
        ("upper", "min_upper", without("ABCDEFGHIJKLMNOPQRSTUVWXYZ")),
        ("lower", "min_lower", without("abcdefghijklmnopqrstuvwxyz")),
        ("numbers", "min_numeric", without("0123456789")),
        ("special", "min_special", special),
    ];
    let seed = options
        .value("seed")
        .map_or(Value::Null, |seed| Value::str(seed.to_text()));
    let mut source = RandomSource::seeded(&seed)?;
    let mut made = String::new();
    let mut letters = options.text("override_all", "");
    if letters.is_empty() {
        // The order in which the reference draws them.
        for name in ["min_numeric", "min_lower", "min_upper", "min_special"] {
            let count = options.int(name)?.unwrap_or(0);
            let kind = kinds.iter().find(|(_, least, _)| *least == name);
            if let (Some((_, _, letters)), Ok(count)) = (kind, usize::try_from(count)) {
                made.push_str(&random_text(&mut source, count, letters)?);
            }
        }
        for (name, _, kind) in &kinds {
            if options.flag(name, true)? {
                letters.push_str(kind);
            }
        }
    }
    let length = options.int("length")?.unwrap_or(8);
    let missing = usize::try_from(length)
        .unwrap_or(0)
        .saturating_sub(made.chars().count());
    made.push_str(&random_text(&mut source, missing, &letters)?);
    let mut shuffled: Vec<char> = made.chars().collect();
    if seed.is_null() {
        source.shuffle(&mut shuffled)?;
    }
    let made: String = shuffled.into_iter().collect();
    Ok(vec![Value::str(match options.flag("base64", false)? {
        true => BASE64.encode(made.as_bytes()),
        false => made,
    })])
}
