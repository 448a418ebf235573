//! Groups: `(…)`, `(?:…)`, `(?P<name>…)`, look-around, flags, conditionals.

use super::Flags;
use super::parser::{Kind, Outcome, Parser, Piece, join};

impl Parser {
    /// Says whether `(?flags)` without a body begins here.
    pub(super) fn is_global_flags(&self) -> bool {
        let Some(rest) = self.chars.get(self.position..) else {
            return false;
        };
        let mut rest = rest.iter().skip(2).skip_while(|c| "aiLmsux".contains(**c));
        self.chars.get(self.position + 1) == Some(&'?')
            && self
                .chars
                .get(self.position + 2)
                .is_some_and(|c| "aiLmsux".contains(*c))
            && rest.next() == Some(&')')
    }

    pub(super) fn global_flags(&mut self, allowed: bool) -> Outcome<()> {
        let start = self.position;
        self.position += 2;
        let mut flags = self.global;
        while let Some(c) = self.next().filter(|c| *c != ')') {
            set_flag(&mut flags, c, true).map_err(|why| self.error(&why, self.position - 1))?;
        }
        if !allowed {
            return Err(self.error("global flags not at the start of the expression", start));
        }
        self.global = flags;
        Ok(())
    }

    /// A group, after its parenthesis.
    pub(super) fn group(&mut self, flags: Flags, start: usize) -> Outcome<Option<Piece>> {
        if !self.eat('?') {
            return self.capture(None, flags, start).map(Some);
        }
        let c = self
            .next()
            .ok_or_else(|| self.error("unexpected end of pattern", self.position))?;
        match c {
            'P' => self.python_group(flags, start).map(Some),
            ':' => self.plain_group("(?:", flags, start).map(Some),
            '>' => self.plain_group("(?>", flags, start).map(Some),
            '#' => self.comment(start),
            '=' => self.look("(?=", flags, start).map(Some),
            '!' => self.look("(?!", flags, start).map(Some),
            '<' => self.look_behind(flags, start).map(Some),
            '(' => self.conditional(flags, start).map(Some),
            c if c == '-' || "aiLmsux".contains(c) => {
                self.position -= 1;
                self.flagged_group(flags, start).map(Some)
            }
            c => Err(self.error(&format!("unknown extension ?{c}"), start + 1)),
        }
    }

    fn comment(&mut self, start: usize) -> Outcome<Option<Piece>> {
        loop {
            match self.next() {
                None => return Err(self.error("missing ), unterminated comment", start)),
                Some(')') => return Ok(None),
                Some(_) => {}
            }
        }
    }

    fn close(&mut self, start: usize) -> Outcome<()> {
        if self.eat(')') {
            return Ok(());
        }
        Err(self.error("missing ), unterminated subpattern", start))
    }

    fn capture(&mut self, name: Option<String>, flags: Flags, start: usize) -> Outcome<Piece> {
        let number = self.widths.len() + 1;
        self.widths.push(None);
        if let Some(name) = name {
            if let Some((_, old)) = self.names.iter().find(|(known, _)| *known == name) {
                return Err(self.error(
                    &format!(
                        "redefinition of group name '{name}' as group {number}; was group {old}"
                    ),
                    start + 4,
                ));
            }
            self.names.push((name, number));
        }
        let inside = self.alternatives(flags, false)?;
        self.close(start)?;
        if let Some(width) = self.widths.get_mut(number - 1) {
            *width = Some((inside.least, inside.most));
        }
        Ok(Piece {
            text: format!("({})", inside.text),
            kind: Kind::Other,
            ..inside
        })
    }

    fn plain_group(&mut self, open: &str, flags: Flags, start: usize) -> Outcome<Piece> {
        let inside = self.alternatives(flags, false)?;
        self.close(start)?;
        let kind = if inside.text.is_empty() {
            Kind::Empty
        } else {
            Kind::Other
        };
        Ok(Piece {
            text: format!("{open}{})", inside.text),
            kind,
            ..inside
        })
    }

    fn look(&mut self, open: &str, flags: Flags, start: usize) -> Outcome<Piece> {
        let inside = self.alternatives(flags, false)?;
        self.close(start)?;
        Ok(Piece {
            text: format!("{open}{})", inside.text),
            least: 0,
            most: 0,
            kind: Kind::Look,
        })
    }

