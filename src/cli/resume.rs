//! `--resume` and `--owed`: what earlier runs of the same playbooks left.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::listeners;
use super::terminal;
use crate::config::Config;
use crate::error::{Error, Kind as Code, Result};
use crate::executor::{self, Run};
use crate::memory::{self, Debts, Head, Kind, Memory, Start, State};
use crate::report::Event;
use crate::report::journal::{End, Record, Runs};

/// What was asked for.
pub struct Wanted<'a> {
    /// `--resume`: the run, or `last`.
    pub resume: Option<&'a str>,
    /// `--owed`.
    pub owed: bool,
    /// What this run is asked to do.
    pub head: Head,
}

/// What an earlier run left for this one.
#[derive(Default)]
pub struct Past {
    state: Option<State>,
    debts: Vec<(PathBuf, Debts)>,
}

impl Past {
    /// The run that is resumed.
    pub fn id(&self) -> Option<String> {
        let state = self.state.as_ref();
        state.map(|state| state.head.id.clone())
    }
}

/// Looks at what ended runs owe, and tells of it.
pub fn debts(wanted: &Wanted<'_>, config: &Config, run: &Run) -> Past {
    let runs = listeners::runs(config);
    let (debts, alive) = runs.map_or_else(|_| Default::default(), |runs| owed(&runs, &wanted.head));
    let mut all = Debts::default();
    debts.iter().for_each(|(_, debts)| all.extend_from(debts));
    tell_debts(&all, &alive, wanted.owed, run);
    Past { state: None, debts }
}

/// Looks at the run that is to be resumed, and tells of it; `folder` is that of the first play.
///
/// # Errors
/// There is no such run, or it cannot be resumed.
pub fn past(wanted: &Wanted<'_>, config: &Config, run: &Run, folder: &Path) -> Result<Past> {
    let runs = listeners::runs(config)?;
    let head = &wanted.head;
    let record = match wanted.resume {
        None | Some("last") => unfinished_of(&runs, head, run)?,
        Some(named) => runs.find(named)?,
    };
    let state = unfinished(&runs, &record, head)?;
    knows_variables(&state, run, folder)?;
    tell_state(&state, run);
    Ok(Past {
        state: Some(state),
        debts: owed(&runs, head).0,
    })
}

/// The state of a run that left something, and can be resumed by one that is asked `head`.
fn unfinished(runs: &Runs, record: &Record, head: &Head) -> Result<State> {
    let folder = record.path().parent().unwrap_or(Path::new("/"));
    let summary = record.summary()?;
    let id = &summary.run.id;
    match summary.end {
        End::Running => {
            return refused(format!("the run `{id}` goes on"), "wait until it has ended");
        }
        End::Code(0) if left(runs, record)?.is_empty() => {
            let hint = "run the playbook without `--resume`";
            return refused(format!("the run `{id}` ended well: nothing is left"), hint);
        }
        End::Code(_) | End::Killed => (),
    }
    let state = memory::read(folder).map_err(|error| {
        Error::new(Code::Options, format!("the run `{id}` cannot be resumed")).because(error)
    })?;
    state.head.check(head)?;
    let changed = state.changed_of(Kind::Variables);
    if !changed.is_empty() {
        let text = format!(
            "the run `{id}` cannot be resumed: variables have changed since, in {}",
            list(&changed)
        );
        return refused(text, ANY_TASK);
    }
    Ok(state)
}

/// Why a run is not resumed whose variables are others.
const ANY_TASK: &str = "any task may depend on them: run the playbook without `--resume`";

fn refused<T>(text: String, hint: &str) -> Result<T> {
    Err(Error::new(Code::Options, text).hint(hint))
}

/// Refuses files of variables that came since: of the inventory, of roles, and of the hosts that the run had.
fn knows_variables(state: &State, run: &Run, folder: &Path) -> Result<()> {
    run.store.begin_play(folder);
    for host in state.hosts() {
        // What cannot be read is told where the host's play begins.
        let _ = run.store.read_layers(&[Arc::from(host)]);
    }
    let unknown = state.unknown(run.house.watch.variables());
    if unknown.is_empty() {
        return Ok(());
    }
    let unknown: Vec<&Path> = unknown.iter().map(PathBuf::as_path).collect();
    let text = format!(
        "the run `{}` cannot be resumed: variables have come since, in {}",
        state.head.id,
        list(&unknown)
    );
    refused(text, ANY_TASK)
}

