#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::attributes::{Attributes, Differences};
use crate::modules::editing::{EDITING, Edit, Editing, Keeps};
use crate::modules::keys::{KEYS, fetched};
use crate::modules::placing::{Content, Placing, bytes};
use crate::modules::{Cx, FreeForm, Module, RemotePath, Step, rules};
use crate::outcome::Outcome;
use crate::shell::{Fragment, Reply, Script};
use crate::value::{Map, Value};

/// The module.
pub static MODULE: Module = Module {
    name: "deb822_repository",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "deb822_repository",
    text: include_str!("deb822_repository.sh"),
    needs: &[&EDITING, &KEYS],
};

crate::choices! {
    /// Whether the source is there.
    State {
        Absent = "absent",
        Present = "present",
    }
}

crate::choices! {
    /// What a source offers.
    Kind {
        Binary = "deb",
        Source = "deb-src",
    }
}

args! {
    /// What `deb822_repository` takes.
    Args {
        allow_downgrade_to_insecure: Option<bool>,
        allow_insecure: Option<bool>,
        allow_weak: Option<bool>,
        architectures: Option<Vec<String>>,
        by_hash: Option<bool>,
        check_date: Option<bool>,
        check_valid_until: Option<bool>,
        components: Option<Vec<String>>,
        date_max_future: Option<i64>,
        enabled: Option<bool>,
        exclude: Option<Vec<String>>,
        include: Option<Vec<String>>,
        inrelease_path: Option<String>,
        install_python_debian: bool = false,
        languages: Option<Vec<String>>,
        mode: Value = "0644".into(),
        name: String,
        pdiffs: Option<bool>,
        signed_by: Option<String>,
        state: State = State::Present,
        suites: Option<Vec<String>>,
        targets: Option<Vec<String>>,
        trusted: Option<bool>,
        types: Vec<Kind> = vec![Kind::Binary],
        uris: Option<Vec<String>>,
    }
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(args)?;
    rules::exclusive(&[("exclude", args.exclude.is_some()), ("include", args.include.is_some())])?;
    let slug: String = args.name.split_whitespace().collect::<Vec<_>>().join("-");
    if slug.is_empty() || slug.contains('/') {
        return Err(Error::input(format!("`{}` cannot name a source", args.name)));
    }
    let url = args.signed_by.clone().filter(|key| is_address(key) && args.state == State::Present);
    let editing = Editing {
        path: RemotePath(format!("{slug}.sources")),
        encoding: "utf-8".to_owned(),
        attributes: Attributes::read(&crate::entries! { "mode" => args.mode.clone() })?,
        backup: false,
        follow: true,
        describe: true,
        keeps: Keeps::Shown,
        validate: None,
        backup_key: "backup_file",
        backup_always: false,
        cx: Arc::clone(cx),
    };
    let script = Script::call(&SHELL, "deb822_probe")
        .set("slug", &slug)
        .set("url", url.as_deref().unwrap_or_default())
        .flag("verify", true);
    let cx = Arc::clone(cx);
    let (keep, seen) = std::sync::mpsc::channel();
    let step = editing.step_probing(script, move |original, reply| {
        let _ = keep.send(reply.clone());
        let keyring = reply.text("keyring").unwrap_or_default();
        let outcome = Outcome::ok().with("dest", original.path.as_str());
        if args.state == State::Absent {
            let key = format!("{keyring}.gpg");
            return Ok(Edit::Gone(outcome.with("key_filename", key).with("repo", Value::Null)));
        }
        let file = key_file(&args, &keyring, reply);
        let text = stanza(&args, file.as_deref());
        let outcome = outcome.with("key_filename", Value::str_or_null(file)).with("repo", text.as_str());
        Ok(Edit::Text(text, outcome))
    })?;
    Ok(step.followed_by(move |outcome| match seen.recv() {
        Ok(reply) => settle_key(outcome, &reply, url, &cx),
        Err(_) => Ok(outcome.into()),
    }))
}

