use std::sync::Arc;

use super::text::{Marks, conceal};
use super::{concealed, is_secret_name, of_diff, of_label, of_value};
use crate::outcome::{Diff, Outcome};
use crate::report::{Event, Result};
use crate::value::Value;

fn shown(text: &str) -> String {
    conceal(text, &mut Marks::default())
}

#[test]
fn names_say_what_is_secret() {
    for name in [
        "password",
        "db_password",
        "dbPassword",
        "DB_PASSWD",
        "user-pass",
        "requirepass",
        "api_token",
        "apiKey",
        "secret_key",
        "ansible_become_pass",
        "private-key",
        "vault_root_token",
        "client.secret",
        "aws_secret_access_key",
        "url_password",
        "password_id",
        "max_password",
        "secret_id",
        "id_token",
        "file_token",
        "root_pw",
        "bindpw",
        "passcode",
        "masterauth",
        "DB_PASSWORD",
    ] {
        assert!(is_secret_name(name), "{name}");
    }
    for name in [
        "user",
        "bypass",
        "compass",
        "update_password",
        "password_min_length",
        "token_ttl",
        "private_key_file",
        "key",
        "monkey",
        "public_key",
        "passive",
        "secretary",
        "pass_max_days",
        "PasswordAuthentication",
        "password_file",
        "token_expires",
        "aws_access_key_id",
        "token_id",
        "ssh_public_key",
        "secret_name",
        "max_password_age",
    ] {
        assert!(!is_secret_name(name), "{name}");
    }
}

#[test]
fn values_of_secret_names_are_hidden_in_every_kind_of_text() {
    for (text, concealed) in [
        (
            "user: bob\npassword: correct horse\nport: 1\n",
            "user: bob\npassword: ***\nport: 1\n",
        ),
        (
            "{\"user\": \"bob\", \"password\": \"a, \\\"b\", \"port\": 1}",
            "{\"user\": \"bob\", \"password\": \"***\", \"port\": 1}",
        ),
        (
            "{'name': 'bob', 'password': 'x', 'state': 'present'}",
            "{'name': 'bob', 'password': '***', 'state': 'present'}",
        ),
        (
            "[db]\npassword = x y\nhost = a\n",
            "[db]\npassword = ***\nhost = a\n",
        ),
        ("export API_TOKEN=abc", "export API_TOKEN=***"),
        (
            "requirepass foobared\nport 1\n",
            "requirepass ***\nport 1\n",
        ),
        (
            "<user name=\"a\" password=\"b\"/>",
            "<user name=\"a\" password=\"***\"/>",
        ),
        ("password: \"{{ vaulted }}\"", "password: \"{{ vaulted }}\""),
        ("password:\n  nested: 1\n", "password:\n  nested: 1\n"),
        ("PasswordAuthentication no\n", "PasswordAuthentication no\n"),
        ("update_password: always", "update_password: always"),
        ("the password is said", "the password is said"),
    ] {
        assert_eq!(shown(text), concealed);
    }
    for text in [
        "password: |\n  PLANTED one\n\n  PLANTED two\nuser: bob\n",
        "- password: >-\n    PLANTED\n  user: bob\n",
        "+  password: |\n+    PLANTED\n+  user: bob\n",
        "   password: |\n-    PLANTED\n+    PLANTED\n   user: bob\n",
        "passwords:\n  - PLANTED\n  - 'PLANTED'\nuser: bob\n",
        "passwords:\n- PLANTED\nuser: bob\n",
        "Authorization: Bearer PLANTED\nuser: bob\n",
        "{'Authorization': 'Basic PLANTED', 'user: bob': 1}",
        "curl -H \"authorization: token PLANTED\" # user: bob",
        "Bearer PLANTED8 is sent by user: bob",
        "url: https://bob:PLANTED@host/x\nuser: bob\n",
        "requirepass PLANTED # comment\nuser: bob\n",
        "password \"PLANTED one\" more\nuser: bob\n",
        "<user>user: bob</user><password>PLANTED</password>",
        "$cfg['password'] = 'PLANTED';\nuser: bob\n",
        "define('DB_PASSWORD', 'PLANTED'); // user: bob",
        "password => 'PLANTED',\nuser: bob\n",
        "\"password\" => \"PLANTED\", 'user: bob'",
        "password: 'it''s PLANTED'\nuser: bob\n",
        "user: bob\npassword: 'PLANTED one\n",
        "user: bob\npassword: \"PLANTED one\n",
        "CREATE USER x IDENTIFIED BY 'PLANTED'; -- user: bob",
        "ALTER USER x IDENTIFIED WITH caching_sha2_password BY 'PLANTED' -- user: bob",
        "db_pw=PLANTED\nuser: bob\n",
        "bindpw PLANTED\nuser: bob\n",
        "passcode: PLANTED\nuser: bob\n",
        "{'passwords': ['PLANTED', 'PLANTED]'], 'x': 'user: bob'}",
        "{\"credentials\": {\"a\": \"PLANTED\", \"b\": [1]}, \"x\": \"user: bob\"}",
        "password = [PLANTED\nuser: bob\n",
    ] {
        let concealed = shown(text);
        assert!(!concealed.contains("PLANTED"), "{text}: {concealed}");
        assert!(concealed.contains("***"), "{text}: {concealed}");
        assert!(concealed.contains("user: bob"), "{text}: {concealed}");
    }
    for text in [
        "{'password': 4711, 'x': 1})",
        "{'a': {'password': 4711}}",
        "['user', 'password', 'token']",
        "a token of good will, 'password', and more",
        "security:\n  authorization: enabled\n",
        "password required pam_unix.so\n",
        "http://host:80/a@b",
        "the bearer of news",
    ] {
        let concealed = shown(text);
        let wanted = text.replace("4711", "***");
        assert_eq!(concealed, wanted);
    }
    let key = "-----BEGIN OPENSSH PRIVATE KEY-----\nabc\ndef\n-----END OPENSSH PRIVATE KEY-----\n";
    assert!(!shown(key).contains("abc"));
    assert!(!shown(&key[..50]).contains("abc"));
}

