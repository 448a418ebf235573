#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::texts::TEXTS;
use crate::modules::{Cx, FreeForm, Module, Step};
use crate::outcome::{Diff, Outcome};
use crate::shell::{Fragment, Reply, Script};
use crate::value::{Map, Value};

/// The module.
pub static MODULE: Module = Module {
    name: "selinux",
    collection: "ansible.posix",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "selinux",
    text: include_str!("selinux.sh"),
    needs: &[&TEXTS],
};

crate::choices! {
    /// What SELinux is to do.
    State { Enforcing = "enforcing", Permissive = "permissive", Disabled = "disabled" }
}

args! {
    /// What `selinux` takes.
    Args {
        configfile: String [conf, file] = "/etc/selinux/config".to_owned(),
        policy: Option<String>,
        state: State,
        update_kernel_param: bool = false,
    }
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(args)?;
    if args.state != State::Disabled && args.policy.as_deref().unwrap_or_default().is_empty() {
        return Err(Error::input("Policy is required if state is not 'disabled'"));
    }
    let script = Script::call(&SHELL, "selinux_probe")
        .set("configfile", &args.configfile)
        .flag("kernel", args.update_kernel_param)
        .set("policy", args.policy.as_deref().unwrap_or_default());
    let cx = Arc::clone(cx);
    Ok(Step::run(script, move |reply| Change::of(&args, &reply)?.step(&args, &cx)))
}

/// What is different, and what has to be done.
#[derive(Default)]
struct Change {
    before: String,
    after: String,
    policy: Option<String>,
    enforce: &'static str,
    kernel: &'static str,
    messages: Vec<String>,
    warnings: Vec<String>,
    changed: bool,
    reboot: bool,
}

impl Change {
    fn of(args: &Args, reply: &Reply) -> Result<Change> {
        let config = reply.text("config").unwrap_or_default();
        let mut change = Change {
            policy: args.policy.clone().filter(|policy| !policy.is_empty()).or_else(|| setting(&config, "SELINUXTYPE")),
            after: config.clone(),
            before: config,
            ..Change::default()
        };
        change.policy(args, reply)?;
        change.runtime(args, &reply.text("running").unwrap_or_default());
        change.config(args);
        if args.update_kernel_param {
            change.kernel(args, &reply.text("grubby").unwrap_or_default());
        }
        Ok(change)
    }

    fn tell(&mut self, message: String) {
        self.messages.push(message);
        self.changed = true;
    }

    fn policy(&mut self, args: &Args, reply: &Reply) -> Result<()> {
        let policy = self.policy.clone().unwrap_or_default();
        let running = reply.text("type").filter(|running| !running.is_empty());
        let running = running.unwrap_or_else(|| "targeted".to_owned());
        if policy != running {
            self.tell(format!("Running SELinux policy changed from '{running}' to '{policy}'"));
        }
        let old = setting(&self.before, "SELINUXTYPE");
        if old.as_deref() == Some(policy.as_str()) || self.policy.is_none() {
            return Ok(());
        }
        if !reply.flag("known") {
            return Err(Error::input(format!("Policy {policy} does not exist in /etc/selinux/")));
        }
        self.after = with_setting(&self.after, "SELINUXTYPE", &policy);
        let (file, old) = (&args.configfile, old.unwrap_or_else(|| "None".to_owned()));
        self.tell(format!("SELinux policy configuration in '{file}' changed from '{old}' to '{policy}'"));
        Ok(())
    }

    fn runtime(&mut self, args: &Args, running: &str) {
        let wanted = args.state.word();
        match (running, args.state) {
            (running, _) if running == wanted => {}
            ("disabled", _) => {
                self.warnings.push(format!("Reboot is required to set SELinux state to '{wanted}'"));
                self.reboot = true;
            }
            ("permissive", State::Disabled) => {
                self.warnings.push("SELinux state change will take effect next reboot".to_owned());
                self.reboot = true;
            }
            (running, State::Disabled) => {
                self.enforce = "0";
                self.warnings.push(format!(
                    "SELinux state temporarily changed from '{running}' to 'permissive'. State change will take effect next reboot."
                ));
                self.changed = true;
                self.reboot = true;
            }
            (running, state) => {
                self.enforce = if state == State::Enforcing { "1" } else { "0" };
                self.tell(format!("SELinux state changed from '{running}' to '{wanted}'"));
            }
        }
    }

    fn config(&mut self, args: &Args) {
        let wanted = args.state.word();
        let old = setting(&self.before, "SELINUX");
        if old.as_deref() != Some(wanted) {
            self.after = with_setting(&self.after, "SELINUX", wanted);
            let old = old.unwrap_or_else(|| "None".to_owned());
            self.tell(format!("Config SELinux state changed from '{old}' to '{wanted}'"));
        }
    }

    fn kernel(&mut self, args: &Args, grubby: &str) {
        let enabled = kernels_enable(grubby);
        let wanted = args.state != State::Disabled;
        if enabled == Some(wanted) {
            return;
        }
        let word = |enabled: bool| if enabled { "enabled" } else { "disabled" };
        let old = enabled.map_or("<inconsistent>", word);
        self.kernel = if wanted { "--remove-args" } else { "--args" };
        self.tell(format!("Kernel SELinux state changed from '{old}' to '{}'", word(wanted)));
    }

