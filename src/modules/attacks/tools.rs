//! The same attacks on modules that leave the work to a tool, on links, and on temporary files.

use std::fs;
use std::os::unix::fs::{PermissionsExt, lchown, symlink};

use super::attacker::{Attack, STRANGER, Way};
use super::{Make, under_attack};
use crate::modules::driver::{Run, World, which};
use crate::modules::ground::GROUND;
use crate::shell::{Fragment, Script};

const DIFF: &str = "--- f\n+++ f\n@@ -1 +1,2 @@\n their own\n+more\n";

/// The program that has to be there, and the module that works by it.
const TOOLS: &[(&str, &str, Make)] = &[
    ("setfacl", "acl", |world, path, trial| {
        Run::new("acl", world)
            .path("path", path)
            .set("etype", "user")
            .set("entity", STRANGER.to_string())
            .set("permissions", if trial % 2 == 0 { "rw" } else { "r" })
            .set("state", "present")
    }),
    ("patch", "patch", |world, path, trial| {
        world.give("files/my.diff", DIFF);
        Run::new("patch", world)
            .set("src", "my.diff")
            .path("dest", path)
            .set("state", if trial % 2 == 0 { "present" } else { "absent" })
            .set("backup", trial == 0)
    }),
    ("cat", "assemble", |world, path, trial| {
        world.write("fragments/a", format!("{trial}\n"));
        Run::new("assemble", world)
            .path("src", "fragments")
            .path("dest", path)
            .set("remote_src", true)
    }),
    ("curl", "get_url", |world, path, trial| {
        world.write("origin", format!("{trial}\n"));
        Run::new("get_url", world)
            .set(
                "url",
                format!("file://{}", world.text("origin").replace(' ', "%20")),
            )
            .path("dest", path)
            .set("force", true)
            .set("mode", "0644")
    }),
    ("tar", "archive", |world, path, trial| {
        world.write("packed/a", format!("{trial}\n"));
        Run::new("archive", world)
            .path("path", "packed")
            .path("dest", path)
            .set("mode", "0644")
    }),
    ("cat", "authorized_key", |world, path, trial| {
        let user = std::env::var("USER").unwrap_or_else(|_| "root".to_owned());
        Run::new("authorized_key", world)
            .set("user", user)
            .set(
                "key",
                format!("ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAg{trial}"),
            )
            .path("path", path)
            .set("manage_dir", false)
    }),
];

#[test]
fn tools_are_out_of_reach_too() {
    for world in World::each() {
        for (tool, name, make) in TOOLS {
            for (way, path) in [
                (Way::Temporary, "theirs/f"),
                (Way::Target("f"), "theirs/f"),
                (Way::Folder("sub"), "theirs/sub/f"),
            ] {
                let world = World::new(world.shell());
                if which(tool).is_some() {
                    under_attack(&world, way, name, |trial| make(&world, path, trial));
                }
            }
        }
    }
}

#[test]
fn tools_refuse_a_link_to_what_is_root_s() {
    for world in World::each() {
        for (tool, name, make) in TOOLS {
            let world = World::new(world.shell());
            let Some(attack) = Attack::begin(&world, Way::Temporary) else {
                return;
            };
            if which(tool).is_none() {
                continue;
            }
            for (link, to) in [("theirs/l", "victim/f"), ("theirs/d", "victim")] {
                symlink(world.path(to), world.path(link)).unwrap();
                lchown(world.path(link), Some(STRANGER), Some(STRANGER)).unwrap();
            }
            make(&world, "theirs/l", 0).run();
            make(&world, "theirs/d/f", 1).run();
            make(&world, "theirs/d/new", 1).run();
            attack.expect_in_vain(name);
        }
    }
}

#[test]
fn an_access_list_of_a_tree_is_set_from_within() {
    if which("setfacl").is_none() {
        return;
    }
    for world in World::each() {
        for way in [Way::Folder("sub"), Way::Target("f")] {
            let world = World::new(world.shell());
            under_attack(&world, way, "acl recursive", |trial| {
                Run::new("acl", &world)
                    .path("path", "theirs")
                    .set("recursive", true)
                    .set("etype", "user")
                    .set("entity", STRANGER.to_string())
                    .set("permissions", if trial % 2 == 0 { "rwX" } else { "rX" })
                    .set("state", "present")
            });
        }
        // BusyBox has no access lists.
        if world.is_busybox() {
            continue;
        }
        let world = World::new(world.shell());
        let Some(attack) = Attack::begin(&world, Way::Temporary) else {
            return;
        };
        drop(attack);
        fs::write(world.path("theirs/sub/it's\n"), "").unwrap();
        Run::new("acl", &world)
            .path("path", "theirs")
            .set("recursive", true)
            .set("entry", "user:12345:rw")
            .set("state", "present")
            .expect_changed_then_ok();
    }
}

