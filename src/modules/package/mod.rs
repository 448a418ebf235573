#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::{Cx, FreeForm, Module, Step, find};
use crate::shell::{Fragment, PRELUDE, Script};
use crate::value::{Map, Value};

/// The module.
pub static MODULE: Module = Module {
    name: "package",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::AnyKeys,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "package",
    text: include_str!("package.sh"),
    needs: &[&PRELUDE],
};

args! {
    /// What `package` takes; everything else is for the manager's own module.
    Args {
        name: Option<Value>,
        state: Option<String>,
        r#use: String = "auto".to_owned(),
    }
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let mut args = args.clone();
    let asked = Args::read(&args)?.r#use;
    args.remove("use");
    match manager(&asked, cx) {
        Some(manager) => hand_over(&manager, &args, cx),
        None => {
            let cx = Arc::clone(cx);
            let script = Script::call(&SHELL, "package_main");
            Ok(Step::run(script, move |reply| {
                hand_over(&reply.text("manager").unwrap_or_default(), &args, &cx)
            }))
        }
    }
}

/// The manager that the task, the variable `ansible_package_use` or the facts name.
fn manager(asked: &str, cx: &Cx) -> Option<String> {
    let variable = cx.variables.get("ansible_package_use").and_then(Value::as_str);
    [Some(asked), variable, cx.fact("pkg_mgr")]
        .into_iter()
        .flatten()
        .find(|name| !matches!(*name, "" | "auto" | "unknown"))
        .map(str::to_owned)
}

/// The manager's own module plans the rest.
fn hand_over(manager: &str, args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let name = match manager {
        "apt_rpm" | "atomic_container" => None,
        name => find(name),
    };
    let Some(module) = name else {
        return Err(Error::input(format!("there is no module for the package manager `{manager}`"))
            .hint("`package` knows apt, dnf, zypper, pacman and apk"));
    };
    module.check(args)?;
    (module.plan)(args, cx)
}

#[cfg(test)]
mod tests {
    use crate::modules::driver::{Run, World};

    #[test]
    fn the_manager_is_named_by_facts_or_found() {
        for world in World::each() {
            world.fake("apt-get", "exit 0");
            world.fake("apt-cache", "exit 0");
            world.fake("dpkg", "exit 0");
            world.fake("dpkg-query", "printf 'ii \\tcurl\\tall\\t1\\n'");
            let run = || Run::new("package", &world).set("name", "curl").set("state", "present");
            run().fact("pkg_mgr", "apt").expect_ok();
            let found = run().run();
            assert_eq!((found.outcome.changed, found.outcome.failed, found.trips), (false, false, 2));
            Run::new("package", &world).set("name", "curl").fact("pkg_mgr", "apt").expect_ok();
            run().set("use", "ansible.builtin.apt").expect_ok();
            run().set("use", "portage").expect_failed("no module for the package manager `portage`");
            run().set("nonsense", 1).fact("pkg_mgr", "apt").expect_failed("Unsupported parameters for (apt) module: nonsense");
        }
    }
}
