//! `tree`: the last result of each host in a file of its own.

use std::path::PathBuf;

use super::result::whole;
use crate::report::event::{Event, Status};
use crate::report::printed::Teller;
use crate::value::{Value, to_json_sorted};

/// Writes files into a folder.
pub struct Tree(PathBuf);

impl Tree {
    /// One that writes into `folder`.
    pub fn new(folder: PathBuf) -> Self {
        Tree(folder)
    }
}

impl Teller for Tree {
    fn tell(&mut self, event: &Event, out: &mut Vec<u8>) {
        let Event::TaskDone(result) = event else {
            return;
        };
        // A host's name comes from an inventory; it must not lead out of the folder.
        let hidden = result.host.contains('/') || matches!(&*result.host, "." | "..");
        if result.status == Status::Skipped || hidden {
            return;
        }
        let text = to_json_sorted(&Value::map(whole(result)));
        let written = std::fs::create_dir_all(&self.0)
            .and_then(|()| std::fs::write(self.0.join(&*result.host), text));
        if let Err(error) = written {
            let text = format!(
                "[WARNING]: Unable to write to {}'s file: {error}\n",
                result.host
            );
            out.extend_from_slice(text.as_bytes());
        }
    }
}
