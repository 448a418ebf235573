//! Tasks of our own, which stand in no file.

use std::sync::Arc;

use crate::playbook::{Action, FREE_TEXT, Keywords, Play, Task};
use crate::value::{Map, Value};

/// A task of our own, which stands in no file.
pub fn own_task(name: &str, action: &str, args: Map, keywords: Keywords, play: &Play) -> Task {
    let mut args = args;
    if action == "meta" {
        args.set(FREE_TEXT, "noop");
    }
    Task {
        name: Some(Value::str(name)),
        action: Action {
            name: action.to_owned(),
            args,
            variable: None,
            stray: None,
            place: play.place.clone(),
        },
        repeat: None,
        keywords,
        vars: Arc::default(),
        handler: false,
        place: play.place.clone(),
    }
}
