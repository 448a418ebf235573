//! One program run on the host, with its times: what `command` and `shell` share.

use crate::error::Result;
use crate::modules::{RemotePath, Step, clean};
use crate::outcome::{Outcome, Outlook};
use crate::shell::{Fragment, PRELUDE, Reply, Script};
use crate::value::{Map, Value};

/// The functions that run a program.
pub static PROGRAM: Fragment = Fragment {
    name: "program",
    text: include_str!("program.sh"),
    needs: &[&PRELUDE],
};

/// A program to run, and when.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// The program and its arguments.
    pub arguments: Vec<String>,
    /// Whether `~` and `$NAME` in them expand on the host.
    pub expand: bool,
    /// What the result shows as `cmd`.
    pub cmd: Value,
    /// The folder to run in.
    pub chdir: Option<RemotePath>,
    /// A path or pattern: where it is there, nothing runs.
    pub creates: Option<RemotePath>,
    /// A path or pattern: where it is not there, nothing runs.
    pub removes: Option<RemotePath>,
    /// What the program reads.
    pub stdin: Option<String>,
    /// Whether line ends at the end of the output are cut off.
    pub strip: bool,
}

impl Program {
    /// The step that runs it; in check mode, the one that says whether it would run.
    pub fn step(self, check: bool) -> Step {
        let script = self.script(check);
        Step::run(script, move |reply| Ok(self.outcome(&reply, check).into()))
    }

    /// What is needed to read the reply elsewhere, later: see [`Program::remembered`].
    pub fn about(&self) -> Map {
        crate::entries! {
            "cmd" => self.cmd.clone(),
            "arguments" => Value::strings(self.arguments.iter().map(String::as_str)),
            "strip" => self.strip,
        }
    }

    /// A program of which only what [`Program::about`] told is known.
    pub fn remembered(about: &Map) -> Program {
        let arguments = about
            .get("arguments")
            .and_then(|list| list.as_list().cloned());
        let arguments = arguments.unwrap_or_default();
        Program {
            cmd: about.get("cmd").cloned().unwrap_or_default(),
            arguments: arguments.iter().map(Value::to_text).collect(),
            strip: about.get("strip").and_then(Value::as_bool).unwrap_or(true),
            ..Program::default()
        }
    }

    fn script(&self, check: bool) -> Script {
        let text = |path: &Option<RemotePath>| path.as_ref().map_or("", AsRef::as_ref).to_owned();
        let mut script = Script::call(&PROGRAM, "program_main")
            .as_logged_in()
            .path("chdir", text(&self.chdir))
            .path("creates", text(&self.creates))
            .path("removes", text(&self.removes))
            .flag("feed", self.stdin.is_some())
            .set("stdin", self.stdin.as_deref().unwrap_or_default())
            .flag("check", check);
        for argument in &self.arguments {
            script = if self.expand {
                script.path_arg(argument)
            } else {
                script.arg(argument)
            };
        }
        script
    }

    /// What came of it.
    pub fn outcome(&self, reply: &Reply, check: bool) -> Outcome {
        match reply.text("problem").as_deref() {
            Some("chdir") => {
                let mut outcome = self.not_started("Unable to change directory before execution.");
                if let Some(folder) = &self.chdir {
                    let folder = folder.as_ref();
                    let why = match reply.text("why").as_deref() {
                        Some("file") => format!("`{folder}` of `chdir` is no folder"),
                        Some("closed") => format!("permission denied: {folder} (`chdir`)"),
                        _ => format!(
                            "there is no folder `{folder}` on the host, which `chdir` names"
                        ),
                    };
                    outcome.tell_aside(|aside| aside.cause = Some(why));
                }
                return outcome;
            }
            Some(problem) => return self.not_found(problem),
            None => {}
        }
        if let Some(condition) = reply.text("kept_by") {
            return self.kept(&condition, &reply.text("path").unwrap_or_default(), check);
        }
        if check {
            return self.predicted();
        }
        self.ran(reply)
    }

    fn ran(&self, reply: &Reply) -> Outcome {
        let rc = reply.int("rc").unwrap_or(-1);
        let times = Times::of(reply);
        let mut outcome = Outcome::changed()
            .with("cmd", self.cmd.clone())
            .with("stdout", self.stripped(reply.stdout_text()))
            .with("stderr", self.stripped(reply.stderr_text()))
            .with("rc", rc)
            .with("start", times.start)
            .with("end", times.end)
            .with("delta", times.delta)
            .with("msg", "");
        if rc != 0 {
            outcome.failed = true;
            outcome = outcome.with("msg", "The command exited with a non-zero return code.");
        }
        outcome
    }

    fn stripped(&self, text: String) -> String {
        if self.strip {
            text.trim_end_matches(['\r', '\n']).to_owned()
        } else {
            text
        }
    }

