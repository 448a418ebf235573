//! Owner, group, mode, flags and SELinux context: the arguments that every file module takes.
//!
//! A probe asks for the node and for the numbers behind the wanted names ([`Attributes::ask`]);
//! the differences are found here ([`Attributes::differences`]) and set by the script that writes
//! ([`Differences::set`]). So check mode never sends anything that could write.

use crate::args;
use crate::error::{Error, Result};
use crate::modules::FileMode;
use crate::modules::ground::GROUND;
use crate::modules::node::{Node, mode_text};
use crate::outcome::Diff;
use crate::shell::{Fragment, PRELUDE, Reply, Script};
use crate::value::{Map, Value, to_json_nice};

/// The functions that ask for attributes and set them.
pub static ATTRIBUTES: Fragment = Fragment {
    name: "attributes",
    text: include_str!("attributes.sh"),
    needs: &[&GROUND],
};

args! {
    /// The attributes that a task asks for.
    Attributes {
        /// The permission bits.
        mode: Option<FileMode>,
        /// The owner, by name or number.
        owner: Option<String>,
        /// The group, by name or number.
        group: Option<String>,
        /// The user of the SELinux context; `_default` for the policy's.
        seuser: Option<String>,
        /// The role of the SELinux context.
        serole: Option<String>,
        /// The type of the SELinux context.
        setype: Option<String>,
        /// The level of the SELinux context.
        selevel: Option<String>,
        /// The flags of `chattr`, with an operator or without.
        attributes: Option<String> [attr],
        /// Write into the file itself where it cannot be replaced.
        unsafe_writes: bool = false,
    }
}

/// What has to be set for a node to have the wanted attributes.
///
/// What the task asks for is known too where it does not differ: a file that takes another's place
/// in a folder that somebody else may change gets all of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Differences {
    owner: Option<u32>,
    group: Option<u32>,
    mode: Option<u32>,
    wanted: Wanted,
    flags: Option<String>,
    context: Vec<String>,
    /// Why the owner or group of what is not there yet cannot be set: nobody knows it (yet).
    unknown: Vec<String>,
    before: Map,
    after: Map,
}

/// Owner, group and mode that a task asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Wanted {
    owner: Option<u32>,
    group: Option<u32>,
    mode: Option<u32>,
}

/// What a node is where there is none yet: what it will be made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fresh {
    /// A folder, 0777 without the umask.
    Directory,
    /// A file, 0666 without the umask.
    File,
}

impl Attributes {
    /// Sets what `look_wants` reads.
    pub fn ask(&self, script: Script) -> Script {
        let mode = matches!(self.mode, Some(FileMode::Symbolic(_)));
        script
            .set("want_owner", name_of(self.owner.as_deref()))
            .set("want_group", name_of(self.group.as_deref()))
            .flag("want_umask", mode)
            .flag("want_flags", self.attributes.is_some())
            .flag("want_context", self.wants_context())
    }

    fn wants_context(&self) -> bool {
        self.context_parts().iter().any(|(_, part)| part.is_some())
    }

