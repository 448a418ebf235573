//! An error in the form of the reference's commands, for whoever calls `play` by one of their names:
//! what greps a log for `[ERROR]: ` finds it.

use super::clean::printable;
use super::excerpt::Level;
use super::{Error, Place};

/// How many lines above the place are shown.
const BEFORE: u32 = 2;

/// The whole error on the first line, then the place of what lies at its bottom, with the lines there.
pub(super) fn report(error: &Error, level: Level, colour: bool) -> String {
    let head = match level {
        Level::Error => "[ERROR]: ",
        Level::Warning => match error.kind() {
            super::Kind::Deprecated => "[DEPRECATION WARNING]: ",
            _ => "[WARNING]: ",
        },
    };
    let mut text = format!("{head}{}", printable(&error.chain()));
    if error.cause().is_some() {
        text.push_str(&format!(
            "\n\n<<< caused by >>>\n\n{}",
            printable(error.root().message())
        ));
    }
    if let Some(place) = deepest(error) {
        text.push_str(&format!("\nOrigin: {}\n", printable(&origin(place))));
        text.push_str(&lines(place));
    }
    if let Some(hint) = error.deepest_hint() {
        text.push_str("\nhint: ");
        text.push_str(&printable(hint));
    }
    match (colour, level) {
        (false, _) => text,
        (true, Level::Error) => format!("\x1b[31m{text}\x1b[0m"),
        (true, Level::Warning) => format!("\x1b[1;35m{text}\x1b[0m"),
    }
}

/// The place with the whole name of its file, as the reference has it.
fn origin(place: &Place) -> String {
    let path = place.source.path();
    let whole = std::path::absolute(path).ok();
    match whole.filter(|_| path.is_relative() && path.is_file()) {
        Some(whole) => match place.line {
            0 => whole.display().to_string(),
            line => format!("{}:{line}:{}", whole.display(), place.column),
        },
        None => place.to_string(),
    }
}

/// The place nearest to the root of the trouble.
fn deepest(error: &Error) -> Option<&Place> {
    error.cause().and_then(deepest).or_else(|| error.place())
}

/// The most letters of a line that are shown, as in the reference's.
const WIDEST: usize = 120;

/// The beginning of a line.
fn shown(line: &str) -> String {
    match line.char_indices().nth(WIDEST) {
        Some((end, _)) => format!("{}…", printable(&line[..end])),
        None => printable(line).into_owned(),
    }
}

/// The lines up to a place, with their numbers, and a mark below its column.
fn lines(place: &Place) -> String {
    if place.source.is_sealed() || place.line == 0 {
        return String::new();
    }
    let first = place.line.saturating_sub(BEFORE).max(1);
    let width = place.line.to_string().len();
    let mut text = String::from("\n");
    let all = place.source.text().split('\n');
    let wanted = (place.line - first + 1) as usize;
    for (line, number) in all.skip(first as usize - 1).take(wanted).zip(first..) {
        text.push_str(&format!(
            "{number:<width$} {}\n",
            shown(line.trim_end_matches('\r'))
        ));
    }
    let column = place.column.max(1);
    let blanks = " ".repeat(width + (column as usize).min(WIDEST));
    text.push_str(&format!("{blanks}^ column {column}\n"));
    text
}

#[cfg(test)]
mod tests {
    use crate::error::{Error, Kind, Manner, Place, Source};

    #[test]
    fn a_warning_begins_as_the_reference_s_does() {
        let source = Source::new("a.yml", "- hosts: all\n  vars:\n    lipsum: 1\n");
        let warning = Error::input("Found variable using reserved name 'lipsum'.")
            .at(Place::new(source, 3, 5));
        assert_eq!(
            warning.report_warning(Manner::Reference, false),
            "[WARNING]: Found variable using reserved name 'lipsum'.\nOrigin: a.yml:3:5\n\n\
             1 - hosts: all\n2   vars:\n3     lipsum: 1\n      ^ column 5\n"
        );
        let old = Error::new(Kind::Deprecated, "old").report_warning(Manner::Reference, false);
        assert_eq!(old, "[DEPRECATION WARNING]: old");
    }

    #[test]
    fn a_long_line_is_cut() {
        let source = Source::new("a.yml", format!("a: {}\n", "é".repeat(100_000)));
        let error = Error::input("x").at(Place::new(source, 1, 90_000));
        let report = error.report(Manner::Reference, false);
        assert!(report.chars().count() < 400, "{}", report.len());
        assert!(
            report.contains("é…\n") && report.ends_with("^ column 90000\n"),
            "{report}"
        );
    }

    #[test]
    fn an_error_has_its_causes_in_its_first_line_and_no_secret() {
        let sealed = Source::sealed("s.yml", "password: hunter2\n");
        let cause = Error::syntax("bad\x1b[31m")
            .at(Place::new(sealed, 1, 1))
            .hint("mend it");
        let report = Error::input("failed to read `s.yml`").because(cause);
        assert_eq!(
            report.report(Manner::Reference, false),
            "[ERROR]: failed to read `s.yml`: bad\u{241b}[31m\n\n<<< caused by >>>\n\n\
             bad\u{241b}[31m\nOrigin: s.yml:1:1\n\nhint: mend it"
        );
    }
}
