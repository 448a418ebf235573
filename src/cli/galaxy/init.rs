//! `play galaxy role init` and `collection init`: the folders and files of something new.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::options::{Ground, ServerOptions, absolute};
use crate::cli::options::VaultOptions;
use crate::cli::setup;
use crate::cli::terminal;
use crate::error::{Error, Kind, Result, Source};
use crate::executor::Bare;
use crate::template::{Engine, FileOptions, Overlaid, Scope};
use crate::value::{Map, Value};

/// What both take.
#[derive(Args, Clone, Debug)]
struct Common {
    /// Make it anew where there is one
    #[arg(short = 'f', long)]
    force: bool,
    /// The folder that it is made in
    #[arg(long, value_name = "FOLDER", default_value = "./")]
    init_path: PathBuf,
    /// Variables for the skeleton: key=value, JSON or YAML, or @file
    #[arg(short = 'e', long, value_name = "VARS")]
    extra_vars: Vec<String>,
    #[command(flatten)]
    server: ServerOptions,
}

/// What `role init` takes.
#[derive(Args, Clone, Debug)]
pub struct Role {
    /// The role's name
    #[arg(value_name = "ROLE")]
    name: String,
    /// A folder that is copied, its `.j2` files rendered
    #[arg(long, value_name = "FOLDER")]
    role_skeleton: Option<PathBuf>,
    /// The type of the role; only `default` is built
    #[arg(long = "type", value_name = "TYPE", default_value = "default")]
    kind: String,
    /// Ask no server, as it is here anyway
    #[arg(long, hide = true)]
    offline: bool,
    #[command(flatten)]
    common: Common,
}

/// What `collection init` takes.
#[derive(Args, Clone, Debug)]
pub struct Collection {
    /// namespace.name
    #[arg(value_name = "COLLECTION")]
    name: String,
    /// A folder that is copied, its `.j2` files rendered
    #[arg(long, value_name = "FOLDER")]
    collection_skeleton: Option<PathBuf>,
    #[command(flatten)]
    common: Common,
}

/// A file of a skeleton: its path, and its text with `NAME` for the name.
type Written = (&'static str, &'static str);

const ROLE: [Written; 8] = [
    ("README.md", include_str!("skeleton/role.md")),
    ("defaults/main.yml", "---\n# defaults file for NAME\n"),
    ("handlers/main.yml", "---\n# handlers file for NAME\n"),
    ("meta/main.yml", include_str!("skeleton/meta.yml")),
    ("tasks/main.yml", "---\n# tasks file for NAME\n"),
    ("tests/inventory", "localhost\n\n"),
    (
        "tests/test.yml",
        "---\n- hosts: localhost\n  remote_user: root\n  roles:\n    - NAME\n",
    ),
    ("vars/main.yml", "---\n# vars file for NAME\n"),
];

const COLLECTION: [Written; 4] = [
    (
        "README.md",
        "# Ansible Collection - NAME\n\nDocumentation for the collection.\n",
    ),
    ("galaxy.yml", include_str!("skeleton/galaxy.yml")),
    (
        "meta/runtime.yml",
        "---\n# The versions of ansible-core that this collection is for:\n# requires_ansible: '>=2.15.0'\n",
    ),
    (
        "plugins/README.md",
        "# Plugins\n\nA folder a kind: modules, module_utils, filter, lookup, inventory, callback, …\n",
    ),
];

/// Makes a role; gives the exit code.
///
/// # Errors
/// It is there already, or a file cannot be written.
pub fn role(ground: &Ground, own: &Role) -> Result<u8> {
    if own.kind != "default" {
        let text = format!("`--type {}` of ansible-galaxy is not built", own.kind);
        return Err(
            Error::new(Kind::Usage, text).hint("give your own skeleton with --role-skeleton")
        );
    }
    let name = own.name.as_str();
    let variables = crate::entries! {
        "role_name" => name,
        "role_type" => "default",
        "author" => "your name",
        "description" => "your role description",
        "company" => "your company (optional)",
        "license" => "license (GPL-2.0-or-later, MIT, etc)",
        "issue_tracker_url" => "http://example.com/issue/tracker",
        "repository_url" => "http://example.com/repository",
        "documentation_url" => "http://docs.example.com",
        "homepage_url" => "http://example.com",
        "min_ansible_version" => "2.2",
        "dependencies" => Value::list(Vec::new()),
    };
    let typed = own.role_skeleton.clone();
    New {
        kind: "Role",
        name,
        folder: absolute(&own.common.init_path)?.join(name),
        skeleton: typed.or_else(|| ground.config.path("GALAXY_ROLE_SKELETON")),
        ignored: ground.config.list("GALAXY_ROLE_SKELETON_IGNORE"),
        variables,
        files: &ROLE,
        folders: ["files", "templates"],
    }
    .make(ground, &own.common)
}

