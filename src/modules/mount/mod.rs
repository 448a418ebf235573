#![doc = include_str!("page.md")]

mod mounted;
mod table;

use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::texts::TEXTS;
use crate::modules::{Cx, FreeForm, Module, RemotePath, Step, rules};
use crate::outcome::{Diff, Outcome};
use crate::shell::{Fragment, Reply, Script};
use crate::value::Map;
use mounted::Mounted;
use table::{Line, Table};

/// The module.
pub static MODULE: Module = Module {
    name: "mount",
    collection: "ansible.posix",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "mount",
    text: include_str!("mount.sh"),
    needs: &[&TEXTS],
};

crate::choices! {
    /// What becomes of a mount point.
    State {
        Absent = "absent",
        AbsentFromFstab = "absent_from_fstab",
        Mounted = "mounted",
        Present = "present",
        Unmounted = "unmounted",
        Remounted = "remounted",
        Ephemeral = "ephemeral",
    }
}

args! {
    /// What `mount` takes.
    Args {
        backup: bool = false,
        boot: bool = true,
        dump: String = "0".to_owned(),
        fstab: Option<String>,
        fstype: Option<String>,
        opts: Option<String>,
        opts_no_log: bool = false,
        passno: Option<String>,
        path: RemotePath [name],
        src: Option<RemotePath>,
        state: State,
    }
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(args)?;
    let needs = matches!(args.state, State::Mounted | State::Present | State::Ephemeral);
    rules::required_if(
        needs,
        &format!("`state` is `{}`", args.state.word()),
        &[("src", args.src.is_some()), ("fstype", args.fstype.is_some())],
    )?;
    let script = Script::call(&SHELL, "mount_probe")
        .path("path", &args.path)
        .path("src", args.src.as_ref().map_or("", AsRef::as_ref))
        .set("fstab", args.fstab.as_deref().unwrap_or_default());
    let cx = Arc::clone(cx);
    Ok(Step::run(script, move |reply| Task::of(args, &reply, &cx)?.decide(&reply)))
}

struct Task {
    args: Args,
    cx: Arc<Cx>,
    line: Line,
    system: String,
    /// The table's path, and its text where it is there.
    fstab: String,
    text: Option<String>,
    warnings: Vec<String>,
}

/// What has to be done beside the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verb {
    Nothing,
    Mount,
    Remount,
    Unmount,
}

impl Task {
    fn of(args: Args, reply: &Reply, cx: &Arc<Cx>) -> Result<Task> {
        let text = |name: &str| reply.text(name).unwrap_or_default();
        let system = text("system");
        let solaris = system == "SunOS";
        let mut warnings = Vec::new();
        let opts = options(&args, &system, &mut warnings);
        let line = Line {
            src: text("src"),
            name: text("path"),
            fstype: args.fstype.clone().unwrap_or_default(),
            opts,
            dump: args.dump.clone(),
            passno: args.passno.clone().unwrap_or_else(|| if solaris { "-" } else { "0" }.to_owned()),
            boot: if args.boot { "yes" } else { "no" }.to_owned(),
        };
        Ok(Task {
            line,
            fstab: text("fstab"),
            text: reply.text("table"),
            system,
            args,
            cx: Arc::clone(cx),
            warnings,
        })
    }

    fn decide(self, reply: &Reply) -> Result<Step> {
        let mounted = Mounted::read(reply);
        let real = reply.text("real").filter(|real| !real.is_empty());
        let here = reply.flag("here");
        let line = self.line.clone();
        let (path, src) = (line.name.as_str(), line.src.as_str());
        let is_mounted = mounted.has(path, real.as_deref());
        let table = Table::read(self.text.as_deref().unwrap_or_default(), self.system == "SunOS");
        match self.args.state {
            State::Present => Ok(self.act(Some(table.with(&line)), Verb::Nothing, false)),
            State::AbsentFromFstab => Ok(self.act(Some(table.without(&line)), Verb::Nothing, false)),
            State::Absent => {
                let (text, gone) = table.without(&line);
                let verb = if gone && is_mounted { Verb::Unmount } else { Verb::Nothing };
                Ok(self.act(Some((text, gone)), verb, false))
            }
            State::Unmounted if is_mounted => Ok(self.act(None, Verb::Unmount, false)),
            State::Unmounted => Ok(self.act(None, Verb::Nothing, false)),
            State::Remounted => Ok(self.act(None, Verb::Remount, false)),
            State::Mounted => {
                let (text, changed) = table.with(&line);
                let verb = match (is_mounted, changed) {
                    (true, false) => Verb::Nothing,
                    (true, true) => Verb::Remount,
                    (false, _) => Verb::Mount,
                };
                Ok(self.act(Some((text, changed)), verb, !here))
            }
            State::Ephemeral if !is_mounted => Ok(self.act(None, Verb::Mount, !here)),
            State::Ephemeral if mounted.has_source(path, real.as_deref(), src) => {
                Ok(self.act(None, Verb::Remount, false))
            }
            State::Ephemeral => Err(Error::input(format!(
                "something else is mounted at `{path}` already, and an ephemeral mount is not put over it"
            ))
            .hint("unmount it first (`state: unmounted`), or take another path")),
        }
    }

