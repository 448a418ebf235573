//! What the recorded answers do not show: size, garbage, warnings, files of variables.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use proptest::prelude::*;

use super::Layers;
use super::Loaded;
use super::Merger;
use super::Options;
use super::Owner;
use super::Pattern;
use super::Plugin;
use super::Reader;
use super::VarsFiles;
use super::conformance::Plain;
use super::files_for;
use super::load;
use super::read_text;
use super::show;
use crate::error::Result;
use crate::error::Source;
use crate::template::Finished;
use crate::value::Map;
use crate::value::Str;
use crate::value::Value;

fn loaded(dir: &Path, sources: &[&str]) -> Loaded {
    let sources: Vec<String> = sources
        .iter()
        .map(|source| dir.join(source).to_string_lossy().into_owned())
        .collect();
    load(&sources, &Plain, &Options::default()).unwrap()
}

/// 10,000 hosts in 200 groups, with a file of variables for each group.
fn many(dir: &Path) {
    let mut text = String::new();
    for group in 0..200 {
        text.push_str(&format!("[group{group:03}]\n"));
        for host in 0..50 {
            let number = group * 50 + host;
            text.push_str(&format!(
                "host{number:05} ansible_host=10.0.0.1 rank={host}\n"
            ));
        }
    }
    fs::write(dir.join("hosts"), text).unwrap();
    fs::create_dir(dir.join("group_vars")).unwrap();
    for group in 0..200 {
        let vars: String = (0..10)
            .map(|n| format!("var{n}: value {n} of {group}\n"))
            .collect();
        fs::write(dir.join(format!("group_vars/group{group:03}.yml")), vars).unwrap();
    }
}

#[test]
fn many_hosts_take_no_long_time() {
    let dir = tempfile::tempdir().unwrap();
    many(dir.path());
    let begin = Instant::now();
    let loaded = loaded(dir.path(), &["hosts"]);
    let read = begin.elapsed();
    let files = VarsFiles::new(Arc::new(Plain), false);
    let layers = Layers {
        inventory: loaded.dirs.clone(),
        ..Layers::default()
    };
    let mut merger = Merger::new(&loaded.inventory, &files, &layers);
    let list = show::list(
        &loaded.inventory,
        show::Format::Json,
        false,
        None,
        &mut merger,
    );
    let list = list.unwrap();
    let listed = begin.elapsed();
    let text = crate::value::to_json_nice(&list, 4, true);
    let printed = begin.elapsed();
    let pattern = Pattern::parse("all:!~host.*7$:&group0*").unwrap();
    let selected = loaded.inventory.select(&pattern).unwrap();
    let dict = loaded.inventory.groups_dict();
    let end = begin.elapsed();
    println!("read {read:?}, listed {listed:?}, printed {printed:?}, selected {end:?}");
    assert_eq!(selected.hosts.len(), 4500);
    assert_eq!(dict.len(), 202);
    assert!(text.len() > 1_000_000);
    assert!(end.as_secs() < 20, "{end:?}");
}

fn write(dir: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = dir.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

#[test]
fn warnings_say_what_and_where() {
    for (file, text, words, place) in [
        (
            "a",
            "[web-1]\nw1\n",
            "Invalid characters were found in group names",
            None,
        ),
        (
            "a",
            "w1 a-b=1\n",
            "`a-b` cannot be the name of a variable",
            Some("1:4"),
        ),
        ("a", "[web]\nweb\n", "both a group and a host", None),
        ("a", "localhost\n::1\n", "are both this machine", None),
        (
            "a",
            "[a]\nh\n[a:vars]\nansible_group_priority=x\n",
            "is not a number: `x`",
            Some("4:24"),
        ),
        (
            "a.yml",
            "a:\n  host:\n    b:\n",
            "`host` means nothing in the group `a`",
            Some("2:3"),
        ),
        (
            "a.yml",
            "a: 1\n",
            "`a` is not a group: it is a number",
            Some("1:1"),
        ),
        ("a.yml", "a:\na:\n", "a", Some("2:1")),
        (
            "a.yml",
            "a:\n  hosts: [b]\n",
            "must be a dictionary, not a list",
            Some("2:3"),
        ),
        (
            "a.yml",
            "a:\n  hosts:\n    1:\n",
            "must be a string, not a number",
            Some("2:3"),
        ),
        (
            "a.toml",
            "[a]\nhosts = 1\n",
            "must be a dictionary, not a number",
            Some("2:1"),
        ),
        ("a", "[a\n", "is not a range of hosts", Some("1:1")),
    ] {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), &[(file, text)]);
        let loaded = loaded(dir.path(), &[file]);
        let warning = loaded.warnings.first().expect(text);
        let deepest = warning.cause().unwrap_or(warning);
        assert!(deepest.message().contains(words), "{text}: {warning:?}");
        let at = deepest
            .place()
            .map(|at| format!("{}:{}", at.line, at.column));
        assert_eq!(at.as_deref(), place, "{text}: {warning:?}");
    }
}

