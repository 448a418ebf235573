//! The table is whole, and values come from where they should.

use std::path::Path;

use super::{Config, Effect, Origin, SETTINGS};

fn load(file: &str, environment: &[(&str, &str)]) -> crate::error::Result<Config> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ansible.cfg"), file).unwrap();
    let environment: Vec<(String, String)> = environment
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let look = move |name: &str| {
        let found = environment.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.clone())
    };
    Config::load(&look, folder.path())
}

#[test]
fn every_line_of_the_table_is_a_setting() {
    let lines = include_str!("settings.txt");
    let rows = lines.lines().filter(|line| !line.starts_with('#')).count();
    assert_eq!(SETTINGS.len(), rows);
    let mut names: Vec<&str> = SETTINGS.iter().map(|setting| setting.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), rows, "a name is there twice");
    assert!(SETTINGS.iter().any(|s| s.effect == Effect::Honoured));
}

#[test]
fn the_environment_is_stronger_than_the_file_and_the_file_than_the_default() {
    let text = "[defaults]\nforks = 7 ; not many\nroles_path = r1:/r2\ntimeout: 30\n";
    let config = load(text, &[("ANSIBLE_TIMEOUT", "40")]).unwrap();
    assert_eq!(config.number("DEFAULT_FORKS"), Some(7));
    assert_eq!(config.number("DEFAULT_TIMEOUT"), Some(40));
    assert_eq!(config.number("DEFAULT_POLL_INTERVAL"), Some(15));
    let roles = config.paths("DEFAULT_ROLES_PATH");
    let beside = config.file.as_deref().and_then(Path::parent).unwrap();
    assert_eq!(roles, [beside.join("r1"), "/r2".into()]);
    let origin = |name| config.entry(name).unwrap().origin.clone();
    assert_eq!(
        origin("DEFAULT_TIMEOUT"),
        Origin::Environment("ANSIBLE_TIMEOUT")
    );
    assert!(matches!(origin("DEFAULT_FORKS"), Origin::File(place) if place.line == 2));
    assert_eq!(origin("DEFAULT_GATHERING"), Origin::Default);
}

#[test]
fn values_of_the_wrong_type_are_errors_with_a_place() {
    for (text, message) in [
        (
            "[defaults]\nforks = many\n",
            "has an invalid value: Invalid value provided for 'integer': 'many'",
        ),
        (
            "[defaults]\nforks=1\n[defaults]\ntimeout=1\n",
            "section 'defaults' already exists",
        ),
        (
            "[defaults]\ngathering = smrt\n",
            "Invalid value 'smrt' for config 'DEFAULT_GATHERING'",
        ),
        ("forks = 1\n", "a setting stands before the first section"),
        ("[defaults]\nforks\n", "a line of settings is `key = value`"),
        ("[defaults]\nforks=1\nforks=2\n", "the key is there twice"),
    ] {
        let error = load(text, &[]).unwrap_err();
        assert!(error.message().ends_with(message), "{error:?}");
        assert!(error.place().is_some(), "{message}");
    }
}

#[test]
fn what_has_no_effect_and_what_is_unknown_is_named() {
    let config = load("[defaults]\nlocal_tmp = /l\nfrks = 3\n[mine]\nx = 1\n", &[]).unwrap();
    let idle = config.without_effect();
    assert_eq!(idle.len(), 1);
    assert!(
        idle[0].starts_with("DEFAULT_LOCAL_TMP has no effect: "),
        "{idle:?}"
    );
    let [warning] = config.warnings.as_slice() else {
        panic!("{:?}", config.warnings);
    };
    assert_eq!(warning.message(), "`frks` is not a setting of [defaults]");
    assert_eq!(warning.hint_text(), Some("did you mean `forks`?"));
}

#[test]
fn what_is_no_boolean_is_false_with_a_warning() {
    let text = "[defaults]\nforce_handlers = perhaps\nhost_key_checking = False   # labs only\n";
    let config = load(text, &[("ANSIBLE_NOCOLOR", "often")]).unwrap();
    assert!(!config.flag("DEFAULT_FORCE_HANDLERS"));
    assert!(!config.flag("HOST_KEY_CHECKING"));
    let warnings: Vec<&str> = config.warnings.iter().map(|w| w.message()).collect();
    assert_eq!(warnings.len(), 3, "{warnings:?}");
    assert!(warnings.contains(
        &"`DEFAULT_FORCE_HANDLERS` wants a boolean, got `perhaps`; it is taken as false"
    ));
}

#[test]
fn of_several_names_of_one_setting_the_last_counts() {
    let several = SETTINGS
        .iter()
        .find(|s| s.environment.len() > 1 && s.choices.is_empty());
    let setting = several.unwrap();
    let (first, last) = (setting.environment[0], *setting.environment.last().unwrap());
    let config = load("", &[(first, "1"), (last, "1")]).unwrap();
    let origin = &config.entry(setting.name).unwrap().origin;
    assert_eq!(*origin, Origin::Environment(last));
}

#[test]
fn lists_and_continued_lines() {
    let text = "[defaults]\nvault_identity_list = a@x,\n   b@y\ninventory = h1,h2,\n";
    let config = load(text, &[]).unwrap();
    assert_eq!(config.list("DEFAULT_VAULT_IDENTITY_LIST"), ["a@x", "b@y"]);
    assert_eq!(config.list("DEFAULT_HOST_LIST"), ["h1,h2,"]);
}
