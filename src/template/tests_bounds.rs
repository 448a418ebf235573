//! Templates that ask for too much get an error, within bounds of memory and of time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::testing::Table;
use super::{Engine, Scope, Settings};
use crate::error::Result;
use crate::value::{List, Map, Sealed, Str, Value};

fn render(text: &str) -> Result<Value> {
    let scope: Arc<dyn Scope> = Arc::new(Table::new(Map::new()));
    Engine::new(Settings::default()).render(&Value::Str(Str::template(text, None)), &scope)
}

/// Renders what must be refused, and gives the words of the refusal.
#[track_caller]
fn refused(text: &str) -> String {
    let start = Instant::now();
    match render(text) {
        Ok(value) => panic!("{text} gives a value of type {}", value.type_name()),
        Err(error) => {
            let took = start.elapsed();
            assert!(took < Duration::from_secs(120), "{text} took {took:?}");
            error.chain()
        }
    }
}

#[test]
fn no_filter_makes_a_text_without_bounds() {
    for text in [
        "{{ 'a\nb' | indent(10**11) }}",
        "{{ [1] | to_json(indent=10**11) }}",
        "{{ [1] | to_nice_json(indent=10**11) }}",
        "{{ [[1]] | tojson(indent=10**11) }}",
        "{{ range(1000) | join('x' * 1000000) }}",
        "{{ ('x' * 1000000) | replace('x', 'y' * 1000000) }}",
        "{{ ('x' * 1000) | replace('', 'y' * 1000000) }}",
        "{{ ('x' * 1000) | regex_replace('x', 'y' * 1000000) }}",
        "{{ ('x' * 1000000).replace('x', 'y' * 1000000) }}",
        "{{ 'a' | comment(prefix='x' * 1000000, prefix_count=10**9) }}",
        "{{ ('\n' * 1000000) | comment(decoration='y' * 1000000) }}",
        "{{ 'a' | center(10**11) }}",
        "{{ 'a'.ljust(10**11) }}",
        "{{ 'a'.zfill(10**11) }}",
        "{{ '%100000000000d' | format(1) }}",
        "{{ '%*d' % (10**11, 1) }}",
        "{{ '{:100000000000}'.format(1) }}",
        "{{ ('x ' * 1000) | wordwrap(1, true, 'y' * 1000000) }}",
        "{{ 'x' * 10**11 }}",
        "{{ ('x' * 1000000).translate({120: 'x' * 1000000}) }}",
        "{{ lookup('password', '/dev/null length=10000000000') }}",
    ] {
        let words = refused(text);
        let is_bound = words.contains("longer than")
            || words.contains("width too big")
            || words.contains("wants int");
        assert!(is_bound, "{text}: {words}");
    }
}

#[test]
fn no_list_grows_without_bounds() {
    for text in [
        "{{ [1] * 10**11 }}",
        "{{ range(10**11) | list }}",
        "{% for i in range(10**11) %}{% endfor %}",
        "{% set a=[1] %}{% for i in range(60) %}{% set _ = a.extend(a) %}{% endfor %}{{ a }}",
        "{% set n = namespace(a=[1]) %}{% for i in range(60) %}{% set n.a = n.a + n.a %}{% endfor %}",
        "{{ range(3000) | product(range(3000)) }}",
        "{{ range(30) | permutations }}",
        "{{ range(60) | combinations(30) }}",
        "{{ (',' * 3000000) | split(',') }}",
        "{{ ('\n' * 3000000).splitlines() }}",
        "{{ (' a' * 3000000) | split }}",
        "{{ ('x' * 3000000) | list }}",
        "{{ lookup('sequence', 'count=10000000000') }}",
        "{{ lookup('nested', range(3000) | list, range(3000) | list) }}",
    ] {
        refused(text);
    }
}