    fn context_parts(&self) -> [(&'static str, Option<&str>); 4] {
        [
            ("-u", self.seuser.as_deref()),
            ("-r", self.serole.as_deref()),
            ("-t", self.setype.as_deref()),
            ("-l", self.selevel.as_deref()),
        ]
    }

    /// How `node` differs from what is wanted, or what a `fresh` one needs, from a reply to a
    /// script that called `look_wants`.
    ///
    /// # Errors
    /// A mode that makes no sense here, or an answer that is missing.
    pub fn differences(
        &self,
        reply: &Reply,
        node: Option<&Node>,
        fresh: Fresh,
    ) -> Result<Differences> {
        let mut found = Differences::default();
        let unknown = self.unknown(reply);
        if unknown.is_empty() || node.is_some() {
            self.compare_owner(reply, node, &mut found)?;
        } else {
            // Check mode: the task that makes the user may come before this one. A script that
            // would write says so and does nothing (see `Differences::set`).
            found.unknown = unknown;
        }
        self.compare_mode(reply, node, fresh, &mut found)?;
        self.compare_context(reply, node, &mut found);
        self.compare_flags(reply, &mut found);
        Ok(found)
    }

    /// The same but for flags, which only the one node has that was asked for.
    ///
    /// # Errors
    /// As [`Attributes::differences`].
    pub fn differences_in_tree(
        &self,
        reply: &Reply,
        node: Option<&Node>,
        fresh: Fresh,
    ) -> Result<Differences> {
        let mut found = Differences::default();
        self.compare_owner(reply, node, &mut found)?;
        self.compare_mode(reply, node, fresh, &mut found)?;
        self.compare_context(reply, node, &mut found);
        Ok(found)
    }

    /// Why the wanted owner and group cannot be set.
    fn unknown(&self, reply: &Reply) -> Vec<String> {
        let wanted = [
            ("want_owner", self.owner.as_deref()),
            ("want_group", self.group.as_deref()),
        ];
        let found = wanted.map(|(answer, wanted)| number(reply, answer, wanted).err());
        let errors = found.into_iter().flatten();
        errors.map(|error| error.message().to_owned()).collect()
    }

    fn compare_owner(
        &self,
        reply: &Reply,
        node: Option<&Node>,
        found: &mut Differences,
    ) -> Result<()> {
        let owner = number(reply, "want_owner", self.owner.as_deref())?;
        found.wanted.owner = owner;
        if let Some(wanted) = owner.filter(|wanted| node.map(|it| it.uid) != Some(*wanted)) {
            found.owner = Some(wanted);
            found.note("owner", node.map(|it| it.uid), wanted);
        }
        let group = number(reply, "want_group", self.group.as_deref())?;
        found.wanted.group = group;
        if let Some(wanted) = group.filter(|wanted| node.map(|it| it.gid) != Some(*wanted)) {
            found.group = Some(wanted);
            found.note("group", node.map(|it| it.gid), wanted);
        }
        Ok(())
    }

    fn compare_mode(
        &self,
        reply: &Reply,
        node: Option<&Node>,
        fresh: Fresh,
        found: &mut Differences,
    ) -> Result<()> {
        let Some(mode) = &self.mode else {
            return Ok(());
        };
        // Linux has no modes for links themselves.
        if node.is_some_and(Node::is_link) {
            return Ok(());
        }
        let umask = umask(reply);
        let (now, is_dir) = match node {
            Some(node) => (node.mode, node.is_dir()),
            None => (fresh.bits() & !umask, fresh == Fresh::Directory),
        };
        let wanted = match mode {
            FileMode::Bits(bits) => *bits,
            FileMode::Symbolic(text) => symbolic(text, now, is_dir, umask),
            FileMode::Preserve => {
                return Err(Error::input(
                    "argument `mode`: `preserve` needs a source whose mode can be preserved",
                ));
            }
        };
        found.wanted.mode = Some(wanted);
        if node.is_none() || wanted != now {
            found.mode = Some(wanted);
            let before = node.map(|it| mode_text(it.mode));
            found.note("mode", before, mode_text(wanted));
        }
        Ok(())
    }

    fn compare_flags(&self, reply: &Reply, found: &mut Differences) {
        let Some(wanted) = self.attributes.as_deref().filter(|it| !it.is_empty()) else {
            return;
        };
        let (operator, letters) = match wanted.chars().next() {
            Some(sign @ ('+' | '-' | '=')) => (sign, &wanted[1..]),
            _ => ('=', wanted),
        };
        let now: Vec<char> = reply
            .text("flags")
            .unwrap_or_default()
            .chars()
            .filter(|c| c.is_ascii_alphabetic())
            .collect();
        let differs = match operator {
            '+' => letters.chars().any(|flag| !now.contains(&flag)),
            '-' => letters.chars().any(|flag| now.contains(&flag)),
            // chattr cannot set or clear extents (e) and inline data (N).
            _ => {
                let plain = |flag: &char| !matches!(flag, 'e' | 'N');
                let mut a: Vec<char> = letters.chars().filter(plain).collect();
                let mut b: Vec<char> = now.iter().copied().filter(plain).collect();
                a.sort_unstable();
                b.sort_unstable();
                a != b
            }
        };
        if differs {
            let flags = format!("{operator}{letters}");
            found.note("attributes", Some(String::from_iter(now)), flags.clone());
            found.flags = Some(flags);
        }
    }

    fn compare_context(&self, reply: &Reply, node: Option<&Node>, found: &mut Differences) {
        if !reply.flag("selinux") {
            return;
        }
        let now = node.and_then(|it| it.context.as_deref()).unwrap_or("");
        let default = reply.text("default_context").unwrap_or_default();
        let mut now_parts = now.splitn(4, ':');
        let mut default_parts = default.trim().splitn(4, ':');
        for (option, wanted) in self.context_parts() {
            let (has, policy) = (now_parts.next(), default_parts.next());
            let wanted = match wanted {
                Some("_default") => policy,
                other => other,
            };
            if let Some(wanted) = wanted.filter(|wanted| has != Some(wanted)) {
                found.context.extend([option.to_owned(), wanted.to_owned()]);
            }
        }
        if !found.context.is_empty() {
            let words = found.context.join(" ");
            found.note("secontext", Some(now.to_owned()), words);
        }
    }
}

impl Differences {
    /// Says whether nothing differs.
    pub fn is_empty(&self) -> bool {
        let wanted = self.wanted;
        *self
            == Differences {
                wanted,
                ..Differences::default()
            }
    }

