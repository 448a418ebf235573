//! What zypper prints with `--xmlout`: packages under the name of what becomes of them, and messages.

/// A package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Solvable {
    /// Its name.
    pub name: String,
    /// Its version.
    pub edition: String,
    /// The version before, where it is upgraded.
    pub old: String,
    /// The element it stands in: `to-install`, `to-upgrade`, `to-remove`, …
    pub group: String,
}

/// All that was printed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// The packages; of one name the last.
    pub solvables: Vec<Solvable>,
    /// The messages.
    pub messages: Vec<String>,
}

impl Output {
    /// Reads the text; nothing where it is not XML.
    pub fn read(text: &str) -> Option<Output> {
        let mut output = Output::default();
        let mut open: Vec<&str> = Vec::new();
        let mut rest = text.trim_start().strip_prefix("<?xml")?;
        while let Some(start) = rest.find('<') {
            let (before, tag) = rest.split_at(start);
            if open.last() == Some(&"message") && !before.is_empty() {
                output.messages.push(unescape(before));
            }
            let end = tag.find('>')?;
            let (inner, after) = (&tag[1..end], &tag[end + 1..]);
            rest = after;
            if inner.starts_with('/') {
                open.pop();
                continue;
            }
            if inner.starts_with(['!', '?']) {
                continue;
            }
            let name = inner.split([' ', '/', '\n', '\t']).next().unwrap_or_default();
            if name == "solvable" {
                output.add(inner, open.last().copied().unwrap_or_default());
            }
            if !inner.ends_with('/') {
                open.push(name);
            }
        }
        Some(output)
    }

    fn add(&mut self, tag: &str, group: &str) {
        let solvable = Solvable {
            name: attribute(tag, "name"),
            edition: attribute(tag, "edition"),
            old: attribute(tag, "edition-old"),
            group: group.to_owned(),
        };
        self.solvables.retain(|known| known.name != solvable.name);
        self.solvables.push(solvable);
    }

    /// The names of those that become something.
    pub fn names(&self, group: &str) -> Vec<&str> {
        let of_group = self.solvables.iter().filter(|solvable| solvable.group == group);
        of_group.map(|solvable| solvable.name.as_str()).collect()
    }
}

/// The value of an attribute; empty where it is not there.
fn attribute(tag: &str, name: &str) -> String {
    let mark = format!(" {name}=\"");
    let value = tag.find(&mark).and_then(|start| tag.get(start + mark.len()..));
    value.and_then(|value| value.split('"').next()).map(unescape).unwrap_or_default()
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::Output;

    #[test]
    fn packages_and_messages_are_read() {
        let text = "<?xml version='1.0'?>\n<stream>\n<message type=\"info\">a &lt;b&gt;</message>\n<install-summary>\n<to-install>\n<solvable type=\"package\" name=\"x\" edition=\"1-2\"/>\n</to-install><to-upgrade><solvable name=\"y\" edition=\"2\" edition-old=\"1\"><description>z</description></solvable></to-upgrade></install-summary></stream>\n";
        let output = Output::read(text).unwrap();
        assert_eq!(output.names("to-install"), ["x"]);
        assert_eq!(output.names("to-upgrade"), ["y"]);
        assert_eq!(output.solvables[1].old, "1");
        assert_eq!(output.messages, ["a <b>"]);
        assert_eq!(Output::read("no xml"), None);
    }
}
