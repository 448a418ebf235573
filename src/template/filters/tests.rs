//! The answers of the reference to single calls (`tests/template/cases.json`).

use serde_json::Value as Json;

use super::testing::{Plain, World, decode, encode};
use crate::error::Result;
use crate::template::{Args, Runtime};
use crate::value::{Map, Value};

/// Cases whose answer differs on purpose, with the reason.
const EXCEPTED: &[(&str, &str)] = &[
    (
        "{{ users | groupby('nope', default='x') }}",
        "the reference never comes to use the default",
    ),
    ("{{ 5 is filter }}", "an accident of the reference"),
];

fn runtime() -> Plain {
    let mut world = World::default();
    world
        .environment
        .insert("HOME".to_owned(), "/home/play".to_owned());
    world
        .environment
        .insert("PLAY_TEST_ENV".to_owned(), "yes".to_owned());
    let variables: Json =
        serde_json::from_str(include_str!("../../../tests/template/vars.json")).unwrap();
    for (name, value) in variables.as_object().unwrap() {
        let value = crate::value::from_json(&value.to_string()).unwrap();
        world.variables.insert(name.clone(), value);
    }
    Plain::new(world)
}

fn call(runtime: &Plain, call: &Json) -> Option<Result<Value>> {
    let name = call["name"].as_str().unwrap();
    let positional: Vec<Value> = call["args"]
        .as_array()
        .unwrap()
        .iter()
        .map(decode)
        .collect();
    let named: Vec<(String, Value)> = call["named"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.clone(), decode(value)))
        .collect();
    let args = || Args::new(name, positional.clone(), named.clone());
    let finished = |value: Value| runtime.plain(&value);
    Some(match call["kind"].as_str().unwrap() {
        "filter" => super::find(name)?(runtime, args()).and_then(finished),
        "test" => crate::template::tests_::find(name)?(runtime, args()).map(Value::Bool),
        _ => {
            let options: Map = named
                .iter()
                .map(|(name, value)| (Value::str(name.as_str()), value.clone()))
                .collect();
            crate::template::lookups::find(name)?(runtime, positional.clone(), options)
                .map(Value::list)
        }
    })
}

#[test]
fn single_calls_answer_as_the_reference() {
    let cases: Vec<Json> =
        serde_json::from_str(include_str!("../../../tests/template/cases.json")).unwrap();
    let runtime = runtime();
    let (mut total, mut wrong) = (0, Vec::new());
    for case in cases.iter().filter(|case| case["call"].is_object()) {
        let input = case["input"].as_str().unwrap();
        total += 1;
        let got = match call(&runtime, &case["call"]) {
            None => "nobody of that name".to_owned(),
            Some(Err(error)) => format!("error: {error}"),
            Some(Ok(value)) => encode(&value).to_string(),
        };
        let expected = &case["expected"];
        let wanted = if expected["error"].is_string() {
            format!("error: {} {}", expected["message"], expected["causes"])
        } else {
            expected["value"].to_string()
        };
        let fits = got == wanted || (got.starts_with("error: ") && wanted.starts_with("error: "));
        if !fits && !EXCEPTED.iter().any(|(excepted, _)| *excepted == input) {
            wrong.push(format!("{input}\n   got    {got}\n   wanted {wanted}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {total} are wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
