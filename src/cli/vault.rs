//! `play vault`: seals and opens files and texts, with ansible-vault's words and flags.

use std::io::{IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::editor;
use super::inventory::Quiet;
use super::options::VaultOptions;
use super::passwords;
use super::setup;
use super::terminal;
use crate::config::Config;
use crate::error::{Error, Kind, Result};
use crate::value::Value;
use crate::vault::{self, Identity, Origin, Secret, Vault};

/// What `play vault` takes.
#[derive(Args, Clone, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    verb: Verb,
    /// Say more
    #[arg(short = 'v', long = "verbose", global = true, action = clap::ArgAction::Count)]
    verbose: u8,
}

/// What `play vault` can do.
#[derive(Subcommand, Clone, Debug)]
pub enum Verb {
    /// Write a new encrypted file with an editor
    Create(Create),
    /// Open files for good, or standard input
    Decrypt(Files),
    /// Change a encrypted file with an editor
    Edit(Sealing),
    /// Encrypt files, or standard input
    Encrypt(Encrypt),
    /// Encrypt texts as values for a YAML file
    #[command(name = "encrypt-string", alias = "encrypt_string")]
    EncryptString(EncryptString),
    /// Encrypt files anew with another password
    Rekey(Rekey),
    /// Show encrypted files
    View(View),
}

/// Which files, and where the result goes.
#[derive(Args, Clone, Debug)]
pub struct Files {
    /// The files; `-` or none is standard input
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Write here instead of back to the file; `-` is standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    vault: VaultOptions,
}

/// What `play vault encrypt` takes.
#[derive(Args, Clone, Debug)]
pub struct Encrypt {
    #[command(flatten)]
    files: Files,
    /// The vault id to encrypt with, where there are several
    #[arg(long, value_name = "ID")]
    encrypt_vault_id: Option<String>,
}

/// What `play vault edit` takes.
#[derive(Args, Clone, Debug)]
pub struct Sealing {
    /// The files
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// The vault id to encrypt with, where there are several
    #[arg(long, value_name = "ID")]
    encrypt_vault_id: Option<String>,
    #[command(flatten)]
    vault: VaultOptions,
}

/// What `play vault create` takes.
#[derive(Args, Clone, Debug)]
pub struct Create {
    #[command(flatten)]
    sealing: Sealing,
    /// Begin the editor even where there is no terminal
    #[arg(long)]
    skip_tty_check: bool,
}

/// What `play vault view` takes.
#[derive(Args, Clone, Debug)]
pub struct View {
    /// The files; `-` is standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    vault: VaultOptions,
}

/// What `play vault rekey` takes.
#[derive(Args, Clone, Debug)]
pub struct Rekey {
    /// The files
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// The new password, as LABEL@FILE, LABEL@prompt or FILE
    #[arg(long, value_name = "ID", conflicts_with = "new_vault_password_file")]
    new_vault_id: Option<String>,
    /// The file of the new password
    #[arg(long, value_name = "FILE")]
    new_vault_password_file: Option<PathBuf>,
    /// The vault id to encrypt with, where there are several
    #[arg(long, value_name = "ID")]
    encrypt_vault_id: Option<String>,
    #[command(flatten)]
    vault: VaultOptions,
}

/// What `play vault encrypt-string` takes.
#[derive(Args, Clone, Debug)]
pub struct EncryptString {
    /// The texts; `-` is standard input
    #[arg(value_name = "TEXT")]
    texts: Vec<String>,
    /// The variable's name, one for each text
    #[arg(short = 'n', long = "name", value_name = "NAME")]
    names: Vec<String>,
    /// The variable's name for the text of standard input
    #[arg(long, value_name = "NAME")]
    stdin_name: Option<String>,
    /// Ask for the text
    #[arg(short = 'p', long)]
    prompt: bool,
    /// Show the text while it is typed
    #[arg(long)]
    show_input: bool,
    /// Write here instead of to standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The vault id to encrypt with, where there are several
    #[arg(long, value_name = "ID")]
    encrypt_vault_id: Option<String>,
    #[command(flatten)]
    vault: VaultOptions,
}

/// Does what is asked; gives the exit code.
///
/// # Errors
/// A password or a file is wrong.
pub fn run(arguments: &Arguments) -> Result<u8> {
    let config = setup::configuration()?;
    let listener = Quiet(super::meaning::verbosity(arguments.verbose, &config));
    setup::tell_configuration(&config, &setup::sink(Box::new(listener), &config));
    match &arguments.verb {
        Verb::Create(create) => self::create(create, &config)?,
        Verb::Decrypt(files) => decrypt(files, &config)?,
        Verb::Edit(sealing) => edit(sealing, &config)?,
        Verb::Encrypt(encrypt) => self::encrypt(encrypt, &config)?,
        Verb::EncryptString(strings) => encrypt_string(strings, &config)?,
        Verb::Rekey(rekey) => self::rekey(rekey, &config)?,
        Verb::View(view) => self::view(view, &config)?,
    }
    Ok(0)
}

