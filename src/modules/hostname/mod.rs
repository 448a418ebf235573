#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::{Cx, FreeForm, Module, Step};
use crate::outcome::{Diff, Outcome};
use crate::shell::{Fragment, PRELUDE, Reply, Script};
use crate::value::Map;

/// The module.
pub static MODULE: Module = Module {
    name: "hostname",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "hostname",
    text: include_str!("hostname.sh"),
    needs: &[&PRELUDE],
};

crate::choices! {
    /// How a host keeps its name.
    Strategy {
        Alpine = "alpine",
        Darwin = "darwin",
        Debian = "debian",
        FreeBsd = "freebsd",
        Generic = "generic",
        Macos = "macos",
        Macosx = "macosx",
        OpenBsd = "openbsd",
        OpenRc = "openrc",
        RedHat = "redhat",
        Sles = "sles",
        Solaris = "solaris",
        Systemd = "systemd",
    }
}

args! {
    /// What `hostname` takes.
    Args {
        name: String,
        r#use: Option<Strategy>,
    }
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(args)?;
    let plain = |c: char| c.is_alphanumeric() || "-._".contains(c);
    if args.name.is_empty() || args.name.starts_with('-') || !args.name.chars().all(plain) {
        return Err(Error::input(format!("`{}` cannot be the name of a host", args.name)));
    }
    let diff = cx.diff;
    let script = Script::call(&SHELL, "hostname_main")
        .set("wanted", &args.name)
        .set("use", args.r#use.map_or("auto", Strategy::word))
        .flag("check", cx.check);
    Ok(Step::run(script, move |reply| Ok(outcome(&args.name, &reply, diff).into())))
}

fn outcome(name: &str, reply: &Reply, diff: bool) -> Outcome {
    let mut outcome = Outcome::new(reply.changed()).with("name", name);
    let fqdn = reply.text("fqdn").filter(|fqdn| !fqdn.is_empty()).unwrap_or_else(|| name.to_owned());
    outcome.facts = crate::entries! {
        "ansible_hostname" => name.split('.').next().unwrap_or_default(),
        "ansible_nodename" => name,
        "ansible_fqdn" => fqdn.as_str(),
        "ansible_domain" => fqdn.split_once('.').map_or("", |(_, domain)| domain),
    };
    if outcome.changed && diff {
        let before = ["current", "permanent"]
            .iter()
            .filter_map(|which| reply.text(which))
            .find(|known| known != name)
            .unwrap_or_default();
        let line = |name: &str| format!("hostname = {name}\n");
        outcome.diff.extend(Diff::of("hostname", &line(&before), &line(name)));
    }
    outcome
}

#[cfg(test)]
mod tests {
    use crate::modules::driver::{Run, World};

    #[test]
    fn the_name_is_set_once() {
        for world in World::each() {
            world.fake("hostname", "test \"$1\" = -f && { echo new.example.com; exit; }; test -z \"$1\" || echo \"$1\" >\"$HOME/name\"; cat \"$HOME/name\"");
            world.write("name", "old\n");
            let run = || Run::new("hostname", &world).set("name", "new.example.com").set("use", "generic");
            run().check().expect_changed();
            assert_eq!(world.read("name"), "old\n");
            let outcome = run().diff().expect_changed();
            assert_eq!(outcome.diff.len(), 1);
            assert_eq!(outcome.facts.get("ansible_hostname").unwrap().as_str(), Some("new"));
            assert_eq!(outcome.facts.get("ansible_domain").unwrap().as_str(), Some("example.com"));
            run().expect_ok();
            Run::new("hostname", &world).set("name", "a b").expect_failed("cannot be the name");
        }
    }

    #[test]
    fn systemd_is_told_both_names() {
        for world in World::each() {
            world.fake(
                "hostnamectl",
                "test \"$1\" != --pretty || shift; file=\"$HOME/$1\"; case $2 in (status) cat \"$file\" ;; (*) echo \"$3\" >\"$file\" ;; esac",
            );
            world.write("--static", "old\n");
            world.write("--transient", "new\n");
            let run = || Run::new("hostname", &world).set("name", "new").set("use", "systemd");
            run().expect_changed();
            assert_eq!(world.read("--static"), "new\n");
            run().expect_ok();
            let long = "n".repeat(65);
            Run::new("hostname", &world).set("name", long.as_str()).set("use", "systemd").expect_failed("longer than 64");
        }
    }
}
