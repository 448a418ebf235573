//! The commands that make an account what it is to be.

use super::account::Account;
use super::{Args, State, UpdatePassword};
use crate::error::{Error, Result};

/// Commands to run in order; a first word that begins with `user_` is a function of `user.sh`.
#[derive(Debug, Default)]
pub struct Commands {
    /// The words of each.
    pub lines: Vec<Vec<String>>,
    /// The hash that `user_set_password` sets.
    pub hash: Option<String>,
    /// What the user should know.
    pub warnings: Vec<String>,
}

impl Commands {
    /// What has to be done so that the account is as the arguments say.
    ///
    /// # Errors
    /// A group does not exist, or the host's tools cannot do what is asked.
    pub fn to_reach(args: &Args, account: &Account) -> Result<Commands> {
        if let Some(group) = account.missing_groups.first() {
            return Err(Error::input(format!("Group {group} does not exist")));
        }
        let mut commands = Commands::default();
        if let Some(password) = &args.password
            && looks_plain(password.expose())
        {
            commands.warnings.push(PLAIN_PASSWORD.to_owned());
        }
        if account.exists {
            commands.modify(args, account)?;
        } else {
            commands.create(args, account);
        }
        commands.age(args, account);
        commands.key(args, account);
        Ok(commands)
    }

    /// What takes the account away.
    pub fn to_remove(args: &Args, account: &Account) -> Commands {
        debug_assert!(args.state == State::Absent);
        let mut words = Words::new(match account.tool.as_str() {
            "busybox" => "deluser",
            "libuser" => "luserdel",
            "pw" => "pw",
            _ => "userdel",
        });
        match account.tool.as_str() {
            "busybox" => words.when(args.remove, "--remove-home"),
            "pw" => {
                words.add("userdel");
                words.when(args.remove, "-r");
                words.add("-n");
            }
            "libuser" => words.when(args.remove, "-r"),
            _ => {
                words.when(args.force, "-f");
                words.when(args.remove, "-r");
            }
        }
        words.add(&args.name);
        Commands {
            lines: vec![words.0],
            ..Commands::default()
        }
    }

