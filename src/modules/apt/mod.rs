#![doc = include_str!("page.md")]

mod spec;
mod version;

use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::{Cx, FreeForm, Module, Step, rules};
use crate::outcome::{Diff, Outcome};
use crate::modules::apt_cache::APT_CACHE;
use crate::shell::{Fragment, Reply, Script, quote};
use crate::value::Map;
use spec::{Known, Spec, Todo};

/// The module.
pub static MODULE: Module = Module {
    name: "apt",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "apt",
    text: include_str!("apt.sh"),
    needs: &[&APT_CACHE],
};

crate::choices! {
    /// What packages are to be.
    State {
        Absent = "absent",
        BuildDep = "build-dep",
        Fixed = "fixed",
        Latest = "latest",
        Present = "present",
    }
}

crate::choices! {
    /// How everything is upgraded.
    Upgrade {
        Dist = "dist",
        Full = "full",
        No = "no",
        Safe = "safe",
        Yes = "yes",
    }
}

args! {
    /// What `apt` takes.
    Args {
        allow_change_held_packages: bool = false,
        allow_downgrade: bool ["allow-downgrade", allow_downgrades, "allow-downgrades"] = false,
        allow_unauthenticated: bool ["allow-unauthenticated"] = false,
        /// Nothing has to be installed for this module.
        auto_install_module_deps: bool = true,
        autoclean: bool = false,
        autoremove: bool = false,
        cache_valid_time: u64 = 0,
        clean: bool = false,
        deb: Option<Vec<String>>,
        default_release: Option<String> ["default-release"],
        dpkg_options: Vec<String> = vec!["force-confdef".to_owned(), "force-confold".to_owned()],
        fail_on_autoremove: bool = false,
        force: bool = false,
        /// `apt-get` is all that is ever used.
        force_apt_get: bool = false,
        install_recommends: Option<bool> ["install-recommends"],
        lock_timeout: u64 = 60,
        name: Option<Vec<String>> [package, pkg],
        only_upgrade: bool = false,
        policy_rc_d: Option<i64>,
        purge: bool = false,
        state: State = State::Present,
        update_cache: Option<bool> ["update-cache"],
        update_cache_retries: u64 = 5,
        update_cache_retry_max_delay: u64 = 12,
        upgrade: Upgrade = Upgrade::No,
    }
}

/// What the task is about.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Goal {
    /// Packages by their names.
    Packages(Vec<Spec>),
    /// Package files.
    Files(Vec<String>),
    /// One call of `apt-get` with these words, which tells itself what it changed.
    Call(Vec<&'static str>),
    /// The cache alone.
    Cache,
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let task = Task::read(args, cx.check, cx.diff)?;
    let script = task.probe();
    Ok(Step::run(script, move |reply| task.decide(&reply)))
}

/// The task, understood.
struct Task {
    args: Args,
    goal: Goal,
    check: bool,
    diff: bool,
}

impl Task {
    fn read(args: &Map, check: bool, diff: bool) -> Result<Task> {
        let mut args = Args::read(args)?;
        if let Some(names) = &mut args.name {
            names.retain(|name| !name.trim().is_empty());
        }
        args.name = args.name.filter(|names| !names.is_empty());
        rules::exclusive(&[
            ("deb", args.deb.is_some()),
            ("name", args.name.is_some()),
            ("upgrade", args.upgrade != Upgrade::No),
        ])?;
        if args.allow_unauthenticated && matches!(args.state, State::Absent | State::BuildDep) {
            return Err(Error::input("`allow_unauthenticated` is for installing packages"));
        }
        let goal = Goal::of(&args);
        Ok(Task {
            args,
            goal,
            check,
            diff,
        })
    }

    /// The one round trip that a converged host needs.
    fn probe(&self) -> Script {
        let args = &self.args;
        let update = args.update_cache.unwrap_or(args.cache_valid_time > 0);
        let script = Script::call(&SHELL, "apt_probe")
            .flag("update", update)
            .set("valid_for", args.cache_valid_time.to_string())
            .set("retries", args.update_cache_retries.to_string())
            .set("longest_delay", args.update_cache_retry_max_delay.to_string())
            .flag("clean", args.clean)
            .flag("policy", self.needs_candidates())
            .list("options", &self.options())
            .list("simulate", &self.simulated_words())
            .flag("check", self.check);
        match &self.goal {
            Goal::Packages(specs) if args.state != State::BuildDep => {
                specs.iter().fold(script, |script, spec| script.arg(&spec.name))
            }
            _ => script,
        }
    }

