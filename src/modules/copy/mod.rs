#![doc = include_str!("page.md")]

mod remote;
mod source;

use std::path::PathBuf;
use std::sync::Arc;

use crate::args;
use crate::error::{Error, Result};
use crate::modules::attributes::Attributes;
use crate::modules::delivery::{Delivery, Item, What};
use crate::modules::placing::validate_words;
use crate::modules::{Answer, Ask, Cx, FileMode, FreeForm, Module, RemotePath, Step};
use crate::outcome::Outcome;
use crate::value::{Map, Value, to_json_with};

use source::{Source, content_item};

/// The module.
pub static MODULE: Module = Module {
    name: "copy",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC, Attributes::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

args! {
    /// What `copy` takes beside the attributes.
    Args {
        src: Option<RemotePath>,
        content: Option<Value>,
        dest: RemotePath,
        backup: bool = false,
        checksum: Option<String>,
        decrypt: bool = true,
        directory_mode: Option<FileMode>,
        follow: bool = false,
        force: bool = true,
        local_follow: Option<bool>,
        remote_src: bool = false,
        validate: Option<String>,
    }
}

fn plan(map: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(map)?;
    let attributes = Attributes::read(map)?;
    let validate = validate_words(args.validate.as_deref())?;
    let src = args.src.as_ref().filter(|src| !src.0.is_empty());
    match (src, &args.content) {
        (None, None) => Err(Error::input("src (or content) is required")),
        _ if args.dest.0.is_empty() => Err(Error::input("dest is required")),
        (Some(_), Some(_)) => Err(Error::input("src and content are mutually exclusive")),
        (_, Some(_)) if args.dest.0.ends_with('/') => {
            Err(Error::input("can not use content with a dir as dest").hint("name the file in `dest`"))
        }
        (Some(src), None) if args.remote_src => {
            let src = src.clone();
            remote::step(&args, src, attributes, validate, cx)
        }
        _ => {
            let job = Job {
                args,
                attributes,
                validate,
                cx: cx.clone(),
            };
            job.step()
        }
    }
}

/// A copy from the controller.
struct Job {
    args: Args,
    attributes: Attributes,
    validate: Vec<String>,
    cx: Arc<Cx>,
}

impl Job {
    fn step(self) -> Result<Step> {
        if let Some(content) = &self.args.content {
            let item = content_item(content_text(content).into_bytes());
            return self.deliver(vec![item], false, None);
        }
        let name = self.args.src.as_ref().map_or("", |src| &src.0);
        let find = Ask::Find {
            kind: "files",
            name: name.to_owned(),
        };
        let inside = name.ends_with('/');
        Ok(Step::ask(find, move |answer| {
            let Answer::Path(path) = answer else {
                return Err(Error::bug("`src` was found without a path"));
            };
            Ok(Step::ask(Ask::Look(path.clone()), move |answer| {
                self.walk(path, inside, answer)
            }))
        }))
    }

    fn walk(self, path: PathBuf, inside: bool, answer: Answer) -> Result<Step> {
        let Answer::Looked(Some(entry)) = answer else {
            let path = path.display();
            return Err(Error::input(format!("there is no `{path}` on the controller")));
        };
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.map(str::to_owned).unwrap_or_default();
        let src = path.display().to_string();
        let follow = self.args.local_follow.unwrap_or(true);
        let source = Source::new(self.args.decrypt, follow);
        if entry.is_dir {
            let below = if inside { String::new() } else { name };
            let src = if inside { format!("{src}/") } else { src };
            let then = move |items| self.deliver(items, true, Some(src));
            return source.tree(path, entry.real, below, Box::new(then));
        }
        // One file is copied as what it leads to, whatever `local_follow` says.
        let entry = crate::modules::Entry { link: None, ..entry };
        let then = move |items| self.deliver(items, false, Some(src));
        source.file(path, name, entry, Box::new(then))
    }

    fn deliver(self, items: Vec<Item>, tree: bool, src: Option<String>) -> Result<Step> {
        if let (Some(wanted), [item]) = (&self.args.checksum, items.as_slice())
            && let What::File { sum, .. } = &item.what
            && wanted != sum
        {
            let outcome = Outcome::failed("Copied file does not match the expected checksum. Transfer failed.")
                .with("checksum", sum)
                .with("expected_checksum", wanted);
            return Ok(outcome.into());
        }
        let has_folders = items.iter().any(|item| matches!(item.what, What::Directory));
        let delivery = Delivery {
            dest: self.args.dest.0,
            tree,
            content: self.args.content.is_some(),
            follow: self.args.follow && !has_folders,
            force: self.args.force,
            backup: self.args.backup,
            validate: self.validate,
            attributes: self.attributes,
            directory_mode: self.args.directory_mode,
            after_header: src.clone(),
            src,
            cx: self.cx,
            items,
        };
        delivery.step()
    }
}

/// The text of `content`: a list or a dictionary becomes JSON.
fn content_text(content: &Value) -> String {
    match content {
        Value::Map(_) | Value::List(_) | Value::Tuple(_) => {
            to_json_with(content, None, false, true)
        }
        other => other.to_text(),
    }
}

#[cfg(test)]
mod tests;
