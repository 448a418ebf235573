//! Python. Nothing here needs one; playbooks ask for it, and build names of packages of its version.
//!
//! A host without any answers with the oldest version that the reference can manage, so that
//! playbooks which it runs find the names they look for; `executable` is empty.

use super::sections::Sections;
use crate::entries;
use crate::value::{Map, Value, from_json};

/// What is said of a host without Python: the oldest that ansible-core 2.21 can manage.
const NONE: &str =
    r#"{"version": [3, 9, 0, "final", 0], "executable": "", "ssl": true, "type": "cpython"}"#;

/// `python`, as the interpreter itself tells it.
pub(super) fn read(sections: &Sections, facts: &mut Map) {
    let Some(said) = said(sections) else {
        return;
    };
    let Some([major, minor, micro, level, serial]) = parts(&said) else {
        return;
    };
    let list = vec![
        major.clone(),
        minor.clone(),
        micro.clone(),
        level.clone(),
        serial.clone(),
    ];
    let python = entries! {
        "version" => entries! {
            "major" => major,
            "minor" => minor,
            "micro" => micro,
            "releaselevel" => level,
            "serial" => serial,
        },
        "version_info" => list,
        "executable" => said.get("executable").cloned().unwrap_or_default(),
        "has_sslcontext" => said.get("ssl").cloned().unwrap_or_default(),
        "type" => said.get("type").cloned().unwrap_or_default(),
    };
    facts.set("python", python);
}

/// The version as `3.11.2`, with `rc1` or the like where it is not a final one.
pub(super) fn version(sections: &Sections) -> Option<String> {
    let [major, minor, micro, level, serial] = parts(&said(sections)?)?;
    let mut version = format!(
        "{}.{}.{}",
        major.to_text(),
        minor.to_text(),
        micro.to_text()
    );
    let level = match level.as_str()? {
        "alpha" => "a",
        "beta" => "b",
        "candidate" => "rc",
        _ => return Some(version),
    };
    version.push_str(level);
    version.push_str(&serial.to_text());
    Some(version)
}

fn said(sections: &Sections) -> Option<Value> {
    let told = sections
        .word("python")
        .and_then(|text| from_json(text).ok());
    told.or_else(|| from_json(NONE).ok())
}

fn parts(said: &Value) -> Option<[Value; 5]> {
    let list = said.get("version")?.as_list()?;
    list.iter().cloned().collect::<Vec<_>>().try_into().ok()
}