    fn needs_candidates(&self) -> bool {
        match &self.goal {
            Goal::Packages(specs) => {
                self.args.state == State::Latest || specs.iter().any(|spec| spec.release.is_some())
            }
            _ => false,
        }
    }

    /// What only `apt-get --simulate` can tell.
    fn simulated_words(&self) -> Vec<String> {
        match &self.goal {
            Goal::Call(words) => words.iter().map(|word| (*word).to_owned()).collect(),
            Goal::Packages(specs) if self.args.state == State::BuildDep => {
                let names = specs.iter().map(|spec| spec.name.clone());
                std::iter::once("build-dep".to_owned()).chain(names).collect()
            }
            _ => Vec::new(),
        }
    }

    /// What `apt-get` is told each time.
    fn options(&self) -> Vec<String> {
        let args = &self.args;
        let mut words = vec!["-y".to_owned()];
        let options = args.dpkg_options.iter().filter(|option| !option.is_empty());
        for option in options {
            words.extend(["-o".to_owned(), format!("Dpkg::Options::=--{option}")]);
        }
        words.extend(["-o".to_owned(), format!("DPkg::Lock::Timeout={}", args.lock_timeout)]);
        if let Some(recommends) = args.install_recommends {
            let word = if recommends { "yes" } else { "no" };
            words.extend(["-o".to_owned(), format!("APT::Install-Recommends={word}")]);
        }
        if let Some(release) = args.default_release.as_deref().filter(|release| !release.is_empty()) {
            words.extend(["-t".to_owned(), release.to_owned()]);
        }
        let switches = [
            (args.autoremove && !self.is_removal_of_the_unused(), "--auto-remove"),
            (args.purge && self.removes(), "--purge"),
            (args.fail_on_autoremove && args.state != State::Absent, "--no-remove"),
            (args.only_upgrade, "--only-upgrade"),
            (args.state == State::Fixed, "--fix-broken"),
            (args.force || args.allow_unauthenticated, "--allow-unauthenticated"),
            (args.force || args.allow_downgrade, "--allow-downgrades"),
            (args.force || args.allow_change_held_packages, "--allow-change-held-packages"),
            (args.force, "--allow-remove-essential"),
        ];
        words.extend(switches.iter().filter(|(on, _)| *on).map(|(_, word)| (*word).to_owned()));
        words
    }

    fn is_removal_of_the_unused(&self) -> bool {
        self.goal == Goal::Call(vec!["autoremove"])
    }

    fn removes(&self) -> bool {
        self.args.state == State::Absent || self.args.autoremove
    }

    fn decide(self, reply: &Reply) -> Result<Step> {
        let cache = Cache::of(reply);
        match &self.goal {
            Goal::Cache => Ok(self.cache_only(reply, &cache).into()),
            Goal::Files(files) => {
                let script = self.files_script(files);
                Ok(Step::run(script, move |reply| Ok(self.after_files(&reply).into())))
            }
            Goal::Call(words) => {
                let words = words.iter().map(|word| (*word).to_owned()).collect();
                Ok(self.after_simulation(reply, words, &cache))
            }
            Goal::Packages(_) if self.args.state == State::BuildDep => {
                let words = self.simulated_words();
                Ok(self.after_simulation(reply, words, &cache))
            }
            Goal::Packages(specs) => {
                let known = Known::of(reply);
                let specs = specs.clone();
                self.packages(&known, &specs, cache)
            }
        }
    }

    fn cache_only(&self, reply: &Reply, cache: &Cache) -> Outcome {
        let mut outcome = cache.tell(Outcome::new(cache.updated || reply.flag("clean")));
        if self.args.clean {
            outcome = outcome.with("stdout", "").with("stderr", "");
        }
        outcome
    }

