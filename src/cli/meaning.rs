//! What the command line and the configuration mean together: the options of a run.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::passwords::password;
use super::setup::Typed;
use super::terminal;
use crate::config::{Config, setting};
use crate::error::{Error, Manner, Result};
use crate::executor::{Access, Gathering, Options, Tags};
use crate::inventory::{self, Share};
use crate::report::callbacks::names_arguments;
use crate::template::{Conditions, Untrusted};
use crate::vault::Secret;

/// The folder that `group_vars/` and roles stand in where there is no playbook: `--playbook-dir`, the
/// setting, or the one that the user is in.
///
/// # Errors
/// There is no such folder any more.
pub fn folder(typed: Option<&Path>, config: &Config) -> Result<PathBuf> {
    let named = typed
        .map(Path::to_owned)
        .or_else(|| config.path("PLAYBOOK_DIR"));
    Ok(std::path::absolute(
        named.unwrap_or_else(|| PathBuf::from(".")),
    )?)
}

/// The options of a run.
///
/// # Errors
/// A setting or an option cannot be understood, or a password cannot be had.
pub fn options(typed: &Typed<'_>, config: &Config) -> Result<Options> {
    let run = typed.run;
    let defaults = Options::default();
    let tags = Tags {
        only: with_setting(&typed.tags.only, config, "TAGS_RUN"),
        skip: with_setting(&typed.tags.skip, config, "TAGS_SKIP"),
    };
    Ok(Options {
        check: run.check,
        diff: run.diff || config.flag("DIFF_ALWAYS"),
        verbosity: verbosity(run.verbose, config).max(log_verbosity(config)),
        forks: forks(run.forks, config)?,
        tags,
        partition: partition(typed.run.partition.as_deref())?,
        // As in the reference, the last limit alone counts.
        limit: typed.inventory.limit.last().cloned().into_iter().collect(),
        force_handlers: config.flag("DEFAULT_FORCE_HANDLERS"),
        access: access(typed, config)?,
        gathering: gathering(config),
        task_timeout: config.number("TASK_TIMEOUT").and_then(seconds),
        any_errors_fatal: config.flag("ANY_ERRORS_FATAL"),
        no_log: config.flag("DEFAULT_NO_LOG"),
        strategy: config.text("DEFAULT_STRATEGY").unwrap_or(defaults.strategy),
        poll_interval: config
            .number("DEFAULT_POLL_INTERVAL")
            .and_then(|seconds| u64::try_from(seconds).ok())
            .unwrap_or(defaults.poll_interval),
        strict: is_strict(run.strict, config),
        tells_arguments: tells_arguments(config),
        missing_handler_is_error: config.flag("ERROR_ON_MISSING_HANDLER"),
        ansible_managed: config
            .text("DEFAULT_MANAGED_STR")
            .unwrap_or(defaults.ansible_managed),
        ..Options::default()
    })
}

/// The share of the hosts that `--partition` names.
fn partition(typed: Option<&str>) -> Result<Option<Share>> {
    Ok(match typed {
        None => None,
        Some("auto") => Some(Share::of_environment(&|name| std::env::var(name).ok())?),
        Some(text) => Some(Share::parse(text)?),
    })
}

/// How many `-v`, the configured ones included.
pub fn verbosity(typed: u8, config: &Config) -> u8 {
    let configured = config.number("DEFAULT_VERBOSITY").unwrap_or(0);
    typed.saturating_add(u8::try_from(configured).unwrap_or(0))
}

/// How many `-v` the log is worth; none where there is no log.
pub fn log_verbosity(config: &Config) -> u8 {
    let number = config
        .number("LOG_VERBOSITY")
        .filter(|_| terminal::log().is_some());
    number
        .and_then(|number| u8::try_from(number).ok())
        .unwrap_or(0)
}

/// What becomes of text that looks like a template and is not of the user's files.
pub fn untrusted(config: &Config) -> Untrusted {
    match config
        .text("_TEMPLAR_UNTRUSTED_TEMPLATE_BEHAVIOR")
        .as_deref()
    {
        Some("error") => Untrusted::Error,
        Some("warning") => Untrusted::Warning,
        _ => Untrusted::Ignore,
    }
}

/// Says whether a condition that is no truth value is an error.
pub fn is_strict(typed: bool, config: &Config) -> bool {
    typed || !config.flag("ALLOW_BROKEN_CONDITIONALS")
}

/// What becomes of conditions that give no truth value.
pub fn conditions(typed: bool, config: &Config) -> Conditions {
    match config.is_set("ALLOW_BROKEN_CONDITIONALS") {
        _ if is_strict(typed, config) => Conditions::Strict,
        true => Conditions::Broken,
        false => Conditions::Lenient,
    }
}

