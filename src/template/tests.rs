//! What the recorded cases cannot show: laziness, trust, changes, bounds, places.

use std::sync::Arc;

use super::testing::Table;
use super::{Conditions, Engine, FileOptions, Scope, Settings, View, view};
use crate::error::{Kind, Place, Result, Source};
use crate::value::{Map, Sealed, Str, Value, from_json};

fn variables(json: &str) -> Map {
    let value = from_json(json).unwrap();
    value.as_map().map(|map| (**map).clone()).unwrap()
}

fn scope(json: &str) -> Arc<dyn Scope> {
    Arc::new(Table::new(variables(json)))
}

fn engine() -> Arc<Engine> {
    Engine::new(Settings::default())
}

fn render(text: &str, json: &str) -> Result<Value> {
    engine().render(&Value::Str(Str::template(text, None)), &scope(json))
}

fn rendered(text: &str, json: &str) -> String {
    match render(text, json) {
        Ok(value) => value.repr(),
        Err(error) => format!("error: {}", error.chain()),
    }
}

#[test]
fn only_what_is_used_is_rendered() {
    let json = r#"{"d": {"good": "{{ 1 + 1 }}", "bad": "{{ nope }}", "worse": "{{ 1 / 0 }}",
        "sum": "{{ d.good + 1 }}"}}"#;
    assert_eq!(rendered("{{ d.good }}", json), "2");
    assert_eq!(rendered("{{ d.sum }}", json), "3");
    assert_eq!(rendered("{{ d.bad | default('x') }}", json), "'x'");
    assert_eq!(rendered("{{ d | length }}", json), "4");
    assert_eq!(
        rendered("{{ d.worse | default(1) }}", json),
        "error: Error rendering template: division by zero"
    );
    assert_eq!(rendered("{{ d }}", json), "error: 'nope' is undefined");
}

