//! What the other rooms ask of this one: render a value, an expression, a condition, a file.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::RwLock;

use super::Runtime;
use super::Scope;
use super::advice;
use super::bounds::Shared;
use super::compile::{Body, Compiled, compile, newlines_at_end};
use super::hide::hidden;
use super::origin::Origin;
use super::run::{Run, with_newlines};
use super::source::{FileOptions, read_header};
use super::syntax::Syntax;
use super::trust::{UNTRUSTED, Untrusted};
use super::words;
use crate::error::nearest;
use crate::error::{Error, Kind, Result, Source};
use crate::value::Map;
use crate::value::Str;
use crate::value::Value;

/// How many compiled templates are kept.
const KEPT: usize = 20_000;

/// What the whole run says of templates.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Jinja2's extensions by their full names; `jinja2.ext.do` and `jinja2.ext.loopcontrols` are
    /// known.
    pub jinja2_extensions: Vec<String>,
    /// What becomes of a condition that gives no truth value.
    pub conditions: Conditions,
    /// What becomes of text that looks like a template and is none, because it is not of the user's files.
    pub untrusted: Untrusted,
}

/// What becomes of a condition that gives no truth value (`ALLOW_BROKEN_CONDITIONALS` of the reference).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Conditions {
    /// It is judged as Python does, with a warning. One in which nothing stands, a list, and a text that is a
    /// condition itself are errors: they say nothing, or something else.
    #[default]
    Lenient,
    /// It is an error, as where the reference is not told otherwise.
    Strict,
    /// It is judged as Python does, whatever it is: the user said so.
    Broken,
}

/// Renders templates, each compiled once.
pub struct Engine {
    pub(super) settings: Settings,
    compiled: RwLock<HashMap<Key, Arc<Compiled>>>,
}

