//! Retry files: the hosts that failed, for `--limit @FILE`.

use std::path::Path;

use crate::error::{Error, Result};
use crate::executor::Run;
use crate::report::Event;

/// Writes the hosts that were lost, where retry files are wanted, and says how to go on with them.
///
/// # Errors
/// The file cannot be written.
pub fn write(run: &Run, playbook: &Path) -> Result<()> {
    let Some(folder) = &run.options.retry_files else {
        return Ok(());
    };
    let mut hosts: Vec<String> = run
        .all_lost()
        .iter()
        .map(|(host, _)| format!("{host}\n"))
        .collect();
    hosts.sort();
    if hosts.is_empty() {
        return Ok(());
    }
    let stem = playbook.file_stem().unwrap_or_default().to_string_lossy();
    let file = folder.join(format!("{stem}.retry"));
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&file, hosts.concat()))
        .map_err(|error| {
            Error::input(format!("failed to write `{}`", file.display())).because(error)
        })?;
    run.tell(Event::Note {
        level: 0,
        text: format!("\tto retry, use: --limit @{}", file.display()),
    });
    Ok(())
}
