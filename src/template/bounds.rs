//! What a template may cost, so that none hangs the run or fills the memory.
//!
//! One budget is shared by all renderings that stand in each other. Steps bound the time. Every
//! value that an expression makes is looked at once ([`allow`]): how deep it is and what it weighs,
//! which containers know of themselves. Bytes that are taken are charged ([`Shared::charge`]), and
//! every so often the memory of the process is looked at. What could become large in one go asks
//! first ([`allow_text`], [`allow_list`], [`collected`]).

use std::cell::Cell;
use std::cell::RefCell;
use std::sync::Arc;

use super::env::Env;
use super::hide::secrets_in;
use crate::error::{Error, Kind, Result};
use crate::value::Value;

/// Whether the bounds are narrow: tests have little time, and a sanitizer makes everything slow.
const NARROW: bool = cfg!(test) || cfg!(fuzzing);

/// How many steps (rounds of loops, calls) one rendering may take.
const STEPS: u64 = if NARROW { 1_000_000 } else { 50_000_000 };

/// How many bytes of text one rendering may make.
const BYTES: u64 = if cfg!(fuzzing) { 1 << 26 } else { 1 << 30 };

/// The longest text, in bytes, that a template may make.
pub(super) const LONGEST_TEXT: u64 = if cfg!(fuzzing) { 1 << 23 } else { 128 << 20 };

/// How many items a list may get from `range`, `*` and the like.
pub(super) const LONGEST_LIST: u64 = if cfg!(fuzzing) { 100_000 } else { 2_000_000 };

/// How deep containers may stand in one another, as in YAML. Python gives up near a thousand.
pub(super) const DEEPEST_VALUE: u32 = 512;

/// What a value may weigh, in bytes, were everything in it written out; as in YAML.
const HEAVIEST: u64 = 256 << 20;

/// After how many charged bytes the memory of the process is looked at.
const LOOK: u64 = 64 << 20;

/// By how many bytes the process may grow while a template is rendered.
const GROWTH: u64 = 1 << 30;

/// The widest integer, in bits.
pub(super) const WIDEST_INTEGER: u64 = 1_000_000;

/// How deep templates, macros and includes may stand in each other.
const DEEPEST: usize = 300;

/// How many bytes of the stack one rendering may use; a thread has at least twice as many.
const STACK: usize = 1 << 20;

/// What the renderings that stand in each other share.
#[derive(Debug)]
pub(super) struct Shared {
    /// About where the stack was when the outermost rendering began.
    stack: usize,
    steps: Cell<u64>,
    bytes: Cell<u64>,
    /// Bytes charged since the memory was last looked at.
    charged: Cell<u64>,
    /// What the process held when it was first looked at.
    first_look: Cell<Option<u64>>,
    depth: Cell<usize>,
    /// The texts being rendered, outermost first.
    trail: RefCell<Vec<Step>>,
    /// What was read of sealed values.
    sealed: RefCell<Vec<Value>>,
    /// Frames that macros refer to.
    kept: RefCell<Vec<Arc<Env>>>,
    /// What is said in the place of undefined values, where they are shown and do not fail.
    replaced: RefCell<Option<Vec<String>>>,
}

impl Default for Shared {
    fn default() -> Self {
        Shared {
            stack: stack_position(),
            steps: Cell::default(),
            bytes: Cell::default(),
            charged: Cell::default(),
            first_look: Cell::default(),
            depth: Cell::default(),
            trail: RefCell::default(),
            sealed: RefCell::default(),
            kept: RefCell::default(),
            replaced: RefCell::default(),
        }
    }
}

/// About where the stack is now.
#[inline(never)]
fn stack_position() -> usize {
    let here = 0_u8;
    std::ptr::from_ref(&here).addr()
}

/// A text being rendered in a scope.
#[derive(Clone, Debug, PartialEq)]
struct Step {
    text: usize,
    scope: usize,
    name: String,
}

impl Shared {
    /// Counts `steps`.
    pub(super) fn step(&self, steps: u64) -> Result<()> {
        self.steps.set(self.steps.get().saturating_add(steps));
        if self.steps.get() > STEPS {
            return Err(Error::template(format!(
                "the template takes more than {STEPS} steps"
            )));
        }
        Ok(())
    }

