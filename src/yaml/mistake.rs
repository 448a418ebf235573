//! What a user most likely did wrong, from the parser's complaint and the line it is about.
//!
//! A parser says what it met; a user needs to hear what to change. The complaint decides the
//! message, the line decides the hint.

use std::sync::Arc;

use crate::error::{Error, Place, Source};

use super::node::Node;
use super::parser::Broken;

/// What the parser complains about.
pub(super) enum Mistake {
    /// Text after a finished document.
    AfterEnd,
    /// An alias without a name, or to an anchor that is not there.
    Alias,
    /// A value that begins with a character that none may begin with.
    Begins(char),
    /// Text after the `|` or `>` of a block.
    BlockHeader,
    /// A bracket that closes nothing.
    Brackets,
    /// A line that begins with `%` and is no directive.
    Directive,
    /// A wrong escape in double quotes.
    Escape,
    /// Anything wrong between brackets, of which the innermost and its line are named.
    Flow(char, u32),
    /// A colon between brackets with a bracket or a comma right after it.
    FlowColon,
    /// A line whose indentation fits nothing above it.
    Misfit,
    /// A key without its colon.
    NoColon,
    /// A list on the line of its key.
    ListHere,
    /// A colon where no key may stand.
    SecondColon,
    /// A tab where spaces are needed.
    Tab,
    /// A tag whose handle nobody declared.
    Tag,
    /// A bracket that is never closed.
    Unclosed(char),
    /// A quote that is never closed.
    UnclosedQuote,
}

/// The error for what the parser could not read.
pub(super) fn explain(source: &Arc<Source>, broken: &Broken) -> Error {
    let place = Place::new(source.clone(), broken.mark.line, broken.mark.column);
    let (message, hint) = Scene::of(&place).diagnose(&broken.mistake);
    let hint = hint.filter(|_| !source.is_sealed());
    Error::syntax(message).at(place).hint_if(hint)
}

/// The error for a list or a mapping as a key, which `{{ x }}` without quotes is, too.
pub(super) fn unhashable(key: &Node) -> Error {
    let scene = Scene::of(key.place());
    key.error(format!("{} cannot be a key", key.kind_name()))
        .hint_if(scene.template_hint())
}

/// The line of a mistake and the one above it; both are empty where the text is a secret.
struct Scene<'a> {
    line: &'a str,
    above: &'a str,
    /// The place in the line, in characters from zero.
    column: usize,
}

type Diagnosis = (String, Option<String>);

impl<'a> Scene<'a> {
    fn of(place: &'a Place) -> Self {
        let mut scene = Scene {
            line: "",
            above: "",
            column: place.column.saturating_sub(1) as usize,
        };
        if place.source.is_sealed() {
            return scene;
        }
        for line in place.source.text().lines().take(place.line as usize) {
            if !scene.line.trim().is_empty() {
                scene.above = scene.line;
            }
            scene.line = line;
        }
        scene
    }

    fn diagnose(&self, mistake: &Mistake) -> Diagnosis {
        match mistake {
            Mistake::AfterEnd => self.after_end(),
            Mistake::Alias => self.alias(),
            Mistake::Begins('\t') | Mistake::Tab => self.tab(),
            Mistake::Begins(c) => self.begins(*c),
            Mistake::Brackets => (
                "this bracket closes nothing that is open".to_owned(),
                self.template_hint(),
            ),
            Mistake::BlockHeader => (
                "text follows the sign that begins a block".to_owned(),
                Some("begin the block's text on the next line".to_owned()),
            ),
            Mistake::Directive => (
                "this is not a directive that YAML 1.1 has".to_owned(),
                Some("directives are `%YAML 1.1` and `%TAG`, with `---` after them".to_owned()),
            ),
            Mistake::Escape => self.escape(),
            Mistake::Flow(bracket, line) => self.flow(*bracket, *line),
            Mistake::FlowColon => (
                "a `:` between brackets needs a space after it".to_owned(),
                self.template_hint(),
            ),
            Mistake::Misfit => self.misfit(),
            Mistake::NoColon => self.no_colon(),
            Mistake::ListHere => (
                "a list cannot begin on the line of its key".to_owned(),
                Some("begin it on the next line, or put it in brackets".to_owned()),
            ),
            Mistake::SecondColon => self.second_colon(),
            Mistake::Tag => (
                "unknown tag".to_owned(),
                Some("a value that begins with `!` needs quotes".to_owned()),
            ),
            Mistake::Unclosed(c) => (format!("this `{c}` is never closed"), self.template_hint()),
            Mistake::UnclosedQuote => (
                "this quote is never closed".to_owned(),
                self.above_quote_hint(),
            ),
        }
    }

