use crate::entries;
use crate::modules::driver::{Run, World};
use crate::value::{Map, Value, to_json};

/// A parted that understands what is needed of its scripts.
const PARTED: &str = r#"
test "$1" != --version || { echo 'parted (GNU parted) 3.5'; exit; }
table=$(cat "$HOME/table" 2>/dev/null || echo unknown)
case $* in
(*print) echo 'BYT;'; echo "/dev/sdx:1048576kiB:scsi:512:4096:$table:ATA Disk:;"; cat "$HOME/parts" 2>/dev/null; exit 0 ;;
(*bad*) echo 'Error: no such thing' >&2; exit 1 ;;
esac
while test $# -gt 0; do case $1 in
(mklabel) echo "$2" >"$HOME/table"; rm -f "$HOME/parts"; shift ;;
(mkpart) echo '1:1024kiB:524288kiB:523264kiB:::;' >"$HOME/parts" ;;
(name) n=$(printf %s "$3" | tr -d '"'); sed "s/^\(1:.*:\)[^:]*:\([^:]*;\)/\1$n:\2/" "$HOME/parts" >"$HOME/p"; mv "$HOME/p" "$HOME/parts" ;;
(set) if test "$4" = on; then sed "s/:\([^:]*\);/:\1, $3;/; s/:, /:/" "$HOME/parts" >"$HOME/p"; else sed "s/$3//; s/:, /:/" "$HOME/parts" >"$HOME/p"; fi; mv "$HOME/p" "$HOME/parts" ;;
(rm) rm "$HOME/parts" ;;
(resizepart) sed 's/524288kiB/1048576kiB/' "$HOME/parts" >"$HOME/p"; mv "$HOME/p" "$HOME/parts" ;;
esac; shift; done"#;

fn run(world: &World, args: Map) -> Run<'_> {
    world.fake("parted", PARTED);
    Run::new("parted", world).set("device", "/dev/sdx").args(args)
}

#[test]
fn a_partition_is_made_once() {
    for world in World::each() {
        let wanted = || {
            run(
                &world,
                entries! { "number" => 1, "state" => "present", "label" => "gpt", "part_end" => "512MiB", "name" => "my data", "flags" => "lvm,boot" },
            )
        };
        let outcome = wanted().expect_changed_then_ok();
        assert_eq!(
            to_json(outcome.data.get("script").unwrap()),
            r#"["unit", "KiB", "mklabel", "gpt", "mkpart", "primary", "0%", "512MiB", "unit", "KiB", "name", "1", "\"my data\"", "set", "1", "lvm", "on", "set", "1", "boot", "on"]"#
        );
        assert!(world.calls().iter().any(|call| call.starts_with("parted -s -f -m -a optimal /dev/sdx -- unit KiB mklabel gpt")), "{}", world.shell_name());
        let partitions = to_json(outcome.data.get("partitions").unwrap());
        assert_eq!(
            partitions,
            r#"[{"num": 1, "begin": 1024.0, "end": 524288.0, "size": 523264.0, "fstype": "", "name": "my data", "flags": ["lvm", "boot"], "unit": "kib"}]"#
        );
        run(&world, entries! { "number" => 1, "state" => "present", "label" => "gpt", "resize" => true, "flags" => "lvm" }).expect_changed_then_ok();
        let info = run(&world, entries! {}).expect_ok();
        assert_eq!(info.data.get("disk").and_then(|disk| disk.get("table")), Some(&Value::str("gpt")));
        run(&world, entries! { "number" => 1, "state" => "absent" }).expect_changed_then_ok();
    }
}

#[test]
fn what_cannot_be_is_told() {
    let world = World::plain();
    run(&world, entries! { "state" => "present" }).expect_failed("following are missing: number");
    run(&world, entries! { "part_end" => "5mib" }).expect_failed("doesn't respect required format");
    run(&world, entries! { "number" => 1, "state" => "present", "fs_type" => "bad" }).expect_failed("Error while running parted script");
}