/// Makes a collection; gives the exit code.
///
/// # Errors
/// Its name is none, it is there already, or a file cannot be written.
pub fn collection(ground: &Ground, own: &Collection) -> Result<u8> {
    let name = own.name.as_str();
    let parts = name
        .split_once('.')
        .filter(|_| crate::galaxy::is_name(name));
    let (namespace, short) = parts.ok_or_else(|| {
        let text = format!(
            "invalid collection name '{name}', name must be in the format <namespace>.<collection>"
        );
        Error::input(text)
    })?;
    let variables = crate::entries! {
        "namespace" => namespace,
        "collection_name" => short,
        "version" => "1.0.0",
        "readme" => "README.md",
        "authors" => Value::strings(["your name <example@domain.com>"]),
        "license" => Value::strings(["GPL-2.0-or-later"]),
        "description" => "your collection description",
        "repository" => "http://example.com/repository",
        "documentation" => "http://docs.example.com",
        "homepage" => "http://example.com",
        "issues" => "http://example.com/issue/tracker",
        "build_ignore" => Value::list(Vec::new()),
    };
    let typed = own.collection_skeleton.clone();
    New {
        kind: "Collection",
        name,
        folder: absolute(&own.common.init_path)?.join(namespace).join(short),
        skeleton: typed.or_else(|| ground.config.path("GALAXY_COLLECTION_SKELETON")),
        ignored: ground.config.list("GALAXY_COLLECTION_SKELETON_IGNORE"),
        variables,
        files: &COLLECTION,
        folders: ["docs", "roles"],
    }
    .make(ground, &own.common)
}

/// Something new: what it is called, where it comes into being, and of what.
struct New<'a> {
    kind: &'static str,
    name: &'a str,
    folder: PathBuf,
    /// A folder of the user's that is copied; our own files where there is none.
    skeleton: Option<PathBuf>,
    /// What of it is not copied, as regular expressions.
    ignored: Vec<String>,
    /// What its templates know.
    variables: Map,
    files: &'static [Written],
    folders: [&'static str; 2],
}

impl New<'_> {
    fn make(self, ground: &Ground, own: &Common) -> Result<u8> {
        make_room(&self.folder, own.force)?;
        let (kind, name) = (self.kind, self.name);
        match &self.skeleton {
            Some(skeleton) => copy(
                ground,
                skeleton,
                &self.folder,
                &self.ignored,
                self.variables,
                &own.extra_vars,
            )?,
            None => {
                write(&self.folder, self.files, name)?;
                for empty in self.folders {
                    fs::create_dir_all(self.folder.join(empty))?;
                }
            }
        }
        terminal::print(&format!("- {kind} {name} was created successfully\n"))?;
        Ok(0)
    }
}

/// An empty folder; what stands there goes only where that is wanted.
fn make_room(folder: &Path, force: bool) -> Result<()> {
    if folder.is_file() {
        let text = format!(
            "- the path {} already exists, but is a file - aborting",
            folder.display()
        );
        return Err(Error::input(text));
    }
    if folder.exists() && !force {
        let text = format!("- the directory {} already exists", folder.display());
        return Err(Error::input(text).hint("--force makes it anew, and throws away what is in it"));
    }
    if folder.exists() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            match entry.file_type()?.is_dir() {
                true => fs::remove_dir_all(entry.path())?,
                false => fs::remove_file(entry.path())?,
            }
        }
    }
    fs::create_dir_all(folder).map_err(|error| {
        Error::input(format!("failed to make the folder `{}`", folder.display())).because(error)
    })
}

