//! What held the others up.

use std::collections::HashMap;

use super::data::Cell;

/// One host that others waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The host.
    pub host: usize,
    /// The task.
    pub task: usize,
    /// How long it took there, in milliseconds.
    pub took: u64,
    /// How long it took on the host in the middle.
    pub usual: u64,
    /// How long the other hosts waited for it, together.
    pub lost: u64,
    /// How many hosts waited.
    pub hosts: usize,
}

/// How many are shown.
const MOST: usize = 10;

/// The hosts that others waited longest for: for each task the one that was done last, and how long
/// before it the others were done that then waited.
pub fn held(cells: &[Vec<Cell>]) -> Vec<Held> {
    let mut tasks: HashMap<usize, Vec<(usize, &Cell, u64)>> = HashMap::new();
    for (host, row) in cells.iter().enumerate() {
        for (number, cell) in row.iter().enumerate() {
            let waited = row.get(number + 1).map_or(0, |next| next.wait);
            tasks
                .entry(cell.task)
                .or_default()
                .push((host, cell, waited));
        }
    }
    let mut found: Vec<Held> = tasks.values().filter_map(|of| slowest(of)).collect();
    found.sort_by_key(|held| (std::cmp::Reverse(held.lost), held.task));
    found.truncate(MOST);
    found
}

fn slowest(of: &[(usize, &Cell, u64)]) -> Option<Held> {
    let (host, last, _) = of
        .iter()
        .max_by_key(|(_, cell, _)| cell.start + cell.work)?;
    let end = last.start + last.work;
    let waits = of
        .iter()
        .filter(|(other, _, _)| other != host)
        .map(|(_, cell, waited)| (*waited).min(end.saturating_sub(cell.start + cell.work)));
    let waits: Vec<u64> = waits.filter(|waited| *waited > 0).collect();
    let mut times: Vec<u64> = of.iter().map(|(_, cell, _)| cell.work).collect();
    times.sort_unstable();
    let usual = times[times.len() / 2];
    let lost: u64 = waits.iter().sum();
    // Less than that is the noise of any run.
    (lost >= 100 && last.work > usual).then_some(Held {
        host: *host,
        task: last.task,
        took: last.work,
        usual,
        lost,
        hosts: waits.len(),
    })
}
