#![doc = include_str!("page.md")]

mod hash;

use std::sync::Arc;

use crate::args;
use crate::choices;
use crate::error::{Error, Result};
use crate::modules::attributes::Attributes;
use crate::modules::editing::{Edit, Editing, Keeps, Lines, Original};
use crate::modules::{Cx, FreeForm, Module, RemotePath, SecretText, Step};
use crate::outcome::Outcome;
use crate::value::Map;

/// The module.
pub static MODULE: Module = Module {
    name: "htpasswd",
    collection: "community.general",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC, Attributes::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

choices! {
    /// Whether the user shall be there.
    State {
        Present = "present",
        Absent = "absent",
    }
}

args! {
    /// What `htpasswd` takes beside the attributes.
    Args {
        name: String [username],
        path: RemotePath [dest, destfile],
        create: bool = true,
        hash_scheme: String [crypt_scheme] = "apr_md5_crypt".to_owned(),
        password: Option<SecretText>,
        state: State = State::Present,
    }
}

fn plan(map: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(map)?;
    if args.name.contains([':', '\n']) {
        return Err(Error::input("argument `name`: it has a colon or a line break in it"));
    }
    if args.state == State::Present {
        hash::check(&args.hash_scheme)?;
    }
    let editing = Editing {
        path: args.path.clone(),
        encoding: "utf-8".to_owned(),
        attributes: Attributes::read(map)?,
        backup: false,
        follow: true,
        describe: false,
        keeps: Keeps::Shown,
        validate: None,
        backup_key: "backup_file",
        backup_always: false,
        // What differs is a secret.
        cx: Arc::new(Cx {
            diff: false,
            ..cx.as_ref().clone()
        }),
    };
    let cx = Arc::clone(cx);
    editing.step(move |original| match args.state {
        State::Present => present(&args, original, &cx),
        State::Absent => Ok(absent(&args, original)),
    })
}

fn present(args: &Args, original: &Original, cx: &Cx) -> Result<Edit> {
    let (name, path) = (&args.name, &original.path);
    if original.text.is_none() && !args.create {
        let message = format!("Destination {path} does not exist");
        return Ok(Edit::Done(Outcome::failed(message)));
    }
    let password = args.password.as_ref().map(SecretText::expose).ok_or_else(|| {
        Error::input("`password` is required where `state` is `present`")
    })?;
    let text = original.text.as_deref().unwrap_or("");
    let mut lines = Lines::of(text);
    let at = lines.all.iter().position(|line| is_of(&line.text, name));
    let known = at.and_then(|at| lines.all.get(at));
    let known = known.and_then(|line| line.text.split_once(':'));
    if known.is_some_and(|(_, known)| hash::verify(known, password)) {
        let outcome = Outcome::ok().with("msg", format!("{name} already present"));
        return Ok(Edit::Text(text.to_owned(), outcome));
    }
    let message = match (&original.text, cx.check) {
        (Some(_), _) => format!("Add/update {name}"),
        (None, true) => format!("Create {path}"),
        (None, false) => format!("Created {path} and added {name}"),
    };
    let new = lines.line(&format!("{name}:{}", hash::hash(&args.hash_scheme, password)?));
    match at.and_then(|at| lines.all.get_mut(at)) {
        Some(line) => line.text = new.text,
        None => {
            lines.close();
            lines.all.push(new);
        }
    }
    Ok(Edit::Text(lines.text(), Outcome::ok().with("msg", message)))
}

fn absent(args: &Args, original: &Original) -> Edit {
    let name = &args.name;
    let missing = Outcome::ok().with("msg", format!("{name} not present"));
    let Some(text) = &original.text else {
        let warning = format!("{} does not exist", original.path);
        return Edit::Done(missing.with_warning(warning));
    };
    let mut lines = Lines::of(text);
    let before = lines.all.len();
    lines.all.retain(|line| !is_of(&line.text, name));
    if lines.all.len() == before {
        return Edit::Text(text.clone(), missing);
    }
    Edit::Text(lines.text(), Outcome::ok().with("msg", format!("Remove {name}")))
}

/// Says whether a line is the user's.
fn is_of(line: &str, name: &str) -> bool {
    line.split_once(':').is_some_and(|(known, _)| known == name)
}

#[cfg(test)]
mod tests {
    use crate::modules::driver::{Run, World};

    fn user<'a>(world: &'a World, name: &str) -> Run<'a> {
        Run::new("htpasswd", world).path("path", "my users").set("name", name)
    }

    #[test]
    fn users_come_and_go() {
        for world in World::each() {
            let secret = || user(&world, "b o b").set("password", "it's $x");
            secret().set("create", false).expect_failed("does not exist");
            let made = secret().set("mode", "0640").expect_changed_then_ok();
            assert!(made.text("msg").unwrap().starts_with("Created"));
            assert!(world.read("my users").starts_with("b o b:$apr1$"));
            assert_eq!(world.mode("my users"), "0640");
            // A hash of another scheme serves as well.
            secret().set("hash_scheme", "ldap_sha1").expect_ok();
            user(&world, "b o b").set("password", "new").expect_changed_then_ok();
            user(&world, "al").set("password", "p").set("hash_scheme", "plaintext").expect_changed_then_ok();
            assert!(world.read("my users").ends_with("\nal:p\n"));
            user(&world, "b o b").set("state", "absent").expect_changed_then_ok();
            assert_eq!(world.read("my users"), "al:p\n");
            user(&world, "x").expect_failed("`password` is required");
            user(&world, "x").set("password", "p").set("hash_scheme", "phpass").expect_failed("`phpass` is not built");
        }
    }

    #[test]
    fn a_diff_shows_no_password() {
        let world = World::plain();
        let run = user(&world, "al").set("password", "hunter2").set("hash_scheme", "plaintext");
        let outcome = run.diff().expect_changed();
        assert!(!format!("{outcome:?}").contains("hunter2"));
    }
}
