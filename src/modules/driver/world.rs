//! A host and a controller made of a temporary folder.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use sha1::{Digest, Sha1};
use tempfile::TempDir;

use super::host_shell::{HostShell, which};
use crate::error::{Error, Result};
use crate::modules::{Answer, Ask, Body, Entry};
use crate::shell::{Reply, Script};
use crate::template::Finished;

/// The commands of a host that has some of its commands hidden.
const COMMANDS: &str = "awk base64 basename bzip2 cat chgrp chmod chown cksum cmp cp curl cut date \
    dd df diff dirname du echo env expr false file find getent grep gunzip gzip head hostname id \
    install ln ls lsattr md5sum mkdir mkfifo mktemp mv nl od openssl patch perl printf ps pwd \
    python3 readlink rm rmdir sed sh sha1sum sha224sum sha256sum sha384sum sha512sum sleep sort \
    stat stty tail tar tee test touch tr true uname uniq unxz unzip unzstd wc wget which xargs xz \
    zcat zip zstd";

/// Answers a question to the controller, or leaves it to the world.
type Answerer = dyn Fn(&Ask) -> Option<Answer>;

/// A host and its controller. Dropped, nothing of it is left.
pub(crate) struct World {
    root: TempDir,
    shell: HostShell,
    answerer: RefCell<Option<Box<Answerer>>>,
    asked: RefCell<Vec<String>>,
    hidden: RefCell<Vec<String>>,
}

impl World {
    /// A new one whose host has that shell.
    pub(crate) fn new(shell: HostShell) -> Self {
        let root = tempfile::Builder::new()
            .prefix("play test ")
            .tempdir()
            .unwrap();
        for folder in ["host", "bin", "files", "templates", "tools"] {
            fs::create_dir(root.path().join(folder)).unwrap();
        }
        let world = World {
            root,
            shell,
            answerer: RefCell::default(),
            asked: RefCell::default(),
            hidden: RefCell::default(),
        };
        if shell.busybox {
            world.install_busybox();
        }
        world
    }

    /// One world for each shell of this machine.
    pub(crate) fn each() -> impl Iterator<Item = World> {
        HostShell::installed().into_iter().map(World::new)
    }

    /// One with the system's own shell.
    pub(crate) fn plain() -> Self {
        World::new(HostShell::plain())
    }

    fn install_busybox(&self) {
        let list = Command::new("busybox").arg("--list").output().unwrap();
        let program = which("busybox").unwrap();
        for applet in String::from_utf8_lossy(&list.stdout).lines() {
            std::os::unix::fs::symlink(&program, self.root.path().join("tools").join(applet))
                .unwrap();
        }
    }