    fn packages(self, known: &Known, specs: &[Spec], cache: Cache) -> Result<Step> {
        if self.args.state == State::Absent {
            let names = known.to_remove(specs, self.args.purge);
            if names.is_empty() {
                return Ok(Outcome::ok().into());
            }
            return Ok(self.call("remove", names, Vec::new(), None));
        }
        let latest = self.args.state == State::Latest;
        let todo = known.to_install(specs, latest, self.args.only_upgrade);
        if let Some(pattern) = todo.unmatched.first() {
            return Err(Error::input(format!("No package(s) matching '{pattern}' available")));
        }
        if !todo.is_empty() || self.args.state == State::Fixed {
            return Ok(self.call("install", todo.names, todo.specs, Some(cache)));
        }
        Ok(self.asked_for(&todo, &cache))
    }

    /// Nothing has to be installed; what came by chance is marked as asked for.
    fn asked_for(self, todo: &Todo, cache: &Cache) -> Step {
        let outcome = cache.tell(Outcome::new(!todo.manual.is_empty()));
        if todo.manual.is_empty() || self.check {
            return outcome.into();
        }
        let script = todo.manual.iter().fold(Script::call(&SHELL, "apt_mark"), Script::arg);
        Step::run(script, move |reply| {
            let outcome = outcome
                .with("stdout", reply.stdout_text())
                .with("stderr", reply.stderr_text());
            Ok(outcome.into())
        })
    }

    /// What `apt-get --simulate` said: done where it would do nothing.
    fn after_simulation(self, reply: &Reply, words: Vec<String>, cache: &Cache) -> Step {
        let output = reply.text("simulated").unwrap_or_default();
        let rc = reply.int("simulated_rc").unwrap_or(-1);
        let cache = matches!(self.goal, Goal::Packages(_)).then(|| cache.clone());
        if rc == 0 && !self.check && does_something(&output) {
            let (verb, names) = words.split_first().map_or(("", &[][..]), |(verb, names)| (verb.as_str(), names));
            return self.call(verb, names.to_vec(), Vec::new(), cache);
        }
        self.outcome(&words, rc, output, reply.stderr_text(), cache.as_ref()).into()
    }

    /// Has `apt-get` act, or say what it would do.
    fn call(self, verb: &str, names: Vec<String>, specs: Vec<String>, cache: Option<Cache>) -> Step {
        let mut words = self.options();
        if self.check {
            words.push("--simulate".to_owned());
        }
        words.push(verb.to_owned());
        words.extend(names.iter().cloned());
        let mut shown = vec![verb.to_owned()];
        shown.extend(names);
        shown.extend(specs.chunks(3).map(|words| words.concat()));
        let script = Script::call(&SHELL, "apt_act")
            .list("specs", &specs)
            .set("policy_rc_d", self.policy());
        let script = words.iter().fold(script, Script::arg);
        Step::run(script, move |reply| {
            let rc = reply.int("rc").unwrap_or(-1);
            let outcome = self.outcome(&shown, rc, reply.stdout_text(), reply.stderr_text(), cache.as_ref());
            Ok(outcome.into())
        })
    }

    /// The status for `policy-rc.d`; in check mode nothing is written.
    fn policy(&self) -> String {
        let policy = self.args.policy_rc_d.filter(|_| !self.check);
        policy.map_or_else(String::new, |status| status.to_string())
    }

    fn files_script(&self, files: &[String]) -> Script {
        let script = Script::call(&SHELL, "apt_deb")
            .list("options", &self.options())
            .set("policy_rc_d", self.policy())
            .flag("check", self.check);
        files.iter().fold(script, Script::path_arg)
    }

    fn after_files(&self, reply: &Reply) -> Outcome {
        if reply.text("needed").as_deref() == Some("0") {
            return Outcome::ok().with("stdout", "").with("stderr", "");
        }
        let words = ["install".to_owned()];
        let rc = reply.int("rc").unwrap_or(-1);
        self.outcome(&words, rc, reply.stdout_text(), reply.stderr_text(), None)
    }

