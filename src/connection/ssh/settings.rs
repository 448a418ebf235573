//! What a connection is made with: the target's own words first, then OpenSSH's config.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::super::{HostKeys, Lost, LostKind, Target};
use super::options::{Options, has_config, home};

/// The names of the keys that are tried when none is given.
const DEFAULT_KEYS: [&str; 7] = [
    "id_rsa",
    "id_ecdsa",
    "id_ecdsa_sk",
    "id_ed25519",
    "id_ed25519_sk",
    "id_xmss",
    "id_dsa",
];

/// Everything that is decided before a socket is opened.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) user: String,
    /// The keys that are named for this host, in order.
    pub(super) keys: Vec<PathBuf>,
    /// The keys that are tried when nothing else helped.
    pub(super) default_keys: Vec<PathBuf>,
    pub(super) agent: Agent,
    pub(super) host_keys: HostKeys,
    /// The name in known_hosts, where it is another one.
    pub(super) alias: Option<String>,
    pub(super) proxy: Proxy,
    /// How often the server is asked for a sign of life, and how often in vain.
    pub(super) alive: (Duration, u32),
    pub(super) compress: bool,
    /// Certificates that go with keys.
    pub(super) certificates: Vec<PathBuf>,
    /// Options that ask for something that is not done.
    pub(super) not_done: Vec<&'static str>,
    /// New names in known_hosts are hashed (`HashKnownHosts`).
    pub(super) hash: bool,
    /// The file of the keys that no host may show (`RevokedHostKeys`).
    pub(super) revoked: Option<PathBuf>,
    pub(super) family: Family,
}

/// Which addresses are used (`AddressFamily`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Any,
    Inet,
    Inet6,
}

/// Which agent's keys are tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Agent {
    /// None.
    No,
    /// All of its keys.
    All(Option<PathBuf>),
    /// Its keys that are also named for this host (`IdentitiesOnly`).
    Named(Option<PathBuf>),
}

/// What stands between us and the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Proxy {
    Direct,
    /// A command whose stdin and stdout are the connection.
    Command(String),
    /// Hosts to go through, the nearest first.
    Jump(Vec<Hop>),
}

/// One host on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hop {
    pub(super) user: Option<String>,
    pub(super) host: String,
    pub(super) port: Option<u16>,
}

impl Settings {
    /// Decides for a target.
    ///
    /// # Errors
    /// The ssh options cannot be read.
    pub(super) fn read(target: &Target) -> Result<Settings, Lost> {
        let unreadable = |error: crate::error::Error| {
            let message = format!("cannot connect to {}: {}", target.name, error.chain());
            Lost::new(LostKind::Unreachable, message)
        };
        let options = match target.ssh_arguments.is_empty() && !has_config() {
            true => Arc::default(),
            false => Options::of(&target.address, &arguments(target)).map_err(unreadable)?,
        };
        let host = options.one("hostname").unwrap_or(&target.address);
        let host = host.trim_matches(['[', ']']).to_owned();
        let mut settings = Settings {
            port: number(options.one("port")).or(target.port).unwrap_or(22),
            user: user(target, &options),
            keys: Vec::new(),
            default_keys: Vec::new(),
            agent: agent(target, &options),
            host_keys: host_keys(target, &options),
            alias: options.one("hostkeyalias").map(str::to_owned),
            proxy: Proxy::Direct,
            alive: alive(&options),
            compress: options.flag("compression"),
            certificates: Vec::new(),
            not_done: options.not_done(),
            hash: options.flag("hashknownhosts"),
            revoked: options.one("revokedhostkeys").map(tilde),
            family: match options.one("addressfamily") {
                Some("inet") => Family::Inet,
                Some("inet6") => Family::Inet6,
                _ => Family::Any,
            },
            host,
        };
        match options.one("pubkeyauthentication") {
            Some("no" | "false") => settings.agent = Agent::No,
            _ => settings.add_keys(target, &options),
        }
        settings.proxy = settings.proxy(&options);
        Ok(settings)
    }

