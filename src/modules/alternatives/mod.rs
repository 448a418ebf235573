#![doc = include_str!("page.md")]

mod display;

use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::commands::{COMMANDS, Command, assign, command, finish, read};
use crate::modules::{Cx, FreeForm, Module, RemotePath, Step, rules};
use crate::outcome::{Diff, Outcome};
use crate::shell::{Fragment, Reply, Script};
use crate::value::{Map, Value, to_json_nice};
use display::{Display, Follower};

/// The module.
pub static MODULE: Module = Module {
    name: "alternatives",
    collection: "community.general",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "alternatives",
    text: include_str!("alternatives.sh"),
    needs: &[&COMMANDS],
};

crate::choices! {
    /// What becomes of the alternative.
    State {
        Absent = "absent",
        Auto = "auto",
        Present = "present",
        Selected = "selected",
    }
}

args! {
    /// What `alternatives` takes.
    Args {
        family: Option<String>,
        link: Option<RemotePath>,
        name: String,
        path: Option<RemotePath>,
        priority: Option<i64>,
        state: State = State::Selected,
        subcommands: Option<Vec<Map>> [slaves],
    }
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(args)?;
    rules::one_of(&[("path", args.path.is_some()), ("family", args.family.is_some())])?;
    let followers = followers(args.subcommands.as_deref())?;
    let cx = Arc::clone(cx);
    Ok(Step::run(probe(&args), move |reply| Task::of(args, followers, &reply).step(&cx)))
}

fn probe(args: &Args) -> Script {
    let ask = command(&["update-alternatives", "--display", &args.name]);
    let path = |path: &Option<RemotePath>| path.as_ref().map_or("", AsRef::as_ref).to_owned();
    let script = Script::call(&SHELL, "alternatives_probe")
        .path("path", path(&args.path))
        .path("link", path(&args.link));
    assign(script, &[ask], false)
}

fn followers(given: Option<&[Map]>) -> Result<Option<Vec<Follower>>> {
    let Some(given) = given else {
        return Ok(None);
    };
    let text = |map: &Map, name: &str| {
        let value = map.get(name).filter(|value| !value.is_null());
        value.map(Value::to_text).ok_or_else(|| {
            Error::input(format!("argument `subcommands`: `{name}` is missing in one of them"))
        })
    };
    let read = |map: &Map| {
        Ok(Follower {
            name: text(map, "name")?,
            path: text(map, "path")?,
            link: text(map, "link")?,
        })
    };
    given.iter().map(read).collect::<Result<Vec<Follower>>>().map(Some)
}

struct Task {
    args: Args,
    path: Option<String>,
    link: Option<String>,
    exists: bool,
    followers: Option<Vec<Follower>>,
    known: Display,
    commands: Vec<Command>,
    messages: Vec<String>,
    after: Map,
}

impl Task {
    fn of(args: Args, followers: Option<Vec<Follower>>, reply: &Reply) -> Task {
        let given = |name: &str| reply.text(name).filter(|text| !text.is_empty());
        let known = match read(reply).first() {
            Some(ran) if ran.is_ok() => Display::read(&ran.stdout, &args.name, followers.as_deref()),
            _ => Display::default(),
        };
        Task {
            path: given("path"),
            link: given("link").or_else(|| known.link.clone()),
            exists: reply.flag("exists"),
            args,
            followers,
            known,
            commands: Vec::new(),
            messages: Vec::new(),
            after: Map::new(),
        }
    }

    fn step(mut self, cx: &Cx) -> Result<Step> {
        if self.args.state == State::Absent {
            self.remove();
        } else {
            if self.has_to_install() {
                self.install()?;
            }
            self.choose();
        }
        let mut outcome = Outcome::new(!self.commands.is_empty()).with("msg", self.messages.join(" "));
        if cx.diff {
            let text = |map: Map| to_json_nice(&Value::map(map), 4, true) + "\n";
            outcome.diff.extend(Diff::of("", &text(self.before()), &text(self.after)));
        }
        Ok(finish(self.commands, cx.check, outcome))
    }

