//! The lists of packages of Debian: what `apt` and `apt_repository` share.

use crate::shell::{Fragment, PRELUDE};

/// `apt_settings` and `apt_update`.
pub static APT_CACHE: Fragment = Fragment {
    name: "apt_cache",
    text: include_str!("apt_cache.sh"),
    needs: &[&PRELUDE],
};
