use super::display::Display;
use crate::entries;
use crate::modules::driver::{Run, World};
use crate::value::{Map, Value};

const DEBIAN: &str = "my-ed - auto mode\n  link best version is /bin/nano\n  link currently points to /bin/nano\n  link my-ed is /usr/bin/my-ed\n  slave ed.1 is /usr/share/ed.1\n/bin/nano - priority 40\n  slave ed.1: /man/nano.1\n/bin/vi - priority 30\n";
const REDHAT: &str = "java - status is manual.\n link currently points to /usr/bin/j11\n/usr/bin/j11 - family jre11 priority 1100\n slave keytool: /usr/bin/k11\n slave gone: (null)\nCurrent `best' version is /usr/bin/j11.\n";

#[test]
fn both_kinds_of_display_are_read() {
    let display = Display::read(DEBIAN, "my-ed", None);
    assert_eq!(display.mode.as_deref(), Some("auto"));
    assert_eq!(display.link.as_deref(), Some("/usr/bin/my-ed"));
    assert_eq!(display.current.as_deref(), Some("/bin/nano"));
    let nano = display.of("/bin/nano").unwrap();
    assert_eq!((nano.priority, nano.followers[0].link.as_str()), (40, "/usr/share/ed.1"));
    let display = Display::read(REDHAT, "java", None);
    assert_eq!(display.mode.as_deref(), Some("manual"));
    let java = display.of("/usr/bin/j11").unwrap();
    assert_eq!((java.priority, java.family.as_deref(), java.followers.len()), (1100, Some("jre11"), 1));
}

fn run(world: &World, args: Map) -> Run<'_> {
    world.write("debian", DEBIAN);
    world.fake("update-alternatives", "case \"$1 $2\" in ('--display my-ed') cat \"$HOME/debian\" ;; ('--display '*) exit 2 ;; (*bad*) echo broken >&2; exit 2 ;; esac");
    Run::new("alternatives", world).set("name", "my-ed").args(args)
}

#[test]
fn an_alternative_is_installed_and_chosen() {
    for world in World::each() {
        run(&world, entries! { "path" => "/bin/nano" }).expect_ok();
        run(&world, entries! { "path" => "/bin/nano", "priority" => 40, "state" => "auto" }).expect_ok();
        let outcome = run(&world, entries! { "path" => "/bin/vi" }).diff().expect_changed();
        assert_eq!(outcome.text("msg"), Some("Set alternative '/bin/vi' for 'my-ed'."));
        assert_eq!(world.calls().last().unwrap(), "update-alternatives --set my-ed /bin/vi");
        let path = world.text("some prog");
        world.write("some prog", "");
        let slaves = Value::list(vec![Value::map(entries! { "name" => "ed.1", "path" => "/p", "link" => "/l" })]);
        let outcome = run(&world, entries! { "path" => path.as_str(), "slaves" => slaves, "state" => "present" }).diff().expect_changed();
        assert_eq!(world.calls().last().unwrap(), &format!("update-alternatives --install /usr/bin/my-ed my-ed {path} 50 --slave /l ed.1 /p"));
        assert_eq!(outcome.diff.len(), 1);
        run(&world, entries! { "path" => "/bin/vi", "state" => "absent" }).check().expect_changed();
        run(&world, entries! { "path" => "/bin/nope", "state" => "absent" }).expect_ok();
    }
}

#[test]
fn what_is_missing_is_told() {
    let world = World::plain();
    run(&world, entries! { "path" => "/no/such" }).expect_failed("Specified path /no/such does not exist");
    run(&world, entries! { "path" => "/", "name" => "other" }).expect_failed("we are missing the link");
    run(&world, entries! { "path" => "/", "link" => "/x", "name" => "bad" }).expect_failed("broken");
    run(&world, entries! {}).expect_failed("one of the following is required: path, family");
}
