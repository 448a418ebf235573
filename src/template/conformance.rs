//! The recorded answers of the reference: every case passes, or stands in [`EXCEPTIONS`].

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value as Json;

use super::testing::Table;
use super::{Conditions, Engine, FileOptions, Scope, Settings};
use crate::error::{Result, Source};
use crate::value::{Map, Value, float_repr, from_json};

/// Inputs whose answer differs on purpose, each with the reason.
const EXCEPTIONS: &[(&str, &str)] = &[
    (
        "{{ nl.count(5) }}",
        "the reference compares with the unrendered template; we render it",
    ),
    (
        "{% set x = [3, 'a'] %}{% set _ = x.sort() %}{{ x }}",
        "an error that nobody looks at is an error here",
    ),
    (
        "{% set x = [1] %}{% set _ = x.extend(5) %}{{ x }}",
        "an error that nobody looks at is an error here",
    ),
    (
        "{% set x = {'a': []} %}{% for k, v in x.items() %}{% set _ = v.append(k) %}{% endfor %}\
         {{ x }}",
        "the reference hands out copies since 2.19; we change what is named, as before",
    ),
    (
        "{% macro m(x) %}{% set _ = x.append(1) %}{% endmacro %}{% set y = [] %}{{ m(y) }}{{ y }}",
        "the reference hands out copies since 2.19; we change what is named, as before",
    ),
    (
        "{{ d.fromkeys(['x'], 1) }}",
        "the reference fails inside; we give the dictionary",
    ),
    (
        "{% for x in l %}{{ loop }}{% endfor %}",
        "the reference prints every `loop` as it stands at the end",
    ),
    (
        "{% set loop = 1 %}{{ loop }}",
        "the parser keeps the name `loop` for loops",
    ),
    ("{% raw %}", "a raw block without an end is an error here"),
];

/// The folder of the shared cases, where there is one.
fn shared(file: &str) -> Option<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let given = std::env::var_os("PLAY_SHARED").map(PathBuf::from);
    given
        .into_iter()
        .chain([root.join("../shared"), root.join("../../shared")])
        .find_map(|folder| std::fs::read_to_string(folder.join("conformance").join(file)).ok())
}

/// What the cases of one file have in common.
struct Common {
    variables: Map,
    includes: Map,
}

fn read(json: &Json) -> Value {
    from_json(&json.to_string()).unwrap()
}

fn map_of(json: &Json) -> Map {
    read(json)
        .as_map()
        .map(|map| (**map).clone())
        .unwrap_or_default()
}

#[test]
fn the_recorded_cases_pass() {
    let Some(text) = shared("template_cases.json") else {
        eprintln!("skipped: the shared conformance cases are not here");
        return;
    };
    run_all(&text, "template_cases.json");
}

#[test]
fn our_own_recorded_cases_pass() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/template_cases_more.json");
    let text = std::fs::read_to_string(file).expect("the cases are part of the project");
    run_all(&text, "template_cases_more.json");
}

/// Runs every case of a file; fewer than 99 of 100 passing is a failure.
fn run_all(text: &str, name: &str) {
    let cases: Json = serde_json::from_str(text).unwrap();
    write_fixtures(&cases["fixtures"]);
    let common = Common {
        variables: map_of(&cases["common_vars"]),
        includes: map_of(&cases["include_files"]),
    };
    let mut score: BTreeMap<String, [usize; 3]> = BTreeMap::new();
    let mut failures = Vec::new();
    for case in cases["cases"].as_array().unwrap() {
        let category = case["category"].as_str().unwrap_or("other").to_owned();
        let counts = score.entry(category).or_default();
        counts[0] += 1;
        let excepted = EXCEPTIONS.iter().any(|(input, _)| case["input"] == **input);
        match judge(case, &common) {
            Ok(()) => counts[1] += 1,
            Err(_) if excepted => counts[2] += 1,
            Err(why) => failures.push(format!("{}: {} {why}", case["name"], case["input"])),
        }
    }
    for failure in &failures {
        println!("FAILED {failure}");
    }
    let mut all = [0; 3];
    for (category, counts) in &score {
        println!(
            "{category:10} total {:4}  passed {:4}  excepted {}",
            counts[0], counts[1], counts[2]
        );
        for (sum, count) in all.iter_mut().zip(counts) {
            *sum += count;
        }
    }
    println!(
        "{name}: total {}, passed {}, excepted {}",
        all[0], all[1], all[2]
    );
    assert!(
        (all[1] + all[2]) * 100 >= all[0] * 99,
        "{} of {} cases fail",
        failures.len(),
        all[0]
    );
}

