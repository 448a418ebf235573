//! The lists of packages of Debian: what `apt` and `apt_repository` share.

use crate::modules::ground::GROUND;
use crate::shell::Fragment;

/// `apt_settings` and `apt_update`.
pub static APT_CACHE: Fragment = Fragment {
    name: "apt_cache",
    text: include_str!("apt_cache.sh"),
    needs: &[&GROUND],
};
