#![doc = include_str!("page.md")]

mod join;

use std::path::PathBuf;
use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::attributes::Attributes;
use crate::modules::delivery::{DELIVERY, Delivery, Item, What};
use crate::modules::digest::{md5, sha1};
use crate::modules::placing::{bytes, validate_words};
use crate::modules::{Answer, Ask, Cx, Entry, FreeForm, Module, RemotePath, Step};
use crate::outcome::Outcome;
use crate::shell::{Fragment, Script};
use crate::value::Map;

use join::Join;

/// The module.
pub static MODULE: Module = Module {
    name: "assemble",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC, Attributes::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "assemble",
    text: include_str!("assemble.sh"),
    needs: &[&DELIVERY],
};

args! {
    /// What `assemble` takes beside the attributes.
    Args {
        src: RemotePath,
        dest: RemotePath,
        backup: bool = false,
        decrypt: bool = true,
        delimiter: Option<String>,
        ignore_hidden: bool = false,
        regexp: Option<String>,
        remote_src: bool = true,
        validate: Option<String>,
    }
}

/// A fragment: its name and its content.
type Part = (String, Vec<u8>);

fn plan(map: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(map)?;
    let join = Join::new(&args)?;
    let delivery = Delivery {
        dest: args.dest.0.clone(),
        items: Vec::new(),
        tree: false,
        content: true,
        follow: false,
        force: true,
        backup: args.backup,
        validate: validate_words(args.validate.as_deref())?,
        attributes: Attributes::read(map)?,
        directory_mode: None,
        src: Some(args.src.0.clone()),
        after_header: None,
        cx: cx.clone(),
    };
    if args.remote_src {
        return Ok(remote(&args, join, delivery));
    }
    let find = Ask::Find {
        kind: "files",
        name: args.src.0.clone(),
    };
    Ok(Step::ask(find, move |answer| {
        let Answer::Path(folder) = answer else {
            return Err(Error::bug("`src` was found without a path"));
        };
        Ok(Step::ask(Ask::List(folder.clone()), move |answer| {
            let Answer::Entries(entries) = answer else {
                return Err(Error::bug("a folder was listed without entries"));
            };
            let entries = join.local(entries, args.ignore_hidden)?;
            gather(args.decrypt, folder, entries, Vec::new(), join, delivery)
        }))
    }))
}

fn remote(args: &Args, join: Join, mut delivery: Delivery) -> Step {
    let script = Script::call(&SHELL, "assemble_probe")
        .path("src", &args.src)
        .list("items", &[""])
        .flag("ignore_hidden", args.ignore_hidden);
    Step::run(delivery.ask(script), move |reply| {
        delivery.src = reply.text("src");
        let mut parts: Vec<Part> = Vec::new();
        for (answer, bytes) in &reply.answers {
            match answer.as_str() {
                "name" => parts.push((String::from_utf8_lossy(bytes).into_owned(), Vec::new())),
                "fragment" => {
                    if let Some((_, content)) = parts.last_mut() {
                        content.clone_from(bytes);
                    }
                }
                _ => {}
            }
        }
        let whole = join.parts(parts)?;
        let (sum, src) = (md5(&whole), delivery.src.clone());
        delivery.items = vec![item(whole)];
        Ok(delivery.continue_with(&reply)?.finally(|outcome| told(outcome, sum, src)))
    })
}

/// Reads the fragments on the controller, the last of the entries first.
fn gather(
    decrypt: bool,
    folder: PathBuf,
    mut entries: Vec<Entry>,
    mut parts: Vec<Part>,
    join: Join,
    mut delivery: Delivery,
) -> Result<Step> {
    let Some(entry) = entries.pop() else {
        let whole = join.parts(parts)?;
        let (sum, src) = (md5(&whole), delivery.src.clone());
        delivery.items = vec![item(whole)];
        return Ok(delivery.step()?.finally(|outcome| told(outcome, sum, src)));
    };
    let ask = Ask::Read {
        path: folder.join(&entry.path),
        open: decrypt && entry.sealed,
    };
    Ok(Step::ask(ask, move |answer| {
        let Answer::Bytes(content) = answer else {
            return Err(Error::bug("a file was read without bytes"));
        };
        let name = entry.path.to_string_lossy().into_owned();
        parts.push((name, content.to_vec()));
        gather(decrypt, folder, entries, parts, join, delivery)
    }))
}

/// The keys that the outcome has whether the file was right before or not.
fn told(mut outcome: Outcome, md5: String, src: Option<String>) -> Outcome {
    if outcome.failed {
        return outcome;
    }
    outcome.data.remove("path");
    outcome
        .with("md5sum", md5)
        .with("src", src.unwrap_or_default())
        .with("msg", "OK")
}

fn item(content: Vec<u8>) -> Item {
    Item {
        below: String::new(),
        what: What::File {
            sum: sha1(&content),
            body: bytes(content),
            mode: 0o644,
        },
    }
}

#[cfg(test)]
mod tests;
