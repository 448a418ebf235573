//! `password`: a password that is made once and kept in a file.
//!
//! The file holds one line: the password, and where it is to be hashed `salt=…` and `ident=…`.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::super::Runtime;
use super::super::filters::{RandomSource, Scheme, expand_user, hashed, is_blank, random_text};
use super::{Options, Table, base_folder, kv};
use crate::error::{Error, Kind, Result};
use crate::value::{Map, Value};

pub(super) const LOOKUPS: Table = &[("password", password)];

const NAMES: &[&str] = &["length", "encrypt", "chars", "ident", "seed"];

const SALT: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789./";

fn password(runtime: &dyn Runtime, terms: Vec<Value>, options: Map) -> Result<Vec<Value>> {
    let options = Options::new("password", options);
    terms
        .iter()
        .map(|term| {
            let wish = Wish::new(super::text("password", term)?, options.clone())?;
            wish.grant(runtime).map(Value::str)
        })
        .collect()
}

/// What a term and its options ask for.
struct Wish {
    path: String,
    length: usize,
    letters: String,
    encrypt: Option<String>,
    ident: Option<String>,
    seed: Value,
}

impl Wish {
    fn new(term: &str, mut options: Options) -> Result<Self> {
        let (first, rest) = term.split_once(' ').unwrap_or((term, ""));
        let words = kv::read(rest)?;
        let path = match &words.raw {
            None => first.to_owned(),
            Some(raw) => format!("{first} {raw}"),
        };
        if !term.starts_with(&path) {
            return Err(Error::template(
                "Unrecognized value after key=value parameters given to password lookup",
            ));
        }
        for (name, value) in words.pairs {
            if !NAMES.contains(&name.as_str()) {
                return Err(Error::template(format!(
                    "Unrecognized parameter(s) given to password lookup: {name}"
                ))
                .hint_if(crate::error::nearest(&name, NAMES.iter().copied())));
            }
            options.set(&name, value);
        }
        let length = options.int("length")?.unwrap_or(20);
        Ok(Wish {
            path,
            length: usize::try_from(length).unwrap_or(0),
            letters: letters(&options),
            // An empty word asks for none.
            encrypt: options
                .value("encrypt")
                .filter(|value| value.is_true())
                .map(Value::to_text),
            ident: options.value("ident").map(Value::to_text),
            seed: options
                .value("seed")
                .map_or(Value::Null, |seed| Value::str(seed.to_text())),
        })
    }

    /// Reads the password, or makes and keeps it; hashes it where that was asked for.
    fn grant(&self, runtime: &dyn Runtime) -> Result<String> {
        /// Hosts ask at the same time: one makes the file, the others read it.
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let path = self.path(runtime)?;
        let kept = {
            let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
            self.kept(runtime, &path)?
        };
        let Some(kind) = &self.encrypt else {
            return Ok(kept.password);
        };
        hashed(
            &kept.password,
            &Scheme {
                kind: kind.clone(),
                salt: kept.salt,
                ident: kept.ident,
                ..Scheme::default()
            },
        )
    }

    fn path(&self, runtime: &dyn Runtime) -> Result<PathBuf> {
        let path = PathBuf::from(expand_user(runtime, &self.path));
        match base_folder(runtime)? {
            Some(folder) if path.is_relative() => Ok(folder.join(path)),
            _ => Ok(path),
        }
    }

    /// What the file holds, completed and written again where something was missing.
    fn kept(&self, runtime: &dyn Runtime, path: &Path) -> Result<Kept> {
        let is_null = path == Path::new("/dev/null");
        let mut changed = false;
        let mut kept = if !is_null && path.exists() {
            Kept::read(&super::read_text(runtime, path)?)
        } else {
            changed = true;
            let mut source = RandomSource::seeded(&self.seed)?;
            Kept {
                password: random_text(&mut source, self.length, &self.letters)?,
                salt: None,
                ident: None,
            }
        };
        if let Some(kind) = &self.encrypt {
            changed |= self.complete(&mut kept, kind)?;
        }
        if changed && !is_null {
            write(runtime, path, &kept)?;
        }
        Ok(kept)
    }

