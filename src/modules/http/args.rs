//! The arguments of `get_url` and `uri` that say how a request is made.

use crate::args;
use crate::modules::http::{Payload, Redirects, Request};
use crate::modules::{RemotePath, SecretText};
use crate::value::Map;

args! {
    /// How a request is made.
    HttpArgs {
        url: String,
        ciphers: Vec<String> = Vec::new(),
        client_cert: Option<RemotePath>,
        client_key: Option<RemotePath>,
        decompress: bool = true,
        force: bool = false,
        force_basic_auth: bool = false,
        headers: Map = Map::new(),
        http_agent: String = "ansible-httpget".to_owned(),
        unredirected_headers: Vec<String> = Vec::new(),
        url_password: Option<SecretText> [password],
        url_username: Option<String> [username, user],
        use_gssapi: bool = false,
        use_netrc: bool = true,
        use_proxy: bool = true,
        validate_certs: bool = true,
    }
}

impl HttpArgs {
    /// The request.
    pub fn request(&self, method: &str, timeout: i64) -> Request {
        let path = |path: &Option<RemotePath>| path.as_ref().map(|path| path.0.clone());
        let password = self.url_password.as_ref().map_or("", SecretText::expose);
        let user = self.url_username.as_ref();
        Request {
            url: self.url.clone(),
            method: method.to_owned(),
            headers: self
                .headers
                .iter()
                .map(|(name, value)| (name.to_text(), value.to_text()))
                .collect(),
            unredirected: self.unredirected_headers.clone(),
            payload: Payload::None,
            login: user.map(|user| (user.clone(), password.to_owned())),
            basic: self.force_basic_auth,
            agent: self.http_agent.clone(),
            timeout,
            verify: self.validate_certs,
            proxy: self.use_proxy,
            netrc: self.use_netrc,
            gssapi: self.use_gssapi,
            decompress: self.decompress,
            fresh: self.force,
            ca_path: None,
            client_cert: path(&self.client_cert),
            client_key: path(&self.client_key),
            ciphers: self.ciphers.clone(),
            unix_socket: None,
            redirects: Redirects::Urllib,
            since: None,
        }
        .with_login()
    }
}
