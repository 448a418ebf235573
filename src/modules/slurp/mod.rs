#![doc = include_str!("page.md")]

use std::sync::Arc;

use data_encoding::BASE64;

use crate::args;
use crate::error::Result;
use crate::modules::{Cx, FreeForm, Module, RemotePath, Step};
use crate::outcome::Outcome;
use crate::shell::{Fragment, PRELUDE, Script};
use crate::value::Map;

/// The module.
pub static MODULE: Module = Module {
    name: "slurp",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "slurp",
    text: include_str!("slurp.sh"),
    needs: &[&PRELUDE],
};

args! {
    /// What `slurp` takes.
    Args {
        src: RemotePath [path],
        armor: bool = true,
    }
}

fn plan(map: &Map, _cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(map)?;
    let script = Script::call(&SHELL, "slurp_main").path("src", &args.src);
    Ok(Step::run(script, move |reply| {
        let bytes = reply.bytes("content").unwrap_or_default();
        let outcome = Outcome::ok().with("source", reply.text("source"));
        let outcome = if args.armor {
            outcome
                .with("content", BASE64.encode(bytes))
                .with("encoding", "base64")
        } else {
            let Ok(text) = std::str::from_utf8(bytes) else {
                return Step::failed("the file is not UTF-8; it can be read with `armor: true`");
            };
            outcome.with("content", text).with("encoding", "utf-8")
        };
        Ok(outcome.into())
    }))
}

#[cfg(test)]
mod tests {
    use crate::modules::driver::{Run, World};

    #[test]
    fn bytes_come_back_as_base64() {
        for world in World::each() {
            world.write("a b", [0, 255, 10]);
            let outcome = Run::new("slurp", &world).path("path", "a b").expect_ok();
            assert_eq!(outcome.text("content"), Some("AP8K"));
            assert_eq!(outcome.text("encoding"), Some("base64"));
            let run = |name: &str| Run::new("slurp", &world).path("src", name);
            run("no").expect_failed("File not found: ");
            run("").expect_failed("Source is a directory and must be a file: ");
            run("a b/c").expect_failed("Unable to slurp file: ");
            world.write("text", "x\n");
            let outcome = run("text").set("armor", false).expect_ok();
            assert_eq!(outcome.text("content"), Some("x\n"));
            run("a b").set("armor", false).expect_failed("not UTF-8");
        }
    }
}
