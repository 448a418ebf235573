use crate::entries;
use crate::modules::driver::{Run, World};
use crate::value::{Value, to_json};

fn fake_others(world: &World) {
    for name in ["apk", "apt-get", "apt", "aptitude", "dpkg-query", "rpm", "pacman", "pkg", "pkg_info", "qlist"] {
        world.hide(name);
    }
}

fn packages(world: &World, args: crate::value::Map) -> String {
    let outcome = Run::new("package_facts", world).args(args).expect_ok();
    to_json(outcome.facts.get("packages").unwrap())
}

#[test]
fn dpkg_is_asked_and_apt_tells_origins() {
    for world in World::each() {
        fake_others(&world);
        world.fake("apt-get", "exit 0");
        world.fake("dpkg", "echo amd64");
        world.fake("dpkg-query", r#"case $* in
(*Status*) printf 'ii \tcurl\t7.88\tamd64\tweb\nrc \told\t1\tall\tmisc\nii \tlibc6\t2.36\ti386\tlibs\nii \tmine\t1\tall\t\n' ;;
(*) printf 'curl\nlibc6:i386\nmine\n' ;; esac"#);
        world.fake("apt-cache", r#"shift; case $# in
(0) printf 'Package files:\n 100 /var/lib/dpkg/status\n     release a=now\n 500 http://deb.debian.org/debian bookworm/main amd64 Packages\n     release v=12,o=Debian,a=stable\n     origin deb.debian.org\nPinned packages:\n' ;;
(*) for i; do printf '%s:\n  Installed: 1\n  Version table:\n *** 1 500\n' "$i"
test "$i" = mine || echo '        500 http://deb.debian.org/debian bookworm/main amd64 Packages'
echo '        100 /var/lib/dpkg/status'; done ;; esac"#);
        assert_eq!(
            packages(&world, entries! {}),
            concat!(
                r#"{"curl": [{"name": "curl", "version": "7.88", "arch": "amd64", "category": "web", "origin": "Debian", "source": "apt"}], "#,
                r#""libc6:i386": [{"name": "libc6:i386", "version": "2.36", "arch": "i386", "category": "libs", "origin": "Debian", "source": "apt"}], "#,
                r#""mine": [{"name": "mine", "version": "1", "arch": "all", "category": "", "origin": "", "source": "apt"}]}"#
            )
        );
    }
}

#[test]
fn other_managers_are_read() {
    for (program, says, manager, expected) in [
        (
            "rpm",
            "printf 'bash|5.1|4.el9|(none)|x86_64\\nbash|5.2|1.el9|1|x86_64\\n'",
            "dnf",
            r#"{"bash": [{"name": "bash", "version": "5.1", "release": "4.el9", "epoch": "None", "arch": "x86_64", "source": "rpm"}, {"name": "bash", "version": "5.2", "release": "1.el9", "epoch": "1", "arch": "x86_64", "source": "rpm"}]}"#,
        ),
        (
            "pacman",
            "printf 'Name            : a\\nVersion         : 1-1\\nArchitecture    : x86_64\\nProvides        : b=1  c\\n                  d\\nDescription     : x : y\\n\\nName            : e\\nVersion         : 2\\nArchitecture    : any\\nProvides        : None\\n\\n'",
            "pacman",
            r#"{"a": [{"name": "a", "version": "1-1", "arch": "x86_64", "provides": ["b", "c", "d"], "source": "pacman"}], "e": [{"name": "e", "version": "2", "arch": "any", "provides": null, "source": "pacman"}]}"#,
        ),
        (
            "apk",
            "case $1 in (query) exit 1 ;; (*) echo musl-1.2.4-r2 ;; esac",
            "apk",
            r#"{"musl": [{"name": "musl", "version": "1.2.4", "release": "r2", "source": "apk"}]}"#,
        ),
        (
            "apk",
            "echo '[{\"name\": \"musl\", \"version\": \"1.2.5-r3\"}]'",
            "apk",
            r#"{"musl": [{"name": "musl", "version": "1.2.5", "release": "r3", "source": "apk"}]}"#,
        ),
        (
            "pkg",
            "test \"$2\" = \"$(printf '%%n\\t%%v\\t%%R\\t%%t\\t%%a\\t%%q\\t%%o\\t%%p\\t%%V')\" && printf 'vim\\t9.0_1,2\\tFreeBSD\\t1700\\t0\\tFreeBSD:14:amd64\\teditors/vim\\t/usr/local\\t0\\n'",
            "pkgng",
            r#"{"vim": [{"name": "vim", "version": "9.0", "origin": "FreeBSD", "installed": "1700", "automatic": false, "arch": "amd64", "category": "editors", "prefix": "/usr/local", "vital": false, "port_epoch": "2", "revision": "1", "source": "pkg"}]}"#,
        ),
        (
            "pkg_info",
            "echo 'curl-8.5.0  transfer files'",
            "openbsd_pkg",
            r#"{"curl": [{"name": "curl", "version": "8.5.0", "source": "pkg_info"}]}"#,
        ),
    ] {
        let world = World::plain();
        world.fake(program, says);
        assert_eq!(packages(&world, entries! { "manager" => manager }), expected);
    }
}

#[test]
fn managers_that_are_unknown_or_missing_are_told() {
    let world = World::plain();
    fake_others(&world);
    Run::new("package_facts", &world)
        .set("manager", "nix")
        .expect_failed("Unsupported package managers requested: nix");
    let outcome = Run::new("package_facts", &world).set("manager", "rpm").expect_failed("Could not detect");
    assert!(outcome.warnings[0].starts_with("Requested package manager rpm was not usable"));
    world.fake("rpm", "true");
    let outcome = Run::new("package_facts", &world)
        .set("manager", Value::strings(["rpm"]))
        .set("strategy", "all")
        .expect_failed("Could not detect");
    assert_eq!(outcome.warnings, ["Found \"rpm\" but no associated packages"]);
}
