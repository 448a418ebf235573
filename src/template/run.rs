//! One rendering: names looked up, laziness resolved, errors given their places.

use std::cell::Cell as Flag;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use super::Engine;
use super::Scope;
use super::ast::{Span, Stmt};
use super::bounds::Shared;
use super::cell;
use super::cell::Deferred;
use super::cell::Unopened;
use super::compile::{Body, Compiled};
use super::env::Env;
use super::functions;
use super::inherit::Chain;
use super::objects::Function;
use super::objects::wrap;
use super::origin::Origin;
use super::output::Output;
use super::scopes::Overlaid;
use super::syntax::Delimiters;
use super::words;
use crate::error::Kind;
use crate::error::{Error, Result};
use crate::value::Map;
use crate::value::Str;
use crate::value::Undefined;
use crate::value::Value;

/// One rendering in one scope. Renderings that stand in each other share their bounds.
pub(super) struct Run<'a> {
    pub engine: &'a Arc<Engine>,
    pub scope: Arc<dyn Scope>,
    pub shared: &'a Shared,
    /// Variables whose values have templates, or that the template may change.
    known: RefCell<HashMap<Arc<str>, Value>>,
    /// How included files are read: as the one that includes them.
    pub delimiters: Delimiters,
    /// Whether containers must be cells, because something in the template changes one.
    pub changes: Flag<bool>,
}

/// What a piece of template code stands in.
pub(super) struct Frame<'a> {
    pub template: &'a Arc<Compiled>,
    pub origin: &'a Origin,
    pub env: &'a Arc<Env>,
    /// The outermost frame of the template, which is all that a block sees.
    pub root: &'a Arc<Env>,
    pub chain: &'a Chain,
}

impl<'a> Frame<'a> {
    /// The same place with other names.
    pub(super) fn with_env<'b>(&'b self, env: &'b Arc<Env>) -> Frame<'b> {
        Frame { env, ..*self }
    }

    /// The error at its place in the user's file, where it has none yet.
    pub(super) fn locate(&self, error: Error, at: Span) -> Error {
        if error.place().is_some() {
            return error;
        }
        error.at(self.origin.place(at.start))
    }
}

impl<'a> Run<'a> {
    pub(super) fn new(
        engine: &'a Arc<Engine>,
        scope: Arc<dyn Scope>,
        shared: &'a Shared,
        changes: bool,
    ) -> Self {
        Run {
            engine,
            scope,
            shared,
            known: RefCell::default(),
            delimiters: Delimiters::default(),
            changes: Flag::new(changes),
        }
    }

    /// Runs a compiled text from its outermost level and gives its value, not yet final.
    pub(super) fn run(&self, template: &Arc<Compiled>, origin: &Origin) -> Result<Value> {
        let value = self.run_body(template, origin);
        value.map_err(|error| words::rendering(error, template.bare))
    }

    fn run_body(&self, template: &Arc<Compiled>, origin: &Origin) -> Result<Value> {
        self.changes.set(self.changes.get() || template.mutates);
        let env = Env::root();
        let chain = Chain::default();
        let frame = Frame {
            template,
            origin,
            env: &env,
            root: &env,
            chain: &chain,
        };
        match &template.body {
            Body::Expression(expr) => self.expr(expr, &frame),
            Body::Template(body) => match body.as_slice() {
                [Stmt::Emit(expr)] => self.expr(expr, &frame),
                body => {
                    let mut out = Output::default();
                    self.template(body, &frame, &mut out)?;
                    Ok(out.finish())
                }
            },
        }
    }

    /// Renders a text of the user's that something lazy stands for, in its own scope.
    pub(super) fn render_nested(
        &self,
        text: &Str,
        scope: &Arc<dyn Scope>,
        name: &str,
    ) -> Result<Value> {
        let scope_id = Arc::as_ptr(scope).cast::<()>() as usize;
        let text_id = text.as_str().as_ptr() as usize;
        let rendered = self.shared.enter(text_id, scope_id, name, || {
            let run = Run::new(self.engine, scope.clone(), self.shared, false);
            run.text_value(text)
        });
        // What failed is an error only for who uses it.
        match rendered {
            Err(error) if matches!(error.kind(), Kind::Undefined | Kind::Template) => {
                Ok(undefined(error))
            }
            other => other,
        }
    }

    /// The value of a text: its trailing newlines are kept where it is text.
    pub(super) fn text_value(&self, text: &Str) -> Result<Value> {
        let template = self.engine.compiled_value(text)?;
        let value = self.run(&template, &Origin::Text(text.clone()))?;
        Ok(with_newlines(value, template.trailing_newlines))
    }

    /// Looks a name up: the template's own names, the variables, the functions of every template.
    pub(super) fn name(&self, name: &Arc<str>, frame: &Frame<'_>) -> Result<Value> {
        if let Some(value) = frame.env.find(name) {
            return Ok(value);
        }
        if let Some(value) = self.variable_value(name)? {
            return Ok(value);
        }
        match &**name {
            "omit" => return Ok(Value::Omit),
            "self" => return Ok(wrap(super::objects::Blocks)),
            _ => {}
        }
        if let Some(function) = functions::named(name) {
            return Ok(wrap(Function(function)));
        }
        Ok(undefined(Error::undefined(format!(
            "'{name}' is undefined"
        ))))
    }

