use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::modules::driver::{Run, World};
use crate::value::Value;

#[test]
fn facts_are_gathered_in_one_round_trip_under_every_shell() {
    for world in World::each() {
        own_facts(&world);
        let ran = Run::new("setup", &world)
            .set("gather_subset", "all,!facter,!ohai")
            .path("fact_path", "facts.d")
            .run();
        assert_eq!(
            (ran.outcome.failed, ran.trips),
            (false, 1),
            "{:?}",
            ran.outcome
        );
        let fact = |name: &str| ran.outcome.facts.get(name).cloned().unwrap_or_default();
        for name in [
            "distribution",
            "kernel",
            "user_uid",
            "memtotal_mb",
            "mounts",
            "interfaces",
        ] {
            let value = fact(&format!("ansible_{name}"));
            assert!(!value.is_null(), "no {name} under {}", world.shell_name());
        }
        let own = fact("ansible_local");
        assert_eq!(
            own.get("text").unwrap().get("a").unwrap().get("x"),
            Some(&Value::str("1"))
        );
        assert_eq!(own.get("program").unwrap().get("it"), Some(&Value::Int(5)));
        let [warning] = &ran.outcome.warnings[..] else {
            panic!("{:?}", ran.outcome.warnings);
        };
        assert!(
            warning.ends_with("broken.fact), rc: 3, err: no luck"),
            "{warning}"
        );
        assert_eq!(
            own.get("broken").and_then(Value::as_str),
            Some(warning.as_str())
        );
    }
}

/// A text, a program, and a program that fails.
fn own_facts(world: &World) {
    world.write("facts.d/text.fact", "[a]\nX = 1\n");
    world.write("facts.d/other", "no fact");
    for (name, body) in [
        ("program", "#!/bin/sh\necho '{\"it\": 5}'\n"),
        ("broken", "#!/bin/sh\necho no luck >&2\nexit 3\n"),
    ] {
        let file = format!("facts.d/{name}.fact");
        world.write(&file, body);
        fs::set_permissions(world.path(&file), fs::Permissions::from_mode(0o755)).unwrap();
    }
}

#[test]
fn nothing_is_asked_where_nothing_is_wanted() {
    let world = World::plain();
    let ran = Run::new("setup", &world)
        .set("gather_subset", "!all,!min")
        .run();
    assert_eq!(ran.trips, 0);
    assert_eq!(ran.outcome.facts.len(), 2);
}

#[test]
fn a_filter_keeps_the_names_that_match_with_prefix_or_without() {
    let world = World::plain();
    let filtered = |filter: &str| {
        let ran = Run::new("gather_facts", &world)
            .set("gather_subset", "!all")
            .set("filter", filter)
            .run();
        let names = ran
            .outcome
            .facts
            .keys()
            .map(Value::to_text)
            .collect::<Vec<_>>();
        names.join(" ")
    };
    assert_eq!(
        filtered("ansible_kernel,os_fam*"),
        "ansible_kernel ansible_os_family"
    );
    assert_eq!(filtered("gather_subset"), "gather_subset");
    assert_eq!(filtered("nothing"), "");
}

#[test]
fn an_unknown_subset_fails_the_task() {
    let world = World::plain();
    Run::new("setup", &world)
        .set("gather_subset", "everything")
        .expect_failed("Bad subset 'everything' given to Ansible.");
}
