#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::error::Result;
use crate::modules::{Cx, FreeForm, Module, Step};
use crate::outcome::Outcome;
use crate::shell::{Fragment, PRELUDE, Script};
use crate::value::Map;

/// The module.
pub static MODULE: Module = Module {
    name: "ping",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "ping",
    text: include_str!("ping.sh"),
    needs: &[&PRELUDE],
};

args! {
    /// What `ping` takes.
    Args {
        /// What comes back; `crash` is a failure on purpose.
        data: String = "pong".to_owned(),
    }
}

fn plan(args: &Map, _cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(args)?;
    if args.data == "crash" {
        // The words of a module that ends with an exception.
        return Step::failed("Task failed: Module failed: boom");
    }
    let script = Script::call(&SHELL, "ping_main").set("data", &args.data);
    Ok(Step::run(script, |reply| {
        let data = reply.text("ping").unwrap_or_default();
        Ok(Outcome::ok().with("ping", data).into())
    }))
}
