//! `vars_prompt`: what a play asks before it begins.

use std::sync::Arc;

use crate::error::{Error, Result, nearest};
use crate::executor::run::{Bare, Run};
use crate::playbook::{Play, truth};
use crate::report::Event;
use crate::template::{Overlaid, Scope};
use crate::value::{Map, Str, Value};
use crate::vault::Secret;

/// The words of an entry of `vars_prompt`.
const WORDS: &[&str] = &[
    "confirm",
    "default",
    "encrypt",
    "name",
    "private",
    "prompt",
    "salt",
    "salt_size",
    "unsafe",
];

/// Asks everything that a play wants to know, but what `-e` says already.
///
/// # Errors
/// An entry is wrong, or there is nobody to ask and no default.
pub fn ask(run: &Run, play: &Play) -> Result<Map> {
    let Some(entry) = play.keywords.get("vars_prompt") else {
        return Ok(Map::new());
    };
    let items = match &entry.value {
        Value::List(items) => items.to_vec(),
        Value::Map(_) => vec![entry.value.clone()],
        _ => Vec::new(),
    };
    let mut answers = Map::new();
    for item in &items {
        let wrong = |text: &str| {
            Error::syntax(text.to_owned()).at(item.place().cloned().or(Some(entry.place.clone())))
        };
        let words = item
            .as_map()
            .ok_or_else(|| wrong("an entry of `vars_prompt` is a mapping"))?;
        let name = words
            .get("name")
            .ok_or_else(|| wrong("Invalid vars_prompt data structure, missing 'name' key"))?;
        check(words)?;
        let name = name.to_text();
        if !run.store.extra.contains(&name) {
            run.tell(Event::Asked {
                name: name.clone(),
                words: Map::clone(words),
            });
            let answer = answer(run, &name, words)?;
            answers.set(&name, answer);
        }
    }
    Ok(answers)
}

fn check(words: &Map) -> Result<()> {
    for key in words.keys() {
        let name = key.to_text();
        if !WORDS.contains(&name.as_str()) {
            return Err(
                Error::syntax(format!("`{name}` is not a word of `vars_prompt`"))
                    .at(key.place().cloned())
                    .hint_if(nearest(&name, WORDS.iter().copied())),
            );
        }
    }
    Ok(())
}

fn answer(run: &Run, name: &str, words: &Map) -> Result<Value> {
    let text = |word: &str| {
        words
            .get(word)
            .filter(|value| !value.is_null())
            .map(Value::to_text)
    };
    let flag = |word: &str, default: bool| words.get(word).and_then(truth).unwrap_or(default);
    let default = text("default");
    let mut question = text("prompt").unwrap_or_else(|| name.to_owned());
    if let Some(default) = default.as_ref().filter(|_| !flag("private", true)) {
        question.push_str(&format!(" [{default}]"));
    }
    let echo = !flag("private", true);
    let typed = loop {
        let typed = run.person.ask(&format!("{question}: "), echo, None)?;
        let Some(typed) = typed else {
            run.warn(Error::input(format!(
                "not prompting for `{name}`: there is no terminal; its default is used"
            )));
            break None;
        };
        if !flag("confirm", false) {
            break Some(typed);
        }
        let again = run
            .person
            .ask(&format!("confirm {question}: "), echo, None)?;
        if again.as_deref() == Some(typed.as_str()) {
            break Some(typed);
        }
    };
    let value = match (typed, default) {
        // The reference makes a text of Python's `None`.
        (None, None) => "None".to_owned(),
        (None, Some(default)) => default,
        (Some(typed), Some(default)) if typed.is_empty() => default,
        (Some(typed), _) => typed,
    };
    let value = match text("encrypt") {
        Some(kind) => encrypted(run, &value, &kind, text("salt"), text("salt_size"))?,
        None => value,
    };
    if !echo {
        run.house.hide(&Secret::new(value.as_bytes()));
    }
    let value = match flag("unsafe", false) {
        true => Str::new(value),
        false => Str::template(value, None),
    };
    Ok(Value::Str(if echo { value } else { value.secret() }))
}

/// The answer as `password_hash` makes it.
fn encrypted(
    run: &Run,
    value: &str,
    kind: &str,
    salt: Option<String>,
    salt_size: Option<String>,
) -> Result<String> {
    let mut call = "prompted | password_hash(kind".to_owned();
    let mut names = crate::entries! { "prompted" => value, "kind" => kind };
    if let Some(salt) = salt {
        names.set("given_salt", salt);
        call.push_str(", salt=given_salt");
    }
    if let Some(size) = salt_size.and_then(|size| size.parse::<i64>().ok()) {
        names.set("size", size);
        call.push_str(", salt_size=size");
    }
    call.push(')');
    let bare: Arc<dyn Scope> = Arc::new(Bare(Arc::clone(&run.house)));
    let scope: Arc<dyn Scope> = Arc::new(Overlaid::new(bare, names));
    let hashed = run.engine.expression(&Str::template(call, None), &scope)?;
    Ok(hashed.to_text())
}
