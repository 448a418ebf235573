//! What the lower rooms may ask of the world: files, vaults, programs, pages.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use sha1::{Digest, Sha1};

use super::reading::{Pipes, unreadable};
use super::sink::Sink;
use crate::connection;
use crate::disk;
use crate::error::{Error, Result, Source};
use crate::memory::{Kind, Watch};
use crate::playbook;
use crate::python::Python;
use crate::report::{Event, Secrets};
use crate::template::{
    Answer, Command, Engine, Fetch, Fetched, Finished, Outside, Overlaid, Plugin, PluginArgs,
    PluginNames, Scope,
};
use crate::value::{Map, Sealed, Str, Value};
use crate::vault::{self, Secret, Vault};
use crate::yaml;

/// The world, as the rooms of a run may reach it.
pub struct House {
    /// The passwords of sealed files and values.
    pub vault: Arc<Vault>,
    /// What renders.
    pub engine: Arc<Engine>,
    /// `-e`.
    pub extra: Arc<Map>,
    /// Settings by their names in the reference's table.
    pub settings: Map,
    /// Where those come from that somebody set.
    pub origins: Map,
    /// Python, where something needs it.
    pub python: Arc<Python>,
    /// The files that were read, for a run that resumes this one.
    pub watch: Arc<Watch>,
    /// Whether duplicate keys and the like are told.
    sink: Sink,
    told: Mutex<HashSet<String>>,
    pipes: Pipes,
    /// Whether a plan is made: nothing is written then.
    pub plans: AtomicBool,
    /// What came out of vaults.
    pub secrets: Arc<Secrets>,
}

impl House {
    /// A house that tells its warnings to `sink`.
    pub fn new(
        vault: Arc<Vault>,
        engine: Arc<Engine>,
        extra: Arc<Map>,
        settings: Map,
        python: Arc<Python>,
        sink: Sink,
    ) -> Self {
        House {
            vault,
            engine,
            extra,
            settings,
            origins: Map::new(),
            python,
            watch: Arc::default(),
            sink,
            told: Mutex::default(),
            pipes: Pipes::default(),
            plans: AtomicBool::new(false),
            secrets: Arc::default(),
        }
    }

    /// The bytes of a file; a vault comes opened where `open` says so.
    ///
    /// # Errors
    /// The file cannot be read, or the vault cannot be opened.
    pub fn bytes(&self, path: &Path, open: bool) -> Result<Arc<[u8]>> {
        let bytes = self.contents(path)?;
        self.watch.note(path, &bytes, Kind::Data);
        if open && vault::is_sealed(&bytes) {
            return Ok(Arc::from(self.opened(path, &bytes)?.expose()));
        }
        Ok(bytes)
    }

    fn contents(&self, path: &Path) -> Result<Arc<[u8]>> {
        let bytes = self.pipes.contents(path);
        bytes.map_err(|error| unreadable(path, error))
    }

    /// The text of a file that names hosts (`--limit @FILE`).
    ///
    /// # Errors
    /// It cannot be read, or is no text.
    pub fn names_in(&self, path: &Path) -> std::io::Result<String> {
        let bytes = self.pipes.contents(path)?;
        String::from_utf8(bytes.to_vec()).map_err(std::io::Error::other)
    }

    /// The text of a file; a vault comes opened, and is never shown in an excerpt. `kind` says what
    /// the file is to the run.
    ///
    /// # Errors
    /// As for [`bytes`](House::bytes), or the file is no text.
    pub fn source(&self, path: &Path, kind: Kind) -> Result<Arc<Source>> {
        let bytes = self.contents(path)?;
        self.watch.note(path, &bytes, kind);
        if vault::is_sealed(&bytes) {
            return yaml::decode_sealed(self.opened(path, &bytes)?.expose(), path);
        }
        yaml::decode(&bytes, path)
    }