    /// What every result has that comes from no run.
    fn blank(&self) -> Map {
        crate::entries! {
            "cmd" => self.cmd.clone(),
            "stdout" => "",
            "stderr" => "",
            "start" => Value::Null,
            "end" => Value::Null,
            "delta" => Value::Null,
        }
    }

    fn kept(&self, condition: &str, path: &str, check: bool) -> Outcome {
        let verb = if check { "Would" } else { "Did" };
        let why = match condition {
            "creates" => "exists",
            _ => "does not exist",
        };
        self.bare(false)
            .with("rc", 0)
            .with(
                "msg",
                format!("{verb} not run command since '{path}' {why}"),
            )
            .with("stdout", format!("skipped, since {path} {why}"))
    }

    /// Check mode: with a condition it is known that the program would run.
    fn predicted(&self) -> Outcome {
        let known = self.creates.is_some() || self.removes.is_some();
        let mut outcome = self
            .bare(known)
            .with("rc", 0)
            .with("msg", "Command would have run if not in check mode");
        outcome.skipped = !known;
        if !known {
            outcome.outlook = Outlook::Unpredicted;
        }
        outcome
    }

    fn not_started(&self, message: &str) -> Outcome {
        let mut outcome = self.bare(false).with("msg", message);
        outcome.failed = true;
        outcome
    }

    fn not_found(&self, problem: &str) -> Outcome {
        let rc = if problem == "denied" { 13 } else { 2 };
        Outcome::failed("Error executing command.")
            .with("cmd", clean::line(&self.arguments))
            .with("rc", rc)
            .with("stdout", "")
            .with("stderr", "")
    }

    fn bare(&self, changed: bool) -> Outcome {
        Outcome {
            changed,
            data: self.blank(),
            ..Outcome::default()
        }
    }
}

/// When a program began and ended, as the reference writes it.
pub struct Times {
    /// When it began.
    pub start: Value,
    /// When it ended.
    pub end: Value,
    /// How long it took.
    pub delta: Value,
}

impl Times {
    fn of(reply: &Reply) -> Times {
        let (start, end) = (reply.text("started"), reply.text("ended"));
        Times::between(start.as_deref(), end.as_deref())
    }

    /// The times out of what `program_now` printed before and after.
    pub fn between(start: Option<&str>, end: Option<&str>) -> Times {
        let start = start.and_then(moment);
        let end = end.and_then(moment);
        let delta = match (&start, &end) {
            (Some((from, _)), Some((to, _))) => Value::str(Value::Duration(to - from).to_text()),
            _ => Value::Null,
        };
        Times {
            start: Value::str_or_null(start.map(|(_, text)| text)),
            end: Value::str_or_null(end.map(|(_, text)| text)),
            delta,
        }
    }
}

/// `1700000000.123456789 2023-11-14 22:13:20`: the microseconds of the epoch, and Python's
/// `str(datetime)`. A host whose `date` knows no `%N` gives whole seconds.
fn moment(text: &str) -> Option<(i64, String)> {
    let (epoch, date) = text.trim().split_once(' ')?;
    let (seconds, fraction) = epoch.split_once('.')?;
    let micros: i64 = fraction
        .get(..6)
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(0);
    let text = match micros {
        0 => date.to_owned(),
        _ => format!("{date}.{micros:06}"),
    };
    Some((seconds.parse::<i64>().ok()? * 1_000_000 + micros, text))
}

/// The program's text that the reference calls the free form: `_raw_params` or `cmd`, not both.
///
/// # Errors
/// Both are given.
pub fn only_one<'a>(raw: Option<&'a str>, cmd: Option<&'a str>) -> Result<Option<&'a str>> {
    crate::modules::rules::exclusive(&[("_raw_params", raw.is_some()), ("cmd", cmd.is_some())])?;
    Ok(raw.or(cmd))
}

/// `stdin` with the line end that it may need.
pub fn feed(stdin: Option<String>, add_newline: bool) -> Option<String> {
    stdin.map(|text| if add_newline { text + "\n" } else { text })
}

#[cfg(test)]
mod tests {
    use super::moment;
    use crate::entries;
    use crate::modules::driver::{Run, World};
    use crate::value::Value;

    #[test]
    fn moments_are_read_with_and_without_nanoseconds() {
        for (text, micros, shown) in [
            (
                "5.000007123 2023-11-14 22:13:20",
                5_000_007,
                "2023-11-14 22:13:20.000007",
            ),
            ("5.N 2023-11-14 22:13:20", 5_000_000, "2023-11-14 22:13:20"),
            ("5. 2023-11-14 22:13:20", 5_000_000, "2023-11-14 22:13:20"),
        ] {
            assert_eq!(moment(text), Some((micros, shown.to_owned())));
        }
        assert_eq!(moment("nonsense"), None);
    }

