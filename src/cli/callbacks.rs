//! Callback plugins that a configuration names: which there are, and a warning for the others.

use super::meaning::place_of;
use crate::config::Config;
use crate::error::Error;
use crate::executor::Run;

/// Warns of callbacks that are asked for and are not here.
pub fn warn_of_missing(config: &Config, run: &Run) {
    let stdout = config.text("DEFAULT_STDOUT_CALLBACK").unwrap_or_default();
    if !matches!(short(&stdout), "default" | "") {
        let text = format!("the callback `{stdout}` is not built: the default screen is shown");
        run.warn(Error::input(text).at(place_of(config, "DEFAULT_STDOUT_CALLBACK")));
    }
    for name in config.list("CALLBACKS_ENABLED") {
        let text = format!("the callback `{name}` is not built");
        run.warn(Error::input(text).at(place_of(config, "CALLBACKS_ENABLED")));
    }
}

fn short(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}
