//! A memory is written, and read again.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::*;
use crate::outcome::{Diff, Outcome, Wish};
use crate::report::Status;
use crate::value::Str;

fn start(head: Head) -> Start {
    Start {
        head,
        limit: 1 << 20,
        state: None,
        debts: Vec::new(),
        pays: false,
        watch: Arc::default(),
        is_secret: Box::new(|text| text.contains("VAULTED")),
        mask: Box::new(|text| text.replace("VAULTED", "***")),
        warn: Box::new(|error| panic!("{error}")),
    }
}

fn head() -> Head {
    Head {
        id: "20261129-1".to_owned(),
        playbooks: vec![PathBuf::from("/site.yml")],
        tags: vec!["a".to_owned()],
        ..Head::default()
    }
}

fn key(nth: usize) -> Key {
    Key::of_host("p", "web 1", Print::of(["words"]), nth)
}

fn kept() -> Kept {
    let mut outcome = Outcome::changed().with("stdout", "a\nb").with("rc", 0);
    outcome.facts.set("answer", 42);
    outcome
        .diff
        .push(Diff::of("/etc/motd", "old", "new").unwrap());
    outcome.wishes.push(Wish::SetFacts {
        facts: crate::entries! { "later" => Str::template("{{ x }}", None) },
        cacheable: true,
    });
    outcome.wishes.push(Wish::AddHost {
        name: "new".to_owned(),
        groups: vec!["g".to_owned()],
        vars: crate::entries! { "a" => 1 },
    });
    Kept {
        status: Status::Changed,
        looped: false,
        parts: vec![Part {
            outcome,
            ignored: false,
            exhausted: false,
            hidden: false,
            facts_for: Some("db".to_owned()),
        }],
        reads: BTreeSet::from([PathBuf::from("/none.j2")]),
    }
}

fn read_again(folder: &Path) -> Memory {
    let state = read(folder).unwrap();
    let next = folder.join("next");
    std::fs::create_dir(&next).unwrap();
    Memory::begin(
        &next,
        Start {
            state: Some(state),
            ..start(head())
        },
    )
}

#[test]
fn a_result_comes_back_once() {
    let folder = tempfile::tempdir().unwrap();
    let memory = Memory::begin(folder.path(), start(head()));
    memory.keep(&key(0), &kept());
    assert_eq!(read(folder.path()).unwrap().head, head());
    let memory = read_again(folder.path());
    assert!(memory.recall(&key(1)).is_none());
    let again = memory.recall(&key(0)).unwrap();
    assert!(memory.recall(&key(0)).is_none());
    assert_eq!(again.status, Status::Changed);
    let (old, new) = (&kept().parts[0], &again.parts[0]);
    assert_eq!(new.outcome.to_value().repr(), old.outcome.to_value().repr());
    assert_eq!(new.facts_for, old.facts_for);
    assert_eq!(new.outcome.diff, old.outcome.diff);
    match &new.outcome.wishes[..] {
        [
            Wish::SetFacts { facts, cacheable },
            Wish::AddHost { name, groups, .. },
        ] => {
            assert!(facts.has_templates() && *cacheable);
            assert_eq!((name.as_str(), groups.len()), ("new", 1));
        }
        other => panic!("{other:?}"),
    }
    // The next one may be resumed too.
    assert_eq!(read(&folder.path().join("next")).unwrap().results.len(), 1);
}

#[test]
fn what_is_hidden_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let memory = Memory::begin(folder.path(), start(head()));
    let mut hidden = kept();
    hidden.parts[0].hidden = true;
    hidden.parts[0].outcome.data.set("stdout", "PLANTED");
    memory.keep(&key(0), &hidden);
    let mut sealed = kept();
    let secret = Value::Str(Str::new("PLANTED").secret());
    sealed.parts[0]
        .outcome
        .data
        .set("list", Value::list(vec![secret]));
    memory.keep(&key(1), &sealed);
    memory.hide(&key(2));
    let mut said = kept();
    said.parts[0]
        .outcome
        .data
        .set("stdout", "it is PLANTED, VAULTED");
    memory.keep(&key(3), &said);
    let text = std::fs::read_to_string(folder.path().join(FILE)).unwrap();
    assert!(!text.contains("PLANTED"), "{text}");
    let memory = read_again(folder.path());
    for nth in 0..4 {
        assert!(memory.recall(&key(nth)).is_none());
    }
    assert_eq!(memory.tally().hidden, 4);
}

