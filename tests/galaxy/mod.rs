//! `play galaxy` against a small server, real repositories and hostile archives; where the reference is
//! there (tests/.cache/reference), both install the same requirements and the trees are compared.

mod server;
mod words;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use server::{Server, sha256};
use tempfile::TempDir;

fn command(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .env("PATH", "/usr/bin:/bin")
        .env("LC_ALL", "C.UTF-8")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .stdin(std::process::Stdio::null());
    command
}

fn run(folder: &Path, line: &str) -> Output {
    let words = shell_words::split(line).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_play"));
    command(program, folder)
        .arg("galaxy")
        .args(words)
        .output()
        .unwrap()
}

fn told(done: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&done.stdout) + &text(&done.stderr)
}

/// Runs a line that must succeed.
fn good(folder: &Path, line: &str) -> String {
    let done = run(folder, line);
    assert!(done.status.success(), "{line}: {}", told(&done));
    told(&done)
}

/// Runs a line that must fail, and say why.
fn bad(folder: &Path, line: &str, why: &str) {
    let done = run(folder, line);
    assert!(!done.status.success(), "{line}: {}", told(&done));
    assert!(told(&done).contains(why), "{line}: {}", told(&done));
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// A collection's source with a program, a link and something that is left out.
fn source(folder: &Path, name: &str, version: &str, needs: &str) -> PathBuf {
    let (namespace, short) = name.split_once('.').unwrap();
    let root = folder
        .join("src")
        .join(format!("{namespace}-{short}-{version}"));
    let _ = fs::remove_dir_all(&root);
    write(
        &root.join("galaxy.yml"),
        &format!(
            "namespace: {namespace}\nname: {short}\nversion: {version}\nreadme: README.md\n\
             authors: [me]\ndependencies: {needs}\nbuild_ignore: ['*.left']\n"
        ),
    );
    write(&root.join("README.md"), &format!("# {name} {version}\n"));
    write(
        &root.join("plugins/modules/hello.sh"),
        "#!/bin/sh\necho '{}'\n",
    );
    write(
        &root.join("roles/greet/tasks/main.yml"),
        "- debug: msg=hello\n",
    );
    write(&root.join("out.left"), "");
    write(&root.join(".git/config"), "");
    let program = root.join("plugins/modules/hello.sh");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    std::os::unix::fs::symlink("hello.sh", root.join("plugins/modules/link.sh")).unwrap();
    root
}

/// Builds an artifact; gives its path.
fn artifact(folder: &Path, name: &str, version: &str, needs: &str) -> PathBuf {
    let root = source(folder, name, version, needs);
    good(
        folder,
        &format!(
            "collection build {} --output-path dist --force",
            root.display()
        ),
    );
    folder
        .join("dist")
        .join(format!("{}-{version}.tar.gz", name.replace('.', "-")))
}

/// A server with `a.app`, which needs `b.base`, in several versions.
fn served(folder: &Path) -> Server {
    let server = Server::start();
    for (name, version, needs) in [
        ("a.app", "1.0.0", json!({"b.base": ">=1.0.0"})),
        ("a.app", "2.0.0", json!({"b.base": ">=1.0.0,<2.0.0"})),
        ("a.app", "3.0.0-rc1", json!({})),
        ("b.base", "1.0.0", json!({})),
        ("b.base", "1.5.0", json!({})),
        ("b.base", "2.0.0", json!({})),
    ] {
        let path = artifact(folder, name, version, &needs.to_string());
        server.publish(&path, &needs, None);
    }
    let role = |version: &str| {
        packed(&[
            (
                "role-x/meta/main.yml",
                "galaxy_info: {}\ndependencies: []\n",
            ),
            (
                "role-x/tasks/main.yml",
                &format!("- debug: msg={version}\n"),
            ),
        ])
    };
    server.role(
        "me",
        "role",
        &[("1.9.0", role("1.9.0")), ("1.10.0", role("1.10.0"))],
    );
    write(
        &folder.join("ansible.cfg"),
        &format!(
            "[defaults]\nroles_path=roles\ncollections_path=collections\n[galaxy]\nserver={}\n",
            server.url
        ),
    );
    server
}

fn packed(files: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (path, text) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(1_700_000_000);
        archive
            .append_data(&mut header, path, text.as_bytes())
            .unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap()
}

fn git(folder: &Path, line: &str) -> String {
    let mut words = vec![
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@t",
        "-c",
        "init.defaultBranch=main",
    ];
    let own = shell_words::split(line).unwrap();
    words.extend(own.iter().map(String::as_str));
    let done = command(Path::new("git"), folder)
        .args(words)
        .output()
        .unwrap();
    assert!(done.status.success(), "git {line}: {}", told(&done));
    String::from_utf8_lossy(&done.stdout).trim().to_owned()
}

/// Everything in a folder: paths, and what they hold; without what is written by the clock.
fn tree(root: &Path) -> BTreeMap<String, String> {
    fn walk(root: &Path, inside: &Path, all: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(root.join(inside)).unwrap() {
            let entry = entry.unwrap();
            let path = inside.join(entry.file_name());
            let name = path.to_string_lossy().into_owned();
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                all.insert(name, "folder".to_owned());
                walk(root, &path, all);
            } else if kind.is_symlink() {
                let target = fs::read_link(entry.path()).unwrap();
                all.insert(name, format!("link {}", target.display()));
            } else {
                let text = fs::read_to_string(entry.path()).unwrap();
                let runs = entry.metadata().unwrap().permissions().mode() & 0o111;
                // The order of FILES.json is that of the disk there, and so is its hash.
                let text = match &*entry.file_name().to_string_lossy() {
                    ".galaxy_install_info" => String::new(),
                    "FILES.json" => {
                        let mut json: serde_json::Value = serde_json::from_str(&text).unwrap();
                        let rows = json["files"].as_array_mut().unwrap();
                        rows.sort_by_key(|row| row["name"].as_str().unwrap().to_owned());
                        json.to_string()
                    }
                    "MANIFEST.json" => {
                        let mut json: serde_json::Value = serde_json::from_str(&text).unwrap();
                        json["file_manifest_file"]["chksum_sha256"] = "".into();
                        json.to_string()
                    }
                    _ => text,
                };
                all.insert(name, format!("{runs:o} {text}"));
            }
        }
    }
    let mut all = BTreeMap::new();
    walk(root, Path::new(""), &mut all);
    all
}