#[test]
fn a_value_in_itself_is_an_error_for_who_looks_at_it() {
    let it = "{% set a=[1] %}{% set _ = a.append(a) %}";
    for use_of_it in [
        "{{ a }}",
        "{{ a | flatten }}",
        "{{ a | to_json }}",
        "{{ a | string }}",
        "{{ a == [1, a] }}",
        "{{ a | unique }}",
        "{{ a | to_nice_yaml }}",
    ] {
        refused(&format!("{it}{use_of_it}"));
    }
    assert_eq!(
        render(&format!("{it}{{{{ a | length }}}}")).unwrap(),
        Value::Int(2)
    );
    let map = "{% set a={} %}{% set _ = a.update({'a': a}) %}";
    refused(&format!("{map}{{{{ a | combine(a, recursive=true) }}}}"));
}

#[test]
fn twenty_thousand_levels_are_refused_and_taken_down() {
    let grow = |made: &str| {
        format!(
            "{{% set n = namespace(a=1) %}}{{% for i in range(20000) %}}\
             {{% set n.a = {made} %}}{{% endfor %}}"
        )
    };
    for made in ["[n.a]", "{'a': n.a}", "(n.a,)"] {
        let words = refused(&grow(made));
        assert!(words.contains("levels deep"), "{words}");
    }
    // Lists that the template changes are found out when somebody looks at the whole.
    let changed = "{% set n = namespace(a=[]) %}{% for i in range(20000) %}{% set b = [] %}\
                   {% set _ = b.append(n.a) %}{% set n.a = b %}{% endfor %}";
    assert_eq!(
        render(&format!("{changed}done")).unwrap(),
        Value::str("done")
    );
    refused(&format!("{changed}{{{{ n.a }}}}"));
    refused(&format!("{changed}{{{{ n.a | flatten }}}}"));
    refused("{{ ('[' * 20000 ~ ']' * 20000) | from_json }}");
    refused("{{ ('[' * 20000 ~ ']' * 20000) | from_yaml }}");
}

#[test]
fn what_is_doubled_sixty_times_is_never_written_out() {
    let plain = "{% set n = namespace(a=[1]) %}{% for i in range(60) %}{% set n.a = [n.a, n.a] %}{% endfor %}";
    let words = refused(&format!("{plain}{{{{ n.a }}}}"));
    assert!(words.contains("written out"), "{words}");
    let changed = "{% set n = namespace(a=[1]) %}{% for i in range(60) %}{% set b = [] %}\
                   {% set _ = b.append(n.a) %}{% set _ = b.append(n.a) %}{% set n.a = b %}{% endfor %}";
    for use_of_it in ["{{ n.a }}", "{{ n.a == [n.a] }}", "{{ n.a | to_json }}"] {
        refused(&format!("{changed}{use_of_it}"));
    }
    refused(
        "{% set n = namespace(a='x') %}{% for i in range(60) %}{% set n.a = n.a ~ n.a %}{% endfor %}",
    );
}

#[test]
fn honest_templates_have_room() {
    let sum = render(
        "{% set n = namespace(s=0) %}{% for i in range(20000) %}{% set n.s = n.s + i %}{% endfor %}{{ n.s }}",
    );
    assert_eq!(sum.unwrap(), Value::Int(199_990_000));
    let deep = "{% set n = namespace(a=1) %}{% for i in range(400) %}{% set n.a = [n.a] %}{% endfor %}{{ n.a | flatten }}";
    assert_eq!(render(deep).unwrap(), Value::list(vec![Value::Int(1)]));
    let many = render("{{ range(200000) | map('string') | join(',') | length }}");
    assert_eq!(many.unwrap(), Value::Int(1_288_889));
}

#[test]
fn a_tower_of_any_height_is_dropped() {
    let mut value = Value::Null;
    for level in 0..200_000 {
        value = match level % 3 {
            0 => Value::list(vec![value]),
            1 => Value::tuple(vec![value, Value::Int(1)]),
            _ => Value::from(crate::entries! { "a" => value }),
        };
    }
    assert!(value.size().depth >= 200_000);
    drop(value);
    let list = List::from(vec![Value::str("four"), Value::Int(1)]);
    assert_eq!(list.size().weight, 64 * 3 + 4);
}

