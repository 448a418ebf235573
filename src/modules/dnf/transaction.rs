//! What dnf did or would do.

use crate::outcome::Outcome;
use crate::shell::Reply;
use crate::value::Value;

/// What dnf was asked to do.
pub struct Asked {
    /// Its subcommand.
    pub verb: &'static str,
    /// What it was told, in the user's words.
    pub names: Vec<String>,
    /// Whether it was only asked what it would do.
    pub check: bool,
    /// What is said of names whatever it does.
    pub notes: Vec<String>,
}

/// Nothing is done.
pub fn nothing(message: &str, notes: Vec<String>) -> Outcome {
    Outcome::ok().with("msg", message).with("rc", 0).with("results", Value::strings(notes))
}

impl Asked {
    /// Reads the reply of `dnf_act`.
    pub fn outcome(self, reply: &Reply) -> Outcome {
        let rc = reply.int("rc").unwrap_or(-1);
        let output = reply.stdout_text();
        let errors = reply.stderr_text();
        let aborted = self.check && (output.contains("Operation aborted") || errors.contains("Operation aborted"));
        if rc != 0 && !aborted {
            return failure(rc, output, errors);
        }
        let done = if self.check { self.predicted(&output, &lines(reply, "before")) } else { differences(reply) };
        let message = match (done.is_empty(), self.check) {
            (true, _) => "Nothing to do",
            (false, true) => "Check mode: No changes made, but would have if not in check mode",
            (false, false) => "",
        };
        let changed = !done.is_empty();
        let results = self.notes.into_iter().chain(done);
        Outcome::new(changed).with("msg", message).with("rc", 0).with("results", Value::strings(results))
    }

    /// What a transaction would do: nothing where dnf says so; by its table, or what was asked for.
    fn predicted(&self, output: &str, before: &[String]) -> Vec<String> {
        let rows = planned(output, before);
        if !rows.is_empty() || output.contains("Nothing to do") {
            return rows;
        }
        let word = if matches!(self.verb, "remove" | "autoremove") { "Removed" } else { "Installed" };
        if self.names.is_empty() {
            return vec![format!("{word}: *")];
        }
        self.names.iter().map(|name| format!("{word}: {name}")).collect()
    }
}

fn failure(rc: i64, output: String, errors: String) -> Outcome {
    let unknown = unknown(&errors, &output);
    let results = Value::list(Vec::new());
    if !unknown.is_empty() {
        let failures = unknown.iter().map(|name| format!("No package {name} available."));
        return Outcome::failed("Failed to install some of the specified packages")
            .with("rc", 1)
            .with("results", results)
            .with("failures", Value::strings(failures));
    }
    Outcome::failed(complaint(&errors, &output))
        .with("rc", rc)
        .with("results", results)
        .with("stdout", output)
        .with("stderr", errors)
}

/// The names that no repository knows; dnf5 and yum say so in the error alone.
fn unknown(errors: &str, output: &str) -> Vec<String> {
    let after = |mark: &str| -> Vec<String> {
        let all = errors.lines().chain(output.lines());
        all.filter_map(|line| Some(line.split_once(mark)?.1.trim().to_owned())).collect()
    };
    let each = after("No match for argument: ");
    match each.is_empty() {
        true => after("Unable to find a match: ").iter().flat_map(|names| names.split(' ')).map(str::to_owned).collect(),
        false => each,
    }
}

/// What went wrong, in one line.
fn complaint(errors: &str, output: &str) -> String {
    let told: Vec<&str> = errors.lines().chain(output.lines()).filter(|line| line.contains("rror")).collect();
    match told.is_empty() {
        true => format!("the package manager failed: {}", errors.trim()),
        false => format!("Failed to install some of the specified packages: {}", told.join("; ")),
    }
}

/// Packages as rpm lists them: `name-epoch:version-release.architecture`.
fn lines(reply: &Reply, name: &str) -> Vec<String> {
    reply.text(name).unwrap_or_default().lines().map(str::to_owned).collect()
}

