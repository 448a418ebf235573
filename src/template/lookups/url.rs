//! `url`: what a web server gives.

use super::super::filters::split_lines;
use super::super::{Fetch, Runtime};
use super::{Options, Table};
use crate::error::{Error, Result};
use crate::value::{Map, Value};

pub(super) const LOOKUPS: Table = &[("url", url)];

/// Options that variables and the environment may set too.
const SHARED: [(&str, &str, &str); 6] = [
    (
        "force",
        "ansible_lookup_url_force",
        "ANSIBLE_LOOKUP_URL_FORCE",
    ),
    (
        "timeout",
        "ansible_lookup_url_timeout",
        "ANSIBLE_LOOKUP_URL_TIMEOUT",
    ),
    (
        "http_agent",
        "ansible_lookup_url_agent",
        "ANSIBLE_LOOKUP_URL_AGENT",
    ),
    (
        "force_basic_auth",
        "ansible_lookup_url_force_basic_auth",
        "ANSIBLE_LOOKUP_URL_FORCE_BASIC_AUTH",
    ),
    (
        "follow_redirects",
        "ansible_lookup_url_follow_redirects",
        "ANSIBLE_LOOKUP_URL_FOLLOW_REDIRECTS",
    ),
    (
        "ca_path",
        "ansible_lookup_url_ca_path",
        "ANSIBLE_LOOKUP_URL_CA_PATH",
    ),
];

const NOT_BUILT: &[&str] = &["ca_path", "ciphers", "unix_socket", "unredirected_headers"];

fn url(runtime: &dyn Runtime, terms: Vec<Value>, options: Map) -> Result<Vec<Value>> {
    let options = complete(runtime, options)?;
    options.refuse(NOT_BUILT)?;
    if options.flag("use_gssapi", false)? {
        options.refuse(&["use_gssapi"])?;
    }
    if !options.flag("use_proxy", true)? {
        options.refuse(&["use_proxy"])?;
    }
    let split = options.flag("split_lines", true)?;
    let mut answers = Vec::new();
    for term in &terms {
        let body = body(runtime, super::text("url", term)?, &options)?;
        if split {
            answers.extend(split_lines(&body)?.into_iter().map(Value::str));
        } else {
            answers.push(Value::str(body));
        }
    }
    Ok(answers)
}

fn complete(runtime: &dyn Runtime, given: Map) -> Result<Options> {
    let mut options = Options::new("url", given);
    for (name, variable, environment) in SHARED {
        if options.value(name).is_some() {
            continue;
        }
        if let Some(value) = runtime.variable(variable)? {
            options.set(name, value);
        } else if let Some(value) = runtime.scope().outside().environment(environment) {
            options.set(name, value);
        }
    }
    Ok(options)
}

fn body(runtime: &dyn Runtime, address: &str, options: &Options) -> Result<String> {
    let shown = masked(address);
    let failed = |error: Error| Error::template(format!("failed to get `{shown}`")).because(error);
    let answer = runtime
        .scope()
        .outside()
        .fetch(&request(address, options)?)
        .map_err(failed)?;
    if answer.status >= 400 {
        return Err(Error::template(format!(
            "`{shown}` answered with the status {}",
            answer.status
        )));
    }
    String::from_utf8(answer.body)
        .map_err(|_| Error::template(format!("what `{shown}` gives is not UTF-8 text")))
}

fn request(address: &str, options: &Options) -> Result<Fetch> {
    let mut headers = vec![(
        "User-Agent".to_owned(),
        options.text("http_agent", "ansible-httpget"),
    )];
    if options.flag("force", false)? {
        headers.push(("Cache-Control".to_owned(), "no-cache".to_owned()));
    }
    if let Some(Value::Map(map)) = options.value("headers") {
        let pair = |(name, value): (&Value, &Value)| (name.to_text(), value.to_text());
        headers.extend(map.iter().map(pair));
    }
    let follow = match options.text("follow_redirects", "urllib2").as_str() {
        "no" | "none" => false,
        "all" | "safe" | "urllib2" | "urllib" | "yes" => true,
        other => {
            return Err(Error::template(format!(
                "Invalid value '{other}' for config 'follow_redirects' for 'url' lookup plugin."
            ))
            .hint("use one of all, none, safe, urllib2"));
        }
    };
    let timeout = options.float("timeout", 10.0)?;
    options.flag("force_basic_auth", false)?;
    options.flag("use_netrc", true)?;
    Ok(Fetch {
        url: address.to_owned(),
        method: String::new(),
        headers,
        body: None,
        login: options
            .value("username")
            .map(|user| (user.to_text(), options.text("password", ""))),
        verify: options.flag("validate_certs", true)?,
        timeout: timeout.ceil().max(1.0) as u64,
        follow,
    })
}

/// The address without the password in it.
fn masked(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else {
        return address.to_owned();
    };
    let end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    match authority.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://***@{host}{path}"),
        None => address.to_owned(),
    }
}
