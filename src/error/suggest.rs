//! "Did you mean": the nearest of the names that would have been right.

use std::path::Path;

/// What to do where something of a collection is wanted that nobody has: it is not installed, or `lacks` it (`such
/// module`).
pub fn of_collection(collection: &str, installed: Option<&Path>, lacks: &str) -> String {
    match installed {
        Some(place) => format!(
            "the collection `{collection}` is installed in `{}` and has no {lacks}",
            place.display()
        ),
        None => format!(
            "the collection `{collection}` is not installed: `play galaxy collection install {collection}`"
        ),
    }
}

/// The hint `did you mean X?` where one of `names` is near enough to `wrong`.
pub fn nearest<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let limit = (wrong.chars().count() / 3).max(1);
    names
        .into_iter()
        .filter(|name| *name != wrong)
        .map(|name| (strsim::damerau_levenshtein(wrong, name), name))
        .filter(|(distance, _)| *distance <= limit)
        // Something of it has to be the same.
        .filter(|(distance, name)| *distance < wrong.chars().count().max(name.chars().count()))
        .min()
        .map(|(_, name)| format!("did you mean `{name}`?"))
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_near_name_is_suggested_and_a_far_one_is_not() {
        let names = ["lineinfile", "file", "template"];
        assert_eq!(
            nearest("lineinfil", names),
            Some("did you mean `lineinfile`?".to_owned())
        );
        assert_eq!(nearest("frobnicate", names), None);
        assert_eq!(nearest("x", ["", "y"]), None);
    }
}
