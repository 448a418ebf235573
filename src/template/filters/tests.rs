//! The answers of the reference to single filters, tests and lookups (`tests/template/cases.json`).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::error::{Error, Result};
use crate::template::{Command, Engine, Fetch, Fetched, Finished, Outside, Scope, Settings};
use crate::value::{Map, Sealed, Str, Value};

/// Cases whose answer differs on purpose, with the reason.
const EXCEPTED: &[(&str, &str)] = &[
    (
        "{{ users | groupby('nope', default='x') }}",
        "the reference never comes to use the default",
    ),
    ("{{ 5 is filter }}", "an accident of the reference"),
    ("{{ (bad_d | combine({'z': 1})).ok }}", UNASKED),
    ("{{ (bad_d | combine({'bad': 2})) }}", UNASKED),
    (
        "{{ (bad_d | combine({'bad': {'x': 1}}, recursive=true)) }}",
        UNASKED,
    ),
    ("{{ (bad_d | dict2items | first).value }}", UNASKED),
    ("{{ bad_l | reverse | first }}", UNASKED),
];

/// Our filters look at fewer of the items.
const UNASKED: &str = "an undefined value that nobody asks for is no error here";

fn files() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/template/files")
}

/// The variables of `vars.json`, the files and programs of this machine.
struct World {
    variables: Map,
}

impl World {
    fn new() -> Self {
        let variables =
            crate::value::from_json(include_str!("../../../tests/template/vars.json")).unwrap();
        let lazy =
            crate::value::from_json(include_str!("../../../tests/template/lazy.json")).unwrap();
        let mut all = (**variables.as_map().unwrap()).clone();
        all.extend_from(lazy.trusted().as_map().unwrap());
        World { variables: all }
    }
}

impl Scope for World {
    fn variable(&self, name: &str) -> Option<Value> {
        self.variables.get(name).cloned()
    }

    fn names(&self) -> Vec<String> {
        self.variables.keys().map(Value::to_text).collect()
    }

    fn unseal(&self, _: &Sealed) -> Result<Value> {
        Err(Error::input("no secrets"))
    }

    fn find(&self, _: &str, name: &str) -> Result<PathBuf> {
        let path = files().join(name);
        if path.exists() {
            return Ok(path);
        }
        Err(Error::input(format!("could not find `{name}`")))
    }

    fn search_path(&self, _: &str) -> Vec<PathBuf> {
        vec![files()]
    }

    fn outside(&self) -> &dyn Outside {
        self
    }

    fn warn(&self, _: String) {}
}

