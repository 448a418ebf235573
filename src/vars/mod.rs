//! Which value wins, and where it came from.
//!
//! Nothing is merged ahead of time: a name is looked for in the layers, strongest first, when
//! something asks for it ([`TaskScope`]). [`Store`] keeps what hosts have gathered in the run;
//! [`Frame`] is the chain of plays, roles, blocks and includes around a task. The order is the
//! reference's (`vars/manager.py`, `VariableManager.get_vars`).

mod connecting;
mod foreign;
mod frame;
mod hostvars;
mod level;
mod magic;
mod noted;
mod play_state;
mod scope;
mod store;
mod values;

pub use connecting::names as connection_names;
pub use foreign::is_refused as is_refused_fact;
pub use frame::{Frame, FrameKind};
pub use hostvars::delegated_vars;
pub use level::{Definition, Level};
pub use magic::{NAMES as MAGIC_NAMES, version};
pub use noted::{Noted, noting, noting_now};
pub use play_state::PlayState;
pub use scope::{Here, TaskScope};
pub use store::{Facts, HostState, InventoryLayers, RunInfo, Store, World};
pub use values::{Values, seconds};
