//! What `play plan` prints: for each host, in order, what would change, and what is not known yet.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::error::printable;
use crate::outcome::Outlook;
use crate::report::cause::cause;
use crate::report::diff;
use crate::report::event::{Event, Result, Status};
use crate::report::printed::Teller;

/// Gathers the lines of each host, and prints them when all is known.
pub struct Plan {
    folder: PathBuf,
    hosts: Vec<Arc<str>>,
    lines: BTreeMap<Arc<str>, String>,
    changes: usize,
    unknown: usize,
    failed: usize,
}

impl Plan {
    /// One that shows files below `folder` by their short names.
    pub fn new(folder: PathBuf) -> Self {
        Plan {
            folder,
            hosts: Vec::new(),
            lines: BTreeMap::new(),
            changes: 0,
            unknown: 0,
            failed: 0,
        }
    }

    fn result(&mut self, result: &Result) {
        let outcome = &result.outcome;
        let (sign, more) = match (&outcome.outlook, result.status) {
            (Outlook::Unknown { runs: true, .. }, _) => {
                ('!', "runs: what it changes is known then".to_owned())
            }
            (Outlook::Unknown { why, .. }, _) => ('?', why.clone()),
            (_, Status::Changed) => ('~', String::new()),
            (_, Status::Ok) if outcome.acts => (
                '~',
                "changes something, and says that it does not (`changed_when`)".to_owned(),
            ),
            (_, Status::Failed | Status::Unreachable) => {
                let why = cause(result);
                let then = if result.task.rescued {
                    " (a rescue follows)"
                } else {
                    ""
                };
                ('x', format!("{why}{then}"))
            }
            _ => return,
        };
        match sign {
            '~' => self.changes += 1,
            'x' => self.failed += usize::from(!result.task.rescued),
            _ => self.unknown += 1,
        }
        let mut text = format!("  {sign} {}", result.task.name);
        if let Some(item) = &result.item {
            text.push_str(&format!(" (item={})", item.label));
        }
        if let Some(place) = &result.task.place {
            let path = place.path();
            let path = path.strip_prefix(&self.folder).unwrap_or(path);
            text.push_str(&format!("  [{}:{}]", path.display(), place.line));
        }
        text.push('\n');
        if !more.is_empty() {
            text.push_str(&format!("      {more}\n"));
        }
        if sign == '~' {
            for diff in outcome.diff.iter().filter_map(diff::render) {
                diff.lines()
                    .for_each(|line| text.push_str(&format!("      {line}\n")));
            }
        }
        let text = printable(&text);
        self.lines
            .entry(Arc::clone(&result.host))
            .or_default()
            .push_str(&text);
    }

    /// The hosts, those with the same lines together.
    fn whole(&mut self) -> String {
        let mut groups: Vec<(Vec<Arc<str>>, String)> = Vec::new();
        for host in &self.hosts {
            let Some(lines) = self.lines.remove(host) else {
                continue;
            };
            match groups.iter_mut().find(|(_, known)| *known == lines) {
                Some((hosts, _)) => hosts.push(Arc::clone(host)),
                None => groups.push((vec![Arc::clone(host)], lines)),
            }
        }
        let mut text = String::new();
        for (hosts, lines) in groups {
            text.push_str(&format!("{}\n{lines}\n", hosts.join(", ")));
        }
        text.push_str(&self.sum());
        text
    }

    fn sum(&self) -> String {
        if self.hosts.is_empty() {
            return "No host matched: there is no plan.\n".to_owned();
        }
        if self.changes + self.unknown + self.failed == 0 {
            return "Nothing to do.\n".to_owned();
        }
        let mut parts = vec![format!("{} to change", self.changes)];
        if self.unknown > 0 {
            parts.push(format!("{} known later", self.unknown));
        }
        if self.failed > 0 {
            parts.push(format!("{} failing", self.failed));
        }
        format!("Plan: {}.\n", parts.join(", "))
    }
}

impl Teller for Plan {
    fn tell(&mut self, event: &Event, out: &mut Vec<u8>) {
        match event {
            Event::PlayStarted(play) => {
                for host in &play.hosts {
                    if !self.hosts.contains(host) {
                        self.hosts.push(Arc::clone(host));
                    }
                }
            }
            Event::ItemDone(result) => self.result(result),
            Event::TaskDone(result) if !result.of_loop => self.result(result),
            Event::Note { level: 0, text } => out.extend_from_slice(format!("{text}\n").as_bytes()),
            Event::Finished(_) => out.extend_from_slice(self.whole().as_bytes()),
            _ => (),
        }
    }
}
