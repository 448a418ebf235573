//! The recorded answers of the reference (`tests/inventory/cases.json`) against ours.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use super::Layers;
use super::Loaded;
use super::Merger;
use super::Options;
use super::Pattern;
use super::Reader;
use super::Selected;
use super::VarsFiles;
use super::load;
use super::show;
use crate::error::Error;
use crate::error::Result;
use crate::error::Source;
use crate::template::Engine;
use crate::template::Finished;
use crate::template::Scope;
use crate::template::Settings;
use crate::template::testing::Table;
use crate::value::Map;
use crate::value::Str;
use crate::value::Value;
use crate::value::from_json;
use crate::value::to_json_nice;
use crate::value::to_json_sorted;
use crate::yaml;

/// Files as they are, and templates over nothing but the given variables.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Plain;

impl Reader for Plain {
    fn read(&self, path: &Path) -> Result<Arc<Source>> {
        yaml::decode(&fs::read(path)?, path)
    }

    fn run_script(&self, path: &Path, arguments: &[&str]) -> Result<Finished> {
        let output = std::process::Command::new(path).args(arguments).output()?;
        Ok(Finished {
            status: output.status.code().unwrap_or(255),
            stdout: output.stdout,
            stderr: output.stderr,
        })
    }

    fn vagrant(&self, _dir: &Path) -> Result<String> {
        Err(Error::input("there is no Vagrant in tests"))
    }

    fn render(&self, template: &Str, vars: &Map) -> Result<Value> {
        let scope: Arc<dyn Scope> = Arc::new(Table::new(vars.clone()));
        Engine::new(Settings::default()).render(&Value::Str(template.clone()), &scope)
    }

    fn evaluate(&self, expression: &Str, vars: &Map) -> Result<Value> {
        let scope: Arc<dyn Scope> = Arc::new(Table::new(vars.clone()));
        Engine::new(Settings::default()).expression(expression, &scope)
    }
}

struct Case {
    root: tempfile::TempDir,
    loaded: Result<Loaded>,
}

impl Case {
    fn new(case: &Value) -> Case {
        let root = tempfile::tempdir().unwrap();
        for (name, content) in &**case.get("files").unwrap().as_map().unwrap() {
            lay_out(&root.path().join(name.to_text()), content);
        }
        let sources = case.get("sources").unwrap().as_list().unwrap();
        let sources: Vec<String> = sources
            .iter()
            .map(|source| match source.to_text() {
                list if list.contains(',') => list,
                path => root.path().join(path).to_string_lossy().into_owned(),
            })
            .collect();
        let loaded = load(&sources, &Plain, &Options::default());
        Case { root, loaded }
    }

    fn answer(&self, question: &str) -> Result<Value> {
        let loaded = self.loaded.as_ref().map_err(Clone::clone)?;
        let inventory = &loaded.inventory;
        let files = VarsFiles::new(Arc::new(Plain), false);
        let layers = Layers {
            inventory: loaded.dirs.clone(),
            ..Layers::default()
        };
        let mut merger = Merger::new(inventory, &files, &layers);
        let list = |format, limit: Option<&Selected>, merger: &mut Merger<'_>| {
            show::list(inventory, format, false, limit, merger)
        };
        let export = |format, merger: &mut Merger<'_>| {
            show::list(inventory, format, true, None, &mut show::Own(merger))
        };
        let text = match question.split_once(':').unwrap_or((question, "")) {
            ("list", _) => return list(show::Format::Json, None, &mut merger),
            ("export", _) => return export(show::Format::Json, &mut merger),
            ("yaml", _) => dump(&list(show::Format::Yaml, None, &mut merger)?),
            ("yaml-export", _) => dump(&export(show::Format::Yaml, &mut merger)?),
            ("graph", "") => show::graph(inventory, "all", None)? + "\n",
            ("graph", name) => show::graph(inventory, name, None)? + "\n",
            ("graph-vars", _) => show::graph(inventory, "all", Some(&mut merger))? + "\n",
            ("host", name) => {
                return show::host(show::one_host(inventory, name)?, false, &mut merger);
            }
            ("limit", text) => {
                let limit = inventory.select(&Pattern::parse(text)?)?;
                return list(show::Format::Json, Some(&limit), &mut merger);
            }
            _ => {
                let selected = self.select(loaded, question)?;
                return Ok(Value::strings(selected.hosts));
            }
        };
        Ok(Value::from(text))
    }

    fn select(&self, loaded: &Loaded, question: &str) -> Result<Selected> {
        let (pattern, limit) = match question.split_once(" -l ") {
            Some((pattern, limit)) => (pattern, Some(limit)),
            None => (question, None),
        };
        let mut selected = loaded.inventory.select(&Pattern::parse(pattern)?)?;
        if let Some(limit) = limit {
            let read = |file: &str| Ok(fs::read_to_string(self.root.path().join(file))?);
            let limit = Pattern::limit(limit, read)?;
            selected.limit_to(&loaded.inventory.select(&limit)?);
            if selected.hosts.is_empty() {
                return Err(Error::input("no hosts are left"));
            }
        }
        Ok(selected)
    }

    /// The sources that could not be read, as the recorded answers name them.
    fn unread(&self) -> Vec<String> {
        let Ok(loaded) = &self.loaded else {
            return Vec::new();
        };
        let root = self.root.path().to_string_lossy().into_owned() + "/";
        let named = loaded.warnings.iter().filter_map(|warning| {
            let path = warning.message().strip_prefix("Unable to parse ")?;
            let path = path.strip_suffix(" as an inventory source")?;
            Some(path.replace(&root, ""))
        });
        named.collect()
    }
}

