//! OpenSSH's options as names and values: from `ssh -G`, which knows every rule of
//! `~/.ssh/config`, or, where no client is installed, from the arguments alone.

use std::collections::HashMap;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use super::super::program::run_program_blocking;
use crate::error::{Error, Result};

/// Lower-case names and their values, in order; a name may come more than once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Options(Vec<(String, String)>);

/// `ssh -G` costs some 8 ms, and reads the same files for every host.
static KNOWN: Mutex<Option<HashMap<Vec<String>, Arc<Options>>>> = Mutex::new(None);

const PATIENCE: Duration = Duration::from_secs(20);

/// What is read of OpenSSH's options, for the documentation: its name, and what becomes of it.
pub const SSH_OPTIONS: &[(&str, &str)] = &[
    (
        "AddressFamily",
        "`inet` or `inet6`: addresses of that kind alone",
    ),
    ("BatchMode", "`yes`: nobody is asked about a host key"),
    ("BindAddress", "not done; a warning says so"),
    ("BindInterface", "not done; a warning says so"),
    (
        "CertificateFile",
        "the certificate that goes with a key; beside a key, `KEY-cert.pub` is found by itself",
    ),
    ("Compression", "`yes`: what is sent is compressed"),
    ("ForwardAgent", "not done; a warning says so"),
    (
        "GlobalKnownHostsFile",
        "read after the files of `UserKnownHostsFile`, where these are named",
    ),
    (
        "HashKnownHosts",
        "`yes`: names are hashed in what is added to known_hosts",
    ),
    ("HostKeyAlias", "the name that is looked for in known_hosts"),
    ("HostName", "the name or address that is connected to"),
    (
        "IdentitiesOnly",
        "`yes`: of the agent's keys only those that are named for the host",
    ),
    ("IdentityAgent", "the socket of the agent; `none`: no agent"),
    ("IdentityFile", "the keys that are tried, in this order"),
    ("PKCS11Provider", "not done; a warning says so"),
    ("Port", "the port"),
    (
        "ProxyCommand",
        "the program whose input and output are the connection",
    ),
    ("ProxyJump", "the hosts to go through"),
    ("PubkeyAuthentication", "`no`: neither keys nor the agent"),
    (
        "RevokedHostKeys",
        "a list of keys that no host may show; with one that cannot be read (a KRL) no host is connected to",
    ),
    (
        "ServerAliveCountMax",
        "how often a silent server is asked for a sign of life (3)",
    ),
    ("ServerAliveInterval", "after how many silent seconds (15)"),
    (
        "StrictHostKeyChecking",
        "`yes`, `no`, `accept-new` or `ask`: see [known-hosts.md](known-hosts.md)",
    ),
    ("User", "the login user"),
    (
        "UserKnownHostsFile",
        "the known_hosts files, instead of the usual ones",
    ),
];

/// Options that would have to change what happens, and do not; with the value that asks for nothing.
const NOT_DONE: [(&str, &str); 4] = [
    ("bindaddress", ""),
    ("bindinterface", ""),
    ("forwardagent", "no"),
    ("pkcs11provider", "none"),
];

/// Options that matter where nobody wrote a config of their own.
const ROUTES: [&str; 6] = [
    "hostname",
    "identityfile",
    "include",
    "port",
    "proxycommand",
    "proxyjump",
];

impl Options {
    /// What holds for `host`, given the command line's `arguments`.
    ///
    /// # Errors
    /// ssh does not accept the arguments or the config.
    pub(super) fn of(host: &str, arguments: &[String]) -> Result<Arc<Options>> {
        let mut command: Vec<String> = vec!["ssh".into(), "-G".into()];
        command.extend_from_slice(arguments);
        command.extend(["--".to_owned(), host.to_owned()]);
        if let Some(known) = known(&command) {
            return Ok(known);
        }
        let options = Arc::new(ask(&command, arguments)?);
        let mut cache = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        let cache = cache.get_or_insert_default();
        cache.insert(command, Arc::clone(&options));
        Ok(options)
    }

    /// The first value of a name; `none` counts as no value.
    pub(super) fn one(&self, name: &str) -> Option<&str> {
        self.all(name).next().filter(|value| *value != "none")
    }

    /// All values of a name.
    pub(super) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        let same =
            move |(known, value): &'a (String, String)| (known == name).then_some(value.as_str());
        self.0.iter().filter_map(same)
    }

    /// The options that ask for something that is not done, by the names that users write.
    pub(super) fn not_done(&self) -> Vec<&'static str> {
        let asks = |(name, nothing): &&(&str, &str)| {
            let mut values = self.all(name);
            values
                .next()
                .is_some_and(|value| value != *nothing && value != "none")
        };
        let lower = NOT_DONE.iter().filter(asks).map(|(name, _)| *name);
        let written = |lower: &str| {
            let mut names = SSH_OPTIONS.iter().map(|(name, _)| *name);
            names.find(|name| name.eq_ignore_ascii_case(lower))
        };
        lower.filter_map(written).collect()
    }

    /// A value that says yes.
    pub(super) fn flag(&self, name: &str) -> bool {
        matches!(self.one(name), Some("yes" | "true"))
    }
}

fn known(command: &[String]) -> Option<Arc<Options>> {
    let cache = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    cache.as_ref()?.get(command).cloned()
}

/// Says whether there is a config that may say something of a host.
pub(super) fn has_config() -> bool {
    let own = home().join(".ssh/config");
    own.exists() || speaks_of_routes(Path::new("/etc/ssh/ssh_config"))
}

