//! The command lines of the two runs: the module that fetches, and the playbook.

use std::path::{Path, PathBuf};

use clap::FromArgMatches;

use super::Arguments;
use crate::cli::playbook;
use crate::error::{Error, Kind, Result};

/// The command line of the playbook's run.
pub(super) fn words_of_run(
    arguments: &Arguments,
    playbooks: &[PathBuf],
    limit: &str,
) -> Vec<String> {
    let mut words = vec!["ansible-playbook".to_owned()];
    let mut add = |flag: &str, value: Option<&str>| {
        words.push(flag.to_owned());
        words.extend(value.map(str::to_owned));
    };
    add("-c", Some("local"));
    for file in &arguments.vault.vault_password_files {
        add("--vault-password-file", Some(&file.to_string_lossy()));
    }
    for id in &arguments.vault.vault_ids {
        add("--vault-id", Some(id));
    }
    if arguments.vault.ask_vault_pass {
        add("--ask-vault-pass", None);
    }
    for (flag, value) in [
        ("--become-password-file", &arguments.become_password_file),
        (
            "--connection-password-file",
            &arguments.connection_password_file,
        ),
        ("--user", &arguments.user),
        ("--timeout", &arguments.timeout),
        ("--ssh-common-args", &arguments.ssh_common_args),
        ("--ssh-extra-args", &arguments.ssh_extra_args),
        ("--private-key", &arguments.private_key),
    ] {
        if let Some(value) = value {
            add(flag, Some(value));
        }
    }
    for (flag, given) in [
        ("--ask-become-pass", arguments.ask_become_pass),
        ("--ask-pass", arguments.ask_pass),
        ("--check", arguments.check),
        ("--diff", arguments.diff),
        ("--flush-cache", arguments.flush_cache),
        ("--list-hosts", arguments.list_hosts),
    ] {
        if given {
            add(flag, None);
        }
    }
    for (flag, values) in [
        ("-e", &arguments.extra_vars),
        ("-t", &arguments.tags),
        ("--skip-tags", &arguments.skip_tags),
        ("-M", &arguments.module_path),
    ] {
        for value in values {
            add(flag, Some(value));
        }
    }
    let typed = arguments.inventory.limit.last().map(String::as_str);
    add("-l", Some(typed.unwrap_or(limit)));
    let named = &arguments.inventory.inventory;
    for source in named.iter().filter(|source| is_there(source)) {
        add("-i", Some(source));
    }
    words.extend(verbosity(arguments));
    words.extend(
        playbooks
            .iter()
            .map(|path| path.to_string_lossy().into_owned()),
    );
    words
}

/// The run that a command line means.
///
/// # Errors
/// An option is wrong.
pub(super) fn parsed(words: Vec<String>) -> Result<playbook::Arguments> {
    let command = crate::cli::command();
    let command = command.find_subcommand("run").cloned().unwrap_or_default();
    let wrong = |error: clap::Error| Error::new(Kind::Usage, error.to_string());
    let matches = command.try_get_matches_from(words).map_err(wrong)?;
    playbook::Arguments::from_arg_matches(&matches).map_err(wrong)
}

/// `-v` as often as it was typed.
pub(super) fn verbosity(arguments: &Arguments) -> Option<String> {
    let count = usize::from(arguments.verbose);
    (count > 0).then(|| format!("-{}", "v".repeat(count)))
}

/// The inventory as it is typed, or this machine alone.
pub(super) fn inventory_words(arguments: &Arguments) -> Vec<String> {
    // What stands in the repository is not there yet when it is fetched.
    let all = arguments.inventory.inventory.iter();
    let named: Vec<&String> = all.filter(|source| is_there(source)).collect();
    let named: Vec<String> = match named.is_empty() {
        true => vec!["localhost,".to_owned()],
        false => named.into_iter().cloned().collect(),
    };
    named
        .into_iter()
        .flat_map(|source| ["-i".to_owned(), source])
        .collect()
}

fn is_there(source: &str) -> bool {
    source.contains(',') || Path::new(source).exists()
}
