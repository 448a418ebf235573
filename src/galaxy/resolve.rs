//! Which versions go together. PubGrub decides (the algorithm of uv and Dart's pub); the rules about
//! pre-releases, what is installed and what a lock says are the reference's and ours.

use std::collections::BTreeMap;
use std::fmt;

use pubgrub::{
    DefaultStringReporter, Dependencies, DependencyProvider, PackageResolutionStatistics,
    PubGrubError, Ranges, Reporter,
};

use super::version::{Range, Version};
use crate::error::{Error, Result};

/// Where versions and what they need are asked for.
pub trait Index {
    /// The versions there are of a collection.
    ///
    /// # Errors
    /// Nobody can say.
    fn versions(&self, name: &str) -> Result<Vec<Version>>;

    /// What a version needs.
    ///
    /// # Errors
    /// Nobody can say.
    fn needs(&self, name: &str, version: &Version) -> Result<BTreeMap<String, String>>;

    /// Names that will be asked for soon, so that they can be fetched at once.
    fn expect(&self, names: &[String]);
}

/// A version that is here already, with what it needs.
#[derive(Clone, Debug)]
pub struct Present {
    /// The version.
    pub version: Version,
    /// The collections that it needs, with the ranges.
    pub needs: BTreeMap<String, String>,
}

/// What is asked for, and by which rules.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// Names and ranges that are asked for.
    pub wishes: Vec<(String, Range)>,
    /// What came as an archive, a folder or a repository: no other version will do.
    pub given: BTreeMap<String, Present>,
    /// What is installed: taken where it fits.
    pub installed: BTreeMap<String, Present>,
    /// What a lock says: taken where it fits.
    pub locked: BTreeMap<String, Version>,
    /// What is installed is taken only where nothing newer fits.
    pub upgrade: bool,
    /// Versions before a release are taken too.
    pub pre_releases: bool,
    /// What the wishes need is not looked at.
    pub no_needs: bool,
}

/// The name of what asks: no collection is called so.
const ASKER: &str = "the requirements";

/// A version for every name.
///
/// # Errors
/// No versions go together, with the reason; or the index fails.
pub fn resolve(question: &Question, index: &dyn Index) -> Result<BTreeMap<String, Version>> {
    let names: Vec<String> = question
        .wishes
        .iter()
        .map(|(name, _)| name.clone())
        .collect();
    index.expect(&names);
    let first = Version::parse("0.0.0")?;
    let solver = Solver { question, index };
    match pubgrub::resolve(&solver, ASKER.to_owned(), first) {
        Ok(found) => Ok(found
            .into_iter()
            .filter(|(name, _)| name != ASKER)
            .collect()),
        Err(PubGrubError::NoSolution(tree)) => {
            let why = DefaultStringReporter::report(&tree);
            let why = why.replace(&format!("{ASKER} 0.0.0"), ASKER);
            Err(Error::input(format!(
                "failed to resolve the requested dependencies map: {}",
                why.trim_end_matches('.')
            ))
            .hint("versions before a release are taken only where one is named, or with --pre"))
        }
        Err(
            PubGrubError::ErrorRetrievingDependencies { source, .. }
            | PubGrubError::ErrorChoosingVersion { source, .. }
            | PubGrubError::ErrorInShouldCancel(source),
        ) => Err(source.0),
    }
}

struct Solver<'a> {
    question: &'a Question,
    index: &'a dyn Index,
}

