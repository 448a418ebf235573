#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::error::Result;
use crate::modules::{Cx, FreeForm, Module, Step, rules};
use crate::outcome::{Diff, Outcome};
use crate::shell::{Fragment, PRELUDE, Reply, Script};
use crate::value::{Map, Value, to_json_nice};

/// The module.
pub static MODULE: Module = Module {
    name: "debconf",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "debconf",
    text: include_str!("debconf.sh"),
    needs: &[&PRELUDE],
};

crate::choices! {
    /// The type of a question.
    Kind {
        Boolean = "boolean",
        Error = "error",
        Multiselect = "multiselect",
        Note = "note",
        Password = "password",
        Seen = "seen",
        Select = "select",
        String = "string",
        Text = "text",
        Title = "title",
    }
}

args! {
    /// What `debconf` takes.
    Args {
        name: String [pkg],
        question: Option<String> [selection, setting],
        unseen: bool = false,
        value: Option<Value> [answer],
        vtype: Option<Kind>,
    }
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(args)?;
    rules::together(&[
        ("question", args.question.is_some()),
        ("vtype", args.vtype.is_some()),
        ("value", args.value.is_some()),
    ])?;
    let secret = args.vtype == Some(Kind::Password) && args.question.is_some();
    let script = Script::call(&SHELL, "debconf_probe")
        .set("name", &args.name)
        .set("question", args.question.as_deref().unwrap_or_default())
        .flag("secret", secret);
    let cx = Arc::clone(cx);
    Ok(Step::run(script, move |reply| Ok(decide(&args, &reply, &cx))))
}

fn decide(args: &Args, reply: &Reply, cx: &Cx) -> Step {
    let known = answers(&reply.text("shown").unwrap_or_default());
    let all = |known: &[(String, String)]| {
        let mut map = Map::new();
        known.iter().for_each(|(question, value)| map.set(question, value.as_str()));
        map
    };
    let (Some(question), Some(kind), Some(value)) = (&args.question, args.vtype, &args.value) else {
        return Outcome::ok().with("msg", "").with("current", all(&known)).into();
    };
    let wanted = text(value, kind);
    let secret = reply.text("password");
    let before = match &secret {
        Some(answer) => answer.split_once(' ').map(|(_, value)| value.trim_end().to_owned()),
        None => known.iter().find(|(name, _)| name == question).map(|(_, value)| value.clone()),
    };
    if before.as_deref().is_some_and(|before| same(before, &wanted, kind)) {
        return Outcome::ok().with("msg", "").with("current", all(&known)).into();
    }
    let one = |value: &str| {
        let shown = if secret.is_some() { "(password omitted)" } else { value };
        crate::entries! { question => shown }
    };
    let asked = known.iter().any(|(name, _)| name == question);
    let before = before.unwrap_or_default();
    let previous = if asked { one(&before) } else { crate::entries! { question => "" } };
    let mut outcome = Outcome::changed()
        .with("msg", "")
        .with("current", one(&wanted))
        .with("previous", previous);
    if cx.diff && secret.is_none() {
        let shown = |value: &str| to_json_nice(&Value::map(one(value)), 4, true) + "\n";
        outcome.diff.extend(Diff::of(&args.name, &shown(&before), &shown(&wanted)));
    }
    if cx.check {
        return outcome.into();
    }
    let script = Script::call(&SHELL, "debconf_set")
        .set("name", &args.name)
        .set("question", question)
        .set("kind", kind.word())
        .secret("value", wanted)
        .flag("unseen", args.unseen);
    Step::run(script, move |reply| {
        Ok(outcome.with("msg", reply.text("said").unwrap_or_default()).into())
    })
}

/// The answer as debconf writes it.
fn text(value: &Value, kind: Kind) -> String {
    match (value, kind) {
        (Value::List(items), _) => {
            let items: Vec<String> = items.iter().map(Value::to_text).collect();
            items.join(", ")
        }
        (value, Kind::Boolean) => value.to_text().to_lowercase(),
        (value, _) => value.to_text(),
    }
}

fn same(before: &str, wanted: &str, kind: Kind) -> bool {
    let sorted = |text: &str| {
        let mut items: Vec<String> = text.split(',').map(|item| item.trim().to_owned()).collect();
        items.sort();
        items
    };
    match kind {
        Kind::Boolean => before.to_lowercase() == wanted,
        Kind::Multiselect => sorted(before) == sorted(wanted),
        _ => before == wanted,
    }
}

/// `* tzdata/Areas: Europe` lines; the star says that somebody has seen the question.
fn answers(shown: &str) -> Vec<(String, String)> {
    let lines = shown.lines().filter_map(|line| {
        let (question, value) = line.trim_start_matches(['*', ' ']).split_once(':')?;
        Some((question.trim().to_owned(), value.trim().to_owned()))
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use crate::entries;
    use crate::modules::driver::{Run, World};
    use crate::value::{Map, Value, to_json};

    fn run(world: &World, args: Map) -> Run<'_> {
        world.fake("debconf-show", "cat \"$HOME/answers\"");
        world.fake("debconf-communicate", "cat >/dev/null; echo \"0 old word\"");
        world.fake(
            "debconf-set-selections",
            "read -r package question kind value; grep -v \"$question:\" \"$HOME/answers\" >\"$HOME/new\"; printf '* %s: %s\\n' \"$question\" \"$value\" >>\"$HOME/new\"; mv \"$HOME/new\" \"$HOME/answers\"",
        );
        Run::new("debconf", world).args(args)
    }

    #[test]
    fn an_answer_is_given_once() {
        for world in World::each() {
            world.write("answers", "* tzdata/Areas: Etc\n  tzdata/on: true\n* m/x: b, a\n");
            let args = || entries! { "pkg" => "tzdata", "question" => "tzdata/Areas", "answer" => "it's \"$x\" y", "vtype" => "select" };
            run(&world, args()).check().expect_changed();
            let outcome = run(&world, args()).diff().expect_changed();
            assert_eq!(to_json(outcome.data.get("previous").unwrap()), r#"{"tzdata/Areas": "Etc"}"#);
            run(&world, args()).expect_ok();
            run(&world, entries! { "name" => "t", "question" => "tzdata/on", "value" => true, "vtype" => "boolean" }).expect_ok();
            let list = Value::strings(["a", "b"]);
            run(&world, entries! { "name" => "t", "question" => "m/x", "value" => list, "vtype" => "multiselect" }).expect_ok();
            let all = run(&world, entries! { "name" => "tzdata" }).expect_ok();
            assert_eq!(all.data.get("current").unwrap().as_map().unwrap().len(), 3);
        }
    }

    #[test]
    fn a_password_is_neither_told_nor_shown() {
        for world in World::each() {
            world.write("answers", "* x/pw: (password omitted)\n");
            let run = |word: &str| run(&world, entries! { "name" => "x", "question" => "x/pw", "value" => word, "vtype" => "password" });
            run("old word").expect_ok();
            let outcome = run("new word").diff().expect_changed();
            assert!(!format!("{outcome:?}").contains("word\""), "{outcome:?}");
            assert!(!world.calls().iter().any(|call| call.contains("new word")));
            Run::new("debconf", &world).set("name", "x").set("question", "y").expect_failed("parameters are required together: question, vtype, value");
        }
    }
}
