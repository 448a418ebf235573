//! Where a task is done, and as whom: `delegate_to`, `become`.

use std::sync::Arc;

use super::job::Job;
use crate::connection::{Become, Target, Transport};
use crate::error::{Error, Result};
use crate::executor::wire;
use crate::template::Scope;
use crate::vars::{TaskScope, Values, connection_names, delegated_vars};

/// Where a task is done.
pub struct Where {
    /// The host, and how to log in.
    pub target: Target,
    /// Who it is done as, where that is not the login user.
    pub user: Option<Become>,
    /// `delegate_to`.
    pub delegate: Option<String>,
}

impl Job<'_> {
    /// Where the task is done and as whom.
    ///
    /// # Errors
    /// A keyword or a variable is wrong.
    pub(super) fn place(&self, values: &Values<'_>) -> Result<Where> {
        let access = &self.actor.run().options.access;
        let delegate = values.keyword_text("delegate_to")?;
        let Some(delegate) = delegate else {
            self.refuse_no_delegate(values)?;
            return Ok(Where {
                target: wire::target(values, access, self.is_implicit(values.host_name()))?,
                user: wire::become_user(values, access)?,
                delegate: None,
            });
        };
        let host: Arc<str> = Arc::from(delegate.as_str());
        self.names.store.read_layers(&[host])?;
        let other = self.there(&delegate);
        let there = Values::new(values.engine, &other);
        let target = wire::target(&there, access, self.is_implicit(&delegate))?;
        let user = wire::become_user(&there, access)?;
        Ok(Where {
            target,
            user,
            delegate: Some(delegate),
        })
    }

    /// The names as another host sees them, under the same keywords.
    fn there(&self, host: &str) -> TaskScope {
        let mut other = TaskScope::of_host(&self.names.store, host);
        other.play = self.names.play.clone();
        other.frame = Some(Arc::clone(self.frame));
        other
    }

    /// What a task that is done on another host knows of that: its variables, and those of the
    /// connection that its own host does not set (`update_vars` of the reference's
    /// `playbook/play_context.py`).
    pub(super) fn delegated_names(&self, names: &TaskScope, host: &str) -> TaskScope {
        let mut locals = crate::entries! {
            "ansible_delegated_vars" => delegated_vars(&names.store, host),
        };
        let there = self.there(host);
        for name in connection_names() {
            if names.definitions(name).is_empty()
                && let Some(value) = there.variable(name)
            {
                locals.set(name, value);
            }
        }
        names.with_locals(&locals)
    }

    /// A template that gives no host does not mean this host.
    fn refuse_no_delegate(&self, values: &Values<'_>) -> Result<()> {
        let empty = values.keyword("delegate_to")?.is_some();
        match self.frame.keyword("delegate_to") {
            Some(entry) if empty && entry.value.has_templates() => {
                Err(Error::input("`delegate_to` gives an empty name").at(entry.place.clone()))
            }
            _ => Ok(()),
        }
    }

    /// Says whether a name is the controller's own, without the inventory saying otherwise.
    fn is_implicit(&self, name: &str) -> bool {
        let inventory = self.names.store.inventory();
        match inventory.host(name) {
            Some(host) => host.implicit,
            None => crate::inventory::LOCALHOST.contains(&name),
        }
    }

    /// `delegate_to` before it is known what it means.
    pub(super) fn delegate_as_written(&self) -> Option<String> {
        let delegate = self.frame.keyword("delegate_to")?.value.to_text();
        (!delegate.is_empty()).then_some(delegate)
    }
}

/// The host a task was delegated to, with its address where that says more.
pub fn delegated(name: &str, target: &Target) -> String {
    if target.address == name || target.transport == Transport::Local {
        return name.to_owned();
    }
    format!("{name}({})", target.address)
}

/// The name of a way to a host.
pub fn connection_name(transport: &Transport) -> &'static str {
    match transport {
        Transport::Chroot => "chroot",
        Transport::Docker => "docker",
        Transport::Kubectl { .. } => "kubectl",
        Transport::Local => "local",
        Transport::Nspawn => "nspawn",
        Transport::OpenSsh => "openssh",
        Transport::Podman => "podman",
        Transport::Ssh => "ssh",
    }
}
