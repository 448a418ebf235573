//! Everything that happens in a run is an [`Event`], and everybody who wants to know listens.
//!
//! The executor tells one stream of events; the screen, JSON lines, JUnit, the HTML report and the
//! journal are [`Listener`]s. Nothing but this room and the command line prints.

pub mod callbacks;
mod clean;
pub mod diff;
mod event;
mod gate;
pub mod journal;
mod live;
mod out;
pub mod outputs;
pub mod page;
mod printed;
pub mod record;
mod screen;

pub use clean::printable;
pub use event::{
    Counts, Cut, Event, Included, Item, Listener, PlayInfo, Recap, Result, RunInfo, Status,
    TaskInfo,
};
pub use gate::{gate, hidden, hidden_now, is_hidden};
pub use live::{Live, LiveLine};
pub use out::{Stdout, note as note_trouble, trouble};
pub use printed::{Printed, Several, Teller};
pub use screen::{Format, Screen, ScreenOptions, adhoc_line, adhoc_one_line, interrupted_lines};
