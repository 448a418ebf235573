//! `for` loops.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use super::ast::{Expr, For};
use super::functions::nothing_seen;
use super::inherit::Chain;
use super::objects::{Again, Loop};
use super::output::Output;
use super::run::{Frame, Run};
use super::stmt::Flow;
use crate::error::{Error, Result};
use crate::value::Value;

impl Run<'_> {
    pub(super) fn for_loop(
        &self,
        it: &Arc<For>,
        frame: &Frame<'_>,
        out: &mut Output,
    ) -> Result<()> {
        let value = self.expr(&it.items, frame)?;
        self.rounds(it, &value, 1, frame, out)
    }

    /// Runs a recursive loop once more, over `items`, and gives what it puts out.
    pub(super) fn loop_again(&self, it: &Loop, items: &Value) -> Result<Value> {
        let Some(again) = &it.again else {
            return Err(Error::template(
                "The loop must have the 'recursive' marker to be called recursively.",
            ));
        };
        let env = again
            .env
            .upgrade()
            .ok_or_else(|| Error::bug("a loop outlived its template"))?;
        let chain = Chain::default();
        let frame = Frame {
            template: &again.template,
            origin: &again.origin,
            env: &env,
            root: &env,
            chain: &chain,
        };
        self.shared.deeper(|| {
            let mut out = Output::default();
            self.rounds(&again.code, items, it.depth + 1, &frame, &mut out)?;
            Ok(out.finish())
        })
    }

    fn rounds(
        &self,
        it: &Arc<For>,
        value: &Value,
        depth: usize,
        frame: &Frame<'_>,
        out: &mut Output,
    ) -> Result<()> {
        let mut items = self
            .iterate(value)
            .map_err(|error| frame.locate(error, it.items.at))?;
        let mut condition = it.condition.as_ref();
        if it.looks_ahead
            && let Some(condition) = condition.take()
        {
            items = self.filtered_items(it, condition, items, frame)?;
        }
        let around = frame.env.inner();
        let state = Arc::new(Loop {
            items,
            index: AtomicUsize::new(0),
            depth,
            again: it.recursive.then(|| Again {
                code: it.clone(),
                template: frame.template.clone(),
                origin: frame.origin.clone(),
                env: Arc::downgrade(frame.env),
            }),
            seen: nothing_seen(),
        });
        if it.looks_ahead {
            around.set(&"loop".into(), Value::Object(state.clone()));
        }
        let mut rounds = 0;
        for (index, item) in state.items.iter().enumerate() {
            self.shared.step(1)?;
            state.index.store(index, Ordering::Relaxed);
            let env = around.inner();
            let frame = Frame {
                env: &env,
                ..*frame
            };
            self.assign(&it.target, item.clone(), &frame)
                .map_err(|error| frame.locate(error, it.items.at))?;
            if !self.passes(condition, &frame)? {
                continue;
            }
            rounds += 1;
            if self.body(&it.body, &frame, out)? == Flow::Break {
                break;
            }
        }
        if rounds == 0 {
            self.body(&it.otherwise, frame, out)?;
        }
        Ok(())
    }

    fn passes(&self, condition: Option<&Expr>, frame: &Frame<'_>) -> Result<bool> {
        match condition {
            None => Ok(true),
            Some(condition) => {
                let value = self.expr(condition, frame)?;
                self.truth(&value)
                    .map_err(|error| frame.locate(error, condition.at))
            }
        }
    }

    /// The items that pass the loop's condition, all beforehand.
    fn filtered_items(
        &self,
        it: &For,
        condition: &Expr,
        items: Vec<Value>,
        frame: &Frame<'_>,
    ) -> Result<Vec<Value>> {
        let mut kept = Vec::new();
        for item in items {
            self.shared.step(1)?;
            let env = frame.env.inner();
            let frame = frame.with_env(&env);
            self.assign(&it.target, item.clone(), &frame)?;
            if self.passes(Some(condition), &frame)? {
                kept.push(item);
            }
        }
        Ok(kept)
    }
}
