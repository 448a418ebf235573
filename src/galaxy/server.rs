//! The servers that names are looked for on, and how one says who asks.

use std::sync::OnceLock;

use crate::config::Config;
use crate::error::{Error, Result};
use crate::value::Value;
use crate::vault::Secret;
use crate::yaml;

/// Who asks.
#[derive(Clone, Debug)]
pub enum Token {
    /// Galaxy's own: `Authorization: Token …`.
    Galaxy(Secret),
    /// A name and a password.
    Basic(String, Secret),
    /// A refresh token, or the secret of a client, that `auth_url` changes for an access token.
    Keycloak {
        /// What is shown there.
        proof: Proof,
        /// Where it is changed.
        auth_url: String,
        /// The client's name.
        client_id: String,
    },
}

/// What is shown to get an access token.
#[derive(Clone, Debug)]
pub enum Proof {
    /// `token`: a refresh token.
    Refresh(Secret),
    /// `client_secret`: the client itself is who asks.
    Client(Secret),
}

/// A server with Galaxy's API.
#[derive(Debug)]
pub struct Server {
    /// Its name in the configuration.
    pub name: String,
    /// Its address.
    pub url: String,
    /// Who asks.
    pub token: Option<Token>,
    /// Whether certificates are checked.
    pub verify: bool,
    /// How many seconds an answer may take.
    pub timeout: u64,
    /// The real address of the API and its versions, once it was asked.
    pub(super) root: OnceLock<super::api::Root>,
}

impl Server {
    /// A server at an address, for whom nobody asks.
    pub fn at(name: &str, url: &str, verify: bool, timeout: u64) -> Server {
        Server {
            name: name.to_owned(),
            url: url.to_owned(),
            token: None,
            verify,
            timeout,
            root: OnceLock::new(),
        }
    }

    /// The variable that sets one thing of a server, and the section of ansible.cfg that does.
    pub fn setting(server: &str, key: &str) -> (String, String) {
        let (upper, of) = (server.to_uppercase(), key.to_uppercase());
        (
            format!("ANSIBLE_GALAXY_SERVER_{upper}_{of}"),
            format!("galaxy_server.{server}"),
        )
    }

    /// The servers of a configuration; `wanted` (a name of it, or an address) is the only one.
    ///
    /// # Errors
    /// A server of the list has no address, or a number is none.
    pub fn list(
        config: &Config,
        environment: &dyn Fn(&str) -> Option<String>,
        wanted: Option<&str>,
        api_key: Option<&str>,
        verify: bool,
        timeout: u64,
    ) -> Result<Vec<Server>> {
        let names = config.list("GALAXY_SERVER_LIST");
        let mut servers = Vec::new();
        for name in names.iter().filter(|name| !name.is_empty()) {
            servers.push(configured(config, environment, name, verify, timeout)?);
        }
        let plain = |name: &str, url: &str| -> Result<Server> {
            let mut server = Server::at(name, url, verify, timeout);
            server.token = match api_key {
                Some(key) => Some(Token::Galaxy(Secret::new(key.as_bytes().to_vec()))),
                None => token_file(config)?,
            };
            Ok(server)
        };
        if let Some(wanted) = wanted {
            let known = servers.into_iter().find(|server| server.name == wanted);
            return Ok(vec![match known {
                Some(server) => server,
                None => plain("cmd_arg", wanted)?,
            }]);
        }
        if servers.is_empty() {
            let url = config.text("GALAXY_SERVER").unwrap_or_default();
            servers.push(plain("default", &url)?);
        }
        Ok(servers)
    }
}