#[test]
fn a_task_whose_file_changed_is_done_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.j2");
    std::fs::write(&file, "one").unwrap();
    let begin = start(head());
    begin.watch.note(&file, b"one", Kind::Data);
    let memory = Memory::begin(folder.path(), begin);
    let reads = BTreeSet::from([file.clone()]);
    memory.keep(&key(0), &Kept { reads, ..kept() });
    std::fs::write(&file, "two").unwrap();
    assert_eq!(
        read(folder.path()).unwrap().changed_of(Kind::Data),
        vec![file.as_path()]
    );
    let memory = read_again(folder.path());
    assert!(memory.recall(&key(0)).is_none());
    assert_eq!(memory.tally().changed, 1);
}

#[test]
fn handlers_are_owed_until_they_have_run() {
    let folder = tempfile::tempdir().unwrap();
    let memory = Memory::begin(folder.path(), start(head()));
    memory.owe("web1", "p", "restart nginx");
    memory.owe("web1", "p", "restart nginx");
    memory.owe("web2", "p", "restart nginx");
    memory.owe("web2", "p", "reload");
    memory.owe("web2", "q", "restart VAULTED");
    memory.pay("web2", "p", "restart nginx");
    memory.pay("web2", "p", "never notified");
    let owed = owed(folder.path()).unwrap();
    assert!(!owed.is_old && owed.head == head());
    let owed: Vec<_> = owed.debts.iter().collect();
    assert_eq!(
        owed,
        [
            ("web1", "p", "restart nginx"),
            ("web2", "p", "reload"),
            ("web2", "q", "restart ***")
        ]
    );
}

/// Two runs that begin after one that owes: one of them takes over what is owed.
#[test]
fn what_is_owed_stands_in_one_place() {
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let third = tempfile::tempdir().unwrap();
    Memory::begin(first.path(), start(head())).owe("web1", "p", "reload");
    let debts = vec![(first.path().to_owned(), owed(first.path()).unwrap().debts)];
    let inherits = |debts: &Vec<_>| Start {
        debts: debts.clone(),
        pays: true,
        ..start(head())
    };
    let checks = Memory::begin(
        third.path(),
        Start {
            head: Head {
                check: true,
                ..head()
            },
            ..inherits(&debts)
        },
    );
    assert_eq!(checks.due("web1", "p").len(), 1);
    checks.pay("web1", "p", "reload");
    assert!(owed(third.path()).is_none() && owed(first.path()).is_some());
    let _ = std::fs::remove_file(third.path().join(FILE));
    let memory = Memory::begin(second.path(), inherits(&debts));
    let late = Memory::begin(third.path(), inherits(&debts));
    assert!(late.still_owed().is_empty() && late.due("web1", "p").is_empty());
    assert!(owed(first.path()).is_none() && owed(third.path()).is_none());
    assert!(memory.due("web1", "q").is_empty() && memory.due("web1", "p").contains("reload"));
    assert!(!memory.still_owed().is_empty());
    memory.pay("web1", "p", "reload");
    assert!(memory.still_owed().is_empty() && owed(second.path()).is_none());
}

/// An older record names no plays: what it owes is any play's.
#[test]
fn an_older_record_of_debts_is_read() {
    let folder = tempfile::tempdir().unwrap();
    drop(Memory::begin(folder.path(), start(head())));
    let line = "{\"owed\": {\"host\": \"web1\", \"handler\": \"reload\"}}\n";
    std::fs::write(folder.path().join(OWED), line).unwrap();
    let mut owed = owed(folder.path()).unwrap();
    assert!(owed.is_old && owed.head == head());
    assert!(spared(folder.path()).is_none());
    assert!(owed.debts.of("web1", "p").contains("reload"));
    assert!(owed.debts.pay("web1", "q", "reload") && owed.debts.is_empty());
}

