#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::choices;
use crate::error::{Error, Result};
use crate::modules::attributes::{Attributes, Fresh};
use crate::modules::node::Node;
use crate::modules::placing::PLACING;
use crate::modules::{Cx, FreeForm, Module, RemotePath, Step};
use crate::outcome::Outcome;
use crate::shell::{Fragment, Reply, Script};
use crate::value::{Map, Value};

/// The module.
pub static MODULE: Module = Module {
    name: "archive",
    collection: "community.general",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC, Attributes::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "archive",
    text: include_str!("archive.sh"),
    needs: &[&PLACING],
};

choices! {
    /// How the archive is compressed.
    Format {
        Bz2 = "bz2",
        Gz = "gz",
        Tar = "tar",
        Xz = "xz",
        Zip = "zip",
        Zstd = "zstd",
    }
}

args! {
    /// What `archive` takes beside the attributes.
    Args {
        path: Vec<RemotePath>,
        dest: Option<RemotePath>,
        exclude_path: Vec<RemotePath> = Vec::new(),
        exclusion_patterns: Vec<String> = Vec::new(),
        force_archive: bool = false,
        format: Format = Format::Gz,
        remove: bool = false,
    }
}

fn plan(map: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(map)?;
    if args.path.is_empty() {
        return Err(Error::input("argument `path`: the list is empty"));
    }
    let attributes = Attributes::read(map)?;
    let check = cx.check;
    let script = Script::call(&SHELL, "archive_main")
        .paths("paths", &args.path)
        .paths("excludes", &args.exclude_path)
        .path("dest", args.dest.as_ref().map_or("", AsRef::as_ref))
        .set("format", args.format.word())
        .list("patterns", &args.exclusion_patterns)
        .flag("force", args.force_archive)
        .flag("remove", args.remove)
        .flag("unsafe_writes", attributes.unsafe_writes)
        .flag("check", check);
    Ok(Step::run(attributes.ask(script), move |reply| finish(&attributes, &reply, check)))
}

/// The attributes come last: only then the file is there.
fn finish(attributes: &Attributes, reply: &Reply, check: bool) -> Result<Step> {
    let mut outcome = outcome(reply);
    let Some(node) = Node::read(reply, "after") else {
        return Ok(outcome.into());
    };
    let differences = attributes.differences(reply, Some(&node), Fresh::File)?;
    outcome.changed |= !differences.is_empty();
    if differences.is_empty() || check {
        return Ok(node.describe(outcome).into());
    }
    let script = Script::call(&PLACING, "settle_main");
    let script = script.set("path", reply.text("dest").unwrap_or_default());
    Ok(Step::run(differences.set(script), move |reply| {
        let node = Node::read(&reply, "after").unwrap_or(node);
        Ok(node.describe(outcome).into())
    }))
}

fn outcome(reply: &Reply) -> Outcome {
    let list = |name: &str| Value::strings(reply.all(name).iter().map(String::as_str));
    let archived = reply.text("archived").unwrap_or_default();
    let archived = archived.split_terminator('\0');
    let state = match reply.text("after") {
        None => "absent",
        Some(_) if !reply.flag("many") => "compress",
        Some(_) if reply.text("missing").is_some() && reply.changed() => "incomplete",
        Some(_) => "archive",
    };
    let mut outcome = Outcome::new(reply.changed())
        .with("archived", Value::strings(archived))
        .with("dest", reply.text("dest"))
        .with("dest_state", state)
        .with("arcroot", reply.text("root"))
        .with("missing", list("missing"))
        .with("expanded_paths", list("expanded"))
        .with("expanded_exclude_paths", list("excluded"));
    outcome.warnings = reply.warnings();
    outcome
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use crate::modules::driver::{Run, World, which};
    use crate::value::Value;

    fn tree(world: &World) {
        world.write("s r c/one 'x'", "1\n");
        world.write("s r c/sub/two", "2\n");
        world.write("other", "3\n");
        std::os::unix::fs::symlink("one 'x'", world.path("s r c/link")).unwrap();
    }

    fn archive<'a>(world: &'a World, path: &str, dest: &str) -> Run<'a> {
        Run::new("archive", world).path("path", path).path("dest", dest)
    }

    fn names(world: &World, file: &str) -> Vec<String> {
        let output = Command::new("tar").arg("-tf").arg(world.path(file)).output().unwrap();
        String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
    }

    #[test]
    fn trees_are_packed() {
        for world in World::each() {
            tree(&world);
            for (format, tool) in [("gz", "gzip"), ("tar", "tar"), ("bz2", "bzip2"), ("xz", "xz")] {
                if which(tool).is_none() || world.is_busybox() && format == "xz" {
                    continue;
                }
                let dest = format!("a.{format}");
                let outcome = archive(&world, "s r c", &dest).set("format", format).expect_changed_then_ok();
                assert_eq!(outcome.text("dest_state"), Some("archive"));
                let all = ["s r c/link", "s r c/one 'x'", "s r c/sub/", "s r c/sub/two"];
                assert_eq!(names(&world, &dest), all, "{}", world.shell_name());
            }
            let outcome = archive(&world, "s r c", "p.tar")
                .set("format", "tar")
                .set("exclusion_patterns", "*/two,*link")
                .set("mode", "0600")
                .expect_changed_then_ok();
            assert_eq!(names(&world, "p.tar"), ["s r c/one 'x'", "s r c/sub/"]);
            assert_eq!(outcome.text("mode"), Some("0600"));
            world.write("s r c/sub/two", "changed\n");
            archive(&world, "s r c", "a.gz").expect_changed_then_ok();
        }
    }

    #[test]
    fn one_file_is_compressed() {
        for world in World::each() {
            tree(&world);
            let run = || Run::new("archive", &world).path("path", "other");
            let outcome = run().expect_changed_then_ok();
            assert_eq!(outcome.text("dest_state"), Some("compress"));
            assert!(world.path("other.gz").exists());
            run().set("force_archive", true).path("dest", "o.tgz").expect_changed_then_ok();
            assert_eq!(names(&world, "o.tgz"), ["other"]);
            Run::new("archive", &world).path("path", "s r c").expect_failed("must specify \"dest\"");
        }
    }

    #[test]
    fn patterns_expand_and_sources_go() {
        for world in World::each() {
            tree(&world);
            let out = Value::strings([world.text("s r c/sub")]);
            let outcome = archive(&world, "s r c/*", "g.tgz").set("exclude_path", out).expect_changed_then_ok();
            assert!(outcome.text("arcroot").unwrap().ends_with("s r c/"));
            assert_eq!(names(&world, "g.tgz"), ["link", "one 'x'"]);
            let none = archive(&world, "nowhere", "n.tgz").run().outcome;
            assert!(!none.changed && !none.failed);
            archive(&world, "s r c", "r.tgz").set("remove", true).expect_changed();
            assert!(!world.path("s r c").exists() && world.path("r.tgz").exists());
            let two = Value::strings([world.text("other"), world.text("gone")]);
            let some = archive(&world, "x", "m.tgz").set("path", two).expect_changed_then_ok();
            assert_eq!(some.text("dest_state"), Some("incomplete"));
        }
    }
}
