use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::{Dense, Github, Gitlab, Junit, Metrics, Quiet};
use crate::error::{Error, Place, Source};
use crate::outcome::Outcome;
use crate::report::{
    Counts, Event, Listener, PlayInfo, Recap, Result, RunInfo, Screen, ScreenOptions, Status,
    TaskInfo, Teller,
};

fn task(name: &str) -> Arc<TaskInfo> {
    let source = Source::new(
        "/repo/site.yml",
        "- hosts: all\n  tasks:\n    - command: x\n",
    );
    Arc::new(TaskInfo {
        name: name.to_owned(),
        action: "command".to_owned(),
        place: Some(Place::new(source, 3, 7)),
        hosts: 3,
        rescued: false,
        ..TaskInfo::default()
    })
}

fn done(name: &str, host: &str, status: Status, outcome: Outcome) -> Event {
    Event::TaskDone(Result {
        task: task(name),
        host: host.into(),
        delegated: None,
        item: None,
        status,
        outcome: Arc::new(outcome),
        duration: Duration::from_millis(1500),
        of_loop: false,
    })
}

fn run() -> Vec<Event> {
    let counts = |failed: u32| Counts {
        ok: 2,
        failed,
        ..Counts::default()
    };
    let error = || Outcome::failed("::error::100% \u{1}bad, \"quoted\"\nmore").with("rc", 1);
    vec![
        Event::RunStarted(Arc::new(RunInfo {
            what: vec!["site.yml".to_owned()],
            play: "0.1.0".to_owned(),
            ..RunInfo::default()
        })),
        Event::PlayStarted(Arc::new(PlayInfo {
            name: "web".to_owned(),
            ..PlayInfo::default()
        })),
        Event::TaskStarted(task("quiet")),
        Event::Connected {
            host: "a".into(),
            duration: Duration::from_millis(250),
        },
        done("quiet", "a", Status::Ok, Outcome::ok()),
        done("quiet", "b", Status::Ok, Outcome::ok()),
        done("quiet", "c", Status::Skipped, Outcome::skipped("no")),
        Event::TaskStarted(task("loud")),
        done("loud", "a", Status::Changed, Outcome::changed()),
        done("loud", "b", Status::Failed, error()),
        done("loud", "c", Status::Failed, error()),
        done("loud", "d", Status::Ok, Outcome::ok()),
        Event::Finished(Arc::new(Recap {
            hosts: vec![("a".into(), counts(0)), ("b".into(), counts(1))],
            duration: Duration::from_secs(3),
            ..Recap::default()
        })),
        Event::RunEnded {
            code: 2,
            error: None,
        },
    ]
}

fn told(teller: &mut dyn Teller) -> String {
    let mut out = Vec::new();
    for event in run() {
        teller.tell(&event, &mut out);
    }
    String::from_utf8(out).unwrap()
}

#[test]
fn dense_folds_hosts_without_changes() {
    let text = told(&mut Dense::new(ScreenOptions::default()));
    assert!(text.contains("\n[quiet]: 2 ok, 1 skipped\n"), "{text}");
    assert!(!text.contains("ok: [a]"), "{text}");
    assert!(text.contains("TASK [loud] ***"), "{text}");
    assert!(text.contains("changed: [a]\n"), "{text}");
    assert!(text.contains("fatal: [b]: FAILED!"), "{text}");
    assert!(text.contains("\n1 ok more\n"), "{text}");
    assert!(text.contains("PLAY RECAP"), "{text}");
}

#[test]
fn quiet_tells_failures_and_their_hosts_alone() {
    let text = told(&mut Quiet::new(ScreenOptions::default()));
    assert!(
        text.contains("TASK [loud]") && text.contains("fatal: [b]"),
        "{text}"
    );
    assert!(
        !text.contains("[a]") && !text.contains("TASK [quiet]"),
        "{text}"
    );
    assert!(text.contains("b                          : ok=2"), "{text}");
    assert!(
        !text.contains("a                          : ok=2"),
        "{text}"
    );
}

#[test]
fn github_annotates_a_failure_once_and_takes_no_commands_from_hosts() {
    let screen = Box::new(Screen::new(Vec::new(), ScreenOptions::default()));
    let folder = PathBuf::from("/repo");
    let text = told(&mut Github::new(screen, folder, "secret".to_owned(), None));
    assert!(text.starts_with("::stop-commands::secret\n"), "{text}");
    let line = "::secret::\n::error file=site.yml,line=3,col=7,title=loud::\
                b, c: ::error::100%25 \u{1}bad, \"quoted\"%0Amore\n::stop-commands::secret\n";
    assert_eq!(text.matches(line).count(), 1, "{text}");
    assert_eq!(text.matches("\n::error").count(), 1, "{text}");
    assert!(text.ends_with("::secret::\n"), "{text}");
}

#[test]
fn gitlab_has_sections_that_are_closed() {
    let screen = Box::new(Screen::new(Vec::new(), ScreenOptions::default()));
    let text = told(&mut Gitlab::new(screen));
    assert_eq!(text.matches("section_start:").count(), 3, "{text}");
    assert_eq!(text.matches("section_end:").count(), 3, "{text}");
    assert!(text.contains(":play_1\r\u{1b}[0Kplay web\n"), "{text}");
    assert!(text.contains(":task_2\r\u{1b}[0Kloud\n"), "{text}");
}

/// For listeners that have nothing to warn of.
fn loud(error: Error) {
    panic!("{error}");
}

