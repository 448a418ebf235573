//! Short text files of a host's configuration, written whole by a module's own fragment.

use crate::modules::placing::PLACING;
use crate::shell::Fragment;

/// The functions that write them.
pub static TEXTS: Fragment = Fragment {
    name: "texts",
    text: include_str!("texts.sh"),
    needs: &[&PLACING],
};
