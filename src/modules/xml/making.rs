//! What a path names and the document lacks is made, where the path is simple enough to say what.
//!
//! `…/name` makes an element, `…/@name` an empty attribute, `…/@name='v'` one with that value,
//! `…/text()='v'` sets a text, `…/name/text()='v'` makes an element with it, and
//! `…/name[@a='v' and b]` one of which all of that holds. What stands before is made first.

use super::names::{Name, is_letter, is_name};
use super::path::{Target, find};
use super::tree::{Element, Id, Kind, Tree};

/// The last step of a path, as a wish.
#[derive(Debug, PartialEq, Eq)]
enum Wish<'p> {
    Attribute(&'p str, &'p str),
    Element(&'p str, Vec<&'p str>, Option<&'p str>),
    Text(&'p str),
}

/// Makes what a path names, from the root or from an element.
///
/// # Errors
/// The path does not say what to make.
pub fn make(
    tree: &mut Tree,
    path: &str,
    from: Option<Id>,
    namespaces: &[(String, String)],
) -> Result<(), String> {
    let (before, wish) = wish(path.trim())
        .ok_or_else(|| format!("`{path}` finds nothing, and does not say what to make"))?;
    if before.is_empty() {
        return Err(format!("`{path}` cannot be made: a document has one root"));
    }
    let mut parents = elements(tree, before, from, namespaces)?;
    if parents.is_empty() {
        make(tree, before, from, namespaces)?;
        parents = elements(tree, before, from, namespaces)?;
    }
    match wish {
        Wish::Attribute(name, value) => {
            let name = named(name, namespaces)?;
            check_text(value)?;
            for parent in parents {
                tree.set_attribute(parent, &name, value);
            }
        }
        Wish::Text(text) => {
            check_text(text)?;
            for parent in parents {
                if tree.text(parent).as_deref() != Some(text) {
                    tree.set_text(parent, text);
                }
            }
        }
        // Where several could have it, the last one gets it.
        Wish::Element(name, conditions, text) => {
            let element = Element::new(named(name, namespaces)?);
            let Some(parent) = parents.last().copied() else {
                return Ok(());
            };
            let id = tree.make(Kind::Element(element));
            tree.append(parent, id);
            tree.settle(id);
            if let Some(text) = text {
                check_text(text)?;
                tree.set_text(id, text);
            }
            for condition in conditions {
                make(tree, &format!("./{condition}"), Some(id), namespaces)?;
            }
        }
    }
    Ok(())
}

/// The elements that a path finds.
fn elements(
    tree: &Tree,
    path: &str,
    from: Option<Id>,
    namespaces: &[(String, String)],
) -> Result<Vec<Id>, String> {
    let found = find(tree, path, from, namespaces)?.nodes().unwrap_or_default();
    let ids = found.into_iter().filter_map(|target| match target {
        Target::Node(id) => tree.element(id).map(|_| id),
        Target::Attribute(..) => None,
    });
    Ok(ids.collect())
}

/// The name that a path's words mean.
///
/// # Errors
/// Its prefix is not declared.
pub fn named(name: &str, namespaces: &[(String, String)]) -> Result<Name, String> {
    let Some((prefix, local)) = name.split_once(':') else {
        return Name::of_task(name);
    };
    if prefix == "xml" {
        return Ok(Name::in_space(super::names::XML_SPACE, local));
    }
    let found = namespaces.iter().find(|(known, _)| known == prefix);
    let (_, space) = found
        .ok_or_else(|| format!("the prefix of `{name}` does not stand in `namespaces`"))?;
    Name::of_task(&format!("{{{space}}}{local}"))
}

/// Checks that a document may hold a text.
///
/// # Errors
/// It may not.
pub fn check_text(text: &str) -> Result<(), String> {
    match text.chars().find(|letter| !is_letter(*letter)) {
        Some(letter) => Err(format!("a document may not hold `{}`", letter.escape_unicode())),
        None => Ok(()),
    }
}

/// What stands before the last step of a path, and what that step wishes for.
fn wish(path: &str) -> Option<(&str, Wish<'_>)> {
    let (before, step) = last_step(path)?;
    if let Some((left, value)) = equality(step) {
        return match (left, left.strip_prefix('@')) {
            ("text()", _) => Some(match last_step(before) {
                Some((around, name)) if is_simple(name) => {
                    (around, Wish::Element(name, Vec::new(), Some(value)))
                }
                _ => (before, Wish::Text(value)),
            }),
            (_, Some(name)) if is_simple(name) => Some((before, Wish::Attribute(name, value))),
            _ => None,
        };
    }
    if let Some(name) = step.strip_prefix('@') {
        return is_simple(name).then_some((before, Wish::Attribute(name, "")));
    }
    let (name, conditions) = match step.split_once('[') {
        Some((name, rest)) => (name, parts(rest.strip_suffix(']')?)),
        None => (step, Vec::new()),
    };
    is_simple(name).then_some((before, Wish::Element(name, conditions, None)))
}

fn is_simple(name: &str) -> bool {
    is_name(name)
}

/// The path before the last slash outside of brackets and quotes, and the step behind it.
fn last_step(path: &str) -> Option<(&str, &str)> {
    let at = outside(path).filter(|(_, c)| *c == '/').last()?.0;
    Some((path.get(..at)?, path.get(at + 1..)?))
}

/// `left='value'`
fn equality(step: &str) -> Option<(&str, &str)> {
    let at = outside(step).find(|(_, c)| *c == '=')?.0;
    let value = step.get(at + 1..)?.trim();
    let inner = ['\'', '"'].into_iter().find_map(|quote| {
        let inner = value.strip_prefix(quote)?.strip_suffix(quote)?;
        (!inner.contains(quote)).then_some(inner)
    });
    Some((step.get(..at)?.trim(), inner?))
}

/// What stands between `and` outside of brackets and quotes.
fn parts(text: &str) -> Vec<&str> {
    let mut all = Vec::new();
    let mut start = 0;
    for (at, _) in outside(text).filter(|(_, c)| *c == ' ') {
        if at >= start && text.get(at..).is_some_and(|rest| rest.starts_with(" and ")) {
            all.extend(text.get(start..at));
            start = at + " and ".len();
        }
    }
    all.extend(text.get(start..));
    all.into_iter().map(str::trim).collect()
}

/// The letters outside of brackets and quotes, with their places.
fn outside(text: &str) -> impl Iterator<Item = (usize, char)> + '_ {
    let (mut depth, mut quote) = (0_usize, None);
    text.char_indices().filter(move |(_, c)| {
        match (quote, *c) {
            (Some(open), c) => {
                if c == open {
                    quote = None;
                }
                return false;
            }
            (None, '\'' | '"') => quote = Some(*c),
            (None, '[') => depth += 1,
            (None, ']') => depth = depth.saturating_sub(1),
            (None, _) => return depth == 0,
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use super::{Wish, wish};

    #[test]
    fn a_last_step_says_what_to_make() {
        let element = |name, conditions: &[&'static str], text| {
            Wish::Element(name, conditions.to_vec(), text)
        };
        for (path, before, wished) in [
            ("/a/b", "/a", element("b", &[], None)),
            ("/a/x:b-c.d", "/a", element("x:b-c.d", &[], None)),
            ("/a/@b", "/a", Wish::Attribute("b", "")),
            ("/a/@b='x/y[z]'", "/a", Wish::Attribute("b", "x/y[z]")),
            ("/a/b/text()='it is'", "/a", element("b", &[], Some("it is"))),
            ("/a/b[1]/text()=\"it's\"", "/a/b[1]", Wish::Text("it's")),
            ("/a/b[@c='d and e' and f/g]", "/a", element("b", &["@c='d and e'", "f/g"], None)),
            ("./b", ".", element("b", &[], None)),
            ("/a", "", element("a", &[], None)),
        ] {
            assert_eq!(wish(path), Some((before, wished)), "{path}");
        }
        for path in ["a", "/", "/a/*", "/a/b()", "/a/1b", "/a/@b=c", "/a/b='c'"] {
            assert_eq!(wish(path), None, "{path}");
        }
    }
}
