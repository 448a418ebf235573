#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::{Cx, FreeForm, Module, Step};
use crate::outcome::{Outcome, Outlook};
use crate::shell::{Fragment, PRELUDE, Reply, Script};
use crate::value::Map;

/// The module.
pub static MODULE: Module = Module {
    name: "raw",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::Command,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "raw",
    text: include_str!("raw.sh"),
    needs: &[&PRELUDE],
};

args! {
    /// What `raw` takes.
    Args {
        _raw_params: Option<String>,
        /// Taken out of the text and not used, as in the reference; so are the others.
        chdir: Option<String>,
        creates: Option<String>,
        executable: Option<String>,
        removes: Option<String>,
        stdin: Option<String>,
        stdin_add_newline: Option<String>,
        strip_empty_ends: Option<String>,
        warn: Option<String>,
    }
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(args)?;
    let unused = args.unused();
    let text = args
        ._raw_params
        .ok_or_else(|| Error::input("`raw` needs the text to run"))?;
    if cx.check {
        return Ok(skipped().into());
    }
    let shell = args.executable.filter(|shell| !shell.is_empty());
    let script = Script::call(&SHELL, "raw_main").as_logged_in()
        .set("executable", shell.as_deref().unwrap_or("/bin/sh"))
        .set("text", text);
    let step = Step::run_any(script, |reply| Ok(outcome(&reply).into()));
    Ok(unused.into_iter().fold(step, |step, name| {
        step.warned(format!("`raw` does not use `{name}`; it was taken out of the text"))
    }))
}

impl Args {
    /// The words of `command` that stood in the text and mean nothing here.
    fn unused(&self) -> Vec<&'static str> {
        let all = [
            ("chdir", &self.chdir),
            ("creates", &self.creates),
            ("removes", &self.removes),
            ("stdin", &self.stdin),
            ("stdin_add_newline", &self.stdin_add_newline),
            ("strip_empty_ends", &self.strip_empty_ends),
            ("warn", &self.warn),
        ];
        let given = all.into_iter().filter(|(_, value)| value.is_some());
        given.map(|(name, _)| name).collect()
    }
}

fn skipped() -> Outcome {
    Outcome {
        skipped: true,
        outlook: Outlook::Unpredicted,
        ..Outcome::default()
    }
}

fn outcome(reply: &Reply) -> Outcome {
    let mut outcome = Outcome::changed()
        .with("rc", reply.status)
        .with("stdout", reply.stdout_text())
        .with("stderr", reply.stderr_text());
    if reply.status != 0 {
        outcome.failed = true;
        outcome = outcome.with("msg", "non-zero return code");
    }
    outcome
}
