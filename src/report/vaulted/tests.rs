use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{Masked, Secrets};
use crate::error::Error;
use crate::outcome::{Diff, Outcome};
use crate::report::{Event, Included, Item, Listener, PlayInfo, Result, Status, TaskInfo};
use crate::value::Value;
use crate::vault::Secret;

#[test]
fn what_was_opened_is_hidden() {
    let secrets = Secrets::default();
    secrets.note(&Secret::new("hunter2"));
    secrets.note(&Secret::new("it's"));
    secrets.note(&Secret::new("ab"));
    secrets.note(&Secret::new("line\n two"));
    secrets.note(&Secret::new(
        "password: s3cret\nlist: [one1, 4711]\nyes: true\n",
    ));
    for (text, shown) in [
        ("x='hunter2' y=hunter22", "x='***' y=***2"),
        (r#"echo 'it'"'"'s'; echo it's"#, "echo '***'; echo ***"),
        (r#"{"a": "line\n two"}"#, r#"{"a": "***"}"#),
        (
            "s3cret one1 4711 true ab password",
            "*** *** *** true ab password",
        ),
    ] {
        assert_eq!(secrets.masked(text), shown);
    }
    secrets.note(&Secret::new("a \"long\" one"));
    assert!(secrets.are_in(r#"{"stdout": "it is a \"long\" one"}"#));
    assert!(!secrets.are_in(r#"{"stdout": "it's ab, one1"}"#));
}

#[test]
fn words_and_lines_of_a_secret_are_hidden_where_they_stand_alone() {
    let secrets = Secrets::default();
    secrets.note(&Secret::new("correct horse BATTERY st4ple!"));
    secrets.note(&Secret::new("vault_user: root\nvault_password: s3cret9\n"));
    let prose = "this text says nothing at all of what the others have, but it has kEy0011 in it";
    secrets.note(&Secret::new(prose));
    for (text, shown) in [
        ("argv correct horse BATTERY st4ple!", "argv ***"),
        ("'correct' 'horse' 'BATTERY'", "'***' 'horse' '***'"),
        ("incorrect correctly", "incorrect correctly"),
        (
            "vault_user: vault_password: s3cret9",
            "vault_user: vault_password: ***",
        ),
        ("nothing of others in kEy0011", "nothing of others in ***"),
    ] {
        assert_eq!(secrets.masked(text), shown);
        let finder = secrets.finder().unwrap();
        assert_eq!(
            finder.masked(text).unwrap_or_else(|| text.to_owned()),
            shown
        );
    }
}

#[test]
fn short_secrets_do_not_hide_everything_in_results() {
    let secrets = Secrets::default();
    assert!(secrets.finder().is_none());
    secrets.note(&Secret::new("a: root\nb: 5432\nc: PL4NT\nd: p:w\n"));
    let finder = secrets.finder().unwrap();
    for (text, shown) in [
        ("root", Some("***")),
        ("chroot of root", None),
        ("5432", Some("***")),
        ("port 5432", None),
        ("x PL4NT=PL4NT y", Some("x ***=*** y")),
        ("PL4NTS", None),
    ] {
        assert_eq!(finder.masked(text).as_deref(), shown, "{text}");
    }
}

/// Notes what it hears.
struct Heard(Arc<Mutex<String>>);

impl Listener for Heard {
    fn on(&mut self, event: &Event) {
        self.0.lock().unwrap().push_str(&format!("{event:?}\n"));
    }
}

fn result(text: &str) -> Result {
    let mut outcome = Outcome::failed(text);
    outcome
        .data
        .set("cmd", Value::list(vec!["echo".into(), text.into()]));
    outcome.data.set("number", 471_147);
    outcome.facts.set("a", text);
    outcome.warnings.push(text.to_owned());
    outcome.diff.push(Diff::Prepared(format!("+ {text}")));
    Result {
        task: Arc::default(),
        host: "h".into(),
        delegated: None,
        item: Some(Item {
            label: text.to_owned(),
        }),
        status: Status::Failed,
        outcome: Arc::new(outcome),
        duration: Duration::ZERO,
        of_loop: false,
    }
}

#[test]
fn what_is_written_holds_nothing_out_of_a_vault() {
    let secrets = Arc::new(Secrets::default());
    let heard = Arc::new(Mutex::new(String::new()));
    let inner: Box<dyn Listener> = Box::new(Heard(Arc::clone(&heard)));
    let mut listener = Masked::new(inner, &secrets);
    secrets.note(&Secret::new("PLANTED one"));
    secrets.note(&Secret::new("471147"));
    let named = Arc::new(TaskInfo {
        name: "title PLANTED one".to_owned(),
        arguments: Some("a=PLANTED one".to_owned()),
        ..TaskInfo::default()
    });
    let error = Error::input("PLANTED one").because(Error::input("it is PLANTED one"));
    for event in [
        Event::ItemDone(result("PLANTED one")),
        Event::TaskDone(result("PLANTED one")),
        Event::Retrying {
            result: result("x PLANTED one"),
            left: 1,
        },
        Event::TaskStarted(named.clone()),
        Event::HostStarted {
            task: named.clone(),
            host: "h".into(),
        },
        Event::TaskDone(Result {
            task: named,
            ..result("x")
        }),
        Event::PlayStarted(Arc::new(PlayInfo {
            name: "play PLANTED one".to_owned(),
            pattern: "PLANTED one".to_owned(),
            ..PlayInfo::default()
        })),
        Event::Notified {
            handler: "reload PLANTED one".to_owned(),
            host: "h".into(),
        },
        Event::Included(Included {
            path: "PLANTED one.yml".to_owned(),
            hosts: Vec::new(),
            item: None,
        }),
        Event::TaskError(error.clone()),
        Event::Warning(error.clone()),
        Event::RunEnded {
            code: 1,
            error: Some(error),
        },
    ] {
        listener.on(&event);
    }
    listener.on(&Event::TaskDone(result("harmless")));
    let heard = heard.lock().unwrap();
    assert!(
        !heard.contains("PLANTED") && !heard.contains("471147"),
        "{heard}"
    );
    assert!(
        heard.contains("***") && heard.contains("harmless"),
        "{heard}"
    );
    assert_eq!(
        heard.lines().filter(|line| line.contains("Done")).count(),
        4
    );
}

#[test]
fn many_secrets_take_no_longer_than_one() {
    let secrets = Secrets::default();
    for number in 0..500 {
        secrets.note(&Secret::new(format!("Secret-{number}-x")));
    }
    let text = "Secret-77-x and Secret-nothing ".repeat(20_000);
    let began = std::time::Instant::now();
    let shown = secrets.finder().unwrap().masked(&text).unwrap();
    assert_eq!(shown.matches("***").count(), 20_000);
    assert!(
        began.elapsed() < Duration::from_secs(10),
        "{:?}",
        began.elapsed()
    );
}