    /// Says whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    fn push(&mut self, words: &[&str]) {
        self.lines.push(words.iter().map(|word| (*word).to_owned()).collect());
    }

    fn create(&mut self, args: &Args, account: &Account) {
        if args.create_home && !account.wanted_home.is_empty() && account.tool != "pw" {
            let parent = account.wanted_home.trim_end_matches('/').rsplit_once('/');
            if let Some((parent, _)) = parent.filter(|(parent, _)| !parent.is_empty()) {
                self.push(&["mkdir", "-p", "--", parent]);
            }
        }
        match account.tool.as_str() {
            "busybox" => self.create_with_adduser(args, account),
            "pw" => self.lines.push(pw_words("useradd", args, account)),
            _ => self.create_with_useradd(args, account),
        }
        if let Some(password) = &args.password {
            self.set_password(password.expose(), args.password_lock == Some(true));
        }
    }

    fn create_with_useradd(&mut self, args: &Args, account: &Account) {
        let libuser = account.tool == "libuser";
        let mut words = Words::new(if libuser { "luseradd" } else { "useradd" });
        words.pair("-u", args.uid);
        words.when(args.uid.is_some() && args.non_unique && !libuser, "-o");
        words.pair("-Z", args.seuser.as_deref());
        match &args.group {
            Some(group) => words.pair("-g", Some(group)),
            None => words.when(account.namesake_group && !libuser, "-N"),
        }
        let groups = other_groups(args, account);
        if !libuser && !groups.is_empty() {
            words.pair("-G", Some(groups.join(",")));
        }
        words.pair("-c", args.comment.as_deref());
        words.pair("-d", some(&account.wanted_home));
        words.pair("-s", some(&account.wanted_shell));
        if !libuser {
            words.pair("-e", args.expires.map(expiry));
            words.pair("-f", args.password_expire_account_disable);
        }
        words.home(args, libuser);
        words.when(args.system, "-r");
        words.pair("-K", args.uid_min.map(|id| format!("UID_MIN={id}")));
        words.pair("-K", args.uid_max.map(|id| format!("UID_MAX={id}")));
        words.elsewhere(args, account);
        words.add(&args.name);
        self.lines.push(words.0);
        if libuser && !groups.is_empty() {
            let mut join = Words::new("user_join");
            groups.iter().for_each(|group| join.add(group));
            self.lines.push(join.0);
        }
    }

    fn create_with_adduser(&mut self, args: &Args, account: &Account) {
        let mut words = Words::new("adduser");
        words.add("-D");
        words.pair("-u", args.uid);
        words.pair("-G", args.group.as_deref().or(account.namesake_group.then_some(args.name.as_str())));
        words.pair("-g", args.comment.as_deref());
        words.pair("-h", some(&account.wanted_home));
        words.pair("-s", some(&account.wanted_shell));
        words.pair("-k", args.skeleton.as_deref().filter(|_| args.create_home));
        words.when(!args.create_home, "-H");
        words.when(args.system, "-S");
        words.add(&args.name);
        self.lines.push(words.0);
        let groups = other_groups(args, account);
        if !groups.is_empty() {
            let mut join = Words::new("user_join");
            groups.iter().for_each(|group| join.add(group));
            self.lines.push(join.0);
        }
    }

    fn modify(&mut self, args: &Args, account: &Account) -> Result<()> {
        match account.tool.as_str() {
            "busybox" => self.modify_by_hand(args, account)?,
            "pw" => {
                let words = pw_words("usermod", args, account);
                if words.len() > 4 {
                    self.lines.push(words);
                }
            }
            _ => self.modify_with_usermod(args, account),
        }
        self.modify_password(args, account);
        if args.create_home && !account.home_there {
            let home = some(&account.wanted_home).unwrap_or(&account.home);
            let gid = primary(args, account).unwrap_or(account.gid).to_string();
            let uid = args.uid.unwrap_or(account.uid).to_string();
            let skeleton = args.skeleton.as_deref().unwrap_or_default();
            let umask = args.umask.as_deref().unwrap_or_default();
            self.push(&["user_make_home", home, skeleton, umask, &uid, &gid]);
        }
        Ok(())
    }

    fn modify_with_usermod(&mut self, args: &Args, account: &Account) {
        let libuser = account.tool == "libuser";
        let mut words = Words::new(if libuser { "lusermod" } else { "usermod" });
        if let Some(uid) = args.uid.filter(|uid| *uid != account.uid) {
            words.pair("-u", Some(uid));
            words.when(args.non_unique && !libuser, "-o");
        }
        if primary(args, account).is_some_and(|gid| gid != account.gid) {
            words.pair("-g", args.group.as_deref());
        }
        if let Some(groups) = changed_groups(args, account).filter(|_| !libuser) {
            words.when(args.append, "-a");
            words.pair("-G", Some(groups.join(",")));
        }
        words.pair("-c", args.comment.as_deref().filter(|comment| *comment != account.comment));
        if differs(&account.wanted_home, &account.home) {
            words.when(args.move_home, "-m");
            words.pair("-d", Some(&account.wanted_home));
        }
        words.pair("-s", Some(&account.wanted_shell).filter(|shell| differs(shell, &account.shell)));
        if !libuser {
            words.pair("-e", args.expires.filter(|expires| expiry_differs(*expires, account)).map(expiry));
            let inactive = args.password_expire_account_disable;
            words.pair("-f", inactive.filter(|days| account.aging.inactive != Some(*days)));
        }
        words.elsewhere(args, account);
        if words.0.len() > 1 {
            words.add(&args.name);
            self.lines.push(words.0);
        }
        if libuser {
            self.join_and_leave(args, account);
        }
    }

    /// BusyBox has no usermod: groups one by one, the rest in /etc/passwd.
    fn modify_by_hand(&mut self, args: &Args, account: &Account) -> Result<()> {
        if args.expires.is_some_and(|expires| expiry_differs(expires, account)) {
            return Err(Error::input("this host has no usermod, so `expires` cannot be set")
                .hint("install the package `shadow`"));
        }
        self.join_and_leave(args, account);
        let uid = args.uid.filter(|uid| *uid != account.uid).map(|uid| uid.to_string());
        let gid = primary(args, account).filter(|gid| *gid != account.gid).map(|gid| gid.to_string());
        let comment = args.comment.clone().filter(|comment| *comment != account.comment);
        let home = some(&account.wanted_home).filter(|home| differs(home, &account.home)).map(str::to_owned);
        let shell = some(&account.wanted_shell).filter(|shell| differs(shell, &account.shell)).map(str::to_owned);
        if let Some(home) = home.as_deref().filter(|_| args.move_home) {
            self.push(&["mv", "--", &account.home, home]);
        }
        for (field, value) in [("3", uid), ("4", gid), ("5", comment), ("6", home), ("7", shell)] {
            if let Some(value) = value {
                self.push(&["user_edit", field, &value]);
            }
        }
        Ok(())
    }

    fn join_and_leave(&mut self, args: &Args, account: &Account) {
        let Some(groups) = changed_groups(args, account) else {
            return;
        };
        let mut join = Words::new("user_join");
        let mut leave = Words::new("user_leave");
        groups.iter().filter(|group| !account.groups.contains(group)).for_each(|group| join.add(group));
        if !args.append {
            account.groups.iter().filter(|group| !groups.contains(group)).for_each(|group| leave.add(group));
        }
        self.lines.extend([join, leave].into_iter().map(|words| words.0).filter(|words| words.len() > 1));
    }

    fn modify_password(&mut self, args: &Args, account: &Account) {
        if let Some(password) = &args.password
            && args.update_password == UpdatePassword::Always
            && !account.password_same
        {
            self.set_password(password.expose(), args.password_lock.unwrap_or(false));
            return;
        }
        match (args.password_lock, account.locked) {
            (Some(true), false) => self.lock(args, account, "-L"),
            (Some(false), true) => self.lock(args, account, "-U"),
            _ => {}
        }
    }

    fn lock(&mut self, args: &Args, account: &Account, switch: &str) {
        let name = args.name.as_str();
        match (account.tool.as_str(), switch) {
            ("busybox", "-L") => self.push(&["passwd", "-l", name]),
            ("busybox", _) => self.push(&["passwd", "-u", name]),
            ("pw", "-L") => self.push(&["pw", "lock", name]),
            ("pw", _) => self.push(&["pw", "unlock", name]),
            ("libuser", _) => self.push(&["lusermod", switch, name]),
            _ => self.push(&["usermod", switch, name]),
        }
    }

    fn set_password(&mut self, hash: &str, locked: bool) {
        self.hash = Some(if locked && !hash.starts_with('!') {
            format!("!{hash}")
        } else {
            hash.to_owned()
        });
        self.push(&["user_set_password"]);
    }

    fn age(&mut self, args: &Args, account: &Account) {
        let mut words = Words::new(if account.tool == "libuser" { "lchage" } else { "chage" });
        let aging = &account.aging;
        for (switch, wanted, known) in [
            ("-M", args.password_expire_max, aging.most),
            ("-m", args.password_expire_min, aging.least),
            ("-W", args.password_expire_warn, aging.warning),
        ] {
            words.pair(switch, wanted.filter(|days| !account.exists || known != Some(*days)));
        }
        if words.0.len() > 1 {
            words.add(&args.name);
            self.lines.push(words.0);
        }
    }

    fn key(&mut self, args: &Args, account: &Account) {
        if !args.generate_ssh_key {
            return;
        }
        if let Some(key) = account.key.as_deref().filter(|_| !args.force) {
            self.warnings.push(format!(
                "Found existing ssh key private file \"{key}\", no force, so skipping ssh-keygen generation"
            ));
            return;
        }
        let bits = args.ssh_key_bits.map(|bits| bits.to_string()).unwrap_or_default();
        self.push(&["user_generate_key", &bits, args.ssh_key_comment.as_deref().unwrap_or_default()]);
    }
}

