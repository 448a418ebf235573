use crate::modules::driver::{Run, World};
use crate::value::Value;

/// A systemd of files: `units/NAME` holds the properties.
const SYSTEMCTL: &str = r#"
units=$HOME/units
verb= unit=
for word in "$@"; do
	case $word in (-*) ;; (*) if test -z "$verb"; then verb=$word; else unit=$word; fi ;; esac
done
file=$units/$unit
set_to() { sed "s/^$1=.*/$1=$2/" "$file" >"$file.new" && mv "$file.new" "$file"; }
case $verb in
(show) if test -e "$file"; then cat "$file"; else printf 'Id=%s\nLoadState=not-found\nActiveState=inactive\n' "$unit"; fi ;;
(start | restart | reload) set_to ActiveState active ;;
(stop) set_to ActiveState inactive ;;
(enable) set_to UnitFileState enabled ;;
(disable) set_to UnitFileState disabled ;;
(mask) set_to LoadState masked ;;
(unmask) set_to LoadState loaded ;;
(is-enabled) exit 1 ;;
esac
"#;

fn world_with_a_unit(world: &World) {
    world.fake("systemctl", SYSTEMCTL);
    world.write(
        "units/web",
        "Id=web.service\nLoadState=loaded\nActiveState=inactive\nUnitFileState=disabled\n",
    );
}

fn verbs(world: &World) -> Vec<String> {
    let calls = world.calls();
    let words = calls.iter().map(|call| call.replace("systemctl --no-pager ", ""));
    words.filter(|call| !call.starts_with("show")).collect()
}

#[test]
fn a_unit_is_started_and_enabled_once() {
    for world in World::each() {
        world_with_a_unit(&world);
        let run = || Run::new("systemd", &world).set("name", "web").set("state", "started").set("enabled", true);
        run().check().expect_changed();
        assert!(verbs(&world).is_empty());
        let outcome = run().expect_changed();
        assert_eq!(outcome.text("state"), Some("started"));
        assert_eq!(outcome.data.get("enabled"), Some(&Value::Bool(true)));
        assert_eq!(outcome.data.get("status").unwrap().get("Id").unwrap().as_str(), Some("web.service"));
        assert_eq!(verbs(&world), ["enable -- web", "start -- web"]);
        run().expect_ok();
        Run::new("systemd", &world).set("unit", "web").set("state", "reloaded").expect_changed();
        assert_eq!(verbs(&world).last().unwrap(), "reload -- web");
    }
}

#[test]
fn masks_come_before_the_rest() {
    for world in World::each() {
        world_with_a_unit(&world);
        let run = || Run::new("systemd_service", &world).set("name", "web");
        run().set("masked", true).expect_changed();
        run().set("masked", true).expect_ok();
        run().set("masked", false).set("state", "started").set("no_block", true).set("force", true).expect_changed();
        assert_eq!(
            verbs(&world),
            ["mask -- web", "--force --no-block unmask -- web", "--force --no-block start -- web"]
        );
    }
}

#[test]
fn what_is_wrong_is_told() {
    for world in World::each() {
        world_with_a_unit(&world);
        let run = || Run::new("systemd", &world);
        run().set("name", "nope").set("state", "stopped").expect_failed("Could not find the requested service nope: host");
        run().set("name", "nope").set("enabled", false).expect_failed("Could not find the requested service nope");
        run().set("name", "w*").set("state", "started").expect_failed("does not currently support using glob patterns");
        run().set("state", "started").expect_failed("following are missing: name");
        run().expect_failed("is required");
        world.fake("systemctl", "echo 'System has not been booted with systemd' >&2; exit 1");
        run().set("name", "web").set("state", "started").expect_failed("has not been booted");
    }
}

#[test]
fn the_manager_is_told_to_read_its_files() {
    for world in World::each() {
        world_with_a_unit(&world);
        let run = || Run::new("systemd", &world).set("daemon-reload", true);
        run().check().expect_ok();
        assert!(world.calls().is_empty());
        let outcome = run().set("scope", "user").set("daemon_reexec", true).expect_ok();
        assert!(outcome.data.get("name").unwrap().is_null());
        assert_eq!(
            world.calls(),
            ["systemctl --user --no-pager daemon-reexec", "systemctl --user --no-pager daemon-reload"]
        );
    }
}
