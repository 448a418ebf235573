use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::{Body, Detail, Line, Recorder, Replay};
use crate::error::{Error, Place, Source};
use crate::outcome::{Diff, Outcome};
use crate::report::{
    Counts, Event, Included, Item, PlayInfo, Recap, Result, RunInfo, Screen, ScreenOptions, Status,
    TaskInfo, Teller,
};
use crate::shell::Stream;
use crate::value::Value;

const PLAYBOOK: &str = "- hosts: all\n  tasks:\n    - name: make\n      shell: make\n";

fn place(line: u32, column: u32) -> Place {
    Place::new(Source::new("site.yml", PLAYBOOK), line, column)
}

fn task(name: &str) -> Arc<TaskInfo> {
    Arc::new(TaskInfo {
        name: name.to_owned(),
        action: "shell".to_owned(),
        place: Some(place(3, 7)),
        hosts: 2,
        rescued: false,
        ..TaskInfo::default()
    })
}

fn result(host: &str, status: Status, outcome: Outcome) -> Result {
    Result {
        task: task("make"),
        host: host.into(),
        delegated: None,
        item: None,
        status,
        outcome: Arc::new(outcome),
        duration: Duration::from_micros(1_234_567),
        of_loop: false,
    }
}

/// A run in which everything happens that can be told.
pub fn everything() -> Vec<Event> {
    let failed = Outcome::failed("no rule to make target")
        .with("rc", 2)
        .with("stdout", "one\ntwo\n")
        .with("stderr", "\u{1b}[31mred</script>")
        .with_warning("this is old");
    let changed = Outcome::changed()
        .with("dest", "/etc/motd")
        .with("half", 0.5)
        .with("list", Value::strings(["a", "b"]))
        .with_diff(Diff::of("/etc/motd", "a\n", "b\n"));
    let item = |label: &str| Result {
        item: Some(Item {
            label: label.to_owned(),
        }),
        ..result("web1", Status::Changed, changed.clone())
    };
    let mut shown = Outcome::ok().with("msg", "hello");
    shown.shown = true;
    shown.facts.set("os", "Debian");
    let counts = Counts {
        failed: 1,
        ..Counts::default()
    };
    vec![
        Event::RunStarted(Arc::new(RunInfo {
            id: "20261129-114830-120-0001".to_owned(),
            verbosity: 1,
            what: vec!["site.yml".to_owned()],
            ..RunInfo::default()
        })),
        Event::PlaybookStarted {
            path: PathBuf::from("site.yml"),
        },
        Event::PlayStarted(Arc::new(PlayInfo {
            name: "all".to_owned(),
            pattern: "all".to_owned(),
            hosts: vec!["web1".into(), "web2".into()],
            batch: None,
            check: false,
            place: Some(place(1, 3)),
        })),
        Event::TaskStarted(task("make")),
        Event::HostStarted {
            task: task("make"),
            host: "web1".into(),
        },
        Event::Line {
            host: "web1".into(),
            stream: Stream::Stderr,
            text: "compiling".to_owned(),
        },
        Event::Sent {
            host: "web1".into(),
            text: "make".to_owned(),
        },
        Event::TaskError(
            Error::input("the template is wrong")
                .at(place(4, 7))
                .hint("look here")
                .because(Error::input("of this")),
        ),
        Event::Retrying {
            result: result("web1", Status::Failed, failed.clone()),
            left: 2,
        },
        Event::TaskDone(result("web1", Status::Failed, failed.clone())),
        Event::TaskDone(result("web2", Status::Ignored, failed.clone())),
        Event::ItemDone(item("one")),
        Event::TaskDone(Result {
            of_loop: true,
            delegated: Some("db".to_owned()),
            ..result("web1", Status::Changed, changed)
        }),
        Event::TaskDone(result("web2", Status::Ok, shown)),
        Event::TaskDone(result(
            "web2",
            Status::Unreachable,
            Outcome::unreachable("no route"),
        )),
        Event::TaskDone(result("web2", Status::Skipped, Outcome::skipped("no"))),
        Event::Included(Included {
            path: "more.yml".to_owned(),
            hosts: vec!["web1".into()],
            item: Some("x".to_owned()),
        }),
        Event::Notified {
            handler: "restart".to_owned(),
            host: "web1".into(),
        },
        Event::AsyncPolled {
            host: "web1".into(),
            job: "7".to_owned(),
            finished: true,
            failed: false,
        },
        Event::Note {
            level: 1,
            text: "a note".to_owned(),
        },
        Event::Warning(Error::input("careful").at(place(2, 3))),
        Event::NoHostsMatched,
        Event::TooManyFailed,
        Event::Finished(Arc::new(Recap {
            hosts: vec![("web1".into(), counts)],
            stats: crate::entries! { "n" => 1 },
            duration: Duration::from_secs(3),
            interrupted: true,
            cut: Vec::new(),
        })),
        Event::RunEnded {
            code: 2,
            error: Some(Error::input("broken")),
        },
    ]
}