fn versions(folder: &Path) -> String {
    let done = run(folder, "collection list --format json");
    let json: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    let paths = json.as_object().unwrap().values();
    let pairs = paths.flat_map(|inner| inner.as_object().unwrap().iter());
    let mut all: Vec<String> = pairs
        .map(|(name, row)| format!("{name} {}", row["version"].as_str().unwrap()))
        .collect();
    all.sort();
    all.join(", ")
}

#[test]
fn collections_are_installed_listed_verified_and_upgraded() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let server = served(path);
    good(path, "collection install a.app:1.0.0");
    assert_eq!(versions(path), "a.app 1.0.0, b.base 2.0.0");
    let text = good(path, "collection install a.app");
    assert!(text.contains("Nothing to do."), "{text}");
    good(path, "collection install a.app --upgrade");
    assert_eq!(versions(path), "a.app 2.0.0, b.base 1.5.0");
    good(path, "collection install a.app --pre --upgrade");
    assert!(versions(path).starts_with("a.app 3.0.0-rc1"));
    bad(path, "collection install a.app:9.9.9", "failed to resolve");
    bad(path, "collection install no.such", "no.such");

    assert!(good(path, "collection verify a.app").contains("match the remote collection"));
    let readme = path.join("collections/ansible_collections/a/app/README.md");
    fs::write(&readme, "changed").unwrap();
    bad(path, "collection verify a.app", "README.md");
    bad(path, "collection verify a.app --offline", "README.md");
    write(
        &path.join("collections/ansible_collections/a/app/new.txt"),
        "",
    );
    bad(path, "collection verify a.app --offline", "new.txt");
    let info = path.join("collections/ansible_collections/a.app-3.0.0-rc1.info/GALAXY.yml");
    assert!(
        fs::read_to_string(info)
            .unwrap()
            .contains(&format!("server: {}", server.url))
    );
    assert!(
        !path
            .join("collections/ansible_collections/a.app-2.0.0.info")
            .exists()
    );
}

