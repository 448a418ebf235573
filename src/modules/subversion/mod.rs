#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::http::masked;
use crate::modules::{Cx, FreeForm, Module, RemotePath, SecretText, Step};
use crate::outcome::Outcome;
use crate::shell::{Fragment, PRELUDE, Reply, Script};
use crate::value::{Map, Value};

/// The module.
pub static MODULE: Module = Module {
    name: "subversion",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "subversion",
    text: include_str!("subversion.sh"),
    needs: &[&PRELUDE],
};

args! {
    /// What `subversion` takes.
    Args {
        repo: String [name, repository],
        checkout: bool = true,
        dest: Option<RemotePath>,
        executable: Option<RemotePath>,
        export: bool = false,
        force: bool = false,
        in_place: bool = false,
        password: Option<SecretText>,
        revision: String [rev, version] = "HEAD".to_owned(),
        switch: bool = true,
        update: bool = true,
        username: Option<String>,
        validate_certs: bool = false,
    }
}

fn plan(map: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(map)?;
    if args.dest.is_none() && (args.checkout || args.update || args.export) {
        return Err(Error::input(
            "`dest` is required, unless `checkout`, `update` and `export` are false",
        ));
    }
    let path = |path: &Option<RemotePath>| path.as_ref().map_or("", AsRef::as_ref).to_owned();
    let script = Script::call(&SHELL, "subversion_main")
        .set("repo", &args.repo)
        .set("revision", &args.revision)
        .path("dest", path(&args.dest))
        .path("executable", path(&args.executable))
        .set("username", args.username.as_deref().unwrap_or(""))
        .secret("password", args.password.as_ref().map_or("", SecretText::expose))
        .flag("checkout", args.checkout)
        .flag("export", args.export)
        .flag("force", args.force)
        .flag("in_place", args.in_place)
        .flag("switch", args.switch)
        .flag("update", args.update)
        .flag("trust", !args.validate_certs)
        .flag("check", cx.check);
    let check = cx.check;
    Ok(Step::run_any(script, move |reply| Ok(outcome(&reply, check).into())))
}

fn outcome(reply: &Reply, check: bool) -> Outcome {
    if let Some(outcome) = reply.failure() {
        return match reply.text("cmd") {
            Some(cmd) => outcome.with("cmd", masked(&cmd)),
            None => outcome,
        };
    }
    let outcome = Outcome::new(reply.changed());
    let state = |name: &str| reply.text(name).map(|text| text.trim().to_owned());
    let revision = |text: String| text.lines().next().unwrap_or("").to_owned();
    let lines = |text: String| Value::strings(text.lines());
    if reply.flag("exported") {
        return outcome;
    }
    if reply.flag("nothing") {
        return match state("after") {
            Some(after) => outcome.with("after", revision(after)),
            None => outcome,
        };
    }
    let (Some(after), before) = (state("after"), state("before")) else {
        return outcome;
    };
    if check {
        return outcome
            .with("before", before.map(revision))
            .with("after", revision(after));
    }
    outcome
        .with("before", before.map_or(Value::Null, lines))
        .with("after", lines(after))
}

#[cfg(test)]
mod tests {
    use crate::modules::driver::{Run, World};
    use crate::value::Value;

    /// An svn whose working copies are folders with the file `.svn/at`, and whose repositories are
    /// files that hold their newest revision.
    const SVN: &str = r#"
while :; do case $1 in
(--password-from-stdin) read -r p; echo "$p" >"$HOME/password" ;;
(--username) shift ;;
(--version) echo 1.14.2; exit ;;
(--*) ;;
(*) break ;;
esac; shift; done
verb=$1; shift; rev=HEAD
case $1 in (-r | --revision) rev=$2; shift 2 ;; esac
case $1 in (--force | -R | --quiet) shift ;; esac
case $1 in (--ignore-externals) shift ;; esac
case $verb in
(info)
	if [ -d "$1" ]; then cat "$1/.svn/at"; exit; fi
	[ -e "$1" ] || { echo "E170013: no $1" >&2; exit 1; }
	[ $rev != HEAD ] || rev=$(cat "$1")
	echo "URL: $1"; echo "Revision: $rev" ;;
(checkout | switch) mkdir -p "$2/.svn"; "$0" info -r $rev "$1" >"$2/.svn/at" ;;
(update) url=$(sed -n 's/^URL: //p' "$1/.svn/at"); "$0" info -r $rev "$url" >"$1/.svn/at" ;;
(status) [ ! -e "$1/mine" ] || echo "M       $1/mine" ;;
(revert) rm -f "$1/mine" ;;
(export) mkdir -p "$2"; cp "$1" "$2/file" ;;
esac"#;

    fn svn<'a>(world: &'a World, repo: &str, dest: &str) -> Run<'a> {
        world.fake("svn", SVN);
        Run::new("subversion", world).path("repo", repo).path("dest", dest)
    }

    #[test]
    fn a_working_copy_follows() {
        for world in World::each() {
            world.write("trunk", "7");
            world.write("branch", "7");
            let run = || svn(&world, "trunk", "w c");
            let outcome = run().expect_changed_then_ok();
            assert!(outcome.data.get("before").unwrap().is_null());
            let after = outcome.data.get("after").unwrap().repr();
            assert!(after.starts_with("['Revision: 7', 'URL: "), "{after}");
            run().set("revision", 5).expect_changed_then_ok();
            world.write("w c/mine", "");
            run().set("revision", 5).expect_failed("modified files exist");
            run().set("revision", 5).set("force", true).expect_changed_then_ok();
            run().set("revision", 5).path("repo", "branch").set("switch", false).expect_ok();
            run().path("repo", "branch").expect_changed_then_ok();
            let looked = run().set("checkout", false).set("update", false).expect_ok();
            assert_eq!(looked.text("after"), Some("Revision: 7"));
            run().path("repo", "gone").expect_failed("E170013");
        }
    }

    #[test]
    fn other_ways_to_get_files() {
        let world = World::plain();
        world.write("trunk", "7");
        world.write("full/x", "");
        svn(&world, "trunk", "full").expect_failed("its not a subversion repository");
        svn(&world, "trunk", "full").set("in_place", true).expect_changed_then_ok();
        svn(&world, "trunk", "e").set("export", true).expect_changed();
        svn(&world, "trunk", "e").set("export", true).expect_failed("already exists");
        svn(&world, "trunk", "e").set("export", true).set("force", true).expect_changed();
        svn(&world, "trunk", "n").set("checkout", false).expect_ok();
        svn(&world, "trunk", "p").set("username", "me").set("password", "it's").expect_changed();
        assert_eq!(world.read("password"), "it's\n");
        assert!(!world.calls().iter().any(|call| call.contains("it's")));
        let wrong = Run::new("subversion", &world).set("repo", Value::str("x"));
        wrong.expect_failed("`dest` is required");
    }
}