    /// Counts `bytes` of text that were made.
    pub(super) fn spend(&self, bytes: usize) -> Result<()> {
        self.bytes
            .set(self.bytes.get().saturating_add(bytes as u64));
        if self.bytes.get() > BYTES {
            return Err(Error::template(format!(
                "the template makes more than {} MB of text",
                BYTES >> 20
            )));
        }
        self.charge(bytes as u64)
    }

    /// Counts `bytes` that were taken; now and then, looks at what the process holds.
    ///
    /// # Errors
    /// It grew by more than a rendering may take.
    #[inline]
    pub(super) fn charge(&self, bytes: u64) -> Result<()> {
        let charged = self.charged.get().saturating_add(bytes);
        self.charged.set(charged);
        if charged < LOOK {
            return Ok(());
        }
        self.charged.set(0);
        self.look()
    }

    #[cold]
    fn look(&self) -> Result<()> {
        let Some(held) = held() else { return Ok(()) };
        match self.first_look.get() {
            None => self.first_look.set(Some(held)),
            Some(first) if held.saturating_sub(first) > growth() => {
                return Err(Error::template(format!(
                    "the template fills the memory: it takes more than {} MB",
                    growth() >> 20
                )));
            }
            Some(_) => {}
        }
        Ok(())
    }

    /// Keeps a frame that a macro refers to for as long as the outermost rendering runs.
    pub(super) fn keep(&self, env: &Arc<Env>) {
        let mut kept = self.kept.borrow_mut();
        if !kept.iter().any(|known| Arc::ptr_eq(known, env)) {
            kept.push(env.clone());
        }
    }

    /// Remembers a value that may hold what came out of a vault: an error must not quote it.
    pub(super) fn note(&self, value: &Value) {
        let is_sealed = match value {
            Value::Str(text) => text.is_secret(),
            other => other.place().is_some_and(|place| place.source.is_sealed()),
        };
        if is_sealed {
            self.sealed.borrow_mut().push(value.clone());
        }
    }

    /// The texts out of vaults that were read.
    pub(super) fn secrets(&self) -> Vec<String> {
        let mut found = Vec::new();
        for value in self.sealed.borrow().iter() {
            secrets_in(value, &mut found);
        }
        found
    }

    /// Refuses to go deeper where the stack might not last.
    #[inline]
    pub(super) fn check_stack(&self) -> Result<()> {
        if self.stack.abs_diff(stack_position()) > STACK {
            return Err(self.too_deep());
        }
        Ok(())
    }

    /// Runs `inner` one level deeper.
    pub(super) fn deeper<T>(&self, inner: impl FnOnce() -> Result<T>) -> Result<T> {
        if self.depth.get() >= DEEPEST {
            return Err(self.too_deep());
        }
        self.check_stack()?;
        self.depth.set(self.depth.get() + 1);
        let result = inner();
        self.depth.set(self.depth.get() - 1);
        result
    }

    /// From now on something is put in the place of undefined values.
    pub(super) fn replace_undefined(&self) {
        self.replaced.replace(Some(Vec::new()));
    }

    /// Whether something stands in the place of an undefined value.
    pub(super) fn replaces(&self, error: &Error) -> bool {
        self.replaced.borrow().is_some() && error.kind() == Kind::Undefined
    }

    /// What stands in the place of an undefined value; nothing where it is an error.
    pub(super) fn instead_of(&self, error: &Error) -> Option<String> {
        let mut replaced = self.replaced.borrow_mut();
        let replaced = replaced
            .as_mut()
            .filter(|_| error.kind() == Kind::Undefined)?;
        replaced.push(error.message().to_owned());
        Some(format!(
            "<< error {} - {} >>",
            replaced.len(),
            error.message()
        ))
    }

    /// What was undefined and replaced, in order.
    pub(super) fn all_replaced(&self) -> Vec<String> {
        self.replaced.take().unwrap_or_default()
    }

