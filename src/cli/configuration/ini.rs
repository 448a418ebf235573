//! `play config init`: every setting at its default, as a file or as variables.

use clap::Args;

use super::known::Known;
use super::plugins::{Plugin, Which, is_of_plugin};
use super::{File, is_base, is_hidden};
use crate::config::SETTINGS;
use crate::error::Result;
use crate::value::Value;
use crate::yaml;

/// What `play config init` takes.
#[derive(Args, Clone, Debug)]
pub struct Init {
    /// Put a comment sign before every setting
    #[arg(long)]
    disabled: bool,
    /// What is made: a configuration file, variables for a shell, or variables of inventories
    #[arg(short = 'f', long, default_value = "ini", value_parser = ["ini", "env", "vars"])]
    format: String,
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    pub(super) file: File,
}

impl Init {
    /// The whole text.
    ///
    /// # Errors
    /// The page of a plugin cannot be read.
    pub(super) fn text(&self) -> Result<String> {
        let mut all = base(&self.which);
        let plugins = self.which.plugins("base")?;
        let plugins = plugins.into_iter().flat_map(|(_, plugins)| plugins);
        match self.format.as_str() {
            "ini" => {
                all.extend(plugins.flat_map(Plugin::sorted));
                Ok(self.ini(&all))
            }
            format => {
                all.extend(plugins.flat_map(|plugin| plugin.settings));
                self.variables(&all, format == "env")
            }
        }
    }

    /// A shell's variables, or those of inventories, for every setting that has one.
    fn variables(&self, all: &[Known], is_shell: bool) -> Result<String> {
        let sign = if self.disabled { "#" } else { "" };
        let mut text = String::new();
        for known in all {
            let names = match is_shell {
                true => &known.environment,
                false => &known.variables,
            };
            // What begins so is for the reference's own tests.
            let Some(name) = names
                .last()
                .filter(|name| !name.to_lowercase().starts_with("_ansible_"))
            else {
                continue;
            };
            text += &match is_shell {
                true => format!("{}\n{sign}{name}={}\n\n", known.comments[1], quoted(known)),
                false => format!("{}\n{sign}{name}: {}\n\n", known.comments[1], short(known)?),
            };
        }
        Ok(without_last_line(&text))
    }

    /// A file with every setting that a file can make.
    fn ini(&self, all: &[Known]) -> String {
        let mut sections: Vec<(&str, Vec<String>)> = Vec::new();
        let mut seen: Vec<&(String, String)> = Vec::new();
        for known in all {
            let Some(place) = known.keys.last() else {
                continue;
            };
            let position = sections.iter().position(|(name, _)| *name == place.0);
            let position = position.unwrap_or_else(|| {
                sections.push((&place.0, Vec::new()));
                sections.len() - 1
            });
            // Plugins share keys; a key may stand in a file once.
            if seen.contains(&place) {
                continue;
            }
            seen.push(place);
            let sign = if self.disabled { ";" } else { "" };
            if let Some((_, lines)) = sections.get_mut(position) {
                let default = joined(&known.default);
                lines.push(format!(
                    "{}\n{sign}{}={default}\n\n",
                    known.comments[0], place.1
                ));
            }
        }
        let section =
            |(name, lines): &(&str, Vec<String>)| format!("[{name}]\n{}\n", lines.concat());
        without_last_line(&sections.iter().map(section).collect::<String>())
    }
}

/// The settings that are no plugin's.
fn base(which: &Which) -> Vec<Known> {
    let wanted = which.has_base("base");
    let settings = SETTINGS.iter().filter(|setting| {
        let fits = is_base(setting) || which.has_all("base") && !is_of_plugin(setting);
        wanted && fits && !is_hidden(setting)
    });
    settings.map(Known::of_setting).collect()
}

impl Plugin {
    fn sorted(mut self) -> Vec<Known> {
        self.settings.sort_by(|a, b| a.name.cmp(&b.name));
        self.settings
    }
}

/// The lines stand apart, and the end has one empty line less.
fn without_last_line(text: &str) -> String {
    text.strip_suffix('\n').unwrap_or(text).to_owned()
}

fn joined(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(Value::to_text).collect();
            items.join(", ")
        }
        value => value.to_text(),
    }
}

/// A default as a shell takes it.
fn quoted(known: &Known) -> String {
    if matches!(known.kind.as_str(), "boolean" | "bool") {
        return if known.default.is_true() { "1" } else { "0" }.to_owned();
    }
    match joined(&known.default).as_str() {
        "" => String::new(),
        text => crate::shell::quote(text).as_str().to_owned(),
    }
}

/// A default as YAML on one line, and the line's end.
fn short(known: &Known) -> Result<String> {
    let value = match known.default.is_null() {
        true => Value::from(""),
        false => known.default.clone(),
    };
    let options = yaml::DumpOptions {
        default_flow_style: Some(true),
        ..yaml::DumpOptions::default()
    };
    let text = yaml::dump(&value, &options)?;
    Ok(text.strip_suffix("...\n").unwrap_or(&text).to_owned())
}
