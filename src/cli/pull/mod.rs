//! `play pull`: this machine fetches its own playbooks from a repository and runs them, as
//! ansible-pull does.

mod options;
mod words;

pub use options::Arguments;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::FromArgMatches;

use super::{adhoc, playbook, setup, terminal};
use crate::config::Config;
use crate::error::{Error, Kind, Result};
use crate::report::{Event, Listener};
use words::{inventory_words, parsed, verbosity, words_of_run};

/// The modules that can fetch a repository, and whether each is built.
const MODULES: [(&str, bool); 4] = [
    ("git", true),
    ("subversion", true),
    ("hg", false),
    ("bzr", false),
];

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