    /// Adds the salt and the ident that hashing needs; says whether it added any.
    fn complete(&self, kept: &mut Kept, kind: &str) -> Result<bool> {
        let is_bcrypt = matches!(kind, "bcrypt" | "blowfish");
        let mut changed = false;
        if kept.salt.is_none() {
            let size = match kind {
                "bcrypt" => 22,
                "sha256_crypt" | "sha512_crypt" => 16,
                _ => 8,
            };
            kept.salt = Some(random_text(&mut RandomSource::system()?, size, SALT)?);
            changed = true;
        }
        match (&kept.ident, &self.ident) {
            (Some(old), Some(new)) if old != new => {
                return Err(Error::template(format!(
                    "The ident parameter provided ({new}) does not match the stored one ({old})."
                )));
            }
            (None, Some(new)) => kept.ident = Some(new.clone()),
            (None, None) if is_bcrypt => {
                kept.ident = Some("2b".to_owned());
                changed = true;
            }
            _ => {}
        }
        Ok(changed)
    }
}

/// What the file holds.
struct Kept {
    password: String,
    salt: Option<String>,
    ident: Option<String>,
}

impl Kept {
    fn read(content: &str) -> Self {
        let content = content.trim_end_matches(is_blank);
        let Some((password, rest)) = content.rsplit_once(" salt=") else {
            return Kept {
                password: content.to_owned(),
                salt: None,
                ident: None,
            };
        };
        let (salt, ident) = match rest.rsplit_once(" ident=") {
            Some((salt, ident)) => (salt, Some(ident.to_owned())),
            None => (rest, None),
        };
        Kept {
            password: password.to_owned(),
            salt: Some(salt.to_owned()).filter(|salt| !salt.is_empty()),
            ident,
        }
    }

    fn line(&self) -> String {
        let mut line = self.password.clone();
        if let Some(salt) = &self.salt {
            line.push_str(&format!(" salt={salt}"));
            if let Some(ident) = &self.ident {
                line.push_str(&format!(" ident={ident}"));
            }
        }
        line + "\n"
    }
}

fn write(runtime: &dyn Runtime, path: &Path, kept: &Kept) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    if runtime.scope().outside().is_planning() {
        return Err(Error::new(Kind::Unknown, "known when the plan is applied"));
    }
    if let Some(folder) = path.parent() {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(|error| {
                Error::input(format!("failed to make the folder `{}`", folder.display()))
                    .because(error)
            })?;
    }
    runtime
        .scope()
        .outside()
        .write(path, kept.line().as_bytes(), 0o600)
}

/// The characters to choose from: names of Python's `string`, or the characters themselves,
/// without quotes.
fn letters(options: &Options) -> String {
    let specs = match options.value("chars") {
        None => ["ascii_letters", "digits", ".,:-_"]
            .map(str::to_owned)
            .to_vec(),
        Some(Value::Str(text)) => split_specs(text),
        Some(_) => options.texts("chars"),
    };
    let named = |spec: &String| named_letters(spec).unwrap_or_else(|| spec.clone());
    let all: String = specs.iter().map(named).collect();
    all.replace(['"', '\''], "")
}

/// Names between commas; two commas are one of the characters.
fn split_specs(text: &str) -> Vec<String> {
    let mut specs = Vec::new();
    if text.contains(",,") {
        specs.push(",".to_owned());
    }
    let single = text.replace(",,", ",");
    let names = single.split(',').filter(|name| !name.is_empty());
    specs.extend(names.map(str::to_owned));
    specs
}

fn named_letters(name: &str) -> Option<String> {
    const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
    const DIGITS: &str = "0123456789";
    const PUNCTUATION: &str = r##"!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~"##;
    const BLANKS: &str = " \t\n\r\u{b}\u{c}";
    let upper = LOWER.to_uppercase();
    Some(match name {
        "ascii_letters" => format!("{LOWER}{upper}"),
        "ascii_lowercase" => LOWER.to_owned(),
        "ascii_uppercase" => upper,
        "digits" => DIGITS.to_owned(),
        "hexdigits" => format!("{DIGITS}abcdefABCDEF"),
        "octdigits" => "01234567".to_owned(),
        "printable" => format!("{DIGITS}{LOWER}{upper}{PUNCTUATION}{BLANKS}"),
        "punctuation" => PUNCTUATION.to_owned(),
        "whitespace" => BLANKS.to_owned(),
        _ => return None,
    })
}
