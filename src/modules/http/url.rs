//! Addresses: what a request has to know of one.

use data_encoding::BASE64;

/// The parts of an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Url {
    scheme: String,
    /// User and password, still encoded.
    login: Option<String>,
    host: String,
    path: String,
    /// With its question mark.
    query: String,
}

/// A text in which the password of every address is hidden.
pub fn masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        out.push_str(before);
        let end = after
            .find(|c: char| c.is_whitespace() || "/\'\"".contains(c))
            .unwrap_or(after.len());
        let (place, behind) = after.split_at(end);
        match place
            .rsplit_once('@')
            .and_then(|(login, host)| Some((login.split_once(':')?.0, host)))
        {
            Some((user, host)) => {
                out.push_str(user);
                out.push_str(":********@");
                out.push_str(host);
            }
            None => out.push_str(place),
        }
        rest = behind;
    }
    out + rest
}

impl Url {
    /// Takes an address apart; nothing where it has no scheme.
    pub fn parse(text: &str) -> Option<Url> {
        let (scheme, rest) = text.split_once("://")?;
        let rest = rest.split('#').next().unwrap_or("");
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        let (path, query) = rest.find('?').map_or((rest, ""), |at| rest.split_at(at));
        let (login, host) = match authority.rsplit_once('@') {
            Some((login, host)) => (Some(login.to_owned()), host),
            None => (None, authority),
        };
        Some(Url {
            scheme: scheme.to_ascii_lowercase(),
            login,
            host: host.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
        })
    }

    /// User and password that stand in the address, decoded.
    pub fn login(&self) -> Option<(String, String)> {
        let login = self.login.as_ref()?;
        let (user, password) = login.split_once(':').unwrap_or((login, ""));
        Some((decoded(user), decoded(password)))
    }

    /// The address without user and password.
    pub fn bare(&self) -> String {
        format!("{}://{}{}{}", self.scheme, self.host, self.path, self.query)
    }

    /// The address as it may be shown: with stars for the password.
    pub fn shown(&self) -> String {
        let Some(login) = &self.login else {
            return self.bare();
        };
        let user = login.split(':').next().unwrap_or("");
        let stars = if login.contains(':') { ":********" } else { "" };
        let (host, path, query) = (&self.host, &self.path, &self.query);
        format!("{}://{user}{stars}@{host}{path}{query}", self.scheme)
    }

    /// The name of the host, without its port.
    pub fn host(&self) -> &str {
        match self.host.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => &self.host,
        }
    }

    /// Says whether the other is on the same host, so that it may see what this one may see.
    pub fn same_host(&self, other: &Url) -> bool {
        self.host.eq_ignore_ascii_case(&other.host) && self.scheme == other.scheme
    }

    /// The last part of the path, or `index.html`.
    pub fn file_name(&self) -> String {
        let name = self.path.rsplit('/').next().unwrap_or("");
        let name = if matches!(name, "" | "." | "..") {
            "index.html"
        } else {
            name
        };
        name.to_owned()
    }

    /// The address that `location` means here.
    pub fn join(&self, location: &str) -> Option<Url> {
        // Servers that send blanks mean them.
        let location = location.replace(' ', "%20");
        if location.contains("://") {
            return Url::parse(&location);
        }
        if let Some(rest) = location.strip_prefix("//") {
            return Url::parse(&format!("{}://{rest}", self.scheme));
        }
        let path = if location.starts_with(['/', '?']) {
            location
        } else {
            let folder = self.path.rsplit_once('/').map_or("", |(folder, _)| folder);
            format!("{folder}/{location}")
        };
        let path = if path.starts_with('?') {
            self.path.clone() + &path
        } else {
            path
        };
        Url::parse(&format!(
            "{}://{}{}",
            self.scheme,
            self.host,
            without_dots(&path)
        ))
    }
}

/// The path with `.` and `..` resolved, its query untouched.
fn without_dots(path: &str) -> String {
    let (path, query) = path.find('?').map_or((path, ""), |at| path.split_at(at));
    let mut parts: Vec<&str> = Vec::new();
    let all: Vec<&str> = path.split('/').skip(1).collect();
    for (index, part) in all.iter().enumerate() {
        match *part {
            ".." => {
                parts.pop();
            }
            "." => {}
            part => parts.push(part),
        }
        if matches!(*part, "." | "..") && index + 1 == all.len() {
            parts.push("");
        }
    }
    format!("/{}{query}", parts.join("/"))
}

/// The text with `%41` resolved.
fn decoded(text: &str) -> String {
    String::from_utf8_lossy(&percent_decoded(text)).into_owned()
}

/// The bytes of a text with `%41` resolved (RFC 3986, 2.1).
pub fn percent_decoded(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after
            .get(..2)
            .filter(|two| two.iter().all(u8::is_ascii_hexdigit));
        let digits = digits.and_then(|two| std::str::from_utf8(two).ok());
        let value = digits.and_then(|two| u8::from_str_radix(two, 16).ok());
        (rest, _) = match value.filter(|_| *first == b'%') {
            Some(value) => (after.get(2..).unwrap_or_default(), bytes.push(value)),
            None => (after, bytes.push(*first)),
        };
    }
    bytes
}

/// The text as it stands in a form: `a+b%26`.
pub fn form_encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b' ' => out.push('+'),
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'-' | b'~' => {
                out.push(char::from(byte));
            }
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

/// The value of an `Authorization` header.
pub fn basic(user: &str, password: &str) -> String {
    format!(
        "Basic {}",
        BASE64.encode(format!("{user}:{password}").as_bytes())
    )
}

#[cfg(test)]
mod tests {
    use super::{Url, form_encoded, masked, percent_decoded};

    #[test]
    fn passwords_in_addresses_are_hidden() {
        for (text, hidden) in [
            (
                "git clone https://u:tok@h/x.git d",
                "git clone https://u:********@h/x.git d",
            ),
            ("'https://u:a@b@h:9/'", "'https://u:********@h:9/'"),
            (
                "https://u@h/ and ssh://h/a:b@c",
                "https://u@h/ and ssh://h/a:b@c",
            ),
            ("plain", "plain"),
        ] {
            assert_eq!(masked(text), hidden);
        }
    }

    #[test]
    fn an_address_has_parts() {
        let url = Url::parse("https://me:s%40x@example.org:8443/a/b.tgz?x=1#top").unwrap();
        assert_eq!(url.login(), Some(("me".to_owned(), "s@x".to_owned())));
        assert_eq!(url.bare(), "https://example.org:8443/a/b.tgz?x=1");
        assert_eq!(
            url.shown(),
            "https://me:********@example.org:8443/a/b.tgz?x=1"
        );
        assert_eq!(url.file_name(), "b.tgz");
        assert_eq!(Url::parse("http://x").unwrap().file_name(), "index.html");
        assert_eq!(Url::parse("nothing"), None);
    }

    #[test]
    fn locations_are_joined() {
        let url = Url::parse("http://h/a/b?q").unwrap();
        for (location, wanted) in [
            ("http://o/x y", "http://o/x%20y"),
            ("//o/x", "http://o/x"),
            ("/x", "http://h/x"),
            ("x", "http://h/a/x"),
            ("../x", "http://h/x"),
            ("./", "http://h/a/"),
            ("?z", "http://h/a/b?z"),
        ] {
            assert_eq!(url.join(location).unwrap().bare(), wanted);
        }
        assert_eq!(form_encoded("a b&\u{e9}"), "a+b%26%C3%A9");
        assert_eq!(percent_decoded("a%41%+1%4"), b"aA%+1%4");
    }
}
