#![doc = include_str!("page.md")]

mod requirement;

use std::sync::Arc;

use crate::args;
use crate::choices;
use crate::error::{Error, Result};
use crate::modules::node::NODE;
use crate::modules::rules::{exclusive, one_of};
use crate::modules::words::split;
use crate::modules::{Cx, FreeForm, Module, RemotePath, Step};
use crate::outcome::Outcome;
use crate::shell::{Fragment, Reply, Script};
use crate::value::{Map, Value};

use requirement::{Requirement, join};

/// The module.
pub static MODULE: Module = Module {
    name: "pip",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "pip",
    text: include_str!("pip.sh"),
    needs: &[&NODE],
};

choices! {
    /// What the packages shall be.
    State {
        Absent = "absent",
        Forcereinstall = "forcereinstall",
        Latest = "latest",
        Present = "present",
    }
}

args! {
    /// What `pip` takes.
    Args {
        name: Option<Vec<String>>,
        break_system_packages: bool = false,
        chdir: Option<RemotePath>,
        editable: bool = false,
        executable: Option<RemotePath>,
        extra_args: Option<String>,
        requirements: Option<String>,
        state: State = State::Present,
        umask: Option<String>,
        version: Option<String>,
        virtualenv: Option<RemotePath>,
        virtualenv_command: RemotePath = RemotePath("virtualenv".to_owned()),
        virtualenv_python: Option<String>,
        virtualenv_site_packages: bool = false,
    }
}

/// Packages on their way.
struct Job {
    args: Args,
    packages: Vec<Requirement>,
    check: bool,
}

fn plan(map: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(map)?;
    let given = (args.name.is_some(), args.requirements.is_some());
    one_of(&[("name", given.0), ("requirements", given.1)])?;
    exclusive(&[("name", given.0), ("requirements", given.1)])?;
    let venv = args.virtualenv.is_some();
    exclusive(&[("executable", args.executable.is_some()), ("virtualenv", venv)])?;
    let job = Job {
        packages: packages(&args)?,
        check: cx.check,
        args,
    };
    let script = job.script()?;
    Ok(Step::run(script, move |reply| Ok(job.outcome(&reply).into())))
}

fn packages(args: &Args) -> Result<Vec<Requirement>> {
    let names = join(args.name.as_deref().unwrap_or_default());
    let all: Vec<Requirement> = names.iter().map(|name| Requirement::read(name)).collect();
    let Some(version) = &args.version else {
        return Ok(all);
    };
    if args.state == State::Latest {
        return Err(Error::input("version is incompatible with state=latest"));
    }
    match all.as_slice() {
        [one] if !one.has_bounds() => Ok(vec![one.with_version(version)]),
        [one] => Err(Error::input(format!(
            "argument `version`: `{}` says already which version it means",
            one.text
        ))),
        _ => Err(Error::input(
            "argument `version`: it can mean one package only; write `name==version` for each",
        )),
    }
}

impl Job {
    fn script(&self) -> Result<Script> {
        let args = &self.args;
        let path = |path: &Option<RemotePath>| path.as_ref().map_or("", AsRef::as_ref).to_owned();
        Ok(Script::call(&SHELL, "pip_main")
            .path("executable", path(&args.executable))
            .path("virtualenv", path(&args.virtualenv))
            .paths("venv_words", &self.venv_words()?)
            .path("chdir", path(&args.chdir))
            .set("umask", self.umask()?)
            .flag("breaks", args.break_system_packages)
            .list("words", &self.words()?)
            .flag("vcs", self.freezes())
            .flag("check", self.check)
            .flag("known", self.is_known()))
    }

    fn umask(&self) -> Result<&str> {
        let umask = self.args.umask.as_deref().unwrap_or("");
        if umask.bytes().all(|byte| (b'0'..=b'7').contains(&byte)) {
            return Ok(umask);
        }
        Err(Error::input("umask must be an octal integer"))
    }

    /// What makes the virtualenv; its path comes behind.
    fn venv_words(&self) -> Result<Vec<String>> {
        let args = &self.args;
        let command = &args.virtualenv_command.0;
        let mut words = split(command)
            .map_err(|why| Error::input(format!("argument `virtualenv_command`: {why}")))?;
        if args.virtualenv_site_packages {
            words.push("--system-site-packages".to_owned());
        }
        let builtin = command.contains("pyvenv") || words.iter().any(|word| word == "venv");
        match &args.virtualenv_python {
            Some(_) if builtin => Err(Error::input(
                "virtualenv_python should not be used when using the venv module or pyvenv as virtualenv_command",
            )),
            Some(python) => {
                words.push(format!("-p{python}"));
                Ok(words)
            }
            None => Ok(words),
        }
    }

