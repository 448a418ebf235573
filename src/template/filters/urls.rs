//! Addresses: `urlsplit`, `urlencode`, `urldecode`.

use super::super::{Args, Runtime};
use super::{Table, strict, text};
use crate::error::{Error, Result};
use crate::value::Value;

pub(super) const FILTERS: Table = &[
    ("urldecode", strict!(decode)),
    ("urlencode", strict!(encode)),
    ("urlsplit", strict!(urlsplit)),
];

/// The parts of an address, as Python's `urllib.parse.urlsplit` sees them.
pub(in crate::template) struct Url {
    pub(in crate::template) scheme: String,
    /// User, host and port.
    pub(in crate::template) authority: String,
    pub(in crate::template) path: String,
    pub(in crate::template) query: String,
    pub(in crate::template) fragment: String,
}

impl Url {
    /// Splits an address; nearly every text is one.
    ///
    /// # Errors
    /// The brackets of an IPv6 address do not match.
    pub(in crate::template) fn new(text: &str) -> Result<Self> {
        let trimmed = text.trim_start_matches(|c: char| c <= ' ');
        let cleaned: String = trimmed
            .chars()
            .filter(|c| !matches!(c, '\t' | '\r' | '\n'))
            .collect();
        let (scheme, mut rest) = split_scheme(&cleaned);
        let mut authority = "";
        if let Some(after) = rest.strip_prefix("//") {
            let end = after.find(['/', '?', '#']).unwrap_or(after.len());
            (authority, rest) = after.split_at(end);
            if authority.contains('[') != authority.contains(']') {
                return Err(Error::template("invalid IPv6 URL"));
            }
        }
        let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        Ok(Url {
            scheme: scheme.to_ascii_lowercase(),
            authority: authority.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            fragment: fragment.to_owned(),
        })
    }

    /// The user and the password before the `@`.
    fn login(&self) -> (Option<&str>, Option<&str>) {
        match self.authority.rsplit_once('@') {
            None => (None, None),
            Some((login, _)) => match login.split_once(':') {
                Some((user, password)) => (Some(user), Some(password)),
                None => (Some(login), None),
            },
        }
    }

    /// The host in small letters (but for the zone of an IPv6 address) and the port's text.
    fn host(&self) -> (Option<String>, Option<&str>) {
        let host = self
            .authority
            .rsplit_once('@')
            .map_or(self.authority.as_str(), |(_, host)| host);
        let (name, port) = match host.split_once('[') {
            Some((_, bracketed)) => {
                let (name, rest) = bracketed.split_once(']').unwrap_or((bracketed, ""));
                (name, rest.split_once(':').map_or("", |(_, port)| port))
            }
            None => host.split_once(':').unwrap_or((host, "")),
        };
        let lowered = match name.split_once('%') {
            Some((name, zone)) => format!("{}%{zone}", name.to_lowercase()),
            None => name.to_lowercase(),
        };
        (
            Some(lowered).filter(|name| !name.is_empty()),
            Some(port).filter(|port| !port.is_empty()),
        )
    }

    /// The port.
    ///
    /// # Errors
    /// It is no number up to 65535.
    fn port(&self) -> Result<Option<u16>> {
        match self.host().1 {
            None => Ok(None),
            Some(port) => port
                .parse()
                .ok()
                .filter(|_| port.bytes().all(|b| b.is_ascii_digit()))
                .map(Some)
                .ok_or_else(|| {
                    Error::template(format!("the port `{port}` is not a number from 0 to 65535"))
                }),
        }
    }
}

fn split_scheme(text: &str) -> (&str, &str) {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    match text.split_once(':') {
        Some((scheme, rest))
            if scheme.starts_with(|c: char| c.is_ascii_alphabetic())
                && scheme.chars().all(is_part) =>
        {
            (scheme, rest)
        }
        _ => ("", text),
    }
}

fn urlsplit(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    let query = args.take("query")?.filter(Value::is_true);
    args.take("alias")?;
    args.finish()?;
    let Some(text) = value.as_str() else {
        return Err(args.wrong("value", "a string", &value));
    };
    let url = Url::new(text)?;
    let (user, password) = url.login();
    let map = crate::entries! {
        "fragment" => url.fragment.as_str(),
        "hostname" => url.host().0,
        "netloc" => url.authority.as_str(),
        "password" => password,
        "path" => url.path.as_str(),
        "port" => url.port()?.map(u32::from),
        "query" => url.query.as_str(),
        "scheme" => url.scheme.as_str(),
        "username" => user,
    };
    let Some(query) = query else {
        return Ok(Value::map(map));
    };
    map.get_value(&query).cloned().ok_or_else(|| {
        let names = map.keys().filter_map(Value::as_str);
        Error::template(format!("unknown URL component `{query}`"))
            .hint_if(crate::error::nearest(&query.to_text(), names))
    })
}

/// Percent-encodes all but letters, digits, `_.-~` and what is `safe`.
pub(in crate::template) fn percent_encoded(text: &str, safe: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        let c = char::from(byte);
        if c.is_ascii_alphanumeric() || "_.-~".contains(c) || (c.is_ascii() && safe.contains(c)) {
            out.push(c);
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn encode(runtime: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    args.finish()?;
    let pairs = match &value {
        Value::Map(map) => map
            .iter()
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect(),
        Value::List(_) | Value::Tuple(_) | Value::Set(_) => pairs(runtime, &args, &value)?,
        other => {
            let text = text(runtime, other)?;
            return Ok(Value::str(percent_encoded(&text, "/")));
        }
    };
    let mut parts = Vec::new();
    for (key, value) in pairs {
        let key = text(runtime, &key)?;
        let value = text(runtime, &value)?;
        let plus = |text: &str| percent_encoded(text, "").replace("%20", "+");
        parts.push(format!("{}={}", plus(&key), plus(&value)));
    }
    Ok(Value::str(parts.join("&")))
}

fn pairs(runtime: &dyn Runtime, args: &Args, value: &Value) -> Result<Vec<(Value, Value)>> {
    let mut pairs = Vec::new();
    for item in super::items(runtime, value)? {
        let pair = super::items(runtime, &item)?;
        match <[Value; 2]>::try_from(pair) {
            Ok([key, value]) => pairs.push((key, value)),
            Err(_) => return Err(args.wrong("value", "pairs of key and value", &item)),
        }
    }
    Ok(pairs)
}

/// Reads `%20` and `+`; bytes that are no UTF-8 become U+FFFD.
fn decode(_: &dyn Runtime, mut args: Args) -> Result<Value> {
    let value = args.subject()?;
    args.finish()?;
    let Some(text) = value.as_str() else {
        return Err(args.wrong("string", "a string", &value));
    };
    let text = text.replace('+', " ");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = (*first == b'%')
            .then(|| after.get(..2))
            .flatten()
            .filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    Ok(Value::str(String::from_utf8_lossy(&bytes).into_owned()))
}
