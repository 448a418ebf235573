use super::start;
use crate::entries;
use crate::modules::driver::{Run, World};
use crate::modules::program::Program;
use crate::modules::{Cx, Step, command, shell};
use crate::outcome::Outcome;
use crate::value::Value;

/// Starts a program that goes on by itself.
fn begin(world: &World, job: &str, program: &Program, limit: u64) -> Outcome {
    let Step::Run(script, _) = program.clone().step(false) else {
        panic!("no script");
    };
    let Step::Run(script, then) = start(&script, program, (job, limit), &Cx::default()).unwrap() else {
        panic!("no script");
    };
    let Step::Done(outcome) = then(world.run_script(&script)).unwrap() else {
        panic!("it goes on");
    };
    outcome
}

/// The state of a job once it has ended.
fn ended(world: &World, job: &str) -> Outcome {
    for _ in 0..100 {
        let outcome = Run::new("async_status", world).set("jid", job).run().outcome;
        if outcome.data.get("finished") == Some(&Value::Bool(true)) {
            return outcome;
        }
        assert_eq!(outcome.text("stdout"), Some(""));
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    panic!("{job} does not end");
}

#[test]
fn a_job_tells_what_its_task_would() {
    for world in World::each() {
        let text = |text: &str| entries! { "_raw_params" => text };
        let slow = shell::program(&text("echo out; echo err >&2; exit 3")).unwrap();
        let begun = begin(&world, "j1.1", &slow, 20);
        let file = begun.text("results_file").unwrap();
        assert!(file.starts_with('/') && file.ends_with("/.ansible_async/j1.1"), "{file}");
        let outcome = ended(&world, "j1.1");
        assert!(outcome.failed && outcome.changed);
        assert_eq!(outcome.text("cmd"), Some("echo out; echo err >&2; exit 3"));
        assert_eq!((outcome.text("stdout"), outcome.text("stderr")), (Some("out"), Some("err")));
        assert_eq!(outcome.data.get("rc"), Some(&Value::Int(3)));
        assert!(outcome.text("delta").is_some_and(|delta| delta.starts_with("0:00:0")));
        assert!(outcome.text("start").unwrap() <= outcome.text("end").unwrap());

        let word = command::program(&text("printf '%s\\n' 'a  b'")).unwrap();
        begin(&world, "j2.2", &word, 20);
        let outcome = ended(&world, "j2.2");
        let words = ["printf", "%s\\n", "a  b"];
        assert_eq!(outcome.data.get("cmd"), Some(&Value::strings(words)));
        assert_eq!(outcome.text("stdout"), Some("a  b"));

        let umask = Run::new("shell", &world).set("cmd", "umask").expect_changed();
        begin(&world, "j8.8", &shell::program(&text("umask")).unwrap(), 20);
        assert_eq!(ended(&world, "j8.8").text("stdout"), umask.text("stdout"));

        let kept = entries! { "cmd" => "touch x", "creates" => world.text("") };
        begin(&world, "j3.3", &command::program(&kept).unwrap(), 20);
        let outcome = ended(&world, "j3.3");
        assert!(!outcome.changed && outcome.text("stdout").unwrap().starts_with("skipped, since"));

        begin(&world, "j4.4", &command::program(&text("no-such-program x")).unwrap(), 20);
        let outcome = ended(&world, "j4.4");
        assert_eq!(outcome.text("msg"), Some("Error executing command."));
        assert!(outcome.failed && !outcome.changed);

        Run::new("async_status", &world).set("jid", "j5.5").expect_failed("could not find job");
        let cleanup = Run::new("async_status", &world).set("jid", "j1.1").set("mode", "cleanup");
        assert_eq!(cleanup.expect_ok().text("erased"), Some(file));
        assert!(!std::path::Path::new(file).exists());
    }
}

#[test]
fn a_job_that_takes_too_long_is_ended() {
    let world = World::plain();
    let slow = command::program(&entries! { "cmd" => "sleep 60" }).unwrap();
    begin(&world, "j6.6", &slow, 1);
    let outcome = ended(&world, "j6.6");
    assert_eq!(outcome.text("msg"), Some("Timeout exceeded"));
    assert!(outcome.failed && outcome.data.get("child_pid").is_some());
}
