//! What only a template knows: macros, loops, namespaces, modules, functions and bound methods.

use std::any::Any;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::Weak;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use super::Scope;
use super::ast;
use super::compile::Compiled;
use super::env::Env;
use super::origin::Origin;
use crate::value::Map;
use crate::value::Object;
use crate::value::Value;

macro_rules! objects {
    ($($type:ident => $name:literal $(=> $empty:expr)?),* $(,)?) => {
        $(impl Object for $type {
            fn type_name(&self) -> &'static str {
                $name
            }

            fn as_any(&self) -> &dyn Any {
                self
            }

            $(fn empty_into(&mut self, waiting: &mut Vec<Value>) {
                let empty: fn(&mut Self, &mut Vec<Value>) = $empty;
                empty(self, waiting);
            })?
        })*
    };
}

objects! {
    Blocks => "TemplateReference",
    Cycler => "Cycler" => |it, waiting| waiting.append(&mut it.items),
    Function => "function",
    Joiner => "Joiner",
    Loop => "LoopContext" => |it, waiting| waiting.append(&mut it.items),
    MacroValue => "Macro",
    Method => "builtin_function_or_method"
        => |it, waiting| waiting.push(std::mem::take(&mut it.receiver)),
    Module => "TemplateModule" => |it, waiting| it.0.empty_into(waiting),
    Namespace => "Namespace" => |it, waiting| it.names().empty_into(waiting),
    Range => "range",
    Super => "BlockReference",
}

/// The object of a type that a value is.
pub(super) fn object<T: Object>(value: &Value) -> Option<&T> {
    match value {
        Value::Object(object) => object.as_any().downcast_ref(),
        _ => None,
    }
}

/// A value that holds an object.
pub(super) fn wrap(object: impl Object) -> Value {
    Value::Object(Arc::new(object))
}

/// `self`: the blocks of the template.
#[derive(Debug)]
pub(super) struct Blocks;

/// `super`: the next block of a name up the line of parents.
#[derive(Debug)]
pub(super) struct Super {
    pub name: Arc<str>,
    pub level: usize,
}

/// One of the functions that every template has.
#[derive(Debug)]
pub(super) struct Function(pub &'static str);

/// A method that was taken and not yet called.
#[derive(Debug)]
pub(super) struct Method {
    pub receiver: Value,
    pub name: Arc<str>,
}

/// The names that an imported template set.
#[derive(Debug)]
pub(super) struct Module(pub Map);

/// A macro with what it can see.
#[derive(Debug)]
pub(super) struct MacroValue {
    pub code: Arc<ast::Macro>,
    pub template: Arc<Compiled>,
    pub origin: Origin,
    /// Weak, because the frame holds the macro; the run keeps the frame.
    pub env: Weak<Env>,
    /// The scope of a template that was imported without context.
    pub scope: MacroScope,
}

/// Where a macro's free names are looked up.
#[derive(Clone)]
pub(super) struct MacroScope(pub Arc<dyn Scope>);

impl std::fmt::Debug for MacroScope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scope")
    }
}

/// `namespace()`: names that a loop's body can set.
#[derive(Debug, Default)]
pub(super) struct Namespace(Mutex<Map>);

impl Namespace {
    pub(super) fn new(map: Map) -> Self {
        Namespace(Mutex::new(map))
    }

    pub(super) fn names(&self) -> MutexGuard<'_, Map> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `range(…)`, of which at most a bounded count of numbers is ever made.
#[derive(Debug, PartialEq)]
pub(super) struct Range {
    pub start: i64,
    pub stop: i64,
    pub step: i64,
}

impl Range {
    /// How many numbers there are.
    pub(super) fn len(&self) -> u64 {
        let (from, to, step) = if self.step > 0 {
            (self.start, self.stop, self.step.unsigned_abs())
        } else {
            (self.stop, self.start, self.step.unsigned_abs())
        };
        if from >= to {
            return 0;
        }
        let distance = (i128::from(to) - i128::from(from)).unsigned_abs();
        u64::try_from(distance.div_ceil(u128::from(step))).unwrap_or(u64::MAX)
    }

    /// The number at a position.
    pub(super) fn at(&self, position: u64) -> Option<i64> {
        if position >= self.len() {
            return None;
        }
        let offset = i128::from(position) * i128::from(self.step);
        i64::try_from(i128::from(self.start) + offset).ok()
    }

