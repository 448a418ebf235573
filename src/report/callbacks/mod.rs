//! The reference's callback plugins by their names, with its formats: those of standard output in
//! place of the screen, the others beside it.

mod awx;
mod dense;
mod json;
mod junit;
mod minimal;
mod profile;
mod result;
#[cfg(test)]
mod tests;
mod timer;
mod tree;
mod unixy;

use std::path::PathBuf;

pub use profile::Sorted;

use super::clean::Clean;
use super::printed::Teller;
use super::screen::{Format, Screen, ScreenOptions};

/// What the settings say of callbacks.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// How the screen is.
    pub screen: ScreenOptions,
    /// `json_indent` of `json`; nothing is one line.
    pub json_indent: Option<usize>,
    /// A word that nobody else has: ids are made of it.
    pub token: String,
    /// Where `tree` writes.
    pub tree: PathBuf,
    /// How many tasks `profile_tasks` lists; nothing is all.
    pub profile_limit: Option<usize>,
    /// In which order.
    pub profile_sorted: Sorted,
    /// How `profile_tasks` writes the time.
    pub profile_time: String,
    /// Whether `profile_tasks` only sums up at the end.
    pub profile_summary: bool,
    /// Whether `profile_roles` does.
    pub roles_summary: bool,
}

/// The callback of standard output with that name: its short name, or the one with its collection.
pub fn of_screen(name: &str, settings: &Settings) -> Option<Box<dyn Teller>> {
    let screen =
        |options: ScreenOptions| -> Box<dyn Teller> { Box::new(Screen::new(Vec::new(), options)) };
    let options = &settings.screen;
    Some(match short(name, "stdout")? {
        "default" | "debug" => screen(options.clone()),
        "yaml" => screen(ScreenOptions {
            format: Format::Yaml,
            yaml_width: NO_BREAK,
            ..options.clone()
        }),
        "minimal" => Box::new(minimal::Minimal::new(options.clone(), false)),
        "oneline" => Box::new(minimal::Minimal::new(options.clone(), true)),
        "json" => Box::new(json::Json::new(settings)),
        "unixy" => clean(unixy::Unixy::new(options.clone())),
        // With -vv and more it is the default one.
        "dense" if options.verbosity >= 2 => screen(options.clone()),
        "dense" => clean(dense::Dense::new(options.clone())),
        "null" => Box::new(Null),
        "awx_display" => {
            let inner = std::env::var("ORIGINAL_STDOUT_CALLBACK").ok();
            let inner = inner.filter(|inner| !inner.ends_with("awx_display"));
            let inner = inner.and_then(|inner| of_screen(&inner, settings));
            let inner = inner.unwrap_or_else(|| screen(options.clone()));
            Box::new(awx::Awx::new(inner, settings.token.clone()))
        }
        _ => return None,
    })
}

/// What an ad-hoc run prints of its results, where no callback is asked for. `brief` is one line a host
/// even where it failed.
pub fn of_adhoc(options: ScreenOptions, one_line: bool, brief: bool) -> Box<dyn Teller> {
    let minimal = minimal::Minimal::new(options, one_line);
    match brief {
        true => Box::new(minimal.brief()),
        false => Box::new(minimal),
    }
}

/// A width that no line has.
pub const NO_BREAK: usize = 0x7fff_ffff;

/// The callback beside the screen with that name.
pub fn beside(name: &str, settings: &Settings) -> Option<Box<dyn Teller>> {
    let width = settings.screen.width;
    Some(match short(name, "aggregate")? {
        "timer" => Box::new(timer::Timer::new(width)),
        "profile_tasks" => clean(profile::Tasks::new(settings)),
        "profile_roles" => clean(profile::Roles::new(settings)),
        "tree" => Box::new(tree::Tree::new(settings.tree.clone())),
        "junit" => Box::new(junit::Junit::from_environment(settings.screen.verbosity)),
        _ => return None,
    })
}

/// Says whether a callback names tasks with their arguments.
pub fn names_arguments(name: &str) -> bool {
    short(name, "aggregate") == Some("junit") && !junit::hides_arguments()
}

/// The callback hears of no control character of hosts, items and names.
fn clean(teller: impl Teller + 'static) -> Box<dyn Teller> {
    Box::new(Clean(Box::new(teller)))
}

/// The callbacks there are: name, collection, kind.
const NAMES: &[(&str, &str, &str)] = &[
    ("awx_display", "ansible.builtin", "stdout"),
    ("debug", "ansible.posix", "stdout"),
    ("default", "ansible.builtin", "stdout"),
    ("dense", "community.general", "stdout"),
    ("json", "ansible.posix", "stdout"),
    ("junit", "ansible.builtin", "aggregate"),
    ("minimal", "ansible.builtin", "stdout"),
    ("null", "community.general", "stdout"),
    ("oneline", "ansible.builtin", "stdout"),
    ("profile_roles", "ansible.posix", "aggregate"),
    ("profile_tasks", "ansible.posix", "aggregate"),
    ("timer", "ansible.posix", "aggregate"),
    ("tree", "ansible.builtin", "aggregate"),
    ("unixy", "community.general", "stdout"),
    ("yaml", "community.general", "stdout"),
];

/// The short name of a callback of that kind.
fn short<'a>(name: &'a str, kind: &str) -> Option<&'a str> {
    let (collection, short) = match name.rsplit_once('.') {
        Some((collection, short)) => (Some(collection), short),
        None => (None, name),
    };
    let known = NAMES.iter().find(|(known, home, of)| {
        let home = collection.is_none_or(|it| it == *home || it == "ansible.legacy");
        *known == short && home && *of == kind
    });
    known.map(|_| short)
}

/// `null`: nothing at all.
struct Null;

impl Teller for Null {
    fn tell(&mut self, _: &super::Event, _: &mut Vec<u8>) {}
}

/// A heading with stars to the right, as the reference's `Display.banner` writes it.
fn banner(text: &str, width: usize, out: &mut Vec<u8>) {
    let text = text.trim();
    let stars = width.saturating_sub(text.chars().count()).max(3);
    out.extend_from_slice(format!("\n{text} {}\n", "*".repeat(stars)).as_bytes());
}
