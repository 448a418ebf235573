#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::args::ArgValue;
use crate::modules::http::masked;
use crate::modules::placing::PLACING;
use crate::modules::rules::{exclusive, together};
use crate::modules::{ArgKind, Cx, FreeForm, Module, RemotePath, Step};
use crate::outcome::{Diff, Outcome};
use crate::shell::{Fragment, Reply, Script};
use crate::value::{Map, Value};

/// The module.
pub static MODULE: Module = Module {
    name: "git",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "git",
    text: include_str!("git.sh"),
    needs: &[&PLACING],
};

/// A umask: octal digits, or YAML's `0022`, which is the number 18.
#[derive(Clone, Debug)]
pub struct Umask(String);

impl ArgValue for Umask {
    const KIND: ArgKind = ArgKind::Raw;

    fn read(value: &Value) -> std::result::Result<Self, String> {
        let bits = match value {
            Value::Int(bits) => u32::try_from(*bits).ok(),
            Value::Str(text) => u32::from_str_radix(text, 8).ok(),
            _ => None,
        };
        let bits = bits.filter(|bits| *bits <= 0o777);
        let bits = bits.ok_or_else(|| format!("`{}` is not a umask", value.to_text()))?;
        Ok(Umask(format!("{bits:04o}")))
    }
}

args! {
    /// What `git` takes.
    Args {
        dest: Option<RemotePath>,
        repo: String [name],
        accept_hostkey: bool = false,
        accept_newhostkey: bool = false,
        archive: Option<RemotePath>,
        archive_prefix: Option<String>,
        bare: bool = false,
        clone: bool = true,
        depth: Option<i64>,
        executable: Option<RemotePath>,
        force: bool = false,
        gpg_allowlist: Vec<String> = Vec::new(),
        key_file: Option<RemotePath>,
        recursive: bool = true,
        reference: Option<String>,
        refspec: Option<String>,
        remote: String = "origin".to_owned(),
        separate_git_dir: Option<RemotePath>,
        single_branch: bool = false,
        ssh_opts: Option<String>,
        track_submodules: bool = false,
        umask: Option<Umask>,
        update: bool = true,
        verify_commit: bool = false,
        version: String = "HEAD".to_owned(),
    }
}

fn plan(map: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(map)?;
    let separate = args.separate_git_dir.is_some();
    exclusive(&[("separate_git_dir", separate), ("bare", args.bare)])?;
    let accepts = (args.accept_hostkey, args.accept_newhostkey);
    exclusive(&[("accept_hostkey", accepts.0), ("accept_newhostkey", accepts.1)])?;
    if args.archive_prefix.is_some() {
        together(&[("archive", args.archive.is_some()), ("archive_prefix", true)])?;
    }
    if args.dest.is_none() && args.clone {
        return Err(Error::input("`dest` is required, unless `clone` is false"));
    }
    let format = args.archive.as_ref().map_or(Ok(""), format_of)?;
    let script = script(&args, cx).set("archive_format", format);
    Ok(Step::run_any(script, |reply| Ok(outcome(&reply).into())))
}

/// The format that an archive's name asks for.
fn format_of(path: &RemotePath) -> Result<&'static str> {
    const FORMATS: [&str; 4] = ["tar.gz", "tgz", "tar", "zip"];
    let name = path.0.rsplit('/').next().unwrap_or("");
    let has = |format: &&&str| name.strip_suffix(**format).is_some_and(|rest| rest.ends_with('.'));
    FORMATS.iter().find(has).copied().ok_or_else(|| {
        Error::input(format!(
            "argument `archive`: `{path}` does not end with .{}",
            FORMATS.join(", .")
        ))
    })
}

fn script(args: &Args, cx: &Cx) -> Script {
    let path = |path: &Option<RemotePath>| path.as_ref().map_or("", AsRef::as_ref).to_owned();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let depth = args.depth.filter(|depth| *depth > 0).map(|depth| depth.to_string());
    let accept = match (args.accept_hostkey, args.accept_newhostkey) {
        (true, _) => "no",
        (_, true) => "accept-new",
        _ => "",
    };
    Script::call(&SHELL, "git_main")
        .path("repo", &args.repo)
        .path("dest", path(&args.dest))
        .set("version", &args.version)
        .set("remote", &args.remote)
        .set("refspec", text(&args.refspec))
        .set("depth", text(&depth))
        .set("reference", text(&args.reference))
        .path("executable", path(&args.executable))
        .path("separate_git_dir", path(&args.separate_git_dir))
        .path("archive", path(&args.archive))
        .set("archive_prefix", text(&args.archive_prefix))
        .set("umask", args.umask.as_ref().map_or("", |umask| &umask.0))
        .set("ssh_opts", text(&args.ssh_opts))
        .path("key_file", path(&args.key_file))
        .set("accept", accept)
        .list("allowlist", &args.gpg_allowlist)
        .flag("bare", args.bare)
        .flag("clone", args.clone)
        .flag("update", args.update)
        .flag("force", args.force)
        .flag("recursive", args.recursive)
        .flag("track", args.track_submodules)
        .flag("single", args.single_branch)
        .flag("verify", args.verify_commit)
        .flag("check", cx.check)
        .flag("diff", cx.diff)
}

fn outcome(reply: &Reply) -> Outcome {
    let text = |name: &str| reply.text(name).filter(|text| !text.is_empty());
    if let Some(mut outcome) = reply.failure() {
        for (name, key) in [("before", "before"), ("cmd", "cmd"), ("said", "stderr")] {
            if let Some(text) = text(name) {
                outcome = outcome.with(key, masked(&text));
            }
        }
        let message = outcome.text("msg").map(masked).unwrap_or_default();
        return outcome.with("msg", message);
    }
    let mut outcome = Outcome::new(reply.changed())
        .with("before", text("before"))
        .with("after", text("after"));
    outcome.warnings = reply.warnings();
    if let Some(path) = text("local_mods") {
        let message = format!("Local modifications exist in the destination: {path}");
        outcome = outcome.with("msg", message);
    }
    for key in ["git_dir_before", "git_dir_now"] {
        if let Some(path) = text(key) {
            outcome = outcome.with(key, path);
        }
    }
    if !reply.flag("missing") && !reply.flag("kept") {
        outcome = outcome.with("remote_url_changed", reply.flag("url_changed"));
    }
    outcome.with_diff(text("diff").map(Diff::Prepared))
}

#[cfg(test)]
mod tests;
