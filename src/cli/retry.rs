//! Retry files: the hosts that failed, for `--limit @FILE`.

use std::path::Path;

use crate::error::Error;
use crate::executor::Run;
use crate::report::Event;

/// Writes the hosts that were lost, where retry files are wanted, and says how to go on with them.
/// A file that cannot be written is warned of.
pub fn write(run: &Run, playbook: &Path) {
    let Some(folder) = &run.options.retry_files else {
        return;
    };
    let mut hosts: Vec<String> = run
        .all_lost()
        .iter()
        .map(|(host, _)| format!("{host}\n"))
        .collect();
    hosts.sort();
    if hosts.is_empty() {
        return;
    }
    let stem = playbook.file_stem().unwrap_or_default().to_string_lossy();
    let file = folder.join(format!("{stem}.retry"));
    let written =
        std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&file, hosts.concat()));
    if let Err(error) = written {
        let text = format!("failed to write the retry file `{}`", file.display());
        return run.warn(Error::input(text).because(error));
    }
    run.tell(Event::Note {
        level: 0,
        text: format!("\tto retry, use: --limit @{}", file.display()),
    });
}
