use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, Mutex};

use super::{End, FILE, Journal, Limits, Runs};
use crate::report::{Event, Listener, RunInfo};

const LIMITS: Limits = Limits {
    runs: 3,
    bytes: 1 << 20,
};

type Warnings = Arc<Mutex<Vec<String>>>;

fn journal(runs: &Runs, limits: Limits) -> (Journal, Warnings) {
    let warnings = Warnings::default();
    let told = Arc::clone(&warnings);
    let warn = Box::new(move |error: crate::error::Error| {
        told.lock().unwrap().push(error.chain());
    });
    let nothing = Box::new(|_: &std::path::Path| None);
    (Journal::new(runs.clone(), limits, nothing, warn), warnings)
}

fn started(id: &str) -> Event {
    Event::RunStarted(Arc::new(RunInfo {
        id: id.to_owned(),
        ..RunInfo::default()
    }))
}

fn note(text: &str) -> Event {
    Event::Note {
        level: 0,
        text: text.to_owned(),
    }
}

fn ended(code: u8) -> Event {
    Event::RunEnded { code, error: None }
}

fn write(runs: &Runs, id: &str, events: &[Event]) {
    let (mut journal, warnings) = journal(runs, LIMITS);
    journal.on(&started(id));
    events.iter().for_each(|event| journal.on(event));
    assert_eq!(*warnings.lock().unwrap(), Vec::<String>::new());
}

#[test]
fn what_was_told_before_the_run_began_follows_its_first_line() {
    let folder = tempfile::tempdir().unwrap();
    let runs = Runs::new(folder.path().join("state/runs"));
    let (mut journal, _) = journal(&runs, LIMITS);
    journal.on(&note("early"));
    journal.on(&started("20260101-1"));
    journal.on(&ended(0));
    let mut names = Vec::new();
    let record = runs.find("last").unwrap();
    record.read(|line| names.push(line.body.name())).unwrap();
    assert_eq!(names, ["run_started", "note", "run_ended"]);
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(record.path()), 0o600);
    assert_eq!(mode(record.path().parent().unwrap()), 0o700);
}

#[test]
fn a_run_goes_on_ends_or_was_killed() {
    let folder = tempfile::tempdir().unwrap();
    let runs = Runs::new(folder.path());
    let (mut open, _) = journal(&runs, LIMITS);
    open.on(&started("20260101-1"));
    let end = || runs.find("20260101").unwrap().summary().unwrap().end;
    assert_eq!(end(), End::Running);
    drop(open);
    assert_eq!(end(), End::Killed);
    write(&runs, "20260102-1", &[ended(2)]);
    assert_eq!(
        runs.find("last").unwrap().summary().unwrap().end,
        End::Code(2)
    );
    assert_eq!(
        runs.find("last-1").unwrap().path(),
        folder.path().join("20260101-1").join(FILE)
    );
}

#[test]
fn half_a_line_at_the_end_is_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let runs = Runs::new(folder.path());
    write(&runs, "20260101-1", &[note("one"), note("two")]);
    let record = runs.find("last").unwrap();
    let whole = fs::read(record.path()).unwrap();
    for cut in [1, 10, 30] {
        fs::write(record.path(), &whole[..whole.len() - cut]).unwrap();
        let mut lines = 0;
        record.read(|_| lines += 1).unwrap();
        assert_eq!(lines, 2, "{cut} bytes are missing");
        assert_eq!(record.summary().unwrap().end, End::Killed);
    }
    let mut file = fs::OpenOptions::new()
        .append(true)
        .open(record.path())
        .unwrap();
    file.write_all(b"garbage\n").unwrap();
    let error = record.read(|_| ()).unwrap_err();
    assert!(error.message().starts_with("line 3 of `"), "{error}");
}

