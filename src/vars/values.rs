//! Keywords and variables of one task on one host, rendered.

use std::sync::Arc;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::playbook::keyword::Inherit;
use crate::playbook::{Entry, keyword, kind_name, misfit, number, tag_parts, truth, unconvertible};
use crate::template::{Engine, Scope};
use crate::value::{Map, Value};
use crate::vault::Secret;

use super::{Frame, TaskScope};

/// What a task reads its keywords and variables through.
pub struct Values<'a> {
    /// What renders.
    pub engine: &'a Arc<Engine>,
    /// The names, as this task sees them.
    pub names: &'a TaskScope,
    /// The same names, as a template wants them.
    pub scope: Arc<dyn Scope>,
    /// The keywords around.
    pub frame: Option<&'a Arc<Frame>>,
}

impl<'a> Values<'a> {
    /// Reads through `names`.
    pub fn new(engine: &'a Arc<Engine>, names: &'a TaskScope) -> Self {
        Values {
            engine,
            names,
            scope: names.shared(),
            frame: names.frame.as_ref(),
        }
    }

    /// The name of the host.
    pub fn host_name(&self) -> &str {
        &self.names.host.name
    }

    /// Renders a value.
    ///
    /// # Errors
    /// It cannot be rendered.
    pub fn render(&self, value: &Value) -> Result<Value> {
        self.engine.render(value, &self.scope)
    }

    /// The rendered value of a keyword that is in force; nothing where there is none, or it is
    /// null.
    ///
    /// # Errors
    /// It cannot be rendered.
    pub fn keyword(&self, name: &str) -> Result<Option<Value>> {
        let mut frame = self.frame.map(|frame| &**frame);
        let mut own = true;
        while let Some(here) = frame {
            let entry = here.keywords.get(name);
            if let Some(entry) = entry.filter(|it| own || it.keyword.inherit != Inherit::Never) {
                // `omit` leaves it to what stands around.
                match self.render_entry(name, entry)? {
                    Value::Omit => (),
                    Value::Null => return Ok(None),
                    value => return Ok(Some(value)),
                }
            }
            frame = here.parent.as_deref();
            own = false;
        }
        Ok(None)
    }

    fn render_entry(&self, name: &str, entry: &Entry) -> Result<Value> {
        self.render(&entry.value).map_err(|error| {
            Error::template(format!("`{name}` cannot be rendered"))
                .at(entry.place.clone())
                .because(error)
        })
    }

    /// A keyword as text.
    ///
    /// # Errors
    /// It cannot be rendered.
    pub fn keyword_text(&self, name: &str) -> Result<Option<String>> {
        Ok(self
            .keyword(name)?
            .map(|value| value.to_text())
            .filter(|text| !text.is_empty()))
    }

    /// A keyword as a truth value.
    ///
    /// # Errors
    /// It cannot be rendered or is none.
    pub fn keyword_flag(&self, name: &str) -> Result<Option<bool>> {
        let Some(value) = self.keyword(name)? else {
            return Ok(None);
        };
        truth(&value)
            .map(Some)
            .ok_or_else(|| self.wrong(name, &value))
    }

    /// A keyword as a number.
    ///
    /// # Errors
    /// It cannot be rendered or is none.
    pub fn keyword_number(&self, name: &str) -> Result<Option<f64>> {
        let Some(value) = self.keyword(name)? else {
            return Ok(None);
        };
        let is_whole = keyword::find(name).is_some_and(|it| it.kind == keyword::Kind::Int);
        let number = number(&value).filter(|number| !is_whole || number.fract() == 0.0);
        number.map(Some).ok_or_else(|| self.wrong(name, &value))
    }

    /// A keyword as a time, in seconds.
    ///
    /// # Errors
    /// It cannot be rendered or is no number.
    pub fn keyword_seconds(&self, name: &str) -> Result<Option<Duration>> {
        Ok(self.keyword_number(name)?.map(seconds))
    }

