//! Which tasks the tags choose (the reference's `playbook/taggable.py`).

/// `--tags` and `--skip-tags`.
#[derive(Clone, Debug, Default)]
pub struct Tags {
    /// What runs; empty means all.
    pub only: Vec<String>,
    /// What does not.
    pub skip: Vec<String>,
}

impl Tags {
    /// Says whether a task with these tags runs.
    pub fn choose(&self, tags: &[String]) -> bool {
        let untagged = ["untagged".to_owned()];
        let tags = if tags.is_empty() { &untagged } else { tags };
        self.is_wanted(tags) && !self.is_skipped(tags)
    }

    fn is_wanted(&self, tags: &[String]) -> bool {
        let has = |name: &str| tags.iter().any(|tag| tag == name);
        let only = |name: &str| self.only.iter().any(|tag| tag == name);
        if self.only.is_empty() {
            return has("always") || !has("never");
        }
        has("always")
            || only("all") && !has("never")
            || tags.iter().any(|tag| self.only.contains(tag))
            || only("tagged") && !has("untagged") && !has("never")
    }

    fn is_skipped(&self, tags: &[String]) -> bool {
        let has = |name: &str| tags.iter().any(|tag| tag == name);
        let skip = |name: &str| self.skip.iter().any(|tag| tag == name);
        if skip("all") && (!has("always") || skip("always")) {
            return true;
        }
        tags.iter().any(|tag| self.skip.contains(tag)) || skip("tagged") && !has("untagged")
    }
}

#[cfg(test)]
mod tests {
    use super::Tags;

    #[test]
    fn tags_choose_as_the_reference_does() {
        for (only, skip, tags, runs) in [
            ("", "", "", true),
            ("", "", "never", false),
            ("a", "", "a", true),
            ("a", "", "", false),
            ("a", "", "always", true),
            ("a", "", "never a", true),
            ("all", "", "never a", false),
            ("tagged", "", "", false),
            ("tagged", "", "x", true),
            ("untagged", "", "", true),
            ("untagged", "", "x", false),
            ("", "a", "a b", false),
            ("", "all", "x", false),
            ("", "all", "always", true),
            ("", "tagged", "x", false),
            ("", "tagged", "", true),
            ("", "untagged", "", false),
            ("", "always", "always", false),
        ] {
            let list = |text: &str| {
                text.split_whitespace()
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            };
            let chosen = Tags {
                only: list(only),
                skip: list(skip),
            }
            .choose(&list(tags));
            assert_eq!(chosen, runs, "only={only} skip={skip} tags={tags}");
        }
    }
}
