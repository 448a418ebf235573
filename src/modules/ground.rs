//! Where on a host a name can be trusted, and how to work where it cannot.
//!
//! Whoever may write in a folder may rename what is in it: a file that was made there by name can
//! be a link to `/etc/shadow` when it is written into by name. Every fragment that writes in
//! folders that may be somebody else's goes through these functions; docs/security.md says what
//! they promise.

use crate::modules::node::NODE;
use crate::shell::Fragment;

/// The functions that judge a folder, and those that work in one that others may change.
pub static GROUND: Fragment = Fragment {
    name: "ground",
    text: include_str!("ground.sh"),
    needs: &[&NODE],
};
