use super::{diff, does_something};
use crate::modules::driver::{Run, World};
use crate::outcome::{Diff, Outcome};
use crate::value::Value;

/// dpkg of a file: `packages` holds a line for each package that is known.
const DPKG_QUERY: &str = r#"
case $2 in
(*Provides*) cat "$HOME/provides"; exit 0 ;;
esac
shift 3
rc=0
for name in "$@"; do
	grep -F "	${name%%:*}	" "$HOME/packages" || rc=1
done
exit $rc
"#;

const APT_CACHE: &str = r#"
case $1 in
(pkgnames) printf '%s\n' curl php8.2-cli php8.2-common php-odd ;;
(policy) shift 2; for name in "$@"; do printf '%s:\n  Installed: x\n  Candidate: 2.0-1\n' "$name"; done ;;
(madison) printf ' %s | 3.0-1 | http://x y/main amd64 Packages\n' "$3"; printf ' %s | 2.0-1 | http://x z/main amd64 Packages\n' "$3" ;;
esac
"#;

const APT_GET: &str = r#"
case " $* " in
(*' nosuch '*) echo 'E: Unable to locate package nosuch' >&2; exit 100 ;;
(*upgrade*) cat "$HOME/upgrade" ;;
(*autoclean*) echo 'Del old 1.0 [10 kB]' ;;
(*) printf 'Reading package lists...\nThe following NEW packages will be installed:\n  x\n0 upgraded, 1 newly installed, 0 to remove and 0 not upgraded.\n' ;;
esac
"#;

fn world(world: &World) {
    world.fake("dpkg-query", DPKG_QUERY);
    world.fake("apt-cache", APT_CACHE);
    world.fake("apt-get", APT_GET);
    world.fake("apt-mark", "echo \"$3 set to manually installed.\"");
    world.fake("dpkg", "test \"$3 $2\" = \"ge 3.0-1\"");
    world.write(
        "packages",
        "ii \tcurl\tamd64\t2.0-1\nii \told\tall\t1.9-1\nrc \tgone\tall\t1.0\nii \todd++\tamd64\t4:12\n",
    );
    world.write("provides", "ii \tmawk\tawk (= 1), other\n");
    world.write("upgrade", "Calculating upgrade...\n0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n");
}

fn acts(world: &World) -> Vec<String> {
    let calls = world.calls();
    let acts = calls.iter().filter(|call| call.starts_with("apt-get ") && !call.contains("--simulate"));
    acts.map(|call| {
        let start = call.find("Timeout=60 ").map_or(0, |at| at + 11);
        call[start..].to_owned()
    })
    .collect()
}

fn apt<'a>(world: &'a World, name: &str) -> Run<'a> {
    Run::new("apt", world).set("name", name)
}

#[test]
fn what_is_installed_costs_one_round_trip() {
    for here in World::each() {
        world(&here);
        for name in ["curl", "curl,odd++", "curl=2.*", "curl>=1.0~rc1", "awk", " curl , ", "curl:amd64"] {
            let outcome = apt(&here, name).expect_ok();
            assert_eq!(outcome.data.get("cache_updated"), Some(&Value::Bool(false)), "{name}");
        }
        apt(&here, "curl").set("state", "latest").expect_ok();
        apt(&here, "nope").set("only_upgrade", true).expect_ok();
        apt(&here, "nope,gone").set("state", "absent").expect_ok();
        assert!(acts(&here).is_empty());
    }
}

#[test]
fn what_is_not_installed_is_told_to_apt_get() {
    for here in World::each() {
        world(&here);
        for (name, state, words) in [
            ("nginx", "present", "install nginx"),
            ("gone", "present", "install gone"),
            ("old", "latest", "install old"),
            ("curl=3.*", "present", "install curl=3.0-1"),
            ("curl>=2.5", "present", "install curl=3.0-1"),
            ("php8*-c*", "present", "install php8.2-cli php8.2-common"),
            ("it's odd;x", "present", "install it's odd;x"),
            ("curl", "absent", "remove curl"),
        ] {
            let outcome = apt(&here, name).set("state", state).expect_changed();
            assert_eq!(acts(&here).last().map(String::as_str), Some(words), "{}", here.shell_name());
            assert!(outcome.text("stdout").unwrap().starts_with("Reading package lists"));
        }
        apt(&here, "gone").set("state", "absent").set("purge", true).expect_changed();
        assert!(acts(&here).last().unwrap().ends_with("--purge remove gone"));
    }
}

