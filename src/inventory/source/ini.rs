//! The INI format: sections of hosts, of variables and of groups.

use std::sync::Arc;

use indexmap::IndexMap;

use crate::error::Error;
use crate::error::Place;
use crate::error::Result;
use crate::error::Source;
use crate::error::nearest;
use crate::inventory::GroupId;
use crate::inventory::Inventory;
use crate::inventory::UNGROUPED;
use crate::inventory::hosts::expand;
use crate::inventory::literal::literal;
use crate::inventory::words;
use crate::inventory::words::Unfinished;
use crate::inventory::words::Word;
use crate::value::Str;
use crate::value::Value;

/// Reads an INI inventory into `inventory`.
///
/// # Errors
/// The first line that is not what its section holds, with its place.
pub(crate) fn read(inventory: &mut Inventory, source: &Arc<Source>) -> Result<()> {
    let mut reader = Reader {
        inventory,
        source,
        section: (UNGROUPED, Kind::Hosts),
        awaited: IndexMap::new(),
        line: Line::default(),
    };
    for line in Lines::new(source.text()) {
        reader.line = line;
        reader.line()?;
    }
    reader.end()
}

/// What the lines of a section are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Children,
    Hosts,
    Vars,
}

/// A group that is used before it is defined.
struct Awaited {
    place: Place,
    kind: Kind,
    parents: Vec<GroupId>,
}

struct Reader<'a> {
    inventory: &'a mut Inventory,
    source: &'a Arc<Source>,
    section: (GroupId, Kind),
    awaited: IndexMap<String, Awaited>,
    line: Line<'a>,
}

