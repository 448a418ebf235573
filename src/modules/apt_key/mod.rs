#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::attributes::Differences;
use crate::modules::keys::{KEYS, fetched};
use crate::modules::openpgp::{Block, blocks};
use crate::modules::placing::{Content, Placing, bytes};
use crate::modules::{Cx, FreeForm, Module, RemotePath, Step, rules};
use crate::outcome::Outcome;
use crate::shell::{Fragment, Reply, Script};
use crate::value::{Map, Value};

/// The module.
pub static MODULE: Module = Module {
    name: "apt_key",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "apt_key",
    text: include_str!("apt_key.sh"),
    needs: &[&KEYS],
};

crate::choices! {
    /// Whether the key is there.
    State {
        Absent = "absent",
        Present = "present",
    }
}

args! {
    /// What `apt_key` takes.
    Args {
        data: Option<String>,
        file: Option<RemotePath>,
        id: Option<String>,
        keyring: Option<RemotePath>,
        keyserver: Option<String>,
        state: State = State::Present,
        url: Option<String>,
        validate_certs: bool = true,
    }
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(args)?;
    let sources = [
        ("data", args.data.is_some()),
        ("file", args.file.is_some()),
        ("keyserver", args.keyserver.is_some()),
        ("url", args.url.is_some()),
    ];
    rules::exclusive(&sources)?;
    rules::required_if(args.state == State::Absent, "`state` is `absent`", &[("id", args.id.is_some())])?;
    rules::required_if(args.keyserver.is_some(), "`keyserver` is given", &[("id", args.id.is_some())])?;
    if args.state == State::Present {
        rules::one_of(&sources)?;
    }
    let task = Task { id: args.id.as_deref().map(plain_id).transpose()?, check: cx.check, args };
    let early = task.id.is_none();
    let script = task.script(early);
    Ok(Step::run(script, move |reply| task.decide(&reply, early)))
}

/// The id without `0x`, in upper case.
fn plain_id(id: &str) -> Result<String> {
    let plain = id.trim_start_matches("0x").trim_start_matches("0X").replace(' ', "").to_uppercase();
    let good = plain.len() >= 8 && plain.len().is_multiple_of(2) && plain.chars().all(|c| c.is_ascii_hexdigit());
    match good {
        true => Ok(plain),
        false => Err(Error::input(format!("Invalid key_id: {id}"))),
    }
}

struct Task {
    args: Args,
    id: Option<String>,
    check: bool,
}

/// A keyring of the host.
struct Ring {
    path: String,
    blocks: Vec<Block>,
}

impl Task {
    /// The probe; with an id it is asked first whether the key is there, before it is fetched.
    fn script(&self, fetch: bool) -> Script {
        let text = |path: &Option<RemotePath>| path.as_ref().map_or("", AsRef::as_ref).to_owned();
        let url = self.address().filter(|_| fetch).unwrap_or_default();
        Script::call(&SHELL, "apt_key_probe")
            .path("keyring", text(&self.args.keyring))
            .path("file", text(&self.args.file))
            .set("url", url)
            .flag("verify", self.args.validate_certs)
    }

    /// The address to fetch the key from.
    fn address(&self) -> Option<String> {
        let server = match &self.args.keyserver {
            None => return self.args.url.clone(),
            Some(server) => server.trim_end_matches('/'),
        };
        let (scheme, host) = server.split_once("://").unwrap_or(("hkp", server));
        let port = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let base = match scheme {
            "hkps" | "https" => format!("https://{host}"),
            "hkp" if !port => format!("http://{host}:11371"),
            _ => format!("http://{host}"),
        };
        let id = self.id.as_deref().unwrap_or_default();
        Some(format!("{base}/pks/lookup?op=get&options=mr&search=0x{id}"))
    }

