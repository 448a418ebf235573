//! What can be a host's name or address, with ranges and a port: `web[01:20].example.com:2222`.

use std::fmt::Write;
use std::sync::LazyLock;

use regex::Regex;

/// `begin:end` or `begin:end:step` of a host name, in brackets.
const NAME_RANGE: &str = r"\[(?:[a-z]:[a-z]|[0-9]+:[0-9]+)(?::[0-9]+)?\]";
/// The same of a part of an IPv4 address.
const DECIMAL_RANGE: &str = r"\[[0-9]+:[0-9]+(?::[0-9]+)?\]";
/// The same of a part of an IPv6 address.
const HEXADECIMAL_RANGE: &str = r"\[[0-9a-f]+:[0-9a-f]+(?::[0-9]+)?\]";

static BRACKETED_WITH_PORT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^\[(.+)\]:([0-9]+)$").ok());
static NAME_WITH_PORT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^((?:[^:\[\]]|\[[^\]]*\])*):([0-9]+)$").ok());
static NAME: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(&name()).ok());
static IPV4: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(&ipv4()).ok());
static IPV6: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(&ipv6()).ok());

/// Splits `text` into a host's name, address or range of them, and its port. Nothing where the
/// text is none of those.
pub fn parse(text: &str) -> Option<(&str, Option<u32>)> {
    if let Some(fits) = plain(text) {
        return fits.then_some((text, None));
    }
    let (mut host, mut port) = (text, None);
    for shape in [&BRACKETED_WITH_PORT, &NAME_WITH_PORT] {
        if let Some(found) = shape.as_ref().and_then(|shape| shape.captures(host)) {
            port = Some(found.get(2)?.as_str().parse().ok()?);
            host = found.get(1)?.as_str();
        }
    }
    let known = [&IPV4, &IPV6, &NAME];
    let fits = known.iter().any(|shape| matches(shape, host));
    fits.then_some((host, port))
}

/// Whether a text of nothing but letters, digits, `.`, `-` and `_` is a name, as [`name`] has it; nothing
/// for other texts. Most names are such ones, and the expressions take milliseconds to be made ready.
fn plain(text: &str) -> Option<bool> {
    let own = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    text.bytes().all(own).then(|| {
        text.split('.').all(|label| {
            let ends = label.bytes().next_back();
            !label.starts_with('-') && ends.is_some_and(|end| end.is_ascii_alphanumeric())
        })
    })
}

/// Says whether `text` is an IPv4 or IPv6 address, ranges in it allowed.
pub fn is_ip(text: &str) -> bool {
    let begin = text.starts_with(|c: char| c.is_ascii_hexdigit() || c == ':' || c == '[');
    let shaped = text.contains([':', '[']) || text.starts_with(|c: char| c.is_ascii_digit());
    begin && shaped && (matches(&IPV4, text) || matches(&IPV6, text))
}

fn matches(shape: &Option<Regex>, text: &str) -> bool {
    shape.as_ref().is_some_and(|shape| shape.is_match(text))
}

/// Labels with dots between them; a label neither begins with `-` nor ends with `-` or `_`.
fn name() -> String {
    let end = format!(r"(?:[^\W_]|{NAME_RANGE})");
    let label = format!(r"(?:(?:\w|{NAME_RANGE})(?:[\w-]|{NAME_RANGE})*{end}|{end})");
    format!(r"(?i)^{label}(?:\.{label})*$")
}

fn ipv4() -> String {
    let part = format!(r"(?:[01]?[0-9]{{1,2}}|2[0-4][0-9]|25[0-5]|{DECIMAL_RANGE})");
    format!(r"(?i)^(?:{part}\.){{3}}{part}$")
}

fn ipv6() -> String {
    let part = format!(r"(?:[0-9a-f]{{1,4}}|{HEXADECIMAL_RANGE})");
    let dotted = format!(r"(?:{part}\.){{3}}{part}");
    let mut shapes = format!("(?:{part}:){{7}}{part}|(?:{part}:){{1,6}}:|:(?::{part}){{1,6}}");
    for before in 1..=6 {
        let after = 7 - before;
        let _ = write!(shapes, "|(?:{part}:){{{before}}}(?::{part}){{1,{after}}}");
    }
    let _ = write!(shapes, "|{part}?::|(?:0:){{6}}{dotted}");
    let _ = write!(shapes, "|::(?:ffff:)?{dotted}|(?:0:){{5}}ffff:{dotted}");
    format!("(?i)^(?:{shapes})$")
}

#[cfg(test)]
mod tests {
    use super::{is_ip, parse};

    #[test]
    fn hosts_are_told_from_lists_of_hosts() {
        for (text, expected) in [
            ("web", Some(("web", None))),
            ("web:22", Some(("web", Some(22)))),
            ("web[1:3]:22", Some(("web[1:3]", Some(22)))),
            ("[::1]:22", Some(("::1", Some(22)))),
            ("[web:33]:22", Some(("web", Some(33)))),
            ("::1", Some(("::1", None))),
            ("2001:db8::[1:f]", Some(("2001:db8::[1:f]", None))),
            ("::ffff:192.0.2.3", Some(("::ffff:192.0.2.3", None))),
            ("10.0.0.[1:9]", Some(("10.0.0.[1:9]", None))),
            ("a.b-c.d_e", Some(("a.b-c.d_e", None))),
            ("_a", Some(("_a", None))),
            ("größe.example", Some(("größe.example", None))),
            ("10.0.0.1", Some(("10.0.0.1", None))),
            ("a..b", None),
            ("a.", None),
            (".a", None),
            ("a.-b", None),
            ("a_", None),
            ("-a", None),
            ("_", None),
            ("web:db", None),
            ("web*", None),
            ("web[0]", None),
            ("[::1]", None),
            (":22", None),
            ("web:99999999999", None),
            ("", None),
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
    }

    #[test]
    fn addresses_are_told_from_names() {
        for (text, expected) in [
            ("192.0.2.1", true),
            ("::1", true),
            ("fe80::1:2", true),
            ("256.1.1.1", false),
            ("web.example.com", false),
            ("face.b00c", false),
        ] {
            assert_eq!(is_ip(text), expected, "{text}");
        }
    }
}
