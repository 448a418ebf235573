//! What a play knows while it runs.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use crate::playbook::{Play, RoleUse};
use crate::value::Map;

/// A play that runs: its variables, its roles, its hosts.
#[derive(Debug)]
pub struct PlayState {
    /// The play.
    pub play: Arc<Play>,
    /// Its name, rendered.
    pub name: String,
    /// Answers to `vars_prompt`.
    pub prompts: Arc<Map>,
    /// The hosts of the play, in order.
    pub hosts: Vec<Arc<str>>,
    /// The folder of the playbook.
    pub folder: PathBuf,
    changing: RwLock<Changing>,
}

#[derive(Debug, Default)]
struct Changing {
    batch: Vec<Arc<str>>,
    failed: Vec<Arc<str>>,
    unreachable: Vec<Arc<str>>,
    ended: Vec<Arc<str>>,
    roles: Vec<Arc<RoleUse>>,
    included_roles: Vec<Arc<RoleUse>>,
    files: HashMap<Arc<str>, Vec<Arc<Map>>>,
}

impl PlayState {
    /// A play that is about to run on `hosts`.
    pub fn new(
        play: Arc<Play>,
        name: String,
        prompts: Arc<Map>,
        hosts: Vec<Arc<str>>,
        folder: PathBuf,
    ) -> Self {
        let roles = play
            .role_uses
            .iter()
            .filter(|used| used.public)
            .cloned()
            .collect();
        PlayState {
            play,
            name,
            prompts,
            hosts,
            folder,
            changing: RwLock::new(Changing {
                roles,
                ..Changing::default()
            }),
        }
    }

    /// The hosts of the batch that runs, failed and ended ones left out.
    pub fn batch(&self) -> Vec<Arc<str>> {
        self.read(|now| now.alive(&now.batch))
    }

    /// The hosts of the batch that runs, but for those that failed or cannot be reached: one that has
    /// ended is among them (`get_hosts_remaining` of the reference's `strategy/__init__.py`).
    pub fn current(&self) -> Vec<Arc<str>> {
        self.read(|now| {
            let lost =
                |host: &&Arc<str>| now.failed.contains(*host) || now.unreachable.contains(*host);
            now.batch
                .iter()
                .filter(|host| !lost(host))
                .cloned()
                .collect()
        })
    }

    /// The hosts of the play that have neither failed nor ended.
    pub fn hosts_left(&self) -> Vec<Arc<str>> {
        self.read(|now| now.alive(&self.hosts))
    }

    /// The hosts that failed.
    pub fn failed(&self) -> Vec<Arc<str>> {
        self.read(|now| now.failed.clone())
    }

    /// Begins a batch.
    pub fn begin_batch(&self, hosts: &[Arc<str>]) {
        self.write(|now| now.batch = hosts.to_vec());
    }

    /// Takes a host out that failed or cannot be reached.
    pub fn lose(&self, host: &Arc<str>, unreachable: bool) {
        self.write(|now| {
            let list = if unreachable {
                &mut now.unreachable
            } else {
                &mut now.failed
            };
            if !list.contains(host) {
                list.push(Arc::clone(host));
            }
        });
    }

    /// Takes a host out that is done with the play (`meta: end_host`).
    pub fn end(&self, host: &Arc<str>) {
        self.write(|now| now.ended.push(Arc::clone(host)));
    }

    /// Lets the whole play see a role's variables (`include_role` with `public`).
    pub fn publish(&self, role: &Arc<RoleUse>) {
        self.write(|now| {
            if !now.roles.iter().any(|known| Arc::ptr_eq(known, role)) {
                now.roles.push(Arc::clone(role));
            }
        });
    }

    /// Remembers a role that `include_role` brought, for the lists of role names.
    pub fn include_role(&self, role: &Arc<RoleUse>) {
        self.write(|now| now.included_roles.push(Arc::clone(role)));
    }

    /// The roles that the play uses, those that were included last.
    pub fn used_roles(&self) -> Vec<Arc<RoleUse>> {
        let included = self.read(|now| now.included_roles.clone());
        self.play
            .role_uses
            .iter()
            .cloned()
            .chain(included)
            .collect()
    }

    /// The roles whose variables the whole play sees, in order of their use.
    pub fn roles(&self) -> Vec<Arc<RoleUse>> {
        self.read(|now| now.roles.clone())
    }

    /// Sets the `vars_files` of a host, weakest first.
    pub fn set_files(&self, host: &Arc<str>, files: Vec<Arc<Map>>) {
        self.write(|now| {
            now.files.insert(Arc::clone(host), files);
        });
    }

    /// The `vars_files` of a host, weakest first.
    pub fn files(&self, host: &str) -> Vec<Arc<Map>> {
        self.read(|now| now.files.get(host).cloned().unwrap_or_default())
    }

    fn read<T>(&self, ask: impl FnOnce(&Changing) -> T) -> T {
        ask(&self.changing.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn write(&self, change: impl FnOnce(&mut Changing)) {
        change(
            &mut self
                .changing
                .write()
                .unwrap_or_else(PoisonError::into_inner),
        );
    }
}

impl Changing {
    fn alive(&self, hosts: &[Arc<str>]) -> Vec<Arc<str>> {
        hosts
            .iter()
            .filter(|host| {
                let lists = [&self.failed, &self.unreachable, &self.ended];
                !lists.iter().any(|list| list.contains(host))
            })
            .cloned()
            .collect()
    }
}