    fn decide(self, reply: &Reply, fetched_already: bool) -> Result<Step> {
        let rings = rings(reply);
        if self.args.state == State::Absent {
            return self.remove(rings);
        }
        if let Some(id) = &self.id
            && has(&rings, id)
        {
            return Ok(self.outcome(false, &rings, None, id).into());
        }
        if let Some(data) = &self.args.data {
            let key = data.clone().into_bytes();
            return self.add(reply.clone(), rings, &key, "inline data");
        }
        if let Some(file) = &self.args.file {
            let what = file.to_string();
            let key = reply.bytes("key").unwrap_or_default().to_vec();
            return self.add(reply.clone(), rings, &key, &what);
        }
        let url = self.address().unwrap_or_default();
        let verify = self.args.validate_certs;
        let (reply, what) = (reply.clone(), url.clone());
        if fetched_already {
            let rings_reply = reply.clone();
            return fetched(&reply, &url, verify, move |key| self.add(rings_reply, rings, &key, &what));
        }
        let script = Script::call(&KEYS, "key_fetch").flag("verify", verify).arg(&url);
        Ok(Step::run(script, move |answer| {
            fetched(&answer, &url, verify, move |key| self.add(reply, rings, &key, &what))
        }))
    }

    fn add(self, reply: Reply, rings: Vec<Ring>, key: &[u8], what: &str) -> Result<Step> {
        let new = blocks(key).map_err(|why| Error::input(format!("Unable to extract key from '{what}': {why}")))?;
        let first = new[0].keys.first().map_or("", |key| key.id()).to_owned();
        let id = self.id.clone().unwrap_or(first);
        let known = |block: &Block| block.keys.first().is_some_and(|key| has(&rings, &key.fingerprint));
        if self.id.is_none() && new.iter().all(known) {
            return Ok(self.outcome(false, &rings, None, &id).into());
        }
        if !new.iter().any(|block| block.keys.iter().any(|key| key.answers_to(&id))) {
            return Err(Error::input(format!("the key from '{what}' is not `{id}`"))
                .hint("an id of a subkey, or of another key, may have been given"));
        }
        let after = with(&rings, &new);
        let outcome = self.outcome(true, &rings, (!self.check).then_some(&after), &id);
        if self.check {
            return Ok(outcome.into());
        }
        let path = match &self.args.keyring {
            Some(ring) => rings.first().map_or_else(|| ring.0.clone(), |ring| ring.path.clone()),
            None => format!("{}/{id}.gpg", reply.text("folder").unwrap_or_default()),
        };
        let old = rings.iter().find(|ring| ring.path == path);
        let all = old.iter().flat_map(|ring| &ring.blocks).chain(&new);
        let content: Vec<u8> = all.flat_map(|block| block.bytes.clone()).collect();
        Ok(write(path, content, outcome))
    }

    fn remove(self, rings: Vec<Ring>) -> Result<Step> {
        let id = self.id.clone().ok_or_else(|| Error::bug("no id to remove"))?;
        if !has(&rings, &id) {
            return Ok(self.outcome(false, &rings, None, &id).into());
        }
        let without = |ring: &Ring| Ring {
            path: ring.path.clone(),
            blocks: ring.blocks.iter().filter(|block| !block.keys.iter().any(|key| key.answers_to(&id))).cloned().collect(),
        };
        let after: Vec<Ring> = rings.iter().map(without).collect();
        let outcome = self.outcome(true, &rings, (!self.check).then_some(&after), &id);
        if self.check {
            return Ok(outcome.into());
        }
        let mut step = Step::Done(outcome);
        for (before, after) in rings.iter().zip(after) {
            if before.blocks.len() != after.blocks.len() {
                step = followed(step, after);
            }
        }
        Ok(step)
    }

    fn outcome(&self, changed: bool, before: &[Ring], after: Option<&Vec<Ring>>, id: &str) -> Outcome {
        let short = id.len() == 8;
        let ids = |rings: &[Ring]| {
            let keys = rings.iter().flat_map(|ring| &ring.blocks).flat_map(|block| &block.keys);
            Value::strings(keys.map(|key| if short { key.id()[8..].to_owned() } else { key.id().to_owned() }))
        };
        let end = |count: usize| id[id.len().saturating_sub(count)..].to_owned();
        let mut outcome = Outcome::new(changed)
            .with("before", ids(before))
            .with("fp", if short { end(8) } else { end(16) })
            .with("id", self.args.id.as_deref().unwrap_or(id))
            .with("key_id", id)
            .with("short_id", end(8));
        if let Some(after) = after {
            outcome = outcome.with("after", ids(after));
        }
        outcome
    }
}

fn rings(reply: &Reply) -> Vec<Ring> {
    let mut rings: Vec<Ring> = Vec::new();
    for (name, bytes) in &reply.answers {
        match (name.as_str(), rings.last_mut()) {
            ("ring", _) => rings.push(Ring {
                path: String::from_utf8_lossy(bytes).into_owned(),
                blocks: Vec::new(),
            }),
            ("content", Some(ring)) => ring.blocks = blocks(bytes).unwrap_or_default(),
            _ => {}
        }
    }
    rings
}

