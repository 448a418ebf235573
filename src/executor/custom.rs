//! Executables of the user's that are modules by Ansible's conventions.

use std::sync::Arc;

use super::actions::Custom;
use crate::error::{Error, Result};
use crate::modules::{Cx, Step};
use crate::value::Map;

/// The first step of a custom module.
///
/// # Errors
/// Custom modules are not built yet.
pub fn first_step(custom: &Custom, _args: &Map, _cx: &Arc<Cx>) -> Result<Step> {
    Err(Error::input(format!(
        "`{}` is a custom module (`{}`); custom modules are not built yet",
        custom.name,
        custom.path.display()
    )))
}
