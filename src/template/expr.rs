//! Expressions.

use super::Args;
use super::Runtime;
use super::access;
use super::ast::{Argument, Branches, Comparison, Expr, Kind, Slice};
use super::functions;
use super::methods;
use super::objects::object;
use super::objects::{Blocks, Function, MacroValue, Method, Super};
use super::operators;
use super::registry;
use super::run::{Frame, Run, is_silent, silent, undefined};
use super::words;
use crate::error::Kind as Trouble;
use crate::error::{Error, Result};
use crate::value::Map;
use crate::value::Str;
use crate::value::Value;

/// The arguments of a call, evaluated.
#[derive(Debug, Default)]
pub(super) struct Called {
    pub positional: Vec<Value>,
    pub named: Vec<(String, Value)>,
}

impl Run<'_> {
    /// The value of an expression. Containers may be lazy, and the whole may be undefined.
    pub(super) fn expr(&self, expr: &Expr, frame: &Frame<'_>) -> Result<Value> {
        self.shared.check_stack()?;
        self.kind(expr, frame)
            .and_then(|value| super::bounds::allow(&value).map(|()| value))
            .map(|value| match value {
                Value::Undefined(it) if it.error.place().is_none() && !is_silent(&it) => {
                    undefined(frame.locate(it.error.clone(), expr.at))
                }
                value => value,
            })
            .map_err(|error| frame.locate(error, expr.at))
    }

    fn kind(&self, expr: &Expr, frame: &Frame<'_>) -> Result<Value> {
        match &expr.kind {
            Kind::Const(value) => self.constant(value, frame),
            Kind::Name(name) => self.name(name, frame),
            Kind::Attribute(of, name) => {
                let of = self.expr(of, frame)?;
                self.get_attribute(&of, name)
            }
            Kind::Item(pair) => {
                let of = self.expr(&pair.0, frame)?;
                let key = self.expr(&pair.1, frame)?;
                let key = self.top(self.defined(key)?)?;
                self.get_item(&of, &key)
            }
            Kind::Slice(slice) => self.slice(slice, frame),
            Kind::Call(callee, arguments) => self.call(callee, arguments, frame),
            Kind::Filter(subject, name, arguments) => {
                self.filtered(subject, name, arguments, frame)
            }
            Kind::Test(subject, name, arguments) => self.tested(subject, name, arguments, frame),
            Kind::And(items) => self.chain(items, frame, false),
            Kind::Or(items) => self.chain(items, frame, true),
            Kind::Not(operand) => {
                let value = self.expr(operand, frame)?;
                Ok(Value::Bool(!self.truth(&value)?))
            }
            Kind::Negate(operand) => {
                let value = self.expr(operand, frame)?;
                operators::negate(&self.defined(value)?)
            }
            Kind::Binary(operator, pair) => {
                let left = self.expr(&pair.0, frame)?;
                let right = self.expr(&pair.1, frame)?;
                let left = self.top(self.defined(left)?)?;
                let right = self.top(self.defined(right)?)?;
                let value = operators::binary(self, *operator, &left, &right)?;
                Ok(self.fresh(value))
            }
            Kind::Compare(first, rest) => self.comparison(first, rest, frame),
            Kind::Concat(items) => self.concatenation(items, frame),
            Kind::If(branches) => self.branches(branches, frame),
            Kind::List(items) => Ok(self.fresh(Value::list(self.exprs(items, frame)?))),
            Kind::Tuple(items) => Ok(Value::tuple(self.exprs(items, frame)?)),
            Kind::Dict(entries) => self.dict(entries, frame),
        }
    }

    fn exprs(&self, items: &[Expr], frame: &Frame<'_>) -> Result<Vec<Value>> {
        items.iter().map(|item| self.expr(item, frame)).collect()
    }

    /// A constant; in a condition a text that holds a template is rendered, as the reference
    /// still does.
    fn constant(&self, value: &Value, frame: &Frame<'_>) -> Result<Value> {
        match value {
            Value::Str(text) if text.is_template() && frame.template.nests => self.embedded(text),
            value => Ok(value.clone()),
        }
    }

    /// Renders a text of the template's own that holds a template.
    fn embedded(&self, text: &Str) -> Result<Value> {
        self.scope.warn(format!(
            "a text in an expression holds a template; name the variable without braces: `{text}`"
        ));
        self.shared.deeper(|| self.text_value(text))
    }

    /// A term of a lookup: the template's own texts that hold templates are rendered.
    pub(super) fn term(&self, value: Value) -> Result<Value> {
        let value = self.top(value)?;
        Ok(match &value {
            Value::Str(text) if text.is_template() => soft(self.embedded(text))?,
            Value::List(items) if value.has_templates() => Value::list(
                items
                    .iter()
                    .map(|item| self.term(item.clone()))
                    .collect::<Result<_>>()?,
            ),
            Value::Map(map) if value.has_templates() => {
                let mut rendered = Map::with_capacity(map.len());
                for (key, value) in &**map {
                    rendered.insert(key.clone(), self.term(value.clone())?);
                }
                Value::map(rendered)
            }
            _ => value,
        })
    }

    fn dict(&self, entries: &[(Expr, Expr)], frame: &Frame<'_>) -> Result<Value> {
        let mut map = Map::with_capacity(entries.len());
        for (key, value) in entries {
            let key = self.expr(key, frame)?;
            let key = self.deep(&key)?;
            access::hashable(&key)?;
            map.insert(key, self.expr(value, frame)?);
        }
        Ok(self.fresh(Value::map(map)))
    }

    fn chain(&self, items: &[Expr], frame: &Frame<'_>, until: bool) -> Result<Value> {
        let mut value = Value::Null;
        for (position, item) in items.iter().enumerate() {
            value = self.expr(item, frame)?;
            if position + 1 < items.len() && self.truth(&value)? == until {
                return Ok(value);
            }
        }
        Ok(value)
    }

    fn branches(&self, branches: &Branches, frame: &Frame<'_>) -> Result<Value> {
        let condition = self.expr(&branches.condition, frame)?;
        if self.truth(&condition)? {
            return self.expr(&branches.yes, frame);
        }
        match &branches.no {
            Some(no) => self.expr(no, frame),
            None => Ok(silent()),
        }
    }

    fn comparison(
        &self,
        first: &Expr,
        rest: &[(Comparison, Expr)],
        frame: &Frame<'_>,
    ) -> Result<Value> {
        let mut left = self.operand(first, frame)?;
        for (operator, right) in rest {
            let right = self.operand(right, frame)?;
            if !operators::compare(self, *operator, &left, &right)? {
                return Ok(Value::Bool(false));
            }
            left = right;
        }
        Ok(Value::Bool(true))
    }

    fn operand(&self, expr: &Expr, frame: &Frame<'_>) -> Result<Value> {
        match self.expr(expr, frame)? {
            Value::Undefined(it) if is_silent(&it) => Ok(Value::Undefined(it)),
            value => self.defined(value),
        }
    }

    fn concatenation(&self, items: &[Expr], frame: &Frame<'_>) -> Result<Value> {
        let mut text = String::new();
        for item in items {
            let value = self.expr(item, frame)?;
            text.push_str(&self.string(&value)?);
            super::bounds::allow_text(text.len() as u64)?;
        }
        self.shared.spend(text.len())?;
        Ok(Value::str(text))
    }

    fn slice(&self, slice: &Slice, frame: &Frame<'_>) -> Result<Value> {
        let of = self.expr(&slice.of, frame)?;
        if of.is_undefined() {
            return Ok(of);
        }
        let of = self.open(of)?;
        let bound = |part: &Option<Expr>| -> Result<Option<i64>> {
            let Some(part) = part else { return Ok(None) };
            let value = self.expr(part, frame)?;
            access::slice_bound(&self.defined(value)?)
        };
        let (start, stop, step) = (
            bound(&slice.start)?,
            bound(&slice.stop)?,
            bound(&slice.step)?,
        );
        let value = self.get_slice(&of, start, stop, step)?;
        Ok(self.fresh(value))
    }

    /// The arguments of a call; each may be undefined.
    pub(super) fn called(&self, arguments: &[Argument], frame: &Frame<'_>) -> Result<Called> {
        let mut called = Called::default();
        for argument in arguments {
            match argument {
                Argument::Positional(value) => called.positional.push(self.expr(value, frame)?),
                Argument::Named(name, value) => called
                    .named
                    .push((name.to_string(), self.expr(value, frame)?)),
                Argument::SpreadPositional(value) => {
                    let value = self.expr(value, frame)?;
                    called.positional.extend(self.iterate(&value)?);
                }
                Argument::SpreadNamed(value) => {
                    let value = self.expr(value, frame)?;
                    let value = self.top(self.defined(value)?)?;
                    let map = value.as_map().ok_or_else(|| {
                        Error::template(format!(
                            "argument after ** must be a mapping, not {}",
                            value.type_name()
                        ))
                    })?;
                    for (name, value) in &**map {
                        called.named.push((name.to_text(), value.clone()));
                    }
                }
            }
        }
        Ok(called)
    }

    /// The arguments as a filter, test or lookup gets them: each resolved at the top.
    ///
    /// # Errors
    /// One of them failed for another reason than something undefined: no filter can mend that.
    fn resolved(&self, called: Called) -> Result<Called> {
        let called = self.resolved_all(called)?;
        for value in called.values() {
            refuse_failed(value)?;
        }
        Ok(called)
    }

    fn resolved_all(&self, called: Called) -> Result<Called> {
        Ok(Called {
            positional: called
                .positional
                .into_iter()
                .map(|value| self.top(value))
                .collect::<Result<_>>()?,
            named: called
                .named
                .into_iter()
                .map(|(name, value)| Ok((name, self.top(value)?)))
                .collect::<Result<_>>()?,
        })
    }

    fn filtered(
        &self,
        subject: &Expr,
        name: &str,
        arguments: &[Argument],
        frame: &Frame<'_>,
    ) -> Result<Value> {
        let known = registry::filter(name, &*self.scope);
        known.map_err(|error| unknown(error, frame))?;
        let subject = self.expr(subject, frame)?;
        let mut called = self.called(arguments, frame)?;
        called.positional.insert(0, subject);
        let called = match registry::filter_takes_failed(name) {
            true => self.resolved_all(called)?,
            false => self.resolved(called)?,
        };
        if !registry::filter_takes_undefined(name)
            && let Some(undefined) = called.first_undefined()
        {
            return Ok(undefined);
        }
        let args = Args::new(name, called.positional, called.named);
        let value = soft(self.filter(name, args))?;
        Ok(self.fresh(value))
    }

    fn tested(
        &self,
        subject: &Expr,
        name: &str,
        arguments: &[Argument],
        frame: &Frame<'_>,
    ) -> Result<Value> {
        if registry::asks_for_seal(name) && self.names_sealed(subject, frame) {
            return Ok(Value::Bool(true));
        }
        let subject = self.expr(subject, frame)?;
        if arguments.is_empty() && matches!(name, "defined" | "undefined") {
            let subject = self.open(subject)?;
            refuse_failed(&subject)?;
            let defined = !subject.is_undefined();
            return Ok(Value::Bool(defined == (name == "defined")));
        }
        let mut called = self.called(arguments, frame)?;
        called.positional.insert(0, subject);
        let called = self.resolved(called)?;
        let known = registry::test(name, &*self.scope);
        known.map_err(|error| unknown(error, frame))?;
        if !registry::test_takes_undefined(name)
            && let Some(undefined) = called.first_undefined()
        {
            return Ok(undefined);
        }
        let args = Args::new(name, called.positional, called.named);
        soft(self.test(name, args).map(Value::Bool))
    }

    /// Whether an expression is the name of a variable that is a `!vault` text: looking at its
    /// value opens it.
    fn names_sealed(&self, expr: &Expr, frame: &Frame<'_>) -> bool {
        match &expr.kind {
            Kind::Name(name) if frame.env.find(name).is_none() => {
                matches!(self.scope.variable(name), Some(Value::Sealed(_)))
            }
            _ => false,
        }
    }

    /// Calls what an expression gives: a method, a function, a macro.
    fn call(&self, callee: &Expr, arguments: &[Argument], frame: &Frame<'_>) -> Result<Value> {
        if let Kind::Attribute(of, name) = &callee.kind {
            let receiver = self.expr(of, frame)?;
            let receiver = self.open(receiver)?;
            if receiver.is_undefined() {
                return Ok(receiver);
            }
            if methods::has(&receiver, name) {
                let called = self.called(arguments, frame)?;
                return self.method(&receiver, name, called);
            }
            let value = self
                .get_attribute(&receiver, name)
                .map_err(|error| frame.locate(error, callee.at))?;
            return self.call_value(value, self.called(arguments, frame)?, frame);
        }
        let value = self.expr(callee, frame)?;
        let called = self.called(arguments, frame)?;
        self.call_value(value, called, frame)
    }

    fn method(&self, receiver: &Value, name: &str, called: Called) -> Result<Value> {
        self.shared.step(1)?;
        if let Some(undefined) = called.first_undefined() {
            return Ok(undefined);
        }
        let value = soft(methods::call(self, receiver, name, called))?;
        self.taken(&value)?;
        Ok(self.fresh(value))
    }

    /// Calls a value.
    pub(super) fn call_value(
        &self,
        value: Value,
        called: Called,
        frame: &Frame<'_>,
    ) -> Result<Value> {
        self.shared.step(1)?;
        let value = self.open(value)?;
        if value.is_undefined() {
            return Ok(value);
        }
        if let Some(function) = object::<Function>(&value) {
            let result = soft(functions::call(self, function.0, called, frame))?;
            return Ok(self.fresh(result));
        }
        if let Some(method) = object::<Method>(&value) {
            return self.method(&method.receiver, &method.name, called);
        }
        if let Some(found) = object::<MacroValue>(&value) {
            return self.call_macro(found, called);
        }
        if let Some(parent) = object::<Super>(&value) {
            return self.block_value(&parent.name, parent.level, frame);
        }
        if let Some(joiner) = object::<super::objects::Joiner>(&value) {
            return Ok(joiner.call());
        }
        if let Some(it) = object::<super::objects::Loop>(&value) {
            let items = called.positional.into_iter().next().unwrap_or_default();
            return self.loop_again(it, &items);
        }
        Err(Error::template(format!(
            "'{}' object is not callable",
            value.type_name()
        )))
    }

    /// Jinja's `value.name`: an attribute, else an item, else undefined.
    pub(super) fn get_attribute(&self, value: &Value, name: &str) -> Result<Value> {
        let open = self.open(value.clone())?;
        if object::<Blocks>(&open).is_some() {
            return Ok(super::objects::wrap(Super {
                name: name.into(),
                level: 0,
            }));
        }
        access::attribute(self, &open, name)
    }

    /// Jinja's `value[key]`: an item, else an attribute, else undefined.
    pub(super) fn get_item(&self, value: &Value, key: &Value) -> Result<Value> {
        let open = self.open(value.clone())?;
        access::item(self, &open, key)
    }
}

