//! `play config validate`.

use clap::Args;

use super::File;
use super::plugins::Which;
use crate::cli::terminal;
use crate::config::strange_variables;
use crate::error::Result;

/// What `play config validate` takes.
#[derive(Args, Clone, Debug)]
pub struct Validate {
    /// What is looked at: the file, or the ANSIBLE_ variables of the environment
    #[arg(short = 'f', long, default_value = "ini", value_parser = ["ini", "env"])]
    format: String,
    /// ansible-config looks at base alone unless it is asked
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    file: File,
}

impl Validate {
    /// Tells everything that is no setting; gives the exit code.
    pub(super) fn run(&self) -> Result<u8> {
        let config = self.file.configuration()?;
        // A type alone is not told from all of them: what is no setting of the type may be one of others.
        let plugins = self.which.has_all("all") || !self.which.has_base("all");
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
