use super::table::{of_command, of_file};
use crate::modules::driver::{Run, World};
use crate::value::{Value, to_json};

#[test]
fn tables_are_read_by_their_format() {
    let first = |text: &str| {
        of_file(text)
            .first()
            .map(|mount| to_json(&Value::map(mount.fields.clone())))
    };
    for (text, fields) in [
        (
            "# remark\n/dev/sda1 /a\\040b ext4 rw 0 1\n",
            r#"{"device": "/dev/sda1", "mount": "/a b", "fstype": "ext4", "options": "rw", "dump": 0, "passno": 1}"#,
        ),
        (
            "tmpfs /tmp tmpfs size=1m\n",
            r#"{"device": "tmpfs", "mount": "/tmp", "fstype": "tmpfs", "options": "size=1m"}"#,
        ),
        (
            "/dev/dsk/c0 /dev/rdsk/c0 / ufs 1 no -\n",
            r#"{"device": "/dev/dsk/c0", "device_to_fsck": "/dev/rdsk/c0", "mount": "/", "fstype": "ufs", "passno": 1, "mount_at_boot": "no", "options": "-"}"#,
        ),
        (
            "rpool / zfs rw 1700000000\n",
            r#"{"device": "rpool", "mount": "/", "fstype": "zfs", "options": "rw", "time": 1700000000}"#,
        ),
        (
            "* remark\n/home:\n\tdev = /dev/hd1\n\tvfs = jfs2\n",
            r#"{"mount": "/home", "device": "/dev/hd1", "fstype": "jfs2", "attributes": {"dev": "/dev/hd1", "vfs": "jfs2"}}"#,
        ),
    ] {
        assert_eq!(first(text).as_deref(), Some(fields), "{text}");
    }
    // Linux' own /etc/filesystems is a list of kinds.
    assert!(of_file("ext4\nvfat\n").is_empty());
}

#[test]
fn what_mount_prints_is_read_on_each_system() {
    for (text, kind, options) in [
        (
            "/dev/sda1 on / type ext4 (rw,relatime)\n",
            "ext4",
            "rw,relatime",
        ),
        (
            "/dev/ada0p2 on / (ufs, local, soft-updates)\n",
            "ufs",
            "local, soft-updates",
        ),
        (
            "map auto_home on /home (autofs)\n/dev/disk1 on / (apfs, local)\n",
            "apfs",
            "local",
        ),
        (
            "  node mounted\n--- ---\n         /dev/hd4 / jfs2 May 01 10:00 rw\n",
            "jfs2",
            "rw",
        ),
    ] {
        let [mount] = &of_command(text)[..] else {
            panic!("{text}");
        };
        assert_eq!(
            (
                mount.point.as_str(),
                mount.text("fstype"),
                mount.text("options")
            ),
            ("/", kind, options)
        );
    }
}

#[test]
fn mounts_are_filtered_and_measured_under_every_shell() {
    for world in World::each() {
        let table = format!(
            "/dev/x {} ext4 rw 0 1\ntmpfs /nowhere tmpfs rw\n",
            world.text("").replace(' ', "\\040")
        );
        world.write("tab", table);
        let run = Run::new("mount_facts", &world)
            .set(
                "sources",
                Value::strings([world.text("tab"), world.text("missing")]),
            )
            .set("fstypes", "ext*")
            .set("timeout", 5);
        let outcome = run.run().outcome;
        assert!(!outcome.failed, "{outcome:?}");
        let points = outcome
            .facts
            .get("mount_points")
            .and_then(Value::as_map)
            .unwrap();
        assert_eq!(points.len(), 1, "{points:?}");
        let (_, mount) = points.at(0).unwrap();
        assert!(
            mount.get("size_total").and_then(Value::as_int).unwrap() > 0,
            "{mount:?}"
        );
        assert_eq!(mount.get("passno"), Some(&Value::Int(1)));
        let source = mount.get("ansible_context").unwrap().get("source").unwrap();
        assert_eq!(source.as_str(), Some(world.text("tab").as_str()));
    }
}

#[test]
fn the_command_stands_in_for_a_missing_table() {
    let world = World::plain();
    world.fake(
        "mount",
        "echo 'x on /a type ext4 (rw)'; echo 'y on /a type ext4 (ro)'",
    );
    let run = |all: bool| {
        Run::new("mount_facts", &world)
            .set("sources", "mount")
            .set("include_aggregate_mounts", all)
            .run()
            .outcome
            .facts
    };
    assert_eq!(
        run(true)
            .get("aggregate_mounts")
            .and_then(Value::as_list)
            .map(|list| list.len()),
        Some(2)
    );
    assert_eq!(
        run(false).get("aggregate_mounts"),
        Some(&Value::list(Vec::new()))
    );
    let warned = Run::new("mount_facts", &world)
        .set("sources", "mount")
        .run()
        .outcome;
    assert!(
        warned.warnings[0].contains("/a in mount"),
        "{:?}",
        warned.warnings
    );
    world.fake("mount", "exit 3");
    Run::new("mount_facts", &world)
        .set("sources", "mount")
        .expect_failed("ended with status 3");
}

#[test]
fn wrong_arguments_are_told() {
    let world = World::plain();
    Run::new("mount_facts", &world)
        .set("timeout", 0)
        .expect_failed("has to be more than 0");
    Run::new("mount_facts", &world)
        .set("mount_binary", Value::list(vec![]))
        .expect_failed("has to be text or null");
}