/// Says whether a system-wide config does more than set the distribution's defaults.
fn speaks_of_routes(path: &Path) -> bool {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let words = text
        .lines()
        .filter_map(|line| line.split_whitespace().next());
    let lower: Vec<String> = words.map(str::to_ascii_lowercase).collect();
    let included =
        || std::fs::read_dir("/etc/ssh/ssh_config.d").is_ok_and(|mut d| d.next().is_some());
    let counts = |word: &String| ROUTES.contains(&word.as_str());
    let mut found = lower.iter().filter(|word| counts(word));
    found.any(|word| word != "include" || included())
}

fn ask(command: &[String], arguments: &[String]) -> Result<Options> {
    if !has_client() {
        return parse_arguments(arguments);
    }
    let finished = run_program_blocking(command, &[], None, &[], Some(PATIENCE))?;
    if finished.status != 0 {
        let said = String::from_utf8_lossy(&finished.stderr);
        let line = said.trim().lines().last().unwrap_or("no message").trim();
        return Err(Error::input(format!(
            "ssh does not accept its options: {line}"
        )));
    }
    let text = String::from_utf8_lossy(&finished.stdout);
    let pair = |line: &str| {
        let (name, value) = line.split_once(' ')?;
        Some((name.to_ascii_lowercase(), value.trim().to_owned()))
    };
    Ok(Options(text.lines().filter_map(pair).collect()))
}

fn has_client() -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join("ssh").is_file())
}

/// Reads `-o`, `-i`, `-p`, `-l` and `-J` on their own.
///
/// # Errors
/// `-F`: a config file can be understood by ssh alone.
fn parse_arguments(arguments: &[String]) -> Result<Options> {
    let mut pairs = Vec::new();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let Some(letter) = argument
            .strip_prefix('-')
            .and_then(|text| text.chars().next())
        else {
            continue;
        };
        if !"oipJlF".contains(letter) {
            continue;
        }
        let attached = argument.get(2..).filter(|text| !text.is_empty());
        let Some(value) = attached.or_else(|| rest.next().map(String::as_str)) else {
            return Err(Error::input(format!(
                "the ssh option `{argument}` has no value"
            )));
        };
        match letter {
            'o' => pairs.extend(assignment(value)),
            'i' => pairs.push(("identityfile".to_owned(), value.to_owned())),
            'p' => pairs.push(("port".to_owned(), value.to_owned())),
            'l' => pairs.push(("user".to_owned(), value.to_owned())),
            'J' => pairs.push(("proxyjump".to_owned(), value.to_owned())),
            _ => {
                let hint = "install an OpenSSH client, which knows how to read it";
                return Err(Error::input("the ssh option `-F` needs `ssh`").hint(hint));
            }
        }
    }
    Ok(Options(pairs))
}

fn assignment(text: &str) -> Option<(String, String)> {
    let end = text.find(|c: char| c == '=' || c.is_whitespace())?;
    let (name, value) = text.split_at(end);
    let value = value.trim_start_matches(|c: char| c == '=' || c.is_whitespace());
    Some((name.to_ascii_lowercase(), value.to_owned()))
}

/// The user's home on the controller.
pub(super) fn home() -> PathBuf {
    std::env::home_dir().unwrap_or_else(|| PathBuf::from("/"))
}

#[cfg(test)]
mod tests {
    use super::{NOT_DONE, SSH_OPTIONS, parse_arguments};

    /// The documentation's list is what the code reads, no more and no less.
    #[test]
    fn what_is_read_is_listed() {
        let code = include_str!("settings.rs");
        let reads = regex::Regex::new(r#"options\s*\.(?:one|all|flag)\(\s*"([a-z0-9]+)""#).unwrap();
        let mut read: Vec<&str> = reads
            .captures_iter(code)
            .map(|found| found.get(1).unwrap().as_str())
            .chain(NOT_DONE.map(|(name, _)| name))
            .collect();
        read.sort_unstable();
        read.dedup();
        let mut listed: Vec<String> = SSH_OPTIONS
            .iter()
            .map(|(name, _)| name.to_ascii_lowercase())
            .collect();
        listed.sort_unstable();
        assert_eq!(read, listed);
    }

    #[test]
    fn what_is_not_done_is_noticed() {
        let options = |line: &str| {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            parse_arguments(&words).unwrap().not_done()
        };
        assert_eq!(options("-oForwardAgent=yes -oUser=x"), ["ForwardAgent"]);
        assert_eq!(
            options("-oBindAddress=::1 -oPKCS11Provider=/x"),
            ["BindAddress", "PKCS11Provider"]
        );
        assert!(options("-oForwardAgent=no -oPKCS11Provider=none").is_empty());
    }

    #[test]
    fn arguments_are_read_without_ssh_too() {
        let line = "-C -o ControlMaster=auto -oUserKnownHostsFile=/dev/null -i /k -J a,b -p2222";
        let arguments: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let options = parse_arguments(&arguments).unwrap();
        for (name, value) in [
            ("controlmaster", Some("auto")),
            ("userknownhostsfile", Some("/dev/null")),
            ("identityfile", Some("/k")),
            ("proxyjump", Some("a,b")),
            ("port", Some("2222")),
            ("user", None),
        ] {
            assert_eq!(options.one(name), value, "{name}");
        }
        assert!(parse_arguments(&["-F".to_owned(), "x".to_owned()]).is_err());
    }
}