    /// The name of the host's shell.
    pub(crate) fn shell_name(&self) -> &'static str {
        self.shell.name
    }

    /// The host's shell.
    pub(crate) fn shell(&self) -> HostShell {
        self.shell
    }

    /// Says whether the host has BusyBox's tools only.
    pub(crate) fn is_busybox(&self) -> bool {
        self.shell.busybox
    }

    /// A path below the host's folder, which is also the host's home and working folder.
    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.root.path().join("host").join(below)
    }

    /// The same as text.
    pub(crate) fn text(&self, below: &str) -> String {
        self.path(below).to_str().unwrap().to_owned()
    }

    /// A path below the controller's folder `files`, `templates`, ….
    pub(crate) fn controller(&self, below: &str) -> PathBuf {
        self.root.path().join(below)
    }

    /// Writes a file of the host, with the folders it needs.
    pub(crate) fn write(&self, below: &str, content: impl AsRef<[u8]>) {
        write(&self.path(below), content.as_ref());
    }

    /// Writes a file of the controller: `files/motd`.
    pub(crate) fn give(&self, below: &str, content: impl AsRef<[u8]>) {
        write(&self.controller(below), content.as_ref());
    }

    /// The content of a file of the host.
    #[track_caller]
    pub(crate) fn read(&self, below: &str) -> String {
        let path = self.path(below);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The permission bits of a file of the host, as `0644`.
    #[track_caller]
    pub(crate) fn mode(&self, below: &str) -> String {
        let mode = fs::symlink_metadata(self.path(below)).unwrap().mode();
        format!("{:04o}", mode & 0o7777)
    }

    /// Puts a scripted command first in the host's PATH. Its calls are noted: see
    /// [`calls`](World::calls).
    pub(crate) fn fake(&self, command: &str, body: &str) {
        let path = self.root.path().join("bin").join(command);
        let calls = self.root.path().join("calls");
        let text = format!(
            "#!/bin/sh\nprintf '%s\\n' \"{command} $*\" >>'{}'\n{body}\n",
            calls.display()
        );
        write(&path, text.as_bytes());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Takes a command away from the host.
    pub(crate) fn hide(&self, command: &str) {
        self.hidden.borrow_mut().push(command.to_owned());
    }

    /// The folders of the system's commands, or where some are hidden, one with those that modules
    /// are likely to use.
    fn system_path(&self) -> String {
        let all = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        let hidden = self.hidden.borrow();
        if !self.shell.busybox && hidden.is_empty() {
            return all.to_owned();
        }
        let tools = self.root.path().join("tools");
        if !tools.join("cat").exists() {
            for command in COMMANDS.split_whitespace() {
                let places = all.split(':').map(|folder| Path::new(folder).join(command));
                if let Some(path) = places.into_iter().find(|path| path.exists()) {
                    std::os::unix::fs::symlink(path, tools.join(command)).unwrap();
                }
            }
        }
        for command in hidden.iter() {
            let _ = fs::remove_file(tools.join(command));
        }
        tools.display().to_string()
    }

    /// The calls of scripted commands so far, one a line: the command and its arguments.
    pub(crate) fn calls(&self) -> Vec<String> {
        let text = fs::read_to_string(self.root.path().join("calls")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Answers questions to the controller before the world does.
    pub(crate) fn answering(&self, answerer: impl Fn(&Ask) -> Option<Answer> + 'static) {
        *self.answerer.borrow_mut() = Some(Box::new(answerer));
    }

    /// The questions to the controller so far, as Rust prints them.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.borrow().clone()
    }

    /// Everything in the host's folder: what it is, its mode, and its content.
    pub(crate) fn snapshot(&self) -> BTreeMap<PathBuf, String> {
        let mut all = BTreeMap::new();
        note(&self.path(""), &mut all);
        all
    }

    /// Runs a script as it is.
    pub(crate) fn run_script(&self, script: &Script) -> Reply {
        self.run(script)
    }

    pub(super) fn run(&self, script: &Script) -> Reply {
        let system = self.system_path();
        let path = format!("{}:{system}", self.root.path().join("bin").display());
        self.shell.run(script, &path, &self.path(""))
    }

    pub(super) fn put(&self, body: &Body, path: &str) -> Reply {
        let bytes = match body {
            Body::Bytes(bytes) => bytes.to_vec(),
            Body::File(file) => fs::read(file).unwrap(),
        };
        let done = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(path)
            .and_then(|mut file| std::io::Write::write_all(&mut file, &bytes));
        match done {
            Ok(()) => Reply::default(),
            Err(error) => Reply {
                status: 1,
                stderr: error.to_string().into_bytes(),
                ..Reply::default()
            },
        }
    }

    pub(super) fn fetch(&self, path: &str, limit: u64) -> Result<Vec<u8>> {
        let bytes = fs::read(path)?;
        if bytes.len() as u64 > limit {
            return Err(Error::input(format!("`{path}` is larger than {limit}")));
        }
        Ok(bytes)
    }

    pub(super) fn answer(&self, ask: Ask) -> Result<Answer> {
        self.asked.borrow_mut().push(format!("{ask:?}"));
        let given = self.answerer.borrow().as_ref().and_then(|it| it(&ask));
        match given {
            Some(answer) => Ok(answer),
            None => self.own_answer(ask),
        }
    }

    fn own_answer(&self, ask: Ask) -> Result<Answer> {
        Ok(match ask {
            Ask::Find { kind, name } => Answer::Path(self.find(kind, &name)?),
            Ask::Read { path, .. } => Answer::Bytes(fs::read(path)?.into()),
            Ask::Absolute(path) => Answer::Path(self.controller(&path)),
            Ask::Look(path) => Answer::Looked(look(&path, path.clone())),
            Ask::List(folder) => Answer::Entries(list(&folder, Path::new(""))?),
            Ask::Template { path, .. } => Answer::Text(fs::read_to_string(path)?),
            Ask::Write { path, bytes, .. } => {
                write(&path, &bytes);
                Answer::Nothing
            }
            Ask::Checksum(path) => Answer::Checksum(fs::read(path).ok().map(sha1)),
            Ask::Run { command, stdin } => Answer::Finished(run(&command, &stdin)?),
            Ask::Sleep(_) | Ask::Disconnect => Answer::Nothing,
            Ask::Try(script) => Answer::Tried(Ok(self.run(&script))),
            Ask::Connect(_) => Answer::Reached(Ok(())),
            other => return Err(Error::bug(format!("no answer to {other:?}"))),
        })
    }

    fn find(&self, kind: &str, name: &str) -> Result<PathBuf> {
        let below = name.trim_end_matches('/');
        [self.controller(kind).join(below), self.controller(below)]
            .into_iter()
            .find(|path| path.exists())
            .ok_or_else(|| Error::input(format!("could not find `{name}`")))
    }
}

fn write(path: &Path, content: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

fn sha1(bytes: Vec<u8>) -> String {
    data_encoding::HEXLOWER.encode(&Sha1::digest(bytes))
}

fn run(command: &[String], stdin: &[u8]) -> Result<Finished> {
    let mut child = Command::new(&command[0])
        .args(&command[1..])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()?;
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), stdin)?;
    let output = child.wait_with_output()?;
    Ok(Finished {
        status: output.status.code().unwrap_or(128),
        stdout: output.stdout,
        stderr: output.stderr,
    })
}

fn list(folder: &Path, below: &Path) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    let mut names: Vec<_> = fs::read_dir(folder.join(below))?.flatten().collect();
    names.sort_by_key(fs::DirEntry::file_name);
    for name in names {
        let path = below.join(name.file_name());
        let is_dir = name.metadata()?.is_dir();
        entries.extend(look(&name.path(), path.clone()));
        if is_dir {
            entries.extend(list(folder, &path)?);
        }
    }
    Ok(entries)
}

