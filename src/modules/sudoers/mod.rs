#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::texts::TEXTS;
use crate::modules::{Cx, FreeForm, Module, RemotePath, Step, rules};
use crate::outcome::{Diff, Outcome};
use crate::shell::{Fragment, Script};
use crate::value::Map;

/// The module.
pub static MODULE: Module = Module {
    name: "sudoers",
    collection: "community.general",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "sudoers",
    text: include_str!("sudoers.sh"),
    needs: &[&TEXTS],
};

crate::choices! {
    /// Whether the rule is there.
    State { Absent = "absent", Present = "present" }
}

crate::choices! {
    /// Whether visudo reads the rule first.
    Validation { Absent = "absent", Detect = "detect", Required = "required" }
}

args! {
    /// What `sudoers` takes.
    Args {
        commands: Option<Vec<String>>,
        defaults: Vec<String> = Vec::new(),
        group: Option<String>,
        host: String = "ALL".to_owned(),
        name: String,
        noexec: bool = false,
        nopassword: bool = true,
        runas: Option<String>,
        setenv: bool = false,
        state: State = State::Present,
        sudoers_path: RemotePath = RemotePath("/etc/sudoers.d".to_owned()),
        user: Option<String>,
        validation: Validation = Validation::Detect,
    }
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(args)?;
    let whom = [("user", args.user.is_some()), ("group", args.group.is_some())];
    rules::exclusive(&whom)?;
    if args.state == State::Present {
        rules::required_if(true, "`state` is `present`", &[("commands", args.commands.is_some())])?;
        rules::one_of(&whom)?;
    }
    if args.name.contains('/') {
        return Err(Error::input(format!("`{}` cannot be the name of a rule's file", args.name)));
    }
    let content = content(&args);
    let path = format!("{}/{}", args.sudoers_path, args.name);
    let script = Script::call(&SHELL, "sudoers_main")
        .path("path", &path)
        .set("state", args.state.word())
        .set("content", &content)
        .set("validation", args.validation.word())
        .flag("check", cx.check);
    let diff = cx.diff;
    Ok(Step::run(script, move |reply| {
        let mut outcome = Outcome::new(reply.changed());
        if diff {
            let before = reply.text("before").unwrap_or_default();
            let after = if args.state == State::Present { &content } else { "" };
            outcome.diff.extend(Diff::of(&path, &before, after));
        }
        Ok(outcome.into())
    }))
}

/// The text of the file.
fn content(args: &Args) -> String {
    let group = args.group.as_ref().map(|group| format!("%{group}"));
    let owner = args.user.clone().or(group).unwrap_or_default();
    let defaults: String = args.defaults.iter().map(|line| format!("Defaults:{owner} {line}\n")).collect();
    let runas = args.runas.as_ref().map(|user| format!("({user})")).unwrap_or_default();
    let tags = [(args.noexec, "NOEXEC:"), (args.nopassword, "NOPASSWD:"), (args.setenv, "SETENV:")];
    let tags: String = tags.iter().filter(|(on, _)| *on).map(|(_, tag)| *tag).collect();
    let commands = args.commands.as_deref().unwrap_or_default().join(", ");
    format!("{defaults}{owner} {}={runas}{tags} {commands}\n", args.host)
}

#[cfg(test)]
mod tests {
    use crate::entries;
    use crate::modules::driver::{Run, World};
    use crate::value::{Map, Value};

    fn run(world: &World, args: Map) -> Run<'_> {
        world.fake("visudo", "! grep -q BAD || { echo 'syntax error near line 1'; exit 1; }");
        Run::new("sudoers", world).set("name", "my rule").path("sudoers_path", "su d").args(args)
    }

    #[test]
    fn a_rule_is_written_once() {
        for world in World::each() {
            world.write("su d/.keep", "");
            let rule = || {
                run(
                    &world,
                    entries! { "group" => "ops", "commands" => Value::strings(["/bin/a", "/bin/b *"]), "runas" => "bob", "setenv" => true, "defaults" => "!requiretty" },
                )
            };
            assert_eq!(rule().diff().expect_changed_then_ok().diff.len(), 1);
            assert_eq!(world.read("su d/my rule"), "Defaults:%ops !requiretty\n%ops ALL=(bob)NOPASSWD:SETENV: /bin/a, /bin/b *\n", "{}", world.shell_name());
            assert_eq!(world.mode("su d/my rule"), "0440");
            run(&world, entries! { "user" => "x", "commands" => "BAD" }).check().expect_failed("Failed to validate sudoers rule");
            run(&world, entries! { "user" => "x", "commands" => "BAD", "validation" => "absent" }).expect_changed();
            run(&world, entries! { "state" => "absent" }).expect_changed_then_ok();
            assert!(!world.path("su d/my rule").exists());
        }
    }

    #[test]
    fn what_is_missing_is_told() {
        let world = World::plain();
        run(&world, entries! { "user" => "x" }).expect_failed("following are missing: commands");
        run(&world, entries! { "commands" => "x" }).expect_failed("one of the following is required: user, group");
        run(&world, entries! { "commands" => "x", "user" => "a", "group" => "b" }).expect_failed("mutually exclusive");
    }
}
