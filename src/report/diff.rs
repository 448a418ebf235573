//! Differences as `--diff` shows them.

use similar::TextDiff;

use crate::outcome::Diff;

/// The text of a difference; nothing where there is none.
pub fn render(diff: &Diff) -> Option<String> {
    match diff {
        Diff::Prepared(text) => Some(text.clone()),
        Diff::Omitted(why) => Some(format!("diff skipped: {why}")),
        Diff::Text {
            before,
            after,
            before_header,
            after_header,
        } => {
            if before == after {
                return None;
            }
            let header = |side: &str, name: &str| match name {
                "" => side.to_owned(),
                name => format!("{side}: {name}"),
            };
            let diff = TextDiff::from_lines(before, after);
            let text = diff
                .unified_diff()
                .context_radius(3)
                .header(
                    &header("before", before_header),
                    &header("after", after_header),
                )
                .missing_newline_hint(true)
                .to_string();
            Some(text)
        }
    }
}
