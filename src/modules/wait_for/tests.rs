use std::net::TcpListener;

use crate::entries;
use crate::modules::driver::{Run, World};
use crate::modules::{Answer, Ask};
use crate::outcome::Outcome;
use crate::value::{Value, to_json};

fn run(world: &World, args: crate::value::Map) -> Outcome {
    world.answering(|ask| match ask {
        Ask::Sleep(time) => {
            std::thread::sleep(*time / 4);
            Some(Answer::Nothing)
        }
        _ => None,
    });
    Run::new("wait_for", world).args(args).run().outcome
}

#[test]
fn a_path_and_its_content_are_waited_for() {
    for world in World::each() {
        world.write("a log", "first\nport=8080 ready\n");
        let path = world.text("a log");
        let there = run(&world, entries! { "path" => path.as_str() });
        assert_eq!(there.text("state"), Some("file"));
        assert_eq!(there.data.get("size"), Some(&Value::Int(22)));
        let found = run(&world, entries! { "path" => path.as_str(), "search_regex" => r"^port=(?P<port>\d+) (\w+)$" });
        assert_eq!(to_json(found.data.get("match_groups").unwrap()), r#"["8080", "ready"]"#);
        assert_eq!(to_json(found.data.get("match_groupdict").unwrap()), r#"{"port": "8080"}"#);
        let gone = run(&world, entries! { "path" => world.text("nowhere"), "state" => "absent" });
        assert!(!gone.failed);
        let missing = run(&world, entries! { "path" => path.as_str(), "search_regex" => "nope", "timeout" => 1 });
        assert_eq!(missing.text("msg"), Some(format!("Timeout when waiting for search string nope in {path}").as_str()));
        let stays = run(&world, entries! { "path" => path.as_str(), "state" => "absent", "timeout" => 1, "msg" => "own words" });
        assert_eq!(stays.text("msg"), Some("own words"));
    }
}

#[test]
fn a_port_is_tried() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = i64::from(listener.local_addr().unwrap().port());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let _ = std::io::Write::write_all(&mut stream.unwrap(), b"HELLO there\r\n");
        }
    });
    for world in World::each() {
        let open = run(&world, entries! { "port" => port, "timeout" => 2 });
        assert!(!open.failed, "{}: {open:?}", world.shell_name());
        assert_eq!(open.text("state"), Some("started"));
        let closed = run(&world, entries! { "port" => 1, "state" => "stopped" });
        assert!(!closed.failed);
        let never = run(&world, entries! { "port" => 1, "timeout" => 1 });
        assert_eq!(never.text("msg"), Some("Timeout when waiting for 127.0.0.1:1"));
        let stays = run(&world, entries! { "port" => port, "timeout" => 1, "state" => "stopped" });
        assert!(stays.text("msg").unwrap().ends_with("to stop."));
        let said = run(&world, entries! { "port" => port, "search_regex" => "^HEL+O", "timeout" => 3 });
        assert!(!said.failed, "{}: {said:?}", world.shell_name());
        let drained = run(&world, entries! { "port" => 1, "state" => "drained" });
        assert!(!drained.failed);
    }
}

#[test]
fn arguments_that_do_not_go_together_are_refused() {
    let world = World::plain();
    for (args, message) in [
        (entries! { "path" => "/x", "port" => 1 }, "mutually exclusive"),
        (entries! { "path" => "/x", "state" => "stopped" }, "states of a port"),
        (entries! { "state" => "drained" }, "needs a `port`"),
        (entries! { "port" => 1, "exclude_hosts" => "x" }, "is for `state: drained`"),
        (entries! { "path" => "/x", "search_regex" => "(" }, "("),
    ] {
        let outcome = run(&world, args);
        assert!(outcome.text("msg").unwrap().contains(message), "{outcome:?}");
    }
}
