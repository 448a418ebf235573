//! Owners and groups that a host does not know: check mode says so, whatever else comes out
//! (`check_owner_exists` and `check_group_exists` of the reference's `file.py`).

use super::State;
use super::desire::Job;
use crate::shell::{Reply, Script};

/// Sets what the probe asks for: the numbers whose names are wanted.
pub fn ask(job: &Job, script: Script) -> Script {
    let number = |wanted: &Option<String>| {
        let number = wanted.as_deref().filter(|text| is_asked(job) && is_number(text));
        number.unwrap_or_default().trim().to_owned()
    };
    script
        .set("owner_number", number(&job.attributes.owner))
        .set("group_number", number(&job.attributes.group))
}

/// The warnings of an owner and a group that nobody knows.
pub fn unknown(job: &Job, reply: &Reply) -> Vec<String> {
    if !is_asked(job) {
        return Vec::new();
    }
    let wanted = [
        ("user", "uid", "owner", &job.attributes.owner),
        ("group", "gid", "group", &job.attributes.group),
    ];
    let warning = |(what, number, word, wanted): (&str, &str, &str, &Option<String>)| {
        let wanted = wanted.as_deref().filter(|text| !text.is_empty())?;
        let (known, who) = match is_number(wanted) {
            true => (
                reply.flag(&format!("{word}_known")),
                format!("{what} with {number} {}", wanted.trim()),
            ),
            false => (reply.int(&format!("want_{word}")).is_some(), format!("{what} {wanted}")),
        };
        (!known).then(|| format!("failed to look up {who}. Create {what} up to this point in real play"))
    };
    wanted.into_iter().filter_map(warning).collect()
}

fn is_asked(job: &Job) -> bool {
    job.cx.check && job.args.state != Some(State::Absent)
}

fn is_number(text: &str) -> bool {
    text.trim().parse::<u32>().is_ok()
}
