use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use proptest::prelude::{ProptestConfig, any, proptest};

use crate::entries;
use crate::modules::driver::{Run, World};
use crate::value::Value;

fn copy<'a>(world: &'a World) -> Run<'a> {
    Run::new("copy", world)
}

#[test]
fn content_comes_to_its_place() {
    for world in World::each() {
        let run = copy(&world)
            .set("content", "hello\n")
            .path("dest", "a b/../it's $x")
            .set("mode", "0640");
        fs::create_dir(world.path("a b")).unwrap();
        let outcome = run.expect_changed_then_ok();
        assert_eq!(world.read("it's $x"), "hello\n");
        assert_eq!(world.mode("it's $x"), "0640");
        let sum = "f572d396fae9206628714fb2ce00f72e94f2258f";
        assert_eq!(outcome.text("checksum"), Some(sum));
        let md5 = "b1946ac92492d2347c6235b4d2611184";
        assert_eq!(outcome.text("md5sum"), Some(md5));
        assert_eq!(outcome.text("state"), Some("file"));
    }
}

#[test]
fn a_new_file_obeys_the_umask_and_an_old_one_keeps_its_mode() {
    for world in World::each() {
        let run = copy(&world).set("content", "1").path("dest", "f");
        assert_eq!(run.expect_changed_then_ok().text("mode"), Some("0644"));
        fs::set_permissions(world.path("f"), fs::Permissions::from_mode(0o4711)).unwrap();
        std::os::unix::fs::chown(world.path("f"), Some(1234), Some(4321)).unwrap();
        fs::set_permissions(world.path("f"), fs::Permissions::from_mode(0o4711)).unwrap();
        let outcome = run.args(entries! {"content" => "2"}).expect_changed_then_ok();
        assert_eq!(outcome.text("mode"), Some("04711"));
        assert_eq!(outcome.data.get("uid"), Some(&Value::Int(1234)));
        assert_eq!(outcome.data.get("gid"), Some(&Value::Int(4321)));
    }
}

#[test]
fn a_backup_is_kept_and_a_difference_shown() {
    for world in World::each() {
        world.write("f", "old\n");
        let run = copy(&world)
            .set("content", "new\n")
            .path("dest", "f")
            .set("backup", true)
            .diff();
        let outcome = run.expect_changed_then_ok();
        let backup = outcome.text("backup_file").unwrap();
        assert_eq!(fs::read_to_string(backup).unwrap(), "old\n");
        assert!(backup.ends_with('~'));
        let diff = outcome.diff[0].to_value();
        assert_eq!(diff.get("before"), Some(&Value::str("old\n")));
        assert_eq!(diff.get("after"), Some(&Value::str("new\n")));
    }
}

#[test]
fn wrong_wishes_are_refused() {
    for world in World::each() {
        let to = |dest: &str| copy(&world).set("content", "x").path("dest", dest);
        fs::create_dir(world.path("d")).unwrap();
        to("d").expect_failed("can not use content with a dir as dest");
        to("d/").expect_failed("can not use content with a dir as dest");
        to("no/f").expect_failed("Destination directory");
        copy(&world).path("dest", "f").expect_failed("src (or content) is required");
        to("f").set("src", "y").expect_failed("mutually exclusive");
        to("f").set("validate", "true").expect_failed("validate must contain %s");
        to("f").set("validate", "grep -q y %s").expect_failed("failed to validate: rc:1 error:");
        let says = "sh -c 'echo out; echo err >&2; exit 3' %s";
        let outcome = to("f").set("validate", says).expect_failed("failed to validate: rc:3 error:err");
        assert_eq!(outcome.data.get("exit_status"), Some(&Value::Int(3)));
        assert_eq!((outcome.text("stdout"), outcome.text("stderr")), (Some("out\n"), Some("err\n")));
        assert!(!world.path("f").exists());
        to("f").set("validate", "grep -q x %s").expect_changed_then_ok();
        to("g").set("checksum", "abc").expect_failed("does not match the expected checksum");
        copy(&world)
            .set("src", "nowhere")
            .path("dest", "f")
            .expect_failed("could not find `nowhere`");
        assert_eq!(fs::read_dir(world.path("")).unwrap().count(), 2, "no temporary files");
    }
}

#[test]
fn without_force_what_is_there_stays() {
    for world in World::each() {
        world.write("f", "old");
        copy(&world)
            .set("content", "new")
            .path("dest", "f")
            .set("force", false)
            .set("mode", "0600")
            .expect_ok();
        assert_eq!(world.read("f"), "old");
    }
}

#[test]
fn a_link_is_replaced_or_followed() {
    for world in World::each() {
        world.write("target", "old");
        symlink("target", world.path("l")).unwrap();
        let run = || copy(&world).set("content", "new").path("dest", "l");
        run().set("follow", true).expect_changed_then_ok();
        assert_eq!(world.read("target"), "new");
        assert!(world.path("l").is_symlink());
        run().expect_changed_then_ok();
        assert!(!world.path("l").is_symlink());
        symlink("nowhere", world.path("broken")).unwrap();
        copy(&world)
            .set("content", "x")
            .path("dest", "broken")
            .set("follow", true)
            .expect_changed_then_ok();
    }
}

