//! What is asked on a host after a task failed there: who holds a lock, which disk is full, what a service
//! wrote before it ended. One request, only after a failure that leaves such a question.

use std::time::Duration;

use super::steps::Walk;
use crate::shell::{Fragment, PRELUDE, Reply, Script};

/// How long the host may take to answer; the failure is told either way.
const PATIENCE: Duration = Duration::from_secs(5);

static SHELL: Fragment = Fragment {
    name: "aftermath",
    text: include_str!("aftermath.sh"),
    needs: &[&PRELUDE],
};

/// A question that a failure leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// Which of the file systems of these paths is full?
    Disk(Vec<String>),
    /// Who holds the package manager's lock?
    Lock,
    /// What does the service's journal say?
    Service(String),
}

impl Question {
    /// The request that asks.
    pub fn script(&self) -> Script {
        match self {
            Question::Disk(paths) => Script::call(&SHELL, "aftermath_disk").list("paths", paths),
            Question::Lock => Script::call(&SHELL, "aftermath_lock"),
            Question::Service(name) => Script::call(&SHELL, "aftermath_service").set("name", name),
        }
    }
}

impl Walk {
    /// Asks; nothing where the host does not answer soon.
    pub async fn ask_after(&self, question: &Question) -> Option<Reply> {
        let asked = async {
            let lent = self.links.lend(&self.target, self.user.as_ref()).await;
            let mut lent = lent.ok()?;
            let script = question.script();
            let mut silent = |_, _: &[u8]| ();
            let reply = lent.session.run(&script, Some(PATIENCE), &mut silent);
            let reply = reply.await.ok()?;
            lent.give_back();
            Some(reply)
        };
        tokio::select! {
            reply = asked => reply,
            () = self.run.stopping.until_cut() => None,
        }
    }
}