    /// Refuses what is written in a keyword in force and cannot be right, templates aside.
    ///
    /// # Errors
    /// The first value that has the wrong type.
    pub fn check_literals(&self) -> Result<()> {
        let Some(frame) = self.frame else {
            return Ok(());
        };
        for (depth, here) in frame.upward().enumerate() {
            for entry in here.keywords.iter() {
                let inherited = depth == 0 || entry.keyword.inherit != Inherit::Never;
                if inherited
                    && let Some(error) = misfit(entry.keyword, &entry.value, &entry.place)
                    && frame.keyword(entry.keyword.name).map(|it| &it.place) == Some(&entry.place)
                {
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    fn wrong(&self, name: &str, got: &Value) -> Error {
        let entry = self.frame.and_then(|frame| frame.keyword(name));
        let kind = keyword::find(name).map_or(keyword::Kind::Raw, |keyword| keyword.kind);
        unconvertible(name, got, kind_name(kind)).at(entry.map(|entry| entry.place.clone()))
    }

    /// The rendered value of a variable.
    ///
    /// # Errors
    /// It cannot be rendered.
    pub fn variable(&self, name: &str) -> Result<Option<Value>> {
        let Some(raw) = self.scope.variable(name) else {
            return Ok(None);
        };
        let value = self.render(&raw)?;
        Ok(Some(value).filter(|value| !matches!(value, Value::Omit | Value::Undefined(_))))
    }

    /// The first of several variables that is defined and not null.
    ///
    /// # Errors
    /// It cannot be rendered.
    pub fn first(&self, names: &[&str]) -> Result<Option<Value>> {
        for name in names {
            if let Some(value) = self.variable(name)?.filter(|value| !value.is_null()) {
                return Ok(Some(value));
            }
        }
        Ok(None)
    }

    /// The first of several variables as text.
    ///
    /// # Errors
    /// It cannot be rendered.
    pub fn first_text(&self, names: &[&str]) -> Result<Option<String>> {
        Ok(self.first(names)?.map(|value| value.to_text()))
    }

    /// The first of some variables that is defined, as a secret.
    ///
    /// # Errors
    /// It cannot be rendered.
    pub fn first_secret(&self, names: &[&str]) -> Result<Option<Secret>> {
        Ok(self
            .first_text(names)?
            .map(|text| Secret::new(text.into_bytes())))
    }

    /// The values of a keyword that adds up over the frames, outermost first; each list's items
    /// one by one.
    ///
    /// # Errors
    /// One of them cannot be rendered.
    pub fn added(&self, name: &str) -> Result<Vec<Value>> {
        let mut all = Vec::new();
        let entries = self
            .frame
            .map(|frame| frame.keywords_of(name))
            .unwrap_or_default();
        for entry in entries {
            match self
                .render(&entry.value)
                .map_err(|e| e.at(entry.place.clone()))?
            {
                Value::List(items) => all.extend(items.iter().cloned()),
                Value::Null | Value::Omit => (),
                other => all.push(other),
            }
        }
        Ok(all)
    }

    /// The tags in force: a text is split at commas before its templates are rendered, what one of them gives is
    /// not, but for a list.
    ///
    /// # Errors
    /// One of them cannot be rendered.
    pub fn tags(&self) -> Result<Vec<String>> {
        let mut tags: Vec<String> = Vec::new();
        let entries = self.frame.map(|frame| frame.keywords_of("tags"));
        for entry in entries.into_iter().flatten() {
            for part in tag_parts(&entry.value) {
                let at = |error: Error| error.at(entry.place.clone());
                let found = match self.render(&part).map_err(at)? {
                    Value::List(items) => items.to_vec(),
                    Value::Null | Value::Omit if part.has_templates() => Vec::new(),
                    other => vec![other],
                };
                for tag in found.iter().map(Value::to_text) {
                    if !tags.contains(&tag) {
                        tags.push(tag);
                    }
                }
            }
        }
        Ok(tags)
    }

    /// The environment of the task, outermost first, inner values over outer ones.
    ///
    /// # Errors
    /// It cannot be rendered, or is no dictionary.
    pub fn environment(&self) -> Result<Vec<(String, String)>> {
        self.environment_of(self.added("environment")?)
    }

    /// As [`environment`](Self::environment), but for what uses names that nobody knows yet, as `is_early` says
    /// of the error.
    ///
    /// # Errors
    /// It cannot be rendered for another reason, or is no dictionary.
    pub fn known_environment(
        &self,
        is_early: &dyn Fn(&Error) -> bool,
    ) -> Result<Vec<(String, String)>> {
        let mut known = Vec::new();
        let entries = self.frame.map(|frame| frame.keywords_of("environment"));
        for (key, value) in entries
            .iter()
            .flatten()
            .flat_map(|entry| parts(&entry.value))
        {
            match self.render(&value) {
                Ok(value) => known.push(Value::map(std::iter::once((key, value)).collect())),
                Err(error) if error.is_undefined() && is_early(&error) => (),
                Err(error) => return Err(error),
            }
        }
        self.environment_of(known)
    }

    fn environment_of(&self, values: Vec<Value>) -> Result<Vec<(String, String)>> {
        let mut merged = Map::new();
        for value in values {
            match &value {
                Value::Map(map) => merged.extend_from(map),
                Value::Str(text) if text.is_empty() => (),
                _ => self.scope.warn(format!(
                    "could not parse environment value, skipping: {}",
                    value.to_text()
                )),
            }
        }
        merged
            .iter()
            .map(|(key, value)| {
                let name = key.to_text();
                if is_environment_name(&name) {
                    return Ok((name, value.to_text()));
                }
                Err(Error::input(format!(
                    "`{name}` is not a name for an environment variable"
                ))
                .at(key.place().cloned()))
            })
            .collect()
    }
}

/// The entries of a dictionary, or of a list of them.
fn parts(value: &Value) -> Vec<(Value, Value)> {
    match value {
        Value::Map(map) => map.iter().map(|(k, v)| (k.clone(), v.clone())).collect(),
        Value::List(items) => items.iter().flat_map(parts).collect(),
        _ => Vec::new(),
    }
}

fn is_environment_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// So many seconds: none where there are less than none, and as many as there can be where a text of
/// a user's says more (`.inf`).
pub fn seconds(number: f64) -> Duration {
    let most = Duration::from_secs(u64::from(u32::MAX));
    match number > 0.0 {
        true => Duration::try_from_secs_f64(number).map_or(most, |time| time.min(most)),
        false => Duration::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_seconds_is_a_time() {
        for (number, time) in [
            (1.5, 1.5),
            (-1.0, 0.0),
            (f64::NAN, 0.0),
            (f64::INFINITY, f64::from(u32::MAX)),
            (1e300, f64::from(u32::MAX)),
        ] {
            assert_eq!(seconds(number), Duration::from_secs_f64(time), "{number}");
        }
    }
}
