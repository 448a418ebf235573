//! `ansible_managed`, the text that templates put into what they write.

use crate::value::{Str, Value};

/// `ansible_managed` of the settings: `{host}`, `{uid}` and `{file}` stand for templates, what strftime knows is
/// the time of the file, and the whole is a template (`_generate_ansible_managed` of the reference).
pub fn managed(setting: &str, mtime: Option<jiff::Timestamp>) -> Value {
    let named = [
        ("{host}", "{{ template_host }}"),
        ("{uid}", "{{ template_uid }}"),
        ("{file}", "{{ template_path }}"),
        ("{{", "{"),
        ("}}", "}"),
    ];
    let mut text = String::new();
    let mut rest = setting;
    while let Some(letter) = rest.chars().next() {
        let (taken, written) = match named.iter().find(|(word, _)| rest.starts_with(word)) {
            Some((word, written)) => (word.len(), *written),
            None => (letter.len_utf8(), &rest[..letter.len_utf8()]),
        };
        text.push_str(written);
        rest = &rest[taken..];
    }
    if let Some(stamp) = mtime.filter(|_| text.contains('%')) {
        let local = stamp.to_zoned(jiff::tz::TimeZone::system());
        if let Ok(written) = jiff::fmt::strtime::format(&text, &local) {
            text = written;
        }
    }
    Value::Str(Str::template(text, None))
}

#[cfg(test)]
mod tests {
    use super::managed;

    #[test]
    fn the_setting_is_a_format_a_time_and_a_template() {
        let stamp = jiff::Timestamp::from_second(1_000_000_000).ok();
        for (setting, wanted) in [
            ("Ansible managed", "Ansible managed"),
            (
                "{file} of %Y by {uid} on {host}",
                "{{ template_path }} of 2001 by {{ template_uid }} on {{ template_host }}",
            ),
            ("({{{{ q('pipe', 'id') }}}})", "({{ q('pipe', 'id') }})"),
            ("100%% {{x}} {other}", "100% {x} {other}"),
        ] {
            assert_eq!(managed(setting, stamp).to_text(), wanted);
        }
    }
}
