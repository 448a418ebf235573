//! Which hosts a play is for.

use std::collections::HashSet;
use std::sync::Arc;

use crate::error::{Error, Kind, Place, Result};
use crate::executor::run::Run;
use crate::inventory::Pattern;
use crate::playbook::Play;
use crate::value::Value;
use crate::vars::Values;

/// The texts of `hosts`.
///
/// # Errors
/// It cannot be rendered.
pub fn pattern_texts(play: &Play, values: &Values<'_>) -> Result<Vec<String>> {
    let at = |error: Error| error.at(play.keywords.get("hosts").map(|entry| entry.place.clone()));
    let hosts = values.keyword("hosts");
    match hosts.map_err(|error| at(error.of_kind(Kind::Syntax)))? {
        Some(Value::List(items)) => Ok(items.iter().map(Value::to_text).collect()),
        Some(other) => Ok(vec![other.to_text()]),
        None => Ok(Vec::new()),
    }
}

/// The hosts of a play: its pattern, the limit, the share of this controller, the order, lost ones
/// among them. Where the play begins (`begins`), a pattern that means no host is told.
///
/// # Errors
/// A pattern or the order is wrong.
pub fn choose_hosts(
    run: &Run,
    play: &Play,
    values: &Values<'_>,
    begins: bool,
) -> Result<Vec<Arc<str>>> {
    let texts = pattern_texts(play, values)?;
    let place = play.keywords.get("hosts").map(|entry| entry.place.clone());
    let mut hosts = matching(run, &texts, place, begins)?;
    if let Some(share) = run.options.partition {
        hosts.retain(|host| share.holds(host));
    }
    let order = values.keyword_text("order")?;
    match order.as_deref().unwrap_or("inventory") {
        "inventory" => (),
        "reverse_inventory" => hosts.reverse(),
        "sorted" => hosts.sort(),
        "reverse_sorted" => {
            hosts.sort();
            hosts.reverse();
        }
        "shuffle" => shuffle(&mut hosts),
        other => {
            let known = [
                "inventory",
                "reverse_inventory",
                "sorted",
                "reverse_sorted",
                "shuffle",
            ];
            return Err(
                Error::new(Kind::Options, format!("`{other}` is not an order of hosts"))
                    .at(play.keywords.get("order").map(|entry| entry.place.clone()))
                    .hint(format!("the orders are {}", known.join(", "))),
            );
        }
    }
    Ok(hosts)
}

/// The hosts that patterns mean, within the limit.
///
/// # Errors
/// A pattern cannot be understood.
pub fn match_hosts(run: &Run, texts: &[String]) -> Result<Vec<Arc<str>>> {
    matching(run, texts, None, true)
}

fn matching(
    run: &Run,
    texts: &[String],
    place: Option<Place>,
    tells: bool,
) -> Result<Vec<Arc<str>>> {
    let inventory = run.store.inventory();
    let pattern = Pattern::from_list(texts.iter().map(String::as_str))?;
    let selected = inventory.select(&pattern)?;
    if tells {
        warn_of_unmatched(run, &selected.unmatched, place)?;
    }
    let mut hosts: Vec<Arc<str>> = selected.hosts;
    for limit in &run.options.limit {
        let limit = Pattern::limit(limit, |path| {
            run.house.names_in(path.as_ref()).map_err(|error| {
                let text = match std::path::Path::new(path).is_dir() {
                    true => {
                        format!(
                            "Limit starting with \"@\" must be a file, not a directory: `{path}`"
                        )
                    }
                    false => format!("Unable to find limit file `{path}`"),
                };
                Error::input(text).because(error)
            })
        })?;
        if limit.is_empty() {
            continue;
        }
        let within = inventory.select(&limit)?;
        if tells {
            warn_of_unmatched(run, &within.unmatched, None)?;
        }
        let within: HashSet<Arc<str>> = within.hosts.into_iter().collect();
        hosts.retain(|host| within.contains(host));
    }
    Ok(hosts)
}

/// Warns of patterns that mean no host, with the name that is nearest.
///
/// # Errors
/// There is one, and the run is strict.
fn warn_of_unmatched<T: AsRef<str>>(
    run: &Run,
    unmatched: &[T],
    place: Option<Place>,
) -> Result<()> {
    let inventory = run.store.inventory();
    for pattern in unmatched {
        let pattern = pattern.as_ref();
        let hosts = inventory.hosts().map(|host| &*host.name);
        let names = hosts.chain(inventory.groups().map(|group| &*group.name));
        let text = format!("could not match supplied host pattern, ignoring: {pattern}");
        let warning = Error::input(text)
            .at(place.clone())
            .hint_if(crate::error::nearest(pattern, names));
        if run.options.strict {
            return Err(
                Error::input(format!("no host or group matches `{pattern}`"))
                    .hint_if(warning.hint_text().map(str::to_owned)),
            );
        }
        run.house.warn_once(warning);
    }
    Ok(())
}

fn shuffle(hosts: &mut [Arc<str>]) {
    use std::hash::{BuildHasher, Hasher};
    for last in (1..hosts.len()).rev() {
        let random = std::collections::hash_map::RandomState::new()
            .build_hasher()
            .finish();
        hosts.swap(last, (random % (last as u64 + 1)) as usize);
    }
}