    fn step(self, args: &Args, cx: &Cx) -> Result<Step> {
        let mut outcome = Outcome::new(self.changed)
            .with("msg", self.messages.join(", "))
            .with("configfile", args.configfile.as_str())
            .with("policy", Value::str_or_null(self.policy.clone()))
            .with("state", args.state.word())
            .with("reboot_required", self.reboot);
        outcome.warnings = self.warnings;
        if cx.diff {
            outcome.diff.extend(Diff::of(&args.configfile, &self.before, &self.after));
        }
        if cx.check || !self.changed {
            return Ok(outcome.into());
        }
        let text = if self.after == self.before { "" } else { &self.after };
        let script = Script::call(&SHELL, "selinux_act")
            .set("configfile", &args.configfile)
            .set("text", text)
            .set("enforce", self.enforce)
            .set("kernel", self.kernel);
        Ok(Step::run(script, |_| Ok(outcome.into())))
    }
}

fn setting(config: &str, name: &str) -> Option<String> {
    let value = |line: &str| line.strip_prefix(name)?.strip_prefix('=').map(|value| value.trim().to_owned());
    config.lines().find_map(value)
}

fn with_setting(config: &str, name: &str, value: &str) -> String {
    let mut found = false;
    let mut text = String::new();
    for line in config.lines() {
        let is_it = line.strip_prefix(name).is_some_and(|rest| rest.starts_with('='));
        found |= is_it;
        match is_it {
            true => text.push_str(&format!("{name}={value}\n")),
            false => text.push_str(&format!("{line}\n")),
        }
    }
    if !found {
        text.push_str(&format!("{name}={value}\n"));
    }
    text
}

/// Whether all kernels are started with SELinux, or none; nothing where they differ.
fn kernels_enable(grubby: &str) -> Option<bool> {
    let arguments = grubby.lines().filter_map(|line| line.strip_prefix("args=\"")?.strip_suffix('"'));
    let off: Vec<bool> = arguments.map(|words| words.split(' ').any(|word| word == "selinux=0")).collect();
    match (off.iter().any(|off| *off), off.iter().any(|off| !off)) {
        (true, false) => Some(false),
        (false, true) => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::entries;
    use crate::modules::driver::{Run, World};
    use crate::value::{Map, Value};

    fn run(world: &World, args: Map) -> Run<'_> {
        if !world.path("etc/selinux/config").exists() {
            world.write("etc/selinux/config", "# c\nSELINUX=enforcing\nSELINUXTYPE=targeted\n");
            world.write("etc/selinux/targeted/policy/x", "");
            world.write("etc/selinux/mls/policy/x", "");
            world.write("sys/fs/selinux/enforce", "1");
        }
        world.fake("setenforce", "printf %s \"$1\" >\"$HOME/sys/fs/selinux/enforce\"");
        world.fake("grubby", "case $1 in (--info=ALL) printf 'index=0\\nargs=\"ro %s\"\\n' \"$(cat \"$HOME/args\" 2>/dev/null)\" ;; (*) test \"$2\" = --args && echo selinux=0 >\"$HOME/args\" || rm -f \"$HOME/args\" ;; esac");
        Run::new("selinux", world).path("configfile", "etc/selinux/config").args(args)
    }

    #[test]
    fn the_state_is_set_now_and_for_the_next_boot() {
        for world in World::each() {
            let permissive = || run(&world, entries! { "state" => "permissive", "policy" => "targeted" });
            let outcome = permissive().diff().expect_changed_then_ok();
            assert_eq!(
                outcome.text("msg"),
                Some("SELinux state changed from 'enforcing' to 'permissive', Config SELinux state changed from 'enforcing' to 'permissive'")
            );
            assert_eq!(world.read("etc/selinux/config"), "# c\nSELINUX=permissive\nSELINUXTYPE=targeted\n", "{}", world.shell_name());
            let disabled = || run(&world, entries! { "state" => "disabled", "update_kernel_param" => true });
            let outcome = disabled().expect_changed();
            assert_eq!(outcome.data.get("reboot_required"), Some(&Value::Bool(true)));
            assert!(world.path("args").exists());
            assert_eq!(disabled().expect_ok().warnings, ["SELinux state change will take effect next reboot"]);
            run(&world, entries! { "state" => "enforcing", "policy" => "mls" }).expect_changed();
            assert!(world.read("etc/selinux/config").contains("SELINUXTYPE=mls"));
        }
    }

    #[test]
    fn what_cannot_be_is_told() {
        let world = World::plain();
        run(&world, entries! { "state" => "enforcing" }).expect_failed("Policy is required");
        run(&world, entries! { "state" => "enforcing", "policy" => "odd" }).expect_failed("Policy odd does not exist");
        run(&world, entries! { "state" => "disabled", "configfile" => "/no/such" }).expect_failed("Unable to find file /no/such");
    }
}
