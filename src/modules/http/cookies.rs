//! The cookies that servers set on the way to an answer, as Python's `http.cookiejar` keeps them.

use super::Url;
use super::answer::Answer;

/// The cookies of one request and its redirections.
#[derive(Clone, Debug, Default)]
pub struct Jar(Vec<Cookie>);

#[derive(Clone, Debug)]
struct Cookie {
    domain: String,
    path: String,
    name: String,
    /// Nothing where the server set a name alone.
    value: Option<String>,
}

impl Jar {
    /// Keeps what an answer from an address sets, and forgets what it takes back.
    pub fn take(&mut self, url: &Url, answer: &Answer) {
        for text in answer.all("set-cookie") {
            let mut parts = text.split(';').map(str::trim);
            let (name, value) = pair(parts.next().unwrap_or_default());
            let mut cookie = Cookie {
                domain: url.host().to_ascii_lowercase(),
                path: "/".to_owned(),
                name,
                value,
            };
            let mut wanted = !cookie.name.is_empty();
            for part in parts {
                let (key, value) = pair(part);
                let value = value.unwrap_or_default();
                match key.to_ascii_lowercase().as_str() {
                    "path" if value.starts_with('/') => cookie.path = value,
                    "max-age" => wanted &= value.parse::<i64>().is_ok_and(|age| age > 0),
                    "domain" => wanted &= is_within(&cookie.domain, &value),
                    _ => {}
                }
            }
            self.put(cookie, wanted);
        }
    }

    fn put(&mut self, cookie: Cookie, wanted: bool) {
        let same = |it: &Cookie| {
            (&it.domain, &it.path, &it.name) == (&cookie.domain, &cookie.path, &cookie.name)
        };
        let known = self.0.iter().position(same);
        match (known, wanted) {
            (Some(at), true) => {
                if let Some(known) = self.0.get_mut(at) {
                    *known = cookie;
                }
            }
            (Some(at), false) => drop(self.0.remove(at)),
            (None, true) => self.0.push(cookie),
            (None, false) => {}
        }
    }

    /// All cookies: those of one domain and path together, each group where its first one came.
    pub fn all(&self) -> Vec<(&str, Option<&str>)> {
        let mut groups: Vec<(&str, &str)> = Vec::new();
        for cookie in &self.0 {
            let group = (cookie.domain.as_str(), cookie.path.as_str());
            if !groups.contains(&group) {
                groups.push(group);
            }
        }
        let of = |(domain, path): (&str, &str)| {
            let own = self
                .0
                .iter()
                .filter(move |it| it.domain == domain && it.path == path);
            own.map(|it| (it.name.as_str(), it.value.as_deref()))
                .collect::<Vec<_>>()
        };
        groups.into_iter().flat_map(of).collect()
    }
}

fn pair(text: &str) -> (String, Option<String>) {
    match text.split_once('=') {
        Some((name, value)) => (name.trim().to_owned(), Some(value.trim().to_owned())),
        None => (text.trim().to_owned(), None),
    }
}

/// Whether a server of that name may set a cookie for `domain`.
fn is_within(host: &str, domain: &str) -> bool {
    let domain = domain.trim_start_matches('.').to_ascii_lowercase();
    let below = host.strip_suffix(domain.as_str());
    below.is_some_and(|rest| rest.is_empty() || rest.ends_with('.')) && !domain.is_empty()
}

#[cfg(test)]
mod tests {
    use super::{Answer, Jar, Url};

    #[test]
    fn cookies_are_kept_as_pythons_jar_keeps_them() {
        let url = Url::parse("http://a.example/x").unwrap();
        let mut jar = Jar::default();
        let head = "HTTP/1.1 200 OK\nSet-Cookie: a=1; Path=/\nSet-Cookie: b=\"two x\"; Path=/x\nSet-Cookie: c=3\n\
                    Set-Cookie: d\nset-cookie: e=\nSet-Cookie: gone=1; Max-Age=0\nSet-Cookie: f=1; Domain=other.example\n\
                    Set-Cookie: g=1; Domain=.example\n";
        jar.take(&url, &Answer::read(head));
        let all = [
            ("a", Some("1")),
            ("c", Some("3")),
            ("d", None),
            ("e", Some("")),
            ("g", Some("1")),
            ("b", Some("\"two x\"")),
        ];
        assert_eq!(jar.all(), all);
        let head = "HTTP/1.1 200 OK\nSet-Cookie: a=2\nSet-Cookie: c=; Max-Age=-1\n";
        jar.take(&url, &Answer::read(head));
        assert_eq!(jar.all().first(), Some(&("a", Some("2"))));
        assert!(!jar.all().iter().any(|(name, _)| *name == "c"));
    }
}