    fn has_to_install(&self) -> bool {
        let Some(path) = &self.path else {
            return false;
        };
        let Some(known) = self.known.of(path) else {
            return true;
        };
        let priority = self.args.priority.is_some_and(|wanted| wanted != known.priority);
        let followers = self.followers.as_ref().is_some_and(|wanted| {
            let all = |a: &[Follower], b: &[Follower]| a.iter().all(|one| b.contains(one));
            !all(wanted, &known.followers) || !all(&known.followers, wanted)
        });
        priority || followers
    }

    fn install(&mut self) -> Result<()> {
        let path = self.path.clone().unwrap_or_default();
        if !self.exists {
            return Err(Error::input(format!("Specified path {path} does not exist")));
        }
        let Some(link) = self.link.clone() else {
            return Err(Error::input(
                "Needed to install the alternative, but unable to do so as we are missing the link",
            ));
        };
        let known = self.known.of(&path);
        let priority = self.args.priority.or(known.map(|known| known.priority)).unwrap_or(50);
        let followers = self.followers.clone().or_else(|| known.map(|known| known.followers.clone()));
        let mut words = command(&["--install", &link, &self.args.name, &path, &priority.to_string()]);
        if let Some(family) = &self.args.family {
            words.extend(command(&["--family", family]));
        }
        for follower in self.followers.iter().flatten() {
            words.extend(command(&["--slave", &follower.link, &follower.name, &follower.path]));
        }
        self.after = crate::entries! {
            "state" => "present",
            "path" => path.as_str(),
            "family" => Value::str_or_null(self.args.family.clone()),
            "priority" => priority,
            "link" => link,
        };
        if let Some(followers) = followers.filter(|followers| !followers.is_empty()) {
            self.after.set("subcommands", Follower::all(&followers));
        }
        let message = format!("Install alternative '{path}' for '{}'.", self.args.name);
        self.tell(words, message);
        Ok(())
    }

    /// Makes it the one that counts, or leaves that to the priorities.
    fn choose(&mut self) {
        let name = self.args.name.clone();
        let same_path = self.path.is_some() && self.known.current == self.path;
        let current = self.known.current.as_deref().and_then(|path| self.known.of(path));
        let same_family = current.is_some_and(|current| current.family.is_some() && current.family == self.args.family);
        if self.args.state == State::Selected && !same_path && !same_family {
            let choice = self.path.clone().or_else(|| self.args.family.clone()).unwrap_or_default();
            self.after.set("state", "selected");
            let message = format!("Set alternative '{choice}' for '{name}'.");
            self.tell(command(&["--set", &name, &choice]), message);
        }
        if self.args.state == State::Auto && self.known.mode.as_deref() == Some("manual") {
            self.after.set("state", "present");
            let message = format!("Set alternative to auto for '{name}'.");
            self.tell(command(&["--auto", &name]), message);
        }
    }

    fn remove(&mut self) {
        let Some(path) = self.path.clone().filter(|path| self.known.of(path).is_some()) else {
            return;
        };
        let name = self.args.name.clone();
        self.after = crate::entries! { "state" => "absent" };
        let message = format!("Remove alternative '{path}' from '{name}'.");
        self.tell(command(&["--remove", &name, &path]), message);
    }

    fn tell(&mut self, words: Command, message: String) {
        self.commands.push([command(&["update-alternatives"]), words].concat());
        self.messages.push(message);
    }

    fn before(&self) -> Map {
        if self.known.mode.is_none() {
            return Map::new();
        }
        let Some(path) = &self.path else {
            return crate::entries! { "state" => "absent" };
        };
        let Some(known) = self.known.of(path) else {
            return crate::entries! { "state" => "absent" };
        };
        let manual = self.known.mode.as_deref() == Some("manual");
        let other = manual && self.known.current.as_ref() != Some(path);
        let mut map = crate::entries! {
            "state" => if other { "selected" } else { "present" },
            "path" => path.as_str(),
            "priority" => known.priority,
            "link" => Value::str_or_null(self.known.link.clone()),
        };
        if !known.followers.is_empty() {
            map.set("subcommands", Follower::all(&known.followers));
        }
        map
    }
}

#[cfg(test)]
mod tests;
