//! Archives that are refused, and folders that are put in their place.

use super::*;

fn archive(build: impl FnOnce(&mut tar::Builder<Vec<u8>>)) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tar");
    let mut builder = tar::Builder::new(Vec::new());
    build(&mut builder);
    fs::write(&path, builder.into_inner().unwrap()).unwrap();
    (folder, path)
}

/// A header with a name as written: the builder would refuse it.
fn entry(
    builder: &mut tar::Builder<Vec<u8>>,
    name: &str,
    kind: EntryType,
    link: &str,
    text: &[u8],
) {
    let mut header = tar::Header::new_gnu();
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.as_old_mut().linkname[..link.len()].copy_from_slice(link.as_bytes());
    header.set_entry_type(kind);
    header.set_size(text.len() as u64);
    header.set_mode(0o644);
    header.set_cksum();
    builder.append(&header, text).unwrap();
}

fn opened(path: &Path, limits: Limits) -> Result<usize> {
    let mut count = 0;
    each(path, limits, &mut |_| {
        count += 1;
        Ok(())
    })?;
    Ok(count)
}

#[test]
fn what_leaves_the_folder_or_is_no_file_is_refused() {
    for (name, kind) in [
        ("../out", EntryType::Regular),
        ("a/../../out", EntryType::Regular),
        ("/etc/passwd", EntryType::Regular),
        ("dev", EntryType::Char),
        ("disk", EntryType::Block),
        ("pipe", EntryType::Fifo),
        ("hard", EntryType::Link),
    ] {
        let (_folder, path) = archive(|b| entry(b, name, kind, "x", b""));
        let error = opened(&path, Limits::default()).unwrap_err();
        assert!(error.message().contains("is not opened"), "{name}: {error}");
    }
}

#[test]
fn long_names_and_extended_headers_hold_for_the_next_entry() {
    let long = format!("a/{}", "long/".repeat(60));
    let pax = |key: &str, value: &str| {
        let line = format!(" {key}={value}\n");
        let length = (1..9999).find(|n| n.to_string().len() + line.len() == *n);
        format!("{}{line}", length.unwrap())
    };
    let (_folder, path) = archive(|b| {
        entry(
            b,
            "g",
            EntryType::XGlobalHeader,
            "",
            pax("comment", "1").as_bytes(),
        );
        let name = format!("{long}file\0");
        entry(b, "L", EntryType::GNULongName, "", name.as_bytes());
        entry(b, "short", EntryType::Regular, "", b"one");
        entry(
            b,
            "x",
            EntryType::XHeader,
            "",
            pax("path", "ü/file").as_bytes(),
        );
        entry(b, "short", EntryType::Regular, "", b"two");
        entry(b, "K", EntryType::GNULongLink, "", b"far/away\0");
        entry(b, "link", EntryType::Symlink, "near", b"");
        entry(b, "plain", EntryType::Regular, "", b"three");
    });
    let mut seen = Vec::new();
    each(&path, Limits::default(), &mut |entry| {
        let mut text = String::new();
        entry.content.read_to_string(&mut text).unwrap();
        if let Kind::Link(target) = entry.kind {
            text = target.display().to_string();
        }
        seen.push((entry.path.display().to_string(), text));
        Ok(())
    })
    .unwrap();
    let wanted = [
        (format!("{long}file"), "one"),
        ("ü/file".to_owned(), "two"),
        ("link".to_owned(), "far/away"),
        ("plain".to_owned(), "three"),
    ];
    assert_eq!(seen, wanted.map(|(path, text)| (path, text.to_owned())));

    for (kind, key) in [("path", "/etc/x"), ("size", "0"), ("GNU.sparse.major", "1")] {
        let (_folder, path) = archive(|b| {
            entry(b, "x", EntryType::XHeader, "", pax(kind, key).as_bytes());
            entry(b, "a", EntryType::Regular, "", b"text");
        });
        assert!(opened(&path, Limits::default()).is_err(), "{kind}");
    }
}

#[test]
fn a_name_without_end_is_refused_before_it_is_read() {
    for kind in [
        EntryType::GNULongName,
        EntryType::GNULongLink,
        EntryType::XHeader,
        EntryType::XGlobalHeader,
    ] {
        // The header says 1.5 GB, of which nothing is there: who reads it finds an end that is too early.
        let (_folder, path) = archive(|b| {
            let mut header = tar::Header::new_gnu();
            header.set_entry_type(kind);
            header.set_size(1_500_000_000);
            header.set_cksum();
            b.append(&header, io::empty()).unwrap();
        });
        let error = opened(&path, Limits::default()).unwrap_err();
        let said = error.chain();
        assert!(said.contains("of more than 1 MiB"), "{kind:?}: {said}");
    }
}

#[test]
fn too_much_is_refused_before_it_is_written() {
    let (_folder, path) = archive(|b| {
        entry(b, "a", EntryType::Regular, "", &[0; 4096]);
        entry(b, "b", EntryType::Regular, "", &[0; 4096]);
    });
    let few = Limits {
        bytes: 5000,
        entries: 10,
    };
    assert!(
        opened(&path, few)
            .unwrap_err()
            .message()
            .contains("too much")
    );
    let few = Limits {
        bytes: 50_000,
        entries: 1,
    };
    assert!(
        opened(&path, few)
            .unwrap_err()
            .message()
            .contains("too much")
    );
    assert_eq!(opened(&path, Limits::default()).unwrap(), 2);
    fs::write(
        &path,
        b"no archive at all, but longer than a header is".repeat(30),
    )
    .unwrap();
    assert!(opened(&path, Limits::default()).is_err());
}

#[test]
fn links_stay_inside_also_over_other_links() {
    let folder = tempfile::tempdir().unwrap();
    let mut building = Building::beside(&folder.path().join("x/y")).unwrap();
    assert!(building.link(Path::new("a"), Path::new("../out")).is_err());
    assert!(building.link(Path::new("a"), Path::new("/etc")).is_err());
    assert!(building.link(Path::new("d/a"), Path::new("../b")).is_ok());
    // `deep/up` is the folder above, and `deep/up/..` is outside, which the words do not show.
    let mut building = Building::beside(&folder.path().join("x/z")).unwrap();
    building.folder(Path::new("q/deep")).unwrap();
    building.link(Path::new("up"), Path::new("q/..")).unwrap();
    building
        .link(Path::new("q/w"), Path::new("../up/up/q/../../.."))
        .unwrap();
    assert!(building.make_links().is_err());
}

#[test]
fn a_folder_is_replaced_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("role");
    fs::create_dir(&target).unwrap();
    fs::write(target.join("old"), "").unwrap();
    let building = Building::beside(&target).unwrap();
    building
        .file(Path::new("d/new"), &mut &b"text"[..], 0o644)
        .unwrap();
    assert!(target.join("old").exists());
    building.put().unwrap();
    assert!(!target.join("old").exists());
    assert_eq!(fs::read(target.join("d/new")).unwrap(), b"text");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