    /// The outcome, and the request that does what has to be done.
    fn act(self, table: Option<(String, bool)>, verb: Verb, make: bool) -> Step {
        let write = table.as_ref().is_some_and(|(_, changed)| *changed);
        let content = table.map(|(text, _)| text).unwrap_or_default();
        let mut outcome = self.outcome(write || verb != Verb::Nothing);
        let was = self.text.clone().unwrap_or_default();
        if self.cx.diff && write && !self.args.opts_no_log {
            outcome.diff.extend(Diff::of(&self.fstab, &was, &content));
        }
        if self.cx.check || !outcome.changed {
            return outcome.into();
        }
        let remove = self.args.state == State::Absent && write;
        let script = Script::call(&SHELL, "mount_act")
            .set("path", &self.line.name)
            .set("src", &self.line.src)
            .set("fstab", &self.fstab)
            .flag("write", write)
            .set("content", &content)
            .set("was", &was)
            .flag("backup", self.args.backup)
            .flag("make", make)
            .flag("remove", remove)
            .flag("again", !self.is_strict())
            .set("verb", match verb {
                Verb::Nothing => "",
                Verb::Mount => "mount",
                Verb::Remount => "remount",
                Verb::Unmount => "umount",
            })
            .list("mount_words", &self.mount_words())
            .list("remount_words", &self.remount_words());
        let script = match self.args.opts_no_log {
            true => script.mask(&self.line.opts),
            false => script,
        };
        Step::run(script, move |reply| {
            Ok(match reply.text("backup_file") {
                Some(file) => outcome.with("backup_file", file).into(),
                None => outcome.into(),
            })
        })
    }

    fn outcome(&self, changed: bool) -> Outcome {
        let line = &self.line;
        let opts = if self.args.opts_no_log { "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER" } else { &line.opts };
        let mut outcome = Outcome::new(changed)
            .with("name", line.name.as_str())
            .with("opts", opts)
            .with("passno", line.passno.as_str())
            .with("fstab", self.fstab.as_str())
            .with("backup_file", "");
        outcome = match self.system == "SunOS" {
            true => outcome.with("boot", self.args.boot),
            false => outcome.with("boot", line.boot.as_str()).with("dump", line.dump.as_str()),
        };
        if self.args.src.is_some() {
            outcome = outcome.with("src", line.src.as_str());
        }
        if let Some(fstype) = &self.args.fstype {
            outcome = outcome.with("fstype", fstype.as_str());
        }
        outcome.warnings = self.warnings.clone();
        outcome
    }

    /// Options that were asked for with `remounted` have to be taken; nothing is unmounted for them.
    fn is_strict(&self) -> bool {
        self.args.state == State::Remounted && self.line.opts != "defaults"
    }

    fn is_bsd(&self) -> bool {
        self.system.ends_with("BSD")
    }

    fn mount_words(&self) -> Vec<String> {
        let mut words = self.common_words();
        words.push(self.line.name.clone());
        words
    }

    /// What remounts; nothing where a BSD cannot, and unmounts and mounts instead.
    fn remount_words(&self) -> Vec<String> {
        let ephemeral = self.args.state == State::Ephemeral;
        if self.is_bsd() && !ephemeral {
            return Vec::new();
        }
        let mut words = match (self.is_bsd(), self.is_strict()) {
            (true, _) => vec!["-u".to_owned()],
            (false, true) => vec!["-o".to_owned(), format!("remount,{}", self.line.opts)],
            (false, false) => vec!["-o".to_owned(), "remount".to_owned()],
        };
        words.extend(self.mount_words());
        words
    }

    /// The table that is not the usual one, or all that a table would say.
    fn common_words(&self) -> Vec<String> {
        let word = str::to_owned;
        let line = &self.line;
        if self.args.state != State::Ephemeral {
            let other = self.args.fstab.as_deref().filter(|file| *file != "/etc/fstab" && self.system != "SunOS");
            let flag = if self.is_bsd() { "-F" } else { "-T" };
            return other.map_or_else(Vec::new, |file| vec![word(flag), word(file)]);
        }
        let flag = if self.system == "SunOS" { "-F" } else { "-t" };
        let mut words = vec![word(flag), line.fstype.clone()];
        if line.opts != "defaults" {
            words.extend([word("-o"), line.opts.clone()]);
        }
        words.push(line.src.clone());
        words
    }
}

/// The options, with `noauto` where it is not mounted at boot.
fn options(args: &Args, system: &str, warnings: &mut Vec<String>) -> String {
    let usual = match system {
        "SunOS" => "-",
        "FreeBSD" => "rw",
        _ => "defaults",
    };
    let opts = args.opts.clone().unwrap_or_else(|| usual.to_owned());
    if system == "SunOS" {
        return opts;
    }
    if !args.boot {
        return format!("{opts},noauto");
    }
    if opts.split(',').any(|option| option == "noauto") {
        warnings.push("Ignore the 'boot' due to 'opts' contains 'noauto'.".to_owned());
    }
    opts
}

#[cfg(test)]
mod tests;
