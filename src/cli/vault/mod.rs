//! `play vault`: seals and opens files, texts, and the `!vault` values in a YAML file, with ansible-vault's words
//! and flags.

mod files;
mod inline;
mod options;

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use super::editor;
use super::inventory::Quiet;
use super::options::VaultOptions;
use super::passwords;
use super::setup;
use super::terminal;
use crate::config::Config;
use crate::error::{Error, Kind, Manner, Result};
use crate::value::Value;
use crate::vault::{self, Identity, Origin, Secret, Vault};
use files::{Before, print, read, stdin, whole, write};
use inline::Inline;
pub use options::Arguments;
use options::{Create, Encrypt, EncryptString, Files, Rekey, Sealing, Verb, View};

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
    let mut missing = Vec::new();
    for identity in named {
        if identity.origin == Origin::Prompt {
            passwords::ask_new(&mut vault, &identity.label)?;
        } else if let Err(error) = passwords::add(&mut vault, &identity) {
            missing.push((identity, error));
        }
    }
    passwords::check_missing(&vault, missing)?;
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
    files.say_stdin("plaintext");
    files.each(Before::Overwritten, |path, text| {
        if vault::is_sealed(text.expose()) {
            let hint = format!("`{}` begins as a vault text does", path.display());
            return Err(Error::input("input is already encrypted").hint(hint));
        }
        let sealed = seal(&vault, text, label.as_deref(), config)?;
        Ok(Secret::new(sealed.into_bytes()))
    })?;
    say("Encryption successful");
    Ok(())
}

fn decrypt(files: &Files, config: &Config) -> Result<()> {
    let vault = opening(&files.vault, config)?;
    files.say_stdin("ciphertext");
    files.each(Before::Gone, |path, text| match Inline::of(path, text)? {
        Some(inline) => inline.decrypted(&vault),
        None => open(&vault, "decrypt", path, text),
    })?;
    say("Decryption successful");
    Ok(())
}

fn open(vault: &Vault, verb: &str, path: &Path, text: &Secret) -> Result<Secret> {
    let failed = |error: Error| unopened(verb, path, error);
    // Blanks before the header are allowed, as where a text was pasted.
    let text = String::from_utf8_lossy(text.expose())
        .trim_start()
        .to_owned();
    vault.open(&text).map_err(failed)
}

fn unopened(verb: &str, path: &Path, cause: Error) -> Error {
    let shown = match verb {
        "view" => path.display().to_string(),
        _ => whole(path),
    };
    Error::input(format!("Failed to {verb} '{shown}'")).because(cause)
}

/// Without files there is nothing to do; the reference says nothing of that.
fn check_some(files: &[PathBuf]) -> Result<()> {
    if files.is_empty() && terminal::manner() == Manner::Own {
        return Err(Error::new(Kind::Usage, "no file is named"));
    }
    Ok(())
}

fn view(view: &View, config: &Config) -> Result<()> {
    check_some(&view.files)?;
    let vault = opening(&view.vault, config)?;
    for path in &view.files {
        let text = read(path)?;
        let text = match Inline::of(path, &text)? {
            Some(inline) => inline.shown(&vault)?,
            None => open(&vault, "view", path, &text)?,
        };
        print(&text)?;
    }
    Ok(())
}

fn rekey(rekey: &Rekey, config: &Config) -> Result<()> {
    check_some(&rekey.files)?;
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
        let text = read(path)?;
        let seal = |text: &Secret| seal(&new, text, label.as_deref(), config);
        let sealed = match Inline::of(path, &text)? {
            Some(inline) => inline.rekeyed(&old, &seal)?,
            None => Secret::new(seal(&open(&old, "rekey", path, &text)?)?.into_bytes()),
        };
        write(path, sealed.expose(), Before::Replaced)?;
    }
    // Said wherever it is read.
    terminal::print_error_text("Rekey successful\n");
    Ok(())
}

