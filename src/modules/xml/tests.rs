use serde::Deserialize;

use super::read::{How, Limits, read};
use super::write;
use crate::modules::driver::{Run, World};
use crate::value::{Value, from_json, to_json};

/// What the reference did with a document (tests/reference/xml_cases.py records it).
#[derive(Deserialize)]
struct Document {
    text: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    task: serde_json::Value,
    result: serde_json::Value,
    after: Option<String>,
}

/// Tasks that end otherwise than with the reference, and why.
const DIFFERENT: &[(&str, &str)] = &[(
    r#"{"xpath":"/business/website[@a='b and c']/x"}"#,
    "the reference splits conditions within quotes",
)];

#[test]
fn documents_end_as_with_the_reference() {
    let documents: Vec<Document> = serde_json::from_str(include_str!("cases.json")).unwrap();
    let world = World::plain();
    let mut wrong = Vec::new();
    for (number, document) in documents.iter().enumerate() {
        for case in &document.cases {
            let task = case.task.to_string();
            if DIFFERENT.iter().any(|(known, _)| *known == task) {
                continue;
            }
            if let Err(why) = compare(&world, document, case) {
                wrong.push(format!("{number} {task}: {why}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn compare(world: &World, document: &Document, case: &Case) -> Result<(), String> {
    world.write("f", &document.text);
    let task = from_json(&case.task.to_string()).unwrap();
    let run = Run::new("xml", world).path("path", "f").args((**task.as_map().unwrap()).clone()).diff();
    let predicted = run.run_checked();
    if world.read("f") != document.text {
        return Err("check mode wrote".to_owned());
    }
    let outcome = run.run().outcome;
    let failed = case.result.get("failed").is_some();
    if outcome.failed != failed {
        return Err(format!("failed: {outcome:?}, {}", case.result));
    }
    if outcome.changed != predicted.changed {
        return Err("check mode says otherwise".to_owned());
    }
    let after = case.after.as_ref().unwrap_or(&document.text);
    let read = world.read("f");
    if &read != after {
        return Err(format!("after: {read:?}, not {after:?}"));
    }
    if failed {
        return Ok(());
    }
    let mut said: serde_json::Value = serde_json::from_str(&to_json(&outcome.to_value())).unwrap();
    let mut wanted = case.result.clone();
    for result in [&mut said, &mut wanted] {
        let result = result.as_object_mut().unwrap();
        result.retain(|key, _| !matches!(key.as_str(), "failed" | "warnings"));
        let diff = result.remove("diff").unwrap_or_default();
        let diff = diff.get(0).cloned().unwrap_or(diff);
        if !diff.is_null() {
            result.insert("before".to_owned(), diff["before"].clone());
            result.insert("after".to_owned(), diff["after"].clone());
        }
    }
    if said != wanted {
        return Err(format!("{said}, not {wanted}"));
    }
    Ok(())
}

#[test]
fn a_file_is_changed_under_every_shell() {
    for world in World::each() {
        world.write("my $f", "<a><b x='1'>one</b></a>\n");
        let run = Run::new("xml", &world)
            .path("path", "my $f")
            .set("xpath", "/a/b")
            .set("value", "it's & \u{e9}")
            .set("backup", true);
        let outcome = run.expect_changed_then_ok();
        let head = "<?xml version='1.0' encoding='UTF-8'?>\n";
        assert_eq!(world.read("my $f"), format!("{head}<a><b x=\"1\">it's &amp; \u{e9}</b></a>"));
        let backup = outcome.text("backup_file").unwrap();
        assert_eq!(std::fs::read_to_string(backup).unwrap(), "<a><b x='1'>one</b></a>\n");
        Run::new("xml", &world)
            .path("path", "none")
            .set("xpath", "/a")
            .expect_failed("none` does not exist");
    }
}

fn on<'a>(world: &'a World, text: &str, xpath: &str) -> Run<'a> {
    Run::new("xml", world).set("xmlstring", text).set("xpath", xpath)
}

#[test]
fn a_text_is_changed_without_a_host() {
    let ran = on(&World::plain(), "<a/>", "/a/b").run();
    let after = "<?xml version='1.0' encoding='UTF-8'?>\n<a><b/></a>";
    assert_eq!(ran.outcome.text("xmlstring"), Some(after));
    assert!(ran.outcome.changed && ran.trips == 0);
    assert!(!on(&World::plain(), after, "/a/b").run().outcome.changed);
    assert!(on(&World::plain(), "<a b='1'/>", "/a/@b='2'").run().outcome.changed);
    // The reference ends in an error where the condition holds.
    assert!(!on(&World::plain(), "<a b='1'/>", "/a/@b='1'").run().outcome.changed);
}

#[test]
fn every_element_gets_its_own_children() {
    let children = Value::list(vec![Value::from("x"), Value::from("y")]);
    let outcome = on(&World::plain(), "<a><b/><b><x/></b></a>", "/a/b").set("set_children", children).run().outcome;
    let after = "<a><b><x/><y/></b><b><x/><y/></b></a>";
    assert!(outcome.text("xmlstring").unwrap().ends_with(after));
}

#[test]
fn documents_in_other_encodings_become_utf_8() {
    let world = World::plain();
    let utf16: Vec<u8> = "\u{feff}<a>\u{e9}</a>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>";
    for bytes in [utf16.as_slice(), latin, b"\xef\xbb\xbf<a>\xc3\xa9</a>"] {
        world.write("f", bytes);
        let run = Run::new("xml", &world).path("path", "f").set("xpath", "/a/b");
        run.expect_changed_then_ok();
        let after = "<?xml version='1.0' encoding='UTF-8'?>\n<a>\u{e9}<b/></a>";
        assert_eq!(world.read("f"), after);
    }
    for (bytes, why) in [
        (&b"<a>\xe9</a>"[..], "byte 3 is not UTF-8"),
        (b"<?xml version='1.0' encoding='koi8-r'?><a/>", "`koi8-r` is not read"),
    ] {
        world.write("f", bytes);
        Run::new("xml", &world).path("path", "f").set("xpath", "/a").expect_failed(why);
        assert_eq!(std::fs::read(world.path("f")).unwrap(), bytes);
    }
}

#[test]
fn what_would_grow_is_refused() {
    let bomb = "<!DOCTYPE a [<!ENTITY b 'bb'><!ENTITY c '&b;&b;'>]><a>&c;</a>";
    on(&World::plain(), bomb, "/a").expect_failed("declares types or entities of its own");
    on(&World::plain(), "<!DOCTYPE a [\n]><a/>", "/a").expect_ok();
    let deep = |depth| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    on(&World::plain(), &deep(256), "/a").expect_ok();
    on(&World::plain(), &deep(257), "/a").expect_failed("line 1: its elements stand too deep");
    on(&World::plain(), &deep(2048), "/a").set("huge_tree", true).expect_ok();
    on(&World::plain(), &"<a/>".repeat(4), "/a").expect_failed("line 1: a second element");
    let many = format!("<a>{}</a>", "<b/>".repeat(500_001));
    on(&World::plain(), &many, "/a").expect_failed("too many elements");
    on(&World::plain(), "<a/>", &"(".repeat(21)).expect_failed("too deep");
    on(&World::plain(), "<a/>", &format!("{}a{}", "(".repeat(20), ")".repeat(20))).run();
    for path in [
        format!("//*{}{}", "[*".repeat(20), "]".repeat(20)),
        format!("{}a", "a|".repeat(200)),
        format!("/a[{}b]", "b or ".repeat(200)),
        format!("/a{}", "/..".repeat(340)),
    ] {
        on(&World::plain(), "<a/>", &path).set("print_match", true).expect_ok();
    }
}

#[test]
fn arguments_that_do_not_fit_are_refused() {
    for (run, why) in [
        (on(&World::plain(), "<a/>", "/a").set("value", 5), "put it in quotes"),
        (on(&World::plain(), "<a/>", "/a").set("value", "5").set("count", true), "mutually exclusive"),
        (on(&World::plain(), "<a/>", "/a").set("attribute", "b"), "all of the following are missing: value"),
        (on(&World::plain(), "<a/>", "/a[").set("value", "b"), "not an XPath expression"),
        (on(&World::plain(), "<a/>", "namespace::*"), "axis `namespace` is not built"),
        (on(&World::plain(), "<a/>", "foo()"), "unknown function"),
        (on(&World::plain(), "<a/>", "$v"), "unbound variable"),
        (on(&World::plain(), "<a/>", "/a").set("value", "\u{1}"), r"may not hold `\u{1}`"),
        (on(&World::plain(), "<a/>", "/a").set("attribute", "x:b").set("value", "c"), "does not stand in `namespaces`"),
        (on(&World::plain(), "<a/>", "/b/c"), "a document has one root"),
        (on(&World::plain(), "<a/>", "/a/*[3]"), "does not say what to make"),
        (on(&World::plain(), "<a b='1'/>", "/a/@b").set("value", "2"), "not an element"),
    ] {
        run.expect_failed(why);
    }
    let world = World::plain();
    Run::new("xml", &world).path("path", "f").expect_failed("xpath");
    Run::new("xml", &world).set("xpath", "/a").expect_failed("xmlstring");
}

/// Pieces of documents, right and wrong.
const PIECES: &[&str] = &[
    "<b>", "</b>", "<c/>", "<c x='1'/>", " ", "\n", "\r\n", "t", "&amp;", "&#10;", "&", ";", "<",
    ">", "<![CDATA[", "]]>", "<!--", "-->", "<?p d?>", "<?", "\u{e9}", "'", "\"", "xmlns:n='u'",
    "<n:d xmlns:n='u'>", "</n:d>", "<!DOCTYPE a", "[", "<?xml version='1.0'?>", "\u{0}", "\u{ffff}",
];

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused(
        pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..24),
        inside in proptest::bool::ANY,
    ) {
        let text = pieces.concat();
        let text = if inside { format!("<a>{text}</a>") } else { text };
        for strip in [false, true] {
            let how = How { strip_cdata: strip, strip_blanks: strip, limits: Limits::new(false) };
            if let Ok(tree) = read(&text, how) {
                let written = write::document(&tree, false);
                let again = read(&written, How { strip_cdata: false, strip_blanks: false, ..how });
                assert_eq!(write::document(&again.unwrap(), false), written);
            }
        }
    }
}
