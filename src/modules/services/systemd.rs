//! systemd's units: one `systemctl show` tells all, and verbs follow only where it differs.

use super::State;
use crate::error::{Error, Result};
use crate::modules::Step;
use crate::outcome::Outcome;
use crate::shell::{Fragment, PRELUDE, Reply, Script};
use crate::value::{Map, Value};

/// The functions that ask systemd and tell it.
pub static SYSTEMD: Fragment = Fragment {
    name: "systemd",
    text: include_str!("systemd.sh"),
    needs: &[&PRELUDE],
};

crate::choices! {
    /// Whose units are meant.
    Scope {
        Global = "global",
        System = "system",
        User = "user",
    }
}

/// A unit and what it is to be.
#[derive(Clone, Debug)]
pub struct Unit {
    /// The unit; without one, only the manager itself is told something.
    pub name: Option<String>,
    /// What it is to be now.
    pub state: Option<State>,
    /// Whether it starts at boot.
    pub enabled: Option<bool>,
    /// Whether it cannot be started at all.
    pub masked: Option<bool>,
    /// Whose unit it is.
    pub scope: Scope,
    /// Overwrite links that are in the way.
    pub force: bool,
    /// Do not wait for the end of a job.
    pub no_block: bool,
    /// Have the manager read its files anew first.
    pub daemon_reload: bool,
    /// Have the manager execute itself anew first.
    pub daemon_reexec: bool,
}

impl Unit {
    /// The steps that bring the unit there.
    ///
    /// # Errors
    /// The name is a pattern.
    pub fn plan(self, check: bool) -> Result<Step> {
        self.check_name()?;
        Ok(self.probe_and_act(check, false, None))
    }

    /// The name is that of one unit.
    ///
    /// # Errors
    /// It is a pattern.
    pub fn check_name(&self) -> Result<()> {
        match self
            .name
            .as_deref()
            .and_then(|name| name.find(['*', '?', '[']))
        {
            None => Ok(()),
            Some(at) => {
                let name = self.name.as_deref().unwrap_or_default();
                let sign = &name[at..=at];
                Err(Error::input(format!(
                    "This module does not currently support using glob patterns, found '{sign}' in service name: {name}"
                )))
            }
        }
    }

    fn probe_and_act(self, check: bool, changed: bool, before: Option<Map>) -> Step {
        let script = self.assign(Script::call(&SYSTEMD, "systemd_probe"), check);
        Step::run(script, move |reply| {
            self.act_after(&reply, check, changed, before)
        })
    }

    /// Sets what the functions of the fragment read.
    pub fn assign(&self, script: Script, check: bool) -> Script {
        script
            .set("name", self.name.as_deref().unwrap_or_default())
            .set("scope", self.scope.word())
            .flag("force", self.force)
            .flag("no_block", self.no_block)
            .flag("reload", self.daemon_reload)
            .flag("reexec", self.daemon_reexec)
            .flag("want_enabled", self.enabled.is_some())
            .flag("check", check)
    }

    /// Reads the answer to the probe, and does what has to be done.
    ///
    /// # Errors
    /// The unit does not exist, or systemd does not answer.
    pub fn act(self, reply: &Reply, check: bool, changed: bool) -> Result<Step> {
        self.act_after(reply, check, changed, None)
    }

    /// The same; `before` is the status from before an unmasking, which the result tells.
    fn act_after(
        mut self,
        reply: &Reply,
        check: bool,
        changed: bool,
        before: Option<Map>,
    ) -> Result<Step> {
        let Some(name) = self.name.clone() else {
            let status = Map::new();
            return Ok(Outcome::new(changed)
                .with("name", Value::Null)
                .with("status", status)
                .into());
        };
        let seen = Seen::of(reply);
        self.check_existence(&name, &seen)?;
        let mask = self.mask_verb(&seen);
        if mask == Some("unmask") && !check && (self.state.is_some() || self.enabled.is_some()) {
            self.masked = None;
            let script = self.assign(Script::call(&SYSTEMD, "systemd_act").arg("unmask"), check);
            self.daemon_reload = false;
            self.daemon_reexec = false;
            let before = before.unwrap_or(seen.status);
            return Ok(Step::run(script, move |_| {
                Ok(self.probe_and_act(check, true, Some(before)))
            }));
        }
        let offline = seen.status.is_empty();
        let state = self
            .state
            .filter(|_| !offline)
            .and_then(|state| state.verb(seen.running(state)));
        let enable = self.enable_verb(&seen);
        let verbs: Vec<&str> = [mask, enable, state].into_iter().flatten().collect();
        let status = before.unwrap_or(seen.status);
        let outcome = self.outcome(&name, status, changed || !verbs.is_empty(), offline);
        if verbs.is_empty() || check {
            return Ok(outcome.into());
        }
        let script = self.assign(Script::call(&SYSTEMD, "systemd_act"), check);
        let script = verbs.iter().fold(script, Script::arg);
        Ok(Step::run(script, move |_| Ok(outcome.into())))
    }