fn create(create: &Create, config: &Config) -> Result<()> {
    let sealing = &create.sealing;
    let [path] = sealing.files.as_slice() else {
        let text = "ansible-vault create can take only one filename argument";
        return Err(Error::new(Kind::Options, text));
    };
    if !create.skip_tty_check && !std::io::stdout().is_terminal() {
        let text = "not a tty, editor cannot be opened";
        return Err(Error::new(Kind::Options, text).hint("--skip-tty-check opens it all the same"));
    }
    if path.exists() {
        let text = format!("{} exists, please use 'edit' instead", path.display());
        return Err(Error::input(text));
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
    check_some(&sealing.files)?;
    let vault = opening(&sealing.vault, config)?;
    for path in &sealing.files {
        let sealed = read(path)?;
        if let Some(inline) = Inline::of(path, &sealed)? {
            edit_inline(sealing, &inline, (&vault, path), config)?;
            continue;
        }
        let text = String::from_utf8_lossy(sealed.expose()).into_owned();
        let opened = vault.open_with_label(&text);
        let opened = opened.map_err(|error| unopened("edit", path, error))?;
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

/// Lets the user change a YAML file whose `!vault` values are open; only those that changed are encrypted anew.
fn edit_inline(
    sealing: &Sealing,
    inline: &Inline,
    (vault, path): (&Vault, &Path),
    config: &Config,
) -> Result<()> {
    let before = inline.shown(vault)?;
    let after = editor::edit(&before, path, config)?;
    if before.expose() == after.expose() {
        return Ok(());
    }
    let wanted = sealing.encrypt_vault_id.as_deref();
    let salt = config.text("VAULT_ENCRYPT_SALT");
    let sealed = inline.edited(vault, &after, &|text, opened| match (opened, wanted) {
        (Some(opened), None) => {
            vault.seal_again(text.expose(), opened, salt.as_deref().map(str::as_bytes))
        }
        _ => seal(
            vault,
            text,
            sealing_label(vault, wanted, config)?.as_deref(),
            config,
        ),
    })?;
    write(path, sealed.expose(), Before::Kept)
}

fn encrypt_string(strings: &EncryptString, config: &Config) -> Result<()> {
    if strings.output.is_some() && strings.texts.len() > 1 {
        return Err(files::one_output());
    }
    let wanted = strings.encrypt_vault_id.as_deref();
    let (vault, label) = sealing(&strings.vault, wanted, config)?;
    let mut values: Vec<(Option<String>, Secret, &str)> = Vec::new();
    let is_fed = strings.texts.iter().any(|text| text == "-") || strings.stdin_name.is_some();
    if strings.prompt && is_fed {
        let text = "The --prompt option is not supported if also reading input from stdin";
        return Err(Error::new(Kind::Options, text));
    }
    if strings.prompt {
        let name = terminal::ask_line("Variable name (enter for no name): ")?;
        let name = Some(name).filter(|name| !name.is_empty());
        let question = match strings.show_input {
            true => "String to encrypt:",
            false => "String to encrypt (hidden): ",
        };
        let typed = match strings.show_input {
            true => Secret::new(terminal::ask_line(question)?.into_bytes()),
            false => terminal::ask_secret(question)?,
        };
        if typed.is_empty() {
            return Err(Error::new(
                Kind::Options,
                "The plaintext provided from the prompt was empty, not encrypting",
            ));
        }
        values.push((name, typed, "the interactive prompt"));
    }
    let from_stdin = is_fed || strings.texts.is_empty() && !strings.prompt;
    if from_stdin {
        say(
            "Reading plaintext input from stdin. (ctrl-d to end input, twice if your content does not already \
             have a newline)",
        );
        let text = stdin()?;
        if text.is_empty() {
            let text = "stdin was empty, not encrypting";
            return Err(Error::new(Kind::Options, text));
        }
        if std::io::stdout().is_terminal() && !text.expose().ends_with(b"\n") {
            terminal::print("\n")?;
        }
        values.push((strings.stdin_name.clone(), text, "stdin"));
    }
    let texts = strings.texts.iter().filter(|text| *text != "-").count();
    if let Some(last) = strings.names.last().filter(|_| texts > strings.names.len()) {
        terminal::print_error_text(&format!(
            "The number of --name options do not match the number of args.\n\
             The last named variable will be \"{last}\". The rest will not have names.\n"
        ));
    }
    let mut names = strings.names.iter();
    for text in strings.texts.iter().filter(|text| *text != "-") {
        if text.is_empty() {
            let text =
                "The plaintext provided from the command line args was empty, not encrypting";
            return Err(Error::new(Kind::Options, text));
        }
        values.push((
            names.next().cloned(),
            Secret::new(text.clone().into_bytes()),
            "the command line args",
        ));
    }
    let mut whole = String::new();
    for (number, (name, text, from)) in values.iter().enumerate() {
        if values.len() > 1 {
            let number = number + 1;
            terminal::print_error_text(&match name {
                Some(name) => format!(
                    "# The encrypted version of variable (\"{name}\", the string #{number} from {from}).\n"
                ),
                None => format!("# The encrypted version of the string #{number} from {from}.)\n"),
            });
        }
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
