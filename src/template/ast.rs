//! What a template says, as the evaluation walks it: names, constants and literals are values of
//! ours, chains are flat, and every expression knows the bytes of the text it stands for.

use std::sync::Arc;

use crate::value::Value;

/// A piece of the user's text, in bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Span {
    pub start: usize,
    pub end: usize,
}

/// An expression and where it stands.
#[derive(Debug)]
pub(super) struct Expr {
    pub at: Span,
    pub kind: Kind,
}

/// What an expression is.
#[derive(Debug)]
pub(super) enum Kind {
    And(Vec<Expr>),
    Attribute(Box<Expr>, Arc<str>),
    Binary(Binary, Box<(Expr, Expr)>),
    Call(Box<Expr>, Arguments),
    /// A comparison, perhaps chained: `1 < x < 5`.
    Compare(Box<Expr>, Vec<(Comparison, Expr)>),
    Concat(Vec<Expr>),
    Const(Value),
    Dict(Vec<(Expr, Expr)>),
    Filter(Box<Expr>, Arc<str>, Arguments),
    If(Box<Branches>),
    Item(Box<(Expr, Expr)>),
    List(Vec<Expr>),
    Name(Arc<str>),
    Negate(Box<Expr>),
    Not(Box<Expr>),
    Or(Vec<Expr>),
    Slice(Box<Slice>),
    Test(Box<Expr>, Arc<str>, Arguments),
    Tuple(Vec<Expr>),
}

impl Expr {
    /// Whether it compares, tests or joins truth values: a condition, and no value that may be a text by chance.
    pub fn judges(&self) -> bool {
        use Kind::{And, Compare, Not, Or, Test};
        matches!(self.kind, And(_) | Compare(..) | Not(_) | Or(_) | Test(..))
    }
}

/// `yes if condition else no`.
#[derive(Debug)]
pub(super) struct Branches {
    pub condition: Expr,
    pub yes: Expr,
    pub no: Option<Expr>,
}

/// `of[start:stop:step]`.
#[derive(Debug)]
pub(super) struct Slice {
    pub of: Expr,
    pub start: Option<Expr>,
    pub stop: Option<Expr>,
    pub step: Option<Expr>,
}

/// The arguments of a call, in the order of the text.
pub(super) type Arguments = Vec<Argument>;

/// One argument.
#[derive(Debug)]
pub(super) enum Argument {
    Named(Arc<str>, Expr),
    Positional(Expr),
    /// `**more`.
    SpreadNamed(Expr),
    /// `*more`.
    SpreadPositional(Expr),
}

/// An operator of two numbers, or of what Python lets behave so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binary {
    Add,
    Divide,
    FloorDivide,
    Multiply,
    Power,
    Remainder,
    Subtract,
}

/// A comparison's operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Greater,
    GreaterOrEqual,
    In,
    Less,
    LessOrEqual,
    NotEqual,
    NotIn,
}

/// What a tag or the text between tags does.
#[derive(Debug)]
pub(super) enum Stmt {
    Block(Arc<Block>),
    Break,
    Call(Box<Expr>, Arc<Macro>),
    Continue,
    Do(Expr),
    Emit(Expr),
    Extends(Expr),
    Filter(Box<Expr>, Vec<Stmt>),
    For(Arc<For>),
    FromImport(Box<FromImport>),
    If(Vec<(Expr, Vec<Stmt>)>, Vec<Stmt>),
    Import(Box<Import>),
    Include(Box<Include>),
    Macro(Arc<Macro>),
    /// Statements one after another in the scope they stand in.
    Plain(Vec<Stmt>),
    Set(Box<(Target, Expr)>),
    SetBlock(Box<SetBlock>),
    Text(Arc<str>),
    With(Vec<(Target, Expr)>, Vec<Stmt>),
}

/// What is assigned to.
#[derive(Debug)]
pub(super) enum Target {
    /// An attribute of a namespace.
    Attribute(Arc<str>, Arc<str>),
    Name(Arc<str>),
    Tuple(Vec<Target>),
}

/// A named part that a template further down may replace.
#[derive(Debug)]
pub(super) struct Block {
    pub name: Arc<str>,
    pub required: bool,
    /// Whether it sees the names of the loops and `with` around it.
    pub scoped: bool,
    pub body: Vec<Stmt>,
}

/// A loop.
#[derive(Debug)]
pub(super) struct For {
    pub target: Target,
    pub items: Expr,
    pub condition: Option<Expr>,
    /// Whether `loop` is used, so that every item must be known beforehand.
    pub looks_ahead: bool,
    /// Whether `loop(…)` runs the same loop over other items.
    pub recursive: bool,
    pub body: Vec<Stmt>,
    pub otherwise: Vec<Stmt>,
}

/// `import … as name`.
#[derive(Debug)]
pub(super) struct Import {
    pub template: Expr,
    pub name: Arc<str>,
    pub with_context: bool,
}

/// `from … import a, b as c`.
#[derive(Debug)]
pub(super) struct FromImport {
    pub template: Expr,
    pub names: Vec<(Arc<str>, Arc<str>)>,
    pub with_context: bool,
}

/// `include …`.
#[derive(Debug)]
pub(super) struct Include {
    pub template: Expr,
    pub ignore_missing: bool,
    pub with_context: bool,
}

/// A macro, or the body of a `call` block.
#[derive(Debug)]
pub(super) struct Macro {
    pub name: Arc<str>,
    pub parameters: Vec<(Arc<str>, Option<Expr>)>,
    /// Whether the body names `varargs`, `kwargs` or `caller`; only then more is accepted.
    pub takes_varargs: bool,
    pub takes_kwargs: bool,
    pub takes_caller: bool,
    pub body: Vec<Stmt>,
}

/// `set name … endset`.
#[derive(Debug)]
pub(super) struct SetBlock {
    pub target: Target,
    pub filter: Option<Expr>,
    pub body: Vec<Stmt>,
}
