use proptest::prelude::{ProptestConfig, proptest};

use crate::entries;
use crate::modules::driver::{Run, World};

#[test]
fn matches_are_replaced() {
    for (before, args, after) in [
        ("a b a\n", entries! {"regexp" => "a", "replace" => "c"}, "c b c\n"),
        ("a b a\n", entries! {"regexp" => "a "}, "b a\n"),
        ("x=1\ny=2\n", entries! {"regexp" => r"^(\w)=", "replace" => r"\1 = "}, "x = 1\ny = 2\n"),
        (
            "a\nfrom\na\nto\na\n",
            entries! {"regexp" => "a", "replace" => "b", "after" => "from", "before" => "to"},
            "a\nfrom\nb\nto\na\n",
        ),
        ("a\nto\na\n", entries! {"regexp" => "a", "replace" => "b", "before" => "to"}, "b\nto\na\n"),
        ("a\nto\na\n", entries! {"regexp" => "a", "replace" => "b", "after" => "to"}, "a\nto\nb\n"),
        ("a\r\nb\r\n", entries! {"regexp" => "a$", "replace" => "c"}, "c\r\nb\r\n"),
    ] {
        for world in World::each() {
            world.write("f", before);
            let run = Run::new("replace", &world).path("path", "f").args(args.clone());
            run.expect_predicted(true);
            let outcome = run.expect_changed();
            assert!(outcome.text("msg").unwrap().ends_with("replacements made"));
            assert_eq!(world.read("f"), after, "{args:?}");
        }
    }
}

#[test]
fn nothing_to_replace_is_no_change() {
    for world in World::each() {
        world.write("f", "a\n");
        let run = || Run::new("replace", &world).path("path", "f");
        run().set("regexp", "b").set("replace", "c").expect_ok();
        let outcome = run().set("regexp", "a").set("before", "nope").expect_ok();
        assert!(outcome.text("msg").unwrap().contains("did not match the given file"));
        run().set("regexp", "a").set("replace", "a").set("mode", "0600").expect_changed_then_ok();
        Run::new("replace", &world)
            .path("path", "g")
            .set("regexp", "a")
            .expect_failed("does not exist");
        run().set("regexp", "a").set("replace", r"\9").expect_failed("");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]

    #[test]
    fn any_text_will_do(text in "[^\0\r]{0,60}", with in "[^\0\r\\\\]{0,40}") {
        for world in World::each() {
            world.write("f", format!("{text}<mark>"));
            Run::new("replace", &world)
                .path("path", "f")
                .set("regexp", "<mark>$")
                .set("replace", with.as_str())
                .expect_changed();
            assert_eq!(world.read("f"), format!("{text}{with}"));
        }
    }
}
