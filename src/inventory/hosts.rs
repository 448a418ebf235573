//! The hosts that a word of an inventory stands for: `web[1:3]:2222`.

use super::GroupId;
use super::HostId;
use super::Inventory;
use super::address;
use super::range;
use crate::error::Result;
use crate::value::Map;
use crate::value::Value;

/// The names that `text` stands for, and the port it gives them.
///
/// # Errors
/// A range that is not written as one.
pub(super) fn expand(text: &str) -> Result<(Vec<String>, Option<u32>)> {
    if !text.contains([':', '[']) {
        return Ok((vec![text.to_owned()], None));
    }
    let (pattern, port) = address::parse(text).unwrap_or((text, None));
    Ok((range::expand(pattern)?, port))
}

impl Inventory {
    /// Adds a host unless it is there; only a new one gets `port` as its `ansible_port`.
    pub(super) fn add_host_with_port(
        &mut self,
        name: &str,
        group: Option<GroupId>,
        port: Option<u32>,
    ) -> Result<HostId> {
        let known = self.host_id(name).is_some();
        let id = self.add_host(name, group)?;
        if let (Some(port), false) = (port, known) {
            self.set_host_variable(id, Value::str("ansible_port"), Value::from(port));
        }
        Ok(id)
    }

    /// Sets variables of a host.
    pub(super) fn set_host_variables(&mut self, id: HostId, vars: &Map) {
        for (key, value) in vars {
            self.set_host_variable(id, key.clone(), value.clone());
        }
    }
}
