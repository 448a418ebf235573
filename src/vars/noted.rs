//! Warnings that belong to the result of the task that is being done.

use std::cell::RefCell;

use crate::value::Map;

tokio::task_local! {
    static NOTED: RefCell<Noted>;
}

/// What was told while a task was done.
#[derive(Clone, Debug, Default)]
pub struct Noted {
    /// Its warnings.
    pub warnings: Vec<String>,
    /// What will not be understood for ever: `msg`, and what else a result has of it.
    pub deprecations: Vec<Map>,
}

/// Does some work, and gives what was told meanwhile.
pub async fn noting<T>(work: impl Future<Output = T>) -> (T, Noted) {
    NOTED
        .scope(RefCell::default(), async {
            let done = work.await;
            (done, NOTED.with(RefCell::take))
        })
        .await
}

/// As [`noting`], for work that waits for nothing.
pub fn noting_now<T>(work: impl FnOnce() -> T) -> (T, Noted) {
    NOTED.sync_scope(RefCell::default(), || {
        let done = work();
        (done, NOTED.with(RefCell::take))
    })
}

/// Keeps a warning for the result of the task that is being done.
pub fn warning(text: &str) {
    keep(
        |noted| &mut noted.warnings,
        text.to_owned(),
        |one, other| one == other,
    );
}

/// Keeps what is said of something that will not be understood for ever.
pub fn deprecation(told: Map) {
    let same = |one: &Map, other: &Map| one.get("msg") == other.get("msg");
    keep(|noted| &mut noted.deprecations, told, same);
}

fn keep<T>(list: impl FnOnce(&mut Noted) -> &mut Vec<T>, one: T, same: impl Fn(&T, &T) -> bool) {
    // Outside of a task nobody keeps it.
    let _ = NOTED.try_with(|noted| {
        let mut noted = noted.borrow_mut();
        let list = list(&mut noted);
        if !list.iter().any(|known| same(known, &one)) {
            list.push(one);
        }
    });
}