    fn look_behind(&mut self, flags: Flags, start: usize) -> Outcome<Piece> {
        let open = match self.next() {
            Some('=') => "(?<=",
            Some('!') => "(?<!",
            Some(c) => return Err(self.error(&format!("unknown extension ?<{c}"), start + 1)),
            None => return Err(self.error("unexpected end of pattern", self.position)),
        };
        let inside = self.alternatives(flags, false)?;
        self.close(start)?;
        if inside.least != inside.most {
            return Err("look-behind requires fixed-width pattern".to_owned());
        }
        Ok(Piece {
            text: format!("{open}{})", inside.text),
            least: 0,
            most: 0,
            kind: Kind::Look,
        })
    }

    /// `(?P<name>…)` and `(?P=name)`.
    fn python_group(&mut self, flags: Flags, start: usize) -> Outcome<Piece> {
        match self.next() {
            Some('<') => {
                let name = self.name('>')?;
                self.capture(Some(name), flags, start)
            }
            Some('=') => {
                let at = self.position;
                let name = self.name(')')?;
                let number = self.number_of(&name, at)?;
                self.reference(number, at)
            }
            Some(c) => Err(self.error(&format!("unknown extension ?P{c}"), start + 1)),
            None => Err(self.error("unexpected end of pattern", self.position)),
        }
    }

    fn number_of(&self, name: &str, at: usize) -> Outcome<usize> {
        self.names
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, number)| *number)
            .ok_or_else(|| self.error(&format!("unknown group name '{name}'"), at))
    }

    fn name(&mut self, end: char) -> Outcome<String> {
        let start = self.position;
        let mut name = String::new();
        loop {
            match self.next() {
                None if name.is_empty() => return Err(self.error("missing group name", start)),
                None => {
                    return Err(self.error(&format!("missing {end}, unterminated name"), start));
                }
                Some(c) if c == end => break,
                Some(c) => name.push(c),
            }
        }
        if name.is_empty() {
            return Err(self.error("missing group name", start));
        }
        let is_word = name.chars().all(|c| c.is_alphanumeric() || c == '_');
        if !is_word || name.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(self.error(&format!("bad character in group name '{name}'"), start));
        }
        Ok(name)
    }

    /// `(?(1)yes|no)`.
    fn conditional(&mut self, flags: Flags, start: usize) -> Outcome<Piece> {
        let at = self.position;
        let mut name = String::new();
        loop {
            match self.next() {
                None => return Err(self.error("missing ), unterminated name", at)),
                Some(')') => break,
                Some(c) => name.push(c),
            }
        }
        let number = match name.parse::<usize>() {
            Ok(0) => return Err(self.error("bad group number", at)),
            Ok(number) => number,
            Err(_) => self.number_of(&name, at)?,
        };
        self.asked = self.asked.max((number, at));
        let yes = self.sequence(flags, false)?;
        let no = if self.eat('|') {
            self.sequence(flags, false)?
        } else {
            join(&[])
        };
        if self.peek() == Some('|') {
            return Err(self.error(
                "conditional backref with more than two branches",
                self.position,
            ));
        }
        self.close(start)?;
        Ok(Piece {
            text: format!("(?({number}){}|{})", yes.text, no.text),
            least: yes.least.min(no.least),
            most: yes.most.max(no.most),
            kind: Kind::Other,
        })
    }

    /// `(?i-s:…)`.
    fn flagged_group(&mut self, flags: Flags, start: usize) -> Outcome<Piece> {
        let mut inner = flags;
        let mut on = true;
        loop {
            let at = self.position;
            match self.next() {
                None => return Err(self.error("missing -, : or )", at)),
                Some(':') => break,
                Some('-') if on => on = false,
                Some(c) if !on && "aLu".contains(c) => {
                    return Err(self.error(
                        "bad inline flags: cannot turn off flags 'a', 'u' and 'L'",
                        at + 1,
                    ));
                }
                Some(c) => {
                    set_flag(&mut inner, c, on).map_err(|why| self.error(&why, at))?;
                }
            }
        }
        let open = match (flags.ignore_case, inner.ignore_case) {
            (false, true) => "(?i:",
            (true, false) => "(?-i:",
            _ => "(?:",
        };
        self.plain_group(open, inner, start)
    }
}

fn set_flag(flags: &mut Flags, c: char, on: bool) -> Outcome<()> {
    match c {
        'i' => flags.ignore_case = on,
        'm' => flags.multi_line = on,
        's' => flags.dot_all = on,
        'x' => flags.verbose = on,
        'a' => flags.ascii = on,
        'u' => flags.ascii = false,
        'L' => {
            return Err("bad inline flags: cannot use 'L' flag with a str pattern".to_owned());
        }
        _ => return Err("unknown flag".to_owned()),
    }
    Ok(())
}
