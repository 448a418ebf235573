//! Macros and `call` blocks.

use std::sync::Arc;

use super::ast::{Expr, Macro};
use super::expr::Called;
use super::inherit::Chain;
use super::objects::{MacroScope, MacroValue, wrap};
use super::output::Output;
use super::run::{Frame, Run, undefined};
use crate::error::{Error, Result};
use crate::value::Map;
use crate::value::Value;

impl Run<'_> {
    pub(super) fn make_macro(&self, code: &Arc<Macro>, frame: &Frame<'_>) -> Value {
        self.shared.keep(frame.env);
        wrap(MacroValue {
            code: code.clone(),
            template: frame.template.clone(),
            origin: frame.origin.clone(),
            env: Arc::downgrade(frame.env),
            scope: MacroScope(self.scope.clone()),
        })
    }

    pub(super) fn call_with_body(
        &self,
        call: &Expr,
        body: &Arc<Macro>,
        frame: &Frame<'_>,
    ) -> Result<Value> {
        let super::ast::Kind::Call(callee, arguments) = &call.kind else {
            return Err(Error::bug("a call block without a call"));
        };
        let value = self.expr(callee, frame)?;
        let mut called = self.called(arguments, frame)?;
        called
            .named
            .push(("caller".to_owned(), self.make_macro(body, frame)));
        self.call_value(value, called, frame)
    }

    /// Calls a macro: its arguments become names in a frame of their own.
    pub(super) fn call_macro(&self, it: &MacroValue, called: Called) -> Result<Value> {
        let around = it
            .env
            .upgrade()
            .ok_or_else(|| Error::bug("a macro outlived its template"))?;
        let env = around.inner();
        let chain = Chain::default();
        let frame = Frame {
            template: &it.template,
            origin: &it.origin,
            env: &env,
            root: &env,
            chain: &chain,
        };
        let result = self.shared.deeper(|| {
            if Arc::ptr_eq(&it.scope.0, &self.scope) {
                return self.macro_body(&it.code, called, &frame);
            }
            let run = Run::new(
                self.engine,
                it.scope.0.clone(),
                self.shared,
                self.changes.get(),
            );
            run.macro_body(&it.code, called, &frame)
        });
        super::expr::soft(result)
    }

    fn macro_body(&self, code: &Macro, called: Called, frame: &Frame<'_>) -> Result<Value> {
        self.bind(code, called, frame)?;
        let mut out = Output::default();
        self.body(&code.body, frame, &mut out)?;
        Ok(out.finish())
    }

    fn bind(&self, code: &Macro, called: Called, frame: &Frame<'_>) -> Result<()> {
        let mut positional = called.positional.into_iter();
        let mut named = called.named;
        for (name, default) in &code.parameters {
            let by_name = named.iter().position(|(key, _)| **key == **name);
            let value = match (positional.next(), by_name) {
                (Some(value), _) => value,
                (None, Some(position)) => named.remove(position).1,
                (None, None) => match default {
                    Some(default) => self.expr(default, frame)?,
                    None => undefined(Error::undefined(format!(
                        "parameter '{name}' was not provided"
                    ))),
                },
            };
            frame.env.set(name, value);
        }
        let caller = named.iter().position(|(key, _)| key == "caller");
        let caller = caller.map(|position| named.remove(position).1);
        let more: Vec<Value> = positional.collect();
        self.refuse_more(code, &more, &named, caller.is_some())?;
        if code.takes_varargs {
            frame.env.set(&"varargs".into(), Value::tuple(more));
        }
        if code.takes_kwargs {
            let map: Map = named
                .into_iter()
                .map(|(name, value)| (Value::str(name), value))
                .collect();
            frame.env.set(&"kwargs".into(), Value::map(map));
        }
        if code.takes_caller && !code.parameters.iter().any(|(name, _)| &**name == "caller") {
            let value = caller
                .unwrap_or_else(|| undefined(Error::undefined("No caller defined".to_owned())));
            frame.env.set(&"caller".into(), value);
        }
        Ok(())
    }

    fn refuse_more(
        &self,
        code: &Macro,
        more: &[Value],
        named: &[(String, Value)],
        called_with_body: bool,
    ) -> Result<()> {
        let name = &code.name;
        if !more.is_empty() && !code.takes_varargs {
            return Err(Error::template(format!(
                "macro '{name}' takes not more than {} argument(s)",
                code.parameters.len()
            )));
        }
        if let Some((argument, _)) = named.first()
            && !code.takes_kwargs
        {
            return Err(Error::template(format!(
                "macro '{name}' takes no keyword argument '{argument}'"
            )));
        }
        if called_with_body && !code.takes_caller {
            return Err(Error::template(format!(
                "macro '{name}' was invoked with two values for the special caller argument; \
                 it does not use `caller`"
            )));
        }
        Ok(())
    }
}
