use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use proptest::prelude::{ProptestConfig, proptest};

use crate::modules::driver::{Run, World};

fn file<'a>(world: &'a World, path: &str, state: &str) -> Run<'a> {
    Run::new("file", world).path("path", path).set("state", state)
}

#[test]
fn directories_are_made_with_those_above_them() {
    for world in World::each() {
        let run = file(&world, "a b/-c/$d 'e'/f", "directory").set("mode", "u=rwx,g=rx,o=");
        let outcome = run.expect_changed_then_ok();
        assert_eq!(outcome.text("mode"), Some("0750"));
        assert_eq!(outcome.text("state"), Some("directory"));
        assert_eq!(world.mode("a b"), "0750");
        assert_eq!(world.mode("a b/-c/$d 'e'/f"), "0750");
        world.write("plain", "x");
        file(&world, "plain", "directory").expect_failed("already exists as a file");
    }
}

#[test]
fn setgid_goes_from_a_folder_where_the_mode_says_so() {
    for world in World::each() {
        file(&world, "d", "directory").set("mode", "2775").expect_changed_then_ok();
        assert_eq!(world.mode("d"), "2775");
        file(&world, "d", "directory").set("mode", "0755").expect_changed_then_ok();
        assert_eq!(world.mode("d"), "0755");
    }
}

#[test]
fn an_empty_file_is_made_and_its_times_are_kept() {
    for world in World::each() {
        let touch = file(&world, "f", "touch").set("mode", "0600");
        touch.expect_predicted(true);
        let outcome = touch.expect_changed();
        assert_eq!(outcome.text("dest"), Some(world.text("f").as_str()));
        assert_eq!(outcome.text("state"), Some("file"));
        touch.expect_changed();
        let keep = file(&world, "f", "touch")
            .set("access_time", "preserve")
            .set("modification_time", "preserve");
        keep.expect_ok();
        let at = file(&world, "f", "touch")
            .set("modification_time", "202001020304.05")
            .set("access_time", "last year")
            .set("access_time_format", "%Y");
        at.expect_failed("does not fit the format");
        let at = file(&world, "f", "file").set("modification_time", "202001020304.05");
        at.expect_changed_then_ok();
    }
}

#[test]
fn a_new_file_goes_again_where_it_cannot_have_its_owner_or_time() {
    for world in World::each() {
        fs::create_dir(world.path("shared")).unwrap();
        fs::set_permissions(world.path("shared"), fs::Permissions::from_mode(0o1777)).unwrap();
        for name in ["f", "shared/f"] {
            let fails = |run: Run| {
                run.set("attributes", "+Q").expect_failed("");
            };
            fails(file(&world, name, "touch"));
            assert!(!world.path(name).exists(), "{name}");
            world.write(name, "mine");
            fails(file(&world, name, "touch"));
            assert_eq!(fs::read(world.path(name)).unwrap(), b"mine");
        }
    }
}

#[test]
fn the_difference_of_a_folder_that_goes_lists_what_is_in_it() {
    for world in World::each() {
        fs::create_dir_all(world.path("d/a b/c")).unwrap();
        world.write("d/f", "x");
        world.write("d/a b/line\nend", "x");
        symlink("/nowhere", world.path("d/a b/l")).unwrap();
        let absent = |path: &str| file(&world, path, "absent").diff().check();
        let outcome = absent("d").expect_predicted(true);
        let content = outcome.data.get("diff").unwrap().get("before").unwrap();
        let names = |kind: &str| {
            let names = content.get("path_content").unwrap().get(kind).unwrap();
            let mut names: Vec<String> =
                names.as_list().unwrap().iter().map(|name| name.to_text()).collect();
            names.sort();
            names
        };
        let all = |names: &[&str]| -> Vec<String> {
            names.iter().map(|name| world.text(name)).collect()
        };
        assert_eq!(names("directories"), all(&["d/a b", "d/a b/c"]));
        assert_eq!(names("files"), all(&["d/a b/l", "d/a b/line\nend", "d/f"]));
        let of_file = absent("d/f").expect_predicted(true);
        let before = of_file.data.get("diff").unwrap().get("before").unwrap().clone();
        assert!(before.get("path_content").is_none());
    }
}

