use crate::modules::driver::{Run, World};
use crate::value::to_json;

fn hide(world: &World) {
    for name in ["service", "chkconfig", "initctl", "rc-status", "rc-update", "systemctl", "lssrc", "rcctl"] {
        world.hide(name);
    }
    world.fake("uname", "echo ${SYSTEM:-Linux}");
}

fn services(world: &World) -> String {
    let outcome = Run::new("service_facts", world).expect_ok();
    to_json(outcome.facts.get("services").unwrap())
}

#[test]
fn scripts_are_told_by_their_managers() {
    for world in World::each() {
        hide(&world);
        world.fake("service", "printf ' [ + ]  cron\\n [ - ]  x11-common\\n [ ? ]  odd\\n'");
        world.fake("initctl", "printf 'ssh start/running, process 1044\\ntty (tty1) stop/waiting\\n'");
        assert_eq!(
            services(&world),
            concat!(
                r#"{"cron": {"name": "cron", "state": "running", "source": "sysv"}, "x11-common": {"name": "x11-common", "state": "stopped", "source": "sysv"}, "#,
                r#""ssh": {"name": "ssh", "state": "running", "goal": "start", "source": "upstart"}, "tty (tty1)": {"name": "tty (tty1)", "state": "waiting", "goal": "stop", "source": "upstart"}}"#
            )
        );
        world.fake("chkconfig", "test \"$1\" != --list || printf 'net   0:off 1:off 2:on 3:on 4:on 5:on 6:off\\n'");
        world.fake("service", "test \"$1\" = net");
        assert_eq!(
            services(&world),
            r#"{"net": {"name": "net", "state": "running", "status": "enabled", "source": "sysv"}}"#
        );
    }
}

#[test]
fn openrc_tells_run_levels() {
    for world in World::each() {
        hide(&world);
        world.fake("rc-status", "printf 'Runlevel: default\\n crond  [  started  ]\\n  ntp [ stopped ]\\n * odd x\\n none [ stopped ]\\n'");
        world.fake("rc-update", "printf '   crond | default boot \\n ntp |\\n'");
        let outcome = Run::new("service_facts", &world).expect_ok();
        assert_eq!(
            to_json(outcome.facts.get("services").unwrap()),
            concat!(
                r#"{"crond": {"name": "crond", "runlevels": ["default", "boot"], "state": "started", "source": "openrc"}, "#,
                r#""ntp": {"name": "ntp", "runlevels": null, "state": "stopped", "source": "openrc"}}"#
            )
        );
        assert_eq!(outcome.warnings, ["Service none not found in the service list"]);
    }
}

#[test]
fn openbsd_is_asked_by_rcctl() {
    for world in World::each() {
        hide(&world);
        world.fake("rcctl", r#"case $* in
('ls all') printf 'ntpd\nsshd\n' ;; ('ls on') echo sshd ;; ('ls started') echo sshd ;; ('ls failed') echo ntpd ;; ('get sshd') printf 'sshd_class=daemon\nsshd_flags=\n' ;;
esac"#);
        assert_eq!(
            services(&world),
            concat!(
                r#"{"ntpd": {"name": "ntpd", "source": "rcctl", "status": "disabled", "state": "failed", "rogue": false}, "#,
                r#""sshd": {"name": "sshd", "source": "rcctl", "class": "daemon", "flags": "", "status": "enabled", "state": "running", "rogue": false}}"#
            )
        );
    }
}

#[test]
fn freebsd_is_asked_by_service() {
    for world in World::each() {
        hide(&world);
        world.fake("uname", "echo FreeBSD");
        world.fake("service", r#"case $* in
(-e) printf '/etc/rc.d/sshd\n/etc/rc.d/odd\n/etc/rc.d/off\n' ;; (*describe) echo "about $1" ;; ('sshd status') echo 'sshd is running as pid 42.' ;;
('off status') echo 'off is not running.'; exit 1 ;; (*) echo 'unknown directive' >&2; exit 1 ;; esac"#);
        assert_eq!(
            services(&world),
            concat!(
                r#"{"sshd": {"status": "running", "description": "about sshd", "pid": "42"}, "#,
                r#""odd": {"status": "unknown", "description": "about odd"}, "off": {"status": "stopped", "description": "about off"}}"#
            )
        );
    }
}

#[test]
fn a_host_without_services_is_skipped() {
    let world = World::plain();
    hide(&world);
    assert!(Run::new("service_facts", &world).run().outcome.skipped);
}
