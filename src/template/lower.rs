//! From minijinja's syntax tree to ours.
//!
//! minijinja parses the mended text; every string, number and name is read again from the user's
//! own text, where Python's escapes and letters still stand.

use std::cell::Cell;
use std::sync::Arc;

use minijinja::machinery::Span as Raw;
use minijinja::machinery::ast;

use super::ast::{
    Argument, Arguments, Binary, Block, Branches, Comparison, Expr, For, FromImport, Import,
    Include, Kind, Macro, SetBlock, Slice, Span, Stmt, Target,
};
use super::dialect::Mended;
use super::literal;
use crate::error::{Error, Result};
use crate::value::Str;
use crate::value::Value;

/// The name under which a filter block's text is handed to its filters.
pub(super) const CAPTURED: &str = "\u{0}captured";

/// What lowering needs to know of a template.
pub(super) struct Lowering<'a> {
    pub mended: &'a Mended,
    pub source: &'a str,
    /// Whether backslashes in the strings of `{{ }}` mean themselves.
    pub keeps_backslashes: bool,
    /// The Jinja2 extensions that are switched on.
    pub extensions: &'a [String],
    /// Whether the expression being read stands in `{{ }}`.
    pub in_braces: bool,
    /// Whether a method that changes a list or dictionary is called anywhere.
    pub mutates: bool,
    /// Where the error stands that was just made.
    pub fault_at: Cell<usize>,
}

/// The methods that change what they are called on.
const MUTATING: [&str; 12] = [
    "append",
    "clear",
    "extend",
    "insert",
    "pop",
    "popitem",
    "remove",
    "reverse",
    "setdefault",
    "sort",
    "update",
    "__setitem__",
];

