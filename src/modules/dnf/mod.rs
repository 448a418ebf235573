#![doc = include_str!("page.md")]

mod spec;
mod transaction;
mod version;

use std::sync::Arc;

use crate::args;
use crate::error::Result;
use crate::modules::{Cx, FreeForm, Module, Step, rules};
use crate::outcome::Outcome;
use crate::shell::{Fragment, PRELUDE, Reply, Script};
use crate::value::{Map, Value};
use spec::{Spec, has_group, updates};
use transaction::{Asked, nothing};

/// The module.
pub static MODULE: Module = Module {
    name: "dnf",
    collection: "ansible.builtin",
    aliases: &["dnf5", "yum"],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "dnf",
    text: include_str!("dnf.sh"),
    needs: &[&PRELUDE],
};

crate::choices! {
    /// What packages are to be.
    State {
        Absent = "absent" | "removed",
        Latest = "latest",
        Present = "present" | "installed",
    }
}

crate::choices! {
    /// The program that is used.
    Backend {
        Auto = "auto",
        Dnf = "dnf",
        Dnf4 = "dnf4",
        Dnf5 = "dnf5",
        Yum = "yum",
        Yum4 = "yum4",
    }
}

args! {
    /// What `dnf` takes.
    Args {
        allow_downgrade: bool = false,
        allowerasing: bool = false,
        auto_install_module_deps: bool = true,
        autoremove: bool = false,
        best: Option<bool>,
        bugfix: bool = false,
        cacheonly: bool = false,
        conf_file: Option<String>,
        disable_excludes: Option<String>,
        disable_gpg_check: bool = false,
        disable_plugin: Vec<String> = Vec::new(),
        disablerepo: Vec<String> = Vec::new(),
        download_dir: Option<String>,
        download_only: bool = false,
        enable_plugin: Vec<String> = Vec::new(),
        enablerepo: Vec<String> = Vec::new(),
        exclude: Vec<String> = Vec::new(),
        install_weak_deps: bool = true,
        installroot: String = "/".to_owned(),
        list: Option<String>,
        lock_timeout: i64 = 30,
        name: Vec<String> [pkg] = Vec::new(),
        nobest: Option<bool>,
        releasever: Option<String>,
        security: bool = false,
        skip_broken: bool = false,
        sslverify: bool = true,
        state: Option<State>,
        update_cache: bool ["expire-cache"] = false,
        update_only: bool = false,
        use_backend: Backend = Backend::Auto,
        validate_certs: bool = true,
    }
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let mut args = Args::read(args)?;
    args.name.retain(|name| !name.is_empty());
    rules::exclusive(&[("name", !args.name.is_empty()), ("list", args.list.is_some())])?;
    rules::exclusive(&[("best", args.best.is_some()), ("nobest", args.nobest.is_some())])?;
    rules::one_of(&[
        ("name", !args.name.is_empty()),
        ("list", args.list.is_some()),
        ("update_cache", args.update_cache),
        ("autoremove", args.autoremove),
    ])?;
    let task = Task { args, check: cx.check, dnf5: false, notes: Vec::new() };
    if let Some(what) = task.args.list.clone() {
        return Ok(task.list(what));
    }
    let script = task.args.name.iter().fold(task.probe(), Script::arg);
    Ok(Step::run(script, move |reply| task.decide(&reply)))
}

struct Task {
    args: Args,
    check: bool,
    dnf5: bool,
    /// What is said of names whether anything is done or not.
    notes: Vec<String>,
}

impl Task {
    fn state(&self) -> State {
        let default = if self.args.autoremove { State::Absent } else { State::Present };
        self.args.state.unwrap_or(default)
    }

    fn script(&self, function: &'static str) -> Script {
        Script::call(&SHELL, function)
            .set("backend", self.args.use_backend.word())
            .set("lock_timeout", self.args.lock_timeout.to_string())
            .set("root", &self.args.installroot)
    }

    fn probe(&self) -> Script {
        let everything = self.is_everything();
        self.script("dnf_probe")
            .flag("refresh", self.args.update_cache)
            .flag("check", self.check)
            .flag("latest", self.state() == State::Latest && (everything || !self.args.name.is_empty()))
            .list("options", &self.repository_options())
    }