#[test]
fn a_file_must_be_there() {
    for world in World::each() {
        file(&world, "nope", "file").expect_failed("is absent, cannot continue");
        Run::new("file", &world).path("path", "nope").expect_failed("is absent");
        file(&world, "nope", "absent").expect_ok();
        world.write("f", "x");
        Run::new("file", &world)
            .path("dest", "f")
            .set("mode", "u+x,g-w")
            .expect_changed_then_ok();
        file(&world, "f", "file")
            .set("owner", "nobody-here")
            .expect_failed("chown failed: failed to look up user nobody-here");
        file(&world, "f", "file")
            .set("mode", "preserve")
            .expect_failed("preserve");
    }
}

#[test]
fn an_owner_who_is_not_there_yet_is_a_change_in_check_mode() {
    for world in World::each() {
        let new = || file(&world, "new", "directory").set("owner", "nobody-here").set("group", "none-such");
        let outcome = new().check().expect_changed();
        assert!(outcome.warnings[0].contains("up to this point in real play"), "{:?}", outcome.warnings);
        new().expect_failed("chown failed: failed to look up user nobody-here");
        assert!(!world.path("new").exists());
    }
}

#[test]
fn links_are_made_and_replaced() {
    for world in World::each() {
        world.write("target", "x");
        let link = file(&world, "l", "link").set("src", "target");
        let outcome = link.expect_changed_then_ok();
        assert_eq!(outcome.text("src"), Some("target"));
        assert_eq!(outcome.text("state"), Some("link"));
        fs::create_dir(world.path("folder")).unwrap();
        let other = file(&world, "l", "link").set("src", "folder");
        other.expect_changed_then_ok();
        link.expect_changed_then_ok();
        assert_eq!(fs::read_dir(world.path("folder")).unwrap().count(), 0);
        let missing = file(&world, "m", "link").set("src", "missing");
        missing.expect_failed("src file does not exist, use 'force=yes'");
        let forced = file(&world, "m", "link")
            .set("src", "missing")
            .set("force", true);
        let outcome = forced.expect_changed_then_ok();
        assert!(outcome.warnings[0].contains("leads to nothing"));
        file(&world, "target", "link")
            .set("src", "folder")
            .expect_failed("refusing to convert from");
        file(&world, "folder", "link")
            .path("src", "target")
            .set("force", true)
            .expect_changed_then_ok();
    }
}

#[test]
fn a_links_mode_is_its_targets_where_it_is_followed() {
    for world in World::each() {
        world.write("target", "x");
        symlink("target", world.path("l")).unwrap();
        file(&world, "l", "link").set("mode", "0600").expect_changed_then_ok();
        assert_eq!(world.mode("target"), "0600");
        file(&world, "l", "file").set("mode", "0640").expect_changed_then_ok();
        assert_eq!(world.mode("target"), "0640");
    }
}

#[test]
fn hard_links_are_made_and_replaced() {
    for world in World::each() {
        world.write("a", "a");
        world.write("b", "b");
        let hard = file(&world, "h", "hard").path("src", "a");
        let outcome = hard.expect_changed_then_ok();
        assert_eq!(outcome.text("state"), Some("hard"));
        let other = file(&world, "h", "hard").path("src", "b");
        other.expect_failed("exists at destination");
        file(&world, "h", "hard")
            .path("src", "b")
            .set("force", true)
            .expect_changed_then_ok();
        assert_eq!(world.read("h"), "b");
        file(&world, "x", "hard").expect_failed("src is required for creating new hardlinks");
        file(&world, "x", "hard").path("src", "no").expect_failed("does not exist");
    }
}

#[test]
fn what_is_absent_is_gone() {
    for world in World::each() {
        world.write("d/e/f", "x");
        symlink("d", world.path("l")).unwrap();
        file(&world, "l", "absent").expect_changed_then_ok();
        assert_eq!(world.read("d/e/f"), "x");
        let outcome = file(&world, "d", "absent").expect_changed_then_ok();
        assert_eq!(outcome.text("state"), Some("absent"));
    }
}

