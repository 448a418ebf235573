#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::{Cx, FreeForm, Module, Step, rules};
use crate::outcome::Outcome;
use crate::shell::{Fragment, PRELUDE, Reply, Script};
use crate::value::Map;

/// The module.
pub static MODULE: Module = Module {
    name: "group",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "group",
    text: include_str!("group.sh"),
    needs: &[&PRELUDE],
};

crate::choices! {
    /// Whether the group exists.
    State {
        Absent = "absent",
        Present = "present",
    }
}

args! {
    /// What `group` takes.
    Args {
        force: bool = false,
        gid: Option<i64>,
        gid_max: Option<i64>,
        gid_min: Option<i64>,
        local: bool = false,
        name: String,
        non_unique: bool = false,
        state: State = State::Present,
        system: bool = false,
    }
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(args)?;
    rules::required_if(args.non_unique, "`non_unique` is true", &[("gid", args.gid.is_some())])?;
    if args.local && (args.gid_min.is_some() || args.gid_max.is_some()) {
        return Err(Error::input("`local` goes with neither `gid_min` nor `gid_max`"));
    }
    let check = cx.check;
    let number = |id: Option<i64>| id.map_or_else(String::new, |id| id.to_string());
    let script = Script::call(&SHELL, "group_main")
        .set("name", &args.name)
        .set("state", args.state.word())
        .set("gid", number(args.gid))
        .set("gid_min", number(args.gid_min))
        .set("gid_max", number(args.gid_max))
        .flag("local", args.local)
        .flag("force", args.force)
        .flag("non_unique", args.non_unique)
        .flag("system", args.system)
        .flag("check", check);
    Ok(Step::run(script, move |reply| Ok(outcome(&args, &reply, check).into())))
}

fn outcome(args: &Args, reply: &Reply, check: bool) -> Outcome {
    let outcome = Outcome::new(reply.changed());
    let gid = reply.int("gid");
    // What would be made or removed is not there to be described.
    let nothing_to_tell = match args.state {
        State::Absent => outcome.changed,
        State::Present => gid.is_none(),
    };
    if check && nothing_to_tell {
        return outcome;
    }
    let outcome = outcome.with("name", args.name.as_str()).with("state", args.state.word());
    match args.state {
        State::Absent => outcome,
        State::Present => outcome.with("gid", gid).with("system", args.system),
    }
}

#[cfg(test)]
mod tests;
