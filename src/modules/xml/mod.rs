#![doc = include_str!("page.md")]

mod acting;
mod doctype;
mod kin;
mod making;
mod names;
mod path;
mod prefixes;
mod read;
mod tree;
mod write;

use std::sync::Arc;

use crate::args;
use crate::choices;
use crate::error::{Error, Result};
use crate::modules::attributes::Attributes;
use crate::modules::editing::{Edit, Editing, Keeps, Original};
use crate::modules::rules::{exclusive, one_of, required_if};
use crate::modules::{Cx, FreeForm, Module, RemotePath, Step};
use crate::outcome::{Diff, Outcome};
use crate::shell::Reply;
use crate::value::{Map, Value};

use acting::{Said, Task};
use kin::Kin;
use read::{How, Limits, decode, read};
use tree::Tree;

/// The module.
pub static MODULE: Module = Module {
    name: "xml",
    collection: "community.general",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

choices! {
    /// What is told of elements.
    Content {
        Attribute = "attribute",
        Text = "text",
    }
}

choices! {
    /// How children are written.
    Input {
        Xml = "xml",
        Yaml = "yaml",
    }
}

choices! {
    /// Whether what the path finds shall be there.
    State {
        Absent = "absent",
        Present = "present",
    }
}

args! {
    /// What `xml` takes.
    Args {
        add_children: Option<Vec<Value>>,
        attribute: Option<Value>,
        backup: bool = false,
        content: Option<Content>,
        count: bool = false,
        create_if_missing: bool = true,
        huge_tree: bool = false,
        input_type: Input = Input::Yaml,
        insertafter: bool = false,
        insertbefore: bool = false,
        namespaces: Map = Map::new(),
        path: Option<RemotePath> [dest, file],
        pretty_print: bool = false,
        print_match: bool = false,
        set_children: Option<Vec<Value>>,
        state: State [ensure] = State::Present,
        strip_cdata_tags: bool = false,
        value: Option<Value>,
        xmlstring: Option<String>,
        xpath: Option<String>,
    }
}

fn plan(map: &Map, cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(map)?;
    check_together(&args, map)?;
    if let Some(xpath) = &args.xpath {
        path::check(xpath).map_err(Error::input)?;
    }
    let kin = kin(&args).map_err(Error::input)?;
    if let Some(text) = &args.xmlstring {
        return Ok(edited(&args, kin.as_ref(), ("xmlstring", text), cx).map_or_else(failed, |edited| {
            let outcome = edited.outcome.with("xmlstring", edited.after);
            Outcome { changed: edited.changed, ..outcome }
        }).into());
    }
    let editing = Editing {
        path: args.path.clone().unwrap_or_else(|| RemotePath(String::new())),
        encoding: "utf-8".to_owned(),
        attributes: Attributes::read(&Map::new())?,
        backup: args.backup,
        follow: true,
        describe: false,
        keeps: Keeps::Shown,
        validate: None,
        backup_key: "backup_file",
        backup_always: false,
        // What differs is shown laid out.
        cx: Arc::new(Cx {
            diff: false,
            ..cx.as_ref().clone()
        }),
    };
    let cx = cx.clone();
    let probe = crate::shell::Script::call(&crate::modules::editing::EDITING, "edit_probe");
    editing.step_probing(probe, move |original, reply| {
        Ok(edit(&args, kin.as_ref(), original, reply, &cx))
    })
}

fn check_together(args: &Args, map: &Map) -> Result<()> {
    let given = |name: &'static str| (name, map.get(name).is_some_and(|value| !value.is_null()));
    let source = [("path", args.path.is_some()), ("xmlstring", args.xmlstring.is_some())];
    one_of(&source)?;
    exclusive(&source)?;
    exclusive(&["add_children", "content", "count", "print_match", "set_children", "value"].map(given))?;
    exclusive(&[("insertbefore", args.insertbefore), ("insertafter", args.insertafter)])?;
    let xpath = [("xpath", args.xpath.is_some())];
    for (why, holds) in [
        ("`add_children` is given", args.add_children.is_some()),
        ("`content` is given", args.content.is_some()),
        ("`count` is true", args.count),
        ("`print_match` is true", args.print_match),
        ("`set_children` is given", args.set_children.is_some()),
        ("`value` is given", args.value.is_some()),
        ("`insertbefore` is true", args.insertbefore),
        ("`insertafter` is true", args.insertafter),
        ("`state` is `absent`", args.state == State::Absent),
        ("`pretty_print` is false", !args.pretty_print),
    ] {
        required_if(holds, why, &xpath)?;
    }
    required_if(args.attribute.is_some(), "`attribute` is given", &[("value", args.value.is_some())])
}

/// The children that are wanted; an empty `add_children` adds none.
fn kin(args: &Args) -> std::result::Result<Option<Kin>, String> {
    let added = args.add_children.as_ref().filter(|children| !children.is_empty());
    let Some(children) = args.set_children.as_ref().or(added) else {
        return Ok(None);
    };
    match args.input_type {
        Input::Xml => Kin::of_xml(children, Limits::new(args.huge_tree)),
        Input::Yaml => Kin::of_yaml(children),
    }
    .map(Some)
}

fn failed(why: String) -> Outcome {
    Outcome::failed(why)
}

fn edit(args: &Args, kin: Option<&Kin>, original: &Original, reply: &Reply, cx: &Cx) -> Edit {
    let path = &original.path;
    let Some(bytes) = reply.bytes("content") else {
        return Edit::Done(Outcome::failed(format!("`{path}` does not exist")));
    };
    let edited = decode(bytes)
        .map_err(|why| format!("`{path}`: {why}"))
        .and_then(|text| edited(args, kin, (path, &text), cx));
    match edited {
        Err(why) => Edit::Done(failed(why)),
        Ok(edited) if edited.changed => Edit::Text(edited.after, edited.outcome),
        Ok(edited) => Edit::Text(original.text.clone().unwrap_or_default(), edited.outcome),
    }
}

/// What became of a document.
struct Edited {
    after: String,
    changed: bool,
    outcome: Outcome,
}

fn edited(
    args: &Args,
    kin: Option<&Kin>,
    (source, text): (&str, &str),
    cx: &Cx,
) -> std::result::Result<Edited, String> {
    let how = How {
        strip_cdata: args.strip_cdata_tags,
        strip_blanks: args.pretty_print,
        limits: Limits::new(args.huge_tree),
    };
    let before = read(text, how).map_err(|why| format!("`{source}`: {why}"))?;
    let Some(xpath) = args.xpath.as_deref() else {
        let after = write::document(&before, args.pretty_print);
        let changed = after != text;
        return Ok(Edited {
            after,
            changed,
            outcome: Outcome::ok(),
        });
    };
    let namespaces = namespaces(&args.namespaces);
    let mut tree = before.clone();
    let task = Task {
        args,
        xpath,
        namespaces: &namespaces,
        kin,
    };
    let said = task.act(&mut tree)?;
    let changed = content(&before) != content(&tree);
    let mut outcome = told(args, xpath, said);
    if changed && cx.diff {
        let shown = [&before, &tree].map(|tree| write::document(tree, true));
        outcome.diff.extend(Diff::of(source, &shown[0], &shown[1]));
    }
    Ok(Edited {
        after: write::document(&tree, args.pretty_print),
        changed,
        outcome,
    })
}

fn told(args: &Args, xpath: &str, said: Said) -> Outcome {
    let mut actions = Map::new();
    actions.set("xpath", xpath);
    actions.set("namespaces", Value::map(args.namespaces.clone()));
    actions.set("state", args.state.word());
    let mut outcome = Outcome::ok().with("actions", Value::map(actions));
    let count = said.count.map(Value::from);
    for (key, value) in [("count", count), ("matches", said.matches), ("msg", said.message)] {
        if let Some(value) = value {
            outcome = outcome.with(key, value);
        }
    }
    outcome
}

fn namespaces(map: &Map) -> Vec<(String, String)> {
    let pairs = map.iter();
    pairs.map(|(prefix, space)| (prefix.to_text(), space.to_text())).collect()
}

/// What a document says: its root without layout, to be compared.
fn content(tree: &Tree) -> String {
    let how = How {
        strip_cdata: true,
        strip_blanks: true,
        limits: Limits::none(),
    };
    let text = write::document(tree, false);
    match read(&text, how) {
        Ok(tree) => tree.root().map_or_else(String::new, |root| write::alone(&tree, root)),
        Err(_) => text,
    }
}

#[cfg(test)]
mod tests;
