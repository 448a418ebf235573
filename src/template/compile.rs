//! A template, compiled once: parsed by minijinja, lowered to our tree.

use std::borrow::Cow;
use std::cell::Cell;

use minijinja::machinery::{ast, parse, parse_expr};

use super::ast::{Expr, Stmt};
use super::dialect::{self, Mended};
use super::lower::Lowering;
use super::syntax::Syntax;
use super::words;
use crate::error::{Error, Result};

/// A template ready to run. It knows nothing of places: one text may stand at many.
#[derive(Debug)]
pub(super) struct Compiled {
    pub body: Body,
    /// Whether lists and dictionaries must be objects of their own, because something in the
    /// template changes one.
    pub mutates: bool,
    /// Whether a string that holds a template is rendered (in a condition).
    pub nests: bool,
    /// Whether it is an expression without braces.
    pub bare: bool,
    /// How many newlines the text ends with.
    pub trailing_newlines: usize,
    /// Whether the text has named blocks or a parent.
    pub inherits: bool,
}

/// What was compiled.
#[derive(Debug)]
pub(super) enum Body {
    Expression(Expr),
    Template(Vec<Stmt>),
}

/// A text that cannot be compiled, and the byte where that shows.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub error: Error,
    pub at: usize,
}

/// Compiles `source`.
pub(super) fn compile(
    source: &str,
    syntax: &Syntax,
    extensions: &[String],
) -> Result<Compiled, Failure> {
    let whole = |error| Failure { error, at: 0 };
    let source = &*with_plain_newlines(source);
    let mended = dialect::mend(source, syntax).map_err(whole)?;
    let mut lowering = Lowering {
        mended: &mended,
        source,
        keeps_backslashes: syntax.keeps_backslashes(),
        extensions,
        in_braces: syntax.is_bare(),
        mutates: false,
        fault_at: Cell::new(0),
    };
    let kind = words::kind(syntax.is_bare());
    let failed = |error: &minijinja::Error| failed(error, &mended, source, kind);
    let body = if syntax.is_bare() {
        let tree = parse_expr(&mended.text).map_err(|error| failed(&error))?;
        lowering.expr(&tree).map(Body::Expression)
    } else {
        let config = syntax.delimiters().config().map_err(whole)?;
        let tree = parse(&mended.text, "template", config).map_err(|error| failed(&error))?;
        match &tree {
            ast::Stmt::Template(template) => lowering.body(&template.children),
            _ => Err(Error::bug("the parser gave no template")),
        }
        .map(Body::Template)
    };
    let body = body.map_err(|error| Failure {
        error: error.reworded(&|text| format!("Syntax error in {kind}: {text}")),
        at: lowering.fault_at.get(),
    })?;
    Ok(Compiled {
        inherits: inherits(&body),
        body,
        mutates: lowering.mutates,
        nests: *syntax == Syntax::Condition,
        bare: syntax.is_bare(),
        trailing_newlines: newlines_at_end(source),
    })
}

/// Says whether inheritance is used anywhere but inside macros.
fn inherits(body: &Body) -> bool {
    match body {
        Body::Expression(_) => false,
        Body::Template(body) => body.iter().any(uses_blocks),
    }
}

fn uses_blocks(statement: &Stmt) -> bool {
    match statement {
        Stmt::Block(_) | Stmt::Extends(_) => true,
        Stmt::Plain(body) | Stmt::With(_, body) | Stmt::Filter(_, body) => {
            body.iter().any(uses_blocks)
        }
        Stmt::If(branches, otherwise) => {
            branches
                .iter()
                .any(|(_, body)| body.iter().any(uses_blocks))
                || otherwise.iter().any(uses_blocks)
        }
        Stmt::For(it) => it.body.iter().chain(&it.otherwise).any(uses_blocks),
        Stmt::SetBlock(it) => it.body.iter().any(uses_blocks),
        _ => false,
    }
}

fn failed(error: &minijinja::Error, mended: &Mended, source: &str, kind: &str) -> Failure {
    let detail = error.detail().unwrap_or("it cannot be read").to_owned();
    let range = error.range();
    let found = range.clone().and_then(|range| mended.text.get(range));
    let at = range.map_or(0, |range| mended.original(range.start));
    Failure {
        error: Error::template(format!(
            "Syntax error in {kind}: {}",
            in_words_of_jinja(&detail, found.unwrap_or("name"))
        )),
        at: at.min(source.len()),
    }
}

/// The parser's words for what is wrong, with Jinja's names of tokens; a name that was `found` stands for
/// itself.
fn in_words_of_jinja(detail: &str, found: &str) -> String {
    let token = |word: &str| match word.trim() {
        "end of variable block" => "'end of print statement'".to_owned(),
        "end of block" => "'end of statement block'".to_owned(),
        "identifier" => "'name'".to_owned(),
        word => format!("'{}'", word.trim_matches('`')),
    };
    let got = |word: &str| match word.trim() {
        "identifier" => format!("'{}'", found.trim()),
        _ => token(word),
    };
    if let Some(tag) = detail.strip_prefix("unknown statement ") {
        return format!("Encountered unknown tag '{tag}'.");
    }
    let Some(rest) = detail.strip_prefix("unexpected ") else {
        return detail.to_owned();
    };
    if rest == "input after expression" || rest.ends_with(", expected end of input") {
        return "chunk after expression".to_owned();
    }
    match rest.split_once(", expected ") {
        // Jinja says so where it looks for the end of a bracket.
        Some((it, wanted)) if matches!(wanted, "`)`" | "`]`" | "`}`") => {
            format!("unexpected {}, expected {}", got(it), token(wanted))
        }
        Some((it, wanted)) => format!("expected token {}, got {}", token(wanted), got(it)),
        None if rest == "end of string" || rest.contains(' ') && !rest.starts_with("end of") => {
            detail.to_owned()
        }
        None => format!("unexpected {}", got(rest)),
    }
}

/// How many newlines a text ends with, of whichever kind.
pub(super) fn newlines_at_end(text: &str) -> usize {
    let end = &text[text.trim_end_matches(['\r', '\n']).len()..];
    end.matches('\n').count()
}

/// Jinja reads every line's end as `\n`.
fn with_plain_newlines(source: &str) -> Cow<'_, str> {
    if source.contains('\r') {
        Cow::Owned(source.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(source)
    }
}
