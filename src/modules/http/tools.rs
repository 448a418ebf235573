//! A request in the words of each tool. None of them gets a secret on its command line, but for
//! BusyBox's wget, which reads nothing else.

use super::Request;
use super::url::{Url, basic};
use crate::value::{Value, to_json};

impl Request {
    /// The lines of a configuration for curl.
    pub(super) fn curl(&self, url: &Url) -> String {
        let mut lines = vec![
            set("url", &url.bare()),
            set("user-agent", &self.agent),
            format!("connect-timeout = {}", self.timeout),
            // A server that sends nothing for so long is given up.
            format!("speed-time = {}", self.timeout),
            "speed-limit = 1".to_owned(),
        ];
        let mut add = |holds: bool, line: String| {
            if holds {
                lines.push(line);
            }
        };
        let head = self.method == "HEAD";
        add(head, "head".to_owned());
        add(!head, set("request", &self.method));
        add(!self.verify, "insecure".to_owned());
        add(!self.proxy, set("noproxy", "*"));
        add(self.netrc, "netrc-optional".to_owned());
        add(self.gssapi, "negotiate".to_owned());
        for (option, value) in [
            ("cacert", &self.ca_path),
            ("cert", &self.client_cert),
            ("key", &self.client_key),
            ("unix-socket", &self.unix_socket),
        ] {
            add(value.is_some(), set(option, value.as_deref().unwrap_or("")));
        }
        let ciphers = self.ciphers.join(":");
        add(!ciphers.is_empty(), set("ciphers", &ciphers));
        let challenged = self.login.as_ref().filter(|_| !self.basic);
        add(challenged.is_some(), "anyauth".to_owned());
        if let Some((user, password)) = challenged {
            add(true, set("user", &format!("{user}:{password}")));
        } else if self.gssapi {
            add(true, set("user", ":"));
        }
        let encoding = |(name, _): &(String, String)| name.eq_ignore_ascii_case("accept-encoding");
        add(
            !self.headers.iter().any(encoding),
            set("header", "Accept-Encoding: identity"),
        );
        for (name, value) in self.sent_headers() {
            let header = if value.is_empty() {
                format!("{name};")
            } else {
                format!("{name}: {value}")
            };
            add(true, set("header", &header));
        }
        lines.join("\n")
    }

    /// The lines of a configuration for GNU's wget.
    pub(super) fn wget(&self) -> String {
        let mut lines = vec![
            format!("timeout = {}", self.timeout),
            format!("user_agent = {}", one_line(&self.agent)),
        ];
        let mut add = |holds: bool, line: String| {
            if holds {
                lines.push(line);
            }
        };
        add(!self.verify, "check_certificate = off".to_owned());
        add(!self.proxy, "use_proxy = off".to_owned());
        add(!self.netrc, "netrc = off".to_owned());
        for (option, value) in [
            ("ca_certificate", &self.ca_path),
            ("certificate", &self.client_cert),
            ("private_key", &self.client_key),
        ] {
            let value = value.as_deref().unwrap_or("");
            add(!value.is_empty(), format!("{option} = {}", one_line(value)));
        }
        if let Some((user, password)) = self.login.as_ref().filter(|_| !self.basic) {
            add(true, format!("http_user = {}", one_line(user)));
            add(true, format!("http_password = {}", one_line(password)));
        }
        for (name, value) in self.sent_headers() {
            add(true, format!("header = {name}: {}", one_line(&value)));
        }
        lines.join("\n")
    }

    /// The JSON that the Python program reads.
    pub(super) fn python(&self, url: &Url) -> String {
        let text = |value: &Option<String>| Value::str(value.as_deref().unwrap_or(""));
        let challenged = self.login.as_ref().filter(|_| !self.basic);
        let headers = self.sent_headers();
        let headers = headers
            .into_iter()
            .map(|(name, value)| Value::strings([name, value]));
        let mut headers: Vec<Value> = headers.collect();
        headers.push(Value::strings(["User-Agent", self.agent.as_str()]));
        to_json(&Value::map(crate::entries! {
            "url" => url.bare(),
            "method" => &self.method,
            "headers" => headers,
            "timeout" => self.timeout,
            "verify" => self.verify,
            "proxy" => self.proxy,
            "ca_path" => text(&self.ca_path),
            "client_cert" => text(&self.client_cert),
            "client_key" => text(&self.client_key),
            "ciphers" => self.ciphers.join(":"),
            "unix_socket" => text(&self.unix_socket),
            "user" => challenged.map(|(user, _)| user.clone()),
            "password" => challenged.map(|(_, password)| password.clone()),
        }))
    }

    /// The options for BusyBox's wget.
    pub(super) fn busybox(&self) -> Vec<String> {
        // No `-T`: it kills the wget of BusyBox 1.35.
        let mut words = vec!["-U".to_owned(), self.agent.clone()];
        if self.method == "HEAD" {
            words.push("--spider".to_owned());
        }
        if !self.verify {
            words.push("--no-check-certificate".to_owned());
        }
        if !self.proxy {
            words.extend(["-Y".to_owned(), "off".to_owned()]);
        }
        let mut headers = self.sent_headers();
        if let Some((user, password)) = self.login.as_ref().filter(|_| !self.basic) {
            headers.push(("Authorization".to_owned(), basic(user, password)));
        }
        for (name, value) in headers {
            words.extend(["--header".to_owned(), format!("{name}: {value}")]);
        }
        words
    }

    /// Says whether BusyBox's wget cannot make the request.
    pub(super) fn is_rich(&self) -> bool {
        let plain = match self.method.as_str() {
            "GET" | "HEAD" => !self.has_body(),
            "POST" => self.has_body(),
            _ => false,
        };
        !plain
            || self.gssapi
            || self.ca_path.is_some()
            || self.client_cert.is_some()
            || self.unix_socket.is_some()
            || !self.ciphers.is_empty()
            || self.redirects == super::Redirects::None
    }

    /// The headers with those that stand for other arguments.
    fn sent_headers(&self) -> Vec<(String, String)> {
        let mut headers = self.headers.clone();
        if let Some((user, password)) = self.login.as_ref().filter(|_| self.basic) {
            headers.push(("Authorization".to_owned(), basic(user, password)));
        }
        if self.fresh {
            headers.push(("Cache-Control".to_owned(), "no-cache".to_owned()));
        }
        headers
    }
}

/// A line of curl's configuration.
fn set(option: &str, value: &str) -> String {
    let escaped = value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
        .replace('\r', "\\r")
        .replace('\t', "\\t");
    format!("{option} = \"{escaped}\"")
}

fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}
