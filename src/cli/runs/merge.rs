//! `play runs merge`: many controllers, one recap.

use std::collections::{BTreeMap, BTreeSet, HashSet};
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
use crate::inventory::Share;
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
    let (records, mut summaries) = each_once(many(&arguments.runs, config)?)?;
    for summary in &summaries {
        if matches!(summary.end, End::Running | End::Killed) {
            let (id, end) = (&summary.run.id, end_text(summary));
            let text = format!(
                "the run `{id}` has no end: it is {end}, and its numbers are those until then"
            );
            terminal::print_warning(&Error::input(text));
        }
    }
    let gone_on = settle(&mut summaries);
    let missing = missing(&summaries);
    for share in &missing {
        let text = format!("the share {share} is missing");
        let hint = "its controller has not begun, or its record is not here";
        terminal::print_warning(&Error::input(text).hint(hint));
    }
    let code = match code(&summaries, &gone_on) {
        0 | 2 | 4 if !missing.is_empty() => 1,
        code => code,
    };
    let hosts = hosts(&summaries);
    if arguments.json {
        let runs: Vec<_> = summaries.iter().map(as_json).collect();
        let merged: BTreeMap<&str, &Counts> = hosts
            .iter()
            .map(|(host, counts)| (&**host, counts))
            .collect();
        let text = json!({"code": code, "hosts": merged, "missing": missing, "runs": runs});
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

/// What tells the shares of one run from those of others: what was run, and of how many shares.
type Whole<'a> = (&'a [String], bool, &'a [String], u32);

/// The shares that no record is of, as the first record of their run names it.
fn missing(summaries: &[Summary]) -> Vec<String> {
    let mut wholes: BTreeMap<Whole<'_>, BTreeSet<u32>> = BTreeMap::new();
    for Summary { run, .. } in summaries {
        let share = run.partition.as_deref().map(Share::parse);
        if let Some(Ok(share)) = share {
            let whole = (&run.what[..], run.check, &run.tags[..], share.of);
            wholes.entry(whole).or_default().insert(share.number);
        }
    }
    let each = wholes.iter().flat_map(|((what, _, _, of), known)| {
        let missing = (1..=*of).filter(|number| !known.contains(number));
        missing.map(move |number| format!("{number}/{of} of {}", what.join(" ")))
    });
    each.take(MOST_MISSING).collect()
}

/// A share may say that it is one of billions.
const MOST_MISSING: usize = 1000;

/// Finds the runs that were resumed by another one of these, for all that was left: how that one ended counts,
/// and what failed before does not any more. Gives their ids.
fn settle(summaries: &mut [Summary]) -> HashSet<String> {
    let mut gone_on = HashSet::new();
    for number in 0..summaries.len() {
        let one = &summaries[number];
        if one.end != End::Code(0) && summaries.iter().any(|other| resumes_all(other, one)) {
            gone_on.insert(one.run.id.clone());
            for (_, counts) in &mut summaries[number].hosts {
                counts.failed = 0;
                counts.unreachable = 0;
            }
        }
    }
    gone_on
}

/// Says whether a run resumes another one on all hosts on which that left something.
fn resumes_all(later: &Summary, one: &Summary) -> bool {
    let (new, old) = (&later.run, &one.run);
    let resumes = new.resumes.as_ref() == Some(&old.id) && new.partition == old.partition;
    let has = |host: &String| later.hosts.iter().any(|(other, _)| other == host);
    let lost = one.hosts.iter();
    let mut lost = lost.filter(|(_, counts)| counts.failed > 0 || counts.unreachable > 0);
    let ended = matches!(one.end, End::Code(2 | 4));
    resumes
        && new.what == old.what
        && (new.limit == old.limit || ended && lost.all(|(host, _)| has(host)))
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
fn code(summaries: &[Summary], gone_on: &HashSet<String>) -> u8 {
    let count = summaries
        .iter()
        .filter(|one| !gone_on.contains(&one.run.id));
    let codes = count.map(|summary| match summary.end {
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
