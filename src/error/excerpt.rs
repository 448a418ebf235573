//! An error as the user reads it: the message, the excerpt of the file, the causes, the hint.

use annotate_snippets::{AnnotationKind, Level as Title, Renderer, Snippet};

use super::clean::printable;
use super::{Error, Place};

/// How loud the report is.
#[derive(Clone, Copy)]
pub(super) enum Level {
    Error,
    Warning,
}

/// Renders `error` and everything below it.
pub(super) fn report(error: &Error, level: Level, colour: bool) -> String {
    let mut text = one(error, level, colour);
    let mut shown = error.place();
    let mut cause = error.cause();
    while let Some(error) = cause {
        text.push_str("\ncaused by: ");
        match error.place() == shown {
            true => text.push_str(&printable(error.message())),
            false => text.push_str(&one_cause(error, colour)),
        }
        shown = error.place().or(shown);
        cause = error.cause();
    }
    if let Some(hint) = error.deepest_hint() {
        text.push_str("\nhint: ");
        text.push_str(&printable(hint));
    }
    text
}

fn one(error: &Error, level: Level, colour: bool) -> String {
    let title = match level {
        Level::Error => Title::ERROR,
        Level::Warning => Title::WARNING,
    };
    let group = title.primary_title(printable(error.message()));
    render(error.place(), |snippet| match snippet {
        Some(snippet) => renderer(colour).render(&[group.clone().element(snippet)]),
        None => with_bare_place(
            renderer(colour).render(&[annotate_snippets::Group::with_title(group.clone())]),
            error.place(),
        ),
    })
}

fn one_cause(error: &Error, colour: bool) -> String {
    let message = printable(error.message());
    let title = Title::ERROR.no_name();
    let group = title.primary_title(message.as_ref());
    render(error.place(), |snippet| match snippet {
        Some(snippet) => renderer(colour).render(&[group.clone().element(snippet)]),
        None => with_bare_place(message.clone().into_owned(), error.place()),
    })
}

/// Adds `file:line:column` where there is a place but no text that may be shown.
fn with_bare_place(text: String, place: Option<&Place>) -> String {
    match place {
        Some(place) => format!("{text}\n --> {}", printable(&place.to_string())),
        None => text,
    }
}

fn renderer(colour: bool) -> Renderer {
    if colour {
        Renderer::styled()
    } else {
        Renderer::plain()
    }
}

/// Hands the excerpt around `place` to `draw`, or nothing where no text may be shown.
fn render(
    place: Option<&Place>,
    draw: impl Fn(Option<Snippet<'_, annotate_snippets::Annotation<'_>>>) -> String,
) -> String {
    let Some(place) = place else {
        return draw(None);
    };
    let Some((first, window, offset)) = window(place) else {
        return draw(None);
    };
    let path = place.path().display().to_string();
    let path = printable(&path).into_owned();
    let end = word_end(&window, offset);
    draw(Some(
        Snippet::source(window.as_str())
            .line_start(first)
            .path(path)
            .annotation(AnnotationKind::Primary.span(offset..end)),
    ))
}

/// The lines around a place: the first line's number, the text, and the place's byte in it.
fn window(place: &Place) -> Option<(usize, String, usize)> {
    const BEFORE: usize = 1;
    const WIDEST: usize = 400;
    if place.source.is_sealed() || place.line == 0 {
        return None;
    }
    let line = place.line as usize;
    let first = line.saturating_sub(BEFORE).max(1);
    let lines: Vec<&str> = place
        .source
        .text()
        .split('\n')
        .skip(first - 1)
        .take(line - first + 1)
        .map(|text| text.trim_end_matches('\r'))
        .collect();
    let last = lines.last()?;
    if lines.len() != line - first + 1 || last.len() > WIDEST {
        return None;
    }
    let before: usize = lines[..lines.len() - 1].iter().map(|l| l.len() + 1).sum();
    let column = (place.column.max(1) - 1) as usize;
    let inside = last
        .char_indices()
        .nth(column)
        .map_or(last.len(), |(byte, _)| byte);
    let whole = lines.join("\n");
    let (head, tail) = whole.split_at(before + inside);
    let head = printable(head);
    Some((first, format!("{head}{}", printable(tail)), head.len()))
}

/// The end of the word that begins at `start`, so that the underline covers it.
fn word_end(text: &str, start: usize) -> usize {
    let rest = &text[start..];
    let length = rest
        .find(|c: char| !(c.is_alphanumeric() || "_-.'\"/".contains(c)))
        .unwrap_or(rest.len());
    let least = rest
        .chars()
        .next()
        .map_or(0, |c| if c == '\n' { 0 } else { c.len_utf8() });
    start + length.max(least)
}

#[cfg(test)]
mod tests {
    use crate::error::{Error, Manner, Place, Source};

    #[test]
    fn a_report_points_into_the_file() {
        let source = Source::new("site.yml", "- hosts: all\n  tasks:\n    - lineinfil:\n");
        let error = Error::syntax("couldn't resolve module/action 'lineinfil'")
            .at(Place::new(source, 3, 7))
            .hint("did you mean `lineinfile`?");
        let report = error.report(Manner::Own, false);
        assert!(
            report.contains("error: couldn't resolve module/action 'lineinfil'"),
            "{report}"
        );
        assert!(report.contains("site.yml:3:7"), "{report}");
        assert!(report.contains("^^^^^^^^^"), "{report}");
        assert!(
            report.ends_with("hint: did you mean `lineinfile`?"),
            "{report}"
        );
    }

    #[test]
    fn nothing_of_a_report_steers_the_terminal() {
        const BAD: &str = "\x1b[2J\u{9b}31m\u{202e}\u{2066}";
        let source = Source::new(format!("{BAD}.yml"), format!("é{BAD}: x\n{BAD} here: y\n"));
        let unknown = Source::new(format!("{BAD}.bin"), "");
        let cause = Error::input(format!("cause {BAD}"))
            .at(Place::new(unknown, 9, 1))
            .because(Error::input(format!("last {BAD}")).hint(format!("looked for {BAD}")));
        let error = Error::input(format!("msg {BAD}"))
            .at(Place::new(source, 2, 16))
            .because(cause);
        for manner in [Manner::Own, Manner::Reference] {
            for report in [
                error.report(manner, false),
                error.report_warning(manner, false),
            ] {
                let steers = report.chars().filter(|c| crate::error::steers(*c));
                assert_eq!(steers.count(), 0, "{report:?}");
                assert!(report.contains("looked for ␛[2J"), "{report}");
            }
        }
    }

    #[test]
    fn a_sealed_source_is_never_shown() {
        let source = Source::sealed("secrets.yml", "password: hunter2\n");
        let report = Error::syntax("bad")
            .at(Place::new(source, 1, 1))
            .report(Manner::Own, false);
        assert!(!report.contains("hunter2"));
        assert!(report.contains("secrets.yml:1:1"));
    }
}
