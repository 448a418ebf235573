use super::text::{Marks, conceal};
use super::{is_secret_name, of_diff, of_value};
use crate::outcome::Diff;
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
