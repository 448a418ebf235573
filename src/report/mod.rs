//! Everything that happens in a run is an [`Event`], and everybody who wants to know listens.
//!
//! The executor tells one stream of events; the screen, JSON lines, JUnit, the HTML report and the
//! journal are [`Listener`]s. Nothing but this room and the command line prints.

pub mod callbacks;
mod cause;
mod clean;
mod conceal;
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
mod vaulted;

pub use crate::error::printable;
pub use cause::{cause, telling};
pub use clean::Clean;
pub use conceal::{Concealing, is_secret_name};
pub use event::{
    Counts, Cut, Event, Included, Item, Listener, PlayInfo, Recap, Result, RunInfo, Status,
    TaskInfo,
};
pub use gate::{CENSORED, gate, hidden, hidden_now, is_hidden};
pub use live::{Beside, Live, LiveLine, Slow};
pub use out::{Stdout, note as note_trouble, trouble};
pub use printed::{Printed, Several, Teller};
pub use screen::{Format, Screen, ScreenOptions, deprecation, interrupted_lines};
pub use vaulted::{Masked, Secrets};
