use crate::modules::driver::{Run, World};
use crate::modules::services::State;

#[test]
fn verbs_follow_from_the_state() {
    for (state, running, verb) in [
        (State::Started, true, None),
        (State::Started, false, Some("start")),
        (State::Stopped, false, None),
        (State::Stopped, true, Some("stop")),
        (State::Restarted, false, Some("start")),
        (State::Reloaded, true, Some("reload")),
    ] {
        assert_eq!(state.verb(running), verb, "{state:?}");
    }
}

#[test]
fn systemd_is_asked_once() {
    for world in World::each() {
        world.fake("systemctl", "printf 'Id=x\\nLoadState=loaded\\nActiveState=active\\nUnitFileState=enabled\\n'");
        let run = || Run::new("service", &world).set("name", "x").set("use", "systemd");
        let outcome = run().set("state", "started").set("enabled", true).set("sleep", 1).expect_ok();
        assert_eq!(outcome.warnings, ["Ignoring \"sleep\" as it is not used in \"systemd\""]);
        assert_eq!(world.calls().len(), 1);
        run().set("state", "restarted").expect_changed();
        assert_eq!(world.calls().last().unwrap(), "systemctl --no-pager restart -- x");
        Run::new("service", &world).set("name", "x").set("state", "started").fact("service_mgr", "systemd").expect_ok();
    }
}

#[test]
fn openrc_is_asked_by_its_own_tools() {
    for world in World::each() {
        world.fake(
            "rc-service",
            r#"test "$1" = --exists && { test "$2" = web; exit; }
			case $2 in (status) test -e "$HOME/up" ;; (stop) rm "$HOME/up" ;; (*) : >"$HOME/up" ;; esac"#,
        );
        world.fake("rc-update", "exit 0");
        let run = || Run::new("service", &world).set("use", "openrc").set("name", "web").set("state", "started");
        run().check().expect_changed();
        run().expect_changed();
        run().expect_ok();
        run().set("state", "restarted").set("sleep", 0).set("arguments", "-x 'a b'").expect_changed();
        let calls = world.calls();
        assert_eq!(calls[calls.len() - 2..], ["rc-service web stop -x a b", "rc-service web start -x a b"]);
        let enabled = run().set("enabled", true).set("runlevel", "boot").expect_changed();
        assert_eq!(enabled.text("state"), Some("started"));
        assert!(world.calls().contains(&"rc-update add web boot".to_owned()));
        run().set("name", "nope").expect_failed("Could not find the requested service nope: host");
    }
}

#[test]
fn a_service_is_judged_by_the_list_of_processes() {
    for world in World::each() {
        world.fake("rc-service", "exit 1");
        world.fake("ps", "echo 'odd daemon --with args'");
        let run = || Run::new("service", &world).set("use", "openrc").set("name", "sh").set("state", "started");
        world.fake("rc-service", "test \"$1\" = --exists");
        run().set("pattern", "daemon --with").expect_ok();
        run().set("pattern", "another").expect_failed("start of service sh failed");
        run().set("use", "nonsense").expect_failed("no service manager `nonsense` is known");
    }
}