    /// What pip is called with.
    fn words(&self) -> Result<Vec<String>> {
        let args = &self.args;
        let verb: &[&str] = match args.state {
            State::Absent => &["uninstall", "-y"],
            State::Forcereinstall => &["install", "-U", "--force-reinstall"],
            State::Latest => &["install", "-U"],
            State::Present => &["install"],
        };
        let mut words: Vec<String> = verb.iter().map(|word| (*word).to_owned()).collect();
        let extra = split(args.extra_args.as_deref().unwrap_or(""))
            .map_err(|why| Error::input(format!("argument `extra_args`: {why}")))?;
        words.extend(extra);
        for package in &self.packages {
            if args.editable && args.state != State::Absent {
                words.push("-e".to_owned());
            }
            words.push(package.text.clone());
        }
        if let Some(file) = &args.requirements {
            words.extend(["-r".to_owned(), file.clone()]);
        }
        Ok(words)
    }

    /// Says whether pip may say that it installed what was there before.
    fn freezes(&self) -> bool {
        let vcs = self.packages.iter().any(Requirement::is_vcs);
        self.args.state != State::Absent && (vcs || self.args.requirements.is_some())
    }

    /// Says whether the list of what is installed tells what would be done.
    fn is_known(&self) -> bool {
        matches!(self.args.state, State::Absent | State::Present)
            && !self.args.editable
            && self.args.requirements.is_none()
            && self.packages.iter().all(|package| package.known.is_some())
    }

    fn outcome(&self, reply: &Reply) -> Outcome {
        match self.check {
            true => self.predicted(reply),
            false => self.done(reply),
        }
    }

    fn predicted(&self, reply: &Reply) -> Outcome {
        if reply.flag("missing") {
            return Outcome::changed();
        }
        let cmd = reply.all("cmd").join(" ");
        if let Some(listed) = reply.text("listed") {
            let changed = self.packages.iter().any(|package| match self.args.state {
                State::Absent => package.installed(&listed).is_some(),
                _ => !package.is_satisfied(&listed),
            });
            return Outcome::new(changed)
                .with("cmd", format!("{cmd} list --format=freeze"))
                .with("stdout", format!("{listed}\n"))
                .with("stderr", reply.stderr_text());
        }
        match (reply.text("dry"), reply.int("rc")) {
            (Some(dry), Some(0)) => Outcome::new(dry.contains("Would install")),
            (Some(dry), Some(_)) => refused(&dry, &reply.stderr_text()),
            _ => Outcome::changed(),
        }
    }

    fn done(&self, reply: &Reply) -> Outcome {
        let out = reply.text("out").unwrap_or_default();
        let err = reply.stderr_text();
        let words = self.words().unwrap_or_default();
        let cmd = Value::strings(reply.all("cmd").iter().chain(&words).map(String::as_str));
        if reply.int("rc") != Some(0) {
            return refused(&out, &err).with("cmd", cmd);
        }
        let said = match self.args.state {
            State::Absent => "Successfully uninstalled",
            _ => "Successfully installed",
        };
        let frozen = (reply.text("frozen_before"), reply.text("frozen_after"));
        let same = frozen.0.is_some() && frozen.0 == frozen.1;
        let changed = reply.flag("made") || out.contains(said) && !same;
        let args = &self.args;
        let path = |path: &Option<RemotePath>| path.as_ref().map(|path| path.0.clone());
        let names = args.name.as_ref();
        let names = names.map(|all| Value::strings(all.iter().map(String::as_str)));
        Outcome::new(changed)
            .with("cmd", cmd)
            .with("name", names.unwrap_or(Value::Null))
            .with("version", args.version.clone())
            .with("state", args.state.word())
            .with("requirements", args.requirements.clone())
            .with("virtualenv", path(&args.virtualenv))
            .with("stdout", out)
            .with("stderr", err)
    }
}

/// What pip said when it did not do its work.
fn refused(out: &str, err: &str) -> Outcome {
    let out = match out {
        "" => String::new(),
        out => format!("stdout: {out}"),
    };
    Outcome::failed(format!("{out}\n:stderr: {err}"))
}

#[cfg(test)]
mod tests;
