//! Passwords: asked for, read from files, printed by programs.

use std::path::Path;

use super::options::VaultOptions;
use super::terminal;
use crate::config::Config;
use crate::connection;
use crate::error::{Error, Kind, Manner, Result};
use crate::vault::{self, Identity, Origin, Secret, Vault};

/// A password that is asked for, or stands in a file (the output of one that can be executed).
///
/// # Errors
/// Nothing can be read.
pub fn password(ask: bool, file: Option<&Path>, question: &str) -> Result<Option<Secret>> {
    if ask {
        return terminal::ask_secret(question).map(Some);
    }
    let Some(file) = file else {
        return Ok(None);
    };
    if file.as_os_str() == "-" {
        return terminal::ask_secret("").map(Some);
    }
    let unreadable = |why: Error| {
        let text = format!("failed to read the password file `{}`", file.display());
        Error::input(text).because(why)
    };
    let secret = match is_program(file) {
        true => {
            let word = std::path::absolute(file)?.to_string_lossy().into_owned();
            let done = connection::run_program_blocking(&[word], &[], None, &[], None)?;
            if done.status != 0 {
                let text = format!("it ended with status {}", done.status);
                return Err(unreadable(Error::input(text)));
            }
            Secret::new(done.stdout)
        }
        false => Secret::new(std::fs::read(file).map_err(|error| unreadable(error.into()))?),
    };
    Ok(Some(Secret::new(secret.expose().trim_ascii())))
}

fn is_program(file: &Path) -> bool {
    file.is_file() && rustix::fs::access(file, rustix::fs::Access::EXEC_OK).is_ok()
}

/// The vault of a run: the passwords that the configuration names, then those of the command line.
///
/// # Errors
/// A password cannot be had.
pub fn open_vault(options: &VaultOptions, config: &Config) -> Result<Vault> {
    let mut vault = Vault::new();
    vault.match_labels(config.flag("DEFAULT_VAULT_ID_MATCH"));
    let mut missing = Vec::new();
    for identity in identities(options, config) {
        if options.asks_late && identity.origin == Origin::Prompt {
            ask_late(&mut vault, &identity.label);
            continue;
        }
        match add(&mut vault, &identity) {
            Ok(()) => {}
            // Nobody can type it anew.
            Err(error) if identity.origin == Origin::Prompt => return Err(error),
            Err(error) => missing.push((identity, error)),
        }
    }
    check_missing(&vault, missing)?;
    if options.ask_vault_pass
        || config.flag("DEFAULT_ASK_VAULT_PASS") && options.vault_password_files.is_empty()
    {
        let label = default_label(config);
        match options.asks_late {
            true => ask_late(&mut vault, &label),
            false => ask(&mut vault, &label)?,
        }
    }
    Ok(vault)
}

/// One password is enough; those that cannot be had are warnings then.
///
/// # Errors
/// None can be had.
pub fn check_missing(vault: &Vault, missing: Vec<(Identity, Error)>) -> Result<()> {
    let is_fatal = vault.is_empty();
    for (identity, error) in &missing {
        // The reference tells of each, also where the last of them is the error.
        if !is_fatal || terminal::manner() == Manner::Reference {
            terminal::print_warning(&unavailable(identity, error));
        }
    }
    match missing.into_iter().next_back() {
        Some((_, error)) if is_fatal => Err(error),
        _ => Ok(()),
    }
}

/// The warning of a password that cannot be had.
fn unavailable(identity: &Identity, error: &Error) -> Error {
    let what = match &identity.origin {
        Origin::Prompt => "in vault password prompt",
        Origin::File(path) if vault::password::PasswordFile::at(path).is_err() => {
            "getting vault password file"
        }
        Origin::File(_) => "in vault password file loading",
    };
    Error::input(format!(
        "Error {what} ({}): {}",
        identity.label,
        error.told()
    ))
}

/// The label of a password without one.
pub fn default_label(config: &Config) -> String {
    config
        .text("DEFAULT_VAULT_IDENTITY")
        .unwrap_or_else(|| vault::DEFAULT_LABEL.to_owned())
}

