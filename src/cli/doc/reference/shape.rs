//! Play's own pages in the shape that `ansible-doc --json` has: the same keys and types, our own words.

use super::expressions;
use crate::cli::doc::{Kind, layout, own};
use crate::executor::LANGUAGE;
use crate::modules::{self, ArgKind, ArgSpec, Module};
use crate::template::pages;
use crate::value::{Map, Value};

/// Plugins of kinds that need no page of several lines: `kind name: text`.
const PLUGINS: &str = include_str!("plugins.txt");

/// Something of play's own.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The full name.
    pub name: String,
    /// Other full names.
    pub aliases: Vec<String>,
    /// What it is, in a line.
    pub summary: String,
    /// Whether it is Jinja's: it has no file.
    pub jinja: bool,
    /// Whether ansible-core's own page tells more, where it is installed.
    pub short: bool,
    /// `doc`, `examples`, `metadata` and `return`.
    pub page: Map,
}

impl Entry {
    /// Whether a name means it.
    pub fn answers_to(&self, name: &str) -> bool {
        let own = name.strip_prefix("ansible.legacy.").unwrap_or(name);
        let mut names = std::iter::once(&self.name).chain(&self.aliases);
        names.any(|known| known == own || (!own.contains('.') && short(known) == own))
    }
}

/// The part behind the collection.
pub(super) fn short(name: &str) -> &str {
    name.splitn(3, '.').nth(2).unwrap_or(name)
}

fn collection(name: &str) -> String {
    name.splitn(3, '.').take(2).collect::<Vec<_>>().join(".")
}

/// The file that holds all of these: the program itself.
pub fn program() -> String {
    let program = std::env::current_exe().unwrap_or_default();
    program.to_string_lossy().into_owned()
}

/// Everything of a kind.
pub fn entries(kind: Kind) -> Vec<Entry> {
    match kind {
        Kind::Module => {
            let own = modules::ALL.iter().map(|module| of_module(module));
            own.chain(LANGUAGE.iter().map(|name| of_language(name)))
                .collect()
        }
        Kind::Filter => expressions::all_of(pages::Kind::Filter, "filter"),
        Kind::Lookup => expressions::all_of(pages::Kind::Lookup, "lookup"),
        Kind::Test => expressions::all_of(pages::Kind::Test, "test"),
        other => of_table(other.word()),
    }
}

/// What every page says beside its text.
pub(super) fn base(name: &str, summary: &str, description: Vec<String>) -> Map {
    let home = collection(name);
    crate::entries! {
        "author" => Value::strings(["the authors of play"]),
        "collection" => home.as_str(),
        "description" => Value::strings(description),
        "filename" => program(),
        "plugin_name" => name,
        "short_description" => summary,
        "version_added" => "historical",
        "version_added_collection" => home.as_str(),
    }
}

pub(super) fn page(doc: Map, examples: Option<String>, results: Option<Map>) -> Map {
    crate::entries! {
        "doc" => Value::map(doc),
        "examples" => Value::str_or_null(examples),
        "metadata" => Value::Null,
        "return" => results.map_or(Value::Null, Value::map),
    }
}

/// A row of a page's table of arguments.
struct Row {
    names: String,
    default: String,
    meaning: String,
}

/// What a page of a module holds.
#[derive(Default)]
struct Parts {
    before: Vec<String>,
    after: Vec<String>,
    rows: Vec<Row>,
    results: Option<String>,
    examples: String,
}

fn parts(text: &str) -> Parts {
    let mut parts = Parts::default();
    let (mut code, mut table) = (false, false);
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            code = !code;
        } else if code {
            parts.examples.push_str(&format!("{line}\n"));
        } else if let Some(cells) = layout::cells(line) {
            table = true;
            if let [names, _, default, .., meaning] = cells.as_slice() {
                parts.rows.push(Row {
                    names: names.clone(),
                    default: default.clone(),
                    meaning: meaning.clone(),
                });
            }
        } else if line.starts_with("Returns ") && parts.results.is_none() {
            parts.results = Some(line.to_owned());
        } else if !line.is_empty() && !line.starts_with('#') {
            match table || parts.results.is_some() || !parts.examples.is_empty() {
                true => parts.after.push(line.to_owned()),
                false => parts.before.push(line.to_owned()),
            }
        }
    }
    parts
}

