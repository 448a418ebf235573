//! One rendering: names looked up, laziness resolved, errors given their places.

use std::cell::Cell as Flag;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use super::Args;
use super::Engine;
use super::FileOptions;
use super::Runtime;
use super::Scope;
use super::ast::{Span, Stmt};
use super::bounds;
use super::bounds::Shared;
use super::cell::Content;
use super::cell::Deferred;
use super::cell::Unopened;
use super::cell::{self, cell};
use super::compile::{Body, Compiled};
use super::env::Env;
use super::functions;
use super::inherit::Chain;
use super::objects::Function;
use super::objects::Loop;
use super::objects::Range;
use super::objects::{object, wrap};
use super::origin::Origin;
use super::output::Output;
use super::registry;
use super::scopes::Overlaid;
use super::syntax::Delimiters;
use super::view::viewed;
use crate::error::Kind;
use crate::error::{Error, Result, Source};
use crate::value::Map;
use crate::value::Str;
use crate::value::Undefined;
use crate::value::Value;

/// What was made of lazy containers, by their address; each is held, so that none takes the address
/// of another.
type Known = HashMap<usize, (Value, Value)>;

/// About what a value in a container takes, in bytes.
const NODE: u64 = 64;

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
    fn render_nested(&self, text: &Str, scope: &Arc<dyn Scope>, name: &str) -> Result<Value> {
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
    fn overlaid(&self, extra: &Map) -> Arc<dyn Scope> {
        if extra.is_empty() {
            return self.scope.clone();
        }
        Arc::new(Overlaid::new(self.scope.clone(), extra.clone()))
    }

    /// Opens a sealed value. Its text is data: it is never a template.
    fn unsealed(&self, value: &Value, scope: &Arc<dyn Scope>) -> Result<Value> {
        match value {
            Value::Sealed(sealed) => {
                let opened = scope.unseal(sealed)?.untrusted();
                self.shared.note(&opened);
                Ok(opened)
            }
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

    /// The value as a filter gets it: ordinary at the top, perhaps lazy below.
    pub(super) fn top(&self, value: Value) -> Result<Value> {
        let value = self.open(value)?;
        if let Some(cell) = cell(&value) {
            return Ok(cell.snapshot());
        }
        if let Some(range) = object::<Range>(&value) {
            return self.range_list(range);
        }
        if let Some(view) = viewed(&value) {
            view.check()?;
            return Ok(self.view_map(&**view));
        }
        Ok(value)
    }

    pub(super) fn range_list(&self, range: &Range) -> Result<Value> {
        bounds::allow_list(range.len())?;
        self.shared.step(range.len() / 16)?;
        Ok(Value::list(
            (0..range.len())
                .filter_map(|position| range.at(position))
                .map(Value::Int)
                .collect(),
        ))
    }

    fn view_map(&self, view: &dyn super::View) -> Value {
        Value::map(
            view.keys()
                .into_iter()
                .filter_map(|key| {
                    let (raw, scope) = view.get(&key)?;
                    let child = self.lazy(raw, scope.as_ref().unwrap_or(&self.scope));
                    Some((Value::str(key), child))
                })
                .collect(),
        )
    }

    /// A raw value from outside, made so that its templates are rendered in `scope` when used.
    pub(super) fn lazy(&self, raw: Value, scope: &Arc<dyn Scope>) -> Value {
        match raw {
            Value::Str(text) if text.is_template() => cell::deferred(text, scope.clone()),
            Value::List(_) | Value::Map(_) if raw.has_templates() => {
                cell::into_cell(raw, Some(scope), self.changes.get())
            }
            Value::List(_) | Value::Map(_) if self.changes.get() => {
                cell::into_cell(raw, None, true)
            }
            Value::Sealed(_) => Value::Object(Arc::new(Unopened {
                sealed: raw,
                scope: scope.clone(),
            })),
            other => other,
        }
    }

    /// The value with no laziness at any depth.
    pub(super) fn deep(&self, value: &Value) -> Result<Value> {
        match value.size().special {
            true => self.deep_at(value, 0, &mut Known::default()),
            false => Ok(value.clone()),
        }
    }

    /// The same, `depth` levels down. What stands in several places is made once.
    fn deep_at(&self, value: &Value, depth: u32, known: &mut Known) -> Result<Value> {
        if depth > bounds::DEEPEST_VALUE {
            return Err(Error::template(
                "a value that is nested too deep, or in itself",
            ));
        }
        self.shared.check_stack()?;
        let open = self.open(value.clone())?;
        match &open {
            Value::Undefined(undefined) => Err(undefined.error.clone()),
            Value::List(items) if items.size().special => {
                Ok(Value::list(self.deep_items(items, depth, known)?))
            }
            Value::Tuple(items) if items.size().special => {
                Ok(Value::tuple(self.deep_items(items, depth, known)?))
            }
            Value::Map(map) if map.size().special => {
                self.shared.step(map.len() as u64)?;
                self.shared.charge(2 * NODE * map.len() as u64)?;
                let mut deep = Map::with_capacity(map.len());
                for (key, value) in &**map {
                    deep.insert(key.clone(), self.deep_at(value, depth + 1, known)?);
                }
                Ok(Value::map(deep))
            }
            Value::Object(object) if cell(&open).is_some() || viewed(&open).is_some() => {
                let address = Arc::as_ptr(object).cast::<()>() as usize;
                if let Some((made, _)) = known.get(&address) {
                    return Ok(made.clone());
                }
                let made = self.deep_at(&self.top(open.clone())?, depth + 1, known)?;
                bounds::allow(&made)?;
                known.insert(address, (made.clone(), open));
                Ok(made)
            }
            _ => Ok(open),
        }
    }

    fn deep_items(&self, items: &[Value], depth: u32, known: &mut Known) -> Result<Vec<Value>> {
        self.shared.step(items.len() as u64)?;
        self.shared.charge(NODE * items.len() as u64)?;
        items
            .iter()
            .map(|item| self.deep_at(item, depth + 1, known))
            .collect()
    }

    /// Charges what a filter or method made, and refuses what is too large.
    pub(super) fn taken(&self, value: &Value) -> Result<()> {
        bounds::allow(value)?;
        match value {
            Value::Str(text) => {
                bounds::allow_text(text.len() as u64)?;
                self.shared.charge(text.len() as u64)
            }
            Value::Bytes(bytes) => self.shared.charge(bytes.len() as u64),
            Value::List(items) | Value::Tuple(items) => {
                self.shared.charge(NODE * items.len() as u64)
            }
            Value::Map(map) | Value::Set(map) => self.shared.charge(2 * NODE * map.len() as u64),
            _ => Ok(()),
        }
    }

    /// What Python's `for x in value` gives.
    pub(super) fn iterate(&self, value: &Value) -> Result<Vec<Value>> {
        let open = self.open(value.clone())?;
        let items = match &open {
            Value::Undefined(undefined) if is_silent(undefined) => Vec::new(),
            Value::Undefined(undefined) => return Err(undefined.error.clone()),
            Value::List(items) | Value::Tuple(items) => items.to_vec(),
            Value::Map(map) | Value::Set(map) => map.keys().cloned().collect(),
            Value::Str(text) => bounds::collected(text.chars())?
                .into_iter()
                .map(|c| Value::str(c.to_string()))
                .collect(),
            Value::Bytes(bytes) => bounds::collected(bytes.iter())?
                .into_iter()
                .map(|byte| Value::Int((*byte).into()))
                .collect(),
            Value::Object(_) => return self.iterate_object(&open),
            other => return Err(not_iterable(other)),
        };
        self.shared.step(items.len() as u64 / 64)?;
        self.shared.charge(NODE * items.len() as u64)?;
        Ok(items)
    }

    fn iterate_object(&self, value: &Value) -> Result<Vec<Value>> {
        if let Some(cell) = cell(value) {
            self.shared.charge(NODE * cell.len() as u64)?;
            self.shared.step(cell.len() as u64 / 64)?;
            return Ok(match cell.content() {
                Content::List(_) => cell.children(),
                Content::Map(map) => map.keys().cloned().collect(),
            });
        }
        if let Some(range) = object::<Range>(value) {
            return Ok(self
                .range_list(range)?
                .as_list()
                .map(|items| items.to_vec())
                .unwrap_or_default());
        }
        if let Some(view) = viewed(value) {
            view.check()?;
            return Ok(view.keys().into_iter().map(Value::str).collect());
        }
        if let Some(it) = object::<Loop>(value) {
            return Ok(it.items.clone());
        }
        Err(not_iterable(value))
    }

    /// Python's `bool(value)`.
    pub(super) fn truth(&self, value: &Value) -> Result<bool> {
        match value {
            Value::Undefined(undefined) if !is_silent(undefined) => Err(undefined.error.clone()),
            Value::Object(_) | Value::Sealed(_) => {
                let open = self.open(value.clone())?;
                if let Some(cell) = cell(&open) {
                    return Ok(cell.len() > 0);
                }
                if let Some(range) = object::<Range>(&open) {
                    return Ok(range.len() > 0);
                }
                if let Some(view) = viewed(&open) {
                    view.check()?;
                    return Ok(!view.keys().is_empty());
                }
                match &open {
                    Value::Object(_) => Ok(true),
                    other => self.truth(other),
                }
            }
            other => Ok(other.is_true()),
        }
    }

    /// Converts a value that is an error into that error.
    pub(super) fn defined(&self, value: Value) -> Result<Value> {
        let open = self.open(value)?;
        match &open {
            Value::Undefined(undefined) => Err(undefined.error.clone()),
            _ => Ok(open),
        }
    }

    /// Python's `str(value)`, tuples kept.
    pub(super) fn string(&self, value: &Value) -> Result<String> {
        match value {
            Value::Str(text) => return Ok(text.to_string()),
            Value::Undefined(undefined) if is_silent(undefined) => return Ok(String::new()),
            _ => {}
        }
        let deep = self.deep(value)?;
        Ok(super::objects::object_text(&deep).unwrap_or_else(|| deep.to_text()))
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

fn not_iterable(value: &Value) -> Error {
    Error::template(format!("'{}' object is not iterable", value.type_name()))
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

impl Runtime for Run<'_> {
    fn scope(&self) -> &Arc<dyn Scope> {
        &self.scope
    }

    fn resolve(&self, value: &Value) -> Result<Value> {
        self.shared.check_stack()?;
        self.top(value.clone())
    }

    fn plain(&self, value: &Value) -> Result<Value> {
        self.shared.check_stack()?;
        self.deep(value)
    }

    fn items(&self, value: &Value) -> Result<Vec<Value>> {
        self.shared.check_stack()?;
        self.shared.step(1)?;
        self.iterate(value)?
            .into_iter()
            .map(|item| self.top(item))
            .collect()
    }

    fn attribute(&self, value: &Value, name: &str) -> Result<Value> {
        self.top(self.get_attribute(value, name)?)
    }

    fn item(&self, value: &Value, key: &Value) -> Result<Value> {
        self.top(self.get_item(value, key)?)
    }

    fn text(&self, value: &Value) -> Result<String> {
        self.string(value)
    }

    fn filter(&self, name: &str, args: Args) -> Result<Value> {
        let filter = registry::filter(name, &*self.scope)?;
        self.shared.step(1)?;
        self.shared.check_stack()?;
        let value = filter(self, args)?;
        self.taken(&value)?;
        Ok(value)
    }

    fn test(&self, name: &str, args: Args) -> Result<bool> {
        let test = registry::test(name, &*self.scope)?;
        self.shared.step(1)?;
        test(self, args)
    }

    fn lookup(&self, name: &str, terms: Vec<Value>, options: Map) -> Result<Vec<Value>> {
        let lookup = registry::lookup(name, &*self.scope)?;
        let answers = self.shared.deeper(|| match lookup {
            Some(lookup) => lookup(self, terms, options),
            None => super::foreign::lookup(self, name, terms, options),
        })?;
        Ok(answers.iter().map(Value::untrusted).collect())
    }

    fn render(&self, text: &Str, extra: &Map) -> Result<Value> {
        let scope = self.overlaid(extra);
        let value = self.render_nested(&text.trusted(), &scope, "a template")?;
        self.finished(&value)
    }

    fn render_file(
        &self,
        source: &Arc<Source>,
        options: &FileOptions,
        extra: &Map,
    ) -> Result<Value> {
        let scope = self.overlaid(extra);
        self.shared
            .deeper(|| self.engine.file_value(source, options, &scope, self.shared))
    }

    fn variable(&self, name: &str) -> Result<Option<Value>> {
        match self.variable_value(name)? {
            Some(value) => Ok(Some(self.top(value)?)),
            None => Ok(None),
        }
    }

    fn charge(&self, bytes: u64) -> Result<()> {
        self.shared.charge(bytes)
    }

    fn warn(&self, message: String) {
        self.scope.warn(message);
    }
}
