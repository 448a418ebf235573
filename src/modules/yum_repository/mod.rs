#![doc = include_str!("page.md")]

mod ini;

use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::args::argument;
use crate::modules::attributes::Attributes;
use crate::modules::editing::{EDITING, Edit, Editing, Keeps, Original};
use crate::modules::{Cx, FreeForm, Module, RemotePath, SecretText, Step, rules};
use crate::outcome::{Diff, Outcome};
use crate::shell::{Fragment, Script};
use crate::value::{Map, Value};
use ini::Ini;

/// The module.
pub static MODULE: Module = Module {
    name: "yum_repository",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC, Attributes::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "yum_repository",
    text: include_str!("yum_repository.sh"),
    needs: &[&EDITING],
};

crate::choices! {
    /// Whether the repository is known.
    State { Absent = "absent", Present = "present" }
}

crate::choices! {
    /// How failures go on to other addresses.
    Failover { Roundrobin = "roundrobin", Priority = "priority" }
}

crate::choices! {
    /// What caches on the way may keep.
    Caching { All = "all", Packages = "packages", None = "none" }
}

crate::choices! {
    /// Which addresses names mean.
    Resolve { Four = "4", Six = "6", V4 = "IPv4", V6 = "IPv6", Whatever = "whatever" }
}

crate::choices! {
    /// When old data are good enough.
    Filter {
        Never = "never",
        Past = "read-only:past",
        Present = "read-only:present",
        Future = "read-only:future",
    }
}

args! {
    /// What `yum_repository` takes.
    Args {
        r#async: Option<bool>,
        bandwidth: Option<String>,
        baseurl: Option<Vec<String>>,
        cost: Option<String>,
        countme: Option<bool>,
        deltarpm_metadata_percentage: Option<String>,
        deltarpm_percentage: Option<String>,
        description: Option<String>,
        enabled: Option<bool>,
        enablegroups: Option<bool>,
        exclude: Option<Vec<String>> [excludepkgs],
        failovermethod: Option<Failover>,
        file: Option<String>,
        gpgcakey: Option<String>,
        gpgcheck: Option<bool>,
        gpgkey: Option<Vec<String>>,
        http_caching: Option<Caching>,
        include: Option<String>,
        includepkgs: Option<Vec<String>>,
        ip_resolve: Option<Resolve>,
        keepalive: Option<bool>,
        metadata_expire: Option<String>,
        metadata_expire_filter: Option<Filter>,
        metalink: Option<String>,
        mirrorlist: Option<String>,
        mirrorlist_expire: Option<String>,
        module_hotfixes: Option<bool>,
        name: String,
        password: Option<SecretText>,
        priority: Option<String>,
        protect: Option<bool>,
        proxy: Option<String>,
        proxy_password: Option<SecretText>,
        proxy_username: Option<String>,
        repo_gpgcheck: Option<bool>,
        reposdir: RemotePath = RemotePath("/etc/yum.repos.d".to_owned()),
        retries: Option<String>,
        s3_enabled: Option<bool>,
        skip_if_unavailable: Option<bool>,
        ssl_check_cert_permissions: Option<bool>,
        sslcacert: Option<String> [ca_cert],
        sslclientcert: Option<String> [client_cert],
        sslclientkey: Option<String> [client_key],
        sslverify: Option<bool> [validate_certs],
        state: State = State::Present,
        throttle: Option<String>,
        timeout: Option<String>,
        ui_repoid_vars: Option<String>,
        username: Option<String>,
    }
}

/// What stands in no file, or under another name.
const NOT_KEYS: &[&str] = &["description", "file", "name", "reposdir", "state"];

fn plan(map: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(map)?;
    let present = args.state == State::Present;
    if present {
        rules::one_of(&[
            ("baseurl", args.baseurl.is_some()),
            ("mirrorlist", args.mirrorlist.is_some()),
            ("metalink", args.metalink.is_some()),
        ])?;
    }
    rules::required_if(present, "`state` is `present`", &[("description", args.description.is_some())])?;
    let pairs = pairs(&args, map)?;
    let file = args.file.as_deref().unwrap_or(&args.name);
    let editing = Editing {
        keeps: Keeps::Shown,
        path: RemotePath(format!("{}/{file}.repo", args.reposdir)),
        encoding: "utf-8".to_owned(),
        attributes: Attributes::read(map)?,
        backup: false,
        follow: true,
        describe: false,
        validate: None,
        backup_key: "backup_file",
        backup_always: false,
        cx: Arc::clone(cx),
    };
    let probe = Script::call(&SHELL, "yum_repository_probe").path("folder", &args.reposdir);
    let secrets: Vec<String> = [&args.password, &args.proxy_password]
        .into_iter()
        .flatten()
        .map(|secret| secret.expose().to_owned())
        .collect();
    let step = editing.step_probing(probe, move |original, _| edit(&args, pairs, original))?;
    Ok(step.finally(move |outcome| masked(outcome, &secrets)))
}

/// The lines of the section, sorted by key.
fn pairs(args: &Args, map: &Map) -> Result<Vec<(String, String)>> {
    let mut pairs = Vec::new();
    for spec in Args::SPEC.iter().filter(|spec| !NOT_KEYS.contains(&spec.name)) {
        let given = argument(map, spec).filter(|(_, value)| !value.is_null());
        if let Some((_, value)) = given {
            pairs.push((spec.name.to_owned(), text(args, spec.name, value)?));
        }
    }
    pairs.extend(args.description.clone().map(|name| ("name".to_owned(), name)));
    pairs.sort();
    Ok(pairs)
}

