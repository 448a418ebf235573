use crate::modules::driver::{Run, World};
use crate::value::to_json;

/// rpm of a file: a line for each installed package.
const RPM: &str = r#"
all= what= mode=
while test $# -gt 0; do
	case $1 in
	(-qa) mode=all ;; (-q) mode=query ;; (-qp) mode=file ;; (--whatprovides) mode=provides ;;
	(--qf) format=$2; shift ;; (--) ;; (*) what=$1 ;;
	esac
	shift
done
show() {
	while IFS='|' read -r name epoch version release arch; do
		case $format in
		(*'|@System'*) printf '%s|%s|%s|%s|%s|@System\n' "$name" "$epoch" "$version" "$release" "$arch" ;;
		(*'|'*) printf '%s|%s|%s|%s|%s\n' "$name" "$epoch" "$version" "$release" "$arch" ;;
		(*) printf '%s-%s:%s-%s.%s\n' "$name" "$epoch" "$version" "$release" "$arch" ;;
		esac
	done
}
case $mode in
(all) if test -n "$what"; then grep "^${what%\*}" "$HOME/rpms" | show; else show <"$HOME/rpms"; fi ;;
(query)
	found=$(while IFS='|' read -r name epoch version release arch; do
		case $what in ("$name" | "$name-$version" | "$name-$version-$release") printf '%s|%s|%s|%s|%s\n' "$name" "$epoch" "$version" "$release" "$arch" ;; esac
	done <"$HOME/rpms")
	test -n "$found" && printf '%s\n' "$found" | show ;;
(provides) test "$what" = /bin/sh && echo 'bash|0|5|1|x86_64' ;;
(*) exit 1 ;;
esac
"#;

const DNF: &str = r#"
for last; do :; done
case " $* " in
(*' nosuch '*) echo 'Error: Unable to find a match: nosuch' >&2; exit 1 ;;
(*' check-update '*) printf '\ntree.x86_64 9.0-1 base\n'; exit 100 ;;
(*' group list '*) echo '   Development Tools (development)' ;;
(*' --assumeno '*) echo 'Operation aborted.'; exit 1 ;;
(*' install '*) echo "$last|0|1.0|1|noarch" >>"$HOME/rpms"; echo Complete! ;;
(*' remove '*) grep -v "^$last|" "$HOME/rpms" >"$HOME/new"; mv "$HOME/new" "$HOME/rpms" ;;
esac
"#;

fn host(world: &World) {
    world.fake("rpm", RPM);
    world.fake("dnf", DNF);
    world.write("rpms", "bash|0|5.1|1.el9|x86_64\ntree|0|1.8.0|10.el9|x86_64\n");
}

fn acts(world: &World) -> Vec<String> {
    let calls = world.calls().into_iter();
    calls.filter(|call| call.starts_with("dnf -y") || call.starts_with("dnf --assumeno")).collect()
}

fn dnf<'a>(world: &'a World, name: &str) -> Run<'a> {
    Run::new("dnf", world).set("name", name)
}

#[test]
fn what_is_installed_costs_one_round_trip_without_dnf() {
    for world in World::each() {
        host(&world);
        for name in ["bash", "bash,tree", "tree-1.8.0", "tree-1.7", "/bin/sh", "tr*"] {
            let outcome = dnf(&world, name).expect_ok();
            assert_eq!(outcome.text("msg"), Some("Nothing to do"), "{name}");
        }
        let outcome = dnf(&world, "nope").set("state", "absent").expect_ok();
        assert_eq!(to_json(outcome.data.get("results").unwrap()), r#"["No match for argument: nope"]"#);
        dnf(&world, "bash").set("state", "latest").expect_ok();
        dnf(&world, "@Development tools").expect_ok();
        assert!(acts(&world).is_empty());
    }
}

#[test]
fn what_is_missing_is_installed_and_what_is_there_removed() {
    for world in World::each() {
        host(&world);
        let run = || Run::new("yum", &world).set("name", "git").set("disablerepo", "*").set("enablerepo", "base");
        run().check().expect_changed();
        let outcome = run().expect_changed();
        assert_eq!(to_json(outcome.data.get("results").unwrap()), r#"["Installed: git-1.0-1.noarch"]"#);
        run().expect_ok();
        assert_eq!(
            acts(&world),
            [
                "dnf --assumeno --disablerepo=* --enablerepo=base install git",
                "dnf -y --disablerepo=* --enablerepo=base install git"
            ]
        );
        let outcome = dnf(&world, "git").set("state", "removed").expect_changed();
        assert_eq!(to_json(outcome.data.get("results").unwrap()), r#"["Removed: git-1.0-1.noarch"]"#);
        assert_eq!(acts(&world).last().unwrap(), "dnf -y --noautoremove remove git");
    }
}

#[test]
fn updates_and_failures_are_seen() {
    for world in World::each() {
        host(&world);
        dnf(&world, "tree").set("state", "latest").set("security", true).run();
        assert_eq!(acts(&world).last().unwrap(), "dnf -y --security upgrade-minimal tree");
        dnf(&world, "*").set("state", "latest").run();
        assert_eq!(acts(&world).last().unwrap(), "dnf -y upgrade");
        dnf(&world, "tree-1.7").set("allow_downgrade", true).run();
        assert_eq!(acts(&world).last().unwrap(), "dnf -y install tree-1.7");
        let outcome = dnf(&world, "nosuch").expect_failed("Failed to install some of the specified packages");
        assert_eq!(to_json(outcome.data.get("failures").unwrap()), r#"["No package nosuch available."]"#);
        Run::new("dnf", &world).expect_failed("is required");
        let list = Run::new("dnf", &world).set("list", "installed").expect_ok();
        assert_eq!(list.data.get("results").unwrap().as_list().unwrap().len(), 3);
    }
}
