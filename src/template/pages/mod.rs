//! What is said of filters, tests and lookups: a line each, most with an example that is tried by
//! a test.

use std::sync::LazyLock;

use super::filters;
use super::lookups;
use super::tests_;

/// The pages of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `value | name`
    Filter,
    /// `lookup('name')`
    Lookup,
    /// `value is name`
    Test,
}

/// What is said of one filter, test or lookup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The name with its collection.
    pub name: String,
    /// The name and the arguments, with their defaults.
    pub call: String,
    /// What it gives.
    pub text: &'static str,
    /// An expression, and what it gives as Python writes it.
    pub example: Option<(&'static str, &'static str)>,
}

static FILTERS: LazyLock<Vec<Page>> = LazyLock::new(|| read(include_str!("filters.md")));
static LOOKUPS: LazyLock<Vec<Page>> = LazyLock::new(|| read(include_str!("lookups.md")));
static TESTS: LazyLock<Vec<Page>> = LazyLock::new(|| read(include_str!("tests.md")));

/// The page of everything there is of a kind, in no order.
pub fn pages(kind: Kind) -> Vec<Page> {
    let names: Vec<&str> = match kind {
        Kind::Filter => filters::names().collect(),
        Kind::Lookup => lookups::names().collect(),
        Kind::Test => tests_::names().collect(),
    };
    names.into_iter().map(|name| page(kind, name)).collect()
}

/// The page of a name. The filters of addresses have two collections and one page.
fn page(kind: Kind, name: &str) -> Page {
    let name = match name.contains('.') {
        true => name.to_owned(),
        false => format!("ansible.builtin.{name}"),
    };
    let written = name.replacen("ansible.netcommon.", "ansible.utils.", 1);
    let all = match kind {
        Kind::Filter => &FILTERS,
        Kind::Lookup => &LOOKUPS,
        Kind::Test => &TESTS,
    };
    let found = all.iter().find(|page| page.name == written).cloned();
    let page = found.unwrap_or_else(|| Page {
        name: String::new(),
        call: name.clone(),
        text: "",
        example: None,
    });
    Page { name, ..page }
}

/// Reads `## COLLECTION` and ``- `call(…)`, `other(…)`: text `expression` → `what it gives` ``.
fn read(text: &'static str) -> Vec<Page> {
    let mut collection = "";
    let mut pages = Vec::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("## ") {
            collection = name;
        }
        let Some((calls, text)) = line
            .strip_prefix("- `")
            .and_then(|line| line.split_once("`: "))
        else {
            continue;
        };
        let (text, example) = example(text);
        for call in calls.split("`, `") {
            let name = call.split('(').next().unwrap_or(call);
            pages.push(Page {
                name: format!("{collection}.{name}"),
                call: call.to_owned(),
                text,
                example,
            });
        }
    }
    pages
}

/// A text, and the example at its end.
fn example(text: &'static str) -> (&'static str, Option<(&'static str, &'static str)>) {
    let found = text.strip_suffix('`').and_then(|inner| {
        let (left, gives) = inner.rsplit_once("` → `")?;
        let (text, expression) = left.rsplit_once('`')?;
        Some((text, expression, gives))
    });
    match found {
        Some((text, expression, gives)) => (text.trim(), Some((expression, gives))),
        None => (text.trim(), None),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Arc;

    use super::{FILTERS, Kind, LOOKUPS, Page, TESTS, pages};
    use crate::template::testing::Table;
    use crate::template::{Engine, Scope, Settings};
    use crate::value::{Map, Str};

    const KINDS: [Kind; 3] = [Kind::Filter, Kind::Lookup, Kind::Test];

    #[test]
    fn everything_has_a_page_and_every_page_is_of_something() {
        for kind in KINDS {
            let known = pages(kind);
            let bare: Vec<&str> = known
                .iter()
                .filter(|page| page.text.is_empty())
                .map(|page| page.name.as_str())
                .collect();
            assert!(bare.is_empty(), "{kind:?} without a page: {bare:?}");
            let names: HashSet<&str> = known.iter().map(|page| page.name.as_str()).collect();
            let written: &[Page] = match kind {
                Kind::Filter => &FILTERS,
                Kind::Lookup => &LOOKUPS,
                Kind::Test => &TESTS,
            };
            for page in written {
                assert!(names.contains(page.name.as_str()), "{kind:?} {}", page.name);
            }
        }
    }

    #[test]
    fn examples_give_what_they_say() {
        let engine = Engine::new(Settings::default());
        let scope: Arc<dyn Scope> = Arc::new(Table::new(Map::new()));
        let mut wrong = Vec::new();
        for page in KINDS.into_iter().flat_map(pages) {
            let Some((expression, gives)) = page.example else {
                continue;
            };
            let value = engine.expression(&Str::template(expression, None), &scope);
            let got = value.map_or_else(|error| error.chain(), |value| value.repr());
            if got != gives {
                wrong.push(format!("{expression} gives {got}, not {gives}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