/// A value as the file has it: lists of addresses a line each, truth values as numbers.
fn text(args: &Args, name: &str, value: &Value) -> Result<String> {
    let lines = |list: &Option<Vec<String>>| list.as_deref().unwrap_or_default().join("\n");
    let words = |list: &Option<Vec<String>>| list.as_deref().unwrap_or_default().join(" ");
    Ok(match name {
        "baseurl" => lines(&args.baseurl),
        "gpgkey" => lines(&args.gpgkey),
        "exclude" => words(&args.exclude),
        "includepkgs" => words(&args.includepkgs),
        _ => {
            let spec = Args::SPEC.iter().find(|spec| spec.name == name);
            match spec.map(|spec| spec.kind) {
                Some(crate::modules::ArgKind::Bool) => {
                    let truth = <bool as crate::modules::ArgValue>::read(value).map_err(Error::input)?;
                    String::from(if truth { "1" } else { "0" })
                }
                _ => value.to_text(),
            }
        }
    })
}

fn edit(args: &Args, pairs: Vec<(String, String)>, original: &Original) -> Result<Edit> {
    let text = original.text.as_deref().unwrap_or_default();
    let before = Ini::read(text)
        .map_err(|line| Error::input(format!("`{}` line {line} is neither a section nor a key", original.path)))?;
    let mut after = before.clone();
    match args.state {
        State::Present => after.set(&args.name, pairs),
        State::Absent => after.remove(&args.name),
    }
    let outcome = Outcome::ok()
        .with("repo", args.name.as_str())
        .with("state", args.state.word());
    Ok(match (before.sorted() == after.sorted(), &original.text) {
        (true, None) => Edit::Done(outcome),
        (true, Some(text)) => Edit::Text(text.clone(), outcome),
        (false, _) if after.is_empty() => Edit::Gone(outcome),
        (false, _) => Edit::Text(after.text(), outcome),
    })
}

/// The outcome without secrets in what differs.
fn masked(mut outcome: Outcome, secrets: &[String]) -> Outcome {
    if !outcome.failed {
        outcome.data.remove("msg");
    }
    for diff in &mut outcome.diff {
        if let Diff::Text { before, after, .. } = diff {
            // The reference shows values of several lines without the blanks that the file has.
            *before = before.replace("\n\t", "\n");
            *after = after.replace("\n\t", "\n");
            for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
                *before = before.replace(secret.as_str(), "********");
                *after = after.replace(secret.as_str(), "********");
            }
        }
    }
    outcome
}

#[cfg(test)]
mod tests {
    use crate::entries;
    use crate::modules::driver::{Run, World};
    use crate::outcome::Diff;
    use crate::value::{Map, Value};

    fn run(world: &World, args: Map) -> Run<'_> {
        Run::new("yum_repository", world).path("reposdir", "repos d").args(args)
    }

    #[test]
    fn a_repository_is_described_once() {
        for world in World::each() {
            world.write("repos d/.keep", "");
            let epel = || {
                run(
                    &world,
                    entries! {
                        "name" => "epel", "description" => "EPEL $releasever", "gpgcheck" => false, "enabled" => "yes",
                        "baseurl" => Value::strings(["https://a/x", "https://b/x"]), "excludepkgs" => "a*,b", "password" => "s3cret",
                    },
                )
            };
            let outcome = epel().diff().set("mode", "0600").expect_changed_then_ok();
            assert_eq!((outcome.text("repo"), outcome.text("state")), (Some("epel"), Some("present")));
            assert!(outcome.diff.iter().all(|diff| !matches!(diff, Diff::Text { after, .. } if after.contains("s3cret"))));
            assert_eq!(
                world.read("repos d/epel.repo"),
                "[epel]\nbaseurl = https://a/x\n\thttps://b/x\nenabled = 1\nexclude = a* b\ngpgcheck = 0\nname = EPEL $releasever\npassword = s3cret\n\n"
            );
            assert_eq!(world.mode("repos d/epel.repo"), "0600");
            let other = || run(&world, entries! { "name" => "other", "file" => "epel", "description" => "o", "metalink" => "https://m" });
            other().expect_changed_then_ok();
            run(&world, entries! { "name" => "epel", "state" => "absent" }).expect_changed_then_ok();
            assert_eq!(world.read("repos d/epel.repo"), "[other]\nmetalink = https://m\nname = o\n\n");
            run(&world, entries! { "name" => "other", "file" => "epel", "state" => "absent" }).expect_changed_then_ok();
            assert!(!world.path("repos d/epel.repo").exists());
        }
    }

    #[test]
    fn what_is_missing_is_told() {
        let world = World::plain();
        run(&world, entries! { "name" => "x", "description" => "d", "baseurl" => "u" }).expect_failed("does not exist.");
        run(&world, entries! { "name" => "x", "description" => "d" }).expect_failed("one of the following is required: baseurl, mirrorlist, metalink");
        run(&world, entries! { "name" => "x", "metalink" => "d" }).expect_failed("following are missing: description");
    }
}