fn write(folder: &Path, files: &[Written], name: &str) -> Result<()> {
    let (namespace, short) = name.split_once('.').unwrap_or(("", name));
    for (path, text) in files {
        let path = folder.join(path);
        if let Some(above) = path.parent() {
            fs::create_dir_all(above)?;
        }
        let text = text.replace("NAMESPACE", namespace).replace("SHORT", short);
        fs::write(&path, text.replace("NAME", name))?;
    }
    Ok(())
}

/// Copies a skeleton: `.j2` files are rendered, except where they are templates of the new thing.
fn copy(
    ground: &Ground,
    skeleton: &Path,
    folder: &Path,
    ignored: &[String],
    mut variables: Map,
    extra_vars: &[String],
) -> Result<()> {
    let is_collection = variables.get("collection_name").is_some();
    if !skeleton.is_dir() {
        let text = format!(
            "- the skeleton path '{}' does not exist",
            skeleton.display()
        );
        return Err(Error::input(text));
    }
    let patterns: Vec<fancy_regex::Regex> = ignored
        .iter()
        .map(|text| {
            fancy_regex::Regex::new(&format!("^(?:{text})")).map_err(|_| {
                Error::input(format!(
                    "`{text}` of the skeleton's ignored files is not a regular expression"
                ))
            })
        })
        .collect::<Result<_>>()?;
    let listener = Box::new(crate::cli::inventory::Quiet(0));
    let vault = VaultOptions::default();
    let own = setup::ground(
        &ground.config,
        &vault,
        extra_vars,
        false,
        Path::new(""),
        Arc::default(),
        listener,
    )?;
    for (key, value) in own.extra.iter() {
        variables.set(&key.to_text(), value.clone());
    }
    let copy = Copy {
        skeleton,
        folder,
        patterns,
        engine: Arc::clone(&own.house.engine),
        scope: Arc::new(Overlaid::new(Arc::new(Bare(own.house)), variables)),
        is_collection,
    };
    copy.enter(Path::new(""))
}

struct Copy<'a> {
    skeleton: &'a Path,
    folder: &'a Path,
    patterns: Vec<fancy_regex::Regex>,
    scope: Arc<dyn Scope>,
    engine: Arc<Engine>,
    is_collection: bool,
}

impl Copy<'_> {
    fn is_ignored(&self, text: &str) -> bool {
        self.patterns
            .iter()
            .any(|pattern| pattern.is_match(text).unwrap_or(false))
    }

    /// The templates of a role stay templates.
    fn keeps_templates(&self, inside: &Path) -> bool {
        let parts: Vec<String> = inside
            .components()
            .map(|part| part.as_os_str().to_string_lossy().into_owned())
            .collect();
        let first = parts.first().map(String::as_str);
        match self.is_collection {
            true => {
                matches!(first, Some("playbooks" | "roles"))
                    && parts.iter().any(|part| part == "templates")
            }
            false => first == Some("templates"),
        }
    }

    fn enter(&self, inside: &Path) -> Result<()> {
        fs::create_dir_all(self.folder.join(inside))?;
        for entry in fs::read_dir(self.skeleton.join(inside))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = inside.join(&name);
            if entry.file_type()?.is_dir() {
                if !self.is_ignored(&name) {
                    self.enter(&path)?;
                }
                continue;
            }
            let above = if inside.as_os_str().is_empty() {
                ".".into()
            } else {
                inside.to_string_lossy()
            };
            if self.is_ignored(&format!("{above}/{name}")) {
                continue;
            }
            match name
                .strip_suffix(".j2")
                .filter(|_| !self.keeps_templates(inside))
            {
                Some(short) => self.render(&entry.path(), &self.folder.join(inside).join(short))?,
                None => {
                    fs::copy(entry.path(), self.folder.join(&path))?;
                }
            }
        }
        Ok(())
    }

    fn render(&self, from: &Path, to: &Path) -> Result<()> {
        let text = fs::read_to_string(from)?;
        let source = Source::new(from, text);
        let rendered = self
            .engine
            .file(&source, &FileOptions::default(), &self.scope)?;
        fs::write(to, rendered)?;
        Ok(())
    }
}
