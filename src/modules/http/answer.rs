//! What a server answered.

use crate::value::{Map, Value};

/// The head of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The status code; -1 where there was no answer.
    pub status: i64,
    /// The words behind the status code.
    pub reason: String,
    /// Header names as the server wrote them, and values.
    pub headers: Vec<(String, String)>,
}

impl Answer {
    /// Reads the last head of a text; proxies and interim answers have theirs before it.
    pub fn read(text: &str) -> Answer {
        let mut answer = Answer {
            status: -1,
            ..Answer::default()
        };
        for line in text.lines() {
            let mut words = line.splitn(3, ' ');
            let first = words.next().unwrap_or("");
            if first.starts_with("HTTP/") || first == "FILE" {
                answer = Answer {
                    status: words
                        .next()
                        .and_then(|word| word.parse().ok())
                        .unwrap_or(-1),
                    reason: words.next().unwrap_or("").trim().to_owned(),
                    headers: Vec::new(),
                };
            } else if let Some((name, value)) = line.split_once(':') {
                let header = (name.trim().to_owned(), value.trim().to_owned());
                answer.headers.push(header);
            }
        }
        answer
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut all = self.headers.iter();
        let (_, value) = all.find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        Some(value)
    }

    /// The values of a header that may come more than once.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let own = self
            .headers
            .iter()
            .filter(move |(known, _)| known.eq_ignore_ascii_case(name));
        own.map(|(_, value)| value.as_str())
    }

    /// Whether Python's urllib raises it as an error: no success, and no redirection that was followed.
    pub fn is_error(&self) -> bool {
        !(200..300).contains(&self.status)
    }

    /// The headers with small letters; a header that comes twice has both values, or the last one where the
    /// answer is an error.
    pub fn keys(&self) -> Map {
        let mut keys = Map::new();
        for (name, value) in &self.headers {
            let name = name.to_ascii_lowercase();
            let joined = match keys.get(&name).and_then(Value::as_str) {
                Some(before) if !self.is_error() => format!("{before}, {value}"),
                _ => value.clone(),
            };
            keys.set(&name, joined);
        }
        keys
    }

    /// The name that `Content-Disposition` gives the file, without any folder.
    pub fn file_name(&self) -> Option<String> {
        let header = self.header("content-disposition")?;
        let name = header.split(';').skip(1).find_map(|part| {
            let (key, value) = part.split_once('=')?;
            key.trim()
                .eq_ignore_ascii_case("filename")
                .then(|| value.trim().trim_matches('"'))
        })?;
        let name = name.rsplit('/').next().unwrap_or("");
        (!matches!(name, "" | "." | "..")).then(|| name.to_owned())
    }

    /// Says whether the content may be JSON, by its type.
    pub fn may_be_json(&self) -> bool {
        let kind = self
            .header("content-type")
            .unwrap_or("")
            .to_ascii_lowercase();
        let kind = kind.split(';').next().unwrap_or("").trim();
        let Some((_, sub)) = kind.split_once('/') else {
            return false;
        };
        let sub = sub.rsplit('+').next().unwrap_or(sub);
        sub == "json" || sub == "javascript"
    }

    /// The text's encoding, where the content's type tells it.
    pub fn charset(&self) -> Option<&str> {
        let kind = self.header("content-type")?;
        let (_, value) = kind.split(';').skip(1).find_map(|part| {
            let part = part.trim();
            part.split_once('=')
                .filter(|(key, _)| key.eq_ignore_ascii_case("charset"))
        })?;
        Some(value.trim_matches('"'))
    }
}

#[cfg(test)]
mod tests {
    use super::Answer;

    #[test]
    fn a_head_is_read() {
        let answer = Answer::read(
            "HTTP/1.1 200 Connection established\r\n\r\nHTTP/2 404 \r\nSet-Cookie: a=b; Path=/\r\n\
             set-cookie: c=d\r\nContent-Type: application/problem+json; charset=\"latin-1\"\r\n\
             Content-Disposition: attachment; filename=\"../x y.tgz\"\r\n\r\n",
        );
        assert_eq!(answer.status, 404);
        assert!(answer.may_be_json());
        assert_eq!(answer.charset(), Some("latin-1"));
        assert_eq!(answer.file_name().as_deref(), Some("x y.tgz"));
        // Of an error the reference tells the last value alone.
        let of = |answer: &Answer| answer.keys().get("set-cookie").unwrap().to_text();
        assert_eq!(of(&answer), "c=d");
        let well = Answer {
            status: 200,
            ..answer
        };
        assert_eq!(of(&well), "a=b; Path=/, c=d");
        assert_eq!(Answer::read("").status, -1);
    }
}
