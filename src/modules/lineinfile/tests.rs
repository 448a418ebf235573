use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use proptest::prelude::{ProptestConfig, proptest};

use crate::entries;
use crate::modules::driver::{Run, World};
use crate::value::{Map, Value};

/// Runs `lineinfile` on a text and gives the new text.
fn edited(before: &str, args: Map) -> String {
    let world = World::plain();
    world.write("f", before);
    let run = Run::new("lineinfile", &world).path("path", "f").args(args);
    let predicted = run.run_checked().changed;
    assert_eq!(run.run().outcome.changed, predicted);
    world.read("f")
}

#[test]
fn the_line_is_set() {
    let hosts = "127.0.0.1 localhost\n# end\n::1 ip6\n";
    for (before, args, after) in [
        (hosts, entries! {"line" => "x"}, "127.0.0.1 localhost\n# end\n::1 ip6\nx\n"),
        (hosts, entries! {"line" => "# end"}, hosts),
        ("a", entries! {"line" => "b"}, "a\nb\n"),
        ("a", entries! {"line" => "a"}, "a\n"),
        ("a\nb\n", entries! {"regexp" => "^a", "line" => "c"}, "c\nb\n"),
        ("a1\na2\n", entries! {"regexp" => "^a", "line" => "c"}, "a1\nc\n"),
        (
            "a1\na2\n",
            entries! {"regexp" => "^a", "line" => "c", "firstmatch" => true},
            "c\na2\n",
        ),
        ("a\n", entries! {"search_string" => "a", "line" => "c"}, "c\n"),
        ("a\n", entries! {"line" => "c", "insertbefore" => "BOF"}, "c\na\n"),
        ("a\n", entries! {"line" => "c", "insertafter" => "EOF"}, "a\nc\n"),
        ("a\nb\n", entries! {"line" => "c", "insertafter" => "^a"}, "a\nc\nb\n"),
        ("a\nb", entries! {"line" => "c", "insertafter" => "^b"}, "a\nb\nc\n"),
        ("a\nb\n", entries! {"line" => "c", "insertbefore" => "^b"}, "a\nc\nb\n"),
        ("a\nb\n", entries! {"line" => "c", "insertbefore" => "nope"}, "a\nb\nc\n"),
        (
            "k=1\n",
            entries! {"regexp" => r"^(\w+)=\d", "line" => r"\1=2", "backrefs" => true},
            "k=2\n",
        ),
        (
            "k=1\n",
            entries! {"regexp" => "^nope", "line" => r"\1=2", "backrefs" => true},
            "k=1\n",
        ),
        ("a\r\nb\r\n", entries! {"line" => "c"}, "a\r\nb\r\nc\r\n"),
        ("a\r\nb\r\n", entries! {"regexp" => "b$", "line" => "c"}, "a\r\nc\r\n"),
        ("a\n", entries! {"line" => "c\n"}, "a\nc\n"),
        ("a\nb\na\n", entries! {"line" => "a", "state" => "absent"}, "b\n"),
        ("a\nb\nab\n", entries! {"regexp" => "^a", "state" => "absent"}, "b\n"),
        ("a\nb\n", entries! {"search_string" => "b", "state" => "absent"}, "a\n"),
        ("a\nb\n", entries! {"regexp" => "nope", "state" => "absent"}, "a\nb\n"),
    ] {
        assert_eq!(edited(before, args.clone()), after, "{args:?} on {before:?}");
    }
}

#[test]
fn bytes_that_are_no_letters_stay() {
    for world in World::each() {
        fs::write(world.path("f"), b"\xff\xfe\0x\nb\n").unwrap();
        Run::new("lineinfile", &world)
            .path("path", "f")
            .set("line", "\u{e9}")
            .expect_changed_then_ok();
        let bytes = fs::read(world.path("f")).unwrap();
        assert_eq!(bytes, b"\xff\xfe\0x\nb\n\xc3\xa9\n");
    }
}

#[test]
fn a_link_stays_and_so_do_mode_and_owner() {
    for world in World::each() {
        world.write("etc/real", "a\n");
        fs::set_permissions(world.path("etc/real"), fs::Permissions::from_mode(0o600)).unwrap();
        std::os::unix::fs::chown(world.path("etc/real"), Some(1234), None).unwrap();
        symlink("etc/real", world.path("l")).unwrap();
        let outcome = Run::new("lineinfile", &world)
            .path("dest", "l")
            .set("line", "b")
            .set("backup", true)
            .set("validate", "grep b %s")
            .diff()
            .expect_changed_then_ok();
        assert_eq!(world.read("etc/real"), "a\nb\n");
        assert_eq!(world.mode("etc/real"), "0600");
        assert!(world.path("l").is_symlink());
        assert_eq!(outcome.text("msg"), Some("line added"));
        let backup = outcome.text("backup").unwrap();
        assert_eq!(fs::read_to_string(backup).unwrap(), "a\n");
        let after = outcome.diff[0].to_value();
        assert_eq!(after.get("after"), Some(&Value::str("a\nb\n")));
        Run::new("lineinfile", &world)
            .path("dest", "l")
            .set("line", "c")
            .set("validate", "grep nope %s")
            .expect_failed("failed to validate");
        assert_eq!(world.read("etc/real"), "a\nb\n");
    }
}

