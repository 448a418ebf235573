use std::sync::Arc;
use std::time::Duration;

use super::{Screen, ScreenOptions};
use crate::error::{Place, Source};
use crate::outcome::Outcome;
use crate::report::{Event, Listener, Result, Status, TaskInfo};

fn task() -> Arc<TaskInfo> {
    let source = Source::new("site.yml", "- hosts: all\n  tasks:\n    - shell: make\n");
    Arc::new(TaskInfo {
        name: "shell".into(),
        action: "shell".into(),
        role: None,
        handler: false,
        place: Some(Place::new(source, 3, 7)),
        check: false,
        diff: false,
        no_log: false,
        always_verbose: false,
        arguments: None,
        hosts: 2,
        rescued: false,
    })
}

fn result(task: &Arc<TaskInfo>, host: &str, status: Status, outcome: Outcome) -> Result {
    Result {
        task: Arc::clone(task),
        host: host.into(),
        delegated: None,
        item: None,
        status,
        outcome: Arc::new(outcome),
        duration: Duration::from_millis(200),
        of_loop: false,
    }
}

fn screen() -> Screen<Vec<u8>> {
    let options = ScreenOptions {
        durations: true,
        ..ScreenOptions::default()
    };
    Screen::new(Vec::new(), options)
}

fn written(screen: &mut Screen<Vec<u8>>) -> String {
    String::from_utf8(screen.take()).expect("text")
}

#[test]
fn a_failure_says_where_its_task_stands_once_for_all_hosts() {
    let (task, mut screen) = (task(), screen());
    screen.on(&Event::TaskStarted(Arc::clone(&task)));
    for host in ["a", "b"] {
        let outcome = Outcome::failed("it is broken");
        screen.on(&Event::TaskDone(result(
            &task,
            host,
            Status::Failed,
            outcome,
        )));
    }
    let text = written(&mut screen);
    assert!(
        text.contains("error: task failed on a: it is broken\n --> site.yml:3:7"),
        "{text}"
    );
    assert_eq!(text.matches("-->").count(), 1, "{text}");
    assert_eq!(text.matches("FAILED! =>").count(), 2, "{text}");
}

#[test]
fn output_of_several_lines_can_be_read_below_the_failure() {
    let (task, mut screen) = (task(), screen());
    let long: String = (1..=30).map(|n| format!("step {n}\n")).collect();
    let outcome = Outcome::failed("no")
        .with("stderr", long)
        .with("stdout", "one line");
    screen.on(&Event::TaskDone(result(
        &task,
        "a",
        Status::Failed,
        outcome,
    )));
    let text = written(&mut screen);
    let expected = "    stderr:\n        (10 lines before these)\n        step 11\n";
    assert!(text.contains(expected), "{text}");
    assert!(text.ends_with("        step 30\n"), "{text}");
    assert!(!text.contains("    stdout:"), "{text}");
}

#[test]
fn what_is_not_to_be_logged_is_not_shown_below() {
    let mut task = task();
    Arc::make_mut(&mut task).no_log = true;
    let mut screen = screen();
    let outcome = Outcome::failed("censored").with("stderr", "secret\nsecret");
    screen.on(&Event::TaskDone(result(
        &task,
        "a",
        Status::Failed,
        outcome,
    )));
    assert!(!written(&mut screen).contains("    stderr:"));
}

#[test]
fn a_task_that_took_its_time_says_so() {
    let (task, mut screen) = (task(), screen());
    for (host, millis) in [("a", 900), ("b", 2_340), ("c", 125_000), ("d", 3_780_000)] {
        let mut done = result(&task, host, Status::Ok, Outcome::ok());
        done.duration = Duration::from_millis(millis);
        screen.on(&Event::TaskDone(done));
    }
    let text = written(&mut screen);
    let expected = "ok: [a]\nok: [b] (2.3 s)\nok: [c] (2 min 5 s)\nok: [d] (1 h 3 min)\n";
    assert!(text.ends_with(expected), "{text}");
}