fn has(rings: &[Ring], id: &str) -> bool {
    let mut keys = rings.iter().flat_map(|ring| &ring.blocks).flat_map(|block| &block.keys);
    keys.any(|key| key.answers_to(id))
}

/// The rings with new keys in one more.
fn with(rings: &[Ring], new: &[Block]) -> Vec<Ring> {
    let copy = |ring: &Ring| Ring { path: ring.path.clone(), blocks: ring.blocks.clone() };
    let first = Ring { path: String::new(), blocks: new.to_vec() };
    std::iter::once(first).chain(rings.iter().map(copy)).collect()
}

fn write(path: String, content: Vec<u8>, outcome: Outcome) -> Step {
    let placing = Placing {
        dest: path,
        content: Content::Body(bytes(content)),
        keep: true,
        differences: Differences::default(),
        backup: false,
        unsafe_writes: false,
        was: None,
        validate: Vec::new(),
    };
    placing.step(move |_| Ok(outcome.into()))
}

fn followed(step: Step, ring: Ring) -> Step {
    step.followed_by(move |outcome| {
        if ring.blocks.is_empty() {
            let script = Script::call(&SHELL, "apt_key_remove").arg(&ring.path);
            return Ok(Step::run(script, move |_| Ok(outcome.into())));
        }
        let content = ring.blocks.iter().flat_map(|block| block.bytes.clone()).collect();
        Ok(write(ring.path, content, outcome))
    })
}

#[cfg(test)]
mod tests {
    use crate::entries;
    use crate::modules::driver::{Run, World};
    use crate::modules::openpgp::tests::{FINGERPRINT, KEY};
    use crate::value::{Map, to_json};

    fn run(world: &World, args: Map) -> Run<'_> {
        world.fake("apt-config", "printf \"etc='%s'\\n\" \"$HOME/\"");
        world.fake("curl", "for last; do :; done; test \"$last\" = https://x/key || { echo 'no such host' >&2; exit 6; }; cat \"$HOME/key\" >\"$3\"");
        world.write("key", KEY);
        world.write("trusted.gpg.d/.keep", "");
        Run::new("apt_key", world).args(args)
    }

    #[test]
    fn a_key_is_added_and_removed_once() {
        for world in World::each() {
            for source in [entries! { "data" => KEY }, entries! { "file" => world.text("key") }, entries! { "url" => "https://x/key" }] {
                run(&world, source.clone()).check().expect_changed();
                let outcome = run(&world, source.clone()).expect_changed();
                assert_eq!(to_json(outcome.data.get("before").unwrap()), "[]");
                assert_eq!(outcome.text("short_id"), Some("38983E1F"));
                assert!(world.path("trusted.gpg.d/6E5CB8E838983E1F.gpg").exists());
                run(&world, source).expect_ok();
                let gone = || run(&world, entries! { "id" => format!("0x{FINGERPRINT}"), "state" => "absent" });
                gone().check().expect_changed();
                gone().expect_changed();
                assert!(!world.path("trusted.gpg.d/6E5CB8E838983E1F.gpg").exists());
                gone().expect_ok();
            }
        }
    }

    #[test]
    fn a_known_id_is_not_fetched_again() {
        for world in World::each() {
            let args = entries! { "url" => "https://x/key", "id" => "38983e1f", "keyring" => world.text("own ring.gpg") };
            run(&world, args.clone()).expect_changed();
            let calls = world.calls().len();
            run(&world, args).expect_ok();
            assert_eq!(world.calls().len(), calls);
        }
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for world in World::each() {
            run(&world, entries! { "data" => "garbage" }).expect_failed("Unable to extract key from 'inline data'");
            run(&world, entries! { "file" => "/nope" }).expect_failed("Unable to extract key from '/nope'");
            run(&world, entries! { "url" => "https://y" }).expect_failed("Failed to download key: no such host");
            run(&world, entries! { "data" => KEY, "id" => "ABCDEF12" }).expect_failed("is not `ABCDEF12`");
            run(&world, entries! { "id" => "xyz", "state" => "absent" }).expect_failed("Invalid key_id: xyz");
            run(&world, entries! { "state" => "absent" }).expect_failed("following are missing: id");
        }
    }
}