fn is_address(key: &str) -> bool {
    key.split_once("://").is_some_and(|(scheme, _)| scheme.chars().all(|c| c.is_ascii_alphanumeric()))
}

fn is_armoured(key: &[u8]) -> bool {
    String::from_utf8_lossy(key).contains("-----BEGIN PGP")
}

/// The file of the key, where it is one: what was fetched, or a path.
fn key_file(args: &Args, keyring: &str, reply: &Reply) -> Option<String> {
    let key = args.signed_by.as_deref()?;
    if is_address(key) {
        // Without the key's own bytes (the controller fetches it), the end is as it was, or `.asc`.
        let end = match reply.bytes("key") {
            Some(key) if !is_armoured(key) => "gpg".to_owned(),
            Some(_) => "asc".to_owned(),
            None => reply.text("key_end").unwrap_or_else(|| "asc".to_owned()),
        };
        return Some(format!("{keyring}.{end}"));
    }
    key.starts_with('/').then(|| key.to_owned())
}

/// The text of the file, its fields in the reference's order.
fn stanza(args: &Args, key_file: Option<&str>) -> String {
    let truth = |value: Option<bool>| value.map(|value| if value { "yes" } else { "no" }.to_owned());
    let words = |value: &Option<Vec<String>>| value.as_ref().map(|words| words.join(" "));
    let types: Vec<&str> = args.types.iter().map(|kind| kind.word()).collect();
    let signed_by = key_file.map(str::to_owned).or_else(|| args.signed_by.clone());
    let fields = [
        ("Allow-Downgrade-To-Insecure", truth(args.allow_downgrade_to_insecure)),
        ("Allow-Insecure", truth(args.allow_insecure)),
        ("Allow-Weak", truth(args.allow_weak)),
        ("Architectures", words(&args.architectures)),
        ("By-Hash", truth(args.by_hash)),
        ("Check-Date", truth(args.check_date)),
        ("Check-Valid-Until", truth(args.check_valid_until)),
        ("Components", words(&args.components)),
        ("Date-Max-Future", args.date_max_future.map(|seconds| seconds.to_string())),
        ("Enabled", truth(args.enabled)),
        ("Exclude", words(&args.exclude)),
        ("Include", words(&args.include)),
        ("Inrelease-Path", args.inrelease_path.clone()),
        ("Languages", words(&args.languages)),
        ("X-Repolib-Name", Some(args.name.clone())),
        ("Pdiffs", truth(args.pdiffs)),
        ("Signed-By", signed_by),
        ("Suites", words(&args.suites)),
        ("Targets", words(&args.targets)),
        ("Trusted", truth(args.trusted)),
        ("Types", Some(types.join(" "))),
        ("URIs", words(&args.uris)),
    ];
    let given = fields.into_iter().filter_map(|(name, value)| Some((name, value?)));
    given.map(|(name, value)| field(name, &value)).collect()
}

/// One field. Many lines stand below its name, with a dot for an empty one.
fn field(name: &str, value: &str) -> String {
    let value = value.trim();
    if !value.contains('\n') {
        return format!("{name}: {value}\n");
    }
    let lines = value.lines().map(str::trim_end).map(|line| if line.is_empty() { "." } else { line });
    let lines: String = lines.map(|line| format!("    {line}\n")).collect();
    format!("{name}:\n{lines}")
}

/// Brings the key that was fetched to its file, or takes the key of a source that is gone away.
fn settle_key(outcome: Outcome, reply: &Reply, url: Option<String>, cx: &Arc<Cx>) -> Result<Step> {
    let keyring = reply.text("keyring").unwrap_or_default();
    let Some(url) = url else {
        let gone = outcome.data.get("repo").is_some_and(Value::is_null) && reply.bytes("old_key").is_some();
        return Ok(if gone { forget(outcome, &keyring, cx) } else { outcome.into() });
    };
    let (old, check) = (reply.bytes("old_key").map(<[u8]>::to_vec), cx.check);
    fetched(reply, &url, true, move |key| {
        if old.as_ref() == Some(&key) {
            return Ok(outcome.into());
        }
        let mut outcome = outcome;
        outcome.changed = true;
        if check {
            return Ok(outcome.into());
        }
        let end = if is_armoured(&key) { "asc" } else { "gpg" };
        let dest = format!("{keyring}.{end}");
        let script = Script::call(&SHELL, "deb822_folder").arg(&dest);
        Ok(Step::run(script, move |_| Ok(write(dest, key, outcome))))
    })
}

