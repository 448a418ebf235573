//! `manifest` of `galaxy.yml`: which files a collection has, in the words of Python's `MANIFEST.in`.
//!
//! A directive takes files to those that were chosen before, or away from them. `*` and `?` stop at a `/`, and
//! `**` is `*`: that a pattern goes deeper is what the `recursive-` in front of it says. Links are never chosen.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use regex::Regex;

use super::source::class;
use crate::error::{Error, Result};
use crate::galaxy::Metadata;
use crate::yaml::Node;

/// What stands below `manifest`.
#[derive(Clone, Debug, Default)]
pub struct Control {
    directives: Vec<String>,
    omit_default_directives: bool,
}

/// Kinds of plugins that may have a page in YAML beside them.
const DOCUMENTED: [&str; 14] = [
    "become",
    "cache",
    "callback",
    "cliconf",
    "connection",
    "filter",
    "httpapi",
    "inventory",
    "lookup",
    "netconf",
    "shell",
    "strategy",
    "test",
    "vars",
];

/// The reference's own directives, before those of the file.
const BEFORE: [&str; 10] = [
    "include meta/*.yml",
    "include *.txt *.md *.rst *.license COPYING LICENSE",
    "recursive-include .reuse **",
    "recursive-include LICENSES **",
    "recursive-include tests **",
    "recursive-include docs **.rst **.yml **.yaml **.json **.j2 **.txt **.license",
    "recursive-include roles **.yml **.yaml **.json **.j2 **.license",
    "recursive-include playbooks **.yml **.yaml **.json **.license",
    "recursive-include changelogs **.yml **.yaml **.license",
    "recursive-include plugins */**.py */**.license",
];

impl Control {
    /// What a file says below `manifest`; nothing is as good as an empty dictionary.
    ///
    /// # Errors
    /// A key is unknown, or a value is not of its kind.
    pub fn read(node: &Node) -> Result<Control> {
        let mut control = Control::default();
        if node.is_null() {
            return Ok(control);
        }
        let entries = node
            .entries()
            .ok_or_else(|| node.error("`manifest` wants a dictionary"))?;
        for (key, value) in entries {
            match key.value().to_text().as_str() {
                "directives" => {
                    let items = value
                        .items()
                        .ok_or_else(|| value.error("\"manifest.directives\" must be a list"))?;
                    control.directives = items.iter().map(|item| item.value().to_text()).collect();
                }
                "omit_default_directives" => {
                    control.omit_default_directives = value.value().as_bool().ok_or_else(|| {
                        value.error(
                            "\"manifest.omit_default_directives\" is expected to be a boolean",
                        )
                    })?;
                }
                other => {
                    let text = format!("Invalid \"manifest\" provided: it has no key `{other}`");
                    return Err(Error::input(text)
                        .at(key.place().clone())
                        .hint("its keys are directives and omit_default_directives"));
                }
            }
        }
        if control.omit_default_directives && control.directives.is_empty() {
            return Err(node.error(
                "\"manifest.omit_default_directives\" was set to True, but no directives were defined in \
                 \"manifest.directives\": the collection would be empty",
            ));
        }
        Ok(control)
    }

    /// All directives, in order.
    pub(super) fn all(&self, metadata: &Metadata) -> Vec<String> {
        if self.omit_default_directives {
            return self.directives.clone();
        }
        let mut all: Vec<String> = BEFORE.map(str::to_owned).to_vec();
        let license = metadata.info.get("license_file");
        if let Some(file) = license.filter(|file| !file.is_null()) {
            all.push(format!("include {}", file.to_text()));
        }
        let documented = DOCUMENTED.iter();
        all.extend(
            documented.map(|kind| format!("recursive-include plugins/{kind} **.yml **.yaml")),
        );
        for line in [
            "recursive-include plugins/modules **.ps1 **.yml **.yaml **.license",
            "recursive-include plugins/module_utils **.ps1 **.psm1 **.cs **.license",
        ] {
            all.push(line.to_owned());
        }
        all.extend(self.directives.iter().cloned());
        let (namespace, name) = (&metadata.namespace, &metadata.name);
        all.push(format!(
            "exclude galaxy.yml galaxy.yaml MANIFEST.json FILES.json {namespace}-{name}-*.tar.gz"
        ));
        all.push("recursive-exclude tests/output **".to_owned());
        all.push("global-exclude /.* /__pycache__ *.pyc *.pyo *.bak *~ *.swp".to_owned());
        all
    }
}

/// The files that some directives choose of all, and the folders above them; sorted by folder and name.
///
/// # Errors
/// A directive is none.
pub(super) fn chosen(directives: &[String], all: &[PathBuf]) -> Result<Vec<(PathBuf, bool)>> {
    let names: Vec<String> = all
        .iter()
        .map(|path| format!("/{}", path.to_string_lossy()))
        .collect();
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    for directive in directives {
        let (takes, patterns) = parsed(directive)?;
        for pattern in patterns {
            let fit = |at: &usize| pattern.is_match(&names[*at]);
            match takes {
                true => taken.extend((0..all.len()).filter(fit)),
                false => taken.retain(|at| !fit(at)),
            }
        }
    }
    let mut found: BTreeSet<(PathBuf, bool)> = BTreeSet::new();
    for at in taken {
        found.insert((all[at].clone(), false));
        let above = all[at].ancestors().skip(1);
        let above = above.filter(|folder| !folder.as_os_str().is_empty());
        found.extend(above.map(|folder| (folder.to_owned(), true)));
    }
    let mut found: Vec<(PathBuf, bool)> = found.into_iter().collect();
    let key = |path: &Path| {
        let parent = path
            .parent()
            .map(|above| above.to_string_lossy().into_owned());
        (
            parent,
            path.file_name()
                .map(|name| name.to_string_lossy().into_owned()),
        )
    };
    found.sort_by_cached_key(|(path, _)| key(path));
    Ok(found)
}

