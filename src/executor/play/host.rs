//! One host through a whole play.

use std::sync::Arc;

use crate::executor::run::Lost;
use crate::executor::walk::{Flow, Position, Stop, Walker, Way};
use crate::report::Event;

impl Walker {
    /// Walks the whole play.
    pub async fn walk_play(&self) -> Flow {
        let root = Position::default();
        let way = Way {
            frame: Arc::clone(&self.batch.frame),
            rescuable: false,
        };
        let play = Arc::clone(&self.batch.state.play);
        let mut flow = self.gather(&way, &root.child(0)).await;
        let main = [play.roles.as_slice(), play.tasks.as_slice()].concat();
        let sections = [&play.pre_tasks, &main, &play.post_tasks];
        for (number, section) in sections.into_iter().enumerate() {
            if flow != Flow::Next {
                break;
            }
            let at = root.child(number + 1);
            if section.is_empty() && self.batch.force_handlers {
                // There, something has to stand before handlers that run in any case.
                self.tell_implicit("noop", &at.child(0)).await;
            }
            flow = self.walk(section, &way, at.child(0)).await;
            let failed = matches!(flow, Flow::Failed | Flow::FailedElsewhere);
            if flow == Flow::Next || failed && self.batch.force_handlers {
                // Behind the roles and tasks, or where nothing more comes.
                if number > 0 || failed {
                    self.notify_owed();
                }
                if self.is_notified() {
                    self.tell_implicit("flush_handlers", &at.child(1)).await;
                }
                let flushed = self.flush(&at.child(1), false).await;
                flow = if flow == Flow::Next { flushed } else { flow };
            }
        }
        self.leave(flow);
        flow
    }

    /// Tells of a `meta` of the play that nobody has written, when the host's turn has come.
    async fn tell_implicit(&self, action: &'static str, at: &Position) {
        if self.batch.turnstile.enter(self.number, at).await.is_err() {
            return;
        }
        self.actor.tell(Event::Implicit {
            host: Arc::clone(&self.actor.host.name),
            role: None,
            action,
        });
    }

    /// The host is done with the play, one way or the other.
    fn leave(&self, flow: Flow) {
        let lost = match flow {
            Flow::Failed
            | Flow::FailedElsewhere
            | Flow::Stopped(Stop::TooManyFailed | Stop::Fatal) => Some(Lost::Failed),
            Flow::Gone => Some(Lost::Unreachable),
            _ => None,
        };
        if let Some(why) = lost {
            self.lose(why);
        }
        self.batch.turnstile.leave(self.number);
    }
}
