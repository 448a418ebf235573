//! The recap's line of a host.

use anstyle::Style;

use super::{CHANGED, FAILED, OK, SKIPPED, UNREACHABLE, WARNING};
use crate::error::printable;
use crate::report::event::Counts;

/// A host's line of the recap.
pub(in crate::report) fn recap_line(colour: bool, host: &str, counts: &Counts) -> String {
    let style = match counts {
        Counts { failed: 1.., .. }
        | Counts {
            unreachable: 1.., ..
        } => FAILED,
        Counts { changed: 1.., .. } => CHANGED,
        _ => OK,
    };
    let name = paint(colour, style, &format!("{:<26}", printable(host)));
    let part = |label: &str, number: u32, style: Style| {
        let text = format!("{label}={number:<4}");
        if number > 0 {
            paint(colour, style, &text)
        } else {
            text
        }
    };
    format!(
        "{name} : {} {} {} {} {} {} {}",
        part("ok", counts.ok, OK),
        part("changed", counts.changed, CHANGED),
        part("unreachable", counts.unreachable, UNREACHABLE),
        part("failed", counts.failed, FAILED),
        part("skipped", counts.skipped, SKIPPED),
        part("rescued", counts.rescued, OK),
        part("ignored", counts.ignored, WARNING),
    )
}

fn paint(colour: bool, style: Style, text: &str) -> String {
    if colour {
        format!("{style}{text}{style:#}")
    } else {
        text.to_owned()
    }
}