#[derive(PartialEq, Eq, Hash)]
struct Key {
    text: Arc<str>,
    syntax: Syntax,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl Engine {
    /// An engine that has compiled nothing yet.
    pub fn new(settings: Settings) -> Arc<Engine> {
        Arc::new(Engine {
            settings,
            compiled: RwLock::default(),
        })
    }

    /// Renders every template in a value, at any depth. The result is final: nothing lazy,
    /// undefined or trusted is in it; what is omitted is gone from containers, and is
    /// [`Value::Omit`] where it is the whole.
    ///
    /// A value without templates comes back as it is.
    ///
    /// # Errors
    /// A template in it cannot be rendered, or uses what nobody defined.
    pub fn render(self: &Arc<Self>, value: &Value, scope: &Arc<dyn Scope>) -> Result<Value> {
        self.check_trust(value, &**scope)?;
        if !value.has_templates() {
            return Ok(value.clone());
        }
        let shared = Shared::default();
        self.render_in(value, scope, &shared)
            .map_err(|error| hinted(error, &**scope, &shared))
    }

    fn render_in(
        self: &Arc<Self>,
        value: &Value,
        scope: &Arc<dyn Scope>,
        shared: &Shared,
    ) -> Result<Value> {
        if !value.has_templates() {
            return Ok(value.clone());
        }
        let render = |value: &Value| self.render_in(value, scope, shared);
        match value {
            Value::Str(text) => {
                let run = Run::new(self, scope.clone(), shared, false);
                let value = run.text_value(text)?;
                run.finished(&value)
                    .map_err(|error| words::rendering(error, false))
                    .map_err(|error| error.at(Origin::Text(text.clone()).place(0)))
            }
            Value::List(items) => Ok(Value::list(
                items
                    .iter()
                    .map(render)
                    .filter(|item| !matches!(item, Ok(Value::Omit)))
                    .collect::<Result<_>>()?,
            )),
            Value::Map(map) => {
                let mut rendered = Map::with_capacity(map.len());
                for (key, value) in &**map {
                    match render(value)? {
                        Value::Omit => {}
                        value => drop(rendered.insert(key.clone(), value)),
                    }
                }
                Ok(Value::map(rendered))
            }
            other => {
                let run = Run::new(self, scope.clone(), shared, false);
                run.finished(other)
            }
        }
    }

    /// Renders a text and gives what it prints as.
    ///
    /// # Errors
    /// As [`render`](Engine::render).
    pub fn render_text(self: &Arc<Self>, text: &Str, scope: &Arc<dyn Scope>) -> Result<String> {
        if !text.is_template() {
            return Ok(text.to_string());
        }
        let shared = Shared::default();
        let run = Run::new(self, scope.clone(), &shared, false);
        run.text_value(text)
            .and_then(|value| run.printed(&value))
            .map_err(|error| error.at(Origin::Text(text.clone()).place(0)))
            .map_err(|error| hinted(error, &**scope, &shared))
    }

    /// The value of a bare expression (without `{{ }}`).
    ///
    /// # Errors
    /// As [`render`](Engine::render).
    pub fn expression(self: &Arc<Self>, text: &Str, scope: &Arc<dyn Scope>) -> Result<Value> {
        self.bare(text, &Syntax::Expression, scope, &Shared::default())
    }

    /// The value of a bare expression to be shown, with a text in the place of each undefined value in
    /// it; and why each of these is undefined (`ReplacingMarkerBehavior` of the reference).
    ///
    /// # Errors
    /// As [`render`](Engine::render), but for what is undefined in a value that can be had.
    pub fn shown(
        self: &Arc<Self>,
        text: &Str,
        scope: &Arc<dyn Scope>,
    ) -> Result<(Value, Vec<String>)> {
        let shared = Shared::default();
        let value = self.bare_then(text, &Syntax::Expression, scope, &shared, &|| {
            shared.replace_undefined();
        })?;
        Ok((value, shared.all_replaced()))
    }

    fn bare(
        self: &Arc<Self>,
        text: &Str,
        syntax: &Syntax,
        scope: &Arc<dyn Scope>,
        shared: &Shared,
    ) -> Result<Value> {
        self.bare_then(text, syntax, scope, shared, &|| {})
    }

    /// The value of an expression; `then` comes before what is lazy in it is rendered.
    fn bare_then(
        self: &Arc<Self>,
        text: &Str,
        syntax: &Syntax,
        scope: &Arc<dyn Scope>,
        shared: &Shared,
        then: &dyn Fn(),
    ) -> Result<Value> {
        let origin = Origin::Text(text.clone());
        let template = self.compiled(text.shared().clone(), syntax, &origin)?;
        let run = Run::new(self, scope.clone(), shared, false);
        run.run(&template, &origin)
            .and_then(|value| {
                then();
                let finished = run.finished(&value);
                finished.map_err(|error| words::rendering(error, template.bare))
            })
            .map_err(|error| error.at(origin.place(0)))
            .map_err(|error| hinted(error, &**scope, shared))
    }

    /// Whether a condition holds: a truth value, or the text of an expression. What is no truth
    /// value is judged as [`Conditions`] say. A text
    /// in braces is rendered first; where that gives a text, it is the expression, if it was written
    /// by the user and not put together (`_normalize_and_evaluate_conditional` of the reference).
    ///
    /// # Errors
    /// As [`render`](Engine::render).
    pub fn condition(self: &Arc<Self>, condition: &Value, scope: &Arc<dyn Scope>) -> Result<bool> {
        let text = match condition {
            Value::Bool(value) => return Ok(*value),
            Value::Str(text) => text,
            Value::Null => return self.empty_condition(None),
            other if self.refuses(other) => {
                return Err(Error::template("Conditional expressions must be strings.")
                    .at(other.place().cloned()));
            }
            other => return Ok(self.render(other, scope)?.is_true()),
        };
        let judged = self.judged_text(text, scope);
        judged.map_err(|error| match error.is_undefined() {
            true => Error::template("Error while evaluating conditional")
                .at(text.place().cloned())
                .because(error),
            false => error,
        })
    }

    fn judged_text(self: &Arc<Self>, text: &Str, scope: &Arc<dyn Scope>) -> Result<bool> {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return self.empty_condition(Some(text));
        }
        if !is_wrapped(trimmed) {
            let value = self.expression_of_condition(text, scope)?;
            return self.judge(text, &value, scope);
        }
        match self.render(&Value::Str(text.with_text(trimmed)), scope)? {
            Value::Null => self.empty_condition(Some(text)),
            Value::Str(inner) if inner.trim().is_empty() => self.empty_condition(Some(text)),
            Value::Str(inner) => {
                let value = self.expression_of_condition(&inner, scope)?;
                self.judge(text, &value, scope)
            }
            value => {
                scope.deprecate(format!(
                    "Conditionals should not be surrounded by templating delimiters such as {{{{ }}}} or {{% %}}: `{trimmed}`{}",
                    at_place(text)
                ));
                self.judge(text, &value, scope)
            }
        }
    }