/// The passwords that were named, and the one that is asked for where there are none.
fn opening(options: &VaultOptions, config: &Config) -> Result<Vault> {
    let mut vault = passwords::open_vault(options, config)?;
    if vault.is_empty() {
        passwords::ask(&mut vault, &passwords::default_label(config))?;
    }
    Ok(vault)
}

/// The passwords to encrypt with, and the label of the one that does.
fn sealing(
    options: &VaultOptions,
    wanted: Option<&str>,
    config: &Config,
) -> Result<(Vault, Option<String>)> {
    let named = passwords::identities(options, config);
    let is_asked = options.ask_vault_pass || config.flag("DEFAULT_ASK_VAULT_PASS");
    if named.is_empty() {
        let mut vault = Vault::new();
        let label = wanted.map_or_else(|| passwords::default_label(config), str::to_owned);
        passwords::ask_new(&mut vault, &label)?;
        return Ok((vault, None));
    }
    let mut vault = Vault::new();
    for identity in &named {
        match identity.origin {
            Origin::Prompt => passwords::ask_new(&mut vault, &identity.label)?,
            Origin::File(_) => passwords::add(&mut vault, identity)?,
        }
    }
    if is_asked {
        passwords::ask_new(&mut vault, &passwords::default_label(config))?;
    }
    let label = sealing_label(&vault, wanted, config)?;
    Ok((vault, label))
}

/// The label of the password that seals: the wanted one, or the only one.
fn sealing_label(vault: &Vault, wanted: Option<&str>, config: &Config) -> Result<Option<String>> {
    let configured = config.text("DEFAULT_VAULT_ENCRYPT_IDENTITY");
    if let Some(wanted) = wanted.map(str::to_owned).or(configured) {
        if vault.labels().any(|label| label == wanted) {
            return Ok(Some(wanted));
        }
        let known = Value::strings(vault.labels().map(str::to_owned)).repr();
        let text = format!(
            "Did not find a match for --encrypt-vault-id={wanted} in the known vault-ids {known}"
        );
        return Err(Error::input(text).hint_if(crate::error::nearest(&wanted, vault.labels())));
    }
    let labels: Vec<&str> = vault.labels().collect();
    if labels.len() > 1 {
        let text = format!(
            "The vault-ids {} are available to encrypt. Specify the vault-id to encrypt with \
             --encrypt-vault-id",
            labels.join(",")
        );
        return Err(Error::new(Kind::Options, text));
    }
    Ok(None)
}

fn seal(vault: &Vault, text: &Secret, label: Option<&str>, config: &Config) -> Result<String> {
    let salt = config.text("VAULT_ENCRYPT_SALT");
    vault.seal(text.expose(), label, salt.as_deref().map(str::as_bytes))
}

fn encrypt(encrypt: &Encrypt, config: &Config) -> Result<()> {
    let files = &encrypt.files;
    let wanted = encrypt.encrypt_vault_id.as_deref();
    let (vault, label) = sealing(&files.vault, wanted, config)?;
    files.each(Before::Overwritten, |path, text| {
        if vault::is_sealed(text.expose()) {
            return Err(Error::input(format!(
                "`{}` is encrypted already",
                path.display()
            )));
        }
        let sealed = seal(&vault, text, label.as_deref(), config)?;
        Ok(Secret::new(sealed.into_bytes()))
    })?;
    say("Encryption successful");
    Ok(())
}

fn decrypt(files: &Files, config: &Config) -> Result<()> {
    let vault = opening(&files.vault, config)?;
    files.each(Before::Gone, |path, text| open(&vault, path, text))?;
    say("Decryption successful");
    Ok(())
}

fn open(vault: &Vault, path: &Path, text: &Secret) -> Result<Secret> {
    let failed = |error: Error| {
        Error::input(format!("failed to open the vault `{}`", path.display())).because(error)
    };
    // Blanks before the header are allowed, as where a text was pasted.
    let text = String::from_utf8_lossy(text.expose())
        .trim_start()
        .to_owned();
    vault.open(&text).map_err(failed)
}

fn view(view: &View, config: &Config) -> Result<()> {
    let vault = opening(&view.vault, config)?;
    for path in &view.files {
        let text = open(&vault, path, &read(path)?)?;
        print(&text)?;
    }
    Ok(())
}

