//! SUSE and openSUSE.

use super::files::Source;
use crate::facts::sections::base;
use crate::value::{Map, Value};

/// What the file says, or nothing where it is not SUSE's.
pub(super) fn read(source: &Source, found: &Map) -> Option<Map> {
    let lower = source.text.to_lowercase();
    if !lower.contains("suse") {
        return None;
    }
    let mut said = Map::new();
    if source.path == "/etc/os-release" {
        release(source, &lower, &mut said);
    } else {
        older(source, &lower, found, &mut said);
    }
    if let Some(product) = product(source) {
        said.set("distribution", product);
    }
    Some(said)
}

fn release(source: &Source, lower: &str, said: &mut Map) {
    let field = |name: &str| source.text.lines().find_map(|line| line.strip_prefix(name));
    if let Some(name) = field("NAME=") {
        said.set("distribution", name.trim_matches('"'));
    }
    let Some(version) = field("VERSION_ID=").map(|text| numeric(text.trim_start_matches('"')))
    else {
        return;
    };
    if version.is_empty() {
        return;
    }
    let (major, minor) = version.split_once('.').unwrap_or((version, ""));
    said.set("distribution_version", version);
    said.set("distribution_major_version", major);
    if lower.contains("open") {
        said.set("distribution_release", minor);
    } else if lower.contains("enterprise") {
        said.set(
            "distribution_release",
            if minor.is_empty() { "0" } else { minor },
        );
    }
}

/// `15.6` at the beginning of a text: digits with at most one dot.
fn numeric(text: &str) -> &str {
    let mut dots = 0;
    let end = text.find(|c: char| {
        dots += usize::from(c == '.');
        !(c.is_ascii_digit() || c == '.' && dots == 1)
    });
    &text[..end.unwrap_or(text.len())]
}

/// `/etc/SuSE-release`, of SUSE Linux before 15.
fn older(source: &Source, lower: &str, found: &Map, said: &mut Map) {
    let first = source.text.split_whitespace().next().unwrap_or_default();
    let field = |name: &str| {
        let lines = source.text.lines().filter_map(|line| line.split_once('='));
        let mut values = lines.filter(|(known, _)| known.trim() == name);
        values.next().map(|(_, value)| value.trim())
    };
    said.set("distribution", first);
    if lower.contains("open") {
        if let Some(codename) = field("CODENAME") {
            said.set("distribution_release", codename);
        }
        return;
    }
    if source.text.contains("Server") {
        said.set("distribution", "SLES");
    } else if source.text.contains("Desktop") {
        said.set("distribution", "SLED");
    }
    if let Some(level) = field("PATCHLEVEL") {
        let version = found
            .get("distribution_version")
            .and_then(Value::as_str)
            .unwrap_or_default();
        said.set("distribution_release", level);
        said.set("distribution_version", format!("{version}.{level}"));
    }
}

/// The product that the variant names, or in older releases the link to the product's file.
fn product(source: &Source) -> Option<&'static str> {
    if let Some(variant) = source.release.get("variant_id") {
        return match variant {
            "server-sap" | "sles-sap" => Some("SLES_SAP"),
            "transactional" => Some("SL-Micro"),
            _ => None,
        };
    }
    match base(source.sections.link("/etc/products.d/baseproduct")?) {
        "SLES_SAP.prod" => Some("SLES_SAP"),
        "SL-Micro.prod" => Some("SL-Micro"),
        _ => None,
    }
}
