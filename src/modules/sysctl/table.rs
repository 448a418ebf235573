//! The lines of a file of kernel values.

/// Such a file.
#[derive(Clone, Debug)]
pub struct Table {
    lines: Vec<String>,
}

impl Table {
    /// Reads a file.
    pub fn read(text: &str) -> Table {
        Table {
            lines: text.lines().map(|line| line.trim().to_owned()).collect(),
        }
    }

    /// The value that counts: that of the last line with the name.
    pub fn get(&self, name: &str) -> Option<&str> {
        let pairs = self.lines.iter().filter_map(|line| pair(line));
        pairs.rev().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// The text with the value set, or taken away. Of several lines with one name the first stays.
    pub fn with(&self, name: &str, value: Option<&str>) -> String {
        let mut seen: Vec<&str> = Vec::new();
        let mut lines: Vec<String> = Vec::new();
        for line in &self.lines {
            let Some((key, old)) = pair(line) else {
                lines.push(line.clone());
                continue;
            };
            if seen.contains(&key) {
                continue;
            }
            seen.push(key);
            let new = if key == name { value } else { Some(old) };
            lines.extend(new.map(|new| format!("{key}={new}")));
        }
        if let Some(value) = value.filter(|_| !seen.contains(&name)) {
            lines.push(format!("{name}={value}"));
        }
        lines.iter().map(|line| format!("{line}\n")).collect()
    }

    /// All values by name, as `name=value`, the one that is meant last.
    pub fn pairs_with(&self, name: &str, value: Option<&str>) -> Vec<String> {
        let text = self.with(name, None);
        let others = text.lines().filter_map(pair);
        others
            .chain(value.map(|value| (name, value)))
            .map(|(name, value)| format!("{name}={value}"))
            .collect()
    }
}

/// The name and value of a line that is no comment.
fn pair(line: &str) -> Option<(&str, &str)> {
    if line.starts_with(['#', ';']) {
        return None;
    }
    let (name, value) = line.split_once('=')?;
    Some((name.trim(), value.trim()))
}

/// Says whether two values are the same words.
pub fn same(a: &str, b: &str) -> bool {
    a.split_whitespace().eq(b.split_whitespace())
}

#[cfg(test)]
mod tests {
    use super::{Table, same};

    #[test]
    fn a_value_is_set_where_it_stands() {
        let table = Table::read("# c\n a.b = 1 2\n\nc=3\na.b=4\nodd\n");
        assert_eq!(table.get("a.b"), Some("4"));
        assert_eq!(table.get("odd"), None);
        assert_eq!(table.with("a.b", Some("5")), "# c\na.b=5\n\nc=3\nodd\n");
        assert_eq!(table.with("a.b", None), "# c\n\nc=3\nodd\n");
        assert_eq!(table.with("n", Some("x")), "# c\na.b=1 2\n\nc=3\nodd\nn=x\n");
        assert_eq!(table.pairs_with("a.b", Some("5")), ["c=3", "a.b=5"]);
        assert!(same("1\t2\n", "1 2") && !same("1 2", "12"));
    }
}
