//! Who hears of what happens.

use std::sync::Arc;

use crate::report::Event;

/// Who hears of events. It is called from many tasks, one at a time.
pub type Sink = Arc<dyn Fn(Event) + Send + Sync>;