    /// Sets what `set_attributes`, `set_all` and `set_labels` read.
    ///
    /// Where the owner or group is not known, the script does nothing but fail.
    pub fn set(&self, script: Script) -> Script {
        if let Some(unknown) = self.unknown.first() {
            return Script::call(&PRELUDE, "fail").arg(unknown);
        }
        let digits = |number: Option<u32>| number.map(|n| n.to_string()).unwrap_or_default();
        script
            .set("set_owner", digits(self.owner))
            .set("set_group", digits(self.group))
            .set("set_mode", self.mode.map(exact_mode).unwrap_or_default())
            .set("all_owner", digits(self.wanted.owner))
            .set("all_group", digits(self.wanted.group))
            .set(
                "all_mode",
                self.wanted.mode.map(exact_mode).unwrap_or_default(),
            )
            .set("set_flags", self.flags.as_deref().unwrap_or(""))
            .list("set_context", &self.context)
    }

    /// The mode that is to be set.
    pub fn mode(&self) -> Option<u32> {
        self.mode
    }

    /// The user and group numbers that are to be set.
    pub fn owners(&self) -> (Option<u32>, Option<u32>) {
        (self.owner, self.group)
    }

    /// The words for `chcon`.
    pub fn context(&self) -> &[String] {
        &self.context
    }

    /// Notes something for the diff that is no attribute: the state, the path's times.
    pub fn note(&mut self, name: &str, before: Option<impl Into<Value>>, after: impl Into<Value>) {
        if let Some(before) = before {
            self.before.set(name, before);
        }
        self.after.set(name, after);
    }

    /// Notes all that another has noted.
    pub fn note_all(&mut self, other: &Differences) {
        self.before.extend_from(&other.before);
        self.after.extend_from(&other.after);
    }

    /// What was noted: how things were, and how they shall be.
    pub fn noted(&self) -> (&Map, &Map) {
        (&self.before, &self.after)
    }

    /// Notes what goes with what was: nothing takes its place.
    pub fn note_gone(&mut self, name: &str, before: Value) {
        self.before.set(name, before);
    }

    /// The difference as a registered result holds it: a dictionary of what was, and one of what is.
    pub fn states(&self, path: &str) -> Value {
        let side = |map: &Map| {
            let mut map = map.clone();
            map.set("path", path);
            map
        };
        let states =
            crate::entries! { "before" => side(&self.before), "after" => side(&self.after) };
        Value::map(states)
    }

