//! `play pull`: this machine fetches its own playbooks from a repository and runs them, as
//! ansible-pull does.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::{Args, FromArgMatches};

use super::options::{InventoryOptions, VaultOptions};
use super::{adhoc, playbook, setup, terminal};
use crate::config::Config;
use crate::error::{Error, Kind, Result};
use crate::report::{Event, Listener};

/// The modules that can fetch a repository, and whether each is built.
const MODULES: [(&str, bool); 4] = [
    ("git", true),
    ("subversion", true),
    ("hg", false),
    ("bzr", false),
];

/// What `play pull` takes.
#[derive(Args, Clone, Debug)]
pub struct Arguments {
    /// The playbooks in the repository [default: this host's name, then local.yml]
    #[arg(value_name = "PLAYBOOK")]
    playbooks: Vec<PathBuf>,
    /// The repository
    #[arg(short = 'U', long, value_name = "URL")]
    url: Option<String>,
    /// The folder that it is fetched into [default: ~/.ansible/pull/HOST]
    #[arg(short = 'd', long = "directory", value_name = "FOLDER")]
    directory: Option<String>,
    /// The branch, tag or commit
    #[arg(short = 'C', long, value_name = "REVISION")]
    checkout: Option<String>,
    /// Run nothing unless the repository has changed
    #[arg(short = 'o', long)]
    only_if_changed: bool,
    /// Run the playbook even if the repository cannot be fetched
    #[arg(short = 'f', long)]
    force: bool,
    /// Throw away what was changed in the fetched files
    #[arg(long)]
    clean: bool,
    /// Fetch the whole history, not the last commit alone
    #[arg(long)]
    full: bool,
    /// Remove the fetched files after the run
    #[arg(long)]
    purge: bool,
    /// Wait so many seconds at most first, by chance, so that not all machines ask at once
    #[arg(short = 's', long, value_name = "SECONDS")]
    sleep: Option<String>,
    /// Take the repository's host key if it is not known
    #[arg(long)]
    accept_host_key: bool,
    /// Stop unless the commit's signature is good
    #[arg(long)]
    verify_commit: bool,
    /// Fetch the newest of submodules
    #[arg(long)]
    track_subs: bool,
    /// The module that fetches: git, subversion
    #[arg(short = 'm', long, value_name = "MODULE", default_value = "git")]
    module_name: String,
    /// Only tasks with one of these tags
    #[arg(short = 't', long, value_name = "TAGS")]
    tags: Vec<String>,
    /// No task with one of these tags
    #[arg(long, value_name = "TAGS")]
    skip_tags: Vec<String>,
    /// Predict what would change, and change nothing
    #[arg(long)]
    check: bool,
    /// Show what differs in files
    #[arg(long)]
    diff: bool,
    /// More variables: key=value, JSON or YAML, or @file; may be repeated
    #[arg(short = 'e', long, value_name = "VARS")]
    extra_vars: Vec<String>,
    /// Folders of custom modules, separated by colons
    #[arg(short = 'M', long, value_name = "PATH")]
    module_path: Vec<String>,
    /// List the hosts that match, and do nothing else
    #[arg(long)]
    list_hosts: bool,
    /// Forget facts that were kept from earlier runs
    #[arg(long)]
    flush_cache: bool,
    /// Say more; may be repeated
    #[arg(short = 'v', long, action = clap::ArgAction::Count)]
    verbose: u8,
    /// Ask for the password of becoming
    #[arg(short = 'K', long)]
    ask_become_pass: bool,
    /// Read the password of becoming from a file
    #[arg(long, visible_alias = "become-pass-file", value_name = "FILE")]
    become_password_file: Option<String>,
    /// Ask for the login password
    #[arg(short = 'k', long)]
    ask_pass: bool,
    /// Read the login password from a file
    #[arg(long, visible_alias = "conn-pass-file", value_name = "FILE")]
    connection_password_file: Option<String>,
    /// The key that the repository is fetched with
    #[arg(long, visible_alias = "key-file", value_name = "FILE")]
    private_key: Option<String>,
    /// Log in as this user
    #[arg(short = 'u', long, value_name = "USER")]
    user: Option<String>,
    /// The kind of connection; a pull is always local
    #[arg(short = 'c', long, value_name = "KIND", value_parser = ["local"])]
    connection: Option<String>,
    /// How many seconds connecting may take
    #[arg(short = 'T', long, value_name = "SECONDS")]
    timeout: Option<String>,
    /// OpenSSH options for every connection
    #[arg(long, value_name = "ARGS", allow_hyphen_values = true)]
    ssh_common_args: Option<String>,
    /// OpenSSH options for the shell's connection
    #[arg(long, value_name = "ARGS", allow_hyphen_values = true)]
    ssh_extra_args: Option<String>,
    #[command(flatten)]
    inventory: InventoryOptions,
    #[command(flatten)]
    vault: VaultOptions,
}

