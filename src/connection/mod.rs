//! How a script reaches a host.
//!
//! One idea carries ssh, local, docker, podman, kubectl, nspawn, chroot and become alike: a
//! transport opens a shell and hands over its stdin, stdout and stderr. A [`Session`] is one
//! long-lived `/bin/sh` on the host for one user, opened when first needed and kept to the end of
//! the run. This is the only room that starts a process or opens a socket.

mod become_;
mod child;
mod container;
mod dialogue;
mod fetch;
pub mod knock;
mod link;
mod mark;
mod on_terminal;
mod opening;
mod pipes;
mod program;
mod relay;
mod session;
mod ssh;
mod target;
#[cfg(test)]
mod tests;
mod upload;

pub use become_::{is_method as is_become_method, line_of};
pub use dialogue::{Dialogue, Heard};
pub use fetch::fetch;
pub use link::Connection;
pub use on_terminal::{Ended, OnTerminal, is_ignored};
pub use program::{run_program, run_program_blocking};
pub use session::Session;
pub use ssh::{Hello, Look, SSH_OPTIONS};
pub use target::{Ask, Asker, Become, HostKeys, Login, Lost, LostKind, Target, Transport};
pub use upload::Upload;
