//! INI files as Python's `configparser` reads them.

use crate::value::{Map, Value};

/// What is wrong with a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// A line that is none; its number and why.
    Line(String),
    /// A value whose `%` cannot be filled in.
    Value(String),
}

/// The name of the section whose options all others have too.
const DEFAULT: &str = "DEFAULT";

/// The sections and their options. Names of options are lower case; `%(name)s` in a value stands
/// for another option's value.
///
/// # Errors
/// What is wrong, with its line.
pub(super) fn read(text: &str) -> Result<Map, Wrong> {
    let mut reader = Reader::default();
    for (number, line) in text.lines().enumerate() {
        reader
            .line(line)
            .map_err(|why| Wrong::Line(format!("line {}: {why}", number + 1)))?;
    }
    reader.finish().map_err(Wrong::Value)
}

#[derive(Default)]
struct Reader {
    sections: Vec<Section>,
    /// The indentation of the last option, whose value goes on in lines that stand further in.
    indent: usize,
    in_option: bool,
}

struct Section {
    name: String,
    options: Vec<(String, Vec<String>)>,
}

impl Reader {
    fn line(&mut self, line: &str) -> Result<(), String> {
        let trimmed = line.trim();
        if trimmed.is_empty() {
            self.go_on("");
            return Ok(());
        }
        if trimmed.starts_with(['#', ';']) {
            return Ok(());
        }
        let indent = line.len() - line.trim_start().len();
        if self.in_option && indent > self.indent {
            self.go_on(trimmed);
            return Ok(());
        }
        self.indent = indent;
        if let Some(end) = trimmed.strip_prefix('[').and_then(|rest| rest.find(']')) {
            return self.open(&trimmed[1..=end]);
        }
        self.option(trimmed)
    }

    fn go_on(&mut self, text: &str) {
        let section = self.sections.last_mut().filter(|_| self.in_option);
        if let Some((_, value)) = section.and_then(|section| section.options.last_mut()) {
            value.push(text.to_owned());
        }
    }

    fn open(&mut self, name: &str) -> Result<(), String> {
        self.in_option = false;
        if self.sections.iter().any(|section| section.name == name) {
            return Err(format!("section `{name}` stands twice"));
        }
        let name = name.to_owned();
        self.sections.push(Section {
            name,
            options: Vec::new(),
        });
        Ok(())
    }

    fn option(&mut self, line: &str) -> Result<(), String> {
        let section = self
            .sections
            .last_mut()
            .ok_or("no section before the first option")?;
        let end = line
            .find(['=', ':'])
            .ok_or_else(|| format!("`{line}` is not an option"))?;
        let name = line[..end].trim().to_lowercase();
        if section.options.iter().any(|(known, _)| *known == name) {
            return Err(format!("option `{name}` stands twice"));
        }
        section
            .options
            .push((name, vec![line[end + 1..].trim().to_owned()]));
        self.in_option = true;
        Ok(())
    }

    fn finish(self) -> Result<Map, String> {
        let mut sections = self
            .sections
            .into_iter()
            .map(Section::joined)
            .collect::<Vec<_>>();
        let defaults = sections.iter().position(|(name, _)| name == DEFAULT);
        let defaults = defaults
            .map(|position| sections.remove(position).1)
            .unwrap_or_default();
        let mut all = Map::new();
        for (name, own) in sections {
            let mut options = own;
            for (option, value) in &defaults {
                if !options.iter().any(|(known, _)| known == option) {
                    options.push((option.clone(), value.clone()));
                }
            }
            let mut section = Map::new();
            for (option, value) in &options {
                section.set(option, filled(value, &options, 0)?);
            }
            all.insert(Value::str(name), Value::map(section));
        }
        Ok(all)
    }
}

type Options = Vec<(String, String)>;

impl Section {
    fn joined(self) -> (String, Options) {
        let join =
            |(name, lines): (String, Vec<String>)| (name, lines.join("\n").trim_end().to_owned());
        (self.name, self.options.into_iter().map(join).collect())
    }
}

/// The value with `%(name)s` and `%%` filled in.
fn filled(value: &str, options: &Options, depth: u8) -> Result<String, String> {
    if depth > 10 {
        return Err(format!("`{value}` goes round in circles"));
    }
    let mut out = String::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        if let Some(after) = after.strip_prefix('%') {
            out.push('%');
            rest = after;
            continue;
        }
        let wrong = || format!("`%` in `{value}` is followed by neither `%` nor `(`");
        let (name, after) = after
            .strip_prefix('(')
            .and_then(|text| text.split_once(")s"))
            .ok_or_else(wrong)?;
        let name = name.to_lowercase();
        let found = options.iter().find(|(known, _)| *known == name);
        let (_, found) = found.ok_or_else(|| format!("there is no option `{name}`"))?;
        out.push_str(&filled(found, options, depth + 1)?);
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::{Wrong, read};
    use crate::value::Value;
    use crate::value::to_json;

    fn json(text: &str) -> String {
        match read(text) {
            Ok(map) => to_json(&Value::map(map)),
            Err(Wrong::Line(why) | Wrong::Value(why)) => why,
        }
    }

    #[test]
    fn sections_options_and_values_over_several_lines() {
        for (text, expected) in [
            ("", "{}"),
            (
                "[a]\nX = 1\ny: 2 # not a remark\n",
                r#"{"a": {"x": "1", "y": "2 # not a remark"}}"#,
            ),
            (
                "# remark\n[a]\nx = one\n  two\n\n[b]\n",
                r#"{"a": {"x": "one\ntwo"}, "b": {}}"#,
            ),
            (
                "[DEFAULT]\nd=1\n[a]\nx=%(d)s%%\n",
                r#"{"a": {"x": "1%", "d": "1"}}"#,
            ),
            ("[a]\nx=\n", r#"{"a": {"x": ""}}"#),
        ] {
            assert_eq!(json(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (text, expected) in [
            ("x=1\n", "line 1: no section before the first option"),
            ("[a]\nx\n", "line 2: `x` is not an option"),
            ("[a]\nx=1\nx=2\n", "line 3: option `x` stands twice"),
            ("[a]\n[a]\n", "line 2: section `a` stands twice"),
            (
                "[a]\nx=5%\n",
                "`%` in `5%` is followed by neither `%` nor `(`",
            ),
        ] {
            assert_eq!(json(text), expected, "{text}");
        }
    }
}
