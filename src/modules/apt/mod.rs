#![doc = include_str!("page.md")]

mod spec;
mod version;

use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::{Cx, FreeForm, Module, Step, rules};
use crate::outcome::{Diff, Outcome};
use crate::modules::apt_cache::APT_CACHE;
use crate::shell::{Fragment, Reply, Script};
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
    /// The fetched packages alone.
    Clean,
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
        let args = Args::read(args)?;
        rules::exclusive(&[
            ("deb", args.deb.is_some()),
            ("package", args.name.is_some()),
            ("upgrade", args.upgrade != Upgrade::No),
        ])?;
        if args.deb.is_some() && args.state != State::Present {
            return Err(Error::input("deb only supports state=present"));
        }
        let goal = Goal::of(&args)?;
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
        let script = Script::call(&SHELL, "apt_probe")
            .flag("update", args.updates() && self.goal != Goal::Clean)
            .set("valid_for", args.cache_valid_time.to_string())
            .set("retries", args.update_cache_retries.to_string())
            .set("longest_delay", args.update_cache_retry_max_delay.to_string())
            .flag("clean", args.clean)
            .set("policy", self.needs_offers())
            .set("release", args.default_release.as_deref().unwrap_or_default())
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

    /// When the sources are asked what they offer: always, where something is not installed, never.
    fn needs_offers(&self) -> &'static str {
        let args = &self.args;
        let versions = matches!(&self.goal, Goal::Packages(specs) if specs.iter().any(|spec| spec.version.is_some()));
        match args.state {
            State::Absent => "never",
            State::Latest => "always",
            _ if versions || args.default_release.is_some() => "always",
            _ => "missing",
        }
    }

    /// What only `apt-get --simulate` can tell.
    fn simulated_words(&self) -> Vec<String> {
        match &self.goal {
            Goal::Call(words) => words.iter().map(|word| (*word).to_owned()).collect(),
            Goal::Packages(specs) if self.args.state == State::BuildDep && !specs.is_empty() => {
                let names = specs.iter().map(|spec| spec.text.clone());
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
            Goal::Cache => Ok(cache.tell(Outcome::new(cache.updated)).into()),
            Goal::Clean => Ok(self.cleaned(reply).into()),
            Goal::Files(files) => {
                let script = self.files_script(files);
                Ok(Step::run(script, move |reply| self.after_files(&reply)))
            }
            Goal::Call(words) => {
                let words = words.iter().map(|word| (*word).to_owned()).collect();
                Ok(self.after_simulation(reply, words, &cache))
            }
            Goal::Packages(specs) if self.args.state == State::BuildDep && !specs.is_empty() => {
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

    /// `clean` and nothing else always counts as a change.
    fn cleaned(&self, reply: &Reply) -> Outcome {
        let said = reply.text("cleaned").unwrap_or_default();
        let diff = self.diff.then(|| Diff::Prepared(said.clone()));
        Outcome::changed()
            .with_diff(diff)
            .with("msg", said.as_str())
            .with("stdout", said)
            .with("stderr", "")
    }

    fn packages(self, known: &Known, specs: &[Spec], cache: Cache) -> Result<Step> {
        if self.args.state == State::Absent {
            let names = known.to_remove(specs, self.args.purge).map_err(Error::input)?;
            if names.is_empty() {
                return Ok(Outcome::ok().into());
            }
            return Ok(self.call("remove", names, Vec::new(), None));
        }
        let latest = self.args.state == State::Latest;
        match known.to_install(specs, latest, self.args.only_upgrade) {
            Ok(todo) if todo.words.is_empty() => Ok(self.asked_for(&todo, &cache)),
            Ok(todo) => Ok(self.call("install", todo.words, todo.manual, Some(cache))),
            Err(problem) => Ok(cache.tell(Outcome::failed(problem)).into()),
        }
    }

    /// Nothing has to be installed; what came by chance is marked as asked for, which is no change.
    fn asked_for(self, todo: &Todo, cache: &Cache) -> Step {
        let outcome = cache.tell(Outcome::ok());
        if todo.manual.is_empty() || self.check {
            return outcome.into();
        }
        let script = todo.manual.iter().fold(Script::call(&SHELL, "apt_mark"), Script::arg);
        Step::run(script, move |_| Ok(outcome.into()))
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
        let changed = does_something(&output);
        self.outcome(&words, changed, rc, output, reply.stderr_text(), cache.as_ref()).into()
    }

    /// Has `apt-get` act, or say what it would do.
    fn call(self, verb: &str, names: Vec<String>, manual: Vec<String>, cache: Option<Cache>) -> Step {
        let mut words = self.options();
        if self.check {
            words.push("--simulate".to_owned());
        }
        words.push(verb.to_owned());
        words.extend(names.iter().cloned());
        let mut shown = vec![verb.to_owned()];
        shown.extend(names);
        let marked = if self.check { Vec::new() } else { manual };
        let script = Script::call(&SHELL, "apt_act")
            .list("manual", &marked)
            .set("policy_rc_d", self.policy());
        let script = words.iter().fold(script, Script::arg);
        Step::run(script, move |reply| {
            let rc = reply.int("rc").unwrap_or(-1);
            let stdout = reply.stdout_text();
            // The reference calls each installation and removal that went well a change.
            let named = matches!(shown.first().map(String::as_str), Some("install" | "remove"));
            let changed = named && shown.len() > 1 || does_something(&stdout);
            let outcome = self.outcome(&shown, changed, rc, stdout, reply.stderr_text(), cache.as_ref());
            Ok(outcome.into())
        })
    }

    /// The status for `policy-rc.d`; in check mode nothing is written.
    fn policy(&self) -> String {
        let policy = self.args.policy_rc_d.filter(|_| !self.check);
        policy.map_or_else(String::new, |status| status.to_string())
    }

    fn files_script(&self, files: &[String]) -> Script {
        let args = &self.args;
        let mut dpkg: Vec<String> = args.dpkg_options.iter().map(|option| format!("--{option}")).collect();
        dpkg.extend(self.check.then(|| "--simulate".to_owned()));
        dpkg.extend(args.force.then(|| "--force-all".to_owned()));
        let script = Script::call(&SHELL, "apt_deb")
            .list("options", &self.options())
            .list("dpkg", &dpkg)
            .set("policy_rc_d", self.policy())
            .flag("force", args.force)
            .flag("downgrade", args.force || args.allow_downgrade)
            .flag("check", self.check);
        files.iter().fold(script, Script::path_arg)
    }

    fn after_files(&self, reply: &Reply) -> Result<Step> {
        if reply.text("needed").as_deref() == Some("0") {
            return Ok(Outcome::ok().with("stdout", "").with("stderr", "").into());
        }
        let rc = reply.int("rc").unwrap_or(-1);
        let (stdout, stderr) = (reply.stdout_text(), reply.stderr_text());
        let outcome = match reply.text("command") {
            Some(command) if rc != 0 => Outcome::failed(format!("{command} failed")),
            _ if rc != 0 => {
                let words: Vec<String> = std::iter::once("install".to_owned())
                    .chain(reply.text("needs").unwrap_or_default().split_whitespace().map(str::to_owned))
                    .collect();
                return Ok(self.outcome(&words, false, rc, stdout, stderr, None).into());
            }
            _ => Outcome::changed().with_diff(self.diff.then(|| Diff::Prepared(stdout.clone()))),
        };
        Ok(outcome.with("stdout", stdout).with("stderr", stderr).into())
    }

    /// The outcome of one call of `apt-get`.
    fn outcome(
        &self,
        words: &[String],
        changed: bool,
        rc: i64,
        stdout: String,
        stderr: String,
        cache: Option<&Cache>,
    ) -> Outcome {
        let mut outcome = if rc == 0 {
            let diff = self.diff.then(|| diff(&stdout));
            Outcome::new(changed).with_diff(diff.filter(|_| changed))
        } else {
            Outcome::failed(self.complaint(words, &stderr)).with("rc", rc)
        };
        if let Some(cache) = cache {
            outcome = cache.tell(outcome);
        }
        if rc == 0 && self.args.upgrade != Upgrade::No {
            outcome = outcome.with("msg", stdout.as_str());
        }
        outcome.with("stdout", stdout).with("stderr", stderr)
    }

    /// What went wrong, in the reference's words: the command as it writes it, and what apt-get said.
    fn complaint(&self, words: &[String], stderr: &str) -> String {
        let (verb, names) = words.split_first().map_or(("", &[][..]), |(verb, names)| (verb.as_str(), names));
        let names: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
        let command = match verb {
            "install" | "build-dep" => self.install_line(verb, &names.join(" ")),
            "remove" => format!("apt-get remove {}", names.join(" ")),
            "upgrade" => format!("/usr/bin/apt-get upgrade --with-new-pkgs {}", used(self.args.autoremove, "--auto-remove")),
            "dist-upgrade" => format!("/usr/bin/apt-get dist-upgrade {}", used(self.args.autoremove, "--auto-remove")),
            verb => format!("apt-get {verb}"),
        };
        format!("'{command}' failed: {stderr}")
    }

    /// The line that the reference would hand to a shell, each unused option an empty word.
    fn install_line(&self, verb: &str, names: &str) -> String {
        let args = &self.args;
        let dpkg: Vec<String> = args
            .dpkg_options
            .iter()
            .map(|option| format!("-o \"Dpkg::Options::=--{option}\""))
            .collect();
        let mut words = vec![
            "/usr/bin/apt-get -y".to_owned(),
            format!("{} -o DPkg::Lock::Timeout={}", dpkg.join(" "), args.lock_timeout),
        ];
        let switches = [
            (true, args.only_upgrade, "--only-upgrade"),
            (true, args.state == State::Fixed, "--fix-broken"),
            (true, args.force, "--force-yes"),
            (verb == "install", args.autoremove, "--auto-remove"),
            (true, args.fail_on_autoremove, "--no-remove"),
            (true, self.check, "--simulate"),
        ];
        let there = switches.iter().filter(|(there, ..)| *there);
        words.extend(there.map(|(_, on, word)| used(*on, word).to_owned()));
        words.push(format!("{verb} {names}"));
        let mut line = words.join(" ");
        if let Some(release) = &args.default_release {
            line += &format!(" -t '{release}'");
        }
        if let Some(recommends) = args.install_recommends {
            line += &format!(" -o APT::Install-Recommends={}", if recommends { "yes" } else { "no" });
        }
        for (on, word) in [
            (args.allow_unauthenticated, " --allow-unauthenticated"),
            (args.allow_downgrade, " --allow-downgrades"),
            (args.allow_change_held_packages, " --allow-change-held-packages"),
        ] {
            line += used(on, word);
        }
        line
    }
}

fn used(on: bool, word: &'static str) -> &'static str {
    if on { word } else { "" }
}

impl Args {
    /// Whether the lists of packages are to be brought up to date.
    fn updates(&self) -> bool {
        self.update_cache == Some(true) || self.cache_valid_time > 0
    }
}

impl Goal {
    /// What the arguments ask for, in the reference's order.
    fn of(args: &Args) -> Result<Goal> {
        match (args.upgrade, &args.deb) {
            (Upgrade::Dist | Upgrade::Full, _) => return Ok(Goal::Call(vec!["dist-upgrade"])),
            (Upgrade::Safe | Upgrade::Yes, _) => return Ok(Goal::Call(SAFE_UPGRADE.to_vec())),
            (Upgrade::No, Some(files)) => return Ok(Goal::Files(files.clone())),
            (Upgrade::No, None) => (),
        }
        let names = args.name.as_deref().unwrap_or_default();
        if names.is_empty() && args.clean {
            return Ok(Goal::Clean);
        }
        if names.is_empty() && args.updates() {
            return Ok(Goal::Cache);
        }
        let packages: Vec<&str> = names.iter().filter(|name| *name != "*").map(|name| name.trim()).collect();
        if args.state == State::Latest && packages.len() < names.len() {
            if packages.is_empty() {
                return Ok(Goal::Call(SAFE_UPGRADE.to_vec()));
            }
            return Err(Error::input("unable to install additional packages when upgrading all installed packages"));
        }
        if let Some(wrong) = packages.iter().find(|name| name.matches('=').count() > 1) {
            return Err(Error::input(format!("invalid package spec: {wrong}")));
        }
        Ok(match packages.is_empty() {
            true if args.autoclean => Goal::Call(vec!["autoclean"]),
            true if args.autoremove => Goal::Call(vec!["autoremove"]),
            true if args.state == State::Fixed => Goal::Call(vec!["install"]),
            _ => Goal::Packages(packages.into_iter().map(Spec::read).collect()),
        })
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

/// What `apt-get` says it will do, as the reference shows it with `--diff`: what stands between the
/// lines about reading and the summary, with the summary.
fn diff(output: &str) -> Diff {
    let lines: Vec<&str> = output.lines().collect();
    let marker = lines.iter().position(|line| *line == "Reading state information...");
    let start = marker.map_or(0, |marker| marker + 1);
    let end = lines.iter().position(|line| is_summary(line)).map_or(lines.len(), |end| end + 1);
    Diff::Prepared(lines.get(start..end).unwrap_or_default().join("\n"))
}

#[cfg(test)]
mod tests;
