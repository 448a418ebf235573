#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::attributes::ATTRIBUTES;
use crate::modules::{Cx, FreeForm, Module, RemotePath, Step};
use crate::outcome::Outcome;
use crate::shell::{Fragment, Script};
use crate::value::{Map, Value};

/// The module.
pub static MODULE: Module = Module {
    name: "acl",
    collection: "ansible.posix",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "acl",
    text: include_str!("acl.sh"),
    needs: &[&ATTRIBUTES],
};

crate::choices! {
    /// Whether the entry is there.
    State { Absent = "absent", Present = "present", Query = "query" }
}

crate::choices! {
    /// Whom an entry is for.
    Kind { Group = "group", Mask = "mask", Other = "other", User = "user" }
}

crate::choices! {
    /// Whether the mask is computed anew.
    Recalculate { Default = "default", Mask = "mask", NoMask = "no_mask" }
}

args! {
    /// What `acl` takes.
    Args {
        default: bool = false,
        entity: String = String::new(),
        entry: Option<String>,
        etype: Option<Kind>,
        follow: bool = true,
        path: RemotePath [name],
        permissions: Option<String>,
        recalculate_mask: Recalculate = Recalculate::Default,
        recursive: bool [recurse] = false,
        state: State = State::Query,
        use_nfsv4_acls: bool = false,
    }
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(args)?;
    check_together(&args)?;
    let entry = Entry::of(&args)?;
    let text = entry.text(&args);
    let mode = match args.state {
        State::Present => "set",
        State::Absent => "rm",
        State::Query => "get",
    };
    let script = Script::call(&SHELL, "acl_main")
        .path("path", &args.path)
        .set("mode", mode)
        .set("entry", &text)
        .flag("follow", args.follow)
        .flag("default", entry.default.unwrap_or(args.default))
        .flag("recursive", args.recursive)
        .set("mask", args.recalculate_mask.word())
        .flag("nfs4", args.use_nfsv4_acls)
        .flag("check", cx.check);
    let message = match args.state {
        State::Present => format!("{text} is present"),
        State::Absent => format!("{text} is absent"),
        State::Query => "current acl".to_owned(),
    };
    Ok(Step::run(script, move |reply| {
        let acl = reply.text("acl").unwrap_or_default();
        let lines = acl.trim_end().lines().map(str::trim).filter(|line| !line.starts_with('#'));
        Ok(Outcome::new(reply.changed())
            .with("msg", message)
            .with("acl", Value::strings(lines))
            .into())
    }))
}

fn check_together(args: &Args) -> Result<()> {
    let wrong = |message: &str| Err(Error::input(message));
    let absent = args.state == State::Absent;
    if args.state == State::Query {
        if args.recursive {
            return wrong("'recursive' MUST NOT be set when 'state=query'.");
        }
        if args.recalculate_mask != Recalculate::Default {
            return wrong("'recalculate_mask' MUST NOT be set to 'mask' or 'no_mask' when 'state=query'.");
        }
    }
    let Some(entry) = args.entry.as_deref().filter(|entry| !entry.is_empty()) else {
        if absent && args.permissions.is_some() && !args.use_nfsv4_acls {
            return wrong("'permissions' MUST NOT be set when 'state=absent'.");
        }
        if absent && args.entity.is_empty() {
            return wrong("'entity' MUST be set when 'state=absent'.");
        }
        if args.state != State::Query && args.etype.is_none() {
            return Err(Error::input(format!("'etype' MUST be set when 'state={}'.", args.state.word())));
        }
        return Ok(());
    };
    if args.etype.is_some() || !args.entity.is_empty() || args.permissions.is_some() {
        return wrong("'entry' MUST NOT be set when 'entity', 'etype' or 'permissions' are set.");
    }
    let colons = entry.matches(':').count();
    match args.state {
        State::Present if !matches!(colons, 2 | 3) => {
            wrong("'entry' MUST have 3 or 4 sections divided by ':' when 'state=present'.")
        }
        State::Absent if !matches!(colons, 1 | 2) => {
            wrong("'entry' MUST have 2 or 3 sections divided by ':' when 'state=absent'.")
        }
        State::Query => wrong("'entry' MUST NOT be set when 'state=query'."),
        _ => Ok(()),
    }
}

