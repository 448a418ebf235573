//! The kinds of source: one file for each.

pub(super) mod constructed;
pub(super) mod foreign;
pub(super) mod generator;
pub(super) mod host_list;
pub(super) mod ini;
pub(super) mod plugin;
pub(super) mod script;
pub(super) mod structured;
pub(super) mod toml;
pub(super) mod vagrant;