impl Lowering<'_> {
    /// An error whose bytes are remembered until the place is known.
    fn fault(&self, message: &str, at: Span) -> Error {
        self.fault_at.set(at.start);
        Error::template(message)
    }

    fn span(&self, raw: Raw) -> Span {
        Span {
            start: self.mended.original(raw.start_offset as usize),
            end: self.mended.original(raw.end_offset as usize),
        }
    }

    fn slice(&self, span: Span) -> &str {
        self.source.get(span.start..span.end).unwrap_or_default()
    }

    /// The user's text for a piece that the parser borrowed from the mended one.
    fn borrowed(&self, piece: &str) -> Arc<str> {
        let base = self.mended.text.as_ptr() as usize;
        let start = (piece.as_ptr() as usize).wrapping_sub(base);
        if start > self.mended.text.len() {
            return piece.into();
        }
        self.slice(Span {
            start: self.mended.original(start),
            end: self.mended.original(start) + piece.len(),
        })
        .into()
    }

    pub(super) fn body(&mut self, statements: &[ast::Stmt<'_>]) -> Result<Vec<Stmt>> {
        statements
            .iter()
            .map(|statement| self.statement(statement))
            .collect()
    }

    fn statement(&mut self, statement: &ast::Stmt<'_>) -> Result<Stmt> {
        Ok(match statement {
            ast::Stmt::Template(template) => Stmt::Plain(self.body(&template.children)?),
            ast::Stmt::EmitExpr(emit) => {
                self.in_braces = true;
                let expr = self.expr(&emit.expr);
                self.in_braces = false;
                Stmt::Emit(expr?)
            }
            ast::Stmt::EmitRaw(text) => Stmt::Text(self.borrowed(text.raw)),
            ast::Stmt::ForLoop(it) => self.for_loop(it)?,
            ast::Stmt::IfCond(it) => self.condition(it)?,
            ast::Stmt::WithBlock(it) => Stmt::With(
                it.assignments
                    .iter()
                    .map(|(target, value)| Ok((self.target(target)?, self.expr(value)?)))
                    .collect::<Result<_>>()?,
                self.body(&it.body)?,
            ),
            ast::Stmt::Set(it) => {
                Stmt::Set(Box::new((self.target(&it.target)?, self.expr(&it.expr)?)))
            }
            ast::Stmt::SetBlock(it) => Stmt::SetBlock(Box::new(SetBlock {
                target: self.target(&it.target)?,
                filter: it.filter.as_ref().map(|it| self.expr(it)).transpose()?,
                body: self.body(&it.body)?,
            })),
            ast::Stmt::AutoEscape(it) => Stmt::Plain(self.body(&it.body)?),
            ast::Stmt::FilterBlock(it) => {
                Stmt::Filter(Box::new(self.expr(&it.filter)?), self.body(&it.body)?)
            }
            ast::Stmt::Block(it) => Stmt::Block(Arc::new(Block {
                name: self.borrowed(it.name),
                required: it.required,
                scoped: self.is_scoped(it.span()),
                body: self.body(&it.body)?,
            })),
            ast::Stmt::Extends(it) => Stmt::Extends(self.expr(&it.name)?),
            ast::Stmt::Import(it) => Stmt::Import(Box::new(Import {
                template: self.expr(&it.expr)?,
                name: self.assigned_name(&it.name)?,
                with_context: self.ends_with_context(it.span(), false),
            })),
            ast::Stmt::FromImport(it) => self.imported_names(it)?,
            ast::Stmt::Include(it) => Stmt::Include(Box::new(Include {
                template: self.expr(&it.name)?,
                ignore_missing: it.ignore_missing,
                with_context: self.ends_with_context(it.span(), true),
            })),
            ast::Stmt::Macro(it) => Stmt::Macro(Arc::new(self.macro_(it)?)),
            ast::Stmt::CallBlock(it) => {
                let body = Arc::new(self.macro_(&it.macro_decl)?);
                Stmt::Call(Box::new(self.call(&it.call)?), body)
            }
            ast::Stmt::Continue(it) => {
                self.need_extension("loopcontrols", "continue", it.span())?;
                Stmt::Continue
            }
            ast::Stmt::Break(it) => {
                self.need_extension("loopcontrols", "break", it.span())?;
                Stmt::Break
            }
            ast::Stmt::Do(it) => {
                self.need_extension("do", "do", it.span())?;
                Stmt::Do(self.call(&it.call)?)
            }
        })
    }

    /// Refuses a tag of an extension that is not switched on.
    fn need_extension(&self, extension: &str, tag: &str, at: Raw) -> Result<()> {
        let wanted = format!("jinja2.ext.{extension}");
        if self.extensions.iter().any(|name| name.trim() == wanted) {
            return Ok(());
        }
        Err(self
            .fault(&format!("encountered unknown tag `{tag}`"), self.span(at))
            .hint(format!("`jinja2_extensions = {wanted}` switches it on")))
    }

    /// Whether `with context` or `without context` stands in an import or include.
    fn ends_with_context(&self, at: Raw, default: bool) -> bool {
        let words: Vec<&str> = self.slice(self.span(at)).split_whitespace().collect();
        let stands = |word| words.windows(2).any(|pair| pair == [word, "context"]);
        (default && !stands("without")) || stands("with")
    }

    /// Whether `scoped` stands in a block's tag, behind its name.
    fn is_scoped(&self, at: Raw) -> bool {
        let text = self.slice(self.span(at));
        text.split_whitespace().skip(2).take(2).any(|word| {
            word.strip_prefix("scoped")
                .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
        })
    }

    fn for_loop(&mut self, it: &ast::Spanned<ast::ForLoop<'_>>) -> Result<Stmt> {
        let text = self.slice(self.span(it.span()));
        let looks_ahead = it.recursive || names(text, "loop");
        Ok(Stmt::For(Arc::new(For {
            target: self.target(&it.target)?,
            recursive: it.recursive,
            items: self.expr(&it.iter)?,
            condition: it
                .filter_expr
                .as_ref()
                .map(|it| self.expr(it))
                .transpose()?,
            looks_ahead,
            body: self.body(&it.body)?,
            otherwise: self.body(&it.else_body)?,
        })))
    }

    /// One `if` with all its `elif`, which the parser nests.
    fn condition(&mut self, first: &ast::IfCond<'_>) -> Result<Stmt> {
        let mut branches = Vec::new();
        let mut current = first;
        loop {
            branches.push((self.expr(&current.expr)?, self.body(&current.true_body)?));
            match current.false_body.as_slice() {
                [ast::Stmt::IfCond(next)] => current = next,
                otherwise => return Ok(Stmt::If(branches, self.body(otherwise)?)),
            }
        }
    }

    fn imported_names(&mut self, it: &ast::Spanned<ast::FromImport<'_>>) -> Result<Stmt> {
        let mut names = Vec::new();
        for (name, alias) in &it.names {
            let name = self.assigned_name(name)?;
            let alias = match alias {
                Some(alias) => self.assigned_name(alias)?,
                None => name.clone(),
            };
            names.push((name, alias));
        }
        Ok(Stmt::FromImport(Box::new(FromImport {
            template: self.expr(&it.expr)?,
            names,
            with_context: self.ends_with_context(it.span(), false),
        })))
    }

    fn macro_(&mut self, it: &ast::Spanned<ast::Macro<'_>>) -> Result<Macro> {
        let text = self.slice(self.span(it.span())).to_owned();
        let plain = it.args.len() - it.defaults.len();
        let mut parameters = Vec::new();
        for (position, parameter) in it.args.iter().enumerate() {
            let default = position
                .checked_sub(plain)
                .and_then(|position| it.defaults.get(position))
                .map(|default| self.expr(default))
                .transpose()?;
            parameters.push((self.assigned_name(parameter)?, default));
        }
        Ok(Macro {
            name: if it.name == "caller" {
                "caller".into()
            } else {
                self.borrowed(it.name)
            },
            parameters,
            takes_varargs: names(&text, "varargs"),
            takes_kwargs: names(&text, "kwargs"),
            takes_caller: names(&text, "caller"),
            body: self.body(&it.body)?,
        })
    }

    fn assigned_name(&self, expr: &ast::Expr<'_>) -> Result<Arc<str>> {
        match expr {
            ast::Expr::Var(it) => Ok(self.borrowed(it.id)),
            other => Err(self.fault("expected a name", self.span(other.span()))),
        }
    }

    fn target(&mut self, expr: &ast::Expr<'_>) -> Result<Target> {
        match expr {
            ast::Expr::Var(it) => Ok(Target::Name(self.borrowed(it.id))),
            ast::Expr::GetAttr(it) => Ok(Target::Attribute(
                self.assigned_name(&it.expr)?,
                self.borrowed(it.name),
            )),
            ast::Expr::List(it) => Ok(Target::Tuple(
                it.items
                    .iter()
                    .map(|item| self.target(item))
                    .collect::<Result<_>>()?,
            )),
            other => Err(self.fault("cannot assign to this", self.span(other.span()))),
        }
    }

    pub(super) fn expr(&mut self, expr: &ast::Expr<'_>) -> Result<Expr> {
        let at = self.span(expr.span());
        let kind = match expr {
            ast::Expr::Var(it) => Kind::Name(self.borrowed(it.id)),
            ast::Expr::Const(it) => Kind::Const(self.constant(&it.value, at)?),
            ast::Expr::Slice(it) => Kind::Slice(Box::new(Slice {
                of: self.expr(&it.expr)?,
                start: self.optional(it.start.as_ref())?,
                stop: self.optional(it.stop.as_ref())?,
                step: self.optional(it.step.as_ref())?,
            })),
            ast::Expr::UnaryOp(it) => match it.op {
                ast::UnaryOpKind::Not => self.negation(&it.expr)?,
                ast::UnaryOpKind::Neg => Kind::Negate(Box::new(self.expr(&it.expr)?)),
            },
            ast::Expr::BinOp(it) => self.binary(it)?,
            ast::Expr::Compare(it) => {
                let first = self.expr(&it.expr)?;
                let mut rest = Vec::new();
                for operand in &it.ops {
                    rest.push((chained(operand.op), self.expr(&operand.expr)?));
                }
                Kind::Compare(Box::new(first), rest)
            }
            ast::Expr::IfExpr(it) => Kind::If(Box::new(Branches {
                condition: self.expr(&it.test_expr)?,
                yes: self.expr(&it.true_expr)?,
                no: self.optional(it.false_expr.as_ref())?,
            })),
            ast::Expr::Filter(it) => {
                let subject = match &it.expr {
                    Some(subject) => self.expr(subject)?,
                    None => Expr {
                        at,
                        kind: Kind::Name(CAPTURED.into()),
                    },
                };
                Kind::Filter(
                    Box::new(subject),
                    self.borrowed(it.name),
                    self.arguments(&it.args)?,
                )
            }
            ast::Expr::Test(it) => Kind::Test(
                Box::new(self.expr(&it.expr)?),
                self.borrowed(it.name),
                self.arguments(&it.args)?,
            ),
            ast::Expr::GetAttr(it) => {
                let name = self.borrowed(it.name);
                self.mutates |= MUTATING.contains(&&*name);
                Kind::Attribute(Box::new(self.expr(&it.expr)?), name)
            }
            ast::Expr::GetItem(it) => Kind::Item(Box::new((
                self.expr(&it.expr)?,
                self.expr(&it.subscript_expr)?,
            ))),
            ast::Expr::Call(it) => return self.call(it),
            ast::Expr::List(it) => Kind::List(self.exprs(&it.items)?),
            ast::Expr::Tuple(it) => Kind::Tuple(self.exprs(&it.items)?),
            ast::Expr::Map(it) => Kind::Dict(
                it.keys
                    .iter()
                    .zip(&it.values)
                    .map(|(key, value)| Ok((self.expr(key)?, self.expr(value)?)))
                    .collect::<Result<_>>()?,
            ),
        };
        Ok(Expr { at, kind })
    }

    fn call(&mut self, it: &ast::Spanned<ast::Call<'_>>) -> Result<Expr> {
        Ok(Expr {
            at: self.span(it.span()),
            kind: Kind::Call(Box::new(self.expr(&it.expr)?), self.arguments(&it.args)?),
        })
    }

    fn exprs(&mut self, items: &[ast::Expr<'_>]) -> Result<Vec<Expr>> {
        items.iter().map(|item| self.expr(item)).collect()
    }

    fn optional(&mut self, expr: Option<&ast::Expr<'_>>) -> Result<Option<Expr>> {
        expr.map(|expr| self.expr(expr)).transpose()
    }

    fn arguments(&mut self, arguments: &[ast::CallArg<'_>]) -> Result<Arguments> {
        arguments
            .iter()
            .map(|argument| {
                Ok(match argument {
                    ast::CallArg::Pos(value) => Argument::Positional(self.expr(value)?),
                    ast::CallArg::Kwarg(name, value) => {
                        Argument::Named(self.borrowed(name), self.expr(value)?)
                    }
                    ast::CallArg::PosSplat(value) => Argument::SpreadPositional(self.expr(value)?),
                    ast::CallArg::KwargSplat(value) => Argument::SpreadNamed(self.expr(value)?),
                })
            })
            .collect()
    }

    /// `not x`; where x is an `in`, the one operator `not in`.
    fn negation(&mut self, expr: &ast::Expr<'_>) -> Result<Kind> {
        let inner = self.expr(expr)?;
        Ok(match inner.kind {
            Kind::Compare(left, mut rest) if matches!(rest.as_slice(), [(Comparison::In, _)]) => {
                for (operator, _) in &mut rest {
                    *operator = Comparison::NotIn;
                }
                Kind::Compare(left, rest)
            }
            kind => Kind::Not(Box::new(Expr { at: inner.at, kind })),
        })
    }

    fn binary(&mut self, it: &ast::BinOp<'_>) -> Result<Kind> {
        let left = self.expr(&it.left)?;
        let right = self.expr(&it.right)?;
        let arithmetic = match it.op {
            ast::BinOpKind::Add => Some(Binary::Add),
            ast::BinOpKind::Sub => Some(Binary::Subtract),
            ast::BinOpKind::Mul => Some(Binary::Multiply),
            ast::BinOpKind::Div => Some(Binary::Divide),
            ast::BinOpKind::FloorDiv => Some(Binary::FloorDivide),
            ast::BinOpKind::Rem => Some(Binary::Remainder),
            ast::BinOpKind::Pow => Some(Binary::Power),
            _ => None,
        };
        if let Some(operator) = arithmetic {
            return Ok(Kind::Binary(operator, Box::new((left, right))));
        }
        Ok(match it.op {
            ast::BinOpKind::ScAnd => Kind::And(flat(left, right, |kind| match kind {
                Kind::And(items) => Ok(items),
                other => Err(other),
            })),
            ast::BinOpKind::ScOr => Kind::Or(flat(left, right, |kind| match kind {
                Kind::Or(items) => Ok(items),
                other => Err(other),
            })),
            ast::BinOpKind::Concat => Kind::Concat(flat(left, right, |kind| match kind {
                Kind::Concat(items) => Ok(items),
                other => Err(other),
            })),
            ast::BinOpKind::Eq => compared(Comparison::Equal, left, right),
            ast::BinOpKind::Ne => compared(Comparison::NotEqual, left, right),
            ast::BinOpKind::Lt => compared(Comparison::Less, left, right),
            ast::BinOpKind::Lte => compared(Comparison::LessOrEqual, left, right),
            ast::BinOpKind::Gt => compared(Comparison::Greater, left, right),
            ast::BinOpKind::Gte => compared(Comparison::GreaterOrEqual, left, right),
            _ => compared(Comparison::In, left, right),
        })
    }

    /// A constant, read from the user's own text.
    fn constant(&self, value: &minijinja::Value, at: Span) -> Result<Value> {
        use minijinja::value::ValueKind;
        match value.kind() {
            ValueKind::Bool => Ok(Value::Bool(value.is_true())),
            ValueKind::None => Ok(Value::Null),
            ValueKind::Number => literal::number(self.slice(at))
                .ok_or_else(|| self.fault("a number that cannot be read", at)),
            _ => {
                let keep = self.keeps_backslashes && self.in_braces;
                let text = literal::string(self.slice(at), keep);
                // A template in a text is rendered where the text is a lookup's term.
                let nested = Str::template(text, None);
                Ok(Value::Str(if nested.is_template() {
                    nested
                } else {
                    nested.untrusted()
                }))
            }
        }
    }
}

/// Puts `left` and `right` into one list, flattening a chain on the left.
fn flat(left: Expr, right: Expr, items: impl Fn(Kind) -> Result<Vec<Expr>, Kind>) -> Vec<Expr> {
    let at = left.at;
    let mut chain = match items(left.kind) {
        Ok(chain) => chain,
        Err(kind) => vec![Expr { at, kind }],
    };
    chain.push(right);
    chain
}

fn compared(operator: Comparison, left: Expr, right: Expr) -> Kind {
    Kind::Compare(Box::new(left), vec![(operator, right)])
}

fn chained(operator: ast::CompareOpKind) -> Comparison {
    match operator {
        ast::CompareOpKind::Eq => Comparison::Equal,
        ast::CompareOpKind::Ne => Comparison::NotEqual,
        ast::CompareOpKind::Lt => Comparison::Less,
        ast::CompareOpKind::Lte => Comparison::LessOrEqual,
        ast::CompareOpKind::Gt => Comparison::Greater,
        ast::CompareOpKind::Gte => Comparison::GreaterOrEqual,
        ast::CompareOpKind::In => Comparison::In,
        ast::CompareOpKind::NotIn => Comparison::NotIn,
    }
}

/// Says whether a word stands in a text, as a whole.
fn names(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        !text[..at].ends_with(is_part) && !text[at + word.len()..].starts_with(is_part)
    })
}
