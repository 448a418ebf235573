//! The names of runs.

use std::hash::{BuildHasher, Hasher};

use jiff::Timestamp;

/// A new id: when the run begins (UTC, to the millisecond) and a few random letters. Ids sort by
/// time.
pub fn new_id(now: Timestamp) -> String {
    // The keys of a hasher are random, and that is enough to tell two runs of one moment apart.
    let random = std::hash::RandomState::new().build_hasher().finish();
    format!(
        "{}-{:03}-{:04x}",
        now.strftime("%Y%m%d-%H%M%S"),
        now.subsec_millisecond(),
        random & 0xffff
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_time() {
        let earlier = new_id("2026-11-29T11:48:30.120Z".parse().unwrap());
        let later = new_id("2026-11-29T11:48:30.121Z".parse().unwrap());
        assert!(earlier < later, "{earlier} {later}");
        assert!(earlier.starts_with("20261129-114830-120-"), "{earlier}");
        assert_eq!(earlier.len(), 24);
    }
}
