//! How a script reaches a host.
//!
//! One idea carries ssh, local, docker, podman, kubectl, nspawn, chroot and become alike: a
//! transport opens a shell and hands over its stdin, stdout and stderr. A [`Session`] is one
//! long-lived `/bin/sh` on the host for one user, opened when first needed and kept to the end of
//! the run. This is the only room that starts a process or opens a socket.

mod target;

pub use target::{Become, HostKeys, Login, Lost, LostKind, Target, Transport};
