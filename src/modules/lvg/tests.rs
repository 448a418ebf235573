use crate::entries;
use crate::modules::driver::{Run, World};
use crate::value::Map;

/// An LVM whose groups and volumes are lines of files.
fn run(world: &World, args: Map) -> Run<'_> {
    world.fake("vgs", "case $* in (*autoactivation*) exit 3 ;; (*lv_attr*) cat \"$HOME/attr\" 2>/dev/null ;; (*) cat \"$HOME/vgs\" 2>/dev/null; : ;; esac");
    world.fake("pvs", "case $* in (*'-o pv_name') sed 's/;.*//' \"$HOME/pvs\" 2>/dev/null; : ;; (*) cat \"$HOME/pvs\" 2>/dev/null; : ;; esac");
    world.fake("pvcreate", "for last; do :; done; echo \"  $last;;1000;1000;0;4\" >>\"$HOME/pvs\"");
    world.fake("vgcreate", "test \"$1\" != --help || exit 0; echo '  vg0;1;0' >\"$HOME/vgs\"; sed 's/;;/;vg0;/' \"$HOME/pvs\" >\"$HOME/p\"; mv \"$HOME/p\" \"$HOME/pvs\"");
    world.fake("vgextend", "sed 's/;;/;vg0;/' \"$HOME/pvs\" >\"$HOME/p\"; mv \"$HOME/p\" \"$HOME/pvs\"");
    world.fake("vgreduce", "for last; do :; done; grep -v -F \"$last;\" \"$HOME/pvs\" >\"$HOME/p\"; mv \"$HOME/p\" \"$HOME/pvs\"");
    world.fake("vgremove", "rm \"$HOME/vgs\"");
    world.fake("vgchange", "case $2 in (y) sed 's/--$/a-/' \"$HOME/attr\" >\"$HOME/a\"; mv \"$HOME/a\" \"$HOME/attr\" ;; esac");
    for device in ["sda", "sdb"] {
        if !world.path(device).exists() {
            world.write(device, "");
        }
    }
    Run::new("lvg", world).set("vg", "vg0").args(args)
}

#[test]
fn a_group_is_made_and_its_volumes_follow() {
    for world in World::each() {
        let (a, b) = (world.text("sda"), world.text("sdb"));
        let with = |devices: &str| run(&world, entries! { "pvs" => devices, "pesize" => 128, "pv_options" => "--metadatacopies 2" });
        with(&a).expect_changed_then_ok();
        assert!(world.calls().contains(&format!("pvcreate --metadatacopies 2 -f {a}")), "{}", world.shell_name());
        assert!(world.calls().contains(&format!("vgcreate -s 128 vg0 {a}")));
        with(&format!("{a},{b}")).expect_changed_then_ok();
        with(&b).set("remove_extra_pvs", false).expect_ok();
        with(&b).expect_changed_then_ok();
        assert!(world.calls().contains(&format!("vgreduce --force vg0 {a}")));
        run(&world, entries! { "reset_vg_uuid" => true }).check().expect_changed();
        run(&world, entries! { "state" => "absent" }).expect_changed_then_ok();
    }
}

#[test]
fn a_group_is_activated_and_minded() {
    for world in World::each() {
        let a = world.text("sda");
        run(&world, entries! {}).expect_failed("No physical volumes given.");
        run(&world, entries! { "pvs" => "/no/such" }).expect_failed("Device /no/such not found.");
        world.write("vgs", "  vg0;1;2\n  other;1;0\n");
        world.write("pvs", format!("  {a};other;1000;1000;0;4\n"));
        run(&world, entries! { "pvs" => a.as_str() }).expect_failed("is already in other volume group.");
        world.write("attr", "  -wi---\n");
        run(&world, entries! { "state" => "absent" }).expect_failed("Refuse to remove non-empty volume group vg0");
        run(&world, entries! { "state" => "active" }).expect_changed();
        assert_eq!(world.calls().last().unwrap(), "vgchange --activate y vg0");
        run(&world, entries! { "state" => "active" }).expect_ok();
        run(&world, entries! { "state" => "inactive" }).check().expect_changed();
    }
}
