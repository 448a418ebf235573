#![doc = include_str!("page.md")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::digest::{DIGEST, md5, sha1};
use crate::modules::{Answer, Ask, Cx, FreeForm, Module, RemotePath, Step};
use crate::outcome::Outcome;
use crate::shell::{Fragment, Reply, Script};
use crate::value::{Map, Value};

/// The module.
pub static MODULE: Module = Module {
    name: "fetch",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "fetch",
    text: include_str!("fetch.sh"),
    needs: &[&DIGEST],
};

/// The largest file that is fetched, in bytes.
const MOST: u64 = 4 * 1024 * 1024 * 1024;

args! {
    /// What `fetch` takes.
    Args {
        src: RemotePath,
        dest: String,
        fail_on_missing: bool = true,
        flat: bool = false,
        validate_checksum: bool = true,
    }
}

/// A file on its way to the controller.
struct Job {
    args: Args,
    cx: Arc<Cx>,
    /// The file on the host.
    source: String,
    /// What it is called on the controller: by the task, not by the host.
    name: String,
    sum: String,
    md5: String,
}

fn plan(map: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(map)?;
    if cx.check {
        let message = "check mode not (yet) supported for this module";
        return Ok(Outcome::skipped(message).into());
    }
    let script = Script::call(&SHELL, "fetch_probe").path("src", &args.src);
    let cx = cx.clone();
    Ok(Step::run(script, move |reply| {
        if let Some(outcome) = missing(&args, &reply) {
            return Ok(outcome.into());
        }
        let source = reply.text("source").unwrap_or_default();
        let job = Job {
            name: name(&args.src.0, &source)?,
            source,
            sum: reply.text("sum").unwrap_or_default(),
            md5: reply.text("md5").unwrap_or_default(),
            args,
            cx,
        };
        let ask = Ask::Absolute(job.args.dest.clone());
        Ok(Step::ask(ask, |answer| match answer {
            Answer::Path(path) => job.place(path),
            _ => Err(Error::bug("`dest` was made absolute without a path")),
        }))
    }))
}

/// The outcome where there is no file to fetch.
fn missing(args: &Args, reply: &Reply) -> Option<Outcome> {
    let message = reply.text("missing").or_else(|| reply.text("is_dir"))?;
    let outcome = if args.fail_on_missing {
        Outcome::failed(message)
    } else {
        Outcome::ok().with("msg", format!("{message}, ignored"))
    };
    Some(outcome.with("file", reply.text("source")))
}

impl Job {
    /// Finds the file's place on the controller.
    fn place(self, folder: PathBuf) -> Result<Step> {
        if !self.args.flat {
            let root = normal(&folder).join(folder_name(&self.cx.names.host)?);
            let dest = normal(&root.join(self.name.trim_start_matches('/')));
            if dest == root || !dest.starts_with(&root) {
                let (dest, root) = (dest.display(), root.display());
                return Step::failed(format!("`{dest}` would be outside of `{root}`"));
            }
            return Ok(self.compare(dest, Some(root)));
        }
        if self.args.dest.ends_with('/') {
            let name = self.name.rsplit('/').next().unwrap_or_default().to_owned();
            if matches!(name.as_str(), "" | "." | "..") {
                return Step::failed(format!("`{}` names no file", self.args.src.0));
            }
            let root = normal(&folder);
            return Ok(self.compare(root.join(name), Some(root)));
        }
        Ok(Step::ask(Ask::Look(folder.clone()), move |answer| {
            if let Answer::Looked(Some(entry)) = answer
                && entry.is_dir
            {
                return Step::failed(format!(
                    "`{}` is a folder of the controller; with a slash at its end the file goes \
                     into it",
                    folder.display()
                ));
            }
            Ok(self.compare(normal(&folder), None))
        }))
    }

    fn compare(self, dest: PathBuf, below: Option<PathBuf>) -> Step {
        Step::ask(Ask::Checksum(dest.clone()), move |answer| {
            let same = matches!(answer, Answer::Checksum(Some(sum)) if sum == self.sum);
            let outcome = Outcome::new(!same)
                .with("file", &self.source)
                .with("dest", dest.display().to_string())
                .with("checksum", &self.sum)
                .with("md5sum", &self.md5);
            if same {
                return Ok(outcome.into());
            }
            let outcome = outcome
                .with("remote_checksum", &self.sum)
                .with("remote_md5sum", Value::Null);
            if self.cx.check {
                return Ok(outcome.into());
            }
            Ok(Step::Get {
                path: self.source.clone(),
                limit: MOST,
                then: Box::new(move |bytes| self.write(dest, below, bytes, outcome)),
            })
        })
    }