fn rekey(rekey: &Rekey, config: &Config) -> Result<()> {
    let old = opening(&rekey.vault, config)?;
    let wanted = rekey.encrypt_vault_id.as_deref();
    let identity = match (&rekey.new_vault_id, &rekey.new_vault_password_file) {
        (Some(text), _) => Some(Identity::parse(text)),
        (None, Some(file)) => Some(Identity {
            label: passwords::default_label(config),
            is_named: true,
            origin: Origin::File(file.clone()),
        }),
        (None, None) => None,
    };
    let mut new = Vault::new();
    let label = match &identity {
        Some(identity) => identity.label.clone(),
        None => wanted.map_or_else(|| passwords::default_label(config), str::to_owned),
    };
    match &identity {
        Some(identity) if identity.origin != Origin::Prompt => passwords::add(&mut new, identity)?,
        _ => passwords::ask_new(&mut new, &label)?,
    }
    let label = sealing_label(&new, wanted, config)?;
    for path in &rekey.files {
        let text = open(&old, path, &read(path)?)?;
        let sealed = seal(&new, &text, label.as_deref(), config)?;
        write(path, sealed.as_bytes(), Before::Kept)?;
    }
    say("Rekey successful");
    Ok(())
}

fn create(create: &Create, config: &Config) -> Result<()> {
    let sealing = &create.sealing;
    let [path] = sealing.files.as_slice() else {
        let text = "create makes one file at a time";
        return Err(Error::new(Kind::Options, text));
    };
    if path.exists() {
        let text = format!("`{}` is there already", path.display());
        return Err(Error::input(text).hint("change it with `play vault edit`"));
    }
    if !create.skip_tty_check && !std::io::stdout().is_terminal() {
        let text = "there is no terminal to open an editor on";
        return Err(Error::new(Kind::Options, text));
    }
    let wanted = sealing.encrypt_vault_id.as_deref();
    let (vault, label) = self::sealing(&sealing.vault, wanted, config)?;
    let text = editor::edit(&Secret::new(Vec::new()), path, config)?;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| {
            Error::input(format!("failed to make the folder `{}`", folder.display())).because(error)
        })?;
    }
    let sealed = seal(&vault, &text, label.as_deref(), config)?;
    write(path, sealed.as_bytes(), Before::Gone)
}

fn edit(sealing: &Sealing, config: &Config) -> Result<()> {
    let vault = opening(&sealing.vault, config)?;
    for path in &sealing.files {
        let sealed = read(path)?;
        let text = String::from_utf8_lossy(sealed.expose()).into_owned();
        let opened = vault.open_with_label(&text).map_err(|error| {
            Error::input(format!("failed to open the vault `{}`", path.display())).because(error)
        })?;
        let before = &opened.plaintext;
        let after = editor::edit(before, path, config)?;
        let wanted = sealing.encrypt_vault_id.as_deref();
        if before.expose() == after.expose() && wanted.is_none() {
            continue;
        }
        let salt = config.text("VAULT_ENCRYPT_SALT");
        let sealed = match wanted {
            Some(_) => {
                let label = sealing_label(&vault, wanted, config)?;
                seal(&vault, &after, label.as_deref(), config)?
            }
            None => {
                vault.seal_again(after.expose(), &opened, salt.as_deref().map(str::as_bytes))?
            }
        };
        write(path, sealed.as_bytes(), Before::Kept)?;
    }
    Ok(())
}

fn encrypt_string(strings: &EncryptString, config: &Config) -> Result<()> {
    let wanted = strings.encrypt_vault_id.as_deref();
    let (vault, label) = sealing(&strings.vault, wanted, config)?;
    let mut values: Vec<(Option<String>, Secret)> = Vec::new();
    if strings.prompt {
        let name = terminal::ask_line("Variable name (enter for no name): ")?;
        let name = Some(name).filter(|name| !name.is_empty());
        let question = match &name {
            Some(name) => format!("String to encrypt for `{name}`: "),
            None => "String to encrypt: ".to_owned(),
        };
        let typed = match strings.show_input {
            true => Secret::new(terminal::ask_line(&question)?.into_bytes()),
            false => terminal::ask_secret(&question)?,
        };
        if typed.is_empty() {
            return Err(Error::new(Kind::Options, "nothing was typed to encrypt"));
        }
        values.push((name, typed));
    }
    let from_stdin = strings.texts.iter().any(|text| text == "-")
        || strings.stdin_name.is_some()
        || strings.texts.is_empty() && !strings.prompt;
    if from_stdin {
        let text = stdin()?;
        if text.is_empty() {
            let text = "standard input has nothing to encrypt";
            return Err(Error::new(Kind::Options, text));
        }
        values.push((strings.stdin_name.clone(), text));
    }
    let mut names = strings.names.iter();
    for text in strings.texts.iter().filter(|text| *text != "-") {
        if text.is_empty() {
            let text = "an empty text cannot be encrypted";
            return Err(Error::new(Kind::Options, text));
        }
        values.push((
            names.next().cloned(),
            Secret::new(text.clone().into_bytes()),
        ));
    }
    let mut whole = String::new();
    for (name, text) in &values {
        let sealed = seal(&vault, text, label.as_deref(), config)?;
        whole += &as_yaml(name.as_deref(), &sealed);
    }
    match &strings.output {
        Some(path) if path.as_os_str() != "-" => write(path, whole.as_bytes(), Before::Gone)?,
        _ => print(&Secret::new(whole.into_bytes()))?,
    }
    say("Encryption successful");
    Ok(())
}

