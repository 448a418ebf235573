//! The files of repositories, as Python's `configparser` reads and writes them.

/// A file: its sections, with keys in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ini {
    sections: Vec<Section>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Section {
    name: String,
    pairs: Vec<(String, String)>,
}

impl Ini {
    /// Reads a file. Comments go.
    ///
    /// # Errors
    /// A line that stands in no section or means nothing, by its number.
    pub fn read(text: &str) -> Result<Ini, usize> {
        let mut sections: Vec<Section> = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let trimmed = line.trim();
            if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
                continue;
            }
            if let Some(name) = section(trimmed) {
                sections.push(Section { name: name.to_owned(), pairs: Vec::new() });
                continue;
            }
            let section = sections.last_mut().ok_or(number + 1)?;
            if line.starts_with(char::is_whitespace) {
                let (_, value) = section.pairs.last_mut().ok_or(number + 1)?;
                value.push('\n');
                value.push_str(trimmed);
                continue;
            }
            let (key, value) = trimmed.split_once(['=', ':']).ok_or(number + 1)?;
            section.pairs.push((key.trim().to_lowercase(), value.trim().to_owned()));
        }
        Ok(Ini { sections })
    }

    /// Takes a section away.
    pub fn remove(&mut self, name: &str) {
        self.sections.retain(|section| section.name != name);
    }

    /// Puts a section at the end; one of that name goes.
    pub fn set(&mut self, name: &str, pairs: Vec<(String, String)>) {
        self.remove(name);
        self.sections.push(Section { name: name.to_owned(), pairs });
    }

    /// Says whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.sections.is_empty()
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        let section = |section: &Section| {
            let pairs: String = section
                .pairs
                .iter()
                .map(|(key, value)| format!("{key} = {}\n", value.replace('\n', "\n\t")))
                .collect();
            format!("[{}]\n{pairs}\n", section.name)
        };
        self.sections.iter().map(section).collect()
    }

    /// The same whatever the order is in: sections and keys sorted.
    pub fn sorted(&self) -> Ini {
        let mut sorted = self.clone();
        sorted.sections.sort_by(|a, b| a.name.cmp(&b.name));
        sorted.sections.iter_mut().for_each(|section| section.pairs.sort());
        sorted
    }
}

fn section(line: &str) -> Option<&str> {
    line.strip_prefix('[')?.split(']').next()
}

#[cfg(test)]
mod tests {
    use super::Ini;

    #[test]
    fn files_are_read_and_written() {
        let mut ini = Ini::read("# c\n[b]\nName=x\nbaseurl: http://a\n  http://b\n\n[a]\nk=\n").unwrap();
        assert_eq!(ini.text(), "[b]\nname = x\nbaseurl = http://a\n\thttp://b\n\n[a]\nk = \n\n");
        assert_eq!(Ini::read(&ini.text()).unwrap(), ini);
        assert_eq!(ini.sorted().text().lines().next(), Some("[a]"));
        ini.remove("b");
        ini.remove("a");
        assert!(ini.is_empty());
        assert_eq!(Ini::read("x=1\n"), Err(1));
    }
}
