//! The hosts a playbook can mean, the groups they are in, and the sources both come from.
//!
//! An [`Inventory`] is data: reading files, running scripts and rendering templates is a
//! [`Reader`]'s, which the caller hands in. [`load`] reads the sources, [`Pattern`] and
//! [`Inventory::select`] say which hosts are meant, [`Inventory::layers`] which variables they
//! have from the inventory and the files beside it, and [`show`] prints it all as
//! `ansible-inventory` does.

mod address;
mod data;
mod dynamic;
mod files;
mod glob;
mod group;
mod host;
mod hosts;
mod layers;
mod literal;
mod load;
mod merge;
mod pattern;
mod plugins;
mod range;
mod reader;
mod reconcile;
mod select;
mod share;
pub mod show;
mod source;
mod walk;
mod words;

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod tests;

pub use data::{ALL, GroupId, HostId, Inventory, Rules, UNGROUPED};
pub use files::{Owner, VarsFiles, files_for};
pub use group::{Group, GroupNames};
pub use host::{Host, LOCALHOST, Origin};
pub use layers::{Layer, Layers, Level, Merger};
pub use load::{Loaded, Options, load};
pub use merge::merge;
pub use pattern::Pattern;
pub use plugins::{Plugin, read_text};
pub use reader::{Entry, Foreign, Kind, Reader};
pub use select::Selected;
pub use share::Share;