#[test]
fn a_plugin_that_is_not_built_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    write(
        dir.path(),
        &[("a.yml", "---\nplugin: amazon.aws.aws_ec2\n")],
    );
    let source = dir.path().join("a.yml").to_string_lossy().into_owned();
    let error = load(&[source], &Plain, &Options::default()).unwrap_err();
    assert_eq!(
        error.message(),
        "there is no inventory plugin `amazon.aws.aws_ec2`"
    );
    assert_eq!(error.place().unwrap().line, 2);
}

#[test]
fn the_kinds_of_source_can_be_named() {
    let (kinds, unknown) = Plugin::list(["ini", "ansible.builtin.yaml", "aws_ec2", "ini"]);
    // What is not known here may be a plugin in Python.
    assert_eq!(
        kinds,
        [Plugin::Vagrant, Plugin::Ini, Plugin::Yaml, Plugin::Other]
    );
    assert_eq!(unknown, ["aws_ec2"]);
}

#[test]
fn unread_sources_can_be_errors() {
    let one = |options: &Options| load(&["/nothing/here".to_owned()], &Plain, options);
    let loaded = one(&Options::default()).unwrap();
    let messages: Vec<&str> = loaded.warnings.iter().map(|w| w.message()).collect();
    assert_eq!(
        messages,
        [
            "Unable to parse /nothing/here as an inventory source",
            "No inventory was parsed, only implicit localhost is available"
        ]
    );
    assert!(loaded.inventory.host("localhost").unwrap().implicit);
    let strict = Options {
        any_unparsed_is_failed: true,
        ..Options::default()
    };
    assert!(one(&strict).is_err());
    let strict = Options {
        unparsed_is_failed: true,
        ..Options::default()
    };
    assert!(one(&strict).is_err());
}

#[test]
fn files_of_variables_are_errors_with_places() {
    let dir = tempfile::tempdir().unwrap();
    write(
        dir.path(),
        &[
            ("group_vars/list.yml", "- a\n"),
            ("group_vars/broken.yml", "a: [\n"),
            ("group_vars/a/b.yml", "x: 1\n"),
            ("group_vars/deep/z.yml", "x: 1\ny: 1\n"),
            ("group_vars/deep/m/a", "y: 2\n"),
            ("host_vars/h.json", "{\"x\": [1]}"),
        ],
    );
    let files = VarsFiles::new(Arc::new(Plain), false);
    let dir = dir.path();
    assert!(files.group(dir, "list").is_err());
    assert!(files.group(dir, "broken").is_err());
    assert!(files.group(dir, "nothing").unwrap().is_none());
    assert!(files.group(dir, "../group_vars/a").unwrap().is_none());
    assert!(files.group(dir, "a/b").unwrap().is_some());
    let deep = files.group(dir, "deep").unwrap().unwrap();
    assert_eq!(Value::Map(deep).repr(), "{'y': 1, 'x': 1}");
    let host = files.host(dir, "h").unwrap().unwrap();
    assert!(Arc::ptr_eq(&host, &files.host(dir, "h").unwrap().unwrap()));
    let found = files_for(&Plain, dir, Owner::Group, "deep").unwrap();
    let found: Vec<_> = found
        .iter()
        .map(|path| path.strip_prefix(dir).unwrap())
        .collect();
    assert_eq!(
        found,
        [
            Path::new("group_vars/deep/m/a"),
            Path::new("group_vars/deep/z.yml")
        ]
    );
}

#[test]
fn layers_say_where_variables_come_from() {
    let dir = tempfile::tempdir().unwrap();
    write(
        dir.path(),
        &[
            ("hosts", "[web]\nw1 a=1\n[web:vars]\nb=2\n[all:vars]\nc=3\n"),
            ("group_vars/all.yml", "d: 4\n"),
            ("group_vars/web.yml", "e: 5\n"),
            ("host_vars/w1.yml", "f: 6\n"),
            ("play/group_vars/all", "g: 7\n"),
            ("play/group_vars/web", "h: 8\n"),
            ("play/host_vars/w1", "i: 9\n"),
        ],
    );
    let loaded = loaded(dir.path(), &["hosts"]);
    let files = VarsFiles::new(Arc::new(Plain), false);
    let layers = Layers {
        inventory: loaded.dirs.clone(),
        playbook: vec![dir.path().join("play")],
        ..Layers::default()
    };
    let host = loaded.inventory.host("w1").unwrap();
    let found = loaded.inventory.layers(host, &files, &layers).unwrap();
    let found: Vec<String> = found
        .iter()
        .map(|layer| {
            let (name, _) = layer.vars.at(0).unwrap();
            format!("{name}: {} of {}", layer.level, layer.owner)
        })
        .collect();
    assert_eq!(
        found,
        [
            "c: inventory group vars of all",
            "b: inventory group vars of web",
            "d: inventory group_vars/all of all",
            "g: playbook group_vars/all of all",
            "e: inventory group_vars/* of web",
            "h: playbook group_vars/* of web",
            "inventory_file: inventory host vars of w1",
            "a: inventory host vars of w1",
            "f: inventory host_vars/* of w1",
            "i: playbook host_vars/* of w1",
        ]
    );
    let merged = loaded
        .inventory
        .host_variables(host, &files, &layers)
        .unwrap();
    assert_eq!(merged.len(), 11);
}

