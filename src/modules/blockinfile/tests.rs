use proptest::prelude::{ProptestConfig, proptest};

use crate::entries;
use crate::modules::driver::{Run, World};
use crate::value::Map;

fn edited(before: &str, args: Map) -> String {
    let world = World::plain();
    world.write("f", before);
    let run = Run::new("blockinfile", &world).path("path", "f").args(args);
    let predicted = run.run_checked().changed;
    assert_eq!(run.run().outcome.changed, predicted);
    world.read("f")
}

const BLOCK: &str = "# BEGIN ANSIBLE MANAGED BLOCK\nx\n# END ANSIBLE MANAGED BLOCK\n";

#[test]
fn the_block_is_set() {
    let x = || entries! {"block" => "x"};
    let with = |name: &str, value: &str| entries! {"block" => "x", name => value};
    for (before, args, after) in [
        ("a\n", x(), format!("a\n{BLOCK}")),
        ("a", x(), format!("a\n{BLOCK}")),
        ("", x(), BLOCK.to_owned()),
        (BLOCK, x(), BLOCK.to_owned()),
        (BLOCK, entries! {"block" => "y\n"}, BLOCK.replace("x\n", "y\n")),
        (BLOCK, entries! {"block" => ""}, String::new()),
        (BLOCK, with("state", "absent"), String::new()),
        ("a\nb\n", with("insertafter", "^a"), format!("a\n{BLOCK}b\n")),
        ("a\nb\n", with("insertbefore", "^b"), format!("a\n{BLOCK}b\n")),
        ("a\nb\n", with("insertbefore", "BOF"), format!("{BLOCK}a\nb\n")),
        ("a\nb\n", with("insertafter", "nope"), format!("a\nb\n{BLOCK}")),
        ("a\nb\nc\n", with("insertafter", "(?m)^a\nb"), format!("a\nb\n{BLOCK}c\n")),
        (
            "a\nb\n",
            entries! {"block" => "x", "insertafter" => "^a", "prepend_newline" => true,
                "append_newline" => true},
            format!("a\n\n{BLOCK}\nb\n"),
        ),
        (
            "a\n",
            entries! {"block" => "x", "marker" => "// {mark} of it", "marker_begin" => "top",
                "marker_end" => "bottom"},
            "a\n// top of it\nx\n// bottom of it\n".to_owned(),
        ),
    ] {
        assert_eq!(edited(before, args.clone()), after, "{args:?} on {before:?}");
    }
}

#[test]
fn files_are_made_or_missed() {
    for world in World::each() {
        let run = Run::new("blockinfile", &world).path("path", "d e/f").set("block", "x");
        run.expect_failed("does not exist");
        let outcome = run.set("create", true).expect_changed_then_ok();
        assert_eq!(outcome.text("msg"), Some("File created"));
        assert_eq!(world.read("d e/f"), BLOCK);
        Run::new("blockinfile", &world)
            .path("path", "nope")
            .set("state", "absent")
            .expect_ok();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3))]

    #[test]
    fn any_block_will_do(block in "[^\0\r]{1,60}", text in "[^\0]{0,60}") {
        for world in World::each() {
            world.write("f", &text);
            Run::new("blockinfile", &world)
                .path("path", "f")
                .set("block", block.as_str())
                .expect_changed_then_ok();
            assert!(world.read("f").contains(&block));
        }
    }
}
