//! What can be known to be wrong with a play before any host is touched.

use std::path::Path;
use std::sync::Arc;

use super::files::file_name;
use super::hosts::choose_hosts;
use super::names::{folder_of, play_names};
use super::strategy::Strategy;
use crate::connection::is_become_method;
use crate::error::{Error, Result};
use crate::executor::run::Run;
use crate::executor::walk::check::{Around, Checks, Finding, keywords};
use crate::executor::wire::{is_connection, no_connection};
use crate::playbook::{Play, truth};
use crate::value::Value;
use crate::vars::{PlayState, Values};

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
    let folder = folder_of(play, folder);
    run.store.begin_play(&folder);
    let prompts = Arc::default();
    let state = PlayState::new(Arc::clone(play), String::new(), prompts, Vec::new(), folder);
    let names = play_names(run, &Arc::new(state));
    let hosts = choose_hosts(run, play, &Values::new(&run.engine, &names));
    !hosts.is_ok_and(|hosts| hosts.is_empty())
}

/// Refuses a play whose plugins are of a kind that cannot be had: a strategy; a connection or a way of
/// becoming another user, where every host of the play has such.
///
/// # Errors
/// It has one.
pub fn plugins(run: &Run, play: &Arc<Play>, folder: &Path) -> Result<()> {
    let folder = folder_of(play, folder);
    run.store.begin_play(&folder);
    let state = PlayState::new(
        Arc::clone(play),
        String::new(),
        Arc::default(),
        Vec::new(),
        folder,
    );
    let names = play_names(run, &Arc::new(state));
    let values = Values::new(&run.engine, &names);
    let hosts = choose_hosts(run, play, &values).unwrap_or_default();
    if hosts.is_empty() {
        return Ok(());
    }
    Strategy::read(run, play, &values)?;
    let mut first = None;
    for host in &hosts {
        match refused(run, play, host) {
            None => return Ok(()),
            Some(error) => first = first.or(Some(error)),
        }
    }
    first.map_or(Ok(()), Err)
}

/// What a host is connected to with, or become with, where there is no such plugin.
fn refused(run: &Run, play: &Play, host: &str) -> Option<Error> {
    let access = &run.options.access;
    let named = |variable: &str, keyword: &str, option: &Option<String>| {
        let layers = run.store.layers(&run.store.host(host));
        let layers = layers.iter().rev();
        let value = run.store.extra.get(variable).cloned();
        let value = value
            .or_else(|| {
                layers
                    .clone()
                    .find_map(|(_, vars)| vars.get(variable).cloned())
            })
            .or_else(|| play.keyword(keyword).cloned())
            .or_else(|| option.as_deref().map(Value::from))?;
        let plain = value.as_str().is_some_and(|text| !text.is_empty()) && !value.has_templates();
        plain.then_some(value)
    };
    if let Some(name) = named("ansible_connection", "connection", &access.connection)
        && !is_connection(&name.to_text())
    {
        return Some(no_connection(&name.to_text()).at(name.place().cloned()));
    }
    let becomes = play.keyword("become").and_then(truth) == Some(true) || access.become_;
    let method = named(
        "ansible_become_method",
        "become_method",
        &access.become_method,
    );
    let method = method.filter(|method| becomes && !is_become_method(&method.to_text()))?;
    let text = format!("there is no become method called `{method}`");
    Some(Error::input(text).at(method.place().cloned()).hint(
        "the methods are sudo, su, doas, dzdo and pfexec; become plugins in Python are not run",
    ))
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
