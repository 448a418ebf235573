#![doc = include_str!("page.md")]

use std::path::PathBuf;
use std::sync::Arc;

use crate::args;
use crate::choices;
use crate::error::{Error, Result};
use crate::modules::attributes::Attributes;
use crate::modules::delivery::{Delivery, Item, What};
use crate::modules::digest::sha1;
use crate::modules::encoding;
use crate::modules::placing::{bytes, validate_words};
use crate::modules::{Answer, Ask, Cx, FileMode, FreeForm, Module, RemotePath, Step};
use crate::value::Map;

/// The module.
pub static MODULE: Module = Module {
    name: "template",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC, Attributes::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

choices! {
    /// What ends a line.
    Newline {
        Lf = "\\n" | "\n",
        Cr = "\\r" | "\r",
        CrLf = "\\r\\n" | "\r\n",
    }
}

impl Newline {
    fn text(self) -> &'static str {
        match self {
            Newline::Lf => "\n",
            Newline::Cr => "\r",
            Newline::CrLf => "\r\n",
        }
    }
}

args! {
    /// What `template` takes beside the attributes.
    Args {
        src: String,
        dest: RemotePath,
        backup: bool = false,
        block_end_string: String = "%}".to_owned(),
        block_start_string: String = "{%".to_owned(),
        comment_end_string: Option<String>,
        comment_start_string: Option<String>,
        follow: bool = false,
        force: bool = true,
        lstrip_blocks: bool = false,
        newline_sequence: Newline = Newline::Lf,
        output_encoding: String = "utf-8".to_owned(),
        trim_blocks: bool = true,
        validate: Option<String>,
        variable_end_string: String = "}}".to_owned(),
        variable_start_string: String = "{{".to_owned(),
    }
}

/// A template on its way to the host.
struct Job {
    args: Args,
    attributes: Attributes,
    validate: Vec<String>,
    cx: Arc<Cx>,
}

fn plan(map: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let mut args = Args::read(map)?;
    // An encoding of nothing is the usual one.
    if args.output_encoding.is_empty() {
        args.output_encoding = "utf-8".to_owned();
    }
    encoding::check("output_encoding", &args.output_encoding)?;
    let job = Job {
        attributes: Attributes::read(map)?,
        validate: validate_words(args.validate.as_deref())?,
        cx: cx.clone(),
        args,
    };
    let find = Ask::Find {
        kind: "templates",
        name: job.args.src.clone(),
    };
    Ok(Step::ask(find, |answer| match answer {
        Answer::Path(path) => Ok(job.render(path)),
        _ => Err(Error::bug("`src` was found without a path")),
    }))
}

impl Job {
    fn render(self, path: PathBuf) -> Step {
        let ask = Ask::Template {
            path: path.clone(),
            options: self.options(),
            destination: self.args.dest.0.clone(),
        };
        Step::ask(ask, |answer| {
            let Answer::Text(text) = answer else {
                return Err(Error::bug("a template was rendered without a text"));
            };
            let content = encoding::encode(&text, &self.args.output_encoding)?;
            if self.attributes.mode != Some(FileMode::Preserve) {
                return self.deliver(&path, content, 0o644);
            }
            Ok(Step::ask(Ask::Look(path.clone()), move |answer| {
                let Answer::Looked(Some(entry)) = answer else {
                    return Err(Error::input(format!("there is no `{}`", path.display())));
                };
                self.deliver(&path, content, entry.mode)
            }))
        })
    }

    /// The options that decide how the text is read, by their names.
    fn options(&self) -> Map {
        let args = &self.args;
        let mut options = crate::entries! {
            "block_end_string" => &args.block_end_string,
            "block_start_string" => &args.block_start_string,
            "lstrip_blocks" => args.lstrip_blocks,
            "newline_sequence" => args.newline_sequence.text(),
            "trim_blocks" => args.trim_blocks,
            "variable_end_string" => &args.variable_end_string,
            "variable_start_string" => &args.variable_start_string,
        };
        if let Some(text) = &args.comment_start_string {
            options.set("comment_start_string", text);
        }
        if let Some(text) = &args.comment_end_string {
            options.set("comment_end_string", text);
        }
        options
    }

    fn deliver(self, path: &std::path::Path, content: Vec<u8>, mode: u32) -> Result<Step> {
        let name = path.file_name().and_then(|name| name.to_str());
        let item = Item {
            below: name.unwrap_or("template").to_owned(),
            what: What::File {
                sum: sha1(&content),
                body: bytes(content),
                mode,
            },
        };
        let delivery = Delivery {
            dest: self.args.dest.0,
            items: vec![item],
            tree: false,
            content: false,
            follow: self.args.follow,
            force: self.args.force,
            backup: self.args.backup,
            validate: self.validate,
            attributes: self.attributes,
            directory_mode: None,
            src: Some(path.display().to_string()),
            after_header: Some(path.display().to_string()),
            cx: self.cx,
        };
        delivery.step()
    }
}

#[cfg(test)]
mod tests;
