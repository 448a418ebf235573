#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::commands::{Ran, act, ask, command};
use crate::modules::{Cx, FreeForm, Module, Step};
use crate::outcome::Outcome;
use crate::value::Map;

/// The module.
pub static MODULE: Module = Module {
    name: "capabilities",
    collection: "community.general",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

crate::choices! {
    /// Whether the file has the capability.
    State { Absent = "absent", Present = "present" }
}

args! {
    /// What `capabilities` takes.
    Args {
        capability: String [cap],
        path: String [key],
        state: State = State::Present,
    }
}

/// What stands between names and flags.
const OPERATORS: &[char] = &['=', '-', '+'];

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let mut args = Args::read(args)?;
    args.path = args.path.trim().to_owned();
    args.capability = args.capability.trim().to_lowercase();
    if args.state == State::Present && !args.capability.contains(OPERATORS) {
        return Err(Error::input("Couldn't find operator (one of: =, -, +)"));
    }
    let questions = [
        command(&["getcap", "-v", &args.path]),
        command(&["setcap", "-v", &args.capability, &args.path]),
    ];
    let cx = Arc::clone(cx);
    Ok(ask(&questions, move |ran| decide(args, &ran, &cx)))
}

fn decide(args: Args, ran: &[Ran], cx: &Arc<Cx>) -> Result<Step> {
    let [told, verified] = ran else {
        return Err(Error::bug("getcap was not asked"));
    };
    let current = match capabilities(told, &args.path) {
        Ok(current) => current,
        Err(outcome) => return Ok((*outcome).into()),
    };
    let requested = names(&args.capability);
    let kept: Vec<String> = current
        .iter()
        .filter(|(name, _)| !requested.contains(&name.as_str()))
        .map(|(name, flags)| format!("{name}{flags}"))
        .collect();
    let known = current.iter().any(|(name, _)| requested.contains(&name.as_str()));
    let same = Outcome::ok().with("state", args.state.word());
    match args.state {
        State::Absent if !known => Ok(same.into()),
        State::Absent => Ok(change(&args, kept.join(" "), current, cx)),
        State::Present if kept.is_empty() && verified.is_ok() => Ok(same.into()),
        State::Present if kept.is_empty() => Ok(change(&args, args.capability.clone(), current, cx)),
        State::Present => {
            let clauses = [kept.join(" "), args.capability.clone()].join(" ");
            let question = command(&["setcap", "-v", &clauses, &args.path]);
            let cx = Arc::clone(cx);
            Ok(ask(&[question], move |ran| {
                let verified = ran.first().is_some_and(Ran::is_ok);
                Ok(if verified { same.into() } else { change(&args, clauses, current, &cx) })
            }))
        }
    }
}

fn change(args: &Args, clauses: String, current: Vec<(String, String)>, cx: &Cx) -> Step {
    let outcome = Outcome::changed()
        .with("state", args.state.word())
        .with("msg", "capabilities changed");
    if cx.check {
        return outcome.into();
    }
    let path = args.path.clone();
    let commands = vec![command(&["setcap", &clauses, &path]), command(&["getcap", "-v", &path])];
    act(commands, move |ran| {
        let [set, told] = &ran[..] else {
            return Err(Error::bug("setcap was not run"));
        };
        let sorted = |mut all: Vec<(String, String)>| {
            all.sort();
            all
        };
        let mut outcome = outcome.with("stdout", set.stdout.as_str());
        // setcap may have nothing to do after all.
        outcome.changed = match capabilities(told, &path) {
            Ok(after) => sorted(after) != sorted(current),
            Err(outcome) => return Ok((*outcome).into()),
        };
        Ok(outcome.into())
    })
}

/// The names in `cap_a,cap_b+ep cap_c=i`.
fn names(text: &str) -> Vec<&str> {
    let lists = text.split_whitespace().filter_map(|clause| clause.split(OPERATORS).next());
    lists.flat_map(|names| names.split(',')).filter(|name| !name.is_empty()).collect()
}

/// What getcap tells: each name with its operator and flags.
fn capabilities(told: &Ran, path: &str) -> std::result::Result<Vec<(String, String)>, Box<Outcome>> {
    let text = told.stdout.trim();
    if told.is_missing() {
        return Err(Box::new(Outcome::failed(told.stderr.as_str())));
    }
    let bad = !told.is_ok() || !told.stderr.is_empty() || text.ends_with(')');
    let Some(rest) = text.strip_prefix(path).filter(|_| !bad) else {
        let message = format!("Unable to get capabilities of {path}");
        return Err(Box::new(told.failure_with(&message, &command(&["getcap", "-v", path]))));
    };
    // Older versions write a `=` of its own before the list.
    let rest = rest.trim().strip_prefix("= ").unwrap_or(rest.trim());
    let mut all = Vec::new();
    for clause in rest.to_lowercase().split_whitespace().filter(|clause| *clause != "=") {
        let Some(position) = clause.find(OPERATORS) else { continue };
        let (names, flags) = clause.split_at(position);
        all.extend(names.split(',').map(|name| (name.to_owned(), flags.to_owned())));
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use crate::entries;
    use crate::modules::driver::{Run, World};
    use crate::value::Map;

    fn run(world: &World, args: Map) -> Run<'_> {
        world.fake("getcap", "test \"$2\" != /none || { echo \"$2 (No such file or directory)\" >&2; exit 0; }; c=$(cat \"$HOME/caps\" 2>/dev/null); echo \"$2${c:+ $c}\"");
        world.fake("setcap", "if test \"$1\" = -v; then test \"$2\" = \"$(cat \"$HOME/caps\" 2>/dev/null | tr = +)\"; else echo \"$1\" | tr + = >\"$HOME/caps\"; fi");
        Run::new("capabilities", world).set("path", "/bin/some prog").args(args)
    }

    #[test]
    fn capabilities_are_set_once_and_others_stay() {
        for world in World::each() {
            run(&world, entries! { "cap" => "CAP_NET_RAW+ep" }).expect_changed_then_ok();
            assert_eq!(world.read("caps"), "cap_net_raw=ep\n", "{}", world.shell_name());
            run(&world, entries! { "cap" => "cap_chown+ep" }).expect_changed();
            assert_eq!(world.read("caps"), "cap_net_raw=ep cap_chown=ep\n");
            run(&world, entries! { "cap" => "cap_chown", "state" => "absent" }).expect_changed_then_ok();
            assert_eq!(world.read("caps"), "cap_net_raw=ep\n");
            run(&world, entries! { "cap" => "cap_chown" }).expect_failed("Couldn't find operator");
            run(&world, entries! { "cap" => "cap_chown+ep", "path" => "/none" }).expect_failed("Unable to get capabilities of /none");
        }
    }
}
