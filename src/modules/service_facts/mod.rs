#![doc = include_str!("page.md")]

mod lists;

use std::sync::Arc;

use crate::error::Result;
use crate::modules::{Cx, FreeForm, Module, Step};
use crate::outcome::Outcome;
use crate::shell::{Fragment, PRELUDE, Reply, Script};
use crate::value::Map;

/// The module.
pub static MODULE: Module = Module {
    name: "service_facts",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "service_facts",
    text: include_str!("service_facts.sh"),
    needs: &[&PRELUDE],
};

fn plan(_args: &Map, _cx: &Arc<Cx>) -> Result<Step> {
    let script = Script::call(&SHELL, "service_facts_read");
    Ok(Step::run(script, |reply| Ok(outcome(&reply).into())))
}

fn outcome(reply: &Reply) -> Outcome {
    let mut warnings = reply.warnings();
    let services = lists::services(reply, &mut warnings);
    let mut outcome = match services.is_empty() {
        true => Outcome::skipped(
            "Failed to find any services. This can be due to privileges or some other configuration issue.",
        ),
        false => {
            let mut outcome = Outcome::ok();
            outcome.facts.set("services", services);
            outcome
        }
    };
    outcome.warnings = warnings;
    outcome
}

#[cfg(test)]
mod tests;