    /// `name: '*'`: whatever is installed.
    fn is_everything(&self) -> bool {
        self.args.name == ["*"]
    }

    fn list(self, what: String) -> Step {
        let script = self.script("dnf_list").list("options", &self.repository_options()).arg(&what);
        Step::run(script, move |reply| {
            let text = reply.text("list").unwrap_or_default();
            let results = match what.as_str() {
                "repos" | "repositories" => repositories(&text),
                _ => text.lines().filter_map(listed).collect(),
            };
            Ok(Outcome::ok().with("msg", "").with("results", results).into())
        })
    }

    fn decide(mut self, reply: &Reply) -> Result<Step> {
        self.dnf5 = reply.text("tool").as_deref() == Some("dnf5");
        let specs = Spec::all(reply);
        let groups = reply.text("groups").unwrap_or_default();
        self.notes = specs.iter().filter_map(|spec| self.note(spec)).collect();
        match self.state() {
            _ if specs.is_empty() && self.args.autoremove => Ok(self.call("autoremove", Vec::new())),
            _ if specs.is_empty() => Ok(nothing("Cache updated", Vec::new()).into()),
            State::Absent => {
                let here = |spec: &Spec| match spec.text.strip_prefix('@') {
                    Some(_) => has_group(&groups, &spec.text),
                    None => !spec.here.is_empty(),
                };
                let names = specs.into_iter().filter(here).map(|spec| spec.text).collect();
                Ok(self.act("remove", names))
            }
            State::Present => {
                let missing = |spec: &Spec| self.is_missing(spec, &groups);
                let names = specs.into_iter().filter(missing).map(|spec| spec.text).collect();
                Ok(self.act("install", names))
            }
            State::Latest => Ok(self.latest(specs, &groups, &updates(&reply.text("updates").unwrap_or_default()))),
        }
    }

    fn note(&self, spec: &Spec) -> Option<String> {
        match self.state() {
            State::Absent if spec.is_plain() && spec.here.is_empty() => {
                Some(format!("No match for argument: {}", spec.text))
            }
            State::Present | State::Latest if spec.is_file() => Some(format!("Installed {}", spec.text)),
            _ => None,
        }
    }

    fn is_missing(&self, spec: &Spec, groups: &str) -> bool {
        if spec.text.starts_with('@') {
            return !has_group(groups, &spec.text);
        }
        spec.here.is_empty()
            && !self.args.update_only
            && (self.args.allow_downgrade || !spec.is_older_than_installed())
    }

    fn latest(self, specs: Vec<Spec>, groups: &str, updates: &[String]) -> Step {
        let upgrade = self.upgrade();
        if self.is_everything() {
            return match updates {
                [] => nothing("Nothing to do", self.notes).into(),
                _ => self.call(upgrade, Vec::new()),
            };
        }
        let outdated = |spec: &Spec| spec.here.iter().any(|package| updates.contains(&package.name));
        let (missing, known): (Vec<Spec>, Vec<Spec>) =
            specs.into_iter().partition(|spec| self.is_missing(spec, groups));
        let outdated: Vec<String> = known.into_iter().filter(outdated).map(|spec| spec.text).collect();
        let missing: Vec<String> = missing.into_iter().map(|spec| spec.text).collect();
        match (missing.is_empty(), outdated.is_empty()) {
            (true, true) => nothing("Nothing to do", self.notes).into(),
            (true, false) => self.call(upgrade, outdated),
            // dnf install also brings what is installed to its newest version.
            (false, _) => self.call("install", [missing, outdated].concat()),
        }
    }

