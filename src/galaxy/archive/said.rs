//! What an archive says of its next entry: long names, the extended headers of pax.

use std::io::{self, Read};
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use tar::{Entry, EntryType, Header, PaxExtensions};

/// The most that may be said of an entry, in bytes: paths have 4096 at most.
const MOST: u64 = 1024 * 1024;

/// What was said, and holds for the next entry.
#[derive(Default)]
pub(super) struct Said {
    path: Option<Vec<u8>>,
    target: Option<Vec<u8>>,
    /// How large it is, in bytes.
    pub(super) size: Option<u64>,
}

impl Said {
    /// Hears an entry that speaks of the next one; says whether it is such an entry.
    ///
    /// # Errors
    /// It says more than there is to say, or not in the way of pax.
    pub(super) fn hear(&mut self, entry: &mut Entry<'_, impl Read>) -> io::Result<bool> {
        let kind = entry.header().entry_type();
        let speaks = [
            EntryType::GNULongName,
            EntryType::GNULongLink,
            EntryType::XHeader,
            EntryType::XGlobalHeader,
        ];
        if !speaks.contains(&kind) {
            return Ok(false);
        }
        if entry.size() > MOST {
            return Err(io::Error::other(
                "a name or an extended header of more than 1 MiB",
            ));
        }
        let mut text = Vec::new();
        entry.take(MOST).read_to_end(&mut text)?;
        match kind {
            EntryType::GNULongName => self.path = Some(up_to_zero(text)),
            EntryType::GNULongLink => self.target = Some(up_to_zero(text)),
            EntryType::XHeader => self.extend(&text)?,
            // It is of the whole archive: a comment, such as the commit that git writes.
            _ => (),
        }
        Ok(true)
    }

    fn extend(&mut self, text: &[u8]) -> io::Result<()> {
        for extension in PaxExtensions::new(text) {
            let extension = extension?;
            let value = extension.value_bytes();
            match extension.key_bytes() {
                b"path" => self.path = Some(value.to_vec()),
                b"linkpath" => self.target = Some(value.to_vec()),
                b"size" => {
                    let size = std::str::from_utf8(value)
                        .ok()
                        .and_then(|size| size.parse().ok());
                    let wrong = || io::Error::other("a size that is no number");
                    self.size = Some(size.ok_or_else(wrong)?);
                }
                key if key.starts_with(b"GNU.sparse.") => {
                    return Err(io::Error::other("a file with holes"));
                }
                _ => (),
            }
        }
        Ok(())
    }

    /// The path of the next entry.
    pub(super) fn path(&self, header: &Header) -> PathBuf {
        let written = self.path.clone();
        path(written.unwrap_or_else(|| header.path_bytes().into_owned()))
    }

    /// Where the next entry, a link, leads.
    pub(super) fn target(&self, header: &Header) -> PathBuf {
        let written = self.target.clone();
        let own = || header.link_name_bytes().unwrap_or_default().into_owned();
        path(written.unwrap_or_else(own))
    }
}

fn path(bytes: Vec<u8>) -> PathBuf {
    std::ffi::OsString::from_vec(bytes).into()
}

fn up_to_zero(mut text: Vec<u8>) -> Vec<u8> {
    if let Some(end) = text.iter().position(|byte| *byte == 0) {
        text.truncate(end);
    }
    text
}
