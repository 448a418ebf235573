#![doc = include_str!("page.md")]

use std::sync::Arc;

use crate::args;
use crate::choices;
use crate::error::{Error, Result};
use crate::modules::digest::DIGEST;
use crate::modules::record::{RECORD, Record};
use crate::modules::{Cx, FreeForm, Module, RemotePath, Step};
use crate::outcome::Outcome;
use crate::shell::{Fragment, Reply, Script};
use crate::value::{Map, Value};

/// The module.
pub static MODULE: Module = Module {
    name: "stat",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "stat",
    text: include_str!("stat.sh"),
    needs: &[&RECORD, &DIGEST],
};

choices! {
    /// How a checksum is made.
    Algorithm {
        Md5 = "md5",
        Sha1 = "sha1",
        Sha224 = "sha224",
        Sha256 = "sha256",
        Sha384 = "sha384",
        Sha512 = "sha512",
    }
}

args! {
    /// What `stat` takes.
    Args {
        path: RemotePath [dest, name],
        checksum_algorithm: Algorithm [checksum, checksum_algo] = Algorithm::Sha1,
        follow: bool = false,
        get_attributes: bool [attr, attributes] = true,
        get_checksum: bool = true,
        get_mime: bool [mime, mime_type, "mime-type"] = true,
        get_selinux_context: bool = false,
    }
}

fn plan(map: &Map, _cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(map)?;
    let checksum = args.get_checksum.then(|| args.checksum_algorithm.word());
    let script = Script::call(&SHELL, "stat_main")
        .path("path", &args.path)
        .flag("follow", args.follow)
        .set("checksum", checksum.unwrap_or(""))
        .flag("mime", args.get_mime)
        .flag("flags", args.get_attributes)
        .flag("context", args.get_selinux_context);
    Ok(Step::run(script, move |reply| {
        let stat = match reply.text("record") {
            None => crate::entries! { "exists" => false },
            Some(record) => stat(&args, &reply, &record)?,
        };
        Ok(Outcome::ok().with("stat", stat).into())
    }))
}

fn stat(args: &Args, reply: &Reply, record: &str) -> Result<Map> {
    let record = Record::parse(record)
        .ok_or_else(|| Error::input("the answer of the host's `stat` cannot be read"))?;
    let mut keys = crate::entries! { "exists" => true, "path" => reply.text("path") };
    keys.extend_from(&record.keys());
    record.add_blocks(&mut keys);
    record.add_device(&mut keys);
    let access = reply.text("access").unwrap_or_default();
    for (key, letter) in [("readable", 'r'), ("writeable", 'w'), ("executable", 'x')] {
        keys.set(key, access.contains(letter));
    }
    if let Some(link) = reply.text("link") {
        keys.set("lnk_source", reply.text("source"));
        keys.set("lnk_target", link.strip_suffix('\n').unwrap_or(&link));
    }
    record.add_names(&mut keys, None);
    if let Some(sum) = reply.text("sum").filter(|sum| !sum.is_empty()) {
        keys.set("checksum", sum);
    }
    if args.get_mime {
        add_mime(&mut keys, &reply.text("mime").unwrap_or_default());
    }
    if args.get_attributes {
        add_flags(&mut keys, reply.text("flags").as_deref());
    }
    if args.get_selinux_context {
        keys.set("selinux_context", context(reply.text("context").as_deref()));
    }
    Ok(keys)
}

/// Adds what `file` says: `PATH: text/plain; charset=utf-8`.
fn add_mime(keys: &mut Map, text: &str) {
    let said = text
        .trim_end()
        .rsplit_once(": ")
        .and_then(|(_, said)| said.split_once("; charset="));
    let (kind, charset) = said.unwrap_or(("unknown", "unknown"));
    keys.set("mimetype", kind);
    keys.set("charset", charset);
}

/// Adds what `lsattr -v` says: `VERSION FLAGS PATH`.
fn add_flags(keys: &mut Map, text: Option<&str>) {
    let mut words = text.unwrap_or("").split_whitespace();
    keys.set("version", words.next());
    let letters: String = words
        .next()
        .unwrap_or("")
        .chars()
        .filter(|letter| *letter != '-')
        .collect();
    let names = letters.chars().filter_map(flag_name);
    keys.set("attributes", Value::strings(names));
    keys.set("attr_flags", letters);
}

/// What a flag is called in chattr's manual.
fn flag_name(letter: char) -> Option<&'static str> {
    Some(match letter {
        'A' => "noatime",
        'a' => "append",
        'c' => "compressed",
        'C' => "nocow",
        'd' => "nodump",
        'D' => "dirsync",
        'e' => "extents",
        'E' => "encrypted",
        'h' => "blocksize",
        'i' => "immutable",
        'I' => "indexed",
        'j' => "journalled",
        'N' => "inline",
        's' => "zero",
        'S' => "synchronous",
        't' => "notail",
        'T' => "blockroot",
        'u' => "undelete",
        'X' => "compressedraw",
        'Z' => "compresseddirty",
        _ => return None,
    })
}

/// The parts of a context; nulls where the host has no SELinux.
fn context(text: Option<&str>) -> Value {
    match text {
        Some(text) => Value::strings(text.trim().splitn(4, ':')),
        None => Value::list(vec![Value::Null; 4]),
    }
}

#[cfg(test)]
mod tests;
