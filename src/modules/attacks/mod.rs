//! Attacks on what writes files: root works in a folder that somebody else owns, who swaps names
//! meanwhile. Each of these succeeded before `ground.sh` was there.

mod attacker;
mod tools;

use std::fs;

use attacker::{Attack, STRANGER, Way};

use super::driver::{Run, World};

/// How often each module is run against the attacker.
const TRIALS: usize = 3;

/// Runs a module many times while somebody attacks; whether it succeeds does not matter.
fn under_attack<'a>(world: &'a World, way: Way, name: &str, run: impl Fn(usize) -> Run<'a>) {
    let Some(attack) = Attack::begin(world, way) else {
        return;
    };
    for trial in 0..TRIALS {
        run(trial).run();
    }
    attack.expect_in_vain(&format!("{name} against {way:?}"));
}

type Make = for<'a> fn(&'a World, &str, usize) -> Run<'a>;

/// The modules that write a file, each with what makes it write again.
const WRITERS: &[(&str, Make)] = &[
    ("copy", |world, path, trial| {
        Run::new("copy", world)
            .path("dest", path)
            .set("content", format!("{trial}\n"))
            .set("mode", "0644")
            .set("backup", true)
    }),
    ("copy of much", |world, path, trial| {
        Run::new("copy", world)
            .path("dest", path)
            .set("content", format!("{trial}\n").repeat(20_000))
    }),
    ("lineinfile", |world, path, trial| {
        Run::new("lineinfile", world)
            .path("path", path)
            .set("line", format!("line {trial}"))
            .set("create", true)
    }),
    ("blockinfile", |world, path, trial| {
        Run::new("blockinfile", world)
            .path("path", path)
            .set("block", format!("block {trial}"))
            .set("backup", true)
    }),
    ("replace", |world, path, trial| {
        Run::new("replace", world)
            .path("path", path)
            .set("regexp", "^.*$")
            .set("replace", format!("replaced {trial}"))
    }),
    ("ini_file", |world, path, trial| {
        Run::new("ini_file", world)
            .path("path", path)
            .set("section", "s")
            .set("option", "o")
            .set("value", format!("{trial}"))
            .set("mode", "0644")
    }),
    ("file with a mode", |world, path, trial| {
        Run::new("file", world)
            .path("path", path)
            .set("mode", if trial % 2 == 0 { "0644" } else { "0666" })
            .set("owner", STRANGER.to_string())
    }),
    ("file that is touched", |world, path, _| {
        Run::new("file", world)
            .path("path", path)
            .set("state", "touch")
            .set("mode", "0666")
    }),
    ("file that is gone", |world, path, _| {
        Run::new("file", world)
            .path("path", path)
            .set("state", "absent")
    }),
];

#[test]
fn temporary_files_are_out_of_reach() {
    for world in World::each() {
        for (name, make) in WRITERS {
            let world = World::new(world.shell());
            under_attack(&world, Way::Temporary, name, |trial| {
                make(&world, "theirs/f", trial)
            });
        }
    }
}

#[test]
fn a_target_that_becomes_a_link_is_harmless() {
    for world in World::each() {
        for (name, make) in WRITERS {
            let world = World::new(world.shell());
            under_attack(&world, Way::Target("f"), name, |trial| {
                make(&world, "theirs/f", trial)
            });
        }
    }
}

#[test]
fn a_folder_that_becomes_a_link_is_harmless() {
    for world in World::each() {
        for (name, make) in WRITERS {
            let world = World::new(world.shell());
            under_attack(&world, Way::Folder("sub"), name, |trial| {
                make(&world, "theirs/sub/f", trial)
            });
        }
    }
}

#[test]
fn a_tree_that_is_given_away_gives_nothing_else_away() {
    for world in World::each() {
        for (way, stat) in [
            (Way::Folder("sub"), true),
            (Way::Target("f"), true),
            (Way::Folder("sub"), false),
            (Way::Target("f"), false),
        ] {
            let world = World::new(world.shell());
            if !stat {
                world.fake("stat", "exit 1");
            }
            under_attack(&world, way, "file recurse", |trial| {
                Run::new("file", &world)
                    .path("path", "theirs")
                    .set("state", "directory")
                    .set("recurse", true)
                    .set("follow", trial < 2)
                    .set(
                        "mode",
                        if trial % 2 == 0 {
                            "u=rwX,go=rX"
                        } else {
                            "u=rwX,go=rwX"
                        },
                    )
                    .set(
                        "owner",
                        (STRANGER + u32::try_from(trial % 2).unwrap()).to_string(),
                    )
            });
        }
    }
}

