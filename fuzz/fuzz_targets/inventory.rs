//! Any text is an inventory of each kind, or a warning; and what was read can be listed.
//!
//! The first byte says as what the text is read.

#![no_main]

mod alone;

use std::path::Path;
use std::sync::Arc;

use alone::Alone;
use libfuzzer_sys::fuzz_target;
use play::error::{Result, Source};
use play::inventory::{Entry, Inventory, Kind, Layers, Loaded, Merger, Options, Reader, VarsFiles};
use play::inventory::{load, show};
use play::template::{Engine, Finished, Settings};
use play::value::{Map, Str, Value, to_json_nice};
use play::yaml;

/// The one source, by what the first byte says.
const SOURCES: [(&str, Kind); 6] = [
    ("/i/hosts", Kind::File),
    ("/i/hosts.yml", Kind::File),
    ("/i/hosts.toml", Kind::File),
    ("/i/hosts", Kind::Program),
    ("/i/project", Kind::Directory),
    ("", Kind::Nothing),
];

fuzz_target!(|bytes: &[u8]| {
    let Some((first, text)) = bytes.split_first() else {
        return;
    };
    let (name, kind) = SOURCES[usize::from(*first) % SOURCES.len()];
    let reader = Text {
        bytes: text.to_vec(),
        kind,
    };
    let source = match kind {
        Kind::Nothing => String::from_utf8_lossy(text).replace('\0', "") + ",",
        _ => name.to_owned(),
    };
    match load(&[source], &reader, &Options::default()) {
        Err(error) => drop(error.report(play::error::Manner::Own, false)),
        Ok(loaded) => list(&loaded, reader),
    }
});

fn list(loaded: &Loaded, reader: Text) {
    loaded
        .warnings
        .iter()
        .for_each(|it| drop(it.report(play::error::Manner::Own, false)));
    let inventory: &Inventory = &loaded.inventory;
    let files = VarsFiles::new(Arc::new(reader), false);
    let layers = Layers::default();
    for format in [show::Format::Json, show::Format::Yaml, show::Format::Toml] {
        let mut merger = Merger::new(inventory, &files, &layers);
        let Ok(value) = show::list(inventory, format, false, None, &mut merger) else {
            continue;
        };
        match format {
            show::Format::Json => drop(to_json_nice(&value, 4, true)),
            show::Format::Toml => drop(show::to_toml(&value)),
            show::Format::Yaml => drop(yaml::dump(&value, &yaml::DumpOptions::nice())),
        }
    }
}

/// Every path leads to the one text.
struct Text {
    bytes: Vec<u8>,
    kind: Kind,
}

impl Reader for Text {
    fn read(&self, path: &Path) -> Result<Arc<Source>> {
        yaml::decode(&self.bytes, path)
    }

    fn run_script(&self, _: &Path, _: &[&str]) -> Result<Finished> {
        Ok(Finished {
            stdout: self.bytes.clone(),
            ..Finished::default()
        })
    }

    fn vagrant(&self, _: &Path) -> Result<String> {
        Ok(String::from_utf8_lossy(&self.bytes).into_owned())
    }

    fn render(&self, template: &Str, vars: &Map) -> Result<Value> {
        let template = Value::Str(template.clone());
        Engine::new(Settings::default()).render(&template, &Alone::scope(vars))
    }

    fn evaluate(&self, expression: &Str, vars: &Map) -> Result<Value> {
        Engine::new(Settings::default()).expression(expression, &Alone::scope(vars))
    }

    fn kind(&self, path: &Path) -> Kind {
        match path.ends_with("Vagrantfile") {
            true => Kind::File,
            false => self.kind,
        }
    }

    fn list_dir(&self, _: &Path) -> Result<Option<Vec<Entry>>> {
        Ok(None)
    }
}