/// The hosts for which a run left something. One that resumed another may have had a part of its hosts.
fn left(runs: &Runs, record: &Record) -> Result<BTreeSet<String>> {
    let summary = record.summary()?;
    let hosts = record.hosts()?;
    if summary.end != End::Code(0) {
        return Ok(hosts);
    }
    let before = summary.run.resumes.filter(|id| *id < summary.run.id);
    // It may be gone.
    let before = before.and_then(|id| runs.find(&id).ok());
    let mut left = before.map_or(Ok(BTreeSet::new()), |before| left(runs, &before))?;
    left.retain(|host| !hosts.contains(host));
    Ok(left)
}

/// The last run of these playbooks that left something for the hosts that are asked for, and that no later
/// one brought to its end. A host that none of them had may join the last that left something for others.
fn unfinished_of(runs: &Runs, head: &Head, run: &Run) -> Result<Record> {
    let asked = asked(run)?;
    let is_asked = |host: &String| asked.as_ref().is_none_or(|asked| asked.contains(host));
    let (mut done, mut seen) = (BTreeSet::new(), BTreeSet::new());
    let (mut last, mut open) = (None, None);
    for id in runs.ids() {
        let known = memory::head(&runs.root().join(&id));
        if !known.is_ok_and(|known| known.playbooks == head.playbooks && known.check == head.check)
        {
            continue;
        }
        let record = runs.find(&id)?;
        let mut left = left(runs, &record)?;
        let hosts = record.hosts()?;
        left.retain(|host| !done.contains(host));
        if left.iter().any(is_asked) || last.is_none() && hosts.is_empty() {
            return Ok(record);
        }
        if record.summary()?.end == End::Code(0) {
            done.extend(hosts.iter().cloned());
        }
        seen.extend(hosts);
        if !left.is_empty() {
            open.get_or_insert((record, left));
        }
        last = last.or(Some(id));
    }
    let is_new = asked.iter().flatten().any(|host| !seen.contains(host));
    match (open, last) {
        (Some((record, _)), _) if is_new => Ok(record),
        (open, Some(last)) => nothing_left(open, asked.is_some(), &last),
        (_, None) => refused(
            "no run of these playbooks is recorded".to_owned(),
            "`play runs` lists those that are kept",
        ),
    }
}

/// Says that nothing is left, and for whom something is.
fn nothing_left(
    open: Option<(Record, BTreeSet<String>)>,
    limited: bool,
    last: &str,
) -> Result<Record> {
    let of = if limited { " for these hosts" } else { "" };
    let text = format!(
        "the runs of these playbooks ended well{of}: nothing is left (the last is `{last}`)"
    );
    match open {
        None => refused(text, "run the playbook without `--resume`"),
        Some((record, left)) => {
            let id = record.summary()?.run.id;
            let hosts = Vec::from_iter(left).join(", ");
            refused(text, &format!("the run `{id}` left something for {hosts}"))
        }
    }
}

/// The hosts that the limit and the share leave; nothing where that is all of them.
fn asked(run: &Run) -> Result<Option<BTreeSet<String>>> {
    let limited = run.options.limit.iter().any(|limit| !limit.is_empty());
    if !limited && run.options.partition.is_none() {
        return Ok(None);
    }
    let mut hosts = executor::match_hosts(run, &["all".to_owned()])?;
    if let Some(share) = run.options.partition {
        hosts.retain(|host| share.holds(host));
    }
    Ok(Some(hosts.iter().map(|host| host.to_string()).collect()))
}

fn tell_state(state: &State, run: &Run) {
    let id = &state.head.id;
    let count = state.results.len();
    note(run, format!("Resuming run {id}: {count} results are kept"));
    for (kind, meaning) in [
        (Kind::Words, "tasks that are not the same are done"),
        (Kind::Data, "tasks that read it are done again"),
    ] {
        let changed = state.changed_of(kind);
        if !changed.is_empty() {
            note(
                run,
                format!("Changed since then: {} ({meaning})", list(&changed)),
            );
        }
    }
}