fn record(events: &[Event], detail: Detail) -> Vec<Line> {
    let mut recorder = Recorder::new(detail);
    let mut text = Vec::new();
    for event in events {
        recorder.record(event, &mut text);
    }
    let text = String::from_utf8(text).unwrap();
    text.lines()
        .map(|line| Line::read(line).unwrap().unwrap())
        .collect()
}

fn replay(lines: &[Line]) -> Vec<Event> {
    let mut replay = Replay::default();
    lines
        .iter()
        .filter_map(|line| replay.event(&line.body))
        .collect()
}

fn screen(events: &[Event], options: &ScreenOptions) -> String {
    let mut screen = Screen::new(Vec::new(), options.clone());
    let mut text = Vec::new();
    for event in events {
        screen.tell(event, &mut text);
    }
    String::from_utf8(text).unwrap()
}

#[test]
fn every_kind_of_line_is_written() {
    let lines = record(&everything(), Detail::Full);
    let mut names: Vec<&str> = lines.iter().map(|line| line.body.name()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names, Body::NAMES);
    assert!(
        lines
            .windows(2)
            .all(|two| two[0].number + 1 == two[1].number)
    );
}

#[test]
fn a_run_that_is_read_looks_as_it_did() {
    let events = everything();
    let again = replay(&record(&events, Detail::Full));
    for (verbosity, diff) in [(0, false), (1, true), (3, true)] {
        let options = ScreenOptions {
            verbosity,
            diff,
            durations: true,
            stats: true,
            ..ScreenOptions::default()
        };
        let (was, is) = (screen(&events, &options), screen(&again, &options));
        assert_eq!(was, is);
        assert!(was.contains("fatal: [web1]: FAILED!"), "{was}");
    }
}

#[test]
fn a_kept_record_has_no_live_lines_and_no_shell_text() {
    let lines = record(&everything(), Detail::Kept);
    let of = |name: &str| lines.iter().any(|line| line.body.name() == name);
    assert!(!of("line") && !of("sent") && of("note"));
}

#[test]
fn a_kept_record_has_no_endless_texts() {
    let long = Outcome::ok().with("stdout", "x".repeat(1 << 20));
    let events = [Event::TaskDone(result("web1", Status::Ok, long))];
    let lines = record(&events, Detail::Kept);
    let Body::TaskDone(line) = &lines[1].body else {
        panic!("{:?}", lines[1]);
    };
    assert!(line.data.get().len() < 70_000);
    assert!(line.data.get().contains("bytes are left out here"));
}

#[test]
fn how_long_a_host_waited_is_told() {
    let mut recorder = Recorder::new(Detail::Full);
    let mut text = Vec::new();
    let events = everything();
    recorder.record(&events[2], &mut text);
    std::thread::sleep(Duration::from_millis(30));
    recorder.record(&events[4], &mut text);
    let connected = Event::Connected {
        host: "web1".into(),
        duration: Duration::from_millis(7),
    };
    recorder.record(&connected, &mut text);
    text.clear();
    recorder.record(&events[9], &mut text);
    let line = Line::read(std::str::from_utf8(&text).unwrap().trim_end());
    let Some(Body::TaskDone(line)) = line.unwrap().map(|line| line.body) else {
        panic!("no result");
    };
    assert_eq!(line.connect, 0.007);
    assert!(line.wait >= 0.03 && line.wait < 5.0, "{}", line.wait);
}

#[test]
fn what_is_no_line_is_an_error_and_what_is_new_is_passed_over() {
    for text in [
        "",
        "{}",
        "[1]",
        "{\"number\":1,\"time\":\"x\",\"event\":\"note\"}",
    ] {
        assert!(Line::read(text).is_err(), "{text}");
    }
    let new = "{\"number\":1,\"time\":\"2026-11-29T11:48:30Z\",\"event\":\"from_the_future\"}";
    assert!(Line::read(new).unwrap().is_none());
}

#[test]
fn a_place_from_a_file_does_not_fill_the_memory() {
    let text = "{\"number\":1,\"time\":\"2026-11-29T11:48:30Z\",\"event\":\"warning\",\"message\":\"m\",\
                \"place\":{\"path\":\"a\",\"line\":4294967295,\"column\":1,\"excerpt\":[\"x\"]}}";
    let line = Line::read(text).unwrap().unwrap();
    let Some(Event::Warning(error)) = Replay::default().event(&line.body) else {
        panic!("no warning");
    };
    assert!(
        error
            .report(crate::error::Manner::Own, false)
            .contains("a:4294967295:1")
    );
}
