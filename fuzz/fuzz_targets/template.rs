//! Any text is a template, an expression, a condition and a template file, or an error; and what
//! was rendered holds no template.

#![no_main]

mod alone;

use std::sync::{Arc, LazyLock};

use alone::Alone;
use libfuzzer_sys::fuzz_target;
use play::error::{Result, Source};
use play::template::{Engine, FileOptions, Scope, Settings};
use play::value::{Map, Str, Value, from_json};

static NAMES: LazyLock<Map> = LazyLock::new(|| {
    let names = r#"{
        "n": 3, "f": 1.5, "s": "a text", "t": "{{ s }}", "b": true, "none": null,
        "l": [3, 1, 2], "d": {"k": {"v": [1]}, "j": "x"}, "ds": [{"a": 1}, {"a": 2}],
        "net": "192.168.0.1/24", "when": "2024-01-02", "itself": "{{ itself }}"
    }"#;
    let names = from_json(names).expect("valid").trusted();
    names.as_map().expect("a map").as_ref().clone()
});

fuzz_target!(|text: &str| {
    let engine = Engine::new(Settings::default());
    let scope: Arc<dyn Scope> = Alone::scope(&NAMES);
    let template = Value::Str(Str::template(text, None));
    final_or_error(engine.render(&template, &scope));
    let template = Str::template(text, None);
    final_or_error(engine.expression(&template, &scope));
    final_or_error(
        engine
            .condition(&Value::Str(template), &scope)
            .map(Value::Bool),
    );
    let file = Source::new("fuzz.j2", text);
    let text = engine.file(&file, &FileOptions::default(), &scope);
    final_or_error(text.map(Value::str));
});

fn final_or_error(result: Result<Value>) {
    match result {
        Ok(value) => assert!(!value.has_templates(), "{value:?}"),
        Err(error) => drop(error.report(play::error::Manner::Own, false)),
    }
}
