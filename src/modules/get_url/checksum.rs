//! `checksum`: the one that the file has to have, or where there is a list of them.

use crate::error::{Error, Result};

/// The argument, read.
#[derive(Debug, PartialEq, Eq)]
pub enum Checksum {
    /// None is asked for.
    None,
    /// `sha256:abc…`
    Sum(Wanted),
    /// `sha256:https://…/SHA256SUMS`
    List { algorithm: String, url: String },
}

/// A checksum that a file has to have.
#[derive(Debug, PartialEq, Eq)]
pub struct Wanted {
    pub algorithm: String,
    /// Hexadecimal digits in small letters.
    pub sum: String,
}

const ALGORITHMS: [&str; 6] = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"];

impl Checksum {
    pub fn read(text: &str) -> Result<Checksum> {
        if text.is_empty() {
            return Ok(Checksum::None);
        }
        let (algorithm, value) = text.split_once(':').ok_or_else(|| {
            Error::input(format!(
                "argument `checksum`: `{text}` is not of the form `ALGORITHM:SUM`"
            ))
        })?;
        let algorithm = algorithm.trim().to_ascii_lowercase();
        if !ALGORITHMS.contains(&algorithm.as_str()) {
            return Err(Error::input(format!(
                "argument `checksum`: `{algorithm}` is not one of {}",
                ALGORITHMS.join(", ")
            )));
        }
        if ["http://", "https://", "ftp://", "file://"].iter().any(|it| value.starts_with(it)) {
            let url = value.to_owned();
            return Ok(Checksum::List { algorithm, url });
        }
        Ok(Checksum::Sum(Wanted::new(algorithm, value)?))
    }
}

impl Wanted {
    fn new(algorithm: String, value: &str) -> Result<Wanted> {
        let letters = value.chars().filter(|c| c.is_alphanumeric() || *c == '_');
        let sum = letters.collect::<String>().to_lowercase();
        if sum.is_empty() || !sum.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Error::input(format!(
                "argument `checksum`: `{value}` is not made of hexadecimal digits"
            )));
        }
        Ok(Wanted { algorithm, sum })
    }

    /// The file's checksum out of a list: `SUM  NAME`, `SUM *NAME`, `SHA256 (NAME) = SUM`, or a
    /// single checksum and nothing else.
    pub fn find(algorithm: String, list: &str, name: &str, url: &str) -> Result<Wanted> {
        let lines: Vec<&str> = list.lines().collect();
        if let [only] = lines.as_slice()
            && only.split_whitespace().count() == 1
        {
            return Wanted::new(algorithm, only);
        }
        let sum = lines.iter().filter_map(|line| bsd(line).or_else(|| gnu(line)));
        let mut sums = sum.filter(|(_, known)| *known == name);
        match sums.next() {
            Some((sum, _)) => Wanted::new(algorithm, sum),
            None => Err(Error::input(format!("there is no checksum for `{name}` in `{url}`"))),
        }
    }
}

/// `SHA256 (NAME) = SUM`
fn bsd(line: &str) -> Option<(&str, &str)> {
    let (head, sum) = line.rsplit_once('=')?;
    let (_, name) = head.trim_end().strip_suffix(')')?.split_once('(')?;
    Some((sum.trim(), name))
}

/// `SUM  NAME`, `SUM *NAME`, `SUM ./NAME`
fn gnu(line: &str) -> Option<(&str, &str)> {
    let (sum, name) = line.split_once(|c: char| c.is_whitespace())?;
    let name = name.trim_start().trim_start_matches('*');
    Some((sum, name.trim_start_matches(['.', '/'])))
}

#[cfg(test)]
mod tests {
    use super::{Checksum, Wanted};

    #[test]
    fn checksums_are_read() {
        for text in ["abc", "crc:12", "sha1:xyz", "sha1:"] {
            assert!(Checksum::read(text).is_err(), "{text}");
        }
        let wanted = |sum: &str| Wanted {
            algorithm: "sha1".to_owned(),
            sum: sum.to_owned(),
        };
        let sum = Checksum::read("sha1: AB\u{200b}12").unwrap();
        assert_eq!(sum, Checksum::Sum(wanted("ab12")));
        for list in [
            "ab12\n",
            "ff  other\nab12  f.tgz\n",
            "ab12 *f.tgz\nff  f.tgz.sig",
            "ff  x\nab12  ./f.tgz",
            "SHA1 (f.tgz) = ab12\nSHA1 (g) = ff",
        ] {
            let found = Wanted::find("sha1".to_owned(), list, "f.tgz", "u").unwrap();
            assert_eq!(found, wanted("ab12"), "{list}");
        }
        assert!(Wanted::find("sha1".to_owned(), "ff  a\nff  b", "f.tgz", "u").is_err());
    }
}