impl Called {
    fn values(&self) -> impl Iterator<Item = &Value> {
        self.positional
            .iter()
            .chain(self.named.iter().map(|(_, value)| value))
    }

    /// The first argument that is undefined.
    pub(super) fn first_undefined(&self) -> Option<Value> {
        self.values()
            .find(|value| matches!(value, Value::Undefined(it) if !is_silent(it)))
            .cloned()
    }
}

/// The error of a value that could not be rendered, where nothing undefined was the reason.
fn refuse_failed(value: &Value) -> Result<()> {
    match value {
        Value::Undefined(it) if it.error.kind() != Trouble::Undefined && !is_silent(it) => {
            Err(it.error.clone())
        }
        _ => Ok(()),
    }
}

/// The error of a filter or test that nobody has: Jinja looks for them where it reads a template.
fn unknown(error: Error, frame: &Frame<'_>) -> Error {
    let kind = words::kind(frame.template.bare);
    Error::template(format!("Syntax error in {kind}")).because(error)
}

/// What a call gave; an undefined value where it met one, so that `default` can follow.
pub(super) fn soft(result: Result<Value>) -> Result<Value> {
    match result {
        Err(error) if error.kind() == Trouble::Undefined => Ok(undefined(error)),
        other => other,
    }
}

/// The text of a value that must be one.
pub(super) fn expect_text(value: &Value, what: &str) -> Result<Str> {
    match value {
        Value::Str(text) => Ok(text.clone()),
        other => Err(Error::template(format!(
            "{what} must be text, not a value of type '{}'",
            other.type_name()
        ))),
    }
}