#[test]
fn a_secret_that_changed_is_still_a_difference() {
    let diff = Diff::of("a", "password: one\n", "password: two\n").unwrap();
    let Diff::Text { before, after, .. } = of_diff(&diff) else {
        panic!("another kind of diff");
    };
    assert_eq!(
        (before.as_str(), after.as_str()),
        ("password: ***\n", "password: *** (new)\n")
    );
}

#[test]
fn what_a_stranger_writes_takes_no_longer_than_its_length() {
    let began = std::time::Instant::now();
    for piece in [
        "password: \"\n",
        "'password': [\n",
        "password: '\\'",
        "password: ''",
        "password: |\n",
        "://",
        "<password>",
        "authorization ",
        "password\n",
    ] {
        shown(&piece.repeat(20_000));
    }
    assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
}

/// A result, as a loop gives it for an item; `whole` is the loop's own.
fn looped(item: Value, whole: bool) -> Result {
    let data = crate::entries! {
        "msg" => "hi",
        "ansible_loop_var" => "user",
        "user" => item,
        "invocation" => crate::entries! { "module_args" => crate::entries! { "token" => "PLANTED" } },
    };
    let data = match whole {
        true => crate::entries! { "results" => Value::list(vec![data.into()]), "changed" => false },
        false => data,
    };
    Result {
        task: Arc::default(),
        host: "h".into(),
        delegated: None,
        item: None,
        status: crate::report::Status::Ok,
        outcome: Arc::new(Outcome {
            data,
            ..Outcome::default()
        }),
        duration: std::time::Duration::ZERO,
        of_loop: whole,
    }
}

#[test]
fn items_of_loops_hide_their_secrets_in_each_result() {
    let inside: Value = crate::entries! { "password" => "PLANTED" }.into();
    let items: [Value; 5] = [
        Value::tuple(vec!["bob".into(), inside]),
        crate::entries! { "name" => "bob", "password" => "PLANTED" }.into(),
        crate::entries! { "key" => "password", "value" => "PLANTED" }.into(),
        crate::entries! { "name" => "DB_PASSWORD", "value" => "PLANTED" }.into(),
        crate::entries! { "url" => "https://bob:PLANTED@host/" }.into(),
    ];
    for item in items {
        let mut single = looped(item.clone(), false);
        single.item = Some(crate::report::Item {
            label: item.to_text(),
        });
        for result in [single, looped(item.clone(), true)] {
            assert!(format!("{result:?}").contains("PLANTED"));
            let event = concealed(&Event::TaskDone(result)).unwrap();
            assert!(!format!("{event:?}").contains("PLANTED"), "{event:?}");
        }
    }
    let harmless = crate::entries! { "name" => "bob", "value" => 1 };
    let Some(Event::TaskDone(result)) = concealed(&Event::TaskDone(looped(harmless.into(), true)))
    else {
        panic!("its token is not hidden");
    };
    assert!(format!("{:?}", result.outcome).contains("bob"));
}

#[test]
fn labels_are_made_of_the_hidden_item() {
    for (item, label) in [
        (
            crate::entries! { "passwords" => Value::list(vec!["X".into(), "Y".into()]) },
            "{'passwords': '***'}",
        ),
        (
            crate::entries! { "password" => crate::entries! { "hash" => "X" }, "a" => 1 },
            "{'password': '***', 'a': 1}",
        ),
        (
            crate::entries! { "key" => "credentials", "value" => crate::entries! { "a" => "X" } },
            "{'key': 'credentials', 'value': '***'}",
        ),
        (
            crate::entries! { "password" => 4711 },
            "{'password': '***'}",
        ),
    ] {
        let item = Value::map(item);
        assert_eq!(of_label(&item.to_text(), Some(&item)), label);
    }
    assert_eq!(of_label("password=X", None), "password=***");
}

#[test]
fn values_are_hidden_by_their_keys() {
    let value: Value = crate::entries! {
        "name" => "bob",
        "password" => "x",
        "nested" => crate::entries! { "token" => 1, "secret" => Value::Null },
    }
    .into();
    let shown = crate::value::to_json(&of_value(&value));
    assert_eq!(
        shown,
        r#"{"name": "bob", "password": "***", "nested": {"token": "***", "secret": null}}"#
    );
}