impl Solver<'_> {
    /// The newest version that the rules allow.
    fn newest(&self, name: &str, range: &Ranges<Version>) -> Result<Option<Version>> {
        let all = self.index.versions(name)?;
        let only_pre = all.iter().all(Version::is_pre_release);
        let takes = |version: &&Version| {
            let named = range.as_singleton() == Some(*version);
            let allowed = only_pre || named || self.question.pre_releases;
            range.contains(*version) && (allowed || !version.is_pre_release())
        };
        Ok(all.iter().filter(takes).max().cloned())
    }

    fn choose(&self, name: &str, range: &Ranges<Version>) -> Result<Option<Version>> {
        let question = self.question;
        if name == ASKER {
            return Version::parse("0.0.0").map(Some);
        }
        if let Some(given) = question.given.get(name) {
            return Ok(Some(given.version.clone()).filter(|version| range.contains(version)));
        }
        if let Some(locked) = question.locked.get(name).filter(|v| range.contains(v)) {
            return Ok(Some(locked.clone()));
        }
        let installed = question.installed.get(name).map(|present| &present.version);
        let installed = installed.filter(|version| range.contains(version));
        match installed {
            Some(installed) if !question.upgrade => Ok(Some(installed.clone())),
            Some(installed) => Ok(self.newest(name, range)?.max(Some(installed.clone()))),
            None => self.newest(name, range),
        }
    }

    fn needs(&self, name: &str, version: &Version) -> Result<Vec<(String, Ranges<Version>)>> {
        let question = self.question;
        if name == ASKER {
            let mut all: BTreeMap<String, Ranges<Version>> = BTreeMap::new();
            for (name, range) in &question.wishes {
                let known = all.entry(name.clone()).or_insert_with(Ranges::full);
                *known = known.intersection(range.ranges());
            }
            return Ok(all.into_iter().collect());
        }
        let here = question
            .given
            .get(name)
            .or_else(|| question.installed.get(name));
        let here = here.filter(|present| present.version == *version);
        let needs = match here {
            Some(present) => present.needs.clone(),
            // It is asked for even where nothing is done with it: the archive's address comes with it.
            None => self.index.needs(name, version)?,
        };
        if question.no_needs {
            return Ok(Vec::new());
        }
        let names: Vec<String> = needs.keys().cloned().collect();
        self.index.expect(&names);
        let ranges = needs.into_iter().map(|(needed, range)| {
            let range = Range::parse(&range).map_err(|error| {
                Error::input(format!(
                    "{name} {version} needs {needed} in strange versions"
                ))
                .because(error)
            })?;
            Ok((needed, range.ranges().clone()))
        });
        ranges.collect()
    }
}

/// Our error, as the algorithm wants it.
#[derive(Debug)]
struct Failed(Error);

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.message())
    }
}

impl std::error::Error for Failed {}

