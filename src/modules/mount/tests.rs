use crate::entries;
use crate::modules::driver::{Run, World};
use crate::value::Map;

/// A host whose `mount` notes what is mounted in a file of its own.
fn run(world: &World, args: Map) -> Run<'_> {
    world.fake("uname", "echo SomeUnix");
    world.fake("mount", "case \"$*\" in (*bad*) echo no such device; exit 32 ;; (*remount*) test ! -e \"$HOME/stubborn\" || exit 1 ;; esac; test \"$1\" != -v || { cat \"$HOME/mounts\"; exit; }; for last; do :; done; echo \"dev on $last (x)\" >\"$HOME/mounts\"");
    world.fake("umount", ": >\"$HOME/mounts\"");
    if !world.path("mounts").exists() {
        world.write("mounts", "");
        world.write("fstab", "/dev/sda1 / ext4 rw 0 1\n");
    }
    Run::new("mount", world)
        .path("fstab", "fstab")
        .path("path", "mnt/a b")
        .args(args)
}

fn data(state: &str) -> Map {
    entries! { "src" => "dev", "fstype" => "ext4", "state" => state }
}

#[test]
fn a_line_is_kept_in_the_table() {
    for world in World::each() {
        let present = || run(&world, data("present")).set("opts", "ro,noatime");
        present().check().expect_changed();
        let outcome = present().diff().set("backup", true).expect_changed();
        assert_eq!(outcome.diff.len(), 1);
        assert!(outcome.text("backup_file").is_some_and(|file| !file.is_empty()));
        let path = world.text("mnt/a b").replace(' ', "\\040");
        assert_eq!(
            world.read("fstab"),
            format!("/dev/sda1 / ext4 rw 0 1\ndev {path} ext4 ro,noatime 0 0\n"),
            "{}",
            world.shell_name()
        );
        let outcome = present().expect_ok();
        assert_eq!((outcome.text("boot"), outcome.text("dump")), (Some("yes"), Some("0")));
        run(&world, data("absent_from_fstab")).expect_changed();
        assert_eq!(world.read("fstab"), "/dev/sda1 / ext4 rw 0 1\n");
        run(&world, data("absent_from_fstab")).expect_ok();
        let noauto = run(&world, data("present")).set("boot", false).expect_changed();
        assert_eq!(noauto.text("opts"), Some("defaults,noauto"));
        run(&world, entries! { "state" => "mounted" }).expect_failed("following are missing: src, fstype");
    }
}

#[test]
fn a_mount_that_fails_leaves_the_table_as_it_was() {
    for world in World::each() {
        let _ = run(&world, data("present"));
        run(&world, data("mounted")).path("path", "mnt/bad one").expect_failed("Error mounting");
        assert_eq!(world.read("fstab"), "/dev/sda1 / ext4 rw 0 1\n");
        assert!(!world.path("mnt").exists(), "{}", world.shell_name());
    }
}

#[test]
fn a_folder_is_made_and_mounted() {
    for world in World::each() {
        run(&world, data("mounted")).check().expect_changed();
        assert!(!world.path("mnt").exists());
        run(&world, data("mounted")).expect_changed();
        assert!(world.path("mnt/a b").is_dir());
        let calls = world.calls();
        let (fstab, path) = (world.text("fstab"), world.text("mnt/a b"));
        assert_eq!(calls.last().unwrap(), &format!("mount -T {fstab} {path}"));
        run(&world, data("ephemeral")).run();
        run(&world, data("absent")).expect_changed();
        assert!(!world.path("mnt/a b").exists());
        assert_eq!(world.read("fstab"), "/dev/sda1 / ext4 rw 0 1\n");
        run(&world, data("absent")).expect_ok();
        run(&world, data("unmounted")).expect_ok();
    }
}

#[test]
fn options_that_cannot_be_taken_unmount_nothing() {
    for world in World::each() {
        let remount = || run(&world, entries! { "state" => "remounted" });
        remount().expect_changed();
        let path = world.text("mnt/a b");
        let fstab = world.text("fstab");
        assert_eq!(world.calls().last().unwrap(), &format!("mount -o remount -T {fstab} {path}"));
        world.write("stubborn", "");
        remount().expect_changed();
        let calls = world.calls();
        assert_eq!(calls[calls.len() - 2..], [format!("umount {path}"), format!("mount -T {fstab} {path}")]);
        remount().set("opts", "ro").expect_failed("the remount command failed");
        assert!(world.calls().last().unwrap().contains("remount,ro"));
    }
}
