//! What happens to a variable that is set twice.

use std::sync::Arc;

use crate::value::Map;
use crate::value::Value;

/// Adds the variables of `new`; they win. With `merge_hashes`, dictionaries are merged all the
/// way down (`hash_behaviour=merge`).
pub fn merge(into: &mut Map, new: &Map, merge_hashes: bool) {
    for (key, value) in new {
        merge_entry(into, key.clone(), value.clone(), merge_hashes);
    }
}

/// Sets one variable, as [`merge`] does.
pub(super) fn merge_entry(into: &mut Map, key: Value, value: Value, merge_hashes: bool) {
    if merge_hashes
        && let Value::Map(new) = &value
        && let Some(Value::Map(old)) = into.get_value(&key)
    {
        let mut both = Map::clone(old);
        merge(&mut both, new, true);
        into.insert(key, Value::Map(Arc::new(both)));
        return;
    }
    into.insert(key, value);
}