/// Words of one command.
struct Words(Vec<String>);

impl Words {
    fn new(program: &str) -> Self {
        Words(vec![program.to_owned()])
    }

    fn add(&mut self, word: &str) {
        self.0.push(word.to_owned());
    }

    fn when(&mut self, holds: bool, word: &str) {
        if holds {
            self.add(word);
        }
    }

    fn pair(&mut self, switch: &str, value: Option<impl ToString>) {
        if let Some(value) = value {
            self.add(switch);
            self.0.push(value.to_string());
        }
    }

    /// The home of a new account.
    fn home(&mut self, args: &Args, libuser: bool) {
        if !args.create_home {
            self.add("-M");
            return;
        }
        self.when(!libuser, "-m");
        self.pair("-k", args.skeleton.as_deref());
        self.pair("-K", args.umask.as_deref().map(|mask| format!("UMASK={mask}")));
    }

    /// What only some systems know.
    fn elsewhere(&mut self, args: &Args, account: &Account) {
        match account.system.as_str() {
            "SunOS" => {
                self.pair("-A", args.authorization.as_deref());
                self.pair("-P", args.profile.as_deref());
                self.pair("-R", args.role.as_deref());
            }
            "OpenBSD" | "NetBSD" => self.pair("-L", args.login_class.as_deref()),
            _ => {}
        }
    }
}

