//! `play config validate`.

use clap::Args;

use super::File;
use crate::cli::terminal;
use crate::config::strange_variables;
use crate::error::{Manner, Result};

/// What `play config validate` takes.
#[derive(Args, Clone, Debug)]
pub struct Validate {
    /// What is looked at: the file, or the ANSIBLE_ variables of the environment
    #[arg(short = 'f', long, default_value = "ini", value_parser = ["ini", "env"])]
    format: String,
    /// Whether the settings of plugins are settings too: base (no), all; ansible-config says no unless asked
    #[arg(short = 't', long = "type", value_parser = ["base", "all"])]
    kind: Option<String>,
    #[command(flatten)]
    file: File,
}

impl Validate {
    /// Tells everything that is no setting; gives the exit code.
    pub(super) fn run(&self) -> Result<u8> {
        let config = self.file.configuration()?;
        let plugins = match &self.kind {
            Some(kind) => kind == "all",
            None => terminal::manner() == Manner::Own,
        };
        let strange = match self.format.as_str() {
            "env" => {
                let mut names: Vec<String> = std::env::vars_os()
                    .map(|(name, _)| name.to_string_lossy().into_owned())
                    .collect();
                names.sort();
                strange_variables(&names, plugins)
            }
            _ => config.strange_keys(plugins),
        };
        strange.iter().for_each(terminal::print_error);
        if !strange.is_empty() {
            return Ok(1);
        }
        terminal::print("All configurations seem valid!\n")?;
        Ok(0)
    }
}
