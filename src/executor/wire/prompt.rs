//! A question to the person at the terminal, as `pause` asks it.

use std::sync::Arc;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::executor::run::{Run, aborted};
use crate::modules::Answer;
use crate::report::Event;

/// Says what is said first, then asks; the task's name stands before the words where it is given.
///
/// # Errors
/// The person ended the run.
pub(super) async fn prompt(
    run: &Arc<Run>,
    (said, named): (Option<String>, Option<&str>),
    text: &str,
    echo: bool,
    wait: Option<Duration>,
) -> Result<Answer> {
    if let Some(text) = said {
        run.tell(Event::Note { level: 0, text });
    }
    let text = match named {
        Some(name) => format!("[{}]\n{text}\n", name.trim()),
        None => format!("{text}\n"),
    };
    let answer = without_holding_up(|| run.person.ask(&text, echo, wait))?;
    match (&answer, wait) {
        (None, Some(wait)) => {
            run.stopping.sleep(wait).await;
            if run.is_interrupted() {
                return Err(aborted());
            }
        }
        (None, None) => run.warn(Error::input(
            "Not waiting for response to prompt as stdin is not interactive",
        )),
        _ => {}
    }
    Ok(Answer::Text(answer.unwrap_or_default()))
}

/// Does something that blocks, while other hosts go on.
fn without_holding_up<T>(work: impl FnOnce() -> T) -> T {
    use tokio::runtime::{Handle, RuntimeFlavor};
    match Handle::try_current().map(|handle| handle.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        _ => work(),
    }
}
