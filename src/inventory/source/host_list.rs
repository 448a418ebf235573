//! Hosts written where a source is named: `-i web1,web2,`.

use crate::error::{Kind, Result};
use crate::inventory::Inventory;
use crate::inventory::UNGROUPED;
use crate::inventory::address;
use crate::inventory::hosts::expand;
use crate::inventory::range;

/// Adds the hosts of a comma list to `inventory`.
///
/// With `ranges` they are expanded, as the reference's `advanced_host_list` does; its `host_list`, which is
/// what it uses unless told otherwise, takes `web[1:3]` for the name of one host.
///
/// # Errors
/// A range that is not written as one.
pub(crate) fn read(inventory: &mut Inventory, text: &str, ranges: bool) -> Result<()> {
    let words = text.split(',').map(str::trim);
    for word in words.filter(|word| !word.is_empty()) {
        let (names, port) = match (address::parse(word), word.contains('[')) {
            (Some((host, _)), _) if !ranges && host.contains('[') => {
                inventory.note(format!(
                    "Unable to parse address from hostname, leaving unchanged: `{word}` is a range"
                ));
                (vec![word.to_owned()], None)
            }
            (Some(_), _) => expand(word)?,
            (None, true) if !ranges => (vec![word.to_owned()], None),
            (None, true) => match range::expand(word) {
                Ok(names) => (names, None),
                Err(error) if error.kind() == Kind::Input => return Err(error),
                Err(error) => {
                    inventory.note(format!(
                        "Unable to parse address from hostname, leaving unchanged: {error}"
                    ));
                    (vec![word.to_owned()], None)
                }
            },
            (None, false) => (vec![word.to_owned()], None),
        };
        for name in names {
            if inventory.host_id(&name).is_none() {
                inventory.add_host_with_port(&name, Some(UNGROUPED), port)?;
            }
        }
    }
    Ok(())
}