/// Fetches the repository and runs the playbook; gives the exit code.
///
/// # Errors
/// Nothing can be fetched, or there is no playbook.
pub async fn run(arguments: Arguments) -> Result<u8> {
    let config = setup::configuration()?;
    let names = own_names();
    let folder = check(&arguments, &config, &names)?;
    let now = jiff::Zoned::now().strftime("%F %T").to_string();
    let line: Vec<String> = std::env::args().collect();
    terminal::print(&format!(
        "Starting Ansible Pull at {now}\n{}\n",
        line.join(" ")
    ))?;
    nap(&arguments)?;
    let limit = format!("localhost,{},127.0.0.1", names.join(","));
    let (code, changed) = fetch(&arguments, &folder, &limit).await?;
    if code != 0 {
        if !arguments.force {
            return Ok(code);
        }
        terminal::print_warning(&Error::input(
            "unable to update repository. Continuing with (forced) run of playbook",
        ));
    } else if arguments.only_if_changed && !changed {
        terminal::print("Repository has not changed, quitting\n")?;
        return Ok(0);
    }
    let playbooks = playbooks(&arguments, &folder, &names)?;
    // From here on the repository's own ansible.cfg and inventories are there.
    std::env::set_current_dir(&folder)?;
    let words = words_of_run(&arguments, &playbooks, &limit);
    let code = playbook::run(parsed(words)?).await?;
    if arguments.purge {
        std::env::set_current_dir("/")?;
        std::fs::remove_dir_all(&folder).map_err(|error| {
            Error::input(format!("failed to remove {}", folder.display())).because(error)
        })?;
    }
    Ok(code)
}

fn check(arguments: &Arguments, config: &Config, names: &[String]) -> Result<PathBuf> {
    let wrong = |text: String| Error::new(Kind::Options, text);
    if arguments.url.is_none() {
        return Err(
            wrong("URL for repository not specified, use -h for help".to_owned())
                .hint("play pull -U https://git.example.com/site.git"),
        );
    }
    match MODULES
        .iter()
        .find(|(name, _)| *name == arguments.module_name)
    {
        Some((_, true)) => (),
        Some((name, false)) => return Err(wrong(format!("the repo module `{name}` is not built"))),
        None => {
            let text = format!(
                "unsupported repo module {}, choices are git, subversion, hg, bzr",
                arguments.module_name
            );
            return Err(wrong(text));
        }
    }
    let folder = match &arguments.directory {
        Some(folder) => PathBuf::from(folder),
        None => {
            let home = config
                .path("ANSIBLE_HOME")
                .unwrap_or_else(|| PathBuf::from(".ansible"));
            home.join("pull").join(&names[0])
        }
    };
    let folder = std::path::absolute(super::galaxy::expanded(&folder.to_string_lossy()))?;
    if folder.exists() && !folder.is_dir() {
        return Err(wrong(format!(
            "{} is not a valid or accessible directory",
            folder.display()
        )));
    }
    Ok(folder)
}

/// The names of this machine, the fullest first.
fn own_names() -> Vec<String> {
    let node = rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned();
    let full = full_name(&node);
    let short = |name: &str| name.split('.').next().unwrap_or(name).to_owned();
    let mut names = vec![full.clone(), node.clone(), short(&full), short(&node)];
    let mut seen = Vec::new();
    names.retain(|name| {
        let new = !name.is_empty() && !seen.contains(name);
        seen.push(name.clone());
        new
    });
    names
}

/// The full name of a machine: the first with a dot that /etc/hosts has beside its own.
fn full_name(node: &str) -> String {
    let text = std::fs::read_to_string("/etc/hosts").unwrap_or_default();
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default();
        let words: Vec<&str> = line.split_whitespace().skip(1).collect();
        if words.contains(&node) {
            let full = words.iter().find(|word| word.contains('.'));
            return (*full.unwrap_or(&words[0])).to_owned();
        }
    }
    node.to_owned()
}

fn nap(arguments: &Arguments) -> Result<()> {
    let Some(most) = &arguments.sleep else {
        return Ok(());
    };
    let most: u64 = most
        .parse()
        .map_err(|_| Error::new(Kind::Options, format!("{most} is not a number.")))?;
    if most == 0 {
        return Ok(());
    }
    let mut bytes = [0_u8; 8];
    std::io::Read::read_exact(&mut std::fs::File::open("/dev/urandom")?, &mut bytes)?;
    let seconds = u64::from_ne_bytes(bytes) % most;
    terminal::print(&format!("Sleeping for {seconds} seconds...\n"))?;
    std::thread::sleep(Duration::from_secs(seconds));
    Ok(())
}

