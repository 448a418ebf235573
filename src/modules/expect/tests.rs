use crate::entries;
use crate::modules::driver::{Run, World, which};
use crate::value::{Map, Value};

/// A run of `expect`, where this machine has what gives a program a terminal.
fn expect<'a>(world: &'a World, command: &str, responses: Map) -> Run<'a> {
    if world.is_busybox() {
        for tool in ["script", "stty"] {
            let at = world.controller("bin").join(tool);
            if !at.exists() {
                std::os::unix::fs::symlink(which(tool).unwrap(), at).unwrap();
            }
        }
    }
    Run::new("expect", world)
        .set("command", command)
        .set("responses", Value::map(responses))
}

#[test]
fn programs_are_answered() {
    if which("script").is_none() {
        eprintln!("skipped: no script here");
        return;
    }
    for world in World::each() {
        let ask = "sh -c 'test -t 0 || exit 9; printf Name:; read a; printf Pass:; read b; echo \"$a+$b\"'";
        let known = || entries! {"(?i)name:" => "b o b", "Pass" => "it's $x"};
        let done = expect(&world, ask, known()).expect_changed();
        assert_eq!(done.text("stdout"), Some("Name:Pass:b o b+it's $x"), "{}", world.shell_name());
        assert_eq!(done.data.get("rc"), Some(&Value::Int(0)));
        let echoed = expect(&world, ask, known()).set("echo", true).expect_changed();
        assert!(echoed.text("stdout").unwrap().starts_with("Name:b o b\r\n"));
    }
}

#[test]
fn programs_fail_in_their_ways() {
    if which("script").is_none() {
        eprintln!("skipped: no script here");
        return;
    }
    let world = World::plain();
    let none = || entries! {"Q:" => "x"};
    let failed = expect(&world, "sh -c 'printf Q:; read a; exit 3'", none());
    let failed = failed.expect_failed("non-zero return code");
    assert_eq!(failed.data.get("rc"), Some(&Value::Int(3)));
    let slow = expect(&world, "sleep 20", none()).set("timeout", 1);
    slow.expect_failed("command exceeded timeout");
    expect(&world, "nosuchprogram x", none()).expect_failed("was not found");
    let twice = entries! {"Q:" => Value::strings(["a"])};
    let twice = expect(&world, "sh -c 'printf Q:; read a; printf Q:; read a'", twice);
    twice.expect_failed("No remaining responses for 'Q:'");
    world.write("here", "");
    let kept = expect(&world, "true", none()).path("creates", "here").expect_ok();
    assert!(kept.text("stdout").unwrap().starts_with("skipped, since"));
    expect(&world, "true", none()).path("removes", "gone").expect_ok();
    expect(&world, "true", entries! {"(" => "x"}).expect_failed("");
}
