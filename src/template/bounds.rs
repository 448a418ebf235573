//! What a template may cost, so that none hangs the run or fills the memory.

use std::cell::Cell;
use std::cell::RefCell;
use std::sync::Arc;

use super::env::Env;
use crate::error::{Error, Result};

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
    depth: Cell<usize>,
    /// The texts being rendered, outermost first.
    trail: RefCell<Vec<Step>>,
    /// Frames that macros refer to.
    kept: RefCell<Vec<Arc<Env>>>,
}

impl Default for Shared {
    fn default() -> Self {
        Shared {
            stack: stack_position(),
            steps: Cell::default(),
            bytes: Cell::default(),
            depth: Cell::default(),
            trail: RefCell::default(),
            kept: RefCell::default(),
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
        Ok(())
    }

    /// Keeps a frame that a macro refers to for as long as the outermost rendering runs.
    pub(super) fn keep(&self, env: &Arc<Env>) {
        let mut kept = self.kept.borrow_mut();
        if !kept.iter().any(|known| Arc::ptr_eq(known, env)) {
            kept.push(env.clone());
        }
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
                "recursive loop detected in template: {cycle}"
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
            "recursive loop detected in template: too deep{last}"
        ))
    }
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
