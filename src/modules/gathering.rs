//! What `setup` and `gather_facts` share: the script, its reply, the filter.

use std::sync::Arc;

use super::{Cx, RemotePath, Step, fnmatch};
use crate::error::Result;
use crate::facts::{Gathered, Wanted, Ways};
use crate::outcome::Outcome;
use crate::value::{Map, Value};

/// What a task wants to know.
pub(super) struct Gathering {
    pub(super) subset: Vec<String>,
    pub(super) timeout: u64,
    pub(super) filter: Vec<String>,
    pub(super) fact_path: RemotePath,
}

impl Gathering {
    /// One round trip; none where nothing is wanted.
    pub(super) fn plan(self, cx: &Arc<Cx>) -> Result<Step> {
        let wanted = Wanted::of(&self.subset)?;
        if wanted.is_empty() {
            return Ok(self.outcome(Gathered::default()).into());
        }
        let python = cx
            .variables
            .get("ansible_python_interpreter")
            .and_then(Value::as_str);
        let ways = Ways {
            fact_path: self.fact_path.0.clone(),
            timeout: self.timeout,
            python: python
                .filter(|path| !path.starts_with("auto"))
                .unwrap_or_default()
                .to_owned(),
        };
        Ok(Step::run(wanted.script(&ways), move |reply| {
            Ok(self.outcome(wanted.read(&reply)).into())
        }))
    }

    fn outcome(&self, gathered: Gathered) -> Outcome {
        let mut outcome = Outcome::ok();
        outcome.facts = gathered.facts;
        outcome.facts.set(
            "gather_subset",
            Value::strings(self.subset.iter().map(String::as_str)),
        );
        outcome.facts.set("module_setup", true);
        outcome.facts = self.filtered(outcome.facts);
        if outcome.facts.is_empty() {
            outcome.data.set("ansible_facts", Map::new());
        }
        outcome.warnings = gathered.warnings;
        outcome
    }

    /// The facts whose names match, with the prefix or without it.
    fn filtered(&self, facts: Map) -> Map {
        let patterns: Vec<&str> = self.filter.iter().map(|pattern| pattern.trim()).collect();
        if patterns.is_empty() || patterns.contains(&"") {
            return facts;
        }
        let matches = |name: &str| {
            let bare = name.strip_prefix("ansible_").unwrap_or(name);
            patterns
                .iter()
                .any(|pattern| fnmatch::matches(pattern, name) || fnmatch::matches(pattern, bare))
        };
        facts
            .into_iter()
            .filter(|(name, _)| matches(&name.to_text()))
            .collect()
    }
}