    fn upgrade(&self) -> &'static str {
        match self.args.security || self.args.bugfix {
            true => "upgrade-minimal",
            false => "upgrade",
        }
    }

    fn act(self, verb: &'static str, names: Vec<String>) -> Step {
        match names.is_empty() {
            true => nothing("Nothing to do", self.notes).into(),
            false => self.call(verb, names),
        }
    }

    fn call(self, verb: &'static str, names: Vec<String>) -> Step {
        let words = self.words(verb, &names);
        let script = words.iter().fold(self.script("dnf_act"), Script::arg);
        let asked = Asked { verb, names, check: self.check, notes: self.notes };
        Step::run(script, move |reply| Ok(asked.outcome(&reply).into()))
    }

    /// Everything that dnf is told.
    fn words(&self, verb: &str, names: &[String]) -> Vec<String> {
        let args = &self.args;
        let mut words = vec![if self.check { "--assumeno" } else { "-y" }.to_owned()];
        words.extend(self.repository_options());
        let switches = [
            (args.allowerasing, "--allowerasing"),
            (args.skip_broken, "--skip-broken"),
            (verb == "remove" && !args.autoremove, if self.dnf5 { "--no-autoremove" } else { "--noautoremove" }),
            (args.disable_gpg_check, if self.dnf5 { "--no-gpgchecks" } else { "--nogpgcheck" }),
            (args.best == Some(true) || args.nobest == Some(false), "--best"),
            (args.best == Some(false) || args.nobest == Some(true), if self.dnf5 { "--no-best" } else { "--nobest" }),
            (args.download_only, "--downloadonly"),
            (args.security, "--security"),
            (args.bugfix, "--bugfix"),
            (!args.install_weak_deps, "--setopt=install_weak_deps=False"),
        ];
        words.extend(switches.iter().filter(|(on, _)| *on).map(|(_, word)| (*word).to_owned()));
        // dnf's own default lets files and addresses in unsigned.
        let files = names.iter().any(|name| name.contains('/') || name.ends_with(".rpm"));
        if files && !args.disable_gpg_check && verb != "remove" {
            words.push("--setopt=localpkg_gpgcheck=1".to_owned());
        }
        if let Some(folder) = args.download_dir.as_deref().filter(|_| args.download_only) {
            let option = if self.dnf5 { "--destdir" } else { "--downloaddir" };
            words.push(format!("{option}={folder}"));
        }
        words.push(verb.to_owned());
        words.extend(names.iter().cloned());
        words
    }

    /// What decides which packages there are.
    fn repository_options(&self) -> Vec<String> {
        let args = &self.args;
        let mut words = Vec::new();
        let mut all = |option: &str, values: &[String]| {
            let values = values.iter().filter(|value| !value.is_empty());
            words.extend(values.map(|value| format!("{option}={value}")));
        };
        all("--disablerepo", &args.disablerepo);
        all("--enablerepo", &args.enablerepo);
        all("--exclude", &args.exclude);
        all("--disableplugin", &args.disable_plugin);
        all("--enableplugin", &args.enable_plugin);
        let mut one = |option: &str, value: &Option<String>| {
            words.extend(value.iter().map(|value| format!("{option}={value}")));
        };
        one("--config", &args.conf_file);
        one("--disableexcludes", &args.disable_excludes);
        one("--releasever", &args.releasever);
        if args.installroot != "/" {
            words.push(format!("--installroot={}", args.installroot));
        }
        if args.cacheonly {
            words.push("-C".to_owned());
        }
        if !args.sslverify || !args.validate_certs {
            words.push("--setopt=sslverify=0".to_owned());
        }
        words
    }
}

/// `name|epoch|version|release|arch|repo` as the reference lists a package.
fn listed(line: &str) -> Option<Value> {
    let fields: Vec<&str> = line.split('|').collect();
    let [name, epoch, version, release, arch, repo] = fields[..] else {
        return None;
    };
    let state = if repo == "@System" { "installed" } else { "available" };
    Some(Value::map(crate::entries! {
        "arch" => arch,
        "envra" => format!("{epoch}:{name}-{version}-{release}.{arch}"),
        "epoch" => epoch,
        "name" => name,
        "nevra" => format!("{epoch}:{name}-{version}-{release}.{arch}"),
        "release" => release,
        "repo" => repo,
        "version" => version,
        "yumstate" => state,
    }))
}

fn repositories(text: &str) -> Vec<Value> {
    let rows = text.lines().filter(|line| !line.starts_with("repo id"));
    rows.filter_map(|line| line.split_whitespace().next())
        .map(|id| Value::map(crate::entries! { "repoid" => id, "state" => "enabled" }))
        .collect()
}

#[cfg(test)]
mod tests;
