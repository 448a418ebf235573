//! The result of a finished task, as it is kept.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::items;
use super::key::Key;
use crate::error::{Error, Result};
use crate::outcome::{Diff, Outcome, Outlook, Wish};
use crate::report::Status;
use crate::value::{Crossing, Map, Value, decode, encode, from_json};

/// The result of a finished task, or of one item of its loop.
#[derive(Clone, Debug)]
pub struct Kept {
    /// How it ended.
    pub status: Status,
    /// Whether it has a loop, of which `parts` are the items.
    pub looped: bool,
    /// What came out, of each item.
    pub parts: Vec<Part>,
    /// The files of the controller that it read.
    pub reads: BTreeSet<PathBuf>,
}

/// What came out of a task, or of an item.
#[derive(Clone, Debug)]
pub struct Part {
    /// What came out.
    pub outcome: Outcome,
    /// Whether a failure was ignored.
    pub ignored: bool,
    /// Whether it failed only because `retries` were not enough.
    pub exhausted: bool,
    /// Whether nothing may be told of it.
    pub hidden: bool,
    /// The host that its facts are for, where that is another one.
    pub facts_for: Option<String>,
}

/// The states and their names in the file.
const STATES: &[(&str, Status)] = &[
    ("ok", Status::Ok),
    ("changed", Status::Changed),
    ("skipped", Status::Skipped),
    ("failed", Status::Failed),
    ("ignored", Status::Ignored),
    ("unreachable", Status::Unreachable),
];

impl Kept {
    /// Says whether anything in it came out of a vault, or is hidden by `no_log`.
    pub fn is_secret(&self) -> bool {
        self.parts.iter().any(|part| {
            let outcome = &part.outcome;
            part.hidden
                || holds_secret_map(&outcome.data)
                || holds_secret_map(&outcome.facts)
                || outcome.wishes.iter().any(wish_is_secret)
        })
    }

    /// The line of the file.
    pub(super) fn to_value(&self, key: &Key) -> Value {
        let name = STATES.iter().find(|(_, status)| *status == self.status);
        let mut line = crate::entries! {
            "key" => key.text(),
            "status" => name.map_or("ok", |(name, _)| name),
            "looped" => self.looped,
            "parts" => Value::list(self.parts.iter().map(Part::to_value).collect()),
        };
        if !self.reads.is_empty() {
            let paths = self
                .reads
                .iter()
                .map(|path| path.to_string_lossy().into_owned());
            line.set("reads", Value::strings(paths));
        }
        Value::map(line)
    }

    /// What a line of the file says; nothing where the result is hidden.
    ///
    /// # Errors
    /// It says something else.
    pub(super) fn of_line(line: &str) -> Result<Option<Kept>> {
        let value = from_json(line)?;
        let map = value.as_map().ok_or_else(wrong)?;
        if map.contains("hidden") {
            return Ok(None);
        }
        let named = map.get("status").and_then(Value::as_str);
        let status = STATES.iter().find(|(name, _)| Some(*name) == named);
        let parts = map
            .get("parts")
            .and_then(Value::as_list)
            .ok_or_else(wrong)?;
        let parts: Result<Vec<Part>> = parts.iter().map(Part::of_value).collect();
        let reads = items(map, "reads").iter();
        Ok(Some(Kept {
            status: status.ok_or_else(wrong)?.1,
            looped: map.get("looped").is_some_and(Value::is_true),
            parts: parts?,
            reads: reads.map(|path| PathBuf::from(path.to_text())).collect(),
        }))
    }
}

impl Part {
    fn to_value(&self) -> Value {
        let outcome = &self.outcome;
        let flags = [
            ("changed", outcome.changed),
            ("failed", outcome.failed),
            ("skipped", outcome.skipped),
            ("unreachable", outcome.unreachable),
            ("shown", outcome.shown),
            ("lists_diff", outcome.lists_diff),
            ("ignored", self.ignored),
            ("exhausted", self.exhausted),
        ];
        let flags = flags.iter().filter(|(_, is)| *is).map(|(name, _)| *name);
        let mut part = crate::entries! { "flags" => Value::strings(flags) };
        for (name, map) in [("data", &outcome.data), ("facts", &outcome.facts)] {
            if !map.is_empty() {
                part.set(name, own_map(map));
            }
        }
        if !outcome.diff.is_empty() {
            let diffs = outcome.diff.iter().map(Diff::to_value).collect();
            part.set("diff", Value::list(diffs));
        }
        if !outcome.wishes.is_empty() {
            let wishes = outcome.wishes.iter().map(wish_to_value).collect();
            part.set("wishes", Value::list(wishes));
        }
        if let Some(host) = &self.facts_for {
            part.set("facts_for", host.as_str());
        }
        Value::map(part)
    }

