//! Plugins that cannot be had: of a strategy, a connection, a way of becoming another user. A play that
//! meets one in any case is refused before any host is touched; in any other the task fails that does.

use std::path::Path;
use std::sync::Arc;

use super::hosts::choose_hosts;
use super::names::names_before;
use super::strategy::Strategy;
use crate::connection::is_become_method;
use crate::error::{Error, Result};
use crate::executor::run::{Gathering, Run};
use crate::executor::wire::{is_connection, no_connection};
use crate::playbook::{Play, truth};
use crate::value::{Map, Value};
use crate::vars::Values;

/// Refuses a play whose strategy cannot be had. Where it is the `first`, so that nothing has changed the
/// variables yet, and it gathers facts, it is also refused where all its hosts have a connection or a way
/// of becoming another user that cannot be had.
///
/// # Errors
/// It has one.
pub fn check(run: &Run, play: &Arc<Play>, folder: &Path, first: bool) -> Result<()> {
    let names = names_before(run, play, folder);
    let values = Values::new(&run.engine, &names);
    let hosts = choose_hosts(run, play, &values, false).unwrap_or_default();
    if hosts.is_empty() {
        return Ok(());
    }
    Strategy::check(run, play)?;
    // What cannot be read ends the run where the play begins.
    if !first || !gathers(run, play) || run.store.read_layers(&hosts).is_err() {
        return Ok(());
    }
    let mut refusal = None;
    for host in &hosts {
        match refused(run, play, host) {
            None => return Ok(()),
            Some(error) => refusal = refusal.or(Some(error)),
        }
    }
    refusal.map_or(Ok(()), Err)
}

/// Says whether facts are gathered whatever happens: then the play's hosts are reached as its own keywords say.
fn gathers(run: &Run, play: &Play) -> bool {
    let options = &run.options;
    let said = play.keyword("gather_facts");
    let gathers = match (options.gathering, said) {
        (_, Some(said)) => truth(said) == Some(true) && options.gathering != Gathering::Smart,
        (gathering, None) => gathering == Gathering::Implicit,
    };
    let tagged = !options.tags.only.is_empty() || !options.tags.skip.is_empty();
    gathers && !tagged && options.start_at.is_none() && !options.step
}

/// What a host is connected to with, or becomes another user with, where there is no such plugin.
fn refused(run: &Run, play: &Play, host: &str) -> Option<Error> {
    let access = &run.options.access;
    let connection = named(run, play, host, "connection", &access.connection);
    if let Some(name) = connection
        && !is_connection(&name.to_text())
    {
        return Some(no_connection(&name.to_text()).at(name.place().cloned()));
    }
    let becomes = play.keyword("become").and_then(truth) == Some(true) || access.become_;
    if !becomes || is_spoken_of(play, "ansible_become") {
        return None;
    }
    let method = named(run, play, host, "become_method", &access.become_method);
    let method = method.filter(|method| !is_become_method(&method.to_text()))?;
    let text = format!("there is no become method called `{method}`");
    Some(Error::input(text).at(method.place().cloned()).hint(
        "the methods are sudo, su, doas, dzdo and pfexec; become plugins in Python are not run",
    ))
}

/// What a keyword, or the variable that beats it, says for a host; nothing where that is not certain.
fn named(
    run: &Run,
    play: &Play,
    host: &str,
    keyword: &str,
    option: &Option<String>,
) -> Option<Value> {
    let variable = format!("ansible_{keyword}");
    if is_spoken_of(play, &variable) {
        return None;
    }
    let layers = run.store.layers(&run.store.host(host));
    let mut strongest_first = layers.iter().rev();
    let value = run.store.extra.get(&variable).cloned();
    let value = value
        .or_else(|| strongest_first.find_map(|(_, vars)| vars.get(&variable).cloned()))
        .or_else(|| play.keyword(keyword).cloned())
        .or_else(|| option.as_deref().map(Value::from))?;
    let is_plain = value.as_str().is_some_and(|text| !text.is_empty()) && !value.has_templates();
    is_plain.then_some(value)
}

/// Says whether the play may say something of a variable itself, in its own variables or in those of a role.
fn is_spoken_of(play: &Play, variable: &str) -> bool {
    let asks = |keyword| {
        play.keyword(keyword)
            .is_some_and(|value| !matches!(value, Value::Null))
    };
    let has = |vars: &Map| vars.get(variable).is_some();
    asks("vars_files")
        || asks("vars_prompt")
        || has(&play.vars)
        || play.role_uses.iter().any(|used| {
            has(&used.params) || has(&used.vars) || has(&used.role.vars) || has(&used.role.defaults)
        })
}
