//! How a server is asked: where its API is, who asks, and what is done where it is overloaded.

use std::time::Duration;

use data_encoding::BASE64;
use serde_json::Value as Json;

use super::Root;
use crate::connection;
use crate::error::{Error, Result};
use crate::galaxy::{Galaxy, Proof, Server, Token};
use crate::template::{Fetch, Fetched};

/// How often an overloaded server is asked again.
const TRIES: u32 = 4;

impl Server {
    pub(super) fn collection_url(&self, galaxy: &Galaxy, name: &str, rest: &str) -> Result<String> {
        let (namespace, collection) = name.split_once('.').unwrap_or(("", name));
        let api = self.api(galaxy, "v3")?;
        Ok(format!(
            "{api}collections/{}/{}/{rest}/",
            quoted(namespace),
            quoted(collection)
        ))
    }

    /// The address of a version of the API, ending in `/`.
    pub(super) fn api(&self, galaxy: &Galaxy, version: &str) -> Result<String> {
        let root = self.root(galaxy)?;
        let path = root.versions.get(version).ok_or_else(|| {
            let known: Vec<&str> = root.versions.keys().map(String::as_str).collect();
            Error::input(format!(
                "the server `{}` has no {version} of the API, only {}",
                self.url,
                known.join(", ")
            ))
        })?;
        let base = root.url.trim_end_matches('/');
        Ok(format!("{base}/{}/", path.trim_matches('/')))
    }

    /// Asks where the API is: at the address itself, or below `/api/`.
    pub(super) fn root(&self, galaxy: &Galaxy) -> Result<&Root> {
        if let Some(root) = self.root.get() {
            return Ok(root);
        }
        let base = self.url.trim_end_matches('/');
        let inner = format!("{base}/api/");
        let mut places = vec![self.url.clone(), inner.clone()];
        if base == "https://galaxy.ansible.com" {
            places = vec![inner];
        }
        let mut last = None;
        for url in places {
            match self.get(galaxy, &url, false) {
                Ok(Some(answer)) => {
                    if let Some(root) = root_of(&url, &answer) {
                        return Ok(self.root.get_or_init(|| root));
                    }
                }
                Ok(None) => (),
                Err(error) => last = Some(error),
            }
        }
        let text = format!("there is no Galaxy API at `{}`", self.url);
        let error = Error::input(text);
        Err(match last {
            Some(cause) => error.because(cause),
            None => error,
        })
    }

    /// The JSON at an address, nothing where there is none (404). `stable` is what never changes.
    pub(super) fn get(&self, galaxy: &Galaxy, url: &str, stable: bool) -> Result<Option<Json>> {
        let cached = || galaxy.cache.answer(url);
        let known = (galaxy.offline || stable && galaxy.cache.is_read)
            .then(cached)
            .flatten();
        if let Some(body) = known
            && let Ok(json) = serde_json::from_slice(&body)
        {
            return Ok(Some(json));
        }
        if galaxy.offline {
            let text = format!("`{url}` was never asked before, and this is offline");
            return Err(Error::input(text));
        }
        galaxy.detail(4, format!("Calling Galaxy at {url}"));
        let answer = ask(galaxy, self, url, self.headers(galaxy)?)?;
        match answer.status {
            200 => (),
            404 => return Ok(None),
            401 | 403 => {
                let text = format!("`{url}` answers with {}", answer.status);
                return Err(Error::input(text).hint("give a token with --token"));
            }
            status => return Err(Error::input(format!("`{url}` answers with {status}"))),
        }
        let json = serde_json::from_slice(&answer.body)
            .map_err(|error| self.strange(url, &format!("it is not JSON: {error}")))?;
        if let Err(error) = galaxy.cache.keep_answer(url, &answer.body) {
            galaxy.detail(1, format!("the answer is not kept: {}", error.chain()));
        }
        Ok(Some(json))
    }

    pub(super) fn headers(&self, galaxy: &Galaxy) -> Result<Vec<(String, String)>> {
        let text = |secret: &crate::vault::Secret| {
            String::from_utf8_lossy(secret.expose()).trim().to_owned()
        };
        let value = match &self.token {
            None => return Ok(Vec::new()),
            Some(Token::Galaxy(token)) => format!("Token {}", text(token)),
            Some(Token::Basic(user, password)) => {
                let pair = format!("{user}:{}", text(password));
                format!("Basic {}", BASE64.encode(pair.as_bytes()))
            }
            Some(Token::Keycloak {
                proof,
                auth_url,
                client_id,
            }) => format!(
                "Bearer {}",
                self.access(galaxy, proof, auth_url, client_id)?
            ),
        };
        Ok(vec![("Authorization".to_owned(), value)])
    }

