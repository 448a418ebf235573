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
    name: "locale_gen",
    collection: "community.general",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "locale_gen",
    text: include_str!("locale_gen.sh"),
    needs: &[&TEXTS],
};

crate::choices! {
    /// Whether the locales are there.
    State {
        Absent = "absent",
        Present = "present",
    }
}

args! {
    /// What `locale_gen` takes.
    Args {
        name: Vec<String>,
        state: State = State::Present,
    }
}

/// How `locale -a` and people write the names of character sets.
const SAME: &[(&str, &str)] = &[
    (".utf8", ".UTF-8"),
    (".eucjp", ".EUC-JP"),
    (".iso885915", ".ISO-8859-15"),
    (".cp1251", ".CP1251"),
    (".koi8r", ".KOI8-R"),
    (".armscii8", ".ARMSCII-8"),
    (".euckr", ".EUC-KR"),
    (".gbk", ".GBK"),
    (".gb18030", ".GB18030"),
    (".euctw", ".EUC-TW"),
];

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(args)?;
    let cx = Arc::clone(cx);
    let script = Script::call(&SHELL, "locale_gen_probe");
    Ok(Step::run(script, move |reply| decide(&args, &reply, &cx)))
}

fn decide(args: &Args, reply: &Reply, cx: &Cx) -> Result<Step> {
    let known = reply.text("known").unwrap_or_default();
    let supported = reply.all("supported").join("\n");
    let missing = missing(&args.name, &known);
    let strange: Vec<&str> = missing
        .iter()
        .copied()
        .filter(|name| charset(&supported, name).is_none())
        .collect();
    if !strange.is_empty() {
        return Err(Error::input(format!(
            "The following locales you have entered are not available on your system: {}",
            strange.join(", ")
        )));
    }
    let present = missing.is_empty();
    let mut outcome = Outcome::new(present != (args.state == State::Present))
        .with("name", Value::strings(args.name.iter().map(String::as_str)))
        .with("ubuntu_mode", false)
        .with("mechanism", "glibc");
    if !outcome.changed {
        return Ok(outcome.into());
    }
    let before = reply.text("table").unwrap_or_default();
    let after = table(&before, args, &supported);
    if cx.diff {
        outcome.diff.extend(Diff::of("/etc/locale.gen", &before, &after));
    }
    if cx.check {
        return Ok(outcome.into());
    }
    let script = Script::call(&SHELL, "locale_gen_act").set("table", after);
    Ok(Step::run(script, move |_| Ok(outcome.into())))
}

/// The locales that the host does not have.
fn missing<'a>(names: &'a [String], known: &str) -> Vec<&'a str> {
    let has = |name: &str| known.lines().any(|line| plain(line) == plain(name));
    names.iter().map(String::as_str).filter(|name| !has(name)).collect()
}

fn plain(name: &str) -> String {
    SAME.iter().fold(name.to_owned(), |name, (a, b)| name.replace(a, b))
}

/// The character set of a locale that the system knows: `de_DE.UTF-8 UTF-8`.
fn charset<'a>(supported: &'a str, name: &str) -> Option<&'a str> {
    let lines = supported.lines().map(|line| line.trim().trim_start_matches('#').trim_start());
    lines
        .filter_map(|line| line.split_once(' '))
        .find(|(locale, _)| *locale == name)
        .map(|(_, charset)| charset.trim())
}

/// The table with the locales switched on, or off.
fn table(before: &str, args: &Args, supported: &str) -> String {
    let mut seen: Vec<&str> = Vec::new();
    let mut lines: Vec<String> = Vec::new();
    for line in before.lines() {
        let bare = line.trim_start_matches('#').trim_start();
        let entry = bare.split_once(' ').and_then(|(locale, charset)| {
            let name = args.name.iter().find(|name| *name == locale)?;
            Some((name.as_str(), charset.trim_start()))
        });
        match entry {
            Some((name, charset)) => {
                seen.push(name);
                lines.push(entry_line(name, charset, args.state));
            }
            None => lines.push(line.to_owned()),
        }
    }
    for name in args.name.iter().filter(|name| args.state == State::Present && !seen.contains(&name.as_str())) {
        lines.extend(charset(supported, name).map(|charset| format!("{name} {charset}")));
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn entry_line(name: &str, charset: &str, state: State) -> String {
    match state {
        State::Present => format!("{name} {charset}"),
        State::Absent => format!("# {name} {charset}"),
    }
}

#[cfg(test)]
mod tests {
    use crate::modules::driver::{Run, World};

    #[test]
    fn locales_are_made_once() {
        for world in World::each() {
            world.write("etc/locale.gen", "# head\n# de_DE.UTF-8 UTF-8\n#de_DE ISO-8859-1\n");
            world.write("usr/share/i18n/SUPPORTED", "de_DE.UTF-8 UTF-8\nde_DE ISO-8859-1\nfr_FR.UTF-8 UTF-8\n");
            world.fake("locale", "echo C; sed -n 's/^\\([a-z][^ ]*\\)\\.UTF-8 .*/\\1.utf8/p' \"$HOME/etc/locale.gen\"");
            world.fake("locale-gen", "exit 0");
            let names = |state: &str| Run::new("locale_gen", &world).set("name", "de_DE.UTF-8,fr_FR.UTF-8").set("state", state);
            let outcome = names("present").diff().expect_changed_then_ok();
            assert_eq!(outcome.text("mechanism"), Some("glibc"));
            assert_eq!(
                world.read("etc/locale.gen"),
                "# head\nde_DE.UTF-8 UTF-8\n#de_DE ISO-8859-1\nfr_FR.UTF-8 UTF-8\n",
                "{}",
                world.shell_name()
            );
            names("absent").expect_changed_then_ok();
            assert!(world.read("etc/locale.gen").contains("# de_DE.UTF-8 UTF-8\n"));
            Run::new("locale_gen", &world)
                .set("name", "xx_XX.UTF-8")
                .expect_failed("not available on your system: xx_XX.UTF-8");
        }
        Run::new("locale_gen", &World::plain()).set("name", "C").expect_failed("/etc/locale.gen is missing");
    }
}
