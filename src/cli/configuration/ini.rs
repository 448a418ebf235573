//! `play config init`: every setting at its default, as a file or as variables.

use clap::Args;

use super::{effect, is_base, is_hidden};
use crate::config::{Kind, SETTINGS, Setting};

/// What `play config init` takes.
#[derive(Args, Clone, Debug)]
pub struct Init {
    /// Put a comment sign before every setting
    #[arg(long)]
    disabled: bool,
    /// What is made: a configuration file, or variables for a shell
    #[arg(short = 'f', long, default_value = "ini", value_parser = ["ini", "env"])]
    format: String,
    /// Of which plugins too: base (none), all
    #[arg(short = 't', long = "type", default_value = "base", value_parser = ["base", "all"])]
    kind: String,
    /// Say first which configuration file is read
    #[arg(short = 'v', long = "verbose", action = clap::ArgAction::Count)]
    pub(super) verbose: u8,
}

impl Init {
    pub(super) fn text(&self) -> String {
        match self.format.as_str() {
            "env" => environment(self),
            _ => ini(self),
        }
    }

    fn settings(&self) -> impl Iterator<Item = &'static Setting> {
        let all = self.kind == "all";
        SETTINGS
            .iter()
            .filter(move |setting| !is_hidden(setting) && (all || is_base(setting)))
    }
}

fn default(setting: &Setting) -> String {
    let default = setting.default.unwrap_or_default();
    default.replace("$HOME_OF_ANSIBLE", "~/.ansible")
}

/// A shell's variables for every setting that has one.
fn environment(init: &Init) -> String {
    let sign = if init.disabled { "#" } else { "" };
    let mut text = String::new();
    for setting in init.settings() {
        let Some(name) = setting.environment.last() else {
            continue;
        };
        let default = match (setting.kind, default(setting).as_str()) {
            (Kind::Boolean, "True") => "1".to_owned(),
            (Kind::Boolean, _) => "0".to_owned(),
            (_, "") => String::new(),
            (_, text) => crate::shell::quote(text).as_str().to_owned(),
        };
        let kind = setting.kind.name();
        let effect = effect(setting);
        text += &format!(
            "# {} ({kind}), {effect}\n{sign}{name}={default}\n\n",
            setting.name
        );
    }
    text
}

/// A file with every setting that a file can make.
fn ini(init: &Init) -> String {
    let mut sections: Vec<(&str, Vec<String>)> = Vec::new();
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for setting in init.settings() {
        let Some((section, key)) = setting.keys.first() else {
            continue;
        };
        // Plugins share keys; a key may stand in a file once.
        if seen.contains(&(section, key)) {
            continue;
        }
        seen.push((section, key));
        let position = sections.iter().position(|(name, _)| name == section);
        let position = position.unwrap_or_else(|| {
            sections.push((section, Vec::new()));
            sections.len() - 1
        });
        let default = default(setting);
        let sign = if init.disabled { ";" } else { "" };
        if let Some((_, lines)) = sections.get_mut(position) {
            lines.push(format!(
                "# {} ({}), {}\n{sign}{key}={default}\n",
                setting.name,
                setting.kind.name(),
                effect(setting),
            ));
        }
    }
    let section = |(name, lines): &(&str, Vec<String>)| format!("[{name}]\n{}\n", lines.join("\n"));
    sections.iter().map(section).collect()
}
