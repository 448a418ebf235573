//! `play galaxy role init` and `collection init`: the folders and files of something new.

mod skeleton;

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use skeleton::{Renderer, Skeleton, Written};

use super::options::{Ground, ServerOptions, expanded};
use crate::cli::setup;
use crate::cli::terminal;
use crate::error::{Error, Kind, Result};
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

const ROLE: [Written; 8] = [
    ("README.md", include_str!("../skeleton/role.md")),
    (
        "defaults/main.yml",
        "---\n# defaults file for {{ role_name }}\n",
    ),
    (
        "handlers/main.yml",
        "---\n# handlers file for {{ role_name }}\n",
    ),
    ("meta/main.yml", include_str!("../skeleton/meta.yml")),
    ("tasks/main.yml", "---\n# tasks file for {{ role_name }}\n"),
    ("tests/inventory", "localhost\n\n"),
    (
        "tests/test.yml",
        "---\n- hosts: localhost\n  remote_user: root\n  roles:\n    - {{ role_name }}\n",
    ),
    ("vars/main.yml", "---\n# vars file for {{ role_name }}\n"),
];

const COLLECTION: [Written; 4] = [
    (
        "README.md",
        "# Ansible Collection - {{ namespace }}.{{ collection_name }}\n\nDocumentation for the collection.\n",
    ),
    ("galaxy.yml", include_str!("../skeleton/galaxy.yml")),
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
    let typed = own.role_skeleton.clone();
    let skeleton = typed.or_else(|| ground.config.path("GALAXY_ROLE_SKELETON"));
    if own.kind != "default" && skeleton.is_none() {
        let text = format!("`--type {}` of ansible-galaxy is not built", own.kind);
        return Err(
            Error::new(Kind::Usage, text).hint("give your own skeleton with --role-skeleton")
        );
    }
    let name = own.name.as_str();
    let variables = crate::entries! {
        "role_name" => name,
        "ansible_plugin_list_dir" => plugins_page(),
        "role_type" => own.kind.as_str(),
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
    New {
        kind: "Role",
        name,
        folder: expanded(&own.common.init_path.to_string_lossy()).join(name),
        skeleton,
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
            "Invalid collection name '{name}', name must be in the format <namespace>.<collection>. \n\
             Please make sure namespace and collection name contains characters from [a-zA-Z0-9_] only."
        );
        Error::input(text)
    })?;
    let variables = crate::entries! {
        "namespace" => namespace,
        "ansible_plugin_list_dir" => plugins_page(),
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
        folder: expanded(&own.common.init_path.to_string_lossy())
            .join(namespace)
            .join(short),
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
        let (kind, name) = (self.kind, self.name);
        let from = self
            .skeleton
            .as_deref()
            .map(|path| expanded(&path.to_string_lossy()));
        let skeleton = from
            .as_deref()
            .map(|from| Skeleton::new(from, &self.ignored, kind, name))
            .transpose()?;
        let renderer = Renderer::new(ground, self.variables, &own.extra_vars)?;
        make_room(&self.folder, own.force)?;
        let made = match &skeleton {
            Some(skeleton) => skeleton.copy(&self.folder, &renderer),
            None => renderer.write(&self.folder, self.files, &self.folders),
        };
        if let Err(error) = made {
            // Half of something new is of no use, and would be in the way of the next try.
            let _ = fs::remove_dir_all(&self.folder);
            return Err(error);
        }
        terminal::print(&format!("- {kind} {name} was created successfully\n"))?;
        Ok(0)
    }
}

/// The page that a skeleton's README may name, of the version that is spoken here.
fn plugins_page() -> String {
    let mut parts = setup::REFERENCE.split('.');
    let (major, minor) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    format!("https://docs.ansible.com/ansible-core/{major}.{minor}/plugins/plugins.html")
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
