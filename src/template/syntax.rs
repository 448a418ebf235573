//! How a template's text is to be read: its delimiters and what happens to blanks.

use minijinja::syntax::SyntaxConfig;

use crate::error::{Error, Result};

/// What a text is, for the reader.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Syntax {
    /// A YAML string: backslashes in the strings of `{{ }}` mean themselves.
    Value,
    /// An expression without `{{ }}`.
    Expression,
    /// The same as a condition: a template in one of its strings is rendered.
    Condition,
    /// A template file, read with these options.
    File(Box<Delimiters>),
}

impl Syntax {
    /// Says whether a backslash in a string literal of `{{ }}` stands for itself.
    pub(super) fn keeps_backslashes(&self) -> bool {
        match self {
            Syntax::Value => true,
            Syntax::Expression | Syntax::Condition => false,
            Syntax::File(delimiters) => delimiters.keep_backslashes,
        }
    }

    /// Says whether the text is one expression without braces.
    pub(super) fn is_bare(&self) -> bool {
        matches!(self, Syntax::Expression | Syntax::Condition)
    }

    /// The delimiters in force.
    pub(super) fn delimiters(&self) -> Delimiters {
        match self {
            Syntax::File(delimiters) => (**delimiters).clone(),
            _ => Delimiters::default(),
        }
    }
}

/// Delimiters and the treatment of blanks, by Jinja's names; the `#jinja2:` line changes them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Delimiters {
    pub variable_start: String,
    pub variable_end: String,
    pub block_start: String,
    pub block_end: String,
    pub comment_start: String,
    pub comment_end: String,
    pub line_statement: Option<String>,
    pub line_comment: Option<String>,
    pub trim_blocks: bool,
    pub lstrip_blocks: bool,
    pub newline: String,
    pub keep_backslashes: bool,
}

impl Default for Delimiters {
    fn default() -> Self {
        Delimiters {
            variable_start: "{{".to_owned(),
            variable_end: "}}".to_owned(),
            block_start: "{%".to_owned(),
            block_end: "%}".to_owned(),
            comment_start: "{#".to_owned(),
            comment_end: "#}".to_owned(),
            line_statement: None,
            line_comment: None,
            trim_blocks: true,
            lstrip_blocks: false,
            newline: "\n".to_owned(),
            keep_backslashes: false,
        }
    }
}

impl Delimiters {
    /// Says whether a tag may begin anywhere in a text.
    pub(super) fn occur_in(&self, text: &str) -> bool {
        let starts = [&self.variable_start, &self.block_start, &self.comment_start];
        starts
            .into_iter()
            .chain(&self.line_statement)
            .chain(&self.line_comment)
            .any(|start| text.contains(start))
    }

    /// The same for minijinja's parser.
    ///
    /// # Errors
    /// Two beginnings are the same, or one is empty.
    pub(super) fn config(&self) -> Result<SyntaxConfig> {
        let mut builder = SyntaxConfig::builder();
        builder
            .variable_delimiters(self.variable_start.clone(), self.variable_end.clone())
            .block_delimiters(self.block_start.clone(), self.block_end.clone())
            .comment_delimiters(self.comment_start.clone(), self.comment_end.clone())
            .trim_blocks(self.trim_blocks)
            .lstrip_blocks(self.lstrip_blocks)
            .keep_trailing_newline(false);
        if let Some(prefix) = &self.line_statement {
            builder.line_statement_prefix(prefix.clone());
        }
        if let Some(prefix) = &self.line_comment {
            builder.line_comment_prefix(prefix.clone());
        }
        builder
            .build()
            .map_err(|error| Error::template(format!("the delimiters do not work: {error}")))
    }
}
