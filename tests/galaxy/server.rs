//! A small server with the shapes of Galaxy's API, which the reference's own client accepts too.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// What stands at each path.
type Pages = BTreeMap<String, Vec<u8>>;

/// A server of one test; it ends with the process.
#[derive(Clone)]
pub struct Server {
    pub url: String,
    pages: Arc<Mutex<Pages>>,
    asked: Arc<Mutex<Vec<String>>>,
    versions: Arc<Mutex<BTreeMap<String, Vec<Value>>>>,
}

pub fn sha256(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(bytes))
}

impl Server {
    pub fn start() -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Server {
            url: format!("http://{}/api/", listener.local_addr().unwrap()),
            pages: Arc::default(),
            asked: Arc::default(),
            versions: Arc::default(),
        };
        server.page(
            "/api/",
            &json!({"available_versions": {"v1": "v1/", "v3": "v3/"}}),
        );
        let own = server.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let own = own.clone();
                thread::spawn(move || own.answer(&stream.unwrap()));
            }
        });
        server
    }

    fn answer(&self, mut stream: &TcpStream) {
        let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
        let first = lines.next().and_then(Result::ok).unwrap_or_default();
        while lines
            .next()
            .and_then(Result::ok)
            .is_some_and(|line| !line.is_empty())
        {}
        let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
        self.asked.lock().unwrap().push(path.clone());
        let pages = self.pages.lock().unwrap();
        // A list of versions is one whatever its size; roles are asked for by their names.
        let bare = path
            .split("?limit=")
            .next()
            .unwrap()
            .split("?page_size=")
            .next()
            .unwrap();
        let (status, body) = match pages.get(bare) {
            Some(body) => ("200 OK", body.clone()),
            None if path.contains("/v1/roles/?") => {
                ("200 OK", br#"{"count": 0, "results": []}"#.to_vec())
            }
            None => ("404 Not Found", br#"{"detail": "Not found."}"#.to_vec()),
        };
        // A whole answer, as it stands.
        if body.starts_with(b"HTTP/1.1 ") {
            let _ = stream.write_all(&body);
            return;
        }
        let kind = if body.starts_with(b"{") {
            "application/json"
        } else {
            "application/octet-stream"
        };
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        let _ = stream.write_all(head.as_bytes());
        let _ = stream.write_all(&body);
    }

    pub fn bytes(&self, path: &str, body: Vec<u8>) {
        self.pages.lock().unwrap().insert(path.to_owned(), body);
    }

    fn page(&self, path: &str, body: &Value) {
        self.bytes(path, body.to_string().into_bytes());
    }

    /// Every path that was asked for.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// Publishes an artifact; `said` is the hash that the server tells, the right one without it.
    pub fn publish(&self, artifact: &Path, needs: &Value, said: Option<&str>) {
        let file = artifact.file_name().unwrap().to_str().unwrap().to_owned();
        let parts: Vec<&str> = file.trim_end_matches(".tar.gz").split('-').collect();
        let (namespace, name, version) = (parts[0], parts[1], parts[2..].join("-"));
        let bytes = fs::read(artifact).unwrap();
        let hash = said.map_or_else(|| sha256(&bytes), str::to_owned);
        let base = format!("/api/v3/collections/{namespace}/{name}/");
        let href = format!("{base}versions/{version}/");
        self.bytes(&format!("/download/{file}"), bytes);
        self.page(
            &href,
            &json!({
                "version": version,
                "href": href,
                "download_url": format!("/download/{file}"),
                "artifact": {"sha256": hash, "filename": file},
                "namespace": {"name": namespace},
                "collection": {"name": name},
                "metadata": {"dependencies": needs},
                "signatures": [],
            }),
        );
        let mut versions = self.versions.lock().unwrap();
        let all = versions.entry(base.clone()).or_default();
        all.push(json!({"version": version, "href": href}));
        let list = json!({
            "meta": {"count": all.len()},
            "links": {"first": null, "previous": null, "next": null, "last": null},
            "data": all,
        });
        self.page(&format!("{base}versions/"), &list);
        self.page(
            &base,
            &json!({"namespace": namespace, "name": name, "created_at": "x", "updated_at": version}),
        );
    }

    /// Publishes a role: its versions and their archives.
    pub fn role(&self, owner: &str, name: &str, versions: &[(&str, Vec<u8>)]) {
        let host = self.url.trim_end_matches("/api/").to_owned();
        let id = 42;
        let query = format!("/api/v1/roles/?owner__username={owner}&name={name}");
        self.page(
            &query,
            &json!({"count": 1, "results": [{
                "id": id, "name": name, "username": owner, "description": "a role",
                "github_user": owner, "github_repo": name, "github_branch": "main",
                "summary_fields": {},
            }]}),
        );
        let rows: Vec<Value> = versions
            .iter()
            .map(|(version, _)| {
                json!({"name": version, "download_url": format!("{host}/roles/{name}-{version}.tar.gz")})
            })
            .collect();
        self.page(
            &format!("/api/v1/roles/{id}/versions/"),
            &json!({"count": rows.len(), "next_link": null, "results": rows}),
        );
        for (version, bytes) in versions {
            self.bytes(&format!("/roles/{name}-{version}.tar.gz"), bytes.clone());
        }
    }
}
