//! `community.general.passwordstore`: passwords that the program `pass` keeps.

use super::super::filters::{RandomSource, quoted, random_text};
use super::super::{Command, Finished, Runtime};
use super::{Options, Table};
use crate::error::{Error, Result, Source};
use crate::value::{Map, Value};
use crate::yaml;

pub(super) const LOOKUPS: Table = &[("community.general.passwordstore", passwordstore)];

const NAME: &str = "community.general.passwordstore";

fn passwordstore(runtime: &dyn Runtime, terms: Vec<Value>, options: Map) -> Result<Vec<Value>> {
    let options = Options::new(NAME, options);
    terms
        .iter()
        .map(|term| answer(runtime, super::text(NAME, term)?, options.clone()))
        .collect()
}

fn answer(runtime: &dyn Runtime, term: &str, mut options: Options) -> Result<Value> {
    let mut words = term.split_whitespace();
    let name = words
        .next()
        .ok_or_else(|| Error::template("the lookup `passwordstore` misses the name"))?;
    for word in words {
        let (key, value) = word.split_once('=').ok_or_else(|| {
            Error::template(format!(
                "the lookup `passwordstore` does not understand `{word}`"
            ))
        })?;
        options.set(key, value);
    }
    options.refuse(&["umask", "lock"])?;
    let store = Store::new(runtime, &options)?;
    let missing = match options.flag("create", false)? {
        true => "create".to_owned(),
        false => options.choice("missing", "error", &["error", "warn", "create", "empty"])?,
    };
    if options.flag("overwrite", false)? {
        return Err(Error::template(
            "the option `overwrite` of the lookup `passwordstore` is not built",
        ));
    }
    if let Some(text) = store.show(name)? {
        return found(runtime, name, &text, &options);
    }
    match missing.as_str() {
        "create" => store.create(name, &options).map(Value::str),
        "error" => Err(Error::input(format!(
            "the password `{name}` is not in the store"
        ))),
        "warn" => {
            runtime.warn(format!("the password `{name}` is not in the store"));
            Ok(Value::Null)
        }
        _ => Ok(Value::Null),
    }
}

/// What the options ask for of an entry.
fn found(runtime: &dyn Runtime, name: &str, text: &str, options: &Options) -> Result<Value> {
    if options.flag("returnall", false)? {
        let keep = options.flag("keep_trailing_newline", false)?;
        return Ok(Value::str(if keep {
            text
        } else {
            text.trim_end_matches('\n')
        }));
    }
    let (password, rest) = text.split_once('\n').unwrap_or((text, ""));
    let subkey = options.text("subkey", "password");
    if subkey == "password" {
        return Ok(Value::str(password));
    }
    if let Some(value) = part(rest, &subkey) {
        return Ok(value);
    }
    let absent = format!("the password `{name}` has no `{subkey}`");
    match options
        .choice("missing_subkey", "empty", &["error", "warn", "empty"])?
        .as_str()
    {
        "error" => return Err(Error::input(absent)),
        "warn" => runtime.warn(absent),
        _ => {}
    }
    Ok(Value::Null)
}

/// A value of the lines after the password, which are YAML or at least `key: value`.
fn part(rest: &str, key: &str) -> Option<Value> {
    let source = Source::sealed("<passwordstore>", rest);
    if let Ok(document) = yaml::load(&source, &yaml::Options::data())
        && let Some(map) = document.root.value().as_map()
    {
        return map.get(key).cloned();
    }
    rest.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        (name.trim() == key).then(|| Value::str(value.trim()))
    })
}

/// The program and the folder of the passwords.
struct Store<'r> {
    runtime: &'r dyn Runtime,
    program: String,
    environment: String,
}

impl<'r> Store<'r> {
    fn new(runtime: &'r dyn Runtime, options: &Options) -> Result<Self> {
        let program = options.choice("backend", "pass", &["pass", "gopass"])?;
        let folder = options
            .value("directory")
            .map(Value::to_text)
            .or_else(|| runtime.scope().outside().environment("PASSWORD_STORE_DIR"));
        let environment = match folder {
            Some(folder) => format!("PASSWORD_STORE_DIR={} ", quoted(&folder)),
            None => String::new(),
        };
        Ok(Store {
            runtime,
            program,
            environment: format!("LANGUAGE=C LC_ALL=C GOPASS_NO_REMINDER=YES {environment}"),
        })
    }

    fn run(&self, command: &str) -> Result<Finished> {
        self.runtime.scope().outside().run(&Command {
            shell: format!("{}{} {command}", self.environment, self.program),
            directory: None,
        })
    }

    /// The text of an entry; nothing where there is none.
    fn show(&self, name: &str) -> Result<Option<String>> {
        let done = self.run(&format!("show {}", quoted(name)))?;
        if done.status == 0 {
            return String::from_utf8(done.stdout)
                .map(Some)
                .map_err(|_| Error::input(format!("the password `{name}` is not UTF-8 text")));
        }
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        if said.contains("not in the password store") {
            return Ok(None);
        }
        Err(Error::input(format!(
            "`{} show` returned {}: {}",
            self.program,
            done.status,
            said.trim()
        )))
    }

    /// Makes a password and keeps it.
    fn create(&self, name: &str, options: &Options) -> Result<String> {
        const LETTERS: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        let letters = match options.flag("nosymbols", false)? {
            true => LETTERS.to_owned(),
            false => format!("{LETTERS}.,:-_"),
        };
        let length = options.int("length")?.unwrap_or(16);
        let length = usize::try_from(length).unwrap_or(16);
        let password = match options.text("userpass", "").as_str() {
            "" => random_text(&mut RandomSource::system()?, length, &letters)?,
            given => given.to_owned(),
        };
        let subkey = options.text("subkey", "password");
        let mut entry = match subkey.as_str() {
            "password" => password.clone(),
            key => format!("\n\n{key}: {password}"),
        };
        if options.flag("timestamp", true)? {
            let now = jiff::Zoned::now().strftime("%d/%m/%Y %H:%M:%S").to_string();
            entry.push_str(&format!(
                "\nlookup_pass: First generated by ansible on {now}\n"
            ));
        }
        let done = self.insert(name, &entry)?;
        if done.status == 0 {
            return Ok(password);
        }
        Err(Error::input(format!(
            "`{} insert` returned {}",
            self.program, done.status
        )))
    }

    /// Hands an entry over in a file: what stands in a command line, others can read.
    fn insert(&self, name: &str, entry: &str) -> Result<Finished> {
        let letters = "abcdefghijklmnopqrstuvwxyz0123456789";
        let word = random_text(&mut RandomSource::system()?, 16, letters)?;
        let path = std::env::temp_dir().join(format!("play-{word}"));
        let outside = self.runtime.scope().outside();
        outside.write(&path, entry.as_bytes(), 0o600)?;
        let done = self.run(&format!(
            "insert -f -m {} < {}",
            quoted(name),
            quoted(&path.to_string_lossy())
        ));
        std::fs::remove_file(&path).map_err(|error| {
            Error::input(format!("failed to remove `{}`", path.display())).because(error)
        })?;
        done
    }
}
