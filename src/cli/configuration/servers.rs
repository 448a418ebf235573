//! The servers of `[galaxy] server_list`, as `play config dump` shows them.

use super::Row;
use crate::cli::terminal;
use crate::config::Config;
use crate::error::Manner;
use crate::galaxy::Server;
use crate::report::is_secret_name;
use crate::value::{Map, Value};

/// The settings of a server, and whether it must be there.
const OF_SERVER: [(&str, bool); 9] = [
    ("url", true),
    ("username", false),
    ("password", false),
    ("token", false),
    ("auth_url", false),
    ("validate_certs", false),
    ("client_id", false),
    ("client_secret", false),
    ("timeout", false),
];

/// Each server's name and settings.
pub(super) fn of(config: &Config) -> Vec<(String, Vec<Row>)> {
    let names = config.list("GALAXY_SERVER_LIST");
    let names = names.into_iter().filter(|name| !name.trim().is_empty());
    names
        .map(|name| (name.clone(), rows(config, &name)))
        .collect()
}

/// What can be set of each server.
pub(super) fn described(config: &Config) -> Map {
    let names = config.list("GALAXY_SERVER_LIST").into_iter();
    let mut all = Map::new();
    for server in names.filter(|name| !name.trim().is_empty()) {
        let mut own = Map::new();
        for (key, required) in OF_SERVER {
            let (variable, section) = Server::setting(&server, key);
            let env = Value::from(crate::entries! { "name" => variable });
            let ini = Value::from(crate::entries! { "key" => key, "section" => section });
            let page = crate::entries! {
                "env" => Value::list(vec![env]),
                "ini" => Value::list(vec![ini]),
                "required" => required,
            };
            own.set(key, Value::map(page));
        }
        all.set(&server, Value::map(own));
    }
    all
}

fn rows(config: &Config, server: &str) -> Vec<Row> {
    let file = config.file.as_ref().map(|file| file.to_string_lossy());
    let hides = terminal::manner() == Manner::Own;
    let row = |(key, required): (&str, bool)| {
        let (variable, section) = Server::setting(server, key);
        let value = |text: &str| match hides && is_secret_name(key) && !text.is_empty() {
            // What this prints is sent to others who shall help.
            true => Value::from("********"),
            false => Value::from(text),
        };
        if let Ok(text) = std::env::var(&variable) {
            return (key.to_owned(), format!("env: {variable}"), value(&text));
        }
        match (config.of_section(&section, key), required) {
            (Some(text), _) => {
                let file = file.clone().unwrap_or_default().into_owned();
                (key.to_owned(), file, value(text))
            }
            (None, true) => (key.to_owned(), "REQUIRED".to_owned(), Value::Null),
            (None, false) if key == "timeout" => (
                key.to_owned(),
                "default".to_owned(),
                config.value("GALAXY_SERVER_TIMEOUT"),
            ),
            (None, false) => (key.to_owned(), "default".to_owned(), Value::Null),
        }
    };
    OF_SERVER.map(row).to_vec()
}