#[test]
fn a_template_is_rendered_once_in_a_rendering() {
    struct Counting(std::sync::atomic::AtomicUsize);
    impl View for Counting {
        fn get(&self, key: &str) -> Option<(Value, Option<Arc<dyn Scope>>)> {
            self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            (key == "x").then(|| (Value::Int(1), None))
        }

        fn keys(&self) -> Vec<String> {
            vec!["x".to_owned()]
        }
    }
    let counting = Arc::new(Counting(0.into()));
    let mut table = Table::new(variables(r#"{"once": "{{ v.x }}"}"#));
    table
        .variables
        .insert(Value::str("v"), view(counting.clone()));
    let scope: Arc<dyn Scope> = Arc::new(table);
    let text = Value::Str(Str::template("{{ once + once + once }}", None));
    assert_eq!(engine().render(&text, &scope).unwrap(), Value::Int(3));
    assert_eq!(counting.0.load(std::sync::atomic::Ordering::Relaxed), 1);
}

#[test]
fn another_hosts_templates_are_rendered_in_its_own_scope() {
    struct Hosts(Arc<dyn Scope>);
    impl View for Hosts {
        fn get(&self, key: &str) -> Option<(Value, Option<Arc<dyn Scope>>)> {
            let vars = from_json(r#"{"name": "other", "greeting": "hi {{ name }}"}"#).unwrap();
            (key == "web").then(|| (vars.trusted(), Some(self.0.clone())))
        }

        fn keys(&self) -> Vec<String> {
            vec!["web".to_owned()]
        }

        fn missing(&self, key: &str) -> Option<String> {
            Some(format!("there is no host '{key}'"))
        }
    }
    let other = scope(r#"{"name": "other"}"#);
    let mut table = Table::new(variables(r#"{"name": "here"}"#));
    table
        .variables
        .insert(Value::str("hostvars"), view(Arc::new(Hosts(other))));
    let scope: Arc<dyn Scope> = Arc::new(table);
    for (text, expected) in [
        (
            "{{ hostvars['web'].greeting }} {{ name }}",
            "'hi other here'",
        ),
        ("{{ hostvars.web['name'] }}", "'other'"),
        ("{{ hostvars | list }}", "['web']"),
        ("{{ 'web' in hostvars }}", "True"),
        ("{{ hostvars.get('x', 1) }}", "1"),
        ("{{ hostvars.db.name | default('-') }}", "'-'"),
        (
            "{% for h in hostvars %}{{ hostvars[h].greeting }}{% endfor %}",
            "'hi other'",
        ),
    ] {
        let value = engine().render(&Value::Str(Str::template(text, None)), &scope);
        assert_eq!(value.unwrap().repr(), expected, "{text}");
    }
    let text = Value::Str(Str::template("{{ hostvars.db.name }}", None));
    let error = engine().render(&text, &scope).unwrap_err();
    assert_eq!(error.message(), "there is no host 'db'");
}

#[test]
fn data_is_never_rendered() {
    let mut table = Table::new(Map::new());
    table.variables.set("reply", "{{ 1 + 1 }}");
    table
        .variables
        .set("deep", crate::entries! {"x" => "{{ 1 + 1 }}"});
    let scope: Arc<dyn Scope> = Arc::new(table);
    for (text, expected) in [
        ("{{ reply }}", "{{ 1 + 1 }}"),
        ("{{ deep.x }}", "{{ 1 + 1 }}"),
        ("{{ reply | upper | lower }}", "{{ 1 + 1 }}"),
        ("{{ '{' ~ '{ 1 }}' }}", "{{ 1 }}"),
        ("{{ '{{ 1 }}' }}", "{{ 1 }}"),
        ("{% set x = '{{ 1 }}' %}{{ x }}", "{{ 1 }}"),
        ("a {{ reply }}", "a {{ 1 + 1 }}"),
    ] {
        let value = engine().render(&Value::Str(Str::template(text, None)), &scope);
        let value = value.unwrap();
        assert_eq!(value.to_text(), expected, "{text}");
        assert!(!value.has_templates(), "{text}");
        assert_eq!(engine().render(&value, &scope).unwrap().to_text(), expected);
    }
}

#[test]
fn what_has_no_template_comes_back_uncopied() {
    let value = from_json(r#"{"a": [1, "x"], "b": {"c": null}}"#)
        .unwrap()
        .trusted();
    let back = engine().render(&value, &scope("{}")).unwrap();
    match (&value, &back) {
        (Value::Map(a), Value::Map(b)) => assert!(Arc::ptr_eq(a, b)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn changes_are_seen_in_the_template_and_nowhere_else() {
    let json = r#"{"l": [1, [2]], "d": {"x": {"y": []}}, "lazy": ["{{ l }}"]}"#;
    for (text, expected) in [
        ("{% set _ = l.append(3) %}{{ l }}", "[1, [2], 3]"),
        ("{% set _ = l[1].append(3) %}{{ l }}", "[1, [2, 3]]"),
        ("{% set _ = d.x.y.append(3) %}{{ d }}", "{'x': {'y': [3]}}"),
        (
            "{% set m = l %}{% set _ = m.append(3) %}{{ l | length }}",
            "3",
        ),
        (
            "{% set m = l | list %}{% set _ = m.append(3) %}{{ l | length }}",
            "2",
        ),
        (
            "{% set _ = lazy[0].append(3) %}{{ lazy[0] }}",
            "[1, [2], 3]",
        ),
        (
            "{% set x = [] %}{% set _ = x.append(x) %}{{ x | length }}",
            "1",
        ),
    ] {
        let scope = scope(json);
        let value = engine().render(&Value::Str(Str::template(text, None)), &scope);
        assert_eq!(value.unwrap().repr(), expected, "{text}");
        let l = scope.variable("l").unwrap();
        assert_eq!(l.repr(), "[1, [2]]", "the variable of {text}");
    }
    assert!(render("{% set x = [] %}{% set _ = x.append(x) %}{{ x }}", json).is_err());
}

#[test]
fn endless_recursion_is_named() {
    let json = r#"{"a": "{{ b }}", "b": "x{{ c.k }}", "c": {"k": "{{ a }}"}, "me": "{{ me }}"}"#;
    assert_eq!(
        rendered("{{ a }}", json),
        "error: Recursive loop detected in template: a -> b -> `{{ a }}` -> a"
    );
    assert_eq!(
        rendered("{{ me }}", json),
        "error: Recursive loop detected in template: me -> me"
    );
    let macros = "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}";
    assert!(rendered(macros, json).contains("Recursive loop detected"));
}

#[test]
fn nothing_hangs_or_fills_the_memory() {
    for text in [
        "{{ 'x' * 10 ** 12 }}",
        "{{ [0] * 10 ** 12 }}",
        "{{ 10 ** (10 ** 10) }}",
        "{{ 2 ** 10000000 }}",
        "{{ range(10 ** 12) | list }}",
        "{{ 'x'.ljust(10 ** 12) }}",
        "{{ 'x'.zfill(10 ** 12) }}",
        "{{ '{:>999999999999}'.format(1) }}",
        "{{ '%999999999999d' % 1 }}",
        "{{ ('x' * 1000).replace('x', 'y' * 1000000) }}",
        "{% set ns = namespace(x='ab') %}{% for i in range(99) %}{% set ns.x = ns.x ~ ns.x %}\
         {% endfor %}{{ ns.x | length }}",
        "{% for a in range(1999999) %}{% for b in range(1999999) %}{% endfor %}{% endfor %}",
    ] {
        assert!(render(text, "{}").is_err(), "{text}");
    }
    let deep = "(".repeat(10_000) + "1" + &")".repeat(10_000);
    assert!(render(&format!("{{{{ {deep} }}}}"), "{}").is_err());
    let nested = "{% if true %}".repeat(10_000);
    assert!(render(&nested, "{}").is_err());
}

#[test]
fn the_stack_lasts_however_deep_a_template_is() {
    let ifs = "{% if true %}".repeat(60);
    let ends = "{% endif %}".repeat(60);
    let parens = format!("{}m(n + 1){}", "[".repeat(60), "]".repeat(60));
    for body in [
        format!("{ifs}{{{{ m(n + 1) }}}}{ends}"),
        format!("{{{{ {parens} }}}}"),
    ] {
        let text = format!("{{% macro m(n) %}}{body}{{% endmacro %}}{{{{ m(0) }}}}");
        assert!(rendered(&text, "{}").contains("too deep"));
    }
    let chain = format!("{{{{ x{} }}}}", " | default(x)".repeat(190));
    assert_eq!(rendered(&chain, r#"{"x": 1}"#), "1");
}

#[test]
fn a_chain_of_many_variables_is_no_recursion() {
    let mut map = Map::new();
    for number in 0..30 {
        map.set(&format!("v{number}"), format!("{{{{ v{} }}}}", number + 1));
    }
    map.set("v30", 7);
    let scope: Arc<dyn Scope> = Arc::new(Table::new(map));
    let text = Value::Str(Str::template("{{ v0 }}", None));
    assert_eq!(engine().render(&text, &scope).unwrap(), Value::Int(7));
}

#[test]
fn errors_stand_where_the_expression_stands() {
    let file = "- debug:\n    msg: \"a {{ good }} {{ nope.x }}\"\n";
    let source = Source::new("site.yml", file);
    let text = Str::template("a {{ good }} {{ nope.x }}", Some(Place::new(source, 2, 10)));
    let error = engine()
        .render(&Value::Str(text), &scope(r#"{"good": 1, "noped": 2}"#))
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Undefined);
    assert_eq!(error.place().unwrap().to_string(), "site.yml:2:27");
    assert_eq!(error.hint_text(), Some("did you mean `noped`?"));
}

#[test]
fn errors_in_a_file_stand_in_the_file() {
    let source = Source::new("t.j2", "#jinja2: trim_blocks: True\nx\n  {{ 1 + 'a' }}\n");
    let error = engine()
        .file(&source, &FileOptions::default(), &scope("{}"))
        .unwrap_err();
    assert_eq!(error.place().unwrap().to_string(), "t.j2:3:6");
    let source = Source::new("t.j2", "x\n{% if %}\n");
    let error = engine()
        .file(&source, &FileOptions::default(), &scope("{}"))
        .unwrap_err();
    assert_eq!(error.place().unwrap().line, 2);
}

#[test]
fn an_error_in_a_variable_stands_at_the_variable() {
    let source = Source::new("vars.yml", "v: '{{ 1 / 0 }}'\n");
    let mut table = Table::new(Map::new());
    let text = Str::template("{{ 1 / 0 }}", Some(Place::new(source, 1, 4)));
    table.variables.set("v", text);
    let scope: Arc<dyn Scope> = Arc::new(table);
    let text = Value::Str(Str::template("{{ v }}", None));
    let error = engine().render(&text, &scope).unwrap_err();
    assert_eq!(error.place().unwrap().to_string(), "vars.yml:1:8");
}

#[test]
fn sealed_values_open_when_used() {
    let sealed = |text: &str| {
        Value::Sealed(Arc::new(Sealed {
            ciphertext: text.to_owned(),
            place: None,
        }))
    };
    let mut table = Table::new(variables(r#"{"i": 5}"#));
    table
        .variables
        .insert(Value::str("secret"), sealed("s3cr3t"));
    table
        .variables
        .insert(Value::str("template"), sealed("v{{ i }}"));
    let inner = crate::entries! {"x" => sealed("inner")};
    table.variables.set("map", inner);
    let scope: Arc<dyn Scope> = Arc::new(table);
    for (text, expected) in [
        ("{{ secret }}", "'s3cr3t'"),
        ("{{ secret | length }}", "6"),
        ("{{ secret == 's3cr3t' }}", "True"),
        ("{{ template }}", "'v{{ i }}'"),
        ("{{ map.x }}", "'inner'"),
        ("{{ map }}", "{'x': 'inner'}"),
        ("a {{ secret }}", "'a s3cr3t'"),
    ] {
        let value = engine().render(&Value::Str(Str::template(text, None)), &scope);
        assert_eq!(value.unwrap().repr(), expected, "{text}");
    }
    let whole = crate::entries! {"k" => sealed("plain")};
    let value = engine().render(&Value::map(whole), &scope).unwrap();
    assert_eq!(value.repr(), "{'k': 'plain'}");
}

#[test]
fn conditions_judge_as_python_unless_they_are_strict() {
    let scope = scope(r#"{"i": 5, "l": [], "t": true}"#);
    let lax = engine();
    let strict = Engine::new(Settings {
        conditions: Conditions::Strict,
        ..Settings::default()
    });
    for (text, expected) in [
        ("i == 5", Some(true)),
        ("{{ i == 6 }}", Some(false)),
        ("i", None),
        ("l", None),
        ("'x' in l", Some(false)),
    ] {
        let condition = Value::Str(Str::template(text, None));
        let judged = lax.condition(&condition, &scope).unwrap();
        match expected {
            Some(expected) => {
                assert_eq!(judged, expected, "{text}");
                assert_eq!(strict.condition(&condition, &scope).unwrap(), expected);
            }
            None => {
                assert_eq!(judged, text != "l", "{text}");
                assert!(strict.condition(&condition, &scope).is_err(), "{text}");
            }
        }
    }
    // Nothing, and a text that is a condition itself, are no truth for anybody.
    let broken = Engine::new(Settings {
        conditions: Conditions::Broken,
        ..Settings::default()
    });
    for text in ["", " ", "{{ '' }}", "'1 == ' ~ i"] {
        let condition = Value::Str(Str::template(text, None));
        assert!(lax.condition(&condition, &scope).is_err(), "{text}");
        assert!(broken.condition(&condition, &scope).unwrap(), "{text}");
    }
    let omitted = Value::Str(Str::template("omit", None));
    assert!(broken.condition(&omitted, &scope).is_err());
}

#[test]
fn extensions_are_off_unless_they_are_named() {
    let text = "{% set x = [] %}{% for i in [1, 2, 3] %}{% if i == 2 %}{% continue %}{% endif %}\
                {% do x.append(i) %}{% endfor %}{{ x }}";
    assert!(render(text, "{}").is_err());
    let engine = Engine::new(Settings {
        jinja2_extensions: vec![
            "jinja2.ext.do".to_owned(),
            "jinja2.ext.loopcontrols".to_owned(),
        ],
        ..Settings::default()
    });
    let value = engine.render(&Value::Str(Str::template(text, None)), &scope("{}"));
    assert_eq!(value.unwrap().repr(), "[1, 3]");
}

#[test]
fn an_expression_gives_a_value() {
    let scope = scope(r#"{"d": {"a": ["{{ 1 + 1 }}"]}}"#);
    let engine = engine();
    let value = engine.expression(&Str::template("d.a", None), &scope);
    assert_eq!(value.unwrap().repr(), "[2]");
    assert!(
        engine
            .expression(&Str::template("d.a, 1", None), &scope)
            .is_err()
    );
    assert!(
        engine
            .expression(&Str::template("{{ d }}", None), &scope)
            .is_err()
    );
}
