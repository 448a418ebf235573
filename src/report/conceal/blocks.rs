//! Values of secret names that stand on the lines below: YAML's blocks and lists.

use std::sync::LazyLock;

use regex::Regex;

use super::names::is_secret_name;
use super::text::{Marks, is_secret_value};

/// A line that ends with a secret's name, or with the sign of a block.
static HEAD: LazyLock<Regex> = LazyLock::new(|| {
    let text = r#"^(?P<lead>[ \t+-]*)["']?(?P<name>[A-Za-z_][\w.-]*)["']?\s*:\s*(?P<sign>[|>][0-9+-]*)?\s*(?:\#.*)?$"#;
    #[expect(
        clippy::unwrap_used,
        reason = "the pattern is constant, and a test uses it"
    )]
    Regex::new(text).unwrap()
});

/// The text with `***` in place of such blocks and of the items of such lists.
pub(super) fn blocks(text: &str, marks: &mut Marks) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        shown.push_str(line);
        let head = HEAD.captures(line.trim_end());
        let Some(head) = head.filter(|head| is_secret_name(&head["name"])) else {
            continue;
        };
        let depth = head["lead"].len();
        let mut block = String::new();
        let is_block = head.name("sign").is_some();
        while let Some(next) = lines.peek().copied() {
            match below(next, depth, is_block) {
                Some(Below::Text) => block.push_str(next),
                Some(Below::Item(start)) => item(next, start, marks, &mut shown),
                None => break,
            }
            lines.next();
        }
        if let Some(first) = block.lines().find(|line| !line.trim().is_empty()) {
            let end = if block.ends_with('\n') { "\n" } else { "" };
            let lead = &first[..lead(first, depth)];
            shown.push_str(&format!("{lead}{}{end}", marks.mark(&block)));
        }
    }
    shown
}

/// Writes a line with an item of a list, whose value begins at `start`.
fn item(line: &str, start: usize, marks: &mut Marks, shown: &mut String) {
    let value = line[start..].trim_end();
    shown.push_str(&line[..start]);
    match is_secret_value(value) {
        true => shown.push_str(&marks.mark_quoted(value)),
        false => shown.push_str(value),
    }
    shown.push_str(&line[start + value.len()..]);
}

/// How far a line is indented, below a name at a depth. In a difference that is written already, a sign stands
/// before each line.
fn lead(line: &str, depth: usize) -> usize {
    let sign = usize::from(depth > 0 && line.starts_with(['+', '-']));
    let bare = line[sign..].trim_start_matches([' ', '\t']);
    line.len() - bare.len()
}

/// What a line below a name is.
enum Below {
    /// Text of a block.
    Text,
    /// An item of a list, with where its value begins.
    Item(usize),
}

/// What a line is below a name at a depth; nothing where it no longer belongs to it.
fn below(line: &str, depth: usize, is_block: bool) -> Option<Below> {
    let lead = lead(line, depth);
    let bare = &line[lead..];
    if is_block {
        return (lead > depth || bare.trim().is_empty()).then_some(Below::Text);
    }
    let item = bare.strip_prefix("- ").filter(|_| lead >= depth)?;
    let value = item.trim_start();
    // An item that is a dictionary has names of its own.
    let is_plain = !value.starts_with(['{', '[']) && !value.contains(": ");
    is_plain.then_some(Below::Item(line.len() - value.len()))
}
