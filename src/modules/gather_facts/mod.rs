#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::error::Result;
use crate::modules::gathering::Gathering;
use crate::modules::{Cx, FreeForm, Module, RemotePath, Step};
use crate::value::Map;

/// The module.
pub static MODULE: Module = Module {
    name: "gather_facts",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

args! {
    /// What `gather_facts` takes.
    Args {
        /// Which facts.
        gather_subset: Vec<String> = vec!["all".to_owned()],
        /// How long a file system or a program may take, in seconds.
        gather_timeout: u64 = 10,
        /// Which of them to keep, by name.
        filter: Vec<String> = Vec::new(),
        /// Where the host keeps facts of its own.
        fact_path: RemotePath = RemotePath("/etc/ansible/facts.d".to_owned()),
        /// Whether the modules of `facts_modules` gather at once; the executor sees to it.
        parallel: Option<bool>,
    }
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(args)?;
    Gathering {
        subset: args.gather_subset,
        timeout: args.gather_timeout,
        filter: args.filter,
        fact_path: args.fact_path,
    }
    .plan(cx)
}