/// What is different after a transaction, by rpm's own list.
fn differences(reply: &Reply) -> Vec<String> {
    let (before, after) = (lines(reply, "before"), lines(reply, "after"));
    let new = after.iter().filter(|package| !before.contains(package));
    let gone = before.iter().filter(|package| !after.contains(package));
    new.map(|package| format!("Installed: {}", shown(package)))
        .chain(gone.map(|package| format!("Removed: {}", shown(package))))
        .collect()
}

/// A package without an epoch that it has not.
fn shown(package: &str) -> String {
    package.replacen("-0:", "-", 1)
}

/// The rows of dnf's table, as results; `before` says which versions are replaced.
pub fn planned(output: &str, before: &[String]) -> Vec<String> {
    let (mut new, mut gone) = (Vec::new(), Vec::new());
    let mut section = "";
    let mut words: Vec<&str> = Vec::new();
    for line in output.lines() {
        if !line.starts_with(' ') {
            section = section_of(line);
            words.clear();
            continue;
        }
        // A name that is too long for its column has the rest of its row on the next line.
        words.extend(line.split_whitespace());
        let [name, architecture, version, _, ..] = words[..] else {
            continue;
        };
        let package = shown(&format!("{name}-{version}.{architecture}"));
        match section {
            "Removing" => gone.push(format!("Removed: {package}")),
            "Installing" => new.push(format!("Installed: {package}")),
            "Upgrading" | "Downgrading" | "Reinstalling" if name != "replacing" => {
                new.push(format!("Installed: {package}"));
                gone.extend(replaced(before, name, architecture).map(|old| format!("Removed: {}", shown(old))));
            }
            _ => {}
        }
        words.clear();
    }
    [new, gone].concat()
}

/// The section that a line begins: `Installing dependencies:`, `Removing:`; or none.
fn section_of(line: &str) -> &str {
    match line.trim_end().strip_suffix(':') {
        Some(title) => title.split(' ').next().unwrap_or_default(),
        None => "",
    }
}

fn replaced<'a>(before: &'a [String], name: &str, architecture: &str) -> impl Iterator<Item = &'a String> {
    let (start, end) = (format!("{name}-"), format!(".{architecture}"));
    before.iter().filter(move |package| {
        let rest = package.strip_prefix(&start).and_then(|rest| rest.strip_suffix(&end));
        let epoch = rest.and_then(|rest| rest.split_once(':'));
        epoch.is_some_and(|(epoch, _)| epoch.chars().all(|c| c.is_ascii_digit()))
    })
}

#[cfg(test)]
mod tests {
    use super::{planned, unknown};

    #[test]
    fn the_table_says_what_would_be_done() {
        let output = "\
Dependencies resolved.
======================
 Package      Architecture  Version  Repository  Size
======================
Installing:
 tool         noarch        1.0-1    base        5.9 k
Installing dependencies:
 a-library-with-a-very-long-name
              x86_64        2:1.0-1  base        5.9 k
Upgrading:
 lib          noarch        2.0-1    base        5.9 k
Removing:
 old          noarch        3-1      @base       8

Transaction Summary
======================
Install  2 Packages
";
        let before = ["lib-0:1.0-1.noarch", "lib-tool-0:1.0-1.noarch", "old-0:3-1.noarch"].map(str::to_owned);
        assert_eq!(
            planned(output, &before),
            [
                "Installed: tool-1.0-1.noarch",
                "Installed: a-library-with-a-very-long-name-2:1.0-1.x86_64",
                "Installed: lib-2.0-1.noarch",
                "Removed: lib-1.0-1.noarch",
                "Removed: old-3-1.noarch",
            ]
        );
        assert!(planned("Dependencies resolved.\nNothing to do.\nComplete!\n", &before).is_empty());
    }

    #[test]
    fn names_that_nobody_knows_are_read() {
        let names = ["one", "two"];
        assert_eq!(unknown("Error: Unable to find a match: one two", ""), names);
        let output = "No match for argument: one\nNo match for argument: two\n";
        assert_eq!(unknown("Error: Unable to find a match: one two", output), names);
        assert!(unknown("Error: no network", "").is_empty());
    }
}
