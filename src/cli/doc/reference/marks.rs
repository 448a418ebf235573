//! Marks in texts of pages (`C(code)`, `O(option)`), and lines that end in time: as the reference prints them
//! without colours.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// Marks whose text replaces them, in the order in which they are looked for.
static SIMPLE: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let table = [
        (r"\bI\(([^)]+)\)", "`$1`"),
        (r"\bB\(([^)]+)\)", "*$1*"),
        (r"\bM\(([^)]+)\)", "[$1]"),
        (r"\bU\(([^)]+)\)", "$1"),
        (r"\bL\(([^)]+), *([^)]+)\)", "$1 <$2>"),
        (r"\bP\(([^#)]+)#([a-z]+)\)", "[$1]"),
        (r"\bR\(([^)]+), *([^)]+)\)", "$1"),
        (r"\bC\(([^)]+)\)", "`$1'"),
    ];
    table.into_iter().filter_map(compiled).collect()
});

/// What is left of reStructuredText.
static RST: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let table = [
        (r"\bHORIZONTALLINE\b", "\n-------------\n"),
        (r".. seealso::", "See also:"),
        (r".. note::", "Note:"),
        (r":\w+?:`", "`"),
        (r".. \w+?::", ""),
    ];
    table.into_iter().filter_map(compiled).collect()
});

/// Options, values, variables and results, whose text may hold a `\)`; those of options say whose they are.
static MEANT: LazyLock<Vec<(Regex, bool)>> = LazyLock::new(|| {
    let table = [("O", true), ("V", false), ("E", false), ("RV", true)];
    let mark = |(letters, whose): (&str, bool)| {
        let pattern = format!(r"\b{letters}\(((?:[^\\)]+|\\.)+)\)");
        Some((Regex::new(&pattern).ok()?, whose))
    };
    table.into_iter().filter_map(mark).collect()
});

static ESCAPED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\\(.)").ok());

fn compiled((pattern, with): (&str, &'static str)) -> Option<(Regex, &'static str)> {
    Some((Regex::new(pattern).ok()?, with))
}

/// A text without its marks.
pub fn plain(text: &str) -> String {
    let mut text = text.to_owned();
    for (pattern, with) in SIMPLE.iter() {
        text = pattern.replace_all(&text, *with).into_owned();
    }
    for (pattern, whose) in MEANT.iter() {
        let meant = |found: &Captures<'_>| meant(&found[1], *whose);
        text = pattern.replace_all(&text, meant).into_owned();
    }
    for (pattern, with) in RST.iter() {
        text = pattern.replace_all(&text, *with).into_owned();
    }
    text
}

/// `name=value`, with the plugin whose option it is: `ansible.builtin.copy#module:dest=/x`.
fn meant(text: &str, whose: bool) -> String {
    let text = match ESCAPED.as_ref() {
        Some(escaped) => escaped.replace_all(text, "$1").into_owned(),
        None => text.to_owned(),
    };
    if !whose {
        return format!("`{text}'");
    }
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (text.as_str(), None),
    };
    let (owner, name) = owner(name);
    let (entry, name) = match name.split_once(':') {
        Some((entry, name)) => (Some(entry), name),
        None => (None, name),
    };
    let text = value.map_or_else(|| name.to_owned(), |value| format!("{name}={value}"));
    let Some((plugin, kind)) = owner else {
        return format!("`{text}'");
    };
    let word = match kind {
        "role" | "module" | "playbook" => kind.to_owned(),
        kind => format!("{kind} plugin"),
    };
    match entry.filter(|_| kind == "role") {
        Some(entry) => format!("`{text}' (of {word} {plugin}, {entry} entrypoint)"),
        None => format!("`{text}' (of {word} {plugin})"),
    }
}

/// The plugin and its kind before a name, where one stands there.
fn owner(name: &str) -> (Option<(&str, &str)>, &str) {
    if let Some(rest) = name.strip_prefix("ignore:") {
        return (None, rest);
    }
    let parts = || {
        let (plugin, rest) = name.split_once('#')?;
        let (kind, rest) = rest.split_once(':')?;
        let is_kind = !kind.is_empty() && kind.chars().all(|c| c.is_ascii_lowercase());
        (is_kind && plugin.matches('.').count() >= 2).then_some(((plugin, kind), rest))
    };
    match parts() {
        Some((owner, rest)) => (Some(owner), rest),
        None => (None, name),
    }
}