impl Reader<'_> {
    fn line(&mut self) -> Result<()> {
        let text = self.line.text;
        if text.is_empty() || text.starts_with(['#', ';']) {
            return Ok(());
        }
        if let Some((name, kind)) = header(text) {
            return self.begin(name, kind);
        }
        if text.starts_with('[') && text.ends_with(']') {
            return Err(self
                .error(0, format!("`{text}` is not the head of a section"))
                .hint("it is written `[group]`, `[group:vars]` or `[group:children]`"));
        }
        match self.section {
            (group, Kind::Hosts) => self.hosts(group),
            (group, Kind::Vars) => self.variable(group),
            (group, Kind::Children) => self.child(group),
        }
    }

    /// Begins the section of a group. `[group:vars]` alone does not define the group.
    fn begin(&mut self, name: &str, kind: Option<&str>) -> Result<()> {
        let kind = self.kind(kind)?;
        let known = self.inventory.group_id(name).is_some();
        let group = self
            .inventory
            .add_group(name)
            .map_err(|e| e.at(self.place(1)))?;
        if !known && kind == Kind::Vars && !self.awaited.contains_key(name) {
            self.wait(name, Kind::Vars, None);
        }
        if kind != Kind::Vars
            && let Some(awaited) = self.awaited.shift_remove(name)
        {
            for parent in awaited.parents {
                self.add_child(parent, group)?;
            }
        }
        self.section = (group, kind);
        Ok(())
    }

    fn kind(&self, word: Option<&str>) -> Result<Kind> {
        match word {
            None | Some("hosts") => Ok(Kind::Hosts),
            Some("children") => Ok(Kind::Children),
            Some("vars") => Ok(Kind::Vars),
            Some(other) => {
                let at = self.line.text.find(':').map_or(0, |colon| colon + 1);
                let text = format!("a section cannot be of the kind `{other}`");
                let kinds = ["children", "hosts", "vars"];
                let hint = nearest(other, kinds);
                Err(self.error(at, text).hint_if(hint))
            }
        }
    }

    fn wait(&mut self, name: &str, kind: Kind, parent: Option<GroupId>) {
        let place = self.place(0);
        let awaited = self.awaited.entry(name.to_owned()).or_insert(Awaited {
            place,
            kind,
            parents: Vec::new(),
        });
        awaited.parents.extend(parent);
    }

    fn child(&mut self, parent: GroupId) -> Result<()> {
        let text = self.line.text;
        let Some(name) = group_name(text) else {
            return Err(self.error(0, format!("expected a group's name, got `{text}`")));
        };
        match self.inventory.group_id(name) {
            Some(child) => self.add_child(parent, child),
            None => {
                self.wait(name, Kind::Children, Some(parent));
                Ok(())
            }
        }
    }

    fn add_child(&mut self, parent: GroupId, child: GroupId) -> Result<()> {
        let place = self.place(0);
        let added = self.inventory.add_child(parent, child);
        added.map(|_| ()).map_err(|error| error.at(place))
    }

    fn variable(&mut self, group: GroupId) -> Result<()> {
        let text = self.line.text;
        let Some((key, value)) = text.split_once('=') else {
            return Err(self.error(0, format!("expected `key=value`, got `{text}`")));
        };
        let at = text.chars().count() - value.trim_start().chars().count();
        let key = self.key(key.trim(), 0);
        let value = self.value(value.trim(), at);
        self.inventory.set_group_variable(group, key, value);
        Ok(())
    }

    fn hosts(&mut self, group: GroupId) -> Result<()> {
        let words = words::split(self.line.text).map_err(|error| self.unfinished(error))?;
        let Some((pattern, assignments)) = words.split_first() else {
            return Ok(());
        };
        let (names, port) = self.names(pattern)?;
        let vars = assignments
            .iter()
            .map(|word| self.assignment(word))
            .collect::<Result<Vec<(Value, Value)>>>()?;
        for name in names {
            let place = self.place(pattern.at);
            let added = self.inventory.add_host_with_port(&name, Some(group), port);
            let host = added.map_err(|error| error.at(place))?;
            for (key, value) in &vars {
                self.inventory
                    .set_host_variable(host, key.clone(), value.clone());
            }
        }
        Ok(())
    }

    fn names(&self, pattern: &Word) -> Result<(Vec<String>, Option<u32>)> {
        let text = pattern.text.as_str();
        let (names, port) = expand(text).map_err(|error| error.at(self.place(pattern.at)))?;
        if text.trim().ends_with(':') && port.is_none() {
            let text = format!("the host `{text}` ends in a colon, but no port follows");
            return Err(self.error(pattern.at, text));
        }
        if names.iter().any(|name| name.trim() == "---") {
            return Err(self.error(pattern.at, "`---` begins a YAML file, and is not a host"));
        }
        Ok((names, port))
    }

    fn assignment(&self, word: &Word) -> Result<(Value, Value)> {
        let Some((key, value)) = word.text.split_once('=') else {
            let text = format!("expected `key=value` after the host, got `{}`", word.text);
            return Err(self.error(word.at, text));
        };
        let at = word.at + key.chars().count() + 1;
        Ok((self.key(key, word.at), self.value(value, at)))
    }

    fn key(&self, key: &str, at: usize) -> Value {
        Value::Str(Str::placed(key, Some(self.place(at))))
    }

    fn value(&self, text: &str, at: usize) -> Value {
        let place = self.place(at);
        let string = |text: String| Value::Str(Str::template(text, Some(place.clone())));
        literal(text, &string).unwrap_or_else(|| string(text.to_owned()))
    }

    fn unfinished(&self, error: Unfinished) -> Error {
        match error {
            Unfinished::Quote(at) => self.error(at, "the quotation that begins here is not closed"),
            Unfinished::Escape(at) => self.error(at, "the line ends in a backslash"),
        }
    }

    /// The place of the line's character `at`.
    fn place(&self, at: usize) -> Place {
        let column = u32::try_from(self.line.indent + at + 1).unwrap_or(u32::MAX);
        Place::new(self.source.clone(), self.line.number, column)
    }

    fn error(&self, at: usize, message: impl Into<String>) -> Error {
        Error::syntax(message).at(self.place(at))
    }

    fn end(self) -> Result<()> {
        let Some((name, awaited)) = self.awaited.first() else {
            return Ok(());
        };
        let text = match awaited.kind {
            Kind::Vars => format!("`[{name}:vars]` is for a group that is defined nowhere"),
            _ => format!("the child `{name}` is a group that is defined nowhere"),
        };
        let known = self.inventory.groups().map(|group| &*group.name);
        let hint = nearest(name, known).unwrap_or_else(|| format!("define it with `[{name}]`"));
        Err(Error::syntax(text).at(awaited.place.clone()).hint(hint))
    }
}

/// The group and the kind in a section's head: `[group]`, `[group:kind]`, a comment after it.
fn header(text: &str) -> Option<(&str, Option<&str>)> {
    let (inside, after) = text.strip_prefix('[')?.split_once(']')?;
    let after = after.trim_start();
    if !after.is_empty() && !after.starts_with('#') {
        return None;
    }
    let (name, kind) = match inside.split_once(':') {
        Some((name, kind)) => (name, Some(kind)),
        None => (inside, None),
    };
    let is_word =
        |kind: &str| !kind.is_empty() && kind.chars().all(|c| c == '_' || c.is_alphanumeric());
    let fits = is_name(name) && kind.is_none_or(is_word);
    fits.then_some((name, kind))
}

