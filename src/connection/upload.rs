//! Bytes on their way to a host.

use std::fs::File;
use std::io::Read;
use std::path::Path;

/// What is brought to a file of the host.
#[derive(Clone, Copy, Debug)]
pub enum Upload<'a> {
    /// Bytes in memory.
    Bytes(&'a [u8]),
    /// A file of the controller, sent piece by piece.
    File(&'a Path),
}

const PIECE: usize = 256 * 1024;

/// An upload that has begun.
pub(super) enum Source<'a> {
    /// Nothing (more) to send.
    Nothing,
    Bytes(&'a [u8]),
    File {
        file: File,
        left: u64,
    },
}

impl<'a> Source<'a> {
    /// Begins; gives the number of bytes too.
    pub(super) fn open(upload: Upload<'a>) -> Result<(Source<'a>, u64), String> {
        let path = match upload {
            Upload::Bytes(bytes) => return Ok((Source::Bytes(bytes), bytes.len() as u64)),
            Upload::File(path) => path,
        };
        let said = |error| format!("cannot read `{}`: {error}", path.display());
        let file = File::open(path).map_err(said)?;
        let about = file.metadata().map_err(said)?;
        if !about.is_file() {
            return Err(format!("`{}` is not a plain file", path.display()));
        }
        let left = about.len();
        Ok((Source::File { file, left }, left))
    }

    /// Says whether all of it has been sent.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Source::Nothing => true,
            Source::Bytes(bytes) => bytes.is_empty(),
            Source::File { left, .. } => *left == 0,
        }
    }

    /// The next piece; an empty one is the end.
    pub(super) async fn next(&mut self) -> Result<Vec<u8>, String> {
        match std::mem::replace(self, Source::Nothing) {
            Source::Nothing => Ok(Vec::new()),
            Source::Bytes(bytes) => {
                let (piece, rest) = bytes.split_at(bytes.len().min(PIECE));
                *self = Source::Bytes(rest);
                Ok(piece.to_vec())
            }
            Source::File { left: 0, .. } => Ok(Vec::new()),
            Source::File { file, left } => self.read(file, left).await,
        }
    }

    /// Exactly as many bytes as were announced are sent, even where the file grows meanwhile.
    async fn read(&mut self, mut file: File, left: u64) -> Result<Vec<u8>, String> {
        let read = move || {
            let most = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
            let mut piece = vec![0; most];
            let count = file.read(&mut piece)?;
            piece.truncate(count);
            Ok((file, piece))
        };
        let result: std::io::Result<_> = match tokio::task::spawn_blocking(read).await {
            Ok(result) => result,
            Err(error) => return Err(error.to_string()),
        };
        let (file, piece) = result.map_err(|error| error.to_string())?;
        if piece.is_empty() {
            return Err("the file became shorter while it was sent".to_owned());
        }
        *self = Source::File {
            file,
            left: left - piece.len() as u64,
        };
        Ok(piece)
    }
}
