//! Galaxy's API: version 1 for roles, version 3 for collections.
//!
//! <https://docs.ansible.com/projects/galaxy-ng/> describes it; what is relied on is what the
//! reference's own client relies on.

mod asking;

use std::collections::BTreeMap;

use serde_json::Value as Json;

use asking::{ask, host, quoted};

use super::{Galaxy, Server, Version};
use crate::error::{Error, Result};

/// The most pages of one answer that are read.
const PAGES: usize = 200;

/// The real address of a server's API, and the paths of its versions.
#[derive(Clone, Debug)]
pub struct Root {
    url: String,
    versions: BTreeMap<String, String>,
}

/// A version of a collection that a server has.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The version.
    pub version: Version,
    /// The versions of Ansible that it says it is for.
    pub requires_ansible: Option<String>,
}

/// What a server says of one version of a collection.
#[derive(Clone, Debug)]
pub struct Detail {
    /// The server's API.
    pub server: String,
    /// Where the archive is.
    pub download_url: String,
    /// The archive's hash.
    pub sha256: String,
    /// The collections that it needs, with the ranges.
    pub dependencies: BTreeMap<String, String>,
    /// Its page in the API.
    pub href: String,
    /// Signatures, as the server gives them.
    pub signatures: Json,
}

/// What a server says of a role.
#[derive(Clone, Debug)]
pub struct Role {
    /// Everything, for `info`.
    pub whole: Json,
    /// Its versions: names, and addresses where the server names some.
    pub versions: Vec<(String, Option<String>)>,
}

impl Server {
    /// The versions of a collection, or none where the server does not know it.
    ///
    /// # Errors
    /// The server gives no proper answer.
    pub(super) fn versions(&self, galaxy: &Galaxy, name: &str) -> Result<Vec<Listed>> {
        let mut url = format!(
            "{}?limit=100",
            self.collection_url(galaxy, name, "versions")?
        );
        let mut found = Vec::new();
        for _ in 0..PAGES {
            let Some(page) = self.get(galaxy, &url, false)? else {
                return Ok(found);
            };
            let rows = page.get("data").or_else(|| page.get("results"));
            for row in rows.and_then(Json::as_array).into_iter().flatten() {
                let text = row
                    .get("version")
                    .and_then(Json::as_str)
                    .unwrap_or_default();
                // What is no version cannot be asked for; the others can.
                if let Ok(version) = Version::parse(text) {
                    let requires = row.get("requires_ansible").and_then(Json::as_str);
                    found.push(Listed {
                        version,
                        requires_ansible: requires.map(str::to_owned),
                    });
                }
            }
            let next = page.pointer("/links/next").and_then(Json::as_str);
            match next.filter(|next| !next.is_empty()) {
                Some(next) => url = self.join(galaxy, next)?,
                None => return Ok(found),
            }
        }
        Err(self.strange(&url, "its pages do not end"))
    }

    /// One version of a collection.
    ///
    /// # Errors
    /// The server does not have it, or gives no proper answer.
    pub(super) fn detail(&self, galaxy: &Galaxy, name: &str, version: &Version) -> Result<Detail> {
        let url = self.collection_url(galaxy, name, &format!("versions/{version}"))?;
        let answer = self.get(galaxy, &url, true)?.ok_or_else(|| {
            Error::input(format!("`{}` has no version {version} of {name}", self.url))
        })?;
        let text = |path: &str| {
            answer
                .pointer(path)
                .and_then(Json::as_str)
                .map(str::to_owned)
        };
        let missing = |what: &str| self.strange(&url, &format!("`{what}` is missing"));
        let said = format!(
            "{}.{}",
            text("/namespace/name").unwrap_or_default(),
            text("/collection/name").unwrap_or_default()
        );
        if said != name || text("/version").as_deref() != Some(&version.to_string()) {
            return Err(self.strange(&url, &format!("it tells of `{said}` instead")));
        }
        let download = text("/download_url").ok_or_else(|| missing("download_url"))?;
        let dependencies = answer
            .pointer("/metadata/dependencies")
            .and_then(Json::as_object);
        let dependencies = dependencies.into_iter().flatten().map(|(name, range)| {
            let range = range.as_str().unwrap_or("*");
            (name.clone(), range.to_owned())
        });
        Ok(Detail {
            server: self.root(galaxy)?.url.clone(),
            download_url: self.join(galaxy, &download)?,
            sha256: text("/artifact/sha256").ok_or_else(|| missing("artifact.sha256"))?,
            dependencies: dependencies.collect(),
            href: text("/href").unwrap_or_default(),
            signatures: answer.get("signatures").cloned().unwrap_or(Json::Null),
        })
    }

    /// A role, or nothing where the server does not know it.
    ///
    /// # Errors
    /// The server gives no proper answer.
    pub(super) fn role(&self, galaxy: &Galaxy, name: &str) -> Result<Option<Role>> {
        let (owner, role) = name.rsplit_once('.').unwrap_or(("", name));
        let roles = self.api(galaxy, "v1")? + "roles/";
        let query = format!(
            "{roles}?owner__username={}&name={}",
            quoted(owner),
            quoted(role)
        );
        let Some(answer) = self.get(galaxy, &query, false)? else {
            return Ok(None);
        };
        let Some(whole) = answer.pointer("/results/0").cloned() else {
            return Ok(None);
        };
        let id = match whole.get("id") {
            Some(Json::String(id)) => id.clone(),
            Some(id @ Json::Number(_)) => id.to_string(),
            _ => return Err(self.strange(&query, "the role has no id")),
        };
        let mut url = format!("{roles}{}/versions/?page_size=50", quoted(&id));
        let mut versions = Vec::new();
        for _ in 0..PAGES {
            let Some(page) = self.get(galaxy, &url, false)? else {
                break;
            };
            for row in page
                .get("results")
                .and_then(Json::as_array)
                .into_iter()
                .flatten()
            {
                if let Some(name) = row.get("name").and_then(Json::as_str) {
                    let at = row.get("download_url").or_else(|| row.get("source"));
                    let at = at.and_then(Json::as_str).map(str::to_owned);
                    versions.push((name.to_owned(), at));
                }
            }
            match page.get("next_link").and_then(Json::as_str) {
                Some(next) => url = self.join(galaxy, next)?,
                None => break,
            }
        }
        Ok(Some(Role { whole, versions }))
    }

    /// The bytes of an archive.
    ///
    /// # Errors
    /// There is no proper answer.
    pub(super) fn download(&self, galaxy: &Galaxy, url: &str) -> Result<Vec<u8>> {
        // The token is for the server alone, not for whoever keeps its archives.
        let own = host(url) == host(&self.url);
        let headers = match own {
            true => self.headers(galaxy)?,
            false => Vec::new(),
        };
        let answer = ask(galaxy, self, url, headers)?;
        match answer.status {
            200 => Ok(answer.body),
            status => Err(Error::input(format!("`{url}` answers with {status}"))),
        }
    }
}
