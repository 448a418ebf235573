//! An INI text: lines, and the sections among them.

use super::Held;
use super::State;
use super::option::{Assignment, Wish};

/// A text as its lines. The last one ends with a line break too.
pub struct Document {
    lines: Vec<String>,
}

/// The lines of one section: its header, unless it is the part before all sections, and what
/// follows up to the next header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Section {
    start: usize,
    end: usize,
    has_header: bool,
}

impl Document {
    /// The lines of a text. An empty one counts as an empty line, as the original has it.
    pub fn read(text: &str) -> Document {
        if text.is_empty() {
            return Document {
                lines: vec!["\n".to_owned()],
            };
        }
        let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
        if let Some(last) = lines.last_mut()
            && !last.ends_with('\n')
        {
            last.push('\n');
        }
        Document { lines }
    }

    pub fn text(&self) -> String {
        self.lines.concat()
    }

    /// Does what is wished, and says what was done.
    pub fn apply(&mut self, wish: &Wish, held: &[Held]) -> &'static str {
        let found = self.find(wish.section.as_deref(), held);
        match (wish.state, found) {
            (State::Absent, None) => "OK",
            (State::Absent, Some(section)) if wish.option.is_none() => self.remove(section),
            (State::Absent, Some(section)) => self.change(section, wish),
            (State::Present, None) => self.add_section(wish, held),
            (State::Present, Some(_)) if wish.option.is_none() => "OK",
            (State::Present, Some(section)) => self.change(section, wish),
        }
    }

    /// The section of that name that holds what it has to hold.
    fn find(&self, name: Option<&str>, held: &[Held]) -> Option<Section> {
        let Some(name) = name.filter(|name| !name.is_empty()) else {
            let end = self.header_from(0);
            let section = Section {
                start: 0,
                end,
                has_header: false,
            };
            return Some(section).filter(|it| self.holds(*it, held));
        };
        let header = format!("[{name}]");
        let mut from = 0;
        while let Some(offset) = self.lines.get(from..)?.iter().position(|it| it.starts_with(&header))
        {
            let start = from + offset;
            let section = Section {
                start,
                end: self.header_from(start + 1),
                has_header: true,
            };
            if self.holds(section, held) {
                return Some(section);
            }
            from = start + 1;
        }
        None
    }

    /// The first header at or behind a line, or the end of the text.
    fn header_from(&self, start: usize) -> usize {
        let rest = self.lines.get(start..).unwrap_or_default();
        let offset = rest.iter().position(|line| line.starts_with('['));
        offset.map_or(self.lines.len(), |offset| start + offset)
    }

    fn holds(&self, section: Section, held: &[Held]) -> bool {
        let lines = self.lines.get(section.start..section.end).unwrap_or_default();
        let values = |option: &str| -> Vec<String> {
            let all = lines.iter().filter_map(|line| Assignment::read(line, option));
            all.filter(|it| !it.inactive).map(|it| it.value).collect()
        };
        held.iter().all(|wanted| {
            let values = values(&wanted.option);
            !values.is_empty() && wanted.values.iter().all(|value| values.contains(value))
        })
    }

    fn remove(&mut self, section: Section) -> &'static str {
        if section.start == section.end {
            return "OK";
        }
        self.lines.drain(section.start..section.end);
        "section removed"
    }

    fn change(&mut self, section: Section, wish: &Wish) -> &'static str {
        let start = section.start + usize::from(section.has_header);
        let body: Vec<String> = self.lines.drain(start..section.end).collect();
        let (body, message) = wish.change(body);
        self.lines.splice(start..start, body);
        message
    }

    fn add_section(&mut self, wish: &Wish, held: &[Held]) -> &'static str {
        let Some(name) = wish.section.as_deref() else {
            return "OK";
        };
        self.lines.push(format!("[{name}]\n"));
        for wanted in held {
            let values = wanted.values.iter();
            let lines = values.map(|value| wish.line_of(&wanted.option, value));
            self.lines.extend(lines);
        }
        let lines = wish.new_lines(held);
        let message = if wish.option.is_some() {
            "section and option added"
        } else {
            "only section added"
        };
        self.lines.extend(lines);
        message
    }
}
