#![doc = include_str!("page.md")]

mod lists;

use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::{Cx, FreeForm, Module, Step};
use crate::outcome::Outcome;
use crate::shell::{Fragment, PRELUDE, Reply, Script};
use crate::value::{Map, Value};

/// The module.
pub static MODULE: Module = Module {
    name: "package_facts",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "package_facts",
    text: include_str!("package_facts.sh"),
    needs: &[&PRELUDE],
};

/// The managers that can be asked, in the order in which they are.
const MANAGERS: &[&str] = &["apk", "apt", "pacman", "pkg", "pkg_info", "portage", "rpm"];

crate::choices! {
    /// How many managers are asked.
    Strategy {
        All = "all",
        First = "first",
    }
}

args! {
    /// What `package_facts` takes.
    Args {
        manager: Vec<String> = vec!["auto".to_owned()],
        strategy: Strategy = Strategy::First,
    }
}

fn plan(args: &Map, _cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(args)?;
    let managers = managers(&args.manager)?;
    let script = managers
        .iter()
        .fold(Script::call(&SHELL, "package_facts_read"), Script::arg);
    Ok(Step::run(script, move |reply| Ok(outcome(&args, &managers, &reply).into())))
}

/// The managers in the order in which they are asked, each once.
fn managers(asked: &[String]) -> Result<Vec<&'static str>> {
    let mut named: Vec<&'static str> = Vec::new();
    let mut unknown = Vec::new();
    let auto = asked.iter().any(|name| name.eq_ignore_ascii_case("auto"));
    for name in asked.iter().map(|name| name.to_lowercase()) {
        match known(&name) {
            Some(manager) if !named.contains(&manager) => named.push(manager),
            None if name != "auto" => unknown.push(name),
            _ => {}
        }
    }
    if !unknown.is_empty() {
        let message = format!("Unsupported package managers requested: {}", unknown.join(", "));
        return Err(Error::input(message));
    }
    let rest: Vec<&str> = MANAGERS.iter().copied().filter(|name| auto && !named.contains(name)).collect();
    named.extend(rest);
    Ok(named)
}

fn known(name: &str) -> Option<&'static str> {
    match name {
        "dnf" | "dnf5" | "yum" | "zypper" => Some("rpm"),
        "pkg5" | "pkgng" => Some("pkg"),
        "openbsd_pkg" => Some("pkg_info"),
        name => MANAGERS.iter().copied().find(|manager| *manager == name),
    }
}

fn outcome(args: &Args, managers: &[&'static str], reply: &Reply) -> Outcome {
    let mut packages = Map::new();
    let mut warnings = Vec::new();
    for manager in managers {
        if args.strategy == Strategy::First && !packages.is_empty() {
            break;
        }
        let Some(list) = reply.text(manager) else {
            if args.manager.iter().any(|name| name == manager) {
                warnings.push(format!("Requested package manager {manager} was not usable by this module: this host has no such program"));
            }
            continue;
        };
        let found = lists::packages(manager, &list, reply);
        if found.is_empty() {
            warnings.push(format!("Found \"{manager}\" but no associated packages"));
        }
        add(&mut packages, manager, found);
    }
    let mut outcome = Outcome::ok();
    if packages.is_empty() {
        outcome = Outcome::failed(format!(
            "Could not detect a supported package manager from the following list: {}. Check warnings for details.",
            managers.join(", ")
        ));
    } else {
        outcome.facts.set("packages", packages);
    }
    outcome.warnings = warnings;
    outcome
}

/// Adds packages to the list under each name.
fn add(packages: &mut Map, manager: &str, found: Vec<Map>) {
    for mut package in found {
        package.set("source", manager);
        let name = package.get("name").map(Value::to_text).unwrap_or_default();
        let mut list = packages
            .get(&name)
            .and_then(Value::as_list)
            .map(|list| list.to_vec())
            .unwrap_or_default();
        list.push(Value::map(package));
        packages.set(&name, Value::list(list));
    }
}

#[cfg(test)]
mod tests;
