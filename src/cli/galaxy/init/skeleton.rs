//! Folders and files of something new: our own, or a skeleton of the user's.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use crate::cli::galaxy::options::Ground;
use crate::cli::options::VaultOptions;
use crate::cli::setup;
use crate::error::{Error, Result, Source};
use crate::executor::Bare;
use crate::template::{Engine, FileOptions, Overlaid, Scope};
use crate::value::Map;

/// A file of our own skeletons: its path, and its template.
pub type Written = (&'static str, &'static str);

/// What templates are rendered with.
pub struct Renderer {
    engine: Arc<Engine>,
    scope: Arc<dyn Scope>,
}

impl Renderer {
    /// A renderer that knows some variables; those that were typed are stronger.
    ///
    /// # Errors
    /// What was typed is no variables.
    pub fn new(ground: &Ground, mut variables: Map, typed: &[String]) -> Result<Renderer> {
        let listener = Box::new(crate::cli::inventory::Quiet(0));
        let vault = VaultOptions::default();
        let own = setup::ground(
            &ground.config,
            &vault,
            typed,
            false,
            Path::new(""),
            Arc::default(),
            listener,
        )?;
        for (key, value) in own.extra.iter() {
            variables.set(&key.to_text(), value.clone());
        }
        Ok(Renderer {
            engine: Arc::clone(&own.house.engine),
            scope: Arc::new(Overlaid::new(Arc::new(Bare(own.house)), variables)),
        })
    }

    fn render(&self, source: &Arc<Source>) -> Result<String> {
        self.engine
            .file(source, &FileOptions::default(), &self.scope)
    }

    /// Writes our own files and empty folders.
    ///
    /// # Errors
    /// One cannot be written.
    pub fn write(&self, folder: &Path, files: &[Written], folders: &[&str]) -> Result<()> {
        for (path, text) in files {
            let path = folder.join(path);
            if let Some(above) = path.parent() {
                fs::create_dir_all(above)?;
            }
            fs::write(&path, self.render(&Source::new(&path, *text))?)?;
        }
        for empty in folders {
            fs::create_dir_all(folder.join(empty))?;
        }
        Ok(())
    }
}

/// A skeleton of the user's.
pub struct Skeleton<'a> {
    /// Its folder.
    pub from: &'a Path,
    /// What of it is not copied, matched at the beginning of a name or path.
    pub ignored: Vec<fancy_regex::Regex>,
    /// A collection has templates in other places than a role.
    pub is_collection: bool,
    /// Name of the new thing, as it is told where a template fails: `Role x`.
    pub name: String,
}

impl<'a> Skeleton<'a> {
    /// Looks at a skeleton before anything is made of it.
    ///
    /// # Errors
    /// It is not there, or what is to be ignored is no regular expression.
    pub fn new(from: &'a Path, ignored: &[String], kind: &str, name: &str) -> Result<Self> {
        if !from.exists() {
            let text = format!(
                "- the skeleton path '{}' does not exist, cannot init {}",
                from.display(),
                kind.to_lowercase()
            );
            return Err(Error::input(text));
        }
        if !from.is_dir() {
            let text = format!("- the skeleton path '{}' is not a folder", from.display());
            return Err(Error::input(text));
        }
        Ok(Skeleton {
            from,
            ignored: patterns(ignored)?,
            is_collection: kind == "Collection",
            name: format!("{kind} {name}"),
        })
    }

    /// Copies it: `.j2` files are rendered, except where they are templates of the new thing; links stay links.
    ///
    /// # Errors
    /// A file cannot be read or written, or a template fails.
    pub fn copy(&self, to: &Path, renderer: &Renderer) -> Result<()> {
        self.enter(Path::new(""), to, renderer)
    }

    fn is_ignored(&self, text: &str) -> bool {
        let mut all = self.ignored.iter();
        all.any(|pattern| pattern.is_match(text).unwrap_or(false))
    }