#[test]
fn owners_are_known_by_name() {
    for world in World::each() {
        symlink("nowhere", world.path("l")).unwrap();
        for dest in ["f", "l"] {
            let run = || copy(&world).set("owner", "root").set("group", "root");
            run().set("content", "1").path("dest", dest).expect_changed_then_ok();
            std::os::unix::fs::chown(world.path(dest), Some(1234), Some(4321)).unwrap();
            run().set("content", "1").path("dest", dest).expect_changed_then_ok();
        }
        world.write("tree/one", "1");
        let run = copy(&world).path("src", "tree/").path("dest", "to");
        run.set("owner", "root").expect_changed_then_ok();
    }
}

#[test]
fn a_dictionary_becomes_json() {
    let world = World::plain();
    let content = entries! {"a" => 1, "b" => Value::strings(["x", "\u{e9}"])};
    copy(&world).set("content", content).path("dest", "j").expect_changed_then_ok();
    assert_eq!(world.read("j"), r#"{"a": 1, "b": ["x", "\u00e9"]}"#);
}

#[test]
fn a_file_gets_its_name_in_a_folder() {
    for world in World::each() {
        world.give("files/motd", "hello");
        fs::create_dir(world.path("etc")).unwrap();
        let into = |dest: &str| copy(&world).set("src", "motd").path("dest", dest);
        into("etc").expect_changed_then_ok();
        assert_eq!(world.read("etc/motd"), "hello");
        into("new/folder/")
            .set("directory_mode", "0700")
            .set("mode", "preserve")
            .expect_changed_then_ok();
        assert_eq!(world.read("new/folder/motd"), "hello");
        assert_eq!(world.mode("new"), "0700");
        fs::create_dir(world.path("etc/sub")).unwrap();
        world.give("files/sub", "x");
        copy(&world)
            .set("src", "sub")
            .path("dest", "etc")
            .expect_failed("is a directory");
    }
}

#[test]
fn a_tree_is_copied_with_its_links() {
    for world in World::each() {
        for name in ["t/a b", "t/-c/$d", "t/-c/e\n'f'"] {
            world.give(&format!("files/{name}"), name);
        }
        fs::create_dir(world.controller("files/t/empty")).unwrap();
        symlink("-c", world.controller("files/t/dirlink")).unwrap();
        symlink("a b", world.controller("files/t/link")).unwrap();
        symlink("nowhere", world.controller("files/t/broken")).unwrap();
        symlink("..", world.controller("files/t/-c/up")).unwrap();
        let run = copy(&world).set("src", "t").path("dest", "into").set("mode", "0600");
        let outcome = run.expect_changed_then_ok();
        assert_eq!(outcome.text("dest"), Some(world.text("into/").as_str()));
        assert_eq!(world.read("into/t/-c/e\n'f'"), "t/-c/e\n'f'");
        assert_eq!(world.read("into/t/dirlink/$d"), "t/-c/$d");
        assert_eq!(world.mode("into/t/a b"), "0600");
        assert!(!world.path("into/t/link").is_symlink());
        assert!(world.path("into/t/broken").is_symlink());
        let links = copy(&world)
            .set("src", "t/")
            .path("dest", "links")
            .set("local_follow", false);
        links.expect_changed_then_ok();
        assert!(world.path("links/dirlink").is_symlink());
        assert_eq!(world.read("links/link"), "t/a b");
        world.give("files/t/a b", "changed");
        run.expect_changed_then_ok();
        assert_eq!(world.read("into/t/a b"), "changed");
    }
}

#[test]
fn what_is_large_or_binary_is_uploaded() {
    for world in World::each() {
        for content in [vec![0, 255, 10, 39, 0], vec![b'x'; 200_000]] {
            world.give("files/blob", &content);
            copy(&world).set("src", "blob").path("dest", "blob").expect_changed_then_ok();
            assert_eq!(fs::read(world.path("blob")).unwrap(), content);
        }
        assert_eq!(fs::read_dir(world.path("")).unwrap().count(), 1);
    }
}

#[test]
fn the_host_copies_its_own_files() {
    for world in World::each() {
        world.write("from", "x");
        fs::set_permissions(world.path("from"), fs::Permissions::from_mode(0o751)).unwrap();
        let run = |dest: &str| {
            copy(&world)
                .path("src", "from")
                .path("dest", dest)
                .set("remote_src", true)
        };
        let outcome = run("to").expect_changed_then_ok();
        assert_eq!(outcome.text("mode"), Some("0644"));
        let md5 = "9dd4e461268c8034f5c8564e155c67a6";
        assert_eq!(outcome.text("md5sum"), Some(md5));
        run("kept").set("mode", "preserve").expect_changed_then_ok();
        assert_eq!(world.mode("kept"), "0751");
        world.write("old", "y");
        run("old").expect_changed_then_ok();
        assert_eq!(world.mode("old"), "0751");
        run("no/to").expect_failed("Destination directory");
        run("new/").expect_changed_then_ok();
        assert_eq!(world.read("new/from"), "x");
        copy(&world)
            .path("src", "nothing")
            .path("dest", "x")
            .set("remote_src", true)
            .expect_failed("not found");
    }
}

#[test]
fn the_host_copies_its_own_trees() {
    for world in World::each() {
        for name in ["t/a b", "t/.hidden/$d", "t/-c/e\n'f'"] {
            world.write(name, name);
        }
        symlink("a b", world.path("t/link")).unwrap();
        let run = copy(&world)
            .path("src", "t")
            .path("dest", "into")
            .set("remote_src", true)
            .set("owner", "1234");
        run.expect_changed_then_ok();
        assert_eq!(world.read("into/t/-c/e\n'f'"), "t/-c/e\n'f'");
        assert_eq!(world.read("into/t/.hidden/$d"), "t/.hidden/$d");
        assert!(world.path("into/t/link").is_symlink());
        world.write("t/a b", "other");
        run.expect_changed_then_ok();
        assert_eq!(world.read("into/t/a b"), "other");
        copy(&world)
            .path("src", "t/")
            .path("dest", "into2")
            .set("remote_src", true)
            .set("local_follow", true)
            .set("mode", "0700")
            .expect_changed_then_ok();
        assert_eq!(world.read("into2/link"), "other");
        assert_eq!(world.mode("into2"), "0700");
    }
}

#[test]
fn a_full_disk_leaves_the_old_file() {
    if !std::path::Path::new("/dev/full").exists() {
        return;
    }
    for world in World::each() {
        world.write("f", "old");
        // The temporary file is made, but nothing can be written into it.
        world.fake("mktemp", "ln -s /dev/full \"$2\"; echo \"$2\"");
        copy(&world)
            .set("content", "new")
            .path("dest", "f")
            .expect_failed("disk full");
        assert_eq!(world.read("f"), "old");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]

    #[test]
    fn any_content_will_do(content in any::<String>(), name in "[^/\0]{1,40}") {
        let content = content.replace('\0', "");
        if name != "." && name != ".." && name.len() < 200 {
            for world in World::each() {
                copy(&world)
                    .set("content", content.as_str())
                    .path("dest", &name)
                    .expect_changed_then_ok();
                assert_eq!(world.read(&name), content);
            }
        }
    }
}

#[test]
fn an_owner_by_name_is_known_where_it_is_right() {
    let me = std::process::Command::new("id").arg("-un").output().unwrap();
    let me = String::from_utf8(me.stdout).unwrap();
    for world in World::each() {
        let run = copy(&world).set("content", "x").set("owner", me.trim());
        run.path("dest", "new/file").run();
        let run = || copy(&world).set("content", "x").set("owner", me.trim());
        run().path("dest", "file").expect_changed_then_ok();
        symlink("file", world.path("link")).unwrap();
        run().path("dest", "link").set("follow", false).expect_changed_then_ok();
        world.give("files/tree/one", "1");
        run_tree(&world, me.trim()).expect_changed_then_ok();
    }
}

fn run_tree<'a>(world: &'a World, owner: &str) -> Run<'a> {
    copy(world).set("src", "tree").path("dest", "into").set("owner", owner)
}