    /// Adds the keys of the config: those that a user named, and those that are always there.
    fn add_keys(&mut self, target: &Target, options: &Options) {
        self.keys.clone_from(&target.login.keys);
        let certificates = options.all("certificatefile");
        self.certificates = certificates.map(|path| self.expand_path(path)).collect();
        let folder = home().join(".ssh");
        let default: Vec<PathBuf> = DEFAULT_KEYS.iter().map(|name| folder.join(name)).collect();
        let listed = options
            .all("identityfile")
            .map(|path| self.expand_path(path));
        let mut listed: Vec<PathBuf> = listed.collect();
        if listed.is_empty() {
            listed.clone_from(&default);
        }
        for path in listed {
            if !default.contains(&path) {
                if !self.keys.contains(&path) {
                    self.keys.push(path);
                }
            } else if target.login.defaults {
                self.default_keys.push(path);
            }
        }
    }

    fn proxy(&self, options: &Options) -> Proxy {
        if let Some(command) = options.one("proxycommand") {
            return Proxy::Command(self.expand(command));
        }
        let Some(jump) = options.one("proxyjump") else {
            return Proxy::Direct;
        };
        Proxy::Jump(jump.split(',').map(Hop::parse).collect())
    }

    /// Puts in what OpenSSH's `%` letters stand for.
    fn expand(&self, text: &str) -> String {
        let mut out = String::new();
        let mut letters = text.chars();
        while let Some(letter) = letters.next() {
            if letter != '%' {
                out.push(letter);
                continue;
            }
            match letters.next() {
                Some('h' | 'n') => out.push_str(&self.host),
                Some('p') => out.push_str(&self.port.to_string()),
                Some('r') => out.push_str(&self.user),
                Some('u') => out.push_str(&own_name()),
                Some('d') => out.push_str(&home().to_string_lossy()),
                Some(other) if other != '%' => out.extend(['%', other]),
                _ => out.push('%'),
            }
        }
        out
    }

    fn expand_path(&self, text: &str) -> PathBuf {
        tilde(&self.expand(text.trim_matches('"')))
    }
}

impl Hop {
    fn parse(text: &str) -> Hop {
        let text = text.trim();
        let text = text.strip_prefix("ssh://").unwrap_or(text);
        let (user, rest) = match text.rsplit_once('@') {
            Some((user, rest)) => (Some(user.to_owned()), rest),
            None => (None, text),
        };
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
                (host, port.parse().ok())
            }
            _ => (rest, None),
        };
        let host = host.trim_matches(['[', ']']).to_owned();
        Hop { user, host, port }
    }
}

/// The arguments that ssh itself would be given: the target's own words come first and win.
pub(super) fn arguments(target: &Target) -> Vec<String> {
    let mut arguments = Vec::new();
    if let Some(port) = target.port {
        arguments.extend(["-p".to_owned(), port.to_string()]);
    }
    if let Some(user) = &target.user {
        arguments.extend(["-l".to_owned(), user.clone()]);
    }
    arguments.extend_from_slice(&target.ssh_arguments);
    arguments
}

fn number<T: std::str::FromStr>(text: Option<&str>) -> Option<T> {
    text.and_then(|text| text.parse().ok())
}

fn user(target: &Target, options: &Options) -> String {
    let own = || options.one("user").map_or_else(own_name, str::to_owned);
    target.user.clone().unwrap_or_else(own)
}

/// The name of the user who runs play.
fn own_name() -> String {
    let name = |variable| std::env::var(variable).ok().filter(|name| !name.is_empty());
    let id = || {
        let command = ["id".to_owned(), "-un".to_owned()];
        let said = super::super::run_program_blocking(&command, &[], None, &[], None).ok()?;
        Some(String::from_utf8_lossy(&said.stdout).trim().to_owned())
    };
    name("USER")
        .or_else(|| name("LOGNAME"))
        .or_else(id)
        .unwrap_or_else(|| "root".to_owned())
}

