use super::size::{Group, Volume, Wanted};
use crate::entries;
use crate::modules::driver::{Run, World};
use crate::value::Map;

#[test]
fn sizes_are_read_and_compared() {
    let group = Group::parse("  vg;1000.00;500.00;4.00").unwrap();
    let volume = Volume::parse("  [a];100.00;-wi-a-----").unwrap();
    assert!(volume.active && !volume.thinpool && volume.name == "a");
    let tool = |text: &str, force: bool| {
        let wanted = Wanted::parse(text, false).unwrap();
        wanted.tool(&volume, &group, true, force).map_err(|error| error.message().to_owned())
    };
    for (text, force, expected) in [
        ("100", false, Ok(None)),
        ("101m", false, Ok(Some("lvextend"))),
        ("+1", false, Ok(Some("lvextend"))),
        ("50", true, Ok(Some("lvreduce"))),
        ("50", false, Err("Sorry, no shrinking of a without force=true.".to_owned())),
        ("10%VG", false, Ok(None)),
        ("20%FREE", false, Ok(None)),
        ("+50%FREE", false, Ok(Some("lvextend"))),
        ("5%VG", true, Ok(Some("lvreduce"))),
    ] {
        assert_eq!(tool(text, force), expected, "{text}");
    }
    for (text, message) in [("x", "Bad size"), ("200%VG", "larger than 100%"), ("5%ORIGIN", "ORIGIN"), ("5%X", "VG|PVS")] {
        assert!(Wanted::parse(text, false).is_err_and(|error| error.message().contains(message)), "{text}");
    }
}

fn run(world: &World, args: Map) -> Run<'_> {
    world.fake("vgs", "case $* in (*none) echo 'Volume group not found' >&2; exit 5 ;; (*) echo '  vg;1000.00;500.00;4.00' ;; esac");
    world.fake("lvs", "cat \"$HOME/lvs\"");
    world.fake("lvcreate", "case $* in (*--test*) ;; (*fail*) echo broken >&2; exit 5 ;; (*) echo '  new;512.00;-wi-a-----' >>\"$HOME/lvs\" ;; esac");
    world.fake("lvextend", "case $* in (*--test*) ;; (*) sed 's/data;100/data;200/' \"$HOME/lvs\" >\"$HOME/l\"; mv \"$HOME/l\" \"$HOME/lvs\" ;; esac");
    world.fake("lvremove", "case $* in (*--test*) ;; (*) grep -v new \"$HOME/lvs\" >\"$HOME/l\"; mv \"$HOME/l\" \"$HOME/lvs\" ;; esac");
    world.fake("lvchange", "sed 's/wi-a/wi--/' \"$HOME/lvs\" >\"$HOME/l\"; mv \"$HOME/l\" \"$HOME/lvs\"");
    if !world.path("lvs").exists() {
        world.write("lvs", "  data;100.00;-wi-a-----\n  pool;300.00;twi-a-tz--\n");
    }
    Run::new("lvol", world).set("vg", "vg").args(args)
}

#[test]
fn volumes_are_made_resized_and_removed() {
    for world in World::each() {
        let new = || run(&world, entries! { "lv" => "new", "size" => "512", "opts" => "-r 16", "pvs" => "/dev/a,/dev/b" });
        new().expect_changed_then_ok();
        assert!(world.calls().contains(&"lvcreate --yes -n new -L 512m -r 16 vg /dev/a /dev/b".to_owned()), "{}", world.shell_name());
        run(&world, entries! { "lv" => "data", "size" => "200", "resizefs" => true }).expect_changed_then_ok();
        assert!(world.calls().contains(&"lvextend --resizefs -L 200m vg/data".to_owned()));
        run(&world, entries! { "lv" => "data", "active" => false }).expect_changed_then_ok();
        run(&world, entries! { "lv" => "new", "state" => "absent" }).expect_failed("without force=true");
        run(&world, entries! { "lv" => "new", "state" => "absent", "force" => true }).expect_changed_then_ok();
        run(&world, entries! { "lv" => "data", "snapshot" => "snap", "size" => "20%ORIGIN" }).check().expect_changed();
        assert_eq!(world.calls().last().unwrap(), "lvcreate --test --yes -l 20%ORIGIN -s -n snap vg/data");
        run(&world, entries! { "lv" => "thin", "thinpool" => "pool", "size" => "1g" }).check().expect_changed();
        assert_eq!(world.calls().last().unwrap(), "lvcreate --test --yes -n thin -V 1g -T vg/pool");
    }
}

#[test]
fn what_cannot_be_is_told() {
    let world = World::plain();
    run(&world, entries! { "lv" => "x" }).expect_failed("No size given.");
    run(&world, entries! { "lv" => "fail", "size" => 5 }).expect_failed("Creating logical volume 'fail' failed");
    run(&world, entries! { "lv" => "x", "vg" => "none", "size" => 5 }).expect_failed("Volume group none does not exist.");
    run(&world, entries! { "lv" => "x", "vg" => "none", "state" => "absent" }).expect_ok();
    run(&world, entries! { "lv" => "x", "snapshot" => "y" }).expect_failed("Snapshot origin LV x does not exist");
}
