//! What stands at a path of a host.

use crate::outcome::Outcome;
use crate::shell::{Fragment, PRELUDE, Reply};

/// The functions that look at a path: `look NAME PATH` answers what [`Node::read`] reads.
pub static NODE: Fragment = Fragment {
    name: "node",
    text: include_str!("node.sh"),
    needs: &[&PRELUDE],
};

/// What kind of thing stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Kind {
    BlockDevice,
    CharacterDevice,
    Directory,
    Fifo,
    File,
    Link,
    Socket,
}

/// A file, a folder, a link, … of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// The permission bits, those of setuid, setgid and sticky too.
    pub mode: u32,
    /// The owner's number.
    pub uid: u32,
    /// The group's number.
    pub gid: u32,
    /// The size in bytes.
    pub size: u64,
    /// How many names it has.
    pub links: u64,
    /// Its number in the file system.
    pub inode: u64,
    /// The file system's number; 0 where the host's tools do not tell.
    pub device: u64,
    /// When it was last read, in seconds since 1970.
    pub accessed: i64,
    /// When its content last changed.
    pub modified: i64,
    /// When it last changed in any way.
    pub altered: i64,
    /// The owner's name, where there is one.
    pub owner: Option<String>,
    /// The group's name, where there is one.
    pub group: Option<String>,
    /// The SELinux context, where the kernel has it.
    pub context: Option<String>,
    /// What a symbolic link says.
    pub target: Option<String>,
}

impl Node {
    /// What `look NAME …` answered; nothing where nothing stands there.
    pub fn read(reply: &Reply, name: &str) -> Option<Node> {
        let text = reply.text(name)?;
        let mut node = Node::parse(&text)?;
        node.target = reply.text(&format!("{name}.link")).map(|text| {
            let end = text.strip_suffix('\n').unwrap_or(&text);
            end.to_owned()
        });
        Some(node)
    }

    /// The text that `look` answers.
    pub fn parse(text: &str) -> Option<Node> {
        let (tool, rest) = text.split_once(' ')?;
        match tool {
            "gnu" | "bsd" | "via" => Node::parse_stat(rest),
            "ls" => Node::parse_ls(rest),
            _ => None,
        }
    }

    fn parse_stat(text: &str) -> Option<Node> {
        let mut lines = text.lines();
        let mut fields = lines.next()?.split(' ');
        let mode = u32::from_str_radix(fields.next()?, 16).ok()?;
        let mut number = || fields.next()?.parse::<i64>().ok();
        let mut name = || lines.next().and_then(known_name);
        Some(Node {
            kind: Kind::of_mode(mode)?,
            mode: mode & 0o7777,
            uid: u32::try_from(number()?).ok()?,
            gid: u32::try_from(number()?).ok()?,
            size: number()?.cast_unsigned(),
            links: number()?.cast_unsigned(),
            inode: number()?.cast_unsigned(),
            device: number()?.cast_unsigned(),
            accessed: number()?,
            modified: number()?,
            altered: number()?,
            owner: name(),
            group: name(),
            context: name().filter(|context| context.contains(':')),
            target: None,
        })
    }

    /// Two lines of `ls`, with numbers and with names, the time of change before them.
    fn parse_ls(text: &str) -> Option<Node> {
        let (time, rest) = text.split_once(' ')?;
        let mut lines = rest.lines();
        let mut words = lines.next()?.split_whitespace();
        let inode = words.next()?.parse().ok()?;
        let letters = words.next()?;
        let links = words.next()?.parse().ok()?;
        let uid: u32 = words.next()?.parse().ok()?;
        let gid: u32 = words.next()?.parse().ok()?;
        let size = words.next()?.parse().unwrap_or(0);
        let mut names = lines.next().unwrap_or("").split_whitespace().skip(2);
        let mut name = |number: u32| {
            let word = names.next()?;
            (word != number.to_string()).then(|| word.to_owned())
        };
        let time = time.parse().unwrap_or(0);
        Some(Node {
            kind: Kind::of_letter(letters)?,
            mode: bits_of_letters(letters),
            uid,
            gid,
            size,
            links,
            inode,
            device: 0,
            accessed: time,
            modified: time,
            altered: time,
            owner: name(uid),
            group: name(gid),
            context: None,
            target: None,
        })
    }

    /// A folder (and no link to one).
    pub fn is_dir(&self) -> bool {
        self.kind == Kind::Directory
    }

    /// A symbolic link.
    pub fn is_link(&self) -> bool {
        self.kind == Kind::Link
    }