/// Whether a directive takes files (or gives them away), and which.
fn parsed(directive: &str) -> Result<(bool, Vec<Regex>)> {
    let wrong = |why: String| Error::input(format!("Invalid manifest directive: {why}"));
    let mut words: Vec<&str> = directive.split_whitespace().collect();
    let actions = [
        "include",
        "exclude",
        "global-include",
        "global-exclude",
        "recursive-include",
        "recursive-exclude",
        "graft",
        "prune",
    ];
    if words.len() == 1 && !actions.contains(&words[0]) {
        words.insert(0, "include");
    }
    let (action, rest) = words
        .split_first()
        .ok_or_else(|| wrong("it is empty".to_owned()))?;
    let patterns: Vec<String> = match (*action, rest) {
        ("include" | "exclude" | "global-include" | "global-exclude", []) => {
            return Err(wrong(format!(
                "'{action}' expects <pattern1> <pattern2> ..."
            )));
        }
        ("include" | "exclude", patterns) => patterns
            .iter()
            .map(|one| format!("^/{}$", expression(one)))
            .collect(),
        ("global-include" | "global-exclude", patterns) => patterns
            .iter()
            .map(|one| format!("{}$", expression(one)))
            .collect(),
        ("recursive-include" | "recursive-exclude", [folder, patterns @ ..])
            if !patterns.is_empty() =>
        {
            let below = |one: &&str| format!("^/{}/.*{}$", expression(folder), expression(one));
            patterns.iter().map(below).collect()
        }
        ("recursive-include" | "recursive-exclude", _) => {
            let text = format!("'{action}' expects <dir> <pattern1> <pattern2> ...");
            return Err(wrong(text));
        }
        ("graft" | "prune", [folder]) => vec![format!("^/{}/.*$", expression(folder))],
        ("graft" | "prune", _) => {
            return Err(wrong(format!("'{action}' expects a single <dir_pattern>")));
        }
        _ => return Err(wrong(format!("unknown action '{action}'"))),
    };
    let takes = matches!(
        *action,
        "include" | "global-include" | "recursive-include" | "graft"
    );
    let patterns = patterns.iter().map(|text| {
        Regex::new(&format!("(?s){text}")).map_err(|_| wrong(format!("`{directive}`")))
    });
    Ok((takes, patterns.collect::<Result<_>>()?))
}

/// The expression of a pattern in which `*` and `?` stop at `/`.
fn expression(pattern: &str) -> String {
    let mut text = String::new();
    let mut letters = pattern.trim_end_matches('/').chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '*' => text.push_str("[^/]*"),
            '?' => text.push_str("[^/]"),
            '[' => match class(&mut letters) {
                Some(inner) => text += &inner,
                None => text.push_str("\\["),
            },
            other => text += &regex::escape(&other.to_string()),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(directives: &[&str], files: &[&str]) -> Result<Vec<String>> {
        let directives: Vec<String> = directives.iter().map(|one| (*one).to_owned()).collect();
        let files: Vec<PathBuf> = files.iter().map(PathBuf::from).collect();
        let found = chosen(&directives, &files)?;
        let name = |(path, folder): &(PathBuf, bool)| {
            format!("{}{}", path.display(), if *folder { "/" } else { "" })
        };
        Ok(found.iter().map(name).collect())
    }

    #[test]
    fn patterns_stop_at_a_folder_unless_they_are_recursive() {
        let files = ["a.md", "x/a.md", "x/y/b.md", "x/y/.z", "m.pyc", "x/c.txt"];
        for (directives, found) in [
            (&["include *.md"][..], &["a.md"][..]),
            (&["a.md"], &["a.md"]),
            (&["include **.md x/?.txt"], &["a.md", "x/", "x/c.txt"]),
            (
                &["recursive-include x **"],
                &["x/", "x/a.md", "x/c.txt", "x/y/", "x/y/.z", "x/y/b.md"],
            ),
            (
                &["graft x", "global-exclude /.* *.txt", "prune x/y"],
                &["x/", "x/a.md"],
            ),
            (
                &["recursive-include x */**.md"],
                &["x/", "x/y/", "x/y/b.md"],
            ),
            (
                &[
                    "global-include *",
                    "recursive-exclude x *",
                    "exclude [m-n].pyc",
                ],
                &["a.md"],
            ),
        ] {
            assert_eq!(of(directives, &files).unwrap(), found, "{directives:?}");
        }
    }

    #[test]
    fn what_is_no_directive_is_refused() {
        for wrong in [
            "",
            "include",
            "graft a b",
            "recursive-include x",
            "take x y",
        ] {
            let error = of(&[wrong], &["a"]).unwrap_err();
            assert!(
                error.message().starts_with("Invalid manifest directive"),
                "{wrong}"
            );
        }
    }
}
