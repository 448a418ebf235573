//! The names that a template itself sets: frames inside frames, as Jinja's blocks nest.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use crate::value::Value;

/// One frame of names and the frame around it.
///
/// Frames are shared, because a macro keeps the frame it was made in and sees what is set there
/// later.
#[derive(Debug, Default)]
pub(super) struct Env {
    names: Mutex<Vec<(Arc<str>, Value)>>,
    around: Option<Arc<Env>>,
}

impl Env {
    /// The outermost frame of a template.
    pub(super) fn root() -> Arc<Env> {
        Arc::new(Env::default())
    }

    /// A frame inside `self`.
    pub(super) fn inner(self: &Arc<Env>) -> Arc<Env> {
        Arc::new(Env {
            names: Mutex::default(),
            around: Some(self.clone()),
        })
    }

    fn names(&self) -> MutexGuard<'_, Vec<(Arc<str>, Value)>> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The value of a name in this frame or one around it.
    pub(super) fn find(&self, name: &str) -> Option<Value> {
        let mut env = Some(self);
        while let Some(frame) = env {
            let names = frame.names();
            if let Some((_, value)) = names.iter().rev().find(|(key, _)| &**key == name) {
                return Some(value.clone());
            }
            drop(names);
            env = frame.around.as_deref();
        }
        None
    }

    /// Sets a name in this frame.
    pub(super) fn set(&self, name: &Arc<str>, value: Value) {
        let mut names = self.names();
        match names.iter_mut().find(|(key, _)| key == name) {
            Some((_, old)) => *old = value,
            None => names.push((name.clone(), value)),
        }
    }

    /// The names of this frame alone, in the order they were set.
    pub(super) fn own(&self) -> Vec<(Arc<str>, Value)> {
        self.names().clone()
    }
}
