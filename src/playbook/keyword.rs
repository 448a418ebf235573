//! The words of the language: every keyword, where it may stand, and how it is inherited.
//!
//! The table is the reference's (`ansible-doc -t keyword -l`, `playbook/*.py`); `docs/ansible.md`
//! is made from it.

/// Where a keyword may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Object {
    /// A play.
    Play,
    /// An entry of `roles:`, or a dependency.
    Role,
    /// A block.
    Block,
    /// A task.
    Task,
    /// A handler.
    Handler,
}

impl Object {
    /// The reference's name for it, as its messages have it.
    pub fn name(self) -> &'static str {
        match self {
            Object::Play => "Play",
            Object::Role => "RoleInclude",
            Object::Block => "Block",
            Object::Task => "Task",
            Object::Handler => "Handler",
        }
    }

    fn bit(self) -> u8 {
        match self {
            Object::Play => P,
            Object::Role => R,
            Object::Block => B,
            Object::Task => T,
            Object::Handler => H,
        }
    }
}

/// What a keyword's value must be, once rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `yes`, `no`, …
    Bool,
    /// A mapping.
    Dict,
    /// A number.
    Float,
    /// A whole number.
    Int,
    /// A list; a single value is a list of one.
    List,
    /// A number, or one with `%`.
    Percent,
    /// Anything.
    Raw,
    /// Text.
    Str,
}

/// How a keyword reaches what stands below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inherit {
    /// The inner values are added to the outer ones.
    Extend,
    /// It does not.
    Never,
    /// The nearest value wins.
    Override,
}

/// One keyword.
#[derive(Debug)]
pub struct Keyword {
    /// Its name.
    pub name: &'static str,
    /// The type of its value.
    pub kind: Kind,
    /// How it is inherited.
    pub inherit: Inherit,
    objects: u8,
}

impl Keyword {
    /// Says whether the keyword may stand on such an object.
    pub fn stands_on(&self, object: Object) -> bool {
        self.objects & object.bit() != 0
    }
}

const P: u8 = 1;
const R: u8 = 2;
const B: u8 = 4;
const T: u8 = 8;
const H: u8 = 16;
const ALL: u8 = P | R | B | T | H;
const TASKS: u8 = T | H;

macro_rules! keywords {
    ($($name:literal $kind:ident $inherit:ident $objects:expr;)*) => {
        /// Every keyword, in alphabetical order.
        pub static KEYWORDS: &[Keyword] = &[$(Keyword {
            name: $name,
            kind: Kind::$kind,
            inherit: Inherit::$inherit,
            objects: $objects,
        },)*];
    };
}

keywords! {
    "action" Raw Never TASKS;
    "always" List Never B;
    "any_errors_fatal" Bool Override ALL;
    "args" Dict Never TASKS;
    "async" Int Never TASKS;
    "become" Bool Override ALL;
    "become_exe" Str Override ALL;
    "become_flags" Str Override ALL;
    "become_method" Str Override ALL;
    "become_user" Str Override ALL;
    "block" List Never B;
    "changed_when" List Never TASKS;
    "check_mode" Bool Override ALL;
    "collections" List Override ALL;
    "connection" Str Override ALL;
    "debugger" Str Override ALL;
    "delay" Float Never TASKS;
    "delegate_facts" Bool Override R | B | TASKS;
    "delegate_to" Str Override R | B | TASKS;
    "diff" Bool Override ALL;
    "environment" List Extend ALL;
    "fact_path" Str Never P;
    "failed_when" List Never TASKS;
    "force_handlers" Bool Never P;
    "gather_facts" Bool Never P;
    "gather_subset" List Never P;
    "gather_timeout" Int Never P;
    "handlers" List Never P;
    "hosts" List Never P;
    "ignore_errors" Bool Override ALL;
    "ignore_unreachable" Bool Override ALL;
    "listen" List Never H;
    "local_action" Raw Never TASKS;
    "loop" Raw Never TASKS;
    "loop_control" Dict Never TASKS;
    "max_fail_percentage" Percent Never P;
    "module_defaults" List Extend ALL;
    "name" Str Never ALL;
    "no_log" Bool Override ALL;
    "notify" List Extend B | TASKS;
    "order" Str Never P;
    "poll" Int Never TASKS;
    "port" Int Override ALL;
    "post_tasks" List Never P;
    "pre_tasks" List Never P;
    "register" Raw Never TASKS;
    "remote_user" Str Override ALL;
    "rescue" List Never B;
    "retries" Int Never TASKS;
    "role" Str Never R;
    "roles" List Never P;
    "run_once" Bool Override ALL;
    "serial" List Never P;
    "strategy" Str Never P;
    "tags" List Extend ALL;
    "tasks" List Never P;
    "throttle" Int Override ALL;
    "timeout" Int Override ALL;
    "until" List Never TASKS;
    "user" Str Never P;
    "validate_argspec" Raw Never P;
    "vars" Dict Never ALL;
    "vars_files" List Never P;
    "vars_prompt" List Never P;
    "when" List Extend R | B | TASKS;
}

/// The keyword of that name, wherever it may stand.
pub fn find(name: &str) -> Option<&'static Keyword> {
    let position = KEYWORDS
        .binary_search_by(|keyword| keyword.name.cmp(name))
        .ok()?;
    KEYWORDS.get(position)
}

/// The names of the keywords that may stand on `object`.
pub fn names_on(object: Object) -> impl Iterator<Item = &'static str> {
    KEYWORDS
        .iter()
        .filter(move |keyword| keyword.stands_on(object))
        .map(|keyword| keyword.name)
}

#[cfg(test)]
mod tests {
    use super::{KEYWORDS, find};

    #[test]
    fn the_table_is_sorted_so_that_it_can_be_searched() {
        assert!(KEYWORDS.windows(2).all(|pair| pair[0].name < pair[1].name));
        assert!(find("when").is_some() && find("whenn").is_none());
    }
}
