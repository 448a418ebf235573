//! Any bytes are YAML or an error; what was read can be printed, and reads again as what prints
//! the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use play::error::Source;
use play::value::Value;
use play::yaml;

fuzz_target!(|bytes: &[u8]| {
    let documents = yaml::decode(bytes, "fuzz.yml")
        .and_then(|source| yaml::load_all(&source, &yaml::Options::default()));
    match documents {
        Err(error) => drop(error.report(play::error::Manner::Own, false)),
        Ok(documents) => documents.iter().for_each(|it| round_trip(it.root.value())),
    }
});

fn round_trip(value: &Value) {
    let Ok(text) = yaml::dump(value, &yaml::DumpOptions::default()) else {
        return;
    };
    let source = Source::new("dumped.yml", text.as_str());
    let again = yaml::load(&source, &yaml::Options::default());
    match again {
        Ok(again) => {
            let options = yaml::DumpOptions::default();
            assert_eq!(yaml::dump(again.root.value(), &options).ok(), Some(text));
        }
        Err(error) => panic!("{error:?}\n{text}"),
    }
}