    /// The reference's word for it: `file`, `hard` for a file of several names, `directory`,
    /// `link`; devices and the like count as files.
    pub fn state(&self) -> &'static str {
        match self.kind {
            Kind::Directory => "directory",
            Kind::Link => "link",
            _ if self.links > 1 => "hard",
            _ => "file",
        }
    }

    /// The permission bits as `0644`, and `02755` with those of setuid, setgid and sticky.
    pub fn mode_text(&self) -> String {
        mode_text(self.mode)
    }

    /// The outcome with the keys that every module gives for a file.
    pub fn describe(&self, mut outcome: Outcome) -> Outcome {
        let owner = self.owner.clone().unwrap_or_else(|| self.uid.to_string());
        let group = self.group.clone().unwrap_or_else(|| self.gid.to_string());
        outcome = outcome
            .with("state", self.state())
            .with("mode", self.mode_text())
            .with("owner", owner)
            .with("group", group)
            .with("uid", self.uid)
            .with("gid", self.gid)
            .with("size", self.size);
        match &self.context {
            Some(context) => outcome.with("secontext", context),
            None => outcome,
        }
    }
}

impl Kind {
    fn of_mode(mode: u32) -> Option<Kind> {
        Some(match mode & 0o170_000 {
            0o010_000 => Kind::Fifo,
            0o020_000 => Kind::CharacterDevice,
            0o040_000 => Kind::Directory,
            0o060_000 => Kind::BlockDevice,
            0o100_000 => Kind::File,
            0o120_000 => Kind::Link,
            0o140_000 => Kind::Socket,
            _ => return None,
        })
    }

    fn of_letter(letters: &str) -> Option<Kind> {
        Some(match letters.chars().next()? {
            'p' => Kind::Fifo,
            'c' => Kind::CharacterDevice,
            'd' => Kind::Directory,
            'b' => Kind::BlockDevice,
            '-' => Kind::File,
            'l' => Kind::Link,
            's' => Kind::Socket,
            _ => return None,
        })
    }
}

/// Permission bits as `0644`, and `02755` with those of setuid, setgid and sticky.
pub fn mode_text(mode: u32) -> String {
    format!("0{mode:03o}")
}

fn known_name(name: &str) -> Option<String> {
    // GNU says UNKNOWN, BSD gives the number back.
    let unknown = name.is_empty() || name == "UNKNOWN" || name.bytes().all(|b| b.is_ascii_digit());
    (!unknown).then(|| name.to_owned())
}

/// The permission bits of `-rwsr-xr-t`.
fn bits_of_letters(letters: &str) -> u32 {
    let letter = |position: usize| letters.chars().nth(position).unwrap_or('-');
    let plain = (1..=9).fold(0, |mode, position| {
        mode << 1 | u32::from(!"-ST".contains(letter(position)))
    });
    let special = |position, bit| {
        if "sStT".contains(letter(position)) {
            bit
        } else {
            0
        }
    };
    plain | special(3, 0o4000) | special(6, 0o2000) | special(9, 0o1000)
}

#[cfg(test)]
mod tests {
    use super::{Kind, Node, bits_of_letters};

    #[test]
    fn letters_are_bits() {
        for (letters, bits) in [
            ("-rw-r--r--", 0o644),
            ("-rwsr-Sr-t", 0o7745),
            ("drwxrwxrwt", 0o1777),
            ("----------", 0),
        ] {
            assert_eq!(bits_of_letters(letters), bits, "{letters}");
        }
    }

    #[test]
    fn every_tool_gives_one_shape() {
        let gnu = "gnu 81a4 0 1000 5 1 77 2049 1 2 3\nroot\nUNKNOWN\n";
        let node = Node::parse(gnu).unwrap();
        assert_eq!((node.kind, node.mode, node.size), (Kind::File, 0o644, 5));
        assert_eq!((node.owner.as_deref(), node.group), (Some("root"), None));
        let bsd = "bsd 41ed 0 0 512 2 77 99 1 2 3\nroot\nwheel";
        assert!(Node::parse(bsd).unwrap().is_dir());
        let ls = "ls 1700000000 77 -rwsr-xr-x 1 0 7 5 Jan 1 2020 /a b\n\
                  -rwsr-xr-x 1 root 7 5 Jan 1 2020 /a b";
        let node = Node::parse(ls).unwrap();
        assert_eq!((node.mode, node.uid, node.gid), (0o4755, 0, 7));
        assert_eq!((node.owner.as_deref(), node.group), (Some("root"), None));
        assert_eq!(node.inode, 77);
        assert_eq!(node.modified, 1_700_000_000);
    }
}