#[test]
fn roles_are_installed_listed_and_removed() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let _server = served(path);
    let text = good(path, "install me.role");
    assert!(
        text.contains("- me.role (1.10.0) was installed successfully"),
        "{text}"
    );
    assert!(good(path, "list").contains("- me.role, 1.10.0"));
    let text = good(path, "role install me.role,1.9.0");
    assert!(
        text.contains("use --force to change version to 1.9.0"),
        "{text}"
    );
    good(path, "role install me.role,1.9.0 --force");
    let text = good(path, "role install me.role -p elsewhere");
    let place = path.join("elsewhere/me.role").display().to_string();
    assert!(
        text.contains(&format!("- extracting me.role to {place}\n")),
        "{text}"
    );
    assert!(good(path, "role list me.role").contains("- me.role, 1.9.0"));
    bad(
        path,
        "role install me.role,7 --force",
        "was not found in the list of available versions",
    );
    bad(path, "role install me.none", "was not found on");
    assert!(good(path, "info me.role").contains("installed_version: 1.9.0"));
    assert!(good(path, "remove me.role").contains("- successfully removed me.role"));
    assert!(good(path, "remove me.role").contains("is not installed, skipping"));
    bad(path, "remove ..", "not the name of a role");
}

#[test]
fn a_lock_is_written_honoured_and_updated() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let server = served(path);
    write(
        &path.join("requirements.yml"),
        "roles:\n  - {name: mine, src: me.role, version: 1.9.0}\ncollections:\n  - {name: b.base, version: '<2'}\n",
    );
    bad(
        path,
        "install -r requirements.yml --locked",
        "there is no requirements.lock",
    );
    good(path, "install -r requirements.yml");
    let lock = fs::read_to_string(path.join("requirements.lock")).unwrap();
    assert!(
        lock.contains("version: 1.5.0") && lock.contains("tree: sha256:"),
        "{lock}"
    );

    // A newer version is out: the lock stays what it is, until it is made anew.
    let newer = artifact(path, "b.base", "1.6.0", "{}");
    server.publish(&newer, &json!({}), None);
    fs::remove_dir_all(path.join("collections")).unwrap();
    fs::remove_dir_all(path.join("roles")).unwrap();
    good(path, "install -r requirements.yml --locked");
    assert_eq!(versions(path), "b.base 1.5.0");
    assert!(path.join("roles/mine/tasks/main.yml").is_file());
    // Nothing is asked of the network.
    fs::remove_dir_all(path.join("collections")).unwrap();
    let before = server.asked().len();
    good(path, "install -r requirements.yml --locked --offline");
    assert_eq!(
        (server.asked().len(), versions(path).as_str()),
        (before, "b.base 1.5.0")
    );
    bad(
        path,
        "collection install a.app --offline",
        "this is offline",
    );

    good(path, "update -r requirements.yml");
    assert_eq!(versions(path), "b.base 1.6.0");
    assert!(
        fs::read_to_string(path.join("requirements.lock"))
            .unwrap()
            .contains("1.6.0")
    );
    bad(
        path,
        "update -r requirements.yml b.bas",
        "did you mean `b.base`?",
    );

    // The requirements moved on, the lock did not.
    write(
        &path.join("requirements.yml"),
        "collections:\n  - {name: b.base, version: '>=2'}\n",
    );
    bad(
        path,
        "install -r requirements.yml --locked",
        "does not fit the requirements",
    );
    // Called by the reference's name, no lock is written.
    fs::remove_file(path.join("requirements.lock")).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_play"), path.join("ansible-galaxy")).unwrap();
    let done = command(&path.join("ansible-galaxy"), path)
        .args(["install", "-r", "requirements.yml"])
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", told(&done));
    assert!(!path.join("requirements.lock").exists());
}

