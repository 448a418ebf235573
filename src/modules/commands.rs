//! Programs of the host that a module calls as they are: what it asks them before it decides, and
//! what it has them do then. A module that needs no more than that has no shell text of its own.

use crate::error::Result;
use crate::modules::Step;
use crate::outcome::Outcome;
use crate::shell::{Fragment, PRELUDE, Reply, Script, quote};
use crate::value::Value;

/// The functions that run them.
pub static COMMANDS: Fragment = Fragment {
    name: "commands",
    text: include_str!("commands.sh"),
    needs: &[&PRELUDE],
};

/// A program and its arguments.
pub type Command = Vec<String>;

/// What came of a program.
#[derive(Clone, Debug, Default)]
pub struct Ran {
    /// Its path on the host; empty where it is a function or missing.
    pub program: String,
    /// Its status; 127 where the host does not have it.
    pub rc: i64,
    /// What it printed.
    pub stdout: String,
    /// What it printed on standard error.
    pub stderr: String,
}

impl Ran {
    /// Says whether it ended well.
    pub fn is_ok(&self) -> bool {
        self.rc == 0
    }

    /// Says whether the host does not have it.
    pub fn is_missing(&self) -> bool {
        self.rc == 127
            && self
                .stderr
                .starts_with("Failed to find required executable")
    }

    /// What it complained of.
    pub fn complaint(&self) -> &str {
        let errors = self.stderr.trim();
        if errors.is_empty() {
            self.stdout.trim()
        } else {
            errors
        }
    }

    /// The command as it was run: with the program's path.
    pub fn words(&self, command: &[String]) -> Value {
        let program = Some(&self.program).filter(|path| path.starts_with('/'));
        let rest = command.iter().skip(1).map(String::as_str);
        Value::strings(
            program
                .or(command.first())
                .map(String::as_str)
                .into_iter()
                .chain(rest),
        )
    }

    /// The failed outcome of a program that did not end well.
    pub fn failure(&self, command: &[String]) -> Outcome {
        self.failure_with(self.complaint(), command)
    }

    /// The same with another message.
    pub fn failure_with(&self, message: &str, command: &[String]) -> Outcome {
        Outcome::failed(message)
            .with("cmd", self.words(command))
            .with("rc", self.rc)
            .with("stdout", self.stdout.as_str())
            .with("stderr", self.stderr.as_str())
    }
}

/// The words of a command.
pub fn command<T: AsRef<str>>(words: &[T]) -> Command {
    words.iter().map(|word| word.as_ref().to_owned()).collect()
}

/// Runs all of them, whatever comes of each: for programs that tell and change nothing.
pub fn ask(
    commands: &[Command],
    then: impl FnOnce(Vec<Ran>) -> Result<Step> + Send + 'static,
) -> Step {
    Step::run(script(commands, false), move |reply| then(read(&reply)))
}

/// Runs one after the other up to the first that does not end well, which fails the task.
pub fn act(
    commands: Vec<Command>,
    then: impl FnOnce(Vec<Ran>) -> Result<Step> + Send + 'static,
) -> Step {
    Step::run(script(&commands, true), move |reply| {
        let ran = read(&reply);
        match ran.iter().zip(&commands).find(|(ran, _)| !ran.is_ok()) {
            Some((ran, command)) => Ok(ran.failure(command).into()),
            None => then(ran),
        }
    })
}

/// Runs them as [`act`] does and ends with the outcome; with nothing to run, or in check mode, at once.
pub fn finish(commands: Vec<Command>, check: bool, outcome: Outcome) -> Step {
    match check || commands.is_empty() {
        true => outcome.into(),
        false => act(commands, |_| Ok(outcome.into())),
    }
}

fn script(commands: &[Command], stop: bool) -> Script {
    assign(Script::call(&COMMANDS, "commands_main"), commands, stop)
}

/// Sets what `commands_main` reads, for a module's own function that calls it.
pub fn assign(script: Script, commands: &[Command], stop: bool) -> Script {
    let lines: Vec<String> = commands.iter().map(|words| line(words)).collect();
    script.list("commands", &lines).flag("stop", stop)
}

fn line(words: &[String]) -> String {
    let words: Vec<String> = words
        .iter()
        .map(|word| quote(word).as_str().to_owned())
        .collect();
    words.join(" ")
}

/// What came of each command.
pub fn read(reply: &Reply) -> Vec<Ran> {
    let outputs = reply.all("stdout").into_iter().zip(reply.all("stderr"));
    let all = outputs.zip(reply.all("rc")).zip(reply.all("program"));
    all.map(|(((stdout, stderr), rc), program)| Ran {
        program,
        rc: rc.trim().parse().unwrap_or(-1),
        stdout,
        stderr,
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::{Command, command, read, script};
    use crate::modules::driver::World;

    fn run(world: &World, commands: &[Command], stop: bool) -> Vec<(i64, String, String)> {
        let reply = world.run_script(&script(commands, stop));
        read(&reply)
            .into_iter()
            .map(|ran| (ran.rc, ran.stdout, ran.stderr))
            .collect()
    }

    #[test]
    fn outputs_are_told_apart() {
        for world in World::each() {
            world.fake(
                "tool",
                "printf 'out %s\\n' \"$1\"; echo err >&2; exit \"$2\"",
            );
            let commands = [
                command(&["tool", "it's", "0"]),
                command(&["tool", "b", "3"]),
                command(&["no-such", "x"]),
            ];
            let all = run(&world, &commands, false);
            assert_eq!(
                all[0],
                (0, "out it's\n".to_owned(), "err\n".to_owned()),
                "{}",
                world.shell_name()
            );
            assert_eq!(all[1].0, 3);
            assert_eq!(
                all[2],
                (
                    127,
                    String::new(),
                    "Failed to find required executable \"no-such\"".to_owned()
                )
            );
            assert_eq!(run(&world, &commands, true).len(), 2);
        }
    }
}