    fn after_end(&self) -> Diagnosis {
        let message = "YAML parsing failed: Did not find expected <document start>: \
                       unexpected text after the end of the value"
            .to_owned();
        (message, self.space_hint(self.line))
    }

    fn after_quote(&self) -> Diagnosis {
        let inside = if self.line.contains("{{") {
            "inside a template, use the other kind of quotes than around it"
        } else if self.value().is_some_and(|value| value.starts_with('\'')) {
            "a single quote inside single quotes is written twice: `''`"
        } else {
            "put the whole value in quotes, and write a double quote inside as `\\\"`"
        };
        let message = "text follows the closing quote".to_owned();
        (message, Some(inside.to_owned()))
    }

    fn alias(&self) -> Diagnosis {
        let message = match self.word() {
            "" => "there is no such anchor".to_owned(),
            "*" => "`*` begins an alias, and no name follows".to_owned(),
            word if word.starts_with('*') => format!("there is no anchor for the alias `{word}`"),
            word => format!("`{word}` is not an anchor"),
        };
        let hint = if self.word().starts_with('*') {
            "a pattern needs quotes"
        } else {
            "a value that begins with `&` needs quotes"
        };
        (message, self.quote_hint(hint))
    }

    fn begins(&self, c: char) -> Diagnosis {
        let hint = self
            .template_hint()
            .or_else(|| self.quote_hint("put the value in quotes"));
        (format!("no value can begin with `{c}`"), hint)
    }

    fn escape(&self) -> Diagnosis {
        (
            "a backslash in double quotes begins an escape, and this is none".to_owned(),
            Some("use single quotes, or write `\\\\` for a backslash".to_owned()),
        )
    }

    fn flow(&self, bracket: char, line: u32) -> Diagnosis {
        let closing = if bracket == '[' { ']' } else { '}' };
        let open = || format!("the `{bracket}` of line {line} is still open");
        (
            format!("expected `,` or `{closing}`"),
            self.template_hint().or_else(|| Some(open())),
        )
    }

    fn misfit(&self) -> Diagnosis {
        let indent = self.indent();
        if self.column > indent {
            if self.before().ends_with(['"', '\'']) {
                return self.after_quote();
            }
            let message = "unexpected text after the value".to_owned();
            return (message, self.template_hint());
        }
        let indented = match indent {
            0 => "not indented".to_owned(),
            1 => "indented by 1 space".to_owned(),
            _ => format!("indented by {indent} spaces"),
        };
        let hint = if self.above.trim_start().starts_with("- ")
            && !self.line.trim_start().starts_with('-')
        {
            "the keys of one list item begin in the same column, after its `- `"
        } else {
            "the keys of one mapping, or the `-` of one list, begin in the same column"
        };
        (
            format!("the line is {indented}, which fits none of the lines above"),
            self.space_hint(self.above)
                .or_else(|| Some(hint.to_owned())),
        )
    }

    fn no_colon(&self) -> Diagnosis {
        let text = self.line.trim();
        let hint = self.template_hint().or_else(|| self.space_hint(self.line));
        (
            "this line is neither a key with its `:` nor part of the value above".to_owned(),
            hint.or_else(|| {
                (text.chars().count() <= 60).then(|| {
                    format!(
                        "write `{text}:` for a key; indent it deeper to continue the value above"
                    )
                })
            }),
        )
    }