#[test]
fn who_lies_or_tampers_is_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let server = served(path);
    let target = path.join("collections/ansible_collections");
    // A server whose hash is another one.
    let honest = artifact(path, "c.liar", "1.0.0", "{}");
    server.publish(&honest, &json!({}), Some(&"0".repeat(64)));
    bad(path, "collection install c.liar", "mismatch artifact hash");
    // A file that is not what the manifest says.
    let tampered = tampered(&honest, path, "README.md", b"other\n");
    bad(
        path,
        &format!("collection install {}", tampered.display()),
        "checksum mismatch for 'README.md'",
    );
    // Paths that leave the folder, in the archive and in the manifest.
    for (name, why) in [
        ("../../evil", "leaves the folder"),
        ("/tmp/evil", "leaves the folder"),
    ] {
        let evil = hostile(path, name);
        bad(path, &format!("collection install {}", evil.display()), why);
    }
    assert!(!path.join("evil").exists() && !target.join("evil").exists());
    assert!(!target.join("c").exists(), "nothing is left behind");
    // An archive that is another collection.
    let other = fs::read(artifact(path, "d.other", "1.0.0", "{}")).unwrap();
    server.bytes("/download/c-liar-1.0.0.tar.gz", other.clone());
    server.publish(&honest, &json!({}), Some(&sha256(&other)));
    server.bytes("/download/c-liar-1.0.0.tar.gz", other);
    bad(
        path,
        "collection install c.liar --no-cache",
        "holds d.other 1.0.0",
    );
    // Under a lock, other bytes of the same version are refused.
    write(&path.join("requirements.yml"), "collections: [b.base]\n");
    good(path, "install -r requirements.yml");
    let again = source(path, "b.base", "2.0.0", "{}");
    write(&again.join("README.md"), "republished\n");
    good(
        path,
        &format!(
            "collection build {} --output-path dist --force",
            again.display()
        ),
    );
    server.publish(&path.join("dist/b-base-2.0.0.tar.gz"), &json!({}), None);
    fs::remove_dir_all(path.join("collections")).unwrap();
    fs::remove_dir_all(path.join(".ansible/galaxy_cache")).unwrap();
    bad(
        path,
        "install -r requirements.yml",
        "not what the lock knows",
    );
}

/// Answers that lead somewhere else, never end or end too early: one error, and nothing is installed.
#[test]
fn strange_answers_are_refused_and_nothing_is_installed() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let server = served(path);
    let host = server.url.trim_end_matches("/api/").to_owned();
    write(&path.join("secret.tar.gz"), "of this machine");
    let to = |place: &str| {
        format!(
            "HTTP/1.1 302 Found\r\nLocation: {place}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
    };
    let secret = format!("file://{}", path.join("secret.tar.gz").display());
    for (page, answer, why) in [
        ("/a/local.tar.gz", to(&secret), "failed to download"),
        ("/a/loop.tar.gz", to("/a/loop.tar.gz"), "too many redirects"),
        (
            "/a/short.tar.gz",
            "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nabc".to_owned(),
            "failed to download",
        ),
        (
            "/a/text.tar.gz",
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc".to_owned(),
            "is not a proper archive",
        ),
    ] {
        server.bytes(page, answer.into_bytes());
        bad(path, &format!("collection install {host}{page}"), why);
        bad(path, &format!("role install -p roles {host}{page}"), why);
    }
    assert!(!path.join("collections/ansible_collections").exists());
    let left = fs::read_dir(path.join("roles"))
        .into_iter()
        .flatten()
        .count();
    assert_eq!(left, 0, "nothing is half installed");
}

