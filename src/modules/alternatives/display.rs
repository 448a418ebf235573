//! What `update-alternatives --display` prints, on Debian and on Red Hat.

use crate::entries;
use crate::value::Value;

/// A link that goes with the main one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Follower {
    /// Its name.
    pub name: String,
    /// What it leads to.
    pub path: String,
    /// Where it is.
    pub link: String,
}

impl Follower {
    /// All of them, as the reference lists them.
    pub fn all(followers: &[Follower]) -> Value {
        let one = |follower: &Follower| {
            Value::map(entries! {
                "name" => follower.name.as_str(),
                "path" => follower.path.as_str(),
                "link" => follower.link.as_str(),
            })
        };
        Value::list(followers.iter().map(one).collect())
    }
}

/// One of the programs to choose from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The program.
    pub path: String,
    /// How much it is preferred.
    pub priority: i64,
    /// Red Hat's family.
    pub family: Option<String>,
    /// The links that go with it.
    pub followers: Vec<Follower>,
}

/// What is known of a name.
#[derive(Clone, Debug, Default)]
pub struct Display {
    /// `auto` or `manual`.
    pub mode: Option<String>,
    /// What the link leads to.
    pub current: Option<String>,
    /// Where the link is.
    pub link: Option<String>,
    choices: Vec<Choice>,
}

impl Display {
    /// Reads the text. Red Hat's tells no links of followers: those that the task names stand in.
    pub fn read(text: &str, name: &str, wanted: Option<&[Follower]>) -> Display {
        let mut display = Display::default();
        let mut links: Vec<(&str, &str)> = Vec::new();
        for line in text.lines() {
            display.read_line(line, name, &mut links);
        }
        if links.is_empty() {
            let wanted = wanted.unwrap_or_default().iter();
            links.extend(wanted.map(|follower| (follower.name.as_str(), follower.link.as_str())));
        }
        for follower in display.choices.iter_mut().flat_map(|choice| &mut choice.followers) {
            let link = links.iter().find(|(name, _)| *name == follower.name);
            follower.link = link.map(|(_, link)| (*link).to_owned()).unwrap_or_default();
        }
        display
    }

    /// The choice of that path.
    pub fn of(&self, path: &str) -> Option<&Choice> {
        self.choices.iter().find(|choice| choice.path == path)
    }

    fn read_line<'a>(&mut self, line: &'a str, name: &str, links: &mut Vec<(&'a str, &'a str)>) {
        let trimmed = line.trim();
        if line.starts_with('/') {
            self.choices.extend(choice(line));
        } else if let Some(path) = trimmed.strip_prefix("link currently points to ") {
            self.current = Some(path.to_owned());
        } else if let Some(link) = trimmed.strip_prefix("link ").and_then(|rest| rest.strip_prefix(name)?.strip_prefix(" is ")) {
            self.link = Some(link.to_owned());
        } else if let Some(rest) = follower(trimmed) {
            match (rest.split_once(": "), rest.split_once(" is ")) {
                (Some((name, path)), _) => self.add_follower(name, path),
                (None, Some(pair)) => links.push(pair),
                (None, None) => {}
            }
        } else if self.mode.is_none()
            && let Some((_, mode)) = trimmed.rsplit_once(" - ")
        {
            let mode = mode.strip_prefix("status is ").unwrap_or(mode);
            let mode = mode.trim_end_matches(" mode").trim_end_matches('.');
            self.mode = Some(mode.to_owned());
        }
    }

    fn add_follower(&mut self, name: &str, path: &str) {
        if let Some(choice) = self.choices.last_mut().filter(|_| path != "(null)") {
            choice.followers.push(Follower {
                name: name.to_owned(),
                path: path.to_owned(),
                link: String::new(),
            });
        }
    }
}

fn follower(line: &str) -> Option<&str> {
    line.strip_prefix("slave ").or_else(|| line.strip_prefix("follower "))
}

/// `/bin/x - priority 40`, `/bin/x - family y priority 40`
fn choice(line: &str) -> Option<Choice> {
    let (path, rest) = line.rsplit_once(" - ")?;
    let (family, priority) = rest.rsplit_once("priority ")?;
    let family = family.trim().strip_prefix("family ").map(|family| family.trim().to_owned());
    Some(Choice {
        path: path.to_owned(),
        priority: priority.trim().parse().ok()?,
        family,
        followers: Vec::new(),
    })
}