    /// Changes a refresh token, or a client's secret, for an access token.
    fn access(&self, galaxy: &Galaxy, proof: &Proof, url: &str, client: &str) -> Result<String> {
        let client = quoted(client);
        let body = match proof {
            Proof::Refresh(token) => format!(
                "grant_type=refresh_token&client_id={client}&refresh_token={}",
                quoted(token.expose_text().trim())
            ),
            Proof::Client(secret) => format!(
                "grant_type=client_credentials&scope=api.console&client_id={client}&client_secret={}",
                quoted(secret.expose_text().trim())
            ),
        };
        let form = "application/x-www-form-urlencoded".to_owned();
        let answer = connection::fetch(&Fetch {
            url: url.to_owned(),
            headers: vec![("Content-Type".to_owned(), form)],
            body: Some(body.into_bytes()),
            verify: self.verify && galaxy.verify,
            timeout: self.timeout,
            follow: true,
            ..Fetch::default()
        })?;
        let json: Json = serde_json::from_slice(&answer.body).unwrap_or_default();
        let token = json.get("access_token").and_then(Json::as_str);
        token
            .map(str::to_owned)
            .ok_or_else(|| self.strange(url, "it gives no access token"))
    }

    /// An address that the server wrote: whole, or from its root on.
    pub(super) fn join(&self, galaxy: &Galaxy, written: &str) -> Result<String> {
        if written.starts_with("http://") || written.starts_with("https://") {
            return Ok(written.to_owned());
        }
        let url = self.root.get().map_or(self.url.as_str(), |root| &root.url);
        match written.starts_with('/') {
            true => Ok(format!("{}{written}", origin(url))),
            false => {
                galaxy.detail(2, format!("{url} wrote the address {written}"));
                Err(self.strange(url, &format!("`{written}` is not a whole address")))
            }
        }
    }

    pub(super) fn strange(&self, url: &str, what: &str) -> Error {
        Error::input(format!("`{url}` gives a strange answer: {what}"))
    }
}

/// Asks, and asks again where the server is only overloaded.
pub(super) fn ask(
    galaxy: &Galaxy,
    server: &Server,
    url: &str,
    headers: Vec<(String, String)>,
) -> Result<Fetched> {
    let fetch = Fetch {
        url: url.to_owned(),
        headers,
        verify: server.verify && galaxy.verify,
        timeout: server.timeout,
        follow: true,
        ..Fetch::default()
    };
    let mut wait = Duration::from_millis(500);
    for _ in 1..TRIES {
        let answer = connection::fetch(&fetch)?;
        if !matches!(answer.status, 429 | 500 | 502 | 503 | 504) {
            return Ok(answer);
        }
        galaxy.detail(1, format!("{url} answers with {}; again", answer.status));
        std::thread::sleep(wait);
        wait *= 2;
    }
    connection::fetch(&fetch)
}

fn root_of(url: &str, answer: &Json) -> Option<Root> {
    let versions = answer.get("available_versions")?.as_object()?;
    let versions = versions.iter().filter_map(|(name, path)| {
        let path = path.as_str()?;
        Some((name.clone(), path.to_owned()))
    });
    Some(Root {
        url: url.to_owned(),
        versions: versions.collect(),
    })
}

/// `https://host:port` of an address.
pub(super) fn origin(url: &str) -> &str {
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url[start..].find('/').map_or(url.len(), |at| start + at);
    &url[..end]
}

pub(super) fn host(url: &str) -> &str {
    origin(url)
}

/// A word as a part of an address.
pub(super) fn quoted(text: &str) -> String {
    let mut whole = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                whole.push(char::from(byte));
            }
            other => whole += &format!("%{other:02X}"),
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_put_together() {
        assert_eq!(origin("http://h:8080/api/v3"), "http://h:8080");
        assert_eq!(origin("http://h"), "http://h");
        assert_eq!(quoted("a/b c?"), "a%2Fb%20c%3F");
    }
}
