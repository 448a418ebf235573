use super::driver::{Run, World, which};
use super::{ALL, FreeForm};

#[test]
fn every_module_is_listed_once_and_its_page_names_its_arguments() {
    let mut seen = std::collections::HashSet::new();
    for module in ALL {
        assert!(
            seen.insert(module.full_name()),
            "{} stands twice",
            module.name
        );
        assert_eq!(module.name, module.name.to_lowercase());
        if module.free_form == FreeForm::AnyKeys {
            continue;
        }
        for arg in module.all_args() {
            assert!(
                module.page.contains(arg.name),
                "the page of `{}` does not name `{}`",
                module.name,
                arg.name
            );
        }
    }
}

#[test]
fn ping_answers_under_every_shell() {
    for world in World::each() {
        let outcome = Run::new("ping", &world)
            .set("data", "a 'b' $c\n\u{e9}")
            .expect_ok();
        assert_eq!(outcome.text("ping"), Some("a 'b' $c\n\u{e9}"));
        Run::new("ping", &world)
            .set("data", "crash")
            .expect_failed("boom");
        Run::new("ping", &world)
            .set("dat", "x")
            .expect_failed("Unsupported parameters for (ping) module: dat");
    }
}

#[test]
fn fragments_are_clean_of_shellcheck_complaints() {
    if which("shellcheck").is_none() {
        eprintln!("skipped: no shellcheck here");
        return;
    }
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut fragments = Vec::new();
    gather(&root.join("shell"), &mut fragments);
    gather(&root.join("facts"), &mut fragments);
    gather(&root.join("modules"), &mut fragments);
    let output = std::process::Command::new("shellcheck")
        .args(["-s", "sh", "--"])
        .args(fragments)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

fn gather(folder: &std::path::Path, fragments: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            gather(&path, fragments);
        } else if path.extension().is_some_and(|end| end == "sh") {
            fragments.push(path);
        }
    }
}

/// Commands that write, and those of our functions that do.
const WRITING: &[&str] = &[
    "mv",
    "chmod",
    "chown",
    "chgrp",
    "ln",
    "rm",
    "mkdir",
    "rmdir",
    "touch",
    "cp",
    "tee",
    "mktemp",
    "chcon",
    "chattr",
    "temp_beside",
    "replace_file",
    "text_write",
    "private_folder",
    "settle",
    "make_directories",
    "make_link",
    "set_batches",
    "set_batch",
];

/// Fragments that have one of these words, and write nothing.
const HARMLESS: &[&str] = &[];

#[test]
fn every_fragment_that_writes_stands_in_the_page_on_security() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/security.md")).unwrap();
    let listed: std::collections::BTreeSet<String> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once(".sh` |"))
        .map(|(name, _)| format!("{name}.sh"))
        .collect();
    let mut fragments = Vec::new();
    for folder in ["shell", "facts", "modules", "connection", "executor"] {
        gather(&root.join("src").join(folder), &mut fragments);
    }
    let writing: std::collections::BTreeSet<String> = fragments
        .iter()
        .filter(|path| writes(&std::fs::read_to_string(path).unwrap()))
        .map(|path| {
            path.strip_prefix(root.join("src"))
                .unwrap()
                .display()
                .to_string()
        })
        .filter(|name| !HARMLESS.contains(&name.as_str()))
        .collect();
    let missing: Vec<_> = writing.difference(&listed).collect();
    assert!(
        missing.is_empty(),
        "docs/security.md does not say how these are safe: {missing:?}"
    );
    let gone: Vec<_> = listed.difference(&writing).collect();
    assert!(
        gone.is_empty(),
        "docs/security.md lists what does not write: {gone:?}"
    );
}

fn writes(text: &str) -> bool {
    let between = |c: char| c.is_whitespace() || "();&|{}`!".contains(c);
    text.lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .any(|line| {
            line.split(between).any(|word| WRITING.contains(&word))
                || line.contains(">\"$")
                || line.contains(">/etc/")
        })
}