/// The archive with other bytes in one file.
fn tampered(artifact: &Path, folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let reader = flate2::read::GzDecoder::new(fs::File::open(artifact).unwrap());
    let mut old = tar::Archive::new(reader);
    let mut new = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for entry in old.entries().unwrap() {
        let mut entry = entry.unwrap();
        let mut header = entry.header().clone();
        if entry.path().unwrap() == Path::new(name) {
            header.set_size(bytes.len() as u64);
            header.set_cksum();
            new.append(&header, bytes).unwrap();
        } else {
            let mut content = Vec::new();
            std::io::Read::read_to_end(&mut entry, &mut content).unwrap();
            new.append(&header, content.as_slice()).unwrap();
        }
    }
    let path = folder.join("c-tampered-1.0.0.tar.gz");
    fs::write(&path, new.into_inner().unwrap().finish().unwrap()).unwrap();
    path
}

/// An artifact with hashes that are right and a path that leaves the folder.
fn hostile(folder: &Path, name: &str) -> PathBuf {
    let evil = b"evil";
    let files = json!({"format": 1, "files": [
        {"name": name, "ftype": "file", "chksum_type": "sha256", "chksum_sha256": sha256(evil), "format": 1},
    ]})
    .to_string();
    let manifest = json!({
        "collection_info": {"namespace": "c", "name": "evil", "version": "1.0.0"},
        "file_manifest_file": {"name": "FILES.json", "chksum_type": "sha256", "chksum_sha256": sha256(files.as_bytes())},
    })
    .to_string();
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    let mut add = |name: &str, bytes: &[u8]| {
        let mut header = tar::Header::new_gnu();
        // As written: the builder itself would refuse it.
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        archive.append(&header, bytes).unwrap();
    };
    add("MANIFEST.json", manifest.as_bytes());
    add("FILES.json", files.as_bytes());
    add(name, evil);
    let path = folder.join("c-evil-1.0.0.tar.gz");
    let mut file = fs::File::create(&path).unwrap();
    file.write_all(&archive.into_inner().unwrap().finish().unwrap())
        .unwrap();
    path
}

/// A repository with a role, and one with two collections, each with a branch and a tag.
fn repositories(folder: &Path) -> (PathBuf, PathBuf) {
    let role = folder.join("role-repo");
    write(
        &role.join("meta/main.yml"),
        "galaxy_info: {}\ndependencies: []\n",
    );
    write(&role.join("tasks/main.yml"), "- debug: msg=one\n");
    git(folder, "init -q role-repo");
    git(&role, "add .");
    git(&role, "commit -qm one");
    git(&role, "tag v1");
    write(&role.join("tasks/main.yml"), "- debug: msg=two\n");
    git(&role, "commit -qam two");

    let both = folder.join("collections-repo");
    for name in ["e.one", "e.two"] {
        let from = source(folder, name, "1.0.0", "{}");
        fs::remove_dir_all(from.join(".git")).unwrap();
        fs::create_dir_all(&both).unwrap();
        fs::rename(from, both.join(name.split('.').next_back().unwrap())).unwrap();
    }
    git(folder, "init -q collections-repo");
    git(&both, "add -f .");
    git(&both, "commit -qm one");
    git(&both, "branch stable");
    (role, both)
}

