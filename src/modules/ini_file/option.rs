//! One option of a section, and how its lines become right.

use super::{Args, Held, State};

/// What is wished of a section.
pub struct Wish {
    pub state: State,
    pub section: Option<String>,
    pub option: Option<String>,
    values: Vec<String>,
    exclusive: bool,
    allow_no_value: bool,
    spaces: bool,
    ignore_spaces: bool,
    inactive: bool,
}

/// A line that gives an option a value, or names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The line is a comment.
    pub inactive: bool,
    /// What stands behind the equals sign.
    pub value: String,
}

/// A line on its way: whether it is settled, so that no later value takes it.
struct Line {
    text: String,
    settled: bool,
}

impl Assignment {
    /// Reads a line as one of `option`: `option = value`, `option`, or either behind `#` or `;`.
    pub fn read(line: &str, option: &str) -> Option<Assignment> {
        let line = line.trim_end_matches(['\n', '\r']);
        let blank = |c: char| c == ' ' || c == '\t';
        let active = line.strip_prefix(['#', ';']);
        let rest = active.unwrap_or(line).trim_start_matches(blank);
        let rest = rest.strip_prefix(option)?.trim_start_matches(blank);
        if !rest.is_empty() && !rest.starts_with('=') {
            return None;
        }
        let value = rest.strip_prefix('=').unwrap_or("").trim_start_matches(blank);
        Some(Assignment {
            inactive: active.is_some(),
            value: value.to_owned(),
        })
    }
}

impl Wish {
    pub fn new(args: &Args) -> Wish {
        let mut values = Vec::new();
        for value in args.value.iter().chain(args.values.iter().flatten()) {
            if !values.contains(value) {
                values.push(value.clone());
            }
        }
        Wish {
            state: args.state,
            section: args.section.clone().filter(|name| !name.is_empty()),
            option: args.option.clone().filter(|name| !name.is_empty()),
            values,
            exclusive: args.exclusive,
            allow_no_value: args.allow_no_value,
            spaces: !args.no_extra_spaces,
            ignore_spaces: args.ignore_spaces,
            inactive: args.modify_inactive_option,
        }
    }

    /// The section's lines as they shall be, and what was done.
    pub fn change(&self, lines: Vec<String>) -> (Vec<String>, &'static str) {
        let Some(option) = self.option.as_deref() else {
            return (lines, "OK");
        };
        let before = lines.clone();
        if self.state == State::Absent {
            let after = self.without(option, lines);
            let message = if before == after { "OK" } else { "option changed" };
            return (after, message);
        }
        let lines = lines.into_iter().map(|text| Line {
            text,
            settled: false,
        });
        let (after, added) = self.with(option, lines.collect());
        let message = match () {
            () if added => "option added",
            () if before == after => "OK",
            () => "option changed",
        };
        (after, message)
    }

    fn without(&self, option: &str, mut lines: Vec<String>) -> Vec<String> {
        lines.retain(|line| match Assignment::read(line, option) {
            Some(found) if !found.inactive => {
                !self.exclusive && !self.values.contains(&found.value)
            }
            _ => true,
        });
        lines
    }

    fn with(&self, option: &str, mut lines: Vec<Line>) -> (Vec<String>, bool) {
        let mut values = self.values.clone();
        let bare = self.keep_known(option, &mut lines, &mut values);
        if self.exclusive && !self.allow_no_value {
            self.reuse_others(option, &mut lines, &mut values);
            lines.retain(|line| line.settled || self.assignment(line, option).is_none());
        }
        let mut new: Vec<String> = values.iter().map(|value| self.line_of(option, value)).collect();
        if self.values.is_empty() && self.allow_no_value && !bare {
            new.push(format!("{option}\n"));
        }
        let added = !new.is_empty();
        let mut texts: Vec<String> = lines.into_iter().map(|line| line.text).collect();
        let end = texts.iter().rposition(|line| says_something(line)).map_or(0, |at| at + 1);
        texts.splice(end..end, new);
        (texts, added)
    }

    fn assignment(&self, line: &Line, option: &str) -> Option<Assignment> {
        let found = Assignment::read(&line.text, option)?;
        (self.inactive || !found.inactive).then_some(found)
    }

    /// Lines that have one of the values already are settled. Says whether there is one that names
    /// the option and gives it no value, where that is wished.
    fn keep_known(&self, option: &str, lines: &mut [Line], values: &mut Vec<String>) -> bool {
        for line in lines {
            let Some(found) = self.assignment(line, option) else {
                continue;
            };
            if let Some(at) = values.iter().position(|value| *value == found.value) {
                let value = values.remove(at);
                let new = match value.is_empty() && self.allow_no_value {
                    true => format!("{option}\n"),
                    false => self.line_of(option, &value),
                };
                self.settle(line, &found, new);
            } else if self.values.is_empty() && self.allow_no_value {
                self.settle(line, &found, format!("{option}\n"));
                return true;
            }
        }
        false
    }

    /// Other lines of the option get the values that are left.
    fn reuse_others(&self, option: &str, lines: &mut [Line], values: &mut Vec<String>) {
        for line in lines.iter_mut().filter(|line| !line.settled) {
            if values.is_empty() {
                return;
            }
            if let Some(found) = self.assignment(line, option) {
                let new = self.line_of(option, &values.remove(0));
                self.settle(line, &found, new);
            }
        }
    }

    fn settle(&self, line: &mut Line, found: &Assignment, new: String) {
        line.settled = true;
        let option = self.option.as_deref().unwrap_or("");
        let same = Assignment::read(&new, option).is_some_and(|it| it.value == found.value);
        if !(self.ignore_spaces && !found.inactive && same) {
            line.text = new;
        }
    }

    /// The line that gives an option a value.
    pub fn line_of(&self, option: &str, value: &str) -> String {
        if self.spaces {
            format!("{option} = {value}\n")
        } else {
            format!("{option}={value}\n")
        }
    }

    /// The option's lines in a new section, without those that the section has to hold anyway.
    pub fn new_lines(&self, held: &[Held]) -> Vec<String> {
        let Some(option) = self.option.as_deref() else {
            return Vec::new();
        };
        if self.values.is_empty() && self.allow_no_value {
            return vec![format!("{option}\n")];
        }
        let there = |value: &String| {
            held.iter().any(|it| it.option == option && it.values.contains(value))
        };
        let values = self.values.iter().filter(|value| !there(value));
        values.map(|value| self.line_of(option, value)).collect()
    }
}

/// Neither empty nor a comment.
fn says_something(line: &str) -> bool {
    let text = line.trim_matches([' ', '\t', '\n', '\r']);
    !text.is_empty() && !text.starts_with(['#', ';'])
}

#[cfg(test)]
mod tests {
    use super::Assignment;

    #[test]
    fn lines_are_read() {
        for (line, inactive, value) in [
            ("a=1\n", false, "1"),
            ("a = 1 2\n", false, "1 2"),
            ("  a\n", false, ""),
            ("#a=1\n", true, "1"),
            ("; a = 1\r\n", true, "1"),
        ] {
            let found = Assignment::read(line, "a").unwrap();
            assert_eq!((found.inactive, found.value.as_str()), (inactive, value));
        }
        for line in ["ab=1\n", "b=a\n", "a b\n", "[a]\n"] {
            assert_eq!(Assignment::read(line, "a"), None, "{line}");
        }
    }
}