    fn opened(&self, path: &Path, bytes: &[u8]) -> Result<Secret> {
        let text = String::from_utf8_lossy(bytes);
        let opened = self.vault.open(&text).map_err(|error| {
            let shown = path.display();
            match self.vault.is_empty() {
                // The reference's words, which end with the file.
                true => Error::input(format!(
                    "A vault password or secret must be specified to decrypt {shown}"
                ))
                .hint("give one with `--vault-password-file`, `--vault-id` or `--ask-vault-pass`"),
                false => Error::input(format!("failed to open the vault `{shown}`")).because(error),
            }
        })?;
        self.secrets.note(&opened);
        Ok(opened)
    }

    /// Opens a sealed value: its text is the user's own.
    ///
    /// # Errors
    /// No password opens it, or it is no text.
    pub fn unseal(&self, sealed: &Sealed) -> Result<Value> {
        let at = |error: Error| error.at(sealed.place.clone());
        let secret = self.vault.open(&sealed.ciphertext).map_err(at)?;
        let text = secret.expose_str().map_err(at)?;
        self.secrets.note(&secret);
        let text = Str::template(text, sealed.place.clone());
        Ok(Value::Str(text.secret()))
    }

    /// Hides a text from what is shown of the shell's, as what came out of a vault is.
    pub fn hide(&self, secret: &Secret) {
        self.secrets.note(secret);
    }

    /// Says whether a line of JSON holds something that came out of a vault.
    pub fn holds_secret(&self, json: &str) -> bool {
        self.secrets.are_in(json)
    }

    /// The text with `***` for everything in it that came out of a vault.
    pub fn masked(&self, text: &str) -> String {
        self.secrets.masked(text)
    }

    /// The SHA-1 of a file, or nothing where there is none.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn checksum(&self, path: &Path) -> Result<Option<String>> {
        if !path.is_file() {
            return Ok(None);
        }
        let mut file = std::fs::File::open(path).map_err(|error| unreadable(path, error))?;
        let mut hash = Sha1::new();
        let mut piece = vec![0; 64 * 1024];
        loop {
            let length = std::io::Read::read(&mut file, &mut piece)?;
            if length == 0 {
                break;
            }
            hash.update(&piece[..length]);
        }
        Ok(Some(data_encoding::HEXLOWER.encode(&hash.finalize())))
    }

    /// Gets a web page without holding up the other hosts.
    ///
    /// # Errors
    /// There is no answer.
    pub async fn fetch(&self, fetch: Fetch) -> Result<Fetched> {
        tokio::task::spawn_blocking(move || connection::fetch(&fetch))
            .await
            .map_err(|_| Error::bug("a request for a web page panicked"))?
    }

    /// Tells the listeners.
    pub fn tell(&self, event: Event) {
        (self.sink)(event);
    }

    /// Tells a warning, each place and text once.
    pub fn warn_once(&self, warning: Error) {
        let key = format!("{:?} {warning}", warning.place());
        let new = self
            .told
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key);
        if new {
            (self.sink)(Event::Warning(warning));
        }
    }

    /// A scope of nothing but the extra variables over `vars`, weakest first.
    pub(super) fn scope(self: &Arc<Self>, vars: &[Arc<Map>]) -> Arc<dyn Scope> {
        let mut names = Map::new();
        for map in vars.iter().chain([&self.extra]) {
            names.extend_from(map);
        }
        Arc::new(Overlaid::new(Arc::new(Bare(Arc::clone(self))), names))
    }
}

/// The scope of a house in which no name means anything.
pub struct Bare(pub Arc<House>);

impl Scope for Bare {
    fn variable(&self, name: &str) -> Option<Value> {
        (name == "omit").then_some(Value::Omit)
    }

    fn names(&self) -> Vec<String> {
        Vec::new()
    }

    fn unseal(&self, sealed: &Sealed) -> Result<Value> {
        self.0.unseal(sealed)
    }

    fn find(&self, _kind: &str, name: &str) -> Result<PathBuf> {
        let path = PathBuf::from(name);
        if path.exists() {
            return Ok(path);
        }
        Err(Error::input(format!(
            "Could not find or access '{name}' on the Ansible Controller."
        )))
    }