/// The group's name that a line is, a comment after it left out.
fn group_name(text: &str) -> Option<&str> {
    let end = text.find(|c: char| c.is_whitespace() || matches!(c, ':' | ']'));
    let (name, rest) = text.split_at_checked(end.unwrap_or(text.len()))?;
    let rest = rest.trim_start();
    if rest.is_empty() || rest.starts_with('#') {
        return is_name(name).then_some(name);
    }
    // Only where more follows does a `#` inside the word begin a comment.
    let (name, _) = name.rsplit_once('#')?;
    is_name(name).then_some(name)
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || matches!(c, ':' | ']'))
}

/// A line without the blanks around it.
#[derive(Clone, Copy, Debug, Default)]
struct Line<'a> {
    text: &'a str,
    /// Its number, as editors count: only line feeds count.
    number: u32,
    /// How many characters stand before the text.
    indent: usize,
}

/// The lines of a text, as Python's `splitlines` tells them apart, but for the empty ones.
struct Lines<'a> {
    rest: &'a str,
    number: u32,
    column: usize,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        Lines {
            rest: text.strip_prefix('\u{feff}').unwrap_or(text),
            number: 1,
            column: 0,
        }
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        let end = self.rest.find(ends_line).unwrap_or(self.rest.len());
        let (whole, rest) = self.rest.split_at_checked(end)?;
        let text = whole.trim_start();
        let line = Line {
            text: text.trim_end(),
            number: self.number,
            indent: self.column + whole.get(..whole.len() - text.len())?.chars().count(),
        };
        let mark = rest.chars().next();
        self.rest = rest.get(mark.map_or(0, char::len_utf8)..)?;
        if mark == Some('\n') {
            self.number = self.number.saturating_add(1);
            self.column = 0;
        } else {
            self.column += whole.chars().count() + 1;
        }
        Some(line)
    }
}

fn ends_line(c: char) -> bool {
    matches!(c, '\n'..='\r' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use crate::error::Source;
    use crate::inventory::Inventory;

    #[test]
    fn mistakes_point_to_their_place() {
        for (text, place, words) in [
            ("a\n[web:chidren]\n", "2:6", "of the kind `chidren`"),
            ("[web servers]", "1:1", "not the head of a section"),
            ("[web\n", "1:1", "not a range"),
            (
                "  a b",
                "1:5",
                "expected `key=value` after the host, got `b`",
            ),
            ("a b='c", "1:5", "not closed"),
            ("a b=c\\", "1:6", "ends in a backslash"),
            ("[w]\n[w:vars]\nx", "3:1", "expected `key=value`"),
            ("[w:children]\nx y", "2:1", "a group's name"),
            ("[w:children]\nx", "2:1", "defined nowhere"),
            ("[w:vars]\nx=1", "1:1", "defined nowhere"),
            ("[w:children]\nw", "2:1", "its own ancestor"),
            (
                "[a:children]\nb\n[b:children]\na",
                "4:1",
                "its own ancestor",
            ),
            ("é \"\"", "1:3", "expected `key=value`"),
            ("a[1:3", "1:1", "not a range"),
            ("a:", "1:1", "ends in a colon"),
            ("---", "1:1", "YAML"),
            ("\"\"", "1:1", "a host's name is empty"),
        ] {
            let source = Source::new("hosts", text);
            let error = super::read(&mut Inventory::default(), &source).unwrap_err();
            let at = error
                .place()
                .map(|place| format!("{}:{}", place.line, place.column));
            assert_eq!(at.as_deref(), Some(place), "{text}");
            assert!(error.message().contains(words), "{text}: {error}");
        }
    }

    #[test]
    fn values_know_their_places() {
        let source = Source::new("hosts", "\nweb a=1 b='x y'\n[all:vars]\n c = {{ d }}\n");
        let mut inventory = Inventory::default();
        super::read(&mut inventory, &source).unwrap();
        let host = inventory.host("web").unwrap();
        let b = host.vars.get("b").unwrap();
        assert_eq!(b.place().unwrap().to_string(), "hosts:2:11");
        let all = inventory.group("all").unwrap();
        let c = all.vars.get("c").unwrap();
        assert_eq!(c.place().unwrap().to_string(), "hosts:4:6");
        assert!(c.has_templates());
    }
}
