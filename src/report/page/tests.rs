use jiff::Timestamp;
use serde_json::value::RawValue;

use super::{Data, page};
use crate::report::record::{Body, DiffLine, Line, PlaceLine, ResultLine, RunLine, TaskLine};
use crate::report::{RunInfo, Status};

fn line(seconds: f64, body: Body) -> Line {
    let time = 1_764_416_910.0 + seconds;
    Line {
        number: 1,
        time: Timestamp::from_microsecond((time * 1e6) as i64).unwrap(),
        body,
    }
}

fn run() -> Line {
    let run = RunInfo {
        id: "20261129-114830-120-0001".to_owned(),
        what: vec!["<b>site</b>.yml".to_owned()],
        ..RunInfo::default()
    };
    line(0.0, Body::RunStarted(RunLine { schema: 1, run }))
}

fn task(number: u32) -> Line {
    line(
        0.0,
        Body::Task(TaskLine {
            task: number,
            play: 1,
            name: format!("task {number}"),
            action: "command".to_owned(),
            role: None,
            handler: false,
            check: false,
            no_log: false,
            verbose: false,
            hosts: 1,
            rescued: false,
            place: Some(PlaceLine {
                path: "site.yml".to_owned(),
                line: number,
                column: 3,
                excerpt: Vec::new(),
            }),
        }),
    )
}

fn result(task: u32, host: &str, status: Status, text: &str) -> ResultLine {
    let data = serde_json::json!({"msg": text, "stdout": text, "rc": 1}).to_string();
    ResultLine {
        task,
        name: format!("task {task}"),
        host: host.to_owned(),
        delegated: None,
        item: None,
        status,
        changed: status == Status::Changed,
        failed: status == Status::Failed,
        skipped: false,
        unreachable: false,
        of_loop: false,
        no_log: false,
        shown: false,
        seconds: 0.25,
        wait: 0.0,
        connect: 0.0,
        left: None,
        cause: None,
        hint: None,
        data: RawValue::from_string(data).unwrap(),
        facts: None,
        diff: Vec::new(),
        warnings: Vec::new(),
    }
}

#[test]
fn a_failure_says_its_cause_where_it_is_folded() {
    let mut data = Data::default();
    data.add(&run());
    data.add(&task(1));
    let result = ResultLine {
        cause: Some("exit 1: the port is taken".to_owned()),
        ..result(1, "web1", Status::Failed, "non-zero return code")
    };
    data.add(&line(1.0, Body::TaskDone(result)));
    let found = data_of(&page(&data));
    let cause = found["details"][0]["c"].as_u64().unwrap();
    assert_eq!(
        found["texts"][usize::try_from(cause).unwrap()],
        "exit 1: the port is taken"
    );
}

/// What stands in the page as its data.
fn data_of(html: &str) -> serde_json::Value {
    let (_, rest) = html.split_once("id=\"data\">").unwrap();
    serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap()
}

#[test]
fn hostile_output_stays_data() {
    let mut data = Data::default();
    let hostile = "</script><script>alert(1)</script><!--\u{0}\u{1b}[31m\u{2028}";
    data.add(&run());
    data.add(&task(1));
    let result = ResultLine {
        diff: vec![DiffLine::Prepared(hostile.to_owned())],
        ..result(1, "<img src=x>", Status::Failed, hostile)
    };
    data.add(&line(1.0, Body::TaskDone(result)));
    let html = page(&data);
    assert_eq!(html.matches("</script>").count(), 2);
    assert!(!html.contains("<img") && !html.contains("<b>site"));
    let found = data_of(&html);
    assert_eq!(found["hosts"][0], "<img src=x>");
    assert_eq!(found["texts"][0], hostile);
    assert_eq!(
        html.matches("@").count(),
        1 + 3 + 1,
        "media rules and the user"
    );
}

#[test]
fn the_policy_names_the_scripts_and_styles_that_are_there() {
    let html = page(&Data::default());
    for (hash, text) in [
        ("script-src '", super::SCRIPT),
        ("style-src '", super::STYLE),
    ] {
        assert!(html.contains(&format!("{hash}{}'", super::hash(text))));
        assert!(html.contains(text));
    }
    for far in ["http:", "https:", "src=", "@import", "url("] {
        assert!(!html.contains(far), "{far}");
    }
}

#[test]
fn megabytes_of_one_line_are_cut() {
    let mut data = Data::default();
    data.add(&run());
    data.add(&task(1));
    let long = result(1, "a", Status::Failed, &"x".repeat(5 << 20));
    data.add(&line(1.0, Body::TaskDone(long)));
    assert!(page(&data).len() < 200_000);
}

#[test]
fn who_held_the_others_up_is_said() {
    let mut data = Data::default();
    data.add(&run());
    data.add(&task(1));
    data.add(&task(2));
    for (host, seconds) in [("a", 1.0), ("b", 1.0), ("slow", 9.0)] {
        let result = ResultLine {
            seconds,
            ..result(1, host, Status::Ok, "")
        };
        data.add(&line(seconds, Body::TaskDone(result)));
    }
    for (host, wait) in [("a", 8.0), ("b", 8.0), ("slow", 0.0)] {
        let result = ResultLine {
            wait,
            ..result(2, host, Status::Ok, "")
        };
        data.add(&line(9.3, Body::TaskDone(result)));
    }
    let found = data_of(&page(&data));
    // Host, task, what it took, what it took elsewhere, what the others waited, how many they were.
    assert_eq!(
        found["held"],
        serde_json::json!([[2, 0, 9000, 1000, 16000, 2]])
    );
}

/// 500 hosts by 200 tasks are to stay below 8 MB; a fifth of them is enough without optimisation.
#[test]
fn many_hosts_and_tasks_stay_small() {
    let mut data = Data::default();
    data.add(&run());
    (1..=40).for_each(|number| data.add(&task(number)));
    for number in 1..=40 {
        for host in 0..500 {
            let name = format!("host{host:03}.example.org");
            let status = match (host + number) % 9 {
                0 => Status::Changed,
                1 if host < 50 => Status::Failed,
                _ => Status::Ok,
            };
            let text = format!("{name} says a few words about task {number}\n").repeat(4);
            let result = ResultLine {
                wait: 0.1,
                connect: if number == 1 { 0.2 } else { 0.0 },
                ..result(number, &name, status, &text)
            };
            let time = f64::from(number) * 2.0 + f64::from(host) / 500.0;
            data.add(&line(time, Body::TaskDone(result)));
        }
    }
    let html = page(&data);
    assert!(html.len() < 1_600_000, "{} bytes", html.len());
    let found = data_of(&html);
    assert_eq!(found["cells"]["t"].as_array().unwrap().len(), 20_000);
    println!("500 hosts by 40 tasks: {} bytes", html.len());
}
