//! `play plan` and `play apply`.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, CommandFactory, FromArgMatches};

use super::playbook::{self, Mode};
use crate::error::{Error, Kind, Result};
use crate::plan::{Book, Command};

/// What `play plan` takes.
#[derive(Args, Clone, Debug)]
pub struct Plan {
    /// Keep the plan in a file, for `play apply`
    #[arg(short = 'o', long = "out", value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    run: playbook::Arguments,
}

/// What `play apply` takes.
#[derive(Args, Clone, Debug)]
pub struct Apply {
    /// The plan, as `play plan PLAYBOOK -o FILE` left it
    #[arg(value_name = "FILE")]
    plan: PathBuf,
}

/// A plan that is about to be applied.
pub struct Work {
    book: Arc<Book>,
    run: playbook::Arguments,
}

/// Shows a plan; gives the exit code: 0 where nothing is to do, 2 where something is, 1 where a host
/// fails.
///
/// # Errors
/// Something that belongs to no host is wrong.
pub async fn plan(arguments: Plan) -> Result<u8> {
    let command = Command {
        folder: std::env::current_dir()?,
        words: words(std::env::args().skip(1)),
    };
    let mode = Mode::Plan {
        book: Arc::new(Book::new()),
        out: arguments.out,
        command,
    };
    playbook::run_as(arguments.run, mode).await
}

/// Reads a plan.
///
/// # Errors
/// It is none, or its files have changed.
pub fn apply(arguments: &Apply) -> Result<Work> {
    let (book, command) = Book::read(&arguments.plan)?;
    std::env::set_current_dir(&command.folder).map_err(|error| {
        let text = format!("the plan was made in `{}`", command.folder.display());
        Error::new(Kind::Options, text).because(error)
    })?;
    let words = std::iter::once("apply".to_owned()).chain(command.words);
    let matches = playbook_command().try_get_matches_from(words);
    let run = matches.and_then(|matches| playbook::Arguments::from_arg_matches(&matches));
    let run = run.map_err(|error| {
        Error::new(Kind::Options, "the words of the plan cannot be understood")
            .because(Error::input(error.to_string().trim().to_owned()))
    })?;
    Ok(Work {
        book: Arc::new(book),
        run,
    })
}

impl Work {
    /// Applies the plan; gives the exit code of the run.
    ///
    /// # Errors
    /// Something that belongs to no host is wrong.
    pub async fn run(self) -> Result<u8> {
        playbook::run_as(self.run, Mode::Apply(self.book)).await
    }
}

fn playbook_command() -> clap::Command {
    let command = super::Cli::command();
    let run = command.find_subcommand("run").cloned();
    run.unwrap_or_default().name("apply")
}

/// What was typed behind the verb, without `-o FILE`.
fn words(typed: impl Iterator<Item = String>) -> Vec<String> {
    let mut words = Vec::new();
    let mut typed = typed.skip(1);
    while let Some(word) = typed.next() {
        match word.as_str() {
            "-o" | "--out" => drop(typed.next()),
            "--" => {
                words.push(word);
                words.extend(typed.by_ref());
            }
            _ if word.starts_with("--out=") => (),
            _ if word.starts_with("-o") => (),
            _ => words.push(word),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn the_file_of_the_plan_is_left_out() {
        for typed in [
            "plan -o FILE site.yml -i hosts",
            "plan --out FILE site.yml -i hosts",
            "plan site.yml --out=FILE -i hosts",
            "plan site.yml -oFILE -i hosts",
        ] {
            let typed = typed.split(' ').map(str::to_owned);
            assert_eq!(words(typed), ["site.yml", "-i", "hosts"]);
        }
    }
}
