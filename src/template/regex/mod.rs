//! Python's regular expressions: the dialect of `re`, its way of searching, and its replacements.
//!
//! A pattern is translated once (see [`translate`](self::translate)) for the backtracking engine
//! of fancy-regex, which knows look-around and back-references. What a search finds, how an empty
//! match is followed by the next one, and how a replacement text is read are Python's.

mod class;
mod escape;
mod group;
mod parser;
mod replacement;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};

use super::bounds;
use crate::error::{Error, Result};

pub use escape::escape;
pub use replacement::Replacement;

/// How often the engine may step back before a search is given up.
const BACKTRACK_LIMIT: usize = 10_000_000;

/// How large a compiled pattern may become, in bytes.
const SIZE_LIMIT: usize = 256 << 20;

/// How many compiled patterns are kept.
const KEPT: usize = 1024;

/// What `re.I`, `re.M`, `re.S`, `re.X` and `re.A` say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags {
    /// Upper and lower case are the same.
    pub ignore_case: bool,
    /// `^` and `$` stand at every line.
    pub multi_line: bool,
    /// `.` is a line feed too.
    pub dot_all: bool,
    /// Blanks and comments in the pattern mean nothing.
    pub verbose: bool,
    /// `\w`, `\d`, `\s` and `\b` know ASCII only.
    pub ascii: bool,
}

impl Flags {
    /// The two flags that filters and tests offer.
    pub fn of(ignore_case: bool, multi_line: bool) -> Self {
        Flags {
            ignore_case,
            multi_line,
            ..Flags::default()
        }
    }
}

/// A compiled pattern.
#[derive(Debug)]
pub struct Pattern {
    source: String,
    translated: String,
    names: Vec<(String, usize)>,
    groups: usize,
    can_be_empty: bool,
    search: fancy_regex::Regex,
    here: OnceLock<fancy_regex::Regex>,
    here_not_empty: OnceLock<fancy_regex::Regex>,
    whole: OnceLock<fancy_regex::Regex>,
}

/// A match: the byte ranges of the whole and of the groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    spans: Vec<Option<(usize, usize)>>,
}

impl Match {
    /// Where the match begins, in bytes.
    pub fn start(&self) -> usize {
        self.span(0).map_or(0, |span| span.0)
    }

    /// Where the match ends, in bytes.
    pub fn end(&self) -> usize {
        self.span(0).map_or(0, |span| span.1)
    }

    /// The byte range of a group; nothing where it took no part or there is none.
    pub fn span(&self, group: usize) -> Option<(usize, usize)> {
        self.spans.get(group).copied().flatten()
    }

    /// The text of a group in the text that was searched.
    pub fn group<'t>(&self, text: &'t str, group: usize) -> Option<&'t str> {
        let (start, end) = self.span(group)?;
        text.get(start..end)
    }

    /// The number of groups, without the whole.
    pub fn group_count(&self) -> usize {
        self.spans.len().saturating_sub(1)
    }
}

type Patterns = HashMap<(String, Flags), Arc<Pattern>>;

static PATTERNS: LazyLock<Mutex<Patterns>> = LazyLock::new(Mutex::default);

/// The compiled pattern, made now or found among those made before.
///
/// # Errors
/// Python would refuse it too; the message is Python's.
pub fn compile(pattern: &str, flags: Flags) -> Result<Arc<Pattern>> {
    let key = (pattern.to_owned(), flags);
    let mut kept = PATTERNS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(found) = kept.get(&key) {
        return Ok(found.clone());
    }
    drop(kept);
    let made = Arc::new(Pattern::new(pattern, flags)?);
    kept = PATTERNS.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.len() >= KEPT {
        kept.clear();
    }
    kept.insert(key, made.clone());
    Ok(made)
}

impl Pattern {
    /// Compiles a pattern; [`compile`] does it once for each.
    ///
    /// # Errors
    /// As for [`compile`].
    pub fn new(pattern: &str, flags: Flags) -> Result<Self> {
        let parsed = parser::parse(pattern, flags).map_err(|error| bad(pattern, &error))?;
        let search = build(&parsed.text, pattern, false)?;
        Ok(Pattern {
            source: pattern.to_owned(),
            translated: parsed.text,
            names: parsed.names,
            groups: parsed.groups,
            can_be_empty: parsed.least == 0,
            search,
            here: OnceLock::new(),
            here_not_empty: OnceLock::new(),
            whole: OnceLock::new(),
        })
    }

    /// The pattern as it was written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// How many groups the pattern has.
    pub fn group_count(&self) -> usize {
        self.groups
    }

    /// The number of the group called `name`.
    pub fn group_number(&self, name: &str) -> Option<usize> {
        let found = self.names.iter().find(|(known, _)| known == name)?;
        Some(found.1)
    }

    /// The names of the groups and their numbers, in order.
    pub fn group_names(&self) -> &[(String, usize)] {
        &self.names
    }

    /// `re.search`: the first match anywhere.
    pub fn search(&self, text: &str) -> Result<Option<Match>> {
        self.run(&self.search, text, 0)
    }

    /// `re.match`: a match that begins where the text begins.
    pub fn match_start(&self, text: &str) -> Result<Option<Match>> {
        self.run(self.here()?, text, 0)
    }