#[test]
fn old_runs_go_and_those_that_go_on_stay() {
    let folder = tempfile::tempdir().unwrap();
    let runs = Runs::new(folder.path());
    let (mut open, _) = journal(&runs, LIMITS);
    open.on(&started("20260101-1"));
    for day in 2..8 {
        write(&runs, &format!("2026010{day}-1"), &[ended(0)]);
    }
    let ids = runs.ids();
    assert_eq!(
        ids,
        ["20260107-1", "20260106-1", "20260105-1", "20260101-1"]
    );
    let small = Limits { runs: 9, bytes: 1 };
    let debt = folder.path().join("20260106-1/owed");
    fs::write(&debt, "x").unwrap();
    fs::create_dir(folder.path().join("20260106-1/more")).unwrap();
    let spared = debt.clone();
    let spares =
        move |folder: &std::path::Path| (spared.parent() == Some(folder)).then(|| spared.clone());
    let pruned = runs.prune(small, Some("20260107-1"), &spares).unwrap();
    assert_eq!(pruned.removed, ["20260106-1", "20260105-1"]);
    assert_eq!(pruned.spared, ["20260106-1"]);
    assert_eq!(runs.ids(), ["20260107-1", "20260101-1"]);
    assert!(debt.exists());
    assert_eq!(fs::read_dir(debt.parent().unwrap()).unwrap().count(), 1);
    assert_eq!(runs.folders().len(), 3);
}

#[test]
fn a_record_that_cannot_be_written_costs_one_warning() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let (mut journal, warnings) = journal(&Runs::new(folder.path().join("file/runs")), LIMITS);
    journal.on(&note("early"));
    journal.on(&started("20260101-1"));
    journal.on(&note("later"));
    journal.on(&ended(0));
    let warnings = warnings.lock().unwrap();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(
        warnings[0].starts_with("the run is not recorded in `"),
        "{warnings:?}"
    );
}

#[test]
fn a_record_without_its_first_line_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let runs = Runs::new(folder.path());
    write(&runs, "20260101-1", &[ended(0)]);
    let none = Limits { runs: 9, bytes: 0 };
    let (mut journal, warnings) = journal(&runs, none);
    journal.on(&started("20260102-1"));
    journal.on(&ended(0));
    assert_eq!(warnings.lock().unwrap().len(), 1);
    assert!(!folder.path().join("20260102-1").exists());
    let empty = folder.path().join("20260103-1");
    fs::create_dir(&empty).unwrap();
    fs::write(empty.join(FILE), "").unwrap();
    assert!(Runs::below(&empty).is_empty() && runs.find("20260103").is_err());
    assert!(runs.find("").is_err());
    fs::write(empty.join(FILE), b"\xff\xfe").unwrap();
    let error = runs.find("20260103").unwrap().summary().unwrap_err();
    assert!(error.message().contains(FILE), "{error}");
}

#[test]
fn a_record_that_is_too_long_ends_with_a_whole_line() {
    let folder = tempfile::tempdir().unwrap();
    let runs = Runs::new(folder.path());
    let limits = Limits {
        runs: 3,
        bytes: 2000,
    };
    let (mut journal, warnings) = journal(&runs, limits);
    journal.on(&started("20260101-1"));
    (0..100).for_each(|_| journal.on(&note("again and again")));
    assert_eq!(warnings.lock().unwrap().len(), 1);
    let mut lines = 0;
    runs.find("last").unwrap().read(|_| lines += 1).unwrap();
    assert!(lines > 3, "{lines}");
}

#[test]
fn runs_are_found_by_the_beginning_of_their_ids() {
    let folder = tempfile::tempdir().unwrap();
    let runs = Runs::new(folder.path());
    assert!(runs.find("last").is_err());
    write(&runs, "20260101-1", &[ended(0)]);
    write(&runs, "20260101-2", &[ended(0)]);
    assert!(runs.find("20260101-2").is_ok());
    for (wanted, said) in [
        ("2026", "more than one run begins with `2026`"),
        ("2025", "no run `2025` is recorded"),
        ("last-7", "only 2 runs are recorded"),
    ] {
        assert_eq!(runs.find(wanted).unwrap_err().message(), said);
    }
    assert_eq!(Runs::below(folder.path()).len(), 2);
}