/// FreeBSD's pw takes the same words for new accounts and for known ones.
fn pw_words(verb: &str, args: &Args, account: &Account) -> Vec<String> {
    let new = !account.exists;
    let mut words = Words::new("pw");
    words.add(verb);
    words.add("-n");
    words.add(&args.name);
    if let Some(uid) = args.uid.filter(|uid| new || *uid != account.uid) {
        words.pair("-u", Some(uid));
        words.when(args.non_unique, "-o");
    }
    if new || primary(args, account).is_some_and(|gid| gid != account.gid) {
        words.pair("-g", args.group.as_deref());
    }
    if let Some(groups) = changed_groups(args, account) {
        let kept = account.groups.iter().filter(|group| args.append && !groups.contains(group));
        let all: Vec<&str> = groups.iter().chain(kept).map(String::as_str).collect();
        words.pair("-G", Some(all.join(",")));
    }
    words.pair("-c", args.comment.as_deref().filter(|comment| new || *comment != account.comment));
    if new || differs(&account.wanted_home, &account.home) {
        words.pair("-d", some(&account.wanted_home));
        words.when(new && args.create_home || !new && args.move_home, "-m");
        words.pair("-k", args.skeleton.as_deref().filter(|_| new && args.create_home));
    }
    words.pair("-s", some(&account.wanted_shell).filter(|shell| new || differs(shell, &account.shell)));
    words.pair("-L", args.login_class.as_deref().filter(|_| new));
    if let Some(expires) = args.expires.filter(|_| new) {
        words.pair("-e", Some(if expires < 0.0 { 0 } else { expires as i64 }));
    }
    words.0
}

/// The id of the group that is to be the account's own.
fn primary(args: &Args, account: &Account) -> Option<i64> {
    let group = args.group.as_ref()?;
    account.known_groups.get(group).map(|(_, id)| *id)
}

/// The other groups that are wanted, by their names, without the account's own.
fn other_groups(args: &Args, account: &Account) -> Vec<String> {
    let own = primary(args, account).or(account.exists.then_some(account.gid));
    let mut groups: Vec<String> = args
        .groups
        .iter()
        .flatten()
        .filter_map(|group| account.known_groups.get(group))
        .filter(|(_, id)| Some(*id) != own)
        .map(|(name, _)| name.clone())
        .collect();
    groups.sort();
    groups.dedup();
    groups
}

/// The groups to name to a tool, where the account is not in just these.
fn changed_groups(args: &Args, account: &Account) -> Option<Vec<String>> {
    args.groups.as_ref()?;
    let wanted = other_groups(args, account);
    let changed = if args.append {
        wanted.iter().any(|group| !account.groups.contains(group))
    } else {
        wanted != account.groups
    };
    changed.then_some(wanted)
}

fn some(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

fn differs(wanted: &str, known: &str) -> bool {
    !wanted.is_empty() && wanted != known
}

/// The date after which the account is closed, as useradd reads it; nothing for never.
fn expiry(seconds: f64) -> String {
    let timestamp = jiff::Timestamp::from_second(seconds as i64).ok();
    match timestamp.filter(|_| seconds >= 0.0) {
        Some(timestamp) => timestamp.strftime("%Y-%m-%d").to_string(),
        None => String::new(),
    }
}

fn expiry_differs(seconds: f64, account: &Account) -> bool {
    match account.aging.expires.filter(|day| *day >= 0) {
        Some(day) => seconds < 0.0 || (seconds as i64).div_euclid(86400) != day,
        None => seconds >= 0.0,
    }
}

const PLAIN_PASSWORD: &str = "The input password appears not to have been hashed. The 'password' \
                              argument must be encrypted for this module to work properly.";

/// Says whether a password does not look like one of crypt(3)'s hashes.
fn looks_plain(password: &str) -> bool {
    let bare = password.trim_start_matches('!');
    if bare.is_empty() || bare.chars().all(|c| c == '*') {
        return false;
    }
    let fields: Vec<&str> = bare.split('$').collect();
    let (Some(hash), true) = (fields.last(), fields.len() >= 3 && !bare.contains(':')) else {
        return true;
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || "./=".contains(c);
    let length = match fields.get(1).copied() {
        Some("1") => 22,
        Some("5") => 43,
        Some("6") => 86,
        _ => hash.len(),
    };
    !hash.chars().all(plain) || hash.len() != length
}

#[cfg(test)]
mod tests {
    use super::{expiry, looks_plain};

    #[test]
    fn hashes_are_told_from_plain_words() {
        let hash = format!("$6$salt${}", "a".repeat(86));
        for (password, plain) in [
            (hash.as_str(), false),
            ("!", false),
            ("*", false),
            ("secret", true),
            ("$6$abc$xyz", true),
            ("$2b$12$abcdefghijklmnopqrstuv", false),
            ("a:b", true),
        ] {
            assert_eq!(looks_plain(password), plain, "{password}");
        }
    }

    #[test]
    fn expiry_is_a_date() {
        assert_eq!(expiry(1_922_213_222.0), "2030-11-29");
        assert_eq!(expiry(-1.0), "");
    }
}
