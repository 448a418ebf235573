use crate::entries;
use crate::modules::driver::{Run, World};
use crate::value::Map;

fn edited(before: &str, args: Map) -> String {
    let world = World::plain();
    world.write("f", before);
    let run = Run::new("known_hosts", &world).path("path", "f").args(args);
    let predicted = run.run_checked().changed;
    let outcome = run.run().outcome;
    assert!(!outcome.failed, "{outcome:?}");
    assert_eq!(outcome.changed, predicted);
    run.expect_ok();
    world.read("f")
}

const TEXT: &str = "# comment\na ssh-rsa AAA1\nb,c ssh-rsa BBB1\na ssh-ed25519 AAA2\n";

#[test]
fn keys_are_kept() {
    let set = |name: &str, key: &str| entries! {"name" => name, "key" => key};
    let absent = |name: &str| entries! {"name" => name, "state" => "absent"};
    for (args, after) in [
        (set("a", "a ssh-rsa AAA1 me@x"), TEXT.to_owned()),
        (set("A", "a ssh-rsa AAA9"), TEXT.replace("a ssh-rsa AAA1\n", "") + "a ssh-rsa AAA9\n"),
        (set("d", "d ssh-rsa DDD1"), format!("{TEXT}d ssh-rsa DDD1\n")),
        (set("a", "a ssh-dss DSS"), format!("{TEXT}a ssh-dss DSS\n")),
        (absent("a"), "# comment\nb,c ssh-rsa BBB1\n".to_owned()),
        (absent("z"), TEXT.to_owned()),
    ] {
        assert_eq!(edited(TEXT, args.clone()), after, "{args:?}");
    }
}

#[test]
fn names_are_hashed_once() {
    for world in World::each() {
        let run = Run::new("known_hosts", &world)
            .path("path", ".ssh/known_hosts")
            .set("name", "h")
            .set("key", "h ssh-rsa AAA")
            .set("hash_host", true);
        run.expect_changed_then_ok();
        assert!(world.read(".ssh/known_hosts").starts_with("|1|"));
        Run::new("known_hosts", &world)
            .set("name", "h")
            .set("state", "absent")
            .expect_changed_then_ok();
        assert_eq!(world.read(".ssh/known_hosts"), "");
    }
}

#[test]
fn wrong_wishes_are_refused() {
    let world = World::plain();
    for (args, part) in [
        (entries! {"name" => "a"}, "`key` is required"),
        (entries! {"name" => "a", "key" => "b ssh-rsa AAA"}, "names another host"),
        (entries! {"name" => "a", "key" => "nonsense"}, "does not have the form"),
        (entries! {"name" => "a,b", "key" => "a,b ssh-rsa AAA"}, "more than one name"),
    ] {
        Run::new("known_hosts", &world).args(args).expect_failed(part);
    }
}