#[test]
fn a_link_that_leads_to_what_is_root_s_is_refused() {
    for world in World::each() {
        for (name, make) in WRITERS {
            let world = World::new(world.shell());
            if !rustix::process::geteuid().is_root() {
                return;
            }
            let Some(attack) = Attack::begin(&world, Way::Temporary) else {
                return;
            };
            let link = world.path("theirs/l");
            std::os::unix::fs::symlink(world.path("victim/f"), &link).unwrap();
            std::os::unix::fs::lchown(&link, Some(STRANGER), Some(STRANGER)).unwrap();
            let folder = world.path("theirs/d");
            std::os::unix::fs::symlink(world.path("victim"), &folder).unwrap();
            std::os::unix::fs::lchown(&folder, Some(STRANGER), Some(STRANGER)).unwrap();
            make(&world, "theirs/l", 0).run();
            make(&world, "theirs/d/f", 1).run();
            make(&world, "theirs/d/new", 1).run();
            attack.expect_in_vain(name);
        }
    }
}

#[test]
fn what_a_stranger_s_link_means_to_the_stranger_is_followed() {
    for world in World::each() {
        let Some(attack) = Attack::begin(&world, Way::Temporary) else {
            return;
        };
        let link = world.path("theirs/l");
        std::os::unix::fs::symlink("sub/f", &link).unwrap();
        std::os::unix::fs::lchown(&link, Some(STRANGER), Some(STRANGER)).unwrap();
        drop(attack);
        Run::new("lineinfile", &world)
            .path("path", "theirs/l")
            .set("line", "more")
            .expect_changed_then_ok();
        assert_eq!(world.read("theirs/sub/f"), "their own\nmore\n");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }
}

#[test]
fn in_a_folder_of_somebody_else_everything_works_as_in_one_s_own() {
    for world in World::each() {
        let Some(attack) = Attack::begin(&world, Way::Temporary) else {
            return;
        };
        drop(attack);
        let before = fs::read_dir(world.path("theirs")).unwrap().count();
        for (name, make) in &WRITERS[..6] {
            let outcome = make(&world, "theirs/sub/f", 1).expect_changed();
            make(&world, "theirs/sub/f", 1).expect_ok();
            assert!(!outcome.failed, "{name}");
        }
        let node = fs::metadata(world.path("theirs/sub/f")).unwrap();
        assert_eq!(
            std::os::unix::fs::MetadataExt::uid(&node),
            STRANGER,
            "the owner stays"
        );
        Run::new("file", &world)
            .path("path", "theirs/new/deep")
            .set("state", "directory")
            .set("owner", STRANGER.to_string())
            .set("mode", "0751")
            .expect_changed_then_ok();
        assert_eq!(world.mode("theirs/new/deep"), "0751");
        Run::new("file", &world)
            .path("path", "theirs/link")
            .set("src", "sub/f")
            .set("state", "link")
            .expect_changed_then_ok();
        Run::new("file", &world)
            .path("path", "theirs/sub/f")
            .set("mode", "0600")
            .expect_changed_then_ok();
        Run::new("copy", &world)
            .path("dest", "theirs/checked")
            .set("content", "right\n")
            .set("validate", "grep -q right %s")
            .expect_changed_then_ok();
        Run::new("copy", &world)
            .path("dest", "theirs/checked")
            .set("content", "wrong\n")
            .set("validate", "grep -q right %s")
            .expect_failed("failed to validate");
        let left = fs::read_dir(world.path("theirs")).unwrap().flatten();
        let left: Vec<_> = left
            .map(|entry| entry.file_name().into_string().unwrap())
            .filter(|name| name.starts_with(".play"))
            .collect();
        assert!(left.is_empty(), "{left:?} of {before} stayed");
    }
}
