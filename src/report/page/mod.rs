//! `play report`: a run as one HTML page that loads nothing.
//!
//! [`Data`] gathers what the page shows, in columns, and [`page`] puts it beside the page's own
//! script and style. Whatever a host printed is data there: it stands in JSON, is shown as text, and
//! a policy in the page lets no other script run.

mod data;
mod held;
#[cfg(test)]
mod tests;
mod texts;

pub use data::Data;

use data_encoding::BASE64;
use sha2::{Digest, Sha256};

const HTML: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The page.
pub fn page(data: &Data) -> String {
    let json = data.to_json();
    let mut out = String::with_capacity(HTML.len() + STYLE.len() + SCRIPT.len() + json.len());
    // The template is ours; what is put in never is looked at again.
    for part in HTML.split('@') {
        match part {
            "DATA" => out.push_str(&json),
            "SCRIPT" => out.push_str(SCRIPT),
            "SCRIPT_HASH" => out.push_str(&hash(SCRIPT)),
            "STYLE" => out.push_str(STYLE),
            "STYLE_HASH" => out.push_str(&hash(STYLE)),
            "TITLE" => out.push_str(&escaped(&data.title())),
            text => out.push_str(text),
        }
    }
    out
}

/// A text as the policy names it.
fn hash(text: &str) -> String {
    format!("sha256-{}", BASE64.encode(&Sha256::digest(text.as_bytes())))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