#[test]
fn repositories_are_installed_by_branch_tag_and_commit() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let _server = served(path);
    let (role, both) = repositories(path);
    let tasks = path.join("roles/mine/tasks/main.yml");
    let install = |revision: &str| {
        good(
            path,
            &format!(
                "role install --force git+file://{},{revision},mine",
                role.display()
            ),
        );
        fs::read_to_string(&tasks).unwrap()
    };
    assert!(install("v1").contains("one"));
    assert!(install("main").contains("two"));
    let first = git(&role, "rev-parse v1");
    assert!(install(&first).contains("one"));
    let wrong = format!(
        "role install --force git+file://{},nope,mine",
        role.display()
    );
    bad(path, &wrong, "no branch, tag or commit `nope`");

    good(
        path,
        &format!("collection install git+file://{},stable", both.display()),
    );
    assert_eq!(versions(path), "e.one 1.0.0, e.two 1.0.0");
    fs::remove_dir_all(path.join("collections")).unwrap();
    good(
        path,
        &format!("collection install git+file://{}#/two/", both.display()),
    );
    assert_eq!(versions(path), "e.two 1.0.0");

    // The lock holds the commit, also when the branch moves on.
    write(
        &path.join("requirements.yml"),
        &format!(
            "- {{src: 'file://{}', scm: git, version: main, name: mine}}\n",
            role.display()
        ),
    );
    fs::remove_dir_all(path.join("roles")).unwrap();
    good(path, "install -r requirements.yml");
    write(&role.join("tasks/main.yml"), "- debug: msg=three\n");
    git(&role, "commit -qam three");
    fs::remove_dir_all(path.join("roles")).unwrap();
    good(path, "install -r requirements.yml --locked");
    assert!(fs::read_to_string(&tasks).unwrap().contains("two"));
    good(path, "update -r requirements.yml");
    assert!(fs::read_to_string(&tasks).unwrap().contains("three"));
}

#[test]
fn new_roles_and_collections_are_made() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    good(path, "init mine");
    bad(path, "init mine", "already exists");
    good(path, "init mine --force");
    for file in [
        "tasks/main.yml",
        "meta/main.yml",
        "defaults/main.yml",
        "files",
        "templates",
    ] {
        assert!(path.join("mine").join(file).exists(), "{file}");
    }
    good(path, "collection init a.b");
    good(path, "collection build a/b");
    assert!(path.join("a-b-1.0.0.tar.gz").is_file());
    bad(path, "collection build a/b", "already exists");
    let first = fs::read(path.join("a-b-1.0.0.tar.gz")).unwrap();
    good(path, "collection build a/b --force");
    assert!(
        first == fs::read(path.join("a-b-1.0.0.tar.gz")).unwrap(),
        "the same bytes"
    );
    bad(path, "collection init nodot", "<namespace>.<collection>");
    bad(path, "init other --type apb", "is not built");
    write(
        &path.join("skeleton/tasks/main.yml.j2"),
        "# {{ role_name }} of {{ who }}\n",
    );
    write(&path.join("skeleton/templates/x.j2"), "{{ kept }}\n");
    good(path, "init third --role-skeleton skeleton -e who=me");
    assert_eq!(
        fs::read_to_string(path.join("third/tasks/main.yml")).unwrap(),
        "# third of me\n"
    );
    assert_eq!(
        fs::read_to_string(path.join("third/templates/x.j2")).unwrap(),
        "{{ kept }}\n"
    );
    for verb in ["search x", "role import a b", "collection publish x"] {
        bad(path, verb, "is not built");
    }
}

/// The reference's `ansible-galaxy`, where it is installed.
fn reference() -> Option<PathBuf> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/.cache/reference/bin/ansible-galaxy");
    path.is_file().then_some(path)
}