/// `[galaxy_server.NAME]` of the file, or `ANSIBLE_GALAXY_SERVER_NAME_*`.
fn configured(
    config: &Config,
    environment: &dyn Fn(&str) -> Option<String>,
    name: &str,
    verify: bool,
    timeout: u64,
) -> Result<Server> {
    let option = |key: &str| {
        let (variable, section) = Server::setting(name, key);
        environment(&variable)
            .or_else(|| config.of_section(&section, key).map(str::to_owned))
            .filter(|text| !text.is_empty())
    };
    let url = option("url").ok_or_else(|| {
        Error::input(format!("the galaxy server `{name}` has no url")).hint(format!(
            "set `url` in the section [galaxy_server.{name}] of ansible.cfg"
        ))
    })?;
    let secret = |key: &str| option(key).map(|text| Secret::new(text.into_bytes()));
    let verify = match option("validate_certs") {
        Some(text) => !matches!(text.to_lowercase().as_str(), "no" | "false" | "0" | "off"),
        None => verify,
    };
    let timeout = match option("timeout") {
        Some(text) => text.parse().map_err(|_| {
            Error::input(format!(
                "the timeout of the galaxy server `{name}` wants a number of seconds, got `{text}`"
            ))
        })?,
        None => timeout,
    };
    let mut server = Server::at(name, &url, verify, timeout);
    let proof = || {
        let client = secret("client_secret").map(Proof::Client);
        client.or_else(|| secret("token").map(Proof::Refresh))
    };
    let keycloak = option("auth_url").zip(proof());
    server.token = match (option("username"), keycloak, secret("token")) {
        (Some(user), _, _) => Some(Token::Basic(
            user,
            secret("password").unwrap_or_else(|| Secret::new(Vec::new())),
        )),
        (None, Some((auth_url, proof)), _) => Some(Token::Keycloak {
            proof,
            auth_url,
            client_id: option("client_id").unwrap_or_else(|| "cloud-services".to_owned()),
        }),
        (None, None, Some(token)) => Some(Token::Galaxy(token)),
        (None, None, None) => None,
    };
    Ok(server)
}

/// The token that `ansible-galaxy login` and people leave in a file.
fn token_file(config: &Config) -> Result<Option<Token>> {
    let Some(path) = config.path("GALAXY_TOKEN_PATH") else {
        return Ok(None);
    };
    let Ok(bytes) = std::fs::read(&path) else {
        return Ok(None);
    };
    let source = yaml::decode_sealed(&bytes, &path)?;
    let document = yaml::load(&source, &yaml::Options::data())?;
    let token = document.root.get("token").map(|node| node.value().clone());
    Ok(token
        .filter(|token| !token.is_null())
        .map(|token: Value| Token::Galaxy(Secret::new(token.to_text().into_bytes()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str, environment: &[(&str, &str)], wanted: Option<&str>) -> Result<Vec<Server>> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ansible.cfg");
        std::fs::write(&file, text).unwrap();
        let file = file.to_string_lossy().into_owned();
        let home = folder.path().to_string_lossy().into_owned();
        let lookup = |name: &str| {
            let own = [("ANSIBLE_CONFIG", file.as_str()), ("HOME", home.as_str())];
            let mut all = own.iter().chain(environment);
            all.find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
        };
        let config = Config::load(&lookup, folder.path()).unwrap();
        Server::list(&config, &lookup, wanted, None, true, 60)
    }

    #[test]
    fn servers_come_from_the_list_the_variables_and_the_command_line() {
        let text = "[galaxy]\nserver_list = hub, old\n[galaxy_server.hub]\nurl=https://hub/api/\n\
                    token=abc\nvalidate_certs=false\n[galaxy_server.old]\nurl=https://old/\n\
                    username=me\npassword=secret\n";
        let servers = list(
            text,
            &[("ANSIBLE_GALAXY_SERVER_OLD_URL", "https://new/")],
            None,
        )
        .unwrap();
        let shown = format!("{servers:?}");
        assert!(
            !shown.contains("abc") && !shown.contains("secret"),
            "{shown}"
        );
        assert_eq!(servers[0].url, "https://hub/api/");
        assert!(!servers[0].verify);
        assert!(matches!(servers[0].token, Some(Token::Galaxy(_))));
        assert_eq!(servers[1].url, "https://new/");
        assert!(matches!(servers[1].token, Some(Token::Basic(..))));

        // A client's secret is stronger than a token, as in the reference.
        let text2 = "[galaxy]\nserver_list = hub\n[galaxy_server.hub]\nurl=https://hub/\n\
                     auth_url=https://sso/\ntoken=abc\nclient_id=me\nclient_secret=xyz\n";
        let keycloak = list(text2, &[], None).unwrap().remove(0).token;
        let Some(Token::Keycloak {
            proof, client_id, ..
        }) = keycloak
        else {
            panic!("{keycloak:?}");
        };
        assert_eq!(client_id, "me");
        assert!(matches!(proof, Proof::Client(secret) if secret.expose() == b"xyz"));

        let one = list(text, &[], Some("old")).unwrap();
        assert_eq!((one.len(), one[0].url.as_str()), (1, "https://old/"));
        let other = list(text, &[], Some("https://elsewhere/")).unwrap();
        assert_eq!(other[0].url, "https://elsewhere/");
        assert_eq!(
            list("", &[], None).unwrap()[0].url,
            "https://galaxy.ansible.com"
        );
        assert!(list("[galaxy]\nserver_list=x\n", &[], None).is_err());
    }
}