fn look(at: &Path, path: PathBuf) -> Option<Entry> {
    let meta = fs::metadata(at)
        .or_else(|_| fs::symlink_metadata(at))
        .ok()?;
    Some(Entry {
        path,
        is_dir: meta.is_dir(),
        link: fs::read_link(at).ok(),
        real: fs::canonicalize(at).ok().filter(|_| meta.is_dir()),
        mode: meta.mode() & 0o7777,
        size: meta.len(),
        sealed: fs::read(at).is_ok_and(|bytes| bytes.starts_with(b"$ANSIBLE_VAULT;")),
    })
}

fn note(path: &Path, all: &mut BTreeMap<PathBuf, String>) {
    let meta = fs::symlink_metadata(path).unwrap();
    let what = format!(
        "{:o} {}:{} {} {} {}",
        meta.mode(),
        meta.uid(),
        meta.gid(),
        meta.nlink(),
        meta.mtime(),
        meta.mtime_nsec()
    );
    let content = if meta.is_dir() {
        for entry in fs::read_dir(path).unwrap().flatten() {
            note(&entry.path(), all);
        }
        String::new()
    } else if meta.is_symlink() {
        fs::read_link(path).unwrap().display().to_string()
    } else if meta.is_file() {
        sha1(fs::read(path).unwrap())
    } else {
        String::new()
    };
    all.insert(path.to_owned(), format!("{what} {content}"));
}
