//! `play report`: a run as a page.

use std::path::{Path, PathBuf};

use clap::Args;

use super::runs::many;
use super::setup;
use super::terminal;
use crate::disk::write_named;
use crate::error::Result;
use crate::report::journal::Record;
use crate::report::page::{Data, page};

/// What `play report` takes.
#[derive(Args, Clone, Debug)]
pub struct Arguments {
    /// Which runs: ids, `last`, `last-1`, or folders with records at any depth
    #[arg(default_value = "last", value_name = "ID|DIR")]
    runs: Vec<String>,
    /// Write the page to this file (`-` is standard output)
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Writes a page; says where.
///
/// # Errors
/// There is no such run, or the page cannot be written.
pub fn run(arguments: &Arguments) -> Result<u8> {
    let config = setup::configuration()?;
    let records = many(&arguments.runs, &config)?;
    let file = match &arguments.output {
        Some(file) => file.clone(),
        None => PathBuf::from(format!("play-{}.html", name(&records))),
    };
    write(&records, &file)?;
    Ok(0)
}

/// The name of a page: the run's id.
fn name(records: &[Record]) -> String {
    let id = records.first().and_then(|record| record.summary().ok());
    let id = id.map_or_else(|| "report".to_owned(), |summary| summary.run.id);
    // The id comes from a file that may be anything.
    let id: String = id
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
        .collect();
    match records.len() {
        1 => id,
        more => format!("{id}-and-{}", more - 1),
    }
}

/// Writes a page of these runs.
///
/// # Errors
/// A record cannot be read, or the page cannot be written.
pub fn write(records: &[Record], file: &Path) -> Result<()> {
    let mut data = Data::default();
    for record in records {
        // What does not begin a run would make an empty page.
        record.summary()?;
        record.read(|line| data.add(&line))?;
    }
    let text = page(&data);
    if file == Path::new("-") {
        return terminal::print(&text);
    }
    // What hosts printed is nobody else's to read.
    write_named(file, text.as_bytes(), 0o600)?;
    terminal::print(&format!("{}\n", file.display()))
}
