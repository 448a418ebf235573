#![doc = include_str!("page.md")]

mod filter;
mod tree;

use std::sync::Arc;

use crate::args;
use crate::choices;
use crate::error::{Error, Result};
use crate::modules::digest::DIGEST;
use crate::modules::record::RECORD;
use crate::modules::{Cx, FreeForm, Module, RemotePath, Step};
use crate::outcome::Outcome;
use crate::shell::{Fragment, Reply, Script, text_of};
use crate::value::{Map, Value};

use filter::Filter;
use tree::{Found, Tree};

/// The module.
pub static MODULE: Module = Module {
    name: "find",
    collection: "ansible.builtin",
    aliases: &[],
    page: include_str!("page.md"),
    args: &[Args::SPEC],
    free_form: FreeForm::No,
    check_mode: true,
    plan,
};

static SHELL: Fragment = Fragment {
    name: "find",
    text: include_str!("find.sh"),
    needs: &[&RECORD, &DIGEST],
};

/// The most bytes of files that are read in one round trip.
const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// The most files that are read in one round trip.
const MOST_FILES: usize = 200;

choices! {
    /// Which time `age` means.
    Stamp {
        Accessed = "atime",
        Altered = "ctime",
        Modified = "mtime",
    }
}

choices! {
    /// What is looked for.
    FileType {
        Any = "any",
        Directory = "directory",
        File = "file",
        Link = "link",
    }
}

choices! {
    /// How a checksum is made.
    Algorithm {
        Md5 = "md5",
        Sha1 = "sha1",
        Sha224 = "sha224",
        Sha256 = "sha256",
        Sha384 = "sha384",
        Sha512 = "sha512",
    }
}

args! {
    /// What `find` takes.
    Args {
        paths: Vec<RemotePath> [name, path],
        age: Option<String>,
        age_stamp: Stamp = Stamp::Modified,
        checksum_algorithm: Algorithm [checksum, checksum_algo] = Algorithm::Sha1,
        contains: Option<String>,
        depth: Option<i64>,
        encoding: Option<String>,
        exact_mode: bool = true,
        excludes: Option<Vec<String>> [exclude],
        file_type: FileType = FileType::File,
        follow: bool = false,
        get_checksum: bool = false,
        hidden: bool = false,
        limit: Option<i64>,
        mode: Option<Value>,
        patterns: Vec<String> [pattern] = Vec::new(),
        read_whole_file: bool = false,
        recurse: bool = false,
        size: Option<String>,
        use_regex: bool = false,
    }
}

/// A search on its way.
struct Search {
    args: Args,
    filter: Filter,
    /// What has passed all that can be told without reading.
    candidates: Vec<Found>,
    kept: Vec<Map>,
    examined: usize,
    skipped: Map,
    warnings: Vec<String>,
}

fn plan(map: &Map, _cx: &Arc<Cx>) -> Result<Step> {
    let args = Args::read(map)?;
    if let Some(limit) = args.limit.filter(|limit| *limit <= 0) {
        let message = format!("argument `limit`: `{limit}` is less than one");
        return Err(Error::input(message));
    }
    let filter = Filter::new(&args)?;
    let depth = args.depth.filter(|depth| *depth > 0);
    let script = Script::call(&SHELL, "find_main")
        .paths("paths", &args.paths)
        .flag("recurse", args.recurse)
        .set("depth", depth.map(|depth| depth.to_string()).unwrap_or_default())
        .flag("follow", args.follow);
    Ok(Step::run(script, move |reply| {
        let mut search = Search {
            args,
            filter,
            candidates: Vec::new(),
            kept: Vec::new(),
            examined: 0,
            skipped: Map::new(),
            warnings: Vec::new(),
        };
        search.sift(&reply)?;
        search.candidates.reverse();
        search.read()
    }))
}

impl Search {
    /// Takes in what the host found.
    fn sift(&mut self, reply: &Reply) -> Result<()> {
        let now = reply.int("now").unwrap_or(0);
        let mut path = String::new();
        for (answer, bytes) in &reply.answers {
            match answer.as_str() {
                "path" => path = text_of(bytes),
                "folder" if bytes == b"0" => {
                    self.skip(&path, format!("'{path}' is not a directory"));
                }
                "tree" => self.sift_tree(&path, &text_of(bytes), now)?,
                "errors" => self.skip_unreadable(&text_of(bytes)),
                _ => {}
            }
        }
        Ok(())
    }

    /// Gives a folder up: what was found of it already stays.
    fn skip(&mut self, path: &str, why: String) {
        self.warnings
            .push(format!("Skipped '{path}' path due to this access issue: {why}\n"));
        self.skipped.set(path, why);
    }