    /// The templates of a role stay templates.
    fn keeps_templates(&self, inside: &Path) -> bool {
        let mut parts = inside.components().map(|part| part.as_os_str());
        let first = parts.clone().next();
        match self.is_collection {
            true => {
                first.is_some_and(|first| first == "playbooks" || first == "roles")
                    && parts.any(|part| part == "templates")
            }
            false => first.is_some_and(|first| first == "templates"),
        }
    }

    fn enter(&self, inside: &Path, to: &Path, renderer: &Renderer) -> Result<()> {
        let mut folders = Vec::new();
        for entry in fs::read_dir(self.from.join(inside))? {
            let entry = entry?;
            let name = entry.file_name();
            let kind = entry.file_type()?;
            let place = to.join(inside).join(&name);
            if kind.is_dir() || kind.is_symlink() && entry.path().is_dir() {
                if self.is_ignored(&name.to_string_lossy()) {
                    continue;
                }
                if kind.is_symlink() {
                    copy_link(&entry.path(), &place)?;
                } else {
                    folders.push(inside.join(&name));
                }
                continue;
            }
            let above = match inside.as_os_str().is_empty() {
                true => Path::new("."),
                false => inside,
            };
            if !self.is_ignored(&above.join(&name).to_string_lossy()) {
                self.file(
                    &entry.path(),
                    &place,
                    self.keeps_templates(inside),
                    renderer,
                )?;
            }
        }
        for folder in folders {
            fs::create_dir_all(to.join(&folder))?;
            self.enter(&folder, to, renderer)?;
        }
        Ok(())
    }

    fn file(&self, from: &Path, to: &Path, keeps: bool, renderer: &Renderer) -> Result<()> {
        if !keeps && from.extension().is_some_and(|ending| ending == "j2") {
            return self.template(from, &to.with_extension(""), renderer);
        }
        if from.is_symlink() {
            return copy_link(from, to);
        }
        if !from.is_file() {
            let text = format!(
                "`{}` is neither a file nor a folder nor a link",
                from.display()
            );
            return Err(Error::input(text));
        }
        // The bytes alone: what is new has the modes that new files have.
        let read = fs::File::open(from).map_err(|error| unread(from, error))?;
        io::copy(&mut io::BufReader::new(read), &mut new_file(to)?)?;
        Ok(())
    }

    fn template(&self, from: &Path, to: &Path, renderer: &Renderer) -> Result<()> {
        let text = fs::read_to_string(from).map_err(|error| unread(from, error))?;
        let rendered = renderer.render(&Source::new(from, text)).map_err(|error| {
            let text = format!(
                "Failed to create {}. Templating {} failed with the error",
                self.name,
                from.display()
            );
            Error::input(text).because(error)
        })?;
        new_file(to)?.write_all(rendered.as_bytes())?;
        Ok(())
    }
}

/// A file where nothing was, not even a link of the skeleton to somewhere else.
fn new_file(path: &Path) -> Result<fs::File> {
    fs::File::create_new(path).map_err(|error| {
        let text = format!("failed to make `{}`", path.display());
        Error::input(text).because(error)
    })
}

fn copy_link(from: &Path, to: &Path) -> Result<()> {
    std::os::unix::fs::symlink(fs::read_link(from)?, to)?;
    Ok(())
}

fn unread(path: &Path, error: io::Error) -> Error {
    Error::input(format!("failed to read `{}`", path.display())).because(error)
}

/// Patterns that match from the beginning.
fn patterns(texts: &[String]) -> Result<Vec<fancy_regex::Regex>> {
    let mut all = Vec::new();
    let mut wrong = String::new();
    for text in texts {
        match fancy_regex::Regex::new(&format!("^(?:{text})")) {
            Ok(pattern) => all.push(pattern),
            Err(error) => wrong += &format!("- {text}: {error}\n"),
        }
    }
    match wrong.is_empty() {
        true => Ok(all),
        false => Err(Error::input(format!(
            "Failed to compile regular expressions for skeleton ignore: \n{wrong}"
        ))),
    }
}
