//! The table of what is to be mounted: `fstab`, or `vfstab` of Solaris.

/// What a line of the table says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// The device.
    pub src: String,
    /// The mount point.
    pub name: String,
    /// The kind.
    pub fstype: String,
    /// The options.
    pub opts: String,
    /// For `dump`; nothing where the line ends before it.
    pub dump: String,
    /// The order of checking; nothing where the line ends before it.
    pub passno: String,
    /// Solaris: whether it is mounted at boot.
    pub boot: String,
}

/// A table, and whose form it has.
#[derive(Clone, Debug)]
pub struct Table {
    lines: Vec<String>,
    solaris: bool,
}

impl Table {
    /// Reads a table. A last line gets its end.
    pub fn read(text: &str, solaris: bool) -> Table {
        Table {
            lines: text.lines().map(str::to_owned).collect(),
            solaris,
        }
    }

    /// The text with a line for the mount point, and whether that is new or different.
    pub fn with(&self, wanted: &Line) -> (String, bool) {
        let escaped = wanted.escaped();
        let new = self.write(&escaped);
        let mut exists = false;
        let mut changed = false;
        let mut lines = Vec::new();
        for line in &self.lines {
            match self.parse(line) {
                Some(known) if known.is_for(wanted, &escaped) => {
                    exists = true;
                    let differs = self.differ(&known, &escaped);
                    changed |= differs;
                    lines.push(if differs { new.as_str() } else { line });
                }
                _ => lines.push(line),
            }
        }
        if !exists {
            lines.push(&new);
            changed = true;
        }
        (join(&lines), changed)
    }

    /// The text without the lines for the mount point, and whether there were some.
    pub fn without(&self, wanted: &Line) -> (String, bool) {
        let escaped = wanted.escaped();
        let stays = |line: &&str| !self.parse(line).is_some_and(|known| known.is_for(wanted, &escaped));
        let lines: Vec<&str> = self.lines.iter().map(String::as_str).filter(stays).collect();
        (join(&lines), lines.len() < self.lines.len())
    }

    fn parse(&self, line: &str) -> Option<Line> {
        let line = line.split('#').next().unwrap_or_default();
        let words: Vec<&str> = line.split_whitespace().collect();
        let word = |position: usize| words.get(position).copied().unwrap_or_default().to_owned();
        if self.solaris {
            return (words.len() == 7).then(|| Line {
                src: word(0),
                name: word(2),
                fstype: word(3),
                passno: word(4),
                boot: word(5),
                opts: word(6),
                dump: String::new(),
            });
        }
        matches!(words.len(), 4..=6).then(|| Line {
            src: word(0),
            name: word(1),
            fstype: word(2),
            opts: word(3),
            dump: word(4),
            passno: word(5),
            boot: String::new(),
        })
    }

    fn differ(&self, a: &Line, b: &Line) -> bool {
        let common = |line: &Line| [&line.src, &line.fstype, &line.opts, &line.passno].map(Clone::clone);
        let own = |line: &Line| if self.solaris { line.boot.clone() } else { line.dump.clone() };
        common(a) != common(b) || own(a) != own(b)
    }

    fn write(&self, line: &Line) -> String {
        let Line { src, name, fstype, opts, dump, passno, boot } = line;
        match self.solaris {
            true => format!("{src} - {name} {fstype} {passno} {boot} {opts}"),
            false => format!("{src} {name} {fstype} {opts} {dump} {passno}"),
        }
    }
}

impl Line {
    /// The line is for that mount point; swap has none, so its device counts.
    fn is_for(&self, wanted: &Line, escaped: &Line) -> bool {
        let swap = !wanted.src.is_empty() && self.name == "none" && self.fstype == "swap";
        self.name == escaped.name && (!swap || self.src == wanted.src)
    }

    fn escaped(&self) -> Line {
        let escape = |text: &str| text.replace('\\', "\\134").replace(' ', "\\040").replace('&', "\\046");
        Line {
            src: escape(&self.src),
            name: escape(&self.name),
            fstype: escape(&self.fstype),
            opts: escape(&self.opts),
            dump: escape(&self.dump),
            passno: escape(&self.passno),
            boot: escape(&self.boot),
        }
    }
}

fn join(lines: &[&str]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::{Line, Table};

    fn line(src: &str, name: &str) -> Line {
        let text = str::to_owned;
        Line { src: text(src), name: text(name), fstype: text("ext4"), opts: text("rw"), dump: text("0"), passno: text("0"), boot: text("yes") }
    }

    #[test]
    fn lines_are_set_once_and_taken_away() {
        let table = Table::read("# c\n/dev/a / ext4 rw 0 1\n/dev/b /b\\040c ext4 rw\n", false);
        let (text, changed) = table.with(&line("/dev/b", "/b c"));
        assert!(changed);
        assert_eq!(text, "# c\n/dev/a / ext4 rw 0 1\n/dev/b /b\\040c ext4 rw 0 0\n");
        let table = Table::read(&text, false);
        assert_eq!(table.with(&line("/dev/b", "/b c")), (text.clone(), false));
        assert_eq!(table.without(&line("", "/b c")), ("# c\n/dev/a / ext4 rw 0 1\n".to_owned(), true));
        assert!(!table.without(&line("", "/nope")).1);
    }

    #[test]
    fn swap_is_known_by_its_device_and_solaris_has_a_form_of_its_own() {
        let table = Table::read("/dev/a none swap sw 0 0\n", false);
        let swap = Line { fstype: "swap".to_owned(), ..line("/dev/b", "none") };
        assert_eq!(table.with(&swap).0, "/dev/a none swap sw 0 0\n/dev/b none swap rw 0 0\n");
        let solaris = Table::read("a - /x ufs 1 yes -\n", true);
        assert_eq!(solaris.with(&line("b", "/y")).0, "a - /x ufs 1 yes -\nb - /y ext4 0 yes rw\n");
        assert!(solaris.without(&line("", "/x")).1);
    }
}
