//! Host patterns: `all`, `web:&db:!old`, `web[0:2]`, `*.example.com`, `~web\d+`.

use std::sync::Arc;
use std::sync::LazyLock;

use regex::Regex;

use super::address;
use super::glob::Glob;
use crate::error::Error;
use crate::error::Result;
use crate::template::regex::Flags;
use crate::template::regex::Pattern as PythonPattern;
use crate::template::regex::compile;

/// Which hosts a play, a limit or a command is for.
///
/// A pattern of no terms stands for `all`.
#[derive(Clone, Debug, Default)]
pub struct Pattern {
    /// The terms in the order they take effect: what is added, what it is narrowed to, what is
    /// taken away.
    pub(super) terms: Vec<Term>,
}

/// One term of a pattern.
#[derive(Clone, Debug)]
pub(super) struct Term {
    pub(super) effect: Effect,
    /// The term without `&` or `!`.
    pub(super) text: String,
    /// The term without its subscript either.
    pub(super) name: String,
    pub(super) matcher: Matcher,
    pub(super) subscript: Option<Subscript>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Effect {
    Add,
    Narrow,
    TakeAway,
}

/// What the hosts and groups that a term means are called.
#[derive(Clone, Debug)]
pub(super) enum Matcher {
    Glob(Glob),
    Name,
    Regex(Arc<PythonPattern>),
}

/// Which of the hosts found a term means. The end is inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subscript {
    From(usize),
    One(i64),
    Range(usize, usize),
}

static SUBSCRIPT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^(.+)\[(?:(-?[0-9]+)|([0-9]+)[:-]([0-9]*))\]$").ok());
static WORD: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?:[^\s:\[\]]|\[[^\]]*\])+").ok());

impl Pattern {
    /// Reads a pattern as a play's `hosts`, a command line or `--limit` has it.
    ///
    /// # Errors
    /// A regular expression that cannot be read, or a `!` or `&` with nothing after it.
    pub fn parse(text: &str) -> Result<Self> {
        Self::from_list([text])
    }

    /// Reads a list of patterns; each may hold several again.
    ///
    /// # Errors
    /// As [`Pattern::parse`].
    pub fn from_list<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self> {
        let words = texts.into_iter().flat_map(split);
        Self::from_terms(words.map(Term::parse))
    }

    /// Reads a `--limit`, where a term may be `@FILE`: a file with one term in each line.
    ///
    /// # Errors
    /// As [`Pattern::parse`], and what `read` returns.
    pub fn limit(text: &str, mut read: impl FnMut(&str) -> Result<String>) -> Result<Self> {
        let mut terms = Vec::new();
        for word in split(text) {
            let Some(file) = word.strip_prefix('@') else {
                terms.push(Term::parse(word));
                continue;
            };
            let lines = read(file)?;
            let lines = lines.split('\n').map(str::trim);
            terms.extend(lines.filter(|line| !line.is_empty()).map(Term::parse));
        }
        Self::from_terms(terms)
    }

    fn from_terms(terms: impl IntoIterator<Item = Result<Term>>) -> Result<Self> {
        let mut terms = terms.into_iter().collect::<Result<Vec<Term>>>()?;
        terms.sort_by_key(|term| term.effect);
        if terms.first().is_some_and(|term| term.effect != Effect::Add) {
            terms.insert(0, Term::parse("all")?);
        }
        Ok(Pattern { terms })
    }

    /// Says whether the pattern has no terms, as an empty text: it stands for `all`.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }
}

/// The terms of a text: between commas, or between colons where it is neither one address nor one
/// range of hosts.
fn split(text: &str) -> Vec<&str> {
    let words: Vec<&str> = if text.contains(',') {
        text.split(',').collect()
    } else if address::parse(text).is_some() {
        vec![text]
    } else {
        let words = WORD.as_ref().map(|word| word.find_iter(text));
        words
            .into_iter()
            .flatten()
            .map(|word| word.as_str())
            .collect()
    };
    let trimmed = words.into_iter().map(str::trim);
    trimmed.filter(|word| !word.is_empty()).collect()
}

