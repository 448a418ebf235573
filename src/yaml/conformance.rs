//! The recorded answers of the reference, from the shared folder beside the repository.

use std::path::PathBuf;

use serde_json::{Value as Json, json};

use super::{DumpOptions, Node, Options, decode, dump, load_all};
use crate::value::{Map, Value, float_repr};

/// Cases where we differ on purpose.
const EXCEPTED: &[(&str, &str)] = &[
    (
        "anchor_recursive",
        "a value that contains itself is refused: nothing later could print or walk it",
    ),
    (
        "merge_two",
        "recorded with a PyYAML before 6.0.4, which takes the first of two merged mappings here",
    ),
];

/// The shared folder, where there is one.
fn shared(file: &str) -> Option<Json> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let folders = [
        std::env::var_os("PLAY_SHARED").map(PathBuf::from),
        Some(root.join("../shared")),
        Some(root.join("../../shared")),
    ];
    let found = folders
        .into_iter()
        .flatten()
        .map(|folder| folder.join("conformance").join(file))
        .find(|path| path.exists());
    let Some(path) = found else {
        println!("skipped: there is no ../shared/conformance/{file}");
        return None;
    };
    Some(serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
}

/// A value in the type-tagged form of the cases.
fn tagged(value: &Value) -> Json {
    let all =
        |items: &mut dyn Iterator<Item = &Value>| -> Vec<Json> { items.map(tagged).collect() };
    match value {
        Value::Null => json!(["null"]),
        Value::Bool(it) => json!(["bool", it]),
        Value::Int(_) | Value::BigInt(_) => json!(["int", value.repr()]),
        Value::Float(it) => json!(["float", float_repr(*it)]),
        Value::Str(it) => json!(["str", it.as_str()]),
        Value::Bytes(it) => json!(["bytes", data_encoding::BASE64.encode(it)]),
        Value::Date(_) => json!(["date", value.repr()]),
        Value::DateTime(..) => json!(["datetime", value.repr()]),
        Value::List(it) => json!(["seq", all(&mut it.iter())]),
        Value::Tuple(it) => json!(["tuple", all(&mut it.iter())]),
        Value::Set(it) => {
            let mut items = all(&mut it.keys());
            items.sort_by_key(Json::to_string);
            json!(["set", items])
        }
        Value::Map(it) => {
            let pairs: Vec<Json> = it
                .iter()
                .map(|(k, v)| json!([tagged(k), tagged(v)]))
                .collect();
            json!(["map", pairs])
        }
        Value::Sealed(it) => json!(["vault", it.ciphertext]),
        other => panic!("{other:?} cannot come out of a file"),
    }
}

/// The value of a type-tagged form.
fn untagged(json: &Json) -> Value {
    let inside = &json[1];
    let items = || {
        inside
            .as_array()
            .unwrap()
            .iter()
            .map(untagged)
            .collect::<Vec<_>>()
    };
    let text = || inside.as_str().unwrap();
    match json[0].as_str().unwrap() {
        "null" => Value::Null,
        "bool" => Value::Bool(inside.as_bool().unwrap()),
        "int" => super::scalar::int(text()).unwrap(),
        "float" => match text() {
            "inf" => Value::Float(f64::INFINITY),
            "-inf" => Value::Float(f64::NEG_INFINITY),
            other => Value::Float(other.parse().unwrap()),
        },
        "str" => Value::str(text()),
        "bytes" => Value::Bytes(
            data_encoding::BASE64
                .decode(text().as_bytes())
                .unwrap()
                .into(),
        ),
        "date" | "datetime" => super::scalar::timestamp_value(text()).unwrap(),
        "seq" => Value::list(items()),
        "map" => Value::map(
            inside
                .as_array()
                .unwrap()
                .iter()
                .map(|pair| (untagged(&pair[0]), untagged(&pair[1])))
                .collect::<Map>(),
        ),
        other => panic!("{other}"),
    }
}