    /// The difference as `--diff` shows it; nothing where nothing differs.
    pub fn diff(&self, path: &str) -> Option<Diff> {
        if self.before.is_empty() && self.after.is_empty() {
            return None;
        }
        let text = |map: &Map| {
            let mut map = map.clone();
            map.set("path", path);
            to_json_nice(&Value::map(map), 4, true) + "\n"
        };
        Some(Diff::Text {
            before: text(&self.before),
            after: text(&self.after),
            before_header: String::new(),
            after_header: String::new(),
        })
    }
}

impl Fresh {
    fn bits(self) -> u32 {
        match self {
            Fresh::Directory => 0o777,
            Fresh::File => 0o666,
        }
    }
}

/// The name to look up: a number needs none.
fn name_of(wanted: Option<&str>) -> &str {
    wanted
        .filter(|text| text.parse::<u32>().is_err())
        .unwrap_or("")
}

/// The number of a wanted owner or group.
fn number(reply: &Reply, answer: &str, wanted: Option<&str>) -> Result<Option<u32>> {
    let Some(name) = wanted else {
        return Ok(None);
    };
    if let Ok(number) = name.parse() {
        return Ok(Some(number));
    }
    let found = reply
        .int(answer)
        .and_then(|number| u32::try_from(number).ok());
    found.map(Some).ok_or_else(|| {
        let (verb, what) = match answer {
            "want_group" => ("chgrp", "group"),
            _ => ("chown", "user"),
        };
        Error::input(format!("{verb} failed: failed to look up {what} {name}"))
    })
}

/// Permission bits as `00644`: with five digits GNU's chmod takes setgid off a folder too.
pub fn exact_mode(mode: u32) -> String {
    format!("{mode:05o}")
}

fn umask(reply: &Reply) -> u32 {
    reply
        .text("umask")
        .and_then(|text| u32::from_str_radix(text.trim(), 8).ok())
        .unwrap_or(0o022)
}

/// The bits that `chmod text` gives a node that has the bits `now`.
pub fn symbolic(text: &str, now: u32, is_dir: bool, umask: u32) -> u32 {
    text.split(',').fold(now, |mode, clause| {
        let who_end = clause.find(['+', '-', '=']).unwrap_or(clause.len());
        let (who, mut rest) = clause.split_at(who_end);
        let mut mode = mode;
        while let Some(operator) = rest.chars().next() {
            let end = rest[1..]
                .find(['+', '-', '='])
                .map_or(rest.len(), |at| at + 1);
            let bits = permissions(&rest[1..end], who, mode, is_dir, umask);
            mode = match operator {
                '+' => mode | bits,
                '-' => mode & !bits,
                _ => mode & !class_bits(who) | bits,
            };
            rest = &rest[end..];
        }
        mode
    })
}

/// All bits of the classes in `who`, those of setuid, setgid and sticky too.
fn class_bits(who: &str) -> u32 {
    let has = |class| who.is_empty() || who.contains('a') || who.contains(class);
    let bits = |class, bits| if has(class) { bits } else { 0 };
    bits('u', 0o4700) | bits('g', 0o2070) | bits('o', 0o1007)
}

/// The bits that the letters of one operation stand for.
fn permissions(letters: &str, who: &str, now: u32, is_dir: bool, umask: u32) -> u32 {
    let spread = |bits: u32| bits << 6 | bits << 3 | bits;
    let all = letters.chars().fold(0, |all, letter| {
        all | match letter {
            'r' => 0o444,
            'w' => 0o222,
            'x' => 0o111,
            'X' if is_dir || now & 0o111 != 0 => 0o111,
            's' => 0o6000,
            't' => 0o1000,
            'u' => spread(now >> 6 & 7),
            'g' => spread(now >> 3 & 7),
            'o' => spread(now & 7),
            _ => 0,
        }
    });
    let bits = all & class_bits(who);
    if who.is_empty() { bits & !umask } else { bits }
}

#[cfg(test)]
mod tests {
    use super::symbolic;

    #[test]
    fn symbolic_modes_are_those_of_chmod() {
        for (text, now, is_dir, bits) in [
            ("u=rw,g=r,o=r", 0o777, false, 0o644),
            ("u=rwX,g=rX,o=", 0o600, false, 0o640),
            ("u=rwX,g=rX,o=", 0o600, true, 0o750),
            ("u=rwX,g=rX,o=", 0o655, false, 0o750),
            ("a+x", 0o644, false, 0o755),
            ("+w", 0o444, false, 0o644),
            ("=rw", 0o777, false, 0o644),
            ("u+s,g+s", 0o755, false, 0o6755),
            ("o+t", 0o777, true, 0o1777),
            ("g=u", 0o640, false, 0o660),
            ("go-rwx", 0o4755, false, 0o4700),
            ("u=rwx,u-w+s", 0o644, false, 0o4544),
            ("ug=rw-w", 0o777, false, 0o447),
        ] {
            let got = symbolic(text, now, is_dir, 0o022);
            assert_eq!(format!("{got:o}"), format!("{bits:o}"), "{text} on {now:o}");
        }
    }
}