/// The encrypted text as a value of a YAML file.
fn as_yaml(name: Option<&str>, sealed: &str) -> String {
    let head = name.map(|name| format!("{name}: ")).unwrap_or_default();
    let lines = sealed.lines().map(|line| format!("          {line}\n"));
    format!("{head}!vault |\n{}", lines.collect::<String>())
}

impl Files {
    /// Changes every file, or standard input to standard output.
    fn each(
        &self,
        before: Before,
        change: impl Fn(&Path, &Secret) -> Result<Secret>,
    ) -> Result<()> {
        let standard = [PathBuf::from("-")];
        let files = match self.files.as_slice() {
            [] => standard.as_slice(),
            files => files,
        };
        if self.output.is_some() && files.len() > 1 {
            let text = "--output can be given with one file only";
            return Err(Error::new(Kind::Options, text));
        }
        for path in files {
            let changed = change(path, &read(path)?)?;
            let to = self.output.as_deref().unwrap_or(path);
            match to.as_os_str() == "-" {
                true => print(&changed)?,
                false => write(to, changed.expose(), before)?,
            }
        }
        Ok(())
    }
}

fn read(path: &Path) -> Result<Secret> {
    if path.as_os_str() == "-" {
        return stdin();
    }
    let bytes = std::fs::read(path).map_err(|error| {
        Error::input(format!("failed to read `{}`", path.display())).because(error)
    })?;
    Ok(Secret::new(bytes))
}

fn stdin() -> Result<Secret> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .read_to_end(&mut bytes)
        .map_err(|error| Error::input("failed to read standard input").because(error))?;
    Ok(Secret::new(bytes))
}

fn print(text: &Secret) -> Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.expose())?;
    out.flush()?;
    Ok(())
}

/// What becomes of the file that was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Before {
    /// It goes, with its owner and mode: the new one is for its owner alone.
    Gone,
    /// The new one has its owner and mode.
    Kept,
    /// It goes, and its text is overwritten first: another name may still lead to it.
    Overwritten,
}

/// Overwrites the text of a file in place.
fn overwrite(path: &Path) -> std::io::Result<()> {
    let Ok(meta) = std::fs::metadata(path) else {
        return Ok(());
    };
    let mut file = std::fs::OpenOptions::new().write(true).open(path)?;
    let mut left = meta.len();
    let noise = [0_u8; 4096];
    while left > 0 {
        let piece = usize::try_from(left.min(noise.len() as u64)).unwrap_or(noise.len());
        file.write_all(&noise[..piece])?;
        left -= piece as u64;
    }
    file.sync_all()
}

/// Replaces a file whole.
fn write(path: &Path, bytes: &[u8], before: Before) -> Result<()> {
    let failed = |error: std::io::Error| {
        Error::input(format!("failed to write `{}`", path.display())).because(error)
    };
    // A link leads to the file that is meant.
    let path = &std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let mut file =
        tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    if before == Before::Overwritten {
        overwrite(path).map_err(failed)?;
    }
    if let (Before::Kept, Ok(before)) = (before, std::fs::metadata(path)) {
        use std::os::unix::fs::MetadataExt;
        let permissions = before.permissions();
        file.as_file()
            .set_permissions(permissions)
            .map_err(failed)?;
        let _ = std::os::unix::fs::chown(file.path(), Some(before.uid()), Some(before.gid()));
    }
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// Says how it went, where somebody is there to read it.
#[allow(
    clippy::print_stderr,
    reason = "standard output may be the encrypted text"
)]
fn say(text: &str) {
    if std::io::stdout().is_terminal() {
        eprintln!("{text}");
    }
}
