use std::cell::Cell;
use std::rc::Rc;

use crate::modules::driver::{Run, World};
use crate::modules::{Answer, Ask};
use crate::value::Value;

/// A host that cannot be reached for a while; the file `boot` counts its boots.
fn host(world: &World) {
    world.write("boot", "1\n");
    world.fake("shutdown", "echo 2 >\"$HOME/boot\"");
    let away = Rc::new(Cell::new(2));
    world.answering(move |ask| match ask {
        Ask::Connect(_) if away.get() > 0 => {
            away.set(away.get() - 1);
            Some(Answer::Reached(Err("refused".to_owned())))
        }
        Ask::Connect(_) => Some(Answer::Reached(Ok(()))),
        Ask::Sleep(_) | Ask::Disconnect => Some(Answer::Nothing),
        _ => None,
    });
}

fn run(world: &World) -> Run<'_> {
    let bin = world.controller("bin").to_string_lossy().into_owned();
    Run::new("reboot", world)
        .set("boot_time_command", "cat boot")
        .set("search_paths", Value::strings(["/nowhere", bin.as_str()]))
}

#[test]
fn a_host_is_rebooted_and_waited_for() {
    for world in World::each() {
        host(&world);
        run(&world).check().expect_changed();
        assert!(world.calls().is_empty());
        let outcome = run(&world).set("msg", "it's \"now\" $x").set("pre_reboot_delay", 130).expect_changed();
        assert_eq!(outcome.data.get("rebooted"), Some(&Value::Bool(true)));
        assert_eq!(world.calls(), ["shutdown -r +2 it's \"now\" $x"], "{}", world.shell_name());
    }
}

#[test]
fn failures_are_told() {
    for world in World::each() {
        host(&world);
        run(&world).set("reboot_command", "false now").expect_failed("Unable to find command \"false\"");
        run(&world).set("reboot_command", "/bin/sh -c 'echo no >&2; exit 3'").expect_failed("Error was: no");
        world.fake("shutdown", "exit 0");
        run(&world).set("reboot_timeout", 0).expect_failed("timed out waiting");
        run(&world).with_cx(|cx| cx.names.connection = "local".to_owned()).expect_failed("take the controller down");
    }
}
