#![doc = include_str!("page.md")]

mod words;

use std::sync::Arc;

use crate::args;
use crate::choices;
use crate::error::{Error, Result};
use crate::modules::{Answer, Ask, Cx, FreeForm, Module, RemotePath, Step};
use crate::outcome::{Diff, Outcome};
use crate::shell::{Fragment, PRELUDE, Script, quote};
use crate::value::{Map, Value};

/// The module.
pub static MODULE: Module = Module {
    name: "synchronize",
    collection: "ansible.posix",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "synchronize",
    text: include_str!("synchronize.sh"),
    needs: &[&PRELUDE],
};

choices! {
    /// Which way the files go.
    Mode {
        Pull = "pull",
        Push = "push",
    }
}

args! {
    /// What `synchronize` takes.
    Args {
        dest: RemotePath,
        src: RemotePath,
        archive: bool = true,
        checksum: bool = false,
        compress: bool = true,
        copy_links: bool = false,
        delay_updates: bool = true,
        delete: bool = false,
        dest_port: Option<i64>,
        dirs: bool = false,
        existing_only: bool = false,
        group: Option<bool>,
        link_dest: Vec<RemotePath> = Vec::new(),
        links: Option<bool>,
        mode: Mode = Mode::Push,
        owner: Option<bool>,
        partial: bool = false,
        perms: Option<bool>,
        private_key: Option<RemotePath>,
        recursive: Option<bool>,
        rsync_opts: Vec<String> = Vec::new(),
        rsync_path: Option<String>,
        rsync_timeout: i64 = 0,
        set_remote_user: bool = true,
        ssh_connection_multiplexing: bool = false,
        times: Option<bool>,
        use_ssh_args: bool = false,
        verify_host: bool = false,
    }
}

/// Files on their way.
struct Job {
    args: Args,
    program: String,
    cx: Arc<Cx>,
}

fn plan(map: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(map)?;
    if args.delete && args.recursive == Some(false) && !args.dirs {
        return Err(Error::input("`delete` needs `recursive`"));
    }
    let program = cx.variables.get("ansible_rsync_path").map(Value::to_text);
    let job = Job {
        program: program.unwrap_or_else(|| "rsync".to_owned()),
        cx: Arc::clone(cx),
        args,
    };
    Ok(Step::ask(Ask::Login, |answer| match answer {
        Answer::Login(login) => job.start(login),
        _ => Err(Error::bug("the login was asked for, and something else came")),
    }))
}

impl Job {
    fn start(self, login: Map) -> Result<Step> {
        if self.cx.names.delegated || self.cx.names.connection == "local" {
            return Ok(self.within());
        }
        let own = match self.args.mode {
            Mode::Push => self.args.src.0.clone(),
            Mode::Pull => self.args.dest.0.clone(),
        };
        // A slash at the end means the folder's content, and paths have none.
        let slash = if own.ends_with('/') { "/" } else { "" };
        let ask = match self.args.mode {
            Mode::Push if !own.starts_with(['/', '~']) => Ask::Find {
                kind: "files",
                name: own.trim_end_matches('/').to_owned(),
            },
            _ => Ask::Absolute(own),
        };
        Ok(Step::ask(ask, move |answer| {
            let Answer::Path(path) = answer else {
                return Err(Error::bug("a path was asked for, and something else came"));
            };
            let own = path.display().to_string();
            self.across(&format!("{}{slash}", own.trim_end_matches('/')), &login)
        }))
    }

    /// The controller's rsync talks to the host's.
    fn across(self, own: &str, login: &Map) -> Result<Step> {
        let (rsh, place) = words::reach(&self.args, login).map_err(Error::input)?;
        let mut command = vec![self.program.clone()];
        command.extend(words::options(&self.args, self.cx.check));
        command.push(format!("--rsh={rsh}"));
        command.extend(self.far_program(login)?.map(|program| format!("--rsync-path={program}")));
        command.extend(words::more_options(&self.args));
        let (args, own) = (&self.args, own.to_owned());
        command.extend(match args.mode {
            Mode::Push => [own, format!("{place}{}", args.dest)],
            Mode::Pull => [format!("{place}{}", args.src), own],
        });
        let ask = Ask::Run {
            command: command.clone(),
            stdin: Vec::new(),
        };
        Ok(Step::ask(ask, move |answer| {
            let Answer::Finished(done) = answer else {
                return Err(Error::bug("a program was run, and something else came"));
            };
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            let (out, err) = (text(&done.stdout), text(&done.stderr));
            Ok(outcome(&command, done.status.into(), &out, &err, self.cx.diff).into())
        }))
    }

    /// The rsync on the host, by way of sudo where the task becomes another user.
    fn far_program(&self, login: &Map) -> Result<Option<String>> {
        let text = |name: &str| login.get(name).map(Value::to_text);
        let program = self.args.rsync_path.clone();
        let Some(user) = text("ansible_become_user") else {
            return Ok(program);
        };
        match text("ansible_become_method").as_deref() {
            Some("sudo" | "ansible.builtin.sudo") => {
                let program = program.unwrap_or_else(|| "rsync".to_owned());
                Ok(Some(format!("sudo -n -u {} {program}", quote(&user).as_str())))
            }
            other => Err(Error::input(format!(
                "rsync cannot become another user by `{}`, only by `sudo`",
                other.unwrap_or("")
            ))
            .hint("`become: false` and `rsync_path` are another way")),
        }
    }

    /// Both places are on the host that the task is done on.
    fn within(self) -> Step {
        let mut command = vec![self.program.clone()];
        command.extend(words::options(&self.args, self.cx.check));
        let path = self.args.rsync_path.as_ref();
        command.extend(path.map(|program| format!("--rsync-path={program}")));
        command.extend(words::more_options(&self.args));
        let diff = self.cx.diff;
        let script = Script::call(&SHELL, "synchronize_main");
        let script = command.iter().fold(script, |script, word| script.arg(word));
        let script = script.path_arg(&self.args.src).path_arg(&self.args.dest);
        command.extend([self.args.src.0, self.args.dest.0]);
        Step::run(script, move |reply| {
            let rc = reply.int("rc").unwrap_or(-1);
            let out = reply.text("out").unwrap_or_default();
            Ok(outcome(&command, rc, &out, &reply.stderr_text(), diff).into())
        })
    }
}

fn outcome(command: &[String], rc: i64, out: &str, err: &str, diff: bool) -> Outcome {
    const MARK: &str = "<<CHANGED>>";
    let words = command.iter().map(|word| quote(word).as_str().to_owned());
    let cmd = words.collect::<Vec<_>>().join(" ");
    if rc != 0 {
        return Outcome::failed(err).with("rc", rc).with("cmd", cmd);
    }
    let clean = out.replace(MARK, "");
    let lines = clean.lines().filter(|line| !line.is_empty());
    let shown = diff.then(|| Diff::Prepared(clean.clone())).filter(|_| !clean.is_empty());
    Outcome::new(out.contains(MARK))
        .with_diff(shown)
        .with("stdout_lines", Value::strings(lines))
        .with("msg", clean.as_str())
        .with("rc", rc)
        .with("cmd", cmd)
}

#[cfg(test)]
mod tests;
