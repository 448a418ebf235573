use super::{diff, does_something};
use crate::modules::driver::{Run, World};
use crate::outcome::{Diff, Outcome};
use crate::value::Value;

/// dpkg of a file: `packages` holds a line for each package that is known.
const DPKG_QUERY: &str = r#"
shift 3
rc=0
for name in "$@"; do
	test -n "$name" && grep -F "	${name%%:*}	" "$HOME/packages" || rc=1
done
exit $rc
"#;

const APT_CACHE: &str = r#"
case $1 in
(pkgnames) printf '%s\n' curl php8.2-cli php8.2-common php-odd ;;
(policy) shift 2
	for name in "$@"; do
		case $name in
		(nosuch | */* | '') ;;
		(awk | mta) printf '%s:\n  Installed: (none)\n  Candidate: (none)\n  Version table:\n' "$name" ;;
		(*) printf '%s:\n  Installed: x\n  Candidate: 2.0-1\n  Version table:\n     3.0-1 100\n        100 http://x y/main amd64 Packages\n *** 2.0-1 500\n        500 http://x z/main amd64 Packages\n' "$name" ;;
		esac
	done ;;
(showpkg) printf 'Package: %s\nReverse Provides: \n' "$3"
	case $3 in
	(awk) printf 'mawk 1.3 (= )\nmawk 1.4 (= )\n' ;;
	(*) printf 'exim4 4.96 (= )\npostfix 3.7 (= )\n' ;;
	esac ;;
(stats) test ! -e "$HOME/broken" || { printf 'E: Malformed entry 1\nE: The list of sources could not be read.\n' >&2; exit 100; } ;;
(-o) echo "E: The value 'nix' is invalid for APT::Default-Release" >&2; exit 100 ;;
esac
"#;

const APT_GET: &str = r#"
case " $* " in
(*' nosuch '*) echo 'E: Unable to locate package nosuch' >&2; exit 100 ;;
(*upgrade*) cat "$HOME/upgrade" ;;
(*autoclean*) echo 'Del old 1.0 [10 kB]' ;;
(*' clean ') ;;
(*) printf 'Reading package lists...\nReading state information...\nThe following NEW packages will be installed:\n  x\n0 upgraded, 1 newly installed, 0 to remove and 0 not upgraded.\n' ;;
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
        "ii \tcurl\tamd64\t2.0-1\nii \told\tall\t1.9-1\nrc \tgone\tall\t1.0\nii \todd++\tamd64\t4:12\nii \tmawk\tamd64\t1.3\n",
    );
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
        for name in ["curl", "curl,odd++", "curl=2.0*", "curl>=1.0~rc1", "awk", " curl ,old", "curl:amd64"] {
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
            ("nginx", "present", "install nginx=2.0-1"),
            ("gone", "present", "install gone=2.0-1"),
            ("old", "latest", "install old=2.0-1"),
            ("mta", "present", "install mta"),
            ("curl=3.*", "present", "install curl=3.0-1"),
            ("old>=2.0", "present", "install old=2.0-1"),
            ("php8*-c*", "present", "install php8.2-cli=2.0-1 php8.2-common=2.0-1"),
            ("it's odd;x", "present", "install it's odd;x=2.0-1"),
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
        apt(&here, "curl>=2.5").expect_failed("no available installation candidate for curl>=2.5");
        apt(&here, "tree/bookworm").expect_failed("No package matching 'tree/bookworm' is available");
        apt(&here, "curl,").expect_failed("No package matching '' is available");
        apt(&here, "a==b").expect_failed("invalid package spec: a==b");
        apt(&here, "curl").set("default_release", "nix").expect_failed(
            "E:The value 'nix' is invalid for APT::Default-Release",
        );
        apt(&here, "zz*").expect_failed("No package(s) matching 'zz*' available");
        apt(&here, "x").set("deb", "y").expect_failed("mutually exclusive");
    }
}

#[test]
fn sources_that_cannot_be_read_fail_the_task() {
    for here in World::each() {
        world(&here);
        here.write("broken", "");
        let outcome = apt(&here, "curl").run().outcome;
        // A host that runs these tests may have a cache of its own, which is younger than its sources.
        if !std::path::Path::new("/var/cache/apt/pkgcache.bin").exists() {
            let expected = "E:Malformed entry 1, E:The list of sources could not be read.";
            assert_eq!(outcome.text("msg").unwrap(), expected);
        }
    }
}

#[test]
fn what_came_by_chance_is_marked_without_a_change() {
    for here in World::each() {
        world(&here);
        here.fake("grep", "echo 'Package: curl'; echo 'Auto-Installed: 1'");
        here.fake("dpkg-query", "printf 'ii \\tcurl\\tamd64\\t2.0-1\\n'");
        apt(&here, "curl").check().expect_ok();
        let outcome = apt(&here, "curl").run().outcome;
        assert!(!outcome.changed && !outcome.failed, "{outcome:?}");
        if std::path::Path::new("/var/lib/apt/extended_states").exists() {
            assert_eq!(here.calls().last().unwrap(), "apt-mark manual -- curl");
        }
    }
}

#[test]
fn cleaning_alone_is_a_change_and_the_end() {
    for here in World::each() {
        world(&here);
        let run = || Run::new("apt", &here).set("clean", true).set("autoclean", true).set("update_cache", true);
        run().check().expect_changed();
        let outcome = run().expect_changed();
        assert_eq!(outcome.text("msg"), Some(""));
        assert_eq!(acts(&here), ["apt-get clean"]);
        apt(&here, "curl").set("clean", true).expect_ok();
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
            .set("allow_downgrade", true)
            .set("dpkg_options", "force-confnew")
            .set("lock_timeout", 5)
            .set("autoremove", true)
            .expect_changed();
        let calls = here.calls();
        assert_eq!(
            calls.last().unwrap(),
            "apt-get -y -o Dpkg::Options::=--force-confnew -o DPkg::Lock::Timeout=5 \
             -o APT::Install-Recommends=no --auto-remove --allow-downgrades install nginx=2.0-1"
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
    let Diff::Prepared(prepared) = diff("x\nReading state information...\na\n0 upgraded, 0 newly\nb") else {
        panic!("no prepared diff");
    };
    assert_eq!(prepared, "a\n0 upgraded, 0 newly");
}

#[test]
fn package_files_are_compared_with_what_is_here() {
    for here in World::each() {
        world(&here);
        here.fake("apt-get", "case $* in (*--simulate*) printf 'Inst libx (1 D)\\nInst tool (1.0 D)\\n' ;; (*) echo brought ;; esac");
        here.fake("dpkg", "case $1 in (--compare-versions) test \"$(cat \"$HOME/version\")\" = 9.0 ;; (*) echo unpacked ;; esac");
        here.fake("dpkg-deb", "case $3 in (Package) echo tool ;; (Version) echo 1.0 ;; (*) echo all ;; esac");
        here.fake("dpkg-query", "test -e \"$HOME/version\" && printf 'installed %s' \"$(cat \"$HOME/version\")\"");
        here.write("a 'b.deb", "");
        let file = here.text("a 'b.deb");
        let run = || Run::new("apt", &here).set("deb", Value::list(vec![file.as_str().into()]));
        let outcome: Outcome = run().expect_changed();
        assert!(!outcome.data.contains("cache_updated"));
        assert_eq!(outcome.text("stdout"), Some("brought\nunpacked\n"));
        let calls = here.calls();
        let dpkg = format!("dpkg --force-confdef --force-confold -i {file}");
        assert_eq!(calls.last(), Some(&dpkg));
        assert!(calls.contains(&"apt-mark auto -- libx".to_owned()), "{calls:?}");
        here.write("version", "9.0");
        run().expect_failed("A later version is already installed");
        run().set("allow_downgrade", true).expect_changed();
        here.write("version", "1.0");
        let calls = here.calls().iter().filter(|call| call.starts_with("apt-get ")).count();
        assert!(!run().run().outcome.changed);
        assert_eq!(here.calls().iter().filter(|call| call.starts_with("apt-get ")).count(), calls);
        Run::new("apt", &here).set("deb", "/no/such.deb").expect_failed("Unable to install package");
        run().set("state", "latest").expect_failed("deb only supports state=present");
    }
}