#[test]
fn a_tree_is_set_in_one_go() {
    for world in World::each() {
        for name in ["t/a b", "t/-c/$d", "t/-c/e\n'f'", "t/u/\u{e9}", "outside"] {
            world.write(name, "x");
        }
        symlink("../../outside", world.path("t/u/link")).unwrap();
        symlink("nowhere", world.path("t/broken")).unwrap();
        let run = file(&world, "t", "directory")
            .set("recurse", true)
            .set("mode", "u=rwX,g=,o=");
        run.expect_changed_then_ok();
        assert_eq!(world.mode("t"), "0700");
        assert_eq!(world.mode("t/-c"), "0700");
        assert_eq!(world.mode("t/-c/e\n'f'"), "0600");
        assert_eq!(world.mode("outside"), "0600");
        file(&world, "t", "file")
            .set("recurse", true)
            .expect_failed("recurse option requires state");
    }
}

#[test]
fn a_host_without_stat_does_too() {
    for world in World::each() {
        world.fake("stat", "exit 1");
        world.write("t/a b", "x");
        world.write("t/c\nd", "x");
        file(&world, "t", "directory")
            .set("recurse", true)
            .set("mode", "go-rwx")
            .expect_changed_then_ok();
        file(&world, "h", "hard").path("src", "t/a b").expect_changed_then_ok();
        file(&world, "l", "link").set("src", "h").expect_changed_then_ok();
        let outcome = file(&world, "h", "hard").expect_ok();
        assert_eq!(outcome.text("mode"), Some("0600"));
    }
}