/// Runs the module that fetches; gives its exit code, and whether it changed anything.
async fn fetch(arguments: &Arguments, folder: &Path, limit: &str) -> Result<(u8, bool)> {
    let url = arguments.url.as_deref().unwrap_or_default();
    let mut options = serde_json::Map::new();
    let mut set = |key: &str, value: serde_json::Value| options.insert(key.to_owned(), value);
    let destination = folder.to_string_lossy().into_owned();
    set("dest", destination.into());
    set("repo", url.into());
    if let Some(revision) = &arguments.checkout {
        let key = if arguments.module_name == "git" {
            "version"
        } else {
            "revision"
        };
        set(key, revision.as_str().into());
    }
    if arguments.clean {
        set("force", true.into());
    }
    if arguments.module_name == "git" {
        if arguments.accept_host_key {
            set("accept_hostkey", true.into());
        }
        if let Some(key) = &arguments.private_key {
            set("key_file", key.as_str().into());
        }
        if arguments.verify_commit {
            set("verify_commit", true.into());
        }
        if arguments.track_subs {
            set("track_submodules", true.into());
        }
        if !arguments.full {
            set("depth", 1.into());
        }
    } else if !arguments.full {
        set("export", true.into());
    }
    let mut words = vec!["ansible".to_owned()];
    words.extend(["-c", "local", "-m", &arguments.module_name, "-a"].map(str::to_owned));
    words.push(serde_json::Value::Object(options).to_string());
    words.extend(["all", "-l", limit].map(str::to_owned));
    words.extend(inventory_words(arguments));
    words.extend(
        arguments
            .extra_vars
            .iter()
            .flat_map(|vars| ["-e".to_owned(), vars.clone()]),
    );
    words.extend(verbosity(arguments));
    let command = super::command();
    let command = command
        .find_subcommand("adhoc")
        .cloned()
        .unwrap_or_default();
    let matches = command
        .try_get_matches_from(words)
        .map_err(|error| Error::bug(error.to_string()))?;
    let own = adhoc::Arguments::from_arg_matches(&matches)
        .map_err(|error| Error::bug(error.to_string()))?;
    let changed = Arc::new(AtomicBool::new(false));
    let code = adhoc::run_heard(own, Some(Box::new(Changed(Arc::clone(&changed))))).await?;
    Ok((code, changed.load(Ordering::Relaxed)))
}

/// Remembers whether anything changed.
struct Changed(Arc<AtomicBool>);

impl Listener for Changed {
    fn on(&mut self, event: &Event) {
        if let Event::TaskDone(result) = event
            && result.outcome.changed
        {
            self.0.store(true, Ordering::Relaxed);
        }
    }
}

fn verbosity(arguments: &Arguments) -> Option<String> {
    let count = usize::from(arguments.verbose);
    (count > 0).then(|| format!("-{}", "v".repeat(count)))
}

/// The inventory as it is typed, or this machine alone.
fn inventory_words(arguments: &Arguments) -> Vec<String> {
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

/// The playbooks that are asked for, or the first there is of this host's name and `local.yml`.
fn playbooks(arguments: &Arguments, folder: &Path, names: &[String]) -> Result<Vec<PathBuf>> {
    let missing = |paths: &[PathBuf]| {
        let lines = paths
            .iter()
            .map(|path| format!("{}: File does not exist", path.display()));
        terminal::print_warning(&Error::input(lines.collect::<Vec<_>>().join("\n")));
        Error::new(Kind::Options, "could not find a playbook to run")
    };
    if !arguments.playbooks.is_empty() {
        let all: Vec<PathBuf> = arguments
            .playbooks
            .iter()
            .map(|path| folder.join(path))
            .collect();
        let lost: Vec<PathBuf> = all.iter().filter(|path| !path.is_file()).cloned().collect();
        return if lost.is_empty() {
            Ok(all)
        } else {
            Err(missing(&lost))
        };
    }
    let full = names.first().map_or("localhost", String::as_str);
    let short = full.split('.').next().unwrap_or(full);
    let tried: Vec<PathBuf> = [full, short, "local"]
        .iter()
        .map(|name| folder.join(format!("{name}.yml")))
        .collect();
    match tried.iter().find(|path| path.is_file()) {
        Some(path) => Ok(vec![path.clone()]),
        None => Err(missing(&tried)),
    }
}

/// The command line of the playbook's run.
fn words_of_run(arguments: &Arguments, playbooks: &[PathBuf], limit: &str) -> Vec<String> {
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

fn parsed(words: Vec<String>) -> Result<playbook::Arguments> {
    let command = super::command();
    let command = command.find_subcommand("run").cloned().unwrap_or_default();
    let wrong = |error: clap::Error| Error::new(Kind::Usage, error.to_string());
    let matches = command.try_get_matches_from(words).map_err(wrong)?;
    playbook::Arguments::from_arg_matches(&matches).map_err(wrong)
}