    /// The outcome of one call of `apt-get`.
    fn outcome(&self, words: &[String], rc: i64, stdout: String, stderr: String, cache: Option<&Cache>) -> Outcome {
        let mut outcome = if rc == 0 {
            let diff = self.diff.then(|| diff(&stdout)).flatten();
            Outcome::new(does_something(&stdout)).with_diff(diff)
        } else {
            Outcome::failed(complaint(words, &stderr)).with("rc", rc)
        };
        if let Some(cache) = cache {
            outcome = cache.tell(outcome);
        }
        if rc == 0 && self.args.upgrade != Upgrade::No {
            outcome = outcome.with("msg", stdout.as_str());
        }
        outcome.with("stdout", stdout).with("stderr", stderr)
    }
}

impl Goal {
    fn of(args: &Args) -> Goal {
        match (args.upgrade, &args.deb, &args.name) {
            (Upgrade::Dist | Upgrade::Full, _, _) => Goal::Call(vec!["dist-upgrade"]),
            (Upgrade::Safe | Upgrade::Yes, _, _) => Goal::Call(SAFE_UPGRADE.to_vec()),
            (Upgrade::No, Some(files), _) => Goal::Files(files.clone()),
            (Upgrade::No, None, Some(names)) if args.state == State::Latest && *names == ["*"] => {
                Goal::Call(SAFE_UPGRADE.to_vec())
            }
            (Upgrade::No, None, Some(names)) => {
                Goal::Packages(names.iter().map(|name| Spec::read(name)).collect())
            }
            (Upgrade::No, None, None) => Goal::without_packages(args),
        }
    }

    fn without_packages(args: &Args) -> Goal {
        if args.state == State::Fixed {
            Goal::Call(vec!["install"])
        } else if args.autoclean {
            Goal::Call(vec!["autoclean"])
        } else if args.autoremove {
            Goal::Call(vec!["autoremove"])
        } else {
            Goal::Cache
        }
    }
}

/// What aptitude calls a safe upgrade.
const SAFE_UPGRADE: &[&str] = &["upgrade", "--with-new-pkgs"];

/// What is known of the lists of packages.
#[derive(Clone)]
struct Cache {
    updated: bool,
    time: i64,
}

impl Cache {
    fn of(reply: &Reply) -> Cache {
        Cache {
            updated: reply.flag("cache_updated"),
            time: reply.int("cache_time").unwrap_or(0),
        }
    }

    fn tell(&self, outcome: Outcome) -> Outcome {
        outcome
            .with("cache_updated", self.updated)
            .with("cache_update_time", self.time)
    }
}

/// Says whether `apt-get` did, or would do, anything at all.
fn does_something(output: &str) -> bool {
    let mut summaries = output.lines().filter(|line| is_summary(line)).peekable();
    if summaries.peek().is_none() {
        return output.lines().any(|line| line.starts_with("Del "));
    }
    summaries.any(|line| {
        !line.starts_with("0 upgraded, 0 newly installed, 0 to remove") || line.contains("not fully")
    }) || output.lines().any(|line| line.contains(" not fully installed or removed"))
}

fn is_summary(line: &str) -> bool {
    line.starts_with(|c: char| c.is_ascii_digit()) && line.contains(" upgraded, ")
}

/// What `apt-get` says it will do, as the reference shows it with `--diff`.
fn diff(output: &str) -> Option<Diff> {
    let lines: Vec<&str> = output.lines().collect();
    let end = lines.iter().position(|line| is_summary(line))?;
    let before = |line: &&str| line.starts_with("Reading ") || line.starts_with("Building ") || line.starts_with("Calculating ");
    let start = lines[..end].iter().rposition(before).map_or(0, |position| position + 1);
    does_something(output).then(|| Diff::Prepared(lines[start..=end].join("\n")))
}

/// What went wrong, in the words that playbooks look for.
fn complaint(words: &[String], stderr: &str) -> String {
    let missing = stderr
        .lines()
        .find_map(|line| line.strip_prefix("E: Unable to locate package "));
    if let Some(name) = missing {
        return format!("No package matching '{name}' is available");
    }
    let words: Vec<String> = words.iter().map(|word| quote(word).as_str().to_owned()).collect();
    format!("'apt-get {}' failed: {}", words.join(" "), stderr.trim_end())
}

#[cfg(test)]
mod tests;