#[test]
fn failures_say_what_is_missing() {
    for here in World::each() {
        world(&here);
        apt(&here, "nosuch").expect_failed("No package matching 'nosuch' is available");
        apt(&here, "curl=9*").expect_failed("no available installation candidate for curl=9*");
        apt(&here, "zz*").expect_failed("No package(s) matching 'zz*' available");
        apt(&here, "x").set("deb", "y").expect_failed("mutually exclusive");
    }
}

#[test]
fn check_mode_simulates() {
    for here in World::each() {
        world(&here);
        let outcome = apt(&here, "nginx").check().diff().expect_changed();
        assert!(acts(&here).is_empty());
        let Some(Diff::Prepared(diff)) = outcome.diff.first() else {
            panic!("{:?}", outcome.diff)
        };
        assert!(diff.starts_with("The following NEW packages"), "{diff}");
        assert!(diff.ends_with("not upgraded."), "{diff}");
    }
}

#[test]
fn upgrades_are_decided_by_a_simulation() {
    for here in World::each() {
        world(&here);
        let run = || Run::new("apt", &here).set("upgrade", "full");
        let outcome = run().expect_ok();
        assert!(outcome.text("msg").unwrap().contains("0 upgraded"));
        assert!(acts(&here).is_empty());
        here.write("upgrade", "2 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n");
        run().check().expect_changed();
        assert!(acts(&here).is_empty());
        run().expect_changed();
        assert_eq!(acts(&here), ["dist-upgrade"]);
        Run::new("apt", &here).set("upgrade", true).expect_changed();
        assert_eq!(acts(&here).last().unwrap(), "upgrade --with-new-pkgs");
        Run::new("apt", &here).set("autoclean", true).expect_changed();
    }
}

#[test]
fn options_reach_apt_get() {
    for here in World::each() {
        world(&here);
        apt(&here, "nginx")
            .set("install_recommends", false)
            .set("default_release", "backports")
            .set("allow_downgrade", true)
            .set("dpkg_options", "force-confnew")
            .set("lock_timeout", 5)
            .set("autoremove", true)
            .expect_changed();
        let calls = here.calls();
        assert_eq!(
            calls.last().unwrap(),
            "apt-get -y -o Dpkg::Options::=--force-confnew -o DPkg::Lock::Timeout=5 \
             -o APT::Install-Recommends=no -t backports --auto-remove --allow-downgrades install nginx"
        );
    }
}

#[test]
fn summaries_tell_whether_anything_was_done() {
    for (output, expected) in [
        ("0 upgraded, 0 newly installed, 0 to remove and 3 not upgraded.", false),
        ("0 upgraded, 0 newly installed, 1 downgraded, 0 to remove and 0 not upgraded.", true),
        ("0 upgraded, 0 newly installed, 1 to remove and 0 not upgraded.", true),
        ("0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n1 not fully installed or removed.", true),
        ("Reading package lists...", false),
        ("Del x 1 [2 kB]", true),
    ] {
        assert_eq!(does_something(output), expected, "{output}");
    }
    assert_eq!(diff("Reading state information...\n0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded."), None);
}

#[test]
fn package_files_are_compared_with_what_is_here() {
    for here in World::each() {
        here.fake("apt-get", APT_GET);
        here.fake("dpkg-deb", "case $3 in (Package) echo tool ;; (Version) echo 1.0 ;; (*) echo all ;; esac");
        here.fake("dpkg-query", "printf 'installed %s' \"$(cat \"$HOME/version\" 2>/dev/null)\"");
        here.write("a 'b.deb", "");
        let run = || Run::new("apt", &here).set("deb", Value::list(vec![here.text("a 'b.deb").into()]));
        let outcome: Outcome = run().expect_changed();
        assert!(!outcome.data.contains("cache_updated"));
        assert!(here.calls().last().unwrap().ends_with("install ") || here.calls().last().unwrap().ends_with("a 'b.deb"));
        here.write("version", "1.0");
        let calls = here.calls().iter().filter(|call| call.starts_with("apt-get ")).count();
        assert!(!run().run().outcome.changed);
        assert_eq!(here.calls().iter().filter(|call| call.starts_with("apt-get ")).count(), calls);
        Run::new("apt", &here).set("deb", "/no/such.deb").expect_failed("Unable to install package");
    }
}