/// An entry: whom it is for and what it allows.
struct Entry {
    default: Option<bool>,
    kind: String,
    entity: String,
    permissions: String,
}

impl Entry {
    fn of(args: &Args) -> Result<Entry> {
        let Some(text) = args.entry.as_deref().filter(|entry| !entry.is_empty()) else {
            return Ok(Entry {
                default: None,
                kind: args.etype.map_or("", Kind::word).to_owned(),
                entity: args.entity.clone(),
                permissions: args.permissions.clone().unwrap_or_default(),
            });
        };
        let mut parts: Vec<&str> = text.split(':').collect();
        let default = text.to_lowercase().starts_with('d').then(|| parts.remove(0)).map(|_| true);
        let part = |position: usize| parts.get(position).copied().unwrap_or_default().to_owned();
        let kind = match part(0).to_lowercase().chars().next() {
            Some('u') => "user",
            Some('g') => "group",
            Some('m') => "mask",
            Some('o') => "other",
            _ => return Err(Error::input(format!("`{text}` is for neither user, group, mask nor other"))),
        };
        Ok(Entry {
            default,
            kind: kind.to_owned(),
            entity: part(1),
            permissions: part(2),
        })
    }

    /// The entry as setfacl wants it.
    fn text(&self, args: &Args) -> String {
        let Entry { kind, entity, permissions, .. } = self;
        if args.use_nfsv4_acls {
            let group = if kind == "group" { "g" } else { "" };
            return format!("A:{group}:{entity}:{permissions}tcy");
        }
        match args.state {
            State::Present if !permissions.is_empty() => format!("{kind}:{entity}:{permissions}"),
            _ => format!("{kind}:{entity}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::entries;
    use crate::modules::driver::{Run, World};
    use crate::value::{Map, to_json};

    fn run(world: &World, args: Map) -> Run<'_> {
        world.write("some file", "");
        world.fake("uname", "echo Linux");
        world.fake("getfacl", "printf 'user::rw-\\n'; cat \"$HOME/list\" 2>/dev/null; echo");
        world.fake(
            "setfacl",
            "test=0; test \"$1\" != --test || { test=1; shift; }; old=$(cat \"$HOME/list\" 2>/dev/null); case $1 in (-m) new=$2 ;; (-x) new= ;; (*) exit 9 ;; esac\ncase $2 in (*nobody*) echo bad >&2; exit 2 ;; esac\nif test $test = 1; then test \"$old\" = \"$new\" && echo \"x: *,*\" || echo \"x: u::rw-,$2\"; else printf '%s' \"$new\" >\"$HOME/list\"; test -z \"$new\" || echo >>\"$HOME/list\"; fi",
        );
        Run::new("acl", world).path("path", "some file").args(args)
    }

    #[test]
    fn an_entry_is_set_once() {
        for world in World::each() {
            let joe = || entries! { "etype" => "user", "entity" => "joe", "permissions" => "r", "state" => "present" };
            let outcome = run(&world, joe()).expect_changed_then_ok();
            assert_eq!(outcome.text("msg"), Some("user:joe:r is present"));
            assert_eq!(to_json(outcome.data.get("acl").unwrap()), r#"["user::rw-", "user:joe:r"]"#, "{}", world.shell_name());
            run(&world, entries! {}).expect_ok();
            run(&world, entries! { "entry" => "u:joe:r", "state" => "present" }).expect_ok();
            run(&world, entries! { "entry" => "u:joe", "state" => "absent", "follow" => false, "recalculate_mask" => "mask" }).expect_changed();
            assert!(world.calls().iter().any(|call| call.starts_with("setfacl -x user:joe --mask --physical ")));
            run(&world, entries! { "entry" => "u:nobody:r", "state" => "present" }).expect_failed("bad");
        }
    }

    #[test]
    fn what_cannot_be_is_told() {
        let world = World::plain();
        run(&world, entries! { "state" => "absent" }).expect_failed("'entity' MUST be set");
        run(&world, entries! { "recurse" => true }).expect_failed("'recursive' MUST NOT be set");
        run(&world, entries! { "entry" => "u", "state" => "present" }).expect_failed("3 or 4 sections");
        run(&world, entries! { "path" => "/no/such" }).expect_failed("Path not found");
    }
}