/// How inventories are read.
pub fn inventory(config: &Config) -> inventory::Options {
    let names = config.list("INVENTORY_ENABLED");
    // Ranges in a list of hosts are what anybody means who writes them; the reference has them in another plugin.
    let ranges = terminal::manner() == Manner::Own && !config.is_set("INVENTORY_ENABLED");
    let names: Vec<String> = names
        .into_iter()
        .map(|name| match ranges && name == "host_list" {
            true => "advanced_host_list".to_owned(),
            false => name,
        })
        .collect();
    let (enabled, unknown) = inventory::Plugin::list(names.iter().map(String::as_str));
    let others = unknown.iter().map(|name| {
        let missing = Error::input(format!("there is no inventory plugin `{name}`"));
        let missing = missing.at(place_of(config, "INVENTORY_ENABLED"));
        ((*name).to_owned(), missing)
    });
    let others = others.collect();
    inventory::Options {
        rules: inventory::Rules {
            merge_hashes: merges(config),
            group_names: config
                .text("TRANSFORM_INVALID_GROUP_CHARS")
                .and_then(|name| inventory::GroupNames::from_name(&name))
                .unwrap_or_default(),
        },
        enabled,
        others,
        ignored_extensions: config.list("INVENTORY_IGNORE_EXTS"),
        ignored_patterns: config.list("INVENTORY_IGNORE_PATTERNS"),
        any_unparsed_is_failed: config.flag("INVENTORY_ANY_UNPARSED_IS_FAILED"),
        unparsed_is_failed: config.flag("INVENTORY_UNPARSED_IS_FAILED"),
        unparsed_warning: config.flag("INVENTORY_UNPARSED_WARNING"),
        ..inventory::Options::default()
    }
}

/// The order in which groups speak.
///
/// # Errors
/// A name is no level.
pub fn precedence(config: &Config) -> Result<Vec<inventory::Level>> {
    let names = config.list("VARIABLE_PRECEDENCE");
    let level = |name: &String| {
        inventory::Level::from_name(name).ok_or_else(|| {
            Error::input(format!("there is no level of variables called `{name}`"))
                .at(place_of(config, "VARIABLE_PRECEDENCE"))
        })
    };
    names.iter().map(level).collect()
}

/// Whether dictionaries of one name are merged.
pub fn merges(config: &Config) -> bool {
    config.text("DEFAULT_HASH_BEHAVIOUR").as_deref() == Some("merge")
}

/// Where a setting was made, if a file makes it.
pub fn place_of(config: &Config, name: &str) -> Option<crate::error::Place> {
    match &config.entry(name)?.origin {
        crate::config::Origin::File(place) => Some(place.clone()),
        _ => None,
    }
}

/// Whether titles, or the names of cases for JUnit, have the arguments of tasks.
fn tells_arguments(config: &Config) -> bool {
    let callbacks = config.list("CALLBACKS_ENABLED");
    config.flag("DISPLAY_ARGS_TO_STDOUT") || callbacks.iter().any(|name| names_arguments(name))
}

/// Tags of a setting, then those that are typed. An empty one is a tag too, which hardly any task has.
fn with_setting(typed: &[String], config: &Config, name: &str) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    let set = config.whole_list(name);
    let words = set.iter().chain(typed).flat_map(|words| words.split(','));
    for tag in words.map(str::trim) {
        if !tags.iter().any(|known| known == tag) {
            tags.push(tag.to_owned());
        }
    }
    tags
}

fn forks(typed: Option<u32>, config: &Config) -> Result<usize> {
    if let Some(forks) = typed {
        return Ok(forks as usize);
    }
    // Nothing is set where the text is empty (`ANSIBLE_FORKS=`).
    let default = || setting("DEFAULT_FORKS")?.default?.parse().ok();
    let forks = config
        .number("DEFAULT_FORKS")
        .or_else(default)
        .unwrap_or(0_i64);
    usize::try_from(forks)
        .ok()
        .filter(|forks| *forks > 0)
        .ok_or_else(|| {
            Error::new(
                crate::error::Kind::Options,
                format!("the number of forks has to be 1 or more, got `{forks}`"),
            )
            .at(place_of(config, "DEFAULT_FORKS"))
        })
}

fn gathering(config: &Config) -> Gathering {
    match config.text("DEFAULT_GATHERING").as_deref() {
        Some("explicit") => Gathering::Explicit,
        Some("smart") => Gathering::Smart,
        _ => Gathering::Implicit,
    }
}