    fn of_value(value: &Value) -> Result<Part> {
        let map = value.as_map().ok_or_else(wrong)?;
        let flags = map
            .get("flags")
            .and_then(Value::as_list)
            .ok_or_else(wrong)?;
        let is = |name: &str| flags.iter().any(|flag| flag.as_str() == Some(name));
        let diff = items(map, "diff").iter().map(diff_of);
        let wishes = items(map, "wishes").iter().map(wish_of);
        let outcome = Outcome {
            acts: false,
            changed: is("changed"),
            failed: is("failed"),
            skipped: is("skipped"),
            unreachable: is("unreachable"),
            shown: is("shown"),
            lists_diff: is("lists_diff"),
            aside: None,
            outlook: Outlook::Known,
            data: map_of(map.get("data"))?,
            facts: map_of(map.get("facts"))?,
            diff: diff.collect::<Result<_>>()?,
            warnings: Vec::new(),
            told: Vec::new(),
            deprecations: Vec::new(),
            connection: None,
            wishes: wishes.collect::<Result<_>>()?,
        };
        Ok(Part {
            outcome,
            ignored: is("ignored"),
            exhausted: is("exhausted"),
            hidden: false,
            facts_for: map.get("facts_for").map(Value::to_text),
        })
    }
}

fn wrong() -> Error {
    Error::input("this is not a line of a run's state")
}

fn own_map(map: &Map) -> Value {
    encode(&Value::map(map.clone()), Crossing::Own)
}

fn map_of(value: Option<&Value>) -> Result<Map> {
    match value {
        None => Ok(Map::new()),
        Some(value) => {
            let value = decode(value, Crossing::Own)?;
            Ok(value.as_map().ok_or_else(wrong)?.as_ref().clone())
        }
    }
}

fn diff_of(value: &Value) -> Result<Diff> {
    let map = value.as_map().ok_or_else(wrong)?;
    let text = |name: &str| map.get(name).map(Value::to_text);
    Ok(match (text("prepared"), text("omitted")) {
        (Some(text), _) => Diff::Prepared(text),
        (None, Some(why)) => Diff::Omitted(why),
        (None, None) => Diff::Text {
            before: text("before").unwrap_or_default(),
            after: text("after").unwrap_or_default(),
            before_header: text("before_header").unwrap_or_default(),
            after_header: text("after_header").unwrap_or_default(),
        },
    })
}

fn wish_to_value(wish: &Wish) -> Value {
    let strings = |texts: &[String]| Value::strings(texts.iter().map(String::as_str));
    Value::map(match wish {
        Wish::AddHost { name, groups, vars } => crate::entries! {
            "add_host" => name, "groups" => strings(groups), "vars" => own_map(vars),
        },
        Wish::GroupBy { group, parents } => crate::entries! {
            "group_by" => group, "parents" => strings(parents),
        },
        Wish::IncludeVars(vars) => crate::entries! { "include_vars" => own_map(vars) },
        Wish::SetFacts { facts, cacheable } => crate::entries! {
            "set_facts" => own_map(facts), "cacheable" => *cacheable,
        },
        Wish::SetStats {
            data,
            per_host,
            aggregate,
        } => crate::entries! {
            "set_stats" => own_map(data), "per_host" => *per_host, "aggregate" => *aggregate,
        },
    })
}

fn wish_of(value: &Value) -> Result<Wish> {
    let map = value.as_map().ok_or_else(wrong)?;
    let strings =
        |name: &str| -> Vec<String> { items(map, name).iter().map(Value::to_text).collect() };
    let is = |name: &str| map.get(name).is_some_and(Value::is_true);
    let has = |name: &str| map.contains(name);
    Ok(match () {
        () if has("add_host") => Wish::AddHost {
            name: map.get("add_host").map(Value::to_text).unwrap_or_default(),
            groups: strings("groups"),
            vars: map_of(map.get("vars"))?,
        },
        () if has("group_by") => Wish::GroupBy {
            group: map.get("group_by").map(Value::to_text).unwrap_or_default(),
            parents: strings("parents"),
        },
        () if has("include_vars") => Wish::IncludeVars(map_of(map.get("include_vars"))?),
        () if has("set_facts") => Wish::SetFacts {
            facts: map_of(map.get("set_facts"))?,
            cacheable: is("cacheable"),
        },
        () if has("set_stats") => Wish::SetStats {
            data: map_of(map.get("set_stats"))?,
            per_host: is("per_host"),
            aggregate: is("aggregate"),
        },
        () => return Err(wrong()),
    })
}

fn wish_is_secret(wish: &Wish) -> bool {
    match wish {
        Wish::AddHost { vars, .. } | Wish::IncludeVars(vars) => holds_secret_map(vars),
        Wish::SetFacts { facts, .. } => holds_secret_map(facts),
        Wish::SetStats { data, .. } => holds_secret_map(data),
        Wish::GroupBy { .. } => false,
    }
}

fn holds_secret_map(map: &Map) -> bool {
    map.iter()
        .any(|(key, value)| holds_secret(key) || holds_secret(value))
}

fn holds_secret(value: &Value) -> bool {
    match value {
        Value::Str(text) => text.is_secret(),
        Value::List(items) | Value::Tuple(items) => items.iter().any(holds_secret),
        Value::Map(map) => holds_secret_map(map),
        Value::Set(items) => items.keys().any(holds_secret),
        _ => false,
    }
}
