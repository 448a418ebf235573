//! INI files as Python's `configparser` reads them.

/// The key and its value; none for a key that stands alone.
type Entry = (String, Option<String>);

/// A file's sections.
pub(in crate::template) struct IniFile {
    sections: Vec<(String, Vec<Entry>)>,
    defaults: Vec<Entry>,
    case_sensitive: bool,
}

/// A section with the defaults below it.
pub(in crate::template) struct Section<'f> {
    entries: &'f [Entry],
    defaults: &'f [Entry],
    case_sensitive: bool,
}

/// The deepest that values may refer to each other.
const DEEPEST: usize = 10;

impl IniFile {
    /// Reads a text; the error says what is wrong with it.
    pub(in crate::template) fn read(
        text: &str,
        case_sensitive: bool,
        no_value: bool,
    ) -> Result<Self, String> {
        let mut file = IniFile {
            sections: Vec::new(),
            defaults: Vec::new(),
            case_sensitive,
        };
        let mut reader = Reader {
            file: &mut file,
            section: None,
            key: None,
            indent: 0,
            no_value,
        };
        for (number, line) in text.lines().enumerate() {
            reader
                .line(line)
                .map_err(|why| format!("{why} in line {}", number + 1))?;
        }
        for (_, entries) in &mut file.sections {
            finish(entries);
        }
        finish(&mut file.defaults);
        Ok(file)
    }

    /// The names of the sections, in order.
    pub(in crate::template) fn names(&self) -> impl Iterator<Item = &str> {
        self.sections.iter().map(|(name, _)| name.as_str())
    }

    pub(in crate::template) fn section(&self, name: &str) -> Option<Section<'_>> {
        let entries = match name {
            "DEFAULT" => &self.defaults,
            name => self
                .sections
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, entries)| entries)?,
        };
        Some(Section {
            entries,
            defaults: &self.defaults,
            case_sensitive: self.case_sensitive,
        })
    }
}

/// Takes the blank lines from the ends of values that go over several.
fn finish(entries: &mut [Entry]) {
    for (_, value) in entries {
        if let Some(text) = value {
            text.truncate(text.trim_end().len());
        }
    }
}

struct Reader<'f> {
    file: &'f mut IniFile,
    /// The place of the section, or none before the first.
    section: Option<Option<usize>>,
    /// The place of the last key, whose value may go on.
    key: Option<usize>,
    indent: usize,
    no_value: bool,
}

impl Reader<'_> {
    fn line(&mut self, line: &str) -> Result<(), String> {
        let text = line.trim();
        if text.starts_with(['#', ';']) {
            return Ok(());
        }
        if text.is_empty() {
            self.go_on("");
            return Ok(());
        }
        let indent = line.len() - line.trim_start().len();
        if self.key.is_some() && indent > self.indent {
            self.go_on(text);
            return Ok(());
        }
        self.indent = indent;
        if text.starts_with('[')
            && let Some(end) = text.rfind(']')
        {
            return self.begin(text.get(1..end).unwrap_or_default());
        }
        self.entry(text)
    }

    /// Adds a line to the last value.
    fn go_on(&mut self, text: &str) {
        let Some(key) = self.key else { return };
        let Some(entries) = self.entries() else {
            return;
        };
        if let Some((_, Some(value))) = entries.get_mut(key) {
            value.push('\n');
            value.push_str(text);
        }
    }

    fn entries(&mut self) -> Option<&mut Vec<Entry>> {
        match self.section? {
            None => Some(&mut self.file.defaults),
            Some(at) => self.file.sections.get_mut(at).map(|(_, entries)| entries),
        }
    }

    fn begin(&mut self, name: &str) -> Result<(), String> {
        self.key = None;
        if name == "DEFAULT" {
            self.section = Some(None);
            return Ok(());
        }
        if self.file.sections.iter().any(|(known, _)| known == name) {
            return Err(format!("the section `{name}` is there already"));
        }
        self.section = Some(Some(self.file.sections.len()));
        self.file.sections.push((name.to_owned(), Vec::new()));
        Ok(())
    }

    fn entry(&mut self, text: &str) -> Result<(), String> {
        let (key, value) = match text.find(['=', ':']) {
            Some(at) => {
                let (key, value) = text.split_at(at);
                (key.trim(), Some(value.get(1..).unwrap_or_default().trim()))
            }
            None if self.no_value => (text, None),
            None => return Err(format!("`{text}` has no value")),
        };
        if key.is_empty() {
            return Err("a key is missing".to_owned());
        }
        let key = match self.file.case_sensitive {
            true => key.to_owned(),
            false => key.to_lowercase(),
        };
        let entries = self
            .entries()
            .ok_or("a key stands before the first section")?;
        if entries.iter().any(|(known, _)| *known == key) {
            return Err(format!("the option `{key}` is there already"));
        }
        entries.push((key, value.map(str::to_owned)));
        let last = entries.len() - 1;
        self.key = Some(last);
        Ok(())
    }
}

impl Section<'_> {
    /// The value of a key, from the section or the defaults.
    pub(super) fn get(&self, key: &str) -> Option<Option<&str>> {
        let key = match self.case_sensitive {
            true => key.to_owned(),
            false => key.to_lowercase(),
        };
        let mut all = self.entries.iter().chain(self.defaults);
        all.find(|(known, _)| *known == key)
            .map(|(_, value)| value.as_deref())
    }

    /// The entries, the defaults first, as Python lists them.
    pub(super) fn entries(&self) -> Vec<(&str, Option<&str>)> {
        let mut names: Vec<&str> = Vec::new();
        for (name, _) in self.defaults.iter().chain(self.entries) {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        names
            .into_iter()
            .map(|name| (name, self.get(name).flatten()))
            .collect()
    }

    /// The entries as they are kept.
    pub(in crate::template) fn owned(&self) -> Vec<(String, Option<String>)> {
        let owned =
            |(name, value): (&str, Option<&str>)| (name.to_owned(), value.map(str::to_owned));
        self.entries().into_iter().map(owned).collect()
    }

    /// The text with `%(name)s` replaced, and `%%` read.
    pub(super) fn interpolated(&self, text: &str) -> Result<String, String> {
        self.interpolated_at(text, 1)
    }

    fn interpolated_at(&self, text: &str, depth: usize) -> Result<String, String> {
        if depth > DEEPEST {
            return Err("values refer to each other without end".to_owned());
        }
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('%') {
            out.push_str(rest.get(..at).unwrap_or_default());
            let after = rest.get(at + 1..).unwrap_or_default();
            if let Some(more) = after.strip_prefix('%') {
                out.push('%');
                rest = more;
                continue;
            }
            let (name, more) = after
                .strip_prefix('(')
                .and_then(|inside| inside.split_once(")s"))
                .ok_or_else(|| format!("`%` must be followed by `%` or `(name)s` in `{text}`"))?;
            let value = self
                .get(name)
                .ok_or_else(|| format!("`{text}` refers to `{name}`, which is not there"))?;
            out.push_str(&self.interpolated_at(value.unwrap_or_default(), depth + 1)?);
            rest = more;
        }
        out.push_str(rest);
        Ok(out)
    }
}