fn agent(target: &Target, options: &Options) -> Agent {
    let path = match options.all("identityagent").next() {
        Some("none") => return Agent::No,
        None | Some("SSH_AUTH_SOCK") => None,
        Some(path) => Some(tilde(path)),
    };
    if !target.login.defaults {
        return Agent::No;
    }
    match options.flag("identitiesonly") {
        true => Agent::Named(path),
        false => Agent::All(path),
    }
}

/// What is done about host keys: the target's word, then the config's.
fn host_keys(target: &Target, options: &Options) -> HostKeys {
    if target.host_keys == HostKeys::Off {
        return HostKeys::Off;
    }
    let files = match (named_files(options), target.host_keys.files()) {
        (Some(named), _) => named,
        (None, []) => default_files(),
        (None, files) => files.to_vec(),
    };
    match options.one("stricthostkeychecking") {
        Some("no" | "off" | "false") => HostKeys::Off,
        Some("yes" | "true") => HostKeys::Strict { files },
        Some("accept-new") => HostKeys::AcceptNew { files },
        // `ask`, which is also what ssh says where nothing is set.
        _ => match &target.host_keys {
            HostKeys::Ask { person, .. } if !options.flag("batchmode") => HostKeys::Ask {
                files,
                person: person.clone(),
            },
            HostKeys::AcceptNew { .. } => HostKeys::AcceptNew { files },
            _ => HostKeys::Strict { files },
        },
    }
}

/// The known_hosts files that the config names, where they are not the usual ones.
fn named_files(options: &Options) -> Option<Vec<PathBuf>> {
    let own = match options.all("userknownhostsfile").next()? {
        "none" => "/dev/null",
        files => files,
    };
    let files: Vec<PathBuf> = own.split_whitespace().map(tilde).collect();
    // ssh goes by the home of the user's account, and not by HOME.
    let folder = files.first().and_then(|file| file.parent());
    let usual = |name: &str| folder.map(|folder| folder.join(name));
    let is_default = folder.is_some_and(|folder| folder.ends_with(".ssh"))
        && files.first() == usual("known_hosts").as_ref()
        && files.get(1) == usual("known_hosts2").as_ref()
        && files.len() == 2;
    if is_default {
        return None;
    }
    let system = options.one("globalknownhostsfile").unwrap_or_default();
    let system = system.split_whitespace().map(PathBuf::from);
    Some(files.into_iter().chain(system).collect())
}

fn default_files() -> Vec<PathBuf> {
    vec![
        home().join(".ssh/known_hosts"),
        PathBuf::from("/etc/ssh/ssh_known_hosts"),
    ]
}

fn tilde(text: &str) -> PathBuf {
    match text.strip_prefix("~/") {
        Some(rest) => home().join(rest),
        None => Path::new(text).to_owned(),
    }
}

/// A dead peer is noticed within a minute unless the config says otherwise.
fn alive(options: &Options) -> (Duration, u32) {
    // libssh2 sends none more often than every other second.
    let interval = number(options.one("serveraliveinterval")).filter(|seconds| *seconds > 0);
    let interval = interval.map(|seconds: u64| seconds.max(2));
    let count = number(options.one("serveralivecountmax")).filter(|count| *count > 0);
    (
        Duration::from_secs(interval.unwrap_or(15)),
        count.unwrap_or(3),
    )
}

#[cfg(test)]
mod tests {
    use super::Hop;

    #[test]
    fn a_hop_has_a_host_and_perhaps_a_user_and_a_port() {
        for (text, user, host, port) in [
            ("gate", None, "gate", None),
            ("bob@gate:2222", Some("bob"), "gate", Some(2222)),
            ("ssh://bob@gate", Some("bob"), "gate", None),
            ("[::1]:22", None, "::1", Some(22)),
            ("::1", None, "::1", None),
        ] {
            let hop = Hop::parse(text);
            assert_eq!(hop.user.as_deref(), user, "{text}");
            assert_eq!((hop.host.as_str(), hop.port), (host, port), "{text}");
        }
    }
}