/// How lines begin and end.
#[derive(Clone, Copy, Debug)]
pub struct Lines<'a> {
    /// The most characters of a line.
    pub width: usize,
    /// What stands before the first.
    pub first: &'a str,
    /// What stands before the others.
    pub rest: &'a str,
    /// The most lines; what is left out is told by `[...]`.
    pub most: Option<usize>,
}

/// A text in lines; an empty line in it begins a paragraph, without a gap.
pub fn filled(text: &str, lines: Lines<'_>) -> String {
    let mut first = lines.first;
    let mut all = Vec::new();
    for paragraph in text.split("\n\n") {
        all.push(paragraph_of(paragraph, Lines { first, ..lines }));
        first = lines.rest;
    }
    all.join("\n")
}

/// Words and the blanks between them, every blank a space.
fn chunks(text: &str) -> Vec<String> {
    let mut chunks: Vec<String> = Vec::new();
    let mut was_blank = None;
    for c in text.chars() {
        let blank = c.is_whitespace();
        if was_blank != Some(blank) {
            chunks.push(String::new());
        }
        was_blank = Some(blank);
        if let Some(last) = chunks.last_mut() {
            last.push(if blank { ' ' } else { c });
        }
    }
    chunks
}

/// The algorithm of Python's `textwrap.fill`, for words that are never broken.
fn paragraph_of(text: &str, with: Lines<'_>) -> String {
    const LEFT_OUT: &str = " [...]";
    let length = |text: &str| text.chars().count();
    let mut chunks = chunks(text).into_iter().peekable();
    let mut lines: Vec<String> = Vec::new();
    while chunks.peek().is_some() {
        let indent = if lines.is_empty() {
            with.first
        } else {
            with.rest
        };
        let width = with.width.saturating_sub(length(indent));
        if !lines.is_empty() {
            chunks.next_if(|chunk| chunk.starts_with(' '));
        }
        let mut line: Vec<String> = Vec::new();
        let mut so_far = 0;
        while let Some(chunk) = chunks.next_if(|chunk| so_far + length(chunk) <= width) {
            so_far += length(&chunk);
            line.push(chunk);
        }
        // A word that is longer than a line has one for itself.
        if line.is_empty()
            && let Some(chunk) = chunks.next()
        {
            line.push(chunk);
        }
        line.pop_if(|last| last.starts_with(' '));
        if line.is_empty() {
            continue;
        }
        if with.most.is_some_and(|most| lines.len() + 1 >= most) && chunks.peek().is_some() {
            while so_far + length(LEFT_OUT) > width && line.len() > 1 {
                so_far -= line.pop().map_or(0, |last| length(&last));
            }
            line.pop_if(|last| last.starts_with(' '));
            lines.push(format!("{indent}{}{LEFT_OUT}", line.concat()));
            break;
        }
        lines.push(format!("{indent}{}", line.concat()));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::{Lines, filled, plain};

    #[test]
    fn marks_become_what_a_terminal_shows() {
        for (text, shown) in [
            ("I(a) B(b) C(c) M(d.e.f)", "`a` *b* `c' [d.e.f]"),
            (
                "O(dest=/x\\)) V(1) E(HOME) RV(rc)",
                "`dest=/x)' `1' `HOME' `rc'",
            ),
            ("O(a.b.c#lookup:x)", "`x' (of lookup plugin a.b.c)"),
            (
                "O(a.b.c#role:main:x=1)",
                "`x=1' (of role a.b.c, main entrypoint)",
            ),
            (
                "L(here, https://x.y) U(https://z)",
                "here <https://x.y> https://z",
            ),
            ("See :ref:`loops`", "See `loops`"),
            ("P(a.b.c#filter) R(text, label)", "[a.b.c] text"),
        ] {
            assert_eq!(plain(text), shown, "{text}");
        }
    }

    #[test]
    fn lines_end_in_time_and_words_are_whole() {
        let lines = Lines {
            width: 10,
            first: "- ",
            rest: "  ",
            most: None,
        };
        assert_eq!(
            filled("one two three four", lines),
            "- one two\n  three\n  four"
        );
        assert_eq!(
            filled("a-very-long-word b", lines),
            "- a-very-long-word\n  b"
        );
        assert_eq!(filled("one\n\ntwo", lines), "- one\n  two");
        let most = Some(1);
        assert_eq!(
            filled("a b c d e f g", Lines { most, ..lines }),
            "- a [...]"
        );
    }
}
