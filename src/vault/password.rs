//! Passwords out of files, programs and prompts. A program is run by who may run one; here its
//! answer is read.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

use super::{Secret, Vault, is_sealed};

/// Where the password of a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PasswordFile {
    /// In the file.
    Plain(PathBuf),
    /// In what the program prints. A client, whose name ends with `-client`, is told the label
    /// with `--vault-id`.
    Program {
        /// The program.
        path: PathBuf,
        /// Whether it is a client.
        is_client: bool,
    },
}

/// The exit code by which a client says that it knows no such label.
const UNKNOWN_LABEL: i32 = 2;

impl PasswordFile {
    /// Says what the file at `path` is: one that may be executed is a program.
    ///
    /// # Errors
    /// It is not there, or a directory.
    pub fn at(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        let metadata = fs::metadata(&path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Error::input(format!(
                "The vault password file {} was not found",
                whole(&path)
            )),
            _ => unreadable(&path).because(error),
        })?;
        if metadata.is_dir() {
            return Err(Error::input(format!(
                "The vault password file provided '{}' can not be a directory",
                whole(&path)
            )));
        }
        if metadata.permissions().mode() & 0o111 == 0 {
            return Ok(PasswordFile::Plain(path));
        }
        let is_client = is_client(&path);
        Ok(PasswordFile::Program { path, is_client })
    }

    /// The program's arguments for a label.
    pub fn arguments(&self, label: &str) -> Vec<String> {
        match self {
            PasswordFile::Program {
                is_client: true, ..
            } => vec!["--vault-id".to_owned(), label.to_owned()],
            _ => Vec::new(),
        }
    }
}

/// The password in a plain file, without blanks around it. The file may itself be sealed with
/// a password that `vault` has already.
///
/// # Errors
/// The file cannot be read or holds nothing.
pub fn from_file(path: &Path, vault: &Vault) -> Result<Secret> {
    let bytes = Secret::new(fs::read(path).map_err(|error| unreadable(path).because(error))?);
    let text = trimmed(bytes.expose(), |byte| {
        byte.is_ascii_whitespace() || byte == 0x0b
    });
    if !is_sealed(text) {
        return not_empty(Secret::new(text), || format!("file ({})", whole(path)));
    }
    let opened = Secret::new(text)
        .expose_str()
        .and_then(|text| vault.open(text));
    let opened = opened.map_err(|error| unreadable(path).because(error))?;
    let text = trimmed(opened.expose(), is_line_end);
    not_empty(Secret::new(text), || format!("file ({})", whole(path)))
}

/// The password that a program printed before it exited with `code`, without line breaks
/// around it.
///
/// # Errors
/// The program failed or printed nothing.
pub fn from_program(
    path: &Path,
    label: &str,
    code: Option<i32>,
    printed: &Secret,
) -> Result<Secret> {
    let program = whole(path);
    let script = format!("Vault password script {program}");
    match code {
        Some(0) => {}
        Some(UNKNOWN_LABEL) if is_client(path) => {
            return Err(Error::input(format!(
                "Vault password client script {program} did not find a secret for vault-id={label}"
            )));
        }
        Some(code) => {
            let text = format!("{script} returned non-zero ({code})");
            return Err(Error::input(text));
        }
        None => return Err(Error::input(format!("{script} was ended by a signal"))),
    }
    let text = trimmed(printed.expose(), is_line_end);
    not_empty(Secret::new(text), || format!("script ({program})"))
}

/// The password that the user typed, without blanks around it.
///
/// # Errors
/// It is empty.
pub fn from_prompt(typed: &Secret) -> Result<Secret> {
    let text = trimmed(typed.expose(), |byte| {
        byte.is_ascii_whitespace() || byte == 0x0b
    });
    if text.is_empty() {
        return Err(Error::input("Invalid vault password was provided"));
    }
    Ok(Secret::new(text))
}

fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// The bytes without those of a kind at both ends.
fn trimmed(bytes: &[u8], is_blank: impl Fn(u8) -> bool) -> &[u8] {
    let start = bytes.iter().position(|byte| !is_blank(*byte));
    let end = bytes.iter().rposition(|byte| !is_blank(*byte));
    match (start, end) {
        (Some(start), Some(end)) => bytes.get(start..=end).unwrap_or_default(),
        _ => &[],
    }
}

fn not_empty(password: Secret, origin: impl FnOnce() -> String) -> Result<Secret> {
    if password.is_empty() {
        return Err(Error::input(format!(
            "Invalid vault password was provided from {}",
            origin()
        )));
    }
    Ok(password)
}

fn unreadable(path: &Path) -> Error {
    Error::input(format!(
        "Could not read vault password file {}",
        whole(path)
    ))
}

/// A path from the root on, for messages.
fn whole(path: &Path) -> String {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    path.display().to_string()
}

fn is_client(path: &Path) -> bool {
    let stem = path.file_stem().unwrap_or_default();
    stem.to_string_lossy().ends_with("-client")
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::{PasswordFile, from_file, from_program, from_prompt};
    use crate::vault::{Secret, Vault};

    #[test]
    fn files_are_trimmed_and_may_be_sealed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pw");
        fs::write(&path, " hunter2 \r\n").unwrap();
        let mut vault = Vault::new();
        let password = from_file(&path, &vault).unwrap();
        assert_eq!(password.expose(), b"hunter2");
        vault.add("default", password);
        fs::write(
            &path,
            vault.seal(b" inner \n", None, Some(b"salt")).unwrap(),
        )
        .unwrap();
        assert_eq!(from_file(&path, &vault).unwrap().expose(), b" inner ");
        fs::write(&path, "\n").unwrap();
        let error = from_file(&path, &vault).unwrap_err();
        assert!(
            error
                .message()
                .starts_with("Invalid vault password was provided from file ("),
            "{error}"
        );
    }

    #[test]
    fn an_executable_file_is_a_program() {
        let folder = tempfile::tempdir().unwrap();
        for (name, mode, arguments) in [
            ("pw.txt", 0o644, Some(0)),
            ("pw.sh", 0o755, Some(0)),
            ("keys-client.py", 0o755, Some(2)),
        ] {
            let path = folder.path().join(name);
            fs::write(&path, "x").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let file = PasswordFile::at(&path).unwrap();
            assert_eq!(matches!(file, PasswordFile::Plain(_)), mode == 0o644);
            assert_eq!(Some(file.arguments("dev").len()), arguments);
        }
        assert!(PasswordFile::at(folder.path()).is_err());
        assert!(PasswordFile::at(folder.path().join("none")).is_err());
    }

    #[test]
    fn programs_and_prompts() {
        let printed = Secret::new(" pass \n");
        let path = std::path::Path::new("p");
        assert_eq!(
            from_program(path, "dev", Some(0), &printed)
                .unwrap()
                .expose(),
            b" pass "
        );
        assert!(from_program(path, "dev", Some(2), &printed).is_err());
        assert!(from_program(path, "dev", None, &printed).is_err());
        assert_eq!(from_prompt(&printed).unwrap().expose(), b"pass");
        assert!(from_prompt(&Secret::new(" ")).is_err());
    }
}