    fn write(
        self,
        dest: PathBuf,
        below: Option<PathBuf>,
        bytes: Vec<u8>,
        outcome: Outcome,
    ) -> Result<Step> {
        let sum = sha1(&bytes);
        if self.args.validate_checksum && sum != self.sum {
            let mut outcome = outcome.with("checksum", sum).with("md5sum", md5(&bytes));
            outcome.failed = true;
            outcome.changed = false;
            let message = "the file changed while it was fetched: the checksums differ";
            return Ok(outcome.with("msg", message).into());
        }
        let ask = Ask::Write {
            path: dest,
            bytes,
            below,
        };
        Ok(Step::ask(ask, |_| Ok(outcome.into())))
    }
}

/// What the file is called on the controller: what the task calls it. Only where that begins with
/// `~` or holds `$NAME` the host says what these mean, and its answer must end as the task's words
/// do.
///
/// # Errors
/// It does not: the host names another file than it was asked for.
fn name(asked: &str, answered: &str) -> Result<String> {
    let expands = asked.starts_with('~') || asked.contains('$');
    if !expands {
        return Ok(asked.to_owned());
    }
    let last = asked.rfind('$').unwrap_or(0);
    let tail = asked[last..].find('/').map_or("", |at| &asked[last + at..]);
    match answered.ends_with(tail) {
        true => Ok(answered.to_owned()),
        false => Err(Error::input(format!("asked for `{asked}`, the host answers with `{answered}`"))),
    }
}

/// The host's name as the name of its folder.
///
/// # Errors
/// It cannot be one.
fn folder_name(host: &str) -> Result<&str> {
    match host {
        "" | "." | ".." => Err(host),
        host if host.contains(['/', '\0']) => Err(host),
        host => Ok(host),
    }
    .map_err(|host| {
        Error::input(format!("the host's name `{host}` cannot be the name of a folder"))
            .hint("with `flat: true` the file goes where `dest` says")
    })
}

/// The path without `.` and `..`.
fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => {
                out.pop();
            }
            std::path::Component::CurDir => {}
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use crate::modules::driver::{Run, World};

    #[test]
    fn a_file_comes_to_the_controller() {
        for world in World::each() {
            world.write("a 'b'", [0, 255]);
            let run = || {
                Run::new("fetch", &world)
                    .path("src", "a 'b'")
                    .with_cx(|cx| cx.names.host = "machine1".to_owned())
            };
            let skipped = run().set("dest", "got").check().run().outcome;
            assert!(skipped.skipped && !world.controller("got").exists());
            let fetch = run().set("dest", "got");
            let outcome = fetch.expect_changed();
            fetch.expect_ok();
            let dest = outcome.text("dest").unwrap().to_owned();
            assert!(dest.contains("got/machine1/") && dest.ends_with("host/a 'b'"));
            assert_eq!(std::fs::read(dest).unwrap(), [0, 255]);
            run().set("dest", "flat/").set("flat", true).expect_changed();
            assert!(world.controller("flat/a 'b'").is_file());
            run()
                .set("dest", "flat")
                .set("flat", true)
                .expect_failed("with a slash at its end");
            run().set("dest", "one").set("flat", true).expect_changed();
            run().set("dest", "one").set("flat", true).expect_ok();
        }
    }

    #[test]
    fn the_file_is_called_as_the_task_calls_it() {
        for (asked, answered, expected) in [
            ("/etc/motd", "/etc/../../group_vars/all", Some("/etc/motd")),
            ("~/a/b", "/root/a/b", Some("/root/a/b")),
            ("~bob/a", "/home/bob/a", Some("/home/bob/a")),
            ("$HOME/x/y", "/root/x/y", Some("/root/x/y")),
            ("/var/$X", "/var/anything", Some("/var/anything")),
            ("~/a/b", "/root/a/c", None),
            ("$HOME/x/y", "/etc/y", None),
        ] {
            assert_eq!(super::name(asked, answered).ok().as_deref(), expected, "{asked}");
        }
        for host in ["", ".", "..", "../other", "a/b"] {
            assert!(super::folder_name(host).is_err(), "{host}");
        }
        assert_eq!(super::folder_name("web1").unwrap(), "web1");
    }

    #[test]
    fn a_missing_file_fails_or_not() {
        for world in World::each() {
            let run = |src: &str| Run::new("fetch", &world).path("src", src).set("dest", "x");
            run("no").expect_failed("there is no ");
            run("").expect_failed("is a directory");
            let outcome = run("no").set("fail_on_missing", false).expect_ok();
            assert!(outcome.text("msg").unwrap().ends_with("ignored"));
        }
    }
}
