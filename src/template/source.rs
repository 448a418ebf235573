//! Templates in files: their first line, their parents, includes and imports.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use super::ast::{Expr, Stmt};
use super::compile::{Body, Compiled};
use super::expr::expect_text;
use super::origin::Origin;
use super::run::{Frame, Run};
use super::syntax::{Delimiters, Syntax};
use crate::error::{Error, Kind, Result, Source};
use crate::value::Value;

/// How a template file is read, where the task says so; what is not said is as its first line or
/// Ansible's defaults have it.
#[derive(Clone, Debug, Default)]
pub struct FileOptions {
    /// `block_start_string` and `block_end_string`.
    pub block: (Option<String>, Option<String>),
    /// `variable_start_string` and `variable_end_string`.
    pub variable: (Option<String>, Option<String>),
    /// `comment_start_string` and `comment_end_string`.
    pub comment: (Option<String>, Option<String>),
    /// Whether the first newline after a block goes.
    pub trim_blocks: Option<bool>,
    /// Whether blanks before a block go.
    pub lstrip_blocks: Option<bool>,
    /// What ends a line in the result: `\n`, `\r\n` or `\r`.
    pub newline_sequence: Option<String>,
}

/// A template with the text it was compiled from.
#[derive(Clone, Debug)]
pub(super) struct Loaded {
    pub template: Arc<Compiled>,
    pub origin: Origin,
}

impl Loaded {
    /// Its statements.
    pub(super) fn body(&self) -> &[Stmt] {
        match &self.template.body {
            Body::Template(body) => body,
            Body::Expression(_) => &[],
        }
    }
}

/// The first line's options and what is left of the text.
///
/// # Errors
/// The line begins with `#jinja2:` and cannot be read.
pub(super) fn read_header<'a>(
    text: &'a str,
    options: &FileOptions,
) -> Result<(Delimiters, &'a str)> {
    let mut delimiters = Delimiters::default();
    options.apply(&mut delimiters);
    let Some(after) = text.strip_prefix("#jinja2:") else {
        return Ok((delimiters, text));
    };
    let (line, rest) = after.split_once('\n').unwrap_or((after, ""));
    for pair in split_outside_quotes(line.trim_end_matches('\r')) {
        let (key, value) = pair.split_once(':').ok_or_else(|| {
            Error::template(format!(
                "Missing key-value separator `:` in '#jinja2:' override pair '{}'.",
                pair.trim()
            ))
        })?;
        set(&mut delimiters, key.trim(), value.trim())?;
    }
    Ok((delimiters, rest))
}