fn tell_debts(debts: &Debts, alive: &[String], pays: bool, run: &Run) {
    for id in alive.iter().filter(|_| pays) {
        let text = format!("The run {id} goes on: what it owes is known when it has ended");
        note(run, text);
    }
    if pays && debts.is_empty() {
        return note(run, "No handler is owed from earlier runs".to_owned());
    }
    for (handler, hosts) in debts.by_handler() {
        let hosts = Vec::from_iter(hosts).join(", ");
        match pays {
            true => note(run, format!("Owed from an earlier run: `{handler}` on {hosts}")),
            false => run.warn(
                Error::input(format!(
                    "the handler `{handler}` was notified in an earlier run and has not run on {hosts}"
                ))
                .hint("`--owed` runs it in this run"),
            ),
        }
    }
}

fn list(paths: &[&Path]) -> String {
    let shown = paths.iter().map(|path| format!("`{}`", path.display()));
    shown.collect::<Vec<_>>().join(", ")
}

fn note(run: &Run, text: String) {
    run.tell(Event::Note { level: 0, text });
}

/// What runs of the same playbooks left, each with its folder, and the ids of those that go on and may leave
/// something. What is notified in check mode is not owed: nothing has changed.
fn owed(runs: &Runs, head: &Head) -> (Vec<(PathBuf, Debts)>, Vec<String>) {
    let (mut all, mut alive, mut inherited) = (Vec::new(), Vec::new(), false);
    for folder in runs.folders() {
        let known = memory::owed(&folder);
        let known = known.filter(|known| known.head.playbooks == head.playbooks);
        let Some(known) = known.filter(|known| !known.head.check) else {
            continue;
        };
        if Runs::goes_on(&folder) {
            alive.push(known.head.id);
        } else if known.is_old && inherited {
            all.push((folder, Debts::default()));
        } else {
            inherited |= known.is_old;
            all.push((folder, known.debts));
        }
    }
    (all, alive)
}

/// Keeps results from now on, beside the record of the run, where there is one.
///
/// # Errors
/// The run resumes another one, and has no record.
pub fn remember(wanted: Wanted<'_>, past: Past, config: &Config, run: &Run) -> Result<()> {
    let house = Arc::clone(&run.house);
    let secrets = Arc::clone(&run.house.secrets);
    let folder = listeners::runs(config).map(|runs| runs.root().join(&wanted.head.id));
    match folder {
        Ok(folder) if folder.is_dir() => {
            run.remember(Memory::begin(
                &folder,
                Start {
                    head: wanted.head,
                    limit: listeners::limits(config).bytes,
                    state: past.state,
                    debts: past.debts,
                    pays: wanted.owed,
                    watch: run.house.watch.clone(),
                    mask: Box::new(move |text| secrets.written(text)),
                    is_secret: Box::new(move |line| house.holds_secret(line)),
                    warn: Box::new(|error| terminal::print_warning(&error)),
                },
            ));
            Ok(())
        }
        _ if past.state.is_some()
            || wanted.owed && past.debts.iter().any(|(_, debts)| !debts.is_empty()) =>
        {
            Err(Error::new(
                Code::Options,
                "only a run that is recorded can go on with what an earlier one left",
            )
            .hint("leave out `--no-record`, and see that `play runs` can write"))
        }
        _ => Ok(()),
    }
}

/// Says what became of the results of the run that was resumed.
pub fn tell_tally(run: &Run, resumed: bool) {
    let Some(memory) = run.memory().filter(|_| resumed) else {
        return;
    };
    let tally = memory.tally();
    let mut text = format!("{} tasks and items were not done again", tally.kept);
    for (count, why) in [
        (tally.hidden, "since their results are secret"),
        (tally.changed, "since a file that they read has changed"),
    ] {
        if count > 0 {
            text.push_str(&format!("; {count} were, {why}"));
        }
    }
    note(run, text);
}

/// Says which handlers of earlier runs are still owed after a run that pays for them.
pub fn tell_still_owed(run: &Run, pays: bool) {
    let Some(memory) = run.memory().filter(|_| pays) else {
        return;
    };
    for (handler, hosts) in memory.still_owed().by_handler() {
        let hosts = Vec::from_iter(hosts).join(", ");
        note(run, format!("Still owed: `{handler}` on {hosts}"));
    }
}

/// Says how to go on after a run that failed, to a person.
pub fn tell_hint(run: &Run) {
    if run.memory().is_some() && run.exit_code() != 0 && terminal::is_live() {
        note(
            run,
            "To go on where it stopped, run the same again with --resume".to_owned(),
        );
    }
}
