//! `strategy`, and the share of hosts that may fail.

use crate::error::{Error, Result};
use crate::executor::run::Run;
use crate::playbook::Play;
use crate::value::Value;
use crate::vars::Values;

/// How the hosts of a batch keep in step.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Strategy {
    /// Every host does a task before any does the next.
    Linear,
    /// Linear, and a person is asked about every failure.
    Debug,
    /// Each host goes on as fast as it can.
    Free,
    /// Like free, with at most `forks` hosts under way at a time.
    HostPinned,
}

impl Strategy {
    /// Says whether hosts do not wait for each other.
    pub fn is_free(self) -> bool {
        matches!(self, Strategy::Free | Strategy::HostPinned)
    }

    /// The strategy of a play.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn read(run: &Run, play: &Play, values: &Values<'_>) -> Result<Self> {
        let strategy = values
            .keyword_text("strategy")?
            .unwrap_or_else(|| run.options.strategy.clone());
        Strategy::named(&strategy, play)
    }

    /// Says before the play begins whether there is its strategy, where that is no template.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn check(run: &Run, play: &Play) -> Result<()> {
        match play.keyword("strategy") {
            Some(said) if said.has_templates() || matches!(said, Value::Null) => Ok(()),
            Some(said) => Strategy::named(&said.to_text(), play).map(drop),
            None => Strategy::named(&run.options.strategy, play).map(drop),
        }
    }

    fn named(strategy: &str, play: &Play) -> Result<Self> {
        let at = |error: Error| {
            error.at(play
                .keywords
                .get("strategy")
                .map(|entry| entry.place.clone()))
        };
        match strategy
            .strip_prefix("ansible.builtin.")
            .unwrap_or(strategy)
        {
            "linear" => Ok(Strategy::Linear),
            "free" => Ok(Strategy::Free),
            "host_pinned" => Ok(Strategy::HostPinned),
            "debug" => Ok(Strategy::Debug),
            _ => Err(at(Error::input(format!(
                "there is no strategy called `{strategy}`"
            )))
            .hint("the strategies are linear, free, host_pinned and debug")),
        }
    }
}

/// `max_fail_percentage`.
///
/// # Errors
/// It is no percentage.
pub fn percentage(value: &Value, play: &Play) -> Result<f64> {
    let text = value.to_text();
    text.trim()
        .trim_end_matches('%')
        .trim()
        .parse()
        .map_err(|_| {
            Error::syntax(format!("`{text}` is not a percentage")).at(play
                .keywords
                .get("max_fail_percentage")
                .map(|entry| entry.place.clone()))
        })
}
