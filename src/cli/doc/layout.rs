//! Pages for a terminal: tables become lists, and lines end before the eightieth column.

/// How wide a page is.
const WIDTH: usize = 79;

/// A page as a person reads it.
pub fn readable(page: &str) -> String {
    let mut out = String::new();
    let mut code = false;
    let mut head: Vec<String> = Vec::new();
    for line in page.lines() {
        let fence = line.trim_start().starts_with("```");
        if fence {
            code = !code;
            continue;
        }
        if code {
            out.push_str(&format!("    {line}\n"));
            continue;
        }
        match cells(line) {
            Some(cells) if head.is_empty() => head = cells,
            Some(cells)
                if cells
                    .iter()
                    .all(|cell| cell.chars().all(|c| "-: ".contains(c))) => {}
            Some(cells) => out.push_str(&entry(&head, &cells)),
            None => {
                head.clear();
                out.push_str(&paragraph(line));
            }
        }
    }
    out
}

/// The cells of a line of a table.
pub fn cells(line: &str) -> Option<Vec<String>> {
    let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    let mut cells = vec![String::new()];
    let mut letters = inner.chars().peekable();
    let mut quoted = false;
    while let Some(c) = letters.next() {
        match c {
            '\\' if letters.peek() == Some(&'|') => {
                letters.next();
                cells.last_mut()?.push('|');
            }
            '|' if !quoted => cells.push(String::new()),
            c => {
                quoted ^= c == '`';
                cells.last_mut()?.push(c);
            }
        }
    }
    Some(
        cells
            .into_iter()
            .map(|cell| cell.trim().to_owned())
            .collect(),
    )
}

/// A row: the name with its type and default, and the meaning below it.
fn entry(head: &[String], cells: &[String]) -> String {
    let is_argument = head.first().is_some_and(|word| word == "argument");
    let (name, rest) = match cells {
        [name, rest @ ..] => (name, rest),
        [] => return String::new(),
    };
    let (about, meaning) = match (is_argument, rest) {
        (true, [kind, default, meaning @ ..]) => {
            let default = match default.as_str() {
                "" => String::new(),
                "required" => ", required".to_owned(),
                default => format!(", default {default}"),
            };
            (format!(" ({kind}{default})"), meaning.join("; "))
        }
        (_, rest) => (String::new(), rest.join("; ")),
    };
    let mut text = wrapped(&format!("{name}{about}"), 2);
    text.push_str(&wrapped(&meaning, 6));
    text
}

/// A line of text; what is indented is code and stays.
fn paragraph(line: &str) -> String {
    match line {
        "" => "\n".to_owned(),
        line if line.starts_with("    ") => format!("{line}\n"),
        line if line.starts_with("- ") => wrapped(line, 2),
        line => wrapped(line, 0),
    }
}

/// Lines of at most [`WIDTH`] characters, with so many blanks before each.
fn wrapped(text: &str, blanks: usize) -> String {
    let indent = " ".repeat(blanks);
    let mut out = String::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let length = line.chars().count() + word.chars().count() + 1;
        if !line.is_empty() && blanks + length > WIDTH {
            out.push_str(&format!("{indent}{line}\n"));
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        out.push_str(&format!("{indent}{line}\n"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::readable;

    #[test]
    fn tables_become_lists_and_lines_end_in_time() {
        let page = "# x\n\nA text.\n\n| argument | type | default | meaning |\n|---|---|---|---|\n\
                    | dest | path | required | where `a|b` to |\n| mode | raw | | the mode |\n\n```yaml\n- x:\n```\n";
        assert_eq!(
            readable(page),
            "# x\n\nA text.\n\n  dest (path, required)\n      where `a|b` to\n  mode (raw)\n      the mode\n\n    - x:\n"
        );
        let long = "word ".repeat(60);
        assert!(
            readable(&long)
                .lines()
                .all(|line| line.chars().count() <= 79)
        );
    }
}