    /// A variable's value, its templates not rendered below the top.
    pub(super) fn variable_value(&self, name: &str) -> Result<Option<Value>> {
        if let Some(known) = self.known.borrow().get(name) {
            return Ok(Some(known.clone()));
        }
        let Some(raw) = self.scope.variable(name) else {
            return Ok(None);
        };
        self.shared.note(&raw);
        self.engine.check_trust(&raw, &*self.scope)?;
        let value = match &raw {
            Value::Str(text) if text.is_template() => {
                self.render_nested(text, &self.scope, name)?
            }
            Value::Sealed(_) => self.unsealed(&raw, &self.scope)?,
            Value::List(_) | Value::Map(_) if raw.has_templates() => {
                cell::into_cell(raw, Some(&self.scope), self.changes.get())
            }
            Value::List(_) | Value::Map(_) if self.changes.get() => {
                cell::into_cell(raw, None, true)
            }
            _ => return Ok(Some(raw)),
        };
        let value = self.fresh(value);
        self.known.borrow_mut().insert(name.into(), value.clone());
        Ok(Some(value))
    }

    /// The scope with some more names on top.
    pub(super) fn overlaid(&self, extra: &Map) -> Arc<dyn Scope> {
        if extra.is_empty() {
            return self.scope.clone();
        }
        Arc::new(Overlaid::new(self.scope.clone(), extra.clone()))
    }

    /// Opens a sealed value. Its text is data: it is never a template.
    fn unsealed(&self, value: &Value, scope: &Arc<dyn Scope>) -> Result<Value> {
        match value {
            // What cannot be opened is an error only for who uses it.
            Value::Sealed(sealed) => match scope.unseal(sealed) {
                Err(error)
                    if !matches!(error.kind(), Kind::Bug | Kind::Interrupted | Kind::Unknown) =>
                {
                    Ok(undefined(error))
                }
                opened => {
                    let opened = opened?.untrusted();
                    self.shared.note(&opened);
                    Ok(opened)
                }
            },
            other => Ok(other.clone()),
        }
    }

    /// A value that was just made: a cell where the template may change it.
    pub(super) fn fresh(&self, value: Value) -> Value {
        if self.changes.get() {
            cell::into_cell(value, None, true)
        } else {
            value
        }
    }

    /// The value with its outermost laziness gone; a cell stays one.
    pub(super) fn open(&self, value: Value) -> Result<Value> {
        let Value::Object(it) = &value else {
            return match &value {
                Value::Sealed(_) => self.unsealed(&value, &self.scope),
                _ => Ok(value),
            };
        };
        if let Some(deferred) = it.as_any().downcast_ref::<Deferred>() {
            if let Some(rendered) = deferred.rendered.get() {
                return Ok(rendered.clone());
            }
            let name = snippet(&deferred.text);
            let rendered = self.render_nested(&deferred.text, &deferred.scope, &name)?;
            let rendered = self.fresh(rendered);
            return Ok(deferred.rendered.get_or_init(|| rendered).clone());
        }
        if let Some(unopened) = it.as_any().downcast_ref::<Unopened>() {
            return self.unsealed(&unopened.sealed, &unopened.scope);
        }
        Ok(value)
    }
}

/// The mark of something undefined.
pub(super) fn undefined(error: Error) -> Value {
    Value::Undefined(Arc::new(Undefined { error }))
}

/// What `'x' if false` gives, which prints as nothing.
pub(super) fn silent() -> Value {
    thread_local! {
        static SILENT: Arc<Undefined> = Arc::new(Undefined {
            error: Error::template(SILENT_MESSAGE),
        });
    }
    SILENT.with(|silent| Value::Undefined(silent.clone()))
}

const SILENT_MESSAGE: &str =
    "the inline if-expression evaluated to false and no else section was defined";

/// Says whether an undefined value is one that prints as nothing.
pub(super) fn is_silent(undefined: &Undefined) -> bool {
    undefined.error.kind() == Kind::Template && undefined.error.message() == SILENT_MESSAGE
}

/// A text gets back the newlines at its end, which the parser took.
pub(super) fn with_newlines(value: Value, wanted: usize) -> Value {
    match &value {
        Value::Str(text) if wanted > 0 => {
            let has = text.len() - text.trim_end_matches('\n').len();
            if has >= wanted {
                return value;
            }
            Value::str(format!("{text}{}", "\n".repeat(wanted - has)))
        }
        _ => value,
    }
}

/// The beginning of a text, to name it in an error.
fn snippet(text: &str) -> String {
    const LONGEST: usize = 40;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("`{}…`", &text[..end]),
        None => format!("`{text}`"),
    }
}
