#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::attributes::Attributes;
use crate::modules::editing::{Edit, Editing, Keeps, Lines, Original};
use crate::modules::{Cx, FreeForm, Module, RemotePath, Step, encoding};
use crate::outcome::Outcome;
use crate::template::regex::{Flags, Pattern, Replacement, compile};
use crate::value::Map;

/// The module.
pub static MODULE: Module = Module {
    name: "replace",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC, Attributes::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

args! {
    /// What `replace` takes beside the attributes.
    Args {
        path: RemotePath [dest, destfile, name],
        after: Option<String>,
        backup: bool = false,
        before: Option<String>,
        encoding: String = "utf-8".to_owned(),
        regexp: String,
        replace: String = String::new(),
        validate: Option<String>,
    }
}

/// What is looked for, and where.
struct Search {
    pattern: Arc<Pattern>,
    replacement: Replacement,
    section: Option<Arc<Pattern>>,
    /// The pattern of the section, as the result tells it.
    between: Option<String>,
}

fn plan(map: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(map)?;
    encoding::check("encoding", &args.encoding)?;
    let search = Search::new(&args)?;
    let editing = Editing {
        path: args.path,
        encoding: args.encoding,
        attributes: Attributes::read(map)?,
        backup: args.backup,
        follow: true,
        describe: false,
        keeps: Keeps::Shown,
        validate: args.validate,
        backup_key: "backup_file",
        backup_always: false,
        cx: cx.clone(),
    };
    editing.step(move |original| search.edit(original))
}

impl Search {
    fn new(args: &Args) -> Result<Search> {
        let pattern = compile(&args.regexp, Flags::of(false, true))?;
        let given = |text: &Option<String>| text.clone().unwrap_or_default();
        let (after, before) = (given(&args.after), given(&args.before));
        let section = match (after.is_empty(), before.is_empty()) {
            (true, true) => None,
            (false, false) => Some(format!("{after}(?P<subsection>.*?){before}")),
            (false, true) => Some(format!("{after}(?P<subsection>.*)")),
            (true, false) => Some(format!("(?P<subsection>.*){before}")),
        };
        let dot_all = Flags {
            dot_all: true,
            ..Flags::default()
        };
        Ok(Search {
            replacement: Replacement::new(&args.replace, &pattern)
                .map_err(|error| Error::input("Unable to process replace due to error").because(error))?,
            section: section.as_ref().map(|text| compile(text, dot_all)).transpose()?,
            between: section,
            pattern,
        })
    }

    fn edit(&self, original: &Original) -> Result<Edit> {
        let Some(text) = &original.text else {
            let message = format!("Path {} does not exist !", original.path);
            return Ok(Edit::Done(Outcome::failed(message).with("rc", 257)));
        };
        // Python reads every line end as a line feed.
        let lines = Lines::of(text);
        let read: String = lines.all.iter().map(|line| line.read()).collect();
        let Some((start, end)) = self.section(&read)? else {
            let pattern = self.between.as_deref().unwrap_or_default();
            let message = format!("Pattern for before/after params did not match the given file: {pattern}");
            let outcome = Outcome::ok().with("rc", 0).with("msg", message);
            return Ok(Edit::Done(outcome));
        };
        let section = read.get(start..end).unwrap_or("");
        let (new, count) = self.pattern.replace(section, &self.replacement, 0)?;
        if new == section {
            let outcome = Outcome::ok().with("rc", 0).with("msg", "");
            return Ok(Edit::Text(text.clone(), outcome));
        }
        let (head, tail) = (read.get(..start).unwrap_or(""), read.get(end..).unwrap_or(""));
        let whole = [head, &new, tail].concat();
        let whole = if lines.end == "\r\n" { whole.replace('\n', "\r\n") } else { whole };
        let message = format!("{count} replacements made");
        let outcome = Outcome::ok().with("rc", 0).with("msg", message);
        Ok(Edit::Text(whole, outcome))
    }

    /// The part of the text that is looked at: between `after` and `before`.
    fn section(&self, text: &str) -> Result<Option<(usize, usize)>> {
        let Some(section) = &self.section else {
            return Ok(Some((0, text.len())));
        };
        let group = section.group_number("subsection").unwrap_or(0);
        let found = section.search(text)?;
        Ok(found.and_then(|found| found.span(group)))
    }
}

#[cfg(test)]
mod tests;
