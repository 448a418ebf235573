//! Files of requirements that are wrong, told in the reference's words; and skeletons of new things.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use tempfile::TempDir;

use super::{artifact, bad, command, good, run, told, write};

#[test]
fn wrong_requirements_are_told_in_the_words_of_the_reference() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let a_list =
        "Expecting requirements file to be a dict with the key 'collections' that contains a list";
    let kinds = "Expecting requirements yaml to be a list or dictionary but got";
    for (text, of_roles, of_collections) in [
        ("- 5\n", "a role is a text or a dictionary", a_list),
        (
            "- a,b,c,d\n",
            "Invalid role line (a,b,c,d). Proper format is",
            a_list,
        ),
        (
            "- role: a,b\n",
            "Invalid old style role requirement: a,b",
            a_list,
        ),
        (
            "- version: 1\n",
            "Must specify name or src for role",
            a_list,
        ),
        (
            "- include: no.yml\n",
            "Failed to find include requirements file 'no.yml' in",
            a_list,
        ),
        ("hello\n", &format!("{kinds} str"), &format!("{kinds} str")),
        ("5\n", &format!("{kinds} int"), &format!("{kinds} int")),
        (
            "",
            "No requirements found in file '",
            "No requirements found in file '",
        ),
    ] {
        write(&path.join("r.yml"), text);
        bad(path, "role install -r r.yml", of_roles);
        bad(path, "collection install -r r.yml", of_collections);
    }
    for (text, why) in [
        ("- a: [\n", "Failed to parse the requirements yml at '"),
        (
            "roles: []\nfoo: 1\nbar: 2\n",
            "as base keys in the requirements file. Found: foo, bar",
        ),
        (
            "roles: [{version: 1}]\n",
            "Must specify name or src for role",
        ),
        (
            "collections: [{type: galaxy}]\n",
            "should contain the key 'name' if it's requested from a Galaxy-like",
        ),
        (
            "collections: [{name: a.b, type: foo}]\n",
            "entry key 'type' must be one of file, galaxy, git, dir, subdirs, or url.",
        ),
        (
            "collections: [{version: '1'}]\n",
            "Neither the collection requirement entry key 'name', nor 'source'",
        ),
    ] {
        write(&path.join("r.yml"), text);
        for line in ["role install", "collection install", "install"] {
            bad(path, &format!("{line} -r r.yml"), why);
        }
    }
    bad(path, "collection install -r no.yml", "does not exist.");
    let done = run(path, "collection install -r r.yml");
    assert_eq!(done.status.code(), Some(1));
}

#[test]
fn what_counts_as_false_asks_for_nothing_and_signatures_of_others_are_no_matter() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    for text in [
        "roles: []\n",
        "roles: {}\ncollections: ''\n",
        "collections: false\n",
    ] {
        write(&path.join("r.yml"), text);
        let told = good(path, "install -r r.yml");
        assert_eq!(told, "Skipping install, no requirements found\n");
    }
    let signed = "collections: [{name: a.b, signatures: file:///x}]\n";
    write(&path.join("r.yml"), signed);
    good(path, "role install -r r.yml");
    bad(
        path,
        "install -r r.yml",
        "signatures of collections are not verified",
    );
}

/// Vagrant calls `--role-file=… --roles-path=… --force`, and counts on it that the reference looks for the
/// bare words.
#[test]
fn only_a_bare_word_for_the_folder_of_roles_keeps_collections_away() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let archive = artifact(path, "e.archive", "1.2.0", "{}");
    let file = format!(
        "collections: [{{source: '{}', type: file}}]\n",
        archive.display()
    );
    write(&path.join("r.yml"), &file);
    symlink(env!("CARGO_BIN_EXE_play"), path.join("ansible-galaxy")).unwrap();
    let installs = |line: &str| {
        let words = line.split(' ');
        let done = command(&path.join("ansible-galaxy"), path)
            .args(words)
            .env("ANSIBLE_COLLECTIONS_PATH", path.join("here"))
            .output()
            .unwrap();
        assert!(done.status.success(), "{line}: {}", told(&done));
        let there = path.join("here");
        let has = there.exists();
        let _ = fs::remove_dir_all(there);
        let warned = told(&done).contains("contains collections which will be ignored");
        assert_ne!(has, warned, "{line}: {}", told(&done));
        has
    };
    assert!(installs(
        "install --role-file=r.yml --roles-path=/tmp/x --force"
    ));
    assert!(installs("install -r r.yml -p/tmp/x"));
    assert!(installs("install -r r.yml --roles-p=/tmp/x"));
    assert!(!installs("install -r r.yml -p /tmp/x"));
    assert!(!installs("install -r r.yml --roles-path /tmp/x"));
}