#[test]
fn a_patch_in_a_folder_of_somebody_else_keeps_the_owner() {
    for world in World::each() {
        let Some(attack) = Attack::begin(&world, Way::Temporary) else {
            return;
        };
        drop(attack);
        world.give("files/my.diff", DIFF);
        Run::new("patch", &world)
            .set("src", "my.diff")
            .path("dest", "theirs/f")
            .expect_changed_then_ok();
        assert_eq!(world.read("theirs/f"), "their own\nmore\n");
        let node = fs::metadata(world.path("theirs/f")).unwrap();
        assert_eq!(std::os::unix::fs::MetadataExt::uid(&node), STRANGER);
    }
}

#[test]
fn a_link_of_root_s_is_followed_and_no_other_in_its_place() {
    for world in World::each() {
        let world = World::new(world.shell());
        let Some(attack) = Attack::begin(&world, Way::Folder("l")) else {
            return;
        };
        drop(attack);
        world.write("ours/f", "one\n");
        let link = world.path("theirs/l");
        let _ = fs::remove_file(world.path("theirs/.spare"));
        symlink(world.path("ours"), &link).unwrap();
        let run = |line: &str| {
            Run::new("lineinfile", &world)
                .path("path", "theirs/l/f")
                .set("line", line)
        };
        run("two").expect_changed_then_ok();
        assert_eq!(world.read("ours/f"), "one\ntwo\n", "{}", world.shell_name());
        let file = world.path("theirs/lf");
        symlink(world.path("ours/f"), &file).unwrap();
        Run::new("lineinfile", &world)
            .path("path", "theirs/lf")
            .set("line", "three")
            .expect_changed_then_ok();
        assert_eq!(world.read("ours/f"), "one\ntwo\nthree\n");
        assert!(fs::symlink_metadata(&file).unwrap().is_symlink());
        let attack = Attack::again(&world, Way::Folder("l"));
        for trial in 0..2 {
            run(&format!("line {trial}")).run();
        }
        attack.expect_in_vain("a link that is swapped");
    }
}

#[test]
fn temporary_files_are_not_made_where_others_may_rename_them() {
    static TRIAL: Fragment = Fragment {
        name: "trial",
        text: "trial() {\n\tprivate_file play-key.\n\tanswer file \"${private}\"\n\tprivate_folder\n\tanswer folder \"${private}\"\n}\n",
        needs: &[&GROUND],
    };
    for world in World::each() {
        let open = world.path("open");
        fs::create_dir(&open).unwrap();
        fs::set_permissions(&open, fs::Permissions::from_mode(0o777)).unwrap();
        let reply =
            world.run_script(&Script::call(&TRIAL, "trial").set("TMPDIR", world.text("open")));
        for name in ["file", "folder"] {
            let path = reply.text(name).unwrap();
            assert!(
                fs::symlink_metadata(&path).unwrap().permissions().mode() & 0o77 == 0,
                "{path}"
            );
            assert!(!path.starts_with(&world.text("open")), "{path}");
            let _ = fs::remove_file(&path);
            let _ = fs::remove_dir(&path);
        }
        assert_eq!(fs::read_dir(&open).unwrap().count(), 0);
    }
}

#[test]
fn nothing_is_mounted_over_what_is_root_s() {
    let world = World::plain();
    let Some(attack) = Attack::begin(&world, Way::Folder("sub")) else {
        return;
    };
    let victim = world.text("victim").replace(' ', "\\040");
    let mut over = false;
    for trial in 0..6 {
        let path = if trial % 2 == 0 {
            "theirs/sub"
        } else {
            "theirs/sub/deep"
        };
        Run::new("mount", &world)
            .path("path", path)
            .set("src", "play-attack")
            .set("fstype", "tmpfs")
            .set("state", "ephemeral")
            .run();
        let mounted = fs::read_to_string("/proc/self/mountinfo").unwrap();
        over |= mounted.contains(&victim);
        for line in mounted
            .lines()
            .filter(|line| line.contains(" play-attack "))
        {
            let at = line.split(' ').nth(4).unwrap().replace("\\040", " ");
            let _ = std::process::Command::new("umount").arg(at).status();
        }
    }
    attack.expect_in_vain("mount");
    assert!(!over, "something was mounted over root's folder");
}
