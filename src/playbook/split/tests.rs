use super::{parse, words};
use crate::value::{Map, Str, Value};

/// What the reference answered, recorded by `tests/reference/free_form.py`.
static RECORDED: &str = include_str!("../../../tests/reference/free_form.json");

#[test]
fn words_keep_quotes_and_templates_whole() {
    for (text, expected) in [
        ("a b  c", vec!["a", "b ", "c"]),
        ("a='b c' d", vec!["a='b c'", "d"]),
        ("a={{ b + 'x y' }} c", vec!["a={{ b + 'x y' }}", "c"]),
        ("a \\\n b", vec!["a", "b"]),
        ("a\nb", vec!["a\n", "b"]),
        (
            "a={% if x %}y z{% endif %}",
            vec!["a={% if x %}y", "z{% endif %}"],
        ),
    ] {
        assert_eq!(words(text).unwrap(), expected, "{text}");
    }
    assert!(words("a='b").is_err());
    assert!(words("a={{ b").is_err());
}

#[test]
fn a_command_keeps_its_text_and_gives_up_its_own_keys() {
    let line = parse(&Str::new("echo a=b creates=/x 'c d'"), true).unwrap();
    assert_eq!(line.free.as_deref(), Some("echo a=b 'c d'"));
    assert_eq!(line.pairs.get("creates").unwrap().as_str(), Some("/x"));
    let line = parse(&Str::new("name=x state=\"a b\""), false).unwrap();
    assert_eq!(line.free, None);
    assert_eq!(line.pairs.get("state").unwrap().as_str(), Some("a b"));
}

#[test]
fn random_texts_are_split_as_the_reference_splits_them() {
    let cases: Vec<serde_json::Value> = serde_json::from_str(RECORDED).unwrap();
    assert!(cases.len() > 1000);
    for case in &cases {
        let text = case["text"].as_str().unwrap();
        let split = words(text).map_or(serde_json::Value::Null, |words| words.into());
        assert_eq!(split, case["words"], "the words of {text:?}");
        assert_eq!(read(text, false), case["pairs"], "the pairs of {text:?}");
        assert_eq!(read(text, true), case["command"], "a command {text:?}");
    }
}

/// The pairs and the free text as one mapping, or null where the text is refused.
fn read(text: &str, command: bool) -> serde_json::Value {
    let Ok(line) = parse(&Str::new(text), command) else {
        return serde_json::Value::Null;
    };
    let mut all = line.pairs;
    if let Some(free) = line.free {
        all.set("_raw_params", Value::str(free));
    }
    let text = |(key, value): (&Value, &Value)| (key.to_text(), value.to_text().into());
    let all: &Map = &all;
    serde_json::Value::Object(all.into_iter().map(text).collect())
}