    fn empty_condition(&self, text: Option<&Str>) -> Result<bool> {
        match self.settings.conditions {
            Conditions::Broken => Ok(true),
            Conditions::Lenient | Conditions::Strict => Err(Error::template(
                "Empty conditional expressions are not allowed.",
            )
            .at(text.and_then(Str::place).cloned())),
        }
    }

    /// Whether what stands where a condition is wanted, and is no text, is an error.
    fn refuses(&self, other: &Value) -> bool {
        match self.settings.conditions {
            Conditions::Strict => true,
            Conditions::Lenient => matches!(other, Value::Map(_) | Value::List(_)),
            Conditions::Broken => false,
        }
    }

    fn expression_of_condition(
        self: &Arc<Self>,
        text: &Str,
        scope: &Arc<dyn Scope>,
    ) -> Result<Value> {
        if !text.is_trusted() {
            return Err(
                Error::template(UNTRUSTED)
                    .at(text.place().cloned())
                    .hint(
                        "a condition is text of a file of yours; one that was put together or came from a host is not evaluated",
                    ),
            );
        }
        let origin = Origin::Text(text.clone());
        let syntax = self.compiled(text.shared().clone(), &Syntax::Condition, &origin);
        syntax.map_err(|error| error.hint_if(advice::of_condition(text)))?;
        self.bare(text, &Syntax::Condition, scope, &Shared::default())
    }

    fn judge(&self, text: &Str, value: &Value, scope: &Arc<dyn Scope>) -> Result<bool> {
        if let Value::Bool(value) = value {
            return Ok(*value);
        }
        if matches!(value, Value::Omit) {
            return Err(
                Error::template("A template was resolved to an Omit scalar.")
                    .at(text.place().cloned()),
            );
        }
        let truth = value.is_true();
        let is_error = match self.settings.conditions {
            Conditions::Strict => true,
            Conditions::Lenient => self.is_condition(value),
            Conditions::Broken => false,
        };
        if is_error {
            let place = value.place().or(text.place());
            let place = place.map_or_else(|| "<unknown>".to_owned(), |place| place.to_string());
            return Err(Error::template(format!(
                "Conditional result ({}) was derived from value of type '{}' at '{place}'. \
                 Conditionals must have a boolean result.",
                Value::Bool(truth).to_text(),
                value.type_name()
            ))
            .at(text.place().cloned())
            .hint("compare it, or say `| bool`"));
        }
        scope.warn(format!(
            "the condition `{}` gives a value of type '{}', not a truth value; it is taken as {truth}{}",
            text.trim(),
            value.type_name(),
            at_place(text)
        ));
        Ok(truth)
    }

    /// Whether a value is the text of a condition that nobody has evaluated: to take it for true because it is
    /// not empty would hide what it says.
    fn is_condition(&self, value: &Value) -> bool {
        let Value::Str(text) = value else {
            return false;
        };
        let origin = Origin::Text(text.clone());
        let compiled = self.compiled(text.shared().clone(), &Syntax::Condition, &origin);
        compiled.is_ok_and(|compiled| match &compiled.body {
            Body::Expression(expression) => expression.judges(),
            Body::Template(_) => false,
        })
    }

    /// Asks a lookup for its answers (`with_LOOKUP`).
    ///
    /// # Errors
    /// There is no such lookup, or it fails.
    pub fn lookup(
        self: &Arc<Self>,
        name: &str,
        terms: Vec<Value>,
        scope: &Arc<dyn Scope>,
    ) -> Result<Vec<Value>> {
        let shared = Shared::default();
        let run = Run::new(self, scope.clone(), &shared, false);
        Runtime::lookup(&run, name, terms, Map::new())
            .and_then(|answers| answers.iter().map(|answer| run.finished(answer)).collect())
            .map_err(|error| hidden(error, &shared))
    }