fn write_fixtures(fixtures: &Json) {
    let folder = Path::new("/tmp/play-conformance");
    std::fs::create_dir_all(folder).unwrap();
    for (name, text) in fixtures.as_object().unwrap() {
        let path = folder.join(name);
        let text = text.as_str().unwrap();
        if std::fs::read_to_string(&path).ok().as_deref() != Some(text) {
            std::fs::write(path, text).unwrap();
        }
    }
}

fn judge(case: &Json, common: &Common) -> Result<(), String> {
    let mut variables = common.variables.clone();
    variables.set("ansible_managed", "Ansible managed");
    variables.set("template_path", "/templates/main.j2");
    variables.extend_from(&map_of(&case["vars"]));
    let table = Table::new(variables).with_files(&common.includes);
    let scope: Arc<dyn Scope> = Arc::new(table);
    let found = evaluate(case, &scope);
    let expected = &case["expected"];
    if expected.get("error").is_some() {
        return match found {
            Err(_) => Ok(()),
            Ok(value) => Err(format!(
                "gives {} and not the error {}",
                value.repr(),
                expected["message"]
            )),
        };
    }
    let found = found.map_err(|error| format!("fails: {}", error.chain()))?;
    let found = encoded(&found);
    match found == expected["value"] {
        true => Ok(()),
        false => Err(format!("gives {found} and not {}", expected["value"])),
    }
}

fn evaluate(case: &Json, scope: &Arc<dyn Scope>) -> Result<Value> {
    let engine = Engine::new(Settings {
        conditions: Conditions::Strict,
        ..Settings::default()
    });
    match case["kind"].as_str() {
        Some("conditional") => {
            let conditions = match &case["input"] {
                Json::Array(all) => all.iter().map(read).collect(),
                one => vec![read(one)],
            };
            for condition in conditions {
                if !engine.condition(&condition.trusted(), scope)? {
                    return Ok(Value::Bool(false));
                }
            }
            Ok(Value::Bool(true))
        }
        Some("file") => {
            let text = case["input"].as_str().unwrap_or_default();
            let source = Source::new("/templates/main.j2", text);
            engine
                .file(&source, &FileOptions::default(), scope)
                .map(Value::str)
        }
        _ => {
            let value = engine.render(&read(&case["input"]).trusted(), scope)?;
            match value {
                Value::Omit => Err(crate::error::Error::template("the whole is omitted")),
                value => Ok(value),
            }
        }
    }
}

/// A value in the cases' own writing.
fn encoded(value: &Value) -> Json {
    let tag = |name: &str, text: String| serde_json::json!([name, text]);
    match value {
        Value::Null => serde_json::json!(["null"]),
        Value::Bool(value) => serde_json::json!(["bool", value]),
        Value::Int(_) | Value::BigInt(_) => tag("int", value.to_text()),
        Value::Float(number) => tag("float", float_repr(*number)),
        Value::Str(text) => tag("str", text.to_string()),
        Value::Bytes(bytes) => tag("bytes", data_encoding::BASE64.encode(bytes)),
        Value::List(items) => {
            serde_json::json!(["seq", items.iter().map(encoded).collect::<Vec<_>>()])
        }
        Value::Map(map) => {
            let entries: Vec<Json> = map
                .iter()
                .map(|(key, value)| serde_json::json!([encoded(key), encoded(value)]))
                .collect();
            serde_json::json!(["map", entries])
        }
        other => tag(other.type_name(), other.to_text()),
    }
}