    #[test]
    fn a_command_runs_without_a_shell_and_expands_its_words() {
        for world in World::each() {
            let home = world.text("");
            let run = Run::new("command", &world)
                .set("_raw_params", "echo 'a  b' $HOME/x ~/y '$NOPE' a\\nb ; *");
            let outcome = run.expect_changed();
            let home = home.trim_end_matches('/');
            assert_eq!(
                outcome
                    .text("stdout")
                    .map(|text| text.replace("//", "/"))
                    .as_deref(),
                Some(format!("a  b {home}/x {home}/y $NOPE anb ; *").as_str()),
                "{}",
                world.shell_name()
            );
            assert_eq!(outcome.data.get("rc"), Some(&Value::Int(0)));
            assert!(
                outcome
                    .text("delta")
                    .is_some_and(|delta| delta.starts_with("0:00:0"))
            );
            let plain = Run::new("command", &world)
                .args(entries! { "argv" => Value::strings(["printf", "%s|", "$HOME", "~", "a'b\"c", ""]), "expand_argument_vars" => false })
                .expect_changed();
            assert_eq!(plain.text("stdout"), Some("$HOME|~|a'b\"c||"));
        }
    }

    #[test]
    fn input_folders_and_statuses_are_minded() {
        for world in World::each() {
            world.write("some folder/x", "");
            let run = |text: &str| Run::new("shell", &world).set("_raw_params", text);
            let outcome = run("cat; ls; echo oops >&2; exit 3")
                .path("chdir", "some folder")
                .set("stdin", "a'b")
                .expect_failed("non-zero return code");
            assert_eq!(outcome.text("stdout"), Some("a'b\nx"));
            assert_eq!(outcome.text("stderr"), Some("oops"));
            assert_eq!(outcome.data.get("rc"), Some(&Value::Int(3)));
            assert!(outcome.changed);
            let outcome = run("printf 'x\\n\\n'")
                .set("strip_empty_ends", false)
                .expect_changed();
            assert_eq!(outcome.text("stdout"), Some("x\n\n"));
            run("true")
                .path("chdir", "nowhere")
                .expect_failed("Unable to change directory");
            Run::new("command", &world)
                .set("cmd", "no-such-program x")
                .expect_failed("Error executing command.");
            Run::new("command", &world)
                .set("cmd", "")
                .expect_failed("must be list or string");
        }
    }

    #[test]
    fn creates_and_removes_decide_whether_it_runs() {
        for world in World::each() {
            world.write("here.1", "");
            let run = || Run::new("command", &world).set("cmd", "touch made");
            let kept = run().path("creates", "here.*").expect_ok();
            assert!(
                kept.text("msg")
                    .is_some_and(|msg| msg.starts_with("Did not run command since '/"))
            );
            let kept = run().path("removes", "nowhere").check().expect_ok();
            assert!(
                kept.text("msg")
                    .is_some_and(|msg| msg.starts_with("Would not run command since"))
            );
            run().path("creates", "made").check().expect_changed();
            assert!(run().check().run().outcome.skipped);
            assert!(!world.path("made").exists());
            run()
                .path("creates", "made")
                .path("removes", "here.1")
                .expect_changed();
            run().path("creates", "made").expect_ok();
        }
    }

    #[test]
    fn raw_and_script_run_what_they_get() {
        for world in World::each() {
            let raw = Run::new("raw", &world)
                .set("_raw_params", "echo a; echo b >&2")
                .expect_changed();
            assert_eq!(
                (raw.text("stdout"), raw.text("stderr")),
                (Some("a\n"), Some("b\n"))
            );
            Run::new("raw", &world)
                .set("_raw_params", "exit 3")
                .expect_failed("non-zero return code");
            world.give(
                "files/my script.sh",
                "#!/bin/sh\necho \"$# $1\"; pwd; exit ${2:-0}\n",
            );
            let script = |text: &str| {
                Run::new("script", &world)
                    .set("_raw_params", text)
                    .path("chdir", "")
            };
            let done = script("'my script.sh' 'a  b'").expect_changed();
            let home = world.text("");
            assert_eq!(
                done.text("stdout"),
                Some(format!("1 a  b\n{}\n", home.trim_end_matches('/')).as_str())
            );
            script("'my script.sh' x 4").expect_failed("non-zero return code");
            let traced = script("'my script.sh' x")
                .set("executable", "sh -x")
                .expect_changed();
            assert!(
                traced
                    .text("stderr")
                    .is_some_and(|text| text.starts_with("+ echo"))
            );
            assert!(
                script("'my script.sh'")
                    .path("creates", "")
                    .run()
                    .outcome
                    .skipped
            );
        }
    }
}