fn lay_out(path: &PathBuf, content: &Value) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let text = content.get("text").unwrap_or(content);
    fs::write(path, text.as_str().unwrap()).unwrap();
    if let Some(mode) = content.get("mode").and_then(Value::as_int) {
        let mode = fs::Permissions::from_mode(u32::try_from(mode).unwrap());
        fs::set_permissions(path, mode).unwrap();
    }
}

fn dump(value: &Value) -> String {
    let options = yaml::DumpOptions {
        sort_keys: true,
        default_flow_style: Some(false),
        allow_unicode: true,
        ..yaml::DumpOptions::default()
    };
    yaml::dump(value, &options).unwrap()
}

/// The terms that meant nothing, where the question is a pattern: they are warned of.
fn unmatched(case: &Case, question: &str) -> Option<BTreeSet<String>> {
    let loaded = case.loaded.as_ref().ok()?;
    let selected = case.select(loaded, question).ok()?;
    Some(selected.unmatched.into_iter().collect())
}

/// Why our answer is not the recorded one.
fn difference(case: &Case, recorded: &Value) -> Option<String> {
    let question = recorded.get("question").unwrap().to_text();
    let fails = recorded.get("status") != Some(&Value::Int(0));
    let ours = case.answer(&question);
    let same = match &ours {
        Err(_) => fails,
        Ok(ours) => !fails && to_json_sorted(ours) == to_json_sorted(recorded.get("text").unwrap()),
    };
    let warned = recorded.get("unmatched").and_then(Value::as_list);
    let warned = warned.into_iter().flat_map(|terms| terms.iter());
    let warned: BTreeSet<String> = warned.map(Value::to_text).collect();
    let is_pattern = recorded
        .get("text")
        .is_some_and(|text| text.as_list().is_some());
    let missed = unmatched(case, &question).filter(|missed| is_pattern && *missed != warned);
    if same && missed.is_none() {
        return None;
    }
    let ours = ours.map(|ours| to_json_nice(&ours, 1, true));
    Some(format!(
        "{question}\nreference: {}\nours: {ours:?} {missed:?}",
        to_json_nice(recorded, 1, true)
    ))
}

#[test]
fn inventories_are_what_the_reference_makes_of_them() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/inventory/cases.json");
    let cases = from_json(&fs::read_to_string(file).unwrap()).unwrap();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for case in &**cases.as_list().unwrap() {
        let name = case.get("name").unwrap().to_text();
        let ours = Case::new(case);
        for recorded in &**case.get("answers").unwrap().as_list().unwrap() {
            let excepted = recorded.get("except").is_some();
            let kind = match (difference(&ours, recorded), excepted) {
                (None, false) => "passed",
                (Some(_), true) => "excepted",
                (None, true) => {
                    wrong.push(format!("{name}: is not an exception any more: {recorded}"));
                    "wrong"
                }
                (Some(difference), false) => {
                    wrong.push(format!("{name}: {difference}"));
                    "wrong"
                }
            };
            *counts.entry(kind).or_default() += 1;
        }
        let unread = case.get("answers").unwrap().as_list().unwrap()[0].get("unread");
        let unread: Vec<String> = unread
            .and_then(Value::as_list)
            .map(|list| list.iter().map(Value::to_text).collect())
            .unwrap_or_default();
        let answers = case.get("answers").unwrap().as_list().unwrap();
        let excepted = answers.iter().any(|answer| answer.get("except").is_some());
        if ours.unread() != unread && !excepted {
            wrong.push(format!(
                "{name}: unread {unread:?}, ours {:?}",
                ours.unread()
            ));
        }
    }
    println!("inventory cases: {counts:?}");
    assert!(wrong.is_empty(), "{counts:?}\n{}", wrong.join("\n\n"));
}
