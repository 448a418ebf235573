//! Callback plugins that a configuration names: which there are, and a warning for the others.

use super::meaning::place_of;
use super::terminal;
use crate::config::Config;
use crate::error::{Error, Kind, Result};
use crate::executor::Run;
use crate::playbook::truth;
use crate::python::{Aside, CallbackScreen, Python};
use crate::report::callbacks::{NO_BREAK, Settings, Sorted, beside, of_screen};
use crate::report::{Format, ScreenOptions, Teller};
use crate::template::PluginNames;

/// Warns of callbacks that are asked for and are not here.
///
/// # Errors
/// One was removed, as its collection says.
pub fn check_named(config: &Config, run: &Run) -> Result<()> {
    let settings = Settings::default();
    let python = &run.house.python;
    let stdout = config.text("DEFAULT_STDOUT_CALLBACK").unwrap_or_default();
    let known = of_screen(&stdout, &settings).is_some() || python.has_callback(&stdout);
    if !stdout.is_empty() && !known {
        let text = format!("there is no callback `{stdout}`: the default screen is shown");
        run.warn(Error::input(text).at(place_of(config, "DEFAULT_STDOUT_CALLBACK")));
    }
    for name in config.list("CALLBACKS_ENABLED") {
        let place = place_of(config, "CALLBACKS_ENABLED");
        if beside(&name, &settings).is_some() {
            continue;
        }
        let found = python.callback_name(&name);
        let found = found.map_err(|error| error.of_kind(Kind::Input).at(place.clone()))?;
        if found.is_none() {
            let text = format!("Skipping callback plugin '{name}', unable to load");
            run.warn(Error::input(text).at(place));
        }
    }
    Ok(())
}

/// What the settings say of callbacks.
pub fn settings(config: &Config, screen: &ScreenOptions) -> Settings {
    let limit = config.text("profile_tasks.output_limit");
    Settings {
        screen: screen.clone(),
        token: super::listeners::random_word(),
        json_indent: size(config, "json.json_indent").filter(|indent| *indent > 0),
        tree: config.path("tree.directory").unwrap_or_default(),
        profile_limit: limit.and_then(|limit| limit.parse().ok()),
        profile_sorted: match config.text("profile_tasks.sort_order").as_deref() {
            Some("ascending") => Sorted::Ascending,
            Some("none") => Sorted::No,
            _ => Sorted::Descending,
        },
        profile_time: config
            .text("profile_tasks.datetime_format")
            .unwrap_or_default(),
        profile_summary: config.flag("profile_tasks.summary_only"),
        roles_summary: config.flag("profile_roles.summary_only"),
    }
}

fn size(config: &Config, name: &str) -> Option<usize> {
    usize::try_from(config.number(name)?).ok()
}

/// The same screen with results in the form that the settings say.
pub fn formatted(screen: ScreenOptions, config: &Config) -> ScreenOptions {
    let pretty = config.is_set("default.pretty_results");
    let indent = config.number("default.result_indentation").unwrap_or(4);
    let width = config.text("default.result_yaml_line_width");
    ScreenOptions {
        format: match config.text("default.result_format").as_deref() {
            Some("yaml") => Format::Yaml,
            _ => Format::Json,
        },
        pretty: pretty.then(|| config.flag("default.pretty_results")),
        // As deep as nobody reads, and no deeper.
        indent: usize::try_from(indent.clamp(0, 64)).unwrap_or(4),
        yaml_width: match width.as_deref() {
            Some("no-break") => NO_BREAK,
            Some("terminal-width") => terminal::width(),
            _ => 80,
        },
        ..screen
    }
}

/// Where callbacks in Python come from.
#[derive(Clone, Copy)]
pub struct Foreign<'a> {
    python: &'a Python,
    extra: &'a dyn PluginNames,
}

impl<'a> Foreign<'a> {
    /// Callbacks of this Python, whose options may stand among the extra variables.
    pub fn of(python: Option<&'a Python>, extra: &'a dyn PluginNames) -> Option<Self> {
        python.map(|python| Foreign { python, extra })
    }
}

/// The callback of standard output that is asked for, where there is one and it is not the default.
pub fn stdout(
    config: &Config,
    settings: &Settings,
    python: Option<Foreign<'_>>,
) -> Option<Box<dyn Teller>> {
    let name = config.text("DEFAULT_STDOUT_CALLBACK")?;
    match name.as_str() {
        "" | "default" | "ansible.builtin.default" => None,
        name => of_screen(name, settings).or_else(|| foreign(name, settings, python)),
    }
}

/// Whether skipped hosts get a line: an extra variable says so, or the settings.
///
/// # Errors
/// The variable cannot be rendered.
pub fn shows_skipped(config: &Config, extra: &dyn PluginNames) -> Result<bool> {
    let said = extra.value("ansible_display_skipped_hosts")?;
    let said = said.as_ref().and_then(truth);
    Ok(said.unwrap_or_else(|| config.flag("DISPLAY_SKIPPED_HOSTS")))
}

/// The callbacks beside the screen: those that are asked for, and those beside the playbook that are
/// on without it.
pub fn enabled(
    config: &Config,
    settings: &Settings,
    python: Option<Foreign<'_>>,
) -> Vec<Box<dyn Teller>> {
    let mut names = config.list("CALLBACKS_ENABLED");
    let answered =
        |name: &str| of_screen(name, settings).is_some() || beside(name, settings).is_some();
    match python.map(|foreign| foreign.python.own_callbacks(&answered)) {
        Some(Ok(own)) => names.extend(own),
        Some(Err(error)) => terminal::print_warning(&error),
        None => {}
    }
    // Two names may lead to one callback.
    let full = |name: &String| {
        let found = python.and_then(|foreign| foreign.python.callback_name(name).ok().flatten());
        found.filter(|_| beside(name, settings).is_none())
    };
    let mut seen = std::collections::HashSet::new();
    names.retain(|name| seen.insert(full(name).unwrap_or_else(|| name.clone())));
    names
        .iter()
        .filter_map(|name| beside(name, settings).or_else(|| foreign(name, settings, python)))
        .collect()
}

/// A callback in Python; one that cannot be loaded is a warning.
fn foreign(
    name: &str,
    settings: &Settings,
    python: Option<Foreign<'_>>,
) -> Option<Box<dyn Teller>> {
    let Foreign { python, extra } = python.filter(|known| known.python.has_callback(name))?;
    let screen = CallbackScreen {
        colour: settings.screen.colour,
        width: settings.screen.width,
        verbosity: settings.screen.verbosity,
    };
    match python.callback(name, screen, extra, Box::new(Terminal)) {
        Ok(callback) => Some(Box::new(callback)),
        Err(error) => {
            terminal::print_warning(&error);
            None
        }
    }
}

/// What callbacks say beside their text is for standard error.
struct Terminal;

impl Aside for Terminal {
    fn warn(&self, warning: Error) {
        terminal::print_warning(&warning);
    }

    fn print(&self, text: &str) {
        terminal::live_line().aside(|| terminal::print_error_text(text));
    }
}
