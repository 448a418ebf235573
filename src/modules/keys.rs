//! Where public keys come from: an address, a file of the host, or the task itself.

use crate::error::{Error, Result};
use crate::modules::ground::GROUND;
use crate::modules::{Answer, Ask, Step};
use crate::shell::{Fragment, Reply};
use crate::template::Fetch;

/// `key_fetch`.
pub static KEYS: Fragment = Fragment {
    name: "keys",
    text: include_str!("keys.sh"),
    needs: &[&GROUND],
};

/// The key that `key_fetch` answered; where the host has nothing to fetch it with, the controller
/// does.
pub fn fetched(
    reply: &Reply,
    url: &str,
    verify: bool,
    then: impl FnOnce(Vec<u8>) -> Result<Step> + Send + 'static,
) -> Result<Step> {
    if !reply.flag("no_tool") {
        return then(reply.bytes("key").unwrap_or_default().to_vec());
    }
    let fetch = Fetch {
        url: url.to_owned(),
        verify,
        timeout: 30,
        follow: true,
        ..Fetch::default()
    };
    Ok(Step::ask(Ask::Fetch(fetch), move |answer| match answer {
        Answer::Fetched(fetched) if fetched.status == 200 => then(fetched.body),
        Answer::Fetched(fetched) => Err(Error::input(format!(
            "Failed to download key: status {}",
            fetched.status
        ))),
        _ => Err(Error::bug("no page came back for an address")),
    }))
}
