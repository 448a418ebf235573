//! What is known of variables, as JSON.

use super::explained::{Explained, Known, place};
use super::secrets::is_of_sealed_file;
use crate::entries;
use crate::error::Place;
use crate::value::{Map, Value};
use crate::vars::Definition;

impl Explained<'_> {
    /// Each variable that is wanted: its host, its play, its name, its value or why it has none, and all
    /// definitions, the winner first.
    pub(super) fn json(&self, wanted: &[String]) -> Vec<Value> {
        let known = self.known(wanted);
        known.iter().map(|known| self.one(known)).collect()
    }

    fn one(&self, known: &Known) -> Value {
        let mut map = entries! { "host" => &*self.host };
        if let Some(play) = &self.play {
            map.set("play", play.as_str());
        }
        map.set("variable", known.name.as_str());
        map.set("defined", !known.definitions.is_empty());
        let hides = known.definitions.first().is_some_and(is_of_sealed_file);
        match self.rendered(&known.name) {
            _ if known.definitions.is_empty() => {}
            Some(Ok(_)) if hides => map.set("value", "***"),
            Some(Ok(value)) => map.set("value", self.without(&value)),
            Some(Err(error)) => map.set("error", self.without_secrets(&error.chain())),
            None => {}
        }
        let outside = known.definitions.iter().enumerate();
        let outside = outside.map(|(number, definition)| self.definition(definition, number == 0));
        let inside = known.inside.iter().map(|inside| {
            let mut map = self.definition(&inside.definition, false);
            map.set("where", inside.wherein.as_str());
            map
        });
        let all = outside.chain(inside).map(Value::from);
        map.set("definitions", Value::list(all.collect()));
        Value::from(map)
    }

    fn definition(&self, definition: &Definition, wins: bool) -> Map {
        let mut map = entries! {
            "level" => definition.level.name(),
            "wins" => wins,
        };
        if let Some(place) = place(definition) {
            add_place(&mut map, place);
        }
        map.set("written", self.written(definition));
        map
    }

    /// A value whose texts hide what came out of a vault.
    fn without(&self, value: &Value) -> Value {
        match value {
            Value::Str(text) => Value::from(self.without_secrets(text)),
            Value::List(items) => {
                Value::list(items.iter().map(|item| self.without(item)).collect())
            }
            Value::Map(map) => {
                let mut out = Map::new();
                for (key, value) in map.iter() {
                    out.insert(key.clone(), self.without(value));
                }
                Value::from(out)
            }
            other => match self.without_secrets(&other.to_text()) == other.to_text() {
                true => other.clone(),
                false => Value::from("***"),
            },
        }
    }
}

fn add_place(map: &mut Map, place: &Place) {
    map.set("file", place.path().to_string_lossy().as_ref());
    map.set("line", i64::from(place.line));
    map.set("column", i64::from(place.column));
}
