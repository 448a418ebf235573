//! Both forms of requirements, and the words of a command line.

use super::*;

fn read(text: &str) -> Result<Requirements> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("requirements.yml");
    std::fs::write(&path, text).unwrap();
    std::fs::write(folder.path().join("more.yml"), "- src: z.z\n").unwrap();
    Requirements::read(&path, Form::Any)
}

fn role(name: &str, source: &str, scm: Option<&str>, version: Option<&str>) -> RoleWish {
    RoleWish {
        name: name.to_owned(),
        source: source.to_owned(),
        scm: scm.map(str::to_owned),
        version: version.map(str::to_owned),
    }
}

#[test]
fn the_old_form_is_a_list_of_roles() {
    let all = read(
        "- src: me.role\n  version: 1.2\n- me.other,v2,mine\n\
         - src: https://github.com/me/x\n  name: y\n\
         - {src: 'https://h/a.tar.gz'}\n- {src: 'git@h:me/repo.git', scm: git, version: main}\n\
         - {role: old.role}\n- include: more.yml\n",
    )
    .unwrap();
    assert_eq!(
        all.roles,
        [
            role("me.role", "me.role", None, Some("1.2")),
            role("mine", "me.other", None, Some("v2")),
            role("y", "https://github.com/me/x", Some("git"), None),
            role("a", "https://h/a.tar.gz", None, None),
            role("repo", "git@h:me/repo.git", Some("git"), Some("main")),
            role("old.role", "old.role", None, None),
            role("z.z", "z.z", None, None),
        ]
    );
}

#[test]
fn the_new_form_has_roles_and_collections() {
    let all = read(
        "roles:\n  - me.role\ncollections:\n  - a.b\n  - {name: c.d, version: '>=1,<2', source: hub}\n\
         - {name: 'https://h/r.git', type: git, version: devel}\n  - name: git+file:///r#/sub/,v1\n\
         - {name: e.f, type: url, source: 'https://h/e-f-1.0.0.tar.gz'}\n",
    );
    let error = all.unwrap_err();
    assert!(error.place().is_some(), "the indentation is wrong");
    let all = read(
        "roles:\n  - me.role\ncollections:\n  - a.b\n  - {name: c.d, version: '>=1,<2', source: hub}\n  \
         - {name: 'https://h/r.git', type: git, version: devel}\n  - name: git+file:///r#/sub/,v1\n  \
         - {name: e.f, type: url, source: 'https://h/e-f-1.0.0.tar.gz'}\n",
    )
    .unwrap();
    let origins: Vec<&Origin> = all.collections.iter().map(|wish| &wish.origin).collect();
    let git = |url: &str, folder: Option<&str>| Origin::Git {
        url: url.to_owned(),
        folder: folder.map(str::to_owned),
    };
    assert_eq!(
        origins,
        [
            &Origin::Galaxy(None),
            &Origin::Galaxy(Some("hub".to_owned())),
            &git("https://h/r.git", None),
            &git("file:///r", Some("sub")),
            &Origin::Url("https://h/e-f-1.0.0.tar.gz".to_owned()),
        ]
    );
    assert_eq!(all.collections[2].version, "devel");
    assert_eq!(all.collections[3].version, "v1");
    assert_eq!(all.collections[4].name.as_deref(), Some("e.f"));
}

#[test]
fn what_names_nothing_is_refused_with_its_place() {
    for text in [
        "",
        "a: []",
        "roles: {a: 1}",
        "- {version: 1}",
        "collections:\n  - no such",
        "7",
        "collections:\n  - {name: a.b, type: svn}",
        "collections:\n  - {name: a.b, signatures: [x]}",
    ] {
        assert!(read(text).is_err(), "{text}");
    }
    let error = read("collections:\n  - nothing\n").unwrap_err();
    assert_eq!(error.place().unwrap().line, 2);
}

#[test]
fn a_source_without_a_type_is_a_server() {
    for (text, message) in [
        (
            "- source: git+file:///r",
            "Neither the collection requirement entry key 'name'",
        ),
        (
            "- {name: a.b, source: 'git+file:///r'}",
            "Collections requirement 'source' entry should contain a valid Galaxy API URL",
        ),
        (
            "- {name: a.b, source: 'file:///r'}",
            "Collections requirement 'source'",
        ),
        (
            "- name: file:///no/such/.git",
            "Neither the collection requirement entry key 'name'",
        ),
        ("- {version: 1.0.0}", "Neither the collection requirement"),
    ] {
        let error = read(&format!("collections:\n  {text}\n")).unwrap_err();
        assert!(error.message().starts_with(message), "{text}: {error:?}");
    }
    for good in [
        "- {name: a.b, source: 'https://hub.example.com/api/'}",
        "- {name: a.b, source: my_hub}",
        "- {source: 'file:///r', type: git}",
    ] {
        assert!(read(&format!("collections:\n  {good}\n")).is_ok(), "{good}");
    }
}

#[test]
fn a_word_may_carry_a_range() {
    for (word, version) in [
        ("a.b:1.0.0", "1.0.0"),
        ("a.b>=1", ">=1"),
        ("a.b", "*"),
        ("a.b:>=1,<2", ">=1,<2"),
    ] {
        let wish = CollectionWish::of_word(word).unwrap();
        assert_eq!(
            (wish.name.as_deref(), wish.version.as_str()),
            (Some("a.b"), version)
        );
    }
}
