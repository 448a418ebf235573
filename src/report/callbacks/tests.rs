use super::{Settings, beside, of_screen};

#[test]
fn callbacks_have_short_names_and_full_ones() {
    let settings = Settings::default();
    for name in [
        "default",
        "ansible.builtin.default",
        "json",
        "ansible.posix.json",
        "community.general.unixy",
        "ansible.legacy.minimal",
        "yaml",
    ] {
        assert!(of_screen(name, &settings).is_some(), "{name}");
    }
    for name in [
        "timer",
        "ansible.posix.json5",
        "a.b.json",
        "community.general.timer",
    ] {
        assert!(of_screen(name, &settings).is_none(), "{name}");
    }
    for name in [
        "timer",
        "ansible.posix.profile_tasks",
        "ansible.builtin.tree",
    ] {
        assert!(beside(name, &settings).is_some(), "{name}");
    }
    assert!(beside("json", &settings).is_none());
}
