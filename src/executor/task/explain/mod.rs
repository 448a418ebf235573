//! Why a task failed, where its result alone does not say: what is asked on the host, what was done without
//! the rights for it.

mod answers;
mod question;
#[cfg(test)]
mod tests;

use self::answers::{full, locked, service};
use self::question::question;
use super::job::Job;
use super::place::Where;
use crate::connection::Transport;
use crate::executor::wire::{Question, Walk};
use crate::outcome::Outcome;
use crate::value::Map;

/// Words of programs whose disk is full.
const FULL: &[&str] = &[
    "no space left on device",
    "disk quota exceeded",
    "is the disk full?",
    "not enough space",
];

/// Words of programs that lack rights.
const DENIED: &[&str] = &[
    "permission denied",
    "operation not permitted",
    "are you root",
    "must be root",
    "need to be root",
    "be run as root",
    "superuser",
    "interactive authentication required",
    "access denied",
    "not permitted to",
    "only root",
];

impl Job<'_> {
    /// Adds to a failure what else is known of it.
    pub(super) async fn explain(
        &self,
        walk: &Walk,
        args: &Map,
        place: &Where,
        outcome: &mut Outcome,
    ) {
        if !outcome.failed || outcome.unreachable || walk.hidden {
            return;
        }
        let said = said(outcome);
        if (has(&said, DENIED) || said.lines().any(is_closed))
            && !has(&said, FULL)
            && let Some(hint) = rights(place)
        {
            outcome.tell_aside(|aside| aside.hint = Some(hint));
            return;
        }
        let no_folder = ["there is no folder", "destination directory "];
        if has(&said, &no_folder) || said.contains("no such file or directory: '/") {
            let hint =
                "make it in a task before this one: `file: {path: FOLDER, state: directory}`"
                    .to_owned();
            outcome.tell_aside(|aside| aside.hint = aside.hint.take().or(Some(hint)));
            return;
        }
        let Some(question) = question(self.task.action.short_name(), args, outcome) else {
            return;
        };
        let Some(reply) = walk.ask_after(&question).await else {
            return;
        };
        match question {
            Question::Disk(_) => full(outcome, &reply, args),
            Question::Lock => locked(outcome, &reply),
            Question::Service(name) => service(outcome, &reply, &name),
        }
    }
}

/// All that a failure says, in lower case.
fn said(outcome: &Outcome) -> String {
    let texts = ["msg", "stderr", "module_stderr", "stdout"];
    let texts = texts.map(|name| outcome.text(name).unwrap_or_default());
    let aside = outcome
        .aside
        .as_ref()
        .and_then(|aside| aside.cause.as_deref());
    format!("{}\n{}", texts.join("\n"), aside.unwrap_or_default()).to_lowercase()
}

/// What our own modules say of a path that its user may not read or write, in a line in lower case.
fn is_closed(line: &str) -> bool {
    let about = [
        "/",
        "~",
        "source /",
        "file is not readable: ",
        "destination /",
    ];
    let ends = [
        " cannot be read",
        " not readable",
        " not writable",
        " not writable. use sudo",
    ];
    line.starts_with("file is not readable: ")
        || about.iter().any(|word| line.starts_with(word))
            && ends.iter().any(|end| line.ends_with(end))
}

fn has(said: &str, words: &[&str]) -> bool {
    words.iter().any(|word| said.contains(word))
}

/// What gives the rights that were lacking; nothing where root lacked them.
fn rights(place: &Where) -> Option<String> {
    match &place.user {
        Some(user) if user.user == "root" => None,
        Some(user) => Some(format!(
            "this was done as `{}`: leave `become_user` out to do it as root",
            user.user
        )),
        None => {
            let login = place.target.user.as_deref();
            let local = matches!(place.target.transport, Transport::Local);
            let is_root = match local {
                true => rustix::process::geteuid().is_root(),
                false => login == Some("root"),
            };
            let hint =
                "give the task or its play `become: true` (or run with --become) to do it as root";
            (!is_root).then(|| hint.to_owned())
        }
    }
}
