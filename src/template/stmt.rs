//! Statements: what tags do.

use super::ast::{Expr, SetBlock, Stmt, Target};
use super::lower::CAPTURED;
use super::objects::{Namespace, Super, object, wrap};
use super::output::Output;
use super::run::{Frame, Run, undefined};
use super::source::Loaded;
use crate::error::Kind;
use crate::error::{Error, Result};
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
    pub(super) fn put(&self, value: Value, out: &mut Output) -> Result<()> {
        let value = self.open(value)?;
        match &value {
            Value::Null => return Ok(()),
            // What stands in its place is put out later.
            Value::Undefined(it) if self.shared.replaces(&it.error) => {}
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

    pub(super) fn assign(&self, target: &Target, value: Value, frame: &Frame<'_>) -> Result<()> {
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
}