#[test]
fn both_install_the_same_trees() {
    let Some(reference) = reference() else {
        eprintln!("tests/.cache/reference is missing: not compared");
        return;
    };
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let server = served(path);
    let (role, both) = repositories(path);
    server.bytes(
        "/files/packed.tar.gz",
        packed(&[
            ("top/meta/main.yml", "galaxy_info: {}\n"),
            ("top/files/x.txt", "x"),
        ]),
    );
    let host = server.url.trim_end_matches("/api/");
    let local = packed(&[
        ("here/meta/main.yml", "galaxy_info: {}\n"),
        ("here/vars/main.yml", "a: 1\n"),
    ]);
    fs::write(path.join("local.tar.gz"), local).unwrap();
    let archive = artifact(path, "e.archive", "1.2.0", "{}");
    let folder_of_one = source(path, "f.folder", "0.1.0", "{}");
    let commit = git(&role, "rev-parse HEAD").trim().to_owned();
    write(
        &path.join("requirements.yml"),
        &format!(
            "roles:\n  - {{src: me.role, version: 1.9.0}}\n  - {{src: me.role, name: newest}}\n  \
             - {{src: 'file://{}', scm: git, version: v1, name: of_git}}\n  \
             - {{src: 'file://{}', scm: git, version: {commit}, name: of_commit}}\n  \
             - {{src: local.tar.gz, name: of_archive}}\n  \
             - {{src: '{host}/files/packed.tar.gz'}}\n\
             collections:\n  - {{name: a.app, version: '>=1,<3'}}\n  \
             - {{name: 'file://{}', type: git, version: stable}}\n  \
             - {{source: '{}', type: file}}\n  - {{source: '{}', type: dir}}\n",
            role.display(),
            role.display(),
            both.display(),
            archive.display(),
            folder_of_one.display(),
        ),
    );
    let mut trees = Vec::new();
    for program in [PathBuf::from(env!("CARGO_BIN_EXE_play")), reference] {
        let is_play = program.ends_with("play");
        let mut words = if is_play { vec!["galaxy"] } else { vec![] };
        words.extend(["install", "-r", "requirements.yml"]);
        let done = command(&program, path).args(words).output().unwrap();
        assert!(
            done.status.success(),
            "{}: {}",
            program.display(),
            told(&done)
        );
        trees.push([tree(&path.join("roles")), tree(&path.join("collections"))]);
        fs::remove_dir_all(path.join("roles")).unwrap();
        fs::remove_dir_all(path.join("collections")).unwrap();
    }
    for (mine, theirs) in trees[0].iter().zip(&trees[1]) {
        for (path, text) in theirs {
            assert_eq!(mine.get(path), Some(text), "{path}");
        }
        let more: Vec<&String> = mine
            .keys()
            .filter(|path| !theirs.contains_key(*path))
            .collect();
        assert!(more.is_empty(), "{more:?}");
    }
    assert!(
        trees[0][0].len() > 12 && trees[0][1].len() > 40,
        "{:?}",
        trees[0][1].len()
    );
}

/// A collection says for which ansible-core it is, wherever it comes from.
#[test]
fn a_collection_for_another_ansible_is_refused_unless_that_is_ignored() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let root = source(path, "a.future", "1.0.0", "{}");
    write(
        &root.join("meta/runtime.yml"),
        "requires_ansible: '>=9.0'\n",
    );
    good(
        path,
        &format!("collection build {} --output-path dist", root.display()),
    );
    let archive = "dist/a-future-1.0.0.tar.gz".to_owned();
    for what in [archive.clone(), root.display().to_string()] {
        let line = format!("collection install {what} -p here");
        bad(path, &line, "a.future 1.0.0 wants ansible-core >=9.0");
    }
    assert!(!path.join("here/ansible_collections/a/future").exists());
    write(
        &path.join("ansible.cfg"),
        "[defaults]\ncollections_on_ansible_version_mismatch = ignore\n",
    );
    good(path, &format!("collection install {archive} -p here"));
    assert!(path.join("here/ansible_collections/a/future").exists());
    fs::remove_file(path.join("ansible.cfg")).unwrap();
    write(
        &root.join("meta/runtime.yml"),
        "requires_ansible: '>=2.15.0,<2.22.0'\n",
    );
    good(
        path,
        &format!("collection install {} -p other", root.display()),
    );
}