fn input(case: &Json) -> Vec<u8> {
    match (case["input"].as_str(), case["input_base64"].as_str()) {
        (Some(text), _) => text.as_bytes().to_vec(),
        (_, Some(text)) => data_encoding::BASE64.decode(text.as_bytes()).unwrap(),
        _ => panic!("a case without input"),
    }
}

fn documents(bytes: &[u8]) -> crate::error::Result<Vec<super::Document>> {
    load_all(&decode(bytes, "x.yml")?, &Options::default())
}

/// What differs between a case and us.
fn difference(case: &Json) -> Option<String> {
    let expected = case.get("ansible").unwrap_or(&case["expected"]);
    let answer = documents(&input(case));
    let wanted = expected.get("docs");
    let documents = match (&answer, wanted) {
        (Err(_), None) => return None,
        (Err(error), Some(_)) => return Some(format!("{error}")),
        (Ok(documents), None) => return Some(format!("no error: {documents:?}")),
        (Ok(documents), Some(_)) => documents,
    };
    let got: Vec<Json> = documents.iter().map(|it| tagged(it.root.value())).collect();
    if Some(&json!(got)) != wanted {
        return Some(format!("{} is not {}", json!(got), wanted.unwrap()));
    }
    marks(case, documents)
}

/// The first node that stands elsewhere than PyYAML says. Merging and duplicates take entries
/// away, so that the paths of such cases lead elsewhere.
fn marks(case: &Json, documents: &[super::Document]) -> Option<String> {
    let is_rearranged = ["dup", "merge"].contains(&case["category"].as_str().unwrap())
        || documents.iter().any(|it| !it.warnings.is_empty());
    if is_rearranged {
        return None;
    }
    for mark in case["marks"].as_array().into_iter().flatten() {
        let path = mark[0].as_str().unwrap();
        let Some(node) = at(documents, path) else {
            continue;
        };
        let place = node.place();
        let (end_line, end_column) = node.end();
        let got = json!([place.line, place.column, end_line, end_column]);
        let wanted = json!([mark[2], mark[3], mark[4], mark[5]]);
        if got != wanted {
            return Some(format!("{path} stands at {got}, not {wanted}"));
        }
    }
    None
}

/// The node at a path of `marks`.
fn at(documents: &[super::Document], path: &str) -> Option<Node> {
    let mut steps = path.split('/');
    let mut node = documents
        .get(steps.next()?.parse::<usize>().ok()?)?
        .root
        .clone();
    for step in steps {
        node = match (step.strip_prefix("~k"), step.strip_prefix("~v")) {
            (Some(key), _) => node.entries()?.get(key.parse::<usize>().ok()?)?.0.clone(),
            (_, Some(value)) => node.entries()?.get(value.parse::<usize>().ok()?)?.1.clone(),
            _ => node.items()?.get(step.parse::<usize>().ok()?)?.clone(),
        };
    }
    Some(node)
}

