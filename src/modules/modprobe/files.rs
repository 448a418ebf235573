//! The files that tell which modules are loaded at boot, and with which parameters.

use std::collections::BTreeSet;

use crate::shell::Reply;

const LOAD: &str = "/etc/modules-load.d/";
const OPTIONS: &str = "/etc/modprobe.d/";

/// A file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Where it is.
    pub path: String,
    /// What it says.
    pub text: String,
}

/// All of them.
#[derive(Clone, Debug)]
pub struct Files(Vec<File>);

impl Files {
    /// Reads the answers `file` and `text`.
    pub fn read(reply: &Reply) -> Files {
        let pairs = reply.all("file").into_iter().zip(reply.all("text"));
        Files(pairs.map(|(path, text)| File { path, text }).collect())
    }

    /// The text of a file; nothing where there is none.
    pub fn text(&self, path: &str) -> &str {
        self.0.iter().find(|file| file.path == path).map_or("", |file| &file.text)
    }

    /// What has to be written for the next boot to load the module with these parameters.
    pub fn keeping(&self, module: &str, params: &str) -> Vec<File> {
        let mut changes = Vec::new();
        if !self.below(LOAD).any(|file| file.text.lines().any(|line| loads(line, module))) {
            changes.push(File { path: format!("{LOAD}{module}.conf"), text: format!("{module}\n") });
        }
        let wanted: BTreeSet<&str> = params.split_whitespace().collect();
        if wanted != self.params(module) {
            let own = format!("{OPTIONS}{module}.conf");
            let lines: Vec<String> = params.split_whitespace().map(|param| format!("options {module} {param}\n")).collect();
            changes.extend(self.without_params(module).into_iter().filter(|file| file.path != own));
            changes.push(File { path: own, text: lines.concat() });
        }
        changes
    }

    /// What has to be written for the next boot not to load the module.
    pub fn dropping(&self, module: &str) -> Vec<File> {
        let loading = self.below(LOAD).map(|file| commented(file, |line| loads(line, module)));
        let mut changes: Vec<File> = loading.flatten().collect();
        changes.extend(self.without_params(module));
        changes
    }

    fn below(&self, folder: &'static str) -> impl Iterator<Item = &File> {
        self.0.iter().filter(move |file| file.path.starts_with(folder))
    }

    fn params(&self, module: &str) -> BTreeSet<&str> {
        let lines = self.below(OPTIONS).flat_map(|file| file.text.lines());
        lines.filter_map(|line| params(line, module)).flatten().collect()
    }

    fn without_params(&self, module: &str) -> Vec<File> {
        let files = self.below(OPTIONS);
        files.filter_map(|file| commented(file, |line| params(line, module).is_some())).collect()
    }
}

/// The file with these lines as comments, where there are some.
fn commented(file: &File, matches: impl Fn(&str) -> bool) -> Option<File> {
    let lines = file.text.lines();
    let text: String = lines
        .map(|line| if matches(line) { format!("#{line}\n") } else { format!("{line}\n") })
        .collect();
    (text.trim_end() != file.text.trim_end()).then(|| File { path: file.path.clone(), text })
}

/// Says whether a line loads the module.
fn loads(line: &str, module: &str) -> bool {
    line.split(['#', ';']).next().is_some_and(|line| line.trim() == module)
}

/// The parameters that a line gives the module: `options NAME a=1 b=2`.
fn params<'a>(line: &'a str, module: &str) -> Option<Vec<&'a str>> {
    let line = line.split(['#', ';']).next()?;
    let mut words = line.split_whitespace();
    if words.next() != Some("options") || words.next() != Some(module) {
        return None;
    }
    let params: Vec<&str> = words.filter(|word| word.contains('=')).collect();
    (!params.is_empty()).then_some(params)
}
