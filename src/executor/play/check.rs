//! What can be known to be wrong with a play before any host is touched.

use std::path::Path;
use std::sync::Arc;

use super::files::file_name;
use super::hosts::choose_hosts;
use super::names::names_before;
use crate::error::Result;
use crate::executor::run::Run;
use crate::executor::walk::check::{Around, Checks, Finding, keywords};
use crate::playbook::Play;
use crate::value::Value;
use crate::vars::Values;

/// Checks every task of a play. Gives what is wrong with those that may never be reached, or whose
/// failure may do no harm, and with those that are reached in any case.
///
/// # Errors
/// The first task that names an unknown module, or is no task at all.
pub fn play(run: &Run, play: &Play) -> Result<Vec<Finding>> {
    keywords(&run.catalogue, &play.keywords)?;
    check_files(play)?;
    let outside = Around {
        roles: play.file.parent().into_iter().collect(),
        uncertain: run.options.start_at.is_some() || run.options.step,
        ..Around::default()
    };
    let around = outside.inside(&play.keywords);
    let checks = Checks::new(&run.catalogue, Some(&run.options.tags));
    let sections = [&play.pre_tasks, &play.roles, &play.tasks, &play.post_tasks];
    for section in sections {
        checks.nodes(section, &around)?;
    }
    let notified = Around {
        uncertain: true,
        ..around
    };
    checks.nodes(&play.handlers, &notified)?;
    Ok(checks.found())
}

/// Says whether a play has hosts, as far as that is known before it begins.
pub fn has_hosts(run: &Run, play: &Arc<Play>, folder: &Path) -> bool {
    let names = names_before(run, play, folder);
    let values = Values::new(&run.engine, &names);
    let hosts = choose_hosts(run, play, &values, false);
    !hosts.is_ok_and(|hosts| hosts.is_empty())
}

/// `vars_files` names files: texts, or lists of them.
fn check_files(play: &Play) -> Result<()> {
    let Some(Value::List(items)) = play.keyword("vars_files") else {
        return Ok(());
    };
    let names = items.iter().flat_map(|item| match item {
        Value::List(alternatives) => alternatives.to_vec(),
        single => vec![single.clone()],
    });
    for name in names {
        file_name(&name)?;
    }
    Ok(())
}
