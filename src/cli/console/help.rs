//! What `help` alone prints.

use super::command::WORDS;
use crate::modules;

/// The commands with a line each, and the modules in columns.
pub fn overview() -> String {
    let widest = WORDS.iter().map(|word| word.usage.len()).max().unwrap_or(0);
    let lines = WORDS.iter().map(|word| {
        let (usage, help) = (word.usage, word.help);
        format!("  {usage:<widest$}  {help}\n")
    });
    let lines: String = lines.collect();
    let mut names: Vec<&str> = modules::ALL.iter().map(|module| module.name).collect();
    names.sort_unstable();
    format!(
        "\nCommands:\n{lines}\nModules (help MODULE shows its page):\n{}\n\
         Anything else is a command of the shell on the hosts.\n\n",
        columns(&names, 78)
    )
}

/// Names in columns, read downwards.
fn columns(names: &[&str], width: usize) -> String {
    let widest = names.iter().map(|name| name.len()).max().unwrap_or(0) + 2;
    let count = (width / widest).max(1);
    let rows = names.len().div_ceil(count);
    let row = |at: usize| {
        let cells = names.iter().skip(at).step_by(rows.max(1));
        let cells: String = cells.map(|name| format!("{name:<widest$}")).collect();
        format!("  {}\n", cells.trim_end())
    };
    (0..rows).map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_read_downwards() {
        assert_eq!(
            columns(&["a", "bb", "c", "d", "e"], 8),
            "  a   d\n  bb  e\n  c\n"
        );
        assert_eq!(columns(&[], 8), "");
    }
}
