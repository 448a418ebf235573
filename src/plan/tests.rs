//! A plan is written, and read again.

use std::path::{Path, PathBuf};

use super::*;
use crate::memory::{Key, Kind, Print, Watch};
use crate::outcome::{Diff, Outcome};

fn key(nth: usize) -> Key {
    Key::of_host("p", "web1", Print::of(["words"]), nth)
}

fn changed(after: &str) -> Outcome {
    Outcome::changed().with_diff(Diff::of("/etc/motd", "old", after))
}

#[test]
fn a_plan_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let (file, source) = (folder.path().join("plan"), folder.path().join("site.yml"));
    std::fs::write(&source, "- hosts: all").unwrap();
    let (book, watch) = (Book::new(), Watch::default());
    watch.note(&source, b"- hosts: all", Kind::Words);
    book.note("web1", &key(0), Entry::of(&changed("new"), false, false));
    book.note(
        "web1",
        &key(1),
        Entry {
            unknown: Some("known after `A`".to_owned()),
            loose: true,
            ..Entry::default()
        },
    );
    let unknown = Outcome::unknown("known after `A`".to_owned(), true);
    book.note("web1", &key(3), Entry::of(&unknown, false, true));
    let command = Command {
        folder: PathBuf::from("/work"),
        words: vec!["site.yml".to_owned()],
    };
    let mask = |text: &str| text.to_owned();
    book.write(&file, &command, &watch, &mask).unwrap();
    assert_eq!(book.counts(), (1, 1));
    let (again, typed) = Book::read(&file).unwrap();
    assert!(again.applies() && typed == command);
    for nth in [0, 1, 3] {
        assert_eq!(
            again.planned("web1", &key(nth)),
            book.planned("web1", &key(nth))
        );
    }
    assert!(again.planned("web1", &key(2)).is_none());
    std::fs::write(&source, "- hosts: web").unwrap();
    let error = Book::read(&file).unwrap_err();
    assert!(
        error.to_string().contains("site.yml` changed since"),
        "{error}"
    );
    std::fs::write(&file, "{}").unwrap();
    assert!(Book::read(&file).is_err());
}

#[test]
fn what_was_seen_is_compared_and_times_are_not() {
    let print = Entry::print_of;
    assert_eq!(
        print(&changed("new")),
        print(&changed("new").with("mtime", 17))
    );
    assert_ne!(print(&changed("new")), print(&changed("newer")));
    assert_ne!(print(&Outcome::changed()), print(&Outcome::ok()));
}

#[test]
fn earlier_tasks_touch_what_later_ones_see() {
    let book = Book::new();
    let paths = |path: &str| vec![Path::new(path).to_owned()];
    assert_eq!(book.changed_by("web1", &[]), None);
    book.touch("web1", "Folder", &paths("/etc/app"), true);
    for (path, by) in [
        ("/etc/app/main.conf", Some("Folder")),
        ("/etc", Some("Folder")),
        ("/etc/application", None),
    ] {
        assert_eq!(
            book.changed_by("web1", &paths(path)).as_deref(),
            by,
            "{path}"
        );
    }
    assert_eq!(book.changed_by("web2", &paths("/etc/app")), None);
    assert_eq!(book.changed_by("web1", &[]).as_deref(), Some("Folder"));
    book.touch("web1", "Command", &[], true);
    let other = book.changed_by("web1", &paths("/srv"));
    assert_eq!(other.as_deref(), Some("Command"));
}