    /// `re.fullmatch`: a match that is the whole text.
    pub fn full_match(&self, text: &str) -> Result<Option<Match>> {
        let whole = self.variant(&self.whole, r"\A(?:", r")\z", false)?;
        self.run(whole, text, 0)
    }

    /// Says whether `re.search` would find anything.
    pub fn is_found(&self, text: &str) -> Result<bool> {
        self.search
            .is_match(text)
            .map_err(|error| self.slow(&error))
    }

    /// `re.finditer`: all matches; an empty one may stand right behind another.
    pub fn find_all(&self, text: &str) -> Result<Vec<Match>> {
        self.find_some(text, usize::MAX)
    }

    fn find_some(&self, text: &str, most: usize) -> Result<Vec<Match>> {
        let mut found: Vec<Match> = Vec::new();
        let mut position = 0;
        let mut after_empty = false;
        while found.len() < most && position <= text.len() {
            let next = if after_empty {
                self.next_after_empty(text, position)?
            } else {
                self.run(&self.search, text, position)?
            };
            let Some(next) = next else { break };
            position = next.end();
            after_empty = next.start() == next.end();
            found.push(next);
            bounds::allow_list(found.len() as u64)?;
        }
        Ok(found)
    }

    /// The next match after an empty one at `position`: not empty there, or anything further on.
    fn next_after_empty(&self, text: &str, position: usize) -> Result<Option<Match>> {
        if self.can_be_empty {
            let here = self.variant(&self.here_not_empty, r"\G(?:", ")", true);
            // A pattern that is always empty cannot be asked for more than that.
            if let Ok(here) = here
                && let Some(longer) = self.run(here, text, position)?
            {
                return Ok(Some(longer));
            }
        }
        match text.get(position..).and_then(|rest| rest.chars().next()) {
            Some(c) => self.run(&self.search, text, position + c.len_utf8()),
            None => Ok(None),
        }
    }

    /// `re.subn`: the text with up to `count` matches replaced (all of them for 0), and how many
    /// were.
    pub fn replace(
        &self,
        text: &str,
        replacement: &Replacement,
        count: usize,
    ) -> Result<(String, usize)> {
        let most = if count == 0 { usize::MAX } else { count };
        let found = self.find_some(text, most)?;
        let mut out = String::with_capacity(text.len());
        let mut done = 0;
        for one in &found {
            out.push_str(text.get(done..one.start()).unwrap_or_default());
            replacement.expand(one, text, &mut out);
            bounds::allow_text(out.len() as u64)?;
            done = one.end();
        }
        out.push_str(text.get(done..).unwrap_or_default());
        Ok((out, found.len()))
    }

    /// `re.split`: what stands between the matches, and the groups of each.
    pub fn split(&self, text: &str, most: usize) -> Result<Vec<Option<String>>> {
        let most = if most == 0 { usize::MAX } else { most };
        let mut parts = Vec::new();
        let mut done = 0;
        for one in self.find_some(text, most)? {
            parts.push(text.get(done..one.start()).map(str::to_owned));
            for group in 1..=self.groups {
                parts.push(one.group(text, group).map(str::to_owned));
            }
            done = one.end();
        }
        parts.push(text.get(done..).map(str::to_owned));
        Ok(parts)
    }

    fn here(&self) -> Result<&fancy_regex::Regex> {
        self.variant(&self.here, r"\A(?:", ")", false)
    }

    fn variant<'p>(
        &'p self,
        slot: &'p OnceLock<fancy_regex::Regex>,
        before: &str,
        after: &str,
        not_empty: bool,
    ) -> Result<&'p fancy_regex::Regex> {
        if let Some(made) = slot.get() {
            return Ok(made);
        }
        let text = format!("{before}{}{after}", self.translated);
        let made = build(&text, &self.source, not_empty)?;
        Ok(slot.get_or_init(|| made))
    }

    fn run(&self, regex: &fancy_regex::Regex, text: &str, from: usize) -> Result<Option<Match>> {
        let captures = regex
            .captures_from_pos(text, from)
            .map_err(|error| self.slow(&error))?;
        Ok(captures.map(|captures| Match {
            spans: (0..=self.groups)
                .map(|group| captures.get(group).map(|one| (one.start(), one.end())))
                .collect(),
        }))
    }

    fn slow(&self, error: &fancy_regex::Error) -> Error {
        Error::template(format!(
            "the regular expression `{}` takes too long on this text",
            self.source
        ))
        .because(Error::template(error.to_string()))
        .hint("nested repetitions such as `(a+)+` make it try every way there is")
    }
}

fn build(translated: &str, source: &str, not_empty: bool) -> Result<fancy_regex::Regex> {
    fancy_regex::RegexBuilder::new(translated)
        .backtrack_limit(BACKTRACK_LIMIT)
        .delegate_size_limit(SIZE_LIMIT)
        .find_not_empty(not_empty)
        .build()
        .map_err(|error| bad(source, &error.to_string()))
}

fn bad(pattern: &str, why: &str) -> Error {
    Error::template(format!("bad regular expression `{pattern}`: {why}"))
}

#[cfg(test)]
mod tests;