#[test]
fn an_empty_src_is_none() {
    for world in World::each() {
        let to = || copy(&world).path("dest", "f");
        to().set("src", "").expect_failed("src (or content) is required");
        to().set("src", "").set("content", "x").expect_changed_then_ok();
    }
}

#[test]
fn what_takes_the_place_of_a_link_is_a_new_file() {
    for world in World::each() {
        world.write("old", "old");
        fs::set_permissions(world.path("old"), fs::Permissions::from_mode(0o666)).unwrap();
        let _ = std::os::unix::fs::chown(world.path("old"), Some(1234), Some(1234));
        symlink("old", world.path("l")).unwrap();
        copy(&world).set("content", "new").path("dest", "l").expect_changed_then_ok();
        assert_eq!(world.mode("l"), "0644");
        let about = fs::symlink_metadata(world.path("l")).unwrap();
        let mine = fs::metadata(world.path("")).unwrap();
        use std::os::unix::fs::MetadataExt;
        assert_eq!(about.uid(), mine.uid());
        assert_eq!(world.read("old"), "old");
    }
}

#[test]
fn the_host_s_own_setuid_stays() {
    for world in World::each() {
        world.write("s/b", "x");
        fs::set_permissions(world.path("s/b"), fs::Permissions::from_mode(0o4755)).unwrap();
        let tree = |src: &str, dest: &str| {
            copy(&world)
                .path("src", src)
                .path("dest", dest)
                .set("remote_src", true)
                .set("mode", "preserve")
        };
        tree("s/", "t").expect_changed();
        assert_eq!(world.mode("t/b"), "4755", "{}", world.shell_name());
        tree("s/b", "one").expect_changed();
        assert_eq!(world.mode("one"), "4755", "{}", world.shell_name());
    }
}
