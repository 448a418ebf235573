//! Roles and collections that others wrote: where they are looked for, which versions go together,
//! and how they come onto this machine.
//!
//! A requirement ([`Requirements`]) names a role or a collection; servers ([`Server`]) with Galaxy's
//! API, git repositories, archives and folders have them; [`collections::plan`] decides on versions,
//! a [`Lock`] remembers the decision. What comes from outside is a stranger's: hashes are checked,
//! archives are opened with bounds and never out of their folder, and a folder is put in its place
//! only when it is whole.

mod api;
mod archive;
mod cache;
pub mod collections;
mod git;
mod lock;
mod metadata;
mod parallel;
mod requirement;
mod resolve;
pub mod roles;
mod server;
mod version;

pub use archive::Limits;
pub use cache::Cache;
pub use lock::{Lock, LockedCollection, LockedRole};
pub use metadata::Metadata;
pub use requirement::{CollectionWish, Form, Origin, Requirements, RoleWish, is_name};
pub use server::{Proof, Server, Token};
pub use version::{Range, Version};

use crate::error::Error;

/// What is told while things are fetched and installed.
#[derive(Debug)]
pub enum Note {
    /// A line of the answer.
    Say(String),
    /// A line for those who asked for more, with the number of `-v`.
    Detail(u8, String),
    /// What is allowed but probably not meant.
    Warning(Error),
    /// So many of so many are fetched, the last of them this.
    Fetched {
        /// How many are here.
        done: usize,
        /// How many there are.
        all: usize,
        /// What came last.
        what: String,
    },
}

/// What fetching needs to know.
pub struct Galaxy {
    /// Where names are looked for, in this order.
    pub servers: Vec<Server>,
    /// What was fetched before.
    pub cache: Cache,
    /// Nothing is asked of the network.
    pub offline: bool,
    /// Whether certificates are checked.
    pub verify: bool,
    /// How many seconds an answer may take.
    pub timeout: u64,
    /// Collections that do not name this version of Ansible are passed over.
    pub mind_ansible: bool,
    /// Who hears of it.
    pub tell: Box<dyn Fn(Note) + Send + Sync>,
}

impl Galaxy {
    fn say(&self, text: impl Into<String>) {
        (self.tell)(Note::Say(text.into()));
    }

    fn detail(&self, level: u8, text: impl Into<String>) {
        (self.tell)(Note::Detail(level, text.into()));
    }

    fn warn(&self, warning: Error) {
        (self.tell)(Note::Warning(warning));
    }
}

impl Galaxy {
    /// What the servers know of a role, as JSON; nothing where none knows it.
    ///
    /// # Errors
    /// A server gives no proper answer.
    pub fn role(&self, name: &str) -> crate::error::Result<Option<String>> {
        for server in &self.servers {
            if let Some(role) = server.role(self, name)? {
                return Ok(Some(role.whole.to_string()));
            }
        }
        Ok(None)
    }
}