/// The passwords that are named, the configured ones first.
pub fn identities(options: &VaultOptions, config: &Config) -> Vec<Identity> {
    let named = config.list("DEFAULT_VAULT_IDENTITY_LIST");
    let ids = named.iter().chain(&options.vault_ids);
    let mut identities: Vec<Identity> = ids.map(|text| Identity::parse(text)).collect();
    let configured = config.path("DEFAULT_VAULT_PASSWORD_FILE");
    let files = options.vault_password_files.iter().chain(&configured);
    identities.extend(files.map(|file| Identity {
        label: default_label(config),
        is_named: true,
        origin: Origin::File(file.clone()),
    }));
    identities
}

/// Asks for a vault password.
///
/// # Errors
/// Nothing, or an empty password, is typed.
pub fn ask(vault: &mut Vault, label: &str) -> Result<()> {
    let typed = typed(label).map_err(|error| refused(label, error))?;
    vault.add(label, typed);
    Ok(())
}

/// Has a vault password asked for once something has to be opened.
fn ask_late(vault: &mut Vault, label: &str) {
    let own = label.to_owned();
    vault.add_late(label, Box::new(move || typed(&own)));
}

fn typed(label: &str) -> Result<Secret> {
    let question = match label {
        vault::DEFAULT_LABEL => "Vault password: ".to_owned(),
        label => format!("Vault password ({label}): "),
    };
    vault::password::from_prompt(&terminal::ask_secret(&question)?)
}

/// Asks twice for a new vault password.
///
/// # Errors
/// The two are not the same, or empty.
pub fn ask_new(vault: &mut Vault, label: &str) -> Result<()> {
    let (first, again) = match label {
        vault::DEFAULT_LABEL => (
            "New Vault password: ".to_owned(),
            "Confirm New Vault password: ".to_owned(),
        ),
        label => (
            format!("New vault password ({label}): "),
            format!("Confirm new vault password ({label}): "),
        ),
    };
    let typed = vault::password::from_prompt(&terminal::ask_secret(&first)?)
        .map_err(|error| refused(label, error))?;
    let again = vault::password::from_prompt(&terminal::ask_secret(&again)?)
        .map_err(|error| refused(label, error))?;
    if typed.expose() != again.expose() {
        return Err(refused(label, Error::input("Passwords do not match")));
    }
    vault.add(label, typed);
    Ok(())
}

/// The reference warns of what was typed before it is the error.
fn refused(label: &str, error: Error) -> Error {
    if terminal::manner() == Manner::Reference {
        let identity = Identity {
            label: label.to_owned(),
            is_named: true,
            origin: Origin::Prompt,
        };
        terminal::print_warning(&unavailable(&identity, &error));
    }
    error
}

/// Adds the password of an identity.
///
/// # Errors
/// It cannot be had.
pub fn add(vault: &mut Vault, identity: &Identity) -> Result<()> {
    if identity.label.contains(';') {
        let text = format!(
            "'{}' is not a valid vault id. The character ';' is not allowed in vault ids",
            identity.label
        );
        return Err(Error::new(Kind::Options, text));
    }
    let path = match &identity.origin {
        Origin::Prompt => return ask(vault, &identity.label),
        Origin::File(path) => path,
    };
    let file = vault::password::PasswordFile::at(path)?;
    let password = match &file {
        vault::password::PasswordFile::Plain(path) => vault::password::from_file(path, vault)?,
        vault::password::PasswordFile::Program { path, .. } => {
            let full = std::path::absolute(path)?.to_string_lossy().into_owned();
            let mut command = vec![full];
            if identity.is_named {
                command.extend(file.arguments(&identity.label));
            }
            let done = connection::run_program_blocking(&command, &[], None, &[], None)?;
            let printed = Secret::new(done.stdout);
            vault::password::from_program(path, &identity.label, Some(done.status), &printed)?
        }
    };
    vault.add(&identity.label, password);
    Ok(())
}
