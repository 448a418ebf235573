use std::sync::Arc;
use std::time::{Duration, Instant};

use super::fit::{columns, middle, start};
use super::progress::Progress;
use crate::error::{Place, Source};
use crate::outcome::Outcome;
use crate::report::{Event, PlayInfo, Result, Status, TaskInfo};
use crate::shell::Stream;

struct Run {
    progress: Progress,
    start: Instant,
}

fn task(name: &str, line: u32) -> Arc<TaskInfo> {
    Arc::new(TaskInfo {
        name: name.to_owned(),
        place: Some(Place::new(Source::new("site.yml", "\n\n\n\n"), line, 1)),
        ..TaskInfo::default()
    })
}

impl Run {
    fn new(hosts: usize, change: impl FnOnce(&mut PlayInfo)) -> Run {
        let mut play = PlayInfo {
            hosts: (1..=hosts).map(|n| format!("web{n}").into()).collect(),
            ..PlayInfo::default()
        };
        change(&mut play);
        let mut run = Run {
            progress: Progress::default(),
            start: Instant::now(),
        };
        run.hear(0, Event::PlayStarted(Arc::new(play)));
        run
    }

    fn at(&self, second: u64) -> Instant {
        self.start + Duration::from_secs(second)
    }

    fn hear(&mut self, second: u64, event: Event) {
        self.progress
            .hear(&event, self.start + Duration::from_secs(second));
    }

    fn begin(&mut self, second: u64, host: &str, task: &Arc<TaskInfo>) {
        let task = Arc::clone(task);
        self.hear(
            second,
            Event::HostStarted {
                task,
                host: host.into(),
            },
        );
    }

    fn end(&mut self, second: u64, host: &str, task: &Arc<TaskInfo>, status: Status) {
        self.hear(
            second,
            Event::TaskDone(Result {
                task: Arc::clone(task),
                host: host.into(),
                delegated: None,
                item: None,
                status,
                outcome: Arc::new(Outcome::ok()),
                duration: Duration::ZERO,
                of_loop: false,
            }),
        );
    }

    fn line(&mut self, host: &str, text: &str) {
        let (host, stream) = (host.into(), Stream::Stdout);
        let text = text.to_owned();
        self.hear(0, Event::Line { host, stream, text });
    }

    fn text(&self, second: u64, room: usize) -> String {
        self.progress
            .text(self.at(second), room)
            .unwrap_or_default()
    }
}

#[test]
fn the_slowest_host_is_named_with_its_time_and_its_last_line() {
    let mut run = Run::new(3, |_| ());
    let install = task("install nginx", 1);
    run.begin(1, "web2", &install);
    run.begin(0, "web1", &install);
    run.line("web2", "of another");
    run.line("web1", "Unpacking\tnginx");
    assert_eq!(
        run.text(5, 77),
        "install nginx: 0 of 3 hosts, web1 5 s: Unpacking nginx"
    );
    run.end(6, "web1", &install, Status::Changed);
    assert_eq!(
        run.text(67, 77),
        "install nginx: 1 of 3 hosts, web2 1 min 6 s: of another"
    );
    run.end(68, "web2", &install, Status::Failed);
    assert_eq!(run.progress.text(run.at(70), 77), None);
}

#[test]
fn hosts_that_are_lost_do_not_count_in_the_tasks_that_follow() {
    let mut run = Run::new(3, |_| ());
    let (first, second) = (task("one", 1), task("two", 2));
    for (host, status) in [
        ("web1", Status::Failed),
        ("web2", Status::Ok),
        ("web3", Status::Unreachable),
    ] {
        run.begin(0, host, &first);
        run.end(1, host, &first, status);
    }
    run.begin(2, "web2", &second);
    assert_eq!(
        run.text(4, 77),
        "two: 0 of 1 hosts, web2 2 s".replace(" 0 of 1 hosts,", "")
    );
}

#[test]
fn hosts_that_walk_freely_are_counted_by_task() {
    let mut run = Run::new(3, |play| play.batch = Some((2, 5)));
    let (first, second) = (task("one", 1), task("two", 2));
    for host in ["web1", "web2"] {
        run.begin(0, host, &first);
    }
    run.end(1, "web1", &first, Status::Ok);
    run.begin(1, "web1", &second);
    assert_eq!(run.text(9, 77), "one: 1 of 3 hosts, batch 2 of 5, web2 9 s");
    run.end(9, "web2", &first, Status::Ok);
    assert_eq!(run.text(9, 77), "two: 0 of 3 hosts, batch 2 of 5, web1 8 s");
}

#[test]
fn host_and_time_stay_on_a_narrow_terminal() {
    let mut run = Run::new(50, |_| ());
    let mut long = task("common : install the packages that everybody needs", 1);
    Arc::make_mut(&mut long).check = true;
    run.begin(0, "web1.customers.example.com", &long);
    run.line(
        "web1.customers.example.com",
        "Setting up libc6:amd64 (2.36-9) …",
    );
    for (room, text) in [(37, "commo…: 0/50, check, web1.…le.com 12 s"), (77, "")] {
        let shown = run.text(12, room);
        assert!(columns(&shown) <= room, "{shown}");
        assert!(shown.contains(" 12 s"), "{shown}");
        assert!(text.is_empty() || shown.contains("web1."), "{shown}");
    }
    for room in 0..200 {
        assert!(columns(&run.text(12, room)) <= room, "{room}");
    }
}

#[test]
fn text_is_shortened_by_columns_and_not_by_characters() {
    assert_eq!(middle("abcdefghij", 5), "ab…ij");
    assert_eq!(middle("abc", 5), "abc");
    assert_eq!(start("abcdef", 4), "abc…");
    assert_eq!(columns("日本語"), 6);
    assert_eq!(start("日本語", 4), "日…");
    assert_eq!(middle("日本語日本語", 7), "日…語");
    assert_eq!(start("x", 0), "");
}