#[test]
fn a_vagrant_project_is_a_source() {
    struct Vagrant;
    impl Reader for Vagrant {
        fn read(&self, path: &Path) -> Result<Arc<Source>> {
            Plain.read(path)
        }
        fn run_script(&self, path: &Path, arguments: &[&str]) -> Result<Finished> {
            Plain.run_script(path, arguments)
        }
        fn vagrant(&self, _dir: &Path) -> Result<String> {
            Ok("Host m1\n  HostName 10.1.1.1\n  Port 2222\n".to_owned())
        }
        fn render(&self, template: &Str, vars: &Map) -> Result<Value> {
            Plain.render(template, vars)
        }
        fn evaluate(&self, expression: &Str, vars: &Map) -> Result<Value> {
            Plain.evaluate(expression, vars)
        }
    }
    let dir = tempfile::tempdir().unwrap();
    write(
        dir.path(),
        &[
            ("v/Vagrantfile", "x"),
            ("v/other", "no1\n"),
            ("v/group_vars/all", "a: 1\n"),
        ],
    );
    let source = dir.path().join("v/").to_string_lossy().into_owned();
    let loaded = load(&[source], &Vagrant, &Options::default()).unwrap();
    let hosts: Vec<_> = loaded.inventory.hosts().map(|host| &*host.name).collect();
    assert_eq!(hosts, ["m1"]);
    assert_eq!(loaded.dirs, [dir.path().join("v")]);
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
}

proptest! {
    #[test]
    fn garbage_is_an_error_or_an_inventory(text in "[\\[\\]a-c:=#;,'\"{}()0-9 \\-\\n\\\\.x]{0,200}") {
        let source = Source::new("hosts", text.as_str());
        for plugin in [Plugin::Ini, Plugin::Yaml, Plugin::Toml] {
            let _ = read_text(plugin, &source);
        }
        let _ = Pattern::parse(&text).map(|pattern| super::Inventory::default().select(&pattern));
    }

    #[test]
    fn any_text_is_a_pattern_or_an_error(text in "\\PC{0,40}") {
        let mut inventory = super::Inventory::default();
        inventory.add_host("web1", None).unwrap();
        inventory.reconcile();
        let _ = Pattern::parse(&text).map(|pattern| inventory.select(&pattern));
    }
}

#[test]
fn a_link_that_leads_nowhere_is_no_file_of_variables() {
    let folder = tempfile::tempdir().unwrap();
    let vars = folder.path().join("group_vars");
    fs::create_dir_all(vars.join("db")).unwrap();
    std::os::unix::fs::symlink("/nonexistent", vars.join("web")).unwrap();
    fs::write(vars.join("web.yml"), "x: 1\n").unwrap();
    std::os::unix::fs::symlink("/nonexistent", vars.join("db/a.yml")).unwrap();
    fs::write(vars.join("db/b.yml"), "x: 2\n").unwrap();
    let files = VarsFiles::new(Arc::new(Plain), false);
    for (group, x) in [("web", 1), ("db", 2)] {
        let found = files.group(folder.path(), group).unwrap().unwrap();
        assert_eq!(found.get("x"), Some(&Value::Int(x)), "{group}");
    }
}

#[test]
fn what_is_wrong_in_a_file_of_variables_is_an_error_of_its_own_code() {
    let folder = tempfile::tempdir().unwrap();
    let vars = folder.path().join("group_vars");
    fs::create_dir_all(&vars).unwrap();
    let wrong: [(&str, &[u8]); 4] = [
        ("broken", b"a: [\n"),
        ("list", b"- a\n"),
        ("text", b"only text\n"),
        ("bytes", b"a: \xff\xfe\n"),
    ];
    for (group, text) in wrong {
        fs::write(vars.join(group), text).unwrap();
        let files = VarsFiles::new(Arc::new(Plain), false);
        let error = files.group(folder.path(), group).unwrap_err();
        assert_eq!(error.kind().exit_code(), 4, "{group}: {error}");
    }
}
