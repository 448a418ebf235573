#![doc = include_str!("page.md")]

use std::sync::Arc;

use data_encoding::BASE64;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::keys::{KEYS, fetched};
use crate::modules::openpgp::{Block, blocks};
use crate::modules::{Cx, FreeForm, Module, Step};
use crate::outcome::Outcome;
use crate::shell::{Fragment, Script};
use crate::value::Map;

/// The module.
pub static MODULE: Module = Module {
    name: "rpm_key",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "rpm_key",
    text: include_str!("rpm_key.sh"),
    needs: &[&KEYS],
};

crate::choices! {
    /// Whether the key is trusted.
    State {
        Absent = "absent",
        Present = "present",
    }
}

args! {
    /// What `rpm_key` takes.
    Args {
        fingerprint: Vec<String> = Vec::new(),
        key: String,
        state: State = State::Present,
        validate_certs: bool = true,
    }
}

fn plan(args: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(args)?;
    let check = cx.check;
    let script = Script::call(&SHELL, "rpm_key_probe")
        .set("wanted", &args.key)
        .flag("verify", args.validate_certs);
    Ok(Step::run(script, move |reply| {
        let known: Vec<String> = reply.text("known").unwrap_or_default().lines().map(str::to_uppercase).collect();
        let by_id = id(&args.key);
        if reply.bytes("key").is_none() && !reply.flag("no_tool") {
            let Some(id) = by_id else {
                return Err(Error::input(format!("Not a valid key {}", args.key)));
            };
            return by_its_id(&args, &known, &id, check);
        }
        let (url, verify) = (args.key.clone(), args.validate_certs);
        fetched(&reply, &url, verify, move |bytes| by_its_content(&args, &known, &bytes, check))
    }))
}

/// An id or a fingerprint, in upper case.
fn id(text: &str) -> Option<String> {
    let plain = text.trim_start_matches("0x").replace(' ', "").to_uppercase();
    let good = matches!(plain.len(), 8 | 16 | 40 | 64) && plain.chars().all(|c| c.is_ascii_hexdigit());
    good.then_some(plain)
}

/// rpm names a key by the end of its fingerprint, and newer ones by all of it.
fn same(known: &str, id: &str) -> bool {
    known.ends_with(id) || id.ends_with(known)
}

fn by_its_id(args: &Args, known: &[String], id: &str, check: bool) -> Result<Step> {
    let there: Vec<&String> = known.iter().filter(|known| same(known, id)).collect();
    match (args.state, there.first()) {
        (State::Present, Some(_)) | (State::Absent, None) => Ok(Outcome::ok().into()),
        (State::Present, None) => Err(Error::input(format!(
            "the key `{id}` is not there, and an id alone cannot be imported"
        ))),
        (State::Absent, Some(key)) => Ok(erase(key, check)),
    }
}

fn by_its_content(args: &Args, known: &[String], bytes: &[u8], check: bool) -> Result<Step> {
    let keys = blocks(bytes).map_err(|why| Error::input(format!("Not a public key: {}: {why}", args.key)))?;
    let there = |block: &Block| {
        let fingerprint = block.keys.first().map_or("", |key| key.fingerprint.as_str());
        known.iter().find(|known| same(known, fingerprint))
    };
    match args.state {
        State::Absent => match keys.iter().find_map(there) {
            Some(key) => Ok(erase(key, check)),
            None => Ok(Outcome::ok().into()),
        },
        State::Present if keys.iter().all(|block| there(block).is_some()) => Ok(Outcome::ok().into()),
        State::Present => {
            check_fingerprints(args, &keys)?;
            if check {
                return Ok(Outcome::changed().into());
            }
            let script = Script::call(&SHELL, "rpm_key_import").set("key", armoured(&keys));
            Ok(Step::run(script, |_| Ok(Outcome::changed().into())))
        }
    }
}

