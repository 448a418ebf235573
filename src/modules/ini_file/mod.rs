#![doc = include_str!("page.md")]

mod document;
mod option;

use std::sync::Arc;

use crate::args;
use crate::choices;
use crate::error::{Error, Result};
use crate::modules::args::ArgValue;
use crate::modules::attributes::Attributes;
use crate::modules::editing::{Edit, Editing, Keeps, Original};
use crate::modules::rules::exclusive;
use crate::modules::{Cx, FreeForm, Module, RemotePath, Step};
use crate::outcome::Outcome;
use crate::value::{Map, Value};

use document::Document;
use option::Wish;

/// The module.
pub static MODULE: Module = Module {
    name: "ini_file",
    collection: "community.general",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC, Attributes::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

choices! {
    /// Whether it shall be there.
    State {
        Absent = "absent",
        Present = "present",
    }
}

args! {
    /// What `ini_file` takes beside the attributes.
    Args {
        path: RemotePath [dest],
        allow_no_value: bool = false,
        backup: bool = false,
        create: bool = true,
        exclusive: bool = true,
        follow: bool = false,
        ignore_spaces: bool = false,
        modify_inactive_option: bool = true,
        no_extra_spaces: bool = false,
        option: Option<String>,
        section: Option<String>,
        section_has_values: Vec<Map> = Vec::new(),
        state: State = State::Present,
        value: Option<String>,
        values: Option<Vec<String>>,
    }
}

/// What a section has to hold to be the one that is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    option: String,
    values: Vec<String>,
}

fn plan(map: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(map)?;
    exclusive(&[("value", args.value.is_some()), ("values", args.values.is_some())])?;
    let given = args.value.is_some() || args.values.as_ref().is_some_and(|all| !all.is_empty());
    if args.state == State::Present && args.option.is_some() && !given && !args.allow_no_value {
        return Err(Error::input(
            "`value` or `values` is required, unless `allow_no_value` says otherwise",
        ));
    }
    let held = args.section_has_values.iter().map(held).collect::<Result<Vec<_>>>()?;
    let editing = Editing {
        keeps: Keeps::Content,
        path: args.path.clone(),
        encoding: "utf-8".to_owned(),
        attributes: Attributes::read(map)?,
        backup: args.backup,
        follow: args.follow,
        describe: true,
        validate: None,
        backup_key: "backup_file",
        backup_always: false,
        cx: cx.clone(),
    };
    editing.step(move |original| edit(&args, &held, original))
}

fn held(map: &Map) -> Result<Held> {
    let text = |name: &str| map.get(name).filter(|it| !it.is_null()).map(Value::to_text);
    let option = text("option")
        .ok_or_else(|| Error::input("argument `section_has_values`: `option` is missing"))?;
    let mut values = match map.get("values") {
        Some(value) => Vec::<String>::read(value).map_err(Error::input)?,
        None => Vec::new(),
    };
    values.extend(text("value"));
    Ok(Held { option, values })
}

fn edit(args: &Args, held: &[Held], original: &Original) -> Result<Edit> {
    let path = &original.path;
    if original.text.is_none() && !args.create {
        let outcome = Outcome::failed(format!("`{path}` does not exist")).with("rc", 257);
        return Ok(Edit::Done(outcome));
    }
    if original.text.is_none() && args.state == State::Absent {
        return Ok(Edit::Done(Outcome::ok().with("msg", "OK").with("path", path)));
    }
    let text = original.text.as_deref().unwrap_or("");
    // A mark of the byte order stays where it is.
    let (mark, text) = match text.strip_prefix('\u{feff}') {
        Some(rest) => ("\u{feff}", rest),
        None => ("", text),
    };
    let mut document = Document::read(text);
    let wish = Wish::new(args);
    let message = document.apply(&wish, held);
    let outcome = Outcome::ok().with("msg", message).with("path", path);
    let after = match message {
        "OK" => text.to_owned(),
        _ => document.text(),
    };
    Ok(Edit::Text(format!("{mark}{after}"), outcome))
}

#[cfg(test)]
mod tests;
