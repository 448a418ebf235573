//! Web pages that the controller itself gets.

use std::time::Duration;

use crate::error::{Error, Result};
use crate::template::{Fetch, Fetched};

/// The largest page that is read, in bytes.
const LARGEST: u64 = 512 * 1024 * 1024;

/// Gets a page. Any status is an answer.
///
/// # Errors
/// There is no answer: the name is not known, nothing listens, a certificate is wrong.
pub fn fetch(fetch: &Fetch) -> Result<Fetched> {
    let failed = |why: String| Error::input(format!("failed to get `{}`: {why}", fetch.url));
    let method = if fetch.method.is_empty() {
        "GET"
    } else {
        &fetch.method
    };
    let mut request = ureq::http::Request::builder()
        .method(method)
        .uri(&fetch.url);
    for (name, value) in &fetch.headers {
        request = request.header(name, value);
    }
    if let Some((user, password)) = &fetch.login {
        let text = data_encoding::BASE64.encode(format!("{user}:{password}").as_bytes());
        request = request.header("Authorization", format!("Basic {text}"));
    }
    let body = fetch.body.clone().unwrap_or_default();
    let request = request
        .body(body)
        .map_err(|error| failed(error.to_string()))?;
    let mut answer = agent(fetch)
        .run(request)
        .map_err(|error| failed(error.to_string()))?;
    let headers = answer
        .headers()
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        })
        .collect();
    let status = answer.status().as_u16();
    let body = answer.body_mut().with_config().limit(LARGEST).read_to_vec();
    Ok(Fetched {
        status,
        headers,
        body: body.map_err(|error| failed(error.to_string()))?,
    })
}

fn agent(fetch: &Fetch) -> ureq::Agent {
    let tls = ureq::tls::TlsConfig::builder()
        .disable_verification(!fetch.verify)
        .build();
    let timeout = (fetch.timeout > 0).then(|| Duration::from_secs(fetch.timeout));
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(if fetch.follow { 10 } else { 0 })
        .timeout_global(timeout)
        .tls_config(tls)
        .build()
        .new_agent()
}