#[test]
fn a_file_is_made_where_it_may_be() {
    for world in World::each() {
        let run = Run::new("lineinfile", &world).path("path", "a b/c/f").set("line", "x");
        run.expect_failed("does not exist");
        let absent = Run::new("lineinfile", &world)
            .path("path", "a b/c/f")
            .set("line", "x")
            .set("state", "absent");
        assert_eq!(absent.expect_ok().text("msg"), Some("file not present"));
        run.set("create", true).set("mode", "0640").expect_changed_then_ok();
        assert_eq!(world.mode("a b/c/f"), "0640");
        Run::new("lineinfile", &world)
            .path("path", "a b/c/f")
            .set("line", "x")
            .set("mode", "0600")
            .expect_changed_then_ok();
        Run::new("lineinfile", &world)
            .path("path", "a b")
            .set("line", "x")
            .expect_failed("is a directory");
    }
}

#[test]
fn wrong_wishes_are_refused() {
    let world = World::plain();
    for (args, part) in [
        (entries! {}, "`line` is required"),
        (entries! {"state" => "absent"}, "`line`, `regexp` or"),
        (entries! {"line" => "x", "backrefs" => true}, "`regexp` is required"),
        (entries! {"line" => "x", "regexp" => "a", "search_string" => "b"}, "exclusive"),
        (entries! {"line" => "x", "insertafter" => "a", "insertbefore" => "b"}, "exclusive"),
        (entries! {"line" => "x", "regexp" => "("}, "regular expression"),
        (entries! {"line" => "x", "encoding" => "klingon"}, "klingon"),
    ] {
        let run = Run::new("lineinfile", &world).path("path", "f");
        run.args(args).expect_failed(part);
    }
}

#[test]
fn long_lines_survive() {
    for world in World::each() {
        let long = "x".repeat(200_000);
        world.write("f", format!("{long}\nend"));
        Run::new("lineinfile", &world)
            .path("path", "f")
            .set("line", format!("{long}y"))
            .expect_changed_then_ok();
        assert_eq!(world.read("f"), format!("{long}\nend\n{long}y\n"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3))]

    #[test]
    fn any_line_will_do(line in "[^\0\r\n]{0,60}", text in "[^\0]{0,60}", name in "[^/\0]{1,40}") {
        if name != "." && name != ".." && name.len() < 200 {
            for world in World::each() {
                world.write(&name, &text);
                let run = Run::new("lineinfile", &world)
                    .path("path", &name)
                    .set("line", line.as_str());
                run.run();
                run.expect_ok();
                let after = world.read(&name);
                assert!(after.split(['\n', '\r']).any(|one| one == line), "{after:?}");
                run.set("state", "absent").expect_changed_then_ok();
            }
        }
    }
}

#[test]
fn letters_that_may_stand_for_bytes_are_themselves() {
    let world = World::plain();
    let letter = "\u{10ffe9}";
    let line = |encoding: &str| {
        let run = Run::new("lineinfile", &world).path("path", "f").set("encoding", encoding);
        run.set("line", letter).diff()
    };
    world.write("f", format!("{letter} a\n"));
    line("utf-8").expect_changed_then_ok();
    assert_eq!(world.read("f"), format!("{letter} a\n{letter}\n"));
    fs::write(world.path("f"), b"caf\xe9\n").unwrap();
    assert!(!line("utf-8").set("line", "x").run_checked().diff.is_empty());
    line("utf-8").set("line", "\u{10ffea}").expect_failed("not in `utf-8` throughout");
    line("ascii").set("line", "\u{e9}").check().expect_failed("has no `\u{e9}`");
    let shown = format!("{:?}", line("utf-8").set("line", "x").expect_changed().diff);
    assert!(shown.contains("caf\u{fffd}") && !shown.contains(letter), "{shown}");
    assert_eq!(fs::read(world.path("f")).unwrap(), b"caf\xe9\nx\n");
}

#[test]
fn backreferences_are_read_where_something_is_found() {
    for world in World::each() {
        world.write("f", "a\n");
        let run = |regexp: &str| {
            Run::new("lineinfile", &world)
                .path("path", "f")
                .set("regexp", regexp)
                .set("line", "\\1")
                .set("backrefs", true)
        };
        run("^nomatch").expect_ok();
        run("^a").expect_failed("invalid group reference 1");
        run("^(a)").expect_ok();
    }
}