    /// Renders a template file. Its first line may hold options (`#jinja2: trim_blocks: False`);
    /// includes, imports and parents are looked for on the scope's search path and beside it.
    ///
    /// # Errors
    /// As [`render`](Engine::render); places are the file's own.
    pub fn file(
        self: &Arc<Self>,
        source: &Arc<Source>,
        options: &FileOptions,
        scope: &Arc<dyn Scope>,
    ) -> Result<String> {
        let shared = Shared::default();
        let run = Run::new(self, scope.clone(), &shared, false);
        self.file_value(source, options, scope, &shared)
            .and_then(|value| run.printed(&value))
            .map_err(|error| error.at(Origin::File(source.clone()).place(0)))
            .map_err(|error| hinted(error, &**scope, &shared))
    }

    /// What a template file gives, its type kept where it is one expression.
    pub(super) fn file_value(
        self: &Arc<Self>,
        source: &Arc<Source>,
        options: &FileOptions,
        scope: &Arc<dyn Scope>,
        shared: &Shared,
    ) -> Result<Value> {
        let (delimiters, rest) = read_header(source.text(), options)
            .map_err(|error| error.at(Origin::File(source.clone()).place(0)))?;
        let has_header = rest.len() < source.text().len();
        if !has_header && !delimiters.occur_in(rest) {
            return Ok(Value::str(rest));
        }
        let origin = Origin::Part(source.clone(), source.text().len() - rest.len());
        let newline = delimiters.newline.clone();
        let syntax = Syntax::File(Box::new(delimiters.clone()));
        let template = self.compiled(rest, &syntax, &origin)?;
        let mut run = Run::new(self, scope.clone(), shared, false);
        run.delimiters = delimiters;
        let value = run.run(&template, &origin)?;
        let value = run
            .finished(&value)
            .map_err(|error| words::rendering(error, false))
            .map_err(|error| error.at(origin.place(0)))?;
        // The reference counts the newlines of the whole text, its first line included.
        let value = with_newlines(value, newlines_at_end(source.text()));
        Ok(match &value {
            Value::Str(text) if newline != "\n" => Value::str(text.replace('\n', &newline)),
            _ => value,
        })
    }

    /// The compiled form of a YAML string.
    pub(super) fn compiled_value(&self, text: &Str) -> Result<Arc<Compiled>> {
        self.compiled(
            text.shared().clone(),
            &Syntax::Value,
            &Origin::Text(text.clone()),
        )
    }

    /// The compiled form of a text, from the cache or made now.
    pub(super) fn compiled(
        &self,
        text: impl Into<Arc<str>>,
        syntax: &Syntax,
        origin: &Origin,
    ) -> Result<Arc<Compiled>> {
        let key = Key {
            text: text.into(),
            syntax: syntax.clone(),
        };
        let known = self
            .compiled
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key)
            .cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let made = compile(&key.text, syntax, &self.settings.jinja2_extensions)
            .map_err(|failure| failure.error.at(origin.place(failure.at)))?;
        let made = Arc::new(made);
        let mut kept = self
            .compiled
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(key, made.clone());
        Ok(made)
    }
}

/// Adds which variable may have been meant. It is done at the end, because most of what is
/// undefined meets a `default`.
fn hinted(error: Error, scope: &dyn Scope, shared: &Shared) -> Error {
    let name = error
        .message()
        .strip_prefix('\'')
        .and_then(|rest| rest.strip_suffix("' is undefined"));
    let hint = match (name, error.hint_text()) {
        (_, Some(_)) => None,
        (Some(name), None) if name.len() > 2 => {
            let names = scope.names();
            nearest(name, names.iter().map(String::as_str)).or_else(|| not_gathered(&error, scope))
        }
        (_, None) => not_gathered(&error, scope),
    };
    hidden(error.hint_if(hint), shared)
}

/// The hint for a fact of a host whose facts are not known.
fn not_gathered(error: &Error, scope: &dyn Scope) -> Option<String> {
    let root = error.root();
    if !matches!(root.kind(), Kind::Undefined) {
        return advice::of_types(root);
    }
    let facts = scope.variable("ansible_facts");
    let gathered = facts
        .as_ref()
        .and_then(Value::as_map)
        .is_some_and(|facts| !facts.is_empty());
    advice::of_facts(root, gathered)
}

pub(super) fn at_place(text: &Str) -> String {
    text.place()
        .map(|place| format!(" ({place})"))
        .unwrap_or_default()
}

/// Says whether a text is, from its beginning to its end, between delimiters of templates.
fn is_wrapped(text: &str) -> bool {
    (text.starts_with("{{") && text.ends_with("}}"))
        || (text.starts_with("{%") && text.ends_with("%}"))
}
