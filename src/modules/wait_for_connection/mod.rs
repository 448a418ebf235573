#![doc = include_str!("page.md")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::args;
use crate::error::Result;
use crate::modules::{Answer, Ask, Cx, FreeForm, Module, Step};
use crate::outcome::Outcome;
use crate::shell::{Fragment, PRELUDE, Script};
use crate::value::Map;

/// The module.
pub static MODULE: Module = Module {
    name: "wait_for_connection",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "wait_for_connection",
    text: include_str!("wait_for_connection.sh"),
    needs: &[&PRELUDE],
};

args! {
    /// What `wait_for_connection` takes; all in seconds.
    Args {
        connect_timeout: u64 = 5,
        delay: u64 = 0,
        sleep: u64 = 1,
        timeout: u64 = 600,
    }
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(args)?;
    if cx.check {
        return Ok(Outcome { skipped: true, ..Outcome::ok() }.with("elapsed", 0).into());
    }
    let begun = Instant::now();
    let delay = Ask::Sleep(Duration::from_secs(args.delay));
    Ok(Step::ask(delay, move |_| Ok(attempt(args, begun))))
}

/// One try: a fresh connection, and a shell that answers on it.
fn attempt(args: Args, begun: Instant) -> Step {
    Step::ask(Ask::Disconnect, move |_| {
        let connect = Ask::Connect(Duration::from_secs(args.connect_timeout));
        Ok(Step::ask(connect, move |answer| match answer {
            Answer::Reached(Err(why)) => Ok(again(args, begun, why)),
            _ => Ok(greet(args, begun)),
        }))
    })
}

fn greet(args: Args, begun: Instant) -> Step {
    let script = Script::call(&SHELL, "wait_for_connection_main");
    Step::run_any(script, move |reply| match reply.text("here") {
        Some(_) => Ok(Outcome::ok().with("elapsed", elapsed(begun)).into()),
        None => Ok(again(args, begun, "the host's shell does not answer".to_owned())),
    })
}

fn again(args: Args, begun: Instant, why: String) -> Step {
    if begun.elapsed().as_secs() >= args.timeout {
        return Outcome::failed(format!("timed out waiting for ping module test: {why}"))
            .with("elapsed", elapsed(begun))
            .into();
    }
    let sleep = Ask::Sleep(Duration::from_secs(args.sleep));
    Step::ask(sleep, move |_| Ok(attempt(args, begun)))
}

fn elapsed(begun: Instant) -> u64 {
    begun.elapsed().as_secs()
}
