#![doc = include_str!("page.md")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::args;
use crate::error::{Error, Result};
use crate::modules::{Answer, Ask, Cx, FreeForm, Module, Step};
use crate::outcome::Outcome;
use crate::shell::{Fragment, PRELUDE, Reply, Script};
use crate::value::Map;

/// The module.
pub static MODULE: Module = Module {
    name: "reboot",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "reboot",
    text: include_str!("reboot.sh"),
    needs: &[&PRELUDE],
};

args! {
    /// What `reboot` takes; times are in seconds.
    Args {
        boot_time_command: Option<String>,
        connect_timeout: Option<u64> [connect_timeout_sec],
        msg: String = "Reboot initiated by Ansible".to_owned(),
        post_reboot_delay: u64 [post_reboot_delay_sec] = 0,
        pre_reboot_delay: u64 [pre_reboot_delay_sec] = 0,
        reboot_command: Option<String>,
        reboot_timeout: u64 [reboot_timeout_sec] = 600,
        search_paths: Vec<String> = ["/sbin", "/bin", "/usr/sbin", "/usr/bin", "/usr/local/sbin"].map(str::to_owned).to_vec(),
        test_command: String = "whoami".to_owned(),
    }
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(args)?;
    if cx.names.connection == "local" {
        return Err(Error::input("a reboot over the local connection would take the controller down"));
    }
    if cx.check {
        return Ok(done(Outcome::changed(), 0).into());
    }
    let script = Script::call(&SHELL, "reboot_probe")
        .set("boot_time_command", args.boot_time_command.as_deref().unwrap_or_default())
        .set("reboot_command", args.reboot_command.as_deref().unwrap_or_default())
        .list("search_paths", &args.search_paths)
        .set("delay", args.pre_reboot_delay.to_string());
    Ok(Step::run(script, move |reply| {
        let boot = reply.text("boot").unwrap_or_default();
        let command = reply.text("command").unwrap_or_default();
        Ok(go_down(args, boot, &command))
    }))
}

fn go_down(args: Args, boot: String, command: &str) -> Step {
    let script = Script::call(&SHELL, "reboot_run")
        .set("line", command)
        .set("message", &args.msg);
    let begun = Instant::now();
    Step::ask(Ask::Try(script), move |answer| {
        if let Answer::Tried(Ok(reply)) = &answer
            && let Some(outcome) = refused(reply)
        {
            return Ok(outcome.into());
        }
        // Shells take no more requests while the host goes down.
        let rest = Duration::from_secs(args.post_reboot_delay);
        let watch = Watch { args, boot, begun, since: Instant::now(), tries: 0 };
        Ok(Step::ask(Ask::Disconnect, move |_| {
            Ok(Step::ask(Ask::Sleep(rest), move |_| Ok(watch.look())))
        }))
    })
}

/// The failure of the command itself; a status of a host that is going down is none.
fn refused(reply: &Reply) -> Option<Outcome> {
    let rc = reply.int("rc").filter(|rc| *rc != 0)?;
    let said = format!("{} {}", reply.stdout_text().trim(), reply.stderr_text().trim());
    let outcome = Outcome::failed(format!("Reboot command failed. Error was: {}", said.trim()));
    Some(outcome.with("rc", rc).with("rebooted", false))
}

/// Waits for another boot, then for a host that is ready.
struct Watch {
    args: Args,
    boot: String,
    begun: Instant,
    since: Instant,
    tries: u32,
}

impl Watch {
    /// Tries to reach the host and asks what boot it is in.
    fn look(self) -> Step {
        let script = Script::call(&SHELL, "reboot_look").set(
            "boot_time_command",
            self.args.boot_time_command.as_deref().unwrap_or_default(),
        );
        self.reach(script, |watch, reply| match reply.text("boot") {
            Some(boot) if !boot.is_empty() && boot != watch.boot => {
                let since = Instant::now();
                Ok(Watch { since, tries: 0, ..watch }.test())
            }
            _ => Ok(watch.again("the host has not started anew", Watch::look)),
        }, Watch::look)
    }

    fn test(self) -> Step {
        let script = Script::call(&SHELL, "reboot_test").set("test_command", &self.args.test_command);
        self.reach(script, |watch, reply| match reply.int("rc") {
            Some(0) => Ok(done(Outcome::changed(), watch.begun.elapsed().as_secs()).into()),
            _ => Ok(watch.again("the test command fails", Watch::test)),
        }, Watch::test)
    }

    /// Connects anew and runs a script; what cannot be reached is tried again.
    fn reach(
        self,
        script: Script,
        judge: fn(Watch, &Reply) -> Result<Step>,
        retry: fn(Watch) -> Step,
    ) -> Step {
        let limit = Duration::from_secs(self.args.connect_timeout.unwrap_or(10));
        Step::ask(Ask::Connect(limit), move |answer| {
            if let Answer::Reached(Err(why)) = answer {
                return Ok(self.again(&why, retry));
            }
            Ok(Step::ask(Ask::Try(script), move |answer| match answer {
                Answer::Tried(Ok(reply)) => judge(self, &reply),
                Answer::Tried(Err(why)) => Ok(self.again(&why, retry)),
                _ => Err(Error::bug("no reply came back for a script")),
            }))
        })
    }

    fn again(mut self, why: &str, retry: fn(Watch) -> Step) -> Step {
        if self.since.elapsed().as_secs() >= self.args.reboot_timeout {
            let message = format!("timed out waiting for the host to come back: {why}");
            let outcome = Outcome::failed(message).with("rebooted", false);
            return outcome.with("elapsed", self.begun.elapsed().as_secs()).into();
        }
        self.tries += 1;
        let pause = Duration::from_secs(u64::from(self.tries.min(5)));
        Step::ask(Ask::Sleep(pause), move |_| Ok(retry(self)))
    }
}

fn done(outcome: Outcome, elapsed: u64) -> Outcome {
    outcome.with("elapsed", elapsed).with("rebooted", true)
}

#[cfg(test)]
mod tests;
