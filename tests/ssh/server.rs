//! A private sshd on the loopback, with keys of its own, gone with the test.

use std::fs;
use std::net::TcpListener;
use std::net::TcpStream;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::OnceLock;
use std::time::Duration;
use std::time::Instant;

use play::connection::{HostKeys, Login, Target, Transport};

pub struct Server {
    child: Child,
    pub folder: tempfile::TempDir,
    pub port: u16,
}

/// The program, where this machine has one.
pub fn sshd() -> Option<PathBuf> {
    let known = ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd"];
    let found = known.iter().map(PathBuf::from).find(|path| path.exists());
    if found.is_none() {
        eprintln!("skipped: this machine has no sshd");
    }
    found
}

impl Server {
    /// Starts one; `more` is added to its configuration.
    pub fn start(program: &Path, more: &str) -> Server {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        for name in keys() {
            for end in ["", ".pub"] {
                let file = format!("{name}{end}");
                fs::copy(key_folder().join(&file), path.join(&file)).unwrap();
            }
        }
        allow(path, &["client", "client_rsa", "sealed"]);
        let port = free_port();
        write_config(path, port, more);
        // sshd wants this folder even where it separates nothing.
        let _ = fs::create_dir_all("/run/sshd");
        let child = Command::new(program)
            .args(["-D", "-e", "-f"])
            .arg(path.join("sshd_config"))
            .stderr(fs::File::create(path.join("log")).unwrap())
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let server = Server {
            child,
            folder,
            port,
        };
        server.wait();
        server
    }

    fn wait(&self) {
        let begin = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(begin.elapsed() < Duration::from_secs(10), "{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// A file of this server's folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The server as a target that logs in with the named keys and knows the server's own.
    pub fn target(&self, keys: &[&str]) -> Target {
        self.know("known_hosts", "host_ed25519");
        Target {
            name: "machine1".to_owned(),
            transport: Transport::Ssh,
            address: "127.0.0.1".to_owned(),
            port: Some(self.port),
            user: Some(user()),
            login: Login {
                keys: keys.iter().map(|name| self.file(name)).collect(),
                ..Login::default()
            },
            host_keys: HostKeys::Strict {
                files: vec![self.file("known_hosts")],
            },
            timeout: Duration::from_secs(10),
            retries: 0,
            ssh_arguments: Vec::new(),
            terminal: None,
            shell: "/bin/sh".to_owned(),
        }
    }

    /// Writes a known_hosts file that knows one of the keys in the folder.
    pub fn know(&self, name: &str, key: &str) {
        let line = format!("[127.0.0.1]:{} {}", self.port, self.public(key));
        fs::write(self.file(name), line).unwrap();
    }

    /// A key's public half, as its file holds it.
    pub fn public(&self, key: &str) -> String {
        fs::read_to_string(self.file(&format!("{key}.pub"))).unwrap()
    }

    /// A key's fingerprint, as ssh-keygen shows it.
    pub fn fingerprint(&self, key: &str) -> String {
        let mut command = Command::new("ssh-keygen");
        let output = command.arg("-lf").arg(self.file(key)).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.split(' ').nth(1).unwrap().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The user who runs the tests: the only one that a private sshd can log in.
pub fn user() -> String {
    let output = Command::new("id").arg("-un").output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Makes the keys, once for all tests: an RSA key takes a second.
fn keys() -> &'static [&'static str] {
    static MADE: OnceLock<Vec<&str>> = OnceLock::new();
    MADE.get_or_init(|| {
        let _ = fs::remove_dir_all(key_folder());
        fs::create_dir_all(key_folder()).unwrap();
        let all = [
            ("host_ed25519", "ed25519", ""),
            ("host_rsa", "rsa", ""),
            ("host_ecdsa", "ecdsa", ""),
            ("client", "ed25519", ""),
            ("client_rsa", "rsa", ""),
            ("sealed", "ed25519", "open sesame"),
            ("stranger", "ed25519", ""),
        ];
        for (name, kind, passphrase) in all {
            keygen(&key_folder().join(name), kind, passphrase);
        }
        all.iter().map(|(name, _, _)| *name).collect()
    })
}

fn key_folder() -> PathBuf {
    // One folder a process: nextest runs each test in one of its own.
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("ssh-keys-{}", std::process::id()))
}

fn keygen(path: &Path, kind: &str, passphrase: &str) {
    let status = Command::new("ssh-keygen")
        .args(["-q", "-t", kind, "-N", passphrase, "-C", "test", "-f"])
        .arg(path)
        .status();
    assert!(status.unwrap().success());
}

fn allow(folder: &Path, names: &[&str]) {
    let read = |name: &&str| fs::read_to_string(folder.join(format!("{name}.pub"))).unwrap();
    let lines: String = names.iter().map(read).collect();
    fs::write(folder.join("authorized_keys"), lines).unwrap();
}

pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

pub fn has_ipv6() -> bool {
    TcpListener::bind("[::1]:0").is_ok()
}

/// `SHLVL` keeps bash from reading the user's own `.bashrc`, which may do anything.
fn write_config(folder: &Path, port: u16, more: &str) {
    let at = folder.display();
    let more = match has_ipv6() {
        true => format!("ListenAddress [::1]:{port}\n{more}"),
        false => more.to_owned(),
    };
    let text = format!(
        "ListenAddress 127.0.0.1:{port}\n\
         HostKey {at}/host_ed25519\n\
         HostKey {at}/host_rsa\n\
         HostKey {at}/host_ecdsa\n\
         AuthorizedKeysFile {at}/authorized_keys\n\
         PidFile none\n\
         StrictModes no\n\
         UsePAM no\n\
         PermitRootLogin yes\n\
         PasswordAuthentication no\n\
         KbdInteractiveAuthentication no\n\
         SetEnv SHLVL=2\n\
         {more}\n"
    );
    fs::write(folder.join("sshd_config"), text).unwrap();
}
