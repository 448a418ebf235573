//! Web pages, fetched by the controller.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use data_encoding::BASE64;
use ureq::Agent;
use ureq::http::Request;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use crate::error::{Error, Result};
use crate::template::{Fetch, Fetched};

/// The most that is kept of an answer.
const MOST: u64 = 256 << 20;

/// Where systems keep the authorities that they trust.
const BUNDLES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// Fetches a page over HTTP or HTTPS; blocks. Any status is an answer. Proxies are those of the
/// environment (`https_proxy`, `no_proxy`), authorities those of the system (or `SSL_CERT_FILE`).
///
/// # Errors
/// There is no answer.
pub fn fetch(fetch: &Fetch) -> Result<Fetched> {
    let failed = |error: ureq::Error| {
        let why = error.to_string();
        let why = why.strip_prefix("io: ").unwrap_or(&why);
        Error::input(format!("cannot fetch `{}`: {why}", shown(&fetch.url)))
    };
    let wrong = |error: ureq::http::Error| failed(ureq::Error::Http(error));
    let head = request(fetch);
    let answer = match &fetch.body {
        Some(body) => agent(fetch).run(head.body(body).map_err(wrong)?),
        None => agent(fetch).run(head.body(()).map_err(wrong)?),
    };
    let answer = answer.map_err(failed)?;
    let (parts, mut body) = answer.into_parts();
    let text = |value: &ureq::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into();
    let body = body.with_config().limit(MOST).read_to_vec();
    Ok(Fetched {
        status: parts.status.as_u16(),
        headers: parts
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), text(value)))
            .collect(),
        body: body.map_err(failed)?,
    })
}

fn request(fetch: &Fetch) -> ureq::http::request::Builder {
    let method = match (fetch.method.as_str(), &fetch.body) {
        ("", None) => "GET",
        ("", Some(_)) => "POST",
        (method, _) => method,
    };
    let mut request = Request::builder().method(method).uri(&fetch.url);
    for (name, value) in &fetch.headers {
        request = request.header(name, value);
    }
    if let Some((user, password)) = &fetch.login {
        let word = BASE64.encode(format!("{user}:{password}").as_bytes());
        request = request.header("authorization", format!("Basic {word}"));
    }
    request
}

fn agent(fetch: &Fetch) -> Agent {
    let tls = TlsConfig::builder()
        .disable_verification(!fetch.verify)
        .root_certs(authorities());
    let timeout = (fetch.timeout > 0).then(|| Duration::from_secs(fetch.timeout));
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .allow_non_standard_methods(true)
        .max_redirects(if fetch.follow { 10 } else { 0 })
        .max_redirects_will_error(fetch.follow)
        .timeout_global(timeout)
        .tls_config(tls.build());
    config.build().new_agent()
}

/// The authorities that the system trusts, or Mozilla's where it keeps none.
fn authorities() -> RootCerts {
    let named = std::env::var_os("SSL_CERT_FILE").map(PathBuf::from);
    let known = BUNDLES.iter().map(PathBuf::from);
    let mut bundles = named.into_iter().chain(known);
    match bundles.find_map(|path| certificates(&path)) {
        Some(all) => RootCerts::Specific(Arc::new(all)),
        None => RootCerts::WebPki,
    }
}

fn certificates(path: &Path) -> Option<Vec<Certificate<'static>>> {
    let text = std::fs::read(path).ok()?;
    let certificate = |item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(certificate),
        _ => None,
    };
    let all: Vec<_> = parse_pem(&text).filter_map(certificate).collect();
    (!all.is_empty()).then_some(all)
}

/// An address without the password in it.
fn shown(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let end = rest.find('/').unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}://{}", &rest[at + 1..]),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufRead;
    use std::io::BufReader;
    use std::io::Write;
    use std::net::TcpListener;
    use std::thread;

    use super::{Fetch, fetch, shown};

    /// Answers each request with the same text; gives the address and, at the end, what was asked.
    fn serve(answers: Vec<&'static str>) -> (String, thread::JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = thread::spawn(move || {
            let one = |answer: &str| {
                let (mut stream, _) = listener.accept().unwrap();
                let lines = BufReader::new(stream.try_clone().unwrap()).lines();
                let head = lines
                    .map_while(Result::ok)
                    .take_while(|line| !line.is_empty());
                let head: Vec<String> = head.collect();
                stream.write_all(answer.as_bytes()).unwrap();
                head.join("\n")
            };
            answers.into_iter().map(one).collect()
        });
        (address, asked)
    }

    #[test]
    fn any_status_is_an_answer() {
        let (address, asked) = serve(vec![
            "HTTP/1.1 404 Not Found\r\nX-Who: me\r\nContent-Length: 4\r\n\r\nnone",
        ]);
        let page = Fetch {
            url: format!("{address}/x?a=1"),
            headers: vec![("X-Ask".to_owned(), "yes".to_owned())],
            login: Some(("bob".to_owned(), "secret".to_owned())),
            verify: true,
            timeout: 5,
            ..Fetch::default()
        };
        let fetched = fetch(&page).unwrap();
        assert_eq!(
            (fetched.status, fetched.body.as_slice()),
            (404, &b"none"[..])
        );
        assert!(
            fetched
                .headers
                .contains(&("x-who".to_owned(), "me".to_owned()))
        );
        let head = asked.join().unwrap().remove(0).to_lowercase();
        assert!(head.starts_with("get /x?a=1 http/1.1"), "{head}");
        assert!(head.contains("x-ask: yes"), "{head}");
        assert!(
            head.contains("authorization: basic ym9ionnly3jlda=="),
            "{head}"
        );
    }

    #[test]
    fn redirections_are_followed_where_that_is_wanted() {
        for (follow, status) in [(true, 200), (false, 302)] {
            let moved = "HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\
                         Connection: close\r\n\r\n";
            let there = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            let answers = if follow {
                vec![moved, there]
            } else {
                vec![moved]
            };
            let (address, asked) = serve(answers);
            let page = Fetch {
                url: format!("{address}/a"),
                follow,
                timeout: 5,
                ..Fetch::default()
            };
            assert_eq!(fetch(&page).unwrap().status, status);
            asked.join().unwrap();
        }
    }

    #[test]
    fn what_gives_no_answer_is_an_error_without_the_password() {
        let page = Fetch {
            url: "http://bob:secret@127.0.0.1:1/x".to_owned(),
            ..Fetch::default()
        };
        let error = fetch(&page).unwrap_err();
        let start = "cannot fetch `http://127.0.0.1:1/x`: ";
        assert!(error.message().starts_with(start), "{error}");
        assert_eq!(shown("no scheme"), "no scheme");
    }
}
