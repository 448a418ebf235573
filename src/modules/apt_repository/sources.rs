//! The lists of one-line sources.

use crate::shell::Reply;

/// A source: `deb [options] address distribution components`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    kind: String,
    options: Option<String>,
    words: Vec<String>,
}

/// A list as it is and as it is to be.
#[derive(Clone, Debug)]
pub struct List {
    /// Its path.
    pub path: String,
    /// The text, or nothing where there is no such file.
    pub before: String,
    /// The text that it shall have; empty where it shall go.
    pub after: String,
}

impl Source {
    /// Reads a source.
    pub fn read(text: &str) -> Option<Source> {
        let (kind, rest) = text.trim().split_once(char::is_whitespace)?;
        if !matches!(kind, "deb" | "deb-src") {
            return None;
        }
        let rest = rest.trim_start();
        let (options, rest) = match rest.strip_prefix('[') {
            Some(inner) => {
                let (options, rest) = inner.split_once(']')?;
                (Some(one_blank(options)), rest)
            }
            None => (None, rest),
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let words: Vec<String> = rest.split_whitespace().map(str::to_owned).collect();
        (words.len() >= 2).then(|| Source {
            kind: kind.to_owned(),
            options,
            words,
        })
    }

    /// The line of the source, with one blank between words.
    pub fn line(&self) -> String {
        let options = self.options.as_ref().map(|options| format!("[{options}] "));
        format!("{} {}{}", self.kind, options.unwrap_or_default(), self.words.join(" "))
    }

    /// The name of a list for the source, from its address.
    pub fn file_name(&self) -> String {
        let address = self.words.first().map_or("", String::as_str);
        let address = address.strip_prefix("cdrom:[").map_or(address, |_| "cdrom:");
        let bare = address.split_once("://").map_or(address, |(_, rest)| rest);
        let bare = match bare.split_once('@') {
            Some((login, rest)) if !login.contains('/') => rest,
            _ => bare,
        };
        let words: Vec<&str> = bare.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
        words.join("_")
    }
}

fn one_blank(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The lists that a probe answered.
pub fn lists(reply: &Reply) -> Vec<List> {
    let mut lists: Vec<List> = Vec::new();
    for (name, bytes) in &reply.answers {
        let text = String::from_utf8_lossy(bytes).into_owned();
        match (name.as_str(), lists.last_mut()) {
            ("path", _) => lists.push(List { path: text, before: String::new(), after: String::new() }),
            ("content", Some(list)) => {
                list.after.clone_from(&text);
                list.before = text;
            }
            _ => {}
        }
    }
    lists
}

/// Sees to it that the source stands in a list: it may be there, be there as a comment, or be added
/// to the list at `path`.
pub fn add(lists: &mut Vec<List>, source: &Source, path: &str) {
    let mut disabled = None;
    for (position, list) in lists.iter().enumerate() {
        for (number, line) in list.after.lines().enumerate() {
            if Source::read(line).as_ref() == Some(source) {
                return;
            }
            if let Some(comment) = line.trim_start().strip_prefix('#')
                && Source::read(comment).as_ref() == Some(source)
            {
                disabled = disabled.or(Some((position, number)));
            }
        }
    }
    if let Some((position, number)) = disabled {
        replace_line(&mut lists[position].after, number, &source.line());
        return;
    }
    let line = format!("{}\n", source.line());
    match lists.iter_mut().find(|list| list.path == path) {
        Some(list) => {
            if !list.after.is_empty() && !list.after.ends_with('\n') {
                list.after.push('\n');
            }
            list.after.push_str(&line);
        }
        None => lists.push(List { path: path.to_owned(), before: String::new(), after: line }),
    }
}

/// Takes the source out of every list. A list that holds nothing then shall go, unless it is the
/// main one.
pub fn remove(lists: &mut [List], source: &Source) {
    for list in lists {
        let is_it = |line: &&str| Source::read(line).as_ref() == Some(source);
        if !list.after.lines().any(|line| is_it(&line)) {
            continue;
        }
        let kept: Vec<&str> = list.after.lines().filter(|line| !is_it(line)).collect();
        list.after = kept.iter().map(|line| format!("{line}\n")).collect();
        if list.after.trim().is_empty() {
            list.after.clear();
        }
    }
}

fn replace_line(text: &mut String, number: usize, line: &str) {
    let lines = text.lines().enumerate();
    *text = lines
        .map(|(position, old)| format!("{}\n", if position == number { line } else { old }))
        .collect();
}

#[cfg(test)]
mod tests {
    use super::{List, Source, add, remove};

    #[test]
    fn sources_are_read_and_named() {
        for (text, line, name) in [
            ("deb   http://deb.debian.org/debian  stable main", "deb http://deb.debian.org/debian stable main", "deb_debian_org_debian"),
            ("deb-src [trusted=yes  arch=amd64] https://u:p@x.org:80/a stable/", "deb-src [trusted=yes arch=amd64] https://u:p@x.org:80/a stable/", "x_org_80_a"),
            ("deb file:/srv/x ./ # own", "deb file:/srv/x ./", "file_srv_x"),
            ("deb cdrom:[Debian 12 _Bookworm_]/ bookworm main", "deb cdrom:[Debian 12 _Bookworm_]/ bookworm main", "cdrom"),
        ] {
            let source = Source::read(text).unwrap();
            assert_eq!((source.line().as_str(), source.file_name().as_str()), (line, name));
        }
        for text in ["foo bar baz", "deb http://x", ""] {
            assert_eq!(Source::read(text), None);
        }
    }

    #[test]
    fn a_source_is_added_enabled_and_removed() {
        let text = "# a comment\n# deb http://x y main\n";
        let mut lists = vec![List { path: "/l".to_owned(), before: text.to_owned(), after: text.to_owned() }];
        let source = Source::read("deb http://x y main").unwrap();
        add(&mut lists, &source, "/new");
        assert_eq!(lists[0].after, "# a comment\ndeb http://x y main\n");
        add(&mut lists, &source, "/new");
        assert_eq!(lists.len(), 1);
        let other = Source::read("deb http://x z main").unwrap();
        add(&mut lists, &other, "/new");
        assert_eq!(lists[1].after, "deb http://x z main\n");
        remove(&mut lists, &other);
        assert_eq!(lists[1].after, "");
        remove(&mut lists, &source);
        assert_eq!(lists[0].after, "# a comment\n");
    }
}