fn file(listener: impl Fn(PathBuf) -> Box<dyn Listener>) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/file");
    let mut listener = listener(path.clone());
    run().iter().for_each(|event| listener.on(event));
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn junit_has_a_case_for_each_task_and_host() {
    let text = file(|path| Box::new(Junit::new(path, Box::new(loud))));
    let suite = "<testsuite name=\"web\" tests=\"7\" failures=\"2\" errors=\"0\" skipped=\"1\" time=\"10.500000\">";
    assert!(text.contains(suite), "{text}");
    let case = "<testcase classname=\"b\" name=\"loud\" file=\"/repo/site.yml\" line=\"3\" time=\"1.500000\">\
                <failure message=\"::error::100% \u{fffd}bad, &quot;quoted&quot;&#10;more\"";
    assert!(text.contains(case), "{text}");
}

#[test]
fn metrics_count_outcomes_and_hosts() {
    let text = file(|path| Box::new(Metrics::new(path, Box::new(loud))));
    for line in [
        "# TYPE play_tasks counter",
        "play_tasks_total{playbook=\"site.yml\",outcome=\"ok\"} 3",
        "play_tasks_total{playbook=\"site.yml\",outcome=\"failed\"} 2",
        "play_hosts{playbook=\"site.yml\",outcome=\"failed\"} 1",
        "play_task_duration_seconds{playbook=\"site.yml\",task=\"loud\"} 1.500000",
        "play_run_duration_seconds{playbook=\"site.yml\"} 3.000000",
        "play_connections_total{playbook=\"site.yml\"} 1",
        "play_connection_duration_seconds{playbook=\"site.yml\"} 0.250000",
        "play_run_exit_code{playbook=\"site.yml\"} 2",
    ] {
        assert!(text.lines().any(|it| it == line), "{line}\n{text}");
    }
    assert!(text.ends_with("# EOF\n"), "{text}");
}

#[test]
fn metrics_of_shares_and_limits_have_labels_of_their_own() {
    let text = |share: Option<&str>| {
        file(|path| {
            let mut metrics = Metrics::new(path, Box::new(loud));
            let event = run().into_iter().find_map(|event| match event {
                Event::RunStarted(info) => Some(info),
                _ => None,
            });
            let info = RunInfo {
                folder: "/srv/\"x\"".to_owned(),
                limit: vec!["web".to_owned(), "!web3".to_owned()],
                partition: share.map(str::to_owned),
                ..event.unwrap().as_ref().clone()
            };
            metrics.on(&Event::RunStarted(Arc::new(info)));
            Box::new(Rest(metrics))
        })
    };
    let labels =
        "play_run_exit_code{playbook=\"site.yml\",folder=\"/srv/\\\"x\\\"\",limit=\"web,!web3\"";
    let (whole, share) = (text(None), text(Some("2/8")));
    assert!(whole.contains(&format!("{labels}}} 2\n")), "{whole}");
    assert!(
        share.contains(&format!("{labels},partition=\"2/8\"}} 2\n")),
        "{share}"
    );
}

/// Hears of everything but the beginning.
struct Rest(Metrics);

impl Listener for Rest {
    fn on(&mut self, event: &Event) {
        if !matches!(event, Event::RunStarted(_)) {
            self.0.on(event);
        }
    }
}

/// A task that fails in a block with a rescue.
fn rescued() -> Event {
    let name = "tried";
    let rescued = TaskInfo {
        rescued: true,
        ..task(name).as_ref().clone()
    };
    match done(name, "a", Status::Failed, Outcome::failed("no")) {
        Event::TaskDone(result) => Event::TaskDone(Result {
            task: Arc::new(rescued),
            ..result
        }),
        other => other,
    }
}

#[test]
fn what_a_rescue_answers_is_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    let (junit, metrics) = (folder.path().join("j.xml"), folder.path().join("m.prom"));
    let end = Event::RunEnded {
        code: 0,
        error: None,
    };
    let listeners: [Box<dyn Listener>; 2] = [
        Box::new(Junit::new(junit.clone(), Box::new(loud))),
        Box::new(Metrics::new(metrics.clone(), Box::new(loud))),
    ];
    for mut listener in listeners {
        listener.on(&rescued());
        listener.on(&end);
    }
    let text = std::fs::read_to_string(junit).unwrap();
    assert!(
        text.contains("failures=\"0\"") && text.contains("name=\"tried\""),
        "{text}"
    );
    let text = std::fs::read_to_string(metrics).unwrap();
    for line in ["outcome=\"failed\"} 0\n", "outcome=\"rescued\"} 1\n"] {
        assert!(text.contains(line), "{text}");
    }
    let screen = Box::new(Screen::new(Vec::new(), ScreenOptions::default()));
    let mut github = Github::new(screen, PathBuf::from("/repo"), "secret".to_owned(), None);
    let mut out = Vec::new();
    github.tell(&rescued(), &mut out);
    github.tell(&end, &mut out);
    let text = String::from_utf8(out).unwrap();
    assert!(
        text.contains("::warning file=site.yml,line=3,col=7,title=tried::"),
        "{text}"
    );
    assert!(!text.contains("::error"), "{text}");
}

#[test]
fn a_file_that_cannot_be_written_is_a_warning() {
    let told = Arc::new(std::sync::Mutex::new(0));
    let count = Arc::clone(&told);
    let warn = Box::new(move |_: Error| *count.lock().unwrap() += 1);
    let mut junit = Junit::new(PathBuf::from("/proc/none/file"), warn);
    run().iter().for_each(|event| junit.on(event));
    assert_eq!(*told.lock().unwrap(), 1);
}
