//! `play explain`: where the variables of hosts come from, which definition wins, and what the
//! value is once its templates are rendered.

mod explained;
mod json;
mod secrets;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::listeners::Silent;
use super::options::{
    BecomeOptions, ConnectionOptions, InventoryOptions, RunOptions, VaultOptions,
};
use super::setup::{self, Ready, Typed};
use super::terminal;
use crate::error::{Error, Result, nearest};
use crate::executor::{self, Tags, definitions_inside, scope_in_play};
use crate::inventory::LOCALHOST;
use crate::value::{Value, to_json_nice};
use crate::vars::TaskScope;
use explained::Explained;

/// What `play explain` takes.
#[derive(Args, Clone, Debug)]
pub struct Arguments {
    /// The hosts: a name, a group or a pattern as in `hosts:`
    #[arg(value_name = "HOSTS")]
    host: String,
    /// The variables; without any, all but the magic ones
    #[arg(value_name = "NAME")]
    variables: Vec<String>,
    /// Print JSON: a list of what is known of each variable of each host
    #[arg(long)]
    json: bool,
    /// A playbook whose plays count too
    #[arg(long, visible_alias = "pb", value_name = "FILE")]
    playbook: Option<PathBuf>,
    /// More variables: key=value, JSON or YAML, or @file; may be repeated
    #[arg(short = 'e', long = "extra-vars", value_name = "VARS")]
    extra_vars: Vec<String>,
    /// Where hosts come from; may be repeated
    #[arg(
        short = 'i',
        long = "inventory",
        visible_alias = "inventory-file",
        value_name = "SOURCE"
    )]
    inventory: Vec<String>,
    #[command(flatten)]
    vault: VaultOptions,
}

/// Prints what is asked for; gives the exit code.
///
/// # Errors
/// There is no such host or variable, or something cannot be read.
pub fn run(arguments: &Arguments) -> Result<u8> {
    let ready = ready(arguments)?;
    let hosts = hosts(&ready, &arguments.host)?;
    let mut all: Vec<Explained> = Vec::new();
    for host in &hosts {
        all.extend(explained(arguments, &ready, host, hosts.len() > 1)?);
    }
    if let (true, Some(playbook)) = (all.is_empty(), &arguments.playbook) {
        let text = format!(
            "no play of `{}` is for `{}`",
            playbook.display(),
            arguments.host
        );
        return Err(Error::input(text));
    }
    for wanted in &arguments.variables {
        check_variable(&all, wanted, &arguments.host)?;
    }
    if arguments.json {
        let all = all.iter().flat_map(|one| one.json(&arguments.variables));
        let text = to_json_nice(&Value::list(all.collect()), 4, false);
        terminal::print(&format!("{text}\n"))?;
        return Ok(0);
    }
    for explained in all {
        if let Some(title) = &explained.title {
            terminal::print(&format!("{title}\n"))?;
        }
        terminal::print(&explained.text(&arguments.variables))?;
    }
    Ok(0)
}

fn ready(arguments: &Arguments) -> Result<Ready> {
    let config = setup::configuration()?;
    let inventory = InventoryOptions {
        inventory: arguments.inventory.clone(),
        ..InventoryOptions::default()
    };
    let run = RunOptions {
        extra_vars: arguments.extra_vars.clone(),
        ..RunOptions::default()
    };
    let vault = VaultOptions {
        asks_late: true,
        ..arguments.vault.clone()
    };
    let beside = arguments.playbook.as_deref().and_then(Path::parent);
    let folder = beside.filter(|folder| !folder.as_os_str().is_empty());
    let typed = Typed {
        inventory: &inventory,
        connection: &ConnectionOptions::default(),
        become_: &BecomeOptions::default(),
        vault: &vault,
        run: &run,
        tags: Tags::default(),
        folder: std::path::absolute(folder.unwrap_or(Path::new(".")))?,
        connects: false,
        secrets: Arc::default(),
    };
    setup::ready(&typed, &config, Box::new(Silent), |_| ())
}

/// The hosts that are meant.
fn hosts(ready: &Ready, typed: &str) -> Result<Vec<Arc<str>>> {
    let inventory = ready.run.store.inventory();
    if inventory.host(typed).is_some() || LOCALHOST.contains(&typed) {
        return Ok(vec![typed.into()]);
    }
    let names = inventory
        .hosts()
        .map(|host| &*host.name)
        .chain(inventory.groups().map(|group| &*group.name));
    let is_name = !typed.contains([',', ':', '*', '?', '[', '~', '&', '!']);
    if is_name && inventory.group(typed).is_none() && typed != "all" {
        let text = format!("there is no host or group `{typed}` in the inventory");
        return Err(Error::input(text).hint_if(nearest(typed, names)));
    }
    let hosts = executor::match_hosts(&ready.run, &[typed.to_owned()])?;
    match hosts.is_empty() {
        true => Err(Error::input(format!("no host matches `{typed}`"))
            .hint("`play inventory` shows the hosts there are")),
        false => Ok(hosts),
    }
}

/// A variable must mean something somewhere.
fn check_variable(all: &[Explained], wanted: &str, host: &str) -> Result<()> {
    let mut names: Vec<String> = Vec::new();
    for explained in all {
        if explained.knows(wanted) {
            return Ok(());
        }
        names.extend(explained.names());
    }
    let near = nearest(wanted, names.iter().map(String::as_str));
    Err(Error::undefined(format!("`{wanted}` is not defined for `{host}`")).hint_if(near))
}

/// What is to be explained of a host: itself, or each play of the playbook that is for it.
fn explained<'a>(
    arguments: &Arguments,
    ready: &'a Ready,
    host: &Arc<str>,
    is_one_of_several: bool,
) -> Result<Vec<Explained<'a>>> {
    let of = is_one_of_several.then(|| format!("HOST [{host}]"));
    let Some(playbook) = &arguments.playbook else {
        let scope = TaskScope::of_host(&ready.run.store, host);
        let mut explained = Explained::new(ready, host, scope, Vec::new());
        explained.title = of;
        return Ok(vec![explained]);
    };
    if !playbook.is_file() {
        let text = format!("the playbook `{}` could not be found", playbook.display());
        return Err(Error::input(text));
    }
    let folder = ready.run.store.info.playbook_dir.clone();
    let mut scopes = Vec::new();
    for play in executor::load(&ready.run, playbook)? {
        if let Some((name, scope)) = scope_in_play(&ready.run, &play, host, &folder)? {
            let mut explained = Explained::new(ready, host, scope, definitions_inside(&play));
            let of = of
                .as_ref()
                .map(|host| format!(" {host}"))
                .unwrap_or_default();
            explained.title = Some(format!("PLAY [{name}]{of}"));
            explained.play = Some(name);
            scopes.push(explained);
        }
    }
    Ok(scopes)
}
