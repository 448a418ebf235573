//! `play plan` and `play apply`.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, CommandFactory, FromArgMatches};

use super::options::file_name;
use super::playbook::{self, Mode};
use crate::error::{Error, Kind, Result};
use crate::plan::{Book, Command};

/// What `play plan` takes.
#[derive(Args, Clone, Debug)]
pub struct Plan {
    /// Keep the plan in a file, for `play apply`
    #[arg(short = 'o', long = "out", value_name = "FILE", value_parser = file_name)]
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
    arguments.run.fit_for_a_plan()?;
    arguments.out.as_deref().map_or(Ok(()), Book::may_be_at)?;
    let command = match &arguments.out {
        Some(_) => typed()?,
        None => Command::default(),
    };
    let mode = Mode::Plan {
        book: Arc::new(Book::new()),
        out: arguments.out,
        command,
    };
    playbook::run_as(arguments.run, mode).await
}

/// What was typed, to be understood again when the plan is applied.
fn typed() -> Result<Command> {
    let words = std::env::args_os().skip(2).map(|word| {
        word.into_string().map_err(|word| {
            let text = format!(
                "`{}` is not text, and cannot be kept in a plan",
                word.display()
            );
            Error::new(Kind::Options, text)
        })
    });
    Ok(Command {
        folder: std::env::current_dir()?,
        words: words.collect::<Result<_>>()?,
    })
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
    Ok(Work {
        book: Arc::new(book),
        run: understood(&command.words)?,
    })
}

/// What the words of a plan mean for the run that applies it.
fn understood(words: &[String]) -> Result<playbook::Arguments> {
    let command = super::Cli::command();
    let plan = command.find_subcommand("plan").cloned().unwrap_or_default();
    let words = std::iter::once("plan").chain(words.iter().map(String::as_str));
    let matches = plan.try_get_matches_from(words);
    let plan = matches.and_then(|matches| Plan::from_arg_matches(&matches));
    let mut run = plan.map_err(|error| {
        let why = error.to_string();
        let why = why
            .lines()
            .next()
            .unwrap_or_default()
            .trim_start_matches("error: ");
        Error::new(Kind::Options, "the words of the plan cannot be understood")
            .because(Error::input(why))
            .hint("make the plan anew")
    })?;
    run.run.without_check();
    Ok(run.run)
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

#[cfg(test)]
mod tests {
    use super::understood;

    #[test]
    fn the_words_of_a_plan_are_understood_again() {
        for typed in [
            "-o FILE site.yml -i hosts",
            "site.yml --out=FILE -i hosts",
            "site.yml -vo FILE -i hosts",
            "site.yml -CoFILE -i hosts",
            "-i hosts -- site.yml",
        ] {
            let words: Vec<String> = typed.split(' ').map(str::to_owned).collect();
            let run = format!("{:?}", understood(&words).unwrap());
            assert!(run.contains("playbooks: [\"site.yml\"]"), "{typed}: {run}");
            assert!(run.contains("inventory: [\"hosts\"]"), "{typed}: {run}");
            assert!(run.contains("check: false"), "{typed}: {run}");
        }
        let words = ["site.yml".to_owned(), "--nonsense".to_owned()];
        let error = understood(&words).unwrap_err();
        assert!(error.chain().contains("--nonsense"), "{}", error.chain());
    }
}