impl Term {
    fn parse(word: &str) -> Result<Self> {
        let (effect, text) = match word.split_at_checked(1) {
            Some(("&", rest)) => (Effect::Narrow, rest),
            Some(("!", rest)) => (Effect::TakeAway, rest),
            _ => (Effect::Add, word),
        };
        if text.is_empty() {
            let text = format!("the host pattern `{word}` names nothing");
            return Err(Error::input(text).hint("write the host or group right after it"));
        }
        let (name, subscript) = split_subscript(text);
        Ok(Term {
            effect,
            text: text.to_owned(),
            name: name.to_owned(),
            matcher: Matcher::parse(name)?,
            subscript,
        })
    }

    /// Says whether hosts are searched even where a group was found.
    pub(super) fn means_hosts_too(&self) -> bool {
        self.name.starts_with('~') || self.name.contains(['.', '?', '*', '['])
    }
}

impl Matcher {
    fn parse(name: &str) -> Result<Self> {
        if let Some(expression) = name.strip_prefix('~') {
            let compiled = compile(expression, Flags::default());
            return match compiled {
                Ok(regex) => Ok(Matcher::Regex(regex)),
                Err(error) => Err(bad_regex(expression, error)),
            };
        }
        Ok(match name.contains(['*', '?', '[']) {
            true => Matcher::Glob(Glob::new(name)),
            false => Matcher::Name,
        })
    }
}

fn bad_regex(expression: &str, error: Error) -> Error {
    Error::input(format!("`~{expression}` is not a regular expression")).because(error)
}

/// A term without its subscript, and the subscript. A regular expression has none.
fn split_subscript(text: &str) -> (&str, Option<Subscript>) {
    let whole = (text, None);
    if text.starts_with('~') {
        return whole;
    }
    let Some(found) = SUBSCRIPT.as_ref().and_then(|shape| shape.captures(text)) else {
        return whole;
    };
    let name = found.get(1).map_or(text, |name| name.as_str());
    (name, Some(subscript(&found)))
}

fn subscript(found: &regex::Captures<'_>) -> Subscript {
    let text = |group| found.get(group).map(|part| part.as_str());
    if let Some(index) = text(2) {
        return Subscript::One(index.parse().unwrap_or(i64::MAX));
    }
    let number = |text: &str| text.parse().unwrap_or(usize::MAX);
    let begin = text(3).map_or(0, number);
    match text(4) {
        None | Some("") => Subscript::From(begin),
        // The reference takes an end of 0 for none at all.
        Some(end) => match number(end) {
            0 => Subscript::One(i64::try_from(begin).unwrap_or(i64::MAX)),
            end => Subscript::Range(begin, end),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::{Pattern, split};

    #[test]
    fn lists_are_split_at_commas_or_else_colons() {
        for (text, terms) in [
            ("a,b[1], c[2:3] , d", "a b[1] c[2:3] d"),
            ("web:&db:!old", "web &db !old"),
            ("web[0:2]:db", "web[0:2] db"),
            ("web[1:3]", "web[1:3]"),
            ("::1", "::1"),
            ("web:22", "web:22"),
            ("web:db", "web db"),
            (",,h1,", "h1"),
            ("", ""),
            ("a b", "a b"),
        ] {
            assert_eq!(split(text).join(" "), terms, "{text}");
        }
    }

    #[test]
    fn a_limit_may_be_in_a_file() {
        let read = |_: &str| Ok("web1\n  !web2\n\ndb,1\n".to_owned());
        let limit = Pattern::limit("x,@hosts.retry", read).unwrap();
        let terms: Vec<&str> = limit.terms.iter().map(|term| &*term.text).collect();
        assert_eq!(terms, ["x", "web1", "db,1", "web2"]);
    }

    #[test]
    fn what_means_nothing_is_an_error() {
        for text in ["web,!", "&", "~web("] {
            assert!(Pattern::parse(text).is_err(), "{text}");
        }
    }
}
