use std::os::unix::fs::symlink;

use crate::entries;
use crate::modules::driver::{Run, World};
use crate::outcome::Outcome;
use crate::value::{Map, Value};

fn world_of_files(world: &World) {
    for (name, content) in [
        ("t/a.log", "one\ntwo\n"),
        ("t/b.txt", "xx\n"),
        ("t/.hidden", ""),
        ("t/sub/c.log", "three\n"),
        ("t/sub/deep/d 'e'\n$f", "four\n"),
        ("t/.git/config", "five\n"),
    ] {
        world.write(name, content);
    }
    symlink("sub", world.path("t/link")).unwrap();
    symlink("nowhere", world.path("t/broken")).unwrap();
}

fn names(world: &World, outcome: &Outcome) -> Vec<String> {
    let start = world.text("t/");
    let files = outcome.data.get("files").unwrap().as_list().unwrap().clone();
    let path = |file: &Value| file.get("path").unwrap().as_str().unwrap().to_owned();
    let mut names: Vec<_> = files
        .iter()
        .map(|file| path(file).strip_prefix(&start).unwrap().to_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn what_passes_is_found() {
    let deep = "sub/deep/d 'e'\n$f";
    let cases: Vec<(Map, Vec<&str>)> = vec![
        (entries! {}, vec!["a.log", "b.txt"]),
        (entries! {"hidden" => true}, vec![".hidden", "a.log", "b.txt"]),
        (
            entries! {"recurse" => true},
            vec![".git/config", "a.log", "b.txt", "sub/c.log", deep],
        ),
        (entries! {"recurse" => true, "depth" => 1}, vec!["a.log", "b.txt"]),
        (
            entries! {"recurse" => true, "depth" => 2},
            vec![".git/config", "a.log", "b.txt", "sub/c.log"],
        ),
        (entries! {"recurse" => true, "patterns" => "*.log"}, vec!["a.log", "sub/c.log"]),
        (
            entries! {"recurse" => true, "patterns" => r"^[ab]\..*", "use_regex" => true},
            vec!["a.log", "b.txt"],
        ),
        (entries! {"excludes" => "*.log"}, vec!["b.txt"]),
        (entries! {"contains" => "t.o", "recurse" => true}, vec!["a.log"]),
        (entries! {"contains" => ".*ee", "recurse" => true}, vec!["sub/c.log"]),
        (
            entries! {"contains" => "e\ntw", "read_whole_file" => true},
            vec!["a.log"],
        ),
        (entries! {"size" => "4"}, vec!["a.log"]),
        (entries! {"size" => "-4"}, vec!["b.txt"]),
        (entries! {"age" => "1w"}, vec![]),
        (entries! {"age" => "-1w"}, vec!["a.log", "b.txt"]),
        (entries! {"file_type" => "directory"}, vec!["sub"]),
        (entries! {"file_type" => "link"}, vec!["broken", "link"]),
        (entries! {"file_type" => "any"}, vec!["a.log", "b.txt", "broken", "link", "sub"]),
        (entries! {"mode" => "0644"}, vec!["a.log", "b.txt"]),
        (entries! {"mode" => "0600"}, vec![]),
        (entries! {"mode" => "u=r", "exact_mode" => false}, vec!["a.log", "b.txt"]),
        (entries! {"limit" => 1}, vec!["a.log"]),
        (
            entries! {"recurse" => true, "follow" => true, "patterns" => "c.log"},
            vec!["link/c.log", "sub/c.log"],
        ),
    ];
    for world in World::each() {
        world_of_files(&world);
        for (args, wanted) in &cases {
            let run = Run::new("find", &world).path("paths", "t").args(args.clone());
            let outcome = run.run().outcome;
            assert!(!outcome.failed && !outcome.changed, "{outcome:?}");
            assert_eq!(names(&world, &outcome), *wanted, "{args:?} {}", world.shell_name());
            let matched = outcome.data.get("matched").and_then(Value::as_int);
            assert_eq!(matched, Some(wanted.len() as i64));
        }
    }
}

#[test]
fn a_file_in_another_encoding_ends_the_search_of_its_path() {
    for world in World::each() {
        world.write("t/a.txt", "one\n");
        world.write("t/b.gbk", b"\xc4\xe3\xba\xc3\n");
        world.write("t/c.txt", "one\n");
        world.write("u/d.txt", "one\n");
        let find = |encoding: Option<&str>, text: &str| {
            let run = Run::new("find", &world)
                .set("paths", Value::list(vec![Value::from(world.text("t")), Value::from(world.text("u"))]))
                .set("contains", text);
            match encoding {
                Some(name) => run.set("encoding", name).run().outcome,
                None => run.run().outcome,
            }
        };
        let said = |outcome: &Outcome| {
            let skipped = outcome.data.get("skipped_paths").unwrap().clone();
            skipped.get(&world.text("t")).map(Value::to_text)
        };
        let decode = format!("Failed to decode the file '{}' with encoding: utf-8", world.text("t/b.gbk"));
        let outcome = find(Some("utf-8"), "one");
        assert_eq!(said(&outcome), Some(decode.clone()));
        assert_eq!(outcome.data.get("matched").and_then(Value::as_int), Some(2));
        assert_eq!(outcome.text("msg"), Some("Not all paths examined, check warnings for details"));
        assert_eq!(said(&find(None, "one")), Some(format!("{decode} (Python default)")));
        assert_eq!(said(&find(Some("klingon"), "one")), Some("unknown encoding: klingon".to_owned()));
        let outcome = find(Some("gbk"), "\u{4f60}\u{597d}");
        assert_eq!(said(&outcome), None);
        assert_eq!(outcome.data.get("matched").and_then(Value::as_int), Some(1));
    }
}

#[test]
fn checksums_come_where_they_are_asked_for() {
    for world in World::each() {
        world_of_files(&world);
        let outcome = Run::new("find", &world)
            .path("paths", "t")
            .set("patterns", "b.txt")
            .set("get_checksum", true)
            .set("checksum", "md5")
            .run()
            .outcome;
        let files = outcome.data.get("files").unwrap().as_list().unwrap().clone();
        let sum = files[0].get("checksum").unwrap().clone();
        assert_eq!(sum, Value::str("102f5037fe6474019fe947b4977bb2a5"));
        assert_eq!(files[0].get("size"), Some(&Value::Int(3)));
        assert_eq!(files[0].get("isreg"), Some(&Value::Bool(true)));
    }
}

#[test]
fn what_is_no_folder_is_skipped_with_a_warning() {
    for world in World::each() {
        world_of_files(&world);
        let paths = Value::strings([world.text("t/a.log"), world.text("t/sub")]);
        let outcome = Run::new("find", &world).set("path", paths).expect_ok();
        assert_eq!(names(&world, &outcome), ["sub/c.log"]);
        assert_eq!(outcome.warnings.len(), 1);
        let skipped = outcome.data.get("skipped_paths").unwrap();
        assert!(skipped.get(&world.text("t/a.log")).is_some());
        let run = Run::new("find", &world).path("paths", "t").set("limit", 0);
        run.expect_failed("less than one");
        let run = Run::new("find", &world).path("paths", "t").set("age", "2y");
        run.expect_failed("units");
    }
}

#[test]
fn a_host_without_stat_does_too() {
    for world in World::each() {
        world_of_files(&world);
        world.fake("stat", "exit 1");
        let run = Run::new("find", &world).path("paths", "t").set("recurse", true);
        let outcome = run.expect_ok();
        assert_eq!(names(&world, &outcome).len(), 5, "{}", world.shell_name());
    }
}