#[test]
fn a_line_that_is_cut_is_passed_over_and_nonsense_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    drop(Memory::begin(folder.path(), start(head())));
    let whole = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{whole}{{\"key\": \"a")).unwrap();
    assert!(read(folder.path()).unwrap().results.is_empty());
    std::fs::write(&path, format!("{whole}[1\n")).unwrap();
    let error = read(folder.path()).unwrap_err();
    assert!(error.to_string().contains("line 2 of"), "{error}");
    std::fs::write(&path, "").unwrap();
    assert!(read(folder.path()).is_err());
}

#[test]
fn a_run_that_cannot_keep_all_keeps_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&told);
    let memory = Memory::begin(
        folder.path(),
        Start {
            limit: 2000,
            warn: Box::new(move |error| heard.lock().unwrap().push(error.to_string())),
            ..start(head())
        },
    );
    for nth in 0..20 {
        memory.keep(&key(nth), &kept());
    }
    assert!(read(folder.path()).is_err());
    let told = told.lock().unwrap();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("cannot be resumed"), "{told:?}");
}

#[test]
fn a_pipe_is_no_file_that_changes() {
    let folder = tempfile::tempdir().unwrap();
    let begin = start(head());
    begin
        .watch
        .note(Path::new("/dev/fd/0"), b"x", Kind::Variables);
    begin
        .watch
        .note(Path::new("/dev/null"), b"", Kind::Variables);
    drop(Memory::begin(folder.path(), begin));
    assert!(read(folder.path()).unwrap().files.is_empty());
}

#[test]
fn hosts_keep_their_order() {
    let names = |names: &[&str]| -> Vec<Arc<str>> { names.iter().map(|n| Arc::from(*n)).collect() };
    let folder = tempfile::tempdir().unwrap();
    let memory = Memory::begin(folder.path(), start(head()));
    assert_eq!(memory.ordered("p", names(&["b", "a"])), names(&["b", "a"]));
    let memory = read_again(folder.path());
    let ordered = memory.ordered("p", names(&["a", "new", "b"]));
    assert_eq!(ordered, names(&["b", "a", "new"]));
}

/// A run that is resumed and stops at once knows the files that the first one read.
#[test]
fn files_and_hosts_outlive_a_run_that_resumes() {
    let (folder, again) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = folder.path().join("all.yml");
    std::fs::write(&file, "x: 1").unwrap();
    let begin = start(head());
    begin.watch.note(&file, b"x: 1", Kind::Variables);
    let memory = Memory::begin(folder.path(), begin);
    memory.ordered("p:1", vec!["web 1".into()]);
    let key = Key::of_host("p:1", "web 1", Print::of(["words"]), 0);
    memory.keep(&key.item(3, &1.into()), &kept());
    memory.keep(&Key::of_batch("q:1", 0, Print::of(["words"]), 0), &kept());
    let state = Some(read(folder.path()).unwrap());
    drop(Memory::begin(
        again.path(),
        Start {
            state,
            ..start(head())
        },
    ));
    let state = read(again.path()).unwrap();
    assert!(state.files.contains_key(&file));
    assert_eq!(Vec::from_iter(state.hosts()), ["web 1"]);
    let new = PathBuf::from("/new.yml");
    assert_eq!(state.unknown([file, new.clone()].into()), [new]);
    let worked: Vec<_> = state.worked().into_iter().collect();
    assert_eq!(worked, [("p:1".to_owned(), "web 1".to_owned())]);
}

#[test]
fn another_question_is_not_resumed() {
    let asked = head();
    assert!(asked.check(&head()).is_ok());
    for (other, why) in [
        (
            Head {
                check: true,
                ..head()
            },
            "not in check mode",
        ),
        (
            Head {
                tags: Vec::new(),
                ..head()
            },
            "`--tags` were `a`",
        ),
        (
            Head {
                extra: "x".to_owned(),
                ..head()
            },
            "`--extra-vars`",
        ),
        (
            Head {
                playbooks: Vec::new(),
                ..head()
            },
            "`/site.yml`",
        ),
    ] {
        let error = asked.check(&other).unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
    }
}