fn check_fingerprints(args: &Args, keys: &[Block]) -> Result<()> {
    let wanted: Vec<String> = args.fingerprint.iter().map(|text| text.replace(' ', "").to_uppercase()).collect();
    let has = |wanted: &String| keys.iter().flat_map(|block| &block.keys).any(|key| key.fingerprint == *wanted);
    if wanted.iter().all(has) {
        return Ok(());
    }
    Err(Error::input(format!(
        "The specified fingerprint, '{}', does not match any key fingerprints in '{}'",
        wanted.join(", "),
        args.key
    )))
}

fn erase(key: &str, check: bool) -> Step {
    if check {
        return Outcome::changed().into();
    }
    let script = Script::call(&SHELL, "rpm_key_erase").arg(key.to_lowercase());
    Step::run(script, |_| Ok(Outcome::changed().into()))
}

/// The keys as text, since rpm reads nothing else from a file.
fn armoured(keys: &[Block]) -> String {
    let blocks = keys.iter().map(|block| {
        let letters = BASE64.encode(&block.bytes);
        let lines: Vec<String> = letters.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
        format!(
            "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n{}\n={}\n-----END PGP PUBLIC KEY BLOCK-----\n",
            lines.join("\n"),
            BASE64.encode(&crc24(&block.bytes).to_be_bytes()[1..])
        )
    });
    blocks.collect()
}

/// The checksum of an armour (RFC 4880, 6.1).
fn crc24(bytes: &[u8]) -> u32 {
    let crc = bytes.iter().fold(0x00b7_04ce_u32, |crc, byte| {
        (0..8).fold(crc ^ (u32::from(*byte) << 16), |crc, _| {
            let crc = crc << 1;
            if crc & 0x0100_0000 != 0 { crc ^ 0x0186_4cfb } else { crc }
        })
    });
    crc & 0x00ff_ffff
}

#[cfg(test)]
mod tests {
    use super::armoured;
    use crate::entries;
    use crate::modules::driver::{Run, World};
    use crate::modules::openpgp::blocks;
    use crate::modules::openpgp::tests::{FINGERPRINT, KEY};
    use crate::value::Map;

    fn run(world: &World, args: Map) -> Run<'_> {
        world.fake(
            "rpm",
            "case $1 in (-q) cat \"$HOME/keys\" 2>/dev/null ;; (--import) grep -q BEGIN \"$2\" && echo 38983e1f >\"$HOME/keys\" ;; (*) rm \"$HOME/keys\" ;; esac",
        );
        world.write("a key", KEY);
        Run::new("rpm_key", world).args(args)
    }

    #[test]
    fn an_armour_comes_out_as_it_went_in() {
        let keys = blocks(KEY.as_bytes()).unwrap();
        assert_eq!(armoured(&keys).replace('\n', ""), KEY.replace('\n', ""));
    }

    #[test]
    fn a_key_is_trusted_and_forgotten_once() {
        for world in World::each() {
            let file = world.text("a key");
            let args = |state: &str| entries! { "key" => file.as_str(), "state" => state };
            let wrong = || entries! { "key" => file.as_str(), "fingerprint" => format!("{FINGERPRINT},AB CD") };
            run(&world, wrong()).expect_failed("does not match any");
            run(&world, args("present")).check().expect_changed();
            run(&world, args("present")).expect_changed();
            // The key is there: nobody compares its fingerprint any more.
            run(&world, wrong()).expect_ok();
            run(&world, args("present")).expect_ok();
            run(&world, entries! { "key" => FINGERPRINT }).expect_ok();
            run(&world, entries! { "key" => "0x38983e1f", "state" => "absent" }).expect_changed();
            assert_eq!(world.calls().last().unwrap(), "rpm --erase --allmatches gpg-pubkey-38983e1f");
            run(&world, args("absent")).expect_ok();
            run(&world, entries! { "key" => "/nope" }).expect_failed("Not a valid key /nope");
        }
    }
}
