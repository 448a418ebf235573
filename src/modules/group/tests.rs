use crate::modules::driver::{Run, World};
use crate::value::Value;

/// Groups of a file.
fn groups(world: &World) {
    world.fake("getent", "grep \"^$2:\" \"$HOME/group\"");
    world.fake("groupadd", "id=1000; while test $# -gt 1; do test \"$1\" = -g && id=$2; shift; done; echo \"$1:x:$id:\" >>\"$HOME/group\"");
    world.fake("groupmod", "sed \"s/^$3:x:[0-9]*/$3:x:$2/\" \"$HOME/group\" >\"$HOME/new\"; mv \"$HOME/new\" \"$HOME/group\"");
    world.fake("groupdel", "for last; do :; done; sed \"/^$last:/d\" \"$HOME/group\" >\"$HOME/new\"; mv \"$HOME/new\" \"$HOME/group\"");
    world.write("group", "root:x:0:\nweb:x:500:\n");
}

#[test]
fn a_group_is_made_changed_and_removed_once() {
    for world in World::each() {
        groups(&world);
        let run = || Run::new("group", &world).set("name", "app");
        run().check().expect_changed();
        assert!(!world.read("group").contains("app"));
        let made = run().set("gid", 2222).set("system", true).expect_changed();
        assert_eq!(made.data.get("gid"), Some(&Value::Int(2222)));
        run().set("gid", 2222).expect_ok();
        run().expect_ok();
        run().set("gid", 2223).check().expect_changed();
        let changed = run().set("gid", 2223).expect_changed();
        assert_eq!(changed.data.get("gid"), Some(&Value::Int(2223)));
        run().set("state", "absent").set("force", true).expect_changed();
        run().set("state", "absent").expect_ok();
        let acts: Vec<String> = world.calls().into_iter().filter(|call| !call.starts_with("getent")).collect();
        assert_eq!(acts, ["groupadd -g 2222 -r app", "groupmod -g 2223 app", "groupdel -f app"]);
    }
}

#[test]
fn failures_are_told() {
    for world in World::each() {
        groups(&world);
        world.fake("groupadd", "echo 'groupadd: invalid group name' >&2; exit 3");
        Run::new("group", &world).set("name", "-x y").expect_failed("invalid group name");
        Run::new("group", &world).set("name", "x").set("non_unique", true).expect_failed("following are missing: gid");
        Run::new("group", &world).set("name", "x").set("local", true).expect_failed("libuser");
    }
}
