//! What a run was asked to do, as far as its results depend on it.

use std::path::PathBuf;

use super::items;
use super::key::Print;
use crate::error::{Error, Kind, Result};
use crate::value::{Map, Value};

/// What a run was asked to do. A run may be resumed by one that is asked the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Its id.
    pub id: String,
    /// The playbooks, by their full paths.
    pub playbooks: Vec<PathBuf>,
    /// Whether it runs in check mode.
    pub check: bool,
    /// `--tags`.
    pub tags: Vec<String>,
    /// `--skip-tags`.
    pub skip_tags: Vec<String>,
    /// `--start-at-task`.
    pub start_at: Option<String>,
    /// The print of the extra variables.
    pub extra: String,
}

impl Head {
    /// The print of extra variables.
    pub fn print_of(extra: &Map) -> String {
        Print::of_map(extra).to_string()
    }

    pub(super) fn to_value(&self) -> Value {
        let paths = self.playbooks.iter();
        let paths = paths.map(|path| path.to_string_lossy().into_owned());
        Value::map(crate::entries! { "run" => crate::entries! {
            "id" => self.id.as_str(),
            "playbooks" => Value::strings(paths),
            "check" => self.check,
            "tags" => Value::strings(self.tags.iter().map(String::as_str)),
            "skip_tags" => Value::strings(self.skip_tags.iter().map(String::as_str)),
            "start_at" => Value::str_or_null(self.start_at.as_deref()),
            "extra" => self.extra.as_str(),
        } })
    }

    pub(super) fn of_value(map: &Map) -> Head {
        let strings =
            |name: &str| -> Vec<String> { items(map, name).iter().map(Value::to_text).collect() };
        let text = |name: &str| map.get(name).and_then(Value::as_str).map(str::to_owned);
        Head {
            id: text("id").unwrap_or_default(),
            playbooks: strings("playbooks")
                .into_iter()
                .map(PathBuf::from)
                .collect(),
            check: map.get("check").is_some_and(Value::is_true),
            tags: strings("tags"),
            skip_tags: strings("skip_tags"),
            start_at: text("start_at"),
            extra: text("extra").unwrap_or_default(),
        }
    }

    /// Says why a run that is asked `wanted` cannot resume this one.
    ///
    /// # Errors
    /// It is asked something else.
    pub fn check(&self, wanted: &Head) -> Result<()> {
        let words = |words: &[String]| match words {
            [] => "none".to_owned(),
            words => format!("`{}`", words.join(",")),
        };
        let mode = |check: bool| {
            if check {
                "in check mode"
            } else {
                "not in check mode"
            }
        };
        let differs = match () {
            () if self.playbooks != wanted.playbooks => {
                let paths = self.playbooks.iter().map(|path| path.display().to_string());
                format!("it ran `{}`", paths.collect::<Vec<_>>().join(" "))
            }
            () if self.check != wanted.check => format!("it ran {}", mode(self.check)),
            () if self.tags != wanted.tags => format!("its `--tags` were {}", words(&self.tags)),
            () if self.skip_tags != wanted.skip_tags => {
                format!("its `--skip-tags` were {}", words(&self.skip_tags))
            }
            () if self.start_at != wanted.start_at => {
                let start: Vec<String> = self.start_at.iter().cloned().collect();
                format!("its `--start-at-task` was {}", words(&start))
            }
            () if self.extra != wanted.extra => "its `--extra-vars` were others".to_owned(),
            () => return Ok(()),
        };
        let text = format!(
            "the run `{}` cannot be resumed like this: {differs}",
            self.id
        );
        Err(Error::new(Kind::Options, text)
            .hint("give the same playbooks and options, or run without `--resume`"))
    }
}