    fn search_path(&self, _kind: &str) -> Vec<PathBuf> {
        vec![PathBuf::from(".")]
    }

    fn outside(&self) -> &dyn Outside {
        &*self.0
    }

    fn warn(&self, message: String) {
        self.0.warn_once(Error::input(message));
    }
}

impl Outside for House {
    fn environment(&self, name: &str) -> Option<String> {
        std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>> {
        self.bytes(path, true).map(|bytes| bytes.to_vec())
    }

    fn is_planning(&self) -> bool {
        self.plans.load(Ordering::Relaxed)
    }

    fn write(&self, path: &Path, bytes: &[u8], mode: u32) -> Result<()> {
        disk::write_whole(path, bytes, mode)
    }

    fn run(&self, command: &Command) -> Result<Finished> {
        let words = ["/bin/sh".to_owned(), "-c".to_owned(), command.shell.clone()];
        connection::run_program_blocking(&words, &[], command.directory.as_deref(), &[], None)
    }

    fn fetch(&self, fetch: &Fetch) -> Result<Fetched> {
        connection::fetch(fetch)
    }

    fn seal(
        &self,
        text: &str,
        secret: &str,
        label: Option<&str>,
        salt: Option<&str>,
    ) -> Result<String> {
        let mut vault = Vault::new();
        let name = label.unwrap_or(vault::DEFAULT_LABEL);
        vault.add(name, Secret::new(secret.as_bytes()));
        vault.seal(text.as_bytes(), label, salt.map(str::as_bytes))
    }

    fn open(&self, armoured: &str, secret: &str) -> Result<String> {
        let mut vault = Vault::new();
        vault.add(vault::DEFAULT_LABEL, Secret::new(secret.as_bytes()));
        Ok(vault.open(armoured)?.expose_str()?.to_owned())
    }

    fn setting(&self, name: &str) -> Option<Value> {
        self.settings.get(name).cloned()
    }

    fn setting_origin(&self, name: &str) -> String {
        let origin = self.origins.get(name);
        origin.map_or_else(|| "default".to_owned(), |origin| origin.to_text())
    }

    fn collection(&self, namespace: &str, name: &str) -> Option<PathBuf> {
        self.python.shelf().collection(namespace, name)
    }

    fn has_plugin(&self, plugin: &Plugin<'_>) -> Result<bool> {
        let (found, said) = self.python.has_plugin(plugin)?;
        for warning in said.warnings {
            self.warn_once(warning);
        }
        Ok(found)
    }

    fn call_plugin(
        &self,
        plugin: &Plugin<'_>,
        args: &PluginArgs,
        names: &dyn PluginNames,
    ) -> Result<Answer> {
        self.python.call_plugin(plugin, args, names)
    }
}

/// What a file of the loader's is: a role's variables lie in folders of these names.
fn kind_of(path: &Path) -> Kind {
    let names = ["defaults", "vars"].map(std::ffi::OsStr::new);
    match path.iter().any(|part| names.contains(&part)) {
        true => Kind::Variables,
        false => Kind::Words,
    }
}

/// The house as the loader of playbooks sees it.
impl playbook::World for Arc<House> {
    fn read(&self, path: &Path) -> Result<Arc<Source>> {
        self.source(path, kind_of(path))
    }

    fn render(&self, value: &Value, vars: &[Arc<Map>]) -> Result<Value> {
        self.engine.render(value, &self.scope(vars))
    }

    fn warn(&self, warning: Error) {
        self.warn_once(warning);
    }

    fn private_roles(&self) -> Option<bool> {
        const NAME: &str = "DEFAULT_PRIVATE_ROLE_VARS";
        let origin = self.origins.get(NAME).map(Value::to_text)?;
        let set = origin != "default";
        self.settings.get(NAME).filter(|_| set).map(Value::is_true)
    }
}
