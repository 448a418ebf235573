//! `play runs merge`: many controllers, one recap.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::super::terminal;
use super::list::{as_json, end_text};
use super::many;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::report::journal::{End, Record, Summary};
use crate::report::{Counts, Event, Recap, Screen, ScreenOptions, Teller};

/// What `play runs merge` takes.
#[derive(Args, Clone, Debug)]
pub struct Arguments {
    /// The runs: ids, or folders with records at any depth
    #[arg(required = true, value_name = "DIR|ID")]
    runs: Vec<String>,
    /// As JSON: the runs, and each host's numbers
    #[arg(long)]
    json: bool,
    /// Write a page of all of them, as `play report` does
    #[arg(short = 'o', long = "report", value_name = "FILE")]
    report: Option<PathBuf>,
    /// When to colour: auto, always, never
    #[arg(long, value_name = "WHEN", default_value = "auto", value_parser = ["auto", "always", "never"])]
    color: String,
}

/// Merges; gives the exit code that one run of all hosts would have.
///
/// # Errors
/// There is no such run, or it cannot be read.
pub fn run(arguments: &Arguments, config: &Config) -> Result<u8> {
    let (records, summaries) = each_once(many(&arguments.runs, config)?)?;
    for summary in &summaries {
        if matches!(summary.end, End::Running | End::Killed) {
            let (id, end) = (&summary.run.id, end_text(summary));
            let text = format!("the run `{id}` has no end: it is {end}, and its hosts are missing");
            terminal::print_warning(&Error::input(text));
        }
    }
    let code = code(&summaries);
    let hosts = hosts(&summaries);
    if arguments.json {
        let runs: Vec<_> = summaries.iter().map(as_json).collect();
        let merged: BTreeMap<&str, &Counts> = hosts
            .iter()
            .map(|(host, counts)| (&**host, counts))
            .collect();
        let text = json!({"code": code, "hosts": merged, "runs": runs});
        terminal::print(&format!("{text:#}\n"))?;
    } else {
        print_recap(arguments, config, hosts, &summaries)?;
    }
    if let Some(path) = &arguments.report {
        super::super::report::write(&records, path)?;
    }
    Ok(code)
}

/// The runs with what they say in short; one that is named twice, or was copied, counts once.
fn each_once(all: Vec<Record>) -> Result<(Vec<Record>, Vec<Summary>)> {
    let (mut records, mut summaries) = (Vec::new(), Vec::<Summary>::new());
    let mut seen = HashSet::new();
    for record in all {
        let summary = record.summary()?;
        let run = &summary.run;
        if !seen.insert((run.id.clone(), run.controller.clone(), run.pid)) {
            let text = format!(
                "the run `{}` is there more than once, and counts once",
                run.id
            );
            terminal::print_warning(&Error::input(text));
            continue;
        }
        records.push(record);
        summaries.push(summary);
    }
    Ok((records, summaries))
}

/// Each host's numbers; a host that several runs worked on has their sum.
fn hosts(summaries: &[Summary]) -> Vec<(Arc<str>, Counts)> {
    let mut hosts: BTreeMap<Arc<str>, Counts> = BTreeMap::new();
    for (host, counts) in summaries.iter().flat_map(|summary| &summary.hosts) {
        hosts.entry(host.as_str().into()).or_default().add(counts);
    }
    hosts.into_iter().collect()
}

/// The exit code of all of them: what ended one early is stronger than what failed on its hosts.
fn code(summaries: &[Summary]) -> u8 {
    let codes = summaries.iter().map(|summary| match summary.end {
        End::Code(code) => code,
        End::Running | End::Killed => 1,
    });
    let codes: Vec<u8> = codes.collect();
    let order = [250, 99, 1, 5, 4, 2];
    let known = order.into_iter().find(|code| codes.contains(code));
    known.or_else(|| codes.into_iter().max()).unwrap_or(0)
}

fn print_recap(
    arguments: &Arguments,
    config: &Config,
    hosts: Vec<(Arc<str>, Counts)>,
    summaries: &[Summary],
) -> Result<()> {
    let seconds = summaries.iter().map(|summary| summary.seconds);
    let recap = Recap {
        hosts,
        duration: Duration::try_from_secs_f64(seconds.fold(0.0, f64::max)).unwrap_or_default(),
        ..Recap::default()
    };
    let options = ScreenOptions {
        colour: terminal::colours(&arguments.color, config),
        width: terminal::width(),
        durations: true,
        ..ScreenOptions::default()
    };
    let mut text = Vec::new();
    let mut screen = Screen::new(Vec::new(), options);
    screen.tell(&Event::Finished(Arc::new(recap)), &mut text);
    let runs = format!(
        "{} runs, {} hosts\n",
        summaries.len(),
        total_hosts(summaries)
    );
    terminal::print(&format!("{}{runs}", String::from_utf8_lossy(&text)))
}

fn total_hosts(summaries: &[Summary]) -> usize {
    let names = summaries.iter().flat_map(|summary| &summary.hosts);
    let names: HashSet<&str> = names.map(|(host, _)| host.as_str()).collect();
    names.len()
}