impl DependencyProvider for Solver<'_> {
    type P = String;
    type V = Version;
    type VS = Ranges<Version>;
    type Priority = u32;
    type M = String;
    type Err = Failed;

    /// What made trouble often is decided early.
    fn prioritize(&self, _: &String, _: &Self::VS, seen: &PackageResolutionStatistics) -> u32 {
        seen.conflict_count()
    }

    fn choose_version(&self, name: &String, range: &Self::VS) -> Result<Option<Version>, Failed> {
        self.choose(name, range).map_err(Failed)
    }

    fn get_dependencies(
        &self,
        name: &String,
        version: &Version,
    ) -> Result<Dependencies<String, Self::VS, String>, Failed> {
        let needs = self.needs(name, version).map_err(Failed)?;
        Ok(Dependencies::Available(needs.into_iter().collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `name version: need range, need range`, a line each.
    struct Table(&'static str);

    impl Table {
        fn rows(&self) -> impl Iterator<Item = (&str, Version, &str)> {
            let lines = self
                .0
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty());
            lines.map(|line| {
                let (head, needs) = line.split_once(':').unwrap();
                let (name, version) = head.split_once(' ').unwrap();
                (name, Version::parse(version).unwrap(), needs)
            })
        }
    }

    impl Index for Table {
        fn versions(&self, name: &str) -> Result<Vec<Version>> {
            let own = self.rows().filter(|(known, ..)| *known == name);
            Ok(own.map(|(_, version, _)| version).collect())
        }

        fn needs(&self, name: &str, version: &Version) -> Result<BTreeMap<String, String>> {
            let mut own = self
                .rows()
                .filter(|(known, v, _)| *known == name && v == version);
            let (.., needs) = own.next().unwrap();
            let pairs = needs
                .split(';')
                .map(str::trim)
                .filter(|pair| !pair.is_empty());
            Ok(pairs
                .map(|pair| {
                    let (name, range) = pair.split_once(' ').unwrap();
                    (name.to_owned(), range.to_owned())
                })
                .collect())
        }

        fn expect(&self, _: &[String]) {}
    }

    fn ask(wishes: &[(&str, &str)]) -> Question {
        let wishes = wishes
            .iter()
            .map(|(name, range)| ((*name).to_owned(), Range::parse(range).unwrap()));
        Question {
            wishes: wishes.collect(),
            ..Question::default()
        }
    }

    fn found(question: &Question, table: &'static str) -> String {
        match resolve(question, &Table(table)) {
            Ok(found) => {
                let pairs = found
                    .iter()
                    .map(|(name, version)| format!("{name} {version}"));
                pairs.collect::<Vec<_>>().join(", ")
            }
            Err(error) => error.message().to_owned(),
        }
    }

    const TABLE: &str = "
        a.a 1.0.0: b.b >=1.0.0
        a.a 2.0.0: b.b >=2.0.0
        b.b 1.0.0:
        b.b 2.0.0: c.c <2.0.0
        b.b 2.1.0-rc1: c.c *
        c.c 1.0.0:
        c.c 2.0.0:
        p.p 1.0.0-a:
        p.p 1.0.0-b:
    ";

    #[test]
    fn the_newest_that_go_together_are_taken() {
        assert_eq!(
            found(&ask(&[("a.a", "*")]), TABLE),
            "a.a 2.0.0, b.b 2.0.0, c.c 1.0.0"
        );
        // The newest `a.a` needs a `b.b` that needs the old `c.c`: one step back.
        let question = ask(&[("a.a", "*"), ("c.c", ">=2")]);
        assert_eq!(found(&question, TABLE), "a.a 1.0.0, b.b 1.0.0, c.c 2.0.0");
    }

    #[test]
    fn a_version_before_a_release_is_taken_where_it_is_named_or_alone() {
        let question = ask(&[("b.b", "2.1.0-rc1")]);
        assert_eq!(found(&question, TABLE), "b.b 2.1.0-rc1, c.c 2.0.0");
        assert_eq!(found(&ask(&[("p.p", "*")]), TABLE), "p.p 1.0.0-b");
        let question = Question {
            pre_releases: true,
            ..ask(&[("b.b", "*")])
        };
        assert_eq!(found(&question, TABLE), "b.b 2.1.0-rc1, c.c 2.0.0");
    }

    #[test]
    fn what_is_installed_or_locked_stays_where_it_fits() {
        let here = Present {
            version: Version::parse("1.0.0").unwrap(),
            needs: BTreeMap::new(),
        };
        let mut question = ask(&[("a.a", "1.0.0")]);
        question.installed.insert("b.b".to_owned(), here.clone());
        assert_eq!(found(&question, TABLE), "a.a 1.0.0, b.b 1.0.0");
        question.upgrade = true;
        assert_eq!(found(&question, TABLE), "a.a 1.0.0, b.b 2.0.0, c.c 1.0.0");
        let mut question = ask(&[("a.a", "*")]);
        question.locked.insert("a.a".to_owned(), here.version);
        assert_eq!(found(&question, TABLE), "a.a 1.0.0, b.b 2.0.0, c.c 1.0.0");
        question.no_needs = true;
        assert_eq!(found(&question, TABLE), "a.a 1.0.0");
    }

    #[test]
    fn what_cannot_be_says_why() {
        let text = found(&ask(&[("a.a", "2.0.0"), ("c.c", ">=2")]), TABLE);
        for word in ["a.a", "b.b", "c.c", "the requirements"] {
            assert!(text.contains(word), "{text}");
        }
        assert!(!text.contains("the requirements 0.0.0"), "{text}");
        let text = found(&ask(&[("no.such", "*")]), TABLE);
        assert!(text.contains("no.such"), "{text}");
    }
}
