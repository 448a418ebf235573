//! A collection that is wanted: by a word of the command line, or an entry of a file.

use std::path::PathBuf;

use super::{
    CollectionWish, Origin, file_of, input, is_collection, is_git, is_http, is_name, is_pointer,
    text_of,
};
use crate::error::{Error, Result};
use crate::yaml::Node;

/// The collection of an entry of `collections:`; with signatures it is refused where it is to be installed.
///
/// # Errors
/// It names nothing that can be had.
pub(super) fn collection_of(node: &Node, is_wanted: bool) -> Result<CollectionWish> {
    if let Some(name) = node.as_str() {
        let wish = CollectionWish::of(Some(name), None, None, None);
        return wish.map_err(|error| error.at(node.place().clone()));
    }
    if node.entries().is_none() {
        return Err(input(node, "a collection is a text or a dictionary"));
    }
    let signatures = node.get("signatures").filter(|found| !found.is_null());
    if let Some(signatures) = signatures.filter(|_| is_wanted) {
        return Err(
            input(signatures, "signatures of collections are not verified")
                .hint("remove `signatures`: the hashes of archives are checked without it"),
        );
    }
    let (name, version) = (text_of(node, "name"), text_of(node, "version"));
    let (source, kind) = (text_of(node, "source"), text_of(node, "type"));
    CollectionWish::of(
        name.as_deref(),
        version.as_deref(),
        source.as_deref(),
        kind.as_deref(),
    )
    .map_err(|error| error.at(node.place().clone()))
}

impl CollectionWish {
    /// The collection of a word of the command line: a name, `name:range`, `name>=1.0`, an address, a
    /// file or a folder.
    ///
    /// # Errors
    /// It names nothing that can be had.
    pub fn of_word(word: &str) -> Result<CollectionWish> {
        if is_name(word) || is_pointer(word) {
            return CollectionWish::of(Some(word), None, None, None);
        }
        let (name, version) = match word.split_once(':') {
            Some((name, version)) => (name, version),
            None => match word.find(['=', '>', '<', '!', ' ']) {
                Some(at) => word.split_at(at),
                None => (word, ""),
            },
        };
        let version = Some(version.trim()).filter(|version| !version.is_empty());
        CollectionWish::of(Some(name.trim()), version, None, None)
    }

    fn of(
        name: Option<&str>,
        version: Option<&str>,
        source: Option<&str>,
        kind: Option<&str>,
    ) -> Result<CollectionWish> {
        check_kind(name, kind)?;
        let (mut name, pointer) = match (name, source) {
            (Some(text), source) if kind.is_none() && is_name(text) => {
                check_server(source)?;
                (name, None)
            }
            (Some(text), _) if kind.is_none() && is_pointer(text) => (None, Some(text)),
            (_, _) if kind.is_some_and(|kind| kind != "galaxy") => match source {
                Some(source) => (name, Some(source)),
                None => (None, name),
            },
            (Some(text), _) if is_name(text) => (name, None),
            (name, source) => return Err(no_collection(name, source)),
        };
        let origin = match (kind, pointer) {
            (None | Some("galaxy"), None) => Origin::Galaxy(source.map(str::to_owned)),
            (Some("git"), Some(text)) => git(text),
            (Some("url"), Some(text)) => Origin::Url(text.to_owned()),
            (Some("file"), Some(text)) => Origin::File(path_of(text)),
            (Some("dir"), Some(text)) => Origin::Folder(path_of(text)),
            (Some("subdirs"), Some(text)) => Origin::Folders(path_of(text)),
            (None, Some(text)) => origin_of(text),
            (Some(_), _) => return Err(no_kind()),
        };
        if name.is_some_and(|name| !is_name(name)) {
            name = None;
        }
        let mut version = version.unwrap_or("*").to_owned();
        let mut origin = origin;
        // `git+https://…,devel` names the revision in the address.
        if let Origin::Git { url, .. } = &mut origin
            && let Some((address, revision)) = url.clone().split_once(',')
        {
            *url = address.to_owned();
            version = revision.to_owned();
        }
        Ok(CollectionWish {
            name: name.map(str::to_owned),
            version,
            origin,
        })
    }
}

/// Only a server's collection wants a name, and it wants one.
fn check_kind(name: Option<&str>, kind: Option<&str>) -> Result<()> {
    match kind {
        Some("galaxy") if name.is_none() => Err(Error::input(
            "Collections requirement entry should contain the key 'name' if it's requested from a Galaxy-like \
             index server.",
        )),
        None | Some("galaxy" | "git" | "url" | "file" | "dir" | "subdirs") => Ok(()),
        Some(_) => Err(no_kind()),
    }
}

fn no_kind() -> Error {
    Error::input(
        "The collection requirement entry key 'type' must be one of file, galaxy, git, dir, subdirs, or url.",
    )
}

/// The `source` of a name is a server: an address, or a name in the configuration.
fn check_server(source: Option<&str>) -> Result<()> {
    match source.filter(|text| is_git(text) || text.contains("://") && !is_http(text)) {
        Some(text) => Err(Error::input(format!(
            "Collections requirement 'source' entry should contain a valid Galaxy API URL but it does not: {text} \
             is not an HTTP URL."
        ))
        .hint("say what it is: `type: git`, file, url, dir or subdirs")),
        None => Ok(()),
    }
}

fn no_collection(name: Option<&str>, source: Option<&str>) -> Error {
    let error = Error::input(
        "Neither the collection requirement entry key 'name', nor 'source' point to a concrete resolvable \
         collection artifact. Also 'name' is not an FQCN. A valid collection name must be in the format \
         <namespace>.<collection>. Please make sure that the namespace and the collection name contain characters \
         from [a-zA-Z0-9_] only.",
    );
    let is_folder = |text: &&str| std::path::Path::new(text).is_dir();
    error.hint(match (name, source) {
        (_, Some(text)) | (Some(text), None) if is_folder(&text) => {
            format!("`{text}` is a folder, and neither a collection nor a folder of collections")
        }
        (Some(name), _) => format!(
            "could not find `{name}`: an address of a repository begins with git+, or has `type: git`"
        ),
        (None, Some(_)) => {
            "say with `type` what the source is: git, file, url, dir or subdirs".to_owned()
        }
        (None, None) => "an entry wants a `name` or a `source`".to_owned(),
    })
}

fn git(text: &str) -> Origin {
    let text = text.strip_prefix("git+").unwrap_or(text);
    let (url, folder) = match text.split_once('#') {
        // `#/folder/,revision`
        Some((url, rest)) => match rest.split_once(',') {
            Some((folder, revision)) => (format!("{url},{revision}"), Some(folder)),
            None => (url.to_owned(), Some(rest)),
        },
        None => (text.to_owned(), None),
    };
    let folder = folder.map(|folder| folder.trim_matches('/').to_owned());
    Origin::Git {
        url,
        folder: folder.filter(|folder| !folder.is_empty()),
    }
}

/// A path, also one that is written as an address (`file:///srv/x.tar.gz`).
fn path_of(text: &str) -> PathBuf {
    file_of(text).unwrap_or_else(|| PathBuf::from(text))
}

fn origin_of(text: &str) -> Origin {
    if is_git(text) {
        return git(text);
    }
    if is_http(text) {
        return Origin::Url(text.to_owned());
    }
    let path = path_of(text);
    if path.is_file() {
        return Origin::File(path);
    }
    match is_collection(&path) {
        true => Origin::Folder(path),
        false => Origin::Folders(path),
    }
}
