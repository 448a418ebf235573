//! Connections to hosts on the way, shared by all the targets behind them.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::Weak;

use super::super::{Login, Lost, LostKind, Target};
use super::owner::Owner;
use super::settings::Hop;

/// A config can send one in a circle.
const DEEPEST: usize = 8;

type Slot = Arc<Mutex<Weak<Owner>>>;

static OPEN: Mutex<Option<HashMap<String, Slot>>> = Mutex::new(None);

/// Refuses to go deeper than any way is.
///
/// # Errors
/// It is too deep.
pub(super) fn refuse_circle(target: &Target, depth: usize) -> Result<(), Lost> {
    if depth < DEEPEST {
        return Ok(());
    }
    let message = format!(
        "cannot connect to {}: ProxyJump leads in a circle",
        target.name
    );
    Err(Lost::new(LostKind::Unreachable, message))
}

/// The connection to the last of `hops`, through those before it; `connect` makes it where there is
/// none.
///
/// # Errors
/// It could not be made.
pub(super) fn owner<E>(
    target: &Target,
    hops: &[Hop],
    connect: impl FnOnce(&Target) -> Result<Owner, E>,
) -> Result<Arc<Owner>, E> {
    let slot = slot(target, hops);
    // One of those who want it opens it, the others wait.
    let mut open = slot.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(owner) = open.upgrade().filter(|owner| owner.is_alive()) {
        return Ok(owner);
    }
    let owner = Arc::new(connect(&host(target, hops))?);
    *open = Arc::downgrade(&owner);
    Ok(owner)
}

fn slot(target: &Target, hops: &[Hop]) -> Slot {
    let key = format!("{hops:?} {:?} {:?}", target.ssh_arguments, target.login);
    let mut all = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(all.get_or_insert_default().entry(key).or_default())
}

/// The last hop as a target: the same keys, but not the password, which is not that host's.
fn host(target: &Target, hops: &[Hop]) -> Target {
    let Some((last, before)) = hops.split_last() else {
        return target.clone();
    };
    Target {
        name: format!("{} (on the way to {})", last.host, target.name),
        address: last.host.clone(),
        port: last.port,
        user: last.user.clone(),
        login: Login {
            password: None,
            ..target.login.clone()
        },
        ssh_arguments: arguments(&target.ssh_arguments, before),
        ..target.clone()
    }
}

/// The arguments without those that name the way; the hops before this one take their place.
fn arguments(all: &[String], before: &[Hop]) -> Vec<String> {
    let mut kept = Vec::new();
    let mut rest = all.iter();
    while let Some(argument) = rest.next() {
        if argument == "-J" {
            rest.next();
        } else if argument == "-o" {
            let value = rest.next().cloned().unwrap_or_default();
            if !is_way(&value) {
                kept.extend([argument.clone(), value]);
            }
        } else if !argument.starts_with("-J") && !argument.strip_prefix("-o").is_some_and(is_way) {
            kept.push(argument.clone());
        }
    }
    if !before.is_empty() {
        kept.push(format!("-oProxyJump={}", name(before)));
    }
    kept
}

fn is_way(option: &str) -> bool {
    let lower = option.trim().to_ascii_lowercase();
    lower.starts_with("proxyjump") || lower.starts_with("proxycommand")
}

/// Hops as OpenSSH writes them.
pub(super) fn name(hops: &[Hop]) -> String {
    let one = |hop: &Hop| {
        let user = hop.user.as_ref().map(|user| format!("{user}@"));
        let port = hop.port.map(|port| format!(":{port}"));
        let host = match hop.host.contains(':') {
            true => format!("[{}]", hop.host),
            false => hop.host.clone(),
        };
        format!(
            "{}{host}{}",
            user.unwrap_or_default(),
            port.unwrap_or_default()
        )
    };
    hops.iter().map(one).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::arguments;

    #[test]
    fn a_hop_is_not_reached_through_itself() {
        let line = "-J a,b -C -o ProxyCommand=x -oProxyJump=y -o User=z -Jc";
        let all: Vec<String> = line.split(' ').map(str::to_owned).collect();
        assert_eq!(arguments(&all, &[]), ["-C", "-o", "User=z"]);
    }
}