    /// Runs `inner`, which renders the text at `text` in the scope at `scope`.
    ///
    /// # Errors
    /// The same is already being rendered: it would never end.
    pub(super) fn enter<T>(
        &self,
        text: usize,
        scope: usize,
        name: &str,
        inner: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        let step = Step {
            text,
            scope,
            name: name.to_owned(),
        };
        if let Some(cycle) = self.cycle(&step) {
            return Err(Error::template(format!(
                "Recursive loop detected in template: {cycle}"
            )));
        }
        self.trail.borrow_mut().push(step);
        let result = self.deeper(inner);
        self.trail.borrow_mut().pop();
        result
    }

    /// The names from the first rendering of the same text on, `a -> b -> a`.
    fn cycle(&self, step: &Step) -> Option<String> {
        let trail = self.trail.borrow();
        let first = trail
            .iter()
            .position(|known| known.text == step.text && known.scope == step.scope)?;
        let mut names: Vec<&str> = trail[first..].iter().map(|step| &*step.name).collect();
        names.push(trail.get(first).map_or("", |step| &*step.name));
        Some(names.join(" -> "))
    }

    fn too_deep(&self) -> Error {
        let trail = self.trail.borrow();
        let names: Vec<&str> = trail.iter().rev().take(4).map(|step| &*step.name).collect();
        let last = match names.len() {
            0 => String::new(),
            _ => format!(
                ": … -> {}",
                names.into_iter().rev().collect::<Vec<_>>().join(" -> ")
            ),
        };
        Error::template(format!(
            "Recursive loop detected in template: too deep{last}"
        ))
    }
}

/// How many bytes of memory the process holds; nothing where the system does not say.
fn held() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split(' ').nth(1)?.parse().ok()?;
    Some(pages.saturating_mul(rustix::param::page_size() as u64))
}

/// By how much the process may grow: less where it is itself bound (`ulimit -v`).
fn growth() -> u64 {
    use rustix::process::{Resource, getrlimit};
    match getrlimit(Resource::As).current {
        Some(most) => GROWTH.min(most / 4),
        None => GROWTH,
    }
}

/// Refuses a value that is too deep or too heavy to be printed, compared or kept.
#[inline]
pub(super) fn allow(value: &Value) -> Result<()> {
    let size = match value {
        Value::List(items) | Value::Tuple(items) => items.size(),
        Value::Map(map) | Value::Set(map) => map.size(),
        _ => return Ok(()),
    };
    if size.depth > DEEPEST_VALUE {
        return Err(Error::template(format!(
            "a value that is nested more than {DEEPEST_VALUE} levels deep"
        )));
    }
    if size.weight > HEAVIEST {
        return Err(Error::template(format!(
            "a value that takes more than {} MB when it is written out",
            HEAVIEST >> 20
        )));
    }
    Ok(())
}

/// The items of `iterator`, unless there are too many.
pub(super) fn collected<T>(iterator: impl IntoIterator<Item = T>) -> Result<Vec<T>> {
    let most = usize::try_from(LONGEST_LIST).unwrap_or(usize::MAX);
    let items: Vec<T> = iterator.into_iter().take(most + 1).collect();
    if items.len() > most {
        return Err(Error::template(format!(
            "a list of more than the {LONGEST_LIST} items allowed"
        )));
    }
    Ok(items)
}

/// Refuses a text of `count` pieces of `length` bytes that would be too long.
pub(super) fn allow_pieces(count: usize, length: usize) -> Result<()> {
    allow_text((count as u64).saturating_mul(length as u64))
}

/// Refuses a text of `bytes` that would be too long.
pub(super) fn allow_text(bytes: u64) -> Result<()> {
    if bytes > LONGEST_TEXT {
        return Err(Error::template(format!(
            "a text of {bytes} bytes is longer than the {} MB allowed",
            LONGEST_TEXT >> 20
        )));
    }
    Ok(())
}

/// Refuses a list of `items` that would be too long.
pub(super) fn allow_list(items: u64) -> Result<()> {
    if items > LONGEST_LIST {
        return Err(Error::template(format!(
            "a list of {items} items is longer than the {LONGEST_LIST} allowed"
        )));
    }
    Ok(())
}
