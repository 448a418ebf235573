//! What a host knows of an account.

use std::collections::HashMap;

use crate::shell::Reply;

/// An account as it is.
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// Whether there is one at all.
    pub exists: bool,
    /// Whether it was made just now.
    pub is_new: bool,
    /// The family of commands that the host has: `shadow`, `libuser`, `busybox` or `pw`.
    pub tool: String,
    /// What `uname -s` says.
    pub system: String,
    /// The user id.
    pub uid: i64,
    /// The id of its own group.
    pub gid: i64,
    /// The name of its own group.
    pub own_group: String,
    /// The other groups, sorted.
    pub groups: Vec<String>,
    /// The comment (GECOS).
    pub comment: String,
    /// The home.
    pub home: String,
    /// The shell.
    pub shell: String,
    /// Whether the home that is wanted exists.
    pub home_there: bool,
    /// Whether the password is locked.
    pub locked: bool,
    /// Whether the password is the wanted one, locked or not.
    pub password_same: bool,
    /// The rules for the password's age.
    pub aging: Aging,
    /// Whether there is an SSH key.
    pub key: Option<String>,
    /// The home as it is wanted, with `~` and variables expanded.
    pub wanted_home: String,
    /// The shell as it is wanted.
    pub wanted_shell: String,
    /// The wanted groups that exist: their names and ids, by what the user wrote.
    pub known_groups: HashMap<String, (String, i64)>,
    /// The wanted groups that do not exist.
    pub missing_groups: Vec<String>,
    /// Whether there is a group of the account's own name.
    pub namesake_group: bool,
}

/// The fields of shadow(5) in days; nothing where they are empty.
#[derive(Clone, Debug, Default)]
pub struct Aging {
    /// The least days between two changes.
    pub least: Option<i64>,
    /// The most days.
    pub most: Option<i64>,
    /// How many days before that a warning is given.
    pub warning: Option<i64>,
    /// How many days after that the account is closed.
    pub inactive: Option<i64>,
    /// The day of the epoch on which the account expires.
    pub expires: Option<i64>,
}

impl Account {
    /// Reads the answers of `user_probe` or `user_act`.
    pub fn of(reply: &Reply) -> Account {
        let text = |name: &str| reply.text(name).unwrap_or_default();
        let mut account = Account {
            tool: text("tool"),
            system: text("system"),
            home_there: reply.flag("home_there"),
            locked: reply.flag("locked"),
            password_same: reply.flag("password_same"),
            aging: Aging::of(&text("aging")),
            key: reply.text("key").filter(|_| reply.flag("key_there")),
            wanted_home: text("home"),
            wanted_shell: text("shell"),
            known_groups: reply.all("group").iter().filter_map(|line| group(line)).collect(),
            missing_groups: reply.all("no_group"),
            namesake_group: reply.flag("own_group"),
            ..Account::default()
        };
        if let Some(line) = reply.text("passwd") {
            account.read_passwd(&line);
            account.read_groups(&text("member_of"));
        }
        account
    }

    fn read_passwd(&mut self, line: &str) {
        let mut fields = line.split(':').skip(2);
        let mut next = || fields.next().unwrap_or_default().to_owned();
        self.exists = true;
        self.uid = next().parse().unwrap_or(-1);
        self.gid = next().parse().unwrap_or(-1);
        self.comment = next();
        self.home = next();
        self.shell = next();
    }

    fn read_groups(&mut self, lines: &str) {
        let mut lines = lines.lines();
        self.own_group = lines.next().unwrap_or_default().to_owned();
        self.groups = lines.filter(|name| *name != self.own_group).map(str::to_owned).collect();
        self.groups.sort();
        self.groups.dedup();
    }
}

/// `wanted=name:x:5:members`: what was asked for, and the name and id of the group.
fn group(line: &str) -> Option<(String, (String, i64))> {
    let (wanted, entry) = line.split_once('=')?;
    let mut fields = entry.split(':');
    let name = fields.next()?.to_owned();
    let id = fields.nth(1)?.parse().ok()?;
    Some((wanted.to_owned(), (name, id)))
}

impl Aging {
    fn of(text: &str) -> Aging {
        let mut fields = text.split(':').map(|field| field.parse().ok());
        let mut next = || fields.next().flatten();
        Aging {
            least: next(),
            most: next(),
            warning: next(),
            inactive: next(),
            expires: next(),
        }
    }
}
