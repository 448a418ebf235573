//! `play doctor` and `play ping`: can tasks run on these hosts, and if not, what is to be mended?

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use clap::Args;

use super::listeners::Silent;
use super::options::{
    BecomeOptions, ConnectionOptions, InventoryOptions, RunOptions, VaultOptions,
};
use super::setup::{self, Ready, Typed};
use super::targets;
use super::terminal;
use crate::error::{Error, Result};
use crate::executor::{self, Examined, Tags};

/// What `play doctor` and `play ping` take.
#[derive(Args, Clone, Debug)]
pub struct Arguments {
    /// Which hosts: names, groups, patterns
    #[arg(required = true, value_name = "HOST")]
    hosts: Vec<String>,
    #[command(flatten)]
    inventory: InventoryOptions,
    #[command(flatten)]
    connection: ConnectionOptions,
    #[command(flatten)]
    become_: BecomeOptions,
    #[command(flatten)]
    vault: VaultOptions,
}

/// Looks at the hosts and prints what was found; gives the exit code: 4 where a host cannot be reached, 2 where
/// something else is wrong.
///
/// # Errors
/// The inventory or an option is wrong, or no host matches.
pub async fn run(arguments: Arguments, deep: bool) -> Result<u8> {
    let ready = ready(&arguments)?;
    let pattern = arguments.hosts.join(",");
    targets::check(&ready.run, &pattern)?;
    let hosts = executor::match_hosts(&ready.run, std::slice::from_ref(&pattern))?;
    if hosts.is_empty() {
        return Err(
            Error::input(format!("no host or group matches `{pattern}`"))
                .hint("`play inventory` shows the hosts there are"),
        );
    }
    let mut looks = tokio::task::JoinSet::new();
    for (number, host) in hosts.iter().enumerate() {
        let (run, host) = (Arc::clone(&ready.run), Arc::clone(host));
        looks.spawn(async move {
            let began = Instant::now();
            let found = executor::examine(&run, &host, deep).await;
            (number, host, found, began.elapsed())
        });
    }
    let mut all = looks.join_all().await;
    all.sort_by_key(|(number, ..)| *number);
    let mut code = 0;
    for (_, host, found, time) in all {
        let found = found?;
        let wrong = found.iter().filter(|one| one.mend.is_some());
        for one in wrong {
            code = code.max(if one.lost { 4 } else { 2 });
        }
        let text = match deep {
            true => report(&host, &found),
            false => format!("{host}: {} ({} ms)\n", in_short(&found), time.as_millis()),
        };
        terminal::print(&terminal::shown(&text))?;
    }
    Ok(code)
}

fn ready(arguments: &Arguments) -> Result<Ready> {
    let config = setup::configuration()?;
    let typed = Typed {
        inventory: &arguments.inventory,
        connection: &arguments.connection,
        become_: &arguments.become_,
        vault: &arguments.vault,
        run: &RunOptions::default(),
        tags: Tags::default(),
        folder: std::path::absolute(Path::new("."))?,
        connects: true,
        secrets: Arc::default(),
    };
    // What is wrong is told, not asked about.
    setup::ready(&typed, &config, Box::new(Silent), |options| {
        options.access.asker = None;
    })
}

fn in_short(found: &[Examined]) -> String {
    match found.iter().find(|one| one.mend.is_some()) {
        None => "ok".to_owned(),
        Some(wrong) => format!("{} is wrong: {}", wrong.step, wrong.text),
    }
}

fn report(host: &str, found: &[Examined]) -> String {
    let mut text = format!("{host}\n");
    for one in found {
        let word = if one.mend.is_some() { "WRONG" } else { "ok" };
        text += &format!("  {word:<6}{:<11}{}\n", one.step, one.text);
        if let Some(mend) = &one.mend {
            text += &format!("                   → {mend}\n");
        }
    }
    text
}
