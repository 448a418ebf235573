//! The other service managers: OpenRC, SysV, BSD's rc.d and runit.

use crate::modules::services::systemd::SYSTEMD;
use crate::shell::{Fragment, PRELUDE};

/// OpenRC: `rc-service` and `rc-update`.
pub static OPENRC: Fragment = Fragment {
    name: "openrc",
    text: include_str!("openrc.sh"),
    needs: &[&PRELUDE],
};

/// SysV: `/etc/init.d` and the links in `rc?.d`.
pub static SYSV: Fragment = Fragment {
    name: "sysv",
    text: include_str!("sysv.sh"),
    needs: &[&PRELUDE],
};

/// rc.d of FreeBSD, NetBSD, DragonFly, and OpenBSD's `rcctl`.
pub static RCD: Fragment = Fragment {
    name: "rcd",
    text: include_str!("rcd.sh"),
    needs: &[&PRELUDE],
};

/// runit: `sv`.
pub static RUNIT: Fragment = Fragment {
    name: "runit",
    text: include_str!("runit.sh"),
    needs: &[&PRELUDE],
};

/// Whichever manager a host has.
pub static ANY: Fragment = Fragment {
    name: "services",
    text: include_str!("services.sh"),
    needs: &[&PRELUDE, &SYSTEMD, &OPENRC, &SYSV, &RCD, &RUNIT],
};