    /// Folders that could not be entered, from what `find` said.
    fn skip_unreadable(&mut self, said: &str) {
        for line in said.lines() {
            let Some(rest) = line.strip_prefix("find: ") else { continue };
            let Some((path, why)) = rest.rsplit_once(": ") else { continue };
            let number = match why {
                "Permission denied" => 13,
                "No such file or directory" => 2,
                _ => continue,
            };
            let path = path.trim_matches(['\'', '\u{2018}', '\u{2019}']).trim_end_matches('/');
            self.skipped.set(path, format!("[Errno {number}] {why}: '{path}'"));
        }
    }

    fn sift_tree(&mut self, path: &str, text: &str, now: i64) -> Result<()> {
        let tree = Tree::read(path, text);
        for found in tree.walk(self.args.recurse) {
            self.examined += 1;
            let deep = self.args.depth.is_some_and(|depth| depth > 0 && found.depth > depth);
            let hidden = found.name.starts_with('.') && !self.args.hidden;
            if deep || hidden || !self.filter.takes(&found, now)? {
                continue;
            }
            self.candidates.push(found);
            // With a `contains` nobody knows yet which of them will stay.
            if self.args.contains.is_none() && self.is_full(self.candidates.len()) {
                break;
            }
        }
        Ok(())
    }

    fn is_full(&self, count: usize) -> bool {
        self.args
            .limit
            .is_some_and(|limit| usize::try_from(limit).is_ok_and(|limit| count >= limit))
    }

    /// Reads what has to be read of the candidates, some of them in one round trip.
    fn read(mut self) -> Result<Step> {
        let mut batch = Vec::new();
        let mut bytes = 0;
        while batch.len() < MOST_FILES && bytes < MOST_BYTES {
            let Some(found) = self.candidates.pop() else { break };
            if !self.is_read(&found) {
                self.keep(&found, None);
                continue;
            }
            bytes += found.record.node.size;
            batch.push(found);
        }
        if batch.is_empty() || self.is_full(self.kept.len()) {
            return Ok(self.outcome().into());
        }
        let paths: Vec<&str> = batch.iter().map(|found| found.path.as_str()).collect();
        let checksum = self.args.get_checksum.then(|| self.args.checksum_algorithm.word());
        let script = Script::call(&SHELL, "find_read")
            .list("files", &paths)
            .flag("content", self.filter.reads())
            .set("checksum", checksum.unwrap_or(""));
        Ok(Step::run(script, move |reply| {
            self.take(batch, &reply)?;
            self.read()
        }))
    }

    fn is_read(&self, found: &Found) -> bool {
        let is_file = found.record.node.kind == crate::modules::node::Kind::File;
        is_file && (self.args.get_checksum || self.filter.reads())
    }

    fn take(&mut self, batch: Vec<Found>, reply: &Reply) -> Result<()> {
        let named = |name: &'static str| {
            let answers = reply.answers.iter();
            answers.filter(move |(known, _)| known == name).map(|(_, bytes)| bytes)
        };
        let mut contents = named("content");
        let mut sums = named("sum");
        for found in batch {
            let content = contents.next();
            let sum = sums.next().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
            if self.skipped.contains(&found.base) {
                continue;
            }
            if let Some(why) = content.and_then(|bytes| self.filter.trouble(&found.path, bytes)) {
                self.candidates.retain(|other| other.base != found.base);
                self.skip(&found.base, why);
                continue;
            }
            if content.is_none_or(|bytes| self.filter.contains(bytes).unwrap_or(false)) {
                self.keep(&found, sum);
            }
        }
        Ok(())
    }

    fn keep(&mut self, found: &Found, sum: Option<String>) {
        if self.is_full(self.kept.len()) {
            return;
        }
        let mut keys = crate::entries! { "path" => &found.path };
        keys.extend_from(&found.record.keys());
        found.record.add_names(&mut keys, Some(""));
        found.record.add_blocks(&mut keys);
        if let Some(sum) = sum {
            keys.set("checksum", sum);
        }
        self.kept.push(keys);
    }

    fn outcome(self) -> Outcome {
        let message = if !self.warnings.is_empty() {
            "Not all paths examined, check warnings for details"
        } else if self.is_full(self.kept.len()) {
            "Limit of matches reached"
        } else {
            "All paths examined"
        };
        let mut outcome = Outcome::ok()
            .with("matched", self.kept.len())
            .with("examined", self.examined)
            .with("msg", message)
            .with("skipped_paths", self.skipped);
        let files: Vec<Value> = self.kept.into_iter().map(Value::map).collect();
        outcome.data.set("files", files);
        outcome.warnings = self.warnings;
        outcome
    }
}

#[cfg(test)]
mod tests;
