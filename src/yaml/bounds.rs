//! How much a text may ask for. PyYAML has no bounds; these are far above any honest file.

/// How deep lists and mappings may stand in one another, through aliases too.
pub(super) const DEPTH: usize = 512;

/// What the nodes that aliases repeat may weigh together, were they written out.
pub(super) const ALIASES: u64 = 256 << 20;

/// What one node weighs beside its text; about what it takes in memory.
pub(super) const NODE: u64 = 64;

/// How long a text may be, in bytes.
pub(super) const TEXT: usize = 512 << 20;

/// How many digits a decimal number may have, as in Python (`sys.set_int_max_str_digits`).
pub(super) const DIGITS: usize = 4300;
