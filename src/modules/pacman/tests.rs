use crate::entries;
use crate::modules::driver::{Run, World};
use crate::value::{Map, to_json};

const PACMAN: &str = r#"
db="$HOME/db"
for last; do :; done
case $* in
('--query --upgrades') printf 'old 1-1 -> 2-1\nheld 1-1 -> 2-1 [ignored]\n' ;;
('--query --explicit') printf 'old 1-1\n' ;;
('--query') cat "$db" ;;
('--sync --groups team') printf 'team a\nteam b\n' ;;
('--sync --groups '*) exit 1 ;;
('--sync --list') cat "$HOME/list" 2>/dev/null ;;
('--sync --refresh'*) echo x >>"$HOME/list" ;;
('--upgrade --print-format %n '*) printf 'loading packages...\nfilepkg\n' ;;
(*--sync*bad*) echo 'error: target not found' >&2; exit 1 ;;
(*'--print-format %n %v'*) for name in "$@"; do case $name in (-*|'%n %v') ;; (*.tar*) echo 'filepkg 3' ;; (*) echo "$name 9-1" ;; esac; done ;;
(*'--print-format %n-%v'*) echo "$last-1-1" ;;
(*--remove*) grep -v "^$last " "$db" >"$HOME/new"; mv "$HOME/new" "$db" ;;
(*--database*) ;;
(*--sysupgrade*) echo upgraded ;;
(*) for name in "$@"; do case $name in (-*) ;; (*.tar*) echo 'filepkg 3' >>"$db" ;; (*) echo "$name 9-1" >>"$db" ;; esac; done ;;
esac"#;

fn run(world: &World, args: Map) -> Run<'_> {
    world.fake("pacman", PACMAN);
    if !world.path("db").exists() {
        world.write("db", "old 1-1\nlib 1-1\n");
    }
    Run::new("pacman", world).args(args)
}

#[test]
fn packages_come_and_go_once() {
    for world in World::each() {
        let outcome = run(&world, entries! { "name" => "bash,team" }).diff().expect_changed_then_ok();
        assert_eq!(outcome.text("msg"), Some("Installed 3 package(s)"));
        assert_eq!(to_json(outcome.data.get("packages").unwrap()), r#"["a", "b", "bash"]"#, "{}", world.shell_name());
        run(&world, entries! { "name" => "core/bash" }).expect_ok();
        run(&world, entries! { "pkg" => "bash", "state" => "removed", "force" => true, "remove_nosave" => true }).expect_changed_then_ok();
        assert!(world.calls().contains(&"pacman --remove --noconfirm --noprogressbar --nodeps --nodeps --nosave bash".to_owned()));
        run(&world, entries! { "name" => "bad" }).expect_failed("Failed to list package(s) to install");
        run(&world, entries! { "name" => "old" }).expect_ok();
        run(&world, entries! { "name" => "old", "state" => "latest", "extra_args" => "--overwrite '*'" }).expect_changed();
        run(&world, entries! { "name" => "/tmp/x.pkg.tar.zst" }).expect_changed();
        assert!(world.read("db").contains("filepkg 3"));
    }
}

#[test]
fn reasons_upgrades_and_lists_are_managed() {
    for world in World::each() {
        run(&world, entries! { "name" => "lib", "reason" => "explicit" }).expect_ok();
        run(&world, entries! { "name" => "lib", "reason" => "explicit", "reason_for" => "all" }).expect_changed();
        assert_eq!(world.calls().last().unwrap(), "pacman --noconfirm --database --asexplicit lib");
        let outcome = run(&world, entries! { "upgrade" => true }).diff().expect_changed();
        assert_eq!(to_json(outcome.data.get("packages").unwrap()), r#"["old"]"#);
        assert_eq!(outcome.text("stdout"), Some("upgraded\n"));
        let outcome = run(&world, entries! { "update_cache" => true }).expect_changed();
        assert_eq!(outcome.text("msg"), Some("Updated package db"));
        run(&world, entries! {}).expect_failed("one of");
    }
}