    fn check_existence(&self, name: &str, seen: &Seen) -> Result<()> {
        if let Some(problem) = &seen.problem
            && seen.status.is_empty()
            && seen.enabled.is_none()
        {
            return Err(Error::input(format!(
                "systemd says nothing of `{name}`: {problem}"
            )));
        }
        if let Some(problem) = seen.text("LoadError")
            && !matches!(seen.text("LoadState"), Some("not-found" | "masked"))
        {
            return Err(Error::input(format!(
                "Error loading unit file '{name}': {problem}"
            )));
        }
        let needed = self.state.is_some() || self.enabled.is_some();
        if needed && seen.text("LoadState") == Some("not-found") && !seen.init_script {
            return Err(Error::input(format!(
                "Could not find the requested service {name}: host"
            )));
        }
        Ok(())
    }

    fn mask_verb(&self, seen: &Seen) -> Option<&'static str> {
        match (self.masked?, seen.masked()) {
            (true, false) => Some("mask"),
            (false, true) => Some("unmask"),
            _ => None,
        }
    }

    fn enable_verb(&self, seen: &Seen) -> Option<&'static str> {
        // Beside a unit that is not plainly disabled, System V's links decide.
        let disabled = seen.text("UnitFileState") == Some("disabled");
        let by_links = self.scope == Scope::System && seen.init_links && !disabled;
        match (self.enabled?, seen.is_enabled() || by_links) {
            (true, false) => Some("enable"),
            (false, true) => Some("disable"),
            _ => None,
        }
    }

    fn outcome(&self, name: &str, status: Map, changed: bool, offline: bool) -> Outcome {
        let mut outcome = Outcome::new(changed)
            .with("name", name)
            .with("status", status);
        if let Some(enabled) = self.enabled {
            outcome = outcome.with("enabled", enabled);
        }
        if let Some(state) = self.state {
            outcome = outcome.with("state", state.in_the_end());
            if offline {
                outcome = outcome
                    .with_warning("systemd is not running here: the unit's state is left as it is");
            }
        }
        outcome
    }
}

/// What systemd said of a unit.
struct Seen {
    status: Map,
    enabled: Option<bool>,
    init_script: bool,
    init_links: bool,
    problem: Option<String>,
}

impl Seen {
    fn of(reply: &Reply) -> Seen {
        Seen {
            status: properties(&reply.text("show").unwrap_or_default()),
            enabled: reply.text("enabled").map(|answer| answer == "1"),
            init_script: reply.flag("init_script"),
            init_links: reply.flag("init_links"),
            problem: reply.text("problem"),
        }
    }

    fn text(&self, property: &str) -> Option<&str> {
        self.status.get(property)?.as_str()
    }

    fn masked(&self) -> bool {
        let masked = |word: &str| word.starts_with("masked");
        self.text("LoadState").is_some_and(masked) || self.text("UnitFileState").is_some_and(masked)
    }

    /// Whether it runs; one that is just being stopped still does where it is to be stopped.
    fn running(&self, wanted: State) -> bool {
        match self.text("ActiveState") {
            Some("active" | "activating" | "reloading") => true,
            Some("deactivating") => wanted == State::Stopped,
            _ => false,
        }
    }

    /// As `systemctl is-enabled` judges the state of the unit's file; what is enabled only for now or
    /// by another unit (`enabled-runtime`, `indirect`, `alias`) is enabled again, as the reference does.
    fn is_enabled(&self) -> bool {
        if let Some(enabled) = self.enabled {
            return enabled;
        }
        matches!(
            self.text("UnitFileState"),
            Some("enabled" | "static" | "generated" | "transient")
        )
    }
}

/// The properties in `systemctl show`'s answer. The value of an `Exec…` may go over many lines.
fn properties(show: &str) -> Map {
    let mut map = Map::new();
    let mut open: Option<(String, String)> = None;
    for line in show.lines() {
        let (key, value) = match (open.take(), line.split_once('=')) {
            (Some((key, value)), _) => (key, value + "\n" + line),
            (None, Some((key, value))) => (key.to_owned(), value.to_owned()),
            (None, None) => continue,
        };
        if key.starts_with("Exec") && value.starts_with('{') && !value.trim_end().ends_with('}') {
            open = Some((key, value));
        } else {
            map.set(&key, value.trim());
        }
    }
    map
}

#[cfg(test)]
mod tests {
    use super::properties;

    #[test]
    fn properties_may_go_over_many_lines() {
        let show = "Id=a.service\nExecStart={ path=/bin/sh ; argv[]=/bin/sh -c a=b\n c ; pid=0 }\nNames=a b=c\n";
        let map = properties(show);
        assert_eq!(map.len(), 3);
        assert_eq!(map.get("Names").unwrap().as_str(), Some("a b=c"));
        assert!(
            map.get("ExecStart")
                .unwrap()
                .as_str()
                .unwrap()
                .ends_with("pid=0 }")
        );
    }
}
