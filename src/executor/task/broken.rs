//! Modules broken on purpose, in debug builds only, so that the test suite can show that it notices.
//!
//! `PLAY_BROKEN=copy:idle,user:changed` names modules and how each is broken: `idle` reports what it
//! would do and does none of it, `changed` always says changed, `ok` never does.

use std::sync::Arc;

use crate::error::Result;
use crate::modules::{Cx, Module, Step};
use crate::outcome::Outcome;
use crate::value::Map;

/// A module's first step; that of a broken one where this is a debug build and the user wants it.
///
/// # Errors
/// What the module's plan says.
pub fn plan(module: &Module, args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    match fault(module.name).as_deref() {
        Some("idle") => {
            let check = true;
            let cx = cx.as_ref().clone();
            module.step(args, &Arc::new(Cx { check, ..cx }))
        }
        Some(word @ ("changed" | "ok")) => {
            let changed = word == "changed";
            let step = module.step(args, cx)?;
            Ok(step.finally(move |outcome| Outcome { changed, ..outcome }))
        }
        _ => module.step(args, cx),
    }
}

fn fault(module: &str) -> Option<String> {
    if !cfg!(debug_assertions) {
        return None;
    }
    let faults = std::env::var("PLAY_BROKEN").ok()?;
    let mut faults = faults.split(',').filter_map(|fault| fault.split_once(':'));
    let found = faults.find(|(name, _)| *name == module)?;
    Some(found.1.to_owned())
}
