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
    source: String,
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
        let job = Job {
            source: reply.text("source").unwrap_or_default(),
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
        let name = self.source.rsplit('/').next().unwrap_or("").to_owned();
        if !self.args.flat {
            let below = format!("{}/{}", self.cx.names.host, self.source);
            let dest = normal(&folder.join(below.trim_start_matches('/')));
            if !dest.starts_with(normal(&folder)) {
                let dest = dest.display();
                return Step::failed(format!("`{dest}` would be outside of `dest`"));
            }
            return Ok(self.compare(dest));
        }
        if self.args.dest.ends_with('/') {
            return Ok(self.compare(normal(&folder.join(name))));
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
            Ok(self.compare(normal(&folder)))
        }))
    }

    fn compare(self, dest: PathBuf) -> Step {
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
                then: Box::new(move |bytes| self.write(dest, bytes, outcome)),
            })
        })
    }

    fn write(self, dest: PathBuf, bytes: Vec<u8>, outcome: Outcome) -> Result<Step> {
        let sum = sha1(&bytes);
        if self.args.validate_checksum && sum != self.sum {
            let mut outcome = outcome.with("checksum", sum).with("md5sum", md5(&bytes));
            outcome.failed = true;
            outcome.changed = false;
            let message = "the file changed while it was fetched: the checksums differ";
            return Ok(outcome.with("msg", message).into());
        }
        Ok(Step::ask(Ask::Write { path: dest, bytes }, |_| Ok(outcome.into())))
    }
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
            let outcome = run().set("dest", "got").expect_changed_then_ok();
            let dest = outcome.text("dest").unwrap().to_owned();
            assert!(dest.contains("got/machine1/") && dest.ends_with("host/a 'b'"));
            assert_eq!(std::fs::read(dest).unwrap(), [0, 255]);
            run().set("dest", "flat/").set("flat", true).expect_changed_then_ok();
            assert!(world.controller("flat/a 'b'").is_file());
            run()
                .set("dest", "flat")
                .set("flat", true)
                .expect_failed("with a slash at its end");
            run().set("dest", "one").set("flat", true).expect_changed_then_ok();
        }
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
