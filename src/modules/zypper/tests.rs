use super::wanted::Wanted;
use crate::entries;
use crate::modules::driver::{Run, World};
use crate::value::{Map, Value};

/// A zypper that keeps the names of packages in a file.
const ZYPPER: &str = r#"
db="$HOME/db"; for last; do :; done
dry=; case " $* " in (*' --dry-run '*) dry=1 ;; esac
echo "<?xml version='1.0'?>"
echo '<stream>'
case " $* " in
(*' search '*) rc=104; shift 10; for name; do if grep -q -x -e "$name" "$db"; then echo "<solvable-list><solvable status=\"installed\" name=\"$name\" kind=\"package\" edition=\"1\"/></solvable-list>"; rc=0; fi; done; echo '</stream>'; exit $rc ;;
(*' refresh '*) ;;
(*' dist-upgrade '*|*' update '*) echo '<install-summary><to-upgrade><solvable name="old" edition="2" edition-old="1"/></to-upgrade></install-summary>' ;;
(*nope*) echo '<message type="error">No provider of &apos;nope&apos; found.</message></stream>'; exit 104 ;;
(*broken*) echo '<message type="error">Disk full</message></stream>'; exit 8 ;;
(*' install '*) name=${last#+}; case $last in (-*) echo "<to-remove><solvable name=\"${last#-}\"/></to-remove>" ;; (*) if ! grep -q -x -e "${name%%[<>=]*}" "$db"; then echo "<install-summary><to-install><solvable name=\"$name\" edition=\"1\"/></to-install></install-summary>"; test -n "$dry" || echo "$name" >>"$db"; fi ;; esac ;;
(*' remove '*) echo "<to-remove><solvable name=\"$last\" edition=\"1\"/></to-remove>"; test -n "$dry" || { grep -v -x -e "$last" "$db" >"$HOME/new"; mv "$HOME/new" "$db"; } ;;
esac
echo '</stream>'"#;

fn run(world: &World, args: Map) -> Run<'_> {
    world.fake("zypper", ZYPPER);
    if !world.path("db").exists() {
        world.write("db", "old\n");
    }
    Run::new("zypper", world).args(args)
}

#[test]
fn names_have_signs_and_versions() {
    let names = ["+a", "~b", "c>=1.2", "http://x/d", "e.rpm"].map(str::to_owned);
    let wanted = Wanted::all(&names, false);
    let texts: Vec<String> = wanted.packages.iter().map(super::wanted::Package::text).collect();
    assert_eq!(texts, ["+a", "-b", "+c>=1.2"]);
    assert_eq!(wanted.urls, ["http://x/d", "e.rpm"]);
}

#[test]
fn packages_come_and_go_once() {
    for world in World::each() {
        let outcome = run(&world, entries! { "name" => "git", "update_cache" => true }).diff().expect_changed_then_ok();
        assert_eq!(outcome.data.get("rc"), Some(&Value::Int(0)));
        let last = "zypper --non-interactive --xmlout --quiet install --type package --auto-agree-with-licenses --no-recommends -- +git";
        assert!(world.calls().contains(&last.to_owned()), "{:?}", world.calls());
        // zypper itself compares versions.
        assert!(!run(&world, entries! { "name" => "old>=1" }).run().outcome.changed);
        run(&world, entries! { "name" => "git", "state" => "removed", "clean_deps" => true }).expect_changed_then_ok();
        run(&world, entries! { "name" => "nope" }).expect_failed("No provider of 'nope' found.");
        let failed = run(&world, entries! { "name" => "broken", "simple_errors" => true }).expect_failed("return code 8");
        assert_eq!(failed.text("stdout"), Some("Disk full"));
        let upgrade = run(&world, entries! { "name" => "*", "state" => "dist-upgrade", "allow_vendor_change" => true, "install_recommends" => true }).diff().expect_changed();
        assert_eq!(upgrade.diff[0], crate::outcome::Diff::Prepared("upgraded: old (1 => 2)\n".to_owned()));
    }
}

#[test]
fn what_cannot_be_is_told() {
    let world = World::plain();
    run(&world, entries! { "name" => "+x", "state" => "absent" }).expect_failed("'+' prefix");
    run(&world, entries! { "name" => "x", "state" => "dist-upgrade" }).expect_failed("Can not dist-upgrade");
    run(&world, entries! { "name" => "x.rpm", "state" => "absent" }).expect_failed("via URL");
}