    fn second_colon(&self) -> Diagnosis {
        if self.column >= 1024 {
            return ("a key has more than 1024 characters".to_owned(), None);
        }
        if let Some(rest) = self.line.strip_prefix("--- ") {
            let hint = format!("begin `{}` on the next line", rest.trim());
            return (
                "a mapping cannot begin on the line of `---`".to_owned(),
                Some(hint),
            );
        }
        let first = self.key_end();
        if first.is_some_and(|first| self.column > first) {
            return (
                "a value without quotes cannot contain `: `".to_owned(),
                self.template_hint()
                    .or_else(|| self.quote_hint("put the value in quotes")),
            );
        }
        let message = "this key stands where the value above goes on".to_owned();
        let hint = self.space_hint(self.above).unwrap_or_else(|| {
            "keys of one mapping begin in the same column; or the line above lacks its `:`"
                .to_owned()
        });
        (message, Some(hint))
    }

    fn tab(&self) -> Diagnosis {
        (
            "a tab stands where YAML allows only spaces".to_owned(),
            Some("indent with spaces".to_owned()),
        )
    }

    /// The number of blanks before the text.
    fn indent(&self) -> usize {
        self.line.chars().take_while(|c| c.is_whitespace()).count()
    }

    /// The text before the place, without the blanks between.
    fn before(&self) -> &'a str {
        let here = self.line.char_indices().nth(self.column);
        let end = here.map_or(self.line.len(), |(byte, _)| byte);
        self.line.get(..end).unwrap_or_default().trim_end()
    }

    /// The word at the place.
    fn word(&self) -> &'a str {
        let rest = self.rest();
        rest.split([' ', '\t', ',', ']', '}'])
            .next()
            .unwrap_or(rest)
    }

    fn rest(&self) -> &'a str {
        let start = self.line.char_indices().nth(self.column);
        start.map_or("", |(byte, _)| self.line.get(byte..).unwrap_or(""))
    }

    /// The column of the first `: `, from zero in characters.
    fn key_end(&self) -> Option<usize> {
        let byte = self.line.find(": ")?;
        Some(self.line.get(..byte)?.chars().count())
    }

    /// The key of the line with what stands before it, and the value after it.
    fn halves(&self) -> Option<(&'a str, &'a str)> {
        let trimmed = self.line.trim();
        if let Some((key, value)) = trimmed.split_once(": ") {
            let key = key.trim_start_matches("- ");
            return Some((key, value.trim()));
        }
        let item = trimmed.strip_prefix("- ")?;
        Some(("", item.trim()))
    }

    fn value(&self) -> Option<&'a str> {
        self.halves().map(|(_, value)| value)
    }

    /// What to do where the value is a template that begins without quotes.
    fn template_hint(&self) -> Option<String> {
        let value = self.value()?;
        if !(value.starts_with("{{") || value.starts_with("{%")) {
            return None;
        }
        self.quote_hint("a value that begins with a template needs quotes")
    }

    /// `advice`, with the line's value in quotes where that is short.
    fn quote_hint(&self, advice: &str) -> Option<String> {
        let Some((key, value)) = self.halves() else {
            return Some(advice.to_owned());
        };
        if value.is_empty() || value.len() > 80 || (value.contains('"') && value.contains('\'')) {
            return Some(advice.to_owned());
        }
        let quote = if value.contains(['"', '\\']) {
            '\''
        } else {
            '"'
        };
        let lead = if key.is_empty() {
            "- ".to_owned()
        } else {
            format!("{key}: ")
        };
        Some(format!("{advice}: `{lead}{quote}{value}{quote}`"))
    }

    /// What to do where `line` is a key whose colon has no space after it.
    fn space_hint(&self, line: &str) -> Option<String> {
        let text = line.trim().trim_start_matches("- ");
        let (key, value) = text.split_once(':')?;
        let is_key = !key.is_empty() && !key.contains(' ') && !value.is_empty();
        if !is_key || value.starts_with([' ', '/', ':']) || text.len() > 80 {
            return None;
        }
        Some(format!("put a space after the colon: `{key}: {value}`"))
    }

    /// What to do where the quote may have been meant as a letter.
    fn above_quote_hint(&self) -> Option<String> {
        let rest = self.rest();
        let quote = rest.chars().next()?;
        Some(format!(
            "close it with `{quote}`; a value that holds a quote needs the other kind around it"
        ))
    }
}
