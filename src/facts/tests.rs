//! Recorded answers of whole systems, and the facts that have to come of them.
//!
//! A sample is a folder of `samples/`: `answer.txt`, what the script printed (its mark is `MARK`),
//! and `facts.json`, facts without the prefix. Other facts may be there too. `PLAY_FACT_SAMPLES`
//! names a folder with more of them; `PLAY_UPDATE=1` writes the `facts.json` that are missing.

use std::path::{Path, PathBuf};

use super::Wanted;
use crate::shell::{Reply, ReplyReader, Stream};
use crate::value::{Map, Value, from_json, to_json_nice};

fn samples() -> Vec<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/facts/samples");
    let more = std::env::var_os("PLAY_FACT_SAMPLES").map(PathBuf::from);
    let folders = std::iter::once(own).chain(more);
    let entries = folders.flat_map(|folder| std::fs::read_dir(folder).unwrap().flatten());
    let mut found: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    found.sort_unstable();
    found
}

fn answer(text: &[u8]) -> Reply {
    let mut reader = ReplyReader::new("MARK");
    reader.feed(Stream::Stdout, text, &mut |_, _| ()).unwrap();
    reader.finish()
}

fn gathered(reply: &Reply) -> Map {
    let facts = Wanted::of(&["all"]).unwrap().read(reply).facts;
    let bare = |name: &Value| name.to_text().trim_start_matches("ansible_").to_owned();
    facts
        .iter()
        .map(|(name, value)| (Value::str(bare(name)), value.clone()))
        .collect()
}

#[test]
fn samples_give_their_facts() {
    let mut wrong = Vec::new();
    for folder in samples() {
        let facts = gathered(&answer(&std::fs::read(folder.join("answer.txt")).unwrap()));
        let path = folder.join("facts.json");
        if !path.exists() && std::env::var_os("PLAY_UPDATE").is_some() {
            std::fs::write(
                &path,
                to_json_nice(&Value::map(facts.clone()), 2, true) + "\n",
            )
            .unwrap();
        }
        let expected = from_json(&std::fs::read_to_string(&path).unwrap()).unwrap();
        for (name, value) in expected.as_map().unwrap().iter() {
            let found = facts.get(&name.to_text());
            if found != Some(value) {
                wrong.push(format!(
                    "{}: {} is {found:?}, not {value:?}",
                    folder.display(),
                    name.to_text()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