fn forget(mut outcome: Outcome, keyring: &str, cx: &Cx) -> Step {
    outcome.changed = true;
    if cx.check {
        return outcome.into();
    }
    let script = Script::call(&SHELL, "deb822_forget")
        .arg(format!("{keyring}.asc"))
        .arg(format!("{keyring}.gpg"));
    Step::run(script, move |_| Ok(outcome.into()))
}

fn write(dest: String, key: Vec<u8>, outcome: Outcome) -> Step {
    let placing = Placing {
        dest,
        content: Content::Body(bytes(key)),
        keep: true,
        differences: Differences::default(),
        backup: false,
        unsafe_writes: false,
        was: None,
        validate: Vec::new(),
    };
    placing.step(move |_| Ok(outcome.into()))
}

#[cfg(test)]
mod tests {
    use crate::entries;
    use crate::modules::driver::{Run, World};
    use crate::modules::openpgp::tests::KEY;
    use crate::value::{Map, Value};

    fn run(world: &World, args: Map) -> Run<'_> {
        world.fake("apt-config", "printf \"parts='%s'\\netc='%s'\\n\" \"$HOME/parts/\" \"$HOME/\"");
        world.fake("curl", "cat \"$HOME/key\" >\"$3\"");
        world.write("key", KEY);
        Run::new("deb822_repository", world).set("name", "my repo").args(args)
    }

    #[test]
    fn a_source_is_written_and_removed_once() {
        for world in World::each() {
            let args = || entries! {
                "uris" => "http://deb.debian.org/debian", "suites" => "stable", "components" => Value::strings(["main", "contrib"]),
                "enabled" => false, "signed_by" => "/usr/share/keyrings/a.gpg", "date_max_future" => 5,
            };
            run(&world, args()).check().diff().expect_changed();
            let outcome = run(&world, args()).expect_changed();
            let text = "Components: main contrib\nDate-Max-Future: 5\nEnabled: no\nX-Repolib-Name: my repo\nSigned-By: /usr/share/keyrings/a.gpg\nSuites: stable\nTypes: deb\nURIs: http://deb.debian.org/debian\n";
            assert_eq!(world.read("parts/my-repo.sources"), text);
            assert_eq!(outcome.text("repo"), Some(text));
            assert_eq!(world.mode("parts/my-repo.sources"), "0644");
            run(&world, args()).expect_ok();
            run(&world, entries! { "state" => "absent" }).expect_changed();
            run(&world, entries! { "state" => "absent" }).expect_ok();
        }
    }

    #[test]
    fn a_key_is_fetched_or_stands_in_the_source() {
        for world in World::each() {
            let fetched = || run(&world, entries! { "uris" => "http://x", "suites" => "./", "signed_by" => "https://x/key" });
            fetched().expect_changed();
            assert_eq!(world.read("keyrings/my-repo.asc"), KEY);
            assert!(world.read("parts/my-repo.sources").contains("keyrings/my-repo.asc\n"));
            fetched().expect_ok();
            run(&world, entries! { "state" => "absent" }).expect_changed();
            assert!(!world.path("keyrings/my-repo.asc").exists());
            run(&world, entries! { "uris" => "http://x", "suites" => "./", "signed_by" => KEY }).expect_changed();
            let text = world.read("parts/my-repo.sources");
            assert!(text.contains("Signed-By:\n    -----BEGIN PGP PUBLIC KEY BLOCK-----\n    .\n    mQEN"), "{text}");
        }
    }
}