    /// As Python prints it.
    pub(super) fn text(&self) -> String {
        match self.step {
            1 => format!("range({}, {})", self.start, self.stop),
            step => format!("range({}, {}, {step})", self.start, self.stop),
        }
    }
}

/// What a recursive loop needs to be run again.
#[derive(Debug)]
pub(super) struct Again {
    pub code: Arc<ast::For>,
    pub template: Arc<Compiled>,
    pub origin: Origin,
    pub env: Weak<Env>,
}

/// `loop`, as it stands in one round.
#[derive(Debug)]
pub(super) struct Loop {
    pub items: Vec<Value>,
    pub index: AtomicUsize,
    /// How many recursive loops it stands in, itself included.
    pub depth: usize,
    /// The loop itself, where it may be called.
    pub again: Option<Again>,
    /// What `changed()` was called with last.
    pub seen: Mutex<Option<Vec<Value>>>,
}

impl Loop {
    /// The position of the present item, from zero.
    pub(super) fn index(&self) -> usize {
        self.index.load(Ordering::Relaxed)
    }

    /// An attribute of `loop`; nothing where there is no such one.
    pub(super) fn attribute(&self, name: &str) -> Option<Value> {
        let (index, length) = (self.index(), self.items.len());
        let neighbour = |at: Option<usize>| at.and_then(|at| self.items.get(at)).cloned();
        Some(match name {
            "index" => Value::from(index + 1),
            "index0" => Value::from(index),
            "revindex" => Value::from(length.saturating_sub(index)),
            "revindex0" => Value::from(length.saturating_sub(index + 1)),
            "first" => Value::Bool(index == 0),
            "last" => Value::Bool(index + 1 == length),
            "length" => Value::from(length),
            "depth" => Value::from(self.depth),
            "depth0" => Value::from(self.depth.saturating_sub(1)),
            "previtem" => return neighbour(index.checked_sub(1)),
            "nextitem" => return neighbour(index.checked_add(1)),
            _ => return None,
        })
    }

    /// Whether the values differ from those of the last call.
    pub(super) fn changed(&self, values: Vec<Value>) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = seen.as_ref() != Some(&values);
        *seen = Some(values);
        changed
    }
}

/// `cycler(…)`.
#[derive(Debug)]
pub(super) struct Cycler {
    pub items: Vec<Value>,
    pub position: AtomicUsize,
}

impl Cycler {
    /// The item that is next, without stepping.
    pub(super) fn current(&self) -> Value {
        let position = self.position.load(Ordering::Relaxed);
        self.items
            .get(position % self.items.len().max(1))
            .cloned()
            .unwrap_or_default()
    }

    /// The item that is next, and a step.
    pub(super) fn step(&self) -> Value {
        let item = self.current();
        self.position.fetch_add(1, Ordering::Relaxed);
        item
    }
}

/// `joiner(…)`: nothing the first time, then its text.
#[derive(Debug)]
pub(super) struct Joiner {
    pub text: Value,
    pub used: AtomicUsize,
}

impl Joiner {
    /// What stands before the next item.
    pub(super) fn call(&self) -> Value {
        match self.used.fetch_add(1, Ordering::Relaxed) {
            0 => Value::str(""),
            _ => self.text.clone(),
        }
    }
}

/// How an object prints; nothing for one that has no text of its own.
pub(super) fn object_text(value: &Value) -> Option<String> {
    if let Some(range) = object::<Range>(value) {
        return Some(range.text());
    }
    if let Some(namespace) = object::<Namespace>(value) {
        let names = Value::map(namespace.names().clone());
        return Some(format!("<Namespace {}>", names.repr()));
    }
    if let Some(found) = object::<MacroValue>(value) {
        return Some(format!("<Macro '{}'>", found.code.name));
    }
    if let Some(found) = object::<Loop>(value) {
        let index = found.index() + 1;
        return Some(format!("<LoopContext {index}/{}>", found.items.len()));
    }
    if let Some(method) = object::<Method>(value) {
        let owner = method.receiver.type_name();
        return Some(format!(
            "<built-in method {} of {owner} object>",
            method.name
        ));
    }
    object::<Function>(value).map(|function| format!("<function {}>", function.0))
}
