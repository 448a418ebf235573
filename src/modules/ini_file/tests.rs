use crate::entries;
use crate::modules::driver::{Run, World};
use crate::value::{Map, Value};

fn edited(before: &str, args: Map) -> (String, String) {
    let world = World::plain();
    world.write("f", before);
    let run = Run::new("ini_file", &world).path("path", "f").args(args);
    let predicted = run.run_checked().changed;
    let outcome = run.run().outcome;
    assert!(!outcome.failed, "{outcome:?}");
    assert_eq!(outcome.changed, predicted);
    assert!(!run.run().outcome.changed, "a second run changes nothing");
    let message = outcome.text("msg").unwrap().to_owned();
    (world.read("f"), message)
}

const TEXT: &str = "top = 0\n[one]\na = 1\n# b = 9\n\n[two]\nc=3\n";

#[test]
fn options_are_set() {
    let set = |section: &str, option: &str, value: &str| {
        entries! {"section" => section, "option" => option, "value" => value}
    };
    let bare = entries! {"section" => "one", "option" => "x", "allow_no_value" => true};
    for (before, args, after, message) in [
        (TEXT, set("one", "a", "1"), TEXT.to_owned(), "OK"),
        (TEXT, set("one", "a", "2"), TEXT.replace("a = 1", "a = 2"), "option changed"),
        (TEXT, set("one", "b", "2"), TEXT.replace("# b = 9", "b = 2"), "option changed"),
        (TEXT, set("one", "x", "y"), TEXT.replace("a = 1\n", "a = 1\nx = y\n"), "option added"),
        (TEXT, set("two", "c", "3"), TEXT.replace("c=3", "c = 3"), "option changed"),
        (TEXT, set("new", "x", "y"), format!("{TEXT}[new]\nx = y\n"), "section and option added"),
        (
            TEXT,
            entries! {"option" => "top", "value" => "1"},
            TEXT.replace("top = 0", "top = 1"),
            "option changed",
        ),
        (
            TEXT,
            entries! {"option" => "other", "value" => "1", "no_extra_spaces" => true},
            TEXT.replace("top = 0\n", "top = 0\nother=1\n"),
            "option added",
        ),
        (
            TEXT,
            entries! {"section" => "two", "option" => "c", "value" => "3", "ignore_spaces" => true},
            TEXT.to_owned(),
            "OK",
        ),
        (
            TEXT,
            entries! {"section" => "one", "option" => "b", "value" => "2",
                "modify_inactive_option" => false},
            TEXT.replace("a = 1\n", "a = 1\nb = 2\n"),
            "option added",
        ),
        (TEXT, entries! {"section" => "new"}, format!("{TEXT}[new]\n"), "only section added"),
        (TEXT, bare, TEXT.replace("a = 1\n", "a = 1\nx\n"), "option added"),
        ("", set("s", "a", "1"), "\n[s]\na = 1\n".to_owned(), "section and option added"),
        ("", entries! {"option" => "a", "value" => "1"}, "a = 1\n\n".to_owned(), "option added"),
        ("\u{feff}[s]\n", set("s", "a", "1"), "\u{feff}[s]\na = 1\n".to_owned(), "option added"),
    ] {
        let got = edited(before, args.clone());
        assert_eq!(got, (after, message.to_owned()), "{args:?}");
    }
}

#[test]
fn options_of_many_values_are_kept_apart() {
    let many = "[s]\na = 1\na = 2\na = 3\n";
    let values = |list: &[&str]| Value::strings(list.iter().copied());
    for (args, after) in [
        (entries! {"values" => values(&["2", "4"])}, "[s]\na = 4\na = 2\n"),
        (
            entries! {"values" => values(&["4", "1"]), "exclusive" => false},
            "[s]\na = 1\na = 2\na = 3\na = 4\n",
        ),
        (entries! {"state" => "absent"}, "[s]\n"),
        (
            entries! {"state" => "absent", "values" => values(&["1", "3"]), "exclusive" => false},
            "[s]\na = 2\n",
        ),
    ] {
        let mut all = entries! {"section" => "s", "option" => "a"};
        all.extend_from(&args);
        assert_eq!(edited(many, all).0, after, "{args:?}");
    }
}

#[test]
fn sections_are_told_apart_by_what_they_hold() {
    let peers = "[Peer]\nip = 1\nkey = a\n[Peer]\nip = 2\nkey = b\n";
    let second = Value::list(vec![Value::map(entries! {"option" => "ip", "value" => "2"})]);
    let third = Value::list(vec![Value::map(entries! {"option" => "ip", "value" => "3"})]);
    let peer = |held: &Value, more: Map| {
        let mut args = entries! {"section" => "Peer", "section_has_values" => held.clone()};
        args.extend_from(&more);
        edited(peers, args).0
    };
    let key = || entries! {"option" => "key", "value" => "x"};
    assert_eq!(peer(&second, key()), peers.replace("key = b", "key = x"));
    assert_eq!(peer(&third, key()), format!("{peers}[Peer]\nip = 3\nkey = x\n"));
    let absent = entries! {"state" => "absent"};
    assert_eq!(peer(&second, absent), "[Peer]\nip = 1\nkey = a\n");
}

#[test]
fn files_are_made_with_their_attributes() {
    for world in World::each() {
        let run = || {
            Run::new("ini_file", &world)
                .path("path", "a b/f")
                .set("section", "s")
                .set("option", "o")
                .set("value", "it's $x")
        };
        run().set("create", false).expect_failed("does not exist");
        let outcome = run().set("mode", "0600").expect_changed_then_ok();
        assert_eq!(outcome.text("mode"), Some("0600"));
        assert_eq!(world.read("a b/f"), "\n[s]\no = it's $x\n");
        Run::new("ini_file", &world)
            .path("path", "a b/f")
            .set("option", "o")
            .expect_failed("`value` or `values` is required");
    }
}

#[test]
fn a_link_becomes_a_file_unless_it_is_followed() {
    for follow in [true, false] {
        let world = World::plain();
        world.write("real", "[s]\n");
        std::os::unix::fs::symlink("real", world.path("l")).unwrap();
        Run::new("ini_file", &world)
            .path("path", "l")
            .set("section", "s")
            .set("option", "o")
            .set("value", "1")
            .set("follow", follow)
            .expect_changed_then_ok();
        assert_eq!(world.path("l").is_symlink(), follow);
        assert_eq!(world.read("real") != "[s]\n", follow);
    }
}
