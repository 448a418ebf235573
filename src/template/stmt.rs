//! Statements: what tags do.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use super::ast::{Expr, For, FromImport, Import, Include, Macro, SetBlock, Stmt, Target};
use super::compile::Body;
use super::env::Env;
use super::expr::Called;
use super::functions::nothing_seen;
use super::inherit::Chain;
use super::lower::CAPTURED;
use super::objects::{Again, Loop, MacroScope, MacroValue, Module, Namespace, Super, object, wrap};
use super::output::Output;
use super::run::{Frame, Run, undefined};
use super::scopes::Blind;
use super::source::Loaded;
use crate::error::Kind;
use crate::error::{Error, Result};
use crate::value::Map;
use crate::value::Value;

/// How a statement ended.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Flow {
    Next,
    Break,
    Continue,
}

impl Run<'_> {
    /// Runs a whole template, its parents included.
    pub(super) fn template(
        &self,
        body: &[Stmt],
        frame: &Frame<'_>,
        out: &mut Output,
    ) -> Result<()> {
        if !frame.template.inherits {
            self.body(body, frame, out)?;
            return Ok(());
        }
        frame.chain.add(body, frame.template, frame.origin);
        let mut parent = None;
        for statement in body {
            match statement {
                Stmt::Extends(name) if parent.is_some() => {
                    return Err(frame.locate(
                        Error::template("a template extends one parent, not two"),
                        name.at,
                    ));
                }
                Stmt::Extends(name) => parent = Some(self.loaded(name, frame)?),
                Stmt::Text(_) | Stmt::Emit(_) | Stmt::Block(_) if parent.is_some() => {}
                statement if parent.is_some() => {
                    self.statement(statement, frame, &mut Output::default())?;
                }
                statement => {
                    self.statement(statement, frame, out)?;
                }
            }
        }
        match parent {
            None => Ok(()),
            Some(parent) => self.parent(&parent, frame, out),
        }
    }

    fn parent(&self, parent: &Loaded, frame: &Frame<'_>, out: &mut Output) -> Result<()> {
        self.changes
            .set(self.changes.get() || parent.template.mutates);
        self.shared.deeper(|| {
            let frame = Frame {
                template: &parent.template,
                origin: &parent.origin,
                ..*frame
            };
            self.template(parent.body(), &frame, out)
        })
    }

    /// Runs statements until one leaves the loop.
    pub(super) fn body(&self, body: &[Stmt], frame: &Frame<'_>, out: &mut Output) -> Result<Flow> {
        for statement in body {
            match self.statement(statement, frame, out)? {
                Flow::Next => {}
                flow => return Ok(flow),
            }
        }
        Ok(Flow::Next)
    }

    /// Runs statements in a frame of their own and gives what they put out.
    fn captured(&self, body: &[Stmt], frame: &Frame<'_>) -> Result<Value> {
        let env = frame.env.inner();
        let mut out = Output::default();
        self.body(body, &frame.with_env(&env), &mut out)?;
        Ok(out.finish())
    }

    fn statement(&self, statement: &Stmt, frame: &Frame<'_>, out: &mut Output) -> Result<Flow> {
        match statement {
            Stmt::Text(text) => self.put_text(text, out)?,
            Stmt::Emit(expr) => {
                let value = self.expr(expr, frame)?;
                self.put(value, out)
                    .map_err(|error| frame.locate(error, expr.at))?;
            }
            Stmt::If(branches, otherwise) => {
                for (condition, body) in branches {
                    let value = self.expr(condition, frame)?;
                    let holds = self
                        .truth(&value)
                        .map_err(|error| frame.locate(error, condition.at))?;
                    if holds {
                        return self.body(body, frame, out);
                    }
                }
                return self.body(otherwise, frame, out);
            }
            Stmt::For(it) => self.for_loop(it, frame, out)?,
            Stmt::Set(pair) => {
                let value = self.expr(&pair.1, frame)?;
                self.assign(&pair.0, value, frame)
                    .map_err(|error| frame.locate(error, pair.1.at))?;
            }
            Stmt::SetBlock(it) => self.set_block(it, frame)?,
            Stmt::Plain(body) => return self.body(body, frame, out),
            Stmt::With(assignments, body) => {
                let env = frame.env.inner();
                for (target, value) in assignments {
                    let value = self.expr(value, frame)?;
                    self.assign(target, value, &frame.with_env(&env))?;
                }
                return self.body(body, &frame.with_env(&env), out);
            }
            Stmt::Filter(filter, body) => {
                let value = self.captured(body, frame)?;
                let value = self.filter_captured(filter, value, frame)?;
                self.put(value, out)?;
            }
            Stmt::Macro(code) => {
                let value = self.make_macro(code, frame);
                frame.env.set(&code.name, value);
            }
            Stmt::Call(call, body) => {
                let value = self.call_with_body(call, body, frame)?;
                self.put(value, out)
                    .map_err(|error| frame.locate(error, call.at))?;
            }
            Stmt::Do(expr) => {
                self.expr(expr, frame)?;
            }
            Stmt::Break => return Ok(Flow::Break),
            Stmt::Continue => return Ok(Flow::Continue),
            Stmt::Block(block) => {
                let value = self.block_value(&block.name, 0, frame)?;
                self.put(value, out)?;
            }
            Stmt::Extends(name) => {
                return Err(frame.locate(
                    Error::template("`extends` must stand outside all other tags"),
                    name.at,
                ));
            }
            Stmt::Include(it) => self.include(it, frame, out)?,
            Stmt::Import(it) => self.import(it, frame)?,
            Stmt::FromImport(it) => self.imported_names(it, frame)?,
        }
        Ok(Flow::Next)
    }

    fn put_text(&self, text: &str, out: &mut Output) -> Result<()> {
        self.settle(out)?;
        self.shared.spend(text.len())?;
        out.push_text(text);
        Ok(())
    }

    /// Puts a value out: nothing for null, the value itself while it is the only one.
    fn put(&self, value: Value, out: &mut Output) -> Result<()> {
        let value = self.open(value)?;
        match &value {
            Value::Null => return Ok(()),
            Value::Undefined(it) if !super::run::is_silent(it) => return Err(it.error.clone()),
            _ => {}
        }
        if out.is_empty() {
            out.push_single(value);
            return Ok(());
        }
        let text = self.printed(&value)?;
        self.put_text(&text, out)
    }

    /// Turns the one value that was put out into text, because more follows.
    fn settle(&self, out: &mut Output) -> Result<()> {
        if let Some(single) = out.take_single() {
            let text = self.printed(&single)?;
            out.push_text(&text);
        }
        Ok(())
    }

    fn filter_captured(&self, filter: &Expr, value: Value, frame: &Frame<'_>) -> Result<Value> {
        let env = frame.env.inner();
        env.set(&CAPTURED.into(), value);
        self.expr(filter, &frame.with_env(&env))
    }

    fn set_block(&self, it: &SetBlock, frame: &Frame<'_>) -> Result<()> {
        let mut value = self.captured(&it.body, frame)?;
        if let Some(filter) = &it.filter {
            value = self.filter_captured(filter, value, frame)?;
        }
        self.assign(&it.target, value, frame)
    }

    fn assign(&self, target: &Target, value: Value, frame: &Frame<'_>) -> Result<()> {
        match target {
            Target::Name(name) => {
                frame.env.set(name, value);
                Ok(())
            }
            Target::Attribute(of, name) => {
                let namespace = frame.env.find(of).unwrap_or_default();
                let Some(namespace) = object::<Namespace>(&namespace) else {
                    return Err(Error::template(
                        "cannot assign attribute on non-namespace object",
                    ));
                };
                namespace.names().set(name, value);
                Ok(())
            }
            Target::Tuple(targets) => self.unpack(targets, &value, frame),
        }
    }

    fn unpack(&self, targets: &[Target], value: &Value, frame: &Frame<'_>) -> Result<()> {
        let items = self.iterate(value).map_err(|error| {
            if error.kind() == Kind::Undefined {
                return error;
            }
            Error::template(format!(
                "cannot unpack non-iterable {} object",
                value.type_name()
            ))
        })?;
        let (wanted, got) = (targets.len(), items.len());
        if got > wanted {
            return Err(Error::template(format!(
                "too many values to unpack (expected {wanted})"
            )));
        }
        if got < wanted {
            return Err(Error::template(format!(
                "not enough values to unpack (expected {wanted}, got {got})"
            )));
        }
        for (target, item) in targets.iter().zip(items) {
            self.assign(target, item, frame)?;
        }
        Ok(())
    }

    fn for_loop(&self, it: &Arc<For>, frame: &Frame<'_>, out: &mut Output) -> Result<()> {
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

    fn make_macro(&self, code: &Arc<Macro>, frame: &Frame<'_>) -> Value {
        self.shared.keep(frame.env);
        wrap(MacroValue {
            code: code.clone(),
            template: frame.template.clone(),
            origin: frame.origin.clone(),
            env: Arc::downgrade(frame.env),
            scope: MacroScope(self.scope.clone()),
        })
    }

    fn call_with_body(&self, call: &Expr, body: &Arc<Macro>, frame: &Frame<'_>) -> Result<Value> {
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
            frame.env.set(&"varargs".into(), Value::Tuple(more.into()));
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

    /// What the block of a name puts out, `level` steps up the line of parents.
    pub(super) fn block_value(&self, name: &str, level: usize, frame: &Frame<'_>) -> Result<Value> {
        let Some(placed) = frame.chain.find(name, level) else {
            return Ok(undefined(Error::undefined(match level {
                0 => format!("there is no block `{name}`"),
                _ => format!("there is no parent block called '{name}'."),
            })));
        };
        if placed.block.required && level == 0 {
            return Err(Error::template(format!(
                "Required block '{name}' not found"
            )));
        }
        let around = if placed.block.scoped {
            frame.env
        } else {
            frame.root
        };
        let env = around.inner();
        env.set(
            &"super".into(),
            wrap(Super {
                name: name.into(),
                level: level + 1,
            }),
        );
        let inner = Frame {
            template: &placed.template,
            origin: &placed.origin,
            env: &env,
            ..*frame
        };
        self.shared.deeper(|| {
            let mut out = Output::default();
            self.body(&placed.block.body, &inner, &mut out)?;
            Ok(out.finish())
        })
    }

    fn include(&self, it: &Include, frame: &Frame<'_>, out: &mut Output) -> Result<()> {
        let loaded = match self.loaded_any(&it.template, frame) {
            Ok(loaded) => loaded,
            Err(error) if it.ignore_missing && error.kind() == Kind::Input => return Ok(()),
            Err(error) => return Err(error),
        };
        self.changes
            .set(self.changes.get() || loaded.template.mutates);
        let env = match it.with_context {
            true => frame.env.inner(),
            false => Env::root(),
        };
        let chain = Chain::default();
        let inner = Frame {
            template: &loaded.template,
            origin: &loaded.origin,
            env: &env,
            root: &env,
            chain: &chain,
        };
        let value = self.shared.deeper(|| {
            let mut out = Output::default();
            if it.with_context {
                self.template(loaded.body(), &inner, &mut out)?;
            } else {
                self.blind().template(loaded.body(), &inner, &mut out)?;
            }
            Ok(out.finish())
        })?;
        self.put(value, out)
    }

    /// A run in the same scope without its variables.
    fn blind(&self) -> Run<'_> {
        let scope = Arc::new(Blind(self.scope.clone()));
        Run::new(self.engine, scope, self.shared, self.changes.get())
    }

    fn import(&self, it: &Import, frame: &Frame<'_>) -> Result<()> {
        let module = self.module(&it.template, it.with_context, frame)?;
        frame.env.set(&it.name, wrap(Module(module)));
        Ok(())
    }

    fn imported_names(&self, it: &FromImport, frame: &Frame<'_>) -> Result<()> {
        let module = self.module(&it.template, it.with_context, frame)?;
        for (name, alias) in &it.names {
            let value = module.get(name).cloned().unwrap_or_else(|| {
                undefined(Error::undefined(format!(
                    "the imported template does not export the requested name '{name}'"
                )))
            });
            frame.env.set(alias, value);
        }
        Ok(())
    }

    /// Runs a template for the names it sets.
    fn module(&self, template: &Expr, with_context: bool, frame: &Frame<'_>) -> Result<Map> {
        let loaded = self.loaded(template, frame)?;
        self.changes
            .set(self.changes.get() || loaded.template.mutates);
        let env = match with_context {
            true => frame.env.inner(),
            false => Env::root(),
        };
        let chain = Chain::default();
        let inner = Frame {
            template: &loaded.template,
            origin: &loaded.origin,
            env: &env,
            root: &env,
            chain: &chain,
        };
        let Body::Template(body) = &loaded.template.body else {
            return Err(Error::bug("an imported template is an expression"));
        };
        self.shared.keep(&env);
        self.shared.deeper(|| {
            let mut out = Output::default();
            if with_context {
                self.template(body, &inner, &mut out)
            } else {
                self.blind().template(body, &inner, &mut out)
            }
        })?;
        Ok(env
            .own()
            .into_iter()
            .map(|(name, value)| (Value::str(name), value))
            .collect())
    }
}
