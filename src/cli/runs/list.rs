//! `play runs`: one line a run.

use clap::Args;
use jiff::tz::TimeZone;
use serde_json::json;

use super::super::{listeners, terminal};
use crate::config::Config;
use crate::error::{Result, steers};
use crate::report::Counts;
use crate::report::journal::{End, Summary};

/// What `play runs` takes.
#[derive(Args, Clone, Debug)]
#[group(skip)]
pub struct Arguments {
    /// As JSON, a list of runs
    #[arg(long)]
    json: bool,
    /// At most so many
    #[arg(short = 'n', long = "number", value_name = "N")]
    number: Option<usize>,
}

/// Lists.
///
/// # Errors
/// Nothing can be printed.
pub fn run(arguments: &Arguments, config: &Config) -> Result<u8> {
    let runs = listeners::runs(config)?;
    let ids = runs.ids();
    let wanted = ids.iter().take(arguments.number.unwrap_or(usize::MAX));
    let mut found = Vec::new();
    for id in wanted {
        match runs.find(id).and_then(|record| record.summary()) {
            Ok(summary) => found.push(summary),
            Err(error) => terminal::print_warning(&error),
        }
    }
    let text = match arguments.json {
        true => format!(
            "{:#}\n",
            json!(found.iter().map(as_json).collect::<Vec<_>>())
        ),
        false if found.is_empty() => format!("no run is recorded in {}\n", runs.root().display()),
        false => table(&found),
    };
    terminal::print(&text)?;
    Ok(0)
}

/// How a run ended, in a word or two.
pub fn end_text(summary: &Summary) -> String {
    let total = summary.total();
    match summary.end {
        End::Running => "running".to_owned(),
        End::Killed => "killed".to_owned(),
        End::Code(0) if total.changed > 0 => "changed".to_owned(),
        End::Code(0) => "ok".to_owned(),
        End::Code(2) => "failed".to_owned(),
        End::Code(4) if total.unreachable > 0 => "unreachable".to_owned(),
        End::Code(99) => "interrupted".to_owned(),
        End::Code(code) => format!("error {code}"),
    }
}

fn table(found: &[Summary]) -> String {
    let head = [
        "ID", "BEGAN", "TOOK", "BY", "HOSTS", "CHANGED", "FAILED", "END", "WHAT",
    ];
    let mut rows = vec![head.map(str::to_owned)];
    for summary in found {
        rows.push(row(summary));
    }
    let widths: Vec<usize> = (0..head.len())
        .map(|column| {
            let cells = rows.iter().map(|row| row[column].chars().count());
            cells.max().unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    for row in &rows {
        let cells = row.iter().zip(&widths);
        let cells: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

fn row(summary: &Summary) -> [String; 9] {
    let run = &summary.run;
    let began = summary.began.to_zoned(TimeZone::system());
    let hosts = |of: fn(&Counts) -> bool| {
        let hosts = summary.hosts.iter().filter(|(_, counts)| of(counts));
        hosts.count().to_string()
    };
    let mut what = run.what.join(" ");
    if run.check {
        what.push_str(" (check)");
    }
    if let Some(partition) = &run.partition {
        what.push_str(&format!(" ({partition})"));
    }
    [
        run.id.clone(),
        began.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        time_text(summary.seconds),
        run.user.clone(),
        summary.hosts.len().to_string(),
        hosts(|counts| counts.changed > 0),
        hosts(|counts| counts.failed > 0 || counts.unreachable > 0),
        end_text(summary),
        // What was typed may be anything: it must not paint the terminal.
        what.chars()
            .filter(|c| !c.is_control() && !steers(*c))
            .collect(),
    ]
}

/// `4.2s`, `3m12s`, `2h05m`.
pub fn time_text(seconds: f64) -> String {
    let whole = seconds.clamp(0.0, 1e12) as u64;
    match whole {
        0..60 => format!("{seconds:.1}s"),
        60..3600 => format!("{}m{:02}s", whole / 60, whole % 60),
        _ => format!("{}h{:02}m", whole / 3600, whole % 3600 / 60),
    }
}

/// A run as JSON.
pub fn as_json(summary: &Summary) -> serde_json::Value {
    let hosts: serde_json::Map<String, serde_json::Value> = summary
        .hosts
        .iter()
        .map(|(host, counts)| (host.clone(), json!(counts)))
        .collect();
    let (state, code) = match summary.end {
        End::Code(code) => ("ended", Some(code)),
        End::Running => ("running", None),
        End::Killed => ("killed", None),
    };
    json!({
        "run": summary.run,
        "began": summary.began.to_string(),
        "seconds": summary.seconds,
        "state": state,
        "code": code,
        "outcome": end_text(summary),
        "total": summary.total(),
        "hosts": hosts,
        "bytes": summary.bytes,
    })
}