fn seconds(number: i64) -> Option<Duration> {
    let number = u64::try_from(number).ok().filter(|number| *number > 0)?;
    Some(Duration::from_secs(number))
}

fn access(typed: &Typed<'_>, config: &Config) -> Result<Access> {
    let connection = typed.connection;
    let become_ = typed.become_;
    let set = |name: &str| config.is_set(name).then(|| config.text(name)).flatten();
    let method = become_
        .become_method
        .clone()
        .or_else(|| set("DEFAULT_BECOME_METHOD"));
    let plugin = method.clone().unwrap_or_else(|| "sudo".to_owned());
    let of_method = |general: &str, own: &str| {
        config
            .text(general)
            .or_else(|| config.text(&format!("{plugin}.{own}")))
    };
    let timeout = config
        .number("ssh.timeout")
        .or_else(|| config.number("DEFAULT_TIMEOUT"));
    let mut access = Access {
        user: connection
            .user
            .clone()
            .or_else(|| config.text("DEFAULT_REMOTE_USER")),
        connection: connection
            .connection
            .clone()
            .or_else(|| set("DEFAULT_TRANSPORT")),
        timeout: connection
            .timeout
            .map(|seconds| Duration::from_secs(seconds.max(1)))
            .or_else(|| timeout.and_then(seconds))
            .unwrap_or(Duration::from_secs(10)),
        port: port(config)?,
        key: connection
            .private_key
            .clone()
            .or_else(|| config.path("DEFAULT_PRIVATE_KEY_FILE")),
        ssh_arguments: ssh_arguments(typed, config)?,
        check_host_keys: match config.is_set("ssh.host_key_checking") {
            true => config.flag("ssh.host_key_checking"),
            false => config.flag("HOST_KEY_CHECKING"),
        },
        retries: config
            .number("ssh.reconnection_retries")
            .and_then(|retries| u32::try_from(retries).ok())
            .unwrap_or(0),
        become_: become_.become_ || config.flag("DEFAULT_BECOME"),
        become_user: become_
            .become_user
            .clone()
            .or_else(|| set("DEFAULT_BECOME_USER"))
            .or_else(|| config.text(&format!("{plugin}.become_user"))),
        become_exe: of_method("DEFAULT_BECOME_EXE", "become_exe"),
        become_flags: of_method("DEFAULT_BECOME_FLAGS", "become_flags"),
        become_method: method,
        shell: set("DEFAULT_EXECUTABLE"),
        ..Access::default()
    };
    if typed.connects {
        ask(typed, config, &mut access)?;
    }
    Ok(access)
}

fn port(config: &Config) -> Result<Option<u16>> {
    let Some(number) = config.number("DEFAULT_REMOTE_PORT") else {
        return Ok(None);
    };
    u16::try_from(number).map(Some).map_err(|_| {
        Error::input(format!("`{number}` is not a port"))
            .at(place_of(config, "DEFAULT_REMOTE_PORT"))
    })
}

/// The passwords of logging in and of becoming.
fn ask(typed: &Typed<'_>, config: &Config, access: &mut Access) -> Result<()> {
    let connection = typed.connection;
    let configured = config.path("CONNECTION_PASSWORD_FILE");
    let file = connection.connection_password_file.as_deref();
    access.password = password(
        connection.ask_pass || config.flag("DEFAULT_ASK_PASS"),
        file.or(configured.as_deref()),
        "SSH password: ",
    )?;
    let question = match access.password {
        Some(_) => "BECOME password[defaults to SSH password]: ",
        None => "BECOME password: ",
    };
    let configured = config.path("BECOME_PASSWORD_FILE");
    let file = typed.become_.become_password_file.as_deref();
    access.become_password = password(
        typed.become_.ask_become_pass || config.flag("DEFAULT_BECOME_ASK_PASS"),
        file.or(configured.as_deref()),
        question,
    )?;
    if access
        .become_password
        .as_ref()
        .is_some_and(Secret::is_empty)
    {
        access.become_password.clone_from(&access.password);
    }
    Ok(())
}

fn ssh_arguments(typed: &Typed<'_>, config: &Config) -> Result<Vec<String>> {
    let connection = typed.connection;
    let texts = [
        config.text("ssh.ssh_args"),
        connection
            .ssh_common_args
            .clone()
            .or_else(|| config.text("ssh.ssh_common_args")),
        connection
            .ssh_extra_args
            .clone()
            .or_else(|| config.text("ssh.ssh_extra_args")),
    ];
    let mut words = Vec::new();
    for text in texts.into_iter().flatten() {
        words.extend(
            shell_words::split(&text)
                .map_err(|_| Error::input(format!("`{text}` has quotes that are not closed")))?,
        );
    }
    Ok(words)
}