#[test]
fn the_text_of_a_vault_value_is_no_template() {
    let sealed = |text: &str| {
        Value::Sealed(Arc::new(Sealed {
            ciphertext: text.to_owned(),
            place: None,
        }))
    };
    let mut variables = Map::new();
    variables.set("sec", sealed("{{ 1 + 1 }}"));
    variables.set("inside", Value::list(vec![sealed("{% raw")]));
    let scope: Arc<dyn Scope> = Arc::new(Table::new(variables));
    let engine = Engine::new(Settings::default());
    for (text, printed) in [
        ("{{ sec }}", "{{ 1 + 1 }}"),
        ("<{{ sec }}>", "<{{ 1 + 1 }}>"),
        ("{{ sec | length }}", "11"),
        ("{{ inside[0] }}", "{% raw"),
        ("{{ inside | join('-') }}", "{% raw"),
    ] {
        let value = engine.render(&Value::Str(Str::template(text, None)), &scope);
        assert_eq!(value.unwrap().to_text(), printed, "{text}");
    }
}

#[test]
fn an_error_quotes_nothing_of_a_sealed_value() {
    let mut variables = Map::new();
    let secret = Str::template("user:hunter2:more", None).secret();
    variables.set("sec", Value::Str(secret.untrusted()));
    let scope: Arc<dyn Scope> = Arc::new(Table {
        variables,
        ..Table::default()
    });
    let engine = Engine::new(Settings::default());
    for text in [
        "{{ sec | regex_replace('a', 'b', mandatory_count=9) }}",
        "{{ sec.split(':')[1] | comment(sec.split(':')[1]) }}",
        "{{ lookup('template', sec.split(':')[1]) }}",
        "{{ 'x' | hash(sec.split(':')[1]) ~ lookup('file', sec) }}",
    ] {
        let error = engine.render(&Value::Str(Str::template(text, None)), &scope);
        let words = error.unwrap_err().chain();
        assert!(!words.contains("hunter2"), "{text}: {words}");
    }
}

#[test]
fn groups_are_named_tuples() {
    let rows = "[{'a': 1, 'b': 2}, {'a': 2, 'b': 3}] | groupby('a')";
    for (text, printed) in [
        (format!("{{{{ ({rows})[1].grouper }}}}"), "2"),
        (
            format!("{{{{ ({rows})[0]['list'] }}}}"),
            "[{'a': 1, 'b': 2}]",
        ),
        (
            format!("{{{{ {rows} | map(attribute='grouper') | join('-') }}}}"),
            "1-2",
        ),
        (
            format!("{{% for k, v in {rows} %}}{{{{ k }}}}{{{{ v | length }}}} {{% endfor %}}"),
            "11 21 ",
        ),
    ] {
        assert_eq!(render(&text).unwrap().to_text(), printed, "{text}");
    }
}

#[test]
fn the_offset_of_a_time_has_a_colon_where_it_is_asked_for() {
    assert_eq!(
        render("{{ '%:z|%z|%:Y' | strftime(0, utc=true) }}")
            .unwrap()
            .to_text(),
        "+00:00|+0000|%:Y"
    );
    assert_eq!(render("{{ '%:z' | strftime(0) }}").unwrap().to_text(), "");
}

#[test]
fn json_of_inventories_has_marks_for_what_it_does_not_have() {
    let text = "{{ '{\"a\": {\"__ansible_unsafe\": \"{{ 1 }}\"}, \"b\": [{\"c\": 1}]}' \
                | from_json(profile='inventory_legacy') }}";
    assert_eq!(
        render(text).unwrap().repr(),
        "{'a': '{{ 1 }}', 'b': [{'c': 1}]}"
    );
    let words = refused("{{ '1' | from_json(profile='nope') }}");
    assert!(words.contains("Unknown profile name"), "{words}");
    assert_eq!(
        render("{{ '1' | from_json(profile='tagless') }}").unwrap(),
        Value::Int(1)
    );
}
