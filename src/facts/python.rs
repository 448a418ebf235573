//! Python, where the host has one. Nothing here needs it; playbooks ask for it.

use super::sections::Sections;
use crate::entries;
use crate::value::{Map, Value, from_json};

/// `python`, as the interpreter itself tells it; left out where there is none.
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
    from_json(sections.word("python")?).ok()
}

fn parts(said: &Value) -> Option<[Value; 5]> {
    let list = said.get("version")?.as_list()?;
    list.iter().cloned().collect::<Vec<_>>().try_into().ok()
}
