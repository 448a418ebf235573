//! What the commands share: the server, the cache, the folders.

use std::path::{Path, PathBuf};

use clap::Args;

use super::notes;
use crate::cli::{meaning, setup};
use crate::config::Config;
use crate::error::{Error, Kind, Result};
use crate::galaxy::{Cache, Galaxy, Server};

/// Which server, and as whom.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "The server")]
pub struct ServerOptions {
    /// The Galaxy server: its address, or its name in ansible.cfg
    #[arg(short = 's', long = "server", value_name = "URL")]
    pub server: Option<String>,
    /// The key that the server knows you by
    #[arg(long = "token", visible_alias = "api-key", value_name = "KEY")]
    pub token: Option<String>,
    /// The version of the server's API; it is found without this
    #[arg(long = "api-version", value_name = "VERSION", hide = true, value_parser = ["2", "3"])]
    pub api_version: Option<String>,
    /// Do not check certificates
    #[arg(short = 'c', long = "ignore-certs")]
    pub ignore_certs: bool,
    /// How many seconds an answer may take
    #[arg(long, value_name = "SECONDS")]
    pub timeout: Option<u64>,
}

/// What was fetched before.
#[derive(Args, Clone, Debug, Default)]
pub struct CacheOptions {
    /// Forget the answers of servers first
    #[arg(long)]
    pub clear_response_cache: bool,
    /// Ask servers even what cannot have changed
    #[arg(long)]
    pub no_cache: bool,
}

/// Configuration and verbosity.
pub struct Ground {
    /// The configuration.
    pub config: Config,
    /// How many `-v`.
    pub verbosity: u8,
    /// Called by the reference's name.
    pub as_reference: bool,
    /// Whether `-p` or `--roles-path` was typed as a word of its own, where the reference's name was called.
    pub says_roles_path: Option<bool>,
}

impl Ground {
    /// Reads the configuration.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn new(verbose: u8, as_reference: bool) -> Result<Ground> {
        let config = setup::configuration()?;
        let verbosity = meaning::verbosity(verbose, &config);
        let listener = Box::new(crate::cli::inventory::Quiet(verbosity));
        setup::tell_configuration(&config, &setup::sink(listener, &config));
        Ok(Ground {
            config,
            verbosity,
            as_reference,
            says_roles_path: None,
        })
    }

    /// What fetching needs.
    ///
    /// # Errors
    /// A server of the configuration is not described properly.
    pub fn galaxy(
        &self,
        server: &ServerOptions,
        cache: &CacheOptions,
        offline: bool,
    ) -> Result<Galaxy> {
        let config = &self.config;
        let verify = !server.ignore_certs && !config.flag("GALAXY_IGNORE_CERTS");
        let configured = config.number("GALAXY_SERVER_TIMEOUT");
        let configured = configured.and_then(|seconds| u64::try_from(seconds).ok());
        let timeout = server.timeout.or(configured).unwrap_or(60);
        let environment = |name: &str| std::env::var(name).ok();
        let servers = Server::list(
            config,
            &environment,
            server.server.as_deref(),
            server.token.as_deref(),
            verify,
            timeout,
        )?;
        let folder = config
            .path("GALAXY_CACHE_DIR")
            .unwrap_or_else(|| PathBuf::from(".galaxy_cache"));
        let mut kept = Cache::at(folder.join("play"));
        kept.is_read = !cache.no_cache;
        if cache.clear_response_cache {
            kept.clear_answers()?;
        }
        let mismatch = config.text("COLLECTIONS_ON_ANSIBLE_VERSION_MISMATCH");
        let shows = config.is_set("GALAXY_DISPLAY_PROGRESS");
        let shows = shows.then(|| config.flag("GALAXY_DISPLAY_PROGRESS"));
        Ok(Galaxy {
            servers,
            cache: kept,
            offline,
            verify,
            timeout,
            mind_ansible: mismatch.as_deref() != Some("ignore"),
            tell: notes::teller(self.verbosity, shows),
        })
    }

    /// The folders of collections, as they are configured.
    pub fn collections_paths(&self) -> Vec<PathBuf> {
        self.config.paths("COLLECTIONS_PATHS")
    }

    /// The folders of roles: those that are typed, or those of the configuration.
    pub fn roles_paths(&self, typed: &[String]) -> Vec<PathBuf> {
        match typed {
            [] => self.config.paths("DEFAULT_ROLES_PATH"),
            typed => typed
                .iter()
                .flat_map(|list| list.split(':'))
                .map(expanded)
                .map(|path| std::path::absolute(&path).unwrap_or(path))
                .collect(),
        }
    }
}

/// A path with `~` at its beginning meant.
pub fn expanded(path: &str) -> PathBuf {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    match (path.strip_prefix('~'), home) {
        (Some(""), Some(home)) => home,
        (Some(rest), Some(home)) if rest.starts_with('/') => home.join(&rest[1..]),
        _ => PathBuf::from(path),
    }
}

/// A path from the root on.
///
/// # Errors
/// The working directory is gone.
pub fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(expanded(&path.to_string_lossy())).map_err(Error::from)
}

/// An error about options that do not go together.
pub fn usage(text: impl Into<String>) -> Error {
    Error::new(Kind::Options, text)
}
