use super::{DumpOptions, Options, dump, load, load_all};
use crate::error::{Error, Kind, Source};
use crate::value::Value;

fn read(text: &str) -> Result<super::Document, Error> {
    load(&Source::new("x.yml", text), &Options::default())
}

#[test]
fn strings_know_their_place_and_their_trust() {
    let document = read("a: '{{ b }}'\nc: !unsafe ['{{ d }}', {e: f}]\n").unwrap();
    let root = document.root.value().as_map().unwrap();
    let Some((Value::Str(key), Value::Str(text))) = root.at(0) else {
        panic!();
    };
    assert_eq!(key.place().unwrap().to_string(), "x.yml:1:1");
    assert_eq!(text.place().unwrap().to_string(), "x.yml:1:4");
    assert!(text.is_template());
    let items = root.get("c").unwrap();
    assert!(!items.has_templates());
    assert_eq!(items.repr(), "['{{ d }}', {'e': 'f'}]");
    let data = load(&Source::new("x", "a: '{{ b }}'"), &Options::data()).unwrap();
    assert!(!data.root.value().has_templates());
}

#[test]
fn json_marks_text_that_is_no_template_and_encrypted_text() {
    let text = r#"{"a": {"__ansible_unsafe": "{{ b }}"}, "c": [{"__ansible_vault": "$ANSIBLE_VAULT"}], "d": "{{ e }}"}"#;
    let document = read(text).unwrap();
    let root = document.root.value().as_map().unwrap();
    let Some(Value::Str(marked)) = root.get("a") else {
        panic!("{}", document.root.value().repr());
    };
    assert!(!marked.is_trusted());
    assert_eq!(marked.place().unwrap().to_string(), "x.yml:1:7");
    assert!(
        matches!(root.get("c"), Some(Value::List(items)) if matches!(items.first(), Some(Value::Sealed(_))))
    );
    assert!(root.get("d").unwrap().has_templates());
    let again = crate::value::to_json(&super::marked_json(document.root.value()));
    assert_eq!(again, text);
    // YAML and data have no such marks, and what is marked must be a string.
    let yaml = read("a: {__ansible_unsafe: b}").unwrap();
    assert_eq!(yaml.root.value().repr(), "{'a': {'__ansible_unsafe': 'b'}}");
    let data = load(&Source::new("x", text), &Options::data()).unwrap();
    assert!(data.root.get("a").unwrap().entries().is_some());
    let error = read(r#"{"a": {"__ansible_unsafe": 1}}"#).unwrap_err();
    assert_eq!(
        error.message(),
        "`__ansible_unsafe` must be a string, not a number"
    );
}

#[test]
fn an_unsafe_alias_is_no_template_either() {
    let document = read("a: &a ['{{ b }}']\nc: !unsafe {d: *a}\ne: *a\n").unwrap();
    assert!(!document.root.get("c").unwrap().value().has_templates());
    assert!(document.root.get("e").unwrap().value().has_templates());
}

#[test]
fn unsafe_looks_through_quotes_as_the_reference_does() {
    assert_eq!(read("!unsafe '12'").unwrap().root.value(), &Value::Int(12));
}

#[test]
fn duplicates_warn_with_their_place() {
    let document = read("a: 1\nb: {<<: {x: 1}, x: 2}\na: 3\n").unwrap();
    assert_eq!(document.root.value().repr(), "{'a': 3, 'b': {'x': 2}}");
    let warnings: Vec<String> = document
        .warnings
        .iter()
        .map(|warning| format!("{} at {}", warning.message(), warning.place().unwrap()))
        .collect();
    assert_eq!(warnings, ["Found duplicate mapping key 'a' at x.yml:3:1"]);
}

#[test]
fn merged_keys_may_be_overridden_once() {
    let document = read("b: &b {x: 1}\nd: {<<: *b, x: 2, x: 3}\n").unwrap();
    assert_eq!(document.root.get("d").unwrap().value().repr(), "{'x': 3}");
    assert_eq!(document.warnings.len(), 1);
}

#[test]
fn merged_mappings_follow_one_another() {
    // As PyYAML 6.0.4: of a key of one letter the first value counts, of a longer one the last.
    let text = "a: &a {x: 1, port: 1}\nb: &b {z: 3, x: 9, port: 9}\n\
                l: {<<: [*a, *b]}\nm:\n  <<: *a\n  <<: *b\n  q: 1\no: {<<: [*b, *a], port: 5}\n";
    let document = read(text).unwrap();
    let shown = |name: &str| document.root.get(name).unwrap().value().repr();
    assert_eq!(shown("l"), "{'x': 1, 'port': 9, 'z': 3}");
    assert_eq!(shown("m"), "{'x': 1, 'port': 9, 'z': 3, 'q': 1}");
    assert_eq!(shown("o"), "{'z': 3, 'x': 9, 'port': 5}");
    // The reference takes the keys of which the last value counts for doubled ones.
    let warnings = document.warnings.iter();
    assert!(
        warnings.clone().count() > 0
            && warnings
                .clone()
                .all(|warning| warning.message().contains("'port'"))
    );
}

#[test]
fn an_alias_is_the_same_node() {
    let document = read("a: &a [1]\nb: *a\n").unwrap();
    let (a, b) = (
        document.root.get("a").unwrap(),
        document.root.get("b").unwrap(),
    );
    let (Value::List(a), Value::List(b)) = (a.value(), b.value()) else {
        panic!();
    };
    assert!(std::sync::Arc::ptr_eq(a, b));
}

#[test]
fn one_document_or_none() {
    assert!(read("").unwrap().root.is_null());
    assert!(read("# only this\n").unwrap().root.is_null());
    let error = read("a: 1\n---\nb: 2\n").unwrap_err();
    assert_eq!(error.place().unwrap().line, 2);
    let source = Source::new("x", "a\n---\nb\n---\n");
    assert_eq!(load_all(&source, &Options::default()).unwrap().len(), 3);
}

#[test]
fn json_is_read_as_json() {
    let text = "{\"a\":1e3,\n\t\"b\": \"\\ud83d\\ude00\\/\", \"c\": [true, null, 1.50]}";
    let document = read(text).unwrap();
    assert_eq!(
        document.root.value().repr(),
        "{'a': 1000.0, 'b': '😀/', 'c': [True, None, 1.5]}"
    );
}

#[test]
fn depth_through_aliases_is_bounded() {
    let lines = (1..1000).map(|i| format!("a{i}: &a{i} [*a{}]\n", i - 1));
    let error = read(&format!("a0: &a0 x\n{}", lines.collect::<String>())).unwrap_err();
    assert!(error.message().contains("deep"), "{error}");
}

/// Message, place and hint of the mistakes that users make.
#[test]
fn mistakes_are_explained() {
    let mut wrong = Vec::new();
    for (text, place, message, hint) in [
        (
            "msg: {{ x }}\n",
            "1:7",
            "a mapping cannot be a key",
            "a value that begins with a template needs quotes: `msg: \"{{ x }}\"`",
        ),
        (
            "- path: {{ x }}/foo\n",
            "1:10",
            "a mapping cannot be a key",
            "a value that begins with a template needs quotes: `path: \"{{ x }}/foo\"`",
        ),
        (
            "a:\n\tb: 1\n",
            "2:1",
            "a tab stands where YAML allows only spaces",
            "indent with spaces",
        ),
        (
            "a: b: c\n",
            "1:5",
            "a value without quotes cannot contain `: `",
            "put the value in quotes: `a: \"b: c\"`",
        ),
        (
            "a:1\nb: 2\n",
            "2:2",
            "this key stands where the value above goes on",
            "put a space after the colon: `a: 1`",
        ),
        (
            "- name: x\n   debug: y\n",
            "2:9",
            "this key stands where the value above goes on",
            "keys of one mapping begin in the same column; or the line above lacks its `:`",
        ),
        (
            "a:\n  b: 1\n c: 2\n",
            "3:2",
            "the line is indented by 1 space, which fits none of the lines above",
            "the keys of one mapping, or the `-` of one list, begin in the same column",
        ),
        (
            "- name: x\n  debug\n  msg: y\n",
            "2:3",
            "this line is neither a key with its `:` nor part of the value above",
            "write `debug:` for a key; indent it deeper to continue the value above",
        ),
        (
            "a: \"foo\nb: 1\n",
            "1:4",
            "this quote is never closed",
            "close it with `\"`; a value that holds a quote needs the other kind around it",
        ),
        (
            "a: \"{{ lookup('file', \"/x\") }}\"\n",
            "1:24",
            "text follows the closing quote",
            "inside a template, use the other kind of quotes than around it",
        ),
        (
            "hosts: *\n",
            "1:8",
            "`*` begins an alias, and no name follows",
            "a pattern needs quotes: `hosts: \"*\"`",
        ),
        (
            "hosts: !all\n",
            "1:8",
            "unknown tag `!all`",
            "a value that begins with `!` needs quotes; the tags are `!vault`, `!unsafe` and YAML's own",
        ),
        (
            "a: @foo\n",
            "1:4",
            "no value can begin with `@`",
            "put the value in quotes: `a: \"@foo\"`",
        ),
        (
            "p: \"C:\\Users\"\n",
            "1:7",
            "a backslash in double quotes begins an escape, and this is none",
            "use single quotes, or write `\\\\` for a backslash",
        ),
        ("a: [1, 2\n", "1:4", "this `[` is never closed", ""),
        (
            "a: [1, 2\nb: 3\n",
            "2:2",
            "expected `,` or `]`",
            "the `[` of line 1 is still open",
        ),
        (
            "\"a\":1\n",
            "1:4",
            "YAML parsing failed: Did not find expected <document start>: unexpected text after the end of the value",
            "put a space after the colon: `\"a\": 1`",
        ),
        (
            "a: - b\n",
            "1:4",
            "a list cannot begin on the line of its key",
            "begin it on the next line, or put it in brackets",
        ),
        (
            "a: |x\n",
            "1:4",
            "text follows the sign that begins a block",
            "begin the block's text on the next line",
        ),
        (
            "a: b\n- c\n",
            "2:1",
            "the line is not indented, which fits none of the lines above",
            "the keys of one mapping, or the `-` of one list, begin in the same column",
        ),
        (
            "a: ]\n",
            "1:4",
            "this bracket closes nothing that is open",
            "",
        ),
        (
            "a: *nope\n",
            "1:4",
            "there is no anchor for the alias `*nope`",
            "a pattern needs quotes: `a: \"*nope\"`",
        ),
        (
            "a: &x 1\nb: &x 2\n",
            "2:4",
            "there is an anchor `x` already",
            "give the two anchors different names",
        ),
        (
            "%FOO\n---\n",
            "1:1",
            "this is not a directive that YAML 1.1 has",
            "directives are `%YAML 1.1` and `%TAG`, with `---` after them",
        ),
        (
            "--- a: 1\n",
            "1:6",
            "a mapping cannot begin on the line of `---`",
            "begin `a: 1` on the next line",
        ),
        (
            "key: 'it's'\n",
            "1:10",
            "text follows the closing quote",
            "a single quote inside single quotes is written twice: `''`",
        ),
        (
            "d: 2024-02-30\n",
            "1:4",
            "wrong value `2024-02-30`: no such date",
            "put the value in quotes if it is meant as text",
        ),
    ] {
        let error = read(text).unwrap_err();
        assert_eq!(error.kind(), Kind::Syntax);
        let got = (
            format!(
                "{}:{}",
                error.place().unwrap().line,
                error.place().unwrap().column
            ),
            error.message(),
            error.hint_text().unwrap_or_default(),
        );
        if got != (place.to_owned(), message, hint) {
            wrong.push(format!("{text}{got:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_sealed_text_is_never_quoted() {
    for text in [
        "pass: hunter2: x\n",
        "d: 2024-02-30\n",
        "hunter2: 1\nhunter2: 2\n",
        "hunter2\nx: 1",
        "pass: !hunter2\n",
        "pass: *hunter2\n",
        "a: &hunter2 x\nb: &hunter2 x\n",
        "a: &hunter2 [*hunter2]\n",
        "{{ hunter2 }}: 1\n",
        "a: 'x' hunter2\n",
        "a: [hunter2\n",
        "<<: hunter2\n",
        "a: \"\\hunter2\"\n",
    ] {
        let shown = match load(&Source::sealed("x.yml", text), &Options::default()) {
            Err(error) => error.report(crate::error::Manner::Own, false),
            Ok(document) => document
                .warnings
                .iter()
                .map(|it| it.report(crate::error::Manner::Own, false))
                .collect(),
        };
        assert!(!shown.is_empty());
        assert!(
            !shown.contains("hunter2") && !shown.contains("2024"),
            "{shown}"
        );
    }
}

#[test]
fn what_yaml_has_no_form_for_is_refused() {
    assert!(dump(&Value::Omit, &DumpOptions::default()).is_err());
    assert!(dump(&Value::Duration(1), &DumpOptions::default()).is_err());
}

#[test]
fn sealed_values_and_sets_print_with_their_tags() {
    let document =
        read("a: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  61\nb: !!set {x, y}\n").unwrap();
    let text = dump(document.root.value(), &DumpOptions::default()).unwrap();
    assert_eq!(
        text,
        "a: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  61\nb: !!set {x: null, y: null}\n"
    );
}