#[test]
fn cases() {
    let Some(file) = shared("yaml_cases.json") else {
        return;
    };
    let cases = file["cases"].as_array().unwrap();
    let (mut passed, mut excepted, mut failed) = (0, 0, Vec::new());
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let exception = EXCEPTED.iter().find(|(excepted, _)| *excepted == name);
        match (difference(case), exception) {
            (None, None) => passed += 1,
            (Some(_), Some(_)) => excepted += 1,
            (None, Some(_)) => failed.push(format!("{name}: excepted, and yet it passes")),
            (Some(difference), None) => failed.push(format!("{name}: {difference}")),
        }
    }
    println!(
        "yaml_cases: {} total, {passed} passed, {excepted} excepted",
        cases.len()
    );
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn dump_cases() {
    let Some(file) = shared("yaml_dump_cases.json") else {
        return;
    };
    let cases = file["cases"].as_array().unwrap();
    let mut failed = Vec::new();
    for case in cases {
        let mut options = match case["filter"].as_str().unwrap() {
            "to_yaml" => DumpOptions::default(),
            _ => DumpOptions::nice(),
        };
        let keywords = case["kwargs"].as_object().unwrap();
        for (keyword, value) in keywords {
            match keyword.as_str() {
                "allow_unicode" => options.allow_unicode = value.as_bool().unwrap(),
                "default_flow_style" => options.default_flow_style = value.as_bool(),
                "default_style" => options.default_style = value.as_str().unwrap().chars().next(),
                "explicit_end" => options.explicit_end = value.as_bool().unwrap(),
                "explicit_start" => options.explicit_start = value.as_bool().unwrap(),
                "indent" => options.indent = value.as_u64().unwrap() as usize,
                "sort_keys" => options.sort_keys = value.as_bool().unwrap(),
                "width" => options.width = value.as_u64().unwrap() as usize,
                other => panic!("{other}"),
            }
        }
        let got = dump(&untagged(&case["value"]), &options).unwrap();
        let wanted = case["expected"]["value"].as_str().unwrap();
        if got != wanted {
            failed.push(format!(
                "{} {}\n got {got:?}\nnot {wanted:?}",
                case["value"], case["kwargs"]
            ));
        }
    }
    println!(
        "yaml_dump_cases: {} total, {} passed",
        cases.len(),
        cases.len() - failed.len()
    );
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// The texts of `limits`, whose generators are Python, and whether we read them.
fn limit(name: &str) -> Option<(String, bool)> {
    let nested = |open: &str, inside: &str, close: &str, times: usize| {
        format!("a: {}{inside}{}", open.repeat(times), close.repeat(times))
    };
    let bomb = |line: fn(String, &str) -> String, first: String| {
        let lines = (1..10).map(|i| line(format!("a{i}: &a{i} "), &format!("*a{}", i - 1)));
        format!("{first}\n{}", lines.collect::<String>())
    };
    Some(match name {
        "deep_flow_seq_500" => (nested("[", "", "]", 500), true),
        "deep_flow_seq_10k" => (nested("[", "", "]", 10_000), false),
        "deep_flow_seq_10k_unclosed" => (nested("[", "", "", 10_000), false),
        "deep_flow_map_10k" => (nested("{a: ", "1", "}", 10_000), false),
        "deep_block_3k" => {
            let lines = (0..3000).map(|i| " ".repeat(i) + "a:\n");
            (lines.collect(), false)
        }
        "deep_block_seq_10k" => ("- ".repeat(10_000) + "x", false),
        "deep_flow_seq_1m" => ("[".repeat(1_000_000), false),
        "alias_bomb_seq" => {
            let line = |head, alias: &str| format!("{head}[{}]\n", [alias; 9].join(", "));
            (
                bomb(line, format!("a0: &a0 [{}]", ["lol"; 9].join(", "))),
                false,
            )
        }
        "alias_bomb_map" => {
            let line = |head, alias: &str| {
                let entries: Vec<String> = (0..9).map(|i| format!("k{i}: {alias}")).collect();
                format!("{head}{{{}}}\n", entries.join(", "))
            };
            (bomb(line, "a0: &a0 {k: lol}".to_owned()), false)
        }
        "alias_bomb_big_string" => {
            let aliases = ["*a"; 10_000].join(", ");
            (
                format!("a: &a {}\nb: [{aliases}]\n", "x".repeat(100_000)),
                false,
            )
        }
        _ => return None,
    })
}

#[test]
fn limits() {
    let Some(file) = shared("yaml_cases.json") else {
        return;
    };
    for case in file["limits"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let (text, is_read) = limit(name).unwrap();
        let start = std::time::Instant::now();
        let answer = documents(text.as_bytes());
        assert_eq!(answer.is_ok(), is_read, "{name}");
        assert!(
            start.elapsed().as_secs() < 5,
            "{name} took {:?}",
            start.elapsed()
        );
    }
}