#[test]
fn a_difference_shows_what_differs() {
    let world = World::plain();
    let run = file(&world, "d", "directory").set("mode", "0700").diff();
    let diff = run.expect_changed().diff[0].to_value();
    let after = diff.get("after").unwrap().as_str().unwrap().to_owned();
    assert!(after.contains(r#""mode": "0700""#) && after.contains(r#""state": "directory""#));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]

    #[test]
    fn any_name_will_do(name in "[^/\0]{1,40}") {
        if name != "." && name != ".." && name.len() < 200 {
            for world in World::each() {
                file(&world, &name, "touch").expect_changed();
                let link = format!("to {name}");
                file(&world, &link, "link").set("src", name.as_str()).expect_changed_then_ok();
                file(&world, &link, "absent").expect_changed_then_ok();
                file(&world, &name, "absent").expect_changed_then_ok();
                let outcome = file(&world, &name, "directory").expect_changed_then_ok();
                assert_eq!(outcome.text("path"), Some(world.text(&name).as_str()));
            }
        }
    }
}

#[test]
fn a_link_that_is_there_needs_no_state() {
    for world in World::each() {
        world.write("target", "x");
        symlink("target", world.path("l")).unwrap();
        symlink("/nowhere", world.path("dangling")).unwrap();
        let there = |path: &str| Run::new("file", &world).path("path", path);
        there("l").set("mode", "0600").expect_changed_then_ok();
        assert_eq!(world.mode("target"), "0600");
        there("l").expect_ok();
        there("dangling").expect_ok();
        if rustix::process::geteuid().is_root() {
            there("l").set("owner", "5").set("follow", false).expect_changed_then_ok();
            there("dangling").set("owner", "5").set("follow", false).expect_changed_then_ok();
            let about = fs::symlink_metadata(world.path("dangling")).unwrap();
            assert_eq!(std::os::unix::fs::MetadataExt::uid(&about), 5);
        }
        file(&world, "new", "link").expect_failed("src is required");
    }
}

#[test]
fn the_result_tells_of_what_was_changed_behind_a_link() {
    for world in World::each() {
        fs::create_dir(world.path("real")).unwrap();
        world.write("f", "x");
        symlink("real", world.path("d")).unwrap();
        symlink("f", world.path("l")).unwrap();
        for (name, real, state) in [("d", "real", "directory"), ("l", "f", "file")] {
            let run = file(&world, name, state).set("mode", "0700");
            for outcome in [run.expect_changed(), run.expect_ok()] {
                assert_eq!(outcome.text("mode"), Some("0700"));
                assert_eq!(outcome.text("state"), Some(state));
                assert!(outcome.text("path").unwrap().ends_with(real));
            }
        }
        let outcome = file(&world, "l", "touch").expect_changed();
        assert_eq!(outcome.text("state"), Some("link"));
    }
}

#[test]
fn a_folder_below_a_file_fails_in_check_mode_too() {
    for world in World::each() {
        world.write("f", "x");
        let outcome = file(&world, "f/under", "directory").run_checked();
        assert!(outcome.failed && outcome.text("msg").unwrap().contains("Not a directory"));
        file(&world, "f/under/deep", "directory").expect_failed("Not a directory");
    }
}

#[test]
fn modes_are_told_and_refused_as_in_the_reference() {
    for world in World::each() {
        let outcome = file(&world, "d", "directory").set("mode", "2755").expect_changed_then_ok();
        assert_eq!(outcome.text("mode"), Some("02755"));
        file(&world, "d", "directory").set("mode", "ao=r").expect_failed("mode");
        file(&world, "d", "directory").set("mode", "uo=r").expect_changed_then_ok();
    }
}

#[test]
fn names_that_are_no_text_are_bytes() {
    use std::os::unix::ffi::OsStrExt;
    for world in World::each() {
        let name = std::ffi::OsStr::from_bytes(b"caf\xe9");
        fs::create_dir(world.path("t")).unwrap();
        fs::write(world.path("t").join(name), "x").unwrap();
        let run = file(&world, "t", "directory").set("recurse", true).set("mode", "u=rwX,g=rX,o=");
        run.expect_changed();
        run.expect_ok();
        let about = fs::metadata(world.path("t").join(name)).unwrap();
        assert_eq!(about.permissions().mode() & 0o777, 0o640);
    }
}

#[test]
fn a_time_may_be_told_in_part() {
    for world in World::each() {
        let touch = |text: &str, format: &str| {
            file(&world, "f", "touch")
                .set("modification_time", text)
                .set("modification_time_format", format)
                .set("access_time", "preserve")
        };
        touch("2020-05", "%Y-%m").expect_changed();
        let seconds = std::os::unix::fs::MetadataExt::mtime(&fs::metadata(world.path("f")).unwrap());
        assert_eq!(seconds, 1_588_291_200);
        touch("2020-05", "%Y-%m").expect_ok();
    }
}

#[test]
fn a_peek_says_only_whether_a_file_is_binary() {
    for world in World::each() {
        world.write("text", "words\n");
        world.write("binary", b"a\0b");
        let late = [vec![b'x'; 8192], vec![0]].concat();
        world.write("late", late);
        for (name, binary) in [("text", false), ("binary", true), ("late", false), ("missing", false)] {
            let outcome = Run::new("file", &world).path("path", name).set("_diff_peek", true).expect_ok();
            assert_eq!(outcome.data.get("appears_binary"), Some(&crate::value::Value::Bool(binary)), "{name}");
            assert_eq!(outcome.text("path"), Some(world.text(name).as_str()));
            assert!(outcome.warnings.is_empty());
        }
    }
}

#[test]
fn looking_at_a_folder_leaves_its_access_time() {
    use std::os::unix::fs::MetadataExt;
    for world in World::each() {
        world.write("d/x", "x");
        let long_ago = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
        let times = fs::FileTimes::new().set_accessed(long_ago);
        fs::File::open(world.path("d")).unwrap().set_times(times).unwrap();
        file(&world, "d", "directory").expect_ok();
        file(&world, "d", "touch")
            .set("access_time", "preserve")
            .set("modification_time", "preserve")
            .expect_ok();
        assert_eq!(fs::metadata(world.path("d")).unwrap().atime(), 1_000_000_000);
    }
}