/// The parts between commas, those in quotes left alone.
fn split_outside_quotes(line: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut quote = None;
    let mut start = 0;
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            (None, ',') => {
                parts.push(&line[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&line[start..]);
    parts.retain(|part| !part.trim().is_empty());
    parts
}

fn set(delimiters: &mut Delimiters, key: &str, value: &str) -> Result<()> {
    let text = || match value.chars().next() {
        Some('\'' | '"') => super::literal::string(value, false),
        _ => value.to_owned(),
    };
    let flag = || match value {
        "True" | "true" | "yes" | "1" => Ok(true),
        "False" | "false" | "no" | "0" => Ok(false),
        other => Err(Error::template(format!(
            "`{key}` in the `#jinja2:` line is `True` or `False`, not `{other}`"
        ))),
    };
    match key {
        "variable_start_string" => delimiters.variable_start = text(),
        "variable_end_string" => delimiters.variable_end = text(),
        "block_start_string" => delimiters.block_start = text(),
        "block_end_string" => delimiters.block_end = text(),
        "comment_start_string" => delimiters.comment_start = text(),
        "comment_end_string" => delimiters.comment_end = text(),
        "line_statement_prefix" => delimiters.line_statement = Some(text()),
        "line_comment_prefix" => delimiters.line_comment = Some(text()),
        "newline_sequence" => delimiters.newline = text(),
        "trim_blocks" => delimiters.trim_blocks = flag()?,
        "lstrip_blocks" => delimiters.lstrip_blocks = flag()?,
        // The newlines at the end are kept as they are whatever this says, as in the reference.
        "keep_trailing_newline" => drop(flag()?),
        "autoescape" | "optimized" | "auto_reload" => drop(flag()?),
        "extensions" => {}
        other => {
            return Err(Error::template(format!(
                "unknown option `{other}` in the `#jinja2:` line"
            )));
        }
    }
    Ok(())
}

impl FileOptions {
    fn apply(&self, delimiters: &mut Delimiters) {
        let text = |target: &mut String, value: &Option<String>| {
            if let Some(value) = value {
                target.clone_from(value);
            }
        };
        text(&mut delimiters.block_start, &self.block.0);
        text(&mut delimiters.block_end, &self.block.1);
        text(&mut delimiters.variable_start, &self.variable.0);
        text(&mut delimiters.variable_end, &self.variable.1);
        text(&mut delimiters.comment_start, &self.comment.0);
        text(&mut delimiters.comment_end, &self.comment.1);
        text(&mut delimiters.newline, &self.newline_sequence);
        delimiters.trim_blocks = self.trim_blocks.unwrap_or(delimiters.trim_blocks);
        delimiters.lstrip_blocks = self.lstrip_blocks.unwrap_or(delimiters.lstrip_blocks);
    }
}

impl Run<'_> {
    /// The template that an expression names.
    pub(super) fn loaded(&self, name: &Expr, frame: &Frame<'_>) -> Result<Loaded> {
        let value = self.expr(name, frame)?;
        let value = self.defined(value)?;
        let name_text = expect_text(&value, "the name of a template")
            .map_err(|error| frame.locate(error, name.at))?;
        self.load(&name_text, frame)
            .map_err(|error| frame.locate(error, name.at))
    }

    /// The template that an expression names, or the first of a list that is there.
    pub(super) fn loaded_any(&self, name: &Expr, frame: &Frame<'_>) -> Result<Loaded> {
        let value = self.expr(name, frame)?;
        let value = self.top(self.defined(value)?)?;
        let (Value::List(names) | Value::Tuple(names)) = &value else {
            return self.loaded(name, frame);
        };
        let mut missing = Error::input("no template to include was named");
        for candidate in &**names {
            let candidate = self.defined(candidate.clone())?;
            let candidate = expect_text(&candidate, "the name of a template")?;
            match self.load(&candidate, frame) {
                Err(error) if error.kind() == Kind::Input => missing = error,
                other => return other.map_err(|error| frame.locate(error, name.at)),
            }
        }
        Err(frame.locate(missing, name.at))
    }

    fn load(&self, name: &str, frame: &Frame<'_>) -> Result<Loaded> {
        let (path, bytes) = self.find_template(name, frame.origin.folder())?;
        let text = String::from_utf8(bytes)
            .map_err(|_| Error::template(format!("`{}` is not UTF-8 text", path.display())))?;
        let source = Source::new(path, text);
        let delimiters = match frame.origin {
            Origin::File(_) | Origin::Part(..) => self.delimiters.clone(),
            Origin::Text(_) => Delimiters::default(),
        };
        let template = self.engine.compiled(
            source.text(),
            &Syntax::File(Box::new(delimiters)),
            &Origin::File(source.clone()),
        )?;
        Ok(Loaded {
            template,
            origin: Origin::File(source),
        })
    }

    /// Where the template of a name is: on the search path, or beside the one that names it.
    fn find_template(&self, name: &str, folder: Option<&Path>) -> Result<(PathBuf, Vec<u8>)> {
        let outside = self.scope.outside();
        let found = self.scope.find("templates", name);
        let missing = match found {
            Ok(path) => {
                let bytes = outside.read(&path)?;
                return Ok((path, bytes));
            }
            Err(error) => error,
        };
        let beside = folder.map(|folder| folder.join(name));
        if let Some(path) = beside
            && let Ok(bytes) = outside.read(&path)
        {
            return Ok((path, bytes));
        }
        Err(Error::input(format!("the template `{name}` was not found")).because(missing))
    }
}