fn of_module(module: &Module) -> Entry {
    let name = module.full_name();
    let parts = parts(module.page);
    let summary = own::summary_of(module).trim_end_matches('.').to_owned();
    // Free text has the reference's name; other names that begin so are nobody's to give.
    let args = module.all_args().filter_map(|arg| match arg.name {
        "_raw_params" => Some(("free_form", arg)),
        name if name.starts_with('_') => None,
        name => Some((name, arg)),
    });
    let options = args.map(|(name, arg)| (Value::str(name), option(arg, &parts.rows)));
    let mut doc = base(&name, &summary, parts.before);
    doc.set("module", module.name);
    doc.set("has_action", false);
    let options: Map = options.collect();
    if !options.is_empty() {
        doc.set("options", Value::map(options));
    }
    if !parts.after.is_empty() {
        doc.set("notes", Value::strings(parts.after));
    }
    doc.set("attributes", attributes(module.check_mode));
    let home = module.collection;
    Entry {
        aliases: module
            .aliases
            .iter()
            .map(|alias| format!("{home}.{alias}"))
            .collect(),
        jinja: false,
        short: false,
        page: page(
            doc,
            Some(parts.examples),
            Some(results(parts.results.as_deref())),
        ),
        summary,
        name,
    }
}

fn attributes(check_mode: bool) -> Value {
    let check = crate::entries! {
        "description" => "Tells in check mode what would change; a module that cannot is skipped.",
        "support" => if check_mode { "full" } else { "none" },
    };
    let platform = crate::entries! {
        "description" => "The systems of the hosts.",
        "platforms" => "posix",
        "support" => "N/A",
    };
    Value::from(
        crate::entries! { "check_mode" => Value::map(check), "platform" => Value::map(platform) },
    )
}

fn option(arg: &ArgSpec, rows: &[Row]) -> Value {
    let is_it = |row: &&Row| {
        let mut names = row
            .names
            .split(|c: char| !(c.is_alphanumeric() || "_-.".contains(c)));
        names.any(|name| name == arg.name)
    };
    let row = rows.iter().find(is_it);
    let meaning = row.map(|row| row.meaning.clone());
    let mut option = crate::entries! {
        "description" => Value::strings(meaning),
        "type" => arg.kind.name(),
    };
    if arg.required {
        option.set("required", true);
    }
    // The table has it in the user's words, the code in its own.
    let written = row.map(|row| row.default.trim_matches('`'));
    let default = written.filter(|text| !matches!(*text, "" | "required"));
    let plain = |text: &&str| matches!(*text, "true" | "false") || text.parse::<f64>().is_ok();
    if let Some(default) = default.or_else(|| arg.default.filter(plain)) {
        option.set("default", typed(arg.kind, default));
    }
    for (key, words) in [("aliases", arg.aliases), ("choices", arg.choices)] {
        if !words.is_empty() {
            option.set(key, Value::strings(words.iter().copied()));
        }
    }
    Value::map(option)
}

/// A default as its type has it.
fn typed(kind: ArgKind, text: &str) -> Value {
    let read = match kind {
        ArgKind::Bool => text.parse().ok().map(Value::Bool),
        ArgKind::Int => text.parse::<i64>().ok().map(Value::from),
        ArgKind::Float => text.parse::<f64>().ok().map(Value::from),
        _ => None,
    };
    read.unwrap_or_else(|| Value::str(text))
}

/// The names that stand behind `Returns`, each with what follows it.
fn results(text: Option<&str>) -> Map {
    let mut results = Map::new();
    let pieces: Vec<&str> = text.unwrap_or_default().split('`').collect();
    for pair in pieces[1..].chunks(2) {
        let name = pair.first().copied().unwrap_or_default();
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
        if is_name && !results.contains(name) {
            let said = pair.get(1).copied().unwrap_or_default();
            let said = said.trim_matches([' ', ',', ';', ':', '.']);
            let said = if said.chars().count() > 3 { said } else { name };
            let result = crate::entries! {
                "description" => own::sentence(said),
                "returned" => "success",
                "type" => "raw",
            };
            results.set(name, Value::map(result));
        }
    }
    results
}

/// A word of the language that stands where a module stands.
fn of_language(name: &str) -> Entry {
    let (text, example) = own::word(name);
    let full = format!("ansible.builtin.{name}");
    let summary = own::first_sentence(text).trim_end_matches('.').to_owned();
    let mut doc = base(&full, &summary, vec![text.to_owned()]);
    doc.set("module", name);
    doc.set("has_action", false);
    Entry {
        aliases: Vec::new(),
        jinja: false,
        short: false,
        page: page(doc, Some(example), Some(Map::new())),
        summary,
        name: full,
    }
}

fn of_table(kind: &str) -> Vec<Entry> {
    let lines = PLUGINS
        .lines()
        .filter_map(|line| line.strip_prefix(kind)?.strip_prefix(' '));
    let pairs = lines.filter_map(|line| line.split_once(": "));
    let entry = |(name, text): (&str, &str)| {
        let summary = own::first_sentence(text).trim_end_matches('.').to_owned();
        let mut doc = base(name, &summary, vec![text.to_owned()]);
        doc.set("name", short(name));
        Entry {
            name: name.to_owned(),
            aliases: Vec::new(),
            jinja: false,
            short: true,
            page: page(doc, None, None),
            summary,
        }
    };
    pairs.map(entry).collect()
}
