//! What an XPath expression names: a prefix that is not declared finds nothing, silently, and should
//! be an error.

use xpath_eval::{Axis, Expr, FilterExpr, LocationPath, NodeTest, PathExpr, PrimaryExpr, Step};

/// The first prefix in an expression that is not known.
pub fn unknown<'e>(expr: &'e Expr, known: &dyn Fn(&str) -> bool) -> Option<&'e str> {
    first(expr, &|step| {
        let prefix = match &step.node_test {
            NodeTest::NamespaceWildcard(prefix) => Some(prefix.as_str()),
            NodeTest::QName(name) => name.prefix.as_deref(),
            _ => None,
        };
        prefix.filter(|prefix| *prefix != "xml" && !known(prefix))
    })
}

/// Checks that an expression has no axis that is not built.
///
/// # Errors
/// It has the namespace axis.
pub fn check_axes(expr: &Expr) -> Result<(), String> {
    match first(expr, &|step| (step.axis == Axis::Namespace).then_some(())) {
        Some(()) => Err("the axis `namespace` is not built".to_owned()),
        None => Ok(()),
    }
}

/// The first answer that a step of an expression gives.
fn first<'e, T>(expr: &'e Expr, ask: &dyn Fn(&'e Step) -> Option<T>) -> Option<T> {
    match expr {
        Expr::Or(one, two)
        | Expr::And(one, two)
        | Expr::Equality(one, _, two)
        | Expr::Relational(one, _, two)
        | Expr::Additive(one, _, two)
        | Expr::Multiplicative(one, _, two)
        | Expr::Union(one, two) => first(one, ask).or_else(|| first(two, ask)),
        Expr::Negate(one) => first(one, ask),
        Expr::Path(PathExpr::Location(path)) => in_path(path, ask),
        Expr::Path(PathExpr::Filter(filter)) => in_filter(filter, ask),
        Expr::Path(PathExpr::FilterLocation(filter, path)) => {
            in_filter(filter, ask).or_else(|| in_path(path, ask))
        }
    }
}

fn in_path<'e, T>(path: &'e LocationPath, ask: &dyn Fn(&'e Step) -> Option<T>) -> Option<T> {
    let mut steps = path.steps.iter();
    steps.find_map(|step| ask(step).or_else(|| in_any(&step.predicates, ask)))
}

fn in_filter<'e, T>(filter: &'e FilterExpr, ask: &dyn Fn(&'e Step) -> Option<T>) -> Option<T> {
    let primary = match &filter.primary {
        PrimaryExpr::Parenthesized(inner) => first(inner, ask),
        PrimaryExpr::Function(call) => in_any(&call.args, ask),
        _ => None,
    };
    primary.or_else(|| in_any(&filter.predicates, ask))
}

fn in_any<'e, T>(all: &'e [Expr], ask: &dyn Fn(&'e Step) -> Option<T>) -> Option<T> {
    all.iter().find_map(|expr| first(expr, ask))
}