impl Outside for World {
    fn environment(&self, name: &str) -> Option<String> {
        match name {
            "HOME" => Some("/home/play".to_owned()),
            "PLAY_TEST_ENV" => Some("yes".to_owned()),
            _ => None,
        }
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>> {
        Ok(std::fs::read(path)?)
    }

    fn write(&self, path: &Path, bytes: &[u8], _: u32) -> Result<()> {
        Ok(std::fs::write(path, bytes)?)
    }

    fn run(&self, command: &Command) -> Result<Finished> {
        let mut shell = std::process::Command::new("/bin/sh");
        shell.args(["-c", &command.shell]);
        if let Some(directory) = &command.directory {
            shell.current_dir(directory);
        }
        let done = shell.output()?;
        Ok(Finished {
            status: done.status.code().unwrap_or(255),
            stdout: done.stdout,
            stderr: done.stderr,
        })
    }

    fn fetch(&self, fetch: &Fetch) -> Result<Fetched> {
        Err(Error::input(format!("cannot reach {}", fetch.url)))
    }

    fn seal(&self, text: &str, _: &str, _: Option<&str>, _: Option<&str>) -> Result<String> {
        Ok(text.to_owned())
    }

    fn open(&self, armoured: &str, _: &str) -> Result<String> {
        Ok(armoured.to_owned())
    }

    fn setting(&self, name: &str) -> Option<Value> {
        match name {
            "DEFAULT_TIMEOUT" => Some(Value::Int(10)),
            "DEFAULT_FORKS" => Some(Value::Int(5)),
            _ => None,
        }
    }
}

/// The value as the table of cases writes it.
fn encode(value: &Value) -> Json {
    let list = |items: &[Value]| items.iter().map(encode).collect::<Vec<_>>();
    match value {
        Value::Null => json!(["null"]),
        Value::Bool(flag) => json!(["bool", flag]),
        Value::Int(_) | Value::BigInt(_) => json!(["int", value.to_text()]),
        Value::Float(_) => json!(["float", value.to_text()]),
        Value::Str(text) => json!(["str", text.as_str()]),
        Value::Bytes(bytes) => json!(["bytes", data_encoding::HEXLOWER.encode(bytes)]),
        Value::List(items) | Value::Tuple(items) => json!(["seq", list(items)]),
        Value::Set(map) => json!(["set", map.keys().map(encode).collect::<Vec<_>>()]),
        Value::Map(map) => json!([
            "map",
            map.iter()
                .map(|(key, value)| json!([encode(key), encode(value)]))
                .collect::<Vec<_>>()
        ]),
        Value::Date(_) | Value::DateTime(..) | Value::Duration(_) => {
            json!([value.type_name(), value.to_text()])
        }
        other => json!(["py", other.type_name()]),
    }
}

#[test]
fn expressions_answer_as_the_reference() {
    run(include_str!("../../../tests/template/cases.json"));
}

#[test]
fn collections_answer_as_the_reference() {
    run(include_str!("../../../tests/template/collections.json"));
}

fn run(cases: &str) {
    let cases: Vec<Json> = serde_json::from_str(cases).unwrap();
    let engine = Engine::new(Settings::default());
    let scope: Arc<dyn Scope> = Arc::new(World::new());
    let mut wrong = Vec::new();
    for case in &cases {
        let input = case["input"].as_str().unwrap();
        let got = match engine.render(&Value::Str(Str::template(input, None)), &scope) {
            Err(error) => format!("error: {error}"),
            Ok(value) => encode(&value).to_string(),
        };
        let expected = &case["expected"];
        let wanted = if expected["error"].is_string() {
            format!("error: {} {}", expected["message"], expected["causes"])
        } else {
            expected["value"].to_string()
        };
        let fits = got == wanted || (got.starts_with("error: ") && wanted.starts_with("error: "));
        if !fits && !EXCEPTED.iter().any(|(excepted, _)| *excepted == input) {
            wrong.push(format!("{input}\n   got    {got}\n   wanted {wanted}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} are wrong:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
}

#[test]
fn every_built_in_name_is_there() {
    const FILTERS: &str = "abs attr b64decode b64encode basename batch bool capitalize center \
        checksum combinations combine comment commonpath count d default dict2items dictsort \
        difference dirname e escape expanduser expandvars extract fileglob filesizeformat first \
        flatten float forceescape format from_json from_yaml from_yaml_all groupby hash \
        human_readable human_to_bytes indent int intersect items items2dict join last length list \
        log lower mandatory map max md5 min normpath password_hash path_join permutations pow \
        pprint product quote random realpath regex_escape regex_findall regex_replace regex_search \
        reject rejectattr rekey_on_member relpath replace reverse root round safe select selectattr \
        sha1 shuffle slice sort split splitext strftime string striptags subelements sum \
        symmetric_difference ternary title to_datetime to_json to_nice_json to_nice_yaml to_uuid \
        to_yaml tojson trim truncate type_debug union unique unvault upper urldecode urlencode \
        urlize urlsplit vault win_basename win_dirname win_splitdrive wordcount wordwrap xmlattr \
        zip zip_longest";
    const TESTS: &str = "abs all any boolean callable change changed contains defined directory \
        divisibleby eq equalto escaped even exists failed failure false falsy file filter finished \
        float ge greaterthan gt in integer is_abs is_dir is_file is_link is_mount is_same_file isnan \
        issubset issuperset iterable le lessthan link link_exists lower lt mapping match mount nan \
        ne none number odd reachable regex same_file sameas search sequence skip skipped started \
        string subset succeeded success successful superset test timedout true truthy undefined \
        unreachable upper uri url urn vault_encrypted vaulted_file version version_compare";
    const LOOKUPS: &str = "config csvfile dict env file fileglob first_found indexed_items ini \
        inventory_hostnames items lines list nested password pipe random_choice sequence \
        subelements template together unvault url varnames vars";
    let filters: Vec<&str> = FILTERS.split_whitespace().collect();
    let tests: Vec<&str> = TESTS.split_whitespace().collect();
    let lookups: Vec<&str> = LOOKUPS.split_whitespace().collect();
    assert_eq!((filters.len(), tests.len(), lookups.len()), (122, 82, 25));
    for name in filters {
        assert!(super::find(name).is_some(), "filter {name}");
        assert!(super::find(&format!("ansible.builtin.{name}")).is_some());
    }
    for name in tests {
        assert!(crate::template::tests_::find(name).is_some(), "test {name}");
    }
    for name in lookups {
        assert!(
            crate::template::lookups::find(name).is_some(),
            "lookup {name}"
        );
    }
}
