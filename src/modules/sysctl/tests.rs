use crate::entries;
use crate::modules::driver::{Run, World};
use crate::value::Map;

const SYSCTL: &str = r#"
case $* in
('-e -n '*) cat "$HOME/$3" 2>/dev/null ;;
('-n '*) cat "$HOME/$2" ;;
(*bad*) echo 'sysctl: setting key "bad": Invalid argument' >&2 ;;
('-w '*) printf '%s\n' "${2#*=}" >"$HOME/${2%%=*}" ;;
(*'-p '*) for last; do :; done; while IFS== read -r a b; do printf '%s\n' "$b" >"$HOME/$a"; done <"$last" ;;
esac"#;

fn run(world: &World, args: Map) -> Run<'_> {
    world.fake("sysctl", SYSCTL);
    world.fake("uname", "echo Linux");
    Run::new("sysctl", world)
        .path("sysctl_file", "some dir/my $file.conf")
        .args(args)
}

#[test]
fn a_value_is_kept_in_a_file_and_read_by_the_kernel() {
    for world in World::each() {
        world.write("some dir/my $file.conf", "# mine\nx.y = 1\n");
        world.write("a.b", "0\n");
        let set = || run(&world, entries! { "name" => " a.b ", "value" => "yes" });
        set().check().diff().expect_changed();
        assert_eq!(world.read("a.b"), "0\n");
        assert_eq!(set().diff().expect_changed().diff.len(), 1);
        assert_eq!(world.read("some dir/my $file.conf"), "# mine\nx.y=1\na.b=1\n", "{}", world.shell_name());
        assert_eq!(world.read("a.b"), "1\n");
        set().expect_ok();
        world.write("a.b", "0\n");
        set().expect_changed();
        assert_eq!(world.read("a.b"), "1\n");
        let absent = || run(&world, entries! { "name" => "a.b", "state" => "absent" });
        absent().expect_changed();
        assert_eq!(world.read("some dir/my $file.conf"), "# mine\nx.y=1\n");
        absent().expect_ok();
    }
}

#[test]
fn a_value_is_set_now_where_that_is_asked_for() {
    for world in World::each() {
        world.write("a.b", "1\t2\n");
        let set = || run(&world, entries! { "key" => "a.b", "val" => "3 4", "sysctl_set" => true, "reload" => false });
        set().expect_changed();
        assert_eq!(world.read("a.b"), "3 4\n");
        assert!(world.calls().contains(&"sysctl -w a.b=3 4".to_owned()));
        set().expect_ok();
        world.write("bad", "1\n");
        run(&world, entries! { "name" => "bad", "value" => 2, "sysctl_set" => true }).expect_failed("setting bad failed");
        run(&world, entries! { "name" => "none", "value" => 2, "reload" => false }).expect_changed();
        run(&world, entries! { "name" => "none", "value" => 2, "reload" => false }).expect_ok();
        run(&world, entries! { "name" => "x" }).expect_failed("following are missing: value");
        run(&world, entries! { "name" => " ", "value" => 1 }).expect_failed("name cannot be blank");
    }
}

#[test]
fn other_systems_have_other_words() {
    let world = World::plain();
    let set = || run(&world, entries! { "name" => "a.b", "value" => 1 });
    world.write("some dir/my $file.conf", "c=2\n");
    world.write("a.b", "0\n");
    world.fake("uname", "echo OpenBSD");
    let run_as = |system: &str| {
        let run = set();
        world.fake("uname", &format!("echo {system}"));
        run
    };
    run_as("OpenBSD").expect_changed();
    let calls = world.calls();
    assert_eq!(calls[calls.len() - 2..], ["sysctl c=2", "sysctl a.b=1"]);
    run_as("FreeBSD").expect_failed("can not be reloaded. Set reload=False.");
}