fn skeleton(path: &Path) {
    write(
        &path.join("README.md.j2"),
        "{{ role_name }} of {{ author }}, {{ ansible_plugin_list_dir }}\n",
    );
    write(&path.join("templates/x.j2"), "{{ x }}\n");
    write(&path.join("run.sh"), "#!/bin/sh\n");
    write(&path.join("sub/.git_keep"), "");
    write(&path.join(".git/config"), "");
    fs::create_dir(path.join("empty")).unwrap();
    symlink("run.sh", path.join("link")).unwrap();
    symlink("sub", path.join("folder")).unwrap();
    symlink("nowhere", path.join("dangling")).unwrap();
}

#[test]
fn a_skeleton_is_copied_with_its_links_and_rendered() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    skeleton(&path.join("bones"));
    good(path, "init mine --role-skeleton bones -e author=me");
    let mine = path.join("mine");
    assert_eq!(
        fs::read_to_string(mine.join("README.md")).unwrap(),
        "mine of me, https://docs.ansible.com/ansible-core/2.21/plugins/plugins.html\n"
    );
    for (link, to) in [
        ("link", "run.sh"),
        ("folder", "sub"),
        ("dangling", "nowhere"),
    ] {
        assert_eq!(fs::read_link(mine.join(link)).unwrap(), Path::new(to));
    }
    assert!(mine.join("templates/x.j2").is_file() && mine.join("empty").is_dir());
    assert!(mine.join("sub").is_dir() && !mine.join("sub/.git_keep").exists());
    assert!(!mine.join(".git").exists());
    // With a skeleton a type is a word for its templates.
    good(path, "init other --role-skeleton bones --type apb");
}

#[test]
fn what_fails_leaves_nothing_half_made() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    write(&path.join("bones/a.txt"), "a\n");
    write(&path.join("bones/b.j2"), "{{ nothing }}\n");
    let why = "Failed to create Role mine. Templating bones/b.j2 failed with the error";
    bad(path, "init mine --role-skeleton bones", why);
    assert!(!path.join("mine").exists());
    bad(
        path,
        "init mine --role-skeleton no",
        "- the skeleton path 'no' does not exist, cannot init role",
    );
    write(&path.join("mine/x"), "");
    // What is wrong with the skeleton is found before anything goes.
    bad(
        path,
        "init mine --force --role-skeleton no",
        "cannot init role",
    );
    assert!(path.join("mine/x").exists());
    bad(
        path,
        "collection init wrong",
        "Invalid collection name 'wrong', name must be in the format",
    );
}

/// A link of a skeleton leads no file to another place.
#[test]
fn a_skeleton_writes_through_no_link() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    write(&path.join("precious"), "mine\n");
    write(&path.join("bones/a.j2"), "theirs\n");
    std::os::unix::fs::symlink(path.join("precious"), path.join("bones/a")).unwrap();
    let done = run(path, "init mine --role-skeleton bones");
    let kept = fs::read_to_string(path.join("precious")).unwrap();
    assert_eq!(kept, "mine\n", "{done:?}");
}

#[test]
fn extra_variables_reach_our_own_skeletons() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    good(
        path,
        r#"init mine -e author=me -e '{"dependencies": ["b"], "role_name": "x y"}'"#,
    );
    let meta = fs::read_to_string(path.join("mine/meta/main.yml")).unwrap();
    assert!(
        meta.contains("author: me\n") && meta.contains("dependencies: [\"b\"]\n"),
        "{meta}"
    );
    let tasks = fs::read_to_string(path.join("mine/tasks/main.yml")).unwrap();
    assert_eq!(tasks, "---\n# tasks file for x y\n");
    good(
        path,
        r#"collection init a.b -e '{"authors": ["me"], "version": "2.0.0", "tags": ["t"]}'"#,
    );
    let galaxy = fs::read_to_string(path.join("a/b/galaxy.yml")).unwrap();
    let lines: Vec<&str> = galaxy
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    assert_eq!(
        lines.join("\n"),
        "namespace: a\nname: b\nversion: 2.0.0\nreadme: README.md\nauthors:\n- me\n\n\
         description: your collection description\nlicense:\n- GPL-2.0-or-later\nlicense_file: ''\ntags:\n- t\n\
         dependencies: {}\nrepository: http://example.com/repository\n\
         documentation: http://docs.example.com\nhomepage: http://example.com\n\
         issues: http://example.com/issue/tracker\nbuild_ignore: []"
    );
    good(path, "collection build a/b --output-path dist");
}
